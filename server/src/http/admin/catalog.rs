//! `/admin/v1/catalog`: the catalog in force, and finding out about another one.

use axum::Json;
use axum::extract::State;
use dripline_shared::api::operate::{CatalogCheck, CheckRequest, LiveCatalog, SimulationRequest};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};

use super::{ADMIN_BYTES_MAX, GUARDED, GUARDED_CHANGES};
use crate::http::App;
use crate::http::answers::{JSON, problems};
use crate::http::body::JsonBody;
use crate::http::documented::{Documented, routes};
use crate::http::problem::Refused;
use crate::simulate::{Report, Settings};

/// How many rounds of each game are played where nothing is said.
const ROUNDS: u32 = 2_000;
/// How many days are simulated where nothing is said.
const RUNS: u32 = 20;

problems! {
    /// Why the catalog is not shown.
    SeeProblems: [GUARDED],
}
problems! {
    /// Why a catalog is not checked.
    CheckProblems: [GUARDED, GUARDED_CHANGES, JSON],
}
problems! {
    /// Why a catalog is not simulated.
    SimulateProblems: [GUARDED, GUARDED_CHANGES, JSON],
    CatalogInvalid, UnknownCampaign,
}

/// The routes.
pub(super) fn routes() -> Documented {
    Documented::new().routes(routes!(live)).routes(routes!(check)).routes(routes!(simulate))
}

/// The catalog in force, its publication, and the one that waits.
#[utoipa::path(
    get,
    path = "/admin/v1/catalog",
    tag = "operators",
    operation_id = "live_catalog",
    security(("api_key" = []), ("session" = [])),
    responses((status = 200, description = "The catalog.", body = LiveCatalog), SeeProblems),
)]
async fn live(State(app): State<App>) -> Result<Json<LiveCatalog>, Refused> {
    Ok(Json(app.faucet.live_catalog().await?))
}

/// What is wrong with a catalog, and what is otherwise than in the one in force.
#[utoipa::path(
    post,
    path = "/admin/v1/catalog/check",
    tag = "operators",
    operation_id = "check_catalog",
    security(("api_key" = []), ("session" = [])),
    request_body = CheckRequest,
    responses((status = 200, description = "What was found out.", body = CatalogCheck), CheckProblems),
)]
async fn check(
    State(app): State<App>,
    JsonBody(request): JsonBody<CheckRequest, ADMIN_BYTES_MAX>,
) -> Result<Json<CatalogCheck>, Refused> {
    let checked = app.faucet.check_catalog(&request.catalog).await?;
    Ok(Json(CatalogCheck { mistakes: checked.mistakes, differences: checked.differences }))
}

/// What a catalog comes to, and the one in force for comparison: rounds played by bots, and days with players of several kinds.
/// One simulation runs at a time.
#[utoipa::path(
    post,
    path = "/admin/v1/catalog/simulate",
    tag = "operators",
    operation_id = "simulate_catalog",
    security(("api_key" = []), ("session" = [])),
    request_body = SimulationRequest,
    responses(
        (
            status = 200,
            description = "The report, as `dripline simulate --json` prints it.",
            body = Report,
        ),
        SimulateProblems
    ),
)]
async fn simulate(
    State(app): State<App>,
    JsonBody(request): JsonBody<SimulationRequest, ADMIN_BYTES_MAX>,
) -> Result<Json<Report>, Refused> {
    let usual = Settings::default();
    let settings = Settings {
        seed: request.seed.unwrap_or(usual.seed),
        rounds: request.rounds.unwrap_or(ROUNDS),
        runs: request.runs.unwrap_or(RUNS),
        players: request.players.unwrap_or(usual.players),
        campaign: request.campaign.unwrap_or(usual.campaign),
        stopped: usual.stopped,
    };
    Ok(Json(app.faucet.simulate(request.catalog, settings).await?))
}

/// A report is for people and their programs to look at: the document says no more of it than that it is an object.
impl utoipa::PartialSchema for Report {
    fn schema() -> RefOr<Schema> {
        let object = ObjectBuilder::new().schema_type(SchemaType::new(Type::Object));
        object.description(Some("What a simulation found.")).build().into()
    }
}

impl utoipa::ToSchema for Report {}
