//! Mail leaves here: over SMTP, into files at sites without mail, or into memory for tests. One message at a time.
//!
//! Invariant: no address, subject or body goes to the log; what a server says is kept with the notice and shown on its
//! page only.

mod files;
mod message;
mod smtp;
pub mod templates;

pub use message::{Message, Sender};
pub use smtp::{Security, Smtp};

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// How mail leaves.
#[derive(Debug, Clone)]
pub enum Transport {
    /// To a mail server.
    Smtp(Box<Smtp>),
    /// Into files of a directory, for a program of the site.
    File(PathBuf),
    /// Into memory.
    Memory(Memory),
}

/// What was sent into memory.
#[derive(Debug, Clone, Default)]
pub struct Memory(Arc<Mutex<Vec<Message>>>);

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// It was taken: the server's answer.
    Taken(String),
    /// It will never be taken: why.
    Refused(String),
    /// This message cannot be taken now: why.
    Later(String),
    /// None can be sent now: the server cannot be reached, or wants nothing from us. Why.
    Down(String),
}

/// Says whether this is one mail address.
pub fn is_address(text: &str) -> bool {
    text.parse::<lettre::Address>().is_ok()
}

impl Transport {
    /// Sends a message. The same message may be sent again: its Message-ID tells.
    pub async fn send(&self, message: &Message) -> Delivery {
        match self {
            Transport::Smtp(smtp) => smtp.send(message).await,
            Transport::File(directory) => {
                let (directory, message) = (directory.clone(), message.clone());
                let written = tokio::task::spawn_blocking(move || files::write(&directory, &message)).await;
                written.unwrap_or_else(|_| Delivery::Down("the file could not be written".to_owned()))
            }
            Transport::Memory(Memory(kept)) => {
                kept.lock().unwrap_or_else(PoisonError::into_inner).push(message.clone());
                Delivery::Taken("kept".to_owned())
            }
        }
    }
}

impl Delivery {
    /// The word for logs.
    pub fn word(&self) -> &'static str {
        match self {
            Delivery::Taken(_) => "taken",
            Delivery::Refused(_) => "refused",
            Delivery::Later(_) => "later",
            Delivery::Down(_) => "down",
        }
    }
}

impl Memory {
    /// Everything that was sent.
    pub fn sent(&self) -> Vec<Message> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
