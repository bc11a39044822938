//! The only place that reads the wall clock and the monotonic clock.
//!
//! Rules take `now` as a value; rooms are handed a [`Clock`] by the daemon, tests move one by hand.

use jiff::Timestamp;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Tells the time. Cheap to clone; clones share the same hands.
#[derive(Debug, Clone)]
pub struct Clock(Hands);

#[derive(Debug, Clone)]
enum Hands {
    System(Instant),
    Manual(Arc<Mutex<(Timestamp, Duration)>>, Waits),
}

/// How long who waits by a clock that is moved by hand waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Waits {
    /// As by any other.
    Really,
    /// For ever: time passes when the clock is moved, and on no slow machine besides.
    ForEver,
}

/// As good as for ever.
const FOR_EVER: Duration = Duration::from_secs(3_600);

impl Clock {
    /// The machine's clocks; monotonic time counts from this call.
    pub fn system() -> Clock {
        Clock(Hands::System(Instant::now()))
    }

    /// A clock that stands at `now` until it is moved.
    pub fn manual(now: Timestamp) -> Clock {
        Clock(Hands::Manual(Arc::new(Mutex::new((now, Duration::ZERO))), Waits::Really))
    }

    /// The same, by which nothing happens because somebody has waited long enough: for worlds that are played again exactly.
    pub fn played(now: Timestamp) -> Clock {
        Clock(Hands::Manual(Arc::new(Mutex::new((now, Duration::ZERO))), Waits::ForEver))
    }

    /// Whether it is one for worlds that are played again exactly: nothing may depend on which thread is faster.
    pub fn is_played(&self) -> bool {
        matches!(&self.0, Hands::Manual(_, Waits::ForEver))
    }

    /// How long to wait really for something that is owed after `time`.
    pub fn wait(&self, time: Duration) -> Duration {
        match &self.0 {
            Hands::Manual(_, Waits::ForEver) => FOR_EVER,
            Hands::System(_) | Hands::Manual(_, Waits::Really) => time,
        }
    }

    /// Wall-clock time. It may jump in either direction: never order or measure by it.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the wall clock")]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Hands::System(_) => Timestamp::now(),
            Hands::Manual(hands, _) => hands.lock().unwrap_or_else(PoisonError::into_inner).0,
        }
    }

    /// Time since this clock was made; never goes back.
    pub fn elapsed(&self) -> Duration {
        match &self.0 {
            Hands::System(start) => start.elapsed(),
            Hands::Manual(hands, _) => hands.lock().unwrap_or_else(PoisonError::into_inner).1,
        }
    }

    /// Moves a manual clock forward, both hands; a system clock ignores it.
    pub fn advance(&self, by: Duration) {
        if let Hands::Manual(hands, _) = &self.0 {
            let mut hands = hands.lock().unwrap_or_else(PoisonError::into_inner);
            hands.0 += by;
            hands.1 += by;
        }
    }

    /// Sets the wall hand of a manual clock, as an operator or NTP would; the monotonic hand stays.
    pub fn set_wall(&self, now: Timestamp) {
        if let Hands::Manual(hands, _) = &self.0 {
            hands.lock().unwrap_or_else(PoisonError::into_inner).0 = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn setting_the_wall_back_leaves_elapsed_time_alone() {
        let clock = Clock::manual(Timestamp::UNIX_EPOCH);
        clock.advance(Duration::from_secs(60));
        clock.set_wall(Timestamp::UNIX_EPOCH);
        assert_eq!((clock.now(), clock.elapsed()), (Timestamp::UNIX_EPOCH, Duration::from_secs(60)));
    }
}
