//! What clients are told when something does not work: RFC 9457 problem details, with stable types.
//!
//! Invariant: a problem never repeats what the client sent of a patient, and never tells a cause from inside: those are logged.

use crate::store::{NotRecorded, StoreError, Unchanged};
use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::borrow::Cow;
use utoipa::ToSchema;

/// Seconds after which a client may try again what failed for want of time or room.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("2");

/// The kinds of problems; each has its own type, which never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// The request cannot be read.
    Malformed,
    /// The request can be read and asks for what cannot be.
    Invalid,
    /// No token, or one that is not good.
    Unauthorized,
    /// The token has not the scope.
    Forbidden,
    /// A chart is opened with a reason only.
    Restricted,
    /// Nothing is at this address.
    NotFound,
    /// The address does not take this method.
    MethodNotAllowed,
    /// The body is not JSON by its content type.
    NotJson,
    /// The body is larger than the limit.
    TooLarge,
    /// The rules of the file room are against it.
    Refused,
    /// The scan id belongs to another scan.
    ScanIdTaken,
    /// The scan is not on disk.
    NotRecorded,
    /// More is asked at once than there is room for.
    Busy,
    /// Answering took too long.
    TooSlow,
    /// Something inside failed.
    Internal,
}

impl ProblemKind {
    /// All kinds, in the order of the documentation.
    pub const ALL: [ProblemKind; 15] = [
        ProblemKind::NotRecorded,
        ProblemKind::Refused,
        ProblemKind::ScanIdTaken,
        ProblemKind::Malformed,
        ProblemKind::Invalid,
        ProblemKind::Unauthorized,
        ProblemKind::Forbidden,
        ProblemKind::Restricted,
        ProblemKind::NotFound,
        ProblemKind::MethodNotAllowed,
        ProblemKind::NotJson,
        ProblemKind::TooLarge,
        ProblemKind::Busy,
        ProblemKind::TooSlow,
        ProblemKind::Internal,
    ];

    /// Its name, as the help page's anchor (`problem-…`) ends.
    pub fn as_str(self) -> &'static str {
        match self {
            ProblemKind::Malformed => "malformed",
            ProblemKind::Invalid => "invalid",
            ProblemKind::Unauthorized => "unauthorized",
            ProblemKind::Forbidden => "forbidden",
            ProblemKind::Restricted => "restricted",
            ProblemKind::NotFound => "not-found",
            ProblemKind::MethodNotAllowed => "method-not-allowed",
            ProblemKind::NotJson => "not-json",
            ProblemKind::TooLarge => "too-large",
            ProblemKind::Refused => "refused",
            ProblemKind::ScanIdTaken => "scan-id-taken",
            ProblemKind::NotRecorded => "not-recorded",
            ProblemKind::Busy => "busy",
            ProblemKind::TooSlow => "too-slow",
            ProblemKind::Internal => "internal",
        }
    }

    /// What a person calls it.
    pub fn title(self) -> &'static str {
        match self {
            ProblemKind::Malformed => "The request cannot be read",
            ProblemKind::Invalid => "The request is not valid",
            ProblemKind::Unauthorized => "A good token is needed",
            ProblemKind::Forbidden => "The token does not allow this",
            ProblemKind::Restricted => "The chart is restricted",
            ProblemKind::NotFound => "Nothing is here",
            ProblemKind::MethodNotAllowed => "This address does not take this method",
            ProblemKind::NotJson => "The body must be JSON",
            ProblemKind::TooLarge => "The body is too large",
            ProblemKind::Refused => "The rules of the file room are against it",
            ProblemKind::ScanIdTaken => "The scan id was used before",
            ProblemKind::NotRecorded => "NOT RECORDED",
            ProblemKind::Busy => "Too much at once",
            ProblemKind::TooSlow => "The answer took too long",
            ProblemKind::Internal => "Something inside failed",
        }
    }

    /// The status that it is sent with.
    pub fn status(self) -> StatusCode {
        match self {
            ProblemKind::Malformed => StatusCode::BAD_REQUEST,
            ProblemKind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            ProblemKind::Unauthorized => StatusCode::UNAUTHORIZED,
            ProblemKind::Forbidden | ProblemKind::Restricted => StatusCode::FORBIDDEN,
            ProblemKind::NotFound => StatusCode::NOT_FOUND,
            ProblemKind::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            ProblemKind::NotJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ProblemKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            ProblemKind::ScanIdTaken | ProblemKind::Refused => StatusCode::CONFLICT,
            ProblemKind::NotRecorded | ProblemKind::Busy | ProblemKind::TooSlow => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            ProblemKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// A problem on its way to a client.
#[derive(Debug, Clone)]
pub struct Problem {
    kind: ProblemKind,
    detail: Cow<'static, str>,
    errors: Vec<FieldError>,
}

/// What is wrong with one field of a request.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FieldError {
    /// The field's name.
    pub field: Cow<'static, str>,
    /// What is wrong with it, and what it should be.
    pub message: Cow<'static, str>,
}

/// Problem details (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(super) struct ProblemBody {
    /// Stable identifier of the kind of problem: the address of its explanation, relative to this server.
    #[serde(rename = "type")]
    #[schema(example = "/help#problem-not-recorded")]
    kind: String,
    /// The kind in words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What went wrong this time, and what to do.
    detail: Cow<'static, str>,
    /// What is wrong with which field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FieldError>,
}

impl Problem {
    /// A problem with what went wrong this time; `detail` must not repeat anything of the request.
    pub fn new(kind: ProblemKind, detail: impl Into<Cow<'static, str>>) -> Problem {
        Problem { kind, detail: detail.into(), errors: Vec::new() }
    }

    /// A request of which some fields cannot be taken.
    pub fn of_fields(errors: Vec<FieldError>) -> Problem {
        Problem { errors, ..Problem::new(ProblemKind::Invalid, "some fields cannot be taken; see `errors`") }
    }

    /// The address, or the thing that it names, does not exist.
    pub fn not_found() -> Problem {
        Problem::new(
            ProblemKind::NotFound,
            "nothing is at this address; /api/v1/openapi.json lists what there is",
        )
    }

    /// Something inside failed; the cause is in the log.
    pub fn internal() -> Problem {
        Problem::new(ProblemKind::Internal, "the daemon could not answer; its log says why")
    }
}

impl FieldError {
    /// What is wrong with a field; `message` must not repeat its value.
    pub fn new(field: &'static str, message: impl Into<Cow<'static, str>>) -> FieldError {
        FieldError { field: field.into(), message: message.into() }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.kind.status();
        let body = ProblemBody {
            kind: format!("/help#problem-{}", self.kind.as_str()),
            title: self.kind.title(),
            status: status.as_u16(),
            detail: self.detail,
            errors: self.errors,
        };
        let mut response = (status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, RETRY_AFTER);
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Problem {
        if matches!(error, StoreError::Busy | StoreError::Closed) {
            return Problem::new(ProblemKind::Busy, "the database cannot answer now; ask again in a moment");
        }
        tracing::error!(error = &error as &dyn std::error::Error, "a question could not be answered");
        Problem::internal()
    }
}

impl From<NotRecorded> for Problem {
    fn from(why: NotRecorded) -> Problem {
        let detail = match why {
            NotRecorded::IdTaken => {
                return Problem::new(
                    ProblemKind::ScanIdTaken,
                    "another scan was recorded under this id; make a new id for each scan",
                );
            }
            NotRecorded::NoSuchStation => {
                let error = FieldError::new("station", "is no station; /api/v1/stations lists them");
                return Problem::of_fields(vec![error]);
            }
            NotRecorded::Database(_) => "the database failed; /readyz and the log say why",
            NotRecorded::QueueFull => "too many scans are waiting to be recorded",
            NotRecorded::TooSlow => "the database did not answer in time",
            NotRecorded::Closed => "the daemon is stopping",
        };
        // After TooSlow and Closed it may get there yet; under the same id it is recorded once all the same.
        let next =
            "take this scan as NOT on disk and deliver it again under the same id until it is answered";
        Problem::new(ProblemKind::NotRecorded, format!("{detail}; {next}"))
    }
}

impl<E: std::fmt::Display> From<Unchanged<E>> for Problem {
    fn from(why: Unchanged<E>) -> Problem {
        match why {
            Unchanged::Refused(why) => Problem::new(ProblemKind::Refused, why.to_string()),
            Unchanged::NotRecorded(why) => {
                let detail =
                    format!("{why}; nothing was changed, or it is not known: ask how it is, then try again");
                Problem::new(ProblemKind::NotRecorded, detail)
            }
        }
    }
}

impl From<PathRejection> for Problem {
    fn from(_: PathRejection) -> Problem {
        Problem::not_found()
    }
}

impl From<QueryRejection> for Problem {
    fn from(_: QueryRejection) -> Problem {
        Problem::new(
            ProblemKind::Malformed,
            "the part of the address after `?` cannot be read; /api/v1/openapi.json tells what it may be",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_kind_has_a_name_of_its_own() {
        let names: HashSet<_> = ProblemKind::ALL.into_iter().map(ProblemKind::as_str).collect();
        assert_eq!(names.len(), ProblemKind::ALL.len());
    }
}
