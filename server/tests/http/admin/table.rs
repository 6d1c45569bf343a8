//! Every route and every role: allowed or refused, as the table beside this file says.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use dripline_server::http::{Demanded, demands, operators_openapi};
use dripline_shared::api::access::Role;
use dripline_shared::error::Code;
use serde_json::Value;

use super::desk::Desk;
use super::people::{self, Browser};
use super::{Operators, requests};
use crate::support::ORIGIN;

const TABLE: &str = include_str!("access.txt");

/// A line of the table: method, path, and what it says for each role.
struct Line {
    method: &'static str,
    path: &'static str,
    cells: Vec<(Role, Cell)>,
}

/// What the table says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cell {
    Allowed,
    Refused,
    Session,
    Own,
    Anybody,
}

/// How a cell is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Key,
    Session,
    /// By a session, and about what is somebody else's.
    SessionAboutOthers,
}

impl Cell {
    fn ways(self) -> &'static [Way] {
        match self {
            Self::Own => &[Way::Key, Way::Session, Way::SessionAboutOthers],
            _ => &[Way::Key, Way::Session],
        }
    }

    /// Why it is refused that way, if it is.
    fn refused(self, way: Way) -> Option<Code> {
        match (self, way) {
            (Self::Allowed | Self::Anybody, _) | (Self::Session | Self::Own, Way::Session) => None,
            (Self::Session, _) => Some(Code::SessionNeeded),
            (Self::Refused | Self::Own, _) => Some(Code::AccessRefused),
        }
    }
}

fn lines() -> Vec<Line> {
    let line = |text: &'static str| {
        let mut words = text.split_whitespace();
        let (method, path) = (words.next().unwrap(), words.next().unwrap());
        let cell = |word| match word {
            "allowed" => Cell::Allowed,
            "refused" => Cell::Refused,
            "session" => Cell::Session,
            "own" => Cell::Own,
            "anybody" => Cell::Anybody,
            other => panic!("{text}: {other}"),
        };
        let cells: Vec<(Role, Cell)> = Role::ALL.into_iter().zip(words.by_ref().map(cell)).collect();
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

/// Whether the log calls what was done as the table calls the route, or by what exactly it was of what the route can do.
fn is_of(told: &str, action: &str) -> bool {
    match action {
        "emergency.set" => ["emergency.stop", "emergency.resume"].contains(&told),
        // With what was proposed it says who has proposed it.
        "proposal.confirm" => told == "withdrawal.approve",
        _ => told == action,
    }
}

#[tokio::test]
async fn every_cell_of_the_table_is_as_it_says_with_a_key_and_by_a_session_of_the_role() {
    let desk = Desk::start("table").await;
    let operators = &desk.operators;
    let mut number = 0;
    let mut of_role = Vec::new();
    for role in Role::ALL {
        number += 1;
        of_role.push((role, operators.of_role(role).await.secret, operators.person(role, number).await));
    }
    let mut tried = 0;
    for line in lines() {
        for (role, cell) in &line.cells {
            tried += 1;
            for way in cell.ways() {
                number += 1;
                // Neither the throttles are what is tested, nor that what is refused again within a minute is folded.
                operators.server.pass(60_000);
                let (_, key, browser) = of_role.iter().find(|(of, ..)| of == role).unwrap();
                // Whoever signs out needs another session for the next line; and what gives access for good asks for one that just began.
                let leaving = match line.path {
                    "/admin/v1/sign-out"
                    | "/admin/v1/passkeys"
                    | "/admin/v1/passkeys/options"
                    | "/admin/v1/passkeys/{passkey}"
                        if *way == Way::Session =>
                    {
                        Some(operators.server.sign_in(&mut browser.passkey.clone()).await)
                    }
                    _ => None,
                };
                let leaving = leaving.map(|answer| Browser::of(&answer, browser.passkey.clone()));
                let browser = leaving.as_ref().unwrap_or(browser);
                let own = (*way == Way::Session && *cell != Cell::Allowed).then_some(browser);
                let (path, body) = requests::request(&desk, (line.method, line.path), number, own).await;
                let before = operators.audit().await[0].number;
                let answer = match way {
                    Way::Key => {
                        let bearer = format!("Bearer {key}");
                        let headers = [("authorization", bearer.as_str()), ("origin", ORIGIN)];
                        let request = people::request(line.method, &path, &headers, body.as_ref());
                        operators.server.send(request).await
                    }
                    _ => operators.server.as_operator(browser, line.method, &path, body).await,
                };
                let place = format!("{} {path} as {} {way:?}: {}", line.method, role.as_str(), answer.text());
                let told = operators.audit().await;
                let told = told.iter().filter(|entry| entry.number > before).map(|it| it.entry.clone());
                let told: Vec<_> = told.collect();
                match cell.refused(*way) {
                    None => {
                        assert_eq!(answer.status, StatusCode::OK, "{place}");
                        let demand =
                            demands().iter().find(|it| it.method == line.method && it.path == line.path);
                        let demand = demand.unwrap();
                        assert_eq!(told.len(), usize::from(demand.changes), "{place}");
                        assert!(told.iter().all(|entry| entry.refused.is_none()), "{place}");
                        assert!(told.iter().all(|entry| is_of(&entry.action, demand.action)), "{place}");
                    }
                    Some(code) => {
                        assert_eq!((answer.status, answer.code()), (StatusCode::FORBIDDEN, code), "{place}");
                        assert_eq!(told.len(), 1, "{place}");
                        assert_eq!(told[0].refused, Some(code), "{place}");
                    }
                }
                // What was only tried leaves a publication that waits.
                if let Some(waiting) = operators.live().await.scheduled {
                    let path = format!("/admin/v1/catalog/publications/{}", waiting.number);
                    assert_eq!(operators.own("DELETE", &path, None).await.status, StatusCode::OK);
                }
                operators
                    .clear(&of_role.iter().map(|(_, _, browser)| browser.id()).collect::<Vec<_>>())
                    .await;
            }
        }
    }
    assert_eq!(tried, lines().len() * Role::ALL.len());
}

#[tokio::test]
async fn without_a_key_and_without_a_session_no_route_does_anything_but_those_to_come_by() {
    let operators = Operators::start("no-key").await;
    for demand in demands() {
        let path = demand.path.replace("{publication}", "1").replace("{draft}", "a");
        let path = path.split('/').map(|part| if part.starts_with('{') { "0000000000000000" } else { part });
        let path = path.collect::<Vec<_>>().join("/");
        let answer = operators.send_from("192.0.2.7", None, demand.method, &path, None).await;
        if demand.demanded == Demanded::Nothing {
            assert_eq!(
                (answer.status, answer.code()),
                (StatusCode::FORBIDDEN, Code::OriginRefused),
                "{path}"
            );
        } else {
            assert_eq!(
                (answer.status, answer.code()),
                (StatusCode::UNAUTHORIZED, Code::AccessMissing),
                "{path}"
            );
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        }
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
