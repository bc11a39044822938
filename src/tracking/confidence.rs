//! How sure it is that a volume is where the record says, and why. Pure.
//!
//! A scan at a place proves that the volume was there then. Everything else is told: sent and not yet received, typed,
//! imported, or contradicted by what happened since.

use super::grammar::{MovementKind, Skip};
use super::{Entry, Mates};
use jiff::{SignedDuration, Timestamp};

/// How sure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// Nobody knows.
    Missing,
    /// Something speaks against it.
    Doubtful,
    /// It was told, not proven.
    Likely,
    /// It was scanned there.
    Sure,
}

impl Confidence {
    /// The word for people and programs; never changes.
    pub fn as_str(self) -> &'static str {
        match self {
            Confidence::Missing => "missing",
            Confidence::Doubtful => "doubtful",
            Confidence::Likely => "likely",
            Confidence::Sure => "sure",
        }
    }
}

/// What is known of a volume's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence<'a> {
    /// Its last movement; none: it never moved.
    pub kind: Option<MovementKind>,
    /// How that was entered.
    pub entry: Entry,
    /// Since when.
    pub since: Option<Timestamp>,
    /// Who had it before.
    pub from: Option<&'a str>,
    /// It is on its way.
    pub in_transit: bool,
    /// It has been on its way for longer than the way takes: it was received without a scan, or never arrived.
    pub is_long_under_way: bool,
    /// It is being missed.
    pub is_missing: bool,
    /// What must have been left out before the last movement.
    pub skip: Option<Skip>,
    /// Its last movement was scanned where it is, not where it was sent from.
    pub is_proven: bool,
    /// What became of the charts that went along with it.
    pub mates: Option<Mates>,
}

/// How sure the place is at `now`, and the reason in words.
pub fn confidence(evidence: &Evidence<'_>, now: Timestamp) -> (Confidence, String) {
    let from = evidence.from.unwrap_or("its last holder");
    let age = evidence.since.map_or(SignedDuration::ZERO, |since| now.duration_since(since));
    if evidence.is_missing {
        let why = format!("flagged missing; {from} had it last");
        return (Confidence::Missing, why);
    }
    if let Some(mates) = evidence.mates.filter(|mates| mates.left_it_behind()) {
        let Mates { with_it, gone_on } = mates;
        let gone = if evidence.in_transit { "have arrived" } else { "have come back" };
        let why = format!("{gone_on} of the {with_it} charts that went along {gone} without it");
        return (Confidence::Doubtful, why);
    }
    if evidence.in_transit {
        let days = age.as_hours() / 24;
        return if evidence.is_long_under_way {
            let ago = if days > 0 { format!("{days} d") } else { format!("{} h", age.as_hours()) };
            let why =
                format!("sent {ago} ago and never scanned on arrival; {from} sent it and stays answerable");
            (Confidence::Doubtful, why)
        } else {
            (Confidence::Likely, format!("on its way; not scanned on arrival yet, sent by {from}"))
        };
    }
    match (evidence.kind, evidence.skip, evidence.entry) {
        (None, ..) => (Confidence::Likely, "never scanned since it was put on file".to_owned()),
        (_, Some(Skip::Impossible), _) => (
            Confidence::Doubtful,
            format!("scanned with {from} only seconds before: one of the two is wrong"),
        ),
        (Some(MovementKind::Import), ..) => (Confidence::Likely, "told by a list, never scanned".to_owned()),
        (Some(MovementKind::Begun), ..) => (Confidence::Likely, "begun there, never scanned".to_owned()),
        (Some(MovementKind::Combined), ..) => {
            (Confidence::Sure, "its sheets were put into another folder".to_owned())
        }
        (Some(MovementKind::Unpacked), ..) => {
            (Confidence::Likely, "came in a box that was opened there; not scanned itself".to_owned())
        }
        (Some(MovementKind::Rehomed), ..) => {
            (Confidence::Likely, "it belonged there until its home was changed; not scanned since".to_owned())
        }
        (Some(MovementKind::Undone), ..) => {
            (Confidence::Likely, "a movement was taken back; not scanned since".to_owned())
        }
        (Some(MovementKind::ChargedOut | MovementKind::Transferred), _, Entry::Scanned)
            if !evidence.is_proven =>
        {
            (Confidence::Likely, "scanned when it was sent there; nobody scans there".to_owned())
        }
        (_, _, Entry::Keyed) => (Confidence::Likely, "typed, not scanned".to_owned()),
        (Some(MovementKind::CheckedIn), ..) => {
            (Confidence::Sure, "scanned when it came back; not yet proven on its shelf".to_owned())
        }
        (_, Some(Skip::NotSent), _) => {
            (Confidence::Sure, format!("scanned there; {from} did not scan it out"))
        }
        (_, Some(Skip::NotReceived), _) => {
            (Confidence::Sure, format!("scanned there; {from} never scanned it in"))
        }
        (Some(_), None, Entry::Scanned) => (Confidence::Sure, "scanned there".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCANNED: Evidence<'_> = Evidence {
        kind: Some(MovementKind::Received),
        entry: Entry::Scanned,
        since: Some(Timestamp::UNIX_EPOCH),
        from: Some("File room"),
        in_transit: false,
        is_long_under_way: false,
        is_missing: false,
        skip: None,
        is_proven: false,
        mates: None,
    };

    fn check(evidence: &Evidence<'_>, hours: i64, expect: Confidence, words: &str) {
        let now = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours);
        let (found, why) = confidence(evidence, now);
        assert_eq!(found, expect, "{evidence:?}: {why}");
        assert!(why.contains(words), "{why}");
    }

    #[test]
    fn batch_mates_that_came_back_without_it_speak_against_its_place() {
        let mates = |gone_on| Some(Mates { with_it: 6, gone_on });
        check(&Evidence { mates: mates(3), ..SCANNED }, 1, Confidence::Sure, "scanned there");
        check(&Evidence { mates: mates(4), ..SCANNED }, 1, Confidence::Doubtful, "4 of the 6 charts");
        check(&Evidence { mates: mates(4), ..SCANNED }, 1, Confidence::Doubtful, "come back without it");
        let sent = Evidence { in_transit: true, mates: mates(6), ..SCANNED };
        check(&sent, 1, Confidence::Doubtful, "have arrived without it");
        check(&Evidence { is_missing: true, ..sent }, 1, Confidence::Missing, "flagged");
    }

    #[test]
    fn a_scan_proves_and_everything_else_is_told() {
        check(&SCANNED, 1, Confidence::Sure, "scanned there");
        check(&Evidence { kind: None, since: None, ..SCANNED }, 1, Confidence::Likely, "never scanned");
        check(&Evidence { in_transit: true, ..SCANNED }, 2, Confidence::Likely, "sent by File room");
        let late = Evidence { in_transit: true, is_long_under_way: true, ..SCANNED };
        check(&late, 49, Confidence::Doubtful, "sent 2 d ago");
        check(&late, 5, Confidence::Doubtful, "sent 5 h ago");
        check(&Evidence { is_missing: true, ..SCANNED }, 1, Confidence::Missing, "File room had it last");
        check(&Evidence { entry: Entry::Keyed, ..SCANNED }, 1, Confidence::Likely, "typed");
        check(
            &Evidence { kind: Some(MovementKind::ChargedOut), ..SCANNED },
            1,
            Confidence::Likely,
            "nobody scans",
        );
        let arrived = Evidence { kind: Some(MovementKind::ChargedOut), is_proven: true, ..SCANNED };
        check(&arrived, 1, Confidence::Sure, "scanned there");
        check(&Evidence { kind: Some(MovementKind::Import), ..SCANNED }, 1, Confidence::Likely, "list");
        check(&Evidence { kind: Some(MovementKind::Undone), ..SCANNED }, 1, Confidence::Likely, "taken back");
        check(&Evidence { kind: Some(MovementKind::CheckedIn), ..SCANNED }, 1, Confidence::Sure, "shelf");
        check(
            &Evidence { skip: Some(Skip::Impossible), ..SCANNED },
            1,
            Confidence::Doubtful,
            "seconds before",
        );
        check(&Evidence { skip: Some(Skip::NotSent), ..SCANNED }, 1, Confidence::Sure, "did not scan it out");
        check(
            &Evidence { skip: Some(Skip::NotReceived), ..SCANNED },
            1,
            Confidence::Sure,
            "never scanned it in",
        );
    }
}
