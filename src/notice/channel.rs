//! How a notice goes out: by mail, to a program of the site, or on paper.

/// How a notice goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// To the recipient's mail address.
    Mail,
    /// To the site's program at the address of `[webhook]`.
    Webhook,
    /// Printed, and carried.
    Slip,
}

/// Which notices the site's program gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Takes {
    /// None: there is no program.
    #[default]
    Nothing,
    /// Those of the steps that say so.
    Steps,
    /// These, and those to recipients without a mail address, who would get a slip.
    WithoutMail,
    /// All.
    All,
}

impl Channel {
    /// Names it as the database does.
    pub fn as_str(self) -> &'static str {
        match self {
            Channel::Mail => "mail",
            Channel::Webhook => "webhook",
            Channel::Slip => "slip",
        }
    }
}

impl Takes {
    /// Says how a notice goes out whose step asks for the program (`by_webhook`) or not, to a recipient who can be mailed
    /// or not.
    pub fn channel(self, by_webhook: bool, can_be_mailed: bool) -> Channel {
        let takes = match self {
            Takes::Nothing => false,
            Takes::Steps => by_webhook,
            Takes::WithoutMail => by_webhook || !can_be_mailed,
            Takes::All => true,
        };
        match (takes, can_be_mailed) {
            (true, _) => Channel::Webhook,
            (false, true) => Channel::Mail,
            (false, false) => Channel::Slip,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_gets_what_it_takes_and_the_rest_goes_as_ever() {
        for (takes, by_webhook, can_be_mailed, expected) in [
            (Takes::Nothing, true, true, Channel::Mail),
            (Takes::Nothing, true, false, Channel::Slip),
            (Takes::Steps, false, true, Channel::Mail),
            (Takes::Steps, false, false, Channel::Slip),
            (Takes::Steps, true, true, Channel::Webhook),
            (Takes::WithoutMail, false, true, Channel::Mail),
            (Takes::WithoutMail, false, false, Channel::Webhook),
            (Takes::WithoutMail, true, true, Channel::Webhook),
            (Takes::All, false, true, Channel::Webhook),
            (Takes::All, false, false, Channel::Webhook),
        ] {
            let found = takes.channel(by_webhook, can_be_mailed);
            assert_eq!(found, expected, "{takes:?} {by_webhook} {can_be_mailed}");
        }
    }
}
