//! What is kept of a token, cookie or code.

use std::fmt;

/// The SHA-256 of a secret of at least 100 random bits: nothing slower is needed, and the secret itself is nowhere.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecretHash(pub [u8; 32]);

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(…)")
    }
}
