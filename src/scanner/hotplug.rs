//! Tells that something was plugged in or out, so that a scanner is up a moment after its plug.
//!
//! A hint only: who waits for a device also tries by itself, four times a second, so that containers without device
//! events and lost events cost a quarter of a second and nothing else. Only `/dev` and `/dev/input` are watched:
//! `/dev/serial` goes away with its last link, and a watch on it dies.

use super::kernel::watched;
use rustix::fs::inotify::{self, CreateFlags, WatchFlags};
use std::os::fd::OwnedFd;
use tokio::io::unix::AsyncFd;
use tokio::sync::watch;

/// Hears of plugs; each clone on its own.
#[derive(Debug, Clone)]
pub struct Plugs {
    count: Option<watch::Receiver<u64>>,
}

impl Plugs {
    /// Starts to listen; on a system without device events nothing is ever heard.
    pub fn listen() -> Plugs {
        match watches() {
            Ok(events) => {
                let (sender, receiver) = watch::channel(0);
                drop(tokio::spawn(hear(events, sender)));
                Plugs { count: Some(receiver) }
            }
            Err(error) => {
                tracing::info!(%error, "no device events here: scanners are looked for four times a second");
                Plugs::deaf()
            }
        }
    }

    /// Hears nothing.
    pub fn deaf() -> Plugs {
        Plugs { count: None }
    }

    /// Waits for the next plug; what happened before is forgotten.
    pub async fn next(&mut self) {
        let heard = match &mut self.count {
            Some(count) => {
                count.mark_unchanged();
                count.changed().await.is_ok()
            }
            None => false,
        };
        if !heard {
            self.count = None;
            std::future::pending::<()>().await;
        }
    }
}

fn watches() -> std::io::Result<AsyncFd<OwnedFd>> {
    let events = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
    // ATTRIB: permissions arrive a moment after the node.
    let what = WatchFlags::CREATE | WatchFlags::DELETE | WatchFlags::ATTRIB;
    inotify::add_watch(&events, "/dev", what)?;
    if let Err(error) = inotify::add_watch(&events, "/dev/input", what) {
        tracing::debug!(%error, "/dev/input is not watched");
    }
    watched(events)
}

/// Counts events until nobody listens.
async fn hear(events: AsyncFd<OwnedFd>, sender: watch::Sender<u64>) {
    let mut buffer = [0; 4096];
    loop {
        let readable = tokio::select! {
            () = sender.closed() => return,
            readable = events.readable() => readable,
        };
        let Ok(mut guard) = readable else { return };
        // What happened does not matter, only that something did.
        let read = guard.try_io(|events| Ok(rustix::io::read(events, &mut buffer)?));
        match read {
            Ok(Ok(0) | Err(_)) => return,
            Ok(Ok(_)) => sender.send_modify(|count| *count += 1),
            Err(_) => {}
        }
    }
}
