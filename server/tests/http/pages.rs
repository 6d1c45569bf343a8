//! The pages: forms, caching, the routes of the player's page, and a server without any.

use axum::body::Bytes;
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dripline_server::assets::{Assets, Kept};
use dripline_server::http::Options;
use dripline_shared::error::Code;
use dripline_shared::round::Hash;
use sha2::{Digest, Sha256};

use crate::process::Folder;
use crate::support::Server;

const SCRIPT: &str = "\nimport init from '/dripline-1f2e3d4c5b6a7988.js';\ninit();\n";
const HASHED: &str = "/dripline-1f2e3d4c5b6a7988_bg.wasm";
const BROWSER: (&str, &str) = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");

fn index() -> String {
    format!("<!doctype html><html><script type=\"module\">{SCRIPT}</script></html>")
}

fn with_pages(options: &mut Options) {
    let files = [
        ("index.html", Bytes::from(index())),
        ("index.html.br", Bytes::from_static(b"index in brotli")),
        ("dripline-1f2e3d4c5b6a7988_bg.wasm", Bytes::from_static(b"module")),
        ("dripline-1f2e3d4c5b6a7988_bg.wasm.br", Bytes::from_static(b"module in brotli")),
        ("dripline-1f2e3d4c5b6a7988_bg.wasm.gz", Bytes::from_static(b"module in gzip")),
        ("ledger.html", Bytes::from_static(b"<!doctype html><html>the ledger</html>")),
        ("ledger.html.br", Bytes::from_static(b"ledger in brotli")),
        ("embed/v1.js", Bytes::from_static(b"loader()")),
        ("embed/v1.js.br", Bytes::from_static(b"loader in brotli")),
        ("embed/v1.1f2e3d4c5b6a7988.js", Bytes::from_static(b"loader()")),
        ("embed/v1.json", Bytes::from_static(b"{}")),
        ("embed/frame-1f2e3d4c5b6a7988.js", Bytes::from_static(b"frame()")),
        ("robots.txt", Bytes::from_static(b"User-agent: *\n")),
    ];
    options.assets = Assets::new(files.map(|(name, bytes)| (name.to_owned(), bytes)));
}

#[tokio::test]
async fn the_page_is_at_each_of_its_routes_and_not_elsewhere() {
    let server = Server::with(with_pages);
    for path in ["/", "/play/catch-1", "/wallet", "/wallet?from=map", "/some/day"] {
        let answer = server.get_with(path, &[BROWSER]).await;
        assert_eq!((answer.status, answer.text()), (StatusCode::OK, index()), "{path}");
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(answer.header("cache-control"), Some("no-cache"));
    }
    assert_eq!(server.get("/play/catch-1").await.status, StatusCode::OK, "whoever accepts anything");
    for path in [
        "/missing.js",
        "/api/nothing",
        "/api/v1/nothing",
        "/admin/v1/nothing",
        "/.well-known/x",
        "/../Cargo.toml",
    ] {
        assert_eq!(server.get_with(path, &[BROWSER]).await.code(), Code::NotFound, "{path}");
    }
    assert_eq!(server.get_with("/wallet", &[("accept", "application/json")]).await.code(), Code::NotFound);
}

#[tokio::test]
async fn a_page_of_its_own_is_at_its_name_and_nothing_is_below_it() {
    let server = Server::with(with_pages);
    for path in ["/ledger", "/ledger?from=wallet", "/ledger.html"] {
        let answer = server.get_with(path, &[BROWSER]).await;
        assert_eq!(
            (answer.status, answer.text()),
            (StatusCode::OK, "<!doctype html><html>the ledger</html>".to_owned())
        );
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(answer.header("cache-control"), Some("no-cache"));
        assert!(
            answer
                .header("content-security-policy")
                .is_some_and(|policy| policy.contains("script-src 'self'"))
        );
    }
    let small = server.get_with("/ledger", &[BROWSER, ("accept-encoding", "br")]).await;
    assert_eq!(small.text(), "ledger in brotli");
    assert_eq!(
        server.get_with("/ledger/more", &[BROWSER]).await.text(),
        index(),
        "no place of the player's page"
    );
    assert_eq!(server.get_with("/api/ledger", &[BROWSER]).await.code(), Code::NotFound);
}

#[tokio::test]
async fn the_page_may_run_its_own_inline_script_and_no_other() {
    let server = Server::with(with_pages);
    let answer = server.get_with("/", &[BROWSER]).await;
    let hash = STANDARD.encode(Sha256::digest(SCRIPT));
    let expected = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval' 'sha256-{hash}'; style-src 'self'; img-src 'self' \
         data:; connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    );
    assert_eq!(answer.header("content-security-policy"), Some(expected.as_str()));
}

#[tokio::test]
async fn each_client_gets_the_smallest_form_that_it_accepts() {
    let server = Server::with(with_pages);
    for (accepted, encoding, body) in [
        ("gzip, deflate, br", Some("br"), "module in brotli"),
        ("gzip", Some("gzip"), "module in gzip"),
        ("br;q=0, gzip", Some("gzip"), "module in gzip"),
        ("identity", None, "module"),
    ] {
        let answer = server.get_with(HASHED, &[("accept-encoding", accepted)]).await;
        assert_eq!(answer.header("content-encoding"), encoding, "{accepted}");
        assert_eq!(answer.text(), body, "{accepted}");
        assert_eq!(answer.header("content-type"), Some("application/wasm"));
        assert_eq!(answer.header("vary"), Some("accept-encoding"));
    }
    assert_eq!(server.get(HASHED).await.text(), "module");
    let answer = server.get_with("/robots.txt", &[("accept-encoding", "br, gzip")]).await;
    assert_eq!(answer.header("content-encoding"), None);
    assert_eq!(server.get(&format!("{HASHED}.br")).await.code(), Code::NotFound, "forms have no address");
}

#[tokio::test]
async fn files_named_by_their_content_are_kept_for_ever_and_others_are_asked_about() {
    let server = Server::with(with_pages);
    let forever = "public, max-age=31536000, immutable";
    assert_eq!(server.get(HASHED).await.header("cache-control"), Some(forever));
    let first = server.get("/").await;
    assert_eq!(first.header("cache-control"), Some("no-cache"));
    let tag = first.header("etag").unwrap().to_owned();
    for known in [tag.clone(), format!("\"other\", {tag}"), "*".to_owned(), tag.replace("W/", "")] {
        let answer = server.get_with("/", &[BROWSER, ("if-none-match", &known)]).await;
        assert_eq!(answer.status, StatusCode::NOT_MODIFIED, "{known}");
        assert!(answer.body.is_empty());
        assert_eq!(answer.header("etag"), Some(tag.as_str()));
    }
    let answer = server.get_with("/", &[BROWSER, ("if-none-match", "W/\"other\"")]).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn a_server_without_pages_says_so_to_people_and_to_programs() {
    let server = Server::start();
    let page = server.get_with("/", &[BROWSER]).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.text().contains("without its pages"), "{}", page.text());
    assert_eq!(server.get("/").await.code(), Code::PageNotBuilt);
}

#[tokio::test]
async fn answers_of_the_api_are_never_stored() {
    let server = Server::with(with_pages);
    for path in ["/api/v1/levels", "/api/v1/catalog", "/.well-known/dripline-keys.json", "/healthz"] {
        assert_eq!(server.get(path).await.header("cache-control"), Some("no-store"), "{path}");
    }
}

#[tokio::test]
async fn the_loader_is_for_pages_of_every_origin_and_nothing_else_is() {
    let server = Server::with(with_pages);
    let of_others = [("origin", "https://shop.example"), ("accept-encoding", "br")];
    for (path, cached) in [
        ("/embed/v1.js", "public, max-age=300"),
        ("/embed/v1.json", "public, max-age=300"),
        ("/embed/v1.1f2e3d4c5b6a7988.js", "public, max-age=31536000, immutable"),
    ] {
        let answer = server.get_with(path, &of_others).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{path}");
        assert_eq!(answer.header("cross-origin-resource-policy"), Some("cross-origin"), "{path}");
        assert_eq!(answer.header("cache-control"), Some(cached), "{path}");
        let tag = answer.header("etag").unwrap_or_default();
        let known = server.get_with(path, &[("if-none-match", tag)]).await;
        assert_eq!(known.status, StatusCode::NOT_MODIFIED, "{path}");
        assert_eq!(known.header("cross-origin-resource-policy"), Some("cross-origin"), "{path}");
    }
    assert_eq!(server.get_with("/embed/v1.js", &of_others).await.text(), "loader in brotli");
    for path in ["/", "/ledger", "/robots.txt", "/embed/frame-1f2e3d4c5b6a7988.js", "/api/v1/catalog"] {
        let answer = server.get_with(path, &of_others).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), None, "{path}");
        assert_eq!(answer.header("cross-origin-resource-policy"), Some("same-origin"), "{path}");
    }
}

/// Pages with this loader at the address of its content, and that address.
fn with_loader(loader: &'static str, folder: &Folder) -> (impl FnOnce(&mut Options), String) {
    let digest = Hash(Sha256::digest(loader).into()).to_string();
    let place = format!("embed/v1.{}.js", &digest[..16]);
    let address = format!("/{place}");
    let folder = folder.0.join("embed");
    let change = move |options: &mut Options| {
        options.assets = Assets::new([
            ("index.html".to_owned(), Bytes::from(index())),
            (place, Bytes::from_static(loader.as_bytes())),
        ]);
        options.kept = Some(Kept::keep(folder, &options.assets).unwrap());
    };
    (change, address)
}

#[tokio::test]
async fn a_loader_that_pages_hold_to_its_digest_is_served_by_later_releases_and_by_other_servers_over_the_same_folder()
 {
    let folder = Folder::new("kept-loaders");
    let (first, first_address) = with_loader("loader(1)", &folder);
    let first = Server::with(first);
    let (second, second_address) = with_loader("loader(2)", &folder);
    let second = Server::with(second);
    for server in [&first, &second] {
        for (address, loader) in [(&first_address, "loader(1)"), (&second_address, "loader(2)")] {
            let answer = server.get_with(address, &[("origin", "https://shop.example")]).await;
            assert_eq!((answer.status, answer.text()), (StatusCode::OK, loader.to_owned()), "{address}");
            assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
            assert_eq!(answer.header("cross-origin-resource-policy"), Some("cross-origin"));
            assert_eq!(answer.header("cache-control"), Some("public, max-age=31536000, immutable"));
            assert_eq!(answer.header("content-type"), Some("text/javascript; charset=utf-8"));
            assert_eq!(server.post(address, "").await.code(), Code::MethodNotAllowed);
        }
    }
    // Whatever else is in the folder has no address.
    folder.file("embed/v1.1f2e3d4c5b6a7988.js", "evil()");
    folder.file("embed/notes.js", "mine");
    folder.file("secret.js", "mine");
    for place in
        ["v1.1f2e3d4c5b6a7988.js", "notes.js", "../secret.js", "%2e%2e/secret.js", "v1.0000000000000000.js"]
    {
        assert_eq!(second.get(&format!("/embed/{place}")).await.code(), Code::NotFound, "{place}");
    }
}
