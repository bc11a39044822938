//! TLS 1.2 and 1.3 by rustls, with a certificate that can be replaced while the site is served.

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{self, ServerConfig};

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read, or is no PEM.
    #[error("{} cannot be read as {what}; it must be PEM, and readable by outguide", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What it should be.
        what: &'static str,
        /// Why.
        #[source]
        cause: rustls_pki_types::pem::Error,
    },
    /// Certificate and key do not fit, or neither is of any use.
    #[error("the certificate {} and the key {} cannot be used together", certificate.display(), key.display())]
    Unfit {
        /// The certificate.
        certificate: PathBuf,
        /// The key.
        key: PathBuf,
        /// Why.
        #[source]
        cause: rustls::Error,
    },
}

/// What connections are encrypted with.
#[derive(Debug)]
pub struct Tls(RwLock<Arc<ServerConfig>>);

impl Tls {
    /// Reads certificate and key.
    ///
    /// # Errors
    /// One of them cannot be used; the message names it.
    pub fn load(certificate: &Path, key: &Path) -> Result<Tls, TlsError> {
        Ok(Tls(RwLock::new(Arc::new(read(certificate, key)?))))
    }

    /// Reads them again, for connections from now on; if they are bad, the old ones stay.
    ///
    /// # Errors
    /// One of them cannot be used; the message names it.
    pub fn reload(&self, certificate: &Path, key: &Path) -> Result<(), TlsError> {
        let fresh = Arc::new(read(certificate, key)?);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    pub(super) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

fn read(certificate: &Path, key: &Path) -> Result<ServerConfig, TlsError> {
    let bad = |path: &Path, what| {
        let path = path.to_owned();
        move |cause| TlsError::File { path, what, cause }
    };
    let what = "a certificate";
    let chain = CertificateDer::pem_file_iter(certificate).map_err(bad(certificate, what))?;
    let chain: Vec<_> = chain.collect::<Result<_, _>>().map_err(bad(certificate, what))?;
    let private = PrivateKeyDer::from_pem_file(key).map_err(bad(key, "a private key"))?;
    let unfit = |cause| TlsError::Unfit { certificate: certificate.to_owned(), key: key.to_owned(), cause };
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&TLS13, &TLS12])
        .map_err(unfit)?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(unfit)?;
    // The strongest suites stand first; an old client's taste does not count.
    config.ignore_client_order = true;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
