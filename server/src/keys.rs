//! The faucet's secrets: what round secrets, tokens and boards are derived from, and the keys that sign receipts.
//!
//! They live in `keys/` of the data directory, made at the first start, readable by the owner alone, synced with their
//! directory before they are used. They are never logged and never leave this module but as what they make: all
//! [`Keys`] gives out is derived, signed or public.
//!
//! There is a key for receipts and one for the heads of the log. Each can be rotated: the new one is signed by the one
//! before it, of which only the public half is kept. The first key of the log is signed by the receipt key of that time.

mod ring;

use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use dripline_shared::api::{FaucetKeys, Receipt, SignedTreeHead};
use dripline_shared::log::{KEY_PURPOSE, TreeHead, head_text};
use dripline_shared::read_key::ReadKey;
use dripline_shared::round::{
    ClientId, Hash, RoundId, RoundSecret, RoundToken, Seed, board_seed, faucet_fingerprint, hash,
    round_secret, round_token,
};
use dripline_shared::statement::receipt_text;
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::{Signature, Wallet};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

use crate::edge::Edge;
use crate::keys::ring::{Ring, StoredKey};
use crate::voucher::{Asked, VoucherCode};

/// Where the secrets are, in the data directory.
pub const DIRECTORY: &str = "keys";
/// The file: one, so that it is there as a whole or not at all.
const FILE: &str = "faucet.json";
/// What the keys for receipts are for.
const RECEIPT: &str = "receipt";
/// What `H` of the key of verification tokens starts with.
const VERIFICATION_TAG: &[u8; 16] = b"dripline/verif/1";
/// What `H` of the key of webhooks' secrets starts with.
const WEBHOOK_TAG: &[u8; 16] = b"dripline/hooks/1";
/// The longest file: a list of some hundred keys.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// See the module.
pub struct Keys {
    secret: Zeroizing<[u8; 32]>,
    receipt: Ring,
    /// Missing in files from before there was a log, until it is made.
    log: Option<Ring>,
}

/// The file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredKeys {
    /// What rounds, tokens and boards are derived from: 32 bytes in hexadecimal.
    secret: StoredSecret,
    /// The receipt keys, the oldest first. The last one signs.
    receipt: Vec<StoredKey>,
    /// The keys of the log, likewise.
    #[serde(default)]
    log: Vec<StoredKey>,
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
        let receipt = Ring::generate(RECEIPT, edge);
        Self { secret: Zeroizing::new(edge.random()), receipt, log: None }.with_log_key(edge)
    }

    /// The same secrets with a key for the log, where there was none.
    #[must_use]
    pub fn with_log_key(mut self, edge: &Edge) -> Self {
        if self.log.is_none() {
            let mut ring = Ring::generate(KEY_PURPOSE, edge);
            self.receipt.vouch_for(self.fingerprint(), ring.newest_mut());
            self.log = Some(ring);
        }
        self
    }

    /// Whether there is a key for the log.
    pub fn has_log_key(&self) -> bool {
        self.log.is_some()
    }

    /// The same secrets with a new key for receipts, or for the log, which the one so far vouches for. Its own secret half
    /// is gone with this.
    #[must_use]
    pub fn rotated(self, purpose: Purpose, edge: &Edge) -> Self {
        let faucet = self.fingerprint();
        let Self { secret, receipt, log } = self.with_log_key(edge);
        match purpose {
            Purpose::Receipt => Self { secret, receipt: receipt.rotated(faucet, edge), log },
            Purpose::Log => Self { secret, receipt, log: log.map(|log| log.rotated(faucet, edge)) },
        }
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
        let stored = StoredKeys {
            secret: StoredSecret::of(&self.secret),
            receipt: self.receipt.stored(),
            log: self.log.as_ref().map(Ring::stored).unwrap_or_default(),
        };
        let bytes = Zeroizing::new(serde_json::to_vec_pretty(&stored)?);
        if bytes.len() as u64 >= FILE_BYTES_MAX {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "more keys than the file can hold"));
        }
        write_file(directory, &bytes)
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let stored: StoredKeys = serde_json::from_slice(bytes).ok()?;
        let receipt = Ring::read(RECEIPT, &stored.receipt)?;
        let log = if stored.log.is_empty() { None } else { Some(Ring::read(KEY_PURPOSE, &stored.log)?) };
        let keys = Self { secret: stored.secret.bytes()?, receipt, log };
        keys.public().are_chained().then_some(keys)
    }

    /// The fingerprint that statements name: that of the first receipt key, so that it outlives rotations.
    pub fn fingerprint(&self) -> Hash {
        faucet_fingerprint(&self.receipt.first().public_key.0)
    }

    /// The secret of a round.
    pub fn round_secret(&self, round: RoundId) -> RoundSecret {
        round_secret(&self.secret, round)
    }

    /// The token of a round.
    pub fn round_token(&self, round: RoundId) -> RoundToken {
        round_token(&self.secret, round)
    }

    /// The read-only key of a wallet that was issued under this client id at this moment.
    pub fn read_key(&self, wallet: Wallet, client_id: ClientId, issued_at: Timestamp) -> ReadKey {
        ReadKey::derive(&self.secret, wallet, client_id, issued_at)
    }

    /// The code with this number of those that were asked for.
    pub fn voucher_code(&self, asked: &Asked, number: u32) -> VoucherCode {
        VoucherCode::derive(&self.secret, asked, number)
    }

    /// Whether `token` is that of `round`. Takes the same time wherever they differ.
    pub fn is_token_of(&self, token: RoundToken, round: RoundId) -> bool {
        let ours = self.round_token(round);
        let difference =
            ours.0.iter().zip(token.0).fold(0, |difference, (ours, theirs)| difference | (ours ^ theirs));
        std::hint::black_box(difference) == 0
    }

    /// The code by which a verification token is known that says `content`: HMAC-SHA256 under a key of its own.
    pub fn verification_code(&self, content: &[u8]) -> [u8; 32] {
        self.verification_mac(content).finalize().into_bytes().into()
    }

    /// Whether that is its code. Takes the same time wherever they differ.
    pub fn is_verification_code(&self, content: &[u8], code: &[u8; 32]) -> bool {
        self.verification_code(content).ct_eq(code).into()
    }

    /// The secret that messages to a webhook of this id are signed with, of which this number was drawn: HMAC-SHA256 under a key of its
    /// own.
    pub fn webhook_secret(&self, webhook: &str, nonce: Hash) -> Zeroizing<[u8; 32]> {
        let mut mac = self.derived_mac(WEBHOOK_TAG);
        // Of a length that is always the same, so that no two are written alike.
        mac.update(&nonce.0);
        mac.update(webhook.as_bytes());
        Zeroizing::new(mac.finalize().into_bytes().into())
    }

    fn verification_mac(&self, content: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.derived_mac(VERIFICATION_TAG);
        mac.update(content);
        mac
    }

    /// Codes under a key that follows from the secret, one for each tag.
    fn derived_mac(&self, tag: &[u8; 16]) -> Hmac<Sha256> {
        // Shorter keys are filled up with zeros to the size of a block, by the definition of HMAC.
        let mut key = Zeroizing::new([0; 64]);
        key.split_at_mut(32).0.copy_from_slice(&hash(tag, &[&*self.secret]).0);
        <Hmac<Sha256> as KeyInit>::new(&(*key).into())
    }

    /// Seed 0 of a game whose whole board shows.
    pub fn board_seed(&self, wallet: Wallet, level: Hash, clears: u32) -> Seed {
        board_seed(&self.secret, wallet, level, clears)
    }

    /// Puts the newest key's id and signature on a receipt.
    pub fn sign(&self, receipt: &mut Receipt) {
        receipt.key_id.clone_from(&self.receipt.newest().id);
        receipt.signature = self.receipt.sign(&receipt_text(receipt));
    }

    /// Whether a receipt was signed by the key that it names.
    pub fn is_signed(&self, receipt: &Receipt) -> bool {
        self.receipt.keys().find(|key| key.id == receipt.key_id).is_some_and(|key| {
            key.public_key.verify(receipt_text(receipt).as_bytes(), &receipt.signature).is_ok()
        })
    }

    /// Signs a head of the log. `None` where there is no key for it yet.
    pub fn sign_head(&self, head: TreeHead) -> Option<SignedTreeHead> {
        let ring = self.log.as_ref()?;
        let (faucet, key_id) = (self.fingerprint(), ring.newest().id.clone());
        let mut signed = SignedTreeHead { faucet, head, key_id, signature: Signature([0; 64]) };
        signed.signature = ring.sign(&head_text(&signed));
        Some(signed)
    }

    /// The public halves: those for receipts first.
    pub fn public(&self) -> FaucetKeys {
        let rings = std::iter::once(&self.receipt).chain(&self.log);
        FaucetKeys { faucet: self.fingerprint(), keys: rings.flat_map(Ring::keys).cloned().collect() }
    }
}

/// Says nothing of what is inside.
impl fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Keys")
    }
}

/// What a key of the faucet is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To sign receipts.
    Receipt,
    /// To sign heads of the log.
    Log,
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
