//! Identifiers in hexadecimal, round ids, and the hashes that bind a round together.

use std::collections::BTreeSet;

use dripline_shared::error::Code;
use dripline_shared::round::{ClientId, Hash, RoundId, RoundSecret, segment_seed, transcript_next};
use dripline_shared::time::Timestamp;
use proptest::prelude::*;

use crate::support::config;

proptest! {
    #![proptest_config(config())]

    #[test]
    fn an_identifier_reads_back_from_its_text_and_its_json(bytes in any::<[u8; 16]>(), hash in any::<[u8; 32]>()) {
        let (id, hash) = (ClientId(bytes), Hash(hash));
        prop_assert_eq!(id.to_string().parse::<ClientId>().unwrap(), id);
        prop_assert_eq!(hash.to_string().parse::<Hash>().unwrap(), hash);
        prop_assert_eq!(id.to_string().len(), 32);
        let json = serde_json::to_string(&hash).unwrap();
        prop_assert_eq!(serde_json::from_str::<Hash>(&json).unwrap(), hash);
    }

    #[test]
    fn a_text_that_is_an_identifier_is_the_text_of_that_identifier(text in "[0-9a-fA-F]{30,34}|\\PC{0,34}") {
        if let Ok(id) = text.parse::<ClientId>() {
            prop_assert_eq!(id.to_string(), text);
        }
    }

    #[test]
    fn round_ids_tell_when_they_were_opened_and_sort_by_it(
        one in 0..(1_u64 << 48),
        other in 0..(1_u64 << 48),
        random in any::<[u8; 10]>(),
    ) {
        let (first, second) = (RoundId::new(Timestamp(one), random), RoundId::new(Timestamp(other), random));
        prop_assert_eq!(first.opened_at(), Timestamp(one));
        prop_assert_eq!(first.cmp(&second), one.cmp(&other));
        prop_assert_eq!(first.to_string().cmp(&second.to_string()), one.cmp(&other));
    }

    #[test]
    fn a_seed_depends_on_the_secret_the_segment_and_the_play(
        secret in any::<[u8; 32]>(),
        segment in any::<u32>(),
        played in any::<[u8; 32]>(),
        bit in 0_usize..256,
    ) {
        let flip = |mut bytes: [u8; 32]| {
            bytes[bit / 8] ^= 1 << (bit % 8);
            bytes
        };
        let seeds = BTreeSet::from([
            segment_seed(RoundSecret(secret), segment, Hash(played)),
            segment_seed(RoundSecret(flip(secret)), segment, Hash(played)),
            segment_seed(RoundSecret(secret), segment ^ (1 << (bit % 32)), Hash(played)),
            segment_seed(RoundSecret(secret), segment, Hash(flip(played))),
        ]);
        prop_assert_eq!(seeds.len(), 4);
    }

    #[test]
    fn the_running_hash_tells_how_inputs_lie_in_segments(
        bytes in prop::collection::vec(any::<u8>(), 1..40),
        cut in any::<prop::sample::Index>(),
        length in 1_u32..240,
    ) {
        let start = Hash([7; 32]);
        let (head, tail) = bytes.split_at(cut.index(bytes.len()));
        let whole = transcript_next(start, 0, length, &bytes);
        let halves = transcript_next(transcript_next(start, 0, length, head), 1, length, tail);
        prop_assert_ne!(whole, halves);
        prop_assert_ne!(whole, transcript_next(start, 1, length, &bytes));
        prop_assert_ne!(whole, transcript_next(start, 0, length + 1, &bytes));
    }
}

#[test]
fn hexadecimal_is_lower_case_and_of_exact_length() {
    let text = "00112233445566778899aabbccddeeff";
    assert!(text.parse::<RoundId>().is_ok());
    for wrong in [
        "00112233445566778899AABBCCDDEEFF",
        "00112233445566778899aabbccddeef",
        "00112233445566778899aabbccddeeff0",
        "00112233445566778899aabbccddeeff00",
        "0x112233445566778899aabbccddeeff",
        "00112233445566778899aabbccddee\u{e9}",
        " 0112233445566778899aabbccddeeff",
        "+0112233445566778899aabbccddeeff",
        "",
    ] {
        assert!(wrong.parse::<RoundId>().is_err(), "{wrong:?}");
    }
}

#[test]
fn every_code_has_its_own_text_and_a_status_of_an_error() {
    let texts: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(texts.len(), Code::ALL.len());
    for code in Code::ALL {
        assert!((400..=599).contains(&code.status()), "{code:?}");
        assert!(!code.title().is_empty() && !code.title().ends_with('.'), "{code:?}");
        let json = serde_json::to_string(code).unwrap();
        assert_eq!(json, format!("\"{}\"", code.as_str()));
        assert_eq!(serde_json::from_str::<Code>(&json).unwrap(), *code);
    }
}
