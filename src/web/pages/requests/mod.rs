//! Requests, pull lists, conflicts and the schedule, for people. Every form works without a script, and twice sent is once
//! done.

mod ask;
pub(super) mod chart;
mod conflicts;
mod list;
mod one;
mod print;
mod pulls;
mod schedule;

use super::extract::Form;
use super::{Frame, Page, PageError, filters, page};
use crate::access::Permission::{Request, Supervise, Work};
use crate::label::LabelKind;
use crate::paper::readable;
use crate::store::RequestView;
use crate::symbol::{Size, Symbol, Symbology};
use crate::web::App;
use crate::web::door::actor;
use crate::web::heavy::heavy;
use crate::web::router::SCHEDULE_BYTES_MAX;
use crate::web::routes::Needs::May;
use crate::web::routes::Routes;
use axum::extract::DefaultBodyLimit;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Most characters of a field that people fill in.
const TEXT_MAX: usize = 200;

/// The pages.
pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/requests", May(Request), list::list)
        .post("/requests", May(Request), ask::ask)
        .post("/requests/of", May(Request), list::of_requester)
        .post("/requests/to", May(Request), list::going_to)
        .get("/requests/new", May(Request), ask::form)
        .get("/requests/{request}", May(Request), one::show)
        .post("/requests/{request}", May(Request), one::step)
        .get("/requests/{request}/slip", May(Request), print::slip)
        .get("/pulls", May(Work), pulls::list)
        .get("/pulls/{list}", May(Work), pulls::show)
        .post("/pulls/{list}", May(Work), pulls::step)
        .get("/pulls/{list}/print", May(Work), print::list)
        .post("/pulls/{list}/print", May(Work), print::begin)
        .get("/conflicts", May(Work), conflicts::list)
        .get("/schedule", May(Work), schedule::show)
        .post("/schedule/again", May(Work), schedule::again)
        .post("/schedule/wants", May(Supervise), schedule::wants)
        .merge(
            Routes::new()
                .post("/schedule", May(Work), schedule::take)
                .with(|router| router.layer(DefaultBodyLimit::max(SCHEDULE_BYTES_MAX))),
        )
}

/// What a person typed, without blanks around it and without control characters; `None` if it is too long.
fn typed(text: &str) -> Option<String> {
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    let text = text.trim();
    (text.chars().count() <= TEXT_MAX).then(|| text.to_owned())
}

/// A reason, cut to its limit.
fn reason(text: Option<&str>) -> Option<String> {
    let text: String = text?.chars().filter(|c| !c.is_control()).take(TEXT_MAX).collect();
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// A time of the room as browsers send and take it.
fn local_input(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M").to_string()
}

fn from_local(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let local: DateTime = text.trim().parse().ok()?;
    local.to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp())
}

/// What stands below the bar code of a slip or list, to be typed.
fn code_text(app: &App, key: &str) -> Option<String> {
    readable(&app.intake.settings().formats, LabelKind::Request, key, Symbology::Code128).ok()
}

/// The bar codes of slips and lists, in order; none where the site's own label formats would not read it.
pub(super) async fn bar_codes(app: &App, keys: Vec<(String, Size)>) -> Result<BarCodes, PageError> {
    let settings = app.intake.settings();
    let drawn = move |(key, size): (String, Size)| {
        let text = readable(&settings.formats, LabelKind::Request, &key, Symbology::Code128).ok()?;
        Some(Symbol::new(Symbology::Code128, &text).ok()?.svg(size))
    };
    let codes: Vec<_> = heavy(move || keys.into_iter().map(drawn).collect()).await?;
    Ok(BarCodes(codes.into_iter()))
}

/// Bar codes that were drawn, to be put where they belong one after the other.
pub(super) struct BarCodes(std::vec::IntoIter<Option<String>>);

impl BarCodes {
    pub(super) fn next(&mut self) -> Option<String> {
        self.0.next().flatten()
    }
}

/// Where the volume of a request is, in words.
fn place(request: &RequestView) -> String {
    if request.is_missing {
        format!("missing, last with {}", request.at.name)
    } else if request.is_there() {
        format!("there already: {}", request.at.name)
    } else if request.in_transit {
        format!("on its way to {}", request.at.name)
    } else if request.is_home() && request.is_closed && !request.slot.is_empty() {
        // Whoever pulls it has no number to go by.
        format!("shelf {}, {}", request.home.name, request.slot)
    } else if request.is_home() {
        format!("shelf {}", request.home.name)
    } else {
        format!("with {}", request.at.name)
    }
}
