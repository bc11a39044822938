//! Scanners in the network, and serial device servers: they connect to us, or we to them.
//!
//! Half-open peers are found by keep-alive probes, and an answer that nobody acknowledges ends the connection.

use super::{Heard, Wire};
use crate::scanner::policy::Trouble;
use rustix::net::sockopt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(5);
/// How long one wait for a scanner that connects lasts; then the source shows that it is alive and waits again.
const ACCEPT: Duration = Duration::from_secs(1);
/// Silence after which the peer is probed, how often, and how many probes may be lost.
const PROBE_AFTER: Duration = Duration::from_secs(10);
const PROBE_EVERY: Duration = Duration::from_secs(5);
const PROBES: u32 = 3;
/// How long sent bytes may go without acknowledgement, in milliseconds.
const UNHEARD_MS: u32 = 30_000;

/// A connection.
pub(super) struct Tcp {
    stream: TcpStream,
    peer: SocketAddr,
    /// Where its successor will come in, if the peer connects to us.
    listening: Option<Listening>,
}

/// A port that scanners connect to.
#[derive(Debug, Clone)]
pub(super) struct Listening {
    listener: Arc<TcpListener>,
    allow: Arc<[IpAddr]>,
}

/// Connects to a scanner or device server.
pub(super) async fn connect(address: &str) -> Result<Tcp, Trouble> {
    let connected = match tokio::time::timeout(CONNECT, TcpStream::connect(address)).await {
        Ok(connected) => connected,
        Err(_) => return Err(Trouble::Unreachable("it does not answer".to_owned())),
    };
    let stream = connected.map_err(|error| Trouble::Unreachable(error.to_string()))?;
    let peer = stream.peer_addr().map_err(|error| Trouble::Unreachable(error.to_string()))?;
    watch_over(&stream).map_err(|error| Trouble::Other(error.to_string()))?;
    Ok(Tcp { stream, peer, listening: None })
}

impl Listening {
    /// Takes the port.
    pub(super) async fn bind(address: SocketAddr, allow: Vec<IpAddr>) -> Result<Listening, Trouble> {
        let listener = TcpListener::bind(address).await.map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => Trouble::Busy { holder: None },
            io::ErrorKind::PermissionDenied => Trouble::NotPermitted,
            _ => Trouble::Unfit(error.to_string()),
        })?;
        Ok(Listening { listener: Arc::new(listener), allow: allow.into() })
    }

    /// Waits a moment for a scanner that may connect.
    pub(super) async fn accept(&self) -> Result<Tcp, Trouble> {
        let accepted = std::future::poll_fn(|cx| self.poll_accept(cx));
        let (stream, peer) = tokio::time::timeout(ACCEPT, accepted).await.map_err(|_| Trouble::Absent)?;
        Ok(Tcp { stream, peer, listening: Some(self.clone()) })
    }

    /// The next connection of somebody on the list; others are closed at once.
    fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<(TcpStream, SocketAddr)> {
        loop {
            match self.listener.poll_accept(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Err(error)) => {
                    tracing::debug!(%error, "a connection was gone before it was taken")
                }
                Poll::Ready(Ok((stream, peer))) => {
                    if !self.allow.contains(&peer.ip().to_canonical()) {
                        tracing::warn!(peer = %peer.ip(), "a connection from an address that is not in `allow` was refused");
                    } else if let Err(error) = watch_over(&stream) {
                        tracing::warn!(%error, "a connection could not be watched over and was refused");
                    } else {
                        return Poll::Ready((stream, peer));
                    }
                }
            }
        }
    }
}

impl Wire for Tcp {
    fn poll_hear(&mut self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<Heard> {
        let before = buffer.filled().len();
        let heard = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if heard.is_ready() && buffer.filled().len() > before {
            return Poll::Ready(Heard::Bytes);
        }
        if self.is_replaced(cx) {
            return Poll::Ready(Heard::Replaced);
        }
        heard.map(|_| Heard::HungUp)
    }

    fn poll_tell(&mut self, cx: &mut Context<'_>, answer: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, answer)
    }

    fn close(self: Box<Self>) {}
}

impl Tcp {
    /// Takes a new connection of the same peer in place of this one: a device that lost its connection may connect anew
    /// before we know. Another device has to wait its turn.
    fn is_replaced(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(listening) = &self.listening else { return false };
        while let Poll::Ready((stream, peer)) = listening.poll_accept(cx) {
            if peer.ip() == self.peer.ip() {
                (self.stream, self.peer) = (stream, peer);
                return true;
            }
            tracing::warn!(peer = %peer.ip(), "a second scanner connected to the same port and was refused");
        }
        false
    }
}

fn watch_over(stream: &TcpStream) -> rustix::io::Result<()> {
    sockopt::set_socket_keepalive(stream, true)?;
    sockopt::set_tcp_keepidle(stream, PROBE_AFTER)?;
    sockopt::set_tcp_keepintvl(stream, PROBE_EVERY)?;
    sockopt::set_tcp_keepcnt(stream, PROBES)?;
    sockopt::set_tcp_user_timeout(stream, UNHEARD_MS)?;
    sockopt::set_tcp_nodelay(stream, true)
}
