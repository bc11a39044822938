//! How long the next guess has to wait. Each failure doubles the wait up to a quarter of an hour, and a day without any
//! forgets them: nobody is locked out for good, and ten guesses take a quarter of an hour.

use jiff::{SignedDuration, Timestamp};

/// Failures of one account that cost nothing: everybody mistypes.
pub const FREE_TRIES_OF_ACCOUNT: u32 = 3;
/// Failures from one address that cost nothing: a desk is shared by many, and so may an address be.
pub const FREE_TRIES_OF_ADDRESS: u32 = 15;

/// Wait after the first failure that costs something.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(5);
/// Longest wait.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(15);
/// An address is forgiven one failure in so long: mistyping never adds up where many sit behind one address.
const ADDRESS_FORGIVEN_EVERY: SignedDuration = SignedDuration::from_mins(1);
/// Failures are forgotten after so long without any.
const FORGOTTEN: SignedDuration = SignedDuration::from_hours(24);

/// Failures since the last success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tries {
    /// How many.
    pub failures: u32,
    /// When the last was.
    pub last: Timestamp,
}

impl Tries {
    /// How long the next try has to wait; nothing if it may be made now.
    pub fn wait(self, free: u32, now: Timestamp) -> Option<SignedDuration> {
        let costly = self.failures.checked_sub(free)?;
        let since = now.duration_since(self.last);
        if since > FORGOTTEN {
            return None;
        }
        let factor = 1_i32.checked_shl(costly.min(20)).unwrap_or(i32::MAX);
        let wait = FIRST_WAIT.checked_mul(factor).unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT);
        // A clock that was set back must not make anybody wait longer.
        let left = wait - since.max(SignedDuration::ZERO);
        (left > SignedDuration::ZERO).then_some(left)
    }

    /// What is left of an address's failures at `now`; those of an account stay until it signs in.
    #[must_use]
    pub fn of_address_at(self, now: Timestamp) -> Tries {
        let minutes = now.duration_since(self.last).max(SignedDuration::ZERO).as_secs()
            / ADDRESS_FORGIVEN_EVERY.as_secs().max(1);
        let forgiven = u32::try_from(minutes).unwrap_or(u32::MAX);
        Tries { failures: self.failures.saturating_sub(forgiven), ..self }
    }

    /// One failure more.
    pub fn and_one_at(before: Option<Tries>, now: Timestamp) -> Tries {
        let remembered = before.filter(|tries| now.duration_since(tries.last) <= FORGOTTEN);
        Tries { failures: remembered.map_or(0, |tries| tries.failures).saturating_add(1), last: now }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(failures: u32, since_s: i64, expect_s: Option<i64>) {
        let last = Timestamp::from_second(1_800_000_000).unwrap();
        let now = last + SignedDuration::from_secs(since_s);
        let wait = Tries { failures, last }.wait(FREE_TRIES_OF_ACCOUNT, now);
        assert_eq!(wait.map(|wait| wait.as_secs()), expect_s, "{failures} failures, {since_s} s ago");
    }

    #[test]
    fn each_failure_doubles_the_wait() {
        check(0, 0, None);
        check(2, 0, None);
        check(3, 0, Some(5));
        check(3, 5, None);
        check(4, 0, Some(10));
        check(5, 1, Some(19));
        check(10, 0, Some(640));
        check(11, 0, Some(900));
        check(u32::MAX, 0, Some(900));
        check(u32::MAX, 901, None);
        check(u32::MAX, -3600, Some(900));
    }

    #[test]
    fn ten_guesses_take_a_quarter_of_an_hour_and_there_is_always_a_next() {
        let start = Timestamp::from_second(1_800_000_000).unwrap();
        let (mut now, mut tries, mut guesses) = (start, None, Vec::new());
        while guesses.len() < 200 {
            match tries.and_then(|tries: Tries| tries.wait(FREE_TRIES_OF_ACCOUNT, now)) {
                Some(wait) => now += wait,
                None => {
                    guesses.push(now);
                    tries = Some(Tries::and_one_at(tries, now));
                }
            }
        }
        let quarter = SignedDuration::from_mins(15);
        let early = guesses.iter().filter(|at| at.duration_since(start) < quarter).count();
        assert!((5..=10).contains(&early), "{early} guesses in the first quarter of an hour");
        assert!(guesses.windows(2).all(|pair| pair[1].duration_since(pair[0]) <= quarter));
    }

    #[test]
    fn an_address_where_many_sit_is_never_locked_out_for_good() {
        let start = Timestamp::from_second(1_800_000_000).unwrap();
        // A shift of people who mistype, one a minute.
        let (mut tries, mut longest): (Option<Tries>, _) = (None, None);
        for minute in 0..600 {
            let now = start + SignedDuration::from_mins(minute);
            tries = tries.map(|tries| tries.of_address_at(now));
            longest = longest.max(tries.and_then(|tries| tries.wait(FREE_TRIES_OF_ADDRESS, now)));
            tries = Some(Tries::and_one_at(tries, now));
        }
        assert_eq!(longest, None);
        // Guessing without a pause still has to wait, and a quiet half hour ends it.
        let guessed = Tries { failures: 30, last: start };
        assert!(guessed.of_address_at(start).wait(FREE_TRIES_OF_ADDRESS, start).is_some());
        let later = start + SignedDuration::from_mins(16);
        assert_eq!(guessed.of_address_at(later).failures, 14);
    }

    #[test]
    fn a_quiet_day_forgets() {
        let last = Timestamp::from_second(1_800_000_000).unwrap();
        let many = Some(Tries { failures: 40, last });
        assert_eq!(Tries::and_one_at(many, last + SignedDuration::from_hours(25)).failures, 1);
        assert_eq!(Tries::and_one_at(many, last + SignedDuration::from_hours(23)).failures, 41);
    }
}
