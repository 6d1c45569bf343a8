//! Which pages may show the frame, and which may read what is known of a site: those of its origins, and no others.

use axum::body::{Body, Bytes};
use axum::http::{Method, Request, StatusCode};
use dripline_server::assets::Assets;
use dripline_server::http::Options;
use dripline_shared::error::Code;
use serde_json::{Value, json};

use super::Operators;

const FRAME: &str = "<!doctype html><html><script src=\"/embed/frame-1f2e3d4c5b6a7988.js\"></script></html>";

fn with_pages(options: &mut Options) {
    let files = [
        ("index.html", Bytes::from_static(b"<!doctype html><html>the player's page</html>")),
        ("embed/frame.html", Bytes::from_static(FRAME.as_bytes())),
        ("embed/frame.html.br", Bytes::from_static(b"frame in brotli")),
    ];
    options.assets = Assets::new(files.map(|(name, bytes)| (name.to_owned(), bytes)));
}

/// A server with a site of two origins, one that has ended, and one for tests.
async fn started(name: &str) -> Operators {
    let operators = Operators::with(name, with_pages).await;
    let site = |id: &str, origins: Value| json!({ "id": id, "name": id, "origins": origins });
    let origins = json!(["https://shop.example", "http://shop.localhost:3000"]);
    operators.site(site("shop", origins)).await;
    operators.site(site("ended", json!(["https://ended.example"]))).await;
    let _: Value = operators.own("POST", "/admin/v1/sites/ended/end", None).await.json();
    let mut test = site("trying", json!(["http://localhost:5173"]));
    test["mode"] = json!("test");
    operators.site(test).await;
    operators
}

/// Who may show an answer by its policy.
fn ancestors(policy: &str) -> &str {
    policy.split("; ").find_map(|rule| rule.strip_prefix("frame-ancestors ")).unwrap()
}

#[tokio::test]
async fn the_frame_is_shown_by_pages_of_the_sites_origins_and_its_policy_is_else_that_of_every_page() {
    let operators = started("frame").await;
    for (query, expected) in [
        ("site=shop", "'self' https://shop.example http://shop.localhost:3000"),
        (
            "level=catch-1&site=shop&theme=dark&layout=card",
            "'self' https://shop.example http://shop.localhost:3000",
        ),
        ("site=trying", "'self' http://localhost:5173"),
    ] {
        let answer = operators.server.get(&format!("/embed/frame?{query}")).await;
        assert_eq!((answer.status, answer.text()), (StatusCode::OK, FRAME.to_owned()), "{query}");
        let policy = answer.header("content-security-policy").unwrap();
        assert_eq!(ancestors(policy), expected, "{query}");
        assert_eq!(policy.matches("frame-ancestors").count(), 1);
        assert!(policy.starts_with("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'"), "{policy}");
        assert_eq!(answer.header("cross-origin-resource-policy"), Some("cross-origin"));
        assert_eq!(answer.header("cross-origin-embedder-policy"), Some("require-corp"));
        assert_eq!(answer.header("x-frame-options"), None);
        assert_eq!(answer.header("cache-control"), Some("no-cache"));
        let permissions = answer.header("permissions-policy").unwrap();
        assert!(permissions.ends_with(", usb=(), clipboard-read=(), clipboard-write=()"), "{permissions}");
    }
    let small = operators.server.get_with("/embed/frame?site=shop", &[("accept-encoding", "br")]).await;
    assert_eq!(small.text(), "frame in brotli");
}

#[tokio::test]
async fn a_frame_of_no_site_that_holds_is_shown_by_nobody_and_tells_whoever_looks_at_its_address() {
    let operators = started("no-frame").await;
    for query in [
        "",
        "?",
        "?site=",
        "?site=other",
        "?site=ended",
        "?site=SHOP",
        "?site=shop&site=trying",
        "?site=%00",
        "?site=https://shop.example",
        "?site=shop%20https://evil.example",
        "?site=%FF",
    ] {
        let answer = operators.server.get(&format!("/embed/frame{query}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{query}");
        assert_eq!(ancestors(answer.header("content-security-policy").unwrap()), "'none'", "{query}");
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
        assert!(answer.text().contains("no site that is registered"), "{query}");
        assert_eq!(answer.header("cross-origin-resource-policy"), Some("same-origin"));
    }
    // Nor does another address lead around it: the page at its name among the files, and the player's own pages.
    for path in ["/embed/frame.html?site=shop", "/?site=shop", "/play/catch-1?site=shop"] {
        let answer = operators.server.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(ancestors(answer.header("content-security-policy").unwrap()), "'none'", "{path}");
    }
    for path in ["/embed/frame/?site=shop", "/embed/frame/more?site=shop", "/embed/other"] {
        assert_eq!(operators.server.get(path).await.code(), Code::NotFound, "{path}");
    }
}

#[tokio::test]
async fn a_frame_that_a_browser_has_is_given_anew_once_other_pages_may_show_it() {
    let operators = started("frame-kept").await;
    let first = operators.server.get("/embed/frame?site=shop").await;
    let tag = first.header("etag").unwrap().to_owned();
    let known = || async {
        operators.server.get_with("/embed/frame?site=shop", &[("if-none-match", tag.as_str())]).await
    };
    assert_eq!(known().await.status, StatusCode::NOT_MODIFIED);
    let site = json!({ "id": "shop", "name": "shop", "origins": ["https://new.example"] });
    let body = json!({ "site": site, "revision": 1 });
    let _: Value = operators.own("PUT", "/admin/v1/sites/shop", Some(body)).await.json();
    let now = known().await;
    assert_eq!(now.status, StatusCode::OK);
    assert_eq!(ancestors(now.header("content-security-policy").unwrap()), "'self' https://new.example");
}

#[tokio::test]
async fn without_a_frame_of_its_own_the_players_page_is_in_it_and_without_pages_there_is_none() {
    let site = || json!({ "id": "shop", "name": "shop", "origins": ["https://shop.example"] });
    let without = Operators::start("frame-not-built").await;
    without.site(site()).await;
    assert_eq!(without.server.get("/embed/frame?site=shop").await.code(), Code::PageNotBuilt);
    let page = Bytes::from_static(b"<!doctype html><html>the player's page</html>");
    let only = |options: &mut Options| options.assets = Assets::new([("index.html".to_owned(), page)]);
    let operators = Operators::with("frame-of-page", only).await;
    operators.site(site()).await;
    let answer = operators.server.get("/embed/frame?site=shop").await;
    assert!(answer.text().contains("the player's page"));
    let policy = answer.header("content-security-policy").unwrap();
    assert_eq!(ancestors(policy), "'self' https://shop.example");
}

#[tokio::test]
async fn pages_of_a_sites_origins_read_what_is_known_of_it_and_no_others_do() {
    let operators = started("cors").await;
    let asked = |site: &'static str, origin: &'static str| {
        let server = &operators.server;
        async move { server.get_with(&format!("/api/v1/sites/{site}"), &[("origin", origin)]).await }
    };
    for (site, origin) in [
        ("shop", "https://shop.example"),
        ("shop", "http://shop.localhost:3000"),
        ("trying", "http://localhost:5173"),
    ] {
        let answer = asked(site, origin).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("access-control-allow-origin"), Some(origin));
        assert_eq!(answer.header("access-control-allow-credentials"), None);
        assert!(answer.header("vary").unwrap().contains("origin"));
    }
    for (site, origin) in [
        ("shop", "null"),
        ("shop", "https://shop.example.evil.example"),
        ("shop", "https://evilshop.example"),
        ("shop", "https://shop.example:8443"),
        ("shop", "http://shop.example"),
        ("shop", "https://SHOP.example"),
        ("shop", "https://shop.example/"),
        ("shop", "http://localhost:5173"),
        ("trying", "https://shop.example"),
        ("ended", "https://ended.example"),
        ("other", "https://shop.example"),
    ] {
        let answer = asked(site, origin).await;
        assert_eq!(answer.header("access-control-allow-origin"), None, "{site} for {origin}");
        assert!(answer.header("vary").unwrap().contains("origin"), "{site} for {origin}");
    }
    assert_eq!(operators.server.get("/api/v1/sites/shop").await.header("access-control-allow-origin"), None);
    for path in ["/api/v1/levels", "/api/v1/catalog", "/admin/v1/sites/shop", "/embed/frame?site=shop"] {
        let answer = operators.server.get_with(path, &[("origin", "https://shop.example")]).await;
        assert_eq!(answer.header("access-control-allow-origin"), None, "{path}");
    }
}

#[tokio::test]
async fn a_browser_that_asks_first_is_told_what_pages_of_the_site_may_send() {
    let operators = started("preflight").await;
    for (origin, told) in
        [("https://shop.example", Some("https://shop.example")), ("https://evil.example", None)]
    {
        let request = Request::builder()
            .method(Method::OPTIONS)
            .uri("/api/v1/sites/shop")
            .header("origin", origin)
            .header("access-control-request-method", "GET")
            .header("access-control-request-headers", "authorization");
        let answer = operators.server.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.header("access-control-allow-origin"), told, "{origin}");
        assert_eq!(answer.header("access-control-allow-methods"), Some("GET"));
        assert_eq!(answer.header("access-control-allow-headers"), Some("authorization"));
    }
}
