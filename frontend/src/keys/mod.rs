//! The player key: made on the first visit, kept by the browser, backed up and restored as text.
//!
//! It is kept in the browser's database, encrypted under a key that the browser holds and never shows to any script: no script can read
//! it there. What a copy of the database's files gives away is up to the browser. The browser signs with it.

mod browser;

use dripline_shared::statement::Statement;
use dripline_shared::wallet::{Signature, Wallet};
use zeroize::Zeroizing;

use self::browser::{Secret, Signer};
use crate::browser::{edge, page};

/// How many words of a text are tried when a key is restored.
const BACKUP_WORDS_MAX: usize = 200;
/// The longest base58 text of 64 bytes.
const BACKUP_WORD_MAX: usize = 88;

/// Who plays: the player's key, and where it is kept.
pub(crate) struct Player {
    secret: Secret,
    /// What the browser signs with.
    signer: Signer,
    /// The public half.
    pub(crate) key: Wallet,
    /// For whom is played: a wallet of the player's own, or the key itself.
    pub(crate) wallet: Wallet,
    /// Whether the browser keeps the key; otherwise it is gone when the page is closed.
    pub(crate) is_kept: bool,
}

/// Why there is no player key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoKey {
    /// The browser gives no random bytes.
    NoRandomness,
    /// The browser does not sign with it, and what would help it to did not come.
    Unusable,
}

/// Why a text is not a backup of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BackupError {
    /// Nothing in it looks like a key.
    NotAKey,
    /// It has the form of a key, but a letter is wrong.
    Mistyped,
    /// It has the form of a key, and the browser could not say more.
    Unchecked,
}

impl Player {
    /// Who has this secret.
    async fn new(secret: Secret, is_kept: bool) -> Result<Self, NoKey> {
        let (signer, key, wallet) = browser::signer(&secret).await.map_err(|_| NoKey::Unusable)?;
        Ok(Self { secret, signer, key, wallet, is_kept })
    }

    /// Signs a statement; `None` where the browser does not. The signature comes a moment later, whatever becomes of the player
    /// meanwhile.
    pub(crate) fn sign(&self, statement: &Statement) -> impl Future<Output = Option<Signature>> + use<> {
        browser::sign(&self.signer, &statement.to_string())
    }

    /// Has a request about money signed, or shows what can be done with wallets: see [`browser::consult`].
    pub(crate) fn consult(
        &self,
        request: &str,
        decimals: u8,
    ) -> impl Future<Output = Option<String>> + use<> {
        browser::consult(&self.signer, request, decimals)
    }

    /// The key that plays for a wallet of the player's own; none where it plays for itself.
    pub(crate) fn delegate(&self) -> Option<Wallet> {
        (self.wallet != self.key).then_some(self.key)
    }

    /// The key as text: base58 of its secret and public halves, as Solana's wallets import it. The public half serves
    /// as a check against slips of the pen.
    pub(crate) fn backup(&self) -> String {
        backup_of(&self.secret, self.key)
    }

    /// The backup as a file that explains itself.
    pub(crate) fn backup_file(&self, explanation: &str) -> String {
        format!("{explanation}\n\n{}\n\n{}\n", self.key, self.backup())
    }
}

fn backup_of(secret: &Secret, wallet: Wallet) -> String {
    let mut bytes = Zeroizing::new([0; 64]);
    for (to, from) in bytes.iter_mut().zip(secret.iter().chain(&wallet.0)) {
        *to = *from;
    }
    bs58::encode(&bytes[..]).into_string()
}

/// What looks like the text of [`Player::backup`], alone or anywhere in a file: a secret, and what should be its public half.
fn likely_keys(text: &str) -> impl Iterator<Item = (Secret, Wallet)> {
    let words = text.split_whitespace().take(BACKUP_WORDS_MAX);
    words.filter(|word| word.len() <= BACKUP_WORD_MAX).filter_map(|word| {
        let mut bytes = Zeroizing::new([0_u8; 64]);
        let is_whole = bs58::decode(word).onto(&mut bytes[..]) == Ok(64);
        let (secret, public) = bytes.split_first_chunk().filter(|_| is_whole)?;
        Some((Zeroizing::new(*secret), Wallet(public.try_into().ok()?)))
    })
}

/// A key that was read from a backup, and is not in use yet.
pub(crate) struct Backup(Player);

impl Backup {
    /// Reads a backup: the text of [`Player::backup`], alone or anywhere in a file.
    pub(crate) async fn read(text: String) -> Result<Self, BackupError> {
        let mut error = BackupError::NotAKey;
        for (secret, wallet) in likely_keys(&text) {
            let player = Player::new(secret, false).await.map_err(|_| BackupError::Unchecked)?;
            if player.key == wallet {
                return Ok(Self(player));
            }
            error = BackupError::Mistyped;
        }
        Err(error)
    }

    /// The public half of the key that it brings back.
    pub(crate) fn key(&self) -> Wallet {
        self.0.key
    }

    /// Takes the key in place of the present one.
    pub(crate) async fn restore(self) -> Player {
        self.0.keep().await
    }
}

/// The player of this browser; a new one on the first visit.
pub(crate) async fn load() -> Result<Player, NoKey> {
    // Every time: a browser that refused once may have come to trust the page.
    page::ask_to_keep_storage();
    let is_first = match browser::kept().await {
        Ok(Some(secret)) => return Player::new(secret, true).await,
        Ok(None) => true,
        // The browser has a key that it cannot read any more. It is not overwritten: another version of the browser may
        // read it.
        Err(_) => false,
    };
    let secret = edge::random().map(Zeroizing::new).ok_or(NoKey::NoRandomness)?;
    let player = Player::new(secret, false).await?;
    Ok(if is_first { player.keep().await } else { player })
}

impl Player {
    /// Has the browser keep the key.
    async fn keep(self) -> Self {
        let is_kept = browser::keep(&self.secret).await;
        Self { is_kept, ..self }
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;

    use super::*;

    fn key() -> (Secret, Wallet) {
        let key = SigningKey::from_bytes(&[7; 32]);
        (Zeroizing::new(key.to_bytes()), Wallet(key.verifying_key().to_bytes()))
    }

    #[test]
    fn a_backup_is_the_pair_that_wallets_import() {
        let (secret, wallet) = key();
        let pair = SigningKey::from_bytes(&secret).to_keypair_bytes();
        assert_eq!(backup_of(&secret, wallet), bs58::encode(pair).into_string());
    }

    #[test]
    fn a_backup_gives_the_same_key_alone_and_out_of_its_file() {
        let (secret, wallet) = key();
        let backup = backup_of(&secret, wallet);
        for text in [backup.clone(), format!("  {backup}\n"), format!("Keep this.\n\n{wallet}\n\n{backup}\n")]
        {
            assert_eq!(likely_keys(&text).collect::<Vec<_>>(), [key()], "{text}");
        }
    }

    #[test]
    fn a_slip_of_the_pen_in_a_backup_gives_halves_that_do_not_belong_together() {
        let (secret, wallet) = key();
        let backup = backup_of(&secret, wallet);
        for (at, letter) in backup.char_indices() {
            let other = if letter == '2' { "3" } else { "2" };
            let mut wrong = backup.clone();
            wrong.replace_range(at..=at, other);
            for (secret, wallet) in likely_keys(&wrong) {
                let public = SigningKey::from_bytes(&secret).verifying_key().to_bytes();
                assert_ne!(public, wallet.0, "letter {at}");
            }
        }
    }

    #[test]
    fn what_is_no_key_is_not_taken_for_one() {
        for text in ["", "hello", "0OIl", &key().1.to_string(), &"1".repeat(100_000)] {
            assert_eq!(likely_keys(text).count(), 0);
        }
    }
}
