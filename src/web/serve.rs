//! Accepts connections and runs HTTP/1.1 on them, with a limit on everything that a client may hold up.
//!
//! `axum::serve` has no time-out for a request's header; 300 half-sent ones take 300 connections for ever. Here a
//! connection must deliver a header in time, be it the first or the next one (which also ends idle keep-alive), must
//! take its answer in time ([`Prompt`]), and counts against a limit; whoever comes beyond it waits in the backlog. No
//! single address gets all of them ([`Peers`]).

use super::WebLimits;
use super::door::{Door, Peer};
use super::peers::{PeerPlace, Peers};
use super::stall::Prompt;
use super::tls::Tls;
use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::STRICT_TRANSPORT_SECURITY;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinError, JoinSet};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::Service;
use tower_http::set_header::SetResponseHeaderLayer;

/// Buffer of a connection, bytes; a longer header is answered with 431.
const HEADER_BYTES_MAX: usize = 16 * 1024;
/// What a client must take of a waiting answer in `answer_timeout`, bytes, unless that is all there is. Live streams write
/// every 15 s, so a dead one is found out.
const ANSWER_BYTES_MIN: usize = 16 * 1024;
/// Pause before the next attempt when the machine has no room for a connection, so that the loop never spins.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How long requests under way may take to finish when the daemon stops.
const STOP_GRACE: Duration = Duration::from_secs(5);
/// How long a closed connection is still read, so that the client gets its answer and not a reset.
const LINGER: Duration = Duration::from_secs(1);
/// How much is read then, bytes.
const LINGER_BYTES_MAX: u64 = 1024 * 1024;

/// Browsers that were here once by TLS never come without it again, for a year.
const STRICT: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Serves `router` until `stop`; then accepts nothing new, gives requests under way 5 s, and ends.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: WebLimits,
    tls: Option<Arc<Tls>>,
    door: Arc<Door>,
    stop: CancellationToken,
) {
    let router = match tls {
        Some(_) => router.layer(SetResponseHeaderLayer::overriding(STRICT_TRANSPORT_SECURITY, STRICT)),
        None => router,
    };
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.header_timeout).max_buf_size(HEADER_BYTES_MAX);
    let mut connections = JoinSet::new();
    let peers = Peers::new(limits.connections_per_address);
    let mut troubled = false;
    loop {
        let has_room = connections.len() < limits.connections;
        tokio::select! {
            biased;
            () = stop.cancelled() => break,
            Some(ended) = connections.join_next() => note_end(ended),
            (stream, peer) = accept(&listener, &mut troubled), if has_room => {
                let Some(place) = peers.let_in(peer, &door) else { continue };
                // Live events are small and must not wait for more to come; without it they are only later.
                drop(stream.set_nodelay(true));
                let prompt = Prompt::new(stream, limits.answer_timeout, ANSWER_BYTES_MIN);
                let site = Site { router: router.clone(), http: http.clone(), peer, place, stop: stop.clone() };
                match tls.as_ref().map(|tls| tls.acceptor()) {
                    None => connections.spawn(attend(prompt, site)),
                    Some(acceptor) => {
                        connections.spawn(shake_hands(prompt, acceptor, limits.header_timeout, site))
                    }
                };
            }
        }
    }
    drop(listener);
    finish(connections).await;
}

/// The next connection. What is wrong with the machine is logged once, not at every attempt.
async fn accept(listener: &TcpListener, troubled: &mut bool) -> (TcpStream, Peer) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                if std::mem::take(troubled) {
                    tracing::info!("connections are accepted again");
                }
                return (stream, Peer(peer.ip().to_canonical()));
            }
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                if !std::mem::replace(troubled, true) {
                    tracing::error!(%error, "no connection can be accepted; trying on, check the limit of open files");
                }
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// The client went away while it waited; nothing is wrong with the machine.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

/// What a connection is served with.
struct Site {
    router: Router,
    http: http1::Builder,
    peer: Peer,
    place: PeerPlace,
    stop: CancellationToken,
}

/// Begins TLS in time, or ends the connection.
async fn shake_hands(stream: Prompt<TcpStream>, acceptor: TlsAcceptor, limit: Duration, site: Site) {
    let shaken = tokio::select! {
        () = site.stop.cancelled() => return,
        shaken = tokio::time::timeout(limit, acceptor.accept(stream)) => shaken,
    };
    match shaken {
        Ok(Ok(stream)) => attend(stream, site).await,
        Ok(Err(error)) => tracing::debug!(%error, "a connection did not begin TLS"),
        Err(_) => tracing::debug!("a connection did not begin TLS in time"),
    }
}

/// Runs one connection to its end.
async fn attend<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(stream: S, site: Site) {
    let Site { router, http, peer, place, stop } = site;
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(peer);
        Box::pin(router.clone().call(request))
    });
    let mut connection = http.serve_connection(TokioIo::new(stream), service);
    let mut is_stopping = false;
    let ended = loop {
        tokio::select! {
            ended = poll_fn(|context| connection.poll_without_shutdown(context)) => break ended,
            () = stop.cancelled(), if !is_stopping => {
                is_stopping = true;
                std::pin::Pin::new(&mut connection).graceful_shutdown();
            }
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
    linger(connection.into_parts().io.into_inner()).await;
    drop(place);
}

/// Closes without a reset: data that is left unread would make the kernel throw away an answer such as 413.
async fn linger<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S) {
    let closing = async {
        // TLS has something to say at its end, and a client that reads nothing does not take it.
        stream.shutdown().await?;
        tokio::io::copy(&mut stream.take(LINGER_BYTES_MAX), &mut tokio::io::sink()).await
    };
    // Whether it was read out, cut off or reset, the connection is over.
    drop(tokio::time::timeout(LINGER, closing).await);
}

/// Waits for the connections that are left, but not for ever.
async fn finish(mut connections: JoinSet<()>) {
    let ending = async {
        while let Some(ended) = connections.join_next().await {
            note_end(ended);
        }
    };
    if tokio::time::timeout(STOP_GRACE, ending).await.is_err() {
        tracing::warn!(connections = connections.len(), "connections did not end in time and were closed");
        connections.shutdown().await;
    }
}

/// A panic ends its own connection only.
fn note_end(ended: Result<(), JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!("a connection ended by a panic");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_client_that_does_not_take_the_end_keeps_no_connection() {
        let (near, _far) = tokio::io::duplex(4);
        let mut stream = tokio::io::BufStream::new(near);
        stream.write_all(b"more than four").await.unwrap();
        assert!(tokio::time::timeout(Duration::from_secs(20), linger(stream)).await.is_ok());
    }
}
