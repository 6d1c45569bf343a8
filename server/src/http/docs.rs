//! `/api/openapi.json`, and `/api/docs`: a page to read and try it. Nothing is loaded from elsewhere.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue};
use axum::response::IntoResponse;
use axum::routing::get;
use dripline_shared::api::alert::AlertMessage;
use dripline_shared::api::overview::Changed;
use dripline_shared::error::Code;
use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;
use utoipa::ToSchema;
use utoipa::openapi::schema::Schema;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, Info, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, RefOr,
    tag::{Tag, TagBuilder},
};
use utoipa_swagger_ui::Config;

use super::admin::COOKIE_NAME;
use super::answers::problem_schemas;
use super::problem::Refused;
use super::{openapi, operators_openapi};

/// Where the document is.
const DOCUMENT_PATH: &str = "/api/openapi.json";
/// Where the document of what operators may do is.
const OPERATORS_PATH: &str = "/admin/openapi.json";
/// Where the page is.
const PAGE_PATH: &str = "/api/docs";
/// What the page may do. Swagger UI draws arrows and marks as `data:` pictures.
const PAGE_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);
/// The files come with the server: a new server may bring others under the same names.
const REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache");

/// What is said of the API as a whole; the operations add themselves.
pub(super) fn document() -> OpenApi {
    let token = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("The token of the round, from the answer that opened it."));
    let key = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("A read-only key."));
    let of_site = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("The read-only key of a site's statistics."));
    let components = ComponentsBuilder::new()
        .schemas_from_iter(problem_schemas())
        .security_scheme("round_token", SecurityScheme::Http(token.build()))
        .security_scheme("read_key", SecurityScheme::Http(key.build()))
        .security_scheme("statistics_key", SecurityScheme::Http(of_site.build()));
    let info = info(
        "Dripline",
        "Play short games, claim a drip for every level cleared. The server believes nothing but inputs: it \
         replays them. Every error is an RFC 9457 problem with a stable `code`; besides the listed ones, a request \
         that no operation matches gets `not_found` or `method_not_allowed`. What operators do is in a document of its own.",
    );
    OpenApiBuilder::new()
        .info(info)
        .components(Some(components.build()))
        .tags(Some([
            tag("rounds", "Open a round, play it, claim it."),
            tag("wallets", "What a wallet has."),
            tag("catalog", "What can be played, what it pays, who signs."),
            tag("sites", "What pages of others need that show the games, and what their servers learn."),
            tag("operation", "For those who run the server."),
        ]))
        .build()
}

/// What is said of the operators' part as a whole.
pub(super) fn operators_document() -> OpenApi {
    let key =
        HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("An API key of an operator."));
    let cookie = ApiKeyValue::with_description(COOKIE_NAME, "The session of an operator who has signed in.");
    let components = ComponentsBuilder::new()
        .schemas_from_iter(problem_schemas())
        .schemas_from_iter(told_schemas::<Changed>())
        .schemas_from_iter(told_schemas::<AlertMessage>())
        .security_scheme("api_key", SecurityScheme::Http(key.build()))
        .security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    let info = info(
        "Dripline, for operators",
        "What operators do by HTTP. Every request needs an API key or the cookie of a session, but for those by which people \
         sign in, and what the role and the key's scopes allow; every change and every refused attempt is in the audit log. Where \
         both are shown, the key counts. A request by cookie that is not `GET` or `HEAD` has the header `X-Dripline-CSRF` with what \
         `csrf` of `/admin/v1/me` says. Errors are as in the players' part.",
    );
    OpenApiBuilder::new()
        .info(info)
        .components(Some(components.build()))
        .tags(Some([tag(
            "operators",
            "How everything stands, signing in, operators, keys, the audit log and the catalog.",
        )]))
        .build()
}

/// What operators' programs are told that no operation answers: the data of an event, the body of a webhook's message; with what
/// it is made of.
fn told_schemas<T: ToSchema>() -> Vec<(String, RefOr<Schema>)> {
    let mut schemas = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut schemas);
    schemas
}

fn info(title: &str, description: &str) -> Info {
    let license = LicenseBuilder::new().name("MIT OR Apache-2.0").identifier(Some("MIT OR Apache-2.0"));
    InfoBuilder::new()
        .title(title)
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(description))
        .license(Some(license.build()))
        .build()
}

fn tag(name: &str, description: &str) -> Tag {
    TagBuilder::new().name(name).description(Some(description)).build()
}

/// The route of the operators' document.
pub(super) fn operators_route<S: Clone + Send + Sync + 'static>() -> Router<S> {
    document_route(OPERATORS_PATH, operators_openapi)
}

/// The route of a document, which is made when it is asked for the first time.
fn document_route<S: Clone + Send + Sync + 'static>(path: &str, document: fn() -> OpenApi) -> Router<S> {
    let made = Arc::new(OnceCell::new());
    let answer = move || async move {
        // It takes many milliseconds: too long for a thread that serves others meanwhile.
        let json = made.get_or_try_init(|| spawn_blocking(move || json(&document())));
        let json = json.await.map_err(|_| Refused::from(Code::Internal))?.clone();
        let headers =
            [(CONTENT_TYPE, HeaderValue::from_static("application/json")), (CACHE_CONTROL, REVALIDATE)];
        Ok::<_, Refused>((headers, json))
    };
    Router::new().route(path, get(answer))
}

/// A document as it is answered.
fn json(document: &OpenApi) -> Bytes {
    // Plain data always serialises; the tests read the document that comes out.
    Bytes::from(document.to_json().unwrap_or_default())
}

/// The routes of the document and the page.
pub(super) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    // The standalone layout adds a bar to load other documents with, whose logo needs inline styles.
    let config = Config::from(DOCUMENT_PATH).use_base_layout().validator_url("none").try_it_out_enabled(true);
    let config = Arc::new(config);
    let pages = Router::new()
        .route(PAGE_PATH, get(|State(config)| async move { file("index.html", config) }))
        .route(
            &format!("{PAGE_PATH}/{{*file}}"),
            get(|Path(name): Path<String>, State(config)| async move { file(&name, config) }),
        )
        .with_state(config);
    document_route(DOCUMENT_PATH, openapi).merge(pages)
}

/// A file of the page.
fn file(name: &str, config: Arc<Config<'static>>) -> Result<impl IntoResponse + use<>, Refused> {
    let file = utoipa_swagger_ui::serve(name, config).ok().flatten().ok_or(Code::NotFound)?;
    let bytes = if name == "index.html" {
        // The page is at `/api/docs`, its files are below.
        let page = String::from_utf8_lossy(&file.bytes).replace("./", "docs/");
        page.replace("href=\"index.css\"", "href=\"docs/index.css\"").into_bytes()
    } else {
        file.bytes.into_owned()
    };
    let content_type = HeaderValue::from_str(&file.content_type).map_err(|_| Code::Internal)?;
    let headers: [(HeaderName, HeaderValue); 3] =
        [(CONTENT_TYPE, content_type), (CACHE_CONTROL, REVALIDATE), (CONTENT_SECURITY_POLICY, PAGE_POLICY)];
    Ok((headers, bytes))
}
