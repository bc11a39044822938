//! Messages as systemd's journal takes them (<https://systemd.io/JOURNAL_NATIVE_PROTOCOL/>): every field of a message is
//! one of the entry. `tracing-journald` does the same, but whoever has something to say waits for the journal.

use std::fmt::{Debug, Write as _};
use std::io;
use std::os::unix::net::UnixDatagram;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

const SOCKET: &str = "/run/systemd/journal/socket";

/// Opens the way to the journal.
///
/// # Errors
/// There is no journal on this machine.
pub(super) fn open() -> io::Result<UnixDatagram> {
    let socket = UnixDatagram::unbound()?;
    // An empty entry is thrown away; a journal that takes nothing just now is one all the same.
    socket.set_nonblocking(true)?;
    match socket.send_to(&[], SOCKET) {
        Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
        _ => {}
    }
    socket.set_nonblocking(false)?;
    Ok(socket)
}

/// Hands over an entry, however long that takes.
pub(super) fn send(socket: &UnixDatagram, entry: &[u8]) {
    // Without a journal there is nobody to tell, either.
    drop(socket.send_to(entry, SOCKET));
}

/// Makes an entry of each message and lets go of it.
pub(super) struct Entries(pub(super) fn(&[u8]));

impl<S: Subscriber> Layer<S> for Entries {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut said = Said::default();
        event.record(&mut said);
        let about = event.metadata();
        let mut entry = Vec::with_capacity(256);
        put(&mut entry, "PRIORITY", priority(*about.level()));
        put(&mut entry, "SYSLOG_IDENTIFIER", env!("CARGO_PKG_NAME"));
        put(&mut entry, "MESSAGE", &said.message);
        put(&mut entry, "TARGET", about.target());
        if let (Some(file), Some(line)) = (about.file(), about.line()) {
            put(&mut entry, "CODE_FILE", file);
            put(&mut entry, "CODE_LINE", &line.to_string());
        }
        entry.extend(said.fields);
        (self.0)(&entry);
    }
}

/// As syslog counts; `info` is a notice, so that what is finer has a number left.
fn priority(level: Level) -> &'static str {
    match level {
        Level::ERROR => "3",
        Level::WARN => "4",
        Level::INFO => "5",
        Level::DEBUG => "6",
        Level::TRACE => "7",
    }
}

/// One field, with its length, so that a value may hold anything.
fn put(entry: &mut Vec<u8>, name: &str, value: &str) {
    let Ok(length) = u64::try_from(value.len()) else { return };
    entry.extend(name.bytes());
    entry.push(b'\n');
    entry.extend(length.to_le_bytes());
    entry.extend(value.bytes());
    entry.push(b'\n');
}

#[derive(Default)]
struct Said {
    message: String,
    fields: Vec<u8>,
}

impl Said {
    fn take(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            value.clone_into(&mut self.message);
            return;
        }
        let name = field
            .name()
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' });
        put(&mut self.fields, &format!("F_{}", name.collect::<String>()), value);
    }
}

impl Visit for Said {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.take(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let mut text = String::new();
        if write!(text, "{value:?}").is_err() {
            text.push_str(" (broken off)");
        }
        self.take(field, &text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_has_its_length_before_it() {
        let mut entry = Vec::new();
        put(&mut entry, "F_WHY", "two\nlines");
        assert_eq!(entry, b"F_WHY\n\x09\0\0\0\0\0\0\0two\nlines\n");
    }
}
