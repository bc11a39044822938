//! Durable movements per second through the store, against a bare loop that writes the same rows in the same commits.

use crate::measure::{Latencies, median};
use crate::room::{CUSTODIANS, directory, furnish, stations};
use outguide::clock::Clock;
use outguide::label::LabelKind;
use outguide::store::{Options, Place, Store};
use outguide::tracking::{Entry, Scan, ScanId, Sighting, SourceId, StationId, Verdict};
use rusqlite::{Connection, OpenFlags, params};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const CHARTS: usize = 20_000;
const ROUNDS: usize = 5;
const RUN: Duration = Duration::from_millis(2000);

pub(crate) fn run() {
    println!(
        "durable movements per second ({CHARTS} charts; one movement = scan, movement, whereabouts, audit row)"
    );
    println!("| producers | per commit | outguide /s | bare loop /s | ratio | ack p50 us | ack p99 us |");
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    for producers in [1, 8, 64, 512] {
        let mut rows = Vec::new();
        for _ in 0..ROUNDS {
            let ours = through_store(producers);
            let bare = bare_loop(ours.per_commit.round().max(1.0) as usize);
            rows.push((ours, bare));
        }
        let of = |pick: &dyn Fn(&(Ours, f64)) -> f64| median(rows.iter().map(pick).collect());
        println!(
            "| {producers} | {:.1} | {:.0} | {:.0} | {:.2} | {:.0} | {:.0} |",
            of(&|row| row.0.per_commit),
            of(&|row| row.0.rate),
            of(&|row| row.1),
            of(&|row| row.0.rate / row.1),
            of(&|row| row.0.latencies.us(50)),
            of(&|row| row.0.latencies.us(99)),
        );
    }
}

struct Ours {
    rate: f64,
    per_commit: f64,
    latencies: Latencies,
}

/// Every producer waits for the answer to its scan before it makes the next.
fn through_store(producers: u64) -> Ours {
    let dir = directory();
    let place = Place::new(dir.path());
    furnish(&place, CHARTS);
    let clock = Clock::system();
    let (store, thread) = Store::open(&Options { place, queue: 1024, readers: 1 }, &clock).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (count, latencies, took, commits) = runtime.block_on(async {
        store.set_stations(stations()).await.unwrap();
        let before = store.health().commits;
        let next = Arc::new(AtomicU64::new(0));
        let start = Instant::now();
        let work = (0..producers)
            .map(|_| tokio::spawn(produce(store.clone(), clock.clone(), Arc::clone(&next), start)));
        let mut latencies = Vec::new();
        for worker in work.collect::<Vec<_>>() {
            latencies.extend(worker.await.unwrap());
        }
        (latencies.len(), latencies, start.elapsed(), store.health().commits - before)
    });
    drop(store);
    thread.join();
    Ours {
        rate: count as f64 / took.as_secs_f64(),
        per_commit: count as f64 / commits as f64,
        latencies: Latencies::new(latencies),
    }
}

async fn produce(store: Store, clock: Clock, next: Arc<AtomicU64>, start: Instant) -> Vec<Duration> {
    let mut latencies = Vec::new();
    while start.elapsed() < RUN {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let scan = scan(number, &clock);
        let asked = Instant::now();
        let recorded = store.record(scan).await.unwrap();
        latencies.push(asked.elapsed());
        assert_eq!(recorded.verdict, Verdict::Moved);
    }
    latencies
}

/// Walks over all charts again and again, each time at another station: every scan is a movement.
fn scan(number: u64, clock: &Clock) -> Scan {
    let chart = number % CHARTS as u64 + 1;
    let station = (number / CHARTS as u64 % (CUSTODIANS as u64 - 1)) as i64 + 2;
    let key = format!("V{chart}");
    let now = clock.now();
    Scan {
        id: ScanId::new(now.as_millisecond() as u64, 1, number as u32),
        station: StationId(station),
        source: SourceId(station),
        scanned_at: now,
        arrived: clock.elapsed(),
        entry: Entry::Scanned,
        operator: None,
        frame: key.clone().into_bytes(),
        sighting: Sighting::Label { kind: LabelKind::Volume, key },
        resend: false,
    }
}

/// The same four statements in a plain loop on one thread, `per_commit` movements in each transaction.
fn bare_loop(per_commit: usize) -> f64 {
    let dir = directory();
    let place = Place::new(dir.path());
    furnish(&place, CHARTS);
    let conn = open(&place);
    let start = Instant::now();
    let mut number = 0_u64;
    while start.elapsed() < RUN {
        conn.execute_batch("begin immediate").unwrap();
        for _ in 0..per_commit {
            number += 1;
            write_movement(&conn, number);
        }
        conn.execute_batch("commit").unwrap();
    }
    number as f64 / start.elapsed().as_secs_f64()
}

/// Latencies of a bare loop that commits each movement alone.
pub(crate) fn bare_commits(commits: u64) -> Latencies {
    let dir = directory();
    let place = Place::new(dir.path());
    furnish(&place, CHARTS);
    let conn = open(&place);
    let mut latencies = Vec::new();
    for number in 1..=commits {
        let start = Instant::now();
        conn.execute_batch("begin immediate").unwrap();
        write_movement(&conn, number);
        conn.execute_batch("commit").unwrap();
        latencies.push(start.elapsed());
    }
    Latencies::new(latencies)
}

#[expect(clippy::disallowed_methods, reason = "the bare loop is what the store is measured against")]
fn open(place: &Place) -> Connection {
    let conn = Connection::open_with_flags(
        place.db(),
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )
    .unwrap();
    conn.execute_batch(
        "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; pragma wal_autocheckpoint = 16000;
         pragma cache_size = -8192;
         insert into station (name) values ('s'); insert into source (name) values ('s');",
    )
    .unwrap();
    conn
}

fn write_movement(conn: &Connection, number: u64) {
    let number = number as i64;
    let volume = number % CHARTS as i64 + 1;
    let place = number / CHARTS as i64 % (CUSTODIANS as i64 - 1) + 2;
    let id = uuid::Uuid::from_u64_pair(number as u64, 0).into_bytes();
    let (now, hash) = (1_700_000_000_000_000 + number, [7_u8; 32]);
    let run =
        |sql, params: &[&dyn rusqlite::ToSql]| conn.prepare_cached(sql).unwrap().execute(params).unwrap();
    run(
        "insert into scan (scan_no, scan_id, station_id, source_id, scanned_at_us, recorded_at_us, entry, operator, frame, verdict,
         why, volume_id, hash) values (?, ?, 1, 1, ?, ?, 'scanned', null, ?, 'moved', null, ?, ?)",
        params![number, id, now, now, format!("V{volume}").into_bytes(), volume, hash],
    );
    run(
        "insert into movement (movement_no, volume_id, previous_no, kind, from_id, to_id, late, scanned_at_us, recorded_at_us, entry,
         station_id, operator, scan_no, hash) values (?, ?, null, 'received', 1, ?, 0, ?, ?, 'scanned', 1, null, ?, ?)",
        params![number, volume, place, now, now, number, hash],
    );
    run(
        "update volume set at_id = ?, since_us = ?, movement_no = ? where volume_id = ?",
        params![place, now, number, volume],
    );
    run(
        "insert into audit (audit_no, at_us, action, actor, scan_no, movement_no, detail, hash)
         values (?, ?, 'scan', null, ?, ?, null, ?)",
        params![number + 100, now, number, number, hash],
    );
}
