//! The grammar of labels: what a sequence of scans at one station means. Pure.
//!
//! A station rests in a safe default. A **checkpoint** has everything that is scanned "now here". A **desk** moves nothing
//! until it knows where to: a place is scanned once, then a stream of charts; DONE, or waiting, ends the **batch**.
//!
//! | scanned | at rest | after a place or CHARGE OUT, TRANSFER | CHECK IN | REFILE | SIGHTED | MISSING, FOUND |
//! | --- | --- | --- | --- | --- | --- | --- |
//! | chart, checkpoint | now here | goes to the place | now here | goes home | confirmed here | flagged, for one chart |
//! | chart, desk | told where it is | goes to the place | now at the desk | goes home | confirmed here | flagged, for one chart |
//! | place | charts go there | charts go there | charts go there | charts go there | another room | charts go there |
//! | shelf of an area without order | the chart scanned just before, which is home now, stands there | | | | | |
//! | request's slip | its chart is sent to who wants it | the same | the same | the same | the same | was looked for in vain |
//! | pull list | its charts are pulled | sent to who wants them (after CHARGE OUT, TRANSFER alone) | pulled | pulled | pulled | pulled |
//! | line of a search sheet | looked there, not found; or found there: noted, and the station goes on as before | | | | | |
//! | box | checkpoint: it is here now, with all that is in it; desk: charts go into it | it goes to the place; after CHARGE OUT, TRANSFER alone, or another box: charts go into it | it is here | charts go into it | its charts are confirmed in it | charts go into it |
//! | OPEN BOX, then a box | all that was in it is here; for one box | | | | | |
//! | answer on a notice's slip | is written down; whatever the station does goes on | the same | the same | the same | the same | the same |
//! | badge | names who scans | the same | the same | the same | the same | the same |
//! | UNDO | takes the last movement of the batch back, then the one before | | | | | |
//! | DONE | ends the batch | | | | | |
//! | PRINT LABEL | the next chart gets a new label and does not move; then as before. For one chart | | | | | |
//! | WHO AM I | tells who, what and how many | | | | | |
//!
//! PRINT LABEL is scanned before its chart, like MISSING and FOUND: a label that came out for the chart scanned *before*
//! it would sooner or later be pasted onto the one scanned *after* it.
//!
//! What somebody wrote down and tells later names what it was for itself ([`Session::told`]) and leaves the session alone
//! ([`Act::Told`]).
//!
//! Moving or opening a box is not taken back by UNDO, nor is what was scanned before it in the batch: the box is scanned where
//! it is. A wanted chart says so when its box is moved, not while the box is packed.
//!
//! After a pull list a chart ticks its row and is now at the station; after CHARGE OUT and the list it goes to who wants it;
//! after a slip the one chart of the slip does. Any other chart is refused there. A slip or MISSING for one chart goes back
//! to the list.
//!
//! **One alert.** A chart that anything matters about says the most important thing, and what to do about it, in every mode
//! (`alert.rs`):
//!
//! | | kind | said when the chart is put or confirmed somewhere | when it stays where it is | after MISSING |
//! | --- | --- | --- | --- | --- |
//! | 1 | wanted now | HOLD for whom, when, where; or: it goes straight on | the same | tell them that it is missing |
//! | 2 | was missing | tell the supervisor | scan FOUND | (said itself) |
//! | 3 | temporary chart | unite the two | the same | work with that one |
//! | 4 | other volumes elsewhere | see where | the same | look there |
//! | 5 | merge due | put it on the merge shelf | the same | look with the other one |
//! | 6 | wrong file room | send it to its own | the same | (it is nowhere) |
//! | 7 | label worn | print a new one | the same; not at PRINT LABEL | look for a folder that is hard to read |
//! | 8 | due back passed | send it back; come back to the file room: refile it | CHECK IN | ask who had it |
//!
//! | what happens | without an alert | with one |
//! | --- | --- | --- |
//! | it moves, is confirmed, flagged missing or found | green | [`Verdict::Attention`](super::Verdict::Attention) |
//! | already here, in this batch, ticked, read twice; a label is printed | blue | [`Verdict::Look`](super::Verdict::Look) |
//! | a desk at rest, CHARGE OUT without a place | look | look, the alert first |
//! | refused | refused | refused; a wrong chart of a list or slip says its alert too |
//!
//! What was overdue and is back in the file room needs no hands more than any other: that alone stays green.
//!
//! [`fn@decide`] says what a scan does, [`Session::apply`] does it to the session. The journal keeps what was done
//! ([`Act`] as text), so that a session replayed from it is the same.

mod act;
mod alert;
mod boxes;
mod decide;
mod searched;
mod session;
mod wanted;

pub use act::{Act, MovementKind, Skip, Sweep};
pub use boxes::Load;
pub use decide::{Decision, Meaning, Moment, decide, take_back};
pub use searched::SearchCode;
pub use session::{Batched, Mode, Session};
pub use wanted::{NextRow, Order, Progress, Reply, Slip, doing};

use super::request::Wanted;
use super::{ChartId, CustodianId, MovementNo, PersonId, VolumeId};
use jiff::Timestamp;
use std::time::Duration;

/// What a station does by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StationKind {
    /// What is scanned is now here.
    #[default]
    Checkpoint,
    /// What is scanned goes where a label says.
    Desk,
}

/// A station's rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// What it does by itself.
    pub kind: StationKind,
    /// The custodian that it stands for.
    pub custodian: CustodianId,
    /// Silence after which a batch is at its end.
    pub idle: Duration,
    /// Silence after which a badge must be scanned again.
    pub badge_idle: Duration,
    /// It has a label printer.
    pub prints: bool,
}

/// What a custodian is to the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Shelves that volumes belong to.
    FileArea,
    /// Where returned volumes wait to be refiled.
    Sorting,
    /// Somebody who has volumes for a while: clinic, ward, person, other.
    Holder,
}

impl Role {
    /// The role of a custodian's kind.
    pub fn of(kind: &str) -> Role {
        match kind {
            "file-area" | "site" | "shelf" => Role::FileArea,
            "sorting" => Role::Sorting,
            _ => Role::Holder,
        }
    }
}

/// A custodian, as far as it matters here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Which one.
    pub id: CustodianId,
    /// What people call it.
    pub name: String,
    /// What it is.
    pub role: Role,
    /// Whether it takes charts.
    pub is_open: bool,
    /// A checkpoint stands for it: what is sent there is on its way until it is scanned there.
    pub has_checkpoint: bool,
    /// It is a box, or a tote: it goes from place to place with what is in it.
    pub is_box: bool,
    /// It is a shelf of this file area, which has no order: folders stand wherever there is room.
    pub area: Option<CustodianId>,
}

/// A person with a badge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Which one.
    pub id: PersonId,
    /// What people call them.
    pub name: String,
    /// Whether they still work here.
    pub is_active: bool,
}

/// A volume and where it is, as far as is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volume {
    /// Which one.
    pub id: VolumeId,
    /// The chart that it is part of.
    pub chart: ChartId,
    /// Where it belongs.
    pub home: CustodianId,
    /// Who has it.
    pub at: CustodianId,
    /// What they are called.
    pub at_name: String,
    /// What they are.
    pub at_role: Role,
    /// They are a box.
    pub at_is_box: bool,
    /// A desk stands for them: what leaves them can be scanned there.
    pub at_sends: bool,
    /// When it was scanned there; `None` if it never moved.
    pub since: Option<Timestamp>,
    /// It was sent there and has not been scanned there.
    pub in_transit: bool,
    /// It is being missed.
    pub is_missing: bool,
    /// It is on file on which shelf of its home it stands.
    pub has_shelf: bool,
    /// It is in use: neither merged, retired nor destroyed.
    pub is_active: bool,
    /// Its last movement.
    pub last: Option<MovementNo>,
    /// It has an open case: somebody misses it, or may.
    pub has_case: bool,
    /// What a scan of it should be told besides.
    pub attention: Attention,
    /// Who wants it, the first first.
    pub wanted: Vec<Wanted>,
}

/// What matters about a volume that is being scanned, most important first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attention {
    /// It was looked for.
    pub wanted_back: Option<WantedBack>,
    /// A temporary chart stands in for it, or it is one: they are to be united.
    pub temporary: bool,
    /// Its other volumes that are elsewhere, not at home with it or going along.
    pub others_elsewhere: u32,
    /// Its chart is to be combined with another.
    pub merge_due: bool,
    /// The file room that it belongs to, if it is being put into another.
    pub belongs_to: Option<String>,
    /// Its label is worn.
    pub label_worn: bool,
    /// It should have been back.
    pub due_passed: bool,
}

/// A chart that was looked for comes to light.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedBack {
    /// Who needs it, and has not had it yet.
    pub needed_by: Option<String>,
}

/// The movement that UNDO would take back, as history has it now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastMove {
    /// The volume's last movement.
    pub no: MovementNo,
}

#[cfg(test)]
mod tests;
