//! Every stream of `tests/vectors.json` through a pseudo-terminal into the real binary.

use crate::support::Room;
use outguide::import::Kind;
use outguide::tracking::{StationId, Verdict};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

/// Streams that share label formats run in one daemon, each at a station of its own.
fn groups() -> Vec<Vec<Value>> {
    let all: Vec<Value> = serde_json::from_str(include_str!("../vectors.json")).unwrap();
    let mut groups: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for vector in all {
        groups.entry(format!("{}{}", vector["formats"], vector["options"])).or_default().push(vector);
    }
    groups.into_values().collect()
}

fn toml_of(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(toml_of).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

fn head(group: &[Value]) -> String {
    let mut text = "[reading]\n".to_owned();
    for (key, value) in group[0]["options"].as_object().unwrap() {
        text += &format!("{key} = {value}\n");
    }
    for format in group[0]["formats"].as_array().unwrap() {
        text += "[[label]]\n";
        for (key, value) in format.as_object().unwrap() {
            text += &format!("{key} = {}\n", toml_of(value));
        }
        // The streams count a check character as no part of the key unless they say so.
        if format.get("keep_check").is_none() {
            text += "keep_check = false\n";
        }
    }
    text
}

fn source(settings: &Value) -> String {
    let mut text = format!("framing = {}\nanswer = \"none\"\n", settings["framing"]);
    if let Some(ends) = settings["terminators"].as_array().filter(|ends| !ends.is_empty()) {
        text += &format!("terminators = {}\n", toml_of(&Value::Array(ends.clone())));
    }
    if let Some(prefix) = settings["prefix"].as_str() {
        text += &format!("prefix = {:?}\n", String::from_utf8(unhex(prefix)).unwrap());
    }
    text
}

fn unhex(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// What the journal says for a word of the stream.
fn verdict(word: &Value) -> Verdict {
    match word.as_str().unwrap() {
        "moved" => Verdict::Moved,
        "already-here" => Verdict::AlreadyHere,
        "double-read" => Verdict::DoubleRead,
        "unknown" => Verdict::Unknown,
        "foreign" => Verdict::Foreign,
        "damaged" | "rejected" => Verdict::Refused,
        other => panic!("{other}?"),
    }
}

/// The keys that a group's streams move charts by.
fn keys(group: &[Value]) -> Vec<String> {
    let mut keys: Vec<String> = group
        .iter()
        .flat_map(|vector| vector["expect"].as_array().unwrap())
        .filter_map(|expect| expect.as_str().unwrap().strip_prefix("label volume "))
        .map(|key| key.trim_end_matches(" latin1").trim_end_matches(" utf8").to_owned())
        .collect();
    keys.sort();
    keys.dedup();
    keys
}

async fn run(group: &[Value]) {
    // A station of its own for every stream, and a custodian of its own: whatever it reads has to move.
    let mut room = Room::new(&head(group));
    let mut custodians = "code,name\nFILE,File room\n".to_owned();
    for vector in group {
        let id = vector["id"].as_str().unwrap();
        room.station(id, id, &source(&vector["settings"]));
        custodians += &format!("{id},{id}\n");
    }
    room.import(Kind::Custodians, &custodians);
    let charts: Vec<_> =
        keys(group).iter().enumerate().map(|(n, key)| format!("{n},{key:?},FILE\n")).collect();
    room.import(Kind::Charts, &format!("mrn,label,home\n{}", charts.concat()));
    let scanners: Vec<_> = group.iter().map(|vector| room.plug(vector["id"].as_str().unwrap())).collect();
    let daemon = room.serve(group.len());
    // One stream after the other: a chart that two streams move must be seen to move twice.
    let mut lines = Vec::new();
    for (vector, mut scanner) in group.iter().zip(scanners) {
        for chunk in vector["chunks"].as_array().unwrap() {
            std::thread::sleep(Duration::from_millis(chunk["after_ms"].as_u64().unwrap()));
            scanner.send(&unhex(chunk["hex"].as_str().unwrap())).unwrap();
        }
        lines.push(scanner);
        // Longer than any silence that a framer waits for.
        std::thread::sleep(Duration::from_millis(200));
    }
    assert!(daemon.stop().success());
    drop(lines);
    assert_eq!(room.findings(), [""; 0]);
    let (store, thread) = room.open_store();
    for (number, vector) in (1..).zip(group) {
        let id = vector["id"].as_str().unwrap();
        let board =
            store.board(StationId(number), id.to_owned(), jiff::Timestamp::MIN, 50).await.unwrap().unwrap();
        let recorded: Vec<_> = board.scans.iter().rev().map(|scan| scan.verdict).collect();
        let expected: Vec<_> = vector["recorded"].as_array().unwrap().iter().map(verdict).collect();
        assert_eq!(recorded, expected, "{id}: {:?}", board.scans);
    }
    drop(store);
    thread.join();
}

#[test]
fn every_stream_is_recorded_as_it_should_be() {
    let groups = groups();
    assert!(groups.iter().map(Vec::len).sum::<usize>() >= 53);
    let runs: Vec<_> = groups
        .into_iter()
        .map(|group| {
            std::thread::spawn(move || tokio::runtime::Runtime::new().unwrap().block_on(run(&group)))
        })
        .collect();
    runs.into_iter().for_each(|run| run.join().unwrap());
}
