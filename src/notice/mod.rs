//! Notices: who is asked for a chart, when, and in what words. Pure: values in (`now` among them), values out.
//!
//! What is owed follows from what is on disk and the time, never from what happened just now: a restart, a second start,
//! a week without the daemon or a clock that was set wrong make no notice twice and leave none out.

mod channel;
mod content;
mod ladder;
mod owed;
mod pace;
mod payload;
mod template;
#[cfg(test)]
mod tests;

pub use channel::{Channel, Takes};
pub use content::{Asked, Content, Searched, sample};
pub use ladder::{Distance, Ladder, LadderError, STEPS_MAX, Step, To, When};
pub use owed::{Came, Held, Written, is_wanted_now, owed};
pub use pace::{Caps, Recent, backoff};
pub use template::{Kind, Letter, TemplateError, Templates};

use crate::tracking::{Calendar, VolumeId};
use jiff::civil::Time;
use jiff::{SignedDuration, Timestamp};
use std::fmt;

/// A notice: one message to one recipient about one or more charts; never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct NoticeId(pub i64);

impl fmt::Display for NoticeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Everything that decides about notices, from the configuration.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Who is asked when.
    pub ladder: Ladder,
    /// When the room is open: notices of the ladder are written only then.
    pub calendar: Calendar,
    /// Times of the day, of the room's clocks, at which none are written although the room is open.
    pub quiet: Vec<(Time, Time)>,
    /// Hours of the room that a recipient has to answer before somebody else is asked.
    pub answer_hours: u16,
    /// A chart that somebody else needs within this time is asked for without waiting for the ladder.
    pub needed_ahead: SignedDuration,
    /// How many notices one recipient gets.
    pub caps: Caps,
    /// Mail can be sent: otherwise every notice is a slip to be printed.
    pub has_mail: bool,
    /// Which notices a program of the site gets.
    pub takes: Takes,
}

impl Rules {
    /// How a notice of a step goes out, to a recipient with a mail address or without.
    pub fn channel(&self, step: &str, has_address: bool) -> Channel {
        let by_webhook = self.ladder.steps().iter().any(|known| known.name == step && known.by_webhook);
        self.takes.channel(by_webhook, self.has_mail && has_address)
    }

    /// Says whether notices of the ladder are written at this time.
    pub fn is_time(&self, now: Timestamp) -> bool {
        let shown = self.calendar.shown(now);
        self.calendar.is_open(now) && !self.quiet.iter().any(|(from, until)| (*from..*until).contains(&shown))
    }
}

/// What somebody who was asked for a chart says. Evidence, never a movement: only a scan moves a chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// It is here.
    Here,
    /// It was given back, on a day.
    Returned,
    /// It was given to somebody else.
    Passed,
    /// It was never here.
    Never,
}

impl Answer {
    /// All there are, in the order of forms.
    pub const ALL: [Answer; 4] = [Answer::Here, Answer::Returned, Answer::Passed, Answer::Never];

    /// Names it as forms and the database do.
    pub fn as_str(self) -> &'static str {
        match self {
            Answer::Here => "here",
            Answer::Returned => "returned",
            Answer::Passed => "passed",
            Answer::Never => "never",
        }
    }

    /// Reads a name.
    pub fn parse(text: &str) -> Option<Answer> {
        Answer::ALL.into_iter().find(|answer| answer.as_str() == text)
    }

    /// What people read.
    pub fn title(self) -> &'static str {
        match self {
            Answer::Here => "it is here",
            Answer::Returned => "returned on",
            Answer::Passed => "passed to",
            Answer::Never => "never had it",
        }
    }

    /// All that was said, as a sentence's end.
    pub fn words(self, detail: Option<&str>) -> String {
        match (self, detail) {
            (Answer::Returned, None) => "it was returned".to_owned(),
            (Answer::Passed, None) => "it was passed on".to_owned(),
            (answer, None) => answer.title().to_owned(),
            (answer, Some(detail)) => format!("{} {detail}", answer.title()),
        }
    }

    /// Says whether the holder says that it has the chart no more: then others are asked.
    pub fn denies(self) -> bool {
        self != Answer::Here
    }
}

/// A chart that is asked for, as answers name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// Which volume.
    pub volume: VolumeId,
    /// What is said.
    pub answer: Answer,
    /// The day or the holder that belongs to the answer.
    pub detail: Option<String>,
}
