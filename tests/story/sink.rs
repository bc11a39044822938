//! A mail server of our own, on a thread: good, down, refusing, putting off, or lying about what it took.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

/// How it behaves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mode {
    /// Takes everything.
    Good,
    /// Hangs up at once.
    Down,
    /// Refuses every recipient for ever.
    Refusing,
    /// Puts every recipient off.
    PuttingOff,
    /// Refuses us before any recipient is named.
    RefusingSender,
    /// Takes a message, and hangs up before its answer.
    Lying,
    /// Stops answering at this step of the conversation (0: greeting … 5: message taken, not answered) and tells so.
    Stuck(usize),
}

/// A message as it was taken.
#[derive(Clone, Debug)]
pub(crate) struct Taken {
    pub(crate) to: String,
    pub(crate) text: String,
}

pub(crate) struct Sink {
    pub(crate) port: u16,
    mode: Arc<Mutex<Mode>>,
    taken: Arc<Mutex<Vec<Taken>>>,
    stuck: Receiver<()>,
}

impl Taken {
    /// What a header says, its continuation lines included.
    pub(crate) fn header(&self, name: &str) -> String {
        let head = self.text.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ");
        let line = head.lines().find(|line| line.starts_with(&format!("{name}: "))).unwrap_or_default();
        line[(name.len() + 2).min(line.len())..].to_owned()
    }

    /// The text without soft line ends.
    pub(crate) fn body(&self) -> String {
        self.text.split_once("\r\n\r\n").unwrap().1.replace("=\r\n", "")
    }
}

impl Sink {
    pub(crate) fn new() -> Sink {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (mode, taken) = (Arc::new(Mutex::new(Mode::Good)), Arc::new(Mutex::new(Vec::new())));
        let (tell, stuck) = channel();
        let (of_thread, into) = (Arc::clone(&mode), Arc::clone(&taken));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (mode, into, tell) = (*of_thread.lock().unwrap(), Arc::clone(&into), tell.clone());
                std::thread::spawn(move || drop(converse(&stream, mode, &into, &tell)));
            }
        });
        Sink { port, mode, taken, stuck }
    }

    pub(crate) fn set(&self, mode: Mode) {
        *self.mode.lock().unwrap() = mode;
    }

    pub(crate) fn taken(&self) -> Vec<Taken> {
        self.taken.lock().unwrap().clone()
    }

    /// Waits until a conversation got stuck.
    pub(crate) fn wait_stuck(&self) {
        self.stuck.recv_timeout(std::time::Duration::from_secs(60)).unwrap();
    }
}

fn converse(
    stream: &TcpStream,
    mode: Mode,
    into: &Mutex<Vec<Taken>>,
    tell: &Sender<()>,
) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream);
    let mut out = stream;
    let mut say = |step: usize, words: &str| -> std::io::Result<()> {
        if mode == Mode::Stuck(step) {
            tell.send(()).ok();
            // Until the other side is gone.
            let mut rest = String::new();
            while BufReader::new(stream).read_line(&mut rest)? > 0 {}
            return Err(std::io::ErrorKind::BrokenPipe.into());
        }
        out.write_all(words.as_bytes())
    };
    if mode == Mode::Down {
        return Ok(());
    }
    say(0, "220 sink\r\n")?;
    let mut to = String::new();
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line)? == 0 {
            return Ok(());
        }
        match line.get(..4).unwrap_or_default() {
            "EHLO" => say(1, "250-sink\r\n250 8BITMIME\r\n")?,
            "MAIL" if mode == Mode::RefusingSender => say(2, "550 not from you\r\n")?,
            "MAIL" => say(2, "250 fine\r\n")?,
            "RCPT" if mode == Mode::Refusing => say(3, "550 no such box\r\n")?,
            "RCPT" if mode == Mode::PuttingOff => say(3, "450 box is full\r\n")?,
            "RCPT" => {
                to = line.trim()[9..line.trim().len() - 1].to_owned();
                say(3, "250 fine\r\n")?;
            }
            "DATA" => {
                say(4, "354 go on\r\n")?;
                let mut text = String::new();
                while !text.ends_with("\r\n.\r\n") {
                    if lines.read_line(&mut text)? == 0 {
                        return Ok(());
                    }
                }
                into.lock().unwrap().push(Taken { to: to.clone(), text });
                if mode == Mode::Lying {
                    return Ok(());
                }
                say(5, "250 taken as 1\r\n")?;
            }
            _ => return say(9, "221 bye\r\n"),
        }
    }
}
