//! The OpenAPI document: complete, and true to itself; and the page that shows it.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use dripline_server::http::{Demanded, PROBLEM_JSON, demands};
use dripline_shared::error::Code;
use serde_json::{Value, json};
use utoipa::openapi::OpenApi;

use crate::support::Server;

async fn document(server: &Server) -> Value {
    server.get("/api/openapi.json").await.json()
}

/// That of the players' part, and that of the operators'.
async fn documents(server: &Server) -> [Value; 2] {
    [document(server).await, server.get("/admin/openapi.json").await.json()]
}

/// Every value named `key` anywhere inside.
fn all<'a>(value: &'a Value, key: &str, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get(key));
            fields.values().for_each(|field| all(field, key, found));
        }
        Value::Array(elements) => elements.iter().for_each(|element| all(element, key, found)),
        _ => {}
    }
}

#[tokio::test]
async fn every_operation_is_in_it() {
    let document = document(&Server::start()).await;
    let mut operations = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        operations.extend(item.as_object().unwrap().keys().map(|method| format!("{method} {path}")));
    }
    let expected = [
        "get /.well-known/dripline-keys.json",
        "get /api/v1/campaigns",
        "get /api/v1/catalog",
        "get /api/v1/history",
        "get /api/v1/history.csv",
        "get /api/v1/ledger",
        "get /api/v1/levels",
        "get /api/v1/log/consistency",
        "get /api/v1/log/head",
        "get /api/v1/log/inclusion",
        "get /api/v1/log/leaves/{index}",
        "get /api/v1/notices",
        "get /api/v1/rails",
        "get /api/v1/rounds/{round}",
        "get /api/v1/sites/{site}",
        "get /api/v1/sites/{site}/statistics",
        "get /api/v1/wallets/{wallet}",
        "get /api/v1/wallets/{wallet}/history",
        "get /api/v1/wallets/{wallet}/history.csv",
        "get /api/v1/wallets/{wallet}/withdrawals",
        "get /api/v1/withdrawals/{withdrawal}",
        "get /healthz",
        "get /readyz",
        "post /api/v1/addresses",
        "post /api/v1/balances/move",
        "post /api/v1/claims",
        "post /api/v1/delegations",
        "post /api/v1/delegations/list",
        "post /api/v1/delegations/revoke",
        "post /api/v1/read-keys",
        "post /api/v1/read-keys/list",
        "post /api/v1/read-keys/revoke",
        "post /api/v1/rounds",
        "post /api/v1/rounds/{round}/end",
        "post /api/v1/rounds/{round}/verification",
        "post /api/v1/siteverify",
        "post /api/v1/vouchers/look",
        "post /api/v1/withdrawals",
        "put /api/v1/rounds/{round}/segments/{segment}",
    ];
    assert_eq!(operations, BTreeSet::from(expected.map(str::to_owned)));
}

#[tokio::test]
async fn it_is_openapi_3_1_and_every_reference_leads_somewhere() {
    for document in documents(&Server::start()).await {
        assert_eq!(document["openapi"], "3.1.0");
        serde_json::from_value::<OpenApi>(document.clone()).expect("the library reads what it wrote");
        let mut references = Vec::new();
        all(&document, "$ref", &mut references);
        assert!(references.len() > 30);
        for reference in references {
            let pointer =
                reference.as_str().unwrap().strip_prefix('#').expect("all of it is in one document");
            assert!(document.pointer(pointer).is_some(), "{pointer}");
        }
    }
}

#[tokio::test]
async fn operation_ids_are_unique_and_every_operation_says_what_it_does() {
    for document in documents(&Server::start()).await {
        let mut ids = BTreeSet::new();
        for item in document["paths"].as_object().unwrap().values() {
            for operation in item.as_object().unwrap().values() {
                assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()));
                assert!(!operation["summary"].as_str().unwrap().is_empty());
                assert!(operation["responses"]["200"].is_object());
            }
        }
    }
}

#[tokio::test]
async fn every_operation_of_operators_is_below_their_path_and_needs_what_the_table_demands() {
    let [players, operators] = documents(&Server::start()).await;
    for path in players["paths"].as_object().unwrap().keys() {
        assert!(!path.starts_with("/admin"), "{path}");
    }
    for (path, item) in operators["paths"].as_object().unwrap() {
        assert!(path.starts_with("/admin/v1/"), "{path}");
        for (method, operation) in item.as_object().unwrap() {
            let demand =
                demands().iter().find(|it| it.path == path && it.method == method.to_uppercase()).unwrap();
            let schemes: Vec<&String> = operation["security"]
                .as_array()
                .into_iter()
                .flatten()
                .flat_map(|scheme| scheme.as_object().unwrap().keys())
                .collect();
            let expected: &[&str] = match demand.demanded {
                Demanded::Nothing => &[],
                Demanded::Session => &["session"],
                Demanded::Access | Demanded::Permission(_) => &["api_key", "session"],
            };
            assert_eq!(schemes, expected, "{method} {path}");
            assert_eq!(operation["tags"][0], "operators");
        }
    }
    let schemes = &operators["components"]["securitySchemes"];
    assert_eq!(
        (&schemes["session"]["in"], &schemes["session"]["name"]),
        (&json!("cookie"), &json!("__Host-dripline"))
    );
}

#[tokio::test]
async fn what_operators_programs_are_told_unasked_is_in_it_too() {
    let [_, operators] = documents(&Server::start()).await;
    let schemas = &operators["components"]["schemas"];
    assert!(schemas["Changed"]["properties"]["topics"].is_object());
    assert!(schemas["AlertMessage"]["properties"]["data"].is_object());
    assert!(schemas["AlertData"]["properties"]["figures"].is_object());
    let events = &operators["paths"]["/admin/v1/events"]["get"]["responses"]["200"]["content"];
    assert!(events["text/event-stream"].is_object(), "{events}");
}

#[tokio::test]
async fn every_code_of_an_operation_is_under_its_status() {
    let mut seen = BTreeSet::new();
    for document in documents(&Server::start()).await {
        for item in document["paths"].as_object().unwrap().values() {
            for operation in item.as_object().unwrap().values() {
                for (status, response) in operation["responses"].as_object().unwrap() {
                    let schema = &response["content"][PROBLEM_JSON]["schema"]["allOf"][1];
                    for code in schema["properties"]["code"]["enum"].as_array().into_iter().flatten() {
                        let code: Code = serde_json::from_value(code.clone()).unwrap();
                        assert_eq!(code.status().to_string(), *status, "{code:?}");
                        seen.insert(code);
                    }
                }
            }
        }
    }
    // These answer what no operation matches.
    let elsewhere = [Code::NotFound, Code::MethodNotAllowed, Code::PageNotBuilt];
    // These are in answers that say no to a site's server.
    let answered = [Code::SecretUnknown, Code::TokenUnknown, Code::TokenOfOtherSite, Code::TokenSpent];
    let is_known = |code: &&Code| seen.contains(code) || elsewhere.contains(code) || answered.contains(code);
    let missing: Vec<_> = Code::ALL.iter().filter(|code| !is_known(code)).collect();
    assert!(missing.is_empty(), "no operation documents {missing:?}");
}

#[tokio::test]
async fn the_page_to_try_it_loads_everything_from_here() {
    let server = Server::start();
    let page = server.get("/api/docs").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.header("content-security-policy").unwrap().contains("script-src 'self';"));
    let text = page.text();
    assert!(!text.contains("http://") && !text.contains("https://"), "{text}");
    let sources = text.split("src=\"").chain(text.split("href=\"")).filter_map(|rest| rest.split_once('"'));
    let files: BTreeSet<&str> =
        sources.map(|(source, _)| source).filter(|source| source.starts_with("docs/")).collect();
    assert!(files.len() >= 6, "{files:?}");
    for file in files {
        let answer = server.get(&format!("/api/{file}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{file}");
        assert!(!answer.body.is_empty(), "{file}");
    }
    let start = server.get("/api/docs/swagger-initializer.js").await.text();
    assert!(start.contains("/api/openapi.json"), "{start}");
}
