//! Command labels: what a clerk can say without a keyboard.

use crate::label::CheckScheme;

/// A command, printed on a card as a bar code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Command {
    /// The next place that is scanned gets the charts after it.
    ChargeOut,
    /// Charts come back to this desk.
    CheckIn,
    /// Charts go to their own shelf.
    Refile,
    /// As charge out, from one holder to another.
    Transfer,
    /// Charts are still here: confirms custody of a whole room.
    Sighted,
    /// The chart of this label cannot be found.
    Missing,
    /// It has been found.
    Found,
    /// Takes the last movement back.
    Undo,
    /// The batch is at its end.
    Done,
    /// Tells who scans and what the station does with the next chart.
    WhoAmI,
    /// Prints a new label for the next chart.
    PrintLabel,
}

impl Command {
    /// All commands, in the order of the card; the first has number 1.
    pub const ALL: [Command; 11] = [
        Command::ChargeOut,
        Command::CheckIn,
        Command::Refile,
        Command::Transfer,
        Command::Sighted,
        Command::Missing,
        Command::Found,
        Command::Undo,
        Command::Done,
        Command::WhoAmI,
        Command::PrintLabel,
    ];

    /// The number on Outguide's own command labels; never changes.
    pub fn number(self) -> u32 {
        let place = Command::ALL.iter().position(|command| *command == self).unwrap_or_default();
        u32::try_from(place + 1).unwrap_or_default()
    }

    /// The command of a number.
    pub fn from_number(number: u32) -> Option<Command> {
        Command::ALL.into_iter().find(|command| command.number() == number)
    }

    /// What is printed on the card, and the key on a site's own command labels.
    pub fn word(self) -> &'static str {
        match self {
            Command::ChargeOut => "CHARGE OUT",
            Command::CheckIn => "CHECK IN",
            Command::Refile => "REFILE",
            Command::Transfer => "TRANSFER",
            Command::Sighted => "SIGHTED",
            Command::Missing => "MISSING",
            Command::Found => "FOUND",
            Command::Undo => "UNDO",
            Command::Done => "DONE",
            Command::WhoAmI => "WHO AM I",
            Command::PrintLabel => "PRINT LABEL",
        }
    }

    /// The key of Outguide's own label: K, the number, and its ISO 7064 mod 37,36 check character.
    pub fn key(self) -> String {
        let payload = format!("K{}", self.number());
        let check = CheckScheme::Iso7064Mod37_36.compute(&payload).unwrap_or_default();
        payload + &check
    }

    /// The command of a label's key: Outguide's own, or the word (a site may write it without blanks, or with `-`).
    pub fn from_key(key: &str) -> Option<Command> {
        let plain = |text: &str| text.replace([' ', '-', '_'], "").to_ascii_uppercase();
        Command::ALL.into_iter().find(|command| command.key() == key || plain(command.word()) == plain(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_command_is_read_from_its_label() {
        for command in Command::ALL {
            assert_eq!(Command::from_key(&command.key()), Some(command));
            assert_eq!(Command::from_key(command.word()), Some(command));
            assert_eq!(Command::from_number(command.number()), Some(command));
        }
        assert_eq!(Command::from_key("charge-out"), Some(Command::ChargeOut));
        assert_eq!(
            (Command::from_key("K8"), Command::from_key("UND"), Command::from_number(0)),
            (None, None, None)
        );
        let keys: HashSet<_> = Command::ALL.map(Command::key).into_iter().collect();
        assert_eq!(keys.len(), Command::ALL.len());
    }
}
