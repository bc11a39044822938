//! Label printers: a job is handed over once, and whoever asked is told what became of it.
//!
//! Nothing is queued here and nothing is tried again: labels that come out twice, or after everybody has gone, are worse
//! than none. One job at a time for each printer. A printer that answers is asked before the job, so that one without
//! labels gets no job, and after it, so that "printed" is what the printer says and not what the network swallowed.

use crate::paper::{ANSWER_BYTES_MAX, ASK, Grid, LabelSize, Status};
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout, timeout_at};

/// The port of raw printing, which makers agree on.
pub const RAW_PORT: u16 = 9100;
/// CUPS' own program.
pub const LP: &str = "/usr/bin/lp";
/// Files of one directory are numbered; beyond this somebody has to empty it.
const FILES_MAX: u32 = 100_000;

/// How long a printer may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// To accept a connection.
    pub connect: Duration,
    /// To answer and to take a whole job, both together.
    pub take: Duration,
}

impl Default for Patience {
    /// 3 s and 5 s: a clerk is waiting.
    fn default() -> Patience {
        Patience { connect: Duration::from_secs(3), take: Duration::from_secs(5) }
    }
}

/// A label printer as the configuration describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printer {
    /// Its key in forms.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// How it is reached.
    pub way: Way,
    /// Its dots.
    pub grid: Grid,
    /// The labels in it.
    pub label: LabelSize,
}

/// How a printer is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// ZPL over TCP.
    ZplTcp {
        /// Host and port.
        address: String,
        /// It answers when it is asked for its status.
        answers: bool,
    },
    /// A queue of CUPS, as it comes.
    Lp {
        /// The program, `/usr/bin/lp`.
        program: PathBuf,
        /// The queue's name.
        queue: String,
    },
    /// Files in a directory, for programs that print them.
    File {
        /// The directory.
        directory: PathBuf,
    },
}

/// What became of a job that was not refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Printed {
    /// The printer said that it has read all of it and is ready.
    Confirmed,
    /// It was sent, and the printer is one that does not answer.
    Sent,
    /// The queue of CUPS has it.
    Queued,
    /// It is in a file.
    Filed,
}

/// Why a job was not printed. Each says what to do next.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrintError {
    /// It left the configuration.
    #[error("this printer is not in the configuration any more; choose another")]
    NoSuchPrinter,
    /// One job at a time.
    #[error("{0} is printing for somebody else; wait a moment, then print again")]
    Busy(String),
    /// Nobody accepts a connection.
    #[error("{printer} cannot be reached ({why}); is it off, or its cable out? Switch it on and print again")]
    Off {
        /// Its title.
        printer: String,
        /// Why.
        why: String,
    },
    /// It accepted the connection and then took or said nothing. Nothing of the job was sent.
    #[error(
        "{0} does not answer; is it one that cannot (answers = false), or is it stuck? Switch it off and on and print again"
    )]
    Silent(String),
    /// It says that it cannot print. Nothing of the job was sent.
    #[error("{printer} cannot print: {}; then print again", status.sentence())]
    NotReady {
        /// Its title.
        printer: String,
        /// What it said.
        status: Status,
    },
    /// It stopped in the middle.
    #[error(
        "{printer} stopped in the middle ({why}); look which labels came out, and print only the others again"
    )]
    Broken {
        /// Its title.
        printer: String,
        /// Why.
        why: String,
    },
    /// The queue or the directory refused it.
    #[error("{printer} did not take it ({why}); tell the administrator")]
    Refused {
        /// Its title.
        printer: String,
        /// Why.
        why: String,
    },
}

/// The printers of the configuration. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Printers(Arc<[Arc<Slot>]>);

#[derive(Debug)]
struct Slot {
    printer: Printer,
    patience: Patience,
    busy: Mutex<()>,
}

impl Printers {
    /// These printers, each given that long.
    pub fn new(printers: Vec<Printer>, patience: Patience) -> Printers {
        let slot = |printer| Arc::new(Slot { printer, patience, busy: Mutex::new(()) });
        Printers(printers.into_iter().map(slot).collect())
    }

    /// All of them, in the order of the configuration.
    pub fn list(&self) -> impl Iterator<Item = &Printer> {
        self.0.iter().map(|slot| &slot.printer)
    }

    /// The printer of this name.
    pub fn named(&self, name: &str) -> Option<&Printer> {
        self.list().find(|printer| printer.name == name)
    }

    /// Hands a job to a printer, in a task of its own: a browser that goes away does not cut a label in half.
    ///
    /// # Errors
    /// Why it was not printed, and what to do.
    pub async fn print(&self, name: &str, job: String) -> Result<Printed, PrintError> {
        let slot = self.0.iter().find(|slot| slot.printer.name == name).ok_or(PrintError::NoSuchPrinter)?;
        let slot = Arc::clone(slot);
        let title = slot.printer.title.clone();
        let task = tokio::spawn(async move {
            let _one = slot.busy.try_lock().map_err(|_| PrintError::Busy(slot.printer.title.clone()))?;
            slot.printer.take(job.as_bytes(), slot.patience).await
        });
        let done = task.await.unwrap_or_else(|_| {
            Err(PrintError::Broken { printer: title, why: "the program failed".to_owned() })
        });
        if let Err(error) = &done {
            tracing::warn!(printer = name, %error, "labels were not printed");
        }
        done
    }
}

impl Printer {
    async fn take(&self, job: &[u8], patience: Patience) -> Result<Printed, PrintError> {
        match &self.way {
            Way::ZplTcp { address, answers } => self.send(address, *answers, job, patience).await,
            Way::Lp { program, queue } => self.queue(program, queue, job, patience.take).await,
            Way::File { directory } => self.file(directory.clone(), job.to_vec()).await,
        }
    }

    async fn send(
        &self,
        address: &str,
        answers: bool,
        job: &[u8],
        patience: Patience,
    ) -> Result<Printed, PrintError> {
        let printer = || self.title.clone();
        let off = |why: String| PrintError::Off { printer: printer(), why };
        let connected = timeout(patience.connect, TcpStream::connect(address)).await;
        let mut stream = match connected {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return Err(off(plain(&error))),
            Err(_) => return Err(off(format!("no answer in {:?}", patience.connect))),
        };
        let deadline = Instant::now() + patience.take;
        if answers {
            self.ask(&mut stream, deadline).await?;
        }
        let broken = |why: String| PrintError::Broken { printer: printer(), why };
        let sent = timeout_at(deadline, async {
            stream.write_all(job).await?;
            if answers {
                stream.write_all(ASK).await?;
                status(&mut stream).await?;
            }
            stream.shutdown().await
        });
        match sent.await {
            Ok(Ok(())) if answers => Ok(Printed::Confirmed),
            Ok(Ok(())) => Ok(Printed::Sent),
            Ok(Err(error)) => Err(broken(plain(&error))),
            Err(_) => Err(broken(format!("nothing more in {:?}", patience.take))),
        }
    }

    /// Asks the printer how it fares, before it has anything of the job.
    async fn ask(&self, stream: &mut TcpStream, deadline: Instant) -> Result<(), PrintError> {
        let asked = timeout_at(deadline, async {
            stream.write_all(ASK).await?;
            status(stream).await
        });
        match asked.await {
            Ok(Ok(Status::Ready)) => Ok(()),
            Ok(Ok(status)) => Err(PrintError::NotReady { printer: self.title.clone(), status }),
            Ok(Err(_)) | Err(_) => Err(PrintError::Silent(self.title.clone())),
        }
    }

    async fn queue(
        &self,
        program: &Path,
        queue: &str,
        job: &[u8],
        patience: Duration,
    ) -> Result<Printed, PrintError> {
        let refused = |why: String| PrintError::Refused { printer: self.title.clone(), why };
        let spawned = tokio::process::Command::new(program)
            .args(["-d", queue, "-o", "raw", "-t", "Outguide labels"])
            .env("LC_ALL", "C")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn();
        let mut child =
            spawned.map_err(|error| refused(format!("{}: {}", program.display(), plain(&error))))?;
        let done = timeout(patience, async {
            if let Some(mut input) = child.stdin.take() {
                // A program that refuses the job may not read it: its exit status says why.
                drop(input.write_all(job).await);
                drop(input.shutdown().await);
            }
            child.wait_with_output().await
        });
        match done.await {
            Ok(Ok(output)) if output.status.success() => Ok(Printed::Queued),
            Ok(Ok(output)) => {
                let said = String::from_utf8_lossy(&output.stderr);
                Err(refused(said.lines().next().unwrap_or("lp failed and says nothing").trim().to_owned()))
            }
            Ok(Err(error)) => Err(refused(plain(&error))),
            Err(_) => Err(refused(format!("lp took longer than {patience:?}"))),
        }
    }

    async fn file(&self, directory: PathBuf, job: Vec<u8>) -> Result<Printed, PrintError> {
        let part = format!(".labels-{}-{}.part", self.name, std::process::id());
        let written = tokio::task::spawn_blocking(move || write_whole(&directory, &part, &job)).await;
        let why = match written {
            Ok(Ok(())) => return Ok(Printed::Filed),
            Ok(Err(error)) => plain(&error),
            Err(_) => "the program failed".to_owned(),
        };
        Err(PrintError::Refused { printer: self.title.clone(), why })
    }
}

/// Reads a printer's answer to its end.
async fn status(stream: &mut TcpStream) -> std::io::Result<Status> {
    let mut answer = Vec::new();
    while answer.len() < ANSWER_BYTES_MAX {
        if stream.read_buf(&mut answer).await? == 0 {
            return Err(Error::new(ErrorKind::UnexpectedEof, "it hung up"));
        }
        if let Some(status) = Status::read(&answer) {
            return Ok(status);
        }
    }
    Err(Error::new(ErrorKind::InvalidData, "its answer is no printer's"))
}

/// Puts a job into the first free file of a directory, whole or not at all.
fn write_whole(directory: &Path, part: &str, job: &[u8]) -> std::io::Result<()> {
    let part = directory.join(part);
    let written =
        std::fs::write(&part, job).and_then(|()| std::fs::File::open(&part)?.sync_all()).and_then(|()| {
            for number in 1..=FILES_MAX {
                // A link is never made over another file.
                match std::fs::hard_link(&part, directory.join(format!("labels-{number:06}.zpl"))) {
                    Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                    done => return done,
                }
            }
            Err(Error::other("the directory is full of labels that nobody took"))
        });
    drop(std::fs::remove_file(&part));
    written
}

/// An error in words for a clerk: the first part of what the system says, without its number.
fn plain(error: &Error) -> String {
    let text = match error.kind() {
        ErrorKind::ConnectionRefused => "it refuses the connection".to_owned(),
        ErrorKind::NotFound => "there is no such file or directory".to_owned(),
        ErrorKind::PermissionDenied => "the service may not".to_owned(),
        _ => error.to_string(),
    };
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests;
