//! Parts of a request, refused with a page of ours when they make no sense.

use super::{PageError, pick};
use crate::web::App;
use axum::body::Body;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, RawForm, Request};
use axum::http::{HeaderValue, Method, header};
use serde::de::DeserializeOwned;

/// A part of the address. One that cannot be is an address that does not exist.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(PageError))]
pub(super) struct Path<T>(pub(super) T);

/// What follows `?`.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(PageError))]
pub(super) struct Query<T>(pub(super) T);

/// A form's content; a custodian that was typed is looked up (`pick.rs`).
pub(super) struct Form<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<App> for Form<T> {
    type Rejection = PageError;

    async fn from_request(request: Request, app: &App) -> Result<Form<T>, PageError> {
        let address = request.uri().path().to_owned();
        let RawForm(mut bytes) = RawForm::from_request(request, app).await.map_err(|_| NOT_WHOLE)?;
        if form_urlencoded::parse(&bytes).any(|(name, _)| pick::is_typed(&name)) {
            let fields = form_urlencoded::parse(&bytes).into_owned().collect();
            let fields = pick::resolve(app, &address, fields).await?;
            let coded = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
            bytes = coded.into();
        }
        let mut form = Request::new(Body::from(bytes));
        *form.method_mut() = Method::POST;
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
        form.headers_mut().insert(header::CONTENT_TYPE, kind);
        let axum::Form(form) = axum::Form::from_request(form, app).await.map_err(|_| NOT_READ)?;
        Ok(Form(form))
    }
}

const NOT_WHOLE: PageError =
    PageError::BadRequest("the form did not arrive whole, or was larger than Outguide takes");
/// It arrived whole, so this is no fault of the network.
const NOT_READ: PageError = PageError::BadRequest(
    "the form lacks a field, or has one that Outguide cannot read, such as words where a number must be",
);

impl From<PathRejection> for PageError {
    fn from(_: PathRejection) -> PageError {
        PageError::NotFound("page")
    }
}

impl From<QueryRejection> for PageError {
    fn from(_: QueryRejection) -> PageError {
        PageError::BadRequest("the address has a part after the ? that Outguide does not know")
    }
}
