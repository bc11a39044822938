//! Whether the record holds what the world was told, and nobody was forgotten or told twice.

use super::Outcome;
use super::play::{Answer, World};
use super::shop::STATIONS;
use outguide::store::{Place, verify};
use rusqlite::Connection;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// What the journal has of a scan: its number, station, frame and verdict.
type Row = (i64, String, Vec<u8>, String);

/// What the outbox has of a notice: its state, who it went to and what it said.
type Sent = (String, Option<String>, Option<String>);

pub(crate) fn everything(mut world: World) -> Outcome {
    let mut outcome = Outcome::default();
    let mut wrong = std::mem::take(&mut world.wrong);
    if let Err(error) = record(&world, &mut outcome, &mut wrong) {
        wrong.push(format!("the record cannot be read: {error}"));
    }
    match verify(&Place::new(world.dir.path()), &mut |_, _| ()) {
        Ok(report) => wrong.extend(report.findings),
        Err(error) => wrong.push(format!("{error:?}")),
    }
    let mut hasher = DefaultHasher::new();
    world.trace.hash(&mut hasher);
    outcome.fingerprint.hash(&mut hasher);
    outcome.fingerprint = hasher.finish();
    let faults = world.mail.inner.lock().unwrap().faults;
    world.injected.insert("mail server trouble", faults);
    Outcome { trace: world.trace, injected: world.injected, wrong, ..outcome }
}

#[expect(clippy::disallowed_methods, reason = "the check must not lean on what it checks")]
fn record(world: &World, outcome: &mut Outcome, wrong: &mut Vec<String>) -> rusqlite::Result<()> {
    let conn = Connection::open(world.dir.path().join("outguide.db"))?;
    scans(&conn, world, outcome, wrong)?;
    notices(&conn, world, outcome, wrong)?;
    forgotten(&conn, world.clock.now().as_microsecond(), wrong)?;
    // Heads of the chains, for a replay to compare.
    let heads: String = conn.query_row(
        "select coalesce((select hex(hash) from scan order by scan_no desc limit 1), '') ||
                coalesce((select hex(hash) from movement order by movement_no desc limit 1), '') ||
                coalesce((select hex(hash) from audit order by audit_no desc limit 1), '')",
        [],
        |row| row.get(0),
    )?;
    let mut hasher = DefaultHasher::new();
    heads.hash(&mut hasher);
    outcome.fingerprint = hasher.finish();
    Ok(())
}

/// What was answered green is there, once, and as it was scanned.
fn scans(
    conn: &Connection,
    world: &World,
    outcome: &mut Outcome,
    wrong: &mut Vec<String>,
) -> rusqlite::Result<()> {
    let mut rows: HashMap<[u8; 16], Vec<Row>> = HashMap::new();
    let mut select = conn.prepare(
        "select scan_id, scan_no, s.name, frame, verdict from scan join station s using (station_id)",
    )?;
    let read = select.query_map([], |row| {
        Ok((row.get::<_, [u8; 16]>(0)?, (row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)))
    })?;
    for row in read {
        let (id, row) = row?;
        rows.entry(id).or_default().push(row);
    }
    for made in &world.made {
        let found = rows.get(&made.id.to_bytes()).map_or(&[][..], Vec::as_slice);
        outcome.doubled += usize::from(found.len() > 1);
        let Some(answer) = &made.answer else { continue };
        outcome.answered += 1;
        let is_it = |(number, station, frame, verdict): &Row| {
            *station == STATIONS[made.station].0
                && *frame == made.frame
                && match answer {
                    Answer::Green => true,
                    Answer::Recorded(recorded) => {
                        recorded.scan_no.0 == *number && recorded.verdict.as_str() == verdict
                    }
                }
        };
        if !matches!(found, [row] if is_it(row)) {
            outcome.lost += 1;
            wrong.push(format!("scan {:?} was answered and is not there as it was", made.frame));
        }
    }
    Ok(())
}

/// What is said to be sent was taken; what was taken twice is the same message; nothing waits any more.
fn notices(
    conn: &Connection,
    world: &World,
    outcome: &mut Outcome,
    wrong: &mut Vec<String>,
) -> rusqlite::Result<()> {
    let mail = world.mail.inner.lock().unwrap();
    let mut select = conn.prepare(
        "select message_id, state, address, body from notice where channel = 'mail' and message_id is not null",
    )?;
    let known: HashMap<String, Sent> = select
        .query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?, row.get(3)?))))?
        .collect::<rusqlite::Result<_>>()?;
    outcome.notices = known.len();
    let mut taken: HashMap<&str, (&str, &str)> = HashMap::new();
    for message in &mail.taken {
        let first = taken.entry(&message.id).or_insert((&message.to, &message.body));
        if *first != (&message.to, &message.body) {
            wrong.push(format!("{} was sent twice with other words", message.id));
        }
        match known.get(&message.id) {
            Some((_, to, body))
                if to.as_deref() == Some(&message.to) && body.as_deref() == Some(&message.body) => {}
            Some(_) => wrong.push(format!("{} is on file with other words than it was sent", message.id)),
            None => wrong.push(format!("{} was sent and is not on file", message.id)),
        }
    }
    for (id, (state, ..)) in &known {
        match state.as_str() {
            "sent" if !taken.contains_key(id.as_str()) => {
                wrong.push(format!("{id} is said to be sent, and the server does not have it"));
            }
            "refused" if !mail.refused.contains(id) => {
                wrong.push(format!("{id} is said to be refused, and the server never did"));
            }
            "queued" => wrong.push(format!("{id} still waits after a month with a good mail server")),
            _ => {}
        }
    }
    Ok(())
}

/// After a month everything that is overdue, by the clock as it was set last, was asked for or is searched for.
fn forgotten(conn: &Connection, now_us: i64, wrong: &mut Vec<String>) -> rusqlite::Result<()> {
    let mut select = conn.prepare(
        "select v.volume_id from volume v join custodian c on c.custodian_id = v.at_id
         where v.state = 'active' and v.at_id <> v.home_id and v.due_at_us is not null
           and v.due_at_us < ?1 - 20 * 86400000000
           and not exists (select 1 from notice_volume n where n.volume_id = v.volume_id)
           and not exists (select 1 from missing_case m where m.volume_id = v.volume_id and m.closed_at_us is null)",
    )?;
    let forgotten: Vec<i64> =
        select.query_map([now_us], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    if !forgotten.is_empty() {
        wrong.push(format!("volumes {forgotten:?} are long overdue, and nobody was asked"));
    }
    Ok(())
}
