//! The keys of one purpose: the one that signs, and those that signed before it.

use dripline_shared::api::FaucetKey;
use dripline_shared::round::Hash;
use dripline_shared::statement::key_text;
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::{Signature, Wallet};
use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::edge::Edge;
use crate::keys::StoredSecret;

/// See the module.
pub(super) struct Ring {
    purpose: &'static str,
    /// Those that were used before, the oldest first.
    older: Vec<FaucetKey>,
    /// The one that signs.
    newest: FaucetKey,
    /// Its secret half.
    signing: SigningKey,
}

/// A key as it is stored: the one that signs with its secret half, the others with their public halves.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredKey {
    id: String,
    from_ms: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secret: Option<StoredSecret>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    public_key: Option<Wallet>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signature: Option<Signature>,
}

impl Ring {
    /// A first key, which nobody has vouched for yet.
    pub(super) fn generate(purpose: &'static str, edge: &Edge) -> Self {
        let signing = SigningKey::from_bytes(&Zeroizing::new(edge.random()));
        let newest = key(purpose, 1, &signing, edge.now());
        Self { purpose, older: Vec::new(), newest, signing }
    }

    /// The keys as they were stored, the oldest first.
    pub(super) fn read(purpose: &'static str, stored: &[StoredKey]) -> Option<Self> {
        let signing = stored.last()?.signing()?;
        let mut older: Vec<FaucetKey> =
            stored.iter().map(|key| key.public(purpose)).collect::<Option<_>>()?;
        let newest = older.pop()?;
        Some(Self { purpose, older, newest, signing })
    }

    /// As they are stored.
    pub(super) fn stored(&self) -> Vec<StoredKey> {
        let mut stored: Vec<StoredKey> = self.keys().map(StoredKey::of).collect();
        if let Some(last) = stored.last_mut() {
            let signing = Zeroizing::new(self.signing.to_bytes());
            (last.secret, last.public_key) = (Some(StoredSecret::of(&signing)), None);
        }
        stored
    }

    /// The same keys and a new one, which the one so far vouches for and whose secret half is gone with this.
    pub(super) fn rotated(mut self, faucet: Hash, edge: &Edge) -> Self {
        let signing = SigningKey::from_bytes(&Zeroizing::new(edge.random()));
        // The two that there are, and one for counting from 1.
        let mut newest = key(self.purpose, self.older.len() + 2, &signing, edge.now());
        self.vouch_for(faucet, &mut newest);
        self.older.push(self.newest);
        Self { purpose: self.purpose, older: self.older, newest, signing }
    }

    /// Signs another key.
    pub(super) fn vouch_for(&self, faucet: Hash, key: &mut FaucetKey) {
        key.signature = Some(self.sign(&key_text(faucet, key)));
    }

    /// Signs a text with the key that signs.
    pub(super) fn sign(&self, text: &str) -> Signature {
        Signature::of(&self.signing, text.as_bytes())
    }

    /// All keys, the oldest first.
    pub(super) fn keys(&self) -> impl Iterator<Item = &FaucetKey> {
        self.older.iter().chain(std::iter::once(&self.newest))
    }

    /// The first key that there was.
    pub(super) fn first(&self) -> &FaucetKey {
        self.older.first().unwrap_or(&self.newest)
    }

    /// The key that signs.
    pub(super) fn newest(&self) -> &FaucetKey {
        &self.newest
    }

    /// The key that signs, to be vouched for.
    pub(super) fn newest_mut(&mut self) -> &mut FaucetKey {
        &mut self.newest
    }
}

/// The key of this number, which nobody has vouched for yet.
fn key(purpose: &str, number: usize, key: &SigningKey, from_ms: Timestamp) -> FaucetKey {
    let (id, purpose) = (format!("{purpose}-{number}"), purpose.to_owned());
    FaucetKey { id, purpose, public_key: Wallet::of(key), from_ms, signature: None }
}

impl StoredKey {
    /// As a key is stored that does not sign any more.
    fn of(key: &FaucetKey) -> Self {
        let FaucetKey { id, from_ms, public_key, signature, purpose: _ } = key;
        let (id, public_key) = (id.clone(), Some(*public_key));
        Self { id, from_ms: *from_ms, secret: None, public_key, signature: *signature }
    }

    fn signing(&self) -> Option<SigningKey> {
        Some(SigningKey::from_bytes(&*self.secret.as_ref()?.bytes()?))
    }

    fn public(&self, purpose: &str) -> Option<FaucetKey> {
        let public_key = self.signing().map(|key| Wallet::of(&key)).or(self.public_key)?;
        let (id, purpose) = (self.id.clone(), purpose.to_owned());
        Some(FaucetKey { id, purpose, public_key, from_ms: self.from_ms, signature: self.signature })
    }
}
