//! Requests: who wants which volume where and when, and what a scan of it does for them. Pure.
//!
//! | step | requested | not found | pulled | sent | over |
//! | --- | --- | --- | --- | --- | --- |
//! | pulled | pulled | pulled | | | |
//! | not found | not found | not found | not found | | |
//! | sent | sent | sent | sent | sent | |
//! | delivered | delivered | delivered | delivered | delivered | |
//! | put back | | | requested | requested | |
//! | cancelled, not fillable | ends it | ends it | ends it | ends it | |
//! | expired | ends it | ends it | ends it | | |
//! | time changed, recalled | stays | stays | stays | stays | |

mod asking;
mod conflict;
mod queue;
mod state;
mod walk;

pub use asking::{Asked, Channel, HURRY, Holding, Known, Priority, refusal, warnings};
pub use conflict::{Conflict, Want, conflicts};
pub use queue::{
    Doing, HOLD_WITHIN, Passage, Wanted, effects, first_waiting, hold, in_order, local_time,
    without_requester,
};
pub use state::{RequestState, RequestStep, expires_at};
pub use walk::{Run, split};
