//! Every single turned bit of a WAL is found and put right; what a power cut leaves is taken for that.

use super::*;

/// A WAL with six commits, each of another row, as SQLite writes it.
fn wal() -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    let conn = crate::store::open::scratch(&dir.path().join("db")).unwrap();
    conn.execute_batch("pragma page_size = 512; pragma journal_mode = wal; pragma wal_autocheckpoint = 0")
        .unwrap();
    for number in 0..6 {
        conn.execute_batch(&format!(
            "create table t{number} (x); insert into t{number} values (randomblob(700))"
        ))
        .unwrap();
    }
    std::fs::read(dir.path().join("db-wal")).unwrap()
}

fn look(bytes: &[u8]) -> Seen {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("wal");
    std::fs::write(&path, bytes).unwrap();
    Wal::open(&path).unwrap().map_or_else(Seen::default, |wal| wal.look().unwrap())
}

#[test]
fn a_turned_bit_is_put_right_or_counted() {
    let whole = wal();
    let sound = look(&whole);
    assert_eq!((sound.broken_frame, sound.sound_bytes), (None, whole.len() as u64));
    let (mut exact, mut replaced, mut counted) = (0, 0, 0);
    for bit in (0..whole.len() * 8).step_by(101).chain(0..57 * 8) {
        let mut turned = whole.clone();
        turned[bit / 8] ^= 1 << (bit % 8);
        let seen = look(&turned);
        match seen.fixes[..] {
            [] => {
                assert!(seen.broken_frame.is_some(), "bit {bit}: {seen:?}");
                counted += 1;
            }
            [fix] => {
                turned[usize::try_from(fix.at).unwrap()] = fix.byte;
                // Now SQLite takes all of it.
                assert_eq!(look(&turned), sound, "bit {bit}");
                exact += usize::from(turned == whole);
                replaced += usize::from(turned != whole);
            }
            _ => panic!("bit {bit}: {seen:?}"),
        }
    }
    assert!(exact > 3 * (replaced + counted) && replaced > 0 && counted > 0, "{exact} {replaced} {counted}");
}

#[test]
fn a_cut_or_torn_end_is_what_a_power_cut_leaves() {
    let whole = wal();
    for cut in (0..whole.len()).step_by(41) {
        assert!(look(&whole[..cut]).is_honest(), "cut at {cut}");
    }
    let mut torn = whole.clone();
    let last = torn.len() - 300;
    torn[last..].fill(0);
    assert!(look(&torn).is_honest());
}

#[test]
fn commits_behind_a_broken_frame_are_counted() {
    let mut torn = wal();
    torn[32 + 24 + 100..32 + 24 + 300].fill(0x55);
    let seen = look(&torn);
    assert_eq!((seen.broken_frame, seen.sound_bytes, seen.is_lossy()), (Some(1), 32, true));
    assert!(seen.commits_behind > 6, "{seen:?}");
}

/// As scans are: each commit writes some of the pages that the one before it wrote.
#[test]
fn a_commit_whose_end_cannot_be_read_is_counted_by_the_next_one() {
    let dir = tempfile::tempdir().unwrap();
    let conn = crate::store::open::scratch(&dir.path().join("db")).unwrap();
    let begin = "pragma page_size = 512; pragma journal_mode = wal; pragma wal_autocheckpoint = 0; create table a (x);
                 create table b (x); create table c (x);";
    conn.execute_batch(begin).unwrap();
    for _ in 0..6 {
        conn.execute_batch(
            "begin; insert into a values (1); insert into b values (1); insert into c values (1); commit",
        )
        .unwrap();
    }
    let whole = std::fs::read(dir.path().join("db-wal")).unwrap();
    let frame = 512 + FRAME_HEADER_BYTES;
    let starts = (HEADER_BYTES..whole.len()).step_by(frame);
    let ends: Vec<usize> = starts.filter(|at| whole[at + 4..at + 8] != [0; 4]).collect();
    for (behind, end) in ends.iter().rev().enumerate() {
        let mut torn = whole.clone();
        torn[*end..end + FRAME_HEADER_BYTES].fill(0);
        let seen = look(&torn);
        assert_eq!(seen.is_lossy(), behind > 0, "{behind} commits behind it: {seen:?}");
        // All of one commit but what a power cut tore.
        let mut torn = whole[..end + frame].to_vec();
        torn[end - frame..*end].fill(0);
        assert!(look(&torn).is_honest(), "{behind}");
    }
}

#[test]
fn a_header_that_makes_no_sense_hides_no_commits() {
    let mut torn = wal();
    torn[..20].fill(0x55);
    let seen = look(&torn);
    assert_eq!((seen.broken_frame, seen.sound_bytes), (Some(0), 0));
}
