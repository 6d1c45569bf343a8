//! The faucet's secrets: what round secrets, tokens and boards are derived from, and the keys that sign receipts.
//!
//! They live in `keys/` of the data directory, made at the first start, readable by the owner alone, synced with their
//! directory before they are used. They are never logged and never leave this module but as what they make: all
//! [`Keys`] gives out is derived, signed or public.
//!
//! The receipt key can be rotated: the new one is signed by the one before it, of which only the public half is kept.

use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use dripline_shared::api::{FaucetKey, FaucetKeys, Receipt};
use dripline_shared::round::{
    Hash, RoundId, RoundSecret, RoundToken, Seed, board_seed, faucet_fingerprint, round_secret, round_token,
};
use dripline_shared::statement::{key_text, receipt_text};
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::{Signature, Wallet};
use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use crate::edge::Edge;

/// Where the secrets are, in the data directory.
pub const DIRECTORY: &str = "keys";
/// The file: one, so that it is there as a whole or not at all.
const FILE: &str = "faucet.json";
/// What the receipt keys are for.
const PURPOSE: &str = "receipt";
/// The longest file: a list of some hundred keys.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// See the module.
pub struct Keys {
    secret: Zeroizing<[u8; 32]>,
    /// Receipt keys that were used before, the oldest first.
    older: Vec<FaucetKey>,
    /// The receipt key that signs.
    newest: FaucetKey,
    /// Its secret half.
    signing: SigningKey,
}

/// The file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredKeys {
    /// What rounds, tokens and boards are derived from: 32 bytes in hexadecimal.
    secret: StoredSecret,
    /// The receipt keys, the oldest first. The last one signs.
    receipt: Vec<StoredKey>,
}

/// A receipt key: the one that signs with its secret half, the others with their public halves.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredKey {
    id: String,
    from_ms: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secret: Option<StoredSecret>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    public_key: Option<Wallet>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signature: Option<Signature>,
}

/// 32 bytes in hexadecimal, wiped when dropped.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct StoredSecret(String);

impl Drop for StoredSecret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl StoredSecret {
    fn of(secret: &[u8; 32]) -> Self {
        Self(Hash(*secret).to_string())
    }

    fn bytes(&self) -> Option<Zeroizing<[u8; 32]>> {
        self.0.parse::<Hash>().ok().map(|hash| Zeroizing::new(hash.0))
    }
}

impl Keys {
    /// New secrets, kept nowhere.
    pub fn generate(edge: &Edge) -> Self {
        let signing = SigningKey::from_bytes(&Zeroizing::new(edge.random()));
        let newest = receipt_key(1, &signing, edge.now());
        Self { secret: Zeroizing::new(edge.random()), older: Vec::new(), newest, signing }
    }

    /// The same secrets with a new receipt key, which the one so far vouches for. Its own secret half is gone with this.
    #[must_use]
    pub fn rotated(self, edge: &Edge) -> Self {
        let faucet = self.fingerprint();
        let Self { secret, mut older, newest, signing } = self;
        older.push(newest);
        let next = SigningKey::from_bytes(&Zeroizing::new(edge.random()));
        let mut newest = receipt_key(older.len() + 1, &next, edge.now());
        newest.signature = Some(Signature::of(&signing, key_text(faucet, &newest).as_bytes()));
        Self { secret, older, newest, signing: next }
    }

    /// Reads the secrets in `directory`; `None` where there are none.
    pub fn read(directory: &Path) -> io::Result<Option<Self>> {
        let file = match File::open(directory.join(FILE)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut bytes = Zeroizing::new(Vec::new());
        file.take(FILE_BYTES_MAX).read_to_end(&mut bytes)?;
        let invalid = || io::Error::new(io::ErrorKind::InvalidData, "not the keys that were written there");
        Self::parse(&bytes).map(Some).ok_or_else(invalid)
    }

    /// Writes new secrets into `directory`, which is made for the owner alone. Nothing is overwritten.
    pub fn write(&self, directory: &Path) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
        if directory.join(FILE).exists() {
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, "keys are never overwritten"));
        }
        self.replace(directory)?;
        directory.parent().map_or(Ok(()), sync_directory)
    }

    /// Writes the secrets in place of those they were [`rotated`](Self::rotated) from.
    pub fn replace(&self, directory: &Path) -> io::Result<()> {
        let mut receipt: Vec<StoredKey> = self.receipt_keys().map(StoredKey::of).collect();
        if let Some(last) = receipt.last_mut() {
            let signing = Zeroizing::new(self.signing.to_bytes());
            (last.secret, last.public_key) = (Some(StoredSecret::of(&signing)), None);
        }
        let stored = StoredKeys { secret: StoredSecret::of(&self.secret), receipt };
        let bytes = Zeroizing::new(serde_json::to_vec_pretty(&stored)?);
        if bytes.len() as u64 >= FILE_BYTES_MAX {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "more keys than the file can hold"));
        }
        write_file(directory, &bytes)
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let stored: StoredKeys = serde_json::from_slice(bytes).ok()?;
        let signing = stored.receipt.last()?.signing()?;
        let mut older: Vec<FaucetKey> =
            stored.receipt.iter().map(StoredKey::public).collect::<Option<_>>()?;
        let newest = older.pop()?;
        let keys = Self { secret: stored.secret.bytes()?, older, newest, signing };
        keys.public().are_chained().then_some(keys)
    }

    /// All receipt keys, the oldest first.
    fn receipt_keys(&self) -> impl Iterator<Item = &FaucetKey> {
        self.older.iter().chain(std::iter::once(&self.newest))
    }

    /// The fingerprint that statements name: that of the first receipt key, so that it outlives rotations.
    pub fn fingerprint(&self) -> Hash {
        faucet_fingerprint(&self.older.first().unwrap_or(&self.newest).public_key.0)
    }

    /// The secret of a round.
    pub fn round_secret(&self, round: RoundId) -> RoundSecret {
        round_secret(&self.secret, round)
    }

    /// The token of a round.
    pub fn round_token(&self, round: RoundId) -> RoundToken {
        round_token(&self.secret, round)
    }

    /// Whether `token` is that of `round`. Takes the same time wherever they differ.
    pub fn is_token_of(&self, token: RoundToken, round: RoundId) -> bool {
        let ours = self.round_token(round);
        let difference =
            ours.0.iter().zip(token.0).fold(0, |difference, (ours, theirs)| difference | (ours ^ theirs));
        std::hint::black_box(difference) == 0
    }

    /// Seed 0 of a game whose whole board shows.
    pub fn board_seed(&self, wallet: Wallet, level: Hash, clears: u32) -> Seed {
        board_seed(&self.secret, wallet, level, clears)
    }

    /// Puts the newest key's id and signature on a receipt.
    pub fn sign(&self, receipt: &mut Receipt) {
        receipt.key_id.clone_from(&self.newest.id);
        receipt.signature = Signature::of(&self.signing, receipt_text(receipt).as_bytes());
    }

    /// Whether a receipt was signed by the key that it names.
    pub fn is_signed(&self, receipt: &Receipt) -> bool {
        self.receipt_keys().find(|key| key.id == receipt.key_id).is_some_and(|key| {
            key.public_key.verify(receipt_text(receipt).as_bytes(), &receipt.signature).is_ok()
        })
    }

    /// The public halves.
    pub fn public(&self) -> FaucetKeys {
        FaucetKeys { faucet: self.fingerprint(), keys: self.receipt_keys().cloned().collect() }
    }
}

/// Says nothing of what is inside.
impl fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Keys")
    }
}

/// The receipt key of this number, which nobody has vouched for yet.
fn receipt_key(number: usize, key: &SigningKey, from_ms: Timestamp) -> FaucetKey {
    let (id, purpose) = (format!("receipt-{number}"), PURPOSE.to_owned());
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

    fn public(&self) -> Option<FaucetKey> {
        let public_key = self.signing().map(|key| Wallet::of(&key)).or(self.public_key)?;
        let (id, purpose) = (self.id.clone(), PURPOSE.to_owned());
        Some(FaucetKey { id, purpose, public_key, from_ms: self.from_ms, signature: self.signature })
    }
}

/// Writes the file as a whole or not at all: under another name, synced, then renamed, then the directory synced.
fn write_file(directory: &Path, bytes: &[u8]) -> io::Result<()> {
    let (path, unfinished) = (directory.join(FILE), directory.join(format!("{FILE}.new")));
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&unfinished, &path)?;
    sync_directory(directory)
}

fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}
