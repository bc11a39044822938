//! Every capture through the framer and the label reader, at its own times, whole and cut anywhere.

use crate::capture::{Capture, LABELS, all};
use crate::vectors::words;
use outguide::config::Config;
use outguide::scanner::frame::{FrameEvent, Framer};

/// The configuration as a site would write it, with one station that plays the capture.
fn config(capture: &Capture) -> Config {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("outguide.toml");
    let station = "[[station]]\nname = \"desk\"\ncustodian = \"DESK\"\n";
    let head = "data_dir = \"/nonexistent\"\nlisten = \"127.0.0.1:0\"\n";
    std::fs::write(&file, format!("{head}{LABELS}{station}{}", capture.source())).unwrap();
    Config::load(&file).unwrap_or_else(|error| panic!("{}: {error}", capture.name))
}

/// Plays a capture, each chunk cut by `cut`; at its end the source hangs up, as a recording does.
fn play(capture: &Capture, config: &Config, cut: impl Fn(&[u8]) -> Vec<usize>) -> Vec<FrameEvent> {
    let source = &config.stations[0].sources[0];
    let mut framer = Framer::new(source.frame.clone());
    let mut out = Vec::new();
    let mut now = std::time::Duration::ZERO;
    for chunk in &capture.chunks {
        now += chunk.after;
        while let Some(deadline) = framer.deadline().filter(|deadline| *deadline <= now) {
            framer.tick(deadline, &mut out);
        }
        let mut start = 0;
        for end in cut(&chunk.bytes).into_iter().chain([chunk.bytes.len()]) {
            framer.feed(&chunk.bytes[start..end], now, &mut out);
            start = end;
        }
    }
    framer.hang_up(&mut out);
    out
}

#[test]
fn every_capture_means_what_it_should() {
    let captures = all();
    assert!(captures.len() >= 16, "{} captures", captures.len());
    for capture in captures {
        let config = config(&capture);
        let events = play(&capture, &config, |_| Vec::new());
        let found: Vec<_> = events.iter().map(|event| words(&config.formats, event)).collect();
        let expect: Vec<_> = capture.expect.iter().map(|(event, _)| event.clone()).collect();
        assert_eq!(found, expect, "{}: {events:?}", capture.name);
        let bytewise = play(&capture, &config, |bytes| (1..bytes.len()).collect());
        assert_eq!(bytewise, events, "{} bytewise", capture.name);
        let mut random = fastrand::Rng::with_seed(4711);
        let seeds: Vec<u64> = (0..50).map(|_| random.u64(..)).collect();
        for seed in seeds {
            let pieces = play(&capture, &config, |bytes| {
                let mut random = fastrand::Rng::with_seed(seed);
                (1..bytes.len()).filter(|_| random.u8(0..4) == 0).collect()
            });
            assert_eq!(pieces, events, "{} in pieces by {seed}", capture.name);
        }
    }
}
