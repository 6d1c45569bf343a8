//! API keys that are wrong, expired, revoked, out of range, rotated or restricted.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::Request;
use dripline_server::http::Peer;
use dripline_shared::api::access::{
    ApiKeyList, ApiKeySecret, ApiKeyView, KeyReminder, KeyStage, Me, Permission, Role,
};
use dripline_shared::error::Code;
use dripline_shared::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use hyper::body::Frame;
use serde_json::json;
use tokio::sync::oneshot;

use super::Operators;

const ME: &str = "/admin/v1/me";

impl Operators {
    async fn code_of(&self, secret: &str) -> Option<Code> {
        let answer = self.get(secret, ME).await;
        answer.is_problem().then(|| answer.code())
    }
}

#[tokio::test]
async fn a_key_says_whose_it_is_and_what_it_may_do() {
    let operators = Operators::start("me").await;
    let editor = operators.of_role(Role::Editor).await;
    assert!(editor.secret.starts_with("dripline_live_"), "programs find it in texts");
    let me: Me = operators.get(&editor.secret, ME).await.json();
    assert_eq!(me.role, Role::Editor);
    assert_eq!(
        me.permissions,
        [
            Permission::View,
            Permission::EditCatalog,
            Permission::PublishCatalog,
            Permission::Emergency,
            Permission::ManageSites
        ]
    );
    assert_eq!(me.key.unwrap().id, editor.key.id);
}

#[tokio::test]
async fn each_way_in_which_a_key_does_not_hold_has_its_code() {
    let operators = Operators::start("codes").await;
    let now = operators.server.now();
    let key = |more: serde_json::Value| {
        let mut request = json!({ "name": "Grace", "role": "viewer" });
        request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        operators.key(request)
    };
    let (plain, expiring) = (key(json!({})).await, key(json!({ "expires_at_ms": now.plus(HOUR_MS) })).await);
    assert_eq!(operators.code_of(&plain.secret).await, None);
    for wrong in [
        plain.secret.replace("dripline_live_", "dripline_test_"),
        plain.secret[..plain.secret.len() - 1].to_owned(),
        format!("{}{}", &plain.secret[..plain.secret.len() - 64], "0".repeat(64)),
        format!("dripline_live_{}_{}", "0".repeat(16), "0".repeat(64)),
        "nonsense".to_owned(),
        plain.key.id.clone(),
    ] {
        assert_eq!(operators.code_of(&wrong).await, Some(Code::AccessWrong), "{wrong}");
    }
    assert_eq!(operators.code_of(&expiring.secret).await, None);
    operators.server.pass(HOUR_MS);
    assert_eq!(operators.code_of(&expiring.secret).await, Some(Code::AccessExpired));
    let revoke = format!("/admin/v1/keys/{}/revoke", plain.key.id);
    let revoked: ApiKeyView = operators.own("POST", &revoke, None).await.json();
    assert_eq!(revoked.stage, KeyStage::Revoked);
    assert_eq!(operators.code_of(&plain.secret).await, Some(Code::AccessRevoked), "at once");
    assert_eq!(
        operators.own("POST", &revoke, None).await.json::<ApiKeyView>(),
        revoked,
        "again is no mistake"
    );
    assert_eq!(
        operators.own("POST", "/admin/v1/keys/0000000000000000/revoke", None).await.code(),
        Code::ApiKeyUnknown
    );
}

#[tokio::test]
async fn a_key_with_networks_is_of_use_from_there_alone() {
    let operators = Operators::with("ranges", |options| {
        options.clients.proxies = vec!["10.0.0.0/8".parse().unwrap()];
    })
    .await;
    let request =
        json!({ "name": "office", "role": "viewer", "ranges": ["198.51.100.0/24", "2001:db8::/32"] });
    let key = operators.key(request).await;
    assert_eq!(key.key.ranges, ["198.51.100.0/24", "2001:db8::/32"]);
    for (peer, holds) in
        [("198.51.100.9", true), ("2001:db8::1", true), ("198.51.101.9", false), ("10.0.0.1", false)]
    {
        let answer = operators.send_from(peer, Some(&key.secret), "GET", ME, None).await;
        assert_eq!(
            answer.is_problem().then(|| answer.code()),
            (!holds).then_some(Code::AccessElsewhere),
            "{peer}"
        );
    }
    // Behind a proxy the address is the one that the proxy tells.
    for (told, is_allowed) in [("198.51.100.9", true), ("192.0.2.1", false)] {
        let bearer = format!("Bearer {}", key.secret);
        let headers = [("authorization", bearer.as_str()), ("x-forwarded-for", told)];
        let answer = operators.server.get_from("10.0.0.1", ME, &headers).await;
        assert_eq!(!answer.is_problem(), is_allowed, "{told}");
    }
}

#[tokio::test]
async fn a_rotated_key_has_two_secrets_for_a_while_and_one_after_that() {
    let operators = Operators::start("rotate").await;
    let before = operators.of_role(Role::Viewer).await;
    operators.server.pass(100 * DAY_MS);
    let listed: ApiKeyList = operators.own("GET", "/admin/v1/keys", None).await.json();
    let listed = listed.keys.into_iter().find(|key| key.id == before.key.id).unwrap();
    assert_eq!(listed.reminders, [KeyReminder::Rotate]);
    let path = format!("/admin/v1/keys/{}/rotate", before.key.id);
    let after: ApiKeySecret =
        operators.own("POST", &path, Some(json!({ "overlap_ms": HOUR_MS }))).await.json();
    assert_eq!(
        (after.key.id.as_str(), after.key.reminders.as_slice()),
        (before.key.id.as_str(), &[KeyReminder::FormerSecretHolds][..])
    );
    assert_ne!(after.secret, before.secret);
    for secret in [&before.secret, &after.secret] {
        assert_eq!(operators.code_of(secret).await, None);
    }
    operators.server.pass(HOUR_MS);
    assert_eq!(operators.code_of(&before.secret).await, Some(Code::AccessExpired));
    assert_eq!(operators.code_of(&after.secret).await, None);
    let at_once: ApiKeySecret = operators.own("POST", &path, Some(json!({ "overlap_ms": 0 }))).await.json();
    assert_eq!(operators.code_of(&after.secret).await, Some(Code::AccessExpired));
    assert_eq!(operators.code_of(&before.secret).await, Some(Code::AccessWrong));
    assert_eq!(operators.code_of(&at_once.secret).await, None);
    let long = operators.own("POST", &path, Some(json!({ "overlap_ms": 8 * DAY_MS }))).await;
    assert_eq!((long.code(), long.subject().as_deref()), (Code::InvalidRequest, Some("overlap_ms")));
    operators.own("POST", &format!("/admin/v1/keys/{}/revoke", before.key.id), None).await;
    assert_eq!(operators.own("POST", &path, Some(json!({}))).await.code(), Code::ApiKeyEnded);
}

#[tokio::test]
async fn the_last_use_of_a_key_is_known_to_the_minute() {
    let operators = Operators::start("use").await;
    let key = operators.of_role(Role::Viewer).await;
    let used = || async {
        let list: ApiKeyList = operators.own("GET", "/admin/v1/keys", None).await.json();
        list.keys.into_iter().find(|it| it.id == key.key.id).unwrap().used_at_ms
    };
    assert_eq!(used().await, None);
    let first = operators.server.now();
    operators.get(&key.secret, ME).await;
    assert_eq!(used().await, Some(first));
    operators.server.pass(MINUTE_MS - 1);
    operators.get(&key.secret, ME).await;
    assert_eq!(used().await, Some(first));
    operators.server.pass(1);
    operators.get(&key.secret, ME).await;
    assert_eq!(used().await, Some(first.plus(MINUTE_MS)));
}

#[tokio::test]
async fn scopes_and_keys_for_trying_out_restrict_what_the_role_allows() {
    let operators = Operators::start("scopes").await;
    let seeing = operators.key(json!({ "name": "CI", "role": "editor", "scopes": ["view"] })).await;
    let trying = operators.key(json!({ "name": "CI", "role": "owner", "mode": "test" })).await;
    assert!(trying.secret.starts_with("dripline_test_"));
    for secret in [&seeing.secret, &trying.secret] {
        assert!(!operators.get(secret, "/admin/v1/catalog").await.is_problem());
        let publish = json!({ "publication": 1, "replaces": 1 });
        let answer = operators.send(secret, "POST", "/admin/v1/catalog/publications", Some(publish)).await;
        assert_eq!(
            (answer.code(), answer.subject().as_deref()),
            (Code::AccessRefused, Some("publish_catalog"))
        );
    }
    assert_eq!(operators.get(&trying.secret, "/admin/v1/keys").await.code(), Code::AccessRefused);
    let beyond = json!({ "name": "CI", "role": "viewer", "scopes": ["view", "move_money"] });
    let answer = operators.own("POST", "/admin/v1/keys", Some(beyond)).await;
    assert_eq!((answer.code(), answer.subject().as_deref()), (Code::InvalidRequest, Some("scopes")));
}

#[tokio::test]
async fn nobody_gives_or_gets_by_a_key_more_than_their_own_has() {
    let operators = Operators::start("escalation").await;
    let giver =
        operators.key(json!({ "name": "HR", "role": "owner", "scopes": ["view", "manage_keys"] })).await;
    let owner = operators.of_role(Role::Owner).await;
    let make = |request| operators.send(&giver.secret, "POST", "/admin/v1/keys", Some(request));
    assert!(!make(json!({ "name": "new", "role": "viewer" })).await.is_problem());
    for role in ["editor", "treasurer", "owner"] {
        assert_eq!(make(json!({ "name": "new", "role": role })).await.code(), Code::AccessRefused, "{role}");
    }
    let path = format!("/admin/v1/keys/{}/rotate", owner.key.id);
    assert_eq!(
        operators.send(&giver.secret, "POST", &path, Some(json!({}))).await.code(),
        Code::AccessRefused
    );
    let path = format!("/admin/v1/keys/{}/revoke", owner.key.id);
    assert_eq!(operators.send(&giver.secret, "POST", &path, None).await.code(), Code::AccessRefused);
    assert_eq!(operators.code_of(&owner.secret).await, None, "its secret is as it was");
}

#[tokio::test]
async fn nobody_gives_a_key_for_longer_or_to_more_networks_than_their_own() {
    let operators = Operators::start("bounds").await;
    let until = operators.server.now().plus(DAY_MS);
    let giver = operators
        .key(json!({ "name": "CI", "role": "owner", "ranges": ["192.0.2.0/24"], "expires_at_ms": until }))
        .await;
    let make = async |ranges: serde_json::Value, expires_at_ms| {
        let request =
            json!({ "name": "new", "role": "viewer", "ranges": ranges, "expires_at_ms": expires_at_ms });
        let answer = operators.send(&giver.secret, "POST", "/admin/v1/keys", Some(request)).await;
        answer.is_problem().then(|| answer.code())
    };
    assert_eq!(make(json!(["192.0.2.128/25"]), Some(until)).await, None);
    let refused = Some(Code::AccessRefused);
    assert_eq!(make(json!(["192.0.2.128/25"]), Some(until.plus(1))).await, refused);
    assert_eq!(make(json!(["192.0.2.128/25"]), None).await, refused);
    assert_eq!(make(json!([]), Some(until)).await, refused);
    assert_eq!(make(json!(["192.0.0.0/16"]), Some(until)).await, refused);
    let path = format!("/admin/v1/keys/{}/rotate", giver.key.id);
    let later = json!({ "expires_at_ms": until.plus(1) });
    assert_eq!(operators.send(&giver.secret, "POST", &path, Some(later)).await.code(), Code::AccessRefused);
}

/// A body that comes when its sender sends it, and tells when somebody waits for it.
pub(super) struct Held {
    awaited: Option<oneshot::Sender<()>>,
    rest: oneshot::Receiver<Bytes>,
    is_over: bool,
}

impl Held {
    pub(super) fn new(awaited: oneshot::Sender<()>, rest: oneshot::Receiver<Bytes>) -> Self {
        Self { awaited: Some(awaited), rest, is_over: false }
    }
}

impl HttpBody for Held {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(awaited) = self.awaited.take() {
            awaited.send(()).unwrap();
        }
        if self.is_over {
            return Poll::Ready(None);
        }
        let rest = ready!(Pin::new(&mut self.rest).poll(context)).unwrap();
        self.is_over = true;
        Poll::Ready(Some(Ok(Frame::data(rest))))
    }
}

#[tokio::test]
async fn a_key_that_is_revoked_while_its_request_comes_does_nothing_any_more() {
    let operators = Operators::start("late").await;
    let stolen = operators.of_role(Role::Owner).await;
    let ((awaited, is_awaited), (rest, held)) = (oneshot::channel(), oneshot::channel());
    let body = Body::new(Held::new(awaited, held));
    let request = Request::post("/admin/v1/keys")
        .header("authorization", format!("Bearer {}", stolen.secret))
        .header("content-type", "application/json")
        .extension(Peer(SocketAddr::from(([192, 0, 2, 7], 50_000))))
        .body(body)
        .unwrap();
    let revoke = async {
        is_awaited.await.unwrap();
        let path = format!("/admin/v1/keys/{}/revoke", stolen.key.id);
        assert!(!operators.own("POST", &path, None).await.is_problem());
        rest.send(Bytes::from(json!({ "name": "successor", "role": "owner" }).to_string())).unwrap();
    };
    let (answer, ()) = tokio::join!(operators.server.send(request), revoke);
    assert_eq!(answer.code(), Code::AccessRevoked);
    let listed: ApiKeyList = operators.own("GET", "/admin/v1/keys", None).await.json();
    assert!(listed.keys.iter().all(|key| key.name != "successor"));
}

#[tokio::test]
async fn what_is_wrong_with_a_key_that_is_asked_for_is_told_by_its_field() {
    let operators = Operators::start("fields").await;
    let now = operators.server.now();
    for (field, request) in [
        ("name", json!({ "name": " ", "role": "viewer" })),
        ("name", json!({ "name": "a\nb", "role": "viewer" })),
        ("name", json!({ "name": "back\u{202e}pu", "role": "viewer" })),
        ("role", json!({ "name": "x", "role": "king" })),
        ("ranges[1]", json!({ "name": "x", "role": "viewer", "ranges": ["10.0.0.0/8", "everywhere"] })),
        ("expires_at_ms", json!({ "name": "x", "role": "viewer", "expires_at_ms": now })),
        ("scopes", json!({ "name": "x", "role": "viewer", "scopes": [] })),
        ("extra", json!({ "name": "x", "role": "viewer", "extra": 1 })),
    ] {
        let answer = operators.own("POST", "/admin/v1/keys", Some(request)).await;
        assert_eq!((answer.code(), answer.subject().as_deref()), (Code::InvalidRequest, Some(field)));
    }
    let list: ApiKeyList = operators.own("GET", "/admin/v1/keys", None).await.json();
    assert_eq!(list.keys.len(), 2, "nothing was made besides the first two");
}
