//! The framer: any settings, any bytes at any cut and any time, ticks when they are owed, late and in between.

use crate::input::Input;
use outguide::scanner::frame::{FrameEvent, FrameSettings, Framer, Framing, Terminators};
use std::time::Duration;

/// Beyond `frame_bytes_max` a refusal holds at most one packet of 257 bytes.
const PACKET: usize = 257;

/// What happens to a framer, and when.
enum Step<'a> {
    Bytes(&'a [u8]),
    Tick,
    HangUp,
}

/// How the same steps are carried out.
#[derive(Clone, Copy)]
struct Manner {
    is_bytewise: bool,
    /// Whether ticks are made at once when they are owed; else they are late, with the next step.
    is_prompt: bool,
    /// Whether ticks that nothing asked for are made too.
    has_needless: bool,
}

pub(crate) fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let settings = settings(&mut input);
    let steps = steps(&mut input);
    let plain = play(&settings, &steps, Manner { is_bytewise: false, is_prompt: true, has_needless: false });
    bounds(&settings, &steps, &plain);
    for manner in [
        Manner { is_bytewise: true, is_prompt: true, has_needless: true },
        Manner { is_bytewise: true, is_prompt: false, has_needless: true },
        Manner { is_bytewise: false, is_prompt: false, has_needless: false },
    ] {
        assert_eq!(play(&settings, &steps, manner), plain, "{settings:?}");
    }
}

fn settings(input: &mut Input<'_>) -> FrameSettings {
    let ends = input.byte();
    let terminators = Terminators { cr: ends & 1 == 0, lf: ends & 2 == 0, tab: ends & 4 != 0 };
    let framing = input.one_of([
        Framing::Line(terminators),
        Framing::StxEtx,
        Framing::Timeout,
        Framing::Ssi,
        Framing::HidPos,
    ]);
    let prefix = match input.below(4) {
        0 => input.bytes(2).to_vec(),
        1 => b"$".to_vec(),
        _ => Vec::new(),
    };
    FrameSettings {
        framing,
        prefix,
        frame_bytes_max: input.one_of([1, 2, 16, 40, 64, 512]),
        gap: Duration::from_millis(input.one_of([0, 1, 5, 100, 500])),
        total: Duration::from_millis(input.one_of([0, 50, 150, 700, 3000])),
    }
}

fn steps<'a>(input: &mut Input<'a>) -> Vec<(Duration, Step<'a>)> {
    let mut now = Duration::ZERO;
    let mut steps = Vec::new();
    while !input.is_empty() {
        now += input.pause();
        let step = match input.below(32) {
            0 => Step::HangUp,
            1..=3 => Step::Tick,
            4..=7 => Step::Bytes(input.some(255)),
            _ => Step::Bytes(input.some(20)),
        };
        steps.push((now, step));
    }
    steps
}

fn play(settings: &FrameSettings, steps: &[(Duration, Step<'_>)], manner: Manner) -> Vec<FrameEvent> {
    let mut framer = Framer::new(settings.clone());
    let mut out = Vec::new();
    for (now, step) in steps {
        if manner.is_prompt {
            catch_up(&mut framer, *now, &mut out);
        }
        match step {
            Step::Bytes(bytes) if manner.is_bytewise => {
                bytes.chunks(1).for_each(|byte| framer.feed(byte, *now, &mut out));
            }
            Step::Bytes(bytes) => framer.feed(bytes, *now, &mut out),
            Step::Tick if manner.has_needless => settle(&mut framer, *now, &mut out),
            Step::Tick => {}
            Step::HangUp => {
                settle(&mut framer, *now, &mut out);
                framer.hang_up(&mut out);
                assert_eq!(framer.deadline(), None, "after a hang-up nothing is owed");
            }
        }
    }
    while let Some(deadline) = framer.deadline() {
        settle(&mut framer, deadline, &mut out);
    }
    framer.hang_up(&mut out);
    out
}

/// Ticks whenever a tick was owed up to `now`.
fn catch_up(framer: &mut Framer, now: Duration, out: &mut Vec<FrameEvent>) {
    while let Some(deadline) = framer.deadline().filter(|deadline| *deadline <= now) {
        settle(framer, deadline, out);
    }
}

/// Ticks until nothing is owed at `now`; that must be soon, or a source would spin.
fn settle(framer: &mut Framer, now: Duration, out: &mut Vec<FrameEvent>) {
    for _ in 0..4 {
        framer.tick(now, out);
        if framer.deadline().is_none_or(|deadline| deadline > now) {
            return;
        }
    }
    panic!("a tick is owed at {now:?} again and again: {framer:?}");
}

/// Frames are no longer than they may be, and no more comes out than went in.
fn bounds(settings: &FrameSettings, steps: &[(Duration, Step<'_>)], events: &[FrameEvent]) {
    let given: usize = steps
        .iter()
        .map(|(_, step)| match step {
            Step::Bytes(bytes) => bytes.len(),
            Step::Tick | Step::HangUp => 0,
        })
        .sum();
    let (mut taken, mut replied) = (0, 0);
    for event in events {
        match event {
            FrameEvent::Frame { bytes, .. } => {
                assert!(bytes.len() <= settings.frame_bytes_max, "a long frame: {settings:?}");
                taken += bytes.len();
            }
            FrameEvent::Rejected { bytes, .. } => {
                assert!(bytes.len() <= settings.frame_bytes_max + PACKET, "a long refusal: {settings:?}");
                taken += bytes.len();
            }
            FrameEvent::Reply(bytes) => {
                assert_eq!(settings.framing, Framing::Ssi, "only SSI packets are replied to");
                replied += bytes.len();
            }
            FrameEvent::Ignored(_) => {}
        }
        let shown = event.to_string();
        assert!(!shown.chars().any(char::is_control), "{shown}");
    }
    // Lines of one code are joined by a line end; where they break off sooner than codes follow each other, it is made up.
    let most = if settings.gap < Duration::from_millis(20) { 2 * given } else { given };
    assert!(taken <= most, "{taken} bytes came out of {given}: {settings:?}");
    // A packet has at least six bytes, a reply at most seven.
    assert!(replied <= given / 6 * 7, "{replied} bytes of replies to {given}");
}
