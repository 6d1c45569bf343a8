//! What sessions and invitations are shown by: an id, by which they are found and ended, and a secret of 256 bits of chance. As
//! with API keys a plain hash of it is enough: there is nothing to guess.

use std::fmt;
use std::str::FromStr;

use dripline_shared::round::{Hash, hash};
use subtle::ConstantTimeEq;

use super::digits::{Digits, ID_BYTES, bytes};

/// The bytes of a secret.
const SECRET_BYTES: usize = 32;

/// What a token opens, so that none opens something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenUse {
    /// A session.
    Session,
    /// An invitation.
    Invitation,
    /// What a page repeats to show that it can read what the session is told.
    Csrf,
}

impl TokenUse {
    /// What the hash starts with.
    const fn tag(self) -> &'static [u8; 16] {
        match self {
            Self::Session => b"dripline:session",
            Self::Invitation => b"dripline:invite1",
            Self::Csrf => b"dripline:csrf::1",
        }
    }
}

/// A token: `<id>_<secret>`, both in hexadecimal. Secret: it is shown by [`Display`](fmt::Display) alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    id: [u8; ID_BYTES],
    secret: [u8; SECRET_BYTES],
}

impl Token {
    /// A token of these random bytes.
    pub fn new(id: [u8; ID_BYTES], secret: [u8; SECRET_BYTES]) -> Self {
        Self { id, secret }
    }

    /// Its id: 16 hexadecimal digits.
    pub fn id(&self) -> String {
        Digits(&self.id).to_string()
    }

    /// What is known of its secret where it is used for this.
    pub fn hash(&self, purpose: TokenUse) -> Hash {
        hash(purpose.tag(), &[&self.id, &self.secret])
    }

    /// Whether that is its hash, in the same time whatever is in it.
    pub fn is_of(&self, purpose: TokenUse, known: &Hash) -> bool {
        known.0.ct_eq(&self.hash(purpose).0).into()
    }
}

impl fmt::Display for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}_{}", Digits(&self.id), Digits(&self.secret))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Token({})", Digits(&self.id))
    }
}

/// A text that is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an id and a secret")]
pub struct NotAToken;

impl FromStr for Token {
    type Err = NotAToken;

    fn from_str(text: &str) -> Result<Self, NotAToken> {
        let (id, secret) = text.split_once('_').ok_or(NotAToken)?;
        Ok(Self { id: bytes(id).ok_or(NotAToken)?, secret: bytes(secret).ok_or(NotAToken)? })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;

    #[test]
    fn a_token_opens_what_it_is_for_and_nothing_else() {
        let token = Token::new([1; 8], [2; 32]);
        let hash = token.hash(TokenUse::Session);
        assert!(token.is_of(TokenUse::Session, &hash));
        assert!(!token.is_of(TokenUse::Invitation, &hash) && !token.is_of(TokenUse::Csrf, &hash));
        assert!(!Token::new([1; 8], [3; 32]).is_of(TokenUse::Session, &hash));
        assert!(
            !Token::new([2; 8], [2; 32]).is_of(TokenUse::Session, &hash),
            "with another id it is another one"
        );
    }

    #[test]
    fn what_is_logged_of_a_token_has_no_secret() {
        let token = Token::new([1; 8], [0xab; 32]);
        assert_eq!(format!("{token:?}"), "Token(0101010101010101)");
    }

    proptest! {
        #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_token_is_read_back_as_it_was_written(id in any::<[u8; 8]>(), secret in any::<[u8; 32]>()) {
            let token = Token::new(id, secret);
            prop_assert_eq!(token.to_string().parse::<Token>(), Ok(token));
        }

        #[test]
        fn no_other_text_is_a_token(text in "\\PC{0,100}") {
            prop_assert!(text.parse::<Token>().map_or(true, |token| token.to_string() == text));
        }
    }
}
