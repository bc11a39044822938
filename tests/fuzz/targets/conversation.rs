//! Scanners whose codes break off, pause, are garbled and sent again: what comes out was scanned, never a part of it.
//!
//! The worst a daemon could do is to take the rest of a broken code for a code: it may be another chart's number.

use super::ssi::{CONTINUED, made};
use crate::input::Input;
use outguide::scanner::frame::{FrameEvent, FrameSettings, Framer, Framing, Terminators, ssi::DECODE_DATA};
use std::time::Duration;

const RESENT: u8 = 1;
const SCANNER: u8 = 0;
const GAP: Duration = Duration::from_millis(100);
const TOTAL: Duration = Duration::from_secs(3);
const FRAME_BYTES_MAX: usize = 64;
const HID_DATA_MAX: usize = 56;

/// What happens to one part of a code.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    None,
    /// The scanner breaks off for good.
    BreaksOff,
    /// The rest comes later than any part may.
    Pauses,
    /// It is sent again, as if our answer had been lost. Only packets are.
    Resends,
    /// It is garbled on the way, and sent again. Only packets have a sum by which that is seen.
    Garbles,
}

pub(crate) fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let lines = Framing::Line(Terminators { cr: true, lf: true, tab: false });
    let mut talk = Talk::new(input.one_of([lines, Framing::StxEtx, Framing::Ssi, Framing::HidPos]));
    let (mut scanned, mut undisturbed) = (Vec::new(), Vec::new());
    while !input.is_empty() {
        let code = input.code(80);
        let parts = split(&code, 1 + input.below(4));
        let at = input.below(parts.len());
        let fault = talk.possible(input.one_of([
            Fault::None,
            Fault::None,
            Fault::BreaksOff,
            Fault::Pauses,
            Fault::Resends,
            Fault::Garbles,
        ]));
        let is_broken = matches!(fault, Fault::BreaksOff | Fault::Pauses) && at > 0;
        // Garbled and sent again: if it is like the packet before, nobody can tell whether it is that one.
        let before = if at == 0 { talk.last_part.clone() } else { parts[at - 1].to_owned() };
        let is_doubtful = fault == Fault::Garbles && before == parts[at];
        // The scan after a broken code may be refused with it: nobody can tell it from the rest.
        if !is_broken && !is_doubtful && !talk.is_after_broken && code.len() <= FRAME_BYTES_MAX {
            undisturbed.push(code.clone());
        }
        talk.is_after_broken = is_broken && fault == Fault::BreaksOff;
        talk.send(&parts, fault, at);
        parts.last().copied().unwrap_or_default().clone_into(&mut talk.last_part);
        scanned.push(code);
    }
    check(&talk.end(), &scanned, &undisturbed);
}

/// Every frame was scanned; every code that nothing happened to is among them, in order.
fn check(events: &[FrameEvent], scanned: &[String], undisturbed: &[String]) {
    let mut expected = undisturbed.iter();
    let mut next = expected.next();
    for event in events {
        if let FrameEvent::Frame { bytes, .. } = event {
            let frame = String::from_utf8_lossy(bytes);
            assert!(
                scanned.iter().any(|code| *code == frame),
                "{frame} was never scanned: {scanned:?} {events:?}"
            );
            if next.is_some_and(|code| *code == frame) {
                next = expected.next();
            }
        }
    }
    assert_eq!(next, None, "never delivered, of {undisturbed:?}: {events:?}");
}

/// A scanner that talks to a framer.
struct Talk {
    framing: Framing,
    framer: Framer,
    now: Duration,
    events: Vec<FrameEvent>,
    is_after_broken: bool,
    last_part: String,
}

impl Talk {
    fn new(framing: Framing) -> Talk {
        let settings = FrameSettings {
            framing,
            prefix: Vec::new(),
            frame_bytes_max: FRAME_BYTES_MAX,
            gap: GAP,
            total: TOTAL,
        };
        let framer = Framer::new(settings);
        let (now, events, last_part) = (Duration::ZERO, Vec::new(), String::new());
        Talk { framing, framer, now, events, is_after_broken: false, last_part }
    }

    fn possible(&self, fault: Fault) -> Fault {
        match fault {
            Fault::Resends | Fault::Garbles if self.framing != Framing::Ssi => Fault::None,
            fault => fault,
        }
    }

    fn send(&mut self, parts: &[&str], fault: Fault, at: usize) {
        for (index, part) in parts.iter().enumerate() {
            let (is_first, is_last) = (index == 0, index + 1 == parts.len());
            match fault {
                Fault::BreaksOff if index == at && !is_first => break,
                Fault::Pauses if index == at && !is_first => self.now += TOTAL + GAP,
                Fault::Garbles if index == at => {
                    self.feed(&packet(part, is_last, 0, 1));
                    self.feed(&packet(part, is_last, RESENT, 0));
                    continue;
                }
                Fault::Resends if index == at => {
                    self.feed(&packet(part, is_last, 0, 0));
                    self.now += GAP * 15;
                    self.feed(&packet(part, is_last, RESENT, 0));
                    continue;
                }
                _ => {}
            }
            let sent = match self.framing {
                Framing::Ssi => packet(part, is_last, 0, 0),
                Framing::HidPos => report(part, is_last),
                Framing::StxEtx => {
                    [if is_first { "\x02" } else { "" }, part, if is_last { "\x03" } else { "" }]
                        .concat()
                        .into_bytes()
                }
                Framing::Line(_) | Framing::Timeout => {
                    [*part, if is_last { "\r" } else { "" }].concat().into_bytes()
                }
            };
            self.feed(&sent);
        }
        // Nobody scans again so soon.
        self.now += TOTAL + GAP;
    }

    fn feed(&mut self, bytes: &[u8]) {
        self.framer.feed(bytes, self.now, &mut self.events);
        self.now += GAP / 4;
    }

    fn end(mut self) -> Vec<FrameEvent> {
        self.framer.tick(self.now, &mut self.events);
        self.framer.hang_up(&mut self.events);
        self.events
    }
}

fn packet(part: &str, is_last: bool, status: u8, wrong: u8) -> Vec<u8> {
    let more = if is_last { 0 } else { CONTINUED };
    made(DECODE_DATA, SCANNER, status | more, format!("\x03{part}").as_bytes(), wrong)
}

fn report(part: &str, is_last: bool) -> Vec<u8> {
    let mut report = vec![2, u8::try_from(part.len()).unwrap(), 0, 0, 0];
    report.extend_from_slice(part.as_bytes());
    report.resize(63, 0);
    report.push(u8::from(!is_last));
    report
}

/// Cuts a code into about so many parts, none empty, none longer than a report has room for.
fn split(code: &str, count: usize) -> Vec<&str> {
    let length = code.len().div_ceil(count).min(HID_DATA_MAX);
    (0..code.len()).step_by(length).map(|start| &code[start..code.len().min(start + length)]).collect()
}
