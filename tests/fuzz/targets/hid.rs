//! HID report descriptors and reports: any bytes, and codes that must come through a descriptor unchanged.

use crate::input::Input;
use outguide::scanner::frame::{FrameEvent, FrameSettings, Framer, Framing};
use outguide::scanner::hid::{ReportMap, Sound};
use std::time::Duration;

/// Bytes of one report as the framer takes it, and data bytes in it.
const REPORT: usize = 64;
const DATA: usize = 56;
const FRAME_BYTES_MAX: usize = 200;
/// Longest report that Linux reads, with its id.
const REPORT_BYTES_MAX: usize = 16_385;

pub(crate) fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    if input.byte() & 1 == 1 {
        return whole_codes(&mut input);
    }
    let length = usize::from(input.byte()) * 2;
    let descriptor = input.bytes(length);
    let Some(map) = ReportMap::parse(descriptor) else { return };
    assert!((REPORT..=REPORT_BYTES_MAX).contains(&map.report_bytes_max()));
    for sound in [Sound::GoodRead, Sound::NotOnFile, Sound::Error] {
        if let Some(report) = map.sound(sound) {
            assert!((2..=REPORT_BYTES_MAX).contains(&report.len()));
            let ones: u32 = report[1..].iter().map(|byte| byte.count_ones()).sum();
            assert_eq!(ones, 1, "{sound:?} is one switch: {report:02x?}");
        }
    }
    let mut framer = framer();
    let mut events = Vec::new();
    let mut now = Duration::ZERO;
    while !input.is_empty() {
        now += input.pause();
        let report = input.some(255);
        let mut canonical = Vec::new();
        map.canonical(report, &mut canonical);
        assert_eq!(canonical.len() % REPORT, 0);
        assert_eq!(
            canonical.is_empty(),
            report.is_empty(),
            "a report makes at least one, nothing makes none"
        );
        // Where characters are of one bit, each bit is one.
        assert!(
            canonical.len() <= REPORT * (1 + 8 * report.len() / DATA),
            "{} of {}",
            canonical.len(),
            report.len()
        );
        let before = events.len();
        framer.feed(&canonical, now, &mut events);
        assert!(events.len() - before <= 1 + canonical.len() / REPORT);
        again(&canonical);
    }
    framer.hang_up(&mut events);
    for event in &events {
        if let FrameEvent::Frame { bytes, .. } = event {
            assert!(bytes.len() <= FRAME_BYTES_MAX, "{} bytes", bytes.len());
        }
    }
}

fn framer() -> Framer {
    Framer::new(FrameSettings {
        framing: Framing::HidPos,
        prefix: Vec::new(),
        frame_bytes_max: FRAME_BYTES_MAX,
        gap: Duration::from_millis(100),
        total: Duration::from_secs(3),
    })
}

/// A scanner with room for so many bytes in a report: each code comes out as it was scanned, in one report or several.
fn whole_codes(input: &mut Input<'_>) {
    let room = u8::try_from(1 + input.below(250)).unwrap();
    // Bar code scanner; scanned data report 2; byte count, identifier, decoded data, continued.
    let descriptor = [
        &[0x05, 0x8c, 0x09, 0x02, 0xa1, 0x01, 0x09, 0x12, 0xa1, 0x02, 0x85, 0x02, 0x75, 0x08, 0x95, 0x01][..],
        &[
            0x05, 0x01, 0x09, 0x3b, 0x81, 0x02, 0x95, 0x03, 0x05, 0x8c, 0x09, 0xfb, 0x09, 0xfc, 0x09, 0xfd,
            0x81, 0x02,
        ],
        &[0x96, room, 0x00, 0x09, 0xfe, 0x81, 0x02, 0x95, 0x01, 0x09, 0xff, 0x81, 0x02, 0xc0, 0xc0],
    ]
    .concat();
    let map = ReportMap::parse(&descriptor).expect("a scanner");
    while !input.is_empty() {
        let code = input.some(FRAME_BYTES_MAX);
        let mut canonical = Vec::new();
        let count = code.chunks(usize::from(room)).count().max(1);
        for number in 1..=count {
            let start = (number - 1) * usize::from(room);
            let part = &code[start..code.len().min(start + usize::from(room))];
            let mut report = [&[2, u8::try_from(part.len()).unwrap(), 0, 0, 0], part].concat();
            report.resize(5 + usize::from(room), 0);
            report.push(u8::from(number < count));
            map.canonical(&report, &mut canonical);
        }
        let mut events = Vec::new();
        framer().feed(&canonical, Duration::ZERO, &mut events);
        let end = code.iter().rposition(|byte| !matches!(byte, b'\r' | b'\n')).map_or(0, |last| last + 1);
        let expect = FrameEvent::Frame { bytes: code[..end].to_vec(), resend: false };
        assert_eq!(events, [expect], "{room} bytes a report");
    }
}

/// The scanner that most are like: what is canonical stays as it is.
fn again(canonical: &[u8]) {
    const USUAL: &[u8] = &[
        0x05, 0x8c, 0x09, 0x02, 0xa1, 0x01, 0x09, 0x12, 0xa1, 0x02, 0x85, 0x02, 0x75, 0x08, 0x95, 0x3f, 0x81,
        0x02, 0xc0, 0xc0,
    ];
    let usual = ReportMap::parse(USUAL).unwrap();
    for report in canonical.chunks(REPORT) {
        let is_sound =
            report[0] == 2 && usize::from(report[1]) <= DATA && report[2] != b']' && report[3] != b']';
        if is_sound
            && report[2..5] == [0; 3]
            && report[5 + usize::from(report[1])..63].iter().all(|byte| *byte == 0)
        {
            let mut out = Vec::new();
            usual.canonical(report, &mut out);
            assert_eq!(out, report);
        }
    }
}
