//! Recordings: any line, and what is written must be read again.

use crate::input::Input;
use outguide::scanner::capture::{Chunk, LINE_BYTES_MAX, line, parse};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 3600);

pub(crate) fn run(bytes: &[u8]) {
    for text in bytes.split(|byte| *byte == b'\n') {
        match parse(text) {
            Ok(Some(chunk)) => sound(text, &chunk),
            Ok(None) => {
                let text = std::str::from_utf8(text).expect("what is passed over is text").trim();
                assert!(text.is_empty() || text.starts_with('#'), "{text}");
            }
            Err(why) => assert!(!why.is_empty() && !why.ends_with('.'), "{why}"),
        }
    }
    written(bytes);
}

fn sound(text: &[u8], chunk: &Chunk) {
    assert!(!chunk.bytes.is_empty() && 2 * chunk.bytes.len() < text.len(), "{chunk:?}");
    assert!(chunk.after <= DAY);
    assert_eq!(parse(line(chunk).as_bytes()), Ok(Some(chunk.clone())));
}

/// Any bytes after any pause can be written and read again.
fn written(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let after = input.pause();
    let bytes = input.rest().to_vec();
    let chunk = Chunk { after, bytes };
    let line = line(&chunk);
    assert!(line.ends_with('\n') && line.is_ascii());
    if !chunk.bytes.is_empty() && (line.len() as u64) < LINE_BYTES_MAX {
        assert_eq!(parse(line.as_bytes()), Ok(Some(chunk)));
    }
}
