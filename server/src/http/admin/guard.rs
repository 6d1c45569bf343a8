//! Lets a request through, or not: the one place where that is decided for `/admin/v1`.

use std::sync::Arc;

use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use dripline_shared::api::access::Permission;
use dripline_shared::api::operate::By;
use dripline_shared::error::Code;

use super::table::{Demand, find};
use crate::access::{ApiKey, ApiKeyRecord};
use crate::faucet::{Denied, Giver, Operator};
use crate::http::App;
use crate::http::client::Client;
use crate::http::parameter::bearer_text;
use crate::http::problem::Refused;

/// The most characters of a part of the address that the audit log repeats.
const SUBJECT_MAX: usize = 80;

/// Whoever asks, once they were let through.
#[derive(Debug, Clone)]
pub(super) struct Access {
    /// Who, and from where.
    pub(super) who: Operator,
    /// The key that they have shown.
    pub(super) key: Arc<ApiKeyRecord>,
}

impl Access {
    /// Whoever asks, as somebody who gives access to others.
    pub(super) fn giver(self) -> Giver {
        Giver { who: self.who, key: self.key }
    }
}

/// Without the guard there is nobody, and a handler that needs somebody is not reached.
impl<S: Send + Sync> FromRequestParts<S> for Access {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refused> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Code::Internal.into())
    }
}

/// Finds out who asks, and lets them through where the table allows them what they ask for.
pub(super) async fn guard(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().cloned();
    let path = path.as_ref().map_or("", MatchedPath::as_str);
    let demand = match find(path, request.method()) {
        Ok(demand) => demand,
        Err(code) => return Refused::from(code).into_response(),
    };
    let Some(client) = request.extensions().get::<Client>().copied() else {
        return Refused::from(Code::Internal).into_response();
    };
    let subject = subject(demand.path, request.uri().path());
    let access = match admit(&app, client, request.headers(), demand, subject.clone()).await {
        Ok(access) => access,
        Err(refused) => return refused.into_response(),
    };
    let who = access.who.clone();
    request.extensions_mut().insert(access);
    let response = next.run(request).await;
    if demand.changes
        && let Some(Refused(refusal)) = response.extensions().get::<Refused>()
    {
        note(&app, who, demand, subject, refusal.code()).await;
    }
    response
}

/// Whoever asks, if they may.
async fn admit(
    app: &App,
    client: Client,
    headers: &HeaderMap,
    demand: &'static Demand,
    subject: Option<String>,
) -> Result<Access, Refused> {
    let from: Arc<str> = client.network.to_string().into();
    let as_who = |by| Operator { by, from: Some(Arc::clone(&from)) };
    let shown = match bearer_text(headers).map(str::parse::<ApiKey>) {
        None => {
            return Err(stranger(app, client, as_who(By::Unknown), demand, Code::AccessMissing.into()).await);
        }
        Some(Err(_)) => {
            return Err(stranger(app, client, as_who(By::Unknown), demand, Code::AccessWrong.into()).await);
        }
        Some(Ok(shown)) => shown,
    };
    let key = match app.faucet.admit(shown, client.address).await? {
        Ok(key) => Arc::new(key),
        Err(Denied { refusal, key: None }) => {
            return Err(stranger(app, client, as_who(By::Unknown), demand, refusal.into()).await);
        }
        Err(Denied { refusal, key: Some(key) }) => {
            note(app, as_who(key.name_of()), demand, subject, refusal.code()).await;
            return Err(refusal.into());
        }
    };
    let who = as_who(key.name_of());
    // That a key was used is worth knowing, but nobody is kept from working where it cannot be written.
    if let Err(refusal) = app.faucet.note_key_use(&who, &key).await {
        tracing::warn!(code = refusal.code().as_str(), key = key.id, "could not note that a key was used");
    }
    if let Some(permission) = demand.permission.filter(|permission| !key.may().contains(permission)) {
        note(app, who, demand, subject, Code::AccessRefused).await;
        let message = format!("this needs {}, which the API key has not", permission.as_str());
        return Err(Refused::about(Code::AccessRefused, permission.as_str(), message));
    }
    Ok(Access { who, key })
}

/// Whether whoever was let through for this would be so still. An error where that cannot be found out.
pub(super) async fn holds(
    app: &App,
    client: Client,
    headers: &HeaderMap,
    permission: Permission,
) -> Result<bool, Refused> {
    let Some(Ok(shown)) = bearer_text(headers).map(str::parse::<ApiKey>) else { return Ok(false) };
    let admitted = app.faucet.admit(shown, client.address).await?;
    Ok(admitted.is_ok_and(|key| key.may().contains(&permission)))
}

/// Refuses somebody with no key that is known. The audit log is told once a minute and network.
async fn stranger(
    app: &App,
    client: Client,
    who: Operator,
    demand: &'static Demand,
    refused: Refused,
) -> Refused {
    if app.strangers.take(client.network.network(), app.options.edge.now()).is_ok() {
        note(app, who, demand, None, refused.0.code()).await;
    }
    refused
}

/// Writes a refused attempt into the audit log, also where whoever made it does not wait for the answer.
async fn note(app: &App, who: Operator, demand: &'static Demand, subject: Option<String>, code: Code) {
    let faucet = app.faucet.clone();
    let noted = async move { faucet.note_refusal(who, demand.action, subject, code).await };
    match tokio::spawn(noted).await {
        Ok(Ok(())) => {}
        Ok(Err(refusal)) => {
            tracing::error!(
                action = demand.action,
                refused = code.as_str(),
                code = refusal.code().as_str(),
                "could not write a refused attempt into the audit log"
            );
        }
        Err(error) => tracing::error!(%error, "writing a refused attempt into the audit log has failed"),
    }
}

/// What the path is about: its first variable part.
fn subject(template: &str, path: &str) -> Option<String> {
    let mut parts = template.split('/').zip(path.split('/'));
    let (_, part) = parts.find(|(expected, _)| expected.starts_with('{'))?;
    // Whoever takes a whole key for its id has shown its secret to nobody yet.
    let has_secret = part.contains("dripline_live_") || part.contains("dripline_test_");
    (!has_secret).then(|| part.chars().take(SUBJECT_MAX).collect())
}
