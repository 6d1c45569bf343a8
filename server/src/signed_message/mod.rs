//! What a wallet returns when it is asked to sign a statement: whether it is that statement, signed by that wallet. Pure.
//!
//! The feature `solana:signMessage` of the Wallet Standard answers the bytes that were signed with the signature over them,
//! and the two need not be the text that was asked for: wallets, and above all hardware behind them, put messages into
//! envelopes so that no signature can ever pass for that of a transaction. `solana:signIn` builds the text by itself, from
//! fields; of the fields of a statement it makes that statement's very text. So the signature is checked over what came back,
//! and the text within must be, byte for byte, the one that the server has made.
//!
//! Everything about an envelope is prescribed but its kind, so that a wallet has few ways to sign a statement, and nothing
//! that somebody else was to sign, or that was for another application, passes: `envelope` says what they are.

mod envelope;
#[cfg(test)]
mod tests;

use dripline_shared::error::Code;
use dripline_shared::statement::Statement;
use dripline_shared::wallet::{Signature, Wallet, WalletError};

pub use envelope::Form;

use crate::refusal::Refusal;

/// The most bytes that a wallet may return as signed: more than the longest statement in the longest envelope has.
pub const SIGNED_MESSAGE_MAX: usize = 2_048;

/// Why what a wallet returned is not the statement that it was asked to sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotSigned {
    /// It is longer than any statement.
    #[error("expected at most {SIGNED_MESSAGE_MAX} bytes")]
    TooLong,
    /// It begins like an envelope, and not with the signing domain of Solana's.
    #[error("expected an envelope that begins with the bytes of \"\\xffsolana offchain\"")]
    OtherSigningDomain,
    /// The envelope's version is none that is known.
    #[error("expected an envelope of version 0 or 1, and not {0}")]
    UnknownVersion(u8),
    /// The envelope ends before its text begins.
    #[error("the envelope is cut short")]
    CutShort,
    /// The envelope was made for another application.
    #[error("expected an envelope without an application domain, or with the host of the page that prompted")]
    OtherDomain,
    /// The envelope is to be signed by nobody, or by several.
    #[error("expected an envelope with one signer, and not with {0}")]
    SignerCount(u8),
    /// The envelope is to be signed by another wallet.
    #[error("expected an envelope to be signed by the wallet of the statement")]
    OtherSigner,
    /// The envelope's format is none that is known.
    #[error("expected a format from 0 to 2, and not {0}")]
    UnknownFormat(u8),
    /// The envelope's format is not the one for its text.
    #[error("format {0} is not the one for this text")]
    WrongFormat(u8),
    /// The envelope says that its text has another length than it has.
    #[error("expected the length that the envelope says its text has")]
    WrongLength,
    /// The text is not UTF-8.
    #[error("expected a text in UTF-8")]
    NotUtf8,
    /// The text is another one.
    #[error("expected the text of the statement, byte for byte")]
    OtherText,
    /// The wallet's signature is not one of these bytes.
    #[error("the wallet has not signed these bytes: {0}")]
    Signature(WalletError),
}

impl From<NotSigned> for Refusal {
    /// Keys that are none have codes of their own, as where a bare text is signed.
    fn from(error: NotSigned) -> Self {
        let code = match error {
            NotSigned::Signature(error) => Self::from(error).code(),
            _ => Code::BadSignature,
        };
        Self::new(code, error.to_string())
    }
}

/// Checks that `signature` is one of the wallet of `statement` over `message`, and that `message` is the text of `statement`,
/// bare or in an envelope: says in which.
pub fn check(statement: &Statement, message: &[u8], signature: &Signature) -> Result<Form, NotSigned> {
    if message.len() > SIGNED_MESSAGE_MAX {
        return Err(NotSigned::TooLong);
    }
    let (form, inner) = envelope::open(message, statement.wallet, statement.domain())?;
    if inner != statement.to_string() {
        return Err(NotSigned::OtherText);
    }
    // What costs most comes last.
    statement.wallet.verify(message, signature).map_err(NotSigned::Signature)?;
    Ok(form)
}

/// Whether `signature` is one of `wallet` over a statement of its own, in any of the forms that [`check`] accepts: for whoever has
/// not kept in which.
pub fn is_signed(statement: &Statement, wallet: Wallet, signature: &Signature) -> bool {
    let text = statement.to_string();
    let is_signed = |message: &Vec<u8>| wallet.verify(message, signature).is_ok();
    statement.wallet == wallet && envelope::all(&text, wallet, statement.domain()).iter().any(is_signed)
}
