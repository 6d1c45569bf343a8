//! A webhook, with a receiver that pays a message once and remembers what everybody got.

use std::sync::Arc;
use std::time::Duration;

use dripline_server::edge::Edge;
use dripline_server::payout::webhook::{Webhook, WebhookSettings};
use dripline_server::payout::{KeySource, Rail, RailDriver, RailRules};
use dripline_shared::time::HOUR_MS;
use serde_json::{Value, json};

use crate::fault::{Cell, Fault, Step, cells};
use crate::line::Line;
use crate::receiver::Receiver;
use crate::run::{Chain, demand, is_long, run};
use crate::support::Directory;

/// The secret of messages.
const SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

struct Receiving {
    receiver: Receiver,
    line: Line,
    keys: Directory,
}

impl Receiving {
    fn new() -> Self {
        let (receiver, keys) = (Receiver::start(SECRET), Directory::new());
        std::fs::write(keys.path().join("secret"), SECRET).unwrap();
        let line = Line::start(&receiver.url, never_heard);
        Self { receiver, line, keys }
    }
}

/// A receiver that says of a message that it has ended, however it did, that it never heard of it.
fn never_heard(_request: &Value, truth: &Value) -> Option<Value> {
    truth["status"].as_str()?;
    Some(json!({"status": "unknown", "reason": "No such message"}))
}

impl Chain for Receiving {
    const RAIL: &'static str = "webhook";

    /// Only who sends asks: a message is sent until it is answered, and nothing else is said.
    fn cells() -> Vec<Cell> {
        let is_asked = |(step, fault): &Cell| {
            *step == Step::Send || matches!(fault, Fault::KilledBefore | Fault::KilledAfter)
        };
        cells(&[]).into_iter().filter(is_asked).collect()
    }

    fn line(&self) -> &Line {
        &self.line
    }

    fn driver(&self, _start: u64) -> RailDriver {
        RailDriver::Webhook(WebhookSettings {
            url: self.line.url.clone(),
            secret: KeySource::File(self.keys.path().join("secret")),
            timeout: Duration::from_secs(30),
            alert_after_ms: HOUR_MS,
            batch_max: 2,
            address_pattern: None,
            address_hint: None,
        })
    }

    fn open(&self, driver: &RailDriver, rules: &RailRules, _edge: Edge) -> Arc<dyn Rail> {
        let RailDriver::Webhook(settings) = driver else { panic!("{driver:?}") };
        Arc::new(Webhook::open(settings, rules).unwrap())
    }

    /// What is paid is final.
    fn finalize(&self) {}

    fn befall(&self) -> Arc<dyn Fn(Fault) + Send + Sync> {
        Arc::new(|fault| panic!("{fault}: not of a receiver"))
    }

    fn address(&self, number: u32) -> String {
        format!("player-{number}")
    }

    fn received(&self, address: &str) -> u64 {
        u64::try_from(self.receiver.balance(address)).unwrap()
    }

    fn unpayable(&self, address: String) -> (u32, String) {
        (1_000, format!("bad-{address}"))
    }
}

#[test]
fn whatever_goes_wrong_with_a_webhook_everybody_is_paid_exactly_once() {
    let chain = Receiving::new();
    let matrix = run(&chain, demand());
    chain.receiver.assert_sound();
    println!("{}", matrix.table());
    if is_long() {
        matrix.write(&matrix.table(), &crate::matrix::today());
    }
}
