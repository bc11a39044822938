//! What a scan means: what the grammar says to a label that is on file, and what becomes of everything else.

use super::grammar::{Act, Meaning, Moment, Rules, Session, StationKind, Volume, decide};
use super::{Entry, Scan, Sighting, Verdict};
use crate::label::LabelKind;
use std::time::Duration;

/// How long a scan may take to be delivered before it counts as late: longer than any live scanner or queue takes,
/// shorter than it takes to carry a chart from one desk to another and scan it there.
const LATE_AFTER: Duration = Duration::from_secs(60);

/// What is known when a scan is judged.
#[derive(Debug, Clone)]
pub struct Scene<'a> {
    /// The station's rules.
    pub rules: &'a Rules,
    /// Its session, settled.
    pub session: &'a Session,
    /// The same code came from the same source within the station's window.
    pub double_read: bool,
    /// What the label stands for, if it is on file.
    pub meaning: Option<Meaning>,
    /// What is known besides.
    pub moment: Moment<'a>,
}

/// What is to be written down for a scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The word for it.
    pub verdict: Verdict,
    /// What the clerk is told beyond the word: the reason and the next step.
    pub why: Option<String>,
    /// What it does.
    pub act: Act,
    /// The text that goes onto the list of labels nobody knows.
    pub work_item: Option<String>,
}

/// Decides what a scan means. Total: every scan gets a verdict.
pub fn judge(scan: &Scan, scene: &Scene<'_>) -> Judgement {
    match &scan.sighting {
        Sighting::Label { kind, key } => match &scene.meaning {
            Some(Meaning::Volume(volume)) if is_late(scan, scene, volume) => late(scene.rules, volume),
            Some(meaning) => {
                let decision = decide(scene.session, scene.rules, meaning, &scene.moment);
                Judgement { verdict: decision.verdict, why: decision.why, act: decision.act, work_item: None }
            }
            None => not_on_file(scan, *kind, key, scene.double_read),
        },
        Sighting::Foreign { what } => Judgement { why: Some(what.clone()), ..told(Verdict::Foreign) },
        Sighting::Refused { why } => Judgement { why: Some(why.clone()), ..told(Verdict::Refused) },
        Sighting::Unknown { text } => not_on_file(scan, LabelKind::Volume, text, scene.double_read),
    }
}

/// Delivered so long after the scan that the volume has moved on.
fn is_late(scan: &Scan, scene: &Scene<'_>, volume: &Volume) -> bool {
    let waited = Duration::try_from(scene.moment.now.duration_since(scan.scanned_at)).unwrap_or_default();
    waited > LATE_AFTER && volume.since.is_some_and(|since| since > scan.scanned_at)
}

fn late(rules: &Rules, volume: &Volume) -> Judgement {
    if rules.kind == StationKind::Desk {
        let why =
            "this scan came late, and what the desk was doing then is not known; scan the chart where it is";
        return Judgement { why: Some(why.to_owned()), ..told(Verdict::Refused) };
    }
    let act = Act::Late { volume: volume.id, from: volume.at, to: rules.custodian };
    let why = "the chart has been scanned elsewhere since; its history has this scan now";
    Judgement { why: Some(why.to_owned()), act, ..told(Verdict::Late) }
}

fn not_on_file(scan: &Scan, kind: LabelKind, text: &str, double_read: bool) -> Judgement {
    let (what, thing) = match kind {
        LabelKind::Volume => ("chart", "the chart"),
        LabelKind::Custodian => ("place", "it"),
        LabelKind::Person => ("person", "it"),
        LabelKind::Request => {
            let why = "no request and no pull list has this label; print the slip or the list anew";
            return Judgement { why: Some(why.to_owned()), ..told(Verdict::Refused) };
        }
        LabelKind::Command => {
            let why = "no command has this label; print the card of commands anew";
            return Judgement { why: Some(why.to_owned()), ..told(Verdict::Refused) };
        }
    };
    if double_read {
        return Judgement { why: Some("the same unknown label again".to_owned()), ..told(Verdict::Unknown) };
    }
    let next = match scan.entry {
        Entry::Scanned => format!("no {what} has this label; put {thing} aside, it is on the work list now"),
        Entry::Keyed => {
            format!("no {what} has this number; compare it with the label, it is on the work list now")
        }
    };
    Judgement { why: Some(next), work_item: Some(text.to_owned()), ..told(Verdict::Unknown) }
}

fn told(verdict: Verdict) -> Judgement {
    Judgement { verdict, why: None, act: Act::Unread, work_item: None }
}
