//! Sign-ins: which browser is whose, and what is remembered of it between two requests.

use super::accounts::end_sign_ins;
use super::callers::{Caller, CameBy, Worth};
use super::change::{Stop, Unchanged};
use super::desks::{Desk, DeskCookie};
use super::notes::Note;
use super::{Store, StoreError, timestamp};
use crate::access::{
    AccountId, Over, Permissions, Role, SecretHash, SignInId, SignInRules, SignInTimes, is_same_place,
};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, named_params};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Sign-ins and tokens that are remembered; more are looked up again.
const KNOWN_MAX: usize = 4096;
/// A use is written down no more often than this, so a restart forgets a minute of it at most.
const USE_WRITTEN_EVERY: SignedDuration = SignedDuration::from_mins(1);
/// How long ended sign-ins are kept, so that a cookie that comes back is known for what it is.
const ENDED_KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);

/// An account's password and whether it may come in.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The account.
    pub id: AccountId,
    /// What it may do.
    pub role: Role,
    /// Its password, as a PHC string.
    pub password: Option<String>,
}

/// One open sign-in of an account.
#[derive(Debug, Clone)]
pub struct SignInView {
    /// Which one.
    pub id: SignInId,
    /// Where from.
    pub address: String,
    /// When it was made and used.
    pub times: SignInTimes,
}

/// What is remembered of cookies and tokens, so that a request costs no look-up.
#[derive(Debug, Default)]
pub(super) struct SignIns {
    /// Counts what may have made anything remembered wrong.
    changes: AtomicU64,
    known: Mutex<HashMap<SecretHash, Known>>,
}

#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) caller: Arc<Caller>,
    pub(super) address: String,
    pub(super) times: SignInTimes,
    pub(super) until: Option<Timestamp>,
    pub(super) is_ended: bool,
    pub(super) written: Timestamp,
}

impl SignIns {
    /// Forgets everything: something has changed.
    pub(super) fn forget(&self) {
        self.changes.fetch_add(1, Ordering::AcqRel);
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    pub(super) fn changes(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
    }

    /// What is remembered of a cookie. A token is none: each is good only for what it was made for.
    fn find_sign_in(&self, hash: SecretHash) -> Option<Known> {
        self.find(hash).filter(|known| !matches!(known.caller.by, CameBy::Token(_)))
    }

    /// What is remembered of a token. A cookie is none: as one it would not belong to a computer, and never be idle.
    pub(super) fn find_token(&self, hash: SecretHash) -> Option<Known> {
        self.find(hash).filter(|known| matches!(known.caller.by, CameBy::Token(_)))
    }

    fn find(&self, hash: SecretHash) -> Option<Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&hash).cloned()
    }

    /// Remembers what was read, unless something has changed since the reading began.
    pub(super) fn remember(&self, hash: SecretHash, known: Known, changes: u64) {
        let mut all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= KNOWN_MAX {
            all.clear();
        }
        if self.changes() == changes {
            all.insert(hash, known);
        }
    }

    /// Notes a use; true if it is time to write it down.
    pub(super) fn used(&self, hash: SecretHash, now: Timestamp) -> bool {
        let mut all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(known) = all.get_mut(&hash) else { return false };
        known.times.used = now;
        let is_time = now.duration_since(known.written).abs() >= USE_WRITTEN_EVERY;
        if is_time {
            known.written = now;
        }
        is_time
    }
}

impl Store {
    /// The password of an open account; `None` if there is no such account, or it is a screen's.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn credentials(&self, name: String) -> Result<Option<Credentials>, StoreError> {
        self.read("look up an account", move |conn| {
            let found: Option<(i64, String, Option<String>)> = conn
                .prepare_cached(
                    "select account_id, role, password from account where name = :name and closed_at_us is null",
                )?
                .query_row(named_params! { ":name": name }, |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                })
                .optional()?;
            Ok(found.and_then(|(id, role, password)| {
                let role = Role::named(&role).filter(|role| !role.is_device())?;
                Some(Credentials { id: AccountId(id), role, password })
            }))
        })
        .await
    }

    /// Who a proxy in front of us names; `None` if no open account of a person has this name.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn named_by_proxy(&self, name: String) -> Result<Option<Caller>, StoreError> {
        self.read("look up an account", move |conn| {
            let found: Option<(i64, String, String)> = conn
                .prepare_cached(
                    "select account_id, role, full_name from account where name = :name and closed_at_us is null",
                )?
                .query_row(named_params! { ":name": name }, |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                })
                .optional()?;
            Ok(found.and_then(|(id, role, full_name)| {
                let role = Role::named(&role).filter(|role| !role.is_device())?;
                let by = CameBy::Proxy(AccountId(id));
                Some(Caller { by, name, full_name, role: Some(role), may: role.permissions(), station: None, desk: None })
            }))
        })
        .await
    }

    /// Signs an account in with a browser: from now on the cookie of this hash is its. Failures before are forgotten.
    ///
    /// # Errors
    /// The account is closed, or the database failed; nothing is changed.
    pub async fn sign_in(
        &self,
        account: AccountId,
        cookie: SecretHash,
        address: String,
    ) -> Result<SignInId, Unchanged<super::AccountRefused>> {
        self.sign_in_at(account, cookie, None, address).await
    }

    /// Signs an account in at a desk that many share: the cookie of this hash is its together with that of the screen.
    ///
    /// # Errors
    /// The account is closed, or the database failed; nothing is changed.
    pub async fn sign_in_at_desk(
        &self,
        account: AccountId,
        cookie: DeskCookie,
        address: String,
    ) -> Result<SignInId, Unchanged<super::AccountRefused>> {
        self.sign_in_at(account, cookie.hash, Some(cookie.screen), address).await
    }

    async fn sign_in_at(
        &self,
        account: AccountId,
        cookie: SecretHash,
        screen: Option<SignInId>,
        address: String,
    ) -> Result<SignInId, Unchanged<super::AccountRefused>> {
        self.change_sign_ins(move |ledger| {
            let now = ledger.now_us();
            let name: Option<String> = ledger
                .conn
                .prepare_cached(
                    "select name from account where account_id = :account and closed_at_us is null",
                )?
                .query_row(named_params! { ":account": account.0 }, |row| row.get(0))
                .optional()?;
            let Some(name) = name else {
                return Err(Stop::Refused(super::AccountRefused::NoSuchAccount));
            };
            super::tries::forget(ledger, account, &address)?;
            let old = super::micros(ledger.now - ENDED_KEPT);
            ledger
                .conn
                .prepare_cached("delete from sign_in where account_id = :account and ended_at_us < :old")?
                .execute(named_params! { ":account": account.0, ":old": old })?;
            let id = ledger
                .conn
                .prepare_cached(
                    "insert into sign_in (hash, account_id, address, made_at_us, used_at_us, screen_id)
                         values (:hash, :account, :address, :now, :now, :screen) returning sign_in_id",
                )?
                .query_row(
                    named_params! {
                        ":hash": cookie.0, ":account": account.0, ":address": address, ":now": now,
                        ":screen": screen.map(|id| id.0),
                    },
                    |row| row.get(0).map(SignInId),
                )?;
            match screen {
                None => ledger.audit("sign-in", Some(&name), &format!("sign-in {id} from {address}"))?,
                Some(screen) => {
                    let detail = format!("sign-in {id} at the screen of sign-in {screen} from {address}");
                    ledger.audit("unlock", Some(&name), &detail)?;
                }
            }
            Ok(id)
        })
        .await
    }

    /// What a cookie is worth at this moment for a browser at `address`.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn worth_of_cookie(
        &self,
        cookie: SecretHash,
        address: &str,
        rules: SignInRules,
    ) -> Result<Worth, StoreError> {
        let now = self.clock.now();
        let known = match self.sign_ins.find_sign_in(cookie) {
            Some(known) => known,
            None => {
                let changes = self.sign_ins.changes();
                let read = self.read("look up a sign-in", move |conn| sign_in(conn, cookie)).await?;
                let Some(known) = read else { return Ok(Worth::Over(Over::Unknown, None)) };
                self.sign_ins.remember(cookie, known.clone(), changes);
                known
            }
        };
        let role = known.caller.role.unwrap_or(Role::Requester);
        let over = if known.is_ended {
            Some(Over::Ended)
        } else if !role.is_device() && !is_same_place(&known.address, address) {
            Some(Over::Elsewhere)
        } else {
            let over =
                if known.caller.desk.is_some() { SignInRules::over_at_desk } else { SignInRules::over };
            over(rules, role, known.times, now)
        };
        Ok(match over {
            Some(over) => Worth::Over(over, Some(known.caller)),
            None => Worth::Good(known.caller),
        })
    }

    /// Notes that somebody did something with a sign-in: it is not idle.
    pub fn used_cookie(&self, cookie: SecretHash, caller: &Caller) {
        let now = self.clock.now();
        if self.sign_ins.used(cookie, now)
            && let Some(id) = caller.sign_in()
        {
            self.note(Note::SignInUsed(id, now));
        }
    }

    /// The open sign-ins of an account, the one used last first.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn sign_ins_of(&self, account: AccountId) -> Result<Vec<SignInView>, StoreError> {
        self.read("list sign-ins", move |conn| {
            conn.prepare_cached(
                "select sign_in_id, address, made_at_us, used_at_us from sign_in
                 where account_id = :account and ended_at_us is null order by used_at_us desc limit 100",
            )?
            .query_map(named_params! { ":account": account.0 }, |row| {
                let times = SignInTimes { made: timestamp(row.get(2)?), used: timestamp(row.get(3)?) };
                Ok(SignInView { id: SignInId(row.get(0)?), address: row.get(1)?, times })
            })?
            .collect()
        })
        .await
    }

    /// Ends the sign-in that somebody signs out of.
    ///
    /// # Errors
    /// The database failed; nothing is changed.
    pub async fn sign_out(
        &self,
        sign_in: SignInId,
        actor: String,
    ) -> Result<(), Unchanged<super::AccountRefused>> {
        self.change_sign_ins(move |ledger| {
            ledger
                .conn
                .prepare_cached(
                    "update sign_in set ended_at_us = :now where sign_in_id = :id and ended_at_us is null",
                )?
                .execute(named_params! { ":now": ledger.now_us(), ":id": sign_in.0 })?;
            Ok(ledger.audit("sign-out", Some(&actor), &format!("sign-in {sign_in} ended"))?)
        })
        .await
    }

    /// Ends the sign-ins of an account, but for the one to be kept.
    ///
    /// # Errors
    /// The database failed; nothing is changed.
    pub async fn end_sign_ins(
        &self,
        account: AccountId,
        keep: Option<SignInId>,
        actor: String,
    ) -> Result<(), Unchanged<super::AccountRefused>> {
        self.change_sign_ins(move |ledger| {
            end_sign_ins(ledger, account, keep)?;
            Ok(ledger.audit("sign-out", Some(&actor), &format!("sign-ins of account {account} ended"))?)
        })
        .await
    }
}

fn sign_in(conn: &Connection, cookie: SecretHash) -> rusqlite::Result<Option<Known>> {
    conn.prepare_cached(
        "select sign_in_id, account_id, name, full_name, role, station, address, made_at_us, used_at_us,
                ended_at_us is not null or closed_at_us is not null, screen_id,
                (select a.station from sign_in s join account a using (account_id) where s.sign_in_id = sign_in.screen_id),
                (select code from pin join person using (person_id) where pin.account_id = sign_in.account_id)
         from sign_in join account using (account_id) where hash = :hash",
    )?
    .query_row(named_params! { ":hash": cookie.0 }, |row| {
        let role = Role::named(&row.get::<_, String>(4)?);
        let used = timestamp(row.get(8)?);
        let caller = Caller {
            by: CameBy::SignIn(AccountId(row.get(1)?), SignInId(row.get(0)?)),
            name: row.get(2)?,
            full_name: row.get(3)?,
            role,
            may: role.map_or(Permissions::NONE, Role::permissions),
            station: row.get(5)?,
            desk: match (row.get::<_, Option<i64>>(10)?, row.get::<_, Option<String>>(11)?) {
                (Some(screen), Some(station)) => {
                    Some(Desk { station, screen: SignInId(screen), badge: row.get(12)? })
                }
                _ => None,
            },
        };
        Ok(Known {
            caller: Arc::new(caller),
            address: row.get(6)?,
            times: SignInTimes { made: timestamp(row.get(7)?), used },
            until: None,
            is_ended: row.get(9)?,
            written: used,
        })
    })
    .optional()
}
