//! Accounts for whoever has a shell on the machine: the way in when there is no other. Asked through the control socket, or
//! with the database itself while no daemon runs.

use crate::access::{AccountName, Permission, Permissions, Role};
use crate::secret::{SecretError, draw_code, draw_token, hash_of, hash_of_code};
use crate::store::{AccountRefused, AccountView, NewAccount, NewToken, Store, StoreError, Unchanged};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What can be asked about accounts.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "account", rename_all = "kebab-case")]
pub enum AccountQuestion {
    /// All there are.
    List,
    /// A new one; the answer has its one-time code.
    Add {
        /// What is typed to sign in.
        name: String,
        /// What people read.
        full_name: String,
        /// What it is for.
        role: String,
        /// The station of a display.
        station: Option<String>,
    },
    /// A new one-time code.
    Reset {
        /// Whose.
        name: String,
    },
    /// Closed for good.
    Close {
        /// Whose.
        name: String,
    },
    /// A token for a program; the answer has it.
    Token {
        /// Which program.
        name: String,
        /// What it may do.
        scopes: Vec<String>,
    },
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("{0}")]
    Wrong(String),
    #[error(transparent)]
    Unchanged(#[from] Unchanged<AccountRefused>),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Secret(#[from] SecretError),
}

/// Does what is asked, and tells it as one object; `error` if nothing was done. The records say which user of the
/// machine it was.
pub async fn answer(store: &Store, question: AccountQuestion, uid: u32) -> Value {
    let actor = format!("shell uid {uid}");
    match act(store, question, actor).await {
        Ok(answer) => answer,
        Err(trouble) => json!({ "error": trouble.to_string() }),
    }
}

async fn act(store: &Store, question: AccountQuestion, actor: String) -> Result<Value, Trouble> {
    match question {
        AccountQuestion::List => {
            let accounts = store.accounts().await?;
            Ok(json!({ "accounts": accounts.iter().map(shown).collect::<Vec<_>>() }))
        }
        AccountQuestion::Add { name, full_name, role, station } => {
            let wrong = |what: &str| Trouble::Wrong(what.to_owned());
            let name = AccountName::parse(&name).map_err(|why| wrong(&why.to_string()))?;
            let role = Role::named(&role).ok_or_else(|| {
                let known = Role::ALL.map(Role::as_str).join(", ");
                wrong(&format!("there is no such role; known are {known}"))
            })?;
            let code = draw_code()?;
            let new = NewAccount { name, full_name, role, station };
            store.add_account(new, hash_of_code(&code), Some(actor)).await?;
            Ok(json!({ "code": code }))
        }
        AccountQuestion::Reset { name } => {
            let account = find(store, &name).await?;
            let code = draw_code()?;
            store.reset_account(account.id, hash_of_code(&code), Some(actor)).await?;
            Ok(json!({ "code": code }))
        }
        AccountQuestion::Close { name } => {
            let account = find(store, &name).await?;
            store.close_account(account.id, Some(actor)).await?;
            Ok(json!({ "closed": account.name }))
        }
        AccountQuestion::Token { name, scopes } => {
            let known = Permission::OF_TOKENS.map(Permission::as_str);
            if scopes.is_empty() || !scopes.iter().all(|scope| known.contains(&scope.as_str())) {
                let what = format!("give --scope one or more of {}", known.join(", "));
                return Err(Trouble::Wrong(what));
            }
            let scopes: Permissions = scopes.iter().filter_map(|scope| Permission::named(scope)).collect();
            let token = draw_token("og_")?;
            store.add_token(NewToken { name, scopes, until: None }, hash_of(&token), actor).await?;
            Ok(json!({ "token": token }))
        }
    }
}

async fn find(store: &Store, name: &str) -> Result<AccountView, Trouble> {
    let accounts = store.accounts().await?;
    let found = accounts.into_iter().find(|account| account.name == name);
    found.ok_or_else(|| {
        Trouble::Wrong("there is no account of this name; `outguide account list` shows all".to_owned())
    })
}

fn shown(account: &AccountView) -> Value {
    json!({
        "name": account.name,
        "full_name": account.full_name,
        "role": account.role.map(Role::as_str),
        "station": account.station,
        "state": if account.closed_at.is_some() { "closed" } else if account.has_password { "open" } else { "no password yet" },
        "signed_in": account.sign_ins,
    })
}
