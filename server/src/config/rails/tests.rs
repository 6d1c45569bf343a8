use std::path::Path;
use std::time::Duration;

use dripline_shared::amount::Amount;

use crate::config::{Config, Secrets};
use crate::payout::evm::{EvmAsset, Finality};
use crate::payout::solana::SolanaAsset;
use crate::payout::webhook::WebhookSettings;
use crate::payout::{KeySource, RailDriver};

const SOLANA: &str = "\
[rails.solana]
kind = 'solana'
endpoints = ['https://rpc.example', 'env:SECOND_RPC']
genesis_hash = '5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d'
key_file = '/run/secrets/treasury.json'
priority_fee_micro_lamports = 1000

[rails.solana.assets.DRIP]
threshold = '1000'
fee = '50'

[rails.solana.assets.USDC]
threshold = '1000'
mint = 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v'
chain_decimals = 6
";

const EVM: &str = "\
[rails.polygon]
kind = 'evm'
endpoints = ['https://rpc.example', 'env:SECOND_RPC']
chain_id = 137
key_env = 'TREASURY'
confirmations = 'finalized'
max_fee_per_gas_gwei = '300'
max_priority_fee_gwei = '0.5'
replace_after_ms = 60000
disperse = '0xD152f549545093347A162Dce210e7293f1452150'

[rails.polygon.assets.DRIP]
threshold = '1000'

[rails.polygon.assets.USDC]
threshold = '1000'
token = '0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48'
chain_decimals = 6
";

fn parse(text: &str) -> Result<Config, Vec<String>> {
    Config::parse(Some((Path::new("dripline.toml"), text)), [], Secrets::LeftOut)
        .map_err(|findings| findings.iter().map(ToString::to_string).collect())
}

/// The only mistake in a text once `from` is replaced.
fn mistake(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from));
    let mistakes = parse(&text.replace(from, to)).unwrap_err();
    assert_eq!(mistakes.len(), 1, "{mistakes:?}");
    mistakes.into_iter().next().unwrap()
}

#[test]
fn a_rail_of_solana_is_read() {
    let rails = parse(SOLANA).unwrap().rails.settings().unwrap();
    let RailDriver::Solana(solana) = &rails["solana"].driver else { panic!("another kind") };
    assert_eq!(solana.endpoints, ["https://rpc.example", "env:SECOND_RPC"]);
    assert_eq!(solana.key, KeySource::File("/run/secrets/treasury.json".into()));
    assert_eq!(solana.priority_fee_micro_lamports, 1_000);
    assert_eq!(
        solana.assets["DRIP"],
        SolanaAsset { mint: None, chain_decimals: 9, account_fee: Amount::ZERO }
    );
    assert_eq!(solana.assets["USDC"].chain_decimals, 6);
}

#[test]
fn what_is_wrong_with_a_rail_of_solana_is_told_with_its_line() {
    for (from, to, line, setting, expected) in [
        ("['https://rpc.example', 'env:SECOND_RPC']", "[]", 3, "endpoints", "a whole number from 1 to 8"),
        ("env:SECOND_RPC", "rpc.example", 3, "endpoints", "addresses such as"),
        ("env:SECOND_RPC", "env:NO-NAME", 3, "endpoints", "addresses such as"),
        ("env:SECOND_RPC", "https://rpc.example", 3, "endpoints", "different servers"),
        ("env:SECOND_RPC", "https://RPC.example/other", 3, "endpoints", "different servers"),
        ("5eykt4", "0xdead", 4, "genesis_hash", "the chain's genesis hash in base58"),
        ("priority_fee", "key_env = 'KEY'\npriority_fee", 6, "key_env", "either key_file or key_env"),
        ("key_file", "# ", 1, "key_file", "either key_file or key_env"),
        ("= 1000\n", "= 10000001\n", 6, "priority_fee_micro_lamports", "a whole number from 0 to 10000000"),
        ("fee = '50'", "chain_decimals = 6", 10, "assets.DRIP.chain_decimals", "9: without a mint it is SOL"),
        ("EPjFWdd5", "0", 14, "assets.USDC.mint", "the address of a mint"),
        ("decimals = 6", "decimals = 19", 15, "assets.USDC.chain_decimals", "a whole number from 0 to 18"),
        ("chain_decimals = 6", "", 12, "assets.USDC.chain_decimals", "a whole number from 0 to 18"),
    ] {
        let mistake = mistake(SOLANA, from, to);
        let told = format!("dripline.toml:{line}: rails.solana.{setting}: expected {expected}");
        assert!(mistake.starts_with(&told), "{mistake}\nexpected {told}");
    }
}

#[test]
fn a_rail_of_an_evm_chain_is_read() {
    let evm = |text: &str| {
        let rails = parse(text).unwrap().rails.settings().unwrap();
        let RailDriver::Evm(evm) = &rails["polygon"].driver else { panic!("another kind") };
        evm.clone()
    };
    let whole = evm(EVM);
    assert_eq!(whole.endpoints, ["https://rpc.example", "env:SECOND_RPC"]);
    assert_eq!((whole.chain_id, whole.finality), (137, Finality::Finalized));
    assert!(!whole.needs_ownership);
    assert!(evm(&EVM.replace("chain_id = 137", "chain_id = 137\nneeds_ownership = true")).needs_ownership);
    assert_eq!(whole.key, KeySource::Variable("TREASURY".to_owned()));
    assert_eq!((whole.max_fee_per_gas, whole.priority_fee_per_gas), (300_000_000_000, Some(500_000_000)));
    assert_eq!(whole.replace_after_ms, 60_000);
    assert_eq!(whole.disperse.as_deref(), Some("0xD152f549545093347A162Dce210e7293f1452150"));
    assert_eq!(whole.assets["DRIP"], EvmAsset { token: None, chain_decimals: 18 });
    assert_eq!(whole.assets["USDC"].chain_decimals, 6);
    assert_eq!(evm(&EVM.replace("'finalized'", "12")).finality, Finality::Depth(12));
    let optional = ["confirmations", "max_priority_fee_gwei", "replace_after_ms", "disperse"];
    let least = optional.iter().fold(EVM.to_owned(), |text, name| text.replace(name, &format!("# {name}")));
    let least = evm(&least);
    assert_eq!((least.finality, least.priority_fee_per_gas), (Finality::Finalized, None));
    assert_eq!((least.replace_after_ms, least.disperse), (120_000, None));
}

#[test]
fn what_is_wrong_with_a_rail_of_an_evm_chain_is_told_with_its_line() {
    for (from, to, line, setting, expected) in [
        ("['https://rpc.example', 'env:SECOND_RPC']", "[]", 3, "endpoints", "a whole number from 1 to 8"),
        ("chain_id = 137", "chain_id = 0", 4, "chain_id", "a whole number from 1 to"),
        ("chain_id", "# ", 1, "chain_id", "a whole number from 1 to"),
        ("key_env", "key_file = 'a'\nkey_env", 6, "key_env", "either key_file or key_env"),
        (
            "'finalized'",
            "'safe'",
            6,
            "confirmations",
            "\"finalized\", or a number of blocks from 1 to 100000",
        ),
        ("'finalized'", "0", 6, "confirmations", "\"finalized\", or"),
        ("'300'", "'0'", 7, "max_fee_per_gas_gwei", "a decimal number in quotes, above 0"),
        ("'300'", "'1000.1'", 7, "max_fee_per_gas_gwei", "a decimal number in quotes, above 0"),
        ("'300'", "'1e3'", 7, "max_fee_per_gas_gwei", "a decimal number in quotes, above 0"),
        ("max_fee_per_gas_gwei", "# ", 1, "max_fee_per_gas_gwei", "a decimal number in quotes, above 0"),
        ("'0.5'", "'0.0000000001'", 8, "max_priority_fee_gwei", "a decimal number in quotes"),
        ("= 60000", "= 9999", 9, "replace_after_ms", "a whole number from 10000 to 86400000"),
        ("0xD152f5", "0xd152f5", 10, "disperse", "an address without a slip of the pen"),
        ("0xA0b869", "A0b869", 17, "assets.USDC.token", "an address: 0x and 40"),
        ("decimals = 6", "decimals = 37", 18, "assets.USDC.chain_decimals", "a whole number from 0 to 36"),
        ("chain_decimals = 6", "", 15, "assets.USDC.chain_decimals", "a whole number from 0 to 36"),
        (
            "'1000'\n\n",
            "'1000'\nchain_decimals = 9\n\n",
            14,
            "assets.DRIP.chain_decimals",
            "18: without a token",
        ),
        ("chain_id", "genesis_hash = ''\nchain_id", 4, "genesis_hash", "nothing: a rail of kind \"evm\""),
        ("token", "mint = ''\ntoken", 17, "assets.USDC.mint", "nothing: a rail of kind \"evm\""),
    ] {
        let mistake = mistake(EVM, from, to);
        let told = format!("dripline.toml:{line}: rails.polygon.{setting}: expected {expected}");
        assert!(mistake.starts_with(&told), "{mistake}\nexpected {told}");
    }
}

#[test]
fn a_rail_of_solana_has_nothing_of_an_evm_chain() {
    for setting in [
        "chain_id = 1",
        "needs_ownership = true",
        "disperse = ''",
        "confirmations = 1",
        "max_fee_per_gas_gwei = '1'",
    ] {
        let mistake = mistake(SOLANA, "kind", &format!("{setting}\nkind"));
        assert!(
            mistake.contains("expected nothing: a rail of kind \"solana\" does not have it"),
            "{mistake}"
        );
    }
}

#[test]
fn a_sandbox_needs_nothing_of_a_chain() {
    let text = "\
[rails.x]
kind = 'sandbox'
endpoints = []
[rails.x.assets.DRIP]
threshold = '5'
chain_decimals = 9
";
    assert_eq!(
        parse(text).unwrap_err(),
        [
            "dripline.toml:3: rails.x.endpoints: expected nothing: the sandbox is on no chain",
            "dripline.toml:6: rails.x.assets.DRIP.chain_decimals: expected nothing: the sandbox is on no chain",
        ]
    );
}

/// The documented rail under this heading.
fn documented(heading: &str) -> RailDriver {
    let document = include_str!("../../../../docs/configuration.md");
    let (_, rest) = document.split_once(heading).unwrap();
    let (_, rest) = rest.split_once("```toml\n").unwrap();
    let config = parse(rest.split_once("```").unwrap().0).unwrap();
    config.rails.settings().unwrap().into_values().next().unwrap().driver
}

#[test]
fn the_documented_rails_are_some() {
    assert!(matches!(documented("## Paying on an EVM chain"), RailDriver::Evm(_)));
    assert!(matches!(documented("## Paying by Solana"), RailDriver::Solana(_)));
}

const WEBHOOK: &str = "\
[rails.lightning]
kind = 'webhook'
url = 'https://pay.example/hook'
secret_file = '/run/secrets/webhook'
timeout_ms = 20000
alert_after_ms = 86400000
batch_max = 100
address_pattern = '[a-z]+@wallet[.]example'
address_hint = 'a Lightning address'

[rails.lightning.assets.DRIP]
threshold = '1000'
fee = '50'
";

#[test]
fn a_rail_of_a_webhook_is_read() {
    let rails = parse(WEBHOOK).unwrap().rails.settings().unwrap();
    let expected = WebhookSettings {
        url: "https://pay.example/hook".to_owned(),
        secret: KeySource::File("/run/secrets/webhook".into()),
        timeout: Duration::from_secs(20),
        alert_after_ms: 86_400_000,
        batch_max: 100,
        address_pattern: Some("[a-z]+@wallet[.]example".to_owned()),
        address_hint: Some("a Lightning address".to_owned()),
    };
    assert_eq!(rails["lightning"].driver, RailDriver::Webhook(expected));
}

#[test]
fn what_is_wrong_with_a_rail_of_a_webhook_is_told_with_its_line() {
    let hint = format!("address_hint = '{}'", "x".repeat(101));
    for (from, to, line, setting, expected) in [
        ("https:", "http:", 3, "url", "an https address, an http address on loopback"),
        ("https://pay.example/hook", "env:NO-NAME", 3, "url", "an https address"),
        ("url", "# ", 1, "url", "an https address"),
        ("secret_file", "# ", 1, "secret_file", "either secret_file or secret_env"),
        ("timeout", "secret_env = 'S'\ntimeout", 5, "secret_env", "either secret_file or secret_env"),
        ("timeout_ms = 20000", "timeout_ms = 999", 5, "timeout_ms", "a whole number from 1000 to 60000"),
        ("86400000", "59999", 6, "alert_after_ms", "a whole number from 60000 to 2592000000"),
        ("batch_max = 100", "batch_max = 101", 7, "batch_max", "a whole number from 1 to 100"),
        ("batch_max = 100", "batch_max = 0", 7, "batch_max", "a whole number from 1 to 100"),
        ("[a-z]+", "[a-z", 8, "address_pattern", "a regular expression of 1 to 500 bytes: "),
        ("address_hint = 'a Lightning address'", &hint, 9, "address_hint", "1 to 100 characters in one line"),
        (
            "batch_max",
            "genesis_hash = 'x'\nbatch_max",
            7,
            "genesis_hash",
            "nothing: a rail of kind \"webhook\"",
        ),
        ("fee", "mint = 'x'\nfee", 13, "assets.DRIP.mint", "nothing: a rail of kind \"webhook\""),
    ] {
        assert!(WEBHOOK.contains(from));
        let mistakes = parse(&WEBHOOK.replacen(from, to, 1)).unwrap_err();
        let told = format!("dripline.toml:{line}: rails.lightning.{setting}: expected {expected}");
        assert!(mistakes.len() == 1 && mistakes[0].starts_with(&told), "{mistakes:?}\nexpected {told}");
    }
    let told = mistake(SOLANA, "key_file", "url = 'https://pay.example'\nkey_file");
    let expected =
        "dripline.toml:5: rails.solana.url: expected nothing: a rail of kind \"solana\" does not have it";
    assert_eq!(told, expected);
}

#[test]
fn the_documented_rail_of_a_webhook_is_one() {
    let document = include_str!("../../../../docs/configuration.md");
    let (_, rest) = document.split_once("## Paying by a webhook").unwrap();
    let (_, rest) = rest.split_once("```toml\n").unwrap();
    let config = parse(rest.split_once("```").unwrap().0).unwrap();
    assert!(matches!(config.rails.settings().unwrap()["lightning"].driver, RailDriver::Webhook(_)));
}

#[test]
fn from_when_on_withdrawals_wait_for_approval_is_said_for_each_asset() {
    let text = SOLANA.replace("fee = '50'\n", "fee = '50'\napprove_above = '7000'\n");
    let rails = parse(&text).unwrap().rails.settings().unwrap();
    let assets = &rails.values().next().unwrap().assets;
    assert_eq!(assets["DRIP"].approve_above, Some(Amount::from_units(7_000)));
    assert_eq!(assets["USDC"].approve_above, None);
}

#[test]
fn what_lies_dormant_is_said_for_each_asset_and_never_soon() {
    let with =
        |after: &str| SOLANA.replace("fee = '50'\n", &format!("fee = '50'\ndormant_after_ms = {after}\n"));
    let settings = parse(&with("15552000000")).unwrap().rails.settings().unwrap();
    let assets = &settings["solana"].assets;
    assert_eq!(assets["DRIP"].dormant_after_ms, Some(15_552_000_000));
    assert_eq!(assets["USDC"].dormant_after_ms, None);
    for wrong in ["0", "2591999999", "315360000001"] {
        let mistakes = parse(&with(wrong)).unwrap_err();
        assert_eq!(mistakes.len(), 1, "{mistakes:?}");
        assert!(mistakes[0].contains("dormant_after_ms"), "{mistakes:?}");
    }
}
