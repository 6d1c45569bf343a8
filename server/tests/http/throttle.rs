//! The throttle: who has to wait, and who does not.

use axum::http::StatusCode;
use dripline_server::http::{Clients, ForwardedHeader, Options};
use dripline_shared::error::Code;
use dripline_shared::limit::CountLimit;

use crate::support::Server;

fn tight(options: &mut Options) {
    options.throttle = CountLimit { burst: 3, every_ms: 2_500 };
    options.clients = Clients {
        proxies: vec!["10.0.0.0/8".parse().unwrap()],
        header: ForwardedHeader::XForwardedFor,
        ..Clients::default()
    };
}

#[tokio::test]
async fn one_address_waits_and_the_others_do_not() {
    let server = Server::with(tight);
    for _ in 0..3 {
        assert_eq!(server.get_from("192.0.2.7", "/api/v1/levels", &[]).await.status, StatusCode::OK);
    }
    let refused = server.get_from("192.0.2.7", "/api/v1/levels", &[]).await;
    assert_eq!(refused.code(), Code::RateLimited);
    assert_eq!(refused.problem().retry_after_ms, Some(2_500));
    assert_eq!(refused.header("retry-after"), Some("3"));
    assert_eq!(server.get_from("192.0.2.8", "/api/v1/levels", &[]).await.status, StatusCode::OK);
    server.pass(2_500);
    assert_eq!(server.get_from("192.0.2.7", "/api/v1/levels", &[]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn behind_a_proxy_the_clients_are_told_apart_and_their_own_words_do_not_count() {
    let server = Server::with(tight);
    for _ in 0..3 {
        let forwarded = [("x-forwarded-for", "192.0.2.7")];
        assert_eq!(server.get_from("10.1.1.1", "/api/v1/levels", &forwarded).await.status, StatusCode::OK);
    }
    // The client itself wrote the left part; the proxy added what it saw.
    let forwarded = [("x-forwarded-for", "203.0.113.99, 192.0.2.7")];
    assert_eq!(server.get_from("10.1.1.1", "/api/v1/levels", &forwarded).await.code(), Code::RateLimited);
    let forwarded = [("x-forwarded-for", "192.0.2.8")];
    assert_eq!(server.get_from("10.1.1.1", "/api/v1/levels", &forwarded).await.status, StatusCode::OK);
}

#[tokio::test]
async fn who_is_no_proxy_cannot_escape_by_a_header() {
    let server = Server::with(tight);
    let mut last = StatusCode::OK;
    for number in 0..4 {
        let forwarded = format!("192.0.2.{number}");
        last = server.get_from("198.51.100.1", "/", &[("x-forwarded-for", &forwarded)]).await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn health_is_never_throttled() {
    let server = Server::with(tight);
    for _ in 0..20 {
        assert_eq!(server.get_from("192.0.2.7", "/healthz", &[]).await.status, StatusCode::OK);
        assert_eq!(server.get_from("192.0.2.7", "/readyz", &[]).await.status, StatusCode::OK);
    }
}
