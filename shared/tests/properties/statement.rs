//! Statements: one text for one statement, and no way to say two things with one text.

use dripline_shared::catalog::is_id;
use dripline_shared::round::{ClientId, Hash, RoundId};
use dripline_shared::statement::{Act, ORIGIN_MAX, Statement, is_origin};
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::Wallet;
use proptest::prelude::*;

use crate::support::{config, moments};

fn ids() -> impl Strategy<Value = String> {
    "[a-z0-9-]{1,32}"
}

fn acts() -> impl Strategy<Value = Act> {
    let open = (any::<[u8; 16]>(), ids(), ids(), any::<u32>(), any::<Option<[u8; 16]>>()).prop_map(
        |(client_id, level, campaign, rules_version, abandon)| Act::Open {
            client_id: ClientId(client_id),
            level,
            campaign,
            rules_version,
            abandon: abandon.map(RoundId),
        },
    );
    let claim =
        (any::<[u8; 16]>(), any::<[u8; 32]>(), any::<[u8; 32]>()).prop_map(|(round, level, transcript)| {
            Act::Claim { round: RoundId(round), level: Hash(level), transcript: Hash(transcript) }
        });
    prop_oneof![open, claim]
}

fn statements() -> impl Strategy<Value = Statement> {
    let origin = "https?://[a-z0-9.-]{1,30}(:[0-9]{1,5})?";
    (origin, any::<[u8; 32]>(), moments(), moments(), any::<[u8; 32]>(), acts()).prop_map(
        |(origin, wallet, issued_at, expires_at, faucet, act)| Statement {
            origin,
            wallet: Wallet(wallet),
            issued_at,
            expires_at,
            faucet: Hash(faucet),
            act,
        },
    )
}

/// Statements that differ from `statement` in exactly one field, with every field among them.
fn neighbours(statement: &Statement) -> Vec<Statement> {
    let other_origin = match statement.origin.strip_prefix("https") {
        Some(rest) => format!("http{rest}"),
        None => format!("{}x", statement.origin),
    };
    let mut found = vec![
        Statement { origin: other_origin, ..statement.clone() },
        Statement { origin: format!("{}0", statement.origin), ..statement.clone() },
        Statement { wallet: Wallet(flipped(statement.wallet.0)), ..statement.clone() },
        Statement { issued_at: Timestamp(statement.issued_at.0 ^ 1), ..statement.clone() },
        Statement { expires_at: Timestamp(statement.expires_at.0 ^ 1), ..statement.clone() },
        Statement { faucet: Hash(flipped(statement.faucet.0)), ..statement.clone() },
    ];
    let mut push = |act: Act| found.push(Statement { act, ..statement.clone() });
    match &statement.act {
        Act::Open { client_id, level, campaign, rules_version, abandon } => {
            let open = |client_id, level: &str, campaign: &str, rules_version, abandon| Act::Open {
                client_id,
                level: level.to_owned(),
                campaign: campaign.to_owned(),
                rules_version,
                abandon,
            };
            let (id, version) = (*client_id, *rules_version);
            push(open(ClientId(flipped(id.0)), level, campaign, version, *abandon));
            push(open(id, &format!("{level}-"), campaign, version, *abandon));
            push(open(id, level, &format!("{campaign}-"), version, *abandon));
            push(open(id, level, campaign, version ^ 1, *abandon));
            let other = abandon.map_or(Some(RoundId([0; 16])), |_| None);
            push(open(id, level, campaign, version, other));
            if level != campaign {
                push(open(id, campaign, level, version, *abandon));
            }
        }
        Act::Claim { round, level, transcript } => {
            let (round, level, transcript) = (*round, *level, *transcript);
            push(Act::Claim { round: RoundId(flipped(round.0)), level, transcript });
            push(Act::Claim { round, level: Hash(flipped(level.0)), transcript });
            push(Act::Claim { round, level, transcript: Hash(flipped(transcript.0)) });
            if level != transcript {
                push(Act::Claim { round, level: transcript, transcript: level });
            }
        }
    }
    found
}

fn flipped<const N: usize>(mut bytes: [u8; N]) -> [u8; N] {
    bytes[N - 1] ^= 1;
    bytes
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_statement_reads_back_from_its_text(statement in statements()) {
        prop_assert!(is_origin(&statement.origin));
        prop_assert_eq!(Statement::parse(&statement.to_string()), Ok(statement));
    }

    #[test]
    fn changing_any_one_field_changes_the_text(statement in statements()) {
        let text = statement.to_string();
        for neighbour in neighbours(&statement) {
            prop_assert_ne!(neighbour.to_string(), &text[..]);
        }
    }

    #[test]
    fn an_altered_text_is_another_statement_or_none(
        statement in statements(),
        place in any::<prop::sample::Index>(),
        letter in "[ -~\n\u{e9}]",
    ) {
        let text = statement.to_string();
        let at = place.index(text.len());
        for altered in [
            format!("{}{letter}{}", &text[..at], &text[at..]),
            format!("{}{letter}{}", &text[..at], &text[at + 1..]),
            format!("{}{}", &text[..at], &text[at + 1..]),
            text[..at].to_owned(),
            format!("{text}{letter}"),
        ] {
            if altered != text && let Ok(read) = Statement::parse(&altered) {
                prop_assert_ne!(&read, &statement);
                prop_assert_eq!(read.to_string(), altered);
            }
        }
    }

    #[test]
    fn an_open_never_passes_for_a_claim(statement in statements(), act in acts()) {
        let other = Statement { act, ..statement.clone() };
        let is_open = |statement: &Statement| matches!(statement.act, Act::Open { .. });
        if is_open(&statement) != is_open(&other) {
            prop_assert_ne!(statement.to_string(), other.to_string());
        }
        let read = Statement::parse(&statement.to_string()).unwrap();
        prop_assert_eq!(is_open(&read), is_open(&statement));
    }

    #[test]
    fn no_id_and_no_origin_holds_anything_that_could_start_a_line(text in "[a-z0-9:/.\n\r\t \u{85}\u{2028}-]{0,40}|\\PC{0,40}") {
        for accepted in [is_id(&text), is_origin(&text)] {
            if accepted {
                prop_assert!(text.bytes().all(|byte| byte.is_ascii_graphic()), "{:?}", text);
            }
        }
    }

    #[test]
    fn an_accepted_id_or_origin_never_lets_a_text_say_something_else(
        statement in statements(),
        level in "[a-z0-9-]{1,8}(\n- dripline:[a-z]{4,8}:[a-z0-9]{1,8}){0,2}",
        origin in "https://[a-z]{1,8}(\nVersion: 1|/path|#x|@y|\\?z| w)?",
    ) {
        let mut altered = Statement { origin: origin.clone(), ..statement };
        if let Act::Open { level: id, .. } = &mut altered.act {
            id.clone_from(&level);
            prop_assert!(!level.contains('\n') || !is_id(&level));
        }
        // Whatever the server lets through, is read back as it was meant.
        if is_origin(&origin) && (is_id(&level) || matches!(altered.act, Act::Claim { .. })) {
            prop_assert_eq!(Statement::parse(&altered.to_string()), Ok(altered));
        }
    }

    #[test]
    fn reading_any_text_never_panics(text in "\\PC*|[ -~\n]{0,400}") {
        let _any = Statement::parse(&text);
    }
}

#[test]
fn an_origin_is_a_scheme_and_an_authority_and_nothing_else() {
    for origin in ["https://example.org", "http://localhost:8080", "https://[::1]:443", "https://a-b.example"]
    {
        assert!(is_origin(origin), "{origin}");
    }
    let long = format!("https://{}", "a".repeat(ORIGIN_MAX));
    for origin in [
        "",
        "https://",
        "http://",
        "example.org",
        "ftp://example.org",
        "HTTPS://example.org",
        "https://example.org/",
        "https://example.org/page",
        "https://user@example.org",
        "https://example.org?query",
        "https://example.org#part",
        "https://exam ple.org",
        "https://example.org\n",
        "https://\u{e9}xample.org",
        "null",
        &long,
    ] {
        assert!(!is_origin(origin), "{origin:?}");
    }
}
