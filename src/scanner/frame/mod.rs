//! Bytes in, frames out, however the bytes are cut. Pure: a function of settings, state, bytes and time.

mod burst;
mod defect;
mod event;
mod hid_pos;
mod judge;
mod line;
pub mod ssi;
#[cfg(test)]
mod tests;

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
    /// Bytes dropped because what they belong to was refused before, since somebody asked.
    discarded: usize,
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

    /// Whether what comes is dropped without a word.
    fn is_discarding(&self) -> bool {
        match self {
            Engine::Line(line, _) => line.is_discarding(),
            Engine::StxEtx(frames) => frames.is_discarding(),
            Engine::Silence(frames) => frames.is_discarding(),
            Engine::Ssi(_) => false,
            Engine::HidPos(reports) => reports.is_discarding(),
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
            discarded: 0,
        }
    }

    /// Takes the bytes of one read, after doing what became due before them.
    pub fn feed(&mut self, bytes: &[u8], now: Duration, out: &mut Vec<FrameEvent>) {
        self.tick(now, out);
        if !bytes.is_empty() {
            self.give_up_endless(now, out);
        }
        for byte in bytes {
            self.discarded = self.discarded.saturating_add(usize::from(self.engine.is_discarding()));
            if self.engine.push(&self.settings, *byte, &mut self.cut) {
                self.opened_at = now;
            }
            self.heard_at = now;
            self.pass_on(out);
        }
    }

    /// Says how many bytes were dropped, since this was asked last, because what they belong to was refused before.
    pub fn take_discarded(&mut self) -> usize {
        std::mem::take(&mut self.discarded)
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

    /// Says when the lines of one code are taken to be all there. Bytes that wait to be read when this is owed came before
    /// it: whoever was held up must not cut a code in two for it.
    pub fn lines_deadline(&self) -> Option<Duration> {
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

    /// Bytes were lost here: an open frame is refused as partial, and so is the rest of it that may follow.
    pub fn lose(&mut self, out: &mut Vec<FrameEvent>) {
        let Engine::Line(line, _) = &mut self.engine else { return self.hang_up(out) };
        line.lose(&mut self.cut);
        self.pass_on(out);
        self.burst.end(out);
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
