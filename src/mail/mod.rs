//! Mail leaves here: over SMTP, into files at sites without mail, or to a server of a made-up world. One message at a time.
//!
//! Invariant: no address, subject or body goes to the log; what a server says is kept with the notice and shown on its
//! page only.

mod files;
mod message;
mod smtp;
pub mod templates;

pub use message::{Message, Sender};
pub use smtp::{Security, Smtp};

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// How mail leaves.
#[derive(Debug, Clone)]
pub enum Transport {
    /// To a mail server.
    Smtp(Box<Smtp>),
    /// Into files of a directory, for a program of the site.
    File(PathBuf),
    /// To a server of a made-up world.
    Played(Played),
}

/// A mail server of a made-up world, which simulations play.
#[derive(Clone)]
pub struct Played(Arc<Answers>);

type Answers = dyn Fn(&Message) -> Option<Delivery> + Send + Sync;

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
            Transport::Played(Played(answer)) => match answer(message) {
                Some(delivery) => delivery,
                None => std::future::pending().await,
            },
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

impl Played {
    /// A server that answers so; `None`: never.
    pub fn new(answer: impl Fn(&Message) -> Option<Delivery> + Send + Sync + 'static) -> Played {
        Played(Arc::new(answer))
    }
}

impl fmt::Debug for Played {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Played")
    }
}
