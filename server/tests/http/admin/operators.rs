//! Operators: what they may do, and how they go.

use dripline_shared::api::access::{ApiKeyList, ApiKeySecret, Me, Role};
use dripline_shared::api::operate::By;
use dripline_shared::api::sign_in::{InvitationSecret, OperatorList, OperatorView};
use dripline_shared::error::Code;
use serde_json::{Value, json};

use super::Operators;
use super::people::Browser;
use crate::support::Answer;

const ME: &str = "/admin/v1/me";

impl Operators {
    async fn set_role(&self, browser: &Browser, role: &str) -> Option<Code> {
        let path = format!("/admin/v1/operators/{}/role", browser.id());
        let answer = self.own("POST", &path, Some(json!({ "role": role }))).await;
        answer.is_problem().then(|| answer.code())
    }

    async fn dismiss(&self, browser: &Browser) -> Option<Code> {
        let path = format!("/admin/v1/operators/{}/dismiss", browser.id());
        let answer = self.own("POST", &path, None).await;
        answer.is_problem().then(|| answer.code())
    }
}

#[tokio::test]
async fn another_role_counts_at_once_in_sessions_that_are_open() {
    let operators = Operators::start("role").await;
    let ada = operators.person(Role::Viewer, 1).await;
    let audit = || operators.server.as_operator(&ada, "GET", "/admin/v1/audit", None);
    assert_eq!(audit().await.code(), Code::AccessRefused);
    assert_eq!(operators.set_role(&ada, "treasurer").await, None);
    assert!(!audit().await.is_problem());
    let entry = operators.audit().await.remove(0).entry;
    assert_eq!((entry.action.as_str(), entry.subject.as_deref()), ("operator.role", Some(ada.id())));
    assert_eq!(
        (&entry.before.unwrap()["role"], &entry.after.unwrap()["role"]),
        (&json!("viewer"), &json!("treasurer"))
    );
    assert_eq!(operators.set_role(&ada, "editor").await, None);
    assert_eq!(audit().await.code(), Code::AccessRefused);
    let me: Me = operators.server.as_operator(&ada, "GET", ME, None).await.json();
    assert_eq!((me.role, me.operator.unwrap().role), (Role::Editor, Role::Editor));
}

#[tokio::test]
async fn whoever_is_dismissed_is_out_of_all_sessions_and_does_not_come_back() {
    let operators = Operators::start("dismiss").await;
    let server = &operators.server;
    operators.person(Role::Owner, 1).await;
    let grace = operators.person(Role::Owner, 2).await;
    let other = Browser::of(&server.sign_in(&mut grace.passkey.clone()).await, grace.passkey.clone());
    let invite = json!({ "name": "friend", "role": "owner" });
    let of_grace = server.as_operator(&grace, "POST", "/admin/v1/invitations", Some(invite)).await;
    let of_grace: InvitationSecret = of_grace.json();
    let key = json!({ "name": "program", "role": "viewer" });
    assert!(!server.as_operator(&grace, "POST", "/admin/v1/keys", Some(key)).await.is_problem());
    assert_eq!(operators.dismiss(&grace).await, None);
    for browser in [&grace, &other] {
        let answer = server.as_operator(browser, "GET", ME, None).await;
        assert_eq!(answer.code(), Code::SessionEnded);
    }
    assert_eq!(server.sign_in(&mut grace.passkey.clone()).await.code(), Code::SignInRefused);
    let question = json!({ "invitation": of_grace.secret });
    let answer = server.visit("/admin/v1/invitation/options", Some(question)).await;
    assert_eq!(answer.code(), Code::InvitationWrong, "whom she invited does not come either");
    let keys: ApiKeyList = operators.own("GET", "/admin/v1/keys", None).await.json();
    let program = keys.keys.iter().find(|key| key.name == "program").unwrap();
    assert!(
        matches!(&program.by, By::Operator { id, .. } if id == grace.id()),
        "that is seen, to be looked after"
    );
    assert_eq!(operators.dismiss(&grace).await, Some(Code::OperatorUnknown));
    assert_eq!(operators.set_role(&grace, "owner").await, Some(Code::OperatorUnknown));
}

#[tokio::test]
async fn whom_somebody_has_invited_by_a_key_of_theirs_does_not_come_once_they_are_dismissed() {
    let operators = Operators::start("dismiss-key").await;
    let server = &operators.server;
    let (ada, grace) = (operators.person(Role::Owner, 1).await, operators.person(Role::Owner, 2).await);
    let key = json!({ "name": "program", "role": "owner" });
    let key: ApiKeySecret = server.as_operator(&grace, "POST", "/admin/v1/keys", Some(key)).await.json();
    let other = json!({ "name": "of the program", "role": "owner" });
    let other: ApiKeySecret = operators.send(&key.secret, "POST", "/admin/v1/keys", Some(other)).await.json();
    let invite = json!({ "name": "friend", "role": "viewer" });
    let path = "/admin/v1/invitations";
    let of_grace = [
        operators.send(&key.secret, "POST", path, Some(invite.clone())).await,
        operators.send(&other.secret, "POST", path, Some(invite.clone())).await,
    ];
    let of_ada = server.as_operator(&ada, "POST", path, Some(invite)).await;
    assert_eq!(operators.dismiss(&grace).await, None);
    let opens = async |answer: &Answer| {
        let question = json!({ "invitation": answer.json::<InvitationSecret>().secret });
        let asked = server.visit("/admin/v1/invitation/options", Some(question)).await;
        asked.is_problem().then(|| asked.code())
    };
    for invitation in &of_grace {
        assert_eq!(opens(invitation).await, Some(Code::InvitationWrong));
    }
    assert_eq!(opens(&of_ada).await, None, "whom others have invited does");
    assert!(!operators.get(&other.secret, ME).await.is_problem(), "the keys hold on");
}

#[tokio::test]
async fn the_last_owner_neither_goes_nor_becomes_something_else() {
    let operators = Operators::start("last-owner").await;
    let ada = operators.person(Role::Owner, 1).await;
    operators.person(Role::Editor, 2).await;
    assert_eq!(operators.dismiss(&ada).await, Some(Code::LastOwner));
    assert_eq!(operators.set_role(&ada, "treasurer").await, Some(Code::LastOwner));
    assert_eq!(operators.set_role(&ada, "owner").await, None, "which is no change");
    let path = format!("/admin/v1/operators/{}/role", ada.id());
    let own = json!({ "role": "viewer" });
    let answer = operators.server.as_operator(&ada, "POST", &path, Some(own.clone())).await;
    assert_eq!(answer.code(), Code::LastOwner, "not by herself either");
    let grace = operators.person(Role::Owner, 3).await;
    let view: OperatorView = operators.server.as_operator(&ada, "POST", &path, Some(own)).await.json();
    assert_eq!(view.role, Role::Viewer);
    assert_eq!(operators.dismiss(&grace).await, Some(Code::LastOwner));
    assert_eq!(operators.dismiss(&ada).await, None);
    let list: OperatorList = operators.own("GET", "/admin/v1/operators", None).await.json();
    assert_eq!(list.operators.len(), 2);
}

#[tokio::test]
async fn of_two_owners_who_dismiss_each_other_at_once_one_stays() {
    let operators = Operators::start("each-other").await;
    let (ada, grace) = (operators.person(Role::Owner, 1).await, operators.person(Role::Owner, 2).await);
    let dismiss = async |by: &Browser, whom: &Browser| {
        let path = format!("/admin/v1/operators/{}/dismiss", whom.id());
        operators.server.as_operator(by, "POST", &path, None).await.is_problem()
    };
    let (one, other) = tokio::join!(dismiss(&ada, &grace), dismiss(&grace, &ada));
    assert!(one != other, "{one} {other}");
    let list: OperatorList = operators.own("GET", "/admin/v1/operators", None).await.json();
    assert_eq!(list.operators.len(), 1);
}

#[tokio::test]
async fn nobody_gives_or_takes_more_than_they_may_do_themselves() {
    let operators = Operators::start("roles").await;
    let request = json!({ "name": "HR", "role": "owner", "scopes": ["view", "manage_operators"] });
    let limited = operators.key(request).await;
    operators.person(Role::Owner, 1).await;
    let (editor, viewer) = (operators.person(Role::Editor, 2).await, operators.person(Role::Viewer, 3).await);
    let ask = async |browser: &Browser, what: &str, body: Option<Value>| {
        let path = format!("/admin/v1/operators/{}/{what}", browser.id());
        let answer = operators.send(&limited.secret, "POST", &path, body).await;
        answer.is_problem().then(|| answer.code())
    };
    let refused = Some(Code::AccessRefused);
    assert_eq!(
        ask(&viewer, "role", Some(json!({ "role": "editor" }))).await,
        refused,
        "no more than its own"
    );
    assert_eq!(
        ask(&editor, "role", Some(json!({ "role": "viewer" }))).await,
        refused,
        "nor from those with more"
    );
    assert_eq!(ask(&editor, "dismiss", None).await, refused);
    let path = format!("/admin/v1/sessions/{}/revoke", editor.session());
    assert_eq!(operators.send(&limited.secret, "POST", &path, None).await.code(), Code::AccessRefused);
    assert_eq!(ask(&viewer, "dismiss", None).await, None);
    // Keys that an operator makes are bound by what the operator may do.
    let owner = operators.person(Role::Owner, 4).await;
    let key = json!({ "name": "all", "role": "owner" });
    assert!(!operators.server.as_operator(&owner, "POST", "/admin/v1/keys", Some(key)).await.is_problem());
}
