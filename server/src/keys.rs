//! The faucet's secrets: what round secrets, tokens and boards are derived from, and the keys that sign receipts.
//!
//! They live in `keys/` of the data directory, made at the first start, readable by the owner alone, synced with their
//! directory before they are used. They are never logged and never leave this module but as what they make: all
//! [`Keys`] gives out is derived, signed or public.

use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use dripline_shared::api::{FaucetKey, FaucetKeys, Receipt};
use dripline_shared::round::{
    Hash, RoundId, RoundSecret, RoundToken, Seed, board_seed, faucet_fingerprint, round_secret, round_token,
};
use dripline_shared::statement::receipt_text;
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
/// The longest file: a list of some hundred keys.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// See the module.
pub struct Keys {
    secret: Zeroizing<[u8; 32]>,
    /// Receipt keys that were used before, the oldest first.
    older: Vec<ReceiptKey>,
    /// The receipt key that signs.
    newest: ReceiptKey,
}

struct ReceiptKey {
    id: String,
    key: SigningKey,
    from: Timestamp,
}

/// The file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredKeys {
    /// What rounds, tokens and boards are derived from: 32 bytes in hexadecimal.
    secret: StoredSecret,
    /// The receipt keys, the oldest first.
    receipt: Vec<StoredKey>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredKey {
    id: String,
    from_ms: Timestamp,
    secret: StoredSecret,
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
        let seed = Zeroizing::new(edge.random::<32>());
        let newest =
            ReceiptKey { id: "receipt-1".to_owned(), key: SigningKey::from_bytes(&seed), from: edge.now() };
        Self { secret: Zeroizing::new(edge.random()), older: Vec::new(), newest }
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

    /// Writes the secrets into `directory`, which is made for the owner alone. Nothing is ever overwritten.
    pub fn write(&self, directory: &Path) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
        let receipt = self.receipt_keys().map(ReceiptKey::to_stored).collect();
        let stored = StoredKeys { secret: StoredSecret::of(&self.secret), receipt };
        let bytes = Zeroizing::new(serde_json::to_vec_pretty(&stored)?);
        write_file(directory, &bytes)?;
        directory.parent().map_or(Ok(()), sync_directory)
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let stored: StoredKeys = serde_json::from_slice(bytes).ok()?;
        let mut older: Vec<ReceiptKey> =
            stored.receipt.iter().map(ReceiptKey::of_stored).collect::<Option<_>>()?;
        let newest = older.pop()?;
        Some(Self { secret: stored.secret.bytes()?, older, newest })
    }

    /// All receipt keys, the oldest first.
    fn receipt_keys(&self) -> impl Iterator<Item = &ReceiptKey> {
        self.older.iter().chain(std::iter::once(&self.newest))
    }

    /// The fingerprint that statements name: that of the first receipt key, so that it outlives rotations.
    pub fn fingerprint(&self) -> Hash {
        let first = self.older.first().unwrap_or(&self.newest);
        faucet_fingerprint(&first.key.verifying_key().to_bytes())
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
        receipt.signature = Signature::of(&self.newest.key, receipt_text(receipt).as_bytes());
    }

    /// Whether a receipt was signed by the key that it names.
    pub fn is_signed(&self, receipt: &Receipt) -> bool {
        self.receipt_keys().find(|key| key.id == receipt.key_id).is_some_and(|key| {
            Wallet::of(&key.key).verify(receipt_text(receipt).as_bytes(), &receipt.signature).is_ok()
        })
    }

    /// The public halves.
    pub fn public(&self) -> FaucetKeys {
        let keys = self.receipt_keys().map(|receipt| FaucetKey {
            id: receipt.id.clone(),
            purpose: "receipt".to_owned(),
            public_key: Wallet::of(&receipt.key),
            from_ms: receipt.from,
        });
        FaucetKeys { faucet: self.fingerprint(), keys: keys.collect() }
    }
}

/// Says nothing of what is inside.
impl fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Keys")
    }
}

impl ReceiptKey {
    fn to_stored(&self) -> StoredKey {
        let secret = Zeroizing::new(self.key.to_bytes());
        StoredKey { id: self.id.clone(), from_ms: self.from, secret: StoredSecret::of(&secret) }
    }

    fn of_stored(stored: &StoredKey) -> Option<Self> {
        let key = SigningKey::from_bytes(&*stored.secret.bytes()?);
        Some(Self { id: stored.id.clone(), key, from: stored.from_ms })
    }
}

/// Writes the file as a whole or not at all: under another name, synced, then renamed, then the directory synced.
fn write_file(directory: &Path, bytes: &[u8]) -> io::Result<()> {
    let (path, unfinished) = (directory.join(FILE), directory.join(format!("{FILE}.new")));
    if path.exists() {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, "keys are never overwritten"));
    }
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
