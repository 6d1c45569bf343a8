//! Every route and every role: allowed or refused, as the table beside this file says.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use dripline_server::http::{demands, operators_openapi};
use dripline_shared::amount::Amount;
use dripline_shared::api::access::Role;
use dripline_shared::api::operate::{MadeVouchers, Publication};
use dripline_shared::error::Code;
use serde_json::{Value, json};

use super::{Operators, publication_of};

const TABLE: &str = include_str!("access.txt");

/// A line of the table: method, path, and whether each role is allowed.
struct Line {
    method: &'static str,
    path: &'static str,
    cells: Vec<(Role, bool)>,
}

fn lines() -> Vec<Line> {
    let line = |text: &'static str| {
        let mut words = text.split_whitespace();
        let (method, path) = (words.next().unwrap(), words.next().unwrap());
        let cells: Vec<(Role, bool)> = Role::ALL
            .into_iter()
            .zip(words.by_ref())
            .map(|(role, word)| match word {
                "allowed" => (role, true),
                "refused" => (role, false),
                other => panic!("{text}: {other}"),
            })
            .collect();
        assert_eq!((cells.len(), words.count()), (Role::ALL.len(), 0), "{text}");
        Line { method, path, cells }
    };
    TABLE.lines().filter(|text| !text.starts_with('#')).map(line).collect()
}

fn of_document() -> BTreeSet<(String, String)> {
    let document: Value = serde_json::to_value(operators_openapi()).unwrap();
    let paths = document["paths"].as_object().unwrap().iter();
    let methods = |(path, item): (&String, &Value)| {
        let path = path.clone();
        let methods: Vec<String> = item.as_object().unwrap().keys().map(|it| it.to_uppercase()).collect();
        methods.into_iter().map(move |method| (method, path.clone()))
    };
    paths.flat_map(methods).collect()
}

#[test]
fn every_route_has_one_line_in_the_table_and_one_demand() {
    let served = of_document();
    let lines = lines();
    let written: BTreeSet<(String, String)> =
        lines.iter().map(|line| (line.method.to_owned(), line.path.to_owned())).collect();
    assert_eq!(written, served, "the table has a line for each route");
    assert_eq!(written.len(), lines.len(), "and no two for one");
    let demanded: BTreeSet<(String, String)> =
        demands().iter().map(|demand| (demand.method.to_owned(), demand.path.to_owned())).collect();
    assert_eq!(demanded, served, "each route demands something");
    assert_eq!(demanded.len(), demands().len());
}

/// A request that does what the route does, with whatever it needs made by the owner: its address and its body.
async fn request(operators: &Operators, line: &Line, number: usize) -> (String, Option<Value>) {
    let id = format!("draft-{number}");
    let changed = |catalog: &mut dripline_shared::catalog::Catalog| {
        catalog.levels[0].base = Amount::from_units(1_000 + u32::try_from(number).unwrap());
    };
    let key = || async { operators.of_role(Role::Viewer).await.key.id };
    let draft = || operators.draft(&operators.owner, &id, changed);
    let in_force = || operators.live();
    let path = line.path;
    match (line.method, path) {
        ("POST", "/admin/v1/keys") => (path.to_owned(), Some(json!({ "name": "new", "role": "viewer" }))),
        ("POST", "/admin/v1/keys/{key}/rotate") => (path.replace("{key}", &key().await), Some(json!({}))),
        ("POST", "/admin/v1/keys/{key}/revoke") => (path.replace("{key}", &key().await), None),
        ("POST", "/admin/v1/catalog/check") => {
            (path.to_owned(), Some(json!({ "catalog": in_force().await.catalog })))
        }
        ("POST", "/admin/v1/catalog/simulate") => {
            let body = json!({ "catalog": in_force().await.catalog, "rounds": 1, "runs": 1, "players": 5 });
            (path.to_owned(), Some(body))
        }
        ("POST", "/admin/v1/catalog/publications") => (path.to_owned(), Some(publication_of(&draft().await))),
        ("GET", "/admin/v1/catalog/publications/{publication}") => (path.replace("{publication}", "1"), None),
        ("DELETE", "/admin/v1/catalog/publications/{publication}") => {
            let mut body = publication_of(&draft().await);
            body["from_ms"] = json!(operators.server.now().plus(60_000));
            let waiting = operators.own("POST", "/admin/v1/catalog/publications", Some(body)).await;
            let number = waiting.json::<Publication>().number;
            (path.replace("{publication}", &number.to_string()), None)
        }
        ("PUT", "/admin/v1/catalog/drafts/{draft}") => {
            let seen = in_force().await;
            let body = json!({ "name": id, "catalog": seen.catalog, "base": seen.publication.number });
            (path.replace("{draft}", &id), Some(body))
        }
        (method, "/admin/v1/catalog/drafts/{draft}") => {
            draft().await;
            let revision = if method == "DELETE" { "?revision=1" } else { "" };
            (format!("{}{revision}", path.replace("{draft}", &id)), None)
        }
        ("GET", "/admin/v1/campaigns/{campaign}/vouchers") => (path.replace("{campaign}", "default"), None),
        ("POST", "/admin/v1/campaigns/{campaign}/vouchers") => {
            (path.replace("{campaign}", "default"), Some(json!({ "count": 2 })))
        }
        ("DELETE", "/admin/v1/campaigns/{campaign}/vouchers/{issue}") => {
            let of_campaign = "/admin/v1/campaigns/default/vouchers";
            let made = operators.own("POST", of_campaign, Some(json!({ "count": 1 }))).await;
            (format!("{of_campaign}/{}", made.json::<MadeVouchers>().issue.number), None)
        }
        ("GET", path) if !path.contains('{') => (path.to_owned(), None),
        (method, path) => panic!("{method} {path}: no request is written for it"),
    }
}

#[tokio::test]
async fn every_cell_of_the_table_is_as_it_says_with_a_key_of_the_role() {
    let operators = Operators::start("table").await;
    let mut keys = Vec::new();
    for role in Role::ALL {
        keys.push((role, operators.of_role(role).await.secret));
    }
    let mut number = 0;
    for line in lines() {
        for (role, is_allowed) in &line.cells {
            number += 1;
            // The throttle is not what is tested.
            operators.server.pass(10_000);
            let (path, body) = request(&operators, &line, number).await;
            let (_, secret) = keys.iter().find(|(of, _)| of == role).unwrap();
            let before = operators.audit().await[0].number;
            let answer = operators.send(secret, line.method, &path, body).await;
            let place = format!("{} {path} as {}: {}", line.method, role.as_str(), answer.text());
            let told = operators.audit().await;
            let told = told.iter().filter(|entry| entry.number > before).map(|it| it.entry.clone());
            let told: Vec<_> = told.collect();
            if *is_allowed {
                assert_eq!(answer.status, StatusCode::OK, "{place}");
                let changes = demands().iter().find(|it| it.method == line.method && it.path == line.path);
                let changes = changes.unwrap().changes;
                assert_eq!(told.len(), usize::from(changes), "{place}");
                assert!(told.iter().all(|entry| entry.refused.is_none()), "{place}");
            } else {
                assert_eq!(
                    (answer.status, answer.code()),
                    (StatusCode::FORBIDDEN, Code::AccessRefused),
                    "{place}"
                );
                assert_eq!(told.len(), 1, "{place}");
                assert_eq!(told[0].refused, Some(Code::AccessRefused), "{place}");
            }
            // What was only tried leaves a publication that waits.
            if let Some(waiting) = operators.live().await.scheduled {
                let path = format!("/admin/v1/catalog/publications/{}", waiting.number);
                assert_eq!(operators.own("DELETE", &path, None).await.status, StatusCode::OK);
            }
        }
    }
    assert_eq!(number, lines().len() * Role::ALL.len());
}

#[tokio::test]
async fn without_a_key_no_route_does_anything() {
    let operators = Operators::start("no-key").await;
    for demand in demands() {
        let path = demand.path.replace("{key}", "00").replace("{publication}", "1").replace("{draft}", "a");
        let answer = operators.send_from("192.0.2.7", None, demand.method, &path, None).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::UNAUTHORIZED, Code::AccessMissing), "{path}");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
}

#[tokio::test]
async fn a_method_that_an_address_does_not_have_is_told_with_those_that_it_has() {
    let operators = Operators::start("methods").await;
    let answer = operators.own("PATCH", "/admin/v1/keys", None).await;
    assert_eq!(answer.code(), Code::MethodNotAllowed);
    assert_eq!(answer.header("allow"), Some("GET,HEAD,POST"));
    assert_eq!(operators.own("GET", "/admin/v1/nothing", None).await.code(), Code::NotFound);
    let head = operators.own("HEAD", "/admin/v1/catalog", None).await;
    assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
    let anonymous = operators.send_from("192.0.2.7", None, "HEAD", "/admin/v1/catalog", None).await;
    assert_eq!(anonymous.status, StatusCode::UNAUTHORIZED);
}
