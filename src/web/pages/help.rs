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
    answers: [AnswerRow; 8],
    problems: Vec<(&'static str, &'static str)>,
}

/// An outcome in the table.
struct Row {
    mark: Mark,
    look: &'static str,
    signal: &'static str,
    next: &'static str,
}

/// How scanners of one answer profile are heard.
struct AnswerRow {
    /// The word of the configuration.
    word: &'static str,
    /// Which scanners these are.
    scanners: &'static str,
    /// What they do, the quietest signal first.
    signals: [&'static str; 5],
}

/// As `scanner/answer.rs` has it in bytes.
const ANSWERS: [AnswerRow; 8] = [
    AnswerRow {
        word: "ack-nak",
        scanners: "many, with ACK/NAK on",
        signals: ["good tone", "good tone", "bad tone", "bad tone", "bad tone"],
    },
    AnswerRow {
        word: "bell",
        scanners: "many, with beep on BEL",
        signals: ["beep", "beep", "silence", "silence", "silence"],
    },
    AnswerRow {
        word: "ssi",
        scanners: "Zebra, Symbol",
        signals: ["short high beep", "two short high", "high, low", "four long low", "fast warble"],
    },
    AnswerRow {
        word: "honeywell",
        scanners: "Honeywell with Host ACK on",
        signals: ["good read", "good read twice", "high, low", "razz", "razz three times"],
    },
    AnswerRow {
        word: "datalogic",
        scanners: "Datalogic with radio, mode “ACK from host”",
        signals: [
            "green light and good read",
            "good read twice",
            "high, low",
            "long low twice",
            "bad transmission and long low, three times",
        ],
    },
    AnswerRow {
        word: "cipherlab",
        scanners: "CipherLab",
        signals: ["one beep", "two beeps", "three beeps", "four beeps", "ten beeps"],
    },
    AnswerRow {
        word: "leds",
        scanners: "keyboard mode: Scroll Lock lamp",
        signals: [
            "one short flash",
            "two short flashes",
            "one long flash",
            "three long flashes",
            "flicker, then steady light",
        ],
    },
    AnswerRow {
        word: "hid-pos",
        scanners: "HID POS mode",
        signals: ["good read", "good read twice", "not on file", "error", "error three times"],
    },
];

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
    page(&HelpPage { frame: Frame::new(&app, &app.site(), "/help"), outcomes, answers: ANSWERS, problems })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scanner::answer::AnswerProfile;
    use std::collections::HashSet;

    #[test]
    fn answers_are_told_apart_in_words_where_they_are_in_bytes() {
        for row in &ANSWERS {
            let profile: AnswerProfile = serde_json::from_str(&format!("{:?}", row.word)).unwrap();
            let bytes: HashSet<_> = Signal::ALL.map(|signal| profile.bytes(signal)).into();
            assert_eq!(row.signals.into_iter().collect::<HashSet<_>>().len(), bytes.len(), "{}", row.word);
        }
    }
}
