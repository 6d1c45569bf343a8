//! Builds the request that opens a round.

use dripline_shared::api::{CatalogView, LevelView, OpenRequest};
use dripline_shared::json::FromJson;
use dripline_shared::round::{ClientId, RoundId};
use dripline_shared::time::Timestamp;

use crate::browser::page;
use crate::keys::Player;

/// What a request to open a round is made of, apart from the player and the faucet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Circumstances<'a> {
    /// The origin of this page.
    pub(crate) origin: &'a str,
    /// Random, and kept until the answer has come.
    pub(crate) client_id: ClientId,
    /// The server's time.
    pub(crate) now: Timestamp,
    /// The code of the voucher for the campaign of the level, where the player has one.
    pub(crate) voucher: Option<&'a str>,
    /// The open round to be given up, if any.
    pub(crate) abandon: Option<RoundId>,
}

/// The request, not signed yet.
pub(crate) fn open_request(
    player: &Player,
    catalog: &CatalogView,
    view: &LevelView,
    circumstances: &Circumstances<'_>,
) -> OpenRequest {
    OpenRequest {
        wallet: player.wallet,
        delegate: player.delegate(),
        level: view.id.clone(),
        campaign: view.campaign.clone(),
        site: page::site(),
        client_id: circumstances.client_id,
        issued_at_ms: circumstances.now,
        origin: circumstances.origin.to_owned(),
        faucet: catalog.faucet,
        // Of this page's own code, not of the server's: the two must agree.
        rules_version: view.level.play.facts().rules_version,
        abandon: circumstances.abandon,
        voucher: circumstances.voucher.map(str::to_owned),
        // Not signed yet.
        ..FromJson::BLANK
    }
}
