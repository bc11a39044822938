//! A new request against what is known: what is refused, and what is taken with a word of warning.

use super::RequestState;
use crate::tracking::{CustodianId, RequestId};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// Sooner than this the file room hardly manages by itself.
pub const HURRY: SignedDuration = SignedDuration::from_mins(30);
/// A needed-by this far in the past is a slip of the pen; walk-ins are asked for "now".
const PAST: SignedDuration = SignedDuration::from_mins(15);

/// How a request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// Clinic staff, by themselves.
    #[default]
    Staff,
    /// A phone message.
    Phone,
    /// Release of information.
    Roi,
    /// Audit or review.
    Audit,
    /// A patient without an appointment.
    WalkIn,
    /// The schedule.
    Appointment,
}

/// How much it matters.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Priority {
    /// As usual.
    #[default]
    Routine,
    /// Before what is usual.
    Urgent,
    /// A patient waits.
    Stat,
}

/// A request that somebody would like to make for one volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// To whom it should go.
    pub to: CustodianId,
    /// By when.
    pub needed_at: Timestamp,
}

/// Who has the volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    /// Who.
    pub at: CustodianId,
    /// On its way there.
    pub in_transit: bool,
    /// It is being missed.
    pub is_missing: bool,
}

/// A request that is open already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Which.
    pub id: RequestId,
    /// To whom it goes.
    pub to: CustodianId,
    /// By when.
    pub needed_at: Timestamp,
    /// Where it stands.
    pub state: RequestState,
}

/// Why a request is not taken; `None` if it is.
pub fn refusal(
    asked: Asked,
    holding: Holding,
    open: &[Known],
    now: Timestamp,
    zone: &TimeZone,
) -> Option<String> {
    if now.duration_since(asked.needed_at) > PAST {
        return Some("the time it is needed by has passed; write when it is needed".to_owned());
    }
    if holding.at == asked.to && !holding.is_missing {
        return Some(if holding.in_transit {
            "it is on its way there already".to_owned()
        } else {
            "you have it already: by the record it is there; if it cannot be found, flag it missing"
                .to_owned()
        });
    }
    let day = |at: Timestamp| at.to_zoned(zone.clone()).date();
    let same = open.iter().find(|known| known.to == asked.to && day(known.needed_at) == day(asked.needed_at));
    same.map(|known| {
        format!(
            "this is request {} again: it is {}, for the same place and day",
            known.id,
            known.state.title()
        )
    })
}

/// What the requester of a request that was taken should know.
pub fn warnings(asked: Asked, holding: Holding, open: &[Known], asked_at: Timestamp) -> Vec<String> {
    let mut told = Vec::new();
    if asked.needed_at.duration_since(asked_at) < HURRY {
        let minutes = HURRY.as_mins();
        told.push(format!(
            "too soon to count on it: less than {minutes} minutes were left; telephone the file room too"
        ));
    }
    if holding.is_missing {
        told.push("it is flagged missing".to_owned());
    }
    let before =
        open.iter().filter(|known| known.to != asked.to && known.needed_at <= asked.needed_at).count();
    if before > 0 {
        let others = if before == 1 { "1 other request is" } else { &format!("{before} other requests are") };
        told.push(format!("{others} before this one"));
    }
    told
}

impl Channel {
    /// All, in the order of a form.
    pub const ALL: [Channel; 6] =
        [Channel::Staff, Channel::Phone, Channel::WalkIn, Channel::Roi, Channel::Audit, Channel::Appointment];

    /// The word under which it is stored; never changes.
    pub fn as_str(self) -> &'static str {
        match self {
            Channel::Staff => "staff",
            Channel::Phone => "phone",
            Channel::Roi => "roi",
            Channel::Audit => "audit",
            Channel::WalkIn => "walk-in",
            Channel::Appointment => "appointment",
        }
    }

    /// Reads a stored word.
    pub fn parse(word: &str) -> Option<Channel> {
        Channel::ALL.into_iter().find(|channel| channel.as_str() == word)
    }

    /// What people read.
    pub fn title(self) -> &'static str {
        match self {
            Channel::Staff => "clinic staff",
            Channel::Phone => "phone message",
            Channel::Roi => "release of information",
            Channel::Audit => "audit or review",
            Channel::WalkIn => "walk-in",
            Channel::Appointment => "appointment",
        }
    }
}

impl Priority {
    /// All, the calmest first.
    pub const ALL: [Priority; 3] = [Priority::Routine, Priority::Urgent, Priority::Stat];

    /// The number under which it is stored; more is more urgent.
    pub fn number(self) -> i64 {
        match self {
            Priority::Routine => 0,
            Priority::Urgent => 1,
            Priority::Stat => 2,
        }
    }

    /// Reads a stored number.
    pub fn of(number: i64) -> Priority {
        Priority::ALL.into_iter().find(|priority| priority.number() == number).unwrap_or_default()
    }

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Priority::Routine => "routine",
            Priority::Urgent => "urgent",
            Priority::Stat => "stat",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEART: CustodianId = CustodianId(3);
    const EYES: CustodianId = CustodianId(4);

    fn at(text: &str) -> Timestamp {
        format!("2026-11-{text}:00Z").parse().unwrap()
    }

    fn check(to: CustodianId, needed: &str, holding: Holding, expect: &str) {
        let open =
            [Known { id: RequestId(7), to: EYES, needed_at: at("23T09:00"), state: RequestState::Pulled }];
        let zone = TimeZone::get("Europe/Zurich").unwrap();
        let asked = Asked { to, needed_at: at(needed) };
        let found = refusal(asked, holding, &open, at("22T10:00"), &zone).unwrap_or_default();
        assert!(found.starts_with(expect) && found.is_empty() == expect.is_empty(), "{found}");
    }

    #[test]
    fn what_is_refused() {
        let shelf = Holding { at: CustodianId(1), in_transit: false, is_missing: false };
        let heart = Holding { at: HEART, ..shelf };
        check(HEART, "22T12:00", shelf, "");
        check(HEART, "22T09:50", shelf, "");
        check(HEART, "22T09:40", shelf, "the time it is needed by has passed");
        check(HEART, "22T12:00", heart, "you have it");
        check(HEART, "22T12:00", Holding { in_transit: true, ..heart }, "it is on its way");
        check(HEART, "22T12:00", Holding { is_missing: true, ..heart }, "");
        check(EYES, "23T15:00", shelf, "this is request 7 again: it is pulled");
        check(EYES, "24T09:00", shelf, "");
        // Half past midnight in Zurich is another day, though not in UTC.
        check(EYES, "23T23:30", shelf, "");
    }

    #[test]
    fn what_is_taken_with_a_word() {
        let shelf = Holding { at: CustodianId(1), in_transit: false, is_missing: true };
        let open =
            [Known { id: RequestId(7), to: EYES, needed_at: at("22T10:10"), state: RequestState::Requested }];
        let asked = Asked { to: HEART, needed_at: at("22T10:20") };
        let told = warnings(asked, shelf, &open, at("22T10:00")).join("; ");
        assert!(told.starts_with("too soon to count on it"), "{told}");
        assert!(told.ends_with("it is flagged missing; 1 other request is before this one"), "{told}");
        let calm = Asked { to: HEART, needed_at: at("23T10:20") };
        assert!(warnings(calm, Holding { is_missing: false, ..shelf }, &[], at("22T10:00")).is_empty());
    }

    #[test]
    fn words_come_back() {
        assert!(Channel::ALL.iter().all(|channel| Channel::parse(channel.as_str()) == Some(*channel)));
        assert!(Priority::ALL.iter().all(|priority| Priority::of(priority.number()) == *priority));
        assert_eq!(Priority::of(99), Priority::Routine);
    }
}
