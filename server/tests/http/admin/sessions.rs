//! Sessions: how long they are open, and how they end.

use axum::body::{Body, Bytes};
use axum::http::Request;
use dripline_server::faucet::Settings;
use dripline_shared::api::access::{ApiKeyList, Role};
use dripline_shared::api::sign_in::SessionList;
use dripline_shared::error::Code;
use dripline_shared::time::{HOUR_MS, MINUTE_MS};
use serde_json::json;
use tokio::sync::oneshot;

use super::Operators;
use super::keys::Held;
use super::people::Browser;
use crate::support::{ORIGIN, Server};

const ME: &str = "/admin/v1/me";
const SESSIONS: &str = "/admin/v1/sessions";

impl Server {
    async fn code_of(&self, browser: &Browser) -> Option<Code> {
        let answer = self.as_operator(browser, "GET", ME, None).await;
        answer.is_problem().then(|| answer.code())
    }

    async fn list(&self, browser: &Browser) -> SessionList {
        self.as_operator(browser, "GET", SESSIONS, None).await.json()
    }
}

#[tokio::test]
async fn a_session_ends_an_hour_after_its_last_use_and_half_a_day_after_it_began() {
    let operators = Operators::start("expiry").await;
    let server = &operators.server;
    let ada = operators.person(Role::Viewer, 1).await;
    server.pass(HOUR_MS - 1);
    assert_eq!(server.code_of(&ada).await, None);
    server.pass(HOUR_MS);
    assert_eq!(server.code_of(&ada).await, Some(Code::SessionEnded), "an hour without a use");
    let again = Browser::of(&server.sign_in(&mut ada.passkey.clone()).await, ada.passkey.clone());
    let began = server.now();
    for _ in 0..23 {
        server.pass(HOUR_MS / 2);
        assert_eq!(server.code_of(&again).await, None, "{}", server.now().since(began));
    }
    let session = server.list(&again).await.sessions.remove(0);
    assert_eq!((session.made_at_ms, session.used_at_ms), (began, server.now()));
    assert_eq!(session.idle_until_ms, began.plus(12 * HOUR_MS), "not later than its end");
    server.pass(HOUR_MS / 2 - 1);
    assert_eq!(server.code_of(&again).await, None);
    server.pass(1);
    assert_eq!(server.code_of(&again).await, Some(Code::SessionEnded), "half a day in all");
}

#[tokio::test]
async fn the_last_use_of_a_session_is_known_to_the_minute() {
    let operators = Operators::start("session-use").await;
    let server = &operators.server;
    let ada = operators.person(Role::Owner, 1).await;
    let began = server.now();
    server.pass(MINUTE_MS - 1);
    assert_eq!(server.list(&ada).await.sessions[0].used_at_ms, began);
    server.pass(1);
    assert_eq!(server.list(&ada).await.sessions[0].used_at_ms, began.plus(MINUTE_MS));
}

#[tokio::test]
async fn whoever_signs_out_is_out_and_so_is_whose_session_was_revoked() {
    let operators = Operators::start("sign-out").await;
    let server = &operators.server;
    let (ada, grace) = (operators.person(Role::Owner, 1).await, operators.person(Role::Viewer, 2).await);
    server.pass(1);
    let other = Browser::of(&server.sign_in(&mut grace.passkey.clone()).await, grace.passkey.clone());
    let seen: Vec<String> = server.list(&grace).await.sessions.into_iter().map(|it| it.id).collect();
    assert_eq!(seen, [grace.session(), other.session()], "one's own");
    assert_eq!(server.list(&ada).await.sessions.len(), 3, "everybody's");
    assert!(server.list(&ada).await.sessions.iter().all(|it| it.is_own == (it.id == ada.session())));
    let answer = server.as_operator(&grace, "POST", "/admin/v1/sign-out", None).await;
    assert!(answer.header("set-cookie").unwrap().starts_with("__Host-dripline=; Max-Age=0; "));
    assert_eq!(answer.json::<SessionList>().sessions.len(), 1);
    assert_eq!(server.code_of(&grace).await, Some(Code::SessionEnded));
    assert_eq!(server.code_of(&other).await, None);
    let revoke = |id: &str| format!("{SESSIONS}/{id}/revoke");
    for id in [ada.session(), "0000000000000000"] {
        let answer = server.as_operator(&other, "POST", &revoke(id), None).await;
        assert_eq!(answer.code(), Code::AccessRefused, "others' are for owners, and nobody learns of them");
    }
    let left: SessionList = server.as_operator(&ada, "POST", &revoke(other.session()), None).await.json();
    assert_eq!(left.sessions.len(), 1);
    assert_eq!(server.code_of(&other).await, Some(Code::SessionEnded));
    let answer = server.as_operator(&ada, "POST", &revoke(other.session()), None).await;
    assert_eq!(answer.code(), Code::SessionUnknown);
}

#[tokio::test]
async fn an_operator_has_ten_sessions_and_the_oldest_ends_with_another_one() {
    let operators = Operators::start("ten").await;
    let server = &operators.server;
    let ada = operators.person(Role::Viewer, 1).await;
    let grace = operators.person(Role::Viewer, 2).await;
    let mut last = ada.clone();
    for count in 1..=10 {
        assert_eq!(server.code_of(&ada).await, None, "{count}");
        server.pass(10_000);
        last = Browser::of(&server.sign_in(&mut last.passkey).await, last.passkey.clone());
    }
    assert_eq!(server.code_of(&ada).await, Some(Code::SessionEnded));
    assert_eq!(server.list(&last).await.sessions.len(), 10);
    assert_eq!(server.code_of(&grace).await, None, "others' do not count");
}

#[tokio::test]
async fn a_cookie_that_was_made_up_is_no_session() {
    let operators = Operators::start("made-up").await;
    let ada = operators.person(Role::Owner, 1).await;
    let (name, token) = ada.cookie.split_once('=').unwrap();
    assert_eq!(name, "__Host-dripline");
    let (id, secret) = token.split_once('_').unwrap();
    let other = if secret.starts_with('0') { "1" } else { "0" };
    for (cookie, code) in [
        (format!("{name}={id}_{other}{}", &secret[1..]), Code::SessionEnded),
        (format!("{name}={}_{secret}", "0".repeat(16)), Code::SessionEnded),
        (format!("{name}={id}"), Code::AccessMissing),
        (format!("dripline={token}"), Code::AccessMissing),
        (String::new(), Code::AccessMissing),
    ] {
        let forged = Browser { cookie: cookie.clone(), ..ada.clone() };
        assert_eq!(operators.server.code_of(&forged).await, Some(code), "{cookie}");
    }
    // Neither does an invitation open a session.
    let invitation = operators.invitation(Role::Owner).await;
    let forged = Browser { cookie: format!("{name}={}", invitation.secret), ..ada.clone() };
    assert_eq!(operators.server.code_of(&forged).await, Some(Code::SessionEnded));
}

/// A request of an owner's to make a key whose body is held back, what tells that it is waited for, and what lets it go on.
fn held(browser: &Browser) -> (Request<Body>, oneshot::Receiver<()>, oneshot::Sender<Bytes>) {
    let ((awaited, is_awaited), (rest, held)) = (oneshot::channel(), oneshot::channel());
    let body = json!({});
    let (parts, _) = browser.request("POST", "/admin/v1/keys", Some(&body)).into_parts();
    (Request::from_parts(parts, Body::new(Held::new(awaited, held))), is_awaited, rest)
}

#[tokio::test]
async fn whoever_is_dismissed_demoted_or_signed_out_while_their_request_comes_changes_nothing() {
    let operators = Operators::start("in-flight").await;
    let server = &operators.server;
    operators.person(Role::Owner, 1).await;
    for (seed, code) in [(2, Code::SessionEnded), (3, Code::SessionEnded), (4, Code::AccessRefused)] {
        let grace = operators.person(Role::Owner, seed).await;
        let (request, is_awaited, rest) = held(&grace);
        let end = async {
            is_awaited.await.unwrap();
            let (path, body) = match seed {
                2 => (format!("/admin/v1/operators/{}/dismiss", grace.id()), None),
                3 => (format!("{SESSIONS}/{}/revoke", grace.session()), None),
                _ => (format!("/admin/v1/operators/{}/role", grace.id()), Some(json!({ "role": "editor" }))),
            };
            let answer = operators.own("POST", &path, body).await;
            assert!(!answer.is_problem(), "{}", answer.text());
            rest.send(Bytes::from(json!({ "name": "successor", "role": "owner" }).to_string())).unwrap();
        };
        let (answer, ()) = tokio::join!(server.send(request), end);
        assert_eq!(answer.code(), code, "{seed}");
        let entry = operators.audit().await.remove(0).entry;
        assert_eq!((entry.action.as_str(), entry.refused), ("key.make", Some(code)));
    }
    let listed: ApiKeyList = operators.own("GET", "/admin/v1/keys", None).await.json();
    assert!(listed.keys.iter().all(|key| key.name != "successor"));
}

#[tokio::test]
async fn sessions_and_questions_live_on_with_the_store() {
    let operators = Operators::start("restart").await;
    let ada = operators.person(Role::Owner, 1).await;
    let asked = operators.server.question().await;
    let Operators { server, folder, .. } = operators;
    let settings = Settings { data: Some(folder.0.clone()), ..Settings::new(None) };
    let server = server.again(settings, |options| options.admin_origins = vec![ORIGIN.to_owned()]).await;
    assert_eq!(server.code_of(&ada).await, None);
    let credential = ada.passkey.clone().get(&asked.public_key);
    assert!(!server.answered(&asked, credential.clone()).await.is_problem(), "asked before the start");
    assert_eq!(server.answered(&asked, credential).await.code(), Code::CeremonyOver);
}
