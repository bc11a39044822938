//! Bytes in, frames out, however the bytes are cut. Pure: a function of settings, state, bytes and time.

use std::time::Duration;

/// How a source's byte stream is cut into frames.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameSettings {
    /// Where a frame starts and ends.
    pub framing: Framing,
    /// Bytes every good frame begins with (taken off); empty: none.
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
