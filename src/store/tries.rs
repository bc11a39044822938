//! Failures to sign in: counted by account and by address, and kept over a restart.

use super::change::{Ledger, Unchanged};
use super::{Store, StoreError, micros, timestamp};
use crate::access::{AccountId, FREE_TRIES_OF_ACCOUNT, FREE_TRIES_OF_ADDRESS, SecretHash, Tries};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, named_params};
use std::convert::Infallible;
use std::fmt::Write;

/// Most failures that are kept apart; beyond, the oldest go.
const TRIES_MAX: i64 = 10_000;

/// Who is tried: an account, or a name that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tried {
    /// An account, from an address where it never signed in.
    Account(AccountId),
    /// An account, from an address where it signed in before: what strangers try elsewhere does not hold its holder up.
    AtHome(AccountId),
    /// An account's PIN, at any desk: strangers hold its holder up only at desks, where the password works, too.
    Pin(AccountId),
    /// A name that no account has; somebody may have typed a password there, so only a hash of it is kept.
    Nobody(SecretHash),
}

impl Tried {
    fn key(self, address: &str) -> String {
        match self {
            Tried::Account(account) => format!("account:{account}"),
            Tried::AtHome(account) => format!("account:{account}@{address}"),
            Tried::Pin(account) => format!("pin:{account}"),
            Tried::Nobody(hash) => {
                hash.0.iter().take(16).fold("name:".to_owned(), |mut key, byte| {
                    // Writing to a string cannot fail.
                    let _ = write!(key, "{byte:02x}");
                    key
                })
            }
        }
    }
}

impl Store {
    /// Whether an account signed in from this address before, and how long the next try has to wait.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn wait_of(
        &self,
        tried: Tried,
        address: String,
    ) -> Result<(Tried, Option<SignedDuration>), StoreError> {
        let now = self.clock.now();
        self.read("count failures", move |conn| {
            let tried = at_home(conn, tried, &address)?;
            let of_account =
                tries(conn, &tried.key(&address))?.and_then(|tries| tries.wait(FREE_TRIES_OF_ACCOUNT, now));
            let of_address = tries(conn, &format!("address:{address}"))?
                .and_then(|tries| tries.wait(FREE_TRIES_OF_ADDRESS, now));
            Ok((tried, of_account.max(of_address)))
        })
        .await
    }

    /// Counts a failure, with a row in the audit log.
    ///
    /// # Errors
    /// The database failed.
    pub async fn count_failure(&self, tried: Tried, address: String) -> Result<(), Unchanged<Infallible>> {
        self.change(move |ledger| {
            let at = ledger.now;
            for key in [tried.key(&address), format!("address:{address}")] {
                count(ledger.conn, &key, at)?;
            }
            let what = match tried {
                Tried::Account(account) | Tried::AtHome(account) => {
                    format!("account {account}, wrong password")
                }
                Tried::Pin(account) => format!("account {account}, wrong PIN"),
                Tried::Nobody(_) => "a name that no account has, wrong password".to_owned(),
            };
            Ok(ledger.audit("sign-in-refused", None, &format!("{what} from {address}"))?)
        })
        .await
    }
}

fn at_home(conn: &Connection, tried: Tried, address: &str) -> rusqlite::Result<Tried> {
    let Tried::Account(account) = tried else { return Ok(tried) };
    let known: bool = conn
        .prepare_cached(
            "select exists (select 1 from sign_in where account_id = :account and address = :address)",
        )?
        .query_row(named_params! { ":account": account.0, ":address": address }, |row| row.get(0))?;
    Ok(if known { Tried::AtHome(account) } else { tried })
}

fn tries(conn: &Connection, key: &str) -> rusqlite::Result<Option<Tries>> {
    conn.prepare_cached("select failures, last_us from tries where key = :key")?
        .query_row(named_params! { ":key": key }, |row| {
            Ok(Tries { failures: row.get(0)?, last: timestamp(row.get(1)?) })
        })
        .optional()
}

fn count(conn: &Connection, key: &str, now: Timestamp) -> rusqlite::Result<()> {
    let counted = Tries::and_one_at(tries(conn, key)?, now);
    conn.prepare_cached(
        "insert into tries (key, failures, last_us) values (:key, :failures, :last)
         on conflict (key) do update set failures = excluded.failures, last_us = excluded.last_us",
    )?
    .execute(named_params! { ":key": key, ":failures": counted.failures, ":last": micros(counted.last) })?;
    let kept: i64 = conn.query_row("select count(*) from tries", [], |row| row.get(0))?;
    if kept > TRIES_MAX {
        conn.execute(
            "delete from tries where key in (select key from tries order by last_us limit 100)",
            [],
        )?;
    }
    Ok(())
}

/// Forgets the failures of an account that signs in, as far as they made this browser wait: what strangers tried elsewhere
/// is forgotten in time only, and so are those of the address, or somebody with an account could wash them away.
pub(super) fn forget(ledger: &Ledger<'_>, account: AccountId, address: &str) -> rusqlite::Result<()> {
    let tried = at_home(ledger.conn, Tried::Account(account), address)?;
    let mut forget = ledger.conn.prepare_cached("delete from tries where key = :key")?;
    for tried in [tried, Tried::Pin(account)] {
        forget.execute(named_params! { ":key": tried.key(address) })?;
    }
    Ok(())
}
