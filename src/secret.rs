//! Secrets: drawing them, and keeping of them only what cannot be turned back. Passwords cost what OWASP asks for
//! (Argon2id, 19 MiB, two passes); at most two are worked on at once, so that guessing takes no memory from the scans.

use crate::access::SecretHash;
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::sync::{Arc, LazyLock};
use tokio::sync::Semaphore;

/// Passwords that are worked on at once.
const AT_ONCE: usize = 2;
/// Passwords that wait; more are turned away.
const WAITING_MAX: usize = 32;
/// Bytes of a token: 256 bits.
const TOKEN_BYTES: usize = 32;
/// Characters of a one-time code: 100 bits.
const CODE_CHARS: usize = 20;
/// Letters and digits that nobody confuses (Crockford's base 32).
const CODE_LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A secret could not be drawn or worked on.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The machine has no random numbers.
    #[error("no random numbers can be drawn: {0}")]
    Random(#[from] getrandom::Error),
    /// The password could not be hashed.
    #[error("a password could not be hashed: {0}")]
    Hash(String),
    /// Too many passwords wait to be looked at.
    #[error("too many sign in at once")]
    Busy,
}

/// A token of 256 random bits, in hexadecimal, after what says what it is.
///
/// # Errors
/// The machine has no random numbers.
pub fn draw_token(prefix: &str) -> Result<String, SecretError> {
    let mut bytes = [0; TOKEN_BYTES];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().fold(prefix.to_owned(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    }))
}

/// A code that somebody types once, in groups of five.
///
/// # Errors
/// The machine has no random numbers.
pub fn draw_code() -> Result<String, SecretError> {
    let mut bytes = [0; CODE_CHARS];
    getrandom::fill(&mut bytes)?;
    let letters = bytes.iter().filter_map(|byte| CODE_LETTERS.get(usize::from(byte % 32)));
    let letters: Vec<char> = letters.map(|letter| char::from(*letter)).collect();
    let groups: Vec<String> = letters.chunks(5).map(|group| group.iter().collect()).collect();
    Ok(groups.join("-"))
}

/// What is kept of a token.
pub fn hash_of(token: &str) -> SecretHash {
    SecretHash(Sha256::digest(token).into())
}

/// What is kept of a code, however it is typed: case, blanks and hyphens do not count, and O, I and L are read as what
/// they were meant for.
pub fn hash_of_code(typed: &str) -> SecretHash {
    let plain: String = typed
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect();
    hash_of(&plain)
}

/// Works on passwords, a few at once. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Passwords {
    working: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Passwords {
        Passwords {
            working: Arc::new(Semaphore::new(AT_ONCE)),
            waiting: Arc::new(Semaphore::new(WAITING_MAX)),
        }
    }
}

/// Compared with when there is no password, so that a name that is not known takes as long as one that is.
static NOBODYS: LazyLock<String> = LazyLock::new(|| hash("nobody has this password").unwrap_or_default());

impl Passwords {
    /// What is kept of a password, as a PHC string.
    ///
    /// # Errors
    /// Too many wait, or it could not be hashed.
    pub async fn hash(&self, password: String) -> Result<String, SecretError> {
        self.work(move || hash(&password)).await?
    }

    /// Whether it is the password; `None` is nobody's, and takes as long.
    ///
    /// # Errors
    /// Too many wait.
    pub async fn is_right(&self, password: String, kept: Option<String>) -> Result<bool, SecretError> {
        self.work(move || {
            let is_somebodys = kept.is_some();
            let kept = kept.unwrap_or_else(|| NOBODYS.clone());
            let right = PasswordHash::new(&kept)
                .is_ok_and(|kept| Argon2::default().verify_password(password.as_bytes(), &kept).is_ok());
            right && is_somebodys
        })
        .await
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, SecretError> {
        let _place = self.waiting.try_acquire().map_err(|_| SecretError::Busy)?;
        let working = Arc::clone(&self.working).acquire_owned().await.map_err(|_| SecretError::Busy)?;
        let done = tokio::task::spawn_blocking(move || {
            // Held by the work itself: whoever asked may be gone by now.
            let _working = working;
            work()
        });
        done.await.map_err(|error| SecretError::Hash(error.to_string()))
    }
}

fn hash(password: &str) -> Result<String, SecretError> {
    let hashed = Argon2::default().hash_password(password.as_bytes());
    hashed.map(|hashed| hashed.to_string()).map_err(|error| SecretError::Hash(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn what_is_drawn_is_long_and_never_the_same() {
        let tokens: HashSet<_> = (0..100).map(|_| draw_token("og_").unwrap()).collect();
        assert_eq!(tokens.len(), 100);
        assert!(tokens.iter().all(|token| token.starts_with("og_") && token.len() == 3 + 64));
        let codes: HashSet<_> = (0..100).map(|_| draw_code().unwrap()).collect();
        assert_eq!(codes.len(), 100);
        assert!(codes.iter().all(|code| code.len() == 23 && !code.contains(['I', 'L', 'O', 'U'])));
    }

    #[test]
    fn a_code_is_known_however_it_is_typed() {
        assert_eq!(hash_of_code("01ABC-DEFGH"), hash_of_code(" oiabc defgh "));
        assert_ne!(hash_of_code("01ABC-DEFGH"), hash_of_code("01ABC-DEFGJ"));
    }

    #[tokio::test]
    async fn only_the_password_is_right() {
        let passwords = Passwords::default();
        let kept = passwords.hash("kettle orbit lantern".into()).await.unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert!(passwords.is_right("kettle orbit lantern".into(), Some(kept.clone())).await.unwrap());
        assert!(!passwords.is_right("kettle orbit lanterns".into(), Some(kept)).await.unwrap());
        assert!(!passwords.is_right("nobody has this password".into(), None).await.unwrap());
        assert!(!passwords.is_right(String::new(), Some("no hash".into())).await.unwrap());
    }
}
