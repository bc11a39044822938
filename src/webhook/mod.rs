//! Notices are posted to a program of the site: signed JSON over HTTP, one request a notice, no redirect followed.
//!
//! Invariant: neither the address's path nor the body goes to the log, and nothing that the server says but its status.

mod address;
mod sign;
mod tls;

pub use address::{Address, AddressError};

use crate::mail::Delivery;
use hyper::{Request, Response, StatusCode, header};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use sign::Key;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

/// A program of the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Where it listens.
    pub address: Address,
    /// File of the secret that signs, or the name of a systemd credential.
    pub secret: PathBuf,
    /// Certificates (PEM) that are trusted beside those of the system.
    pub ca_file: Option<PathBuf>,
    /// How long one try may take.
    pub patience: Duration,
}

/// A notice as it is posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// The same at every try.
    pub id: String,
    /// The moment of this try: receivers refuse old ones.
    pub at: Timestamp,
    /// JSON.
    pub body: String,
}

/// Where a posting goes on its way: both ways of a connection.
trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

impl Posting {
    /// The id of a notice: from its number and the moment it was written, so that a number that is given again after a
    /// restore is another one.
    pub fn id_of(number: i64, written: Timestamp) -> String {
        format!("outguide-{number}-{:x}", written.as_microsecond())
    }
}

impl Webhook {
    /// Posts a notice. The same notice may be posted again: its id tells.
    pub async fn send(&self, posting: &Posting) -> Delivery {
        let posted = tokio::time::timeout(self.patience, self.post(posting)).await;
        match posted {
            Ok(Ok(status)) => meaning(status),
            Ok(Err(why)) => Delivery::Down(why),
            Err(_) => Delivery::Down(format!(
                "{} did not answer within {} s; is it there, and is its address allowed in the service's unit?",
                self.address.host(),
                self.patience.as_secs()
            )),
        }
    }

    /// What was answered; what stood in the way before that.
    async fn post(&self, posting: &Posting) -> Result<StatusCode, String> {
        let request = self.request(posting)?;
        let wire = self.connect().await?;
        let (mut sender, driver) = hyper::client::conn::http1::handshake(TokioIo::new(wire))
            .await
            .map_err(|error| format!("the connection cannot be used: {error}"))?;
        let driving = tokio::spawn(driver);
        let answer = sender.send_request(request).await;
        driving.abort();
        let broke = |error| {
            format!("the connection broke before an answer: {error}; it is posted again with the same id")
        };
        answer.map(|answer: Response<_>| answer.status()).map_err(broke)
    }

    fn request(&self, posting: &Posting) -> Result<Request<String>, String> {
        let secret = crate::secret::from_file("secret", &self.secret)?;
        let key = Key::parse(&secret).ok_or_else(|| {
            format!(
                "{} holds no secret; write whsec_ and 24 to 64 random bytes in base64 into it",
                self.secret.display()
            )
        })?;
        let at_s = posting.at.as_second();
        Request::post(self.address.path())
            .header(header::HOST, self.address.authority())
            .header(header::USER_AGENT, concat!("outguide/", env!("CARGO_PKG_VERSION")))
            .header(header::CONTENT_TYPE, "application/json")
            .header("webhook-id", &posting.id)
            .header("webhook-timestamp", at_s)
            .header("webhook-signature", key.sign(&posting.id, at_s, &posting.body))
            .body(posting.body.clone())
            .map_err(|error| format!("no request can be made of it: {error}"))
    }

    async fn connect(&self) -> Result<Box<dyn Wire>, String> {
        let host = self.address.host();
        let failed = |error: std::io::Error| format!("no connection to {host}: {error}");
        let found: Vec<SocketAddr> =
            tokio::net::lookup_host((host, self.address.port())).await.map_err(failed)?.collect();
        if self.address.is_tls() {
            let stream = TcpStream::connect(found.as_slice()).await.map_err(failed)?;
            let encrypted = tls::connect(host, self.ca_file.clone(), stream).await?;
            return Ok(Box::new(encrypted));
        }
        // What a name means may change: in clear it goes to this machine alone.
        let here: Vec<SocketAddr> = found.into_iter().filter(|address| address.ip().is_loopback()).collect();
        if here.is_empty() {
            return Err(format!("{host} is another machine, and nothing crosses the network in clear"));
        }
        Ok(Box::new(TcpStream::connect(here.as_slice()).await.map_err(failed)?))
    }
}

/// What an answer means for the notice.
fn meaning(status: StatusCode) -> Delivery {
    let told = format!("answered {status}");
    match status.as_u16() {
        200..=299 => Delivery::Taken(told),
        300..=399 => {
            Delivery::Down(format!("{told}: redirects are not followed; let `url` be where it leads"))
        }
        // Nothing about this notice is wrong: no other would be taken there either.
        401 | 403..=405 | 407 => {
            Delivery::Down(format!("{told}: see whether `url` is right, and whether Outguide may post there"))
        }
        429 | 502..=504 => Delivery::Down(told),
        408 => Delivery::Later(told),
        400..=499 => Delivery::Refused(told),
        _ => Delivery::Later(told),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_takes_refuses_or_puts_off() {
        for (status, word) in [
            (200, "taken"),
            (204, "taken"),
            (302, "down"),
            (400, "refused"),
            (401, "down"),
            (403, "down"),
            (404, "down"),
            (405, "down"),
            (408, "later"),
            (410, "refused"),
            (422, "refused"),
            (429, "down"),
            (500, "later"),
            (503, "down"),
            (599, "later"),
        ] {
            assert_eq!(meaning(StatusCode::from_u16(status).unwrap()).word(), word, "{status}");
        }
    }
}
