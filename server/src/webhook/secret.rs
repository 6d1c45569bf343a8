//! The secrets that messages are signed with: read once, wiped when dropped, and shown to nobody.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::payout::KeySource;

/// What a secret's text begins with.
const PREFIX: &str = "whsec_";
/// The fewest bytes of a secret, and the most, by the specification.
const SECRET_BYTES: (usize, usize) = (24, 64);
/// How many secrets there may be: the one in use, and while it is changed, the former one.
const SECRETS_MAX: usize = 2;
/// What is expected of a secret's text.
const EXPECTED: &str = "one secret, or two while it is changed, each as whsec_ and 24 to 64 bytes in base64";

/// One or two secrets. A message has a signature by each of them, so that the receiver may know either.
pub(crate) struct Secrets(Vec<Zeroizing<Vec<u8>>>);

impl fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secrets")
    }
}

impl Secrets {
    /// Reads them. What is wrong is told without a word of them.
    pub(crate) fn read(source: &KeySource) -> Result<Self, String> {
        source.read(Self::parse)
    }

    /// These, the newest first.
    pub(crate) fn of(secrets: impl IntoIterator<Item = Zeroizing<[u8; 32]>>) -> Self {
        Self(secrets.into_iter().map(|secret| Zeroizing::new(secret.to_vec())).collect())
    }

    fn parse(text: &str) -> Result<Self, &'static str> {
        let secrets: Option<Vec<_>> = text.split_whitespace().map(secret).collect();
        let secrets = secrets.filter(|secrets| (1..=SECRETS_MAX).contains(&secrets.len()));
        secrets.map(Self).ok_or(EXPECTED)
    }

    /// The header `webhook-signature`: of each secret, its version and the base64 of HMAC-SHA256 of the id, the seconds of
    /// the attempt and the body with points between, as the specification of Standard Webhooks 1.0.0 says.
    pub(crate) fn signatures(&self, id: &str, seconds: u64, body: &[u8]) -> String {
        let head = format!("{id}.{seconds}.");
        let signatures = self.0.iter().filter_map(|secret| {
            // Keys of any length are taken: none is lost.
            let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
            mac.update(head.as_bytes());
            mac.update(body);
            Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
        });
        signatures.collect::<Vec<_>>().join(" ")
    }
}

/// Whether there are secrets. What is wrong is told without a word of them.
pub(crate) fn check(source: &KeySource) -> Result<(), String> {
    Secrets::read(source).map(drop)
}

/// A secret as it is shown to whoever is to know it.
pub(crate) fn text_of(secret: &[u8; 32]) -> String {
    format!("{PREFIX}{}", STANDARD.encode(secret))
}

/// Reads one secret, without leaving copies behind.
fn secret(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let text = text.strip_prefix(PREFIX)?;
    // Of a length that fits, so that it is never moved when it grows.
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    STANDARD.decode_vec(text, &mut bytes).ok()?;
    (SECRET_BYTES.0..=SECRET_BYTES.1).contains(&bytes.len()).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the specification's own libraries are tested with.
    const SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    const ID: &str = "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk";
    const SECONDS: u64 = 1_649_367_553;
    const BODY: &[u8] = br#"{"email":"test@example.com","username":"test_user"}"#;
    const SIGNATURE: &str = "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=";

    fn of_length(length: usize) -> String {
        format!("{PREFIX}{}", STANDARD.encode(vec![7; length]))
    }

    #[test]
    fn the_signature_is_that_of_the_specifications_libraries() {
        assert_eq!(Secrets::parse(SECRET).unwrap().signatures(ID, SECONDS, BODY), SIGNATURE);
    }

    #[test]
    fn while_a_secret_is_changed_there_is_a_signature_by_each() {
        let other = of_length(32);
        let alone = Secrets::parse(&other).unwrap().signatures(ID, SECONDS, BODY);
        let both = Secrets::parse(&format!("{other}\n{SECRET}\n")).unwrap();
        assert_eq!(both.signatures(ID, SECONDS, BODY), format!("{alone} {SIGNATURE}"));
    }

    #[test]
    fn what_is_not_a_secret_is_told_without_showing_it() {
        for text in [
            "",
            "C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
            "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7o",
            "whsec_C2FVsBQIhrscChlQIMV-b5sSYspob7oD",
            "whpk_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
            &of_length(23),
            &of_length(65),
            &[SECRET; 3].join(" "),
        ] {
            let expected = Secrets::parse(text).unwrap_err();
            assert!(text.is_empty() || !expected.contains(text));
        }
        for length in [24, 64] {
            assert!(Secrets::parse(&of_length(length)).is_ok());
        }
    }

    #[test]
    fn a_secret_that_is_shown_is_the_one_that_signs() {
        let secret = Zeroizing::new([7; 32]);
        let read = Secrets::parse(&text_of(&secret)).unwrap();
        assert_eq!(read.signatures(ID, SECONDS, BODY), Secrets::of([secret]).signatures(ID, SECONDS, BODY));
    }

    #[test]
    fn nothing_of_a_secret_is_shown() {
        assert_eq!(format!("{:?}", Secrets::parse(SECRET).unwrap()), "Secrets");
    }
}
