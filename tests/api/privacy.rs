//! A patient's number leaves by the bodies of answers that were asked for it, and by nothing else.

use crate::room::{MRN_START, Room, scan};
use serde_json::json;
use std::io::Write;
use std::sync::{Mutex, Once};
use std::time::Duration;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Collects what all tests of this binary log, at the finest level.
pub(crate) fn capture() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(|| Log);
        tracing_subscriber::registry().with(outguide::log::filter(tracing::Level::TRACE)).with(lines).init();
    });
}

pub(crate) fn log() -> String {
    String::from_utf8(LOG.lock().unwrap().clone()).unwrap()
}

fn check(what: &str, text: &str) {
    let digits: String = text.chars().filter(|character| *character != '-').collect();
    assert!(!digits.contains(MRN_START), "{what}: {text}");
    // The name, as folded for comparison too, and the date of birth.
    for word in ["López", "lopez", "LOPEZ", "19560312"] {
        assert!(!digits.contains(word), "{what} has {word}: {text}");
    }
}

#[tokio::test]
async fn a_patients_number_is_in_no_log_figure_or_live_event() {
    let room = Room::new().await;
    let mut events = crate::live::open(&room).await;
    for query in ["87-65-43", "876543", "V3", "lopez ana", "LOPEZ 1956-03-12", "Lópze 12.3.1956"] {
        let found = room.post("/api/v1/charts/search", &json!({ "query": query })).await;
        assert!(found.text.contains("87-65-43"), "the test would find nothing: {}", found.text);
    }
    room.post("/api/v1/scans", &scan(1, "clinic", "V3")).await;
    // A clerk scans the number itself, which no format knows; and a client puts it where it does not belong.
    room.post("/api/v1/scans", &scan(2, "clinic", "876543")).await;
    room.post("/api/v1/scans", &scan(3, "876543", "V3")).await;
    room.post("/api/v1/scans", &json!({ "876543": 876543 })).await;
    for path in ["/api/v1/876543", "/api/v1/stations/876543?mrn=876543", "/876543"] {
        check(path, &room.get(path).await.text);
    }
    room.get("/api/v1/stations/clinic").await;
    let heard = events.until("station/clinic", Duration::from_secs(5)).await;
    check("live", &heard);
    check("metrics", &room.get("/metrics").await.text);
    check("readyz", &room.get("/readyz").await.text);
    let log = log();
    assert!(log.contains("/api/v1/charts/search"), "nothing was captured: {log}");
    check("log", &log);
}
