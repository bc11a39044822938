//! Bytes in, frames out, however the bytes are cut. Pure: a function of settings, state, bytes and time.

mod burst;
mod defect;
mod event;
mod hid_pos;
mod judge;
mod line;
pub mod ssi;

pub use defect::Defect;
pub use event::{FrameEvent, Ignored};

use burst::Burst;
use hid_pos::Reports;
use line::{Line, Silence, StxEtx};
use ssi::Packets;
use std::time::Duration;

/// How a source's byte stream is cut into frames.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameSettings {
    /// Where a frame starts and ends.
    pub framing: Framing,
    /// Bytes every good frame begins with (taken off); empty: none. SSI packets and HID POS reports have none.
    pub prefix: Vec<u8>,
    /// Longest frame, in bytes.
    pub frame_bytes_max: usize,
    /// Longest silence between two bytes of one frame.
    pub gap: Duration,
    /// Longest time from the first to the last byte of a frame.
    pub total: Duration,
}

/// Where a frame starts and ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// Up to a terminator.
    Line(Terminators),
    /// From STX (0x02) to ETX (0x03); what is between frames is ignored unless it is more than line ends.
    StxEtx,
    /// Whatever came before a silence of `gap`.
    Timeout,
    /// Zebra Simple Serial Interface packets.
    Ssi,
    /// 64-byte HID POS input reports.
    HidPos,
}

/// Which bytes end a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terminators {
    /// Carriage return, 0x0D.
    pub cr: bool,
    /// Line feed, 0x0A.
    pub lf: bool,
    /// Tab, 0x09.
    pub tab: bool,
}

impl Terminators {
    fn has(self, byte: u8) -> bool {
        match byte {
            b'\r' => self.cr,
            b'\n' => self.lf,
            b'\t' => self.tab,
            _ => false,
        }
    }
}

/// Cuts one source's bytes into frames.
///
/// Time is monotonic, counted from wherever the source likes, and never goes back.
#[derive(Debug)]
pub struct Framer {
    settings: FrameSettings,
    engine: Engine,
    burst: Burst,
    /// What the engine cut out of one byte.
    cut: Vec<FrameEvent>,
    /// When the last byte came.
    heard_at: Duration,
    /// When the open frame began.
    opened_at: Duration,
}

#[derive(Debug)]
enum Engine {
    Line(Line, Terminators),
    StxEtx(StxEtx),
    Silence(Silence),
    Ssi(Packets),
    HidPos(Reports),
}

/// What an engine waits for besides bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wait {
    Nothing,
    Gap,
    Total,
    GapOrTotal,
}

impl Engine {
    fn new(framing: Framing) -> Engine {
        match framing {
            Framing::Line(terminators) => Engine::Line(Line::default(), terminators),
            Framing::StxEtx => Engine::StxEtx(StxEtx::default()),
            Framing::Timeout => Engine::Silence(Silence::default()),
            Framing::Ssi => Engine::Ssi(Packets::default()),
            Framing::HidPos => Engine::HidPos(Reports::default()),
        }
    }

    /// Takes one byte; true if it began a frame.
    fn push(&mut self, settings: &FrameSettings, byte: u8, out: &mut Vec<FrameEvent>) -> bool {
        match self {
            Engine::Line(line, terminators) => line.push(settings, *terminators, byte, out),
            Engine::StxEtx(frames) => frames.push(settings, byte, out),
            Engine::Silence(frames) => frames.push(settings, byte, out),
            Engine::Ssi(packets) => packets.push(settings, byte, out),
            Engine::HidPos(reports) => reports.push(settings, byte, out),
        }
    }

    fn wait(&self) -> Wait {
        match self {
            Engine::Line(line, _) => line.wait(),
            Engine::StxEtx(frames) => frames.wait(),
            Engine::Silence(frames) => frames.wait(),
            Engine::Ssi(packets) => packets.wait(),
            Engine::HidPos(reports) => reports.wait(),
        }
    }
}

impl Framer {
    /// Makes a framer for a source that has just been opened.
    pub fn new(settings: FrameSettings) -> Framer {
        let engine = Engine::new(settings.framing);
        Framer {
            settings,
            engine,
            burst: Burst::default(),
            cut: Vec::new(),
            heard_at: Duration::ZERO,
            opened_at: Duration::ZERO,
        }
    }

    /// Takes the bytes of one read, after doing what became due before them.
    pub fn feed(&mut self, bytes: &[u8], now: Duration, out: &mut Vec<FrameEvent>) {
        self.tick(now, out);
        if !bytes.is_empty() {
            self.give_up_endless(now, out);
        }
        for byte in bytes {
            if self.engine.push(&self.settings, *byte, &mut self.cut) {
                self.opened_at = now;
            }
            self.heard_at = now;
            self.pass_on(out);
        }
    }

    /// Refuses what should have ended with a silence and went on for too long. Asked when a byte comes, not by the clock:
    /// the silence after the last byte is no part of a frame.
    fn give_up_endless(&mut self, now: Duration, out: &mut Vec<FrameEvent>) {
        let longest = self.settings.total.max(self.gap());
        if let Engine::Silence(frames) = &mut self.engine
            && now > self.opened_at.saturating_add(longest)
        {
            frames.total(&mut self.cut);
            self.pass_on(out);
        }
    }

    /// Passes on what was cut out; lines of one code are put together first.
    fn pass_on(&mut self, out: &mut Vec<FrameEvent>) {
        let has_lines = matches!(self.settings.framing, Framing::Line(_));
        for event in self.cut.drain(..) {
            if has_lines {
                self.burst.take(event, self.settings.frame_bytes_max, out);
            } else {
                out.push(event);
            }
        }
    }

    /// Says when [`Framer::tick`] is owed, if nothing comes before.
    pub fn deadline(&self) -> Option<Duration> {
        self.engine_deadline().into_iter().chain(self.lines_deadline()).min()
    }

    fn engine_deadline(&self) -> Option<Duration> {
        let gap = self.heard_at.saturating_add(self.gap());
        let total = self.opened_at.saturating_add(self.settings.total.max(self.gap()));
        match self.engine.wait() {
            Wait::Nothing => None,
            Wait::Gap => Some(gap),
            Wait::Total => Some(total),
            Wait::GapOrTotal => Some(gap.min(total)),
        }
    }

    fn lines_deadline(&self) -> Option<Duration> {
        self.burst.is_open().then(|| self.heard_at.saturating_add(burst::SILENCE))
    }

    /// Does what is due: delivers or refuses a frame that has waited too long for its rest. What was owed first is done
    /// first, however late this is asked for.
    pub fn tick(&mut self, now: Duration, out: &mut Vec<FrameEvent>) {
        let (engine, lines) = (self.engine_deadline(), self.lines_deadline());
        if lines.is_some_and(|lines| engine.is_none_or(|engine| lines < engine)) {
            self.end_lines(now, out);
        }
        self.expire(now, out);
        self.end_lines(now, out);
    }

    fn end_lines(&mut self, now: Duration, out: &mut Vec<FrameEvent>) {
        if self.lines_deadline().is_some_and(|deadline| now >= deadline) {
            self.burst.end(out);
        }
    }

    fn expire(&mut self, now: Duration, out: &mut Vec<FrameEvent>) {
        if self.engine_deadline().is_none_or(|deadline| now < deadline) {
            return;
        }
        let cut = &mut self.cut;
        match &mut self.engine {
            Engine::Line(line, _) => line.expire(cut),
            Engine::StxEtx(frames) => frames.expire(cut),
            Engine::Silence(frames) => frames.gap(&self.settings, cut),
            Engine::Ssi(packets) => packets.expire(cut),
            Engine::HidPos(reports) => reports.expire(cut),
        }
        self.pass_on(out);
    }

    /// Ends the source: an open frame is refused as partial, and the next bytes begin afresh.
    pub fn hang_up(&mut self, out: &mut Vec<FrameEvent>) {
        let cut = &mut self.cut;
        match &mut self.engine {
            Engine::Line(line, _) => line.hang_up(cut),
            Engine::StxEtx(frames) => frames.expire(cut),
            Engine::Silence(frames) => frames.hang_up(cut),
            Engine::Ssi(packets) => packets.expire(cut),
            Engine::HidPos(reports) => reports.expire(cut),
        }
        self.pass_on(out);
        self.burst.end(out);
        self.engine = Engine::new(self.settings.framing);
    }

    /// A gap of nothing would end every frame before it began.
    fn gap(&self) -> Duration {
        self.settings.gap.max(Duration::from_millis(1))
    }
}

/// Says whether bytes that were read as something else hold a sound SSI packet with a code.
pub fn has_ssi_packet(bytes: &[u8]) -> bool {
    ssi::has_packet(bytes)
}

/// Says whether bytes that were read as something else are a line of text.
pub fn is_plain_text(bytes: &[u8]) -> bool {
    let content = without_line_ends(bytes);
    content.len() >= 4 && content.iter().all(|byte| matches!(byte, b' '..=b'~' | 0x1d))
}

/// Takes line ends off the end.
fn without_line_ends(bytes: &[u8]) -> &[u8] {
    let mut content = bytes;
    while let [rest @ .., b'\r' | b'\n'] = content {
        content = rest;
    }
    content
}

#[cfg(test)]
mod tests {
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
}
