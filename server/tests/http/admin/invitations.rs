//! Invitations: taken once, in time, by whoever has the link.

use dripline_shared::api::access::Role;
use dripline_shared::api::operate::By;
use dripline_shared::api::sign_in::{InvitationOptions, InvitationSecret, OperatorList};
use dripline_shared::error::Code;
use dripline_shared::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use serde_json::{Value, json};

use super::Operators;
use super::authenticator::Authenticator;
use super::people::Browser;
use crate::support::ORIGIN;

const INVITATIONS: &str = "/admin/v1/invitations";

impl Operators {
    async fn list(&self) -> OperatorList {
        self.own("GET", "/admin/v1/operators", None).await.json()
    }

    /// What becomes of an invitation in the hands of somebody with this passkey.
    async fn taken(&self, invitation: &InvitationSecret, seed: u32) -> Option<Code> {
        let answer = self.server.take(&invitation.secret, &mut Authenticator::new(seed, ORIGIN)).await;
        answer.is_problem().then(|| answer.code())
    }
}

#[tokio::test]
async fn an_invitation_has_a_link_that_is_shown_once_and_makes_one_operator() {
    let operators = Operators::start("invitation").await;
    let invitation = operators.invitation(Role::Treasurer).await;
    assert_eq!(invitation.link, format!("{ORIGIN}/console#invitation={}", invitation.secret));
    assert!(invitation.secret.starts_with(&invitation.invitation.id));
    assert_eq!(operators.list().await.invitations, std::slice::from_ref(&invitation.invitation));
    assert_eq!(operators.taken(&invitation, 1).await, None);
    let list = operators.list().await;
    assert_eq!((list.invitations.len(), list.operators.len()), (0, 1));
    assert_eq!((list.operators[0].role, list.operators[0].name.as_str()), (Role::Treasurer, "the treasurer"));
    assert_eq!(list.operators[0].by, invitation.invitation.by);
    let entry = operators.audit().await.remove(0).entry;
    assert_eq!(
        (entry.action.as_str(), entry.subject.as_deref()),
        ("invitation.take", Some(&*invitation.invitation.id))
    );
    assert!(matches!(entry.by, By::Operator { id, .. } if id == list.operators[0].id));
    assert_eq!(operators.taken(&invitation, 2).await, Some(Code::InvitationWrong), "a second time");
    for path in ["/admin/v1/audit", "/admin/v1/operators"] {
        let (_, secret) = invitation.secret.split_once('_').unwrap();
        assert!(!operators.own("GET", path, None).await.text().contains(secret), "{path}");
    }
}

#[tokio::test]
async fn what_a_key_has_invited_ends_with_the_key() {
    let operators = Operators::start("stolen").await;
    let stolen = operators.of_role(Role::Owner).await;
    let body = json!({ "name": "thief", "role": "owner" });
    let invitation: InvitationSecret =
        operators.send(&stolen.secret, "POST", INVITATIONS, Some(body)).await.json();
    let other = operators.invitation(Role::Viewer).await;
    operators.own("POST", &format!("/admin/v1/keys/{}/revoke", stolen.key.id), None).await;
    assert_eq!(operators.taken(&invitation, 1).await, Some(Code::InvitationWrong));
    assert_eq!(operators.list().await.invitations, [other.invitation]);
}

#[tokio::test]
async fn of_two_who_take_an_invitation_at_once_one_comes() {
    let operators = Operators::start("at-once").await;
    let invitation = operators.invitation(Role::Owner).await;
    let question = json!({ "invitation": invitation.secret });
    let body = async |seed: u32| -> Value {
        let asked = operators.server.visit("/admin/v1/invitation/options", Some(question.clone())).await;
        let asked: InvitationOptions = asked.json();
        let credential = Authenticator::new(seed, ORIGIN).create(&asked.public_key);
        json!({ "invitation": invitation.secret, "ceremony": asked.ceremony, "credential": credential })
    };
    let (one, other) = (body(1).await, body(2).await);
    let take = |body: Value| operators.server.visit("/admin/v1/invitation", Some(body));
    let (one, other) = tokio::join!(take(one), take(other));
    let refused: Vec<Code> = [&one, &other].iter().filter(|it| it.is_problem()).map(|it| it.code()).collect();
    assert_eq!(refused, [Code::InvitationWrong]);
    assert_eq!(operators.list().await.operators.len(), 1);
}

#[tokio::test]
async fn an_invitation_that_has_expired_was_revoked_or_made_up_is_none() {
    let operators = Operators::start("ended").await;
    let server = &operators.server;
    let invite = async |valid_ms: Option<u64>| {
        let body = json!({ "name": "Grace", "role": "viewer", "valid_ms": valid_ms });
        operators.own("POST", INVITATIONS, Some(body)).await
    };
    let short: InvitationSecret = invite(Some(HOUR_MS)).await.json();
    let usual: InvitationSecret = invite(None).await.json();
    server.pass(HOUR_MS);
    assert_eq!(operators.taken(&short, 1).await, Some(Code::InvitationWrong));
    server.pass(DAY_MS - HOUR_MS - 1);
    let asked = server.visit("/admin/v1/invitation/options", Some(json!({ "invitation": usual.secret })));
    let asked: InvitationOptions = asked.await.json();
    server.pass(1);
    let credential = Authenticator::new(1, ORIGIN).create(&asked.public_key);
    let body = json!({ "invitation": usual.secret, "ceremony": asked.ceremony, "credential": credential });
    let late = server.visit("/admin/v1/invitation", Some(body)).await;
    assert_eq!(late.code(), Code::InvitationWrong, "also where it was asked about in time");
    let revoked: InvitationSecret = invite(None).await.json();
    let path = format!("{INVITATIONS}/{}/revoke", revoked.invitation.id);
    let left: OperatorList = operators.own("POST", &path, None).await.json();
    assert_eq!(left.invitations, []);
    assert_eq!(operators.taken(&revoked, 1).await, Some(Code::InvitationWrong));
    assert_eq!(operators.own("POST", &path, None).await.code(), Code::InvitationUnknown);
    // Whoever takes a whole secret for an id has shown it to nobody.
    let known: InvitationSecret = invite(None).await.json();
    let path = format!("{INVITATIONS}/{}/revoke", known.secret);
    assert_eq!(operators.own("POST", &path, None).await.code(), Code::InvalidParameter);
    let entry = operators.audit().await.remove(0).entry;
    assert_eq!((entry.action.as_str(), entry.subject), ("invitation.revoke", None));
    let known: InvitationSecret = invite(None).await.json();
    let made_up = format!("{}_{}", known.invitation.id, "0".repeat(64));
    for secret in ["", "nonsense", &known.invitation.id, &made_up] {
        let answer =
            server.visit("/admin/v1/invitation/options", Some(json!({ "invitation": secret }))).await;
        assert_eq!(answer.code(), Code::InvitationWrong, "{secret}");
    }
    for valid_ms in [0, 7 * DAY_MS + 1] {
        let answer = invite(Some(valid_ms)).await;
        assert_eq!((answer.code(), answer.subject().as_deref()), (Code::InvalidRequest, Some("valid_ms")));
    }
}

#[tokio::test]
async fn what_was_answered_for_one_invitation_is_not_for_another_and_no_passkey_is_of_two_people() {
    let operators = Operators::start("answers").await;
    let server = &operators.server;
    let (one, other) = (operators.invitation(Role::Viewer).await, operators.invitation(Role::Owner).await);
    let ask = async |invitation: &InvitationSecret| -> InvitationOptions {
        let question = json!({ "invitation": invitation.secret });
        server.visit("/admin/v1/invitation/options", Some(question)).await.json()
    };
    let take = async |invitation: &InvitationSecret, ceremony: &str, credential: &Value| {
        let body = json!({
            "invitation": invitation.secret, "ceremony": ceremony, "credential": credential, "name": "Ada"
        });
        server.visit("/admin/v1/invitation", Some(body)).await
    };
    let asked = ask(&one).await;
    let mut passkey = Authenticator::new(1, ORIGIN);
    let credential = passkey.create(&asked.public_key);
    assert_eq!(take(&other, &asked.ceremony, &credential).await.code(), Code::CeremonyOver);
    let sign_in = server.question().await;
    assert_eq!(take(&one, &sign_in.ceremony, &credential).await.code(), Code::CeremonyOver);
    let tampered: [fn(&mut Authenticator); 3] = [
        |it| it.origin = "https://evil.example".to_owned(),
        |it| it.domain = Some("evil.example".to_owned()),
        |it| it.verifies = false,
    ];
    for tamper in tampered {
        let asked = ask(&one).await;
        let mut tampered = Authenticator::new(1, ORIGIN);
        tamper(&mut tampered);
        let credential = tampered.create(&asked.public_key);
        assert_eq!(take(&one, &asked.ceremony, &credential).await.code(), Code::PasskeyRefused);
    }
    let ada = Browser::of(&take(&one, &asked.ceremony, &credential).await, passkey.clone());
    assert_eq!(ada.me.operator.as_ref().unwrap().name, "Ada", "whoever comes may say another name");
    let asked = ask(&other).await;
    let credential = passkey.clone().create(&asked.public_key);
    assert_eq!(take(&other, &asked.ceremony, &credential).await.code(), Code::PasskeyRefused, "it is hers");
    let late = ask(&other).await;
    let credential = Authenticator::new(2, ORIGIN).create(&late.public_key);
    server.pass(5 * MINUTE_MS);
    assert_eq!(take(&other, &late.ceremony, &credential).await.code(), Code::CeremonyOver);
}

#[tokio::test]
async fn nobody_invites_more_than_they_are_and_nobody_forever_by_a_key_that_ends() {
    let operators = Operators::start("beyond").await;
    let expires_at_ms = operators.server.now().plus(DAY_MS);
    let key = |more: Value| {
        let mut request = json!({ "name": "HR", "role": "owner" });
        request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        operators.key(request)
    };
    let limited = key(json!({ "scopes": ["view", "manage_operators"] })).await;
    let invite = async |secret: &str, role: &str| {
        let body = json!({ "name": "new", "role": role });
        let answer = operators.send(secret, "POST", INVITATIONS, Some(body)).await;
        answer.is_problem().then(|| answer.code())
    };
    assert_eq!(invite(&limited.secret, "viewer").await, None);
    for role in ["editor", "treasurer", "owner"] {
        assert_eq!(invite(&limited.secret, role).await, Some(Code::AccessRefused), "{role}");
    }
    let ending = key(json!({ "expires_at_ms": expires_at_ms })).await;
    let near = key(json!({ "ranges": ["192.0.2.0/24"] })).await;
    for bound in [ending, near] {
        assert_eq!(invite(&bound.secret, "viewer").await, Some(Code::AccessRefused));
    }
    let owner = operators.invitation(Role::Owner).await;
    let path = format!("{INVITATIONS}/{}/revoke", owner.invitation.id);
    assert_eq!(operators.send(&limited.secret, "POST", &path, None).await.code(), Code::AccessRefused);
    assert_eq!(operators.list().await.invitations.len(), 2);
}

#[tokio::test]
async fn the_name_in_an_invitation_is_in_one_line_and_there_are_so_many() {
    let operators = Operators::start("names").await;
    for name in ["", " ", "a\nb", "Ma\u{200b}ry", "\u{3164}", &"x".repeat(81)] {
        let body = json!({ "name": name, "role": "viewer" });
        let answer = operators.own("POST", INVITATIONS, Some(body)).await;
        assert_eq!((answer.code(), answer.subject().as_deref()), (Code::InvalidRequest, Some("name")));
    }
    for count in 0..=100 {
        operators.server.pass(100);
        let answer = operators.own("POST", INVITATIONS, Some(json!({ "name": "x", "role": "viewer" }))).await;
        assert_eq!(
            answer.is_problem().then(|| answer.code()),
            (count == 100).then_some(Code::OperatorsUsedUp)
        );
    }
    operators.server.pass(DAY_MS);
    assert_eq!(operators.list().await.invitations, [], "those that have expired make room");
    let answer = operators.own("POST", INVITATIONS, Some(json!({ "name": "x", "role": "viewer" }))).await;
    assert!(!answer.is_problem());
}
