//! Accounts for tests: one of each role, signed in without a password.

use outguide::access::{AccountName, Role};
use outguide::secret::{draw_code, draw_token, hash_of, hash_of_code};
use outguide::store::{NewAccount, Store};

/// Makes an account of this role, named after it, and signs it in from an address; the value of its cookie.
pub(crate) async fn sign_in(store: &Store, role: Role, station: Option<&str>, address: &str) -> String {
    sign_in_as(store, role.as_str(), role, station, address).await
}

/// The same by another name.
pub(crate) async fn sign_in_as(
    store: &Store,
    name: &str,
    role: Role,
    station: Option<&str>,
    address: &str,
) -> String {
    let new = NewAccount {
        name: AccountName::parse(name).unwrap(),
        full_name: format!("Some {}", role.as_str()),
        role,
        station: station.map(str::to_owned),
    };
    let code = draw_code().unwrap();
    let account = store.add_account(new, hash_of_code(&code), None).await.unwrap();
    let token = draw_token("").unwrap();
    store.sign_in(account, hash_of(&token), address.to_owned()).await.unwrap();
    token
}
