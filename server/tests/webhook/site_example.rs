//! The documented receivers of what sites are told, run as they are.

use std::any::Any;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;

use dripline_server::edge::Edge;
use dripline_shared::api::Receipt;
use dripline_shared::api::operate::webhooks::{DeliveryState, SiteEvent, WebhookDelivery, WebhookSecret};
use dripline_shared::time::{DAY_MS, HOUR_MS};
use serde_json::Value;

use crate::receiver::Receiver;
use crate::scene::SECRET;
use crate::sites::world;
use crate::support::{Directory, World};

#[path = "../../../docs/examples/site-hooks-rust/src/main.rs"]
#[expect(dead_code, unreachable_pub, reason = "it is a program of its own")]
mod site_hooks;

/// A receiver of `docs/examples`, until this is dropped.
struct Example {
    url: String,
    /// What it says that it has done.
    lines: Box<dyn Iterator<Item = String>>,
    _running: Box<dyn Any>,
}

impl Example {
    /// The next two things that it has done, in the order of the alphabet: messages come in none.
    fn two(&mut self) -> [String; 2] {
        let mut told = [(); 2].map(|()| self.lines.next().unwrap());
        told.sort_unstable();
        told
    }
}

/// A process, until this is dropped.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The status with which a receiver answers a message with these headers, which anybody may send it.
fn status(example: &Example, seconds: &[u8], signature: &[u8]) -> String {
    let host = example.url.strip_prefix("http://").unwrap().strip_suffix("/hooks").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    let parts: [&[u8]; 6] = [
        b"POST /hooks HTTP/1.1\r\nhost: hooks\r\nconnection: close\r\ncontent-length: 2\r\nwebhook-id: a\r\n",
        b"webhook-timestamp: ",
        seconds,
        b"\r\nwebhook-signature: v1,",
        signature,
        b"\r\n\r\n{}",
    ];
    stream.write_all(&parts.concat()).unwrap();
    let head = BufReader::new(stream).lines().next().unwrap().unwrap();
    head.split(' ').nth(1).unwrap().to_owned()
}

/// Starts a program that this one runs.
fn program(runner: &str, file: &str, secret: &str) -> Example {
    let file = format!("{}/../docs/examples/{file}", env!("CARGO_MANIFEST_DIR"));
    let mut child = Command::new(runner)
        .arg(file)
        .env("PORT", "0")
        .env("WEBHOOK_SECRET", secret)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{runner}: {error}"));
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let url = lines.next().unwrap().strip_prefix("listening on ").unwrap().to_owned();
    Example { url, lines: Box::new(lines), _running: Box::new(Program(child)) }
}

/// Starts the one in Rust, which is built into this test.
fn in_rust(secret: &str) -> Example {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let url = format!("http://{}/hooks", listener.local_addr().unwrap());
    let (sender, lines) = mpsc::channel();
    // Whoever has heard enough listens no more.
    let hooks = site_hooks::Hooks::new(secret, move |line| drop(sender.send(line))).unwrap();
    runtime.spawn(site_hooks::serve(listener, hooks));
    Example { url, lines: Box::new(lines.into_iter()), _running: Box::new(runtime) }
}

/// What is known of the latest message to a webhook.
fn last(world: &World, webhook: &WebhookSecret) -> WebhookDelivery {
    world.deliveries(webhook).pop().unwrap()
}

/// Sends a receiver a test, and tells what came of that: nothing where it took it.
fn refused(world: &World, webhook: &WebhookSecret, example: &Example) -> Option<String> {
    world.set(webhook, &example.url, true);
    world.test(webhook);
    world.deliver();
    let delivery = last(world, webhook);
    assert_eq!(delivery.state == DeliveryState::Delivered, delivery.error.is_none());
    delivery.error
}

/// What the receiver that `start` starts with a secret makes of messages of the faucet, and of others.
fn holds(start: impl Fn(&str) -> Example) {
    let (directory, nobody) = (Directory::new(), Receiver::start(SECRET));
    let world = world(&directory);
    // It looks at the clock of this machine.
    world.wait_until(Edge::system().now());
    let webhook = world.webhook(&nobody, &[SiteEvent::Cleared]);
    let not_signed = Some("HTTP status 401".to_owned());
    // One that knows another secret takes nothing.
    assert_eq!(refused(&world, &webhook, &start(SECRET)), not_signed);

    let mut example = start(&webhook.secret);
    world.set(&webhook, &example.url, true);
    let receipt = world.clear(1);
    world.deliver();
    let done = |receipt: &Receipt| {
        let cleared = format!("cleared {} {}", receipt.level, receipt.wallet);
        [cleared, format!("drip {} {}", receipt.amount.units(), receipt.wallet)]
    };
    assert_eq!(example.two(), done(&receipt));
    // What comes twice is taken, and done once: what is told next is something else.
    world.resend(&webhook, last(&world, &webhook).number).unwrap();
    world.deliver();
    let again = last(&world, &webhook);
    assert_eq!((again.state, again.attempts), (DeliveryState::Delivered, 2));
    let receipt = world.clear(2);
    world.deliver();
    assert_eq!(example.two(), done(&receipt));

    // Of whatever others send it, it says that it is not signed.
    let now = (world.now().0 / 1_000).to_string();
    let digits = "9".repeat(5_000);
    for (seconds, signature) in [
        (now.as_bytes(), &b"!"[..]),
        (now.as_bytes(), b"\xe9\xff"),
        (now.as_bytes(), b""),
        (digits.as_bytes(), b"AAAA"),
        (b"-1", b"AAAA"),
        (b"", b"AAAA"),
        (b"\xb2", b"AAAA"),
    ] {
        assert_eq!(status(&example, seconds, signature), "401", "{seconds:?} {signature:?}");
    }

    // While the secret is changed, whoever knows either takes what is sent; then only who knows the new one.
    let renewed = start(&world.rotate(&webhook, HOUR_MS).secret);
    for either in [&example, &renewed] {
        assert_eq!(refused(&world, &webhook, either), None);
    }
    world.rotate(&webhook, 0);
    assert_eq!(refused(&world, &webhook, &renewed), not_signed);
    // What is too old, though it is signed.
    let latest = start(&world.rotate(&webhook, 0).secret);
    assert_eq!(refused(&world, &webhook, &latest), None);
    world.wait(DAY_MS);
    assert_eq!(refused(&world, &webhook, &latest), not_signed);
}

#[test]
fn the_receiver_for_node_holds() {
    holds(|secret| program("node", "site-hooks.mjs", secret));
}

#[test]
fn the_receiver_for_python_holds() {
    holds(|secret| program("python3", "site_hooks.py", secret));
}

#[test]
fn the_receiver_for_rust_holds() {
    holds(in_rust);
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
