//! Desks that many share: whose badge was scanned there, the PIN that goes with it, and who is signed in there.

use super::change::{Stop, Unchanged};
use super::{AccountRefused, Store, StoreError};
use crate::access::{AccountId, Over, Role, SecretHash, SignInId};
use crate::label::LabelKind;
use crate::tracking::{PersonId, StationId};
use rusqlite::{OptionalExtension, named_params, params};

/// Whose badge counts at a station, and what signs them in.
#[derive(Debug, Clone)]
pub struct Badge {
    /// Whose it is.
    pub person: PersonId,
    /// What people call them.
    pub name: String,
    /// Their account, its role and the PIN as a PHC string, if they have chosen one.
    pub pin: Option<(AccountId, Role, String)>,
}

impl Store {
    /// Whose badge was scanned at a station and has not lapsed.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn badge_at(&self, station: StationId) -> Result<Option<Badge>, StoreError> {
        let standing = self.state.standing(station).map(|standing| standing.at(self.clock.now()));
        let Some(person) = standing.and_then(|standing| standing.operator) else { return Ok(None) };
        self.read("look up a badge", move |conn| {
            conn.prepare_cached(
                "select name, account_id, role, pin from person left join (
                   select pin.person_id, account_id, role, pin from pin join account using (account_id)
                   where closed_at_us is null) using (person_id)
                 where person_id = ?1 and left_at_us is null",
            )?
            .query_row(params![person.0], |row| {
                let account = row.get::<_, Option<i64>>(1)?.map(AccountId);
                let role = row.get::<_, Option<String>>(2)?.and_then(|role| Role::named(&role));
                let pin = account.zip(role).zip(row.get::<_, Option<String>>(3)?);
                let pin = pin.map(|((account, role), pin)| (account, role, pin));
                Ok(Badge { person, name: row.get(0)?, pin })
            })
            .optional()
        })
        .await
    }

    /// Whose badge has this key, or who is called by this code in lists; `None` if nobody who works here.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn person_of_badge(&self, key: String) -> Result<Option<PersonId>, StoreError> {
        self.read("look up a badge", move |conn| {
            conn.prepare_cached(
                "select person_id from person where left_at_us is null
                   and (person_id = (select target_id from label where kind = :kind and key = :key) or code = :key)
                 order by code = :key limit 1",
            )?
            .query_row(named_params! { ":kind": LabelKind::Person.as_str(), ":key": key }, |row| {
                row.get(0).map(PersonId)
            })
            .optional()
        })
        .await
    }

    /// The code of the person whose badge goes with an account, and so whether it has a PIN.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn badge_of(&self, account: AccountId) -> Result<Option<String>, StoreError> {
        self.read("look up a badge", move |conn| {
            conn.prepare_cached("select code from pin join person using (person_id) where account_id = ?1")?
                .query_row(params![account.0], |row| row.get(0))
                .optional()
        })
        .await
    }

    /// Gives an account a PIN and the badge that it goes with; the ones before are gone.
    ///
    /// # Errors
    /// The badge goes with another account, or the database failed; nothing is changed.
    pub async fn set_pin(
        &self,
        account: AccountId,
        person: PersonId,
        pin: String,
        actor: String,
    ) -> Result<(), Unchanged<AccountRefused>> {
        self.change_sign_ins(move |ledger| {
                let is_taken: bool = ledger
                    .conn
                    .prepare_cached("select exists (select 1 from pin where person_id = ?1 and account_id <> ?2)")?
                    .query_row(params![person.0, account.0], |row| row.get(0))?;
                if is_taken {
                    return Err(Stop::Refused(AccountRefused::BadgeTaken));
                }
                ledger
                    .conn
                    .prepare_cached(
                        "insert into pin (account_id, person_id, pin, set_at_us) values (?1, ?2, ?3, ?4)
                         on conflict (account_id) do update
                         set person_id = excluded.person_id, pin = excluded.pin, set_at_us = excluded.set_at_us",
                    )?
                    .execute(params![account.0, person.0, pin, ledger.now_us()])?;
                let detail = format!("account {account} has a PIN with the badge of person {person}");
                Ok(ledger.audit("account", Some(&actor), &detail)?)
            })
            .await
    }

    /// Locks a desk: who was signed in there is so no more, and its screen shows no names. Nothing is done, and nothing
    /// told, if that is so already.
    ///
    /// # Errors
    /// The database failed; nothing is changed.
    pub async fn lock_desk(
        &self,
        sign_in: SignInId,
        actor: String,
        why: Over,
    ) -> Result<(), Unchanged<AccountRefused>> {
        self.change_sign_ins(move |ledger| {
            let ended = ledger
                .conn
                .prepare_cached(
                    "update sign_in set ended_at_us = :now where sign_in_id = :id and ended_at_us is null",
                )?
                .execute(named_params! { ":now": ledger.now_us(), ":id": sign_in.0 })?;
            if ended > 0 {
                let detail = format!("sign-in {sign_in} at a desk ended ({})", why.as_str());
                ledger.audit("lock", Some(&actor), &detail)?;
            }
            Ok(())
        })
        .await
    }
}

/// A screen of a station at which somebody signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desk {
    /// The station.
    pub station: String,
    /// The sign-in of its screen: the browser.
    pub screen: SignInId,
    /// Code of the person whose badge goes with the account.
    pub badge: Option<String>,
}

/// What a cookie at a desk is: whose, and of which browser.
#[derive(Debug, Clone, Copy)]
pub struct DeskCookie {
    /// What is kept of it.
    pub hash: SecretHash,
    /// The screen that it came along with.
    pub screen: SignInId,
}
