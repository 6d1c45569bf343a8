//! Bytes that differ from what a wallet may sign, and bytes of no meaning at all.

use dripline_shared::wallet::{Signature, Wallet};
use proptest::prelude::*;
use solana_offchain_message::OffchainMessage;

use super::{Parts, accepted, application_domain, key, signed, usual};
use crate::signed_message::envelope::open;
use crate::signed_message::{Form, check};

/// One change of some bytes.
#[derive(Debug, Clone, Copy)]
enum Change {
    Flip(u8),
    Insert(u8),
    Remove,
    CutOff,
    Append(u8),
}

fn changes() -> impl Strategy<Value = Change> {
    prop_oneof![
        (1..=255_u8).prop_map(Change::Flip),
        any::<u8>().prop_map(Change::Insert),
        Just(Change::Remove),
        Just(Change::CutOff),
        any::<u8>().prop_map(Change::Append),
    ]
}

fn changed(bytes: &[u8], at: usize, change: Change) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    match change {
        Change::Flip(mask) => bytes[at] ^= mask,
        Change::Insert(byte) => bytes.insert(at, byte),
        Change::Remove => drop(bytes.remove(at)),
        Change::CutOff => bytes.truncate(at),
        Change::Append(byte) => bytes.push(byte),
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_it_panic_and_none_are_a_statement_by_chance(
        bytes in prop::collection::vec(any::<u8>(), 0..200), version in 0_u8..4, envelope: bool, signature: [u8; 32],
    ) {
        let message = if envelope { [Parts::head(version), bytes].concat() } else { bytes };
        let signature = Signature([signature, signature].concat().try_into().unwrap());
        prop_assert!(check(&usual(), &message, &signature).is_err());
        prop_assert!(signed(&usual(), &message).is_err());
    }

    #[test]
    fn whatever_else_the_wallet_signs_is_refused(
        form in 0_usize..7, edits in prop::collection::vec((any::<prop::sample::Index>(), changes()), 1..4),
    ) {
        let statement = usual();
        let forms = accepted(&statement);
        let original = &forms[form].1;
        let message = edits.into_iter().fold(original.clone(), |bytes, (at, change)| {
            if bytes.is_empty() { bytes } else { changed(&bytes, at.index(bytes.len()), change) }
        });
        let by_form = forms.iter().find(|(_, bytes)| *bytes == message).map(|(form, _)| *form);
        prop_assert_eq!(signed(&statement, &message).ok(), by_form);
        // The signature over the original is one over nothing else.
        if message != *original {
            prop_assert!(check(&statement, &message, &Signature::of(&key(7), original)).is_err());
        }
    }

    #[test]
    fn every_text_comes_out_of_every_envelope_as_it_went_in(text in "[ -~]{1,300}|[ -~\n\u{e9}\u{4e00}]{1,300}") {
        let (wallet, host) = (Wallet::of(&key(7)), "faucet.example:8443");
        let theirs = OffchainMessage::new(0, text.as_bytes()).unwrap().serialize().unwrap();
        prop_assert_eq!(open(&theirs, wallet, host), Ok((Form::V0Short, &text[..])));
        let format = u8::from(!text.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        for domain in [[0; 32], application_domain()] {
            let named = Parts::with_signers(&text, format, domain).bytes();
            prop_assert_eq!(open(&named, wallet, host), Ok((Form::V0WithSigners, &text[..])));
        }
        let v1 = Parts::v1(&text).bytes();
        prop_assert_eq!(open(&v1, wallet, host), Ok((Form::V1, &text[..])));
        prop_assert_eq!(open(text.as_bytes(), wallet, host), Ok((Form::Text, &text[..])));
    }
}

#[test]
fn every_single_change_of_one_byte_is_refused() {
    let statement = usual();
    let forms = accepted(&statement);
    for (_, original) in &forms {
        let signature = Signature::of(&key(7), original);
        // The text in the middle is no more special than its ends: every place of the head, and some of the text.
        let places = (0..120).chain((120..original.len()).step_by(37)).chain([original.len() - 1]);
        for (at, change) in places.flat_map(|at| {
            let flips = (0..8).map(|bit| Change::Flip(1 << bit));
            flips.chain([Change::Insert(0), Change::Remove, Change::CutOff]).map(move |change| (at, change))
        }) {
            let message = changed(original, at, change);
            if !forms.iter().any(|(_, bytes)| *bytes == message) {
                assert!(
                    open(&message, statement.wallet, statement.domain())
                        .map_or(true, |(_, text)| text != statement.to_string())
                );
            }
            assert!(
                message == *original || check(&statement, &message, &signature).is_err(),
                "{at} {change:?}"
            );
        }
    }
}
