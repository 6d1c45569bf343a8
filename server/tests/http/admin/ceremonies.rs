//! Signing in with a passkey, and every way in which it is refused.

use dripline_shared::api::access::{Me, Role};
use dripline_shared::api::operate::By;
use dripline_shared::api::sign_in::Ceremony;
use dripline_shared::error::Code;
use dripline_shared::time::MINUTE_MS;
use serde_json::{Value, json};

use super::authenticator::Authenticator;
use super::people::{Browser, request};
use super::{ADDRESS, Operators};
use crate::support::ORIGIN;

/// Does something to a passkey.
type Tamper = fn(&mut Authenticator);

#[tokio::test]
async fn whoever_was_invited_signs_in_with_their_passkey_and_says_who_they_are() {
    let operators = Operators::start("sign-in").await;
    let mut ada = operators.person(Role::Editor, 1).await;
    operators.server.pass(MINUTE_MS);
    let answer = operators.server.sign_in(&mut ada.passkey).await;
    let again = Browser::of(&answer, ada.passkey.clone());
    assert_ne!(again.cookie, ada.cookie);
    let me: Me = operators.server.as_operator(&again, "GET", "/admin/v1/me", None).await.json();
    assert_eq!(me, again.me);
    assert_eq!((me.role, me.key), (Role::Editor, None));
    assert!(matches!(&me.by, By::Operator { id, name } if id == ada.id() && name == "the editor"));
    let operator = me.operator.unwrap();
    assert_eq!(operator.signed_in_at_ms, Some(operators.server.now()));
    assert_eq!(operator.passkeys[0].used_at_ms, Some(operators.server.now()));
    let entry = operators.audit().await.remove(0).entry;
    assert_eq!((entry.action.as_str(), entry.refused), ("sign_in", None));
    assert_eq!((entry.by, entry.from.as_deref()), (me.by, Some("192.0.2.0/24")));
}

#[tokio::test]
async fn what_a_passkey_has_answered_counts_once_and_for_five_minutes() {
    let operators = Operators::start("replay").await;
    let mut ada = operators.person(Role::Viewer, 1).await;
    let server = &operators.server;
    let asked = server.question().await;
    let credential = ada.passkey.get(&asked.public_key);
    assert!(!server.answered(&asked, credential.clone()).await.is_problem());
    assert_eq!(server.answered(&asked, credential.clone()).await.code(), Code::CeremonyOver);
    let entry = operators.audit().await.remove(0).entry;
    assert_eq!((entry.action.as_str(), entry.refused), ("sign_in", Some(Code::CeremonyOver)));
    assert!(matches!(entry.by, By::Operator { id, .. } if id == ada.id()), "it was their passkey");
    // The answer to one question is none to another.
    let other = server.question().await;
    assert_eq!(server.answered(&other, credential).await.code(), Code::SignInRefused);
    let late = server.question().await;
    let credential = ada.passkey.get(&late.public_key);
    server.pass(5 * MINUTE_MS);
    assert_eq!(server.answered(&late, credential).await.code(), Code::CeremonyOver);
    // And nobody makes up a question.
    let asked = server.question().await;
    for ceremony in ["", "nonsense", &asked.ceremony[1..], &asked.ceremony.replace('.', "")] {
        let made_up = Ceremony { ceremony: ceremony.to_owned(), public_key: asked.public_key.clone() };
        let credential = ada.passkey.get(&made_up.public_key);
        assert_eq!(server.answered(&made_up, credential).await.code(), Code::CeremonyOver, "{ceremony}");
    }
}

#[tokio::test]
async fn a_passkey_that_answers_for_another_page_or_without_its_holder_signs_nobody_in() {
    let operators = Operators::start("tampered").await;
    let ada = operators.person(Role::Owner, 1).await;
    let tampered: [(&str, Tamper); 5] = [
        ("another origin", |it| it.origin = "https://evil.example".to_owned()),
        ("another port", |it| it.origin = "http://localhost:8081".to_owned()),
        ("another domain", |it| it.domain = Some("evil.example".to_owned())),
        ("no user verification", |it| it.verifies = false),
        ("inside another page", |it| it.is_framed = true),
    ];
    for (what, tamper) in tampered {
        let mut passkey = ada.passkey.clone();
        tamper(&mut passkey);
        let answer = operators.server.sign_in(&mut passkey).await;
        assert_eq!(answer.code(), Code::SignInRefused, "{what}");
        assert_eq!(answer.header("set-cookie"), None, "{what}");
    }
    assert!(!operators.server.sign_in(&mut ada.passkey.clone()).await.is_problem());
}

#[tokio::test]
async fn a_stranger_signs_nobody_in_and_the_audit_log_has_it_once_a_minute() {
    let operators = Operators::start("stranger").await;
    let ada = operators.person(Role::Owner, 1).await;
    let strangers =
        || async { operators.audit().await.iter().filter(|line| line.entry.by == By::Unknown).count() };
    // Somebody with a key of their own, who says to be her.
    let mut forged = with_user(9, &ada);
    forged.credential.clone_from(&ada.passkey.credential);
    let mut unknown = with_user(8, &ada);
    let mut nobody = Authenticator::new(7, ORIGIN);
    let asked = json!({ "user": { "id": "AAAAAAAAAAA" }, "rp": { "id": "localhost" }, "challenge": "AAAA",
        "authenticatorSelection": { "userVerification": "required", "residentKey": "required" } });
    nobody.create(&asked);
    for passkey in [&mut forged, &mut unknown, &mut nobody] {
        assert_eq!(operators.server.sign_in(passkey).await.code(), Code::SignInRefused);
    }
    assert_eq!(strangers().await, 1);
    operators.server.pass(MINUTE_MS);
    assert_eq!(operators.server.sign_in(&mut forged).await.code(), Code::SignInRefused);
    assert_eq!(strangers().await, 2);
    let asked = operators.server.question().await;
    for credential in [json!(null), json!({}), json!({ "id": "AAAA" }), json!("nonsense")] {
        let answer = operators.server.answered(&asked, credential).await;
        assert_eq!((answer.code(), answer.subject().as_deref()), (Code::InvalidRequest, Some("credential")));
    }
}

/// A passkey with a key of its own that says to be somebody's.
fn with_user(seed: u32, somebody: &Browser) -> Authenticator {
    let mut passkey = Authenticator::new(seed, ORIGIN);
    let user: Vec<u8> =
        (0..8).map(|at| u8::from_str_radix(&somebody.id()[2 * at..2 * at + 2], 16).unwrap()).collect();
    let user = base64::Engine::encode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, user);
    passkey.create(&json!({ "user": { "id": user }, "rp": { "id": "localhost" }, "challenge": "AAAA",
        "authenticatorSelection": { "userVerification": "required", "residentKey": "required" } }));
    passkey
}

#[tokio::test]
async fn a_signature_counter_that_has_gone_back_tells_of_a_copy() {
    let operators = Operators::start("copy").await;
    let invitation = operators.invitation(Role::Owner).await;
    let mut passkey = Authenticator::new(1, ORIGIN);
    passkey.counter = 5;
    let ada = Browser::of(&operators.server.take(&invitation.secret, &mut passkey).await, passkey.clone());
    let mut copy = passkey.clone();
    assert!(!operators.server.sign_in(&mut passkey).await.is_problem());
    assert!(!operators.server.sign_in(&mut passkey).await.is_problem());
    let answer = operators.server.sign_in(&mut copy).await;
    assert_eq!(answer.code(), Code::SignInRefused);
    assert!(answer.text().contains("it may have been copied"), "{}", answer.text());
    // Each time: whoever looks into the log is to see it.
    for _ in 0..2 {
        copy.counter = 6;
        assert_eq!(operators.server.sign_in(&mut copy).await.code(), Code::SignInRefused);
        let entry = operators.audit().await.remove(0).entry;
        assert_eq!((entry.action.as_str(), entry.refused), ("sign_in", Some(Code::SignInRefused)));
        assert!(matches!(entry.by, By::Operator { id, .. } if id == ada.id()));
    }
}

#[tokio::test]
async fn nobody_signs_in_from_elsewhere_or_where_the_address_is_a_number() {
    let operators = Operators::start("origins").await;
    let bodies = [
        ("/admin/v1/sign-in/options", None),
        ("/admin/v1/sign-in", Some(json!({ "ceremony": "", "credential": {} }))),
        ("/admin/v1/invitation/options", Some(json!({ "invitation": "" }))),
        ("/admin/v1/invitation", Some(json!({ "invitation": "", "ceremony": "", "credential": {} }))),
    ];
    for (path, body) in bodies {
        let ask = async |headers: &[(&str, &str)]| {
            let answer = operators.server.send(request("POST", path, headers, body.as_ref())).await;
            (answer.code(), answer.subject())
        };
        let subject = |text: &str| Some(text.to_owned());
        assert_eq!(ask(&[]).await, (Code::OriginRefused, subject("origin")), "{path}");
        let evil = [("origin", "https://evil.example")];
        assert_eq!(ask(&evil).await, (Code::OriginRefused, subject("origin")), "{path}");
        let framed = [("origin", ORIGIN), ("sec-fetch-site", "cross-site")];
        assert_eq!(ask(&framed).await, (Code::OriginRefused, subject("sec-fetch-site")), "{path}");
        assert_eq!(ask(&[("origin", ADDRESS)]).await.0, Code::PasskeysNeedDomain, "{path}");
    }
}

#[tokio::test]
async fn people_who_are_not_signed_in_ask_only_so_often_from_a_network() {
    let operators = Operators::start("visitors").await;
    let mut refused = None;
    for count in 0..100 {
        let answer = operators.server.visit("/admin/v1/sign-in/options", None).await;
        if answer.is_problem() {
            assert_eq!(answer.code(), Code::RateLimited);
            refused = Some(count);
            break;
        }
    }
    assert_eq!(refused, Some(30));
    assert!(!operators.own("GET", "/admin/v1/me", None).await.is_problem(), "others are not held up");
    operators.server.pass(2_000);
    assert!(!operators.server.visit("/admin/v1/sign-in/options", None).await.is_problem());
}

#[tokio::test]
async fn what_is_asked_is_in_the_form_of_browsers_and_for_the_domain_of_the_page() {
    let operators = Operators::start("options").await;
    let asked = operators.server.question().await.public_key;
    assert_eq!(asked["rpId"], "localhost");
    assert_eq!(asked["userVerification"], "required");
    assert_eq!(asked["allowCredentials"], Value::Array(Vec::new()), "whoever has a passkey is found by it");
    assert_eq!(asked["timeout"], 300_000);
    let invitation = operators.invitation(Role::Viewer).await;
    let asked = operators
        .server
        .visit("/admin/v1/invitation/options", Some(json!({ "invitation": invitation.secret })));
    let asked: Value = asked.await.json();
    assert_eq!(asked["invitation"], json!(invitation.invitation));
    assert_eq!(asked["public_key"]["rp"], json!({ "id": "localhost", "name": "Dripline" }));
    assert_eq!(asked["public_key"]["user"]["displayName"], "the viewer");
    assert_eq!(asked["public_key"]["attestation"], "none");
}
