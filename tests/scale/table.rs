//! The table: each row a figure of the small room beside the same of the large one.

use crate::measure::Latencies;

/// Rounds of each short measurement, the small room and the large one in turn; the best of each is taken, because other
/// programs only ever make a machine slower.
pub(crate) const ROUNDS: usize = 3;

/// What one measurement of one room came to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Figures {
    /// In a second.
    pub(crate) rate: f64,
    /// In microseconds.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    /// Of the answer's body, if it is one.
    pub(crate) bytes: usize,
}

impl Figures {
    pub(crate) fn new(rate: f64, latencies: &Latencies, bytes: usize) -> Figures {
        Figures { rate, p50: latencies.us(50), p99: latencies.us(99), bytes }
    }

    /// The best of each figure.
    pub(crate) fn best(all: &[Figures]) -> Figures {
        let least = |pick: fn(&Figures) -> f64| all.iter().map(pick).fold(f64::INFINITY, f64::min);
        Figures {
            rate: all.iter().map(|one| one.rate).fold(0.0, f64::max),
            p50: least(|one| one.p50),
            p99: least(|one| one.p99),
            bytes: all.iter().map(|one| one.bytes).max().unwrap_or_default(),
        }
    }
}

/// The best of some rounds of the small room and the large one, taken in turn.
pub(crate) fn rounds(mut measure: impl FnMut(usize) -> Figures) -> [Figures; 2] {
    let mut all = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for (which, figures) in all.iter_mut().enumerate() {
            figures.push(measure(which));
        }
    }
    all.each_ref().map(|figures| Figures::best(figures))
}

pub(crate) fn head() {
    println!("| what | /s | /s, large | ratio | p50 us | large | ratio | p99 us | large | ratio | bytes |");
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
}

pub(crate) fn row(what: &str, [few, many]: [Figures; 2]) {
    println!(
        "| {what} | {:.0} | {:.0} | {:.2} | {:.0} | {:.0} | {:.1} | {:.0} | {:.0} | {:.1} | {} |",
        few.rate,
        many.rate,
        many.rate / few.rate,
        few.p50,
        many.p50,
        many.p50 / few.p50,
        few.p99,
        many.p99,
        many.p99 / few.p99,
        if many.bytes > 0 { many.bytes.to_string() } else { String::new() },
    );
}

/// A row of the second table: one figure for each room, and their ratio.
pub(crate) fn single(what: &str, unit: &str, [few, many]: [f64; 2]) {
    println!("| {what} | {few:.1} | {many:.1} | {unit} | {:.2} |", many / few);
}

pub(crate) fn single_head() {
    println!("| what | small | large | unit | ratio |");
    println!("| --- | --- | --- | --- | --- |");
}
