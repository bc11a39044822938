//! Outcomes and states as everybody can tell them apart: a word, a sign, a shape and a colour each.

use crate::scanner::Presence;
use crate::store::VolumeView;
use crate::tracking::{Signal, Verdict};
use askama::Template;
use askama::filters::HtmlSafe;

/// A word with its sign. The sign is one of the shapes in `layout.html`; the class gives the colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Template)]
#[template(
    ext = "html",
    source = r##"<span class="mark {{ class }}"><svg class="icon" aria-hidden="true"><use href="#{{ class }}"/></svg> {{ word }}</span>"##,
    config = "src/web/askama.toml"
)]
pub(super) struct Mark {
    /// What it says.
    pub(super) word: &'static str,
    /// Colour and shape.
    pub(super) class: &'static str,
}

impl HtmlSafe for Mark {}

impl Mark {
    pub(super) const NOT_RECORDED: Mark = Mark { word: "NOT RECORDED", class: "not-recorded" };

    pub(super) fn verdict(verdict: Verdict) -> Mark {
        Mark { word: verdict.title(), class: verdict.signal().as_str() }
    }

    /// Where a volume is, in one word.
    pub(super) fn whereabouts(volume: &VolumeView) -> Mark {
        if volume.missing_since.is_some() {
            Mark { word: "missing", class: "refused" }
        } else if volume.in_transit {
            Mark { word: "on its way", class: "look" }
        } else {
            Mark::place(volume.is_home())
        }
    }

    fn place(is_home: bool) -> Mark {
        if is_home { Mark { word: "at home", class: "home" } } else { Mark { word: "away", class: "away" } }
    }

    pub(super) fn presence(presence: &Presence) -> Mark {
        match presence {
            Presence::Starting => Mark { word: "starting", class: "starting" },
            Presence::Up => Mark { word: "ready", class: "up" },
            Presence::Absent => Mark { word: "not plugged in", class: "absent" },
            Presence::Fault(_) => Mark { word: "fault", class: "fault" },
            Presence::Played => Mark { word: "played", class: "absent" },
        }
    }
}

/// What a clerk does next about an outcome, if the scan did not come with a sentence of its own.
pub(super) fn next_step(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Moved => "nothing to do: the chart is on record",
        Verdict::Attention => "the chart is on record; do what the screen says",
        Verdict::Sighted => "nothing to do: the chart is confirmed here",
        Verdict::FlaggedMissing => "nothing to do: everybody who scans it is told",
        Verdict::Found => "give the chart to the supervisor",
        Verdict::Undone => "nothing to do: the chart is on record where it was before",
        Verdict::Ready => "scan the next label",
        Verdict::Waiting => "scan a place or a command first, then the chart again",
        Verdict::Look => "nothing was moved; do what the screen says",
        Verdict::AlreadyHere => "nothing to do: the chart was on record here before",
        Verdict::DoubleRead => "nothing to do: the scanner read the label twice, it counts once",
        Verdict::Late => {
            "nothing to do: the chart has been scanned elsewhere since; its history has this scan now"
        }
        Verdict::Unknown => "put the chart aside; its label is on the work list",
        Verdict::Foreign => "scan the chart's own label",
        Verdict::Refused => {
            "scan again; if that fails, look the chart up by its number and print a new label"
        }
        Verdict::Noted => "scan chart labels at this station",
    }
}

/// What the person at a scanner hears or sees, if the scanner is set to be answered.
pub(super) fn scanner_signal(signal: Signal) -> &'static str {
    match signal {
        Signal::Recorded => "one short high beep (SSI); ACK or bell: the good tone",
        Signal::AlreadyHere => "two short high beeps (SSI); ACK or bell: the good tone",
        Signal::Look => "high, then low (SSI); NAK: the bad tone; bell: silence",
        Signal::Refused => "four long low beeps (SSI); NAK: the bad tone; bell: silence",
        Signal::NotRecorded => "fast warble (SSI); NAK: the bad tone; bell: silence",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_shape_is_drawn_and_every_class_has_its_colour() {
        let layout = include_str!("../templates/layout.html");
        let style = include_str!("../static/app.css");
        let presences = [Presence::Starting, Presence::Up, Presence::Absent, Presence::Fault(String::new())];
        let marks = Verdict::ALL.into_iter().map(Mark::verdict).chain([true, false].map(Mark::place));
        let marks = marks.chain(presences.iter().map(Mark::presence)).chain([Mark::NOT_RECORDED]);
        for mark in marks {
            assert!(layout.contains(&format!("id=\"{}\"", mark.class)), "no shape for {}", mark.class);
            assert!(style.contains(&format!(".{}", mark.class)), "no colour for {}", mark.class);
        }
    }

    #[test]
    fn outcomes_have_words_of_their_own() {
        let words: HashSet<_> = Verdict::ALL.into_iter().map(|verdict| Mark::verdict(verdict).word).collect();
        assert_eq!(words.len(), Verdict::ALL.len());
    }
}
