//! Old movements leave the database, and history does not notice.

use super::*;
use crate::store::archive::moving;

const YEAR: Duration = Duration::from_secs(365 * 86_400);

impl Open {
    fn years_pass(&self, years: u32) {
        self.clock.advance(YEAR * years);
    }

    /// Moves what is older than a year; how many that were.
    async fn archive(&self, room: &Room) -> Result<u64, NotMoved> {
        let mut all = 0;
        loop {
            let before = self.clock.now() - YEAR;
            let Archived { moved, more } = self.store.archive_some(&room.place(), before).await?;
            all += moved;
            if !more {
                return Ok(all);
            }
        }
    }

    async fn past_of(&self, volume: i64) -> Vec<(i64, String)> {
        let history = self.store.history(VolumeId(volume), None).await.unwrap().unwrap();
        history.movements.into_iter().map(|step| (step.no.0, step.to)).collect()
    }
}

/// V1 went to the clinic and back five times, V2 went there once; then years passed, and V1 and V3 went there.
async fn with_a_past(room: &Room) -> Open {
    room.open().await.close();
    prepare_archive(&room.place()).unwrap();
    let open = room.open().await;
    for _ in 0..5 {
        for station in ["clinic", "desk"] {
            open.clock.advance(Duration::from_secs(600));
            assert_eq!(open.verdict(station, "V1").await, Verdict::Moved);
        }
    }
    assert_eq!(open.verdict("clinic", "V2").await, Verdict::Moved);
    open.years_pass(3);
    for key in ["V1", "V3"] {
        assert_eq!(open.verdict("clinic", key).await, Verdict::Moved);
    }
    open
}

fn kept(room: &Room) -> Vec<i64> {
    let conn = open::scratch(&room.place().db()).unwrap();
    let mut numbers = conn.prepare("select movement_no from movement order by 1").unwrap();
    numbers.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

#[tokio::test]
async fn old_movements_leave_the_database_and_stay_in_history() {
    let room = Room::new();
    let open = with_a_past(&room).await;
    let before = (open.past_of(1).await, open.past_of(2).await);
    assert_eq!(open.archive(&room).await.unwrap(), 10);
    assert_eq!(kept(&room), [11, 12, 13], "the last of each chart, and what is new");
    assert_eq!((open.past_of(1).await, open.past_of(2).await), before);
    assert_eq!(before.0.len(), 11);
    assert_eq!(open.archive(&room).await.unwrap(), 0, "there is nothing more");
    assert_eq!(room.findings(), [""; 0]);
    // Goes on after a start, too, and is added to.
    open.close();
    let open = Open { count: 50.into(), ..room.open().await };
    assert_eq!(open.verdict("desk", "V2").await, Verdict::Moved);
    assert_eq!(open.past_of(2).await, [(14, "FILE".to_owned()), (11, "CLIN".to_owned())]);
    open.years_pass(2);
    assert_eq!(open.verdict("clinic", "V1").await, Verdict::AlreadyHere);
    assert_eq!(open.archive(&room).await.unwrap(), 0);
    assert_eq!(open.verdict("desk", "V1").await, Verdict::Moved);
    open.years_pass(2);
    assert_eq!(open.verdict("clinic", "V1").await, Verdict::Moved);
    assert_eq!(open.archive(&room).await.unwrap(), 1);
    assert_eq!(open.past_of(1).await.len(), 13);
    open.close();
    assert_eq!(room.findings(), [""; 0]);
}

#[tokio::test]
async fn a_backup_has_all_movements_and_needs_no_archive() {
    let room = Room::new();
    let open = with_a_past(&room).await;
    open.archive(&room).await.unwrap();
    let copies = tempfile::tempdir().unwrap();
    let file = copies.path().join("copy.db");
    backup(&room.place(), &file, &mut |_, _| ()).unwrap();
    open.close();
    let other = Room::new();
    restore(&other.place(), &file, room.clock.now(), &mut |_, _| ()).unwrap();
    assert!(!other.place().archive().exists());
    assert_eq!(kept(&other).len(), 13);
    assert_eq!(other.findings(), [""; 0]);
    // Put back where an archive lies already: that one does not count, and is written anew.
    restore(&room.place(), &file, room.clock.now(), &mut |_, _| ()).unwrap();
    assert_eq!(room.findings(), [""; 0]);
    let open = room.open().await;
    assert_eq!(open.past_of(1).await.len(), 11);
    assert_eq!(open.archive(&room).await.unwrap(), 10);
    assert_eq!(kept(&room), [11, 12, 13]);
    assert_eq!(open.past_of(1).await.len(), 11);
    open.close();
    assert_eq!(room.findings(), [""; 0]);
}

#[tokio::test]
async fn a_data_directory_that_was_copied_as_it_lay_is_restored_with_its_archive() {
    let room = Room::new();
    let open = with_a_past(&room).await;
    open.archive(&room).await.unwrap();
    open.close();
    let (other, alone) = (Room::new(), tempfile::tempdir().unwrap());
    let file = alone.path().join("outguide.db");
    std::fs::copy(room.place().db(), &file).unwrap();
    let refused = restore(&other.place(), &file, room.clock.now(), &mut |_, _| ()).unwrap_err();
    assert!(matches!(refused, StoreError::NoArchive { .. }), "{refused}");
    std::fs::copy(room.place().archive(), alone.path().join("outguide-archive.db")).unwrap();
    restore(&other.place(), &file, room.clock.now(), &mut |_, _| ()).unwrap();
    assert_eq!(kept(&other).len(), 13);
    assert_eq!(other.findings(), [""; 0]);
}

#[tokio::test]
async fn an_archive_that_is_gone_or_another_ones_is_refused() {
    let room = Room::new();
    let open = with_a_past(&room).await;
    open.archive(&room).await.unwrap();
    open.close();
    let archive = room.place().archive();
    let aside = room.dir.path().join("aside");
    let options = Options { place: room.place(), queue: 1, readers: 1 };
    let refused = || Store::open(&options, &room.clock).err().unwrap().to_string();
    std::fs::rename(&archive, &aside).unwrap();
    assert!(refused().contains("outguide-archive.db, which is missing"), "{}", refused());
    prepare_archive(&room.place()).unwrap();
    assert!(refused().contains("belongs to another database"), "{}", refused());
    std::fs::copy(room.place().db(), &archive).unwrap();
    assert!(refused().contains("belongs to another database"), "{}", refused());
    std::fs::rename(&aside, &archive).unwrap();
    assert_eq!(room.findings(), [""; 0]);
}

#[tokio::test]
async fn what_is_changed_in_the_archive_is_found_and_named() {
    for (sql, expect) in [
        ("update movement set to_id = 1 where movement_no = 3", "movement 3 was changed"),
        ("delete from movement where movement_no = 4", "movement 4 is missing"),
        ("update movement set scan_no = 99 where movement_no = 5", "movement 5 was changed"),
    ] {
        let room = Room::new();
        let open = with_a_past(&room).await;
        open.archive(&room).await.unwrap();
        open.close();
        open::scratch(&room.place().archive()).unwrap().execute_batch(sql).unwrap();
        let findings = room.findings();
        assert!(findings.iter().any(|finding| finding.contains(expect)), "{sql}: {findings:?}");
    }
}

#[tokio::test]
async fn nothing_is_taken_out_that_the_archive_does_not_hold() {
    let room = Room::new();
    let open = with_a_past(&room).await;
    // Between copying and taking out.
    for (sql, is_kept) in [("delete from movement where movement_no = 7", true), ("select 1", false)] {
        let archive = room.place().archive();
        let before = open.clock.now() - YEAR;
        let end = open.store.read("see", move |conn| since::first_since(conn, since::Log::Movements, before));
        let end = end.await.unwrap();
        let copied = moving::copy(&room.place(), end - 1).unwrap().unwrap();
        open::scratch(&archive).unwrap().execute_batch(sql).unwrap();
        let taken = open.store.change(move |ledger| copied.take_out(ledger)).await;
        assert_eq!(taken.is_err(), is_kept, "{sql}");
        assert_eq!(kept(&room).len(), if is_kept { 13 } else { 3 }, "{sql}");
        assert_eq!(room.findings(), [""; 0]);
    }
    open.close();
}

#[tokio::test]
async fn an_archive_that_was_replaced_while_it_was_open_takes_nothing() {
    let room = Room::new();
    let open = with_a_past(&room).await;
    std::fs::remove_file(room.place().archive()).unwrap();
    let refused = open.archive(&room).await;
    assert!(refused.is_err(), "{refused:?}");
    assert_eq!(kept(&room).len(), 13);
    open.close();
    assert_eq!(room.findings(), [""; 0]);
}

/// Litestream holds a place in the archive's log, and moves on once a minute: it moves the log into the file, takes a new
/// place, and writes a row of its own behind it, so that the log is never empty.
#[tokio::test]
async fn who_holds_a_place_in_the_archives_log_delays_it_and_no_more() {
    let room = Room::new();
    let open = with_a_past(&room).await;
    let connect = || open::scratch(&room.place().archive()).unwrap();
    let (reader, other) = (connect(), connect());
    other.execute_batch("create table _litestream_seq (id integer primary key, seq integer)").unwrap();
    let hold = || {
        reader.execute_batch("begin").unwrap();
        reader.query_row("select count(*) from movement", [], |row| row.get::<_, i64>(0)).unwrap()
    };
    assert_eq!(hold(), 0);
    for _ in 0..2 {
        assert!(matches!(open.archive(&room).await, Err(NotMoved::InUse)));
    }
    assert_eq!(kept(&room).len(), 13, "nothing is taken out of the database");
    reader.execute_batch("commit").unwrap();
    reader.query_row("pragma wal_checkpoint(passive)", [], |_| Ok(())).unwrap();
    assert_eq!(hold(), 10);
    other.execute_batch("insert into _litestream_seq values (1, 1)").unwrap();
    assert_eq!(open.archive(&room).await.unwrap(), 10);
    assert_eq!(kept(&room), [11, 12, 13]);
    drop((reader, other));
    open.close();
    assert_eq!(room.findings(), [""; 0]);
}
