//! The documented receiver, run as it is.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use dripline_server::edge::Edge;
use dripline_shared::amount::Amount;
use dripline_shared::payout::WithdrawalState;
use dripline_shared::time::{MINUTE_MS, SECOND_MS};
use serde_json::Value;
use standardwebhooks::Webhook;

use crate::scene::{SECRET, Scene, settle, withdraw};
use crate::support::Player;

/// The program of `docs/examples`, until this is dropped.
struct Example {
    child: Child,
    url: String,
    payments: PathBuf,
}

impl Example {
    /// Starts it, with its files beside the faucet's.
    fn start(scene: &Scene) -> Self {
        let program = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/examples/webhook-receiver.mjs");
        let payments = scene.directory.path().with_extension("payments");
        let mut child = Command::new("node")
            .arg(program)
            .env("PORT", "0")
            .env("WEBHOOK_SECRET", SECRET)
            .env("JOURNAL", scene.directory.path().with_extension("journal"))
            .env("PAYMENTS", &payments)
            .env("LIMIT", "1500")
            .stdout(Stdio::piped())
            .spawn()
            .expect("node is there");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening on ").unwrap().to_owned();
        Self { child, url, payments }
    }

    /// What it paid, and to whom.
    fn payments(&self) -> Vec<(String, String)> {
        let text = std::fs::read_to_string(&self.payments).unwrap_or_default();
        let payment = |line: &str| {
            let payment: Value = serde_json::from_str(line).unwrap();
            let of = |field: &str| payment[field].as_str().unwrap().to_owned();
            (of("address"), of("amount"))
        };
        text.lines().map(payment).collect()
    }

    /// Sends it a message; tells the status and the body of the answer.
    fn send(&self, headers: [(&str, &str); 3], body: &str) -> (u16, Value) {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let request = headers.iter().fold(agent.post(&self.url), |request, (name, value)| {
            if value.is_empty() { request } else { request.header(*name, *value) }
        });
        let mut response = request.send(body).unwrap();
        let body = response.body_mut().read_to_string().unwrap();
        (response.status().as_u16(), serde_json::from_str(&body).unwrap())
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Removes the program's files with the scene's.
struct Files<'a>(&'a Scene);

impl Drop for Files<'_> {
    fn drop(&mut self) {
        for extension in ["journal", "payments"] {
            let _ = std::fs::remove_file(self.0.directory.path().with_extension(extension));
        }
    }
}

#[test]
fn whoever_plays_and_withdraws_is_paid_by_the_example_once() {
    let scene = Scene::new();
    let _files = Files(&scene);
    let example = Example::start(&scene);
    let now = Edge::system().now();
    // The program looks at its clock: what is played before is over when messages are sent.
    let world = scene.world_at(&example.url, 3, now.minus(60 * MINUTE_MS));
    let player = Player::new(9);
    world.earn(&player, world.first_level());
    let mut requested: Vec<_> =
        (1..=3).map(|number| withdraw(&world, number, 1_000, &format!("player-{number}"))).collect();
    requested.push(world.withdraw(&player, Amount::from_units(2_000), "rich"));
    world.wait_until(Edge::system().now());
    // A message for three is divided until each is for one; one that is above the limit comes back.
    world.pay();
    let ended: Vec<_> = requested.iter().map(|it| world.withdrawal(it)).collect();
    let (paid, rich) = ended.split_at(3);
    for withdrawal in paid {
        assert_eq!(withdrawal.state, WithdrawalState::Paid, "{withdrawal:?}");
        assert_eq!(withdrawal.transaction, Some(format!("payment-{}", withdrawal.id)));
    }
    assert_eq!(rich[0].state, WithdrawalState::Returned);
    assert_eq!(rich[0].reason.as_deref(), Some("More than is paid at once"));
    let mut payments = example.payments();
    payments.sort();
    let expected = (1..=3).map(|number| (format!("player-{number}"), "0.00095".to_owned()));
    assert_eq!(payments, expected.collect::<Vec<_>>());
    scene.assert_sound();
}

#[test]
fn the_example_that_was_killed_after_it_paid_does_not_pay_again() {
    let scene = Scene::new();
    let _files = Files(&scene);
    let example = Example::start(&scene);
    let now = Edge::system().now();
    let world = scene.world_at(&example.url, 1, now.minus(60 * MINUTE_MS));
    let requested = withdraw(&world, 1, 1_000, "alice");
    world.wait_until(Edge::system().now());
    world.pay();
    assert_eq!(settle(&world, std::slice::from_ref(&requested))[0].state, WithdrawalState::Paid);
    drop(example);
    // As after a crash between the payment and the answer: the journal says only that it began, and ends in a torn line.
    let journal = scene.directory.path().with_extension("journal");
    let begun =
        format!("{{\"withdrawal\":\"{}\"}}\n{{\"withdrawal\":\"{}\",\"transa", requested.id, requested.id);
    std::fs::write(journal, begun).unwrap();
    let example = Example::start(&scene);
    let seconds = Edge::system().now().0 / SECOND_MS;
    let body = message(&requested.id.to_string());
    for _ in 0..2 {
        let (status, answer) = example.send(signed("msg_another", seconds, &body).each(), &body);
        assert_eq!(status, 200);
        assert_eq!(answer["transaction"], format!("payment-{}", requested.id));
    }
    assert_eq!(example.payments().len(), 1);
}

#[test]
fn copies_of_a_message_that_come_to_the_example_at_once_are_one_payment() {
    let scene = Scene::new();
    let _files = Files(&scene);
    let example = Example::start(&scene);
    let body = message("w");
    let headers = signed("msg_1", Edge::system().now().0 / SECOND_MS, &body);
    let send = || example.send(headers.each(), &body);
    let answers: Vec<(u16, Value)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..20).map(|_| scope.spawn(send)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let expected = serde_json::json!({"status": "settled", "transaction": "payment-w"});
    // One that came while another was at work may be asked to come again.
    assert!(answers.iter().all(|(status, answer)| *status == 202 || *answer == expected), "{answers:?}");
    assert_eq!(send(), (200, expected));
    assert_eq!(example.payments(), [("bob".to_owned(), "0.001".to_owned())]);
}

/// A message for a withdrawal.
fn message(withdrawal: &str) -> String {
    format!(
        "{{\"type\":\"payout.requested\",\"timestamp\":\"\",\"data\":{{\"asset\":\"DRIP\",\"payouts\":[\
         {{\"withdrawal\":\"{withdrawal}\",\"address\":\"bob\",\"amount\":\"0.001\",\"units\":\"1000\"}}]}}}}"
    )
}

/// The headers of a message.
struct Headers {
    id: String,
    seconds: String,
    signatures: String,
}

impl Headers {
    fn each(&self) -> [(&str, &str); 3] {
        [
            ("webhook-id", &self.id),
            ("webhook-timestamp", &self.seconds),
            ("webhook-signature", &self.signatures),
        ]
    }
}

fn signed(id: &str, seconds: u64, body: &str) -> Headers {
    let secret = Webhook::new(SECRET).unwrap();
    let signatures = secret.sign(id, i64::try_from(seconds).unwrap(), body.as_bytes()).unwrap();
    Headers { id: id.to_owned(), seconds: seconds.to_string(), signatures }
}

#[test]
fn the_example_takes_nothing_that_is_not_signed_now() {
    let scene = Scene::new();
    let _files = Files(&scene);
    let example = Example::start(&scene);
    let seconds = Edge::system().now().0 / SECOND_MS;
    let body = message("w");
    let good = signed("msg_1", seconds, &body);
    let with = |change: &dyn Fn(&mut Headers)| {
        let mut headers = signed("msg_1", seconds, &body);
        change(&mut headers);
        headers
    };
    let zeros = format!("v1,{}=", "A".repeat(43));
    for headers in [
        with(&|it| it.id = "msg_2".to_owned()),
        with(&|it| it.id = String::new()),
        with(&|it| it.seconds = (seconds + 1).to_string()),
        with(&|it| it.seconds = String::new()),
        with(&|it| it.signatures = String::new()),
        with(&|it| it.signatures.clone_from(&zeros)),
        with(&|it| it.signatures = it.signatures.replace("v1,", "v1a,")),
        with(&|it| it.signatures.truncate(20)),
        signed("msg_1", seconds - 400, &body),
        signed("msg_1", seconds + 400, &body),
    ] {
        assert_eq!(example.send(headers.each(), &body).0, 401, "{:?}", headers.each());
    }
    assert_eq!(example.send(good.each(), &body.replace("bob", "eve")).0, 401);
    assert_eq!(example.payments().len(), 0);
    // While the secret is changed there are two signatures, in either order.
    let both = with(&|it| it.signatures = format!("{zeros} {}", it.signatures));
    assert_eq!(example.send(both.each(), &body).0, 200);
    let other = "{\"type\":\"payout.noted\"}";
    assert_eq!(example.send(signed("msg_3", seconds, other).each(), other).0, 202);
    assert_eq!(example.payments().len(), 1);
}
