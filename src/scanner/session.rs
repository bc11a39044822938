//! An open scanner from its opening to its hang-up: one loop that reads, frames, hands over and answers.
//!
//! Invariant: an answer is written only when the recorder has said what became of the scan.

use super::frame::{Defect, FrameEvent, Framer};
use super::health::{Gauge, Tapped};
use super::hotplug::Plugs;
use super::link::Source;
use super::reading::{HEARTBEAT, Outlets, Reading};
use super::source::look_twice;
use super::trend::Trend;
use super::wire::{Heard, Wire};
use crate::tracking::{ScanId, Signal};
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesOrdered;
use jiff::Timestamp;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::io::ReadBuf;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

/// How long a scanner may take to accept an answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);
/// Unsent answer bytes beyond which answers are dropped: the scanner does not listen.
const ANSWER_BYTES_MAX: usize = 1024;
/// Bytes taken from a device at once.
const READ_BYTES: usize = 4096;
/// How long after a plug all its links are made, and a second plug may follow.
const LINKS_MADE: Duration = Duration::from_secs(1);
/// How long readings under way may take at the end.
const LAST_ANSWERS: Duration = Duration::from_secs(3);

/// Makes the ids of one source's scans.
pub(super) struct Ids {
    salt: u64,
    count: u32,
    is_recording: bool,
}

impl Ids {
    /// Ids of a source that starts now, with a random number of its own.
    pub(super) fn new(salt: u64) -> Ids {
        Ids { salt, count: 0, is_recording: false }
    }

    /// A recording's ids follow from its content: played again, it gives the same.
    fn of_recording(&mut self, key: u64) {
        *self = Ids { salt: key, count: 0, is_recording: true };
    }

    fn next(&mut self, at: Timestamp) -> ScanId {
        self.count = self.count.wrapping_add(1);
        let ms = if self.is_recording { 0 } else { u64::try_from(at.as_millisecond()).unwrap_or(0) };
        ScanId::new(ms, self.salt, self.count)
    }
}

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// The daemon stops.
    Stopped,
    /// The device is gone.
    HungUp,
    /// The recording is at its end.
    Played,
}

/// An open scanner until it hangs up.
pub(super) struct Session<'a> {
    source: &'a Source,
    gauge: &'a Arc<Gauge>,
    outlets: &'a Outlets,
    plugs: Plugs,
    wire: Option<Box<dyn Wire>>,
    framer: Framer,
    trend: Trend,
    events: Vec<FrameEvent>,
    /// Scans whose fate is awaited, each with the connection that it came by.
    waiting: FuturesOrdered<BoxFuture<'static, (u64, Signal)>>,
    connection: u64,
    outgoing: Vec<u8>,
    outgoing_by: Option<Instant>,
    /// When to look whether something that was plugged in meanwhile bears the same name.
    look_by: Option<Instant>,
    start: Instant,
}

/// What woke a session.
enum Wake {
    Heard(Heard, usize),
    Told(usize),
    Fate(u64, Signal),
    FrameDeadline,
    AnswerDeadline,
    Plug,
    LookTwice,
    Heartbeat,
    Stop,
    Lost,
}

impl<'a> Session<'a> {
    /// A session on a wire that was just opened.
    pub(super) fn new(
        source: &'a Source,
        gauge: &'a Arc<Gauge>,
        outlets: &'a Outlets,
        wire: Box<dyn Wire>,
    ) -> Session<'a> {
        Session {
            source,
            gauge,
            outlets,
            plugs: outlets.plugs.clone(),
            wire: Some(wire),
            framer: Framer::new(source.frame.clone()),
            trend: Trend::new(source.frame.framing),
            events: Vec::new(),
            waiting: FuturesOrdered::new(),
            connection: 0,
            outgoing: Vec::new(),
            outgoing_by: None,
            look_by: None,
            start: Instant::now(),
        }
    }

    /// Serves the scanner until it hangs up or the daemon stops.
    pub(super) async fn serve(&mut self, ids: &mut Ids, stop: &CancellationToken) -> Ended {
        if let Some(key) = self.wire.as_ref().and_then(|wire| wire.recording()) {
            ids.of_recording(key);
        }
        let mut buffer = [0; READ_BYTES];
        loop {
            self.gauge.alive(self.outlets.clock.elapsed());
            match self.wake(&mut buffer, stop).await {
                Wake::Stop => return Ended::Stopped,
                Wake::Lost | Wake::Heard(Heard::HungUp, _) => return Ended::HungUp,
                Wake::Heard(Heard::Played, _) => return Ended::Played,
                Wake::Heard(Heard::Bytes, count) => {
                    let bytes = buffer.get(..count).unwrap_or_default();
                    self.gauge.tell_tap(|| Tapped::Bytes(self.start.elapsed(), bytes.to_vec()));
                    let heard = self.heard_at();
                    self.framer.feed(bytes, heard, &mut self.events);
                    self.trend.discarded(self.framer.take_discarded(), self.start.elapsed());
                    self.take_events(ids);
                }
                Wake::Heard(Heard::Gap, _) => {
                    self.framer.lose(&mut self.events);
                    self.take_events(ids);
                }
                Wake::Heard(Heard::Replaced, _) => {
                    self.framer.hang_up(&mut self.events);
                    self.take_events(ids);
                    self.connection += 1;
                    self.outgoing.clear();
                    self.outgoing_by = None;
                }
                Wake::FrameDeadline => {
                    self.framer.tick(self.start.elapsed(), &mut self.events);
                    self.take_events(ids);
                }
                Wake::Fate(by, signal) => self.answer(by, signal),
                Wake::Told(count) => self.told(count),
                Wake::AnswerDeadline => self.give_answer_up(),
                Wake::Plug => drop(self.look_by.get_or_insert(Instant::now() + LINKS_MADE)),
                Wake::LookTwice => {
                    self.look_by = None;
                    look_twice(self.source, self.gauge);
                }
                Wake::Heartbeat => self.note_trend(),
            }
        }
    }

    /// When bytes came that are being read: now, or before the end of a code's lines if only this task was held up.
    fn heard_at(&self) -> Duration {
        let now = self.start.elapsed();
        let lines = self.framer.lines_deadline().map(|end| end.saturating_sub(Duration::from_nanos(1)));
        lines.map_or(now, |before| now.min(before))
    }

    async fn wake(&mut self, buffer: &mut [u8], stop: &CancellationToken) -> Wake {
        let Some(wire) = &mut self.wire else { return Wake::Lost };
        let frame_by = self.framer.deadline().map(|deadline| self.start + deadline);
        let has_room = self.waiting.len() < self.outlets.in_flight_max;
        tokio::select! {
            // What waits to be read comes before what is owed for want of it.
            biased;
            () = stop.cancelled() => Wake::Stop,
            Some((by, signal)) = self.waiting.next(), if !self.waiting.is_empty() => Wake::Fate(by, signal),
            wake = hear_or_tell(wire.as_mut(), has_room.then_some(buffer), &self.outgoing) => wake,
            () = until(frame_by), if frame_by.is_some() => Wake::FrameDeadline,
            () = until(self.outgoing_by), if self.outgoing_by.is_some() => Wake::AnswerDeadline,
            () = self.plugs.next() => Wake::Plug,
            () = until(self.look_by), if self.look_by.is_some() => Wake::LookTwice,
            () = sleep(HEARTBEAT) => Wake::Heartbeat,
        }
    }

    fn take_events(&mut self, ids: &mut Ids) {
        for event in std::mem::take(&mut self.events) {
            self.gauge.tell_tap(|| Tapped::Event(event.clone()));
            match event {
                FrameEvent::Frame { bytes, .. } if self.trend.is_flood(self.start.elapsed()) => {
                    self.refuse(ids, Defect::Noise, bytes);
                }
                FrameEvent::Frame { bytes, resend } => {
                    self.trend.good();
                    self.hand_over(ids, bytes, None, resend);
                }
                FrameEvent::Rejected { why, bytes } => self.refuse(ids, why, bytes),
                FrameEvent::Reply(bytes) => self.queue_answer(&bytes),
                FrameEvent::Ignored(_) => self.gauge.change(|health| health.ignored += 1),
            }
        }
        self.note_trend();
    }

    /// Bytes that are no code are told to the clerk and written down, unless they come without end.
    fn refuse(&mut self, ids: &mut Ids, why: Defect, bytes: Vec<u8>) {
        let now = self.start.elapsed();
        self.trend.refused(why, &bytes, now);
        if self.trend.is_noise(now) {
            self.gauge.change(|health| health.rejected += 1);
        } else {
            self.hand_over(ids, bytes, Some(why), false);
        }
    }

    fn hand_over(&mut self, ids: &mut Ids, bytes: Vec<u8>, defect: Option<Defect>, resend: bool) {
        let at = self.outlets.clock.now();
        self.gauge.change(|health| {
            health.last_frame = Some(at);
            health.unusually_silent = None;
            if defect.is_some() { health.rejected += 1 } else { health.frames += 1 }
        });
        let reading = Reading {
            id: ids.next(at),
            source: self.source.name.clone(),
            at,
            arrived: self.outlets.clock.elapsed(),
            bytes,
            defect,
            resend,
        };
        let (by, recording) = (self.connection, (self.outlets.record)(reading));
        self.waiting.push_back(Box::pin(async move { (by, recording.await) }));
    }

    /// Shows what the readings of late suggest; a new concern is logged.
    fn note_trend(&mut self) {
        let errors = self.wire.as_ref().and_then(|wire| wire.line_errors());
        let before = self.gauge.change(|health| std::mem::replace(&mut health.line_errors, errors));
        if let (Some(errors), Some(before)) = (errors, before) {
            self.trend.framing_errors(errors.framing.saturating_sub(before.framing));
        }
        let concern = self.trend.concern(self.start.elapsed());
        let before = self.gauge.change(|health| std::mem::replace(&mut health.concern, concern));
        if before == concern {
            return;
        }
        if let Some(concern) = concern {
            tracing::warn!(source = self.source.name, concern = concern.as_str(), "{}", concern.sentence());
        }
        (self.outlets.changed)();
    }

    /// Tells the scanner what became of its scan.
    fn answer(&mut self, by: u64, signal: Signal) {
        if signal == Signal::NotRecorded {
            self.gauge.change(|health| health.not_recorded += 1);
        }
        if by == self.connection {
            self.queue_answer(self.source.answer.bytes(signal));
        }
    }

    fn queue_answer(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        self.gauge.tell_tap(|| Tapped::Answer(bytes.to_vec()));
        if self.outgoing.len() + bytes.len() > ANSWER_BYTES_MAX {
            self.trend.answered(false);
            self.gauge.change(|health| health.answers_dropped += 1);
            return;
        }
        self.outgoing.extend_from_slice(bytes);
        self.outgoing_by.get_or_insert(Instant::now() + ANSWER_TIMEOUT);
    }

    /// The scanner took some of the answer.
    fn told(&mut self, count: usize) {
        self.outgoing.drain(..count.min(self.outgoing.len()));
        self.outgoing_by = (!self.outgoing.is_empty()).then(|| Instant::now() + ANSWER_TIMEOUT);
        self.trend.answered(true);
    }

    fn give_answer_up(&mut self) {
        self.outgoing.clear();
        self.outgoing_by = None;
        self.trend.answered(false);
        self.gauge.change(|health| health.answers_dropped += 1);
    }

    /// Hands over what was left unfinished and gives the last answers if the device is still there. One that is gone
    /// is let go of at once: held on to, it would come back under another name.
    pub(super) async fn end(&mut self, ids: &mut Ids, ended: Ended) {
        if let Some(wire) = self.wire.take_if(|_| ended == Ended::HungUp) {
            wire.close();
        }
        self.framer.hang_up(&mut self.events);
        self.take_events(ids);
        let last = async {
            while let Some((_, signal)) = self.waiting.next().await {
                let mut bytes = self.source.answer.bytes(signal);
                let Some(wire) = &mut self.wire else { continue };
                while !bytes.is_empty() {
                    let told = poll_fn(|cx| wire.poll_tell(cx, bytes)).await;
                    let Some(count) = told.ok().filter(|count| *count > 0) else {
                        tracing::debug!(
                            source = self.source.name,
                            "the scanner was gone before its last answer"
                        );
                        break;
                    };
                    bytes = bytes.get(count..).unwrap_or_default();
                }
            }
        };
        if timeout(LAST_ANSWERS, last).await.is_err() {
            tracing::warn!(source = self.source.name, "scanner closed before its last scans were answered");
        }
        if let Some(wire) = self.wire.take() {
            wire.close();
        }
    }
}

/// Waits until the device has bytes or takes some.
async fn hear_or_tell(wire: &mut dyn Wire, buffer: Option<&mut [u8]>, answer: &[u8]) -> Wake {
    let mut buffer = buffer.map(ReadBuf::new);
    poll_fn(|cx| {
        if let Some(buffer) = &mut buffer
            && let Poll::Ready(heard) = wire.poll_hear(cx, buffer)
        {
            return Poll::Ready(Wake::Heard(heard, buffer.filled().len()));
        }
        if !answer.is_empty()
            && let Poll::Ready(told) = wire.poll_tell(cx, answer)
        {
            return Poll::Ready(told.map_or(Wake::Lost, Wake::Told));
        }
        Poll::Pending
    })
    .await
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
