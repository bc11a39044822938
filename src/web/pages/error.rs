//! What can go wrong with a page: one type, one answer. Causes are logged, never sent.

use super::restricted::GlassPage;
use super::{Frame, filters};
use crate::access::Permission;
use crate::secret::SecretError;
use crate::store::{NotRecorded, StoreError, Unchanged};
use crate::tracking::ChartId;
use crate::web::sent::{self, Sent};
use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

/// Seconds after which a browser or program may ask again.
const RETRY_AFTER_S: HeaderValue = HeaderValue::from_static("5");

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub(in crate::web) enum PageError {
    /// The address leads nowhere; the text says to what it would have led.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The request makes no sense; the text says why.
    #[error("{0}")]
    BadRequest(&'static str),
    /// The address exists, but not for this method.
    #[error("this address does not take that kind of request")]
    WrongMethod,
    /// Another site sent the request.
    #[error("the request came from another site")]
    CrossSite,
    /// The request is for another machine.
    #[error("the address names another machine than this one")]
    WrongHost,
    /// The rules of the file room are against what was asked; the text says why.
    #[error("{0}")]
    Refused(String),
    /// Several custodians are called what somebody typed, or none is: the page that asks which.
    #[error("it is not clear which custodian is meant")]
    Which(String),
    /// A chart that is opened with a reason only: which, the label of a folder, and where to go on.
    #[error("this chart is restricted")]
    Restricted(Box<(ChartId, String, String)>),
    /// Whoever asks may not.
    #[error("your account is not allowed to {}", .0.title())]
    NotAllowed(Permission),
    /// A proxy names somebody who has no account here.
    #[error("you are known to the hospital's sign-in, but have no account here")]
    WithoutAccount,
    /// It cannot be looked up who asks.
    #[error("it cannot be looked up now who you are")]
    Unsure,
    /// A password could not be worked on.
    #[error("the password could not be looked at")]
    Secret(#[from] SecretError),
    /// What was to be seen could not be written down, so it is not shown.
    #[error("this is not shown, because it cannot be written down who saw it: {0}")]
    NotNoted(NotRecorded),
    /// What was to be written is not on disk.
    #[error("this was not recorded: {0}")]
    NotRecorded(String),
    /// Answering took too long.
    #[error("this was not answered in time")]
    TooSlow,
    /// The request ended by a panic.
    #[error("something inside failed")]
    Broken,
    /// The database did not answer.
    #[error("the record cannot be read")]
    Store(#[from] StoreError),
    /// A template failed.
    #[error("the page could not be made")]
    Template(#[source] askama::Error),
}

#[derive(Template)]
#[template(path = "error.html", config = "src/web/askama.toml")]
struct ErrorPage {
    frame: Frame,
    title: &'static str,
    what: String,
    next: &'static str,
    /// It goes away by itself.
    heals: bool,
    /// The form that is refused: so that nothing has to be typed twice.
    sent: Option<Sent>,
    /// It may be sent again as it is.
    may_be_sent_again: bool,
}

impl ErrorPage {
    fn shown(&self) -> Vec<(String, String)> {
        self.sent.as_ref().map(Sent::typed).unwrap_or_default()
    }

    /// The form to be sent again: where to, and what.
    fn again(&self) -> Option<(&str, Vec<(String, String)>)> {
        let sent = self.sent.as_ref().filter(|_| self.may_be_sent_again)?;
        Some((sent.address(), sent.fields()?))
    }
}

impl PageError {
    fn status(&self) -> StatusCode {
        match self {
            PageError::NotFound(_) => StatusCode::NOT_FOUND,
            PageError::BadRequest(_) => StatusCode::BAD_REQUEST,
            PageError::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            PageError::CrossSite
            | PageError::NotAllowed(_)
            | PageError::Restricted(_)
            | PageError::WithoutAccount => StatusCode::FORBIDDEN,
            PageError::WrongHost => StatusCode::MISDIRECTED_REQUEST,
            PageError::Refused(_) => StatusCode::CONFLICT,
            PageError::Which(_) => StatusCode::UNPROCESSABLE_ENTITY,
            PageError::Store(_)
            | PageError::NotRecorded(_)
            | PageError::NotNoted(_)
            | PageError::Unsure
            | PageError::Secret(_) => StatusCode::SERVICE_UNAVAILABLE,
            PageError::TooSlow => StatusCode::SERVICE_UNAVAILABLE,
            PageError::Template(_) | PageError::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn title(&self) -> &'static str {
        match self {
            PageError::NotFound(_) => "Not found",
            PageError::BadRequest(_) | PageError::WrongMethod | PageError::Which(_) => "Not understood",
            PageError::CrossSite | PageError::WrongHost => "Refused",
            PageError::Refused(_) => "Not done",
            PageError::NotAllowed(_) => "Not allowed",
            PageError::Restricted(_) => "Restricted",
            PageError::WithoutAccount => "No account",
            PageError::NotNoted(_) => "Not shown",
            PageError::Unsure | PageError::Secret(_) => "Not possible now",
            PageError::NotRecorded(_) => "Not recorded",
            PageError::Store(StoreError::Busy) | PageError::TooSlow => "Too busy",
            PageError::Store(_) => "The record cannot be read",
            PageError::Template(_) | PageError::Broken => "Out of order",
        }
    }

    fn next(&self) -> &'static str {
        match self {
            PageError::NotFound(_) => {
                "Look for the chart by its number or label, or take an item of the menu."
            }
            PageError::BadRequest(_) | PageError::WrongMethod | PageError::Which(_) => {
                "Go back and try again from the page itself."
            }
            PageError::CrossSite => "Open Outguide itself and try again from its own page.",
            PageError::WrongHost => {
                "Open Outguide by the address that `outguide serve` prints, on this machine."
            }
            PageError::NotAllowed(_) => {
                "Nothing was changed. Take an item of the menu; if it belongs to your work, the administrator gives your \
                 account another role."
            }
            PageError::Restricted(_) => "Open the chart's page and say why your work needs it.",
            PageError::WithoutAccount => "Ask the administrator of Outguide for an account of the same name.",
            PageError::Unsure | PageError::Secret(_) | PageError::NotNoted(_) => {
                "Wait a moment, then load the page again. If it stays, tell the administrator: the reason is in the log \
                 (journalctl -u outguide)."
            }
            PageError::Refused(_) => {
                "Nothing was changed. Go back, load the page again and look how it is now."
            }
            PageError::NotRecorded(_) => {
                "Nothing was changed. Try again in a moment; if it stays so, tell the administrator: the reason is in the \
                 log (journalctl -u outguide)."
            }
            PageError::Store(StoreError::Busy) => "Wait a moment, then load the page again.",
            PageError::Store(_) => {
                "Load the page again in a moment. If it stays, tell the administrator: the reason is in the log \
                 (journalctl -u outguide). Keep the charts at hand until a scan is answered green again."
            }
            PageError::TooSlow => {
                "It is not known whether something was changed: load the page again in a moment and look before you try again."
            }
            PageError::Template(_) | PageError::Broken => {
                "Tell the administrator: the reason is in the log (journalctl -u outguide)."
            }
        }
    }

    /// Logs what is our own trouble; nobody's wrong address is.
    fn log(&self) {
        match self {
            PageError::Store(StoreError::Busy) => {
                tracing::warn!("page refused: too many wait for the database")
            }
            PageError::Store(error) => {
                let cause = std::error::Error::source(error).map(ToString::to_string);
                tracing::error!(%error, cause, "page failed");
            }
            PageError::Template(error) => tracing::error!(%error, "page could not be made"),
            PageError::Secret(error) => tracing::warn!(%error, "a password could not be looked at"),
            PageError::NotNoted(why) => {
                tracing::error!(%why, "a page was not shown: its view could not be noted")
            }
            PageError::CrossSite => tracing::info!("request from another site refused"),
            PageError::WrongHost => tracing::info!("request for another host refused"),
            PageError::NotRecorded(why) => tracing::error!(why, "a page's change was not recorded"),
            PageError::NotFound(_)
            | PageError::BadRequest(_)
            | PageError::WrongMethod
            | PageError::NotAllowed(_)
            | PageError::Restricted(_)
            | PageError::WithoutAccount
            | PageError::Unsure
            | PageError::TooSlow
            | PageError::Broken
            | PageError::Which(_)
            | PageError::Refused(_) => {}
        }
    }
}

impl<E: std::fmt::Display> From<Unchanged<E>> for PageError {
    fn from(error: Unchanged<E>) -> PageError {
        match error {
            Unchanged::Refused(why) => PageError::Refused(why.to_string()),
            Unchanged::NotRecorded(why) => PageError::NotRecorded(why.to_string()),
        }
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        self.log();
        if let PageError::Restricted(asked) = self {
            let (chart, label, to) = *asked;
            let form = GlassPage::new(chart, label, to);
            let body = form.render().unwrap_or_else(|_| "this chart is restricted".to_owned());
            return (StatusCode::FORBIDDEN, Html(body)).into_response();
        }
        if let PageError::Which(body) = self {
            return (StatusCode::UNPROCESSABLE_ENTITY, Html(body)).into_response();
        }
        let is_passing = matches!(self, PageError::Store(_) | PageError::NotNoted(_) | PageError::Unsure);
        let sent = sent::current();
        let page = ErrorPage {
            frame: Frame::bare(),
            title: self.title(),
            what: self.to_string(),
            next: self.next(),
            heals: is_passing && sent.is_none(),
            may_be_sent_again: is_passing || matches!(self, PageError::NotRecorded(_)),
            sent,
        };
        let body = page.render().unwrap_or_else(|_| format!("{}: {}", self.title(), self));
        let mut response = (self.status(), Html(body)).into_response();
        if matches!(self, PageError::Store(_) | PageError::NotRecorded(_)) {
            response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER_S);
        }
        response
    }
}
