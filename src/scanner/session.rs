//! An open serial port from its opening to its hang-up: one loop that reads, frames, hands over and answers.
//!
//! Invariant: an answer is written only when the recorder has said what became of the scan.

use super::frame::{Defect, FrameEvent, Framer};
use super::health::Gauge;
use super::port;
use super::reading::{HEARTBEAT, Outlets, Reading, SerialSource};
use crate::tracking::{ScanId, Signal};
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesOrdered;
use jiff::Timestamp;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_serial::SerialStream;
use tokio_util::sync::CancellationToken;

/// How long a scanner may take to accept an answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);
/// Unsent answer bytes beyond which answers are dropped: the scanner does not listen.
const ANSWER_BYTES_MAX: usize = 1024;
/// Bytes taken from a device at once.
const READ_BYTES: usize = 4096;
/// How long readings under way may take at the end.
const LAST_ANSWERS: Duration = Duration::from_secs(3);

/// Makes the ids of one source's scans.
pub(super) struct Ids {
    pub(super) salt: u64,
    pub(super) count: u32,
}

impl Ids {
    fn next(&mut self, at: Timestamp) -> ScanId {
        self.count = self.count.wrapping_add(1);
        ScanId::new(u64::try_from(at.as_millisecond()).unwrap_or(0), self.salt, self.count)
    }
}

/// An open port until it hangs up.
pub(super) struct Session<'a> {
    source: &'a SerialSource,
    gauge: &'a Gauge,
    outlets: &'a Outlets,
    port: Option<SerialStream>,
    framer: Framer,
    events: Vec<FrameEvent>,
    waiting: FuturesOrdered<BoxFuture<'static, Signal>>,
    outgoing: Vec<u8>,
    outgoing_by: Option<Instant>,
    start: Instant,
}

/// What woke a session.
enum Wake {
    Read(usize),
    Wrote(usize),
    Fate(Signal),
    FrameDeadline,
    AnswerDeadline,
    Heartbeat,
    Stop,
    Lost,
}

impl<'a> Session<'a> {
    /// A session on a port that was just opened.
    pub(super) fn new(
        source: &'a SerialSource,
        gauge: &'a Gauge,
        outlets: &'a Outlets,
        port: SerialStream,
    ) -> Session<'a> {
        Session {
            source,
            gauge,
            outlets,
            port: Some(port),
            framer: Framer::new(source.frame.clone()),
            events: Vec::new(),
            waiting: FuturesOrdered::new(),
            outgoing: Vec::new(),
            outgoing_by: None,
            start: Instant::now(),
        }
    }

    /// Serves the port until it hangs up or the daemon stops.
    pub(super) async fn serve(&mut self, ids: &mut Ids, stop: &CancellationToken) {
        let mut buffer = [0; READ_BYTES];
        loop {
            self.gauge.alive(self.outlets.clock.elapsed());
            match self.wake(&mut buffer, stop).await {
                Wake::Stop | Wake::Lost => return,
                Wake::Heartbeat => {}
                Wake::Read(count) => {
                    let bytes = buffer.get(..count).unwrap_or_default();
                    self.framer.feed(bytes, self.start.elapsed(), &mut self.events);
                    self.take_events(ids);
                }
                Wake::FrameDeadline => {
                    self.framer.tick(self.start.elapsed(), &mut self.events);
                    self.take_events(ids);
                }
                Wake::Fate(signal) => self.answer(signal),
                Wake::Wrote(count) => self.wrote(count),
                Wake::AnswerDeadline => {
                    self.outgoing.clear();
                    self.outgoing_by = None;
                    self.gauge.change(|health| health.answers_dropped += 1);
                }
            }
        }
    }

    async fn wake(&mut self, buffer: &mut [u8], stop: &CancellationToken) -> Wake {
        let Some(port) = &mut self.port else { return Wake::Lost };
        let frame_by = self.framer.deadline().map(|deadline| self.start + deadline);
        let has_room = self.waiting.len() < self.outlets.in_flight_max;
        tokio::select! {
            () = stop.cancelled() => Wake::Stop,
            Some(signal) = self.waiting.next(), if !self.waiting.is_empty() => Wake::Fate(signal),
            wake = read_or_write(port, has_room.then_some(buffer), &self.outgoing) => wake,
            () = until(frame_by), if frame_by.is_some() => Wake::FrameDeadline,
            () = until(self.outgoing_by), if self.outgoing_by.is_some() => Wake::AnswerDeadline,
            () = sleep(HEARTBEAT) => Wake::Heartbeat,
        }
    }

    fn take_events(&mut self, ids: &mut Ids) {
        for event in std::mem::take(&mut self.events) {
            match event {
                FrameEvent::Frame { bytes, resend } => self.hand_over(ids, bytes, None, resend),
                FrameEvent::Rejected { why, bytes } => self.hand_over(ids, bytes, Some(why), false),
                FrameEvent::Reply(bytes) => self.queue_answer(&bytes),
                FrameEvent::Ignored(_) => self.gauge.change(|health| health.ignored += 1),
            }
        }
    }

    fn hand_over(&mut self, ids: &mut Ids, bytes: Vec<u8>, defect: Option<Defect>, resend: bool) {
        let at = self.outlets.clock.now();
        self.gauge.change(|health| {
            health.last_frame = Some(at);
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
        self.waiting.push_back((self.outlets.record)(reading));
    }

    /// Tells the scanner what became of its scan.
    fn answer(&mut self, signal: Signal) {
        if signal == Signal::NotRecorded {
            self.gauge.change(|health| health.not_recorded += 1);
        }
        self.queue_answer(self.source.answer.bytes(signal));
    }

    fn queue_answer(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        if self.outgoing.len() + bytes.len() > ANSWER_BYTES_MAX {
            self.gauge.change(|health| health.answers_dropped += 1);
            return;
        }
        self.outgoing.extend_from_slice(bytes);
        self.outgoing_by.get_or_insert(Instant::now() + ANSWER_TIMEOUT);
    }

    /// The line took some of the answer.
    fn wrote(&mut self, count: usize) {
        self.outgoing.drain(..count.min(self.outgoing.len()));
        self.outgoing_by = (!self.outgoing.is_empty()).then(|| Instant::now() + ANSWER_TIMEOUT);
    }

    /// Hands over what was left unfinished and gives the last answers if the device is still there. One that is gone
    /// is let go of at once: held on to, it would come back under another name.
    pub(super) async fn end(&mut self, ids: &mut Ids, device_is_there: bool) {
        if let Some(port) = self.port.take_if(|_| !device_is_there) {
            port::close(port);
        }
        self.framer.hang_up(&mut self.events);
        self.take_events(ids);
        let last = async {
            while let Some(signal) = self.waiting.next().await {
                let bytes = self.source.answer.bytes(signal);
                let Some(port) = &mut self.port else { continue };
                if port.write_all(bytes).await.is_err() {
                    tracing::debug!(source = self.source.name, "the scanner was gone before its last answer");
                }
            }
        };
        if timeout(LAST_ANSWERS, last).await.is_err() {
            tracing::warn!(source = self.source.name, "scanner closed before its last scans were answered");
        }
        if let Some(port) = self.port.take() {
            port::close(port);
        }
    }
}

/// Waits until the device has bytes or takes some. Polls the stream itself: tokio-serial's `try_read` and `try_write`
/// leave its readiness standing, and a loop on `readable()` over them spins.
async fn read_or_write(port: &mut SerialStream, buffer: Option<&mut [u8]>, answer: &[u8]) -> Wake {
    let mut buffer = buffer.map(ReadBuf::new);
    poll_fn(|cx| {
        if let Some(buffer) = &mut buffer
            && let Poll::Ready(read) = Pin::new(&mut *port).poll_read(cx, buffer)
        {
            // An unplugged terminal reads as end of file, for ever.
            let count = buffer.filled().len();
            return Poll::Ready(if read.is_ok() && count > 0 { Wake::Read(count) } else { Wake::Lost });
        }
        if !answer.is_empty()
            && let Poll::Ready(wrote) = Pin::new(&mut *port).poll_write(cx, answer)
        {
            return Poll::Ready(wrote.map_or(Wake::Lost, Wake::Wrote));
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
