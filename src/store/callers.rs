//! Who asks: what is known of an account or a program for as long as it is in.

use super::desks::Desk;
use crate::access::{AccountId, Over, Permissions, Role, SignInId};
use std::sync::Arc;

/// Who asks: an account by its sign-in, or a program by its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// What came in: a sign-in of an account, or a token.
    pub by: CameBy,
    /// What records call them.
    pub name: String,
    /// What people read.
    pub full_name: String,
    /// The account's role; a program has none.
    pub role: Option<Role>,
    /// What they may do.
    pub may: Permissions,
    /// The one station that a display shows.
    pub station: Option<String>,
    /// The desk at which they signed in, if it is one that many share.
    pub desk: Option<Desk>,
}

/// How somebody came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CameBy {
    /// Signed in with this browser.
    SignIn(AccountId, SignInId),
    /// Named by the proxy in front of us.
    Proxy(AccountId),
    /// A program with a token.
    Token(crate::access::TokenId),
}

impl Caller {
    /// The account; a program has none.
    pub fn account(&self) -> Option<AccountId> {
        match self.by {
            CameBy::SignIn(account, _) | CameBy::Proxy(account) => Some(account),
            CameBy::Token(_) => None,
        }
    }

    /// The sign-in, if it was one.
    pub fn sign_in(&self) -> Option<SignInId> {
        match self.by {
            CameBy::SignIn(_, sign_in) => Some(sign_in),
            CameBy::Proxy(_) | CameBy::Token(_) => None,
        }
    }
}

/// What a cookie or token is worth now.
#[derive(Debug, Clone)]
pub enum Worth {
    /// It lets this caller in.
    Good(Arc<Caller>),
    /// It lets nobody in any more; whose it was, if that is known.
    Over(Over, Option<Arc<Caller>>),
}
