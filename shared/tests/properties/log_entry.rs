//! Leaves of the log: one text for one transfer, and no way to say two things with one text.

use dripline_shared::amount::Amount;
use dripline_shared::api::{LogEntryView, OutcomeView, Receipt};
use dripline_shared::log::{LogEntry, WORD_MAX, leaf_hash};
use dripline_shared::round::{Hash, RoundId, RoundSecret};
use dripline_shared::time::{TIMESTAMP_MAX, Timestamp};
use dripline_shared::wallet::{Signature, Wallet};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::support::{altered, amounts, config, moments};

fn flipped<const N: usize>(mut bytes: [u8; N], bit: Index) -> [u8; N] {
    let bit = bit.index(N * 8);
    bytes[bit / 8] ^= 1 << (bit % 8);
    bytes
}

fn words() -> impl Strategy<Value = String> {
    "[!-~]{1,128}"
}

/// An owned [`LogEntry`].
#[derive(Debug, Clone)]
struct Fields {
    faucet: [u8; 32],
    id: u64,
    at: Timestamp,
    amount: Amount,
    words: [String; 4],
    reference: Option<String>,
    worth: Option<(Amount, String)>,
}

impl Fields {
    fn entry(&self) -> LogEntry<'_> {
        let [kind, asset, from, to] = self.words.each_ref().map(String::as_str);
        LogEntry {
            faucet: Hash(self.faucet),
            id: self.id,
            at: self.at,
            kind,
            asset,
            from,
            to,
            amount: self.amount,
            reference: self.reference.as_deref(),
            worth: self.worth.as_ref().map(|(millionths, currency)| (*millionths, currency.as_str())),
        }
    }
}

fn fields() -> impl Strategy<Value = Fields> {
    let words = [words(), words(), words(), words()];
    let reference = proptest::option::of("[!-~]{1,128}");
    let worth = proptest::option::of((amounts(), "[!-~]{1,128}"));
    (any::<[u8; 32]>(), any::<u64>(), moments(), amounts(), words, reference, worth).prop_map(
        |(faucet, id, at, amount, words, reference, worth)| Fields {
            faucet,
            id,
            at,
            amount,
            words,
            reference,
            worth,
        },
    )
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_leaf_reads_back_from_its_text(fields in fields()) {
        let entry = fields.entry();
        let text = entry.text().unwrap();
        prop_assert_eq!(LogEntry::parse(&text), Ok(entry));
        prop_assert_eq!(entry.leaf_hash(), Ok(leaf_hash(text.as_bytes())));
    }

    #[test]
    fn changing_any_one_field_of_a_leaf_changes_its_text(
        fields in fields(),
        word in words(),
        at in 0..4_usize,
        worth in amounts(),
        bit in any::<Index>(),
    ) {
        let text = fields.entry().text().unwrap();
        let mut others = vec![
            Fields { faucet: flipped(fields.faucet, bit), ..fields.clone() },
            Fields { id: fields.id ^ 1, ..fields.clone() },
            Fields { at: Timestamp(fields.at.0 ^ 1), ..fields.clone() },
            Fields { amount: Amount::try_from(fields.amount.units() ^ 1).unwrap(), ..fields.clone() },
        ];
        let mut other_word = fields.clone();
        other_word.words[at].clone_from(&word);
        let mut exchanged = fields.clone();
        exchanged.words.swap(at, 3 - at);
        let other_reference = fields.reference.is_none().then(|| word.clone());
        let other_worth = fields.worth.clone().map_or((worth, word.clone()), |(_, currency)| (worth, currency));
        let other_currency = fields.worth.clone().map(|(millionths, _)| (millionths, word));
        others.extend([other_word, exchanged, Fields { reference: other_reference, ..fields.clone() }]);
        others.extend([Some(other_worth), other_currency].map(|worth| Fields { worth, ..fields.clone() }));
        for other in others {
            if other.entry() != fields.entry() {
                prop_assert_ne!(other.entry().text().unwrap(), &text[..]);
            }
        }
    }

    #[test]
    fn an_altered_text_is_another_leaf_or_none(
        fields in fields(),
        place in any::<Index>(),
        letter in "[ -~\n\u{e9}]",
    ) {
        let text = fields.entry().text().unwrap();
        for altered in altered(&text, place.index(text.len()), &letter) {
            if altered != text && let Ok(read) = LogEntry::parse(&altered) {
                prop_assert_ne!(read, fields.entry());
                prop_assert_eq!(read.text().unwrap(), altered);
            }
        }
    }

    #[test]
    fn what_does_not_fit_a_line_makes_no_leaf(
        fields in fields(),
        at in 0..6_usize,
        bad in "[!-~]{0,4}[ \n\r\t\u{0}\u{85}\u{2028}\u{e9}][!-~]{0,4}|",
    ) {
        let mut fields = fields;
        match fields.words.get_mut(at) {
            Some(word) => *word = bad,
            None if at == 4 => fields.reference = Some(bad),
            None => fields.worth = Some((Amount::ZERO, bad)),
        }
        prop_assert!(fields.entry().text().is_err());
    }

    #[test]
    fn reading_any_text_as_a_leaf_never_panics(text in "\\PC*|[ -~\n]{0,400}") {
        let _any = LogEntry::parse(&text);
    }
}

#[test]
fn a_leaf_has_bounds() {
    let long = "a".repeat(WORD_MAX + 1);
    let mut fields = Fields {
        faucet: [0; 32],
        id: u64::MAX,
        at: TIMESTAMP_MAX,
        amount: Amount::MAX,
        words: [&long[1..], "A", "b", "c"].map(str::to_owned),
        reference: None,
        worth: Some((Amount::MAX, long[1..].to_owned())),
    };
    assert!(fields.entry().text().is_ok());
    fields.at = Timestamp(TIMESTAMP_MAX.0 + 1);
    assert!(fields.entry().text().is_err());
    fields.at = TIMESTAMP_MAX;
    fields.words[0] = long;
    assert!(fields.entry().text().is_err());
}

#[test]
fn an_entry_shows_the_hash_of_its_text() {
    let text = "Dripline transfer".to_owned();
    let mut view = LogEntryView { index: 0, leaf_hash: leaf_hash(text.as_bytes()), text };
    assert!(view.is_hash_of_text());
    view.text.push('\n');
    assert!(!view.is_hash_of_text());
}

#[test]
fn a_drip_is_of_the_receipt_that_says_the_same_and_of_no_other() {
    let receipt = Receipt {
        faucet: Hash([1; 32]),
        round: RoundId([2; 16]),
        wallet: Wallet([3; 32]),
        level: "catch-1".to_owned(),
        campaign: "default".to_owned(),
        outcome: OutcomeView { won: true, score: 1, stars: 1, length: 1 },
        base: Amount::from_units(7),
        factors: Vec::new(),
        amount: Amount::from_units(7),
        asset: "DRIP".to_owned(),
        balance: Amount::from_units(9),
        pays_again_at_ms: Timestamp(9),
        transcript: Hash([4; 32]),
        round_secret: RoundSecret([5; 32]),
        claimed_at_ms: Timestamp(8),
        log: None,
        key_id: "receipt-1".to_owned(),
        signature: Signature([0; 64]),
    };
    let (wallet, round) = (receipt.wallet, receipt.round);
    let fields = Fields {
        faucet: [1; 32],
        id: 6,
        at: Timestamp(8),
        amount: Amount::from_units(7),
        words: ["drip", "DRIP", "campaign:default", &format!("player:{wallet}")].map(str::to_owned),
        reference: Some(format!("round:{round}")),
        worth: None,
    };
    assert!(fields.entry().is_drip_of(&receipt));
    let worth = Some((Amount::from_units(1), "EUR".to_owned()));
    assert!(Fields { worth, ..fields.clone() }.entry().is_drip_of(&receipt), "whatever it was worth");
    let with_word = |at: usize, word: &str| {
        let mut fields = fields.clone();
        word.clone_into(&mut fields.words[at]);
        fields
    };
    assert!(with_word(2, "slice:12:default").entry().is_drip_of(&receipt), "from what a server has of it");
    for other in [
        Fields { faucet: [2; 32], ..fields.clone() },
        Fields { at: Timestamp(9), ..fields.clone() },
        Fields { amount: Amount::from_units(8), ..fields.clone() },
        Fields { reference: None, ..fields.clone() },
        Fields { reference: Some(round.to_string()), ..fields.clone() },
        with_word(0, "budget"),
        with_word(1, "DROP"),
        with_word(2, "campaign:other"),
        with_word(2, "slice:12:other"),
        with_word(2, "slice:default"),
        with_word(2, "slice:x:default"),
        with_word(3, "player:other"),
    ] {
        assert!(!other.entry().is_drip_of(&receipt), "{other:?}");
    }
}
