//! Who may do what, and when a sign-in, a guess or a password is too much: values in, values out.
//!
//! Each role has the least that its work needs, and none has everything: who makes accounts sees no charts, who reads
//! the audit log changes none. A person with two jobs has two accounts.

mod name;
mod password;
mod permission;
mod pin;
mod role;
mod secret_hash;
mod throttle;
mod worth;

pub use name::{AccountName, BadName};
pub use password::{PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN, WeakPassword, judge_password};
pub use permission::{Permission, Permissions};
pub use pin::{PIN_DIGITS_MAX, PIN_DIGITS_MIN, WeakPin, judge_pin};
pub use role::Role;
pub use secret_hash::SecretHash;
pub use throttle::{FREE_TRIES_OF_ACCOUNT, FREE_TRIES_OF_ADDRESS, Tries};
pub use worth::{Over, SignInRules, SignInTimes, is_same_place};

/// What stands in the place of a station for a screen that shows the whole room: the one on the wall. No station is
/// called so.
pub const WHOLE_ROOM: &str = "*";

/// Numbers an account; never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct AccountId(pub i64);

/// Numbers a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct SignInId(pub i64);

/// Numbers an API token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct TokenId(pub i64);

macro_rules! shown_as_number {
    ($($name:ident),*) => {
        $(impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        })*
    };
}
shown_as_number!(AccountId, SignInId, TokenId);
