//! Encryption of backups in the age format (<https://age-encryption.org/v1>), for X25519 recipients.
//!
//! Whoever makes backups knows public keys only. To prove what was written, it is sealed for one more key that is drawn for
//! this one backup, kept in memory, and forgotten once the file has been read back.

use age::x25519::{Identity, Recipient};
use std::fmt;
use std::io::{Read, Write};
use std::path::Path;

/// What every sealed file begins with.
const MAGIC: &[u8] = b"age-encryption.org/";

/// For whom a backup is sealed.
#[derive(Clone, Default)]
pub struct Recipients(Vec<Recipient>);

/// The keys that open a sealed backup.
pub struct Identities(Vec<Identity>);

/// A sealed backup could not be opened, or a key not be read.
#[derive(Debug, thiserror::Error)]
pub enum NotOpened {
    /// A key file could not be read.
    #[error("cannot read the identity file {file}")]
    Unreadable {
        /// The file.
        file: String,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// A key file has no key.
    #[error(
        "{file} holds no identity; one is a line that begins with AGE-SECRET-KEY-1, as `age-keygen` writes it"
    )]
    NoIdentity {
        /// The file.
        file: String,
    },
    /// None of the keys fits, or the file is damaged.
    #[error("the backup cannot be decrypted ({0}); give the identity that belongs to one of its recipients")]
    Age(String),
}

impl fmt::Debug for Recipients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(ToString::to_string)).finish()
    }
}

impl Recipients {
    /// Adds one, as it is written: `age1…`. False if it is none.
    pub fn add(&mut self, written: &str) -> bool {
        match written.trim().parse() {
            Ok(recipient) => {
                self.0.push(recipient);
                true
            }
            Err(_) => false,
        }
    }

    /// Whether there are none, and nothing is encrypted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// These and a key drawn now, to read back what was sealed.
    pub(super) fn with_proof(&self) -> (Recipients, Identities) {
        let proof = Identity::generate();
        let mut recipients = self.clone();
        recipients.0.push(proof.to_public());
        (recipients, Identities(vec![proof]))
    }
}

impl Identities {
    /// No key at all.
    pub(super) fn none() -> Identities {
        Identities(Vec::new())
    }

    /// Reads a key file as `age-keygen` writes it.
    ///
    /// # Errors
    /// It cannot be read, or holds no key.
    pub fn read(file: &Path) -> Result<Identities, NotOpened> {
        let name = file.display().to_string();
        let text = std::fs::read_to_string(file)
            .map_err(|cause| NotOpened::Unreadable { file: name.clone(), cause })?;
        let keys: Vec<Identity> = text.lines().filter_map(|line| line.trim().parse().ok()).collect();
        if keys.is_empty() { Err(NotOpened::NoIdentity { file: name }) } else { Ok(Identities(keys)) }
    }
}

/// Whether a file is sealed.
pub fn is_sealed(file: &Path) -> bool {
    let mut begin = [0; MAGIC.len()];
    std::fs::File::open(file).and_then(|mut file| file.read_exact(&mut begin)).is_ok() && begin == MAGIC
}

/// Seals all of `from` into `to`.
pub(super) fn seal(recipients: &Recipients, mut from: impl Read, to: impl Write) -> std::io::Result<()> {
    let all = recipients.0.iter().map(|recipient| recipient as &dyn age::Recipient);
    let sealing = age::Encryptor::with_recipients(all).map_err(std::io::Error::other)?;
    let mut to = sealing.wrap_output(to)?;
    std::io::copy(&mut from, &mut to)?;
    to.finish()?.flush()
}

/// Opens a sealed file.
pub(super) fn unseal<R: Read>(identities: &Identities, from: R) -> Result<impl Read + use<R>, NotOpened> {
    let keys = identities.0.iter().map(|identity| identity as &dyn age::Identity);
    let failed = |error: age::DecryptError| NotOpened::Age(error.to_string());
    age::Decryptor::new(from).map_err(failed)?.decrypt(keys).map_err(failed)
}
