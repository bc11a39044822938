//! Charts, volumes, custodians and movements: what a scan means for the place of a chart.
//!
//! Pure: values in (`now` among them), values out. It never reads a file, a clock or the database.

mod calendar;
pub mod choosing;
pub mod combining;
mod command;
mod confidence;
mod double_read;
mod filing;
pub mod grammar;
mod ids;
mod judge;
mod lifecycle;
pub mod mates;
mod mrn;
pub mod request;
mod rhythm;
mod scan;
pub mod search;
mod verdict;
mod whereabouts;

pub use calendar::{Calendar, CalendarError, DueRule, DueRuleError, Hours, HoursError, Stay};
pub use command::Command;
pub use confidence::{Confidence, Evidence, confidence};
pub use double_read::DoubleReads;
pub use filing::{
    Colour, Filed, FilingScheme, FilingSchemeError, Group, Palette, PaletteError, Pattern, Rank,
};
pub use ids::{
    CaseId, ChartId, CustodianId, MergeId, MovementNo, PersonId, PullListId, ReplyCode, RequestId, ScanId,
    ScanIdError, ScanNo, SearchCodeId, SourceId, StationId, VolumeId, WorkItemId,
};
pub use judge::{Judgement, Scene, judge};
pub use lifecycle::{Life, Standing, Unfit};
pub use mates::Mates;
pub use mrn::Mrn;
pub use rhythm::Rhythm;
pub use scan::{Entry, Scan, Sighting};
pub use verdict::{Signal, Verdict};
pub use whereabouts::{Step, Whereabouts, recompute};
