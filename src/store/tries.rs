//! Failures to sign in: counted by account and by address, and kept over a restart.

use super::change::{Ledger, Unchanged};
use super::{Store, StoreError, micros, timestamp};
use crate::access::{AccountId, FREE_TRIES_OF_ACCOUNT, FREE_TRIES_OF_ADDRESS, SecretHash, Tries};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, named_params};
use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt::Write;
use std::net::Ipv6Addr;

/// Most failures that are kept apart; beyond, the oldest go, those of names first: anybody can make names up.
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
            Tried::AtHome(account) => format!("account:{account}@{}", network(address)),
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

/// What counts as one place: an IPv6 subscriber has a whole /64, of which computers take new addresses every day.
fn network(address: &str) -> Cow<'_, str> {
    match address.parse::<Ipv6Addr>() {
        Ok(ip) => {
            let [a, b, c, d, ..] = ip.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64").into()
        }
        Err(_) => address.into(),
    }
}

fn key_of_address(address: &str) -> String {
    format!("address:{}", network(address))
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
            // Many may sit behind one address: what others do there holds nobody up who is known there.
            let of_address = match tried {
                Tried::AtHome(_) => None,
                Tried::Account(_) | Tried::Pin(_) | Tried::Nobody(_) => {
                    tries(conn, &key_of_address(&address))?
                        .and_then(|tries| tries.of_address_at(now).wait(FREE_TRIES_OF_ADDRESS, now))
                }
            };
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
            let (key, of_address) = (tried.key(&address), key_of_address(&address));
            let before = tries(ledger.conn, &key)?;
            count(ledger.conn, &key, before, at)?;
            let before = tries(ledger.conn, &of_address)?.map(|tries| tries.of_address_at(at));
            count(ledger.conn, &of_address, before, at)?;
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
    let mut all = conn.prepare_cached("select distinct address from sign_in where account_id = :account")?;
    let mut all = all.query(named_params! { ":account": account.0 })?;
    let mut known = false;
    while let Some(row) = all.next()?.filter(|_| !known) {
        known = network(row.get_ref(0)?.as_str()?) == network(address);
    }
    Ok(if known { Tried::AtHome(account) } else { tried })
}

fn tries(conn: &Connection, key: &str) -> rusqlite::Result<Option<Tries>> {
    conn.prepare_cached("select failures, last_us from tries where key = :key")?
        .query_row(named_params! { ":key": key }, |row| {
            Ok(Tries { failures: row.get(0)?, last: timestamp(row.get(1)?) })
        })
        .optional()
}

fn count(conn: &Connection, key: &str, before: Option<Tries>, now: Timestamp) -> rusqlite::Result<()> {
    let counted = Tries::and_one_at(before, now);
    conn.prepare_cached(
        "insert into tries (key, failures, last_us) values (:key, :failures, :last)
         on conflict (key) do update set failures = excluded.failures, last_us = excluded.last_us",
    )?
    .execute(named_params! { ":key": key, ":failures": counted.failures, ":last": micros(counted.last) })?;
    let kept: i64 = conn.query_row("select count(*) from tries", [], |row| row.get(0))?;
    if kept > TRIES_MAX {
        conn.execute(
            "delete from tries where key in
               (select key from tries order by key like 'name:%' desc, last_us limit 100)",
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
