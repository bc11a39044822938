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
mod reassign;
mod retry;
pub(super) mod scene;
mod schedule;
mod sheets;
pub(super) mod steps;
pub(super) mod unfillable;
mod views;
mod wanted;

pub use ask::{NewRequest, NotTaken, Taken, Volumes};
pub use change::{NotStepped, PageStep, Whose};
pub use conflicts::ConflictView;
pub use lists::{PullListPage, PullListView, PullRow, WantsView};
pub use read::RequestsOf;
pub use schedule::{AppointmentLine, AppointmentView, ScheduleReport, ScheduleView, Unread};
pub(super) use sheets::follow_sheets;
pub use views::{RequestStepView, RequestView};
