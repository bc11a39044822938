//! One conversation with a mail server: whose fault a refusal is decides what comes next, so the commands are given one
//! by one. A refusal of the recipient or the message ends a notice; everything before that is the server's trouble, and
//! ours, and no notice's.

use super::message::Unsendable;
use super::{Delivery, Message};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;
use std::path::PathBuf;
use std::time::Duration;

/// How long a server may take for one answer.
const PATIENCE: Duration = Duration::from_secs(60);
/// Most characters of what a server says that are kept.
const TOLD_MAX: usize = 200;

/// How a connection is kept private.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// Begins in the open, and is refused if the server does not offer STARTTLS.
    StartTls,
    /// TLS from the first byte.
    Implicit,
    /// In the open, without a password: for a server on this machine.
    None,
}

/// A mail server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Smtp {
    /// Its name, as in its certificate.
    pub server: String,
    /// Its port.
    pub port: u16,
    /// How the connection is kept private.
    pub security: Security,
    /// Certificates (PEM) that are trusted beside those of the system.
    pub ca_file: Option<PathBuf>,
    /// Name and file of the password.
    pub login: Option<(String, PathBuf)>,
}

/// Why a conversation ended.
enum Failed {
    Down(String),
    Refused(String),
    Later(String),
}

impl Smtp {
    /// Sends a message over a connection of its own.
    pub(super) async fn send(&self, message: &Message) -> Delivery {
        match self.converse(message).await {
            Ok(told) => Delivery::Taken(told),
            Err(Failed::Refused(why)) => Delivery::Refused(why),
            Err(Failed::Later(why)) => Delivery::Later(why),
            Err(Failed::Down(why)) => Delivery::Down(why),
        }
    }

    async fn converse(&self, message: &Message) -> Result<String, Failed> {
        let (envelope, bytes) = message.wire().map_err(|error| match error {
            Unsendable::Recipient(why) => Failed::Refused(why),
            Unsendable::Ours(why) => Failed::Down(why),
        })?;
        let mut conn = self.connect().await?;
        let down = |doing: &str| {
            let doing = doing.to_owned();
            move |error: Error| Failed::Down(format!("{doing}: {}", told(&error)))
        };
        let mail = Mail::new(envelope.from().cloned(), Vec::new());
        conn.command(mail).await.map_err(down("the server refuses the sender"))?;
        for to in envelope.to() {
            conn.command(Rcpt::new(to.clone(), Vec::new())).await.map_err(of_message)?;
        }
        conn.command(Data).await.map_err(of_message)?;
        let answer = conn.message(&bytes).await.map_err(of_message)?;
        // It is taken: whether the server hears our goodbye does not matter.
        drop(conn.quit().await);
        Ok(words(&answer))
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Failed> {
        let failed =
            |error: Error| Failed::Down(format!("no connection to {}: {}", self.server, told(&error)));
        let hello = ClientId::default();
        let tls = match self.security {
            Security::None => None,
            Security::StartTls | Security::Implicit => Some(self.tls()?),
        };
        let implicit = tls.clone().filter(|_| self.security == Security::Implicit);
        let connecting = AsyncSmtpConnection::connect_tokio1(
            (self.server.as_str(), self.port),
            Some(PATIENCE),
            &hello,
            implicit,
            None,
        );
        let mut conn = connecting.await.map_err(failed)?;
        if let Some(tls) = tls.filter(|_| self.security == Security::StartTls) {
            if !conn.can_starttls() {
                let why = format!("{} offers no STARTTLS; is `tls` right, and the port?", self.server);
                return Err(Failed::Down(why));
            }
            conn.starttls(tls, &hello).await.map_err(failed)?;
        }
        if let Some((user, file)) = &self.login {
            let password = crate::secret::from_file("password", file).map_err(Failed::Down)?;
            let login = Credentials::new(user.clone(), password);
            conn.auth(&[Mechanism::Plain, Mechanism::Login], &login)
                .await
                .map_err(|error| Failed::Down(format!("the sign-in was refused: {}", told(&error))))?;
        }
        Ok(conn)
    }

    fn tls(&self) -> Result<TlsParameters, Failed> {
        let failed = |error: Error| Failed::Down(format!("TLS cannot be set up: {}", told(&error)));
        let mut tls = TlsParameters::builder(self.server.clone());
        if let Some(file) = &self.ca_file {
            let pem = std::fs::read(file).map_err(|error| {
                Failed::Down(format!("the certificates in {} cannot be read: {error}", file.display()))
            })?;
            tls = tls.add_root_certificate(Certificate::from_pem(&pem).map_err(failed)?);
        }
        tls.build().map_err(failed)
    }
}

/// What a failure about this one message means. A connection that breaks leaves open whether the message was taken.
fn of_message(error: Error) -> Failed {
    let why = told(&error);
    match error.status().map(u16::from) {
        Some(421) | None => Failed::Down(why),
        Some(code) if code >= 500 => Failed::Refused(why),
        Some(_) => Failed::Later(why),
    }
}

/// An error with its causes.
fn told(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    cut(&text)
}

fn words(answer: &Response) -> String {
    cut(&format!("{} {}", answer.code(), answer.message().collect::<Vec<_>>().join(" ")))
}

fn cut(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(TOLD_MAX).collect()
}
