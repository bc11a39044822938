//! The daemon's own socket, for the administrator's commands on the same machine: how the scanners fare, and listening
//! in to one. What is heard may name charts, so only root and the daemon's own user may ask.
//!
//! One question per connection, as a line of JSON; answers are lines of JSON until one side closes.

use super::accounts::{self, AccountQuestion};
use crate::decode::decoded;
use crate::intake::Intake;
use crate::scanner::frame::FrameEvent;
use crate::scanner::{Gauge, Tapped};
use crate::web::App;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::broadcast::error::RecvError;

/// Longest question, in bytes.
const QUESTION_MAX: u64 = 4096;
/// How long a question may take to arrive, and an answer to be taken.
const PATIENCE: Duration = Duration::from_secs(5);

/// What can be asked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case")]
pub enum Question {
    /// The state of every source: one answer each.
    Scanners,
    /// Everything that a source hears from now on.
    Watch {
        /// Its name.
        source: String,
    },
    /// Something about accounts: one answer.
    Account(AccountQuestion),
}

/// The gauges in force; replaced when the configuration changes.
pub(super) type Gauges = Arc<RwLock<Vec<Arc<Gauge>>>>;

/// Where the socket of the daemon is that has its data in `data_dir`.
pub fn socket(data_dir: &Path) -> PathBuf {
    data_dir.join("control.sock")
}

/// Answers questions until `stop`.
pub(super) struct Control {
    pub(super) gauges: Gauges,
    pub(super) app: App,
}

impl Control {
    /// Opens the socket and answers in the background; the directory is held by this daemon alone, so a socket that
    /// lies there is left over.
    pub(super) fn start(self, data_dir: &Path) -> io::Result<()> {
        let path = socket(data_dir);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&path)?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
        // After a power cut a file without a name would stop the start of a machine whose file system has no journal.
        std::fs::File::open(data_dir)?.sync_all()?;
        drop(tokio::spawn(self.accept(listener)));
        Ok(())
    }

    async fn accept(self, listener: UnixListener) {
        let control = Arc::new(self);
        loop {
            let accepted = tokio::select! {
                () = control.app.stop.cancelled() => return,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, _)) => {
                    let control = Arc::clone(&control);
                    drop(tokio::spawn(async move {
                        tokio::select! {
                            () = control.app.stop.cancelled() => {}
                            () = control.serve(stream) => {}
                        }
                    }));
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection to the control socket failed");
                    tokio::time::sleep(PATIENCE).await;
                }
            }
        }
    }

    async fn serve(&self, stream: UnixStream) {
        let own = rustix::process::geteuid().as_raw();
        let uid = stream.peer_cred().ok().map(|peer| peer.uid());
        let allowed = uid.is_some_and(|uid| uid == 0 || uid == own);
        let uid = uid.unwrap_or(own);
        let (reader, mut writer) = stream.into_split();
        if !allowed {
            say(&mut writer, &json!({ "error": "only root and the daemon's own user may ask" })).await;
            return;
        }
        let mut line = String::new();
        let mut reader = BufReader::new(reader.take(QUESTION_MAX));
        if !matches!(tokio::time::timeout(PATIENCE, reader.read_line(&mut line)).await, Ok(Ok(1..))) {
            return;
        }
        match serde_json::from_str(&line) {
            Ok(Question::Scanners) => {
                for gauge in self.gauges() {
                    say(&mut writer, &state(&gauge)).await;
                }
            }
            Ok(Question::Watch { source }) => {
                // Who asks says no more: its end of file is the end of the interest.
                tokio::select! {
                    _ = reader.read_u8() => {}
                    () = self.watch(&source, &mut writer) => {}
                }
            }
            Ok(Question::Account(question)) => {
                say(&mut writer, &accounts::answer(&self.app.store, question, uid).await).await;
            }
            Err(error) => drop(say(&mut writer, &json!({ "error": format!("no question: {error}") })).await),
        }
    }

    fn gauges(&self) -> Vec<Arc<Gauge>> {
        self.gauges.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn watch(&self, source: &str, writer: &mut (impl AsyncWriteExt + Unpin)) {
        let gauges = self.gauges();
        let Some(gauge) = gauges.iter().find(|gauge| gauge.source == source) else {
            let known = gauges.iter().map(|gauge| gauge.source.as_str()).collect::<Vec<_>>().join(", ");
            let why = format!("there is no source `{source}`; known are: {known}");
            say(writer, &json!({ "error": why })).await;
            return;
        };
        let mut tap = gauge.tap();
        say(writer, &state(gauge)).await;
        loop {
            let heard = match tap.recv().await {
                Ok(tapped) => heard(&self.app.intake, &tapped),
                Err(RecvError::Lagged(count)) => json!({ "missed": count }),
                Err(RecvError::Closed) => return,
            };
            if !say(writer, &heard).await {
                return;
            }
        }
    }
}

/// Writes one answer; false if nobody takes it.
async fn say(writer: &mut (impl AsyncWriteExt + Unpin), answer: &Value) -> bool {
    let line = format!("{answer}\n");
    matches!(tokio::time::timeout(PATIENCE, writer.write_all(line.as_bytes())).await, Ok(Ok(())))
}

fn state(gauge: &Gauge) -> Value {
    let health = gauge.read();
    json!({
        "source": gauge.source,
        "station": gauge.station,
        "kind": gauge.kind,
        "device": gauge.device,
        "presence": health.presence.as_str(),
        "why": match &health.presence {
            crate::scanner::Presence::Fault(why) => Some(why),
            _ => None,
        },
        "since": health.since.to_string(),
        "frames": health.frames,
        "rejected": health.rejected,
        "concerns": health.concerns(),
    })
}

/// What was heard, for somebody who listens in.
fn heard(intake: &Intake, tapped: &Tapped) -> Value {
    let formats = &intake.settings().formats;
    told(formats, tapped)
}

/// What was heard, as one object: `bytes`, `frame`, `reply` or `answer`.
pub fn told(formats: &crate::label::Formats, tapped: &Tapped) -> Value {
    match tapped {
        Tapped::Bytes(at, bytes) => json!({ "bytes": hex(bytes), "at_ms": millis(*at) }),
        Tapped::Answer(bytes) => json!({ "answer": hex(bytes) }),
        Tapped::Event(FrameEvent::Reply(bytes)) => json!({ "reply": hex(bytes) }),
        Tapped::Event(event) => json!({ "frame": decoded(formats, event) }),
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
