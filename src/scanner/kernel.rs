//! The device calls that no library has in a safe form. The only unsafe code of the program.

use evdev::raw_stream::RawDevice;
use rustix::ioctl::{Getter, IntegerSetter, Opcode, ioctl};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use tokio::io::unix::AsyncFd;
use tokio_serial::SerialStream;

/// `EVIOCGRAB`, `_IOW('E', 0x90, int)`: the value itself says whether to take or to give back.
const EVIOCGRAB: Opcode = rustix::ioctl::opcode::write::<i32>(b'E', 0x90);
/// `TIOCGICOUNT`.
const TIOCGICOUNT: Opcode = 0x545d;

/// Errors that the serial driver has counted since the port was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LineErrors {
    /// Stop bits that were not there: usually another baud rate.
    pub framing: u64,
    /// Bytes with wrong parity.
    pub parity: u64,
    /// Bytes lost because nobody took them in time.
    pub overrun: u64,
    /// Break conditions.
    pub breaks: u64,
}

impl LineErrors {
    /// All together.
    pub fn sum(self) -> u64 {
        self.framing + self.parity + self.overrun + self.breaks
    }

    /// What was counted since `before`.
    pub fn since(self, before: LineErrors) -> LineErrors {
        LineErrors {
            framing: self.framing.saturating_sub(before.framing),
            parity: self.parity.saturating_sub(before.parity),
            overrun: self.overrun.saturating_sub(before.overrun),
            breaks: self.breaks.saturating_sub(before.breaks),
        }
    }
}

/// `struct serial_icounter_struct`: cts, dsr, rng, dcd, rx, tx, frame, overrun, parity, brk, buf_overrun, 9 reserved.
type Counters = [i32; 20];

/// Reads the driver's counts; none where it has no such (CDC-ACM, pseudo-terminals).
#[expect(
    unsafe_code,
    reason = "TIOCGICOUNT fills a struct of twenty ints, for which the getter has room; the descriptor \
                                is borrowed for the call from the port that owns it"
)]
pub(super) fn line_errors(port: &SerialStream) -> Option<LineErrors> {
    let fd = unsafe { BorrowedFd::borrow_raw(port.as_raw_fd()) };
    let counters: Counters = unsafe { ioctl(fd, Getter::<TIOCGICOUNT, Counters>::new()) }.ok()?;
    let [_, _, _, _, _, _, framing, overrun, parity, breaks, lost, ..] = counters;
    let count = |value: i32| u64::try_from(value).unwrap_or(0);
    Some(LineErrors {
        framing: count(framing),
        parity: count(parity),
        overrun: count(overrun) + count(lost),
        breaks: count(breaks),
    })
}

/// Takes a keyboard for this process alone, until it is closed.
///
/// # Errors
/// Another process has taken it (`EBUSY`), or it is gone (`ENODEV`).
#[expect(unsafe_code, reason = "EVIOCGRAB takes a plain number and no memory")]
pub(super) fn grab(keyboard: impl AsFd) -> rustix::io::Result<()> {
    unsafe { ioctl(keyboard, IntegerSetter::<EVIOCGRAB>::new_usize(1)) }
}

/// What owns one descriptor for as long as it lives, and never puts another in its place.
pub(super) trait OwnsDescriptor: AsRawFd {}

impl OwnsDescriptor for OwnedFd {}
impl OwnsDescriptor for RawDevice {}

/// Has the runtime wake us when a descriptor is readable.
///
/// # Errors
/// The runtime cannot watch this kind of descriptor.
#[expect(
    unsafe_code,
    reason = "the trait names types whose descriptor stays open and the same while they live"
)]
pub(super) fn watched<T: OwnsDescriptor>(inner: T) -> io::Result<AsyncFd<T>> {
    Ok(unsafe { AsyncFd::register_with_interest(inner, tokio::io::Interest::READABLE) }?)
}
