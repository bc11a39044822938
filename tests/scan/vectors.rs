//! `tests/vectors.json`: recorded and made-up streams, each with its settings, and what must come out at every cut.
//!
//! A new scanner model is a new stream. `expect` is what framer and label reader say; `recorded` is what a run of the
//! whole daemon records.

use outguide::decode::decoded;
use outguide::label::{CheckScheme, FormatSpec, Formats, LabelKind, ReadOptions};
use outguide::scanner::frame::{FrameEvent, FrameSettings, Framer, Framing, Terminators};
use serde::Deserialize;
use std::collections::HashSet;
use std::time::Duration;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    id: String,
    #[serde(rename = "note")]
    _note: String,
    settings: Settings,
    options: Options,
    formats: Vec<Format>,
    chunks: Vec<Chunk>,
    expect: Vec<String>,
    recorded: Vec<Outcome>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    framing: FramingName,
    #[serde(default)]
    terminators: Vec<Terminator>,
    /// In hexadecimal.
    #[serde(default)]
    prefix: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum FramingName {
    Line,
    StxEtx,
    Timeout,
    Ssi,
    HidPos,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Terminator {
    Cr,
    Lf,
    Tab,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Options {
    fold_case: bool,
    full_ascii: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Format {
    kind: LabelKind,
    pattern: String,
    #[serde(default)]
    check: CheckScheme,
    #[serde(default)]
    keep_check: bool,
    #[serde(default)]
    aim: Vec<String>,
    gs1: Option<String>,
    hibc: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Chunk {
    after_ms: u64,
    hex: String,
}

/// What a run of the daemon records for one frame or rejection.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Outcome {
    Moved,
    AlreadyHere,
    DoubleRead,
    Unknown,
    Foreign,
    Damaged,
    Rejected,
}

impl Vector {
    fn framer(&self) -> Framer {
        let ends = |terminator| self.settings.terminators.contains(&terminator);
        let terminators =
            Terminators { cr: ends(Terminator::Cr), lf: ends(Terminator::Lf), tab: ends(Terminator::Tab) };
        Framer::new(FrameSettings {
            framing: match self.settings.framing {
                FramingName::Line => Framing::Line(terminators),
                FramingName::StxEtx => Framing::StxEtx,
                FramingName::Timeout => Framing::Timeout,
                FramingName::Ssi => Framing::Ssi,
                FramingName::HidPos => Framing::HidPos,
            },
            prefix: unhex(&self.settings.prefix),
            frame_bytes_max: 512,
            gap: Duration::from_millis(100),
            total: Duration::from_secs(3),
        })
    }

    fn formats(&self) -> Formats {
        let specs = self.formats.iter().map(|format| FormatSpec {
            kind: format.kind,
            pattern: format.pattern.clone(),
            check: format.check,
            keep_check: format.keep_check,
            aim: format.aim.clone(),
            gs1: format.gs1.clone(),
            hibc: format.hibc.clone(),
        });
        let options = ReadOptions { fold_case: self.options.fold_case, full_ascii: self.options.full_ascii };
        Formats::new(specs.collect(), options).unwrap()
    }

    fn chunks(&self) -> Vec<(Duration, Vec<u8>)> {
        let chunk = |chunk: &Chunk| (Duration::from_millis(chunk.after_ms), unhex(&chunk.hex));
        self.chunks.iter().map(chunk).collect()
    }

    /// Runs the stream, each chunk cut as asked; the clock ticks when it is owed, or only bytes tell the time.
    fn run(&self, ticking: bool, mut cut: impl FnMut(usize, &[u8]) -> Vec<usize>) -> Vec<FrameEvent> {
        let mut framer = self.framer();
        let mut out = Vec::new();
        let mut now = Duration::ZERO;
        for (index, (after, bytes)) in self.chunks().into_iter().enumerate() {
            now += after;
            while ticking && let Some(deadline) = framer.deadline().filter(|deadline| *deadline <= now) {
                framer.tick(deadline, &mut out);
            }
            let mut start = 0;
            for end in cut(index, &bytes).into_iter().chain([bytes.len()]) {
                framer.feed(&bytes[start..end], now, &mut out);
                start = end;
            }
        }
        // An unplug right after the last byte is a story of its own; all others wait for the silence.
        if self.id != "partial-unplug" {
            while let Some(deadline) = framer.deadline() {
                framer.tick(deadline, &mut out);
            }
        }
        framer.hang_up(&mut out);
        out
    }

    fn words(&self, events: &[FrameEvent]) -> Vec<String> {
        let formats = self.formats();
        events.iter().map(|event| words(&formats, event)).collect()
    }
}

/// What came out, in the words of `expect`.
pub(crate) fn words(formats: &Formats, event: &FrameEvent) -> String {
    let Some(frame) = decoded(formats, event) else { return event.to_string() };
    let key = frame.kind.zip(frame.key).map(|(kind, key)| format!("{kind} {key}"));
    let again = matches!(event, FrameEvent::Frame { resend: true, .. }).then_some("again");
    [
        Some(frame.outcome),
        key.as_deref(),
        frame.cause,
        frame.encoding.filter(|encoding| *encoding != "ascii"),
        again,
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>()
    .join(" ")
}

fn unhex(hex: &str) -> Vec<u8> {
    assert!(hex.len().is_multiple_of(2), "{hex}");
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn load() -> Vec<Vector> {
    serde_json::from_str(include_str!("../vectors.json")).unwrap()
}

#[test]
fn every_stream_means_what_it_should() {
    for vector in load() {
        let events = vector.run(true, |_, _| Vec::new());
        assert_eq!(vector.words(&events), vector.expect, "{}: {events:?}", vector.id);
    }
}

#[test]
fn every_cut_gives_the_same_events() {
    let mut random = fastrand::Rng::with_seed(4711);
    for vector in load() {
        let whole = vector.run(true, |_, _| Vec::new());
        let check = |how: &str, events: Vec<FrameEvent>| assert_eq!(events, whole, "{} {how}", vector.id);
        check("by bytes alone", vector.run(false, |_, _| Vec::new()));
        for ticking in [true, false] {
            check("bytewise", vector.run(ticking, |_, bytes| (1..bytes.len()).collect()));
            for _ in 0..50 {
                let events = vector
                    .run(ticking, |_, bytes| (1..bytes.len()).filter(|_| random.u8(0..4) == 0).collect());
                check("at random", events);
            }
        }
        for (chosen, (_, bytes)) in vector.chunks().iter().enumerate() {
            for at in 0..=bytes.len() {
                let events = vector.run(true, |index, _| if index == chosen { vec![at] } else { Vec::new() });
                check(&format!("chunk {chosen} at {at}"), events);
            }
        }
    }
}

#[test]
fn recorded_outcomes_agree_with_what_was_read() {
    let mut ids = HashSet::new();
    for vector in load() {
        assert!(ids.insert(vector.id.clone()), "{} is there twice", vector.id);
        let shown = vector.expect.iter().filter(|word| {
            let first = word.split(' ').next().unwrap();
            !matches!(first, "ignored" | "reply")
        });
        let possible: Vec<&[Outcome]> = shown
            .map(|word| match word.split(' ').next().unwrap() {
                "label" => &[Outcome::Moved, Outcome::AlreadyHere, Outcome::DoubleRead, Outcome::Unknown][..],
                "unknown" => &[Outcome::Unknown],
                "foreign" => &[Outcome::Foreign],
                "damaged" => &[Outcome::Damaged],
                "rejected" => &[Outcome::Rejected],
                other => panic!("{}: {other}", vector.id),
            })
            .collect();
        assert_eq!(possible.len(), vector.recorded.len(), "{}", vector.id);
        for (possible, recorded) in possible.iter().zip(&vector.recorded) {
            assert!(possible.contains(recorded), "{}: {recorded:?}", vector.id);
        }
    }
}
