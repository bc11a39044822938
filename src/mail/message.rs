//! A message, and its form on the wire.

use jiff::Timestamp;
use lettre::address::Envelope;
use lettre::message::{Mailbox, header};
use lettre::{Address, Message as Wire};
use std::time::{Duration, SystemTime};

/// Who sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// Address that messages come from.
    pub from: String,
    /// Where answers go, if elsewhere.
    pub reply_to: Option<String>,
    /// Name of the file room.
    pub name: String,
}

/// A message to one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Number of the notice: what files are named by.
    pub number: i64,
    /// The same at every try.
    pub id: String,
    /// Who sends.
    pub sender: Sender,
    /// Who gets it.
    pub to: String,
    /// One line.
    pub subject: String,
    /// Plain text.
    pub body: String,
    /// When the notice was written.
    pub date: Timestamp,
}

/// The message cannot be sent as it is: why.
#[derive(Debug)]
pub(super) enum Unsendable {
    /// The recipient's address is none.
    Recipient(String),
    /// The sender's address, or something else of ours.
    Ours(String),
}

impl Message {
    /// The Message-ID of a notice: from its number and the moment it was written, so that a number that is given again
    /// after a restore is another message.
    pub fn id_of(number: i64, written: Timestamp, from: &str) -> String {
        let domain = from.rsplit_once('@').map_or("outguide.invalid", |(_, domain)| domain);
        format!("<outguide-{number}-{:x}@{domain}>", written.as_microsecond())
    }

    /// The message as servers take it.
    pub(super) fn wire(&self) -> Result<(Envelope, Vec<u8>), Unsendable> {
        let recipient: Address = self
            .to
            .trim()
            .parse()
            .map_err(|error| Unsendable::Recipient(format!("the address on file is none: {error}")))?;
        let ours = |what: &str, error: &dyn std::fmt::Display| Unsendable::Ours(format!("{what}: {error}"));
        let from: Address = self.sender.from.parse().map_err(|error| ours("`from` is no address", &error))?;
        let seconds = u64::try_from(self.date.as_second()).unwrap_or_default();
        let mut wire = Wire::builder()
            .from(Mailbox::new(Some(self.sender.name.clone()), from.clone()))
            .to(Mailbox::new(None, recipient.clone()))
            .subject(self.subject.clone())
            .message_id(Some(self.id.clone()))
            .date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
            .header(header::ContentType::TEXT_PLAIN);
        if let Some(reply_to) = &self.sender.reply_to {
            let reply: Address =
                reply_to.parse().map_err(|error| ours("`reply_to` is no address", &error))?;
            wire = wire.reply_to(Mailbox::new(None, reply));
        }
        let wire =
            wire.body(self.body.clone()).map_err(|error| ours("the message cannot be made", &error))?;
        let envelope = Envelope::new(Some(from), vec![recipient])
            .map_err(|error| ours("the message cannot be made", &error))?;
        Ok((envelope, wire.formatted()))
    }
}
