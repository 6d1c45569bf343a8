//! Operators who sign in, for the tests of what they do.

use std::net::SocketAddr;

use axum::body::Body;
use axum::http::{Method, Request};
use dripline_server::http::Peer;
use dripline_shared::api::access::{Me, Role};
use dripline_shared::api::operate::DraftList;
use dripline_shared::api::sign_in::{Ceremony, InvitationOptions, InvitationSecret, OperatorList};
use serde_json::{Value, json};

use super::authenticator::Authenticator;
use super::{HOME, Operators};
use crate::support::{Answer, ORIGIN, Server};

/// A browser in which somebody has signed in.
#[derive(Clone)]
pub(super) struct Browser {
    /// `name=value`.
    pub(super) cookie: String,
    pub(super) me: Me,
    pub(super) passkey: Authenticator,
}

impl Browser {
    pub(super) fn id(&self) -> &str {
        &self.me.operator.as_ref().unwrap().id
    }

    pub(super) fn session(&self) -> &str {
        &self.me.session.as_ref().unwrap().id
    }

    pub(super) fn csrf(&self) -> &str {
        self.me.csrf.as_ref().unwrap()
    }

    /// What is kept of the answer to whoever has signed in.
    pub(super) fn of(answer: &Answer, passkey: Authenticator) -> Self {
        let me: Me = answer.json();
        let (cookie, kept) = answer.header("set-cookie").unwrap().split_once(';').unwrap();
        for needed in ["Path=/", "Secure", "HttpOnly", "SameSite=Strict"] {
            assert!(kept.split(';').any(|it| it.trim() == needed), "{needed}: {kept}");
        }
        Self { cookie: cookie.to_owned(), me, passkey }
    }

    /// A request as the page of a browser makes it.
    pub(super) fn request(&self, method: &str, path: &str, body: Option<&Value>) -> Request<Body> {
        let mut headers = vec![("cookie", self.cookie.as_str()), ("sec-fetch-site", "same-origin")];
        if !matches!(method, "GET" | "HEAD") {
            headers.extend([("origin", ORIGIN), ("x-dripline-csrf", self.csrf())]);
        }
        request(method, path, &headers, body)
    }
}

/// A request with these headers.
pub(super) fn request(
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Option<&Value>,
) -> Request<Body> {
    let method: Method = method.parse().unwrap();
    let request = Request::builder().method(method).uri(path);
    let mut request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    if body.is_some() {
        request = request.header("content-type", "application/json");
    }
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    request.extension(Peer(SocketAddr::new(HOME.parse().unwrap(), 50_000))).body(body).unwrap()
}

impl Server {
    /// As the page where operators sign in asks.
    pub(super) async fn visit(&self, path: &str, body: Option<Value>) -> Answer {
        let headers = [("origin", ORIGIN), ("sec-fetch-site", "same-origin")];
        self.send(request("POST", path, &headers, body.as_ref())).await
    }

    /// What passkeys are asked so that somebody signs in.
    pub(super) async fn question(&self) -> Ceremony {
        self.visit("/admin/v1/sign-in/options", None).await.json()
    }

    pub(super) async fn answered(&self, asked: &Ceremony, credential: Value) -> Answer {
        let body = json!({ "ceremony": asked.ceremony, "credential": credential });
        self.visit("/admin/v1/sign-in", Some(body)).await
    }

    /// Somebody tries to sign in.
    pub(super) async fn sign_in(&self, passkey: &mut Authenticator) -> Answer {
        let asked = self.question().await;
        let credential = passkey.get(&asked.public_key);
        self.answered(&asked, credential).await
    }

    /// Somebody tries to take an invitation.
    pub(super) async fn take(&self, invitation: &str, passkey: &mut Authenticator) -> Answer {
        let asked =
            self.visit("/admin/v1/invitation/options", Some(json!({ "invitation": invitation }))).await;
        if asked.is_problem() {
            return asked;
        }
        let asked: InvitationOptions = asked.json();
        let credential = passkey.create(&asked.public_key);
        let body = json!({ "invitation": invitation, "ceremony": asked.ceremony, "credential": credential });
        self.visit("/admin/v1/invitation", Some(body)).await
    }

    /// As somebody who has signed in.
    pub(super) async fn as_operator(
        &self,
        browser: &Browser,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Answer {
        self.send(browser.request(method, path, body.as_ref())).await
    }
}

impl Operators {
    /// An invitation that the owner makes.
    pub(super) async fn invitation(&self, role: Role) -> InvitationSecret {
        let body = json!({ "name": format!("the {}", role.as_str()), "role": role });
        self.own("POST", "/admin/v1/invitations", Some(body)).await.json()
    }

    /// Somebody of this role who has come by an invitation, with the passkey of this number.
    pub(super) async fn person(&self, role: Role, seed: u32) -> Browser {
        let invitation = self.invitation(role).await;
        let mut passkey = Authenticator::new(seed, ORIGIN);
        let answer = self.server.take(&invitation.secret, &mut passkey).await;
        Browser::of(&answer, passkey)
    }

    /// What adds the passkey of this number for somebody.
    pub(super) async fn another_passkey(&self, somebody: &Browser, seed: u32) -> Value {
        let asked = self.server.as_operator(somebody, "POST", "/admin/v1/passkeys/options", None).await;
        let asked: Ceremony = asked.json();
        let credential = Authenticator::new(seed, ORIGIN).create(&asked.public_key);
        json!({ "ceremony": asked.ceremony, "name": format!("key {seed}"), "credential": credential })
    }

    /// Has nobody there but these, no invitations, and no drafts: there are bounds for all of them.
    pub(super) async fn clear(&self, staying: &[&str]) {
        let list: OperatorList = self.own("GET", "/admin/v1/operators", None).await.json();
        for operator in list.operators.iter().filter(|it| !staying.contains(&it.id.as_str())) {
            let path = format!("/admin/v1/operators/{}/dismiss", operator.id);
            assert!(!self.own("POST", &path, None).await.is_problem());
        }
        let drafts: DraftList = self.own("GET", "/admin/v1/catalog/drafts", None).await.json();
        for draft in &drafts.drafts {
            let path = format!("/admin/v1/catalog/drafts/{}?revision={}", draft.id, draft.revision);
            assert!(!self.own("DELETE", &path, None).await.is_problem());
        }
        for invitation in &list.invitations {
            let path = format!("/admin/v1/invitations/{}/revoke", invitation.id);
            assert!(!self.own("POST", &path, None).await.is_problem());
        }
    }
}
