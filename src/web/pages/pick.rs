//! A custodian is chosen: from a list where there are few, by name, code or label where there are many. One way for every
//! form, with and without a script.
//!
//! A field `to.id` was typed: it becomes `to`, the custodian's id, before the form's handler sees it (`extract.rs`).
//! Where it is not clear who is meant, the answer is the few that fit, with everything else that was filled in.

use super::again::Again;
use super::{Frame, PageError, filters, page};
use crate::access::Permission::{Locate, Print, Request, Supervise, Work};
use crate::label::{LabelKind, Reading};
use crate::store::{Choosable, Named, StoreError};
use crate::tracking::CustodianId;
use crate::tracking::choosing::{Choice, Offer, choose, written};
use crate::web::{App, door};
use askama::Template;
use std::sync::Arc;

/// Most custodians that a list shows; a page may have several lists.
const FEW: usize = 40;
/// Most that are asked about.
const FITS_MAX: usize = 20;
/// Longest name and code of a custodian together, with what stands between them, in characters.
const TYPED_CHARS_MAX: usize = 160;

/// What a form calls a custodian by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    Id,
    Code,
    /// A place that is searched.
    Desk,
}

/// The lists of a page: none where there are too many for one.
pub(super) struct Picks {
    few: Option<Arc<[Named]>>,
}

/// A field for a custodian.
#[derive(Template)]
#[template(path = "picker.html", config = "src/web/askama.toml")]
pub(super) struct Picker {
    element: String,
    field: &'static str,
    says: Says,
    label: Option<String>,
    /// What the list says for no custodian, if there may be none.
    nobody: Option<&'static str>,
    is_required: bool,
    chosen: Option<Named>,
    few: Option<Arc<[Named]>>,
    /// What the form that is refused held.
    sent: Option<String>,
    marks: String,
    beside: String,
}

impl Picks {
    pub(super) async fn load(app: &App) -> Result<Picks, StoreError> {
        Ok(Picks { few: app.store.few_custodians(FEW).await?.map(Arc::from) })
    }

    /// But for one: nothing is handed over to who has it.
    pub(super) fn without(self, custodian: CustodianId) -> Picks {
        let others = |few: Arc<[Named]>| few.iter().filter(|one| one.id != custodian).cloned().collect();
        Picks { few: self.few.map(others) }
    }

    /// A field that has to be filled in.
    pub(super) fn picker(&self, element: impl Into<String>, field: &'static str) -> Picker {
        Picker {
            element: element.into(),
            field,
            says: Says::Id,
            label: None,
            nobody: Some("–"),
            is_required: true,
            chosen: None,
            few: self.few.clone(),
            sent: None,
            marks: String::new(),
            beside: String::new(),
        }
    }
}

impl Picker {
    /// It may stay empty, which means this.
    pub(super) fn or(self, nobody: &'static str) -> Picker {
        Picker { nobody: Some(nobody), is_required: false, ..self }
    }

    /// It begins with this one.
    pub(super) fn chosen(self, chosen: Option<Named>) -> Picker {
        Picker { chosen, ..self }
    }

    /// There has always been one.
    pub(super) fn instead_of(self, chosen: &Named) -> Picker {
        Picker { chosen: Some(chosen.clone()), nobody: None, ..self }
    }

    /// What it is for, where nothing beside it says so.
    pub(super) fn labelled(self, label: String) -> Picker {
        Picker { label: Some(label), ..self }
    }

    /// In a form that comes back it holds what it held, and says what is wrong with it.
    pub(super) fn again(self, again: Option<&Again>, form: &str) -> Picker {
        let Some(again) = again else { return self };
        let name = if self.few.is_some() {
            self.field.to_owned()
        } else {
            format!("{}{}", self.field, self.says.suffix())
        };
        Picker {
            sent: again.typed(form, &name).map(str::to_owned),
            marks: again.marks(form, self.field),
            beside: again.beside(form, self.field),
            ..self
        }
    }

    /// The form wants the code.
    pub(super) fn by_code(self) -> Picker {
        Picker { says: Says::Code, ..self }
    }

    /// The form wants a place to search.
    pub(super) fn by_desk(self) -> Picker {
        Picker { says: Says::Desk, ..self }
    }

    fn value(&self, one: &Named) -> String {
        self.says.value(one)
    }

    fn is_chosen(&self, one: &Named) -> bool {
        match &self.sent {
            Some(sent) => *sent == self.value(one),
            None => self.chosen.as_ref().is_some_and(|chosen| chosen.id == one.id),
        }
    }

    /// The chosen one, if the list has not got it: it is closed.
    fn besides<'a>(&'a self, few: &[Named]) -> Option<&'a Named> {
        self.chosen.as_ref().filter(|chosen| few.iter().all(|one| one.id != chosen.id))
    }

    fn typed(&self) -> String {
        let chosen = || self.chosen.as_ref().map(|chosen| written(&chosen.name, &chosen.code));
        self.sent.clone().or_else(chosen).unwrap_or_default()
    }
}

impl Says {
    const ALL: [Says; 3] = [Says::Id, Says::Code, Says::Desk];

    fn suffix(self) -> &'static str {
        match self {
            Says::Id => ".id",
            Says::Code => ".code",
            Says::Desk => ".desk",
        }
    }

    fn value(self, one: &Named) -> String {
        match self {
            Says::Id => one.id.to_string(),
            Says::Code => one.code.clone(),
            Says::Desk => format!("desk {}", one.id),
        }
    }
}

/// A custodian that is on file under this number, for a form that is shown again.
pub(super) async fn of_id(app: &App, id: &str) -> Result<Option<Named>, StoreError> {
    match id.trim().parse() {
        Ok(id) => app.store.custodian_named(CustodianId(id)).await,
        Err(_) => Ok(None),
    }
}

#[derive(Template)]
#[template(path = "which.html", config = "src/web/askama.toml")]
struct WhichPage {
    frame: Frame,
    typed: String,
    /// Where the form goes.
    address: String,
    /// The field that is not clear, as it was typed and as it will be.
    asked: String,
    field: String,
    /// What to send, and of whom.
    fits: Vec<(String, Choosable)>,
    /// How many more fit.
    more: usize,
    /// Everything else that was filled in.
    kept: Vec<(String, String)>,
}

/// What was typed becomes whom it means, in every field where somebody typed.
pub(super) async fn resolve(
    app: &App,
    address: &str,
    mut fields: Vec<(String, String)>,
) -> Result<Vec<(String, String)>, PageError> {
    // Who may see no custodians is not told of any.
    if ![Locate, Request, Work, Supervise, Print].into_iter().any(door::may) {
        return Ok(fields);
    }
    let all = app.store.choosable().await?;
    for at in 0..fields.len() {
        let Some((asked, typed)) = fields.get(at).cloned() else { continue };
        let Some((field, says)) = typed_field(&asked) else { continue };
        let value = if typed.trim().is_empty() {
            String::new()
        } else {
            match meant(app, &typed, &all).await? {
                Ok(one) => says.value(&one.custodian),
                Err(among) => {
                    fields.remove(at);
                    let more = among.len().saturating_sub(FITS_MAX);
                    let fits = among.into_iter().take(FITS_MAX);
                    return Err(which(WhichPage {
                        frame: Frame::new(app, &app.site(), ""),
                        typed: typed.trim().chars().take(TYPED_CHARS_MAX).collect(),
                        address: address.to_owned(),
                        field: field.to_owned(),
                        fits: fits.map(|one| (says.value(&one.custodian), one.clone())).collect(),
                        more,
                        kept: fields,
                        asked,
                    }));
                }
            }
        };
        if let Some(slot) = fields.get_mut(at) {
            *slot = (field.to_owned(), value);
        }
    }
    Ok(fields)
}

/// Whether a field is one where somebody typed.
pub(super) fn is_typed(name: &str) -> bool {
    typed_field(name).is_some()
}

fn typed_field(name: &str) -> Option<(&str, Says)> {
    Says::ALL.into_iter().find_map(|says| Some((name.strip_suffix(says.suffix())?, says)))
}

async fn meant<'a>(
    app: &App,
    typed: &str,
    all: &'a [Choosable],
) -> Result<Result<&'a Choosable, Vec<&'a Choosable>>, StoreError> {
    let offer = |one: &'a Choosable| Offer {
        code: &one.custodian.code,
        name: &one.custodian.name,
        is_closed: one.is_closed,
    };
    let offers: Vec<Offer<'_>> = all.iter().map(offer).collect();
    let among = match choose(typed, &offers) {
        Choice::One(at) => match all.get(at) {
            Some(one) => return Ok(Ok(one)),
            None => Vec::new(),
        },
        Choice::Among(among) => among,
    };
    // A label that was scanned into the field.
    let key = match app.intake.settings().formats.read(typed.trim().as_bytes()).reading {
        Reading::Label(label) if label.kind == LabelKind::Custodian => label.key,
        _ => typed.trim().to_owned(),
    };
    let by_label = app.store.custodian_of_label(key).await?;
    Ok(match all.iter().find(|one| Some(one.custodian.id) == by_label) {
        Some(one) => Ok(one),
        None => Err(among.into_iter().filter_map(|at| all.get(at)).collect()),
    })
}

fn which(asked: WhichPage) -> PageError {
    match page(&asked) {
        Ok(html) => PageError::Which(html.0),
        Err(error) => error,
    }
}
