//! Accounts: who may come in at all. Every change ends what the account had open, and tells who made it.

use super::change::{Ledger, Stop, Unchanged};
use super::codes::give_code;
use super::{Store, StoreError, timestamp};
use crate::access::{AccountId, AccountName, Role, SecretHash, SignInId};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, named_params};

/// Most accounts there can be, the closed ones too.
const ACCOUNTS_MAX: i64 = 5000;

/// An account to be made.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// What is typed to sign in.
    pub name: AccountName,
    /// What people read.
    pub full_name: String,
    /// What it may do.
    pub role: Role,
    /// The station that a display shows.
    pub station: Option<String>,
}

/// An account, for whoever looks after them.
#[derive(Debug, Clone)]
pub struct AccountView {
    /// Which one.
    pub id: AccountId,
    /// What is typed to sign in.
    pub name: String,
    /// What people read.
    pub full_name: String,
    /// What it may do; `None` if this program does not know its role, and it may do nothing.
    pub role: Option<Role>,
    /// The station that a display shows.
    pub station: Option<String>,
    /// It has chosen a password.
    pub has_password: bool,
    /// Until when its one-time code is good.
    pub code_until: Option<Timestamp>,
    /// When it was used last.
    pub used_at: Option<Timestamp>,
    /// Sign-ins that are not ended.
    pub sign_ins: u32,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
}

/// Why an account is not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccountRefused {
    /// Another account has the name, or had it.
    #[error("an account of this name exists, or did: names are not given twice; choose another")]
    NameTaken,
    /// There is none.
    #[error("there is no such account, or it is closed")]
    NoSuchAccount,
    /// Nobody would be left to make accounts.
    #[error("this is the last administrator; make another one first")]
    LastAdministrator,
    /// There are accounts already.
    #[error("there are accounts already: the first one is made only once; an administrator makes the others")]
    NotFirst,
    /// The code is wrong, used or too old.
    #[error("this code is not good (any more); ask the administrator for a new one")]
    WrongCode,
    /// A display without a station, or a station without a display.
    #[error("a display needs the station that it shows, and nobody else has one")]
    StationOfDisplay,
    /// Somebody else signs in with that badge.
    #[error("this badge goes with another account; ask the administrator to give that one a new code")]
    BadgeTaken,
    /// As many as may.
    #[error("there are as many accounts as may be")]
    TooMany,
}

impl AccountView {
    /// Whether it has this role.
    pub fn is(&self, role: &Role) -> bool {
        self.role.as_ref() == Some(role)
    }
}

impl Store {
    /// Whether anybody may come in at all; if not, the first administrator is to be made.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn has_accounts(&self) -> Result<bool, StoreError> {
        self.read("look for accounts", |conn| {
            conn.query_row("select exists (select 1 from account)", [], |row| row.get(0))
        })
        .await
    }

    /// All accounts by name, the closed ones last.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn accounts(&self) -> Result<Vec<AccountView>, StoreError> {
        self.read("list accounts", |conn| {
            conn.prepare_cached(
                "select account_id, name, full_name, role, station, password is not null, code_until_us, closed_at_us,
                        (select max(used_at_us) from sign_in where sign_in.account_id = account.account_id),
                        (select count(*) from sign_in where sign_in.account_id = account.account_id and ended_at_us is null)
                 from account order by closed_at_us is not null, name",
            )?
            .query_map([], account_view)?
            .collect()
        })
        .await
    }

    /// Makes an account; its holder chooses a password by the code. The first of all is made only if `is_first`, and has
    /// a password from the beginning.
    ///
    /// # Errors
    /// It cannot be made so, or the database failed; nothing is changed.
    pub async fn add_account(
        &self,
        new: NewAccount,
        code: SecretHash,
        actor: Option<String>,
    ) -> Result<AccountId, Unchanged<AccountRefused>> {
        self.change_sign_ins(move |ledger| {
            let account = insert(ledger, &new)?;
            give_code(ledger, account, code)?;
            let detail = format!("account {account} made: {}", new.role.as_str());
            ledger.audit("account", actor.as_deref(), &detail)?;
            Ok(account)
        })
        .await
    }

    /// Makes the first administrator, who chose a password already; only while there is no account.
    ///
    /// # Errors
    /// There are accounts, or the database failed; nothing is changed.
    pub async fn add_first_account(
        &self,
        new: NewAccount,
        password: String,
    ) -> Result<AccountId, Unchanged<AccountRefused>> {
        self.change(move |ledger| {
            let any: bool =
                ledger.conn.query_row("select exists (select 1 from account)", [], |row| row.get(0))?;
            if any {
                return Err(Stop::Refused(AccountRefused::NotFirst));
            }
            let account = insert(ledger, &new)?;
            ledger
                .conn
                .prepare_cached("update account set password = :password where account_id = :account")?
                .execute(named_params! { ":password": password, ":account": account.0 })?;
            ledger.audit(
                "account",
                Some(new.name.as_str()),
                &format!("account {account} made by the code of the first start"),
            )?;
            Ok(account)
        })
        .await
    }

    /// Takes an account's password away, ends its sign-ins, and lets its holder choose anew by the code.
    ///
    /// # Errors
    /// It is not open, or the database failed; nothing is changed.
    pub async fn reset_account(
        &self,
        account: AccountId,
        code: SecretHash,
        actor: Option<String>,
    ) -> Result<(), Unchanged<AccountRefused>> {
        self.change_account(account, move |ledger| {
            ledger
                .conn
                .prepare_cached("update account set password = null where account_id = :account")?
                .execute(named_params! { ":account": account.0 })?;
            take_pin(ledger, account)?;
            give_code(ledger, account, code)?;
            Ok(ledger.audit("account", actor.as_deref(), &format!("account {account} has a new code"))?)
        })
        .await
    }

    /// Closes an account for good and ends its sign-ins.
    ///
    /// # Errors
    /// It is not open, it is the last administrator's, or the database failed; nothing is changed.
    pub async fn close_account(
        &self,
        account: AccountId,
        actor: Option<String>,
    ) -> Result<(), Unchanged<AccountRefused>> {
        self.change_account(account, move |ledger| {
            refuse_the_last(ledger.conn, account)?;
            ledger
                .conn
                .prepare_cached("update account set closed_at_us = :now, password = null, code_hash = null where account_id = :account")?
                .execute(named_params! { ":now": ledger.now_us(), ":account": account.0 })?;
            take_pin(ledger, account)?;
            Ok(ledger.audit("account", actor.as_deref(), &format!("account {account} closed"))?)
        })
        .await
    }

    /// Gives an account another role and ends its sign-ins.
    ///
    /// # Errors
    /// It is not open, it is the last administrator's, the role is a display's, or the database failed; nothing is changed.
    pub async fn set_role(
        &self,
        account: AccountId,
        role: Role,
        actor: Option<String>,
    ) -> Result<(), Unchanged<AccountRefused>> {
        self.change_account(account, move |ledger| {
            if role != Role::Administrator {
                refuse_the_last(ledger.conn, account)?;
            }
            let changed = ledger
                .conn
                .prepare_cached(
                    "update account set role = :role where account_id = :account and (role = 'display') = (:role = 'display')",
                )?
                .execute(named_params! { ":role": role.as_str(), ":account": account.0 })?;
            if changed == 0 {
                return Err(Stop::Refused(AccountRefused::StationOfDisplay));
            }
            Ok(ledger.audit("account", actor.as_deref(), &format!("account {account} is now {}", role.as_str()))?)
        })
        .await
    }

    /// Gives an account the password that its holder chose, and ends its sign-ins but the one it was chosen in.
    ///
    /// # Errors
    /// It is not open, or the database failed; nothing is changed.
    pub async fn set_password(
        &self,
        account: AccountId,
        password: String,
        keep: SignInId,
        actor: String,
    ) -> Result<(), Unchanged<AccountRefused>> {
        self
            .change_sign_ins(move |ledger| {
                let changed = ledger
                    .conn
                    .prepare_cached(
                        "update account set password = :password where account_id = :account and closed_at_us is null",
                    )?
                    .execute(named_params! { ":password": password, ":account": account.0 })?;
                if changed == 0 {
                    return Err(Stop::Refused(AccountRefused::NoSuchAccount));
                }
                end_sign_ins(ledger, account, Some(keep))?;
                Ok(ledger.audit("account", Some(&actor), &format!("account {account} has a new password"))?)
            })
            .await
    }

    /// Makes a change to an open account and ends its sign-ins.
    async fn change_account(
        &self,
        account: AccountId,
        work: impl Fn(&mut Ledger<'_>) -> Result<(), Stop<AccountRefused>> + Send + 'static,
    ) -> Result<(), Unchanged<AccountRefused>> {
        self
            .change_sign_ins(move |ledger| {
                let open: bool = ledger
                    .conn
                    .prepare_cached("select exists (select 1 from account where account_id = :account and closed_at_us is null)")?
                    .query_row(named_params! { ":account": account.0 }, |row| row.get(0))?;
                if !open {
                    return Err(Stop::Refused(AccountRefused::NoSuchAccount));
                }
                work(ledger)?;
                Ok(end_sign_ins(ledger, account, None)?)
            })
            .await
    }
}

fn insert(ledger: &mut Ledger<'_>, new: &NewAccount) -> Result<AccountId, Stop<AccountRefused>> {
    if new.role.is_device() != new.station.is_some() {
        return Err(Stop::Refused(AccountRefused::StationOfDisplay));
    }
    let count: i64 = ledger.conn.query_row("select count(*) from account", [], |row| row.get(0))?;
    if count >= ACCOUNTS_MAX {
        return Err(Stop::Refused(AccountRefused::TooMany));
    }
    let id: Option<i64> = ledger
        .conn
        .prepare_cached(
            "insert into account (name, full_name, role, station, created_at_us)
             values (:name, :full_name, :role, :station, :now) on conflict (name) do nothing returning account_id",
        )?
        .query_row(
            named_params! {
                ":name": new.name.as_str(), ":full_name": new.full_name, ":role": new.role.as_str(),
                ":station": new.station, ":now": ledger.now_us(),
            },
            |row| row.get(0),
        )
        .optional()?;
    id.map(AccountId).ok_or(Stop::Refused(AccountRefused::NameTaken))
}

fn take_pin(ledger: &Ledger<'_>, account: AccountId) -> rusqlite::Result<()> {
    let mut take = ledger.conn.prepare_cached("delete from pin where account_id = ?1")?;
    take.execute([account.0]).map(|_| ())
}

/// An account that nobody could make again without a shell on the machine.
fn refuse_the_last(conn: &Connection, account: AccountId) -> Result<(), Stop<AccountRefused>> {
    let is_last: bool = conn
        .prepare_cached(
            "select (select role = 'administrator' from account where account_id = :account)
               and not exists (select 1 from account where role = 'administrator' and closed_at_us is null
                               and password is not null and account_id <> :account)",
        )?
        .query_row(named_params! { ":account": account.0 }, |row| row.get(0))?;
    if is_last { Err(Stop::Refused(AccountRefused::LastAdministrator)) } else { Ok(()) }
}

/// Ends what an account has open, but for one sign-in.
pub(super) fn end_sign_ins(
    ledger: &Ledger<'_>,
    account: AccountId,
    keep: Option<SignInId>,
) -> rusqlite::Result<()> {
    ledger
        .conn
        .prepare_cached(
            "update sign_in set ended_at_us = :now
             where account_id = :account and ended_at_us is null and sign_in_id is not :keep",
        )?
        .execute(
            named_params! { ":now": ledger.now_us(), ":account": account.0, ":keep": keep.map(|id| id.0) },
        )
        .map(|_| ())
}

fn account_view(row: &Row<'_>) -> rusqlite::Result<AccountView> {
    let time = |us: Option<i64>| us.map(timestamp);
    Ok(AccountView {
        id: AccountId(row.get(0)?),
        name: row.get(1)?,
        full_name: row.get(2)?,
        role: Role::named(&row.get::<_, String>(3)?),
        station: row.get(4)?,
        has_password: row.get(5)?,
        code_until: time(row.get(6)?),
        closed_at: time(row.get(7)?),
        used_at: time(row.get(8)?),
        sign_ins: row.get(9)?,
    })
}
