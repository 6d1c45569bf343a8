//! The documented receivers of what sites are told, run as they are.

use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStdout, Command, Stdio};

use dripline_server::edge::Edge;
use dripline_shared::api::operate::webhooks::{DeliveryState, SiteEvent};
use dripline_shared::time::DAY_MS;
use serde_json::Value;

use crate::receiver::Receiver;
use crate::scene::SECRET;
use crate::sites::world;
use crate::support::Directory;

/// A program of `docs/examples`, until this is dropped.
struct Example {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    url: String,
}

impl Example {
    fn start(program: &str, file: &str, secret: &str) -> Self {
        let file = format!("{}/../docs/examples/{file}", env!("CARGO_MANIFEST_DIR"));
        let mut child = Command::new(program)
            .arg(file)
            .env("PORT", "0")
            .env("WEBHOOK_SECRET", secret)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{program}: {error}"));
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let url = lines.next().unwrap().unwrap().strip_prefix("listening on ").unwrap().to_owned();
        Self { child, lines, url }
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the receiver in this program makes of messages of the faucet, and of others.
fn holds(program: &str, file: &str) {
    let (directory, nobody) = (Directory::new(), Receiver::start(SECRET));
    let world = world(&directory);
    // It looks at the clock of this machine.
    world.wait_until(Edge::system().now());
    let webhook = world.webhook(&nobody, &[SiteEvent::Cleared]);
    // One that knows another secret takes nothing.
    let stranger = Example::start(program, file, SECRET);
    world.set(&webhook, &stranger.url, true);
    world.test(&webhook);
    world.deliver();
    let [delivery] = &world.deliveries(&webhook)[..] else { panic!("one message") };
    assert_eq!(delivery.error.as_deref(), Some("HTTP status 401"));
    drop(stranger);

    let mut example = Example::start(program, file, &webhook.secret);
    world.set(&webhook, &example.url, true);
    let receipt = world.clear(1);
    world.deliver();
    let line = |example: &mut Example| example.lines.next().unwrap().unwrap();
    let mut told = [line(&mut example), line(&mut example)];
    told.sort_unstable();
    let cleared = format!("cleared {} {}", receipt.level, receipt.wallet);
    assert_eq!(told, [cleared, format!("drip {} {}", receipt.amount.units(), receipt.wallet)]);
    // What comes twice is done once, and taken.
    let [.., last] = &world.deliveries(&webhook)[..] else { panic!("messages") };
    world.resend(&webhook, last.number).unwrap();
    world.deliver();
    let [.., last] = &world.deliveries(&webhook)[..] else { panic!("messages") };
    assert_eq!((last.state, last.attempts), (DeliveryState::Delivered, 1));
    // What is too old, though it is signed.
    world.wait(DAY_MS);
    world.test(&webhook);
    world.deliver();
    let [.., last] = &world.deliveries(&webhook)[..] else { panic!("messages") };
    assert_eq!(last.error.as_deref(), Some("HTTP status 401"));
}

#[test]
fn the_receiver_for_node_holds() {
    holds("node", "site-hooks.mjs");
}

#[test]
fn the_receiver_for_python_holds() {
    holds("python3", "site_hooks.py");
}

#[test]
fn the_documented_message_of_a_site_is_signed_as_documented() {
    let document = include_str!("../../../docs/webhooks.md");
    let (_, of_sites) = document.split_once("\n## Sites\n").unwrap();
    let block =
        |kind: &str| of_sites.split_once(&format!("```{kind}\n")).unwrap().1.split_once("```").unwrap().0;
    let header = |name: &str| {
        let line = block("http").lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
        line.unwrap().to_owned()
    };
    // As it is sent: in one line, and its fields in this order.
    let body: String =
        block("json").lines().map(|line| line.trim_start().replacen("\": ", "\":", 1)).collect();
    assert!(serde_json::from_str::<Value>(&body).is_ok());
    let webhook = standardwebhooks::Webhook::new(SECRET).unwrap();
    let seconds = header("webhook-timestamp").parse().unwrap();
    let signature = webhook.sign(&header("webhook-id"), seconds, body.as_bytes()).unwrap();
    assert_eq!(header("webhook-signature"), signature);
}
