//! A form that is refused comes back as it was filled in, with what is wrong beside its field.

use super::{PageError, filters};
use crate::store::Unchanged;
use crate::web::sent;
use askama::Template;
use axum::http::StatusCode;

/// Why a form is refused.
pub(super) enum Wrong {
    /// A field of this name cannot be taken; what to write instead.
    Field(&'static str, String),
    /// The rules of the file room are against what is in a field; without a name, against the whole.
    Against(&'static str, String),
    /// There is no form to come back to.
    Page(PageError),
}

/// A form that comes back. One page may have several.
pub(super) struct Again {
    form: String,
    field: &'static str,
    why: String,
    typed: Vec<(String, String)>,
}

/// What is wrong, beside its field.
#[derive(Template)]
#[template(path = "beside.html", config = "src/web/askama.toml")]
struct Beside<'a> {
    id: String,
    why: &'a str,
}

impl Again {
    /// The form of this name, as the request that is answered holds it, with the status of the answer.
    ///
    /// # Errors
    /// There is no form to come back to.
    pub(super) fn new(form: &str, wrong: Wrong) -> Result<(StatusCode, Again), PageError> {
        let (status, field, why) = match wrong {
            Wrong::Field(field, why) => (StatusCode::UNPROCESSABLE_ENTITY, field, why),
            Wrong::Against(field, why) => (StatusCode::CONFLICT, field, why),
            Wrong::Page(error) => return Err(error),
        };
        let typed = sent::current().and_then(|sent| sent.fields()).unwrap_or_default();
        Ok((status, Again { form: form.to_owned(), field, why, typed }))
    }

    /// What is wrong, unless it stands beside a field.
    pub(super) fn as_a_whole(&self) -> Option<&str> {
        self.field.is_empty().then_some(self.why.as_str())
    }

    /// What was typed into a field.
    pub(super) fn typed(&self, form: &str, field: &str) -> Option<&str> {
        let mut typed = self.typed.iter().filter(|_| self.form == form);
        typed.find(|(name, _)| name == field).map(|(_, value)| value.as_str())
    }

    /// Attributes of a field that is wrong.
    pub(super) fn marks(&self, form: &str, field: &str) -> String {
        match self.is_wrong(form, field) {
            true => format!(" aria-invalid=\"true\" aria-describedby=\"{form}-{field}-why\" autofocus"),
            false => String::new(),
        }
    }

    /// What stands beside a field that is wrong.
    pub(super) fn beside(&self, form: &str, field: &str) -> String {
        let beside = Beside { id: format!("{form}-{field}-why"), why: &self.why };
        let is_wrong = self.is_wrong(form, field);
        is_wrong.then(|| beside.render().ok()).flatten().unwrap_or_default()
    }

    fn is_wrong(&self, form: &str, field: &str) -> bool {
        self.form == form && self.field == field
    }
}

impl From<PageError> for Wrong {
    fn from(error: PageError) -> Wrong {
        Wrong::Page(error)
    }
}

impl<E: std::fmt::Display> From<Unchanged<E>> for Wrong {
    fn from(error: Unchanged<E>) -> Wrong {
        match error {
            Unchanged::Refused(why) => Wrong::Against("", why.to_string()),
            error @ Unchanged::NotRecorded(_) => Wrong::Page(error.into()),
        }
    }
}
