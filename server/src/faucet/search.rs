//! Looking for wallets by the beginning of their text. Pure.
//!
//! A wallet's text is its 32 bytes as one number in base 58, after a `1` for each zero byte before it. So the wallets whose
//! texts begin alike are, for each length that a text can have, the keys of one span; and spans are what an index of keys finds
//! without looking at anything else.

use dripline_shared::wallet::{WALLET_TEXT_MAX, Wallet};

/// The digits of base 58, by their values.
const DIGITS: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
/// The fewest characters that are looked for.
pub(super) const SEARCH_MIN: usize = 4;

/// The spans of keys, both ends included, whose texts begin with this, by rising keys; nothing where no text can, for it is too
/// short or too long or has characters that no wallet has.
pub(super) fn spans(text: &str) -> Option<Vec<(Wallet, Wallet)>> {
    if !(SEARCH_MIN..=WALLET_TEXT_MAX).contains(&text.len()) {
        return None;
    }
    let value = |letter: u8| {
        DIGITS.iter().position(|digit| *digit == letter).and_then(|value| u8::try_from(value).ok())
    };
    let digits: Vec<u8> = text.bytes().map(value).collect::<Option<_>>()?;
    let zeros = digits.iter().take_while(|digit| **digit == 0).count();
    let rest = digits.get(zeros..).unwrap_or_default();
    let after_zeros = |byte: u8| {
        let mut key = [0; 32];
        key.iter_mut().skip(zeros).for_each(|of_key| *of_key = byte);
        key
    };
    if rest.is_empty() {
        let spans = (zeros <= 32).then(|| (Wallet([0; 32]), Wallet(after_zeros(u8::MAX))));
        return Some(spans.into_iter().collect());
    }
    // So many bytes are zero, and the next one is not.
    let mut least = [0; 32];
    let Some(first) = least.get_mut(zeros) else { return Some(Vec::new()) };
    *first = 1;
    let most = after_zeros(u8::MAX);
    let of_length = |length: usize| {
        let more = length.checked_sub(rest.len())?;
        let padded = |digit: u8| number(rest.iter().copied().chain(std::iter::repeat_n(digit, more)));
        let from = padded(0)?.max(least);
        let to = padded(57).unwrap_or([u8::MAX; 32]).min(most);
        (from <= to).then_some((Wallet(from), Wallet(to)))
    };
    Some((rest.len()..=WALLET_TEXT_MAX).filter_map(of_length).collect())
}

/// The number of these digits in base 58; nothing where it does not fit 32 bytes.
fn number(digits: impl Iterator<Item = u8>) -> Option<[u8; 32]> {
    let mut number = [0_u8; 32];
    for digit in digits {
        let mut carry = u32::from(digit);
        for byte in number.iter_mut().rev() {
            let value = u32::from(*byte).saturating_mul(58).saturating_add(carry);
            let [_, _, _, low] = value.to_be_bytes();
            *byte = low;
            carry = value >> 8;
        }
        if carry > 0 {
            return None;
        }
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_found(text: &str, wallet: Wallet) -> bool {
        spans(text).unwrap().iter().any(|(from, to)| (from..=to).contains(&&wallet))
    }

    fn keys() -> impl Strategy<Value = Wallet> {
        let zeros = prop_oneof![3 => Just(0_usize), 1 => 0..=32_usize];
        (any::<[u8; 32]>(), zeros).prop_map(|(mut key, zeros)| {
            key.iter_mut().take(zeros).for_each(|byte| *byte = 0);
            Wallet(key)
        })
    }

    proptest! {
        #[test]
        fn a_wallet_is_found_by_every_beginning_of_its_text(wallet in keys()) {
            let text = wallet.to_string();
            for length in SEARCH_MIN..=text.len() {
                prop_assert!(is_found(&text[..length], wallet), "{text} by {length}");
            }
        }

        #[test]
        fn no_wallet_is_found_whose_text_begins_otherwise(wallet in keys(), other in keys(), length in SEARCH_MIN..20_usize) {
            let text = &other.to_string()[..length];
            prop_assert_eq!(is_found(text, wallet), wallet.to_string().starts_with(text));
        }

        #[test]
        fn spans_rise_and_both_their_ends_begin_like_that(wallet in keys(), length in SEARCH_MIN..44_usize) {
            let text = wallet.to_string();
            let text = &text[..length.min(text.len())];
            let spans = spans(text).unwrap();
            for (from, to) in &spans {
                prop_assert!(from <= to);
                prop_assert!(from.to_string().starts_with(text) && to.to_string().starts_with(text));
            }
            prop_assert!(spans.windows(2).all(|pair| pair[0].1 < pair[1].0));
        }
    }

    #[test]
    fn what_no_wallet_begins_with_is_not_looked_for() {
        assert_eq!(spans("abc"), None, "too short");
        assert_eq!(spans("0OIl"), None, "no digits of base 58");
        assert_eq!(spans(&"z".repeat(45)), None, "too long");
        assert_eq!(spans(&"1".repeat(33)), Some(Vec::new()), "more zeros than a key has");
        assert_eq!(spans(&"z".repeat(44)), Some(Vec::new()), "a number that is too large");
    }
}
