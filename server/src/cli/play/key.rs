//! The bot's key: a new one, or one in a file as the player's page saves it.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use dripline_shared::wallet::{Signature, Wallet};
use ed25519_dalek::SigningKey;

use super::Failure;
use crate::edge::Edge;

/// A new key.
pub(super) fn new(edge: &Edge) -> SigningKey {
    SigningKey::from_bytes(&edge.random())
}

/// The key in a file; where there is no such file, a new key, which is written there for its owner alone.
pub(super) fn load(file: &Path, edge: &Edge) -> Result<SigningKey, Failure> {
    let cannot = |error| Failure::impossible(file.display(), error);
    match fs::read_to_string(file) {
        Ok(text) => {
            parse(&text).ok_or_else(|| Failure::Argument(format!("{}: no key in it", file.display())))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let key = new(edge);
            let mut out =
                OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).map_err(cannot)?;
            out.write_all(write(&key).as_bytes()).map_err(cannot)?;
            println!("made a new key: {}", file.display());
            Ok(key)
        }
        Err(error) => Err(cannot(error)),
    }
}

/// The first word that is a key pair: base58 of the secret and the public half, which must belong together. It has the
/// form of a signature: 64 bytes.
fn parse(text: &str) -> Option<SigningKey> {
    text.split_whitespace().find_map(|word| {
        let Signature(pair) = word.parse().ok()?;
        SigningKey::from_keypair_bytes(&pair).ok()
    })
}

fn write(key: &SigningKey) -> String {
    format!(
        "A key of Dripline. Whoever has it can play and spend for the wallet.\n\n{}\n\n{}\n",
        Wallet::of(key),
        Signature(key.to_keypair_bytes())
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_key_is_read_again_and_a_damaged_one_is_not() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let text = write(&key);
        assert_eq!(parse(&text).unwrap().to_bytes(), key.to_bytes());
        let wallet = Wallet::of(&key).to_string();
        assert!(parse(&wallet).is_none());
        let mut pair = key.to_keypair_bytes();
        pair[40] ^= 1;
        assert!(parse(&Signature(pair).to_string()).is_none());
    }
}
