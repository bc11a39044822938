//! TLS to the site's program: trusted are the authorities of the system, and those of a file.

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Encrypts a connection to `host`.
pub(super) async fn connect(
    host: &str,
    ca_file: Option<PathBuf>,
    stream: TcpStream,
) -> Result<TlsStream<TcpStream>, String> {
    let name = ServerName::try_from(host.to_owned()).map_err(|error| format!("{host}: {error}"))?;
    // Read anew each time: a certificate that was replaced counts from the next try on.
    let reading = tokio::task::spawn_blocking(move || config(ca_file.as_deref()));
    let config = reading.await.unwrap_or_else(|_| Err("TLS cannot be set up".to_owned()))?;
    let connecting = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
    connecting.map_err(|error| format!("no TLS with {host}: {error}"))
}

fn config(ca_file: Option<&Path>) -> Result<ClientConfig, String> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(file) = ca_file {
        let bad = |error: rustls_pki_types::pem::Error| {
            format!("the certificates in {} cannot be read: {error}", file.display())
        };
        for certificate in CertificateDer::pem_file_iter(file).map_err(bad)? {
            let unfit = |error| format!("a certificate in {} cannot be used: {error}", file.display());
            roots.add(certificate.map_err(bad)?).map_err(unfit)?;
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&TLS13, &TLS12])
        .map_err(|error| format!("TLS cannot be set up: {error}"))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}
