//! The sweep for missing charts over a large file room: all that is out, overdue or under way is weighed; what is at home is
//! never looked at. Twice: the first opens cases, the second finds nothing new.

use crate::room::{directory, furnish};
use outguide::clock::Clock;
use outguide::missing::Rules;
use outguide::store::{Options, Place, Store};
use outguide::tracking::Calendar;
use std::time::Instant;

/// Charts of the small room, and how many of them are out.
const SMALL: (usize, usize) = (10_000, 500);
/// The same of the large one.
const LARGE: (usize, usize) = (5_000_000, 50_000);

pub(crate) fn run() {
    println!("| charts | out | weighed | first sweep ms | cases | again ms  | ms a hundred cases |");
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    for (charts, out) in [SMALL, (SMALL.0, SMALL.0 / 2), LARGE] {
        measure(charts, out);
    }
}

fn measure(charts: usize, out: usize) {
    let dir = directory();
    let place = Place::new(dir.path());
    furnish(&place, charts);
    send_out(&place, out);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let options = Options { place, queue: 64, readers: 1 };
        let (store, thread) = Store::open(&options, &Clock::system()).unwrap();
        let sweep = async || {
            let before = Instant::now();
            let swept = store.sweep(Calendar::default(), Rules::default(), Vec::new()).await.unwrap();
            (swept, before.elapsed().as_secs_f64() * 1e3)
        };
        let (first, first_ms) = sweep().await;
        let (again, again_ms) = sweep().await;
        assert_eq!(again.noted, 0);
        println!(
            "| {charts} | {out} | {} | {first_ms:.0} | {} | {again_ms:.0} | {:.1} |",
            first.weighed,
            first.noted,
            if first.noted > 0 { first_ms / (first.noted as f64 / 100.0).max(1.0) } else { 0.0 }
        );
        drop(store);
        thread.join();
    });
}

/// Lends every so manieth chart, in batches of thirty, some of which came back but for one; half are overdue.
#[expect(clippy::disallowed_methods, reason = "a file room of millions is made past the store")]
fn send_out(place: &Place, out: usize) {
    let conn = rusqlite::Connection::open(place.db()).unwrap();
    conn.execute_batch("pragma foreign_keys = off").unwrap();
    let now_us = Clock::system().now().as_microsecond();
    let day_us = 86_400_000_000_i64;
    conn.execute_batch(&format!(
        "begin;
         create temp table lent as
           select volume_id, row_number() over (order by volume_id) as n
           from volume where volume_id % (select max(volume_id) / {out} from volume) = 0 limit {out};
         insert into movement (movement_no, volume_id, previous_no, kind, from_id, to_id, late, scanned_at_us, recorded_at_us,
                               entry, station_id, hash, in_transit, due_at_us)
           select (select coalesce(max(movement_no), 0) from movement) + n, volume_id, null,
                  iif(n % 5 = 0, 'dispatched', 'charged-out'),
                  (select home_id from volume where volume.volume_id = lent.volume_id), 2 + n / 30 % 60, 0, {now_us} - {day_us} * (1 + n % 20),
                  {now_us} - {day_us} * (1 + n / 30 % 20) + n % 30, 'scanned', null, zeroblob(32), iif(n % 5 = 0, 1, null),
                  {now_us} + {day_us} * (n % 10 - 5)
           from lent;
         update volume set at_id = m.to_id, since_us = m.recorded_at_us, movement_no = m.movement_no,
                           in_transit = m.in_transit, due_at_us = m.due_at_us
           from movement m where m.volume_id = volume.volume_id and m.hash = zeroblob(32);
         commit;"
    ))
    .unwrap();
}
