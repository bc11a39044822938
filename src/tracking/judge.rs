//! The first rules: what a scan means for the place of a volume.

use super::{CustodianId, Entry, Scan, Sighting, Verdict, VolumeId};
use crate::label::LabelKind;
use jiff::Timestamp;
use std::time::Duration;

/// How long a scan may take to be delivered before it counts as late: longer than any live scanner or queue takes,
/// shorter than it takes to carry a chart from one desk to another and scan it there.
const LATE_AFTER: Duration = Duration::from_secs(60);

/// What is known when a scan is judged.
#[derive(Debug, Clone)]
pub struct Scene {
    /// The custodian that the station stands for.
    pub custodian: CustodianId,
    /// When the judgement is made, by the daemon's wall clock.
    pub now: Timestamp,
    /// The same code came from the same source within the station's window.
    pub double_read: bool,
    /// The volume whose label it is, if the label is on file.
    pub volume: Option<VolumeFacts>,
}

/// Where a volume is, as far as is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VolumeFacts {
    /// Which volume.
    pub volume: VolumeId,
    /// Who has it.
    pub at: CustodianId,
    /// When it was scanned there; `None` if it has never moved.
    pub since: Option<Timestamp>,
}

/// What is to be written down for a scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The word for it.
    pub verdict: Verdict,
    /// What the clerk is told beyond the word: the reason and the next step.
    pub why: Option<String>,
    /// The movement to add, if any.
    pub movement: Option<Move>,
    /// The text that goes onto the list of labels nobody knows.
    pub work_item: Option<String>,
}

/// A movement to be added to history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    /// What moved.
    pub volume: VolumeId,
    /// Who had it, as far as was known.
    pub from: CustodianId,
    /// Who has it now.
    pub to: CustodianId,
    /// It happened before the last movement known, so it changes history but not the present.
    pub late: bool,
}

/// Decides what a scan means. Total: every scan gets a verdict.
pub fn judge(scan: &Scan, scene: &Scene) -> Judgement {
    match &scan.sighting {
        Sighting::Label { kind: LabelKind::Volume, key } => match scene.volume {
            Some(volume) => judge_volume(scan, scene, volume),
            None => not_on_file(scan, key, scene.double_read),
        },
        Sighting::Label { kind, .. } => Judgement {
            why: Some(format!(
                "this is a {} label; at this station scan chart labels only",
                kind_word(*kind)
            )),
            ..told(Verdict::Noted)
        },
        Sighting::Foreign { what } => Judgement { why: Some(what.clone()), ..told(Verdict::Foreign) },
        Sighting::Refused { why } => Judgement { why: Some(why.clone()), ..told(Verdict::Refused) },
        Sighting::Unknown { text } => not_on_file(scan, text, scene.double_read),
    }
}

fn judge_volume(scan: &Scan, scene: &Scene, volume: VolumeFacts) -> Judgement {
    let movement = Move { volume: volume.volume, from: volume.at, to: scene.custodian, late: false };
    let delivered_late = scene.now.duration_since(scan.scanned_at) > jiff_duration(LATE_AFTER);
    let moved_since = volume.since.is_some_and(|since| since > scan.scanned_at);
    if delivered_late && moved_since {
        return Judgement {
            movement: Some(Move { late: true, ..movement }),
            why: Some("the chart has been scanned elsewhere since; its history has this scan now".to_owned()),
            ..told(Verdict::Late)
        };
    }
    if volume.at != scene.custodian {
        return Judgement { movement: Some(movement), ..told(Verdict::Moved) };
    }
    if scene.double_read || scan.resend { told(Verdict::DoubleRead) } else { told(Verdict::AlreadyHere) }
}

fn not_on_file(scan: &Scan, text: &str, double_read: bool) -> Judgement {
    if double_read {
        return Judgement { why: Some("the same unknown label again".to_owned()), ..told(Verdict::Unknown) };
    }
    let next = match scan.entry {
        Entry::Scanned => "no chart has this label; put the chart aside, it is on the work list now",
        Entry::Keyed => "no chart has this number; compare it with the label, it is on the work list now",
    };
    Judgement { why: Some(next.to_owned()), work_item: Some(text.to_owned()), ..told(Verdict::Unknown) }
}

fn told(verdict: Verdict) -> Judgement {
    Judgement { verdict, why: None, movement: None, work_item: None }
}

fn kind_word(kind: LabelKind) -> &'static str {
    match kind {
        LabelKind::Volume => "chart",
        LabelKind::Custodian => "place",
        LabelKind::Person => "badge",
        LabelKind::Command => "command",
    }
}

fn jiff_duration(duration: Duration) -> jiff::SignedDuration {
    jiff::SignedDuration::try_from(duration).unwrap_or(jiff::SignedDuration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tracking::{ScanId, SourceId, StationId};

    const DESK: CustodianId = CustodianId(1);
    const CLINIC: CustodianId = CustodianId(2);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + second).unwrap()
    }

    fn scan(sighting: Sighting, second: i64) -> Scan {
        Scan {
            id: ScanId::new(1, 1, 1),
            station: StationId(1),
            source: SourceId(1),
            scanned_at: at(second),
            arrived: Duration::ZERO,
            entry: Entry::Scanned,
            operator: None,
            frame: b"V1".to_vec(),
            sighting,
            resend: false,
        }
    }

    fn volume_label() -> Sighting {
        Sighting::Label { kind: LabelKind::Volume, key: "V1".into() }
    }

    /// A scan at CLINIC, made at `second` and judged at `now`, of a volume that has been `place` since `since`.
    fn check(
        second: i64,
        now: i64,
        place: CustodianId,
        since: Option<i64>,
        double: bool,
        expect: (Verdict, Option<bool>),
    ) {
        let facts = VolumeFacts { volume: VolumeId(7), at: place, since: since.map(at) };
        let scene = Scene { custodian: CLINIC, now: at(now), double_read: double, volume: Some(facts) };
        let judged = judge(&scan(volume_label(), second), &scene);
        assert_eq!((judged.verdict, judged.movement.map(|movement| movement.late)), expect);
    }

    #[test]
    fn a_volume_is_where_it_was_scanned_last() {
        check(0, 0, DESK, None, false, (Verdict::Moved, Some(false)));
        check(0, 0, CLINIC, Some(-500), false, (Verdict::AlreadyHere, None));
        check(0, 0, CLINIC, Some(-1), true, (Verdict::DoubleRead, None));
    }

    #[test]
    fn the_second_read_of_a_pair_moves_the_volume_when_another_station_read_it_in_between() {
        check(0, 0, DESK, Some(-1), true, (Verdict::Moved, Some(false)));
    }

    #[test]
    fn a_late_scan_moves_only_what_has_not_moved_since() {
        check(0, 3600, DESK, Some(1800), false, (Verdict::Late, Some(true)));
        check(0, 3600, DESK, Some(-10), false, (Verdict::Moved, Some(false)));
        check(0, 3600, DESK, None, false, (Verdict::Moved, Some(false)));
    }

    #[test]
    fn a_clock_set_back_an_hour_does_not_make_live_scans_late() {
        check(-3600, -3600, DESK, Some(0), false, (Verdict::Moved, Some(false)));
    }

    #[test]
    fn what_is_not_a_chart_label_never_moves_anything() {
        let scene = Scene { custodian: CLINIC, now: at(0), double_read: false, volume: None };
        for (sighting, verdict, listed) in [
            (volume_label(), Verdict::Unknown, true),
            (Sighting::Unknown { text: "?".into() }, Verdict::Unknown, true),
            (Sighting::Foreign { what: "a product".into() }, Verdict::Foreign, false),
            (Sighting::Refused { why: "damaged".into() }, Verdict::Refused, false),
            (Sighting::Label { kind: LabelKind::Custodian, key: "L1".into() }, Verdict::Noted, false),
        ] {
            let judged = judge(&scan(sighting, 0), &scene);
            assert_eq!(
                (judged.verdict, judged.work_item.is_some(), judged.movement),
                (verdict, listed, None)
            );
            assert!(judged.why.is_some(), "{verdict:?} tells the clerk nothing");
        }
    }
}
