//! The mail server of the made-up world: it takes, refuses, is down, or says nothing, and remembers what it took.

use outguide::mail::{Delivery, Message, Played};
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

/// The server, and what it took.
#[derive(Clone)]
pub(crate) struct MailServer {
    pub(crate) inner: Arc<Mutex<Inner>>,
    /// Told when the daemon is to die while it waits for an answer.
    pub(crate) killed: Arc<Notify>,
}

pub(crate) struct Inner {
    random: fastrand::Rng,
    /// Nothing goes wrong any more.
    pub(crate) is_well: bool,
    pub(crate) taken: Vec<Message>,
    pub(crate) refused: Vec<String>,
    pub(crate) faults: usize,
}

impl MailServer {
    pub(crate) fn new(seed: u64) -> MailServer {
        let inner = Inner {
            random: fastrand::Rng::with_seed(seed ^ 0x6d61_696c),
            is_well: false,
            taken: Vec::new(),
            refused: Vec::new(),
            faults: 0,
        };
        MailServer { inner: Arc::new(Mutex::new(inner)), killed: Arc::new(Notify::new()) }
    }

    /// The transport that leads to it.
    pub(crate) fn transport(&self) -> Played {
        let server = self.clone();
        Played::new(move |message| server.hear(message))
    }

    fn hear(&self, message: &Message) -> Option<Delivery> {
        let mut inner = self.inner.lock().unwrap();
        let dice = if inner.is_well { 99 } else { inner.random.u8(..20) };
        inner.faults += usize::from(dice < 8);
        match dice {
            // Taken, and the connection drops before the answer.
            0 => {
                inner.taken.push(message.clone());
                Some(Delivery::Down("the connection was closed".to_owned()))
            }
            1 | 2 => Some(Delivery::Down("no route".to_owned())),
            3 | 4 => Some(Delivery::Later("450 greylisted".to_owned())),
            5 => {
                inner.refused.push(message.id.clone());
                Some(Delivery::Refused("550 no such user".to_owned()))
            }
            // The daemon dies before or after the server took it.
            6 | 7 => {
                if dice == 7 {
                    inner.taken.push(message.clone());
                }
                self.killed.notify_one();
                None
            }
            _ => {
                inner.taken.push(message.clone());
                Some(Delivery::Taken("250 queued".to_owned()))
            }
        }
    }
}
