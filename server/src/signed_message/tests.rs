//! What is accepted and what is refused. The vectors in `tests/golden/messages.json` are made by the libraries that wallets are
//! made with; envelopes in the short layout, by the Solana command line's own crate.

mod altered;

use dripline_shared::round::{ClientId, Hash};
use dripline_shared::statement::{Act, ORIGIN_MAX, WalletAct, is_origin};
use dripline_shared::time::{DAY_MS, MINUTE_MS, Timestamp};
use dripline_shared::wallet::Wallet;
use ed25519_dalek::SigningKey;
use serde_json::Value;
use solana_offchain_message::OffchainMessage;

use super::envelope::open;
use super::*;

const FORMS: [(&str, Form); 6] = [
    ("text", Form::Text),
    ("v0", Form::V0Short),
    ("v0_with_signers", Form::V0WithSigners),
    ("v0_with_signers_and_domain", Form::V0WithSigners),
    ("v0_with_signers_by_ledger", Form::V0WithSigners),
    ("v1", Form::V1),
];

fn key(byte: u8) -> SigningKey {
    SigningKey::from_bytes(&[byte; 32])
}

fn golden(name: &str) -> Value {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs the tests");
    let path = std::path::PathBuf::from(package).join("../tests/golden").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn lines(entry: &Value) -> String {
    let lines: Vec<&str> =
        entry["lines"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
    lines.join("\n")
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// A delegation by the wallet of key 7 to the key 9, prompted by a page of this origin.
fn delegation(origin: &str) -> Statement {
    let issued_at = Timestamp(1_769_903_999_000);
    Statement {
        origin: origin.to_owned(),
        wallet: Wallet::of(&key(7)),
        issued_at,
        expires_at: issued_at.plus(5 * MINUTE_MS),
        faucet: Hash([0x40; 32]),
        act: Act::OfWallets(WalletAct::Delegate {
            client_id: ClientId([0x10; 16]),
            delegate: Wallet::of(&key(9)),
            until: issued_at.plus(DAY_MS),
            site: None,
        }),
    }
}

fn usual() -> Statement {
    delegation("https://faucet.example:8443")
}

/// The parts of an envelope, to build right ones and wrong ones of.
struct Parts {
    head: Vec<u8>,
    domain: Option<[u8; 32]>,
    format: Option<u8>,
    signers: Option<Vec<Wallet>>,
    length: Option<u16>,
    text: Vec<u8>,
}

impl Parts {
    fn head(version: u8) -> Vec<u8> {
        [b"\xffsolana offchain", &[version][..]].concat()
    }

    fn short(text: &str, format: u8) -> Self {
        let length = Some(u16::try_from(text.len()).unwrap());
        let text = text.as_bytes().to_vec();
        Self { head: Self::head(0), domain: None, format: Some(format), signers: None, length, text }
    }

    fn with_signers(text: &str, format: u8, domain: [u8; 32]) -> Self {
        let signers = Some(vec![Wallet::of(&key(7))]);
        Self { domain: Some(domain), signers, ..Self::short(text, format) }
    }

    fn v1(text: &str) -> Self {
        let signers = Some(vec![Wallet::of(&key(7))]);
        Self { head: Self::head(1), format: None, signers, length: None, ..Self::short(text, 0) }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.head.clone();
        bytes.extend(self.domain.iter().flatten());
        bytes.extend(self.format);
        if let Some(signers) = &self.signers {
            bytes.push(u8::try_from(signers.len()).unwrap());
            bytes.extend(signers.iter().flat_map(|signer| signer.0));
        }
        bytes.extend(self.length.iter().flat_map(|length| length.to_le_bytes()));
        bytes.extend(&self.text);
        bytes
    }
}

/// The application domain of the usual page.
fn application_domain() -> [u8; 32] {
    *b"faucet.example:8443\0\0\0\0\0\0\0\0\0\0\0\0\0"
}

/// All bytes that a wallet may sign for a delegation, and nothing else may be accepted.
fn accepted(statement: &Statement) -> Vec<(Form, Vec<u8>)> {
    let text = statement.to_string();
    let signers = |format, domain| (Form::V0WithSigners, Parts::with_signers(&text, format, domain).bytes());
    vec![
        (Form::Text, text.clone().into_bytes()),
        (Form::V0Short, Parts::short(&text, 1).bytes()),
        signers(0, [0; 32]),
        signers(1, [0; 32]),
        signers(0, application_domain()),
        signers(1, application_domain()),
        (Form::V1, Parts::v1(&text).bytes()),
    ]
}

/// What the wallet's own signature over these bytes leads to.
fn signed(statement: &Statement, message: &[u8]) -> Result<Form, NotSigned> {
    check(statement, message, &Signature::of(&key(7), message))
}

fn refused(parts: &Parts) -> NotSigned {
    signed(&usual(), &parts.bytes()).unwrap_err()
}

#[test]
fn what_the_libraries_of_wallets_make_of_a_delegation_is_that_delegation() {
    let (messages, statements) = (golden("messages.json"), golden("statements.json"));
    let statement = Statement::parse(&lines(&statements["delegate"])).unwrap();
    assert_eq!(messages["delegate"].as_object().unwrap().len(), FORMS.len());
    for (name, form) in FORMS {
        let entry = &messages["delegate"][name];
        let message = unhex(entry["bytes"].as_str().unwrap());
        let signature = entry["signature"].as_str().unwrap().parse().unwrap();
        assert_eq!(check(&statement, &message, &signature), Ok(form), "{name}");
    }
    let ours = accepted(&statement);
    let theirs = |name: &str| unhex(messages["delegate"][name]["bytes"].as_str().unwrap());
    for (name, form) in FORMS {
        assert!(ours.contains(&(form, theirs(name))), "{name}");
    }
}

#[test]
fn the_short_layout_is_that_of_the_solana_command_line() {
    let text = lines(&golden("statements.json")["delegate"]);
    let theirs = OffchainMessage::new(0, text.as_bytes()).unwrap().serialize().unwrap();
    assert_eq!(unhex(golden("messages.json")["delegate"]["v0"]["bytes"].as_str().unwrap()), theirs);
}

#[test]
fn every_form_of_a_statement_is_accepted_and_told_apart() {
    let statement = usual();
    for (form, message) in accepted(&statement) {
        assert_eq!(signed(&statement, &message), Ok(form));
    }
}

#[test]
fn a_statement_that_is_too_long_for_hardware_has_the_format_of_long_texts() {
    let long = |letters: usize| {
        let mut statement = delegation(&format!("https://{}.example", "a".repeat(letters)));
        if let Act::OfWallets(WalletAct::Delegate { site, .. }) = &mut statement.act {
            *site = Some("s".repeat(32));
        }
        statement
    };
    let longer = long(254);
    assert!(is_origin(&longer.origin) && longer.origin.len() == ORIGIN_MAX);
    let long = long(240);
    let text = long.to_string();
    assert!((1_213..=1_232).contains(&text.len()), "{}", text.len());
    // Where one writer sees it as long already and another does not, either format is right.
    for format in [1, 2] {
        assert_eq!(signed(&long, &Parts::short(&text, format).bytes()), Ok(Form::V0Short));
        assert_eq!(
            signed(&long, &Parts::with_signers(&text, format, [0; 32]).bytes()),
            Ok(Form::V0WithSigners)
        );
    }
    let theirs = OffchainMessage::new(0, text.as_bytes()).unwrap().serialize().unwrap();
    assert_eq!(signed(&long, &theirs), Ok(Form::V0Short));

    let text = longer.to_string();
    assert!(text.len() > 1_232);
    for format in [0, 1] {
        let wrong = Err(NotSigned::WrongFormat(format));
        assert_eq!(signed(&longer, &Parts::short(&text, format).bytes()), wrong);
        assert_eq!(signed(&longer, &Parts::with_signers(&text, format, [0; 32]).bytes()), wrong);
    }
    assert_eq!(signed(&longer, &Parts::short(&text, 2).bytes()), Ok(Form::V0Short));
    assert_eq!(signed(&longer, &Parts::with_signers(&text, 2, [0; 32]).bytes()), Ok(Form::V0WithSigners));
    assert_eq!(signed(&longer, &Parts::v1(&text).bytes()), Ok(Form::V1));
}

#[test]
fn the_format_is_the_least_that_holds_the_text() {
    let (wallet, host) = (Wallet::of(&key(7)), "faucet.example");
    let plain = "Nothing but letters.";
    let found = |parts: Parts| open(&parts.bytes(), wallet, host).map(|(_form, text)| text.to_owned());
    for (text, short, with_signers) in [
        (plain, &[0][..], &[0][..]),
        ("two\nlines", &[1], &[0, 1]),
        ("a\ttab", &[1], &[1]),
        ("caf\u{e9}", &[1], &[1]),
    ] {
        for format in 0..=3 {
            let right = |formats: &[u8]| formats.contains(&format).then(|| text.to_owned());
            assert_eq!(found(Parts::short(text, format)).ok(), right(short), "{text:?}, short, {format}");
            let named = Parts::with_signers(text, format, [0; 32]);
            assert_eq!(found(named).ok(), right(with_signers), "{text:?}, with signers, {format}");
        }
        let theirs = OffchainMessage::new(0, text.as_bytes()).unwrap().serialize().unwrap();
        assert_eq!(open(&theirs, wallet, host), Ok((Form::V0Short, text)));
    }
}

#[test]
fn each_part_of_an_envelope_that_is_wrong_is_told() {
    let text = usual().to_string();
    let (short, v1) = (|| Parts::short(&text, 1), || Parts::v1(&text));
    let named = || Parts::with_signers(&text, 1, [0; 32]);
    let other = Wallet::of(&key(8));
    let (own, length) = (Wallet::of(&key(7)), u16::try_from(text.len()).unwrap());

    let transaction = Parts { head: b"\xfesolana offchain\x01".to_vec(), ..v1() };
    assert_eq!(refused(&transaction), NotSigned::NotUtf8);
    let near = Parts { head: b"\xffsolana 0ffchain\x01".to_vec(), ..v1() };
    assert_eq!(refused(&near), NotSigned::OtherSigningDomain);
    assert_eq!(refused(&Parts { head: Parts::head(2), ..v1() }), NotSigned::UnknownVersion(2));
    // A version says what comes after it.
    assert!(signed(&usual(), &Parts { head: Parts::head(0), ..v1() }.bytes()).is_err());
    assert!(signed(&usual(), &Parts { head: Parts::head(1), ..short() }.bytes()).is_err());
    assert!(signed(&usual(), &Parts { head: Parts::head(1), ..named() }.bytes()).is_err());

    for domain in [[3; 32], *b"evil.example\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", own.0] {
        assert_eq!(refused(&Parts { domain: Some(domain), ..named() }), NotSigned::OtherDomain);
    }
    for parts in [named(), v1()] {
        let with = |signers: Vec<Wallet>| {
            let (head, text) = (parts.head.clone(), parts.text.clone());
            refused(&Parts { head, text, signers: Some(signers), ..parts })
        };
        assert_eq!(with(vec![]), NotSigned::SignerCount(0));
        assert_eq!(with(vec![own, own]), NotSigned::SignerCount(2));
        assert_eq!(with(vec![own, other]), NotSigned::SignerCount(2));
        assert_eq!(with(vec![other]), NotSigned::OtherSigner);
    }
    for parts in [short(), named()] {
        let with = |length: u16, text: &[u8]| {
            let head = parts.head.clone();
            let signers = parts.signers.clone();
            refused(&Parts { head, signers, length: Some(length), text: text.to_vec(), ..parts })
        };
        assert_eq!(with(length - 1, text.as_bytes()), NotSigned::WrongLength);
        assert_eq!(with(length + 1, text.as_bytes()), NotSigned::WrongLength);
        assert_eq!(with(length.swap_bytes(), text.as_bytes()), NotSigned::WrongLength);
        assert_eq!(with(length, format!("{text}\0").as_bytes()), NotSigned::WrongLength);
        assert_eq!(with(length, b"\xff".repeat(text.len()).as_slice()), NotSigned::NotUtf8);
        assert_eq!(with(length + 1, format!("{text}\n").as_bytes()), NotSigned::OtherText);
    }
    for (format, in_short, in_named) in [
        (0, NotSigned::WrongFormat(0), None),
        (2, NotSigned::WrongFormat(2), Some(NotSigned::WrongFormat(2))),
        // Beyond the formats it is no short layout, and no application domain of the other one.
        (3, NotSigned::OtherDomain, Some(NotSigned::UnknownFormat(3))),
        (255, NotSigned::OtherDomain, Some(NotSigned::UnknownFormat(255))),
    ] {
        assert_eq!(refused(&Parts { format: Some(format), ..short() }), in_short);
        let with_signers = Parts { format: Some(format), ..named() };
        assert_eq!(signed(&usual(), &with_signers.bytes()).err(), in_named);
    }
    assert_eq!(refused(&Parts { text: format!("{text}\n").into_bytes(), ..v1() }), NotSigned::OtherText);
    assert_eq!(refused(&Parts { text: b"\xc0\xaf".to_vec(), ..v1() }), NotSigned::NotUtf8);
    assert_eq!(refused(&Parts { text: Vec::new(), ..v1() }), NotSigned::OtherText);
}

#[test]
fn a_statement_of_another_kind_wallet_page_or_faucet_is_another_text() {
    let statement = usual();
    let revocation = WalletAct::RevokeDelegation { id: ClientId([0x10; 16]), site: None };
    let others = [
        Statement { act: Act::OfWallets(revocation), ..statement.clone() },
        Statement { origin: "https://evil.example".to_owned(), ..statement.clone() },
        Statement { faucet: Hash([0x41; 32]), ..statement.clone() },
        Statement { expires_at: Timestamp(0), ..statement.clone() },
    ];
    for other in &others {
        let message = other.to_string().into_bytes();
        assert_eq!(signed(&statement, &message), Err(NotSigned::OtherText));
        assert_eq!(signed(&statement, &Parts::v1(&other.to_string()).bytes()), Err(NotSigned::OtherText));
    }
    let elsewhere = Statement { wallet: Wallet::of(&key(8)), ..statement.clone() };
    assert_eq!(signed(&statement, elsewhere.to_string().as_bytes()), Err(NotSigned::OtherText));
}

#[test]
fn a_signature_is_of_the_wallet_and_over_what_came_back() {
    let statement = usual();
    let forms = accepted(&statement);
    for (_, message) in &forms {
        let foreign = Signature::of(&key(8), message);
        let wrong = NotSigned::Signature(WalletError::BadSignature);
        assert_eq!(check(&statement, message, &foreign), Err(wrong));
        for (_, other) in forms.iter().filter(|(_, other)| other != message) {
            assert_eq!(check(&statement, message, &Signature::of(&key(7), other)), Err(wrong));
        }
    }
    // The point of order 1 would verify anything: it is no wallet.
    let mut weak = [0; 32];
    weak[0] = 1;
    let statement = Statement { wallet: Wallet(weak), ..statement };
    let text = statement.to_string();
    let refused = check(&statement, text.as_bytes(), &Signature([0; 64]));
    assert_eq!(refused, Err(NotSigned::Signature(WalletError::Weak)));
}

#[test]
fn a_refusal_says_what_is_wrong_under_the_codes_that_clients_know() {
    for (error, code) in [
        (NotSigned::OtherText, Code::BadSignature),
        (NotSigned::UnknownVersion(2), Code::BadSignature),
        (NotSigned::Signature(WalletError::BadSignature), Code::BadSignature),
        (NotSigned::Signature(WalletError::Weak), Code::WeakWallet),
        (NotSigned::Signature(WalletError::NotAKey), Code::InvalidWallet),
    ] {
        let refusal = Refusal::from(error);
        assert_eq!((refusal.code(), &refusal.reasons[0].message), (code, &error.to_string()));
    }
}

#[test]
fn a_statement_is_known_to_be_signed_in_every_form_that_is_accepted_and_in_no_other() {
    let statement = usual();
    let accepted = accepted(&statement);
    for (form, message) in &accepted {
        assert!(is_signed(&statement, statement.wallet, &Signature::of(&key(7), message)), "{form:?}");
        assert!(!is_signed(&statement, statement.wallet, &Signature::of(&key(8), message)));
    }
    let text = statement.to_string();
    let all = envelope::all(&text, statement.wallet, statement.domain());
    assert!(accepted.iter().all(|(_, message)| all.contains(message)));
    let signature = Signature::of(&key(7), format!("{text}\n").as_bytes());
    assert!(!is_signed(&statement, statement.wallet, &signature));
    let bare = Signature::of(&key(7), text.as_bytes());
    assert!(!is_signed(&statement, Wallet::of(&key(8)), &bare), "whose it is is said by whoever asks");
}

#[test]
fn what_is_longer_than_the_limit_is_not_looked_at() {
    let at_limit = vec![b'a'; SIGNED_MESSAGE_MAX];
    assert_eq!(signed(&usual(), &at_limit), Err(NotSigned::OtherText));
    assert_eq!(signed(&usual(), &[at_limit, vec![b'a']].concat()), Err(NotSigned::TooLong));
}
