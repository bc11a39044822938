//! Whether a folder is in use, kept out of use, or no more: what may follow on what. Pure.
//!
//! An axis of its own: where a folder is, whether it is missing and whether it is to be combined are others.

/// What a folder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// In use.
    Active,
    /// Out of use, and kept.
    Retired,
    /// Not there any more; its row stays for ever.
    Destroyed,
}

/// What is the case with a folder whose life is to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// What it is; `None`: its sheets are in another folder.
    pub life: Option<Life>,
    /// It is being missed.
    pub is_missing: bool,
    /// Somebody waits for it.
    pub is_wanted: bool,
    /// Its chart is to be combined with another, or stands in for one.
    pub is_merging: bool,
}

/// Why a folder's life does not change; each says what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It is so already.
    #[error("this folder is so already; load the page again")]
    Already,
    /// Its sheets are in another folder.
    #[error("the sheets of this folder are in another one; retire that one")]
    Merged,
    /// Nobody has seen it.
    #[error(
        "this folder is missing; what nobody has in hand is not retired or destroyed: scan it where it is found"
    )]
    Missing,
    /// A request is open.
    #[error("somebody waits for this folder; close its requests first")]
    Wanted,
    /// A merge is under way.
    #[error("this chart is to be combined or united with another first; the work list says how")]
    Merging,
    /// Destroying takes two steps.
    #[error("a folder in use is not destroyed; retire it first")]
    InUse,
}

impl Life {
    /// All of them.
    pub const ALL: [Life; 3] = [Life::Active, Life::Retired, Life::Destroyed];

    /// The word under which it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Life::Active => "active",
            Life::Retired => "retired",
            Life::Destroyed => "destroyed",
        }
    }

    /// Reads a stored word; `merged` is no life of its own.
    pub fn parse(word: &str) -> Option<Life> {
        Life::ALL.into_iter().find(|life| life.as_str() == word)
    }

    /// Whether a folder may become this.
    ///
    /// # Errors
    /// It may not, and why.
    pub fn may_follow(self, on: Standing) -> Result<(), Unfit> {
        let Some(before) = on.life else { return Err(Unfit::Merged) };
        match (before, self) {
            (before, after) if before == after => Err(Unfit::Already),
            // What was retired or destroyed by mistake is put right.
            (Life::Retired | Life::Destroyed, Life::Active) => Ok(()),
            (Life::Active, Life::Destroyed) => Err(Unfit::InUse),
            // What is no more cannot be put away; what it was said by mistake is put right by taking it into use.
            (Life::Destroyed, Life::Retired) => Err(Unfit::Already),
            _ if on.is_missing => Err(Unfit::Missing),
            _ if on.is_wanted => Err(Unfit::Wanted),
            _ if on.is_merging => Err(Unfit::Merging),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_retired_before_it_is_destroyed_and_never_while_somebody_needs_it() {
        let good =
            Standing { life: Some(Life::Active), is_missing: false, is_wanted: false, is_merging: false };
        let retired = Standing { life: Some(Life::Retired), ..good };
        let destroyed = Standing { life: Some(Life::Destroyed), ..good };
        for (on, to, expect) in [
            (good, Life::Retired, Ok(())),
            (good, Life::Active, Err(Unfit::Already)),
            (good, Life::Destroyed, Err(Unfit::InUse)),
            (retired, Life::Destroyed, Ok(())),
            (retired, Life::Active, Ok(())),
            (destroyed, Life::Active, Ok(())),
            (destroyed, Life::Retired, Err(Unfit::Already)),
            (Standing { life: None, ..good }, Life::Retired, Err(Unfit::Merged)),
            (Standing { is_missing: true, ..good }, Life::Retired, Err(Unfit::Missing)),
            (Standing { is_missing: true, ..retired }, Life::Destroyed, Err(Unfit::Missing)),
            (Standing { is_missing: true, ..retired }, Life::Active, Ok(())),
            (Standing { is_wanted: true, ..good }, Life::Retired, Err(Unfit::Wanted)),
            (Standing { is_merging: true, ..good }, Life::Retired, Err(Unfit::Merging)),
        ] {
            assert_eq!(to.may_follow(on), expect, "{on:?} {to:?}");
        }
        for life in Life::ALL {
            assert_eq!(Life::parse(life.as_str()), Some(life));
        }
    }
}
