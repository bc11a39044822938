//! The accept loop with TLS: what it lets in, and a certificate that is replaced while it runs.

use crate::room::Room;
use outguide::web::{Tls, serve};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls_pki_types::{CertificateDer, ServerName};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// A certificate for localhost and its key, in files; and the certificate.
fn certify(dir: &Path) -> (PathBuf, PathBuf, CertificateDer<'static>) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let (certificate, key) = (dir.join("certificate.pem"), dir.join("key.pem"));
    std::fs::write(&certificate, cert.pem()).unwrap();
    std::fs::write(&key, signing_key.serialize_pem()).unwrap();
    (certificate, key, cert.der().clone())
}

async fn serve_by_tls(room: &Room, tls: &Arc<Tls>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let limits = room.app.limits.clone();
    tokio::spawn(serve(
        listener,
        room.router(),
        limits,
        Some(Arc::clone(tls)),
        Arc::clone(&room.app.door),
        room.app.stop.clone(),
    ));
    address
}

/// Asks by TLS, believing this certificate only; nothing if no connection comes about.
async fn ask(address: SocketAddr, believed: &CertificateDer<'static>) -> Option<String> {
    let mut roots = RootCertStore::empty();
    roots.add(believed.clone()).unwrap();
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.ok()?;
    stream.write_all(b"GET /livez HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    Some(answer)
}

#[tokio::test]
async fn pages_are_served_by_tls_and_nothing_is_served_without() {
    let room = Room::new().await;
    let (certificate, key, believed) = certify(room.dir.path());
    let tls = Arc::new(Tls::load(&certificate, &key).unwrap());
    let address = serve_by_tls(&room, &tls).await;
    let answer = ask(address, &believed).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("alive\n"), "{answer}");
    assert!(answer.contains("strict-transport-security: max-age=31536000"), "{answer}");
    let mut plain = TcpStream::connect(address).await.unwrap();
    plain.write_all(b"GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    let mut said = Vec::new();
    // A reset is as good as an alert.
    drop(plain.read_to_end(&mut said).await);
    assert!(!String::from_utf8_lossy(&said).contains("alive"));
    // Whoever says nothing is let go as without TLS.
    let mut silent = TcpStream::connect(address).await.unwrap();
    let ended =
        tokio::time::timeout(room.app.limits.header_timeout * 10, silent.read_to_end(&mut said)).await;
    assert!(ended.is_ok(), "a silent connection stays open");
}

#[tokio::test]
async fn a_new_certificate_is_in_force_at_once_and_a_bad_one_never() {
    let room = Room::new().await;
    let (certificate, key, before) = certify(room.dir.path());
    let tls = Arc::new(Tls::load(&certificate, &key).unwrap());
    let address = serve_by_tls(&room, &tls).await;
    let other = tempfile::tempdir().unwrap();
    let (fresh_certificate, fresh_key, after) = certify(other.path());
    // The key of another certificate, a file that is none, a file that is not there.
    std::fs::write(room.dir.path().join("empty.pem"), "no certificate").unwrap();
    for (bad, with) in [
        (fresh_certificate.clone(), key.clone()),
        (room.dir.path().join("empty.pem"), key.clone()),
        (room.dir.path().join("gone.pem"), key),
    ] {
        let error = tls.reload(&bad, &with).unwrap_err().to_string();
        assert!(error.contains(".pem"), "{error}");
        assert!(ask(address, &before).await.is_some());
    }
    tls.reload(&fresh_certificate, &fresh_key).unwrap();
    assert!(ask(address, &after).await.is_some());
    assert!(ask(address, &before).await.is_none());
}
