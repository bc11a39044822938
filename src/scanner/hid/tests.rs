//! Descriptors of scanners and of what is none; their reports through to frames; any bytes at all.

use super::*;
use crate::scanner::frame::{FrameEvent, FrameSettings, Framer, Framing};
use proptest::prelude::*;
use std::time::Duration;

/// The scanner that the test rig plays: report 2 with the code, report 4 for trigger and beeps.
const RIG: &str = "05 8C 09 02 A1 01 09 12 A1 02 85 02 15 00 26 FF 00 75 08 95 01 05 01 09 3B 81 02 95 03 05 8C 09 FB
    09 FC 09 FD 81 02 95 38 09 FE 82 02 01 95 02 06 66 FF 09 04 09 05 81 02 05 8C 09 FF 25 01 75 01 95 01 81 02 75 07
    81 03 C0 09 14 A1 02 85 04 15 00 25 01 75 01 95 01 09 00 91 02 09 60 91 02 09 5F 91 02 09 85 91 02 09 86 91 02
    09 87 91 02 75 02 95 01 91 03 C0 C0";
/// Like Honeywell's: eight flags of one usage, beeps among the flags of one item, a feature and a serial report.
const HONEYWELL: &str = "05 8C 09 02 A1 01 09 12 A1 02 85 02 15 00 26 FF 00 75 08 95 01 05 01 09 3B 81 02 95 03 05 8C
    09 FB 09 FC 09 FD 81 02 95 38 09 FE 82 02 01 06 66 FF 95 02 09 04 09 00 81 02 05 8C 25 01 75 01 95 08 09 FF 81 02
    C0 09 14 A1 02 85 04 15 00 25 01 75 01 95 08 09 00 09 5F 09 60 09 00 09 00 09 85 09 86 91 86 C0 06 66 FF 75 08
    26 FF 00 09 03 A1 02 85 FE 95 01 09 03 B2 82 01 C0 09 01 A1 02 85 FD 95 01 09 21 91 02 95 3E 09 22 92 82 01 C0 C0";
/// No length, unnumbered, the identifier as a range.
const NO_LENGTH: &str =
    "05 8C 09 02 A1 01 09 12 A1 02 15 00 26 FF 00 75 08 95 03 19 FB 29 FD 81 02 95 3C 09 FE 82 02 01
    75 01 95 01 09 FF 81 02 75 07 81 03 C0 C0";
/// Nothing on a byte's edge: three bits of filling, seven bits a character, extended usages, pushed and popped sizes.
const UNALIGNED: &str =
    "05 8C 09 02 A1 01 85 07 75 03 95 01 81 03 A4 75 07 95 0A 0B FE 00 8C 00 81 02 B4 75 01 95 01
    0B FF 00 8C 00 81 02 A4 75 05 0B 3B 00 01 00 81 02 B4 75 08 95 03 09 FB 09 FC 09 FD 81 02 C0";
/// 64 bytes and not a word about them.
const TACITURN: &str = "05 8C 09 02 A1 01 09 10 15 00 26 FF 00 75 08 95 40 81 02 C0";
/// The same, numbered.
const TACITURN_NUMBERED: &str = "05 8C 09 02 A1 01 09 12 A1 02 85 05 09 00 75 08 95 3F 81 02 C0 C0";
const MOUSE: &str =
    "05 01 09 02 A1 01 09 01 A1 00 05 09 19 01 29 03 15 00 25 01 95 03 75 01 81 02 95 01 75 05 81 03
    05 01 09 30 09 31 15 81 25 7F 75 08 95 02 81 06 C0 C0";
const KEYBOARD: &str =
    "05 01 09 06 A1 01 05 07 19 E0 29 E7 15 00 25 01 75 01 95 08 81 02 95 01 75 08 81 03 95 05 75 01
    05 08 19 01 29 05 91 02 95 01 75 03 91 03 95 06 75 08 15 00 26 FF 00 05 07 19 00 2A FF 00 81 00 C0";
/// A vendor's own page whose fields are a scanner's: Honeywell's maintenance interface.
const VENDOR: &str = "06 8C FF 09 02 A1 01 09 12 A1 02 85 02 75 08 95 38 05 8C 09 FE 82 02 01 C0 C0";

fn hex(text: &str) -> Vec<u8> {
    text.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
}

fn map(descriptor: &str) -> ReportMap {
    ReportMap::parse(&hex(descriptor)).unwrap()
}

/// What the framer makes of reports, as people read it.
fn frames(map: &ReportMap, reports: &[Vec<u8>]) -> Vec<String> {
    let mut framer = Framer::new(FrameSettings {
        framing: Framing::HidPos,
        prefix: Vec::new(),
        frame_bytes_max: 512,
        gap: Duration::from_millis(100),
        total: Duration::from_secs(3),
    });
    let mut events = Vec::new();
    for report in reports {
        let mut bytes = Vec::new();
        map.canonical(report, &mut bytes);
        assert_eq!(bytes.len() % 64, 0);
        framer.feed(&bytes, Duration::ZERO, &mut events);
    }
    framer.hang_up(&mut events);
    events.iter().map(FrameEvent::to_string).collect()
}

fn check(descriptor: &str, reports: &[Vec<u8>], expect: &[&str]) {
    assert_eq!(frames(&map(descriptor), reports), expect, "{descriptor}");
}

/// The common report, its id included: `before` stands between length and identifier.
fn report(before: &[u8], aim: &[u8; 3], data: &[u8], more: bool) -> Vec<u8> {
    let mut report = [&[2, u8::try_from(data.len()).unwrap()], before, aim, data].concat();
    report.resize(63, 0);
    report.push(u8::from(more));
    report
}

#[test]
fn common_reports_become_frames() {
    for descriptor in [RIG, HONEYWELL] {
        check(descriptor, &[report(&[], b"]C0", b"CHART0001", false)], &["frame ]C0CHART0001"]);
        check(descriptor, &[report(&[], b"]C1", b"8018\x1d1\r", false)], &["frame ]C18018␝1"]);
        check(descriptor, &[report(&[], &[0; 3], b"CHART0001", false)], &["frame CHART0001"]);
        // An identifier that no table has is none.
        check(descriptor, &[report(&[], b"]?9", b"CHART0001", false)], &["frame CHART0001"]);
        let long = [
            report(&[], b"]Q1", &[b'A'; 56], true),
            report(&[], b"]Q1", &[b'B'; 56], true),
            report(&[], b"]Q1", b"CCC", false),
        ];
        let expect = format!("frame ]Q1{}{}CCC", "A".repeat(56), "B".repeat(56));
        check(descriptor, &long, &[&expect]);
        assert_eq!(map(descriptor).report_bytes_max(), 64);
    }
}

#[test]
fn canonical_leaves_a_common_report_as_it_is() {
    let report = report(&[], b"]d2", b"CHART0001", true);
    let mut out = Vec::new();
    map(RIG).canonical(&report, &mut out);
    assert_eq!(out, report);
}

#[test]
fn a_byte_of_the_scanners_own_before_the_identifier_is_left_out() {
    for descriptor in [RIG, HONEYWELL, TACITURN_NUMBERED] {
        let mut report = report(b"x", b"]C0", b"CHART0001", false);
        if descriptor == TACITURN_NUMBERED {
            report[0] = 5;
        }
        check(descriptor, &[report], &["frame ]C0CHART0001"]);
    }
}

#[test]
fn other_and_broken_reports_make_no_frame() {
    let mut status = report(&[], &[0; 3], b"status", false);
    status[0] = 9;
    check(RIG, &[status, vec![9], Vec::new()], &["ignored report", "ignored report"]);
    let mut overlong = report(&[], b"]C0", b"CHART0001", false);
    overlong[1] = 57;
    let refused = frames(&map(RIG), &[overlong]);
    assert!(refused[0].starts_with("rejected malformed ␂"), "{refused:?}");
    // Cut off within the data, and before them.
    for length in [10, 2, 1] {
        let cut = report(&[], b"]C0", b"CHART0001", false)[..length].to_vec();
        let refused = frames(&map(RIG), &[cut]);
        assert!(refused[0].starts_with("rejected malformed"), "{length}: {refused:?}");
    }
    // Cut off after them: the flag is missing, the code is not.
    let cut = report(&[], b"]C0", b"CHART0001", false)[..14].to_vec();
    check(RIG, &[cut], &["frame ]C0CHART0001"]);
}

#[test]
fn a_report_between_two_parts_of_a_code_does_not_end_it() {
    let parts = [report(&[], b"]C0", b"CHART", true), vec![9, 1, 2], report(&[], b"]C0", b"0001", false)];
    check(RIG, &parts, &["ignored report", "frame ]C0CHART0001"]);
}

#[test]
fn without_a_length_the_zeros_at_the_end_are_filling() {
    let mut report = b"]C0CHART0001".to_vec();
    report.resize(64, 0);
    check(NO_LENGTH, &[report.clone()], &["frame ]C0CHART0001"]);
    // 60 bytes a report are split into what the framer takes.
    let mut long = [b"]C0".to_vec(), vec![b'A'; 60], vec![1]].concat();
    let expect = format!("frame ]C0{}CHART0001", "A".repeat(60));
    check(NO_LENGTH, &[long.clone(), report], &[&expect]);
    let mut out = Vec::new();
    map(NO_LENGTH).canonical(&long, &mut out);
    assert_eq!((out.len(), out[1], out[63], out[65], out[127]), (128, 56, 1, 4, 1));
    long[63] = 0;
    check(NO_LENGTH, &[long], &[&format!("frame ]C0{}", "A".repeat(60))]);
}

/// Packs values into bits, the lowest first.
fn pack(values: &[(u32, usize)]) -> Vec<u8> {
    let bits: Vec<_> =
        values.iter().flat_map(|(value, size)| (0..*size).map(move |bit| (value >> bit) & 1)).collect();
    bits.chunks(8)
        .map(|bits| bits.iter().rev().fold(0, |byte, bit| (byte << 1) | u8::try_from(*bit).unwrap()))
        .collect()
}

#[test]
fn fields_need_not_lie_on_bytes() {
    let make = |data: &[u8; 10], more: u32, length: u32| {
        let mut values = vec![(0b101, 3)];
        values.extend(data.iter().map(|byte| (u32::from(*byte), 7)));
        values.extend([(more, 1), (length, 5)]);
        values.extend(b"]C0".map(|byte| (u32::from(byte), 8)));
        [vec![7], pack(&values)].concat()
    };
    let reports = [make(b"CHART0001!", 1, 10), make(b"23~~~~~~~~", 0, 2)];
    check(UNALIGNED, &reports, &["frame ]C0CHART0001!23"]);
}

#[test]
fn a_scanner_that_declares_no_fields_is_read_as_most_are() {
    let numbered = report(&[], b"]C0", b"CHART0001", false);
    let mut other_id = numbered.clone();
    other_id[0] = 5;
    check(TACITURN_NUMBERED, &[other_id, numbered.clone()], &["frame ]C0CHART0001", "ignored report"]);
    // Unnumbered: the same without its id.
    let unnumbered = numbered[1..].to_vec();
    check(TACITURN, &[unnumbered], &["frame ]C0CHART0001"]);
    // Of a descriptor that breaks off, the rest is as usual.
    let broken: Vec<_> = RIG.split_whitespace().take(8).collect();
    let map = map(&broken.join(" "));
    assert_eq!(map.report_bytes_max(), 64);
    let long = [report(&[], b"]C0", &[b'A'; 56], true), report(&[], b"]C0", b"B", false)];
    let long: Vec<_> = long.map(|report| report[1..].to_vec()).into();
    assert_eq!(frames(&map, &long), [format!("frame ]C0{}B", "A".repeat(56))]);
}

#[test]
fn only_bar_code_scanners_are_scanners() {
    for descriptor in [MOUSE, KEYBOARD, VENDOR, "", "05 8C 09 02", "05 8C 09 12 A1 01 C0"] {
        assert!(ReportMap::parse(&hex(descriptor)).is_none(), "{descriptor}");
    }
    // A keyboard and a scanner in one interface: one is enough, and its fields alone count.
    let both = format!("{} {RIG}", KEYBOARD.replacen("A1 01", "A1 01 85 01", 1));
    check(&both, &[report(&[], b"]C0", b"CHART0001", false)], &["frame ]C0CHART0001"]);
    let both = format!("{RIG} 05 01 09 06 A1 01 85 05 05 8C 75 08 95 20 09 FE 81 02 C0");
    let mut foreign = report(&[], b"]C0", b"CHART0001", false);
    foreign[0] = 5;
    check(&both, &[foreign], &["ignored report"]);
}

#[test]
fn a_page_declared_after_its_usages_counts() {
    let late = "05 8C 09 02 A1 01 75 08 95 01 09 3B 05 01 81 02 95 08 09 FE 05 8C 81 02 C0";
    check(late, &[b"\x04CHART000".to_vec()], &["frame CHAR"]);
}

#[test]
fn usages_of_one_item_keep_their_pages_and_places() {
    let pages = "05 8C 09 02 A1 01 75 08 95 05 05 01 09 3B 05 8C 09 FE 81 02 C0";
    check(pages, &[b"\x03CHART".to_vec()], &["frame CHA"]);
    let places = "05 8C 09 02 A1 01 75 08 95 04 09 FE 09 FE 09 FF 09 30 81 02 C0";
    check(places, &[b"CH\x01x".to_vec(), b"AR\0x".to_vec()], &["frame CHAR"]);
}

#[test]
fn what_was_pushed_comes_back() {
    let pushed = "05 8C 09 02 A1 01 75 08 95 04 A4 05 01 75 01 95 08 81 03 B4 09 FE 81 02 C0";
    check(pushed, &[b"xCHAR".to_vec()], &["frame CHAR"]);
}

#[test]
fn of_usages_that_stand_for_each_other_the_first_counts() {
    let delimited = "05 8C 09 02 A1 01 75 08 95 04 A9 01 09 FE 09 30 A9 00 81 02 C0";
    check(delimited, &[b"CHAR".to_vec()], &["frame CHAR"]);
}

#[test]
fn makes_the_scanner_sound() {
    let all = [Sound::GoodRead, Sound::NotOnFile, Sound::Error];
    let sounds = |descriptor: &str| all.map(|sound| map(descriptor).sound(sound));
    assert_eq!(sounds(RIG), [Some(vec![4, 0x10]), Some(vec![4, 0x20]), Some(vec![4, 8])]);
    assert_eq!(sounds(HONEYWELL), [Some(vec![4, 0x40]), None, Some(vec![4, 0x20])]);
    assert_eq!(sounds(TACITURN), [None, None, None]);
    // Unnumbered, behind a first byte, a byte a sound.
    let bytes = "05 8C 09 02 A1 01 75 08 95 01 91 03 95 03 19 85 29 87 91 02 C0";
    assert_eq!(
        sounds(bytes),
        [Some(vec![0, 0, 0, 1, 0]), Some(vec![0, 0, 0, 0, 1]), Some(vec![0, 0, 1, 0, 0])]
    );
    // Named, not switched: which number means which is not told.
    assert_eq!(sounds("05 8C 09 02 A1 01 75 08 95 01 19 85 29 87 91 00 C0"), [None, None, None]);
}

#[test]
fn a_descriptor_out_of_all_bounds_is_no_scanners() {
    let large = "05 8C 09 02 A1 01 75 08 96 00 40 09 FE 81 02 C0";
    assert_eq!(map(large).report_bytes_max(), 16384);
    for hostile in [
        "05 8C 09 02 A1 01 75 08 96 01 40 09 FE 81 02 C0",
        "05 8C 09 02 A1 01 77 FF FF FF FF 97 FF FF FF FF 09 FE 81 02 C0",
        "05 8C 09 02 A1 01 75 08 96 00 40 91 02 91 02 C0",
    ] {
        assert!(ReportMap::parse(&hex(hostile)).is_none(), "{hostile}");
    }
    // Values of no bits take no room, however many.
    check("05 8C 09 02 A1 01 75 00 97 FF FF FF FF 09 FE 81 02 C0", &[], &[]);
}

/// Bytes that look like a descriptor, so that chance reaches the deep places.
fn descriptors() -> impl Strategy<Value = Vec<u8>> {
    let word = prop_oneof![
        proptest::sample::select(
            RIG.split_whitespace().chain(UNALIGNED.split_whitespace()).collect::<Vec<_>>()
        )
        .prop_map(hex),
        proptest::sample::select(vec![
            "09 FE",
            "81 02",
            "A1 01",
            "C0",
            "A4",
            "B4",
            "97 FF FF 00 00",
            "19 00 2A FF FF"
        ])
        .prop_map(hex),
        proptest::collection::vec(any::<u8>(), 0..4),
    ];
    let words = proptest::collection::vec(word, 0..300).prop_map(|words| words.concat());
    (any::<bool>(), words).prop_map(|(is_scanner, words)| {
        let start = if is_scanner { hex("05 8C 09 02 A1 01") } else { Vec::new() };
        [start, words].concat()
    })
}

proptest! {
    #[test]
    fn no_descriptor_and_no_report_is_too_much(
        descriptor in descriptors(),
        report in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        if let Some(map) = ReportMap::parse(&descriptor) {
            prop_assert!((64..=16385).contains(&map.report_bytes_max()));
            let mut out = Vec::new();
            map.canonical(&report, &mut out);
            prop_assert_eq!(out.len() % 64, 0);
            // One bit a character is the most a report can hold.
            prop_assert!(out.len() <= (report.len() * 8).div_ceil(56).max(1) * 64);
            for sound in [Sound::GoodRead, Sound::NotOnFile, Sound::Error] {
                prop_assert!(map.sound(sound).is_none_or(|report| (2..=16385).contains(&report.len())));
            }
            frames(&map, &[report]);
        }
    }

    #[test]
    fn a_descriptor_cut_anywhere_is_read_as_far_as_it_goes(cut in 0..200_usize) {
        for descriptor in [RIG, HONEYWELL, NO_LENGTH, UNALIGNED, TACITURN] {
            let bytes = hex(descriptor);
            let map = ReportMap::parse(&bytes[..cut.min(bytes.len())]);
            prop_assert_eq!(map.is_some(), cut >= 6, "{}", descriptor);
        }
    }

    #[test]
    fn any_code_comes_through(
        data in proptest::collection::vec(any::<u8>(), 0..300),
        aim in proptest::sample::select(vec![*b"]C0", *b"]C1", *b"]Q3", [0; 3]]),
        before in proptest::sample::select(vec![&b""[..], b"x"]),
    ) {
        prop_assume!(!data.ends_with(b"\r") && !data.ends_with(b"\n") && !data.starts_with(b"]"));
        let before = if aim == [0; 3] { b"" } else { before };
        let parts: Vec<&[u8]> = if data.is_empty() { vec![&data] } else { data.chunks(56).collect() };
        let last = parts.len() - 1;
        let reports: Vec<_> =
            parts.iter().enumerate().map(|(at, part)| report(before, &aim, part, at < last)).collect();
        let id = if aim == [0; 3] { &[][..] } else { &aim };
        let frame = FrameEvent::Frame { bytes: [id, &data].concat(), resend: false };
        for descriptor in [RIG, HONEYWELL] {
            prop_assert_eq!(frames(&map(descriptor), &reports), [frame.to_string()]);
        }
    }
}
