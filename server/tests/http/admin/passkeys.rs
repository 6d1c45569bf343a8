//! A second passkey, and one that goes.

use dripline_shared::api::access::Role;
use dripline_shared::api::operate::By;
use dripline_shared::api::sign_in::OperatorView;
use dripline_shared::error::Code;
use dripline_shared::time::MINUTE_MS;
use serde_json::json;

use super::Operators;
use super::authenticator::Authenticator;
use super::people::{Browser, request};
use crate::support::ORIGIN;

const PASSKEYS: &str = "/admin/v1/passkeys";

#[tokio::test]
async fn an_operator_adds_a_passkey_signs_in_by_it_and_takes_the_first_away() {
    let operators = Operators::start("second").await;
    let server = &operators.server;
    let ada = operators.person(Role::Viewer, 1).await;
    let asked = server.as_operator(&ada, "POST", "/admin/v1/passkeys/options", None).await;
    let asked: dripline_shared::api::sign_in::Ceremony = asked.json();
    assert_eq!(asked.public_key["excludeCredentials"].as_array().unwrap().len(), 1, "not the same once more");
    let mut second = Authenticator::new(2, ORIGIN);
    let credential = second.create(&asked.public_key);
    let body = json!({ "ceremony": asked.ceremony, "name": "stick", "credential": credential });
    let added = server.as_operator(&ada, "POST", PASSKEYS, Some(body.clone())).await;
    let added: OperatorView = added.json();
    let names: Vec<&str> = added.passkeys.iter().map(|passkey| passkey.name.as_str()).collect();
    assert_eq!(names, ["first", "stick"]);
    assert_eq!(
        server.as_operator(&ada, "POST", PASSKEYS, Some(body.clone())).await.code(),
        Code::PasskeyRefused
    );
    let again = Browser::of(&server.sign_in(&mut second).await, second.clone());
    let path = format!("{PASSKEYS}/{}", added.passkeys[0].id);
    let left: OperatorView = server.as_operator(&again, "DELETE", &path, None).await.json();
    assert_eq!(left.passkeys.len(), 1);
    let me = server.as_operator(&ada, "GET", "/admin/v1/me", None).await;
    assert_eq!(me.code(), Code::SessionEnded, "what began with it has ended");
    assert_eq!(server.sign_in(&mut ada.passkey.clone()).await.code(), Code::SignInRefused);
    let path = format!("{PASSKEYS}/{}", left.passkeys[0].id);
    assert_eq!(server.as_operator(&again, "DELETE", &path, None).await.code(), Code::LastPasskey);
    let path = format!("{PASSKEYS}/{}", added.passkeys[0].id);
    assert_eq!(server.as_operator(&again, "DELETE", &path, None).await.code(), Code::PasskeyUnknown);
    // What brought a passkey here once does not bring it back.
    let first = operators.another_passkey(&again, 1).await;
    let view: OperatorView = server.as_operator(&again, "POST", PASSKEYS, Some(first.clone())).await.json();
    let path = format!("{PASSKEYS}/{}", view.passkeys[1].id);
    assert!(!server.as_operator(&again, "DELETE", &path, None).await.is_problem());
    assert_eq!(server.as_operator(&again, "POST", PASSKEYS, Some(first)).await.code(), Code::CeremonyOver);
}

#[tokio::test]
async fn an_owner_takes_the_passkey_of_a_lost_device_from_an_operator_whose_sessions_with_it_end() {
    let operators = Operators::start("lost").await;
    let server = &operators.server;
    let (ada, grace) = (operators.person(Role::Treasurer, 1).await, operators.person(Role::Owner, 2).await);
    let lost = ada.me.operator.as_ref().unwrap().passkeys[0].id.clone();
    let of_ada = |passkey: &str| format!("/admin/v1/operators/{}/passkeys/{passkey}", ada.id());
    let remove = async |passkey: &str| server.as_operator(&grace, "DELETE", &of_ada(passkey), None).await;
    assert_eq!(remove(&lost).await.code(), Code::LastPasskey, "then she is dismissed, and invited again");
    let mut kept = Authenticator::new(3, ORIGIN);
    let asked = server.as_operator(&ada, "POST", "/admin/v1/passkeys/options", None).await;
    let asked: dripline_shared::api::sign_in::Ceremony = asked.json();
    let credential = kept.create(&asked.public_key);
    let body = json!({ "ceremony": asked.ceremony, "name": "stick", "credential": credential });
    assert!(!server.as_operator(&ada, "POST", PASSKEYS, Some(body)).await.is_problem());
    let refused = server.as_operator(&ada, "DELETE", &of_ada(&lost), None).await;
    assert_eq!(refused.code(), Code::AccessRefused, "that is for whoever may manage operators");
    assert_eq!(remove(&"0".repeat(16)).await.code(), Code::PasskeyUnknown);
    let left: OperatorView = remove(&lost).await.json();
    assert_eq!((left.id.as_str(), left.passkeys.len()), (ada.id(), 1));
    let entry = operators.audit().await.remove(0).entry;
    assert_eq!((entry.action.as_str(), entry.subject.as_deref()), ("passkey.remove", Some(lost.as_str())));
    assert_eq!(entry.by, By::Operator { id: grace.id().to_owned(), name: "the owner".to_owned() });
    assert_eq!(entry.before.unwrap()["operator"], ada.id());
    assert_eq!(server.as_operator(&ada, "GET", "/admin/v1/me", None).await.code(), Code::SessionEnded);
    assert_eq!(server.sign_in(&mut ada.passkey.clone()).await.code(), Code::SignInRefused);
    assert!(!server.sign_in(&mut kept).await.is_problem(), "by the one that is left she comes in");
}

#[tokio::test]
async fn a_passkey_is_added_by_whoever_was_asked_for_it_in_time_and_from_the_page() {
    let operators = Operators::start("whose").await;
    let server = &operators.server;
    let (ada, grace) = (operators.person(Role::Viewer, 1).await, operators.person(Role::Owner, 2).await);
    let of_ada = operators.another_passkey(&ada, 3).await;
    let answer = server.as_operator(&grace, "POST", PASSKEYS, Some(of_ada.clone())).await;
    assert_eq!(answer.code(), Code::CeremonyOver);
    let headers = [("cookie", ada.cookie.as_str()), ("x-dripline-csrf", ada.csrf())];
    let answer = server.send(request("POST", PASSKEYS, &headers, Some(&of_ada))).await;
    assert_eq!(answer.code(), Code::OriginRefused, "passkeys are for a page");
    let mut nameless = of_ada.clone();
    nameless["name"] = json!("");
    let answer = server.as_operator(&ada, "POST", PASSKEYS, Some(nameless)).await;
    assert_eq!((answer.code(), answer.subject().as_deref()), (Code::InvalidRequest, Some("name")));
    server.pass(5 * MINUTE_MS);
    assert_eq!(server.as_operator(&ada, "POST", PASSKEYS, Some(of_ada)).await.code(), Code::CeremonyOver);
    for seed in 10..20 {
        let body = operators.another_passkey(&ada, seed).await;
        let answer = server.as_operator(&ada, "POST", PASSKEYS, Some(body)).await;
        assert_eq!(answer.is_problem().then(|| answer.code()), (seed == 19).then_some(Code::PasskeysUsedUp));
    }
    let path = format!("{PASSKEYS}/{}", grace.me.operator.as_ref().unwrap().passkeys[0].id);
    assert_eq!(server.as_operator(&ada, "DELETE", &path, None).await.code(), Code::PasskeyUnknown, "hers");
}

#[tokio::test]
async fn what_gives_access_for_good_asks_for_a_session_that_just_began() {
    let operators = Operators::start("fresh").await;
    let server = &operators.server;
    let ada = operators.person(Role::Owner, 1).await;
    let grace = operators.person(Role::Viewer, 2).await;
    let adding = operators.another_passkey(&ada, 3).await;
    server.pass(10 * MINUTE_MS);
    let role = format!("/admin/v1/operators/{}/role", grace.id());
    let owner = json!({ "name": "x", "role": "owner" });
    let asked = [
        ("/admin/v1/passkeys/options", None),
        ("/admin/v1/invitations", Some(owner.clone())),
        ("/admin/v1/keys", Some(owner)),
        (role.as_str(), Some(json!({ "role": "owner" }))),
    ];
    for (path, body) in &asked {
        let answer = server.as_operator(&ada, "POST", path, body.clone()).await;
        assert_eq!(answer.code(), Code::VerificationNeeded, "{path}");
    }
    let answer = server.as_operator(&ada, "POST", PASSKEYS, Some(adding)).await;
    assert_eq!(answer.code(), Code::CeremonyOver, "what was asked has expired before");
    // What gives nobody more than they should have is done as before.
    for path in ["/admin/v1/invitations", "/admin/v1/keys"] {
        let viewer = json!({ "name": "x", "role": "viewer" });
        assert!(!server.as_operator(&ada, "POST", path, Some(viewer)).await.is_problem(), "{path}");
    }
    let again = Browser::of(&server.sign_in(&mut ada.passkey.clone()).await, ada.passkey.clone());
    for (path, body) in &asked {
        assert!(!server.as_operator(&again, "POST", path, body.clone()).await.is_problem(), "{path}");
    }
    let answer = server.as_operator(&ada, "POST", "/admin/v1/passkeys/options", None).await;
    assert_eq!(answer.code(), Code::VerificationNeeded, "the other session is as old as before");
}

#[tokio::test]
async fn a_passkey_that_was_asked_for_in_time_is_not_added_once_the_session_is_older() {
    let operators = Operators::start("fresh-late").await;
    let server = &operators.server;
    let ada = operators.person(Role::Viewer, 1).await;
    server.pass(9 * MINUTE_MS);
    let adding = operators.another_passkey(&ada, 3).await;
    server.pass(MINUTE_MS);
    let answer = server.as_operator(&ada, "POST", PASSKEYS, Some(adding.clone())).await;
    assert_eq!(answer.code(), Code::VerificationNeeded);
    let again = Browser::of(&server.sign_in(&mut ada.passkey.clone()).await, ada.passkey.clone());
    assert!(!server.as_operator(&again, "POST", PASSKEYS, Some(adding)).await.is_problem());
}
