//! Traces, as a collector gets them: what it decodes, and what is in none of it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use dripline_server::config::catalog_to_toml;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use prost::Message;

use crate::process::{Folder, Serving, get, quick_catalog, run};

/// A collector on a free port, which takes whatever comes. It ends with the process of the test.
struct Collector {
    address: String,
    bodies: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Collector {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let bodies: Arc<Mutex<Vec<Vec<u8>>>> = Arc::default();
        let taken = Arc::clone(&bodies);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let body = take(stream);
                taken.lock().unwrap().push(body);
            }
        });
        Self { address, bodies }
    }

    /// What was taken: each body as it came, and the spans in all of them.
    fn taken(&self) -> (Vec<Vec<u8>>, Vec<Span>) {
        let bodies = self.bodies.lock().unwrap().clone();
        let mut spans = Vec::new();
        for body in &bodies {
            let request = ExportTraceServiceRequest::decode(&**body).unwrap();
            for resource in request.resource_spans {
                let of_service = &resource.resource.unwrap().attributes;
                let name = of_service.iter().find(|it| it.key == "service.name").unwrap();
                assert_eq!(text(name.value.as_ref().unwrap().value.as_ref().unwrap()), "faucet");
                spans.extend(resource.scope_spans.into_iter().flat_map(|scope| scope.spans));
            }
        }
        (bodies, spans)
    }
}

/// Takes a request and answers it; gives its body.
fn take(mut stream: TcpStream) -> Vec<u8> {
    let mut seen = Vec::new();
    let mut buffer = [0; 4_096];
    let body = loop {
        let length = stream.read(&mut buffer).unwrap();
        assert_ne!(length, 0, "the request is whole");
        seen.extend_from_slice(&buffer[..length]);
        let Some(end) = seen.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8(seen[..end].to_vec()).unwrap().to_ascii_lowercase();
        assert!(head.starts_with("post /v1/traces "), "{head}");
        assert!(head.contains("content-type: application/x-protobuf"), "{head}");
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        if seen.len() == end + 4 + length.parse::<usize>().unwrap() {
            break seen.split_off(end + 4);
        }
    };
    let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    body
}

fn text(value: &Value) -> String {
    match value {
        Value::StringValue(text) => text.clone(),
        Value::IntValue(number) => number.to_string(),
        other => panic!("{other:?}"),
    }
}

fn attributes(span: &Span) -> BTreeMap<&str, String> {
    let of = |it: &Option<opentelemetry_proto::tonic::common::v1::AnyValue>| {
        text(it.as_ref().unwrap().value.as_ref().unwrap())
    };
    span.attributes.iter().map(|it| (it.key.as_str(), of(&it.value))).collect()
}

/// What every span may tell.
const TOLD: [&str; 8] = [
    "http.request.method",
    "http.route",
    "http.response.status_code",
    "error.type",
    "dripline.request_id",
    "dripline.rail",
    "dripline.progress",
    "changes",
];

#[test]
fn a_collector_is_told_of_requests_and_their_parts_and_of_nobody() {
    let folder = Folder::new("traces");
    let collector = Collector::start();
    let catalog = folder.file("quick.toml", &catalog_to_toml(&quick_catalog()).unwrap());
    let serving = Serving::with(
        &folder.0.join("data"),
        &["--catalog", catalog.to_str().unwrap()],
        &[("DRIPLINE_TRACES_ENDPOINT", &collector.address), ("DRIPLINE_TRACES_SERVICE", "faucet")],
    );
    let key = folder.0.join("bot.key");
    let play =
        || run(&["play", "--server", &serving.address, "--level", "quick", "--key", key.to_str().unwrap()]);
    let won = (0..20).map(|_| play()).find(|(code, ..)| *code != 5).expect("a bot wins in the end");
    assert_eq!(won.0, 0, "{won:?}");
    let kept = std::fs::read_to_string(&key).unwrap();
    let words: Vec<&str> = kept.lines().filter(|line| !line.is_empty()).collect();
    let [_, wallet, secret] = words[..] else { panic!("a wallet and its key") };
    assert_eq!(get(&format!("{}/api/v1/wallets/{wallet}", serving.address)).0, 200);
    assert_eq!(get(&format!("{}/api/v1/withdrawals/none", serving.address)).0, 400);
    let log = serving.stop();
    assert!(log.contains("ended in order"), "{log}");
    assert!(!log.contains("dripline_traces") && !log.contains("otel"), "{log}");

    let (bodies, spans) = collector.taken();
    let names: BTreeSet<&str> = spans.iter().map(|span| &*span.name).collect();
    for name in [
        "POST /api/v1/rounds",
        "PUT /api/v1/rounds/{round}/segments/{segment}",
        "POST /api/v1/claims",
        "GET /api/v1/wallets/{wallet}",
        "prove",
        "read",
        "change",
        "batch",
        "payout step",
    ] {
        assert!(names.contains(name), "{name} is not among {names:?}");
    }
    let claim = spans.iter().find(|span| span.name == "POST /api/v1/claims").unwrap();
    assert_eq!(claim.kind, i32::from(SpanKind::Server as i16));
    let of_claim = attributes(claim);
    assert_eq!(of_claim["http.route"], "/api/v1/claims");
    assert_eq!(of_claim["http.response.status_code"], "200");
    assert!(!of_claim["dripline.request_id"].is_empty());
    // Its parts are below it.
    let parts: BTreeSet<&str> =
        spans.iter().filter(|span| span.parent_span_id == claim.span_id).map(|span| &*span.name).collect();
    assert_eq!(parts, BTreeSet::from(["change", "prove"]));
    assert!(spans.iter().filter(|span| span.name == "batch").all(|span| span.parent_span_id.is_empty()));
    let refused = spans.iter().find(|span| span.name == "GET /api/v1/withdrawals/{withdrawal}").unwrap();
    assert_eq!(attributes(refused)["error.type"], "invalid_parameter");
    for span in &spans {
        assert!(span.end_time_unix_nano >= span.start_time_unix_nano);
        for name in attributes(span).keys() {
            assert!(TOLD.contains(name), "{name} is told by {}", span.name);
        }
    }
    // Nobody is in any of it.
    for said in [wallet, secret, "127.0.0.1"] {
        let is_in = |body: &Vec<u8>| body.windows(said.len()).any(|part| part == said.as_bytes());
        assert!(!bodies.iter().any(is_in), "{said}");
    }
}

#[test]
fn a_collector_that_is_away_holds_up_nothing_and_is_told_once() {
    let folder = Folder::new("traces-away");
    // Nobody listens there any more.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let endpoint = format!("http://{address}/secret-key");
    let serving = Serving::start(&folder.0.join("data"), &[("DRIPLINE_TRACES_ENDPOINT", &endpoint)]);
    for _ in 0..20 {
        assert_eq!(get(&format!("{}/healthz", serving.address)).0, 200);
    }
    let log = serving.stop();
    assert!(log.contains("ended in order"), "{log}");
    assert_eq!(log.matches("traces are not taken, and lost").count(), 1, "{log}");
    assert!(!log.contains("secret-key"), "{log}");
}
