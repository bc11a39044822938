//! A program of a site that takes notices over HTTP: good, down, refusing, redirecting, silent, or lying about what it
//! took. It checks each signature by itself.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};

/// What is shared with the sender: 32 bytes.
pub(crate) const SECRET: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// How it behaves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mode {
    /// Takes everything.
    Good,
    /// Hangs up at once.
    Down,
    /// Answers with this status.
    Status(u16),
    /// Takes a notice, and hangs up before its answer.
    Lying,
    /// Takes a notice, and never answers.
    Silent,
    /// Stops at this step (0: connected, 1: head read, 2: taken, 3: half of the answer) and tells so.
    Stuck(usize),
}

/// A notice as it was taken.
#[derive(Clone, Debug)]
pub(crate) struct Posted {
    pub(crate) head: String,
    pub(crate) body: String,
}

pub(crate) struct HttpSink {
    pub(crate) port: u16,
    mode: Arc<Mutex<Mode>>,
    taken: Arc<Mutex<Vec<Posted>>>,
    stuck: Receiver<()>,
}

impl Posted {
    pub(crate) fn header(&self, name: &str) -> String {
        let found = self.head.lines().find_map(|line| {
            let (known, value) = line.split_once(": ")?;
            known.eq_ignore_ascii_case(name).then(|| value.to_owned())
        });
        found.unwrap_or_default()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Whether the signature is that of [`SECRET`], as Standard Webhooks has it.
    pub(crate) fn is_signed(&self) -> bool {
        let key = STANDARD.decode(SECRET.strip_prefix("whsec_").unwrap()).unwrap();
        let (id, at) = (self.header("webhook-id"), self.header("webhook-timestamp"));
        let mac = hmac(&key, format!("{id}.{at}.{}", self.body).as_bytes());
        !id.is_empty() && self.header("webhook-signature") == format!("v1,{}", STANDARD.encode(mac))
    }
}

/// RFC 2104, by hand: what is tested is not tested by itself.
fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let pad = |with: u8| -> Vec<u8> { (0..64).map(|at| key.get(at).unwrap_or(&0) ^ with).collect() };
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(text).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().to_vec()
}

impl HttpSink {
    pub(crate) fn new() -> HttpSink {
        HttpSink::serve(None)
    }

    /// One with TLS, whose certificate (for `localhost`) is put into `ca_file`.
    pub(crate) fn new_tls(ca_file: &Path) -> HttpSink {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        std::fs::write(ca_file, made.cert.pem()).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let config = ServerConfig::builder().with_no_client_auth();
        HttpSink::serve(Some(Arc::new(config.with_single_cert(vec![made.cert.der().clone()], key).unwrap())))
    }

    fn serve(tls: Option<Arc<ServerConfig>>) -> HttpSink {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (mode, taken) = (Arc::new(Mutex::new(Mode::Good)), Arc::new(Mutex::new(Vec::new())));
        let (tell, stuck) = channel();
        let (of_thread, into) = (Arc::clone(&mode), Arc::clone(&taken));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (mode, into, tell) = (*of_thread.lock().unwrap(), Arc::clone(&into), tell.clone());
                let tls = tls.clone();
                std::thread::spawn(move || {
                    drop(match tls {
                        None => converse(stream, mode, &into, &tell),
                        Some(tls) => {
                            let tls = ServerConnection::new(tls).unwrap();
                            converse(StreamOwned::<_, TcpStream>::new(tls, stream), mode, &into, &tell)
                        }
                    });
                });
            }
        });
        HttpSink { port, mode, taken, stuck }
    }

    /// The lines of the configuration: where it listens, its secret in a file of the room, and which notices it gets.
    pub(crate) fn lines(&self, scheme: &str, secret_file: &Path, more: &str) -> String {
        std::fs::write(secret_file, format!("{SECRET}\n")).unwrap();
        format!(
            "[webhook]\nurl = \"{scheme}://localhost:{}/hooks/q?token=t0ken\"\nsecret_file = {secret_file:?}\n{more}",
            self.port
        )
    }

    pub(crate) fn set(&self, mode: Mode) {
        *self.mode.lock().unwrap() = mode;
    }

    pub(crate) fn taken(&self) -> Vec<Posted> {
        self.taken.lock().unwrap().clone()
    }

    /// Waits until a conversation got stuck.
    pub(crate) fn wait_stuck(&self) {
        self.stuck.recv_timeout(std::time::Duration::from_secs(60)).unwrap();
    }
}

fn converse(
    stream: impl Read + Write,
    mode: Mode,
    into: &Mutex<Vec<Posted>>,
    tell: &Sender<()>,
) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream);
    if mode == Mode::Down {
        return Ok(());
    }
    if mode == Mode::Stuck(0) {
        return wait(lines, tell);
    }
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if lines.read_line(&mut head)? == 0 {
            return Ok(());
        }
    }
    if mode == Mode::Stuck(1) {
        return wait(lines, tell);
    }
    let posted = Posted { head, body: String::new() };
    let mut body = vec![0; posted.header("content-length").parse().unwrap()];
    lines.read_exact(&mut body)?;
    into.lock().unwrap().push(Posted { body: String::from_utf8(body).unwrap(), ..posted });
    let status = match mode {
        Mode::Lying => return Ok(()),
        Mode::Silent | Mode::Stuck(2) => return wait(lines, tell),
        Mode::Stuck(_) => {
            lines.get_mut().write_all(b"HTTP/1.1 20")?;
            return wait(lines, tell);
        }
        Mode::Status(status) => status,
        Mode::Good | Mode::Down => 204,
    };
    // A redirect leads to the same server: who follows it comes again.
    let answer = format!("HTTP/1.1 {status} x\r\nlocation: /hooks/q\r\ncontent-length: 0\r\n\r\n");
    lines.get_mut().write_all(answer.as_bytes())?;
    lines.get_mut().flush()
}

/// Until the other side is gone.
fn wait(mut lines: BufReader<impl Read>, tell: &Sender<()>) -> std::io::Result<()> {
    tell.send(()).ok();
    let mut rest = String::new();
    while lines.read_line(&mut rest)? > 0 {}
    Ok(())
}
