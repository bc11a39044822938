//! Which passwords are good enough: long, and not what everybody tries first (OWASP ASVS 5.0, 6.2). There are no rules
//! of composition and no forced changes: both make passwords worse.

/// Fewest characters of a password.
pub const PASSWORD_CHARS_MIN: usize = 12;
/// Most characters of a password.
pub const PASSWORD_CHARS_MAX: usize = 256;

/// Parts of passwords that lists of stolen ones begin with. What is left when they are taken out has to be a password.
const COMMON: [&str; 60] = [
    "password",
    "passwort",
    "passw0rd",
    "p@ssword",
    "p@ssw0rd",
    "kennwort",
    "geheim",
    "secret",
    "letmein",
    "welcome",
    "willkommen",
    "qwertzuiop",
    "qwertyuiop",
    "asdfghjkl",
    "yxcvbnm",
    "zxcvbnm",
    "qwertz",
    "qwerty",
    "azerty",
    "1q2w3e4r5t6z",
    "1q2w3e4r5t",
    "1q2w3e4r",
    "1qaz2wsx",
    "zaq12wsx",
    "iloveyou",
    "ichliebedich",
    "princess",
    "sunshine",
    "football",
    "baseball",
    "superman",
    "batman",
    "dragon",
    "monkey",
    "shadow",
    "master",
    "michael",
    "jennifer",
    "charlie",
    "jordan",
    "trustno1",
    "starwars",
    "whatever",
    "computer",
    "internet",
    "changeme",
    "default",
    "administrator",
    "admin",
    "root",
    "user",
    "login",
    "access",
    "hospital",
    "krankenhaus",
    "klinik",
    "spital",
    "clinic",
    "patient",
    "medical",
];
/// Characters that have to be left once the parts that everybody would try are taken out.
const OWN_CHARS_MIN: usize = 6;

/// Why a password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Guessed in no time.
    #[error(
        "a password needs at least {PASSWORD_CHARS_MIN} characters; four words in a row are easy to remember"
    )]
    TooShort,
    /// Longer than is looked at.
    #[error("a password has at most {PASSWORD_CHARS_MAX} characters")]
    TooLong,
    /// Among the first that are tried.
    #[error(
        "this password is among the first that are tried; take four words that have nothing to do with each other"
    )]
    Common,
    /// The account's name is most of it.
    #[error(
        "the password is made of your own name or the program's; take words that nobody connects with you"
    )]
    Named,
}

/// Judges a new password of the account `name`, whose holder is called `full_name`.
///
/// # Errors
/// It is too weak; the message says why and what to do.
pub fn judge_password(password: &str, name: &str, full_name: &str) -> Result<(), WeakPassword> {
    let chars = password.chars().count();
    if chars < PASSWORD_CHARS_MIN {
        return Err(WeakPassword::TooShort);
    }
    if chars > PASSWORD_CHARS_MAX {
        return Err(WeakPassword::TooLong);
    }
    let plain = password.to_lowercase();
    let own = name.split(['.', '-', '_', '@']).chain(full_name.split_whitespace()).chain([name, "outguide"]);
    let own: Vec<String> = own.map(str::to_lowercase).filter(|part| part.chars().count() >= 3).collect();
    if left_of(&plain, own.iter().map(String::as_str)) < OWN_CHARS_MIN {
        return Err(WeakPassword::Named);
    }
    if is_a_pattern(&plain) || left_of(&plain, COMMON.into_iter()) < OWN_CHARS_MIN {
        return Err(WeakPassword::Common);
    }
    Ok(())
}

/// Letters that are left without these parts, or all characters if none of the parts is in it.
fn left_of<'a>(password: &str, parts: impl Iterator<Item = &'a str>) -> usize {
    let mut rest = password.to_owned();
    for part in parts {
        rest = rest.replace(part, "");
    }
    if rest.len() == password.len() { usize::MAX } else { rest.chars().filter(|c| c.is_alphabetic()).count() }
}

/// A few characters again and again, or a run such as 123456789012 or abcdefghijkl, up or down.
fn is_a_pattern(password: &str) -> bool {
    let chars: Vec<char> = password.chars().collect();
    let kinds: std::collections::BTreeSet<_> = chars.iter().collect();
    let step = |pair: &[char]| match pair {
        [a, b] if a.is_ascii_digit() && b.is_ascii_digit() => {
            let step = (u32::from(*b) + 10 - u32::from(*a)) % 10;
            step <= 1 || step == 9
        }
        [a, b] => u32::from(*a).abs_diff(u32::from(*b)) <= 1,
        _ => false,
    };
    let runs = chars.windows(2).filter(|pair| step(pair)).count();
    kinds.len() <= 4 || runs * 4 >= chars.len() * 3 || repeats(&chars)
}

/// The same up to six characters over and over.
fn repeats(chars: &[char]) -> bool {
    (1..=6).any(|length| chars.iter().zip(chars.iter().skip(length)).all(|(a, b)| a == b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(password: &str, expect: Result<(), WeakPassword>) {
        assert_eq!(judge_password(password, "a.meier", "Anna Meier"), expect, "{password:?}");
    }

    #[test]
    fn long_and_unexpected_is_good_enough() {
        for good in [
            "correct horse battery staple",
            "kettle-orbit-4-lantern",
            "zx9!kd04Lq2m",
            "ein Löffel im Schnee",
            "        spaces count      in here",
            "日本語の長いパスワードです!",
        ] {
            check(good, Ok(()));
        }
        check(&"long enough ".repeat(30), Err(WeakPassword::TooLong));
    }

    #[test]
    fn what_everybody_tries_first_is_not() {
        for short in ["", "password", "zx9!kd04Lq2", "ééééééééééé"] {
            check(short, Err(WeakPassword::TooShort));
        }
        for common in [
            "password1234",
            "Passwort2026!",
            "passwordpassword",
            "qwertyuiop123",
            "123456789012",
            "098765432109",
            "111111111111",
            "abcdefghijklm",
            "abcabcabcabc",
            "Spital-2026-12",
            "1q2w3e4r5t6z",
            "letmeinletmein1",
        ] {
            check(common, Err(WeakPassword::Common));
        }
        for named in ["a.meier-2026!", "AnnaMeier1234", "outguide-2026", "meiermeiermeier"] {
            check(named, Err(WeakPassword::Named));
        }
    }
}
