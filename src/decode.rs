//! What a scanner's bytes come to: framed and read, one value per frame, for trying out settings and formats.
//!
//! Pure, and the only module that knows both frames and labels. It looks nothing up and records nothing.

use crate::label::{Aim, Formats, Reading, visible};
use crate::scanner::frame::{Defect, FrameEvent, FrameSettings, Framer, Ignored};
use std::time::Duration;

/// One frame, or what came instead of one.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct DecodedFrame {
    /// The bytes, made visible.
    pub frame: String,
    /// The bytes, in hexadecimal.
    pub hex: String,
    /// The AIM identifier the frame began with.
    pub aim: Option<DecodedAim>,
    /// How the bytes became text: `ascii`, `utf8` or `latin1`; nothing if they were not read as text.
    pub encoding: Option<&'static str>,
    /// What kind of label it is: `volume`, `custodian`, `person` or `command`.
    pub kind: Option<&'static str>,
    /// The key that would be looked up.
    pub key: Option<String>,
    /// The format that matched, counted from 0.
    pub format: Option<usize>,
    /// `label`, `foreign`, `damaged`, `unknown`, `rejected` or `ignored`.
    pub outcome: &'static str,
    /// Which of the outcome's causes it was, such as `product` or `check-wrong`.
    pub cause: Option<&'static str>,
    /// What the clerk is told; for a label, which kind it is.
    pub why: String,
}

/// An AIM identifier with its meaning.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct DecodedAim {
    /// The identifier, such as `]C0`.
    pub id: String,
    /// The symbology, such as `Code 128`.
    pub symbology: &'static str,
}

/// Frames and reads bytes that came without a pause, up to the unplug.
pub fn decode(settings: FrameSettings, formats: &Formats, bytes: &[u8]) -> Vec<DecodedFrame> {
    let mut framer = Framer::new(settings);
    let mut events = Vec::new();
    framer.feed(bytes, Duration::ZERO, &mut events);
    // Each tick makes progress, and no engine waits more than twice after its last byte.
    for _ in 0..4 {
        if let Some(deadline) = framer.deadline() {
            framer.tick(deadline, &mut events);
        }
    }
    framer.hang_up(&mut events);
    events.iter().filter_map(|event| decoded(formats, event)).collect()
}

/// Describes one event; nothing for a reply, which goes to the scanner and not to the reader.
pub fn decoded(formats: &Formats, event: &FrameEvent) -> Option<DecodedFrame> {
    match event {
        FrameEvent::Frame { bytes, .. } => Some(read(formats, bytes)),
        FrameEvent::Rejected { why, bytes } => Some(rejected(*why, bytes)),
        FrameEvent::Ignored(ignored) => Some(ignored_bytes(*ignored)),
        FrameEvent::Reply(_) => None,
    }
}

fn read(formats: &Formats, bytes: &[u8]) -> DecodedFrame {
    let decoded = formats.read(bytes);
    let sentence = decoded.reading.sentence();
    let blank = blank(bytes);
    let aim = decoded.aim.map(|aim: Aim| DecodedAim { id: aim.to_string(), symbology: aim.symbology() });
    let described = DecodedFrame {
        aim,
        encoding: Some(decoded.encoding.as_str()),
        why: sentence.unwrap_or_default().to_owned(),
        ..blank
    };
    match decoded.reading {
        Reading::Label(label) => DecodedFrame {
            kind: Some(label.kind.as_str()),
            why: format!("a {} label, by format {}", label.kind.as_str(), label.format),
            key: Some(label.key),
            format: Some(label.format),
            outcome: "label",
            ..described
        },
        Reading::Foreign(foreign) => {
            DecodedFrame { outcome: "foreign", cause: Some(foreign.as_str()), ..described }
        }
        Reading::Damaged(damage) => {
            DecodedFrame { outcome: "damaged", cause: Some(damage.as_str()), ..described }
        }
        Reading::Unknown => DecodedFrame { outcome: "unknown", ..described },
    }
}

fn rejected(why: Defect, bytes: &[u8]) -> DecodedFrame {
    DecodedFrame {
        outcome: "rejected",
        cause: Some(why.as_str()),
        why: why.sentence().to_owned(),
        ..blank(bytes)
    }
}

fn ignored_bytes(ignored: Ignored) -> DecodedFrame {
    let why = match ignored {
        Ignored::Echo => "our own answer, sent back by the line",
        Ignored::Acknowledged => "the scanner understood a command",
        Ignored::NotAcknowledged => "the scanner did not understand a command",
        Ignored::Report => "a report without a code",
    };
    DecodedFrame { outcome: "ignored", cause: Some(ignored.as_str()), why: why.to_owned(), ..blank(&[]) }
}

fn blank(bytes: &[u8]) -> DecodedFrame {
    DecodedFrame {
        frame: visible(bytes),
        hex: bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        aim: None,
        encoding: None,
        kind: None,
        key: None,
        format: None,
        outcome: "",
        cause: None,
        why: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::label::{CheckScheme, FormatSpec, LabelKind, ReadOptions};
    use crate::scanner::frame::{Framing, Terminators};

    fn check(bytes: &[u8], expect: &[&str]) {
        let settings = FrameSettings {
            framing: Framing::Line(Terminators { cr: true, lf: true, tab: false }),
            prefix: Vec::new(),
            frame_bytes_max: 512,
            gap: Duration::from_millis(100),
            total: Duration::from_secs(3),
        };
        let spec = FormatSpec {
            kind: LabelKind::Volume,
            pattern: "CHART[0-9]{4}".to_owned(),
            check: CheckScheme::None,
            keep_check: false,
            aim: Vec::new(),
            gs1: None,
            hibc: None,
        };
        let formats = Formats::new(vec![spec], ReadOptions::default()).unwrap();
        let found = decode(settings, &formats, bytes);
        let found: Vec<_> = found.iter().map(|frame| serde_json::to_string(frame).unwrap()).collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn each_frame_becomes_one_object() {
        check(
            b"]C0CHART0001\r\n",
            &[concat!(
                r#"{"frame":"]C0CHART0001","hex":"5d4330434841525430303031","#,
                r#""aim":{"id":"]C0","symbology":"Code 128"},"encoding":"ascii","kind":"volume","#,
                r#""key":"CHART0001","format":0,"outcome":"label","cause":null,"#,
                r#""why":"a volume label, by format 0"}"#
            )],
        );
        check(
            b"\x1b[6q\rCH",
            &[
                concat!(
                    r#"{"frame":"","hex":"","aim":null,"encoding":null,"kind":null,"key":null,"format":null,"#,
                    r#""outcome":"ignored","cause":"echo","why":"our own answer, sent back by the line"}"#
                ),
                concat!(
                    r#"{"frame":"CH","hex":"4348","aim":null,"encoding":null,"kind":null,"key":null,"format":null,"#,
                    r#""outcome":"rejected","cause":"partial","#,
                    r#""why":"the code broke off in the middle; scan again, and if that fails check the cable"}"#
                ),
            ],
        );
    }
}
