//! `dripline payouts dry-run`: what a receiver would be asked is shown, whole and signed, and nothing is sent.

use dripline_server::edge::Edge;
use serde_json::{Value, json};
use standardwebhooks::Webhook;

use crate::command::Operator;
use crate::receiver::Receiver;
use crate::scene::{SECRET, Scene};

/// What a former secret is while it is changed.
const FORMER: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
/// The receivers of signed messages take those of this many seconds.
const TOLERANCE_S: i64 = 5 * 60;

/// The configuration of a rail that sends to this address.
fn config_file(scene: &Scene, url: &str) -> std::path::PathBuf {
    let path = scene.directory.path().with_extension("toml");
    let text = format!(
        "[rails.lightning]\nkind = 'webhook'\nurl = '{url}'\nsecret_file = '{}'\n\
         [rails.lightning.assets.DRIP]\nthreshold = '100'\nfee = '50'\n",
        scene.secret_file().display()
    );
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn a_dry_run_shows_the_signed_request_and_sends_nothing_and_no_secret() {
    let (scene, receiver) = (Scene::new(), Receiver::start(SECRET));
    std::fs::write(scene.secret_file(), format!("{SECRET}\n{FORMER}\n")).unwrap();
    let config = config_file(&scene, &format!("{}?key=hidden", receiver.url));
    let operator = Operator { config: &config, data: scene.directory.path() };
    let told =
        operator.does(&["dry-run", "lightning", "--to", "alice@wallet.example", "--amount", "1500000"]);
    let now = i64::try_from(Edge::system().now().0 / 1_000).unwrap();
    assert_eq!(receiver.arrivals(), []);

    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines.len(), 8, "{told}");
    assert_eq!(lines[0], format!("  POST {}", receiver.url.strip_suffix("/hook").unwrap()));
    let header = |name: &str| {
        let line = lines.iter().find_map(|line| line.strip_prefix(&format!("  {name}: ")));
        line.unwrap_or_else(|| panic!("{name}: {told}")).to_owned()
    };
    assert_eq!((&*header("content-type"), &*header("accept")), ("application/json", "application/json"));
    let body = lines[6].strip_prefix("  ").unwrap();
    let (id, seconds) = (header("webhook-id"), header("webhook-timestamp").parse::<i64>().unwrap());
    let signed = |secret: &str| Webhook::new(secret).unwrap().sign(&id, seconds, body.as_bytes()).unwrap();
    assert_eq!(header("webhook-signature"), format!("{} {}", signed(SECRET), signed(FORMER)));
    assert!(now - seconds > 2 * TOLERANCE_S, "a receiver that checks the time does not pay it");

    let message: Value = serde_json::from_str(body).unwrap();
    assert_eq!(message["type"], "payout.requested");
    assert_eq!(id, format!("msg_{}", message["data"]["batch"].as_str().unwrap()));
    assert_eq!((&message["data"]["rail"], &message["data"]["decimals"]), (&json!("lightning"), &json!(6)));
    let payouts = message["data"]["payouts"].as_array().unwrap();
    assert_eq!(payouts.len(), 1);
    assert_eq!(payouts[0]["address"], "alice@wallet.example");
    assert_eq!((&payouts[0]["amount"], &payouts[0]["units"]), (&json!("1.5"), &json!("1500000")));
    assert!(lines[7].contains("nothing was sent") && lines[7].contains("1.5 DRIP"), "{told}");

    for secret in [SECRET, FORMER] {
        assert!(!told.contains(secret.strip_prefix("whsec_").unwrap()), "{told}");
    }
    assert!(!told.contains("hidden"), "{told}");
    // Nor does one of an address that the rail does not take, or without a secret.
    let why = operator.cannot(&["dry-run", "lightning", "--to", "two words", "--amount", "1"], 2);
    assert!(why.contains("two words: expected"), "{why}");
    std::fs::remove_file(scene.secret_file()).unwrap();
    operator.cannot(&["dry-run", "lightning", "--to", "alice", "--amount", "1"], 1);
    assert_eq!(receiver.arrivals(), []);
    std::fs::remove_file(config).unwrap();
}

#[test]
fn a_dry_run_of_a_sandbox_says_that_it_pays_nobody() {
    let scene = Scene::new();
    let config = scene.directory.path().with_extension("toml");
    let text = "[rails.play-money]\nkind = 'sandbox'\n[rails.play-money.assets.DRIP]\nthreshold = '100'\nfee = '50'\n";
    std::fs::write(&config, text).unwrap();
    let operator = Operator { config: &config, data: scene.directory.path() };
    let told = operator.does(&["dry-run", "play-money", "--to", "anybody", "--amount", "1500000"]);
    assert!(told.contains("1.5 DRIP to anybody") && told.contains("really pays nobody"), "{told}");
    assert_eq!(told.lines().count(), 1);
    std::fs::remove_file(config).unwrap();
}
