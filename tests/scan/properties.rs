//! What must hold for any bytes at any time.

use outguide::config::default_formats;
use outguide::decode::decode;
use outguide::label::{CheckScheme, FormatSpec, Formats, LabelKind, ReadOptions, Reading, visible};
use outguide::scanner::frame::{Defect, FrameEvent, FrameSettings, Framer, Framing, Terminators};
use proptest::prelude::*;
use std::sync::LazyLock;
use std::time::Duration;

const LINE: Framing = Framing::Line(Terminators { cr: true, lf: true, tab: false });
const FRAMINGS: [Framing; 5] = [LINE, Framing::StxEtx, Framing::Timeout, Framing::Ssi, Framing::HidPos];
const FRAME_BYTES_MAX: usize = 64;

fn settings(framing: Framing) -> FrameSettings {
    FrameSettings {
        framing,
        prefix: Vec::new(),
        frame_bytes_max: FRAME_BYTES_MAX,
        gap: Duration::from_millis(100),
        total: Duration::from_secs(3),
    }
}

fn spec(pattern: &str) -> FormatSpec {
    FormatSpec {
        kind: LabelKind::Volume,
        pattern: pattern.to_owned(),
        check: CheckScheme::None,
        keep_check: false,
        aim: Vec::new(),
        gs1: None,
        hibc: None,
    }
}

/// Compiled once: that takes longer than reading.
static FORMATS: LazyLock<Formats> = LazyLock::new(formats);

fn formats() -> Formats {
    let gs1 = |ai: &str| FormatSpec { gs1: Some(ai.to_owned()), ..spec("(?P<key>.+)") };
    let specs = vec![
        FormatSpec { check: CheckScheme::Mod43, ..spec("A.+") },
        FormatSpec { check: CheckScheme::Iso7064Mod37_36, keep_check: true, ..spec("B(?P<key>.+)") },
        FormatSpec { check: CheckScheme::Luhn, ..spec("[0-9]{2,}") },
        FormatSpec { check: CheckScheme::Iso7064Mod97_10, ..spec("D(?P<key>.+)") },
        FormatSpec { check: CheckScheme::Nhs, keep_check: true, ..spec("N(?P<key>.+)") },
        gs1("8018"),
        gs1("414+254"),
        gs1("253"),
        gs1("90"),
        FormatSpec { hibc: Some("BC".to_owned()), ..spec(".+") },
        FormatSpec { hibc: Some("AV".to_owned()), ..spec(".+") },
        // Cuts characters of more than one byte in half, which must not become a key.
        spec("C.(?P<key>.)(?s-u:.*)"),
    ];
    Formats::new(specs, ReadOptions { fold_case: true, full_ascii: true }).unwrap()
}

/// The formats of a site that configures none.
static OWN: LazyLock<Formats> =
    LazyLock::new(|| Formats::new(default_formats(), ReadOptions::default()).unwrap());

const SCHEMES: [CheckScheme; 8] = [
    CheckScheme::Mod43,
    CheckScheme::Mod10,
    CheckScheme::Luhn,
    CheckScheme::Hl7M10,
    CheckScheme::Hl7M11,
    CheckScheme::Nhs,
    CheckScheme::Iso7064Mod37_36,
    CheckScheme::Iso7064Mod97_10,
];

/// Beginnings and wholes of codes.
const PIECES: &[&[u8]] = &[
    b"]C1",
    b"]C0",
    b"]A3",
    b"]Q2\\000026",
    b"8018950123456789012341",
    b"(8018)",
    b"4149506000134376254",
    b"+/BC",
    b"+/1BC",
    b"+/ACMRN123456/V2009121908334",
    b"https://id.gs1.org/8018/950123456789012341",
    b"HTTPS://A/414/9506000134376/254/",
    b"?90=A%2FB%1D&91=%",
    b"D79444",
    b"N943 476 5919",
    b"M1DESMARAIS/LUC       EABC123 YULFRAAC 0834 326J001A0025 100",
    b"BCD\n002\n",
    b"0002010102126304",
    b"(414)9506000134376(254)",
    b"(90)",
    b"\x0e\xf3\x00\x00\x03CHART0001\xfc\xc9",
    b"\x1b[6q",
    b"\x02\x09]C0CHART0001",
    b"C\xc3\xa9\xe2\x80\xae",
];

/// Bytes that look like something, so that chance reaches the deep places.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..40),
        proptest::collection::vec(
            prop_oneof![Just(0_u8), Just(2), Just(3), Just(13), Just(10), Just(0x1d)],
            0..6
        ),
        "[A-Z0-9*+/$%=() ]{0,30}".prop_map(String::into_bytes),
        proptest::sample::select(PIECES).prop_map(<[u8]>::to_vec),
    ];
    proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

fn size(event: &FrameEvent) -> usize {
    match event {
        FrameEvent::Frame { bytes, .. } | FrameEvent::Rejected { bytes, .. } | FrameEvent::Reply(bytes) => {
            bytes.len()
        }
        FrameEvent::Ignored(_) => 0,
    }
}

proptest! {
    #[test]
    fn the_framer_never_panics_and_never_gives_more_than_it_may(
        feeds in proptest::collection::vec((bytes(), 0_u64..5000, any::<bool>()), 0..8),
    ) {
        for framing in FRAMINGS {
            let mut framer = Framer::new(settings(framing));
            let mut out = Vec::new();
            let mut now = Duration::ZERO;
            for (bytes, wait_ms, unplug) in &feeds {
                now += Duration::from_millis(*wait_ms);
                framer.feed(bytes, now, &mut out);
                if *unplug {
                    framer.hang_up(&mut out);
                }
            }
            framer.hang_up(&mut out);
            prop_assert_eq!(framer.deadline(), None);
            let given: usize = feeds.iter().map(|(bytes, ..)| bytes.len()).sum();
            let taken: usize = out.iter().filter(|event| !matches!(event, FrameEvent::Reply(_))).map(size).sum();
            prop_assert!(taken <= given, "{framing:?}");
            // A packet or a report is refused whole.
            prop_assert!(out.iter().all(|event| size(event) <= FRAME_BYTES_MAX + 257), "{framing:?}");
        }
    }

    #[test]
    fn any_cut_of_any_bytes_gives_the_same_events(bytes in bytes(), cuts in proptest::collection::vec(any::<bool>(), 400)) {
        for framing in FRAMINGS {
            let run = |is_cut: &dyn Fn(usize) -> bool| {
                let mut framer = Framer::new(settings(framing));
                let mut out = Vec::new();
                let mut start = 0;
                for end in (1..=bytes.len()).filter(|end| is_cut(*end) || *end == bytes.len()) {
                    framer.feed(&bytes[start..end], Duration::from_secs(1), &mut out);
                    start = end;
                }
                let deadline = framer.deadline();
                framer.hang_up(&mut out);
                (out, deadline)
            };
            let whole = run(&|_| false);
            prop_assert_eq!(&run(&|_| true), &whole, "{:?}", framing);
            prop_assert_eq!(&run(&|end| cuts[end % cuts.len()]), &whole, "{:?}", framing);
        }
    }

    #[test]
    fn no_terminated_frame_is_lost(codes in proptest::collection::vec("[A-Z0-9]{1,64}", 0..20), ends in "[\r\n]{1,3}") {
        let stream: String = codes.iter().map(|code| format!("{code}{ends}")).collect();
        let mut framer = Framer::new(settings(LINE));
        let mut out = Vec::new();
        framer.feed(stream.as_bytes(), Duration::ZERO, &mut out);
        framer.hang_up(&mut out);
        let frames: Vec<_> =
            codes.into_iter().map(|code| FrameEvent::Frame { bytes: code.into_bytes(), resend: false }).collect();
        prop_assert_eq!(out, frames);
    }

    #[test]
    fn after_any_bytes_a_whole_scan_follows_a_terminator(before in bytes()) {
        let mut framer = Framer::new(settings(LINE));
        let mut out = Vec::new();
        framer.feed(&before, Duration::ZERO, &mut out);
        framer.feed(b"\r", Duration::from_secs(60), &mut out);
        out.clear();
        framer.feed(b"CHART0001\r", Duration::from_secs(61), &mut out);
        prop_assert_eq!(out, [FrameEvent::Frame { bytes: b"CHART0001".to_vec(), resend: false }]);
    }

    #[test]
    fn the_reader_never_panics_and_keys_can_be_looked_up(bytes in bytes()) {
        for formats in [&*FORMATS, &*OWN] {
            match formats.read(&bytes).reading {
                Reading::Label(label) => {
                    prop_assert!(!label.key.is_empty() && !label.key.chars().any(char::is_control));
                }
                other => prop_assert!(other.sentence().is_some()),
            }
        }
        for framing in FRAMINGS {
            for frame in decode(settings(framing), &FORMATS, &bytes) {
                prop_assert!(!frame.outcome.is_empty() && !frame.why.is_empty());
            }
        }
    }

    #[test]
    fn a_label_with_its_schemes_own_check_is_read(number in "[0-9]{9}", text in "[0-9A-Z]{1,20}", keep_check: bool) {
        for scheme in SCHEMES {
            let is_text = matches!(
                scheme,
                CheckScheme::Mod43 | CheckScheme::Iso7064Mod37_36 | CheckScheme::Iso7064Mod97_10
            );
            let payload = if is_text { &text } else { &number };
            // One NHS number in eleven cannot be: its check digit would be 10.
            let Some(check) = scheme.compute(payload) else { continue };
            let format = FormatSpec { check: scheme, keep_check, ..spec("LABEL-(?P<key>.+)") };
            let formats = Formats::new(vec![format], ReadOptions::default()).unwrap();
            let whole = format!("{payload}{check}");
            let key = if keep_check { &whole } else { payload };
            let decoded = formats.read(format!("LABEL-{whole}").as_bytes());
            let is_it = matches!(&decoded.reading, Reading::Label(label) if label.key == *key);
            prop_assert!(is_it, "{:?} {:?}", scheme, decoded);
        }
    }

    #[test]
    fn what_is_shown_cannot_act(bytes in bytes()) {
        let shown = visible(&bytes);
        let acts = |character: char| character.is_control() || ('\u{200b}'..='\u{202e}').contains(&character);
        prop_assert!(!shown.chars().any(acts), "{}", shown);
    }
}

#[test]
fn a_megabyte_without_a_terminator_is_refused_once() {
    let mut framer = Framer::new(settings(LINE));
    let mut out = Vec::new();
    for at in 0..1024 {
        framer.feed(&[b'A'; 1024], Duration::from_millis(at * 50), &mut out);
    }
    let refused = FrameEvent::Rejected { why: Defect::Overlong, bytes: vec![b'A'; FRAME_BYTES_MAX] };
    assert_eq!(out, [refused]);
    framer.feed(b"\rCHART0001\r", Duration::from_secs(52), &mut out);
    assert_eq!(out[1..], [FrameEvent::Frame { bytes: b"CHART0001".to_vec(), resend: false }]);
}

#[test]
fn a_slow_dribble_is_refused_after_the_total_time() {
    let mut framer = Framer::new(settings(LINE));
    let mut out = Vec::new();
    for at in 0..40 {
        framer.feed(b"A", Duration::from_millis(at * 90), &mut out);
    }
    framer.feed(b"\r", Duration::from_millis(3600), &mut out);
    let whys: Vec<_> = out.iter().map(ToString::to_string).collect();
    assert_eq!(
        whys,
        [format!("rejected unterminated {}", "A".repeat(34)), "rejected tainted AAAAAA".to_owned()]
    );
}
