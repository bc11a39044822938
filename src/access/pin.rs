//! Which PINs are good enough. A PIN only counts together with a badge that was scanned at that desk, and each wrong one
//! makes the next wait (OWASP ASVS 5.0, 6.2 and 6.3.3), so four digits will do; those that everybody tries first will not.

/// Fewest digits of a PIN.
pub const PIN_DIGITS_MIN: usize = 4;
/// Most digits of a PIN.
pub const PIN_DIGITS_MAX: usize = 12;

/// Why a PIN is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPin {
    /// It has another form.
    #[error("a PIN has {PIN_DIGITS_MIN} to {PIN_DIGITS_MAX} digits and nothing else")]
    NoDigits,
    /// Among the first that are tried.
    #[error("this PIN is among the first that are tried, such as 1234, 1111, 1212 or a year; take another")]
    Common,
}

/// Judges a new PIN.
///
/// # Errors
/// It is none, or too weak; the message says what to do.
pub fn judge_pin(pin: &str) -> Result<(), WeakPin> {
    let digits: Vec<u8> = pin.bytes().collect();
    let fits = (PIN_DIGITS_MIN..=PIN_DIGITS_MAX).contains(&digits.len());
    if !fits || !digits.iter().all(u8::is_ascii_digit) {
        return Err(WeakPin::NoDigits);
    }
    let steps = |step: i16| {
        let next = |pair: &[u8]| match pair {
            [one, two] => i16::from(*two) - i16::from(*one) == step,
            _ => true,
        };
        digits.windows(2).all(next)
    };
    let repeats = |length: usize| {
        let (first, rest) = digits.split_at(length.min(digits.len()));
        rest.chunks(length).all(|part| first.starts_with(part))
    };
    let is_year = digits.len() == 4 && (pin.starts_with("19") || pin.starts_with("20"));
    let is_common =
        [-1, 0, 1].into_iter().any(steps) || repeats(2) || (digits.len() > 4 && repeats(3)) || is_year;
    if is_common { Err(WeakPin::Common) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pin: &str, expect: Result<(), WeakPin>) {
        assert_eq!(judge_pin(pin), expect, "{pin}");
    }

    #[test]
    fn what_everybody_tries_first_is_no_pin() {
        for bad in ["", "123", "12345x", " 4711", "1234567890123", "４７１１"] {
            check(bad, Err(WeakPin::NoDigits));
        }
        for bad in ["1234", "9876", "0000", "777777", "1212", "252525", "123123", "1984", "2001"] {
            check(bad, Err(WeakPin::Common));
        }
        for good in ["4711", "8027", "193756", "2580147"] {
            check(good, Ok(()));
        }
    }
}
