//! `tests/scale/run [CHARTS] [MOVEMENTS]`: the same file room small and large, side by side in one run.

mod archiving;
mod building;
mod counting;
mod http;
mod locating;
pub(crate) mod peers;
mod recording;
mod table;
pub(crate) mod whole;

use crate::measure::bytes_of;
use building::{Built, Size};
use outguide::store::{backup, verify};
use std::io::Write;
use std::time::Instant;
use table::single;
use whole::Helper;

const FEW_CHARTS: usize = 10_000;
/// Unless the command says otherwise.
const MANY: Size = Size { charts: 200_000, movements: 1_000_000 };

/// Recording alone, in both rooms.
pub(crate) fn recording() {
    let rooms = both();
    println!();
    table::head();
    recording::measure(&rooms);
}

/// Old movements alone, in both rooms.
pub(crate) fn archiving() {
    let rooms = both();
    println!();
    archiving::measure(&rooms);
}

/// The rooms that the command asks for.
fn both() -> [Built; 2] {
    let mut sizes = std::env::args().filter_map(|argument| argument.parse::<usize>().ok());
    let many = Size {
        charts: sizes.next().unwrap_or(MANY.charts),
        movements: sizes.next().unwrap_or(MANY.movements),
    };
    let few = Size {
        charts: FEW_CHARTS,
        movements: (many.movements as f64 / many.charts as f64 * FEW_CHARTS as f64) as usize,
    };
    println!(
        "small: {} charts, {} movements; large: {} charts, {} movements; best of {} rounds of each, in turn",
        few.charts,
        few.movements,
        many.charts,
        many.movements,
        table::ROUNDS
    );
    [build(few), build(many)]
}

/// Both rooms, all measurements.
pub(crate) fn run() {
    let rooms = both();
    if std::env::var_os("OUTGUIDE_SCALE_BUILD_ONLY").is_some() {
        return;
    }
    println!();
    // Before the recording, which makes as many movements as a file room does in months, all of them today.
    let ready = rooms.each_ref().map(whole::start_to_ready);
    let memory = serve(&rooms);
    println!();
    table::head();
    let (made, swept) = recording::measure(&rooms);
    say_now();
    println!();
    table::single_head();
    let per_chart = rooms.each_ref().map(|room| room.bytes.0 as f64 / room.size.charts as f64);
    single("a chart with its patient", "bytes", per_chart);
    let per_movement = rooms
        .each_ref()
        .map(|room| (room.bytes.1.saturating_sub(room.bytes.0)) as f64 / room.size.movements as f64);
    single("a movement, with its scan and audit row", "bytes", per_movement);
    single("charts out", "", rooms.each_ref().map(|room| room.out as f64));
    single("movements made while measuring", "", made.map(|made| made as f64));
    single("first sweep for missing charts", "ms", swept.map(|swept| swept.0));
    single("sweep that finds nothing new", "ms", swept.map(|swept| swept.1));
    single("start to ready, after a kill", "ms", ready);
    single("resident memory, idle", "MiB", memory.map(|memory| memory.0));
    single("resident memory, after all of the above", "MiB", memory.map(|memory| memory.1));
    single("database", "MB", rooms.each_ref().map(|room| bytes_of(&room.place().db()) as f64 / 1e6));
    say_now();
    single("verify", "s", rooms.each_ref().map(verified));
    single("backup with its verification", "s", rooms.each_ref().map(backed_up));
    println!();
    say_now();
    archiving::measure(&rooms);
}

fn build(size: Size) -> Built {
    let room = building::build(size);
    println!(
        "{} charts imported in {:.0} s, {} movements recorded in {:.0} s",
        size.charts, room.took.0, size.movements, room.took.1
    );
    say_now();
    room
}

/// What was printed is seen also if the rest takes an hour.
fn say_now() {
    std::io::stdout().flush().unwrap();
}

/// Everything that needs the daemon; memory of each, idle and in the end.
fn serve(rooms: &[Built; 2]) -> [(f64, f64); 2] {
    let mut few = whole::serve(rooms[0].dir(), rooms[0].size.charts, whole::SCANNERS);
    let mut many = whole::serve(rooms[1].dir(), rooms[1].size.charts, whole::SCANNERS);
    let idle = [few.resident_mib(), many.resident_mib()];
    table::head();
    let hello = Helper::start(&["hello"]);
    let site = http::Site { address: hello.told.parse().unwrap(), token: String::new() };
    locating::measure([&few, &many], &site);
    println!();
    locating::weigh(&many);
    println!();
    table::head();
    whole::scan_to_green(&mut few, &mut many);
    say_now();
    [(idle[0], few.resident_mib()), (idle[1], many.resident_mib())]
}

/// Seconds that `verify` takes; it has nothing to say.
fn verified(room: &Built) -> f64 {
    let start = Instant::now();
    let report = verify(&room.place(), &mut |_, _| ()).unwrap();
    assert_eq!(report.findings, [""; 0]);
    start.elapsed().as_secs_f64()
}

fn backed_up(room: &Built) -> f64 {
    let file = room.dir().join("copy.db");
    let start = Instant::now();
    backup(&room.place(), &file, &mut |_, _| ()).unwrap();
    let took = start.elapsed().as_secs_f64();
    std::fs::remove_file(file).unwrap();
    took
}
