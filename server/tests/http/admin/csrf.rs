//! Requests that other pages have a browser make for whoever has signed in there.

use axum::http::StatusCode;
use dripline_shared::api::access::{ApiKeyList, Role};
use dripline_shared::api::operate::By;
use dripline_shared::error::Code;
use serde_json::json;

use super::people::request;
use super::{HOME, Operators};
use crate::support::ORIGIN;

const KEYS: &str = "/admin/v1/keys";

#[tokio::test]
async fn what_does_not_come_from_the_page_of_the_session_changes_nothing_and_is_told() {
    let operators = Operators::start("csrf").await;
    let ada = operators.person(Role::Owner, 1).await;
    let grace = operators.person(Role::Owner, 2).await;
    let body = json!({ "name": "forged", "role": "owner" });
    let (cookie, csrf, other) = (ada.cookie.as_str(), ada.csrf(), grace.csrf());
    let evil = "https://evil.example";
    let attempts: [&[(&str, &str)]; 10] = [
        &[],
        &[("x-dripline-csrf", "")],
        &[("x-dripline-csrf", "nonsense")],
        &[("x-dripline-csrf", other)],
        &[("x-dripline-csrf", csrf), ("origin", evil)],
        &[("x-dripline-csrf", csrf), ("origin", "null")],
        &[("x-dripline-csrf", csrf), ("origin", "http://localhost:8081")],
        &[("x-dripline-csrf", csrf), ("origin", ORIGIN), ("sec-fetch-site", "cross-site")],
        &[("x-dripline-csrf", csrf), ("sec-fetch-site", "same-site")],
        &[("x-dripline-csrf", csrf), ("origin", ORIGIN), ("sec-fetch-site", "none")],
    ];
    for told in attempts {
        let headers = [&[("cookie", cookie)], told].concat();
        let answer = operators.server.send(request("POST", KEYS, &headers, Some(&body))).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::FORBIDDEN, Code::CsrfRefused), "{told:?}");
        let entry = operators.audit().await.remove(0).entry;
        assert_eq!((entry.action.as_str(), entry.refused), ("key.make", Some(Code::CsrfRefused)));
        assert!(matches!(entry.by, By::Operator { id, .. } if id == ada.id()));
    }
    let list: ApiKeyList = operators.own("GET", KEYS, None).await.json();
    assert!(list.keys.iter().all(|key| key.name != "forged"));
    // As the page itself asks, and as a browser does that tells neither.
    for told in [&[("origin", ORIGIN), ("sec-fetch-site", "same-origin")][..], &[]] {
        let headers = [&[("cookie", cookie), ("x-dripline-csrf", csrf)], told].concat();
        let answer = operators.server.send(request("POST", KEYS, &headers, Some(&body))).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    }
}

#[tokio::test]
async fn every_route_that_is_not_for_reading_asks_for_the_page() {
    let operators = Operators::start("csrf-routes").await;
    let ada = operators.person(Role::Owner, 1).await;
    let mut count = 0;
    for demand in dripline_server::http::demands() {
        let is_open = demand.demanded == dripline_server::http::Demanded::Nothing;
        if demand.method == "GET" || is_open {
            continue;
        }
        let path =
            demand.path.split('/').map(|part| if part.starts_with('{') { "0000000000000000" } else { part });
        let path = path.collect::<Vec<_>>().join("/");
        let answer =
            operators.server.send(request(demand.method, &path, &[("cookie", &ada.cookie)], None)).await;
        assert_eq!(answer.code(), Code::CsrfRefused, "{} {path}", demand.method);
        count += 1;
    }
    assert!(count > 15, "{count}");
    for path in ["/admin/v1/me", "/admin/v1/sessions"] {
        for method in ["GET", "HEAD"] {
            let answer = operators.server.send(request(method, path, &[("cookie", &ada.cookie)], None)).await;
            assert_eq!(answer.status, StatusCode::OK, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn whoever_shows_a_key_and_a_cookie_means_the_key() {
    let operators = Operators::start("both").await;
    let ada = operators.person(Role::Owner, 1).await;
    let viewer = operators.of_role(Role::Viewer).await;
    let bearer = format!("Bearer {}", viewer.secret);
    let both = |authorization: &str, method: &str, path: &str| {
        let headers = [("cookie", ada.cookie.as_str()), ("authorization", authorization)];
        operators.server.send(request(method, path, &headers, None))
    };
    assert!(!both(&bearer, "GET", "/admin/v1/me").await.is_problem());
    assert_eq!(both(&bearer, "GET", KEYS).await.code(), Code::AccessRefused, "the owner is not asked");
    let revoke = format!("{KEYS}/{}/revoke", viewer.key.id);
    assert_eq!(both(&bearer, "POST", &revoke).await.code(), Code::AccessRefused, "and no page either");
    assert_eq!(both("Bearer nonsense", "GET", "/admin/v1/me").await.code(), Code::AccessWrong);
    assert_eq!(both("Basic QWRhOg==", "GET", "/admin/v1/me").await.code(), Code::AccessMissing);
    let answer = operators.send_from(HOME, Some(&viewer.secret), "POST", "/admin/v1/sign-out", None).await;
    assert_eq!(answer.code(), Code::SessionNeeded);
}
