//! A mail server of our own that speaks STARTTLS or TLS from the first byte, and wants a password.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};

/// What every connection said, a line each: `clear: …` or `tls: …`.
pub(crate) struct TlsSink {
    pub(crate) port: u16,
    said: Arc<Mutex<Vec<String>>>,
}

impl TlsSink {
    /// A server whose certificate is put into `ca_file`, and that lets in whoever gives `auth` (base64 of PLAIN).
    pub(crate) fn new(ca_file: &Path, auth: &str, implicit: bool) -> TlsSink {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        std::fs::write(ca_file, made.cert.pem()).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let said = Arc::new(Mutex::new(Vec::new()));
        let (into, auth) = (Arc::clone(&said), auth.to_owned());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                drop(serve(stream, &config, &auth, implicit, &into));
            }
        });
        TlsSink { port, said }
    }

    pub(crate) fn said(&self) -> Vec<String> {
        self.said.lock().unwrap().clone()
    }

    /// How many messages were taken.
    pub(crate) fn taken(&self) -> usize {
        self.said().iter().filter(|line| *line == "tls: .").count()
    }
}

fn serve(
    mut stream: TcpStream,
    config: &Arc<ServerConfig>,
    auth: &str,
    implicit: bool,
    said: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    if !implicit {
        stream.write_all(b"220 sink\r\n")?;
        converse(&mut stream, "clear", "250-sink\r\n250 STARTTLS\r\n", auth, said)?;
    }
    let mut tls = StreamOwned::new(ServerConnection::new(Arc::clone(config)).unwrap(), stream);
    if implicit {
        tls.write_all(b"220 sink\r\n")?;
    }
    converse(&mut tls, "tls", "250-sink\r\n250 AUTH PLAIN LOGIN\r\n", auth, said)
}

/// Until STARTTLS, or the end.
fn converse(
    stream: &mut (impl Read + Write),
    how: &str,
    hello: &str,
    auth: &str,
    said: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut is_in = false;
    loop {
        let line = line(stream)?;
        said.lock().unwrap().push(format!("{how}: {line}"));
        let answer = match line.split_whitespace().next().unwrap_or_default() {
            "EHLO" => hello,
            "STARTTLS" => return stream.write_all(b"220 go\r\n"),
            "AUTH" if line == format!("AUTH PLAIN {auth}") => {
                is_in = true;
                "235 welcome\r\n"
            }
            "AUTH" => "535 wrong\r\n",
            "MAIL" if !is_in => "530 who are you\r\n",
            "DATA" => {
                stream.write_all(b"354 go on\r\n")?;
                while self::line(stream)? != "." {}
                said.lock().unwrap().push(format!("{how}: ."));
                "250 taken\r\n"
            }
            "QUIT" => return stream.write_all(b"221 bye\r\n"),
            _ => "250 fine\r\n",
        };
        stream.write_all(answer.as_bytes())?;
    }
}

/// A line, read byte by byte: nothing after STARTTLS is taken away from TLS.
fn line(stream: &mut impl Read) -> std::io::Result<String> {
    let mut line = Vec::new();
    let mut byte = [0];
    while !line.ends_with(b"\r\n") {
        if stream.read(&mut byte)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        line.push(byte[0]);
    }
    Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
}
