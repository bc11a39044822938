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
use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError, RwLock};

/// The same refusal is written down no more often than this: nobody fills the audit log by asking again.
const TOLD_EVERY: SignedDuration = SignedDuration::from_mins(1);
/// Refusals that are told apart.
const TOLD_MAX: usize = 1024;

/// Views that are told apart; beyond, they are all written down again.
const SEEN_MAX: usize = 8192;

/// Notes that whoever asks is about to see patients' data: `what` in ids, never in names or numbers. To be called before
/// anything is shown; what cannot be noted is not shown.
pub(super) fn seen(app: &App, how: Viewed, what: &str) -> Result<(), NotRecorded> {
    let actor = actor();
    let key = format!("{} {} {what}", actor.as_deref().unwrap_or_default(), how.as_str());
    if app.door.is_first_sight(&key, app.clock.now()) {
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
    trying: Mutex<HashSet<String>>,
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

    /// Whether somebody sees this for the first time in a minute: a page that asks again by itself is one view.
    fn is_first_sight(&self, what: &str, now: Timestamp) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.get(what).is_some_and(|at| now.duration_since(*at).abs() < TOLD_EVERY) {
            return false;
        }
        if seen.len() >= SEEN_MAX {
            seen.clear();
        }
        seen.insert(what.to_owned(), now);
        true
    }

    /// Begins a try to sign in as `whom`; `None` while another is under way, so that many at once do not get round the
    /// waiting.
    pub(super) fn begin_try(&self, whom: String) -> Option<Try<'_>> {
        let mut trying = self.trying.lock().unwrap_or_else(PoisonError::into_inner);
        trying.insert(whom.clone()).then_some(Try { door: self, whom })
    }
}

/// A try to sign in that is under way.
pub(super) struct Try<'a> {
    door: &'a Door,
    whom: String,
}

impl Drop for Try<'_> {
    fn drop(&mut self) {
        self.door.trying.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.whom);
    }
}
