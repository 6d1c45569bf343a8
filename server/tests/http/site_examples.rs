//! The servers of sites in `docs/examples`, run as they are: against the binary with the secrets for tests, and with a token of a round.

use std::any::Any;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use dripline_server::verification::test_secret::{ALWAYS_FAILS, ALWAYS_PASSES, ALWAYS_SPENT};
use dripline_shared::api::VerificationAnswer;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use self::site_server::Site;
use crate::process::{Folder, Program, Serving};
use crate::verification;

#[path = "../../../docs/examples/site-server-rust/src/main.rs"]
#[expect(dead_code, unreachable_pub, reason = "it is a program of its own")]
mod site_server;

const TOKEN: &str = "dripline_token_test_anything";
const ORIGIN: &str = "https://shop.example";
/// The first level: the one that is cleared, and that secrets for tests tell of.
const LEVEL: &str = "catch-1";

/// A server of `docs/examples`, until this is dropped.
struct Example {
    url: String,
    _running: Box<dyn Any>,
}

/// Starts a program that this one runs.
fn program(runner: &str, file: &str, site: Site) -> Example {
    let file = format!("{}/../docs/examples/{file}", env!("CARGO_MANIFEST_DIR"));
    let mut child = Command::new(runner)
        .arg(file)
        .env("PORT", "0")
        .env("DRIPLINE_URL", site.dripline_url)
        .env("DRIPLINE_SECRET", site.secret)
        .env("ORIGIN", site.origin)
        .env("LEVEL", site.level)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("{runner}: {error}"));
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let url = line.trim().strip_prefix("listening on ").unwrap().to_owned();
    Example { url, _running: Box::new(Program(child)) }
}

fn in_node(site: Site) -> Example {
    program("node", "site-server.mjs", site)
}

fn in_python(site: Site) -> Example {
    program("python3", "site_server.py", site)
}

/// Starts the one in Rust, which is built into this test.
fn in_rust(site: Site) -> Example {
    let runtime = runtime();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    runtime.spawn(site_server::serve(listener, site));
    Example { url, _running: Box::new(runtime) }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

/// The site of these tests, with a faucet at this address.
fn site(dripline_url: &str, secret: &str) -> Site {
    Site {
        dripline_url: dripline_url.to_owned(),
        secret: secret.to_owned(),
        origin: ORIGIN.to_owned(),
        level: LEVEL.to_owned(),
    }
}

/// Sends a comment; tells the status and the body of the answer.
fn comment(example: &Example, body: &Value) -> (u16, Value) {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let request = agent.post(format!("{}/comments", example.url)).header("content-type", "application/json");
    let mut response = request.send(body.to_string()).unwrap();
    let body = response.body_mut().read_to_string().unwrap();
    (response.status().as_u16(), serde_json::from_str(&body).unwrap_or_default())
}

/// Stands before a faucet. It is asked whatever is asked here, but of its answers the first is lost whole, and the end of the second.
struct Lossy {
    url: String,
    answers: Arc<AtomicUsize>,
}

impl Lossy {
    fn before(faucet: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let answers = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&answers);
        thread::spawn(move || {
            for asking in listener.incoming() {
                let (asking, count) = (asking.unwrap(), Arc::clone(&count));
                thread::spawn(move || pass_on(asking, TcpStream::connect(faucet).unwrap(), &count));
            }
        });
        Self { url, answers }
    }
}

/// Passes on what is asked, and what is answered until something of that is lost.
fn pass_on(asking: TcpStream, faucet: TcpStream, answers: &AtomicUsize) {
    let (mut asking, mut faucet) = (BufReader::new(asking), BufReader::new(faucet));
    while let Some(question) = message(&mut asking) {
        faucet.get_mut().write_all(&question).unwrap();
        // Now the faucet has decided, whatever comes of its answer.
        let answer = message(&mut faucet).unwrap();
        let passed = match answers.fetch_add(1, Ordering::SeqCst) {
            0 => 0,
            1 => answer.len() - 1,
            _ => answer.len(),
        };
        asking.get_mut().write_all(&answer[..passed]).unwrap();
        if passed < answer.len() {
            return;
        }
    }
}

/// A message of HTTP with its body; nothing once nobody sends any more.
fn message(from: &mut BufReader<TcpStream>) -> Option<Vec<u8>> {
    let mut message = Vec::new();
    while !message.ends_with(b"\r\n\r\n") {
        if from.read_until(b'\n', &mut message).ok()? == 0 {
            return None;
        }
    }
    let head = String::from_utf8(message.to_ascii_lowercase()).unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length: u64 = length.expect("a message with a length").parse().unwrap();
    from.take(length).read_to_end(&mut message).ok()?;
    Some(message)
}

/// Tries what `start` starts with the secrets for tests, against the binary.
fn holds(name: &str, start: impl Fn(Site) -> Example) {
    let folder = Folder::new(name);
    let faucet = Serving::start(&folder.0.join("data"), &[]);
    let of_secret = |secret| site(&faucet.address, secret);
    let sent = json!({ "token": TOKEN, "text": "Good day" });

    let example = start(of_secret(ALWAYS_PASSES));
    let (status, kept) = comment(&example, &sent);
    let expected = (&json!("Good day"), &json!(LEVEL), &json!(1));
    assert_eq!((status, (&kept["text"], &kept["level"], &kept["stars"])), (201, expected));
    let bad = [json!({ "token": "x".repeat(8_000), "text": "" }), json!({ "token": "nonsense", "text": "" })];
    for body in &bad {
        assert_eq!(comment(&example, body).0, 403, "{body}");
    }
    assert!((400..=422).contains(&comment(&example, &json!({ "text": "without a token" })).0));
    for secret in [ALWAYS_FAILS, ALWAYS_SPENT, "of nobody"] {
        assert_eq!(comment(&start(of_secret(secret)), &sent).0, 403, "{secret}");
    }
    // The token is good, but was made on a page of another origin, or by another level.
    let elsewhere = Site { origin: "https://blog.example".to_owned(), ..of_secret(ALWAYS_PASSES) };
    assert_eq!(comment(&start(elsewhere), &sent).0, 403);
    let of_other_level = Site { level: "catch-2".to_owned(), ..of_secret(ALWAYS_PASSES) };
    assert_eq!(comment(&start(of_other_level), &sent).0, 403);
    // Once the faucet is away, nobody gets in.
    faucet.stop();
    assert_eq!(comment(&example, &sent).0, 503);
}

/// Sends the token of a round twice to what `start` starts, while answers of the faucet are lost.
fn takes_a_token_once(start: impl Fn(Site) -> Example) {
    let runtime = runtime();
    let (faucet, secret, token) = runtime.block_on(async {
        let (faucet, secret) = verification::server().await;
        let opened = verification::cleared(&faucet, 1).await;
        let made = verification::token(&faucet, &opened, json!({ "origin": ORIGIN })).await;
        (faucet, secret, made.json::<VerificationAnswer>().token)
    });
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let lossy = Lossy::before(listener.local_addr().unwrap());
    runtime.spawn(async move { axum::serve(listener, faucet.router).await });

    let example = start(site(&lossy.url, &secret));
    let sent = json!({ "token": token, "text": "Good day" });
    let answers = || lossy.answers.load(Ordering::SeqCst);
    let (status, kept) = comment(&example, &sent);
    assert_eq!((status, &kept["level"], answers()), (201, &json!(LEVEL), 3), "two answers were lost");
    // Whoever sends the token once more is none whose answer was lost.
    assert_eq!((comment(&example, &sent).0, answers()), (403, 4));
}

#[test]
fn the_site_server_for_node_holds() {
    holds("site-node", in_node);
}

#[test]
fn the_site_server_for_python_holds() {
    holds("site-python", in_python);
}

#[test]
fn the_site_server_for_rust_holds() {
    holds("site-rust", in_rust);
}

#[test]
fn the_site_server_for_node_takes_a_token_once_though_answers_are_lost() {
    takes_a_token_once(in_node);
}

#[test]
fn the_site_server_for_python_takes_a_token_once_though_answers_are_lost() {
    takes_a_token_once(in_python);
}

#[test]
fn the_site_server_for_rust_takes_a_token_once_though_answers_are_lost() {
    takes_a_token_once(in_rust);
}
