//! The states of a request, and which step leads where.

use super::Channel;
use jiff::{SignedDuration, Timestamp};

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RequestState {
    /// Nobody has looked for the volume yet.
    Requested,
    /// It was not where it should be: a search is open.
    NotFound,
    /// A clerk has it, for this request.
    Pulled,
    /// It is on its way to who asked.
    Sent,
    /// Who asked has it.
    Delivered,
    /// Nobody wants it any more.
    Cancelled,
    /// It cannot be had.
    NotFillable,
    /// Its time passed and nobody came for it.
    Expired,
}

/// What happened to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RequestStep {
    /// It was made.
    Asked,
    /// The volume was taken off its shelf for it.
    Pulled,
    /// It was looked for in vain.
    NotFound,
    /// It was sent to who asked.
    Sent,
    /// It arrived.
    Delivered,
    /// It went elsewhere than to who asked, or back onto its shelf.
    PutBack,
    /// It is needed at another time.
    Rescheduled,
    /// Its holder was asked to give it back.
    Recalled,
    /// The sheets of the volume were put into another one, which is wanted now.
    SheetsMoved,
    /// Nobody wants it any more.
    Cancelled,
    /// It cannot be had.
    NotFillable,
    /// Its time passed.
    Expired,
    /// The scan that made the last step was taken back.
    Undone,
}

/// Days that a request is kept open after it was needed.
const KEPT_DAYS: i64 = 14;
/// Hours that an appointment's is: the patient has come or has not.
const KEPT_HOURS: i64 = 24;

/// When a request for then is over by itself. Pulled ones too: the volume goes back onto its shelf.
pub fn expires_at(channel: Channel, needed_at: Timestamp) -> Timestamp {
    let hours = if channel == Channel::Appointment { KEPT_HOURS } else { KEPT_DAYS * 24 };
    needed_at.checked_add(SignedDuration::from_hours(hours)).unwrap_or(Timestamp::MAX)
}

impl RequestState {
    /// All states, in the order of a request's life.
    pub const ALL: [RequestState; 8] = [
        RequestState::Requested,
        RequestState::NotFound,
        RequestState::Pulled,
        RequestState::Sent,
        RequestState::Delivered,
        RequestState::Cancelled,
        RequestState::NotFillable,
        RequestState::Expired,
    ];

    /// Where a step leads; `None` if it is none from here.
    pub fn after(self, step: RequestStep) -> Option<RequestState> {
        use RequestState as S;
        if !self.is_open() {
            return None;
        }
        let waits = matches!(self, S::Requested | S::NotFound);
        match step {
            RequestStep::Asked | RequestStep::Undone => None,
            RequestStep::Rescheduled | RequestStep::Recalled => Some(self),
            RequestStep::Pulled => waits.then_some(S::Pulled),
            RequestStep::NotFound => (self != S::Sent).then_some(S::NotFound),
            RequestStep::Sent => Some(S::Sent),
            RequestStep::Delivered => Some(S::Delivered),
            RequestStep::PutBack => (!waits).then_some(S::Requested),
            // Where the other one is, is another matter.
            RequestStep::SheetsMoved => Some(S::Requested),
            RequestStep::Cancelled => Some(S::Cancelled),
            RequestStep::NotFillable => Some(S::NotFillable),
            RequestStep::Expired => (self != S::Sent).then_some(S::Expired),
        }
    }

    /// Whether somebody still waits.
    pub fn is_open(self) -> bool {
        matches!(
            self,
            RequestState::Requested | RequestState::NotFound | RequestState::Pulled | RequestState::Sent
        )
    }

    /// Whether the clerk who pulls has nothing more to do for it.
    pub fn is_ticked(self) -> bool {
        matches!(self, RequestState::Pulled | RequestState::Sent | RequestState::Delivered)
    }

    /// The word under which it is stored; never changes.
    pub fn as_str(self) -> &'static str {
        match self {
            RequestState::Requested => "requested",
            RequestState::NotFound => "not-found",
            RequestState::Pulled => "pulled",
            RequestState::Sent => "sent",
            RequestState::Delivered => "delivered",
            RequestState::Cancelled => "cancelled",
            RequestState::NotFillable => "not-fillable",
            RequestState::Expired => "expired",
        }
    }

    /// Reads a stored word.
    pub fn parse(word: &str) -> Option<RequestState> {
        RequestState::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// What people read.
    pub fn title(self) -> &'static str {
        match self {
            RequestState::NotFound => "not found",
            RequestState::NotFillable => "not fillable",
            RequestState::Requested
            | RequestState::Pulled
            | RequestState::Sent
            | RequestState::Delivered
            | RequestState::Cancelled
            | RequestState::Expired => self.as_str(),
        }
    }
}

impl RequestStep {
    /// All steps.
    pub const ALL: [RequestStep; 13] = [
        RequestStep::Asked,
        RequestStep::Pulled,
        RequestStep::NotFound,
        RequestStep::Sent,
        RequestStep::Delivered,
        RequestStep::PutBack,
        RequestStep::Rescheduled,
        RequestStep::Recalled,
        RequestStep::SheetsMoved,
        RequestStep::Cancelled,
        RequestStep::NotFillable,
        RequestStep::Expired,
        RequestStep::Undone,
    ];

    /// The word under which it is stored; never changes.
    pub fn as_str(self) -> &'static str {
        match self {
            RequestStep::Asked => "asked",
            RequestStep::Pulled => "pulled",
            RequestStep::NotFound => "not-found",
            RequestStep::Sent => "sent",
            RequestStep::Delivered => "delivered",
            RequestStep::PutBack => "put-back",
            RequestStep::Rescheduled => "rescheduled",
            RequestStep::Recalled => "recalled",
            RequestStep::SheetsMoved => "sheets-moved",
            RequestStep::Cancelled => "cancelled",
            RequestStep::NotFillable => "not-fillable",
            RequestStep::Expired => "expired",
            RequestStep::Undone => "undone",
        }
    }

    /// Reads a stored word.
    pub fn parse(word: &str) -> Option<RequestStep> {
        RequestStep::ALL.into_iter().find(|step| step.as_str() == word)
    }

    /// What people read.
    pub fn title(self) -> &'static str {
        match self {
            RequestStep::Asked => "asked for",
            RequestStep::Pulled => "pulled",
            RequestStep::NotFound => "not found",
            RequestStep::Sent => "sent",
            RequestStep::Delivered => "delivered",
            RequestStep::PutBack => "went elsewhere",
            RequestStep::Rescheduled => "time changed",
            RequestStep::Recalled => "asked back from its holder",
            RequestStep::SheetsMoved => "its sheets are in another folder",
            RequestStep::Cancelled => "cancelled",
            RequestStep::NotFillable => "cannot be had",
            RequestStep::Expired => "expired",
            RequestStep::Undone => "taken back",
        }
    }

    /// Whether it must say why.
    pub fn needs_reason(self) -> bool {
        matches!(self, RequestStep::NotFound | RequestStep::Cancelled | RequestStep::NotFillable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_steps() {
        // A row for each step: from requested, not found, pulled, sent.
        let table = [
            (RequestStep::Pulled, ["pulled", "pulled", "", ""]),
            (RequestStep::NotFound, ["not-found", "not-found", "not-found", ""]),
            (RequestStep::Sent, ["sent", "sent", "sent", "sent"]),
            (RequestStep::Delivered, ["delivered", "delivered", "delivered", "delivered"]),
            (RequestStep::PutBack, ["", "", "requested", "requested"]),
            (RequestStep::Rescheduled, ["requested", "not-found", "pulled", "sent"]),
            (RequestStep::Recalled, ["requested", "not-found", "pulled", "sent"]),
            (RequestStep::SheetsMoved, ["requested", "requested", "requested", "requested"]),
            (RequestStep::Cancelled, ["cancelled", "cancelled", "cancelled", "cancelled"]),
            (RequestStep::NotFillable, ["not-fillable", "not-fillable", "not-fillable", "not-fillable"]),
            (RequestStep::Expired, ["expired", "expired", "expired", ""]),
            (RequestStep::Asked, ["", "", "", ""]),
            (RequestStep::Undone, ["", "", "", ""]),
        ];
        assert_eq!(table.len(), RequestStep::ALL.len());
        let (open, over) = RequestState::ALL.split_at(4);
        for (step, expect) in table {
            let found: Vec<_> =
                open.iter().map(|state| state.after(step).map_or("", RequestState::as_str)).collect();
            assert_eq!(found, expect, "{step:?}");
            assert!(over.iter().all(|state| state.after(step).is_none()), "{step:?} after the end");
        }
    }

    #[test]
    fn words_come_back() {
        assert!(RequestState::ALL.iter().all(|state| RequestState::parse(state.as_str()) == Some(*state)));
        assert!(RequestStep::ALL.iter().all(|step| RequestStep::parse(step.as_str()) == Some(*step)));
    }

    #[test]
    fn an_appointment_that_is_over_keeps_no_request_open() {
        let needed: Timestamp = "2026-11-22T09:00:00Z".parse().unwrap();
        assert_eq!(expires_at(Channel::Appointment, needed).to_string(), "2026-11-23T09:00:00Z");
        assert_eq!(expires_at(Channel::Audit, needed).to_string(), "2026-12-06T09:00:00Z");
    }
}
