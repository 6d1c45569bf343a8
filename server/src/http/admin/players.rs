//! `/admin/v1/players` and `/admin/v1/rounds`: players, how they have played, and what is done about them.

use axum::Json;
use axum::extract::State;
use dripline_shared::api::operate::players::{
    NoteRequest, PlayerList, PlayerRounds, PlayerView, RoundReplay, Standing, StandingRequest,
};
use dripline_shared::api::{HistoryPage, WithdrawalPage};

use super::guard::Access;
use super::place::{PlayersOptions, RoundsOptions};
use super::{ADMIN_BYTES_MAX, GUARDED, GUARDED_CHANGES};
use crate::http::App;
use crate::http::answers::{CHANGES, JSON, problems};
use crate::http::body::JsonBody;
use crate::http::documented::{Documented, routes};
use crate::http::parameter::{HistoryOptions, Options, Place, RoundPlace, WalletPlace, WithdrawalOptions};
use crate::http::problem::Refused;

problems! {
    /// Why players are not shown.
    ListProblems: [GUARDED],
    InvalidParameter,
}
problems! {
    /// Why a player is not shown.
    SeeProblems: [GUARDED],
    InvalidWallet, InvalidParameter, WalletUnknown,
}
problems! {
    /// Why a round is not shown.
    RoundProblems: [GUARDED],
    InvalidParameter, RoundUnknown,
}
problems! {
    /// Why a wallet stands as before.
    StandProblems: [GUARDED, GUARDED_CHANGES, JSON, CHANGES],
    InvalidWallet, WalletUnknown, StandingUnchanged,
}
problems! {
    /// Why nothing was noted.
    NoteProblems: [GUARDED, GUARDED_CHANGES, JSON, CHANGES],
    InvalidWallet, WalletUnknown, NotesUsedUp,
}

/// The routes.
pub(super) fn routes() -> Documented {
    Documented::new()
        .routes(routes!(list))
        .routes(routes!(see))
        .routes(routes!(history))
        .routes(routes!(withdrawals))
        .routes(routes!(rounds))
        .routes(routes!(hold))
        .routes(routes!(ban))
        .routes(routes!(release))
        .routes(routes!(note))
        .routes(routes!(replay))
}

/// Players: those that came last first, or those whose wallets begin with something.
#[utoipa::path(
    get,
    path = "/admin/v1/players",
    tag = "operators",
    operation_id = "players",
    security(("api_key" = []), ("session" = [])),
    params(PlayersOptions),
    responses((status = 200, description = "A page of them.", body = PlayerList), ListProblems),
)]
async fn list(
    State(app): State<App>,
    Options(options): Options<PlayersOptions>,
) -> Result<Json<PlayerList>, Refused> {
    let limit = options.limit()?;
    let (search, cursor) = (options.search.as_deref(), options.cursor.as_deref());
    Ok(Json(app.faucet.players(search, cursor, limit).await?))
}

/// A player: what it has, how it stands, and what operators have noted.
#[utoipa::path(
    get,
    path = "/admin/v1/players/{wallet}",
    tag = "operators",
    operation_id = "player",
    security(("api_key" = []), ("session" = [])),
    params(WalletPlace),
    responses((status = 200, description = "The player.", body = PlayerView), SeeProblems),
)]
async fn see(State(app): State<App>, Place(place): Place<WalletPlace>) -> Result<Json<PlayerView>, Refused> {
    Ok(Json(app.faucet.player(place.wallet).await?))
}

/// A page of a player's history, the newest first: as everybody can see it.
#[utoipa::path(
    get,
    path = "/admin/v1/players/{wallet}/history",
    tag = "operators",
    operation_id = "player_history",
    security(("api_key" = []), ("session" = [])),
    params(WalletPlace, HistoryOptions),
    responses((status = 200, description = "A page of it.", body = HistoryPage), SeeProblems),
)]
async fn history(
    State(app): State<App>,
    Place(place): Place<WalletPlace>,
    Options(options): Options<HistoryOptions>,
) -> Result<Json<HistoryPage>, Refused> {
    let limit = options.limit()?;
    Ok(Json(app.faucet.history(place.wallet, options.before, limit).await?))
}

/// A page of a player's withdrawals, the newest first.
#[utoipa::path(
    get,
    path = "/admin/v1/players/{wallet}/withdrawals",
    tag = "operators",
    operation_id = "player_withdrawals",
    security(("api_key" = []), ("session" = [])),
    params(WalletPlace, WithdrawalOptions),
    responses((status = 200, description = "A page of them.", body = WithdrawalPage), SeeProblems),
)]
async fn withdrawals(
    State(app): State<App>,
    Place(place): Place<WalletPlace>,
    Options(options): Options<WithdrawalOptions>,
) -> Result<Json<WithdrawalPage>, Refused> {
    let limit = options.limit()?;
    Ok(Json(app.faucet.withdrawals(place.wallet, options.before, limit).await?))
}

/// A page of a player's rounds, the newest first. Those that were not claimed go a day after they could be.
#[utoipa::path(
    get,
    path = "/admin/v1/players/{wallet}/rounds",
    tag = "operators",
    operation_id = "player_rounds",
    security(("api_key" = []), ("session" = [])),
    params(WalletPlace, RoundsOptions),
    responses((status = 200, description = "A page of them.", body = PlayerRounds), SeeProblems),
)]
async fn rounds(
    State(app): State<App>,
    Place(place): Place<WalletPlace>,
    Options(options): Options<RoundsOptions>,
) -> Result<Json<PlayerRounds>, Refused> {
    let limit = options.limit()?;
    Ok(Json(app.faucet.player_rounds(place.wallet, options.before, limit).await?))
}

/// Holds a wallet: it plays and earns, and what it withdraws waits. What is in a batch already is paid.
#[utoipa::path(
    post,
    path = "/admin/v1/players/{wallet}/hold",
    tag = "operators",
    operation_id = "hold_player",
    security(("api_key" = []), ("session" = [])),
    params(WalletPlace),
    request_body = StandingRequest,
    responses((status = 200, description = "The player, as it stands.", body = PlayerView), StandProblems),
)]
async fn hold(
    State(app): State<App>,
    access: Access,
    Place(place): Place<WalletPlace>,
    JsonBody(request): JsonBody<StandingRequest, ADMIN_BYTES_MAX>,
) -> Result<Json<PlayerView>, Refused> {
    Ok(Json(app.faucet.set_standing(access.who, place.wallet, Standing::Held, request.reason).await?))
}

/// Bans a wallet: it opens no round, claims nothing and withdraws nothing. What it has stays its own.
#[utoipa::path(
    post,
    path = "/admin/v1/players/{wallet}/ban",
    tag = "operators",
    operation_id = "ban_player",
    security(("api_key" = []), ("session" = [])),
    params(WalletPlace),
    request_body = StandingRequest,
    responses((status = 200, description = "The player, as it stands.", body = PlayerView), StandProblems),
)]
async fn ban(
    State(app): State<App>,
    access: Access,
    Place(place): Place<WalletPlace>,
    JsonBody(request): JsonBody<StandingRequest, ADMIN_BYTES_MAX>,
) -> Result<Json<PlayerView>, Refused> {
    Ok(Json(app.faucet.set_standing(access.who, place.wallet, Standing::Banned, request.reason).await?))
}

/// Releases a wallet that was held or banned: what it withdrew waits for its turn again.
#[utoipa::path(
    post,
    path = "/admin/v1/players/{wallet}/release",
    tag = "operators",
    operation_id = "release_player",
    security(("api_key" = []), ("session" = [])),
    params(WalletPlace),
    request_body = StandingRequest,
    responses((status = 200, description = "The player, as it stands.", body = PlayerView), StandProblems),
)]
async fn release(
    State(app): State<App>,
    access: Access,
    Place(place): Place<WalletPlace>,
    JsonBody(request): JsonBody<StandingRequest, ADMIN_BYTES_MAX>,
) -> Result<Json<PlayerView>, Refused> {
    Ok(Json(app.faucet.set_standing(access.who, place.wallet, Standing::Clear, request.reason).await?))
}

/// Notes something about a wallet, for operators alone.
#[utoipa::path(
    post,
    path = "/admin/v1/players/{wallet}/notes",
    tag = "operators",
    operation_id = "note_player",
    security(("api_key" = []), ("session" = [])),
    params(WalletPlace),
    request_body = NoteRequest,
    responses((status = 200, description = "The player, with the note.", body = PlayerView), NoteProblems),
)]
async fn note(
    State(app): State<App>,
    access: Access,
    Place(place): Place<WalletPlace>,
    JsonBody(request): JsonBody<NoteRequest, ADMIN_BYTES_MAX>,
) -> Result<Json<PlayerView>, Refused> {
    Ok(Json(app.faucet.note_player(access.who, place.wallet, request.text).await?))
}

/// All that it takes to watch a round again, as far as it is kept.
#[utoipa::path(
    get,
    path = "/admin/v1/rounds/{round}",
    tag = "operators",
    operation_id = "round_replay",
    security(("api_key" = []), ("session" = [])),
    params(RoundPlace),
    responses((status = 200, description = "The round.", body = RoundReplay), RoundProblems),
)]
async fn replay(
    State(app): State<App>,
    Place(place): Place<RoundPlace>,
) -> Result<Json<RoundReplay>, Refused> {
    Ok(Json(app.faucet.round_replay(place.round).await?))
}
