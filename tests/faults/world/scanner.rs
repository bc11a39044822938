//! A scanner on a wire: bytes arrive in pieces, and now and then the plug is pulled in the middle of a code.

use outguide::clock::Clock;
use outguide::scanner::Reading;
use outguide::scanner::frame::{FrameEvent, FrameSettings, Framer, Framing, Terminators};
use outguide::tracking::ScanId;
use std::time::Duration;

pub(crate) struct Scanner {
    source: String,
    framer: Framer,
    clock: Clock,
}

impl Scanner {
    pub(crate) fn new(station: &str, clock: &Clock) -> Scanner {
        let settings = FrameSettings {
            framing: Framing::Line(Terminators { cr: true, lf: true, tab: false }),
            prefix: Vec::new(),
            frame_bytes_max: 512,
            gap: Duration::from_millis(250),
            total: Duration::from_secs(2),
        };
        Scanner { source: format!("{station}-scanner"), framer: Framer::new(settings), clock: clock.clone() }
    }

    /// Somebody scans a code; the readings that come of it. With `unplugs`, the plug is pulled in the middle.
    pub(crate) fn scan(
        &mut self,
        code: &str,
        unplugs: bool,
        random: &mut fastrand::Rng,
        new_id: &mut dyn FnMut() -> ScanId,
    ) -> Vec<Reading> {
        let bytes = format!("{code}\r").into_bytes();
        let (mut from, mut events) = (0, Vec::new());
        let end = if unplugs { random.usize(1..bytes.len()) } else { bytes.len() };
        while from < end {
            let to = random.usize(from + 1..=end);
            self.framer.feed(&bytes[from..to], self.clock.elapsed(), &mut events);
            self.clock.advance(Duration::from_millis(random.u64(1..20)));
            from = to;
        }
        if unplugs {
            self.framer.hang_up(&mut events);
        }
        self.clock.advance(Duration::from_millis(300));
        self.framer.tick(self.clock.elapsed(), &mut events);
        let readings = events.into_iter().filter_map(|event| {
            let (bytes, defect, resend) = match event {
                FrameEvent::Frame { bytes, resend } => (bytes, None, resend),
                FrameEvent::Rejected { why, bytes } => (bytes, Some(why), false),
                FrameEvent::Reply(_) | FrameEvent::Ignored(_) => return None,
            };
            Some(Reading {
                id: new_id(),
                source: self.source.clone(),
                at: self.clock.now(),
                arrived: self.clock.elapsed(),
                bytes,
                defect,
                resend,
            })
        });
        readings.collect()
    }
}
