//! `cargo bench`: figures as ratios against a baseline of the same run; nothing here can fail for being slow.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a benchmark prints, and may give up"
)]

mod crowd;
mod import;
mod locate;
mod many;
mod measure;
mod missing;
mod names;
mod room;
#[path = "../scale/mod.rs"]
mod scale;
mod scanner;
mod start;
mod sweep;
mod tape;
mod writer;

fn main() {
    // `cargo test --benches` builds this too and passes no `--bench`: then there is nothing to measure.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let only = std::env::args().skip(1).find(|argument| !argument.starts_with('-')).unwrap_or_default();
    let parts: [(&str, fn()); 8] = [
        ("import", import::run),
        ("writer", writer::run),
        ("scanner", scanner::run),
        ("many", many::run),
        ("locate", locate::run),
        ("start", start::run),
        ("missing", missing::run),
        ("sweep", sweep::run),
    ];
    // Only if they are named: what takes long, and what they start as processes of their own.
    let named: [(&str, fn()); 6] = [
        ("peers", scale::peers::run),
        ("scale", scale::run),
        ("recording", scale::recording),
        ("archiving", scale::archiving),
        ("hello", scale::whole::hello),
        ("answer", scale::whole::answer),
    ];
    if let Some((_, run)) = named.iter().find(|(name, _)| *name == only) {
        return run();
    }
    for (name, run) in parts {
        if name.contains(&only) {
            run();
            println!();
        }
    }
}
