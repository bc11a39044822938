//! Charts, volumes, custodians and movements: what a scan means for the place of a chart.
//!
//! Pure: values in (`now` among them), values out. It never reads a file, a clock or the database.

mod command;
mod double_read;
mod filing;
mod ids;
mod judge;
mod mrn;
mod rhythm;
mod scan;
mod verdict;
mod whereabouts;

pub use command::Command;
pub use double_read::DoubleReads;
pub use filing::{FilingScheme, FilingSchemeError};
pub use ids::{ChartId, CustodianId, MovementNo, ScanId, ScanIdError, ScanNo, SourceId, StationId, VolumeId};
pub use judge::{Judgement, Move, Scene, VolumeFacts, judge};
pub use mrn::Mrn;
pub use rhythm::Rhythm;
pub use scan::{Entry, Scan, Sighting};
pub use verdict::{Signal, Verdict};
pub use whereabouts::{Step, Whereabouts, recompute};
