//! When ticks are owed and what they do, and what is dropped.

use super::*;

/// Feeds pieces at their times; after each, the deadline in milliseconds is as expected.
fn check(framing: Framing, steps: &[(u64, &[u8], Option<u64>)]) {
    let mut framer = Framer::new(FrameSettings {
        framing,
        prefix: Vec::new(),
        frame_bytes_max: 8,
        gap: Duration::from_millis(100),
        total: Duration::from_millis(150),
    });
    let mut out = Vec::new();
    for (at_ms, bytes, expect) in steps {
        framer.feed(bytes, Duration::from_millis(*at_ms), &mut out);
        assert_eq!(framer.deadline(), expect.map(Duration::from_millis), "{framing:?} at {at_ms} ms");
    }
}

#[test]
fn owes_a_tick_only_while_a_frame_is_open() {
    let line = Framing::Line(Terminators { cr: true, lf: true, tab: false });
    check(line, &[(0, b"", None), (5, b"CH", Some(105)), (90, b"A", Some(155)), (99, b"\r", None)]);
    check(line, &[(5, b"\0\r\x06", None), (10, b"CHART0001", Some(110)), (200, b"", None)]);
    check(Framing::StxEtx, &[(5, b"\x02", Some(105)), (10, b"A", Some(110)), (20, b"\x03", None)]);
    check(Framing::Timeout, &[(5, b"A", Some(105)), (105, b"B", Some(205)), (205, b"", None)]);
    check(Framing::Ssi, &[(5, b"\x04\xd0", Some(105)), (10, b"\0\0\xff\x2c", None)]);
    check(Framing::HidPos, &[(5, &[5; 63], Some(105)), (10, &[5; 64], Some(110)), (20, &[5; 1], None)]);
}

#[test]
fn a_frame_that_ends_with_a_silence_may_take_its_whole_time() {
    let check = |bytes: &[(u64, &[u8])], expect: &[&str]| {
        for is_prompt in [true, false] {
            let mut framer = Framer::new(FrameSettings {
                framing: Framing::Timeout,
                prefix: Vec::new(),
                frame_bytes_max: 512,
                gap: Duration::from_millis(100),
                total: Duration::from_millis(150),
            });
            let mut out = Vec::new();
            for (at_ms, bytes) in bytes {
                let now = Duration::from_millis(*at_ms);
                while is_prompt && let Some(owed) = framer.deadline().filter(|owed| *owed <= now) {
                    framer.tick(owed, &mut out);
                }
                framer.feed(bytes, now, &mut out);
            }
            framer.feed(b"", Duration::from_secs(9), &mut out);
            let found: Vec<_> = out.iter().map(ToString::to_string).collect();
            assert_eq!(found, expect, "{bytes:?} {is_prompt}");
        }
    };
    check(&[(0, b"CHART"), (90, b"00"), (150, b"01")], &["frame CHART0001"]);
    // Longer than that it is no code, up to the next silence.
    let endless: [(u64, &[u8]); 5] = [(0, b"A"), (90, b"B"), (151, b"C"), (250, b"D"), (350, b"E")];
    check(&endless, &["rejected partial AB", "frame E"]);
    check(&[(0, b"\0"), (90, b"\r"), (180, b"CHART0001")], &["frame CHART0001"]);
}

#[test]
fn what_is_owed_first_is_done_first_however_late() {
    for ticks in [&[5, 20][..], &[20], &[]] {
        let mut framer = Framer::new(FrameSettings {
            framing: Framing::Line(Terminators { cr: true, lf: true, tab: false }),
            prefix: Vec::new(),
            frame_bytes_max: 512,
            gap: Duration::from_millis(5),
            total: Duration::from_secs(3),
        });
        let mut out = Vec::new();
        framer.feed(b"]Q1A\rB", Duration::ZERO, &mut out);
        ticks.iter().for_each(|at_ms| framer.tick(Duration::from_millis(*at_ms), &mut out));
        framer.feed(b"C\r", Duration::from_secs(1), &mut out);
        let found: Vec<_> = out.iter().map(ToString::to_string).collect();
        assert_eq!(found, ["frame ]Q1A␊B", "rejected tainted C"], "ticks at {ticks:?}");
    }
}

#[test]
fn a_tick_before_its_time_does_nothing() {
    let mut framer = Framer::new(FrameSettings {
        framing: Framing::Timeout,
        prefix: Vec::new(),
        frame_bytes_max: 512,
        gap: Duration::from_millis(100),
        total: Duration::from_secs(3),
    });
    let mut out = Vec::new();
    framer.feed(b"CHART0001", Duration::ZERO, &mut out);
    framer.tick(Duration::from_millis(99), &mut out);
    assert_eq!(out, []);
    framer.tick(Duration::from_millis(100), &mut out);
    assert_eq!(out, [FrameEvent::Frame { bytes: b"CHART0001".to_vec(), resend: false }]);
}

#[test]
fn what_is_dropped_without_a_word_is_counted() {
    let check = |framing: Framing, bytes: &[u8], expect: usize| {
        let mut framer = Framer::new(FrameSettings {
            framing,
            prefix: Vec::new(),
            frame_bytes_max: 8,
            gap: Duration::from_millis(100),
            total: Duration::from_millis(150),
        });
        let mut out = Vec::new();
        framer.feed(bytes, Duration::ZERO, &mut out);
        assert_eq!((framer.take_discarded(), framer.take_discarded()), (expect, 0), "{framing:?}: {out:?}");
    };
    let line = Framing::Line(Terminators { cr: true, lf: true, tab: false });
    // The one that is too many is refused with the others; the terminator ends the dropping, and is dropped with it.
    check(line, b"CHART000\rCHART0001234\rV1\r", 4);
    check(line, &[b'x'; 1000], 991);
    check(Framing::StxEtx, &[&[2][..], &[b'x'; 1000]].concat(), 991);
    check(Framing::Timeout, &[b'x'; 1000], 991);
    check(Framing::Ssi, &[b'x'; 1000], 0);
    let report = [&[2, 56, 0, 0, 0][..], &[b'x'; 58], &[1]].concat();
    check(Framing::HidPos, &report.repeat(3), 128);
}

#[test]
fn the_rest_of_a_code_after_lost_bytes_is_no_code() {
    let mut framer = Framer::new(FrameSettings {
        framing: Framing::Line(Terminators { cr: true, lf: true, tab: true }),
        prefix: Vec::new(),
        frame_bytes_max: 64,
        gap: Duration::from_millis(100),
        total: Duration::from_secs(3),
    });
    let mut said = |bytes: &[u8], lost: bool| {
        let mut out = Vec::new();
        if lost {
            framer.lose(&mut out);
        }
        framer.feed(bytes, Duration::ZERO, &mut out);
        out.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(said(b"CHART1", false), "");
    assert_eq!(said(b"2345\r", true), "rejected partial CHART1, rejected tainted 2345");
    assert_eq!(said(b"CHART2\r", false), "frame CHART2");
    // Its head was lost before anything of it had come.
    assert_eq!(said(b"345\r", true), "rejected tainted 345");
    assert_eq!(said(b"CHART3\r", false), "frame CHART3");
}

#[test]
fn the_lines_of_a_code_belong_together_however_long_each_takes() {
    let check = |pieces: &[(u64, &[u8])], expect: &str| {
        let mut framer = Framer::new(FrameSettings {
            framing: Framing::Line(Terminators { cr: true, lf: true, tab: false }),
            prefix: Vec::new(),
            frame_bytes_max: 64,
            gap: Duration::from_millis(100),
            total: Duration::from_secs(3),
        });
        let mut out = Vec::new();
        for (at_ms, bytes) in pieces {
            framer.feed(bytes, Duration::from_millis(*at_ms), &mut out);
        }
        framer.tick(Duration::from_secs(60), &mut out);
        let said: Vec<_> = out.iter().map(ToString::to_string).collect();
        assert_eq!(said.join(", "), expect);
    };
    // At 9600 baud a line takes longer than the silence between two codes; its bytes come without one.
    check(&[(0, b"]d1some\rCHA"), (15, b"RT0"), (30, b"001\r")], "frame ]d1some␊CHART0001");
    check(&[(0, b"]d1some\r"), (25, b"CHART0001\r")], "frame ]d1some, frame CHART0001");
    check(&[(0, b"]d1one\r]d1two\r")], "frame ]d1one, frame ]d1two");
    check(&[(0, b"]C0one\rtwo\r")], "frame ]C0one, frame two");
}
