//! The door: who asks, and what happens to those who may not. Everything that has to do with cookies, tokens and proxies
//! is here; pages and API only see a `User`.

mod cookie;
mod refusal;
mod visitor;

pub(super) use cookie::{clear, clear_desk, set, set_desk};
pub(super) use refusal::{CARRIED, Refusal, refuse};
pub use visitor::Peer;
pub(super) use visitor::{CameFrom, User, Visitor, actor, current, meet};

use super::App;
use crate::access::{Permission, SecretHash, SignInRules};
use crate::secret::Passwords;
use crate::store::{NotRecorded, Viewed};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError, RwLock};

/// The same refusal is written down no more often than this: nobody fills the audit log by asking again.
const TOLD_EVERY: SignedDuration = SignedDuration::from_mins(1);
/// Refusals that are told apart.
const TOLD_MAX: usize = 1024;

/// A page that asks again within this time is still the same view; so long as it does, it is noted once.
const SAME_VIEW: SignedDuration = SignedDuration::from_mins(3);
/// Tries to sign in from one address at once: several desks may be behind one.
const TRIES_AT_ONCE: usize = 4;
/// Views that are told apart; beyond, they are all written down again.
const SEEN_MAX: usize = 8192;

/// Notes that whoever asks is about to see patients' data: `what` in ids, never in names or numbers. To be called before
/// anything is shown; what cannot be noted is not shown.
pub(super) fn seen(app: &App, how: Viewed, what: &str) -> Result<(), NotRecorded> {
    let actor = actor();
    let key = format!("{} {} {what}", actor.as_deref().unwrap_or_default(), how.as_str());
    // Each search and each print is something that somebody did; only looking goes on by itself.
    if matches!(how, Viewed::Search | Viewed::Print) || app.door.is_first_sight(&key, app.clock.now()) {
        app.store.viewed(actor.as_deref(), how, what)?;
    }
    Ok(())
}

/// Whether whoever asks may do this.
pub(super) fn may(permission: Permission) -> bool {
    current().is_some_and(|caller| caller.may.has(permission))
}

/// What the door goes by.
#[derive(Debug, Default)]
pub struct Door {
    /// Works on passwords.
    pub passwords: Passwords,
    rules: RwLock<Rules>,
    first_code: Mutex<Option<SecretHash>>,
    told: Mutex<HashMap<String, Timestamp>>,
    trying: Mutex<Vec<(String, String)>>,
    seen: Mutex<HashMap<String, Timestamp>>,
}

/// What the configuration says of coming in.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// How long sign-ins last.
    pub sign_in: SignInRules,
    /// Header in which a proxy in front of us names who asks.
    pub proxy_header: Option<axum::http::HeaderName>,
    /// The proxies that are believed.
    pub trusted_proxies: Vec<IpAddr>,
}

impl Door {
    /// A door that goes by these rules.
    pub fn new(rules: Rules) -> Door {
        Door { rules: RwLock::new(rules), ..Door::default() }
    }

    /// The rules in force.
    pub fn rules(&self) -> Rules {
        self.rules.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts other rules in force.
    pub fn set_rules(&self, rules: Rules) {
        *self.rules.write().unwrap_or_else(PoisonError::into_inner) = rules;
    }

    /// Whether the proxies that are believed have this address.
    pub(super) fn is_proxy(&self, peer: IpAddr) -> bool {
        let rules = self.rules.read().unwrap_or_else(PoisonError::into_inner);
        rules.trusted_proxies.iter().any(|proxy| proxy.to_canonical() == peer)
    }

    /// From now on this code makes the first administrator.
    pub fn set_first_code(&self, code: SecretHash) {
        *self.first_code.lock().unwrap_or_else(PoisonError::into_inner) = Some(code);
    }

    /// Whether it is the code of the first start.
    pub(super) fn is_first_code(&self, code: SecretHash) -> bool {
        *self.first_code.lock().unwrap_or_else(PoisonError::into_inner) == Some(code)
    }

    /// The code of the first start is used up.
    pub(super) fn forget_first_code(&self) {
        *self.first_code.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Whether a refusal is to be written down now.
    fn is_news(&self, what: &str, now: Timestamp) -> bool {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.get(what).is_some_and(|at| now.duration_since(*at).abs() < TOLD_EVERY) {
            return false;
        }
        if told.len() >= TOLD_MAX {
            told.retain(|_, at| now.duration_since(*at).abs() < TOLD_EVERY);
            if told.len() >= TOLD_MAX {
                return false;
            }
        }
        told.insert(what.to_owned(), now);
        true
    }

    /// Whether somebody has not been looking at this already: a page that asks again by itself is one view.
    fn is_first_sight(&self, what: &str, now: Timestamp) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let goes_on = |at: &Timestamp| now.duration_since(*at).abs() < SAME_VIEW;
        if let Some(at) = seen.get_mut(what).filter(|at| goes_on(at)) {
            *at = now;
            return false;
        }
        if seen.len() >= SEEN_MAX {
            seen.retain(|_, at| goes_on(at));
        }
        if seen.len() >= SEEN_MAX {
            seen.clear();
        }
        seen.insert(what.to_owned(), now);
        true
    }

    /// Begins a try to sign in as `whom` from `address`; `None` while another is under way, or some from there, so that
    /// many at once do not get round the waiting.
    pub(super) fn begin_try(&self, whom: String, address: &str) -> Option<Try<'_>> {
        let mine = (whom, address.to_owned());
        let mut trying = self.trying.lock().unwrap_or_else(PoisonError::into_inner);
        let from_there = trying.iter().filter(|(_, from)| *from == mine.1).count();
        if from_there >= TRIES_AT_ONCE || trying.contains(&mine) {
            return None;
        }
        trying.push(mine.clone());
        Some(Try { door: self, mine })
    }
}

/// A try to sign in that is under way.
pub(super) struct Try<'a> {
    door: &'a Door,
    mine: (String, String),
}

impl Drop for Try<'_> {
    fn drop(&mut self) {
        let mut trying = self.door.trying.lock().unwrap_or_else(PoisonError::into_inner);
        trying.retain(|other| *other != self.mine);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_asks_again_every_minute_is_one_view() {
        let door = Door::default();
        let start = Timestamp::from_second(1_800_000_000).unwrap();
        let seen =
            |minute: i64| door.is_first_sight("ann open chart 1", start + SignedDuration::from_mins(minute));
        assert!(seen(0));
        assert!((1..60).all(|minute| !seen(minute)), "it was open all the time");
        assert!(seen(63), "it was looked at anew");
    }

    #[test]
    fn few_try_from_one_address_at_once_and_nobody_twice() {
        let door = Door::default();
        let mut tries: Vec<_> =
            (0..TRIES_AT_ONCE).map(|n| door.begin_try(n.to_string(), "192.0.2.7").unwrap()).collect();
        assert!(door.begin_try("one more".into(), "192.0.2.7").is_none());
        assert!(door.begin_try("1".into(), "192.0.2.8").is_some(), "another address is not held up");
        drop(tries.pop());
        assert!(door.begin_try("1".into(), "192.0.2.7").is_none(), "that one is under way");
        assert!(door.begin_try("one more".into(), "192.0.2.7").is_some());
    }
}
