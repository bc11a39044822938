//! Printed commands: what a clerk scans to say what the next scan means, instead of touching a screen.

use crate::label::LabelKind;

/// A command on a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Command {
    /// What is scanned next goes to a borrower.
    ChargeOut,
    /// What is scanned next came back.
    CheckIn,
    /// What is scanned next is put on its shelf.
    Refile,
    /// What is scanned next goes from one borrower to another.
    Transfer,
    /// What is scanned next was seen where it is.
    Sighted,
    /// What is scanned next cannot be found.
    Missing,
    /// What is scanned next was found.
    Found,
    /// The last scan was a mistake.
    Undo,
    /// The command before it ends.
    Done,
    /// Who is at work at this station.
    WhoAmI,
    /// What is scanned next gets a new label.
    PrintLabel,
    /// The box that is scanned next is opened.
    OpenBox,
}

impl Command {
    /// All there are, in the order of their numbers.
    pub const ALL: [Command; 12] = [
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
        Command::OpenBox,
    ];

    /// Its number on labels. Cards hang on walls for years: a number is never given to another command.
    pub fn number(self) -> u64 {
        match self {
            Command::ChargeOut => 1,
            Command::CheckIn => 2,
            Command::Refile => 3,
            Command::Transfer => 4,
            Command::Sighted => 5,
            Command::Missing => 6,
            Command::Found => 7,
            Command::Undo => 8,
            Command::Done => 9,
            Command::WhoAmI => 10,
            Command::PrintLabel => 11,
            Command::OpenBox => 12,
        }
    }

    /// The command with this number.
    pub fn from_number(number: u64) -> Option<Command> {
        Command::ALL.into_iter().find(|command| command.number() == number)
    }

    /// The word on its card.
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
            Command::OpenBox => "OPEN BOX",
        }
    }

    /// The key of its label: `K`, its number, and a check character.
    pub fn key(self) -> String {
        LabelKind::Command.own_key(self.number())
    }

    /// The command whose label has this key: Outguide's own, or the word on a site's own labels, however it is spaced.
    pub fn from_key(key: &str) -> Option<Command> {
        let plain = |text: &str| text.replace([' ', '-', '_'], "").to_ascii_uppercase();
        Command::ALL.into_iter().find(|command| command.key() == key || plain(command.word()) == plain(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_on_walls_keep_their_meaning() {
        let words: Vec<_> = (1..=12).map(|number| Command::from_number(number).unwrap().word()).collect();
        let expect = "CHARGE OUT,CHECK IN,REFILE,TRANSFER,SIGHTED,MISSING,FOUND,UNDO,DONE,WHO AM I,PRINT LABEL,OPEN BOX";
        assert_eq!(words.join(","), expect);
        let keys: Vec<_> = Command::ALL.into_iter().map(Command::key).collect();
        assert_eq!(keys.join(" "), "K1T K2R K3P K4N K5L K6J K7H K8F K9D K10L K11J K12H");
        assert_eq!((Command::from_number(0), Command::from_number(13)), (None, None));
    }

    #[test]
    fn a_key_is_its_command_and_no_other_is() {
        for command in Command::ALL {
            assert_eq!(Command::from_key(&command.key()), Some(command));
        }
        for other in ["", "K", "K1", "K1A", "V1Q", "K01Q", "KÜ", "K+1Q"] {
            assert_eq!(Command::from_key(other), None, "{other}");
        }
    }
}
