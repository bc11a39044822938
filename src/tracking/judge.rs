//! What a scan means: what the grammar says to a label that is on file, and what becomes of everything else.

use super::grammar::{
    Act, Meaning, Mode, Moment, MovementKind, Role, Rules, Session, StationKind, Volume, decide, take_back,
};
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
    /// Somebody wrote it down when it could not be scanned, and tells it now; the session is what they say that it was
    /// scanned for, and the moment is then.
    pub is_told: bool,
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
    let judged = judge_now(scan, scene);
    if scene.is_told { Judgement { act: Act::Told(Box::new(judged.act)), ..judged } } else { judged }
}

fn judge_now(scan: &Scan, scene: &Scene<'_>) -> Judgement {
    match &scan.sighting {
        Sighting::Label { kind, key } => match &scene.meaning {
            Some(Meaning::Volume(volume)) if is_late(scan, scene, volume) => late(scene, volume),
            Some(
                Meaning::Place(_)
                | Meaning::Person(_)
                | Meaning::Command(_)
                | Meaning::Reply(_)
                | Meaning::SearchCode(_),
            ) if scene.is_told => {
                let why = "this is no chart's label; write the labels of charts only";
                Judgement { why: Some(why.to_owned()), ..told(Verdict::Refused) }
            }
            Some(Meaning::Place(_)) if is_box_late(scan, scene) => {
                let why = "this scan came late, and the box was scanned elsewhere since; scan it where it is";
                Judgement { why: Some(why.to_owned()), ..told(Verdict::Refused) }
            }
            Some(meaning) => {
                let decision = decide(scene.session, scene.rules, meaning, &scene.moment);
                Judgement { verdict: decision.verdict, why: decision.why, act: decision.act, work_item: None }
            }
            None => not_on_file(scan, *kind, key, scene.double_read),
        },
        Sighting::TakeBack { volume } => {
            let decision = take_back(scene.session, *volume, &scene.moment);
            Judgement { verdict: decision.verdict, why: decision.why, act: decision.act, work_item: None }
        }
        Sighting::Foreign { what } => Judgement { why: Some(what.clone()), ..told(Verdict::Foreign) },
        Sighting::Refused { why } => Judgement { why: Some(why.clone()), ..told(Verdict::Refused) },
        Sighting::Unknown { text } => not_on_file(scan, LabelKind::Volume, text, scene.double_read),
    }
}

/// A box stays where it was scanned last, whatever comes in late.
fn is_box_late(scan: &Scan, scene: &Scene<'_>) -> bool {
    let waited = Duration::try_from(scene.moment.now.duration_since(scan.scanned_at)).unwrap_or_default();
    let since = scene.moment.load.and_then(|load| load.since);
    waited > LATE_AFTER && since.is_some_and(|since| since > scan.scanned_at)
}

/// Delivered so long after the scan that the volume has moved on.
fn is_late(scan: &Scan, scene: &Scene<'_>, volume: &Volume) -> bool {
    let waited = Duration::try_from(scene.moment.now.duration_since(scan.scanned_at)).unwrap_or_default();
    let has_waited = scene.is_told || waited > LATE_AFTER;
    has_waited && volume.is_active && volume.since.is_some_and(|since| since > scan.scanned_at)
}

/// History has it, the present does not. A desk must be told what it was doing then.
fn late(scene: &Scene<'_>, volume: &Volume) -> Judgement {
    let here = scene.rules.custodian;
    let (kind, to) = match scene.session.mode() {
        Mode::To(to) if scene.is_told => match scene.moment.there.map(|there| there.role) {
            Some(Role::FileArea | Role::Sorting) => (MovementKind::CheckedIn, to),
            Some(Role::Holder) | None => (MovementKind::ChargedOut, to),
        },
        Mode::Refile if scene.is_told => (MovementKind::Refiled, volume.home),
        Mode::Sighted(at) if scene.is_told => (MovementKind::Sighted, at),
        Mode::CheckIn if scene.is_told && scene.moment.here.role != Role::Holder => {
            (MovementKind::CheckedIn, here)
        }
        _ if scene.is_told || scene.rules.kind == StationKind::Checkpoint => (MovementKind::Received, here),
        _ => {
            let why = "this scan came late, and what the desk was doing then is not known; scan the chart where it \
                       is, or enter it among the earlier scans";
            return Judgement { why: Some(why.to_owned()), ..told(Verdict::Refused) };
        }
    };
    let act = Act::Late { volume: volume.id, kind, from: volume.at, to };
    let why = "the chart has been scanned elsewhere since; its history has this scan now";
    Judgement { why: Some(why.to_owned()), act, ..told(Verdict::Late) }
}

fn not_on_file(scan: &Scan, kind: LabelKind, text: &str, double_read: bool) -> Judgement {
    let (what, thing) = match kind {
        LabelKind::Volume => ("chart", "the chart"),
        LabelKind::Custodian => ("place", "it"),
        LabelKind::Person => ("person", "it"),
        LabelKind::Request => {
            let why = "no request, pull list or notice has this label; print the slip or the list anew";
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
