//! The manual inside the program, for the clerk and the administrator.

use super::mark::{Mark, next_step, scanner_signal};
use super::{Frame, Page, filters, page};
use crate::tracking::{Signal, Verdict};
use crate::web::App;
use crate::web::problem::ProblemKind;
use askama::Template;
use axum::extract::State;

#[derive(Template)]
#[template(path = "help.html", config = "src/web/askama.toml")]
struct HelpPage {
    frame: Frame,
    outcomes: Vec<Row>,
    problems: Vec<(&'static str, &'static str)>,
}

/// An outcome in the table.
struct Row {
    mark: Mark,
    look: &'static str,
    signal: &'static str,
    next: &'static str,
}

/// The manual.
pub(super) async fn show(State(app): State<App>) -> Page {
    let lost = Row {
        mark: Mark::NOT_RECORDED,
        look: look(Signal::NotRecorded),
        signal: scanner_signal(Signal::NotRecorded),
        next: "keep the chart in your hand and scan it again; if that fails, note number, place and time on paper \
               and tell the administrator",
    };
    let verdicts = Verdict::ALL.into_iter().map(|verdict| Row {
        mark: Mark::verdict(verdict),
        look: look(verdict.signal()),
        signal: scanner_signal(verdict.signal()),
        next: next_step(verdict),
    });
    let outcomes = std::iter::once(lost).chain(verdicts).collect();
    let problems = ProblemKind::ALL.into_iter().map(|kind| (kind.as_str(), kind.title())).collect();
    page(&HelpPage { frame: Frame::new(&app, &app.site(), "/help"), outcomes, problems })
}

/// Colour and shape in words.
fn look(signal: Signal) -> &'static str {
    match signal {
        Signal::Recorded => "green circle with a tick",
        Signal::AlreadyHere => "blue diamond",
        Signal::Look => "amber triangle with an exclamation mark",
        Signal::Refused => "red square with a cross",
        Signal::NotRecorded => "black, with a thick red frame, across the whole page",
    }
}
