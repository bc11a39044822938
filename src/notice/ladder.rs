//! The ladder: who is asked for a chart that is due, when, and who after that. It always ends.

use crate::tracking::Calendar;
use jiff::Timestamp;
use std::fmt;

/// Most steps of a ladder, repeated ones included.
pub const STEPS_MAX: usize = 30;
/// Most days or hours between a step and the day a chart is due.
const COUNT_MAX: u16 = 366;
/// Days on which a chart may be due, for which the order of the steps is tried: a year, with all its holidays.
const TRIED_DAYS: i64 = 366;

/// Who gets a step's notice.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum To {
    /// Who has the chart: `holder`.
    Holder,
    /// What the holder is part of, the holder itself if that is nothing: `department`.
    Department,
    /// A custodian by its code, such as the supervisor of the file room.
    Custodian(String),
}

/// A distance from the moment a chart is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distance {
    /// Hours that the room is open.
    Hours(u16),
    /// Working days: when the room opens on that day.
    WorkingDays(u16),
    /// Days: when the room opens on that day, or next.
    Days(u16),
}

/// When a step is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// So many working days before: `2wd before`.
    Before(u16),
    /// When the chart is due: `due`.
    Due,
    /// After that: `4h after`, `1wd after`, `10d after`.
    After(Distance),
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Names it in records: what was sent is known by it.
    pub name: String,
    /// When it is due.
    pub when: When,
    /// Who is asked.
    pub to: To,
    /// The site's program gets the notice, and no mail goes out.
    pub by_webhook: bool,
}

/// The steps in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ladder {
    steps: Vec<Step>,
}

/// Why there can be no such ladder.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LadderError {
    /// The text is no time of a step.
    #[error(
        "{0:?} is no time of a step; write \"2wd before\", \"due\", \"4h after\" (hours that the room is open), \
         \"1wd after\" (working days) or \"10d after\" (days), with numbers from 1 to {COUNT_MAX}"
    )]
    When(String),
    /// A name stands twice: the ladder would go in a circle.
    #[error(
        "two steps are named {0:?}, so that the ladder would go in a circle; give each a name of its own"
    )]
    Twice(String),
    /// Later in the list, but not later in time.
    #[error("step {later:?} would not come after step {earlier:?}; order the steps by their time")]
    Order {
        /// The step that stands first.
        earlier: String,
        /// The step that stands after it.
        later: String,
    },
    /// Too many steps.
    #[error("the ladder has {0} steps, and ends after {STEPS_MAX} at the latest; remove some")]
    Long(usize),
}

impl Ladder {
    /// A ladder of these steps.
    ///
    /// # Errors
    /// Names stand twice, there are too many, or one would not come after the step before it.
    pub fn new(steps: Vec<Step>, calendar: &Calendar) -> Result<Ladder, LadderError> {
        if steps.len() > STEPS_MAX {
            return Err(LadderError::Long(steps.len()));
        }
        for (index, step) in steps.iter().enumerate() {
            if steps.iter().take(index).any(|other| other.name == step.name) {
                return Err(LadderError::Twice(step.name.clone()));
            }
        }
        let mut tried: Vec<Timestamp> = (0..TRIED_DAYS).filter_map(|day| due_on(calendar, day)).collect();
        tried.dedup();
        for due in tried {
            for pair in steps.windows(2) {
                let [earlier, later] = pair else { continue };
                if earlier.when.at(due, calendar) >= later.when.at(due, calendar) {
                    return Err(LadderError::Order {
                        earlier: earlier.name.clone(),
                        later: later.name.clone(),
                    });
                }
            }
        }
        Ok(Ladder { steps })
    }

    /// The steps in order.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The place of a step; `None` if there is none of that name (any more).
    pub fn position(&self, name: &str) -> Option<usize> {
        self.steps.iter().position(|step| step.name == name)
    }

    /// The most working days that a step comes before the chart is due.
    pub fn days_ahead(&self) -> u16 {
        let ahead = self.steps.iter().map(|step| match step.when {
            When::Before(count) => count,
            When::Due | When::After(_) => 0,
        });
        ahead.max().unwrap_or(0)
    }

    /// Codes of the custodians that steps go to, each once.
    pub fn recipients(&self) -> Vec<String> {
        let mut codes: Vec<String> = self
            .steps
            .iter()
            .filter_map(|step| match &step.to {
                To::Custodian(code) => Some(code.clone()),
                To::Holder | To::Department => None,
            })
            .collect();
        codes.sort();
        codes.dedup();
        codes
    }

    /// What the ladder does, a sentence a step.
    pub fn words(&self) -> Vec<String> {
        let words = |step: &Step| {
            let by = if step.by_webhook { ", by webhook" } else { "" };
            format!("{}: {}, {}{by}", step.name, step.when, step.to)
        };
        self.steps.iter().map(words).collect()
    }
}

/// The end of the file room's day, so many days after an arbitrary Thursday.
fn due_on(calendar: &Calendar, day: i64) -> Option<Timestamp> {
    let start = Timestamp::from_second(1_767_225_600 + day * 86_400).ok()?;
    calendar.due_at(crate::tracking::DueRule::SameDay, start, crate::tracking::Stay::Outpatient)
}

impl When {
    /// Reads `2wd before`, `due`, `4h after`, `1wd after` or `10d after`.
    ///
    /// # Errors
    /// Anything else.
    pub fn parse(text: &str) -> Result<When, LadderError> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let when = match words.as_slice() {
            ["due"] => Some(When::Due),
            [distance, "before"] => match Distance::parse(distance) {
                Some(Distance::WorkingDays(count)) => Some(When::Before(count)),
                _ => None,
            },
            [distance, "after"] => Distance::parse(distance).map(When::After),
            _ => None,
        };
        when.ok_or_else(|| LadderError::When(text.to_owned()))
    }

    /// The moment for a chart that is due at `due_at`; `None` after the year 9999.
    pub fn at(self, due_at: Timestamp, calendar: &Calendar) -> Option<Timestamp> {
        match self {
            When::Before(count) => calendar.opening_before(due_at, count),
            When::Due => Some(due_at),
            When::After(Distance::Hours(count)) => calendar.add_working_hours(due_at, count),
            When::After(Distance::WorkingDays(count)) => calendar.opening_after(due_at, count),
            When::After(Distance::Days(count)) => calendar.opening_days_after(due_at, count),
        }
    }

    /// The same step `times` later: each further one as far from the one before as `every` says. `None` unless both are
    /// counted in the same unit, after the chart is due.
    pub fn later(self, every: Distance, times: u16) -> Option<When> {
        let add = |count: u16, more: u16| more.checked_mul(times)?.checked_add(count);
        let later = match (self, every) {
            (When::After(Distance::Hours(count)), Distance::Hours(more)) => {
                Distance::Hours(add(count, more)?)
            }
            (When::After(Distance::WorkingDays(count)), Distance::WorkingDays(more)) => {
                Distance::WorkingDays(add(count, more)?)
            }
            (When::After(Distance::Days(count)), Distance::Days(more)) => Distance::Days(add(count, more)?),
            _ => return None,
        };
        Some(When::After(later))
    }
}

impl Distance {
    /// Reads `4h`, `1wd` or `10d`.
    pub fn parse(text: &str) -> Option<Distance> {
        let number = |text: &str| {
            let digits = text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|count| digits && (1..=COUNT_MAX).contains(count))
        };
        let working = text.strip_suffix("wd").and_then(number).map(Distance::WorkingDays);
        working
            .or_else(|| text.strip_suffix('h').and_then(number).map(Distance::Hours))
            .or_else(|| text.strip_suffix('d').and_then(number).map(Distance::Days))
    }
}

impl fmt::Display for Distance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, unit) = match self {
            Distance::Hours(count) => (count, "opening hour"),
            Distance::WorkingDays(count) => (count, "working day"),
            Distance::Days(count) => (count, "day"),
        };
        write!(f, "{count} {unit}{}", if *count == 1 { "" } else { "s" })
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            When::Before(count) => write!(f, "{} before it is due", Distance::WorkingDays(*count)),
            When::Due => f.write_str("when it is due"),
            When::After(distance) => write!(f, "{distance} after it was due"),
        }
    }
}

impl fmt::Display for To {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            To::Holder => f.write_str("to who has it"),
            To::Department => f.write_str("to what the holder is part of"),
            To::Custodian(code) => write!(f, "to {code}"),
        }
    }
}
