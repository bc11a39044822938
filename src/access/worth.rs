//! How long a sign-in is worth anything, and where.

use super::Role;
use jiff::{SignedDuration, Timestamp};

/// How long sign-ins of people last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignInRules {
    /// Without a click.
    pub idle: SignedDuration,
    /// In all.
    pub absolute: SignedDuration,
    /// Without a click at a desk that many share.
    pub desk_idle: SignedDuration,
    /// How long a restricted chart stays open for who gave a reason.
    pub glass: SignedDuration,
}

impl Default for SignInRules {
    fn default() -> SignInRules {
        SignInRules {
            idle: SignedDuration::from_mins(30),
            absolute: SignedDuration::from_hours(12),
            desk_idle: SignedDuration::from_mins(2),
            glass: SignedDuration::from_mins(60),
        }
    }
}

/// When a sign-in was made and used last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignInTimes {
    /// Made.
    pub made: Timestamp,
    /// Used last.
    pub used: Timestamp,
}

/// Why a sign-in is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Over {
    /// Nothing was done for too long.
    Idle,
    /// Its time is up.
    Aged,
    /// Signed out, ended by somebody, or the account was changed.
    Ended,
    /// It belongs to another computer.
    Elsewhere,
    /// There never was such a sign-in.
    Unknown,
}

impl Over {
    /// Its name in the audit log.
    pub fn as_str(self) -> &'static str {
        match self {
            Over::Idle => "idle",
            Over::Aged => "aged",
            Over::Ended => "ended",
            Over::Elsewhere => "elsewhere",
            Over::Unknown => "unknown",
        }
    }

    /// What the user is told.
    pub fn sentence(self) -> &'static str {
        match self {
            Over::Idle => "nothing was done for a while, so you were signed out",
            Over::Aged => "a sign-in lasts for one working day, and yours is over",
            Over::Ended => "this sign-in was ended",
            Over::Elsewhere => "this sign-in belongs to another computer",
            Over::Unknown => "this sign-in is not known",
        }
    }

    /// It happens to everybody every day; anything else is worth a row in the audit log.
    pub fn is_ordinary(self) -> bool {
        matches!(self, Over::Idle | Over::Aged)
    }
}

impl SignInRules {
    /// Why a sign-in is over by the clock; a screen's never is.
    pub fn over(self, role: Role, times: SignInTimes, now: Timestamp) -> Option<Over> {
        if role.is_device() {
            return None;
        }
        if now.duration_since(times.made) >= self.absolute {
            return Some(Over::Aged);
        }
        (now.duration_since(times.used) >= self.idle).then_some(Over::Idle)
    }

    /// The same of a sign-in at a desk that many share.
    pub fn over_at_desk(self, role: Role, times: SignInTimes, now: Timestamp) -> Option<Over> {
        SignInRules { idle: self.desk_idle.min(self.idle), ..self }.over(role, times, now)
    }
}

/// Whether two addresses are taken for one computer: the same IPv4 address, or the same IPv6 network of 64 bits, in
/// which a computer draws a new address every day.
pub fn is_same_place(one: &str, other: &str) -> bool {
    let network = |address: &str| -> Vec<String> {
        let (head, tail) = address.split_once("::").unwrap_or((address, ""));
        let parts = |text: &str| {
            text.split(':').filter(|part| !part.is_empty()).map(str::to_lowercase).collect::<Vec<_>>()
        };
        let (mut all, tail) = (parts(head), parts(tail));
        all.resize(8_usize.saturating_sub(tail.len()).max(all.len()), "0".to_owned());
        all.extend(tail);
        all.truncate(4);
        all
    };
    one == other || (one.contains(':') && other.contains(':') && network(one) == network(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(role: Role, made_min: i64, used_min: i64, expect: Option<Over>) {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let ago = |minutes| now - SignedDuration::from_mins(minutes);
        let times = SignInTimes { made: ago(made_min), used: ago(used_min) };
        assert_eq!(SignInRules::default().over(role, times, now), expect, "{made_min} {used_min}");
    }

    #[test]
    fn idle_half_an_hour_or_twelve_hours_in_all() {
        check(Role::Clerk, 0, 0, None);
        check(Role::Clerk, 29, 29, None);
        check(Role::Clerk, 31, 30, Some(Over::Idle));
        check(Role::Clerk, 719, 0, None);
        check(Role::Clerk, 720, 0, Some(Over::Aged));
        // A clock that was set back.
        check(Role::Clerk, -60, -60, None);
        check(Role::Display, 600_000, 600_000, None);
    }

    #[test]
    fn a_desk_locks_after_two_minutes() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let used = |seconds| SignInTimes { made: now, used: now - SignedDuration::from_secs(seconds) };
        let rules = SignInRules::default();
        assert_eq!(rules.over_at_desk(Role::Clerk, used(119), now), None);
        assert_eq!(rules.over_at_desk(Role::Clerk, used(120), now), Some(Over::Idle));
        let hasty = SignInRules { idle: SignedDuration::from_secs(60), ..rules };
        assert_eq!(hasty.over_at_desk(Role::Clerk, used(60), now), Some(Over::Idle));
    }

    #[test]
    fn a_computer_keeps_its_address_or_its_network() {
        assert!(is_same_place("192.0.2.7", "192.0.2.7"));
        assert!(!is_same_place("192.0.2.7", "192.0.2.8"));
        assert!(is_same_place("2001:db8:0:1::7", "2001:DB8:0:1:aaaa:bbbb:cccc:dddd"));
        assert!(!is_same_place("2001:db8:0:1::7", "2001:db8:0:2::7"));
        assert!(!is_same_place("192.0.2.7", "2001:db8::7"));
        assert!(is_same_place("::1", "::1"));
    }
}
