//! Who asks for a change: whoever is signed in, or the program whose token it is.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use std::convert::Infallible;

/// Who the audit log says made a change.
pub(super) struct Actor(pub(super) Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for Actor {
    type Rejection = Infallible;

    async fn from_request_parts(_parts: &mut Parts, _state: &S) -> Result<Actor, Infallible> {
        Ok(Actor(super::door::actor()))
    }
}
