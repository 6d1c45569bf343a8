//! The page's JSON and serde's are the same: what one writes the other reads, and what one refuses the other refuses.

use std::fmt::Debug;

use dripline_shared::amount::Asset;
use dripline_shared::api::{
    AddressRequest, AddressView, CampaignView, CatalogView, ClaimRequest, ConsistencyProof, Direction,
    HistoryPage, InclusionProof, IssuedReadKey, LevelView, LogEntryView, Notices, OpenAnswer, OpenRequest,
    Problem, RailList, ReadKeyList, ReadKeyListRequest, ReadKeyRequest, ReadKeyRevocation, Reason, Receipt,
    RoundState, RoundView, SegmentAnswer, SignedTreeHead, VoucherLook, VoucherView, WalletView,
    WithdrawalPage, WithdrawalRequest, WithdrawalView,
};
use dripline_shared::catalog::Catalog;
use dripline_shared::error::Code;
use dripline_shared::json::{FromJson, NUMBER_END, ToJson};
use dripline_shared::level::{Level, Unlock};
use dripline_shared::payout::{RailKind, WithdrawalState};
use dripline_shared::reward::FactorName;
use dripline_shared::rng::SegmentRng;
use dripline_shared::round::{Hash, Seed};
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::Wallet;
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use self::samples::{Dice, Sample};
use crate::support::config;

#[cfg(feature = "operators")]
mod operators;
mod samples;

/// How often each value is damaged.
const DAMAGES: usize = 8;

/// `value` is the same on both ways and in both directions.
fn agrees<T: FromJson + ToJson + Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let theirs = serde_json::to_value(value).expect("plain data");
    let ours: Value = value.to_json();
    assert_eq!(T::from_json(&theirs).as_ref(), Some(value), "read from {theirs}");
    assert_eq!(T::from_json(&ours).as_ref(), Some(value), "read from {ours}");
    assert_eq!(
        &serde_json::from_value::<T>(ours.clone()).expect("serde reads it"),
        value,
        "written as {ours}"
    );
    assert_eq!(without_nulls(ours), without_nulls(theirs));
}

/// Serde writes `null` for what is left out here; both read both.
fn without_nulls(json: Value) -> Value {
    match json {
        Value::Object(fields) => {
            let kept = fields.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(key, value)| (key, without_nulls(value))).collect())
        }
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        other => other,
    }
}

/// The places of a value, as JSON pointers, that of the whole among them.
fn places(json: &Value, here: &str, found: &mut Vec<String>) {
    found.push(here.to_owned());
    match json {
        Value::Object(fields) => {
            fields.iter().for_each(|(key, value)| places(value, &format!("{here}/{key}"), found));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, value)| places(value, &format!("{here}/{at}"), found));
        }
        _ => {}
    }
}

/// What is put in the place of something.
fn changes() -> Vec<Value> {
    vec![
        json!(null),
        json!(true),
        json!(-1),
        json!(0.5),
        json!(1.0),
        json!(1e300),
        json!(256),
        json!(65_536),
        json!(1_u64 << 32),
        json!(""),
        json!("1"),
        json!("open"),
        json!([]),
        json!([1]),
        json!({}),
        json!({ "x": 1 }),
        json!({ "stars": 1, "cleared": "x" }),
    ]
}

/// The same JSON with one thing wrong with it, or something that is none the worse for it.
fn damaged(json: &Value, changes: &[Value], dice: &mut Dice) -> Value {
    let (mut json, mut found) = (json.clone(), Vec::new());
    places(&json, "", &mut found);
    let place = dice.one_of(&found);
    match place.rsplit_once('/') {
        Some((parent, key)) if dice.roll::<bool>() => match json.pointer_mut(parent) {
            Some(Value::Object(fields)) => drop(fields.remove(key)),
            Some(Value::Array(items)) => drop(items.remove(key.parse().expect("an index"))),
            _ => {}
        },
        _ => *json.pointer_mut(&place).expect("a place of it") = dice.one_of(changes),
    }
    json
}

/// A value of `T`, and what damage does to it, are read here as by serde.
fn holds<T: Sample + FromJson + ToJson + Serialize + DeserializeOwned + PartialEq + Debug>(seed: [u8; 32]) {
    holds_under::<T>(seed, &changes(), |_| true);
}

/// The same under damage by these `changes`, as far as what it leaves `is_compared`.
fn holds_under<T: Sample + FromJson + ToJson + Serialize + DeserializeOwned + PartialEq + Debug>(
    seed: [u8; 32],
    changes: &[Value],
    is_compared: fn(&Value) -> bool,
) {
    let mut dice = Dice(SegmentRng::new(&Seed(seed)));
    let value: T = dice.roll();
    agrees(&value);
    let json = serde_json::to_value(&value).expect("plain data");
    for _ in 0..DAMAGES {
        let bad = damaged(&json, changes, &mut dice);
        if is_compared(&bad) {
            assert_eq!(T::from_json(&bad), serde_json::from_value(bad.clone()).ok(), "{bad}");
        }
    }
}

macro_rules! every_type {
    ($holds:ident; $($test:ident: $type:ty;)*) => {
        proptest! {
            #![proptest_config(config())]

            $(
                #[test]
                fn $test(seed in any::<[u8; 32]>()) {
                    $holds::<$type>(seed);
                }
            )*
        }
    };
}
#[cfg(feature = "operators")]
use every_type;

every_type! {
    holds;
    the_opening_is_the_same: OpenRequest;
    the_opened_round_is_the_same: OpenAnswer;
    a_segments_answer_is_the_same: SegmentAnswer;
    a_round_is_the_same: RoundView;
    a_claim_is_the_same: ClaimRequest;
    a_receipt_is_the_same: Receipt;
    a_level_is_the_same: LevelView;
    the_catalog_is_the_same: CatalogView;
    a_campaign_that_players_see_is_the_same: CampaignView;
    the_question_what_a_voucher_is_for_is_the_same: VoucherLook;
    what_a_voucher_is_for_is_the_same: VoucherView;
    a_wallet_is_the_same: WalletView;
    history_is_the_same: HistoryPage;
    a_refusal_is_the_same: Problem;
    the_rails_are_the_same: RailList;
    the_setting_of_an_address_is_the_same: AddressRequest;
    an_address_is_the_same: AddressView;
    a_request_to_withdraw_is_the_same: WithdrawalRequest;
    a_withdrawal_is_the_same: WithdrawalView;
    withdrawals_are_the_same: WithdrawalPage;
    the_request_for_a_read_only_key_is_the_same: ReadKeyRequest;
    the_request_for_the_list_of_read_only_keys_is_the_same: ReadKeyListRequest;
    the_revocation_of_a_read_only_key_is_the_same: ReadKeyRevocation;
    a_read_only_key_that_was_issued_is_the_same: IssuedReadKey;
    the_list_of_read_only_keys_is_the_same: ReadKeyList;
    a_tree_head_is_the_same: SignedTreeHead;
    a_proof_of_inclusion_is_the_same: InclusionProof;
    a_proof_of_consistency_is_the_same: ConsistencyProof;
    an_entry_of_the_log_is_the_same: LogEntryView;
    what_unlocks_a_level_is_the_same: Unlock;
}

/// As [`holds`], of a type without a field that has to be there: what is no object at all is an empty one to the page.
fn holds_of_objects<T: Sample + FromJson + ToJson + Serialize + DeserializeOwned + PartialEq + Debug>(
    seed: [u8; 32],
) {
    holds_under::<T>(seed, &changes(), Value::is_object);
}

every_type! {
    holds_of_objects;
    the_notices_are_the_same: Notices;
}

#[test]
fn every_level_of_a_first_run_and_every_word_is_the_same() {
    Catalog::first_run().levels.iter().for_each(agrees);
    Code::ALL.iter().for_each(agrees);
    FactorName::ALL.iter().for_each(agrees);
    Direction::ALL.iter().for_each(agrees);
    RailKind::ALL.iter().for_each(agrees);
    WithdrawalState::ALL.iter().for_each(agrees);
    for (state, word) in [
        (RoundState::Open, "open"),
        (RoundState::Finished, "finished"),
        (RoundState::Claimed, "claimed"),
        (RoundState::Ended, "ended"),
        (RoundState::Expired, "expired"),
    ] {
        agrees(&state);
        assert_eq!(state.to_json::<Value>(), json!(word));
    }
}

#[test]
fn an_answer_may_grow() {
    let reason = json!({ "code": "cooldown", "message": "Wait.", "until_ms": 7, "severity": "low" });
    let read = Reason {
        code: Code::Cooldown,
        message: "Wait.".to_owned(),
        subject: None,
        until_ms: Some(Timestamp(7)),
    };
    assert_eq!(Reason::from_json(&reason), Some(read));
    let mut level = serde_json::to_value(&Catalog::first_run().levels[0]).unwrap();
    level["hint"] = json!("Look up.");
    assert_eq!(Level::from_json(&level).as_ref(), Catalog::first_run().levels.first());
}

#[test]
fn a_number_is_whole_and_within_what_json_keeps_apart() {
    for good in [0, 1, NUMBER_END - 1] {
        assert_eq!(u64::from_json(&json!(good)), Some(good));
    }
    for bad in
        [json!(NUMBER_END), json!(u64::MAX), json!(-1), json!(0.5), json!("1"), json!(null), json!([1])]
    {
        assert_eq!(u64::from_json(&bad), None, "{bad}");
        assert_eq!(Timestamp::from_json(&bad), None, "{bad}");
    }
    assert_eq!(u8::from_json(&json!(255)), Some(255));
    assert_eq!(u8::from_json(&json!(256)), None);
    assert_eq!(u32::from_json(&json!(1_u64 << 32)), None);
}

#[test]
fn a_list_is_read_whole_or_not_at_all() {
    assert_eq!(Vec::<u8>::from_json(&json!([1, 2])), Some(vec![1, 2]));
    assert_eq!(Vec::<u8>::from_json(&json!([1, 256, 2])), None);
    assert_eq!(Vec::<Option<u8>>::from_json(&json!([1, null])), Some(vec![Some(1), None]));
    assert_eq!(vec![Some(1_u8), None].to_json::<Value>(), json!([1, null]));
    assert_eq!(<[u32; 2]>::from_json(&json!([1, 2])), Some([1, 2]));
    for bad in [json!([1]), json!([1, 2, 3]), json!({}), json!("12"), json!(null)] {
        assert_eq!(<[u32; 2]>::from_json(&bad), None, "{bad}");
    }
}

#[test]
fn a_text_that_is_no_key_no_hash_and_no_word_is_refused() {
    for text in ["", "0", "zz", "Cooldown", "open "] {
        assert_eq!(Wallet::from_json(&json!(text)), None);
        assert_eq!(Hash::from_json(&json!(text)), None);
        assert_eq!(Code::from_json(&json!(text)), None);
        assert_eq!(Unlock::from_json(&json!(text)), None);
    }
    assert_eq!(Asset::from_json(&json!({ "code": "DRIP" })), None);
    assert_eq!(Unlock::from_json(&json!({ "stars": 1, "cleared": "catch-1" })), None);
}
