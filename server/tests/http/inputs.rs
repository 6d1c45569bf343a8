//! Bad input: each kind gets its stable code, and says what it is about.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use dripline_shared::error::Code;
use serde_json::json;

use crate::support::{Answer, ORIGIN, Server};

const ROUND: &str = "0123456789abcdef0123456789abcdef";
const WALLET: &str = "4zvwRjXUKGfvwnParsHAS3HuSVzV5cA4McphgmoCtajS";

async fn claim(server: &Server, body: &str) -> Answer {
    server.post("/api/v1/claims", body.to_owned()).await
}

fn put_segment(path: &str) -> axum::http::request::Builder {
    Request::put(path).header("content-type", "application/octet-stream")
}

#[tokio::test]
async fn json_that_is_broken_too_deep_or_not_json_is_invalid_json() {
    let server = Server::start();
    let deep = format!("{{\"round\":{}1{}}}", "[".repeat(500), "]".repeat(500));
    for body in
        ["", "{", "{\"round\":", "nonsense", "{} {}", "{'round':1}", "[1,]", "\u{feff}{}", deep.as_str()]
    {
        assert_eq!(claim(&server, body).await.code(), Code::InvalidJson, "{body}");
    }
    let answer = server.post("/api/v1/claims", vec![b'{', b'"', 0xff, b'"', b':', b'1', b'}']).await;
    assert_eq!(answer.code(), Code::InvalidJson);
}

#[tokio::test]
async fn fields_that_are_missing_unknown_or_of_the_wrong_type_are_named() {
    let server = Server::start();
    let signature = "1".repeat(64);
    for (body, subject) in [
        ("{}".to_owned(), "body"),
        ("[]".to_owned(), "body"),
        ("null".to_owned(), "body"),
        (format!("{{\"round\":7,\"signature\":\"{signature}\"}}"), "round"),
        (format!("{{\"round\":\"{}\",\"signature\":\"{signature}\"}}", ROUND.to_uppercase()), "round"),
        (format!("{{\"round\":\"{ROUND}\",\"signature\":[]}}"), "signature"),
        (format!("{{\"round\":\"{ROUND}\",\"signature\":\"{signature}\",\"score\":9}}"), "score"),
        (format!("{{\"round\":\"{ROUND}\",\"round\":\"{ROUND}\"}}"), "body"),
    ] {
        let answer = claim(&server, &body).await;
        assert_eq!(answer.code(), Code::InvalidRequest, "{body}");
        assert_eq!(answer.subject().as_deref(), Some(subject), "{body}");
    }
}

#[tokio::test]
async fn wallets_and_signatures_that_are_not_ones_have_codes_of_their_own() {
    let server = Server::start();
    for signature in ["", "0OIl", "abc", &"z".repeat(88), &"1".repeat(65), &"1".repeat(2_000)] {
        let body = json!({ "round": ROUND, "signature": signature }).to_string();
        assert_eq!(claim(&server, &body).await.code(), Code::InvalidSignature, "{signature}");
    }
    for wallet in ["", "0OIl", "abc", &"z".repeat(44), &"1".repeat(33)] {
        let answer = server.post("/api/v1/rounds", json!({ "wallet": wallet }).to_string()).await;
        assert_eq!(answer.code(), Code::InvalidWallet, "{wallet}");
    }
    for wallet in ["abc", "0OIl", "%20", &"1".repeat(45), &"1".repeat(3_000)] {
        for path in [format!("/api/v1/wallets/{wallet}"), format!("/api/v1/wallets/{wallet}/history")] {
            assert_eq!(server.get(&path).await.code(), Code::InvalidWallet, "{path}");
        }
    }
}

#[tokio::test]
async fn numbers_that_do_not_fit_are_of_the_wrong_type() {
    let server = Server::start();
    for (field, value) in [
        ("issued_at_ms", json!(-1)),
        ("issued_at_ms", json!(1.5)),
        ("issued_at_ms", json!("1")),
        ("issued_at_ms", json!(1e300)),
        ("rules_version", json!(4_294_967_296_u64)),
        ("rules_version", json!(null)),
    ] {
        let body = json!({ field: value }).to_string();
        let answer = server.post("/api/v1/rounds", body.clone()).await;
        assert_eq!(answer.code(), Code::InvalidRequest, "{body}");
        assert_eq!(answer.subject().as_deref(), Some(field), "{body}");
    }
}

#[tokio::test]
async fn another_content_type_than_the_expected_one_is_refused() {
    let server = Server::start();
    for content_type in
        ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonp", "multipart/form-data"]
    {
        let request = Request::post("/api/v1/claims").header("content-type", content_type);
        let answer = server.send(request.body(Body::from("{}")).unwrap()).await;
        assert_eq!(answer.code(), Code::UnsupportedMediaType, "{content_type}");
    }
    let answer = server.send(Request::post("/api/v1/claims").body(Body::from("{}")).unwrap()).await;
    assert_eq!(answer.code(), Code::UnsupportedMediaType);
    for content_type in ["application/json; charset=utf-8", "Application/JSON", "application/json ;x=y"] {
        let request = Request::post("/api/v1/claims").header("content-type", content_type);
        let answer = server.send(request.body(Body::from("{}")).unwrap()).await;
        assert_eq!(answer.code(), Code::InvalidRequest, "{content_type}");
    }
    let path = format!("/api/v1/rounds/{ROUND}/segments/0");
    let request = Request::put(&path).header("content-type", "application/json");
    assert_eq!(server.send(request.body(Body::empty()).unwrap()).await.code(), Code::UnsupportedMediaType);
}

#[tokio::test]
async fn bodies_beyond_their_limit_are_too_large_declared_or_not() {
    let server = Server::start();
    let body = format!("{{\"round\":\"{}\"}}", "a".repeat(4_096));
    assert_eq!(claim(&server, &body).await.code(), Code::BodyTooLarge);
    let just_fits = format!("{{\"round\":\"{}\"}}", "a".repeat(4_096 - 12));
    assert_eq!(just_fits.len(), 4_096);
    assert_eq!(claim(&server, &just_fits).await.code(), Code::InvalidRequest);
    let declared = Request::post("/api/v1/claims")
        .header("content-type", "application/json")
        .header("content-length", "9999999999999");
    assert_eq!(server.send(declared.body(Body::from("{}")).unwrap()).await.code(), Code::BodyTooLarge);
    let path = format!("/api/v1/rounds/{ROUND}/segments/0");
    let segment = |length: usize| put_segment(&path).body(Body::from(vec![0; length])).unwrap();
    assert_eq!(server.send(segment(481)).await.code(), Code::BodyTooLarge);
    assert_eq!(server.send(segment(480)).await.code(), Code::RoundUnknown);
}

#[tokio::test]
async fn parts_of_the_address_that_are_not_what_they_should_be_are_named() {
    let server = Server::start();
    let upper = ROUND.to_uppercase();
    for (method, path, subject) in [
        (Method::GET, "/api/v1/rounds/short".to_owned(), Some("round")),
        (Method::GET, format!("/api/v1/rounds/{upper}"), Some("round")),
        (Method::GET, format!("/api/v1/rounds/{ROUND}0"), Some("round")),
        (Method::GET, "/api/v1/rounds/%FF".to_owned(), None),
        (Method::GET, "/api/v1/wallets/%FF".to_owned(), None),
        (Method::PUT, "/api/v1/rounds//segments/0".to_owned(), Some("round")),
        (Method::POST, "/api/v1/rounds/x/end".to_owned(), Some("round")),
        (Method::PUT, format!("/api/v1/rounds/{ROUND}/segments/-1"), Some("segment")),
        (Method::PUT, format!("/api/v1/rounds/{ROUND}/segments/4294967296"), Some("segment")),
        (Method::PUT, format!("/api/v1/rounds/{ROUND}/segments/0?end=x"), None),
        (Method::PUT, format!("/api/v1/rounds/{ROUND}/segments/0?end=-1"), None),
        (Method::PUT, format!("/api/v1/rounds/{ROUND}/segments/0?length=1"), None),
        (Method::PUT, format!("/api/v1/rounds/{ROUND}/segments/0?end=1&end=2"), None),
        (Method::GET, format!("/api/v1/wallets/{WALLET}/history?limit=0"), Some("limit")),
        (Method::GET, format!("/api/v1/wallets/{WALLET}/history?limit=101"), Some("limit")),
        (Method::GET, format!("/api/v1/wallets/{WALLET}/history?before=x"), None),
        (Method::GET, format!("/api/v1/wallets/{WALLET}/history?after=1"), None),
    ] {
        let request = Request::builder().method(&method).uri(&path);
        let request = request.header("content-type", "application/octet-stream").body(Body::empty()).unwrap();
        let answer = server.send(request).await;
        assert_eq!(answer.code(), Code::InvalidParameter, "{method} {path}");
        assert_eq!(answer.subject().as_deref(), subject, "{method} {path}");
    }
}

#[tokio::test]
async fn addresses_and_methods_that_are_not_there_say_so() {
    let server = Server::start();
    for path in [
        "/api",
        "/api/",
        "/api/v1",
        "/api/v1/",
        "/api/v2/levels",
        "/api/v1/levels/",
        "/api/docs/nothing.js",
        "/.well-known/nothing",
        "/nothing.txt",
        "/problems/nothing",
    ] {
        let answer = server.get_with(path, &[("accept", "text/html")]).await;
        assert_eq!(answer.code(), Code::NotFound, "{path}");
    }
    for (method, path) in [
        (Method::GET, "/api/v1/claims"),
        (Method::DELETE, "/api/v1/levels"),
        (Method::POST, "/healthz"),
        (Method::OPTIONS, "/api/v1/rounds"),
        (Method::POST, "/"),
        (Method::PUT, "/wallet"),
    ] {
        let answer =
            server.send(Request::builder().method(&method).uri(path).body(Body::empty()).unwrap()).await;
        assert_eq!(answer.code(), Code::MethodNotAllowed, "{method} {path}");
        assert!(answer.header("allow").is_some_and(|allowed| !allowed.is_empty()), "{method} {path}");
    }
}

#[tokio::test]
async fn a_round_without_its_token_is_not_shown() {
    let server = Server::start();
    for token in ["", "Bearer", "Bearer ", "Bearer xyz", "Basic abc", "bearer 00"] {
        let answer = server.get_with(&format!("/api/v1/rounds/{ROUND}"), &[("authorization", token)]).await;
        let code = answer.code();
        assert!(matches!(code, Code::RoundUnknown | Code::WrongToken), "{token}: {code:?}");
    }
}

#[tokio::test]
async fn what_a_client_sent_is_hardly_repeated_and_nothing_inside_is_told() {
    let server = Server::start();
    let long = "x".repeat(3_000);
    let answer = claim(&server, &json!({ &long: 1 }).to_string()).await;
    assert!(answer.body.len() < 2_000 + long.len(), "{}", answer.body.len());
    assert!(answer.problem().detail.len() <= 200);
    for inside in ["dripline_server", "src/", "panicked", "sqlite", "serde"] {
        assert!(!answer.text().contains(inside), "{inside}");
    }
}

#[tokio::test]
async fn a_problems_type_can_be_followed() {
    let server = Server::start();
    for code in Code::ALL {
        let answer = server.get(&format!("/problems/{}", code.as_str())).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(answer.text().contains(code.title()));
    }
}

#[tokio::test]
async fn a_wrong_audience_is_refused_after_the_forms_are_right() {
    let server = Server::start();
    let body = json!({
        "wallet": WALLET, "level": "nothing", "campaign": "default", "client_id": ROUND,
        "issued_at_ms": server.now(), "origin": ORIGIN, "faucet": "00".repeat(32), "rules_version": 1,
        "signature": "1".repeat(64),
    });
    let answer = server.post("/api/v1/rounds", body.to_string()).await;
    assert!(answer.status.is_client_error() && answer.code() != Code::InvalidRequest, "{}", answer.text());
}
