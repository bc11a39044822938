//! When to try a scanner again, and when to say something about it. Pure.
//!
//! The table is measured behaviour of Linux serial devices: after plug-in a node exists for up to 0.3 s before its
//! permissions are right; a flapping plug must not fill the log; and nothing is ever given up.

use std::collections::VecDeque;
use std::time::Duration;

/// Why a port is not open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// There is no such device: nothing is plugged in.
    Absent,
    /// The device is there, but this user may not open it.
    NotPermitted,
    /// Another program has it.
    Busy {
        /// Which, if `/proc` tells.
        holder: Option<String>,
    },
    /// It is no serial device, or refuses the line settings.
    Unfit(String),
    /// Several devices fit, and guessing would be wrong: their names.
    Ambiguous(Vec<String>),
    /// A scanner in the network cannot be reached.
    Unreachable(String),
    /// Something else, in the system's words.
    Other(String),
}

/// What to do after a failed attempt or a hang-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// How long to wait.
    pub after: Duration,
    /// Whether it is time to write it into the log.
    pub log: bool,
}

const QUICK: Duration = Duration::from_millis(250);
const SLOW: Duration = Duration::from_secs(2);
const UNFIT: Duration = Duration::from_secs(10);
/// How long permissions may take to arrive after plug-in before it is a fault.
const SETTLING: Duration = Duration::from_secs(5);
/// How often a lasting fault is logged again.
const REMIND: Duration = Duration::from_secs(600);
/// More hang-ups than this within a minute are a bad plug or cable.
const DOWNS_MAX: usize = 5;
const DOWNS_WITHIN: Duration = Duration::from_secs(60);
const UNSTABLE_PAUSE: Duration = Duration::from_secs(5);
/// In the network: the first pause, which doubles up to the longest, until a connection has lasted.
const NETWORK_FIRST: Duration = Duration::from_millis(500);
const NETWORK_LONGEST: Duration = Duration::from_secs(10);
const NETWORK_LASTED: Duration = Duration::from_secs(60);

/// Remembers what happened to one source, to pace attempts and messages.
#[derive(Debug, Default)]
pub struct Reconnect {
    trouble: Option<(Trouble, Duration)>,
    logged: Option<Duration>,
    downs: VecDeque<Duration>,
    /// When it was opened last.
    opened: Duration,
    /// The pause after the last failure in the network.
    network: Option<Duration>,
}

impl Reconnect {
    /// An attempt to open failed at `now` (monotonic).
    pub fn failed(&mut self, trouble: &Trouble, now: Duration) -> Retry {
        let since = match &self.trouble {
            Some((before, since)) if before == trouble => *since,
            _ => {
                self.logged = None;
                self.trouble = Some((trouble.clone(), now));
                now
            }
        };
        let lasting = now.saturating_sub(since) >= SETTLING;
        let (after, worth_saying) = match trouble {
            Trouble::Absent => (QUICK, false),
            Trouble::NotPermitted if !lasting => (QUICK, false),
            Trouble::NotPermitted | Trouble::Busy { .. } => (SLOW, true),
            Trouble::Unfit(_) => (UNFIT, true),
            Trouble::Ambiguous(_) => (SLOW, true),
            Trouble::Unreachable(_) => (self.network_pause(), lasting),
            Trouble::Other(_) if !lasting => (QUICK, false),
            Trouble::Other(_) => (SLOW, true),
        };
        let due = self.logged.is_none_or(|logged| now.saturating_sub(logged) >= REMIND);
        let log = worth_saying && due;
        if log {
            self.logged = Some(now);
        }
        Retry { after, log }
    }

    /// The port is open since `now`.
    pub fn opened(&mut self, now: Duration) {
        self.trouble = None;
        self.logged = None;
        self.opened = now;
    }

    fn network_pause(&mut self) -> Duration {
        let pause = self.network.map_or(NETWORK_FIRST, |before| (before * 2).min(NETWORK_LONGEST));
        self.network = Some(pause);
        pause
    }

    /// An open port hung up at `now`.
    pub fn hung_up(&mut self, now: Duration) -> Retry {
        if now.saturating_sub(self.opened) >= NETWORK_LASTED {
            self.network = None;
        }
        self.downs.push_back(now);
        while self.downs.front().is_some_and(|first| now.saturating_sub(*first) > DOWNS_WITHIN) {
            self.downs.pop_front();
        }
        let after = if self.is_unstable(now) { UNSTABLE_PAUSE } else { QUICK };
        Retry { after, log: true }
    }

    /// The plug or cable makes contact on and off.
    pub fn is_unstable(&self, now: Duration) -> bool {
        self.downs.iter().filter(|down| now.saturating_sub(**down) <= DOWNS_WITHIN).count() > DOWNS_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn an_absent_scanner_is_looked_for_quickly_and_silently_for_ever() {
        let mut reconnect = Reconnect::default();
        for second in 0..10_000 {
            assert_eq!(
                reconnect.failed(&Trouble::Absent, seconds(second)),
                Retry { after: QUICK, log: false }
            );
        }
    }

    #[test]
    fn permission_may_arrive_late_and_is_then_a_fault_said_every_ten_minutes() {
        let mut reconnect = Reconnect::default();
        let logged: Vec<_> = (0..1300)
            .filter(|second| reconnect.failed(&Trouble::NotPermitted, seconds(*second)).log)
            .collect();
        assert_eq!(logged, [5, 605, 1205]);
    }

    #[test]
    fn in_the_network_the_pause_doubles_until_a_connection_has_lasted() {
        let mut reconnect = Reconnect::default();
        let refused = Trouble::Unreachable("refused".into());
        let pauses: Vec<_> =
            (0..7).map(|second| reconnect.failed(&refused, seconds(second)).after.as_millis()).collect();
        assert_eq!(pauses, [500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
        reconnect.opened(seconds(10));
        reconnect.hung_up(seconds(20));
        assert_eq!(reconnect.failed(&refused, seconds(20)).after, NETWORK_LONGEST);
        reconnect.opened(seconds(30));
        reconnect.hung_up(seconds(90));
        assert_eq!(reconnect.failed(&refused, seconds(90)).after, NETWORK_FIRST);
    }

    #[test]
    fn a_new_holder_of_a_busy_port_is_named_at_once() {
        let mut reconnect = Reconnect::default();
        let held_by = |name: &str| Trouble::Busy { holder: Some(name.into()) };
        assert!(reconnect.failed(&held_by("minicom"), seconds(0)).log);
        assert!(!reconnect.failed(&held_by("minicom"), seconds(2)).log);
        assert!(reconnect.failed(&held_by("gpsd"), seconds(4)).log);
    }

    #[test]
    fn the_sixth_hang_up_in_a_minute_is_an_unstable_connection() {
        let mut reconnect = Reconnect::default();
        let pauses: Vec<_> = (0..6).map(|second| reconnect.hung_up(seconds(second)).after).collect();
        assert_eq!(pauses, [QUICK, QUICK, QUICK, QUICK, QUICK, UNSTABLE_PAUSE]);
        assert_eq!(reconnect.hung_up(seconds(100)).after, QUICK);
    }
}
