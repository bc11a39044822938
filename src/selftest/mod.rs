//! Tries the program on the customer's own disk: what a sync takes, kills, power cuts as far as they can be played, turned
//! bits. Each has a control, a broken promise that has to be caught: a test that cannot fail proves nothing.
//!
//! It goes through the store's public door only, in a directory of its own, with charts that do not exist.

mod bits;
mod cuts;
mod kills;
mod room;
mod syncs;

pub use bits::Bits;
pub use cuts::Cuts;
pub use kills::{Child, Kills, write_until_killed};
pub use syncs::Syncs;

use crate::clock::Clock;
use std::path::Path;
use std::time::Duration;

/// Why it could not be carried through.
#[derive(Debug, thiserror::Error)]
pub enum NotTried {
    /// A file of it.
    #[error("the selftest cannot {doing}")]
    File {
        /// What was being done.
        doing: &'static str,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// The store does not open or record.
    #[error("the selftest's database fails: {0}")]
    Store(String),
}

impl NotTried {
    fn file(doing: &'static str) -> impl FnOnce(std::io::Error) -> NotTried {
        move |cause| NotTried::File { doing, cause }
    }
}

/// What came of all of it.
#[derive(Debug, Clone)]
pub struct Report {
    /// What a sync and a commit take.
    pub syncs: Syncs,
    /// Kills of a writing process.
    pub kills: Kills,
    /// Power cuts.
    pub cuts: Cuts,
    /// Turned bits.
    pub bits: Bits,
}

impl Report {
    /// Nothing was lost, and every control was caught.
    pub fn is_good(&self) -> bool {
        self.kills.is_good() && self.cuts.is_good() && self.bits.is_good()
    }
}

/// Does all of it in `dir`, an empty directory, in about `time`; `child` starts the writer that is killed.
///
/// # Errors
/// The disk or the store failed before anything could be said.
pub fn run(dir: &Path, time: Duration, child: Child<'_>, clock: &Clock) -> Result<Report, NotTried> {
    let share = |hundredths: u32| time * hundredths / 100;
    let syncs = syncs::measure(dir, clock)?;
    let kills = kills::kills(dir, share(40), child, clock)?;
    let cuts = cuts::cuts(dir, share(25), clock)?;
    let bits = bits::bits(dir, share(25), clock)?;
    Ok(Report { syncs, kills, cuts, bits })
}
