//! Plays a recording: the same bytes with the same pauses, through the same framer and recorder as a scanner's.
//!
//! Played once. The ids of its scans follow from its content, so that a recording that is played again, at the next
//! start for instance, is recognised as delivered before and moves nothing.

use super::{Heard, Wire, trouble};
use crate::scanner::capture::{self, Chunk};
use crate::scanner::policy::Trouble;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek};
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::ReadBuf;
use tokio::sync::mpsc;
use tokio::time::{Instant, Sleep, sleep_until};

/// Pieces read ahead.
const AHEAD: usize = 64;

/// A recording that is being played.
pub(super) struct Replay {
    key: u64,
    chunks: mpsc::Receiver<Chunk>,
    /// The piece that is due next, and when.
    next: Option<(Chunk, Pin<Box<Sleep>>)>,
    /// When the piece before was due: pauses add up without drifting.
    due: Instant,
}

/// Checks a recording from its first to its last line, then starts to read it.
pub(super) fn open(file: &Path, source: &str) -> Result<Replay, Trouble> {
    let failed = |error: io::Error| trouble(&error, file);
    let mut opened = File::open(file).map_err(failed)?;
    let mut hash = Sha256::new_with_prefix(source);
    for (number, line) in (1_u64..).zip(lines(&mut opened)) {
        let line = line.map_err(failed)?;
        capture::parse(&line).map_err(|why| Trouble::Unfit(format!("line {number}: {why}")))?;
        hash.update(&line);
    }
    opened.rewind().map_err(failed)?;
    let digest = hash.finalize();
    let key = digest.iter().take(8).fold(0, |key, byte| key << 8 | u64::from(*byte));
    let (sender, chunks) = mpsc::channel(AHEAD);
    drop(tokio::task::spawn_blocking(move || read(opened, &sender)));
    Ok(Replay { key, chunks, next: None, due: Instant::now() })
}

fn read(mut file: File, chunks: &mpsc::Sender<Chunk>) {
    for line in lines(&mut file) {
        let Ok(Some(chunk)) = line.map(|line| capture::parse(&line).ok().flatten()) else { continue };
        if chunks.blocking_send(chunk).is_err() {
            return;
        }
    }
}

/// The lines of a file, none longer than a recording's may be.
fn lines(file: &mut File) -> impl Iterator<Item = io::Result<Vec<u8>>> {
    let mut reader = BufReader::new(file);
    std::iter::from_fn(move || {
        let mut line = Vec::new();
        let read = io::Read::take(&mut reader, capture::LINE_BYTES_MAX).read_until(b'\n', &mut line);
        match read {
            Ok(0) => None,
            Ok(_) => Some(Ok(line)),
            Err(error) => Some(Err(error)),
        }
    })
}

impl Wire for Replay {
    fn poll_hear(&mut self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<Heard> {
        loop {
            if let Some((chunk, pause)) = &mut self.next {
                ready!(pause.as_mut().poll(cx));
                let count = chunk.bytes.len().min(buffer.remaining());
                buffer.put_slice(&chunk.bytes.drain(..count).collect::<Vec<_>>());
                if chunk.bytes.is_empty() {
                    self.next = None;
                }
                return Poll::Ready(Heard::Bytes);
            }
            let Some(chunk) = ready!(self.chunks.poll_recv(cx)) else { return Poll::Ready(Heard::Played) };
            self.due += chunk.after;
            self.next = Some((chunk, Box::pin(sleep_until(self.due))));
        }
    }

    /// Nobody is there to be told.
    fn poll_tell(&mut self, _cx: &mut Context<'_>, answer: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(answer.len()))
    }

    fn recording(&self) -> Option<u64> {
        Some(self.key)
    }

    fn close(self: Box<Self>) {}
}
