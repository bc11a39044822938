//! Outguide tracks paper medical charts. An *outguide* is the card left on the shelf where a chart was, saying who has
//! it; this daemon fills that card in by itself, from the file room's barcode scanners.
//!
//! # The map
//! Three levels: **pure** modules decide (values in, values out; no clock, file, socket or SQL), **rooms** do (one
//! technology each), **wiring** puts rooms together. Dependencies point one way, from the top of this list down;
//! `tests/tidy` fails when they do not.
//!
//! | module | level | owns |
//! | --- | --- | --- |
//! | `main.rs`, `cli.rs`, `commands/` | wiring | arguments, exit codes, the only printing |
//! | [`daemon`] | wiring | start, reload, watchdog, stop: each in a written order |
//! | [`secret`] | room | tokens, codes and passwords: drawn, hashed, compared |
//! | [`web`] | room | pages for people, API for programs, live events, health; HTTP and nothing else |
//! | [`intake`] | room | the one way from a reading to a recorded scan |
//! | [`import`] | room | lists as spreadsheets write them: surveyed whole, then taken line by line |
//! | [`backups`] | room | backups by the clock: owed, made, proven by a restore, kept; encryption |
//! | [`selftest`] | room | kills, played power cuts and turned bits on the customer's own disk |
//! | [`config`] | room | TOML becomes a checked value once; every mistake with file, line, column and next step |
//! | [`store`] | room | SQLite: one writer, some readers; all SQL. Read `store/schema.sql` first |
//! | [`scanner`] | room | one task per scanner, of whatever kind; what decides in it is pure, see `scanner/mod.rs` |
//! | [`demo`] | room | a file room to play with; all but its scanners is pure, the simulated room among it |
//! | [`simulate`] | wiring | a made-up file room played through the real pipeline, and what came of it |
//! | [`webhook`] | room | notices to a program of the site: signed, over HTTP |
//! | [`mail`] | room | how notices leave: SMTP, files, memory; the site's templates |
//! | [`printer`] | room | label printers: one job at a time, and what became of it |
//! | [`decode`] | pure | bytes to frames to labels, for trying out settings |
//! | [`notice`] | pure | who is asked for a chart, when, in what words |
//! | [`access`] | pure | roles and what each may do, passwords, waiting after failures, how long a sign-in lasts |
//! | [`tracking`] | pure | charts, volumes, custodians, movements: what a scan means |
//! | [`missing`] | pure | charts that are going missing: when one is suspected, where to look next, what a find teaches |
//! | [`label`] | pure | what the bytes of a code mean |
//! | [`paper`] | pure | labels: what stands on them and where; sheets, SVG, ZPL |
//! | [`symbol`] | pure | text becomes a bar code to print |
//! | [`clock`], [`changes`], [`log`] | room | the time; the news that live pages hear; what may be logged |
//!
//! # The flow everything hangs on
//! 1. A wire of the [`scanner`] room hears bytes, keys or reports, whichever its kind has; the framer (pure) yields frames
//!    however they are cut.
//! 2. Each frame, good or not, becomes a [`scanner::Reading`] with an id made there, and goes to the [`intake`], which
//!    reads its label and queues a [`tracking::Scan`] for the store's one writer.
//! 3. The writer takes everything that waits and judges each scan ([`tracking::judge`]): what it means depends on what was
//!    scanned at that station before, so the **session** of each station goes through [`tracking::grammar`]. It writes
//!    journal, movement, whereabouts and audit row, all in one transaction for all that waited.
//! 4. After COMMIT, and only then, the scanner is answered and "station X changed" goes to the live pages, which ask again.
//! 5. If it fails, the answer is *not recorded*: the loudest outcome there is, at the scanner and on the page.
//!
//! # Invariants
//! - Green means on disk: no answer [`tracking::Signal::Recorded`] leaves before its commit (WAL, synchronous FULL).
//! - Journal, history and audit log are only added to; each row is chained to the one before by a hash.
//! - Whereabouts follow from movements; `outguide verify` recomputes and compares.
//! - The last movement of each volume is in the database; older ones may be in the archive attached to it, and `any_movement`
//!   is both (`store/archive.rs`).
//! - A station's session follows from its scans: the journal has what each did, and a start replays them.
//! - One process writes (a lock), by one connection, which alone checkpoints.
//! - After an error of disk or file nothing is answered green until the database was opened anew and checked.
//! - Whoever opens the database for writing first writes the WAL that was left over itself and syncs it: after a failed
//!   sync it may be in memory alone (`store/open.rs`).
//! - A restore is decided by one file and carried out by whoever writes next (`store/exchange.rs`).
//! - A patient's number is never in a log line, an address, a live event or a metric.
//! - Nothing of the file room is shown to anybody who is not signed in, and every route names what it needs
//!   (`web/routes.rs`); what patients' data somebody sees is in the audit log first.
//! - A device's end of file is an unplug; no device, however it behaves, ends or blocks the daemon.
//! - Only the keyboard that the configuration names is ever taken, and only the address on the list may connect.
//!
//! # The words
//! One word per thing. A **chart** is a patient's record and owns **volumes**, the folders with the bar codes; a
//! **label** is what is printed on them, its **key** what is looked up. A **custodian** is any place or holder; a
//! **station** stands for a custodian and has **sources** (scanners); it is a **checkpoint**, which takes what is
//! scanned there, or a **desk**, where labels say what is done. A **batch** is what is scanned from a place or command
//! to DONE. A **frame** is what one reading of a code delivered, a **scan** its entry in the journal, a **verdict**
//! the word it is answered with, a **movement** the step it made in a volume's history, **whereabouts** where that
//! leaves the volume. A **sign** speaks against the whereabouts, a **case** is the search for one volume, a **clue**
//! points to **places** to look at, a **plan** ranks them, a **look** finds nothing there.
//! A **merge** retires a number in favour of another, or a **temporary chart** when it is **united**
//! with the real one; the folders are **combined** when somebody has them in hand.
//! A **request** is somebody's wish to have a volume, its **slip** the paper with its bar code, a
//! **pull list** the requests of one place and day, a **recall** the word to a holder that somebody else waits.
//!
//! # Chosen by measurement
//! Figures by `cargo bench`, on two shared cores; ratios are what matters.
//! - Group commit takes what waits, up to 512 jobs, and never waits for more: with 64 producers about 30 scans share a
//!   commit by themselves, and a lone scan is not delayed.
//! - A batch is written without savepoints; only if a job in it fails is it rolled back and written again with a
//!   savepoint around each. The usual case pays nothing for the isolation.
//! - The WAL is checkpointed when nobody has scanned for half a second; 16,000 pages (64 MB) is only its bound. SQLite's
//!   default of 1,000 pages puts a checkpoint, and with it the tail of the latencies, in front of a scan.
//! - History is a list linked through `movement.previous_no`, not an index over (volume, number): one index less to
//!   write at a random place for each movement, and a walk of ten steps costs microseconds.
//! - Statements that every scan runs number their parameters instead of naming them, a row is hashed in one go, and
//!   batches of more than four are answered by a thread of their own: with 64 producers, together, from 0.75 of the bare
//!   loop's rate to between 0.77 and 0.94.
//! - SQLite is built without memory statistics, which take one lock for all threads, and with fdatasync
//!   (`.cargo/config.toml`): JSON searches rose from 10.5 to 13.8 thousand a second.
//! - SQLite keeps its plans (QPSG): it planned every statement anew, each time it ran, whose conditions a partial index might
//!   have served for other values. An import of a million charts took 100 s instead of 40; JSON searches by bar code
//!   rose from 2,540 to 9,050 a second, pages of a chart from 700 to 4,770.
//! - A scan asks of a chart what is true of few charts (merged, temporary, in several folders, its patient in a ward): that
//!   is looked up in indexes of those few, and neither in the chart's row, nor in the patient's, nor among all volumes. Of 5
//!   million charts in no order, the look-ups of one scan read 6.7 pages that 8 MB of cache had not, and read 3.4 now. Of
//!   these reads, not of writes, was the difference to 10 thousand charts (0.1 pages): with 64 producers a movement writes
//!   2.5 pages there and 3.0 at 5 million, checkpoints included.
//! - While the disk is waited for, labels are looked up ahead of the writer by four threads (`store/ahead.rs`): of 4.8 pages
//!   a movement that came from the disk the writer waited for 2.0, and 64 producers rose from 1,687 to 3,034 a second. While
//!   memory has the pages, one label in sixteen is tried.
//! - Names are found through pairs of their words, in both orders, in one table: 60 bytes a patient, and two words are
//!   one look-up (9 us at 5 million patients, p99 120). FTS5 with trigrams takes half the room, 5 ms for two words and
//!   360 ms for one with a wrong letter. Slips are looked up among words, of which there are few, not among patients.
//! - Scanners have a runtime of their own: with slow readers on the pages' one, scan-to-green rose to a p99 of 1 to 3.5 s;
//!   apart from them it is 8 to 147 ms in the same attack (debug build).
//! - An import makes out and sorts what it files of names on a thread beside its lines, 100,000 patients at a time: a
//!   million charts with names take 65 s of processor time instead of 99.
//! - Who has what is a partial index over volumes that are away from home, small however many charts there are.
//!
//! # Blind alleys
//! - A second thread that moves pages out of the WAL beside the writer, every 4,000 pages: 2,199 movements a second at 5
//!   million charts instead of 3,034, and 7,141 instead of 8,889 at 10 thousand. The disk is the same, and hears of it oftener.
//! - A larger cache for the writer: in no order any page of gigabytes may be next. 16 MB save an eighth of the reads of 8 MB,
//!   32 MB another fiftieth.
//! - A checkpoint at start instead of writing the WAL again: cut off half-way, it leaves pages of a commit in the database
//!   that the WAL on disk does not have.
//! - kill -9 as a test of durability: the page cache outlives the process. `tests/faults` rebuilds what a disk may hold.
//! - `SerialStream::try_read` and `try_write` of tokio-serial leave the readiness standing: a loop of `readable().await`
//!   and `try_read` spins, and starves the timers of its runtime thread. `scanner/session.rs` polls the stream instead.
//! - The length of a const array in a struct's field (`[Sheet; SHEETS.len()]`): the compiler went in a circle, only in release
//!   builds.
//! - `flush` on a serial port is a blocking drain; closing one with unsent output may block for half a minute: both are
//!   kept off the runtime's threads.
//! - An async wrapper or migration crate around rusqlite pins its version, and so decides when an SQLite fix can be taken.
//! - Cursors with the filing key in a page's address would put digits of the record number there; lists are paged by the
//!   last volume's id, and the key is looked up.
//! - Ordering by the wall clock: a clock set back an hour would hide the newest scans of a station. Scans are ordered by
//!   their number; the wall clock is only shown.
//! - evdev's own `grab` prints to standard error when the keyboard is unplugged, and its event stream makes up keys after
//!   its queue ran over: `scanner/wire/keyboard.rs` takes the raw device and takes it by a call of its own.
//! - Watching `/dev/serial` for plugs: it is deleted with its last link, and the watch with it.
//! - Pointing the label rows of an emptied folder to another one: labels have no index by folder, and an undone merge would
//!   not know which were whose. The folder points (`volume.sheets_in`), and its labels are resolved through it.
//! - Giving folders to the surviving chart at the merge: their numbers would not be those on the folders until somebody has
//!   relabelled them, and a wrong merge would have to be sorted out folder by folder.
//! - Connections that replace another inherit nothing: an answer to the old one would be taken for the next scan's.
//! - Threads of their own for passwords, so that their 19 MiB are used again: the allocator (glibc 2.36) loses what is freed
//!   of aligned memory all the same. The unit has such pieces mapped, and given back (`MALLOC_MMAP_THRESHOLD_`).
//! - `-static-libgcc` does not keep a Rust binary from linking libgcc_s; it and libm stay beside libc.

pub mod access;
pub mod backups;
pub mod changes;
pub mod clock;
pub mod config;
pub mod daemon;
pub mod decode;
pub mod demo;
pub mod import;
pub mod intake;
pub mod label;
pub mod log;
pub mod mail;
pub mod missing;
pub mod notice;
pub mod paper;
pub mod printer;
pub mod scanner;
pub mod secret;
pub mod selftest;
pub mod simulate;
pub mod store;
pub mod symbol;
pub mod tracking;
pub mod web;
pub mod webhook;
