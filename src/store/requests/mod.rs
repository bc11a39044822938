//! Requests, pull lists, the schedule: what somebody wants, and what became of it.
//!
//! Invariant: a scan's steps are written in the scan's own transaction; a volume that nobody wants costs it one look into a
//! small index.

mod ask;
mod booking;
mod change;
pub(super) mod conflicts;
mod lists;
mod read;
pub(super) mod scene;
mod schedule;
pub(super) mod steps;
mod views;
mod wanted;

pub use ask::{NewRequest, NotTaken, Taken, Volumes};
pub use change::{NotStepped, PageStep};
pub use conflicts::ConflictView;
pub use lists::{PullListPage, PullListView, PullRow, WantsView};
pub use read::RequestsOf;
pub use schedule::{AppointmentLine, AppointmentView, ScheduleReport, ScheduleView};
pub use views::{RequestStepView, RequestView};
