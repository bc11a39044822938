//! One-time codes, with which the holder of an account chooses its password, or a screen is put up.

use super::accounts::{AccountRefused, end_sign_ins};
use super::change::{Ledger, Stop, Unchanged};
use super::{Store, StoreError};
use crate::access::{AccountId, Role, SecretHash};
use jiff::SignedDuration;
use rusqlite::{OptionalExtension, named_params};

/// How long a one-time code is good.
pub const CODE_GOOD: SignedDuration = SignedDuration::from_hours(72);
/// Whose code it is.
#[derive(Debug, Clone)]
pub struct CodeHolder {
    /// The account.
    pub id: AccountId,
    /// What is typed to sign in.
    pub name: String,
    /// What people read.
    pub full_name: String,
    /// What it may do.
    pub role: Role,
}

impl Store {
    /// Whose one-time code it is; `None` if it is not good.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn holder_of_code(&self, code: SecretHash) -> Result<Option<CodeHolder>, StoreError> {
        let now_us = super::micros(self.clock.now());
        self.read("look up a code", move |conn| {
            conn.prepare_cached(
                "select account_id, name, full_name, role from account
                 where code_hash = :code and code_until_us > :now and closed_at_us is null",
            )?
            .query_row(named_params! { ":code": code.0, ":now": now_us }, |row| {
                let role = Role::named(&row.get::<_, String>(3)?);
                Ok(role.map(|role| (row.get(0), row.get(1), row.get(2), role)))
            })
            .optional()?
            .flatten()
            .map(|(id, name, full_name, role)| {
                Ok(CodeHolder { id: AccountId(id?), name: name?, full_name: full_name?, role })
            })
            .transpose()
        })
        .await
    }

    /// Uses up a code: the account has this password from now on (a display none), and its other sign-ins end.
    ///
    /// # Errors
    /// The code is not good any more, or the database failed; nothing is changed.
    pub async fn use_code(
        &self,
        code: SecretHash,
        password: Option<String>,
    ) -> Result<AccountId, Unchanged<AccountRefused>> {
        self.change_sign_ins(move |ledger| {
            let account: Option<(i64, String)> = ledger
                .conn
                .prepare_cached(
                    "update account set password = :password, code_hash = null, code_until_us = null
                         where code_hash = :code and code_until_us > :now and closed_at_us is null
                           and (role = 'display') = (:password is null)
                         returning account_id, name",
                )?
                .query_row(
                    named_params! { ":password": password, ":code": code.0, ":now": ledger.now_us() },
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )
                .optional()?;
            let Some((account, name)) = account else {
                return Err(Stop::Refused(AccountRefused::WrongCode));
            };
            end_sign_ins(ledger, AccountId(account), None)?;
            ledger.audit("account", Some(&name), &format!("account {account} used its code"))?;
            Ok(AccountId(account))
        })
        .await
    }
}

pub(super) fn give_code(ledger: &Ledger<'_>, account: AccountId, code: SecretHash) -> rusqlite::Result<()> {
    let until = super::micros(ledger.now + CODE_GOOD);
    ledger
        .conn
        .prepare_cached(
            "update account set code_hash = :code, code_until_us = :until where account_id = :account",
        )?
        .execute(named_params! { ":code": code.0, ":until": until, ":account": account.0 })
        .map(|_| ())
}
