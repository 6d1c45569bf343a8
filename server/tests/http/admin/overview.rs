//! How everything stands, by HTTP.

use axum::http::StatusCode;
use dripline_shared::api::alert::AlertList;
use dripline_shared::api::overview::{Overview, Warning, WarningKind};
use dripline_shared::catalog::Catalog;
use dripline_shared::error::Code;

use super::Operators;

/// More than any faucet's body has whose catalog is that of a first run.
const BYTES_MAX: usize = 16_384;

#[tokio::test]
async fn one_body_tells_how_everything_stands_and_how_the_server_is() {
    let warning = Warning { kind: WarningKind::PlainHttp, text: "a tunnel".to_owned() };
    let warned = warning.clone();
    let operators = Operators::with("overview", |options| options.warnings.push(warned)).await;
    let answer = operators.own("GET", "/admin/v1/overview", None).await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let overview: Overview = answer.json();
    let catalog = Catalog::first_run();
    assert_eq!(overview.publication.version, catalog.version());
    assert_eq!((overview.publication.number, overview.publication.is_pinned), (1, false));
    assert_eq!(overview.server_time_ms, operators.server.now());
    assert_eq!(overview.read_at_ms, Some(operators.server.now()));
    assert_eq!(overview.asset, catalog.asset);
    assert!(overview.is_play_money);
    assert_eq!(overview.campaigns.len(), catalog.campaigns.len());
    assert_eq!(overview.campaigns[0].left, catalog.campaigns[0].budget);
    assert_eq!(overview.health.version, env!("CARGO_PKG_VERSION"));
    assert_eq!(overview.health.warnings, [warning]);
    assert!(answer.body.len() < BYTES_MAX, "{} bytes", answer.body.len());
}

#[tokio::test]
async fn what_others_are_refused_is_counted_in_it() {
    let operators = Operators::start("overview-refusals").await;
    for _ in 0..2 {
        let answer = operators.own("GET", "/admin/v1/catalog/publications/7", None).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::NOT_FOUND, Code::PublicationUnknown));
    }
    let overview: Overview = operators.own("GET", "/admin/v1/overview", None).await.json();
    assert_eq!(overview.traffic.total.refused, 2);
    assert_eq!(overview.traffic.minutes.refused, [2]);
    let refusals: Vec<_> = overview.traffic.refusals.iter().map(|it| (it.code, it.total)).collect();
    assert_eq!(refusals, [(Code::PublicationUnknown, 2)]);
}

#[tokio::test]
async fn alerts_are_shown_those_that_are_on_apart_from_those_that_are_over() {
    let operators = Operators::start("alerts").await;
    let alerts: AlertList = operators.own("GET", "/admin/v1/alerts", None).await.json();
    assert_eq!(alerts, AlertList { on: Vec::new(), past: Vec::new() });
}
