//! Works other than scanning: import, migration, backup, restore, moving old movements into the archive. Each is done on what `before` made, may be broken off at
//! any moment, and leaves the old or the new.

use crate::room::{self, Checked, Open, wait};
use outguide::clock::Clock;
use outguide::label::LabelKind;
use outguide::store::{Place, backup, prepare_archive, restore, verify};
use outguide::tracking::{Scan, Sighting, VolumeId};
use std::path::Path;
use std::time::Duration;

/// Movements of the room whose past is put away, of three charts, a minute apart.
const OLD: usize = 24;

/// One of them.
#[derive(Clone, Copy)]
pub(crate) struct Work {
    pub(crate) name: &'static str,
    /// Makes what is there before.
    pub(crate) before: fn(&Path),
    /// Does it; whether it says that it is done.
    pub(crate) act: fn(&Path) -> bool,
    /// Looks at what is there afterwards, and does what was left undone, given whether it said that it was done.
    pub(crate) after: fn(&Path, bool) -> Checked,
}

pub(crate) const WORKS: [Work; 5] = [
    Work { name: "import", before: |_| (), act: import, after: imported },
    Work { name: "migration", before: an_old_room, act: migrate, after: migrated },
    Work { name: "backup", before: a_used_room, act: back_up, after: backed_up },
    Work { name: "restore", before: a_room_with_a_backup, act: put_back, after: restored },
    Work { name: "archive", before: a_room_of_old, act: put_away, after: put_away_or_not },
];

pub(crate) fn a_room(dir: &Path) {
    room::import(dir, &room::clock()).unwrap();
}

/// A room with a past: scans, and a WAL that nobody moved into the database.
fn a_used_room(dir: &Path) {
    a_room(dir);
    let clock = room::clock();
    let open = Open::new(dir, &clock).unwrap();
    for count in 1..12 {
        wait(open.store.record(volume(&open, &clock, count))).unwrap();
    }
    open.close();
}

fn a_room_with_a_backup(dir: &Path) {
    a_used_room(dir);
    backup(&Place::new(dir), &dir.join("copy.db"), &mut |_, _| ()).unwrap();
    let clock = room::clock();
    let open = Open::new(dir, &clock).unwrap();
    for count in 12..16 {
        wait(open.store.record(volume(&open, &clock, count))).unwrap();
    }
    open.close();
}

/// The first version of the schema, with its data.
#[expect(clippy::disallowed_methods, reason = "no store makes an old database any more")]
fn an_old_room(dir: &Path) {
    let conn = rusqlite::Connection::open(dir.join("outguide.db")).unwrap();
    conn.execute_batch("pragma journal_mode = wal; begin;").unwrap();
    conn.execute_batch(include_str!("../../src/store/migrations/0001_main_job.sql")).unwrap();
    conn.execute_batch(include_str!("../migrations/v1.sql")).unwrap();
    conn.execute_batch("pragma application_id = 0x4f555447; pragma user_version = 1; commit;").unwrap();
}

pub(crate) fn volume(open: &Open, clock: &Clock, count: usize) -> Scan {
    let key = format!("V{}", 1 + count * 7 % room::CHARTS);
    open.scan(clock, count, 1 + count % 2, Sighting::Label { kind: LabelKind::Volume, key })
}

pub(crate) fn gone(error: impl std::fmt::Debug) -> Checked {
    Checked { wrong: vec![format!("it does not come back: {error:?}")], ..Checked::default() }
}

/// What `verify` finds, and whether the room holds what it should.
fn sound(dir: &Path, charts: u64, movements: u64) -> Checked {
    let mut checked =
        Checked { answered: usize::try_from(charts + movements).unwrap(), ..Checked::default() };
    match verify(&Place::new(dir), &mut |_, _| ()) {
        Ok(report) => checked.wrong.extend(report.findings),
        Err(error) => return gone(error),
    }
    let clock = room::clock();
    match Open::new(dir, &clock) {
        Ok(open) => {
            match wait(open.store.totals()) {
                Ok(totals) if (totals.volumes, totals.movements) == (charts, movements) => {}
                Ok(totals) => checked.wrong.push(format!("{totals:?} instead of {charts} and {movements}")),
                Err(error) => checked.wrong.push(format!("{error:?}")),
            }
            let scan = open.scan(&clock, 77, 1, Sighting::Unknown { text: "X".into() });
            if let Err(error) = wait(open.store.record(scan)) {
                checked.wrong.push(error.to_string());
            }
            open.close();
        }
        Err(error) => checked.wrong.push(error),
    }
    checked
}

fn import(dir: &Path) -> bool {
    room::import(dir, &room::clock()).is_ok()
}

fn imported(dir: &Path, is_done: bool) -> Checked {
    if !is_done && let Err(error) = room::import(dir, &room::clock()) {
        return gone(error);
    }
    sound(dir, room::CHARTS as u64, 0)
}

fn migrate(dir: &Path) -> bool {
    Open::new(dir, &room::clock()).is_ok_and(|open| {
        open.close();
        true
    })
}

fn migrated(dir: &Path, _: bool) -> Checked {
    match Open::new(dir, &room::clock()) {
        Ok(open) => open.close(),
        Err(error) => return gone(error),
    }
    sound(dir, 9, 3)
}

fn back_up(dir: &Path) -> bool {
    backup(&Place::new(dir), &dir.join("copy.db"), &mut |_, _| ()).is_ok()
}

fn backed_up(dir: &Path, is_done: bool) -> Checked {
    let (place, file) = (Place::new(dir), dir.join("copy.db"));
    let mut wrong = Vec::new();
    if is_done && !file.exists() {
        wrong.push("the backup is gone".to_owned());
    }
    // One that was not finished and is there all the same is whole: its name was the last thing.
    if !file.exists()
        && let Err(error) = backup(&place, &file, &mut |_, _| ())
    {
        wrong.push(format!("no backup although the disk works again: {error:?}"));
    }
    if let Err(error) = restore(&place, &file, room::clock().now(), &mut |_, _| ()) {
        wrong.push(format!("the backup cannot be restored: {error:?}"));
    }
    let mut checked = sound(dir, room::CHARTS as u64, 11);
    checked.wrong.extend(wrong);
    checked
}

fn put_back(dir: &Path) -> bool {
    restore(&Place::new(dir), &dir.join("copy.db"), room::clock().now(), &mut |_, _| ()).is_ok()
}

fn restored(dir: &Path, is_done: bool) -> Checked {
    // The daemon starts on it, whatever it is.
    match Open::new(dir, &room::clock()) {
        Ok(open) => open.close(),
        Err(error) => return gone(error),
    }
    let new = sound(dir, room::CHARTS as u64, 11);
    if is_done {
        return new;
    }
    // It is the one that was there, or the restored one, and nothing else.
    let mut checked = if new.is_sound() { new } else { sound(dir, room::CHARTS as u64, 15) };
    let now = room::clock().now() + Duration::from_secs(1);
    if let Err(error) = restore(&Place::new(dir), &dir.join("copy.db"), now, &mut |_, _| ()) {
        checked.wrong.push(format!("no restore although the disk works again: {error:?}"));
    }
    checked.wrong.extend(sound(dir, room::CHARTS as u64, 11).wrong);
    checked
}

/// Three charts that were carried to and fro.
fn a_room_of_old(dir: &Path) {
    a_room(dir);
    let clock = room::clock();
    let open = Open::new(dir, &clock).unwrap();
    for count in 0..OLD {
        clock.advance(Duration::from_secs(60));
        let key = format!("V{}", 1 + count % 3);
        let label = Sighting::Label { kind: LabelKind::Volume, key };
        wait(open.store.record(open.scan(&clock, count, 1 + count / 3 % 2, label))).unwrap();
    }
    open.close();
}

/// In two steps.
fn put_away(dir: &Path) -> bool {
    let (place, clock) = (Place::new(dir), room::clock());
    if prepare_archive(&place).is_err() {
        return false;
    }
    let Ok(open) = Open::new(dir, &clock) else { return false };
    let began = clock.now();
    let done = [OLD / 2, 2 * OLD].into_iter().all(|minutes| {
        let before = began + Duration::from_secs(60 * minutes as u64);
        wait(open.store.archive_some(&place, before)).is_ok()
    });
    open.close();
    done
}

fn put_away_or_not(dir: &Path, is_done: bool) -> Checked {
    let mut checked = sound(dir, room::CHARTS as u64, OLD as u64);
    let whole = |when: &str, checked: &mut Checked| match Open::new(dir, &room::clock()) {
        Ok(open) => {
            for volume in 1..=3 {
                let history = wait(open.store.history(VolumeId(volume), None));
                let steps = history.ok().flatten().map_or(0, |page| page.movements.len());
                if steps != OLD / 3 {
                    checked.wrong.push(format!("{when}, volume {volume} has {steps} movements"));
                }
            }
            open.close();
        }
        Err(error) => checked.wrong.push(error),
    };
    whole("at once", &mut checked);
    if !put_away(dir) {
        checked.wrong.push("nothing is put away although the disk works again".to_owned());
    }
    whole("put away", &mut checked);
    checked.wrong.extend(sound(dir, room::CHARTS as u64, OLD as u64).wrong);
    if is_done && !Place::new(dir).archive().exists() {
        checked.wrong.push("the archive is gone".to_owned());
    }
    checked
}
