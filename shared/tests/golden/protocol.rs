//! Texts, hashes, encodings and random numbers: everything that a client in another language would have to get right.

use dripline_shared::amount::{Amount, Asset};
use dripline_shared::api::{LogPromise, OutcomeView, Receipt};

use dripline_shared::catalog::Catalog;
use dripline_shared::error::Code;
use dripline_shared::log::NodeHash;
use dripline_shared::reward::{Factor, FactorName};
use dripline_shared::rng::SegmentRng;
use dripline_shared::round::{
    CLAIM_WINDOW_MS, ClientId, Hash, RoundId, RoundSecret, STATEMENT_SKEW_MS, Seed, board_seed, commitment,
    faucet_fingerprint, level_hash, round_secret, round_token, segment_seed, transcript_next,
    transcript_start,
};
use dripline_shared::statement::{Act, Statement, WalletAct, receipt_text};
use dripline_shared::time::{DAY_MS, MINUTE_MS, Timestamp};
use dripline_shared::transcript::push_event;
use dripline_shared::wallet::{Signature, Wallet};
use ed25519_dalek::SigningKey;
use serde_json::{Value, json};

use crate::store::{hex, hold};

fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

/// The key of a browser that a wallet delegates to.
fn delegate() -> SigningKey {
    SigningKey::from_bytes(&[9; 32])
}

/// `first`, and each byte one more than the one before.
fn rising<const N: usize>(first: u8) -> [u8; N] {
    let mut bytes = [0; N];
    bytes.iter_mut().zip(first..=255).for_each(|(byte, value)| *byte = value);
    bytes
}

fn round() -> RoundId {
    RoundId::new(Timestamp(1_769_903_999_000), rising(0xa0))
}

/// An open holds for five minutes; a claim, until a day after the time to play: here a minute.
fn statement(act: Act) -> Statement {
    let holds_ms = match act {
        Act::Claim { .. } => MINUTE_MS + CLAIM_WINDOW_MS,
        _ => STATEMENT_SKEW_MS,
    };
    let issued_at = Timestamp(1_769_903_999_000);
    Statement {
        origin: "https://faucet.example:8443".to_owned(),
        wallet: Wallet::of(&key()),
        issued_at,
        expires_at: issued_at.plus(holds_ms),
        faucet: Hash(rising(0x40)),
        act,
    }
}

#[test]
fn statements_and_their_signatures_are_byte_for_byte_the_same() {
    let open_by = |site: Option<&str>, delegate, abandon| Act::Open {
        client_id: ClientId(rising(0x10)),
        level: "catch-1".to_owned(),
        campaign: "default".to_owned(),
        site: site.map(str::to_owned),
        delegate,
        rules_version: 1,
        abandon,
    };
    let open_at = |site, abandon| open_by(site, None, abandon);
    let open = |abandon| open_at(None, abandon);
    let claim = Act::Claim { round: round(), level: Hash(rising(0x60)), transcript: Hash(rising(0x80)) };
    let address = || "7EqQdEULxWcraVx3mXKFjc84LhCkMGZCkRuDpvcMwJeK".to_owned();
    let set = |site: Option<&str>| Act::Address {
        client_id: ClientId(rising(0x10)),
        rail: "solana".to_owned(),
        address: address(),
        site: site.map(str::to_owned),
    };
    let withdraw = |site: Option<&str>| Act::Withdraw {
        client_id: ClientId(rising(0x10)),
        rail: "solana".to_owned(),
        asset: Asset { code: "DRIP".to_owned(), decimals: 6 },
        amount: Amount::from_units(1_500_000),
        address: address(),
        fee_max: Amount::from_units(1_000),
        site: site.map(str::to_owned),
    };
    let issue = |until| Act::IssueReadKey { client_id: ClientId(rising(0x10)), until };
    let entry = |act| {
        let statement = statement(act);
        let text = statement.to_string();
        assert_eq!(Statement::parse(&text), Ok(statement));
        let signature = Signature::of(&key(), text.as_bytes());
        json!({ "lines": text.lines().collect::<Vec<_>>(), "signature": signature })
    };
    let delegation = |site: Option<&str>| {
        let act = WalletAct::Delegate {
            client_id: ClientId(rising(0x10)),
            delegate: Wallet::of(&delegate()),
            until: Timestamp(1_769_903_999_000).plus(30 * DAY_MS),
            site: site.map(str::to_owned),
        };
        let statement = statement(Act::OfWallets(act));
        let countersignature = Signature::of(&delegate(), statement.to_string().as_bytes());
        let mut entry = entry(statement.act);
        entry["countersignature"] = json!(countersignature);
        entry
    };
    let of_wallets = |act| entry(Act::OfWallets(act));
    let client_id = ClientId(rising(0x10));
    let shop = || Some("shop".to_owned());
    hold(
        "statements.json",
        &json!({
            "secret_key": hex(&key().to_bytes()),
            "secret_key_of_the_browser": hex(&delegate().to_bytes()),
            "delegate": delegation(None),
            "delegate_on_a_site": delegation(Some("arcade")),
            "list_delegations": of_wallets(WalletAct::ListDelegations { client_id, site: None }),
            "list_delegations_on_a_site": of_wallets(WalletAct::ListDelegations { client_id, site: shop() }),
            "revoke_delegation": of_wallets(WalletAct::RevokeDelegation { id: client_id, site: None }),
            "revoke_delegation_on_a_site": of_wallets(WalletAct::RevokeDelegation { id: client_id, site: shop() }),
            "move_balance": of_wallets(WalletAct::MoveBalance { client_id, to: Wallet([0x5a; 32]) }),
            "open": entry(open(None)),
            "open_and_abandon": entry(open(Some(round()))),
            "open_on_a_site": entry(open_at(Some("shop"), None)),
            "open_on_a_site_and_abandon": entry(open_at(Some("shop"), Some(round()))),
            "open_by_a_delegate": entry(open_by(None, Some(Wallet([0x5a; 32])), None)),
            "claim": entry(claim),
            "address": entry(set(None)),
            "address_on_a_site": entry(set(Some("shop"))),
            "withdraw": entry(withdraw(None)),
            "withdraw_on_a_site": entry(withdraw(Some("shop"))),
            "issue_read_key": entry(issue(None)),
            "issue_read_key_until": entry(issue(Some(Timestamp(1_801_439_999_000)))),
            "list_read_keys": entry(Act::ListReadKeys { client_id: ClientId(rising(0x10)) }),
            "revoke_read_key": entry(Act::RevokeReadKey { id: ClientId(rising(0x10)) }),
        }),
    );
}

#[test]
fn a_receipt_is_signed_over_the_same_text() {
    let receipt = Receipt {
        faucet: Hash(rising(0x40)),
        round: round(),
        wallet: Wallet::of(&key()),
        level: "catch-1".to_owned(),
        campaign: "default".to_owned(),
        outcome: OutcomeView { won: true, score: 1_234, stars: 2, length: 2_400 },
        base: Amount::from_units(10_000),
        factors: vec![
            Factor { name: FactorName::Stars, basis_points: 12_500 },
            Factor { name: FactorName::FirstClear, basis_points: 20_000 },
            Factor { name: FactorName::Streak, basis_points: 10_500 },
            Factor { name: FactorName::Repeat, basis_points: 10_000 },
        ],
        amount: Amount::from_units(26_250),
        asset: "DRIP".to_owned(),
        balance: Amount::from_units(126_250),
        pays_again_at_ms: Timestamp(1_769_904_299_000),
        transcript: Hash(rising(0x80)),
        round_secret: RoundSecret(rising(0xc0)),
        claimed_at_ms: Timestamp(1_769_903_999_000),
        log: Some(LogPromise { leaf: NodeHash(rising(0x20)), by_ms: Timestamp(1_769_904_009_000) }),
        key_id: "1".to_owned(),
        signature: Signature([0; 64]),
    };
    let text = receipt_text(&receipt);
    let json = serde_json::to_value(&receipt).unwrap();
    hold("receipt.json", &json!({ "receipt": json, "lines": text.lines().collect::<Vec<_>>() }));
}

#[test]
fn hashes_seeds_and_tokens_are_the_same() {
    let start = transcript_start(round(), Hash(rising(0x60)), 1);
    let first = transcript_next(start, 0, 240, &[0, 1, 5, 0]);
    let second = transcript_next(first, 1, 17, &[]);
    let secret = RoundSecret(rising(0xc0));
    let level = Catalog::first_run().levels.remove(0);
    let wallet = Wallet::of(&key());
    hold(
        "hashes.json",
        &json!({
            "round": round(),
            "transcript_start": start,
            "transcript_after_the_first_segment": first,
            "transcript_after_the_second_segment": second,
            "seed_0": segment_seed(secret, 0, start),
            "seed_1": segment_seed(secret, 1, start),
            "seed_2": segment_seed(secret, 2, first),
            "board_seed": board_seed(&rising(0x20), wallet, Hash(rising(0x60)), 3),
            "round_secret": round_secret(&rising(0x20), round()),
            "round_token": round_token(&rising(0x20), round()),
            "commitment": commitment(secret),
            "faucet_fingerprint": faucet_fingerprint(&wallet.0),
            "level": serde_json::to_string(&level).unwrap(),
            "level_hash": level_hash(&level),
        }),
    );
}

#[test]
fn inputs_are_encoded_the_same() {
    let plays: [(&str, &[(u32, u8)]); 5] = [
        ("nothing", &[]),
        ("on_the_first_tick", &[(0, 1)]),
        ("on_the_last_tick", &[(239, 2)]),
        ("around_the_second_byte", &[(127, 1), (254 - 15, 0)]),
        ("three", &[(0, 1), (1, 2), (130, 0)]),
    ];
    let encoded: serde_json::Map<String, Value> = plays
        .iter()
        .map(|(name, events)| {
            let (mut bytes, mut previous) = (Vec::new(), 0);
            for (tick, input) in *events {
                push_event(&mut bytes, tick - previous, *input);
                previous = *tick;
            }
            ((*name).to_owned(), json!({ "ticks_and_inputs": events, "bytes": hex(&bytes) }))
        })
        .collect();
    hold("transcripts.json", &Value::Object(encoded));
}

#[test]
fn random_numbers_are_the_same() {
    let seeds = [[0; 32], rising(0), [255; 32]];
    let streams: Vec<Value> = seeds
        .iter()
        .map(|seed| {
            let fresh = || SegmentRng::new(&Seed(*seed));
            let draws = |mut draw: Box<dyn FnMut() -> u32>| (0..20).map(|_| draw()).collect::<Vec<_>>();
            let below = |bound| {
                let mut rng = fresh();
                draws(Box::new(move || rng.below(bound)))
            };
            let mut words = fresh();
            let mut order: Vec<u8> = (0..16).collect();
            fresh().shuffle(&mut order);
            let mut chances = fresh();
            json!({
                "seed": hex(seed),
                "words": draws(Box::new(move || words.next_u32())),
                "below_3": below(3),
                "below_100": below(100),
                "below_3221225472": below(3_221_225_472),
                "shuffled": order,
                "chances_of_250": (0..20).map(|_| chances.chance(250)).collect::<Vec<_>>(),
            })
        })
        .collect();
    hold("random.json", &Value::Array(streams));
}

#[test]
fn codes_of_refusals_are_stable() {
    let codes: serde_json::Map<String, Value> =
        Code::OF_PLAYERS.iter().map(|code| (code.as_str().to_owned(), json!(code.status()))).collect();
    hold("codes.json", &Value::Object(codes));
}
