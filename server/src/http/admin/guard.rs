//! Lets a request through, or not: the one place where that is decided for `/admin/v1`.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use dripline_shared::api::access::Permission;
use dripline_shared::api::operate::By;
use dripline_shared::error::Code;

use super::origin;
use super::session::{self, token_of};
use super::table::{Demand, Demanded, find};
use crate::access::{ApiKey, ApiKeyRecord, Site, Token};
use crate::faucet::{Denied, OpenSession, Operator};
use crate::http::App;
use crate::http::client::Client;
use crate::http::parameter::bearer_text;
use crate::http::problem::Refused;
use crate::operate::not_allowed;
use crate::refusal::Refusal;
use crate::store::command::BySession;

/// The most characters of a part of the address that the audit log repeats.
const SUBJECT_MAX: usize = 80;

/// Whoever asks, once they were let through.
#[derive(Debug, Clone)]
pub(super) struct Access {
    /// Who, and from where.
    pub(super) who: Operator,
    /// What they have shown.
    pub(super) shown: Shown,
}

/// What somebody shows to be let through.
#[derive(Debug, Clone)]
pub(super) enum Shown {
    /// An API key.
    Key(Arc<ApiKeyRecord>),
    /// The cookie of a session.
    Session(Arc<OpenSession>),
}

impl Shown {
    /// Whether that is allowed to them.
    pub(super) fn may(&self, permission: Permission) -> bool {
        self.permissions().contains(&permission)
    }

    /// All that is allowed to them.
    pub(super) fn permissions(&self) -> BTreeSet<Permission> {
        match self {
            Self::Key(key) => key.may(),
            Self::Session(open) => open.operator.may(),
        }
    }

    /// As the audit log names them.
    fn name_of(&self) -> By {
        match self {
            Self::Key(key) => key.name_of(),
            Self::Session(open) => open.operator.name_of(),
        }
    }
}

impl Access {
    /// The session that they ask by: what is for operators who have signed in is not for API keys.
    pub(super) fn session(&self) -> Result<&OpenSession, Refused> {
        match &self.shown {
            Shown::Session(open) => Ok(open),
            Shown::Key(_) => Err(Code::SessionNeeded.into()),
        }
    }
}

/// Whether whoever was let through with these headers for this would be so still. An error where that cannot be found out.
pub(super) async fn holds(
    app: &App,
    client: Client,
    headers: &HeaderMap,
    permission: Permission,
) -> Result<bool, Refused> {
    if headers.contains_key(AUTHORIZATION) {
        let Some(Ok(shown)) = bearer_text(headers).map(str::parse::<ApiKey>) else { return Ok(false) };
        let admitted = app.faucet.admit(shown, client.address).await?;
        return Ok(admitted.is_ok_and(|key| key.may().contains(&permission)));
    }
    let Some(token) = token_of(headers) else { return Ok(false) };
    let open = app.faucet.session(&token).await?;
    Ok(open.is_some_and(|open| open.operator.may().contains(&permission)))
}

/// Whoever has shown nothing, at a route that is open to anybody.
#[derive(Debug, Clone)]
pub(super) struct Visitor {
    /// From which network.
    pub(super) from: Arc<str>,
    /// The page that they ask from.
    pub(super) site: Arc<Site>,
    /// Who that was after all, where a passkey has told it: for the audit log.
    pub(super) known: Arc<OnceLock<By>>,
}

/// Without the guard there is nobody, and a handler that needs somebody is not reached.
impl<S: Send + Sync> FromRequestParts<S> for Access {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refused> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Code::Internal.into())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refused> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Code::Internal.into())
    }
}

/// A request on its way through the guard.
struct Passing<'a> {
    app: &'a App,
    client: Client,
    from: Arc<str>,
    demand: &'static Demand,
    subject: Option<String>,
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
    let from = client.network.to_string().into();
    let passing = Passing { app: &app, client, from, demand, subject };
    let by = if demand.demanded == Demanded::Nothing {
        match passing.visit(request.headers()).await {
            Ok(visitor) => {
                let known = Arc::clone(&visitor.known);
                request.extensions_mut().insert(visitor);
                let response = next.run(request).await;
                if let Some(refused) = response.extensions().get::<Refused>().cloned() {
                    passing.note_of_visitor(refused, known.get()).await;
                }
                return response;
            }
            Err(refused) => return refused.into_response(),
        }
    } else {
        match passing.admit(request.headers()).await {
            Ok(access) => {
                let by = access.who.by.clone();
                request.extensions_mut().insert(access);
                by
            }
            Err(refused) => return refused.into_response(),
        }
    };
    let response = next.run(request).await;
    if demand.changes
        && let Some(Refused(refusal)) = response.extensions().get::<Refused>()
    {
        passing.note(by, refusal.code()).await;
    }
    response
}

impl Passing<'_> {
    /// Whoever asks without having shown anything: from one of our pages, and only so often from a network.
    async fn visit(&self, headers: &HeaderMap) -> Result<Visitor, Refused> {
        let now = self.app.options.edge.now();
        if let Err(until) = self.app.visitors.take(self.client.network.network(), now) {
            return Err(Refused(Refusal::until(Code::RateLimited, Code::RateLimited.title(), until)));
        }
        match origin::site(headers, &self.app.options.admin_origins) {
            Ok(site) => {
                let from = Arc::clone(&self.from);
                Ok(Visitor { from, site: Arc::new(site), known: Arc::default() })
            }
            Err(refused) => Err(self.stranger(refused).await),
        }
    }

    /// Whoever asks, if they may.
    async fn admit(&self, headers: &HeaderMap) -> Result<Access, Refused> {
        // Whoever shows both means the key: a browser sends the cookie by itself.
        let shown = if headers.contains_key(AUTHORIZATION) {
            self.by_key(headers).await?
        } else if let Some(token) = token_of(headers) {
            self.by_session(headers, &token).await?
        } else {
            return Err(self.stranger(Code::AccessMissing.into()).await);
        };
        let refused = match self.demand.demanded {
            Demanded::Nothing | Demanded::Access => None,
            Demanded::Session => match &shown {
                Shown::Session(_) => None,
                Shown::Key(_) => Some(Refused::from(Code::SessionNeeded)),
            },
            Demanded::Permission(permission) => {
                (!shown.may(permission)).then(|| not_allowed(permission).into())
            }
        };
        if let Some(refused) = refused {
            self.note(shown.name_of(), refused.0.code()).await;
            return Err(refused);
        }
        let session = match &shown {
            Shown::Key(_) => None,
            Shown::Session(open) => Some(BySession {
                id: open.session.id.as_str().into(),
                needs: self.demand.demanded.permission(),
            }),
        };
        let who = Operator { session, ..self.as_who(shown.name_of()) };
        Ok(Access { who, shown })
    }

    async fn by_key(&self, headers: &HeaderMap) -> Result<Shown, Refused> {
        let Some(text) = bearer_text(headers) else {
            return Err(self.stranger(Code::AccessMissing.into()).await);
        };
        let Ok(shown) = text.parse::<ApiKey>() else {
            return Err(self.stranger(Code::AccessWrong.into()).await);
        };
        let key = match self.app.faucet.admit(shown, self.client.address).await? {
            Ok(key) => key,
            Err(Denied { refusal, key: None }) => return Err(self.stranger(refusal.into()).await),
            Err(Denied { refusal, key: Some(key) }) => {
                self.note(key.name_of(), refusal.code()).await;
                return Err(refusal.into());
            }
        };
        // That a key was used is worth knowing, but nobody is kept from working where it cannot be written.
        if let Err(refusal) = self.app.faucet.note_key_use(&self.as_who(key.name_of()), &key).await {
            tracing::warn!(
                code = refusal.code().as_str(),
                key = key.id,
                "could not note that a key was used"
            );
        }
        Ok(Shown::Key(Arc::new(key)))
    }

    async fn by_session(&self, headers: &HeaderMap, token: &Token) -> Result<Shown, Refused> {
        let Some(open) = self.app.faucet.session(token).await? else {
            // A page that was left open asks on: that is nothing to fill the log with.
            return Err(self.stranger(Code::SessionEnded.into()).await);
        };
        let by = open.operator.name_of();
        if self.demand.method != "GET"
            && let Err(refused) = session::is_from_its_page(headers, &open)
        {
            self.note(by, refused.0.code()).await;
            return Err(refused);
        }
        if let Err(refusal) = self.app.faucet.note_session_use(&self.as_who(by), &open.session).await {
            let (code, session) = (refusal.code().as_str(), &open.session.id);
            tracing::warn!(code, session, "could not note that a session was used");
        }
        Ok(Shown::Session(Arc::new(open)))
    }

    fn as_who(&self, by: By) -> Operator {
        Operator { by, from: Some(Arc::clone(&self.from)), session: None }
    }

    /// Refuses somebody who is not known. The audit log is told once a minute and network.
    async fn stranger(&self, refused: Refused) -> Refused {
        if self.app.strangers.take(self.client.network.network(), self.app.options.edge.now()).is_ok() {
            let noted = self.noted(By::Unknown, None, refused.0.code());
            noted.await;
        }
        refused
    }

    /// Tells the audit log of a visitor who was refused: each time where a passkey has told who that is.
    async fn note_of_visitor(&self, refused: Refused, known: Option<&By>) {
        match known {
            Some(by) => self.note(by.clone(), refused.0.code()).await,
            None => drop(self.stranger(refused).await),
        }
    }

    async fn note(&self, by: By, code: Code) {
        self.noted(by, self.subject.clone(), code).await;
    }

    /// Writes a refused attempt into the audit log, also where whoever made it does not wait for the answer.
    async fn noted(&self, by: By, subject: Option<String>, code: Code) {
        let (faucet, who, action) = (self.app.faucet.clone(), self.as_who(by), self.demand.action);
        let noted = async move { faucet.note_refusal(who, action, subject, code).await };
        match tokio::spawn(noted).await {
            Ok(Ok(())) => {}
            Ok(Err(refusal)) => {
                tracing::error!(
                    action,
                    refused = code.as_str(),
                    code = refusal.code().as_str(),
                    "could not write a refused attempt into the audit log"
                );
            }
            Err(error) => tracing::error!(%error, "writing a refused attempt into the audit log has failed"),
        }
    }
}

/// What secrets begin with that people may take for an id.
const SECRETS: [&str; 4] = ["dripline_live_", "dripline_test_", "dripline_site_", "dripline_stats_"];

/// What the path is about: its first variable part.
fn subject(template: &str, path: &str) -> Option<String> {
    let mut parts = template.split('/').zip(path.split('/'));
    let (_, part) = parts.find(|(expected, _)| expected.starts_with('{'))?;
    // Whoever takes a whole key, or what is in the link of an invitation, for its id has shown its secret to nobody yet.
    let is_key = SECRETS.iter().any(|beginning| part.contains(beginning));
    (!is_key && part.parse::<Token>().is_err()).then(|| part.chars().take(SUBJECT_MAX).collect())
}
