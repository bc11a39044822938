//! What those are told who may not: pages get the sign-in form with what they had typed carried along, programs a
//! problem.

use super::visitor::Visitor;
use crate::access::{Over, Permission, WHOLE_ROOM};
use crate::web::App;
use crate::web::pages::{PageError, sign_in};
use crate::web::problem::{Problem, ProblemKind};
use crate::web::sent::{self, IN_PARTS, Sent};
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// What the names of carried fields begin with.
pub(in crate::web) const CARRIED: &str = "carried.";

/// Why a request is not answered.
pub(in crate::web) enum Refusal {
    /// Whoever asks is known and may not.
    Forbidden(Permission),
    /// Nobody is known to ask.
    Unknown(Visitor),
}

/// Put into the answer: it is to be written down.
#[derive(Debug, Clone)]
pub(super) struct WasRefused(pub(super) String);

/// Answers a request that is refused.
pub(in crate::web) async fn refuse(why: Refusal, request: Request) -> Response {
    let is_api = request.uri().path().starts_with("/api/");
    match why {
        // A desk that has locked: whoever unlocks it goes on with what they were at.
        Refusal::Forbidden(_) if !is_api && is_locked_desk(&request) => sign_in_here(None, request).await,
        Refusal::Forbidden(permission) => {
            let mut response = if is_api {
                let detail = format!("the token has no scope `{}`", permission.as_str());
                Problem::new(ProblemKind::Forbidden, detail).into_response()
            } else {
                PageError::NotAllowed(permission).into_response()
            };
            let what = WasRefused(format!("needs {}", permission.as_str()));
            response.extensions_mut().insert(what);
            response
        }
        Refusal::Unknown(Visitor::Unsure) if is_api => {
            Problem::new(ProblemKind::Busy, "it cannot be looked up now who asks").into_response()
        }
        Refusal::Unknown(Visitor::Unsure) => PageError::Unsure.into_response(),
        Refusal::Unknown(visitor) if is_api => unauthorized(&visitor),
        Refusal::Unknown(Visitor::WithoutAccount) => PageError::WithoutAccount.into_response(),
        Refusal::Unknown(Visitor::Over(over)) => sign_in_here(Some(over), request).await,
        Refusal::Unknown(Visitor::Nobody | Visitor::Somebody(_)) => sign_in_here(None, request).await,
    }
}

fn is_locked_desk(request: &Request) -> bool {
    match Visitor::of(request) {
        Visitor::Somebody(caller) => caller.station.as_ref().is_some_and(|station| station != WHOLE_ROOM),
        _ => false,
    }
}

fn unauthorized(visitor: &Visitor) -> Response {
    let detail = match visitor {
        Visitor::Over(Over::Unknown) => {
            "this token or sign-in is not known; an administrator makes tokens under /tokens"
        }
        Visitor::Over(Over::Ended) => {
            "this token or sign-in was ended; an administrator makes tokens under /tokens"
        }
        Visitor::Over(Over::Aged) => {
            "the time of this token or sign-in is over; an administrator makes tokens under /tokens"
        }
        Visitor::Over(over) => over.sentence(),
        _ => "send `Authorization: Bearer` and a token; an administrator makes one under /tokens",
    };
    let mut response = Problem::new(ProblemKind::Unauthorized, detail).into_response();
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}

/// The sign-in form in the place of the page; a form that was sent is carried along.
async fn sign_in_here(over: Option<Over>, request: Request) -> Response {
    let is_form = request.method() == Method::POST;
    let address = request.uri().path_and_query().map_or("/", |address| address.as_str()).to_owned();
    let form = sign_in::Form::new(over);
    let form = match carried(request).await {
        Some((sent, fields)) => form.carrying(sent.address().to_owned(), fields),
        None if !is_form => form.going_to(address),
        None if address == IN_PARTS => form.having_lost().going_to(address),
        None => form.having_lost(),
    };
    (StatusCode::UNAUTHORIZED, sign_in::page_of(form)).into_response()
}

/// A form that was sent, and its fields, if they fit into the form that carries them.
async fn carried(request: Request) -> Option<(Sent, Vec<(String, String)>)> {
    let bytes_max = request.extensions().get::<App>()?.limits.body_bytes_max;
    let sent = sent::carried(request, bytes_max / 4 * 3).await?;
    let fields = sent.fields()?;
    Some((sent, fields))
}
