//! The player key: made on the first visit, kept by the browser, backed up and restored as text.
//!
//! It is kept in the browser's database, encrypted under a key that the browser holds and never shows to any script.
//! So what reads the database's files, or copies them elsewhere, does not have the player's key.

use dripline_shared::statement::Statement;
use dripline_shared::wallet::{Signature, Wallet};
use ed25519_dalek::SigningKey;
use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::SubtleCrypto;

use crate::browser::{database, edge, page};

/// The name of the record in the database.
const RECORD: &str = "player";
/// The bytes of AES-GCM's initialisation vector.
const VECTOR_LENGTH: usize = 12;
/// How many words of a text are tried when a key is restored.
const BACKUP_WORDS_MAX: usize = 200;
/// The longest base58 text of 64 bytes.
const BACKUP_WORD_MAX: usize = 88;

/// Who plays: the player's key, and where it is kept.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Player {
    key: SigningKey,
    /// The public half.
    pub(crate) wallet: Wallet,
    /// Whether the browser keeps the key; otherwise it is gone when the page is closed.
    pub(crate) is_kept: bool,
}

/// Why there is no player key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoRandomness;

/// Why a text is not a backup of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BackupError {
    /// Nothing in it looks like a key.
    NotAKey,
    /// It has the form of a key, but a letter is wrong.
    Mistyped,
}

impl Player {
    /// Who has this key.
    pub(crate) fn new(key: SigningKey, is_kept: bool) -> Self {
        Self { wallet: Wallet::of(&key), key, is_kept }
    }

    /// Signs a statement.
    pub(crate) fn sign(&self, statement: &Statement) -> Signature {
        Signature::of(&self.key, statement.to_string().as_bytes())
    }

    /// The key as text: base58 of its secret and public halves, as Solana's wallets import it. The public half serves
    /// as a check against slips of the pen.
    pub(crate) fn backup(&self) -> String {
        bs58::encode(self.key.to_keypair_bytes()).into_string()
    }

    /// The backup as a file that explains itself.
    pub(crate) fn backup_file(&self, explanation: &str) -> String {
        format!("{explanation}\n\n{}\n\n{}\n", self.wallet, self.backup())
    }
}

/// A key that was read from a backup, and is not in use yet.
pub(crate) struct Backup(SigningKey);

impl Backup {
    /// Reads a backup: the text of [`Player::backup`], alone or anywhere in a file.
    pub(crate) fn read(text: &str) -> Result<Self, BackupError> {
        let mut error = BackupError::NotAKey;
        let words = text.split_whitespace().take(BACKUP_WORDS_MAX);
        for word in words.filter(|word| word.len() <= BACKUP_WORD_MAX) {
            let mut bytes = [0_u8; 64];
            if bs58::decode(word).onto(&mut bytes[..]) == Ok(64) {
                match SigningKey::from_keypair_bytes(&bytes) {
                    Ok(key) => return Ok(Self(key)),
                    Err(_) => error = BackupError::Mistyped,
                }
            }
        }
        Err(error)
    }

    /// The wallet that it brings back.
    pub(crate) fn wallet(&self) -> Wallet {
        Wallet::of(&self.0)
    }

    /// Takes the key in place of the present one.
    pub(crate) async fn restore(self) -> Player {
        let is_kept = keep(&self.0).await.is_ok();
        Player::new(self.0, is_kept)
    }
}

/// The player of this browser; a new one on the first visit.
pub(crate) async fn load() -> Result<Player, NoRandomness> {
    // Every time: a browser that refused once may have come to trust the page.
    page::ask_to_keep_storage();
    let record = database::get(RECORD).await;
    if let Ok(record) = &record
        && !record.is_undefined()
    {
        if let Ok(key) = unwrap(record).await {
            return Ok(Player::new(key, true));
        }
        // The browser has a key that it cannot read any more. It is not overwritten: another version of the browser
        // may read it.
        return Ok(Player::new(new_key()?, false));
    }
    let key = new_key()?;
    let is_kept = record.is_ok() && keep(&key).await.is_ok();
    Ok(Player::new(key, is_kept))
}

fn new_key() -> Result<SigningKey, NoRandomness> {
    edge::random::<32>().map(|secret| SigningKey::from_bytes(&secret)).ok_or(NoRandomness)
}

fn subtle() -> Result<SubtleCrypto, JsValue> {
    Ok(page::window().crypto()?.subtle())
}

fn algorithm(vector: &[u8]) -> Result<Object, JsValue> {
    let algorithm = Object::new();
    Reflect::set(&algorithm, &"name".into(), &"AES-GCM".into())?;
    Reflect::set(&algorithm, &"iv".into(), &Uint8Array::from(vector))?;
    Ok(algorithm)
}

/// Encrypts the key under a new key of the browser's, and stores both.
async fn keep(key: &SigningKey) -> Result<(), JsValue> {
    let vector = edge::random::<VECTOR_LENGTH>().ok_or(JsValue::NULL)?;
    let subtle = subtle()?;
    let kind = Object::new();
    Reflect::set(&kind, &"name".into(), &"AES-GCM".into())?;
    Reflect::set(&kind, &"length".into(), &256.into())?;
    let uses = Array::of2(&"encrypt".into(), &"decrypt".into());
    // Not extractable: no script, this one included, can read the bytes of the wrapping key.
    let wrapping = JsFuture::from(subtle.generate_key_with_object(&kind, false, &uses)?).await?;
    let secret = Uint8Array::from(&key.to_bytes()[..]);
    let sealed = subtle.encrypt_with_object_and_buffer_source(
        &algorithm(&vector)?,
        wrapping.unchecked_ref(),
        &secret,
    )?;
    let sealed = JsFuture::from(sealed).await?;
    let record = Object::new();
    Reflect::set(&record, &"wrapping".into(), &wrapping)?;
    Reflect::set(&record, &"vector".into(), &Uint8Array::from(&vector[..]))?;
    Reflect::set(&record, &"sealed".into(), &sealed)?;
    database::put(RECORD, &record).await
}

/// Decrypts the key of a record.
async fn unwrap(record: &JsValue) -> Result<SigningKey, JsValue> {
    let field = |name: &str| Reflect::get(record, &name.into());
    let vector = Uint8Array::new(&field("vector")?).to_vec();
    let opened = subtle()?.decrypt_with_object_and_buffer_source(
        &algorithm(&vector)?,
        field("wrapping")?.unchecked_ref(),
        field("sealed")?.unchecked_ref(),
    )?;
    let opened = Uint8Array::new(&JsFuture::from(opened).await?).to_vec();
    let secret: [u8; 32] = opened.try_into().map_err(|_| JsValue::NULL)?;
    Ok(SigningKey::from_bytes(&secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn player() -> Player {
        Player::new(SigningKey::from_bytes(&[7; 32]), true)
    }

    #[test]
    fn a_backup_restores_the_same_key_alone_and_out_of_its_file() {
        let player = player();
        for text in
            [player.backup(), format!("  {}\n", player.backup()), player.backup_file("Keep this file.")]
        {
            let backup = Backup::read(&text).unwrap_or_else(|error| panic!("{error:?}: {text}"));
            assert!(backup.0 == player.key);
            assert_eq!(backup.wallet(), player.wallet);
        }
    }

    #[test]
    fn a_slip_of_the_pen_in_a_backup_is_noticed() {
        let backup = player().backup();
        for (at, letter) in backup.char_indices() {
            let other = if letter == '2' { "3" } else { "2" };
            let mut wrong = backup.clone();
            wrong.replace_range(at..=at, other);
            assert!(Backup::read(&wrong).is_err(), "letter {at}");
        }
    }

    #[test]
    fn what_is_no_key_is_refused_as_such() {
        for text in ["", "hello", "0OIl", &player().wallet.to_string(), &"1".repeat(100_000)] {
            assert!(matches!(Backup::read(text), Err(BackupError::NotAKey)));
        }
    }
}
