use std::path::Path;

use dripline_shared::catalog::Catalog;

use super::*;

fn parse(text: &str, variables: &[(&str, &str)]) -> Result<Config, Vec<String>> {
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::parse(Some((Path::new("dripline.toml"), text)), variables, Secrets::LeftOut)
        .map_err(|findings| findings.iter().map(ToString::to_string).collect())
}

fn mistakes(text: &str, variables: &[(&str, &str)]) -> Vec<String> {
    parse(text, variables).unwrap_err()
}

#[test]
fn nothing_configured_is_the_defaults() {
    let config = Config::load(None, [], Secrets::Checked).unwrap();
    assert_eq!(config, parse("", &[]).unwrap());
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.metrics.listen, None);
    assert_eq!(config.catalog, None);
    assert_eq!(config.origins(80), ["http://localhost:80", "http://127.0.0.1:80"]);
}

#[test]
fn the_file_is_over_the_defaults_and_the_environment_over_the_file() {
    let text = "[server]\nlisten = '0.0.0.0:80'\n[throttle]\nburst = 10\nper_second = 20\n";
    let variables = [
        ("DRIPLINE_THROTTLE_BURST", "30"),
        ("DRIPLINE_SERVER_DATA", "/var/lib/dripline"),
        ("DRIPLINE_SERVER_PUBLIC_ORIGINS", "https://a.example, https://b.example"),
        ("DRIPLINE_METRICS_LISTEN", "[::1]:9464"),
        ("DRIPLINE_LOG_FORMAT", "json"),
        ("DRIPLINE_EMERGENCY_STOPPED", "[\"catch\"]"),
        ("DRIPLINE_BIN", "of no section"),
        ("HOME", "/root"),
    ];
    let config = parse(text, &variables).unwrap();
    assert_eq!(config.server.listen.to_string(), "0.0.0.0:80");
    assert_eq!(config.server.data, Path::new("/var/lib/dripline"));
    assert_eq!(config.origins(1)[..2], ["https://a.example", "https://b.example"]);
    assert_eq!((config.throttle.burst, config.throttle.per_second), (30, 20));
    assert_eq!(config.metrics.listen.unwrap().port(), 9464);
    assert_eq!(config.log.format, crate::telemetry::Format::Json);
    assert!(config.emergency.stopped.contains("catch"));
}

#[test]
fn from_when_on_two_operators_are_needed_is_said_for_each_asset() {
    let config = parse("[admin.second_operator_above]\nDRIP = '5000000'\nUSDC = '0'\n", &[]).unwrap();
    let above: Vec<(&str, i64)> = config
        .admin
        .second_operator_above
        .iter()
        .map(|(code, above)| (code.as_str(), above.units()))
        .collect();
    assert_eq!(above, [("DRIP", 5_000_000), ("USDC", 0)]);
    assert!(parse("", &[]).unwrap().admin.second_operator_above.is_empty());
    for wrong in ["drip = '5'", "DRIP = '-5'", "DRIP = 'much'"] {
        let found = mistakes(&format!("[admin.second_operator_above]\n{wrong}\n"), &[]);
        assert!(found.len() == 1 && found[0].contains("admin"), "{found:?}");
    }
}

#[test]
fn every_mistake_is_told_at_once_with_its_line() {
    let text = "\
[server]
listen = 'nowhere'
public_origins = ['https://a.example/path']

[throttle]
burst = 0
per_secnod = 5
per_second = 'fast'

[clients]
proxies = ['10.0.0.0']
prefix_v4 = 64

[secrets]
key = 'x'
";
    assert_eq!(
        mistakes(text, &[]),
        [
            "dripline.toml:2: server.listen: expected an address and a port, such as \"127.0.0.1:8080\" or \"[::]:80\"",
            "dripline.toml:7: throttle.per_secnod: unknown field `per_secnod`, expected one of `burst`, \
             `per_second`, `addresses_max`",
            "dripline.toml:8: throttle.per_second: invalid type: string \"fast\", expected u32",
            "dripline.toml:11: clients.proxies: expected networks such as \"10.0.0.0/8\" or \"192.0.2.1/32\"",
            "dripline.toml:14: secrets: unknown section, expected one of server, tls, store, connections, notices, clients, throttle, \
             admin, alerts, sites, metrics, log, traces, work, emergency, rails, prices, catalog",
        ]
    );
    assert_eq!(
        mistakes("[throttle]\nburst = 0\n[clients]\nprefix_v4 = 64\n[server]\npublic_origins = ['x']\n", &[]),
        [
            "dripline.toml:2: throttle.burst: expected a whole number from 1 to 1000000000",
            "dripline.toml:4: clients.prefix_v4: expected a whole number from 8 to 32",
            "dripline.toml:6: server.public_origins: expected origins such as \"https://play.example\", without a \
             path",
        ]
    );
}

#[test]
fn mistakes_in_the_environment_name_the_variable() {
    let variables =
        [("DRIPLINE_THROTTLE_BURST", "many"), ("DRIPLINE_WORK_READERS", "0"), ("DRIPLINE_LOG_LEVEL", "info")];
    assert_eq!(
        mistakes("", &variables),
        [
            "DRIPLINE_THROTTLE_BURST: throttle.burst: invalid type: string \"many\", expected u32",
            "DRIPLINE_LOG_LEVEL: log.level: unknown field `level`, expected `filter` or `format`",
            "DRIPLINE_WORK_READERS: work.readers: expected a whole number from 1 to 256",
        ]
    );
}

#[test]
fn what_is_not_toml_is_told_with_its_line() {
    let found = mistakes("[server]\nlisten = = 5\n\n[throttle\nburst = 1\n", &[]);
    assert!(found.iter().any(|finding| finding.starts_with("dripline.toml:2: ")), "{found:?}");
    assert!(found.iter().any(|finding| finding.starts_with("dripline.toml:4: ")), "{found:?}");
}

#[test]
fn a_section_must_be_a_table() {
    assert_eq!(mistakes("throttle = 5\n", &[]), ["dripline.toml:1: throttle: expected a section"]);
}

#[test]
fn anything_with_an_id_can_be_stopped_and_nothing_else() {
    let config = parse("[emergency]\nstopped = ['catch', 'level-of-old', 'campaign:summer']\n", &[]).unwrap();
    assert_eq!(config.emergency.stopped.len(), 3);
    for wrong in ["Catch 1", "campaign:", "site:a"] {
        let found = mistakes(&format!("[emergency]\nstopped = ['catch', '{wrong}']\n"), &[]);
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("dripline.toml:2: emergency.stopped: "), "{found:?}");
    }
}

#[test]
fn a_catalog_survives_its_way_through_toml() {
    let catalog = Catalog::first_run();
    let text = catalog_to_toml(&catalog).unwrap();
    let file = std::env::temp_dir().join(format!("dripline-catalog-{}.toml", std::process::id()));
    std::fs::write(&file, &text).unwrap();
    let read = load_catalog(&file);
    std::fs::remove_file(&file).unwrap();
    assert_eq!(read.unwrap().version(), catalog.version());
}

#[test]
fn a_mistake_in_a_catalog_has_its_line() {
    let mut catalog = Catalog::first_run();
    catalog.levels[1].stars = [9, 3];
    let text = catalog_to_toml(&catalog).unwrap();
    let path = std::env::temp_dir().join(format!("dripline-catalog-wrong-{}.toml", std::process::id()));
    std::fs::write(&path, &text).unwrap();
    let findings = load_catalog(&path).unwrap_err();
    std::fs::remove_file(&path).unwrap();
    let Place::Line(_, line) = findings[0].place else { panic!("{findings:?}") };
    let shown = text.lines().nth(line - 1).unwrap();
    assert!(shown.starts_with("stars"), "line {line}: {shown}");
    assert_eq!(findings.len(), 1);
}

#[test]
fn what_is_not_a_catalog_is_told_with_its_line() {
    let found = mistakes("[catalog]\nasset = { code = 'DRIP', decimals = 6 }\nlevels = 5\n", &[]);
    assert_eq!(found, ["dripline.toml:3: catalog.levels: invalid type: integer `5`, expected a sequence"]);
}

#[test]
fn every_kind_of_mistake_in_a_catalog_is_told_with_line_and_field() {
    let first = catalog_to_toml(&Catalog::first_run()).unwrap();
    // What is written in place of what, once, and what is told: of which field, and what was expected.
    let wrong = [
        ("cooldown_ms = 300000", "cooldown_ms = \"soon\"", "levels[0].cooldown_ms", "invalid type"),
        ("cooldown_ms = 300000", "cooldown_ms = -1", "levels[0].cooldown_ms", "invalid value"),
        ("cooldown_ms = 300000", "cooldown_ms = 300000000000000", "levels[0].cooldown_ms", "at most a year"),
        ("cooldown_ms = 300000", "cool_down = 300000", "levels[0].cool_down", "unknown field"),
        ("base = \"10000\"", "base = \"-1\"", "levels[0].base", "amount"),
        ("base = \"10000\"", "base = \"9223372036854775808\"", "levels[0].base", "amount"),
        ("id = \"catch-2\"", "id = \"catch-1\"", "levels[1].id", "an id that no other level has"),
        // A cycle: the first level asks for the second.
        (
            "unlock = \"open\"",
            "unlock = { cleared = \"catch-2\" }",
            "levels[0].unlock",
            "a level above this one",
        ),
        ("budget = \"2000000000\"", "budget = \"a lot\"", "campaigns[0].budget", "amount"),
        ("id = \"default\"", "id = \"Default\"", "campaigns[0].id", "lower-case"),
    ];
    // One setting more of the campaign, in a line after its budget.
    let settings = [
        ("name = \"\"", "campaigns[0].name", "1 to 60 characters"),
        ("starts_ms = 253402300799999", "campaigns[0].starts_ms", "a moment before"),
        ("ends_ms = -1", "campaigns[0].ends_ms", "invalid value"),
        ("levels = []", "campaigns[0].levels", "at least one level"),
        ("levels = [\"catch-1\", \"no-such\"]", "campaigns[0].levels[1]", "the id of a level"),
        ("levels = [\"catch-1\", \"catch-1\"]", "campaigns[0].levels[1]", "not named before"),
        ("boost = 9999", "campaigns[0].boost", "10000 to 100000"),
        ("boost = \"double\"", "campaigns[0].boost", "invalid type"),
        ("newcomers = 10000", "campaigns[0].newcomers", "1 to 9999"),
        ("pacing = true", "campaigns[0].pacing", "a start and an end"),
        ("audience = { vouchers = 3 }", "campaigns[0].audience", "vouchers"),
        ("audience = \"nobody\"", "campaigns[0].audience", "unknown variant"),
        ("audience = { new_wallets = { within_ms = 0 } }", "campaigns[0].audience", "1 ms to a year"),
        ("audience = { new_wallets = { within = 1 } }", "campaigns[0].audience", "unexpected keys"),
    ];
    for (setting, field, expected) in settings {
        let budget = "budget = \"2000000000\"\n";
        let text = first.replacen(budget, &format!("{budget}{setting}\n"), 1);
        let line = text.lines().position(|line| line == setting).unwrap() + 1;
        let findings = catalog_of_text(Path::new("catalog.toml"), &text).unwrap_err();
        let told: Vec<String> = findings.iter().map(ToString::to_string).collect();
        let start = format!("catalog.toml:{line}: {field}");
        let is_told = |it: &String| it.starts_with(&start) && it.contains(expected);
        assert!(told.iter().any(is_told), "{setting}: expected {start}…{expected}…, and was told {told:#?}");
    }
    let budget = "budget = \"2000000000\"\n";
    let reversed = first.replacen(budget, &format!("{budget}starts_ms = 2\nends_ms = 1\n"), 1);
    let line = reversed.lines().position(|line| line == "ends_ms = 1").unwrap() + 1;
    let findings = catalog_of_text(Path::new("catalog.toml"), &reversed).unwrap_err();
    let expected = format!("catalog.toml:{line}: campaigns[0].ends_ms: expected an end after the start");
    assert_eq!(findings.iter().map(ToString::to_string).collect::<Vec<_>>(), [expected]);
    // What holds drips down is gone, for the last one.
    let endless = first.replacen("drip_max = \"1000000\"", "drip_max = \"9000000000000000000\"", 1);
    let large = ("base = \"10000\"", "base = \"9000000000000000\"", "levels[0].base", "a largest drip");
    let texts = std::iter::repeat_n(&first, wrong.len()).chain([&endless]);
    for (first, (usual, instead, field, expected)) in texts.zip(wrong.into_iter().chain([large])) {
        assert!(first.contains(usual), "{usual} is not in\n{first}");
        let text = first.replacen(usual, instead, 1);
        let findings = catalog_of_text(Path::new("catalog.toml"), &text).unwrap_err();
        let told: Vec<String> = findings.iter().map(ToString::to_string).collect();
        let line = first.lines().zip(text.lines()).position(|(usual, line)| usual != line).unwrap() + 1;
        let start = format!("catalog.toml:{line}: {field}: ");
        let is_told = |it: &String| it.starts_with(&start) && it.contains(expected);
        assert!(told.iter().any(is_told), "{instead}: expected {start}…{expected}…, and was told {told:#?}");
    }
}

#[test]
fn a_file_that_is_not_there_is_told() {
    let findings = Config::load(Some(Path::new("/nowhere/dripline.toml")), [], Secrets::Checked).unwrap_err();
    assert!(findings[0].to_string().starts_with("/nowhere/dripline.toml: cannot be read: "), "{findings:?}");
}

#[test]
fn plain_http_on_an_address_that_others_reach_has_to_be_meant() {
    let exposed = |text: &str| {
        let config = parse(&format!("[server]\nlisten = '0.0.0.0:80'\n{text}"), &[]).unwrap();
        config.exposed(Some(Path::new("dripline.toml"))).map(|finding| finding.to_string())
    };
    let told = exposed("").unwrap();
    assert!(
        told.starts_with("dripline.toml: server.listen: expected an address of this machine alone"),
        "{told}"
    );
    for way in ["127.0.0.1:80", "0.0.0.0:80", "[tls]", "certificate_file", "proxies = ", "plain_http = true"]
    {
        assert!(told.contains(way), "{way}: {told}");
    }
    // A proxy on this machine needs no address that others reach.
    assert!(exposed("[clients]\nproxies = ['127.0.0.1/32', '::1/128']\n").is_some());
    assert_eq!(exposed("[clients]\nproxies = ['10.0.0.2/32']\n"), None);
    assert_eq!(exposed("plain_http = true\n"), None);
    assert_eq!(exposed("[tls]\ncertificate_file = 'a'\nkey_file = 'b'\n"), None);
    for local in ["127.0.0.1:80", "127.8.8.8:80", "[::1]:80"] {
        let config = parse(&format!("[server]\nlisten = '{local}'\n"), &[]).unwrap();
        assert_eq!(config.exposed(None), None, "{local}");
    }
    let config = parse("[server]\nlisten = '[::]:80'\n", &[]).unwrap();
    assert_eq!(config.exposed(None).unwrap().place, Place::Default);
    // Operators' keys are not to be read on the way either.
    let config = parse("[admin]\nlisten = '0.0.0.0:8081'\n", &[]).unwrap();
    assert_eq!(config.exposed(None).unwrap().setting, "admin.listen");
    let config = parse("[admin]\nlisten = '127.0.0.1:8081'\n", &[]).unwrap();
    assert_eq!(config.exposed(None), None);
}

#[test]
fn operators_sign_in_where_passkeys_work() {
    let origins = |text: &str| parse(text, &[]).unwrap().admin_origins(8080);
    let local = ["http://localhost:8080", "http://127.0.0.1:8080"];
    assert_eq!(origins(""), local);
    let public =
        "[server]\npublic_origins = ['http://192.0.2.7', 'https://play.example', 'https://b.example']\n";
    let named = ["https://play.example", "https://b.example", local[0]];
    assert_eq!(
        origins(public),
        [&named[..], &["http://192.0.2.7", local[1]]].concat(),
        "those that work come first"
    );
    let apart = format!("{public}[admin]\nlisten = '127.0.0.1:8080'\n");
    assert_eq!(origins(&apart), local, "players' pages are elsewhere");
    let told = format!("{apart}origin = 'https://console.example'\n");
    assert_eq!(origins(&told), ["https://console.example", local[0], local[1]]);
    for wrong in [
        "https://192.0.2.7",
        "https://[::1]:8081",
        "http://console.example",
        "console.example",
        "https://a.example/b",
    ] {
        let told = mistakes(&format!("[admin]\norigin = '{wrong}'\n"), &[]);
        assert_eq!(told.len(), 1, "{wrong}");
        assert!(
            told[0].contains("dripline.toml:2: admin.origin: expected an origin with a name"),
            "{told:?}"
        );
    }
}

#[test]
fn with_a_certificate_the_pages_of_this_machine_are_encrypted_too() {
    let config = parse("[tls]\ncertificate_file = 'a'\nkey_file = 'b'\n", &[]).unwrap();
    assert_eq!(config.origins(8), ["https://localhost:8", "https://127.0.0.1:8"]);
}

#[test]
fn a_certificate_and_its_key_go_together_and_are_looked_for() {
    let both = "expected a certificate_file and a key_file, or neither";
    assert_eq!(
        mistakes("[tls]\ncertificate_file = 'a'\n", &[]),
        [format!("dripline.toml:2: tls.certificate_file: {both}")]
    );
    assert_eq!(mistakes("[tls]\nkey_file = 'b'\n", &[]), [format!("dripline.toml:2: tls.key_file: {both}")]);
    let text = "[tls]\ncertificate_file = '/nowhere/a.pem'\nkey_file = '/nowhere/b.pem'\n";
    let found = Config::parse(Some((Path::new("dripline.toml"), text)), [], Secrets::Checked).unwrap_err();
    let told = found[0].to_string();
    let expected = "dripline.toml:2: tls.certificate_file: expected what it names to be there and right: /nowhere/a.pem: ";
    assert!(found.len() == 1 && told.starts_with(expected), "{found:?}");
}

#[test]
fn notices_are_texts_and_addresses_of_the_web() {
    let config = parse(
        "[notices]\nterms = '''\nPlay fair.\nNo pay.'''\nprivacy_url = 'https://a.example/p?q=1#r'\n",
        &[],
    );
    let notices = config.unwrap().notices.view();
    assert_eq!(notices.terms.as_deref(), Some("Play fair.\nNo pay."));
    assert_eq!(notices.privacy_url.as_deref(), Some("https://a.example/p?q=1#r"));
    assert_eq!((notices.terms_url, notices.excluded_regions), (None, None));
    for contact in ["https://a.example/help", "help+play@a-b.example"] {
        let config = parse(&format!("[notices]\ncontact = '{contact}'\n"), &[]).unwrap();
        assert_eq!(config.notices.view().contact.as_deref(), Some(contact));
    }
    for wrong in ["help", "@a.example", "help@", "a b@c.example", "a@b@c.example", "a@b.example?subject=x"] {
        let found = mistakes(&format!("[notices]\ncontact = '{wrong}'\n"), &[]);
        let expected = "dripline.toml:2: notices.contact: expected an address such as ";
        assert!(found.len() == 1 && found[0].starts_with(expected), "{found:?}");
    }
    for wrong in
        ["http://a.example", "javascript:alert(1)", "https://", "https://a.example/<b>", "https://a b"]
    {
        let found = mistakes(&format!("[notices]\nterms_url = '{wrong}'\n"), &[]);
        let expected = "dripline.toml:2: notices.terms_url: expected an address such as ";
        assert!(found.len() == 1 && found[0].starts_with(expected), "{found:?}");
    }
    for wrong in ["' '".to_owned(), "\"a\\u0007\"".to_owned(), format!("'{}'", "é".repeat(4_001))] {
        let found = mistakes(&format!("[notices]\nexcluded_regions = {wrong}\n"), &[]);
        assert!(
            found.len() == 1 && found[0].contains("notices.excluded_regions: expected a text"),
            "{found:?}"
        );
    }
    assert!(parse(&format!("[notices]\nterms = '{}'\n", "é".repeat(4_000)), &[]).is_ok());
}

/// The configuration in `docs/configuration.md` that shows every setting.
fn documented() -> &'static str {
    let document = include_str!("../../../docs/configuration.md");
    let (_, rest) = document.split_once("```toml\n").unwrap();
    rest.split_once("```").unwrap().0
}

#[test]
fn the_documented_defaults_are_the_defaults() {
    assert_eq!(parse(documented(), &[]).unwrap(), Config::load(None, [], Secrets::Checked).unwrap());
}

#[test]
fn every_setting_is_documented() {
    let mut sections = 0;
    for part in documented().split("\n[") {
        let (name, settings) = part.trim_start_matches('[').split_once("]\n").unwrap();
        // What is unknown is refused with a list of what is known.
        let refusal = mistakes(&format!("[{name}]\nunheard-of = 1\n"), &[]).remove(0);
        for known in refusal.split('`').skip(3).step_by(2) {
            let lines = settings.lines().map(|line| line.trim_start_matches("# "));
            assert!(lines.clone().any(|line| line.starts_with(&format!("{known} = "))), "{name}.{known}");
        }
        sections += 1;
    }
    assert_eq!(sections, 15);
}
