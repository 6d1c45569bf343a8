//! Statements: one text for one statement, and no way to say two things with one text.

use dripline_shared::amount::{Amount, Asset};
use dripline_shared::catalog::is_id;
use dripline_shared::payout::{ADDRESS_MAX, is_address};
use dripline_shared::round::{ClientId, Hash, RoundId};
use dripline_shared::statement::{
    Act, DELEGATION_MAX_MS, ORIGIN_MAX, Statement, WalletAct, is_origin, may_delegate_until,
};
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::Wallet;
use proptest::prelude::*;

use crate::support::{altered, config, moments};

pub(crate) fn ids() -> impl Strategy<Value = String> {
    "[a-z0-9-]{1,32}"
}

fn addresses() -> impl Strategy<Value = String> {
    "[!-~]{1,128}"
}

fn assets() -> impl Strategy<Value = Asset> {
    ("[A-Z0-9]{2,12}", 0..=9_u8).prop_map(|(code, decimals)| Asset { code, decimals })
}

fn amounts() -> impl Strategy<Value = Amount> {
    (0..=i64::MAX).prop_map(|units| Amount::try_from(units).expect("not below zero"))
}

fn acts() -> impl Strategy<Value = Act> {
    let sites = proptest::option::of(ids());
    let who = (any::<[u8; 16]>(), any::<Option<[u8; 32]>>());
    let open = (who, ids(), ids(), sites, any::<u32>(), any::<Option<[u8; 16]>>()).prop_map(
        |((client_id, delegate), level, campaign, site, rules_version, abandon)| Act::Open {
            client_id: ClientId(client_id),
            level,
            campaign,
            site,
            delegate: delegate.map(Wallet),
            rules_version,
            abandon: abandon.map(RoundId),
        },
    );
    let claim =
        (any::<[u8; 16]>(), any::<[u8; 32]>(), any::<[u8; 32]>()).prop_map(|(round, level, transcript)| {
            Act::Claim { round: RoundId(round), level: Hash(level), transcript: Hash(transcript) }
        });
    let address = (any::<[u8; 16]>(), ids(), addresses(), proptest::option::of(ids())).prop_map(
        |(client_id, rail, address, site)| Act::Address {
            client_id: ClientId(client_id),
            rail,
            address,
            site,
        },
    );
    let at = (addresses(), proptest::option::of(ids()));
    let withdraw = (any::<[u8; 16]>(), ids(), assets(), amounts(), at, amounts()).prop_map(
        |(client_id, rail, asset, amount, (address, site), fee_max)| Act::Withdraw {
            client_id: ClientId(client_id),
            rail,
            asset,
            amount,
            address,
            fee_max,
            site,
        },
    );
    let moment = || moments().prop_map(Some).boxed();
    let issue = (any::<[u8; 16]>(), prop_oneof![Just(None), moment()])
        .prop_map(|(client_id, until)| Act::IssueReadKey { client_id: ClientId(client_id), until });
    let list = any::<[u8; 16]>().prop_map(|id| Act::ListReadKeys { client_id: ClientId(id) });
    let revoke = any::<[u8; 16]>().prop_map(|id| Act::RevokeReadKey { id: ClientId(id) });
    let of_wallets = wallet_acts().prop_map(Act::OfWallets);
    prop_oneof![open, claim, address, withdraw, issue, list, revoke, of_wallets.boxed()]
}

fn wallet_acts() -> impl Strategy<Value = WalletAct> {
    let client_ids = || any::<[u8; 16]>().prop_map(ClientId);
    let wallets = || any::<[u8; 32]>().prop_map(Wallet);
    let delegate = (client_ids(), wallets(), moments(), proptest::option::of(ids())).prop_map(
        |(client_id, delegate, until, site)| WalletAct::Delegate { client_id, delegate, until, site },
    );
    let of_a_site = || (client_ids(), proptest::option::of(ids()));
    let list = of_a_site().prop_map(|(client_id, site)| WalletAct::ListDelegations { client_id, site });
    let revoke = of_a_site().prop_map(|(id, site)| WalletAct::RevokeDelegation { id, site });
    let move_balance =
        (client_ids(), wallets()).prop_map(|(client_id, to)| WalletAct::MoveBalance { client_id, to });
    prop_oneof![delegate, list, revoke, move_balance]
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

/// The same opening, but for one thing.
fn opens_beside(act: &Act) -> Vec<Act> {
    let Act::Open { client_id, level, campaign, site, delegate, abandon, .. } = act else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut with = |change: &dyn Fn(&mut Opening<'_>)| {
        let mut other = act.clone();
        if let Act::Open { client_id, level, campaign, site, delegate, rules_version, abandon } = &mut other {
            change(&mut Opening { client_id, level, campaign, site, delegate, rules_version, abandon });
        }
        found.push(other);
    };
    with(&|open| *open.client_id = ClientId(flipped(client_id.0)));
    with(&|open| open.level.push('-'));
    with(&|open| open.campaign.push('-'));
    with(&|open| *open.rules_version ^= 1);
    with(&|open| *open.abandon = abandon.map_or(Some(RoundId([0; 16])), |_| None));
    with(&|open| *open.delegate = delegate.map_or(Some(Wallet([0; 32])), |_| None));
    with(&|open| *open.delegate = Some(Wallet(flipped(delegate.map_or([0; 32], |key| key.0)))));
    with(&|open| *open.site = site.as_ref().map_or(Some("shop".to_owned()), |_| None));
    with(&|open| *open.site = site.as_ref().map_or(Some("a".to_owned()), |site| Some(format!("{site}-"))));
    if level != campaign {
        with(&|open| std::mem::swap(open.level, open.campaign));
    }
    found
}

/// What an opening says.
struct Opening<'a> {
    client_id: &'a mut ClientId,
    level: &'a mut String,
    campaign: &'a mut String,
    site: &'a mut Option<String>,
    delegate: &'a mut Option<Wallet>,
    rules_version: &'a mut u32,
    abandon: &'a mut Option<RoundId>,
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
        Act::Open { .. } => opens_beside(&statement.act).into_iter().for_each(push),
        Act::Address { client_id, rail, address, site } => {
            let at = |client_id, rail: &str, address: &str, site| Act::Address {
                client_id,
                rail: rail.to_owned(),
                address: address.to_owned(),
                site,
            };
            let act = |client_id, rail: &str, address: &str| at(client_id, rail, address, site.clone());
            push(at(*client_id, rail, address, Some(other_site(site.as_deref()))));
            push(act(ClientId(flipped(client_id.0)), rail, address));
            push(act(*client_id, &format!("{rail}-"), address));
            push(act(*client_id, rail, &format!("{address}0")));
            if rail != address {
                push(act(*client_id, address, rail));
            }
        }
        Act::Withdraw { client_id, rail, asset, amount, address, fee_max, site } => {
            let mut with = |change: &dyn Fn(&mut Withdrawal<'_>)| {
                let mut act = statement.act.clone();
                if let Act::Withdraw { client_id, rail, asset, amount, address, fee_max, site } = &mut act {
                    change(&mut Withdrawal { client_id, rail, asset, amount, address, fee_max, site });
                }
                push(act);
            };
            let other = |amount: Amount| Amount::try_from(amount.units() ^ 1).expect("not below zero");
            with(&|it| *it.client_id = ClientId(flipped(client_id.0)));
            with(&|it| it.rail.push('-'));
            with(&|it| it.asset.code.push('X'));
            with(&|it| it.asset.decimals = asset.decimals ^ 1);
            with(&|it| *it.amount = other(*amount));
            with(&|it| it.address.push('0'));
            with(&|it| *it.fee_max = other(*fee_max));
            with(&|it| *it.site = Some(other_site(site.as_deref())));
            if amount != fee_max {
                with(&|it| (*it.amount, *it.fee_max) = (*fee_max, *amount));
            }
            if rail != address {
                with(&|it| (*it.rail, *it.address) = (address.clone(), rail.clone()));
            }
        }
        Act::IssueReadKey { client_id, until } => {
            push(Act::IssueReadKey { client_id: ClientId(flipped(client_id.0)), until: *until });
            let other = until.map_or(Some(Timestamp(0)), |_| None);
            push(Act::IssueReadKey { client_id: *client_id, until: other });
            push(Act::ListReadKeys { client_id: *client_id });
            push(Act::RevokeReadKey { id: *client_id });
        }
        Act::ListReadKeys { client_id } => {
            push(Act::ListReadKeys { client_id: ClientId(flipped(client_id.0)) });
            push(Act::RevokeReadKey { id: *client_id });
            push(Act::IssueReadKey { client_id: *client_id, until: None });
        }
        Act::RevokeReadKey { id } => {
            push(Act::RevokeReadKey { id: ClientId(flipped(id.0)) });
            push(Act::ListReadKeys { client_id: *id });
            push(Act::IssueReadKey { client_id: *id, until: None });
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
        Act::OfWallets(act) => wallet_neighbours(act).into_iter().map(Act::OfWallets).for_each(push),
    }
    found
}

/// Like [`neighbours`], of what only players with wallets of their own say.
fn wallet_neighbours(act: &WalletAct) -> Vec<WalletAct> {
    let other = |id: &ClientId| ClientId(flipped(id.0));
    match act {
        WalletAct::Delegate { client_id, delegate, until, site } => {
            let act =
                |client_id, delegate, until, site| WalletAct::Delegate { client_id, delegate, until, site };
            let (id, key, until) = (*client_id, *delegate, *until);
            let mut found = vec![
                act(other(client_id), key, until, site.clone()),
                act(id, Wallet(flipped(key.0)), until, site.clone()),
                act(id, key, Timestamp(until.0 ^ 1), site.clone()),
                act(id, key, until, Some(format!("{}-", site.as_deref().unwrap_or_default()))),
                WalletAct::MoveBalance { client_id: id, to: key },
            ];
            if site.is_some() {
                found.push(act(id, key, until, None));
            }
            found
        }
        WalletAct::ListDelegations { client_id, site } => vec![
            WalletAct::ListDelegations { client_id: other(client_id), site: site.clone() },
            WalletAct::ListDelegations { client_id: *client_id, site: Some(other_site(site.as_deref())) },
            WalletAct::RevokeDelegation { id: *client_id, site: site.clone() },
        ],
        WalletAct::RevokeDelegation { id, site } => vec![
            WalletAct::RevokeDelegation { id: other(id), site: site.clone() },
            WalletAct::RevokeDelegation { id: *id, site: Some(other_site(site.as_deref())) },
            WalletAct::ListDelegations { client_id: *id, site: site.clone() },
        ],
        WalletAct::MoveBalance { client_id, to } => vec![
            WalletAct::MoveBalance { client_id: other(client_id), to: *to },
            WalletAct::MoveBalance { client_id: *client_id, to: Wallet(flipped(to.0)) },
        ],
    }
}

/// The fields of a withdrawal, to change one of them.
struct Withdrawal<'a> {
    client_id: &'a mut ClientId,
    rail: &'a mut String,
    asset: &'a mut Asset,
    amount: &'a mut Amount,
    address: &'a mut String,
    fee_max: &'a mut Amount,
    site: &'a mut Option<String>,
}

/// Another site, or one where there is none.
pub(crate) fn other_site(site: Option<&str>) -> String {
    format!("{}-", site.unwrap_or_default())
}

pub(crate) fn flipped<const N: usize>(mut bytes: [u8; N]) -> [u8; N] {
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
        for altered in altered(&text, place.index(text.len()), &letter) {
            if altered != text && let Ok(read) = Statement::parse(&altered) {
                prop_assert_ne!(&read, &statement);
                prop_assert_eq!(read.to_string(), altered);
            }
        }
    }

    #[test]
    fn a_statement_of_one_kind_never_passes_for_one_of_another(statement in statements(), act in acts()) {
        let other = Statement { act, ..statement.clone() };
        let kind = |statement: &Statement| std::mem::discriminant(&statement.act);
        if kind(&statement) != kind(&other) {
            prop_assert_ne!(statement.to_string(), other.to_string());
        }
        let read = Statement::parse(&statement.to_string()).unwrap();
        prop_assert_eq!(kind(&read), kind(&statement));
    }

    #[test]
    fn no_id_no_origin_and_no_address_holds_anything_that_could_start_a_line(text in "[a-z0-9:/.\n\r\t \u{85}\u{2028}-]{0,40}|\\PC{0,40}") {
        for accepted in [is_id(&text), is_origin(&text), is_address(&text)] {
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
        let is_altered = match &mut altered.act {
            Act::Open { level: id, .. } | Act::Address { rail: id, .. } | Act::Withdraw { rail: id, .. } => {
                id.clone_from(&level);
                prop_assert!(!level.contains('\n') || !is_id(&level));
                true
            }
            _ => false,
        };
        // Whatever the server lets through, is read back as it was meant.
        if is_origin(&origin) && (is_id(&level) || !is_altered) {
            prop_assert_eq!(Statement::parse(&altered.to_string()), Ok(altered));
        }
    }

    #[test]
    fn reading_any_text_never_panics(text in "\\PC*|[ -~\n]{0,400}") {
        let _any = Statement::parse(&text);
    }
}

#[test]
fn a_delegation_holds_for_thirty_days_at_most_and_not_for_none() {
    let issued_at = Timestamp(1_769_903_999_000);
    let day = 86_400_000;
    for (until, may) in [
        (issued_at.minus(1), false),
        (issued_at, false),
        (issued_at.plus(1), true),
        (issued_at.plus(30 * day), true),
        (issued_at.plus(30 * day + 1), false),
        (Timestamp(u64::MAX), false),
    ] {
        assert_eq!(may_delegate_until(issued_at, until), may, "{until:?}");
    }
    assert_eq!(DELEGATION_MAX_MS, 30 * day);
}

#[test]
fn an_address_is_one_visible_word_that_is_not_too_long() {
    let longest = "a".repeat(ADDRESS_MAX);
    for address in ["7EqQdEULxWcraVx3mXKFjc84LhCkMGZCkRuDpvcMwJeK", "0xAb", "user@example.org", "-", &longest]
    {
        assert!(is_address(address), "{address}");
    }
    let too_long = "a".repeat(ADDRESS_MAX + 1);
    for address in ["", " ", "a b", "a\n", "\u{e9}", "a\u{200b}", &too_long] {
        assert!(!is_address(address), "{address:?}");
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
