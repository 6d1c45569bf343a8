//! Histories that are read with a key, as far as HTTP goes.

use axum::http::StatusCode;
use dripline_shared::error::Code;

use crate::support::Server;

#[tokio::test]
async fn a_history_is_not_read_without_a_key_that_holds() {
    let server = Server::start();
    let made_up = format!("drip_ro_{}", "0".repeat(64));
    for path in ["/api/v1/history", "/api/v1/history?limit=5", "/api/v1/history.csv?format=koinly"] {
        assert_eq!(server.get(path).await.code(), Code::WrongReadKey);
        for header in [
            format!("Bearer {made_up}"),
            format!("bearer  {made_up} "),
            format!("Basic {made_up}"),
            format!("Bearer {}", &made_up["drip_ro_".len()..]),
            format!("Bearer {}", made_up.to_uppercase()),
            "Bearer".to_owned(),
        ] {
            let answer = server.get_with(path, &[("authorization", &header)]).await;
            assert_eq!(
                (answer.code(), answer.status),
                (Code::WrongReadKey, StatusCode::UNAUTHORIZED),
                "{header}"
            );
        }
    }
}

#[tokio::test]
async fn a_key_in_the_address_is_not_looked_at() {
    let server = Server::start();
    let path = format!("/api/v1/history?key=drip_ro_{}", "0".repeat(64));
    assert_eq!(server.get(&path).await.code(), Code::WrongReadKey);
}
