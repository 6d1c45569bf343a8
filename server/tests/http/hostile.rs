//! Requests made at random, out of pieces that nearly fit. None of them gets more than a refusal, and none makes the
//! server fail. A handler that panics costs its own request alone, and its message is not told to the client.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use dripline_server::edge::Edge;
use dripline_shared::error::Code;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use tokio::runtime::Builder;

use crate::support::Server;

fn method() -> impl Strategy<Value = Method> {
    prop_oneof![
        Just(Method::GET),
        Just(Method::POST),
        Just(Method::PUT),
        Just(Method::HEAD),
        Just(Method::DELETE),
        Just(Method::OPTIONS),
        Just(Method::from_bytes(b"BREW").unwrap()),
    ]
}

/// Parts of addresses: real ones, ids that are nearly ids, and what breaks parsers.
fn part() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec![
            "api", "v1", "rounds", "segments", "claims", "wallets", "history", "levels", "catalog", "end", "healthz",
            ".well-known", "dripline-keys.json", "docs", "openapi.json", "0", "..", "%2e%2e", "%00", "index.html",
            "00000000000000000000000000000000", "4zvwRjXUKGfvwnParsHAS3HuSVzV5cA4McphgmoCtajS", "18446744073709551616",
        ])
        .prop_map(str::to_owned),
        1 => "[a-zA-Z0-9%._~!$&'()*+,;=:@-]{0,40}".prop_map(|text| text.replace('%', "%25")),
    ]
}

fn address() -> impl Strategy<Value = String> {
    let query = prop_oneof![
        3 => Just(String::new()),
        1 => "[?][a-z0-9=&%+.-]{0,30}".prop_map(|text| text.replace('%', "%25")),
        1 => prop::sample::select(vec!["?end=0", "?end=4294967295", "?limit=100", "?before=0&limit=1", "?end="])
            .prop_map(str::to_owned),
    ];
    (prop::collection::vec(part(), 0..6), query)
        .prop_map(|(parts, query)| format!("/{}{query}", parts.join("/")))
}

/// Fields of every body, and values of every kind.
fn json() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "wallet",
        "level",
        "campaign",
        "client_id",
        "issued_at_ms",
        "origin",
        "faucet",
        "rules_version",
        "abandon",
        "signature",
        "round",
        "score",
        "",
    ]);
    let value = prop_oneof![
        Just("null".to_owned()),
        Just("[]".to_owned()),
        Just("{}".to_owned()),
        Just("-1".to_owned()),
        Just("1e999".to_owned()),
        Just("\"\\ud800\"".to_owned()),
        any::<u64>().prop_map(|number| number.to_string()),
        "[a-zA-Z0-9]{0,100}".prop_map(|text| format!("\"{text}\"")),
        Just(format!("\"{}\"", "00".repeat(16))),
        Just(format!("\"{}\"", "1".repeat(64))),
    ];
    let field = (name, value).prop_map(|(name, value)| format!("\"{name}\":{value}"));
    prop::collection::vec(field, 0..14).prop_map(|fields| format!("{{{}}}", fields.join(",")))
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        Just(Vec::new()),
        json().prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..600),
        (4_000_usize..5_000).prop_map(|length| vec![b'['; length]),
    ]
}

fn header() -> impl Strategy<Value = (&'static str, String)> {
    let name = prop::sample::select(vec![
        "content-type",
        "authorization",
        "accept",
        "accept-encoding",
        "if-none-match",
        "x-forwarded-for",
        "forwarded",
        "content-length",
        "expect",
        "range",
    ]);
    let value = prop_oneof![
        prop::sample::select(vec![
            "application/json",
            "application/octet-stream",
            "text/html",
            "*/*",
            "br;q=0, *",
            "Bearer ",
            "W/\"x\"",
            "for=\"[::1]:1\"",
            "1.2.3.4, , unknown",
            "-1",
            "0",
        ])
        .prop_map(str::to_owned),
        "[ -~]{0,60}",
    ];
    (name, value)
}

#[test]
fn no_request_at_random_makes_the_server_fail() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let server = runtime.block_on(async { Server::with(|options| options.throttle.burst = 1_000_000) });
    let request = (method(), address(), prop::collection::vec(header(), 0..4), body());
    let long = std::env::var_os("DRIPLINE_LONG").is_some();
    let mut runner = TestRunner::new(Config {
        cases: if long { 20_000 } else { 2_000 },
        rng_seed: RngSeed::Fixed(3),
        failure_persistence: None,
        ..Config::default()
    });
    runner
        .run(&request, |(method, address, headers, body)| {
            let Ok(uri) = address.parse::<axum::http::Uri>() else { return Ok(()) };
            let mut request = Request::builder().method(&method).uri(uri);
            for (name, value) in &headers {
                request = request.header(*name, value);
            }
            let request = request.body(Body::from(body)).unwrap();
            let answer = runtime.block_on(server.send(request));
            prop_assert!(!answer.status.is_server_error(), "{} {}: {}", method, address, answer.text());
            if answer.status.is_client_error() && method != Method::HEAD {
                let built = answer.text().contains("without its pages");
                prop_assert!(answer.is_problem() || built, "{} {}: {}", method, address, answer.text());
            }
            Ok(())
        })
        .unwrap();
}

#[tokio::test]
async fn a_panic_is_an_internal_error_and_says_nothing_more() {
    let broken = Arc::new(AtomicBool::new(false));
    let breaks = Arc::clone(&broken);
    let server = Server::with(|options| {
        let clock = options.edge.clone();
        options.edge = Edge::new(
            move || {
                assert!(!breaks.swap(false, Ordering::SeqCst), "a secret of the operator's");
                clock.now()
            },
            |bytes| bytes.fill(0),
        );
    });
    broken.store(true, Ordering::SeqCst);
    let answer = server.get("/api/v1/levels").await;
    assert_eq!(answer.code(), Code::Internal);
    assert!(!answer.text().contains("secret"));
    assert_eq!(server.get("/api/v1/levels").await.status, StatusCode::OK, "the next request is answered");
}
