//! What a passkey is asked, and that it is answered once. Pure.
//!
//! Nothing is kept of a question: what the server has to know of it goes out with it, sealed, and comes back with the answer, so
//! that any of several servers takes it, also after a start, and strangers who only ask fill nothing. The key of the seal is in the
//! store that the servers share. That a question was answered *is* kept, with what the answer changes or not at all, until the
//! question would have expired: only answers that were right come so far.

use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use dripline_shared::round::Hash;
use dripline_shared::time::{MINUTE_MS, Timestamp};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::store::record::{DocumentKind, Stored};

/// How long a question can be answered, in milliseconds.
pub const CEREMONY_MS: u64 = 5 * MINUTE_MS;
/// The id of the key under which questions are sealed: there is one.
pub const CEREMONY_KEY_ID: &str = "key";

/// What a passkey is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Purpose {
    /// To sign in.
    SignIn,
    /// To take an invitation.
    Invitation {
        /// The invitation's id.
        invitation: String,
        /// The id that the operator is to have.
        operator: String,
    },
    /// To be another one of an operator's.
    Passkey {
        /// The operator's id.
        operator: String,
    },
}

/// What the server has to know of a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ceremony {
    /// What is asked for.
    pub purpose: Purpose,
    /// The origin of the page that asks.
    pub origin: String,
    /// The challenge, in hexadecimal.
    pub challenge: String,
    /// When it cannot be answered any more.
    pub expires_at: Timestamp,
    /// What the library has to know, base64url.
    pub state: String,
}

impl Ceremony {
    /// As it goes out: its JSON and a code over it, both base64url.
    pub fn seal(&self, key: &Hash) -> Option<String> {
        let json = serde_json::to_vec(self).ok()?;
        let code = seal_of(key, &json)?.finalize().into_bytes();
        Some(format!("{}.{}", BASE64_URL_SAFE_NO_PAD.encode(&json), BASE64_URL_SAFE_NO_PAD.encode(code)))
    }

    /// What comes back, where it is what went out and has not expired.
    pub fn open(text: &str, key: &Hash, now: Timestamp) -> Option<Self> {
        let (json, code) = text.split_once('.')?;
        let json = BASE64_URL_SAFE_NO_PAD.decode(json).ok()?;
        seal_of(key, &json)?.verify_slice(&BASE64_URL_SAFE_NO_PAD.decode(code).ok()?).ok()?;
        let ceremony: Self = serde_json::from_slice(&json).ok()?;
        (now < ceremony.expires_at).then_some(ceremony)
    }

    /// That it was answered.
    pub fn answered(&self) -> AnsweredCeremony {
        AnsweredCeremony { challenge: self.challenge.clone(), expires_at: self.expires_at }
    }
}

/// The code of a question.
fn seal_of(key: &Hash, json: &[u8]) -> Option<Hmac<Sha256>> {
    let mut code = Hmac::<Sha256>::new_from_slice(&key.0).ok()?;
    code.update(json);
    Some(code)
}

/// The key under which the servers on a store seal questions. Whoever has it can make questions up, and cannot answer them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CeremonyKey {
    /// Its bytes.
    pub key: Hash,
}

impl Stored for CeremonyKey {
    const KIND: DocumentKind = DocumentKind::CeremonyKey;

    fn id(&self) -> Arc<str> {
        CEREMONY_KEY_ID.into()
    }
}

/// That a question was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnsweredCeremony {
    /// Its challenge, in hexadecimal.
    pub challenge: String,
    /// Until when that has to be known.
    pub expires_at: Timestamp,
}

impl Stored for AnsweredCeremony {
    const KIND: DocumentKind = DocumentKind::AnsweredCeremony;

    fn id(&self) -> Arc<str> {
        self.challenge.as_str().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);
    const KEY: Hash = Hash([7; 32]);

    fn ceremony() -> Ceremony {
        Ceremony {
            purpose: Purpose::SignIn,
            origin: "https://play.example".to_owned(),
            challenge: "0".repeat(32),
            expires_at: NOW.plus(CEREMONY_MS),
            state: "AAAA".to_owned(),
        }
    }

    #[test]
    fn what_went_out_comes_back_until_it_has_expired() {
        let text = ceremony().seal(&KEY).unwrap();
        assert_eq!(Ceremony::open(&text, &KEY, NOW.plus(CEREMONY_MS - 1)), Some(ceremony()));
        assert_eq!(Ceremony::open(&text, &KEY, NOW.plus(CEREMONY_MS)), None);
        assert_eq!(Ceremony::open(&text, &Hash([8; 32]), NOW), None, "of another store");
    }

    #[test]
    fn what_was_changed_on_the_way_is_none() {
        let text = ceremony().seal(&KEY).unwrap();
        let (json, code) = text.split_once('.').unwrap();
        let later = Ceremony { expires_at: NOW.plus(10 * CEREMONY_MS), ..ceremony() };
        let later = serde_json::to_vec(&later).unwrap();
        for changed in [
            format!("{}.{code}", BASE64_URL_SAFE_NO_PAD.encode(later)),
            format!("{json}."),
            format!("{json}.{}", &code[..code.len() - 2]),
            json.to_owned(),
            text.replace('.', ""),
            String::new(),
        ] {
            assert_eq!(Ceremony::open(&changed, &KEY, NOW), None, "{changed}");
        }
    }
}
