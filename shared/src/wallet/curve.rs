//! Signatures on the curve: with feature `signatures`. The pages do without it: browsers sign for the players, and nothing
//! there checks a signature but the page of the ledger, by the browser too.

use ed25519_dalek::{Signer, SigningKey, VerifyingKey};

use super::{Signature, Wallet, WalletError};

impl Wallet {
    /// The public half of `key`.
    pub fn of(key: &SigningKey) -> Self {
        Self(key.verifying_key().to_bytes())
    }

    /// The key of this wallet; refuses what is not a canonical point on the curve, and points of small order.
    pub fn key(&self) -> Result<VerifyingKey, WalletError> {
        let key = VerifyingKey::from_bytes(&self.0).map_err(|_| WalletError::NotAKey)?;
        // `from_bytes` reduces a coordinate at or above the field's prime instead of refusing it; one player must
        // not have two names.
        if key.to_edwards().compress().to_bytes() != self.0 {
            return Err(WalletError::NotAKey);
        }
        if key.is_weak() { Err(WalletError::Weak) } else { Ok(key) }
    }

    /// Checks a signature over `message`, strictly: canonical R and S, no point of small order.
    ///
    /// This is the only check of signatures in Dripline. `verify`, `verify_batch` and `legacy_compatibility` accept
    /// what `verify_strict` refuses, and with them one round could carry two different signatures.
    pub fn verify(&self, message: &[u8], signature: &Signature) -> Result<(), WalletError> {
        let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
        self.key()?.verify_strict(message, &signature).map_err(|_| WalletError::BadSignature)
    }
}

impl Signature {
    /// Signs `message`.
    pub fn of(key: &SigningKey, message: &[u8]) -> Self {
        Self(key.sign(message).to_bytes())
    }
}
