//! Scanners that type, through evdev: taken for Outguide alone, their keys turned into bytes.
//!
//! Only the keyboard that the configuration names is ever opened.

use super::{Heard, Wire, trouble};
use crate::scanner::kernel;
use crate::scanner::keys::{KeyByte, Keys, Layout};
use crate::scanner::policy::Trouble;
use evdev::raw_stream::RawDevice;
use evdev::{EventType, InputEvent, LedCode, SynchronizationCode};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use std::io;
use std::os::fd::AsFd;
use std::path::Path;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::ReadBuf;
use tokio::io::unix::AsyncFd;
use tokio::sync::watch;

/// How long a key that is held down may keep the keyboard from being taken, and how often that is looked at.
const KEYS_UP: Duration = Duration::from_secs(1);
const KEYS_LOOK: Duration = Duration::from_millis(20);
/// Unit of a lamp programme.
const LAMP_UNIT: Duration = Duration::from_millis(10);

/// A keyboard that was taken.
pub(super) struct Opened {
    keyboard: RawDevice,
    lamps: RawDevice,
}

/// An open scanner.
pub(super) struct Keyboard {
    keyboard: AsyncFd<RawDevice>,
    keys: Keys,
    /// Bytes that did not fit into the reader's buffer.
    pending: Vec<u8>,
    /// The queue ran over: what comes up to its next mark is to be ignored.
    skipping: bool,
    lamp: watch::Sender<Vec<u8>>,
}

/// Opens a keyboard and, if it is to be taken, takes it and switches its Caps Lock lamp off: some scanners turn case
/// round while it is on.
pub(super) fn open(node: &Path, is_taken: bool) -> Result<Opened, Trouble> {
    let failed = |error: io::Error| trouble(&error, node);
    let mut keyboard = RawDevice::open(node).map_err(failed)?;
    if !crate::scanner::keys::is_scanner_keyboard(|key| {
        keyboard.supported_keys().is_some_and(|keys| keys.contains(evdev::KeyCode::new(key)))
    }) {
        return Err(Trouble::Unfit("it has not the keys of a scanner".to_owned()));
    }
    if is_taken {
        take(&mut keyboard).map_err(failed)?;
    }
    let lamps = keyboard.as_fd().try_clone_to_owned().and_then(RawDevice::from_fd).map_err(failed)?;
    let flags = fcntl_getfl(&keyboard).and_then(|flags| fcntl_setfl(&keyboard, flags | OFlags::NONBLOCK));
    flags.map_err(|error| failed(error.into()))?;
    Ok(Opened { keyboard, lamps })
}

fn take(keyboard: &mut RawDevice) -> io::Result<()> {
    wait_for_keys_up(keyboard)?;
    kernel::grab(keyboard.as_fd())?;
    if keyboard.supported_leds().is_some_and(|lamps| lamps.contains(LedCode::LED_CAPSL)) {
        keyboard.send_events(&[lamp(LedCode::LED_CAPSL, false)])?;
    }
    Ok(())
}

/// A key that is down while the keyboard is taken would stay down for everybody else.
fn wait_for_keys_up(keyboard: &RawDevice) -> io::Result<()> {
    let looks = KEYS_UP.as_millis() / KEYS_LOOK.as_millis();
    for _ in 0..looks {
        if keyboard.get_key_state()?.iter().next().is_none() {
            return Ok(());
        }
        std::thread::sleep(KEYS_LOOK);
    }
    Err(io::Error::other("one of its keys is held down"))
}

impl Keyboard {
    /// Listens to a keyboard that was taken.
    pub(super) fn new(opened: Opened, layout: Layout, key_bytes: Vec<KeyByte>) -> Result<Keyboard, Trouble> {
        let keyboard = kernel::watched(opened.keyboard).map_err(|error| Trouble::Other(error.to_string()))?;
        let (lamp, programmes) = watch::channel(Vec::new());
        drop(tokio::spawn(play(opened.lamps, programmes)));
        Ok(Keyboard {
            keyboard,
            keys: Keys::new(layout, key_bytes),
            pending: Vec::new(),
            skipping: false,
            lamp,
        })
    }

    /// Takes what the kernel has queued; true if its queue ran over and keys are missing.
    fn take(&mut self, events: &[InputEvent]) -> bool {
        let mut lost = false;
        for event in events {
            match event.event_type() {
                EventType::KEY if self.skipping => {}
                EventType::KEY => self.keys.push(event.code(), event.value(), &mut self.pending),
                EventType::SYNCHRONIZATION if event.code() == SynchronizationCode::SYN_DROPPED.0 => {
                    self.keys.overrun();
                    self.pending.clear();
                    self.skipping = true;
                    lost = true;
                }
                EventType::SYNCHRONIZATION => self.skipping = false,
                _ => {}
            }
        }
        lost
    }
}

impl Wire for Keyboard {
    fn poll_hear(&mut self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<Heard> {
        while self.pending.is_empty() {
            let mut guard = match ready!(self.keyboard.poll_read_ready_mut(cx)) {
                Ok(guard) => guard,
                Err(_) => return Poll::Ready(Heard::HungUp),
            };
            let read = guard.try_io(|keyboard| Ok(keyboard.get_mut().fetch_events()?.collect::<Vec<_>>()));
            match read {
                Ok(Ok(events)) => {
                    if self.take(&events) {
                        return Poll::Ready(Heard::Gap);
                    }
                }
                Ok(Err(_)) => return Poll::Ready(Heard::HungUp),
                Err(_) => {}
            }
        }
        let count = self.pending.len().min(buffer.remaining());
        buffer.put_slice(&self.pending.drain(..count).collect::<Vec<_>>());
        Poll::Ready(Heard::Bytes)
    }

    /// Takes a lamp programme; it replaces the one that is being shown.
    fn poll_tell(&mut self, _cx: &mut Context<'_>, answer: &[u8]) -> Poll<io::Result<usize>> {
        self.lamp.send_replace(answer.to_vec());
        Poll::Ready(Ok(answer.len()))
    }

    fn close(self: Box<Self>) {}
}

fn lamp(lamp: LedCode, is_on: bool) -> InputEvent {
    InputEvent::new(EventType::LED.0, lamp.0, i32::from(is_on))
}

/// Shows lamp programmes until the wire is closed.
async fn play(mut lamps: RawDevice, mut programmes: watch::Receiver<Vec<u8>>) {
    while programmes.changed().await.is_ok() {
        let programme = programmes.borrow_and_update().clone();
        if let Err(error) = show(&mut lamps, &programme, &mut programmes).await {
            tracing::debug!(%error, "the scanner's lamp cannot be switched");
        }
    }
}

/// Shows one programme: durations, on and off in turn, the last one 0 if it stays so. A new programme cuts it short.
async fn show(
    lamps: &mut RawDevice,
    programme: &[u8],
    programmes: &mut watch::Receiver<Vec<u8>>,
) -> io::Result<()> {
    for (step, units) in programme.iter().enumerate() {
        lamps.send_events(&[lamp(LedCode::LED_SCROLLL, step % 2 == 0)])?;
        if *units == 0 {
            return Ok(());
        }
        match tokio::time::timeout(LAMP_UNIT * u32::from(*units), programmes.changed()).await {
            Ok(Ok(())) => {
                programmes.mark_changed();
                return Ok(());
            }
            Ok(Err(_)) => return Ok(()),
            Err(_) => {}
        }
    }
    lamps.send_events(&[lamp(LedCode::LED_SCROLLL, false)])
}
