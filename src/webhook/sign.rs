//! Signatures by Standard Webhooks 1.0.0 (<https://www.standardwebhooks.com>): HMAC-SHA256 over id, time and body.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::ops::RangeInclusive;

/// What a secret begins with.
const MARK: &str = "whsec_";
/// Bytes of a secret, by the specification.
const BYTES: RangeInclusive<usize> = 24..=64;

/// What signs.
pub(super) struct Key(Hmac<Sha256>);

impl Key {
    /// Reads `whsec_` and 24 to 64 bytes in base64.
    pub(super) fn parse(text: &str) -> Option<Key> {
        let bytes = STANDARD.decode(text.trim().strip_prefix(MARK)?).ok()?;
        let bytes = Some(bytes).filter(|bytes| BYTES.contains(&bytes.len()))?;
        Hmac::new_from_slice(&bytes).ok().map(Key)
    }

    /// The header `webhook-signature`: the version, and the signature in base64.
    pub(super) fn sign(&self, id: &str, at_s: i64, body: &str) -> String {
        let mut mac = self.0.clone();
        mac.update(format!("{id}.{at_s}.{body}").as_bytes());
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's own libraries.
    #[test]
    fn the_published_example_is_signed_alike() {
        let key = Key::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n").unwrap();
        let signature = key.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, "{\"test\": 2432232314}");
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn what_is_no_secret_signs_nothing() {
        let short = format!("whsec_{}", STANDARD.encode([7; 23]));
        let long = format!("whsec_{}", STANDARD.encode([7; 65]));
        let bare = STANDARD.encode([7; 32]);
        for text in ["", "whsec_", "whsec_!!!!", &short, &long, &bare] {
            assert!(Key::parse(text).is_none(), "{text}");
        }
        for length in [24, 64] {
            assert!(Key::parse(&format!("whsec_{}", STANDARD.encode(vec![7; length]))).is_some());
        }
    }
}
