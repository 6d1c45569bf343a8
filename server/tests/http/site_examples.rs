//! The servers of sites in `docs/examples`, run as they are against the binary.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use dripline_server::verification::test_secret::{ALWAYS_FAILS, ALWAYS_PASSES, ALWAYS_SPENT};
use serde_json::{Value, json};

use crate::process::{Folder, Serving};

#[path = "../../../docs/examples/site-server-rust/src/main.rs"]
#[expect(dead_code, unreachable_pub, reason = "it is a program of its own")]
mod site_server;

const TOKEN: &str = "dripline_token_test_anything";

/// A program, until this is dropped.
struct Example {
    child: Child,
    url: String,
}

impl Example {
    fn start(program: &str, file: &str, dripline_url: &str, secret: &str) -> Self {
        let file = format!("{}/../docs/examples/{file}", env!("CARGO_MANIFEST_DIR"));
        let mut child = Command::new(program)
            .arg(file)
            .env("PORT", "0")
            .env("DRIPLINE_URL", dripline_url)
            .env("DRIPLINE_SECRET", secret)
            .env("ORIGIN", "https://shop.example")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{program}: {error}"));
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening on ").unwrap().to_owned();
        Self { child, url }
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a comment; tells the status and the body of the answer.
fn comment(url: &str, body: &Value) -> (u16, Value) {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let request = agent.post(format!("{url}/comments")).header("content-type", "application/json");
    let mut response = request.send(body.to_string()).unwrap();
    let body = response.body_mut().read_to_string().unwrap();
    (response.status().as_u16(), serde_json::from_str(&body).unwrap_or_default())
}

/// Tries a site's server, which `start` starts with the address of a faucet and a secret and gives with its own address.
fn holds<T>(name: &str, start: impl Fn(&str, &str) -> (T, String)) {
    let folder = Folder::new(name);
    let faucet = Serving::start(&folder.0.join("data"), &[]);
    let sent = json!({ "token": TOKEN, "text": "Good day" });

    let (_running, url) = start(&faucet.address, ALWAYS_PASSES);
    let (status, kept) = comment(&url, &sent);
    assert_eq!((status, &kept["text"], &kept["stars"]), (201, &json!("Good day"), &json!(1)));
    let bad = [json!({ "token": "x".repeat(8_000), "text": "" }), json!({ "token": "nonsense", "text": "" })];
    for body in &bad {
        assert_eq!(comment(&url, body).0, 403, "{body}");
    }
    assert!((400..=422).contains(&comment(&url, &json!({ "text": "without a token" })).0));
    for secret in [ALWAYS_FAILS, ALWAYS_SPENT, "of nobody"] {
        let (_running, url) = start(&faucet.address, secret);
        assert_eq!(comment(&url, &sent).0, 403, "{secret}");
    }
    // Once the faucet is away, nobody gets in.
    faucet.stop();
    assert_eq!(comment(&url, &sent).0, 503);
}

#[test]
fn the_site_server_for_node_holds() {
    holds("site-node", |faucet, secret| {
        let example = Example::start("node", "site-server.mjs", faucet, secret);
        let url = example.url.clone();
        (example, url)
    });
}

#[test]
fn the_site_server_for_python_holds() {
    holds("site-python", |faucet, secret| {
        let example = Example::start("python3", "site_server.py", faucet, secret);
        let url = example.url.clone();
        (example, url)
    });
}

#[test]
fn the_site_server_for_rust_holds() {
    holds("site-rust", |faucet, secret| {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let site = site_server::Site {
            dripline_url: faucet.to_owned(),
            secret: secret.to_owned(),
            origin: "https://shop.example".to_owned(),
        };
        runtime.spawn(site_server::serve(listener, site));
        (runtime, url)
    });
}
