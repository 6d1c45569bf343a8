//! What operators do by HTTP: who may do what, with which keys, and what the audit log says of it.

mod audit;
mod authenticator;
mod ceremonies;
mod commands;
mod csrf;
mod desk;
mod embedding;
mod emergency;
mod events;
mod first_owner;
mod invitations;
mod keys;
mod listeners;
mod operators;
mod overview;
mod passkeys;
mod payouts;
mod people;
mod players;
mod proposals;
mod publishing;
mod requests;
mod sessions;
mod sites;
mod table;

use std::net::SocketAddr;

use axum::body::Body;
use axum::http::{Method, Request};
use dripline_server::faucet::{Faucet, Settings, make_api_key};
use dripline_server::http::{Options, Peer};
use dripline_shared::api::access::{ApiKeyRequest, ApiKeySecret, KeyMode, Role};
use dripline_shared::api::operate::{AuditLine, AuditPage, Draft, LiveCatalog};
use dripline_shared::catalog::Catalog;
use serde_json::{Value, json};

use crate::process::Folder;
use crate::support::{Answer, ORIGIN, Server};

/// Where requests come from that say nothing else.
const HOME: &str = "192.0.2.7";

/// An origin that operators may use, but passkeys do not work there.
const ADDRESS: &str = "http://127.0.0.1:8080";

/// A server, and the key of an owner that was made on its store before it started.
struct Operators {
    server: Server,
    owner: String,
    /// That of another owner, who has nothing to do with the first one.
    other: String,
    folder: Folder,
}

impl Operators {
    async fn start(name: &str) -> Self {
        Self::with(name, |_| ()).await
    }

    async fn with(name: &str, change: impl FnOnce(&mut Options)) -> Self {
        Self::of(name, |_| (), change).await
    }

    async fn of(name: &str, set: impl FnOnce(&mut Settings), change: impl FnOnce(&mut Options)) -> Self {
        let folder = Folder::new(&format!("admin-{name}"));
        let clock = Server::clock();
        let settings = || Settings { data: Some(folder.0.clone()), ..Settings::new(None) };
        Faucet::start(settings(), clock.0.clone()).unwrap().shutdown().await;
        let request = |name: &str| ApiKeyRequest {
            name: name.to_owned(),
            role: Role::Owner,
            scopes: None,
            mode: KeyMode::Live,
            ranges: Vec::new(),
            expires_at_ms: None,
        };
        let change = |options: &mut Options| {
            options.admin_origins = [ORIGIN, ADDRESS].map(str::to_owned).to_vec();
            change(options);
        };
        let key = |name| make_api_key(&folder.0, None, request(name), &clock.0).unwrap().unwrap().secret;
        let (owner, other) = (key("Ada"), key("Grace"));
        let mut settings = settings();
        set(&mut settings);
        Self { server: Server::of(settings, clock, change), owner, other, folder }
    }

    /// Sends a request with this key, if any, from this address.
    async fn send_from(
        &self,
        peer: &str,
        key: Option<&str>,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Answer {
        let method: Method = method.parse().unwrap();
        let mut request = Request::builder().method(method).uri(path);
        if let Some(key) = key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let peer = Peer(SocketAddr::new(peer.parse().unwrap(), 50_000));
        self.server.send(request.extension(peer).body(body).unwrap()).await
    }

    async fn send(&self, key: &str, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.send_from(HOME, Some(key), method, path, body).await
    }

    async fn get(&self, key: &str, path: &str) -> Answer {
        self.send(key, "GET", path, None).await
    }

    /// As the owner.
    async fn own(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.send(&self.owner, method, path, body).await
    }

    /// A key that the owner makes.
    async fn key(&self, request: Value) -> ApiKeySecret {
        self.own("POST", "/admin/v1/keys", Some(request)).await.json()
    }

    /// A key of this role.
    async fn of_role(&self, role: Role) -> ApiKeySecret {
        self.key(json!({ "name": role.as_str(), "role": role })).await
    }

    /// The newest entries of the audit log, the newest first.
    async fn audit(&self) -> Vec<AuditLine> {
        self.own("GET", "/admin/v1/audit?limit=500", None).await.json::<AuditPage>().lines
    }

    async fn live(&self) -> LiveCatalog {
        self.own("GET", "/admin/v1/catalog", None).await.json()
    }

    /// A draft of the catalog in force with a change, kept with this key.
    async fn draft(&self, key: &str, id: &str, change: impl FnOnce(&mut Catalog)) -> Draft {
        let live = self.live().await;
        let mut catalog = live.catalog;
        change(&mut catalog);
        let body = json!({ "name": id, "catalog": catalog, "base": live.publication.number });
        self.send(key, "PUT", &format!("/admin/v1/catalog/drafts/{id}"), Some(body)).await.json()
    }
}

/// What publishes a draft.
fn publication_of(draft: &Draft) -> Value {
    json!({
        "draft": { "id": draft.id, "revision": draft.revision }, "replaces": draft.base, "note": "spring"
    })
}
