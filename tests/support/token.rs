//! Tokens for tests.

use outguide::access::Permission;
use outguide::secret::{draw_token, hash_of};
use outguide::store::{NewToken, Store};

/// Makes a token of these scopes.
pub(crate) async fn token(store: &Store, scopes: &[Permission]) -> String {
    let token = draw_token("og_").unwrap();
    let new = NewToken { name: "tests".into(), scopes: scopes.iter().copied().collect(), until: None };
    store.add_token(new, hash_of(&token), "tests".into()).await.unwrap();
    token
}
