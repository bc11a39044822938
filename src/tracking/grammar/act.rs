//! What a scan did, and how the journal writes it.

use super::{CustodianId, Mode, MovementNo, PersonId, VolumeId};
use crate::tracking::{PullListId, ReplyCode, RequestId, SearchCodeId};
use jiff::Timestamp;

/// What a movement was, in the words of the file room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MovementKind {
    /// Scanned at a checkpoint.
    Received,
    /// Lent by the file room.
    ChargedOut,
    /// Sent to a place that will scan it when it arrives.
    Dispatched,
    /// Handed on from holder to holder.
    Transferred,
    /// Came back to the file room.
    CheckedIn,
    /// Put on its own shelf.
    Refiled,
    /// Seen where it was said to be.
    Sighted,
    /// Flagged missing.
    Missing,
    /// Found again.
    Found,
    /// Takes another movement back.
    Undone,
    /// Told by a list.
    Import,
    /// The folder was begun there.
    Begun,
    /// Its sheets were put into another folder; it is no more.
    Combined,
    /// It was in a box that was opened.
    Unpacked,
    /// It belongs elsewhere from then on, and stayed where it was.
    Rehomed,
}

impl MovementKind {
    /// All kinds.
    pub const ALL: [MovementKind; 15] = [
        MovementKind::Received,
        MovementKind::ChargedOut,
        MovementKind::Dispatched,
        MovementKind::Transferred,
        MovementKind::CheckedIn,
        MovementKind::Refiled,
        MovementKind::Sighted,
        MovementKind::Missing,
        MovementKind::Found,
        MovementKind::Undone,
        MovementKind::Import,
        MovementKind::Begun,
        MovementKind::Combined,
        MovementKind::Unpacked,
        MovementKind::Rehomed,
    ];

    /// The word under which it is stored; never changes.
    pub fn as_str(self) -> &'static str {
        match self {
            MovementKind::Received => "received",
            MovementKind::ChargedOut => "charged-out",
            MovementKind::Dispatched => "dispatched",
            MovementKind::Transferred => "transferred",
            MovementKind::CheckedIn => "checked-in",
            MovementKind::Refiled => "refiled",
            MovementKind::Sighted => "sighted",
            MovementKind::Missing => "missing",
            MovementKind::Found => "found",
            MovementKind::Undone => "undone",
            MovementKind::Import => "import",
            MovementKind::Begun => "begun",
            MovementKind::Combined => "combined",
            MovementKind::Unpacked => "unpacked",
            MovementKind::Rehomed => "rehomed",
        }
    }

    /// Reads a stored word.
    pub fn parse(word: &str) -> Option<MovementKind> {
        MovementKind::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// What people read in a history.
    pub fn title(self) -> &'static str {
        match self {
            MovementKind::Received => "received",
            MovementKind::ChargedOut => "charged out",
            MovementKind::Dispatched => "dispatched",
            MovementKind::Transferred => "handed on",
            MovementKind::CheckedIn => "checked in",
            MovementKind::Refiled => "refiled",
            MovementKind::Sighted => "sighted",
            MovementKind::Missing => "flagged missing",
            MovementKind::Found => "found",
            MovementKind::Undone => "taken back",
            MovementKind::Import => "imported",
            MovementKind::Begun => "begun",
            MovementKind::Combined => "combined with another folder",
            MovementKind::Unpacked => "taken out of a box",
            MovementKind::Rehomed => "belongs elsewhere since then",
        }
    }
}

/// A scan that must have been left out before this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Skip {
    /// It came here without having been sent by its last holder.
    NotSent,
    /// It was sent to another place and was not scanned there.
    NotReceived,
    /// It was scanned elsewhere so shortly before that nobody can have carried it.
    Impossible,
}

impl Skip {
    /// All skips.
    pub const ALL: [Skip; 3] = [Skip::NotSent, Skip::NotReceived, Skip::Impossible];

    /// The word under which it is stored; never changes.
    pub fn as_str(self) -> &'static str {
        match self {
            Skip::NotSent => "not-sent",
            Skip::NotReceived => "not-received",
            Skip::Impossible => "impossible",
        }
    }

    /// What people read in a history.
    pub fn sentence(self) -> &'static str {
        match self {
            Skip::NotSent => "the last holder did not scan it out",
            Skip::NotReceived => "it was sent elsewhere and never scanned there",
            Skip::Impossible => "it was scanned elsewhere only seconds before",
        }
    }

    /// Reads a stored word.
    pub fn parse(word: &str) -> Option<Skip> {
        Skip::ALL.into_iter().find(|skip| skip.as_str() == word)
    }
}

/// A room whose charts were confirmed in one sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sweep {
    /// Whose.
    pub custodian: CustodianId,
    /// When it began.
    pub since: Timestamp,
}

/// What a scan did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// No label of this file room that is on file: as if nothing had been scanned. Noise keeps no batch and no badge alive.
    Unread,
    /// A good label that changed nothing.
    Nothing,
    /// The station does something else with the next chart.
    Mode(Mode),
    /// A badge named who scans.
    Operator(PersonId),
    /// The batch is at its end; after a sweep: where, and when it began, so that what was not seen can be listed.
    Done(Option<Sweep>),
    /// A volume moved, or was confirmed, or flagged.
    Move {
        /// Which one.
        volume: VolumeId,
        /// What it was.
        kind: MovementKind,
        /// Who had it, as far as was known.
        from: CustodianId,
        /// Who has it now.
        to: CustodianId,
        /// It is on its way there.
        in_transit: bool,
        /// What must have been left out before.
        skip: Option<Skip>,
    },
    /// It was delivered late: history has it, the present does not.
    Late {
        /// Which one.
        volume: VolumeId,
        /// What it was.
        kind: MovementKind,
        /// Who had it.
        from: CustodianId,
        /// Who had it then.
        to: CustodianId,
    },
    /// Somebody wrote it down when it could not be scanned, and told it later: what it did to the volume. The station's
    /// session has no part in it.
    Told(Box<Act>),
    /// A chart was read that stays where it is.
    Seen(VolumeId),
    /// A volume stands on this shelf of its home.
    Shelved {
        /// Which one.
        volume: VolumeId,
        /// On which.
        shelf: CustodianId,
    },
    /// A volume gets a new label.
    Label(VolumeId),
    /// What this request is for was looked for in vain.
    NotFound(RequestId),
    /// A line of a search sheet was told: looked, not there; or found there.
    Searched(SearchCodeId),
    /// A box went somewhere, with all that is in it.
    BoxMoved {
        /// Which box.
        carried: CustodianId,
        /// Where to.
        to: CustodianId,
        /// It is on its way there.
        in_transit: bool,
    },
    /// All that is in a box is taken out of it.
    BoxOpened {
        /// Which box.
        opened: CustodianId,
        /// Where its charts are now.
        at: CustodianId,
    },
    /// Somebody who was asked for a chart answered on paper.
    Replied(ReplyCode),
    /// The last movement of the batch was taken back.
    Undo {
        /// Whose.
        volume: VolumeId,
        /// Which.
        undoes: MovementNo,
    },
}

impl Act {
    /// As the journal has it: what a session needs to know again. `movement` is what was added to history.
    pub fn journal(&self, movement: Option<MovementNo>) -> Option<String> {
        let no = movement.map_or(0, |no| no.0);
        Some(match self {
            Act::Unread | Act::Late { .. } => return None,
            Act::Told(act) => match act.as_ref() {
                Act::Move { .. } => format!("told {}", act.journal(movement)?),
                _ => "told nothing".to_owned(),
            },
            Act::Nothing => "nothing".to_owned(),
            Act::Mode(Mode::Rest) => "rest".to_owned(),
            Act::Mode(Mode::Whither) => "whither".to_owned(),
            Act::Mode(Mode::To(custodian)) => format!("to {custodian}"),
            Act::Mode(Mode::CheckIn) => "check-in".to_owned(),
            Act::Mode(Mode::Refile) => "refile".to_owned(),
            Act::Mode(Mode::Sighted(custodian)) => format!("sighted {custodian}"),
            Act::Mode(Mode::Missing) => "missing".to_owned(),
            Act::Mode(Mode::Found) => "found".to_owned(),
            Act::Mode(Mode::PrintLabel) => "print-label".to_owned(),
            Act::Mode(Mode::Open) => "open".to_owned(),
            Act::BoxMoved { carried, to, .. } => format!("box-moved {carried} {to}"),
            Act::BoxOpened { opened, at } => format!("box-opened {opened} {at}"),
            Act::Seen(volume) => format!("seen {volume}"),
            Act::Shelved { volume, shelf } => format!("shelved {volume} {shelf}"),
            Act::Label(volume) => format!("label {volume}"),
            Act::Mode(Mode::Pull(list)) => format!("pull {list}"),
            Act::Mode(Mode::Send(list)) => format!("send {list}"),
            Act::Mode(Mode::Slip(request)) => format!("slip {request}"),
            Act::NotFound(request) => format!("not-found {request}"),
            Act::Replied(code) => format!("replied {code}"),
            Act::Searched(code) => format!("searched {code}"),
            Act::Operator(person) => format!("operator {person}"),
            Act::Done(None) => "done".to_owned(),
            Act::Done(Some(sweep)) => format!("done {} {}", sweep.custodian, sweep.since.as_microsecond()),
            Act::Move { volume, .. } => format!("move {volume} {no}"),
            Act::Undo { volume, undoes } => format!("undo {volume} {undoes} {no}"),
        })
    }

    /// Reads what the journal has; of a movement only the volume and the number are there, which is all that a session
    /// keeps of it.
    pub fn parse(text: &str) -> Option<(Act, Option<MovementNo>)> {
        if let Some(told) = text.strip_prefix("told ") {
            let (act, movement) = Act::parse(told)?;
            return Some((Act::Told(Box::new(act)), movement));
        }
        let mut words = text.split(' ');
        let word = words.next()?;
        let mut number = || words.next().and_then(|word| word.parse::<i64>().ok());
        let act = match word {
            "nothing" => Act::Nothing,
            "rest" => Act::Mode(Mode::Rest),
            "whither" => Act::Mode(Mode::Whither),
            "to" => Act::Mode(Mode::To(CustodianId(number()?))),
            "check-in" => Act::Mode(Mode::CheckIn),
            "refile" => Act::Mode(Mode::Refile),
            "sighted" => Act::Mode(Mode::Sighted(CustodianId(number()?))),
            "missing" => Act::Mode(Mode::Missing),
            "found" => Act::Mode(Mode::Found),
            "print-label" => Act::Mode(Mode::PrintLabel),
            "open" => Act::Mode(Mode::Open),
            "box-moved" => {
                let (carried, to) = (CustodianId(number()?), CustodianId(number()?));
                Act::BoxMoved { carried, to, in_transit: false }
            }
            "box-opened" => Act::BoxOpened { opened: CustodianId(number()?), at: CustodianId(number()?) },
            "seen" => Act::Seen(VolumeId(number()?)),
            "shelved" => Act::Shelved { volume: VolumeId(number()?), shelf: CustodianId(number()?) },
            "label" => Act::Label(VolumeId(number()?)),
            "pull" => Act::Mode(Mode::Pull(PullListId(number()?))),
            "send" => Act::Mode(Mode::Send(PullListId(number()?))),
            "slip" => Act::Mode(Mode::Slip(RequestId(number()?))),
            "not-found" => Act::NotFound(RequestId(number()?)),
            "replied" => Act::Replied(ReplyCode(number()?)),
            "searched" => Act::Searched(SearchCodeId(number()?)),
            "operator" => Act::Operator(PersonId(number()?)),
            "done" => {
                let sweep = number().zip(number()).and_then(|(custodian, since)| {
                    let since = Timestamp::from_microsecond(since).ok()?;
                    Some(Sweep { custodian: CustodianId(custodian), since })
                });
                Act::Done(sweep)
            }
            "move" => {
                let (volume, kind) = (VolumeId(number()?), MovementKind::Received);
                let (from, to) = (CustodianId(0), CustodianId(0));
                let act = Act::Move { volume, kind, from, to, in_transit: false, skip: None };
                return Some((act, Some(MovementNo(number()?))));
            }
            "undo" => {
                let act = Act::Undo { volume: VolumeId(number()?), undoes: MovementNo(number()?) };
                return Some((act, Some(MovementNo(number()?))));
            }
            _ => return None,
        };
        Some((act, None))
    }
}
