//! A form that was not answered when it was sent, shown to be sent again: after signing in, and after opening a chart.

use super::{Frame, Page, filters, page};
use crate::web::sent::IN_PARTS;
use askama::Template;

/// What stood in its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Was {
    /// Nobody was signed in any more.
    SignedOut,
    /// The chart was closed (again).
    Closed,
}

#[derive(Template)]
#[template(path = "resend.html", config = "src/web/askama.toml")]
struct Resend {
    frame: Frame,
    was: Was,
    send: String,
    fields: Vec<(String, String)>,
}

/// The form, to be sent again to `send`, an address of this site.
pub(super) fn resend(was: Was, send: String, fields: Vec<(String, String)>) -> Page {
    page(&Resend { frame: Frame::bare(), was, send, fields })
}

impl Resend {
    fn is_in_parts(&self) -> bool {
        self.send == IN_PARTS
    }

    /// What a person put in, and no numbers that only the form knows.
    fn shown(&self) -> Vec<&(String, String)> {
        self.fields.iter().filter(|(name, value)| crate::web::sent::is_typed(name, value)).collect()
    }
}
