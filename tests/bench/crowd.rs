//! Many scanners at once on pseudo-terminals, each waiting for its answer before the next scan, as scanners with
//! ACK/NAK do; and afterwards the journal, scan by scan.

use outguide::demo::PtyScanner;
use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long an answer may take before a scan counts as not acknowledged.
const PATIENCE: Duration = Duration::from_secs(60);
const ACK: &[u8] = b"\x06";

/// What a crowd does.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) scanners: usize,
    /// Scans of each.
    pub(crate) scans: usize,
    /// Between two scans of one scanner; zero: each scans as soon as it is answered.
    pub(crate) period: Duration,
    /// Charts that are scanned, in no order.
    pub(crate) charts: usize,
    /// Scans that were made before.
    pub(crate) before: usize,
}

/// A prime: numbers taken by it come in no order, and each once.
const STRIDE: usize = 999_983;

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) sent: usize,
    pub(crate) acknowledged: usize,
    /// Acknowledged and not recorded green.
    pub(crate) lost: usize,
    /// In the journal more than once.
    pub(crate) doubled: usize,
    /// Scanners whose scans are not in the order in which they were sent.
    pub(crate) disordered: usize,
}

/// The station and the source of a scanner, counted from 0.
pub(crate) fn source(scanner: usize) -> String {
    format!("s{scanner}-scanner")
}

/// The label that a scanner reads as its `scan`th: no two read the same before all charts were scanned.
pub(crate) fn label(plan: Plan, scanner: usize, scan: usize) -> String {
    let count = plan.before + scan * plan.scanners + scanner;
    format!("V{}", count * STRIDE % plan.charts + 1)
}

/// Stations s0, s1 … at the custodians C0, C1 …, each with one scanner that is answered.
pub(crate) fn stations(scanners: &[PtyScanner]) -> String {
    let station = |(number, scanner): (usize, &PtyScanner)| {
        format!(
            "[[station]]\nname = \"s{number}\"\ncustodian = \"C{number}\"\n[[station.source]]\nname = \"{}\"\n\
             device = \"{}\"\nanswer = \"ack-nak\"\n",
            source(number),
            scanner.path().display()
        )
    };
    scanners.iter().enumerate().map(station).collect()
}

/// Scans by plan, all scanners at once, each at its own moment of the period; returns what was acknowledged to each, and
/// how long each answer took.
pub(crate) fn scan(plan: Plan, scanners: &mut [PtyScanner]) -> (Vec<Vec<String>>, Vec<Duration>) {
    let start = Instant::now();
    std::thread::scope(|scope| {
        let workers: Vec<_> = scanners
            .iter_mut()
            .enumerate()
            .map(|(number, scanner)| scope.spawn(move || work(plan, number, scanner, start)))
            .collect();
        let all = workers.into_iter().map(|worker| worker.join().expect("a scanner"));
        let (acknowledged, latencies): (Vec<_>, Vec<_>) = all.unzip();
        (acknowledged, latencies.concat())
    })
}

/// One scanner's labels that were acknowledged, and how long each took.
fn work(plan: Plan, number: usize, scanner: &mut PtyScanner, start: Instant) -> (Vec<String>, Vec<Duration>) {
    let phase = plan.period * u32::try_from(number).unwrap_or(0) / u32::try_from(plan.scanners).unwrap_or(1);
    let (mut acknowledged, mut latencies) = (Vec::new(), Vec::new());
    for scan in 0..plan.scans {
        let due = phase + plan.period * u32::try_from(scan).unwrap_or(0);
        std::thread::sleep(due.saturating_sub(start.elapsed()));
        let label = label(plan, number, scan);
        let sent = Instant::now();
        scanner.send(format!("{label}\r").as_bytes()).expect("the line takes a scan");
        let answer = scanner.wait_for_answers(PATIENCE).expect("a line");
        if !answer.is_empty() {
            latencies.push(sent.elapsed());
        }
        if answer == ACK {
            acknowledged.push(label);
        }
    }
    (acknowledged, latencies)
}

/// Compares the journal with what the scanners sent and heard.
pub(crate) fn audit(plan: Plan, db: &Path, acknowledged: &[Vec<String>]) -> Outcome {
    let mut journal = journal(db);
    let mut outcome = Outcome { sent: plan.scanners * plan.scans, ..Outcome::default() };
    for (number, heard) in acknowledged.iter().enumerate() {
        let rows = journal.remove(&source(number)).unwrap_or_default();
        let mut times: HashMap<&str, usize> = HashMap::new();
        rows.iter().for_each(|label| *times.entry(label).or_default() += 1);
        outcome.acknowledged += heard.len();
        outcome.lost += heard.iter().filter(|label| !times.contains_key(label.as_str())).count();
        outcome.doubled += times.values().filter(|times| **times > 1).count();
        let sent: Vec<_> = (0..plan.scans).map(|scan| label(plan, number, scan)).collect();
        // What was sent and not acknowledged may be there or not.
        let order = rows.iter().map(|row| sent.iter().position(|label| label == row));
        outcome.disordered += usize::from(!order.is_sorted() || rows.iter().any(|row| !sent.contains(row)));
    }
    outcome.doubled += journal.values().map(Vec::len).sum::<usize>();
    outcome
}

/// The labels that were recorded green, by source, in the order of recording.
#[expect(clippy::disallowed_methods, reason = "reads the journal of a daemon that has ended")]
fn journal(db: &Path) -> HashMap<String, Vec<String>> {
    let db = rusqlite::Connection::open_with_flags(db, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)
        .expect("the database");
    let sql = "select source.name, cast(frame as text) from scan join source using (source_id) \
               where verdict in ('moved', 'already-here') order by scan_no";
    let mut statement = db.prepare(sql).expect("a statement");
    let mut rows = statement.query([]).expect("rows");
    let mut journal: HashMap<String, Vec<String>> = HashMap::new();
    while let Some(row) = rows.next().expect("a row") {
        journal.entry(row.get(0).expect("a source")).or_default().push(row.get(1).expect("a frame"));
    }
    journal
}
