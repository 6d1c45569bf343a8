//! `docs/protocol.md` is true: its examples are what the code makes. `DRIPLINE_BLESS=1` writes them anew.

mod wallets;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::{env, fs};

use dripline_server::edge::Edge;
use dripline_server::keys::Keys;
use dripline_server::verification::VerificationToken;
use dripline_shared::amount::{Amount, Asset};
use dripline_shared::api::{
    AddressRequest, AssetBooks, ClaimRequest, ConsistencyProof, FaucetKey, FaucetKeys, Holding,
    InclusionProof, LedgerView, LogEntryView, OnChain, OpenRequest, Problem, RailTreasury, ReadKeyRequest,
    ReadKeyRevocation, Reason, Receipt, SignedTreeHead, SiteVerifyAnswer, SiteVerifyRequest,
    VerificationAnswer, VerificationRequest, Verified, VoucherLook, WithdrawalRequest,
};
use dripline_shared::error::Code;
use dripline_shared::log::{LogEntry, head_text, node_hash};
use dripline_shared::payout::RailKind;
use dripline_shared::round::{Hash, faucet_fingerprint};
use dripline_shared::site::SiteMode;
use dripline_shared::statement::{Act, Statement, key_text, receipt_text};
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::{Signature, Wallet};
use ed25519_dalek::SigningKey;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// What comes before an example, and after it.
const BEGIN: &str = "<!-- example: ";
const END: &str = "<!-- end -->";

fn workspace(path: &str) -> PathBuf {
    // Asked when it runs: two checkouts that build in one folder may share this program.
    let package = env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs the tests");
    PathBuf::from(package).join("..").join(path)
}

fn golden(name: &str) -> Value {
    let text = fs::read_to_string(workspace("tests/golden").join(name)).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn lines(value: &Value) -> String {
    value.as_array().unwrap().iter().map(text).collect::<Vec<_>>().join("\n")
}

fn fenced(language: &str, content: &str) -> String {
    format!("```{language}\n{content}\n```")
}

fn json(value: &impl Serialize) -> String {
    fenced("json", &serde_json::to_string_pretty(value).unwrap())
}

/// The statement of a golden text, which must be what the code writes and reads.
fn statement(entry: &Value) -> (Statement, Signature) {
    let words = lines(&entry["lines"]);
    let statement = Statement::parse(&words).unwrap();
    assert_eq!(statement.to_string(), words);
    let signature: Signature = text(&entry["signature"]).parse().unwrap();
    statement.wallet.verify(words.as_bytes(), &signature).unwrap();
    (statement, signature)
}

fn problem() -> Problem {
    let reason = Reason {
        code: Code::Cooldown,
        message: "catch-1 pays this wallet again at 2026-02-01T00:04:59.000Z".to_owned(),
        subject: Some("catch-1".to_owned()),
        until_ms: Some(Timestamp(1_769_904_299_000)),
    };
    Problem {
        kind: "/problems/cooldown".to_owned(),
        title: Code::Cooldown.title().to_owned(),
        status: Code::Cooldown.status(),
        code: Code::Cooldown,
        detail: reason.message.clone(),
        reasons: vec![reason],
        retry_after_ms: Some(300_000),
        outcome: None,
        open_round: None,
    }
}

fn open_request(statement: &Statement, signature: Signature) -> OpenRequest {
    let Act::Open { client_id, level, campaign, site, delegate, rules_version, abandon } = &statement.act
    else {
        panic!("an open statement")
    };
    let request = OpenRequest {
        wallet: statement.wallet,
        level: level.clone(),
        campaign: campaign.clone(),
        site: site.clone(),
        delegate: *delegate,
        client_id: *client_id,
        issued_at_ms: statement.issued_at,
        origin: statement.origin.clone(),
        faucet: statement.faucet,
        rules_version: *rules_version,
        abandon: *abandon,
        voucher: None,
        signature,
    };
    assert_eq!(request.statement(), *statement, "the request's fields make its statement");
    request
}

fn voucher_look(open: &Statement) -> VoucherLook {
    VoucherLook { wallet: open.wallet, code: "7KQ2M-XB4TD-9WPHR-C3VNE".to_owned() }
}

fn claim_request(statement: &Statement, signature: Signature) -> ClaimRequest {
    let Act::Claim { round, .. } = statement.act else { panic!("a claim statement") };
    ClaimRequest { round, signature }
}

/// How money is taken out: both statements, and the requests whose fields make them.
fn payout_examples(statements: &Value) -> [(&'static str, String); 4] {
    let (set, set_signature) = statement(&statements["address"]);
    let (withdraw, withdraw_signature) = statement(&statements["withdraw"]);
    let Act::Address { client_id, rail, address, .. } = &set.act else { panic!("an address statement") };
    let address_request = AddressRequest {
        wallet: set.wallet,
        rail: rail.clone(),
        address: address.clone(),
        client_id: *client_id,
        issued_at_ms: set.issued_at,
        origin: set.origin.clone(),
        faucet: set.faucet,
        site: None,
        signed_message: None,
        ownership: None,
        signature: set_signature,
    };
    let Act::Withdraw { client_id, rail, asset, amount, address, fee_max, .. } = &withdraw.act else {
        panic!("a withdrawal statement")
    };
    let withdrawal_request = WithdrawalRequest {
        wallet: withdraw.wallet,
        rail: rail.clone(),
        asset: asset.code.clone(),
        amount: *amount,
        address: address.clone(),
        fee_max: *fee_max,
        client_id: *client_id,
        issued_at_ms: withdraw.issued_at,
        origin: withdraw.origin.clone(),
        faucet: withdraw.faucet,
        site: None,
        signed_message: None,
        signature: withdraw_signature,
    };
    assert_eq!(address_request.statement(), set);
    assert_eq!(withdrawal_request.statement(asset.decimals), withdraw);
    [
        ("address-statement", fenced("text", &set.to_string())),
        ("address-request", json(&address_request)),
        ("withdraw-statement", fenced("text", &withdraw.to_string())),
        ("withdraw-request", json(&withdrawal_request)),
    ]
}

/// The keys of a faucet that has changed its key once: secrets of 32 bytes `07` and `08`.
fn keys() -> FaucetKeys {
    let [first, second] = [7, 8].map(|byte| SigningKey::from_bytes(&[byte; 32]));
    let key = |number: u64, key: &SigningKey| FaucetKey {
        id: format!("receipt-{number}"),
        purpose: "receipt".to_owned(),
        public_key: Wallet::of(key),
        from_ms: Timestamp(1_769_903_999_000 + number * 86_400_000),
        signature: None,
    };
    let faucet = faucet_fingerprint(&Wallet::of(&first).0);
    let mut keys = FaucetKeys { faucet, keys: vec![key(1, &first), key(2, &second)] };
    keys.keys[1].signature = Some(Signature::of(&first, key_text(faucet, &keys.keys[1]).as_bytes()));
    assert!(keys.are_chained());
    keys
}

fn hashes() -> String {
    let golden = golden("hashes.json");
    let known = [
        ("round", text(&golden["round"]).to_owned()),
        ("level hash", Hash(rising(0x60)).to_string()),
        ("rules version", "1".to_owned()),
        ("round secret", Hash(rising(0xc0)).to_string()),
        ("secret hash", text(&golden["commitment"]).to_owned()),
        ("h(-1)", text(&golden["transcript_start"]).to_owned()),
        ("seed(0)", text(&golden["seed_0"]).to_owned()),
        ("seed(1)", text(&golden["seed_1"]).to_owned()),
        ("segment 0", "length 240, bytes 00010500".to_owned()),
        ("h(0)", text(&golden["transcript_after_the_first_segment"]).to_owned()),
        ("seed(2)", text(&golden["seed_2"]).to_owned()),
        ("segment 1", "length 17, no bytes".to_owned()),
        ("h(1)", text(&golden["transcript_after_the_second_segment"]).to_owned()),
    ];
    let lines: Vec<String> = known.iter().map(|(name, value)| format!("{name:<14} {value}")).collect();
    fenced("text", &lines.join("\n"))
}

/// Three leaves and the nodes above them, of the trees that Certificate Transparency tests with.
fn tree() -> String {
    let trees = &golden("log.json")["trees"];
    let leaf = |number: usize| text(&trees["leaf_hashes"][number]).to_owned();
    let root = |size: usize| text(&trees["roots"][size]).to_owned();
    let known = [
        ("leaf 0", "no bytes".to_owned()),
        ("leaf 1", text(&trees["leaves"][1]).to_owned()),
        ("leaf 2", text(&trees["leaves"][2]).to_owned()),
        ("L(0)", leaf(0)),
        ("L(1)", leaf(1)),
        ("L(2)", leaf(2)),
        ("root of 0", root(0)),
        ("root of 1", root(1)),
        ("root of 2", root(2)),
        ("root of 3", root(3)),
    ];
    let lines: Vec<String> = known.iter().map(|(name, value)| format!("{name:<10} {value}")).collect();
    fenced("text", &lines.join("\n"))
}

fn read<T: DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap()
}

/// A leaf of the golden log, one of its heads, and the proofs between them, all of which must hold.
/// How a read-only key is made and revoked: the statements, and the requests whose fields make them.
fn read_key_examples(statements: &Value) -> [(&'static str, String); 5] {
    let (issue, signature) = statement(&statements["issue_read_key_until"]);
    let Act::IssueReadKey { client_id, until } = issue.act else { panic!("a statement for a key") };
    let request = ReadKeyRequest {
        wallet: issue.wallet,
        until_ms: until,
        client_id,
        issued_at_ms: issue.issued_at,
        origin: issue.origin.clone(),
        faucet: issue.faucet,
        signature,
    };
    assert_eq!(request.statement(), issue);
    let (revoke, signature) = statement(&statements["revoke_read_key"]);
    let Act::RevokeReadKey { id } = revoke.act else { panic!("a statement that revokes") };
    let revocation = ReadKeyRevocation {
        wallet: revoke.wallet,
        client_id: id,
        issued_at_ms: revoke.issued_at,
        origin: revoke.origin.clone(),
        faucet: revoke.faucet,
        signature,
    };
    assert_eq!(revocation.statement(), revoke);
    let (list, _) = statement(&statements["list_read_keys"]);
    let sentence = |statement: &Statement| fenced("text", &statement.act.sentence());
    [
        ("read-key-statement", fenced("text", &issue.to_string())),
        ("read-key-request", json(&request)),
        ("read-keys-sentence", sentence(&list)),
        ("read-key-revocation-sentence", sentence(&revoke)),
        ("read-key-revocation", json(&revocation)),
    ]
}

fn log_examples() -> [(&'static str, String); 6] {
    let log = &golden("log.json")["log"];
    let [older, newer]: [SignedTreeHead; 2] =
        ["older_head", "newer_head"].map(|name| read(&log[name]["signed"]));
    let inclusion: InclusionProof = read(&log["inclusion"]);
    let consistency: ConsistencyProof = read(&log["consistency"]);
    let entry: LogEntryView = read(&log["entries"][usize::try_from(inclusion.leaf_index).unwrap()]);
    let keys: FaucetKeys = read(&log["keys"]);
    assert!(entry.is_hash_of_text() && LogEntry::parse(&entry.text).is_ok());
    assert!(older.is_signed_by(&keys) && newer.is_signed_by(&keys));
    inclusion.verify(entry.leaf_hash, &newer.head).unwrap();
    consistency.verify(&older.head, &newer.head).unwrap();
    // What the document says of how their hashes are joined.
    let [first, second, third] = inclusion.hashes[..] else { panic!("three hashes") };
    assert_eq!(node_hash(node_hash(second, node_hash(entry.leaf_hash, first)), third), newer.head.root);
    let [first, second, third, fourth] = consistency.hashes[..] else { panic!("four hashes") };
    assert_eq!(node_hash(third, first), older.head.root);
    assert_eq!(node_hash(node_hash(third, node_hash(first, second)), fourth), newer.head.root);
    [
        ("log-entry", fenced("text", &format!("{}\n\n{}", entry.text, entry.leaf_hash))),
        ("tree-head", json(&newer)),
        ("tree-head-text", fenced("text", &head_text(&newer))),
        ("inclusion-proof", json(&inclusion)),
        ("older-tree-head-text", fenced("text", &head_text(&older))),
        ("consistency-proof", json(&consistency)),
    ]
}

/// `first`, and each byte one more than the one before: what the golden files are made of.
fn rising<const N: usize>(first: u8) -> [u8; N] {
    let mut bytes = [0; N];
    bytes.iter_mut().zip(first..=255).for_each(|(byte, value)| *byte = value);
    bytes
}

fn transcripts() -> String {
    let mut rows = vec!["| inputs as (tick, byte) | bytes |".to_owned(), "|---|---|".to_owned()];
    for play in golden("transcripts.json").as_object().unwrap().values() {
        let inputs: Vec<String> = play["ticks_and_inputs"]
            .as_array()
            .unwrap()
            .iter()
            .map(|input| format!("({}, {})", input[0], input[1]))
            .collect();
        let inputs = if inputs.is_empty() { "none".to_owned() } else { inputs.join(" ") };
        let bytes = text(&play["bytes"]);
        let bytes = if bytes.is_empty() { "none".to_owned() } else { format!("`{bytes}`") };
        rows.push(format!("| {inputs} | {bytes} |"));
    }
    rows.join("\n")
}

fn random() -> String {
    let stream = &golden("random.json")[1];
    let numbers = |name: &str| {
        let numbers = stream[name].as_array().unwrap().iter().take(10);
        numbers.map(ToString::to_string).collect::<Vec<_>>().join(" ")
    };
    let order = stream["shuffled"].as_array().unwrap();
    let order: Vec<String> = order.iter().map(ToString::to_string).collect();
    let lines = [
        format!("seed              {}", text(&stream["seed"])),
        format!("words             {}", numbers("words")),
        format!("below(3)          {}", numbers("below_3")),
        format!("below(100)        {}", numbers("below_100")),
        format!("below(3221225472) {}", numbers("below_3221225472")),
        format!("0 to 15 shuffled  {}", order.join(" ")),
    ];
    fenced("text", &lines.join("\n"))
}

fn codes() -> String {
    let mut rows = vec!["| code | status | means |".to_owned(), "|---|---|---|".to_owned()];
    rows.extend(
        Code::OF_PLAYERS
            .iter()
            .map(|code| format!("| `{}` | {} | {} |", code.as_str(), code.status(), code.title())),
    );
    rows.join("\n")
}

/// What is sent and answered for a round that was played on a page of a site.
fn site_examples(statements: &Value) -> [(&'static str, String); 6] {
    let (open, signature) = statement(&statements["open_on_a_site"]);
    assert_eq!(open_request(&open, signature).site.as_deref(), Some("shop"));
    let text = open.to_string();
    let (_, resources) = text.split_once("Resources:").expect("a statement has resources");
    let signed = golden("receipt.json");
    let receipt: Receipt = serde_json::from_value(signed["receipt"].clone()).unwrap();
    let edge = Edge::new(|| Timestamp(1_769_904_000_000), |bytes| bytes.fill(7));
    let (origin, cdata) = ("https://shop.example".to_owned(), Some("comment 7".to_owned()));
    let token = VerificationToken {
        site: "shop".into(),
        mode: SiteMode::Live,
        round: receipt.round,
        claimed_at: receipt.claimed_at_ms,
        origin: origin.clone(),
        cdata: cdata.clone(),
    };
    let request = VerificationRequest { origin: origin.clone(), cdata: cdata.clone() };
    let answer = VerificationAnswer {
        token: token.write(&Keys::generate(&edge)),
        site: "shop".to_owned(),
        mode: SiteMode::Live,
        expires_at_ms: token.expires_at(),
        server_time_ms: receipt.claimed_at_ms.plus(150),
    };
    let asked = SiteVerifyRequest {
        secret: format!("dripline_site_live_{}_{}", "01".repeat(8), "02".repeat(32)),
        token: answer.token.clone(),
        idempotency_key: Some("5c1f0b0e-7f5c-4e6c-9f0e-2f6d3c1b9a77".to_owned()),
    };
    let verified = Verified {
        site: "shop".to_owned(),
        mode: SiteMode::Live,
        round: receipt.round,
        wallet: receipt.wallet,
        level: receipt.level.clone(),
        score: receipt.outcome.score,
        stars: receipt.outcome.stars,
        amount: receipt.amount,
        asset: receipt.asset.clone(),
        opened_at_ms: open.issued_at,
        claimed_at_ms: receipt.claimed_at_ms,
        origin,
        cdata,
    };
    let yes = SiteVerifyAnswer { success: true, reasons: Vec::new(), verified: Some(verified) };
    let reason = Reason {
        code: Code::TokenSpent,
        message: Code::TokenSpent.title().to_owned(),
        subject: None,
        until_ms: None,
    };
    let no = SiteVerifyAnswer { success: false, reasons: vec![reason], verified: None };
    [
        ("open-statement-of-a-site", fenced("text", &format!("Resources:{resources}"))),
        ("verification-request", json(&request)),
        ("verification-answer", json(&answer)),
        ("siteverify-request", json(&asked)),
        ("siteverify-answer", json(&yes)),
        ("siteverify-no", json(&no)),
    ]
}

/// The books of a faucet whose players have earned a little, and have been paid some of it.
fn ledger() -> LedgerView {
    let asset = Asset { code: "DRIP".to_owned(), decimals: 6 };
    let units = Amount::from_units;
    let on_chain = OnChain {
        address: "7EqQdEULxWcraVx3mXKFjc84LhCkMGZCkRuDpvcMwJeK".to_owned(),
        holdings: vec![Holding { asset: asset.clone(), amount: units(1_200_000_000) }],
        read_at_ms: Timestamp(1_769_904_000_000),
    };
    LedgerView {
        faucet: Hash(std::array::from_fn(|index| 0x40 + u8::try_from(index).unwrap())),
        assets: vec![AssetBooks {
            asset,
            supply: units(998_501_000),
            players: units(2_126_250),
            pending: units(500_000),
            campaigns: units(995_873_750),
            treasury: Amount::ZERO,
            fees: units(1_000),
            operating: Amount::ZERO,
        }],
        read_at_ms: Timestamp(1_769_904_031_000),
        rails: vec![
            RailTreasury { rail: "sandbox".to_owned(), kind: RailKind::Sandbox, on_chain: None },
            RailTreasury { rail: "solana".to_owned(), kind: RailKind::Solana, on_chain: Some(on_chain) },
        ],
        server_time_ms: Timestamp(1_769_904_035_000),
    }
}

fn examples() -> BTreeMap<&'static str, String> {
    let statements = golden("statements.json");
    let (open, open_signature) = statement(&statements["open"]);
    let (claim, claim_signature) = statement(&statements["claim"]);
    let hashed = golden("hashes.json");
    let level = format!("{}\n\n{}", text(&hashed["level"]), text(&hashed["level_hash"]));
    let signed = golden("receipt.json");
    let receipt: Receipt = serde_json::from_value(signed["receipt"].clone()).unwrap();
    assert_eq!(receipt_text(&receipt), lines(&signed["lines"]));
    let mut examples = BTreeMap::from([
        ("problem", json(&problem())),
        ("open-statement", fenced("text", &open.to_string())),
        ("open-request", json(&open_request(&open, open_signature))),
        ("voucher-look", json(&voucher_look(&open))),
        ("level", fenced("text", &level)),
        ("transcripts", transcripts()),
        ("hashes", hashes()),
        ("random", random()),
        ("claim-statement", fenced("text", &claim.to_string())),
        ("claim-request", json(&claim_request(&claim, claim_signature))),
        ("receipt", json(&receipt)),
        ("receipt-text", fenced("text", &receipt_text(&receipt))),
        ("keys", json(&keys())),
        ("key-text", fenced("text", &key_text(keys().faucet, &keys().keys[1]))),
        ("ledger", json(&ledger())),
        ("tree", tree()),
        ("codes", codes()),
    ]);
    examples.extend(log_examples());
    examples.extend(payout_examples(&statements));
    examples.extend(read_key_examples(&statements));
    examples.extend(wallets::examples(&statements));
    examples.extend(site_examples(&statements));
    examples
}

/// The document with these examples between its marks.
fn with_examples(document: &str, examples: &BTreeMap<&'static str, String>) -> String {
    let mut parts = document.split(BEGIN);
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once(" -->").expect("the mark ends");
        let (_, rest) = rest.split_once(END).expect("the example ends");
        let example = examples.get(name).unwrap_or_else(|| panic!("no example {name}"));
        whole.extend([BEGIN, name, " -->\n", example, "\n", END, rest]);
    }
    whole
}

#[test]
fn the_protocols_examples_are_what_the_code_makes() {
    let (path, examples) = (workspace("docs/protocol.md"), examples());
    let document = fs::read_to_string(&path).unwrap();
    let expected = with_examples(&document, &examples);
    if env::var_os("DRIPLINE_BLESS").is_some_and(|value| value == "1") {
        fs::write(&path, &expected).unwrap();
    } else {
        for (line, (written, made)) in document.lines().zip(expected.lines()).enumerate() {
            assert_eq!(written, made, "docs/protocol.md:{}", line + 1);
        }
        assert_eq!(document, expected);
    }
    for name in examples.keys() {
        assert_eq!(document.matches(&format!("{BEGIN}{name} -->")).count(), 1, "{name} is shown once");
    }
}
