//! Addresses of 20 bytes, and their checksum (EIP-55). Pure.

use std::fmt;

use k256::ecdsa::VerifyingKey;
use sha3::{Digest as _, Keccak256};

use super::hex::{self, Word};

/// An address.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Address(pub(super) [u8; 20]);

/// The Keccak-256 hash, which Ethereum has for everything.
pub(super) fn keccak(bytes: &[u8]) -> [u8; 32] {
    Keccak256::digest(bytes).into()
}

impl fmt::Display for Address {
    /// With its checksum: a letter is a capital where the hash of the small ones has a nibble of 8 or more.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let small = hex::text(&self.0);
        let digits = small.trim_start_matches("0x");
        let digest = keccak(digits.as_bytes());
        let nibbles = digest.iter().flat_map(|byte| [byte >> 4, byte & 0x0f]);
        formatter.write_str("0x")?;
        digits.chars().zip(nibbles).try_for_each(|(digit, nibble)| {
            let digit = if nibble >= 8 { digit.to_ascii_uppercase() } else { digit };
            fmt::Write::write_char(formatter, digit)
        })
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")
    }
}

impl Address {
    /// The address of a key: the last 20 bytes of the hash of its point.
    pub(super) fn of(key: &VerifyingKey) -> Self {
        let point = key.to_sec1_point(false);
        // The first byte says that what follows is not compressed.
        let digest = keccak(point.as_bytes().get(1..).unwrap_or_default());
        digest.last_chunk().map_or(Self([0; 20]), |low| Self(*low))
    }

    /// Reads an address. Of one case alone it has no checksum, of both its checksum must be right. Otherwise: what was
    /// expected.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let bytes = hex::bytes(text).and_then(|bytes| bytes.try_into().ok());
        let address = bytes.map(Self).ok_or("an address: 0x and 40 hexadecimal digits")?;
        let digits = text.trim_start_matches("0x");
        let has_checksum = digits.bytes().any(|it| it.is_ascii_lowercase())
            && digits.bytes().any(|it| it.is_ascii_uppercase());
        if has_checksum && address.to_string() != text {
            return Err(
                "an address without a slip of the pen: the checksum in its capitals is wrong".to_owned()
            );
        }
        Ok(address)
    }

    /// Reads an address that can be paid to. What the first 18 bytes of are zero is nobody's: the zero address, and the
    /// chain's own contracts, which keep what they get.
    pub(super) fn payable(text: &str) -> Result<Self, String> {
        let address = Self::read(text)?;
        if address.0.iter().take(18).all(|byte| *byte == 0) {
            return Err("an address of somebody: what is sent to this one is lost".to_owned());
        }
        Ok(address)
    }

    /// As a word of the machine.
    pub(super) fn word(&self) -> Word {
        let mut word = [0; 32];
        if let Some(low) = word.last_chunk_mut() {
            *low = self.0;
        }
        Word(word)
    }

    /// The address in a word of the machine.
    pub(super) fn of_word(word: &Word) -> Option<Self> {
        let is_padded = word.0.iter().take(12).all(|byte| *byte == 0);
        word.0.last_chunk().filter(|_| is_padded).map(|low| Self(*low))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of EIP-55.
    const EXAMPLES: [&str; 8] = [
        "0x52908400098527886E0F7030069857D2E4169EE7",
        "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
        "0xde709f2102306220921060314715629080e2fb77",
        "0x27b1fdb04752bbc536007a920d24acb045561c26",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
        "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    ];

    #[test]
    fn an_address_is_written_with_its_checksum() {
        for text in EXAMPLES {
            assert_eq!(Address::read(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn letters_of_one_case_have_no_checksum_and_of_both_a_right_one() {
        for text in EXAMPLES {
            let address = Address::payable(text).unwrap();
            assert_eq!(Address::payable(&text.to_lowercase()), Ok(address));
            assert_eq!(Address::payable(&text.to_uppercase().replace("0X", "0x")), Ok(address));
        }
        for wrong in
            ["0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed", "0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"]
        {
            assert!(Address::payable(wrong).unwrap_err().contains("checksum"), "{wrong}");
        }
    }

    #[test]
    fn what_is_not_20_bytes_of_hexadecimal_is_none() {
        let long = format!("{}00", EXAMPLES[0]);
        for text in [
            "",
            "0x",
            "alice",
            &EXAMPLES[0][2..],
            &EXAMPLES[0][..41],
            &long,
            &EXAMPLES[0].replace("0x", "0X"),
        ] {
            assert!(Address::payable(text).unwrap_err().contains("40 hexadecimal digits"), "{text}");
        }
    }

    #[test]
    fn what_nobody_has_is_not_paid_to() {
        for number in [0_u16, 1, 9, 0x100, 0xdead] {
            let text = format!("0x{number:040x}");
            assert!(Address::read(&text).is_ok());
            assert!(Address::payable(&text).unwrap_err().contains("lost"), "{text}");
        }
        assert!(Address::payable(&format!("0x{:040x}", 0x1_0000)).is_ok());
    }
}
