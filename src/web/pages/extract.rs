//! Parts of a request, refused with a page of ours when they make no sense.

use super::PageError;
use axum::extract::rejection::{FormRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts};

/// A part of the address. One that cannot be is an address that does not exist.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(PageError))]
pub(super) struct Path<T>(pub(super) T);

/// What follows `?`.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(PageError))]
pub(super) struct Query<T>(pub(super) T);

/// A form's content.
#[derive(FromRequest)]
#[from_request(via(axum::extract::Form), rejection(PageError))]
pub(super) struct Form<T>(pub(super) T);

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

impl From<FormRejection> for PageError {
    fn from(_: FormRejection) -> PageError {
        PageError::BadRequest("the form did not arrive whole, or was larger than Outguide takes")
    }
}
