//! What a player meets whom the operator has excluded.

use dripline_server::faucet::Operator;
use dripline_shared::amount::Amount;
use dripline_shared::api::operate::By;
use dripline_shared::api::operate::players::Standing;
use dripline_shared::api::{AddressView, Receipt, WalletView};
use dripline_shared::error::Code;
use dripline_tests::clock::Clock;
use dripline_tests::player::{Player, client_id};
use dripline_tests::request;

use crate::claiming::claim;
use crate::delegations;
use crate::read_keys::post;
use crate::recorder::Log;
use crate::script::Stage;

/// Has a wallet stand like that.
pub(crate) async fn stand(stage: &Stage, player: &Player, standing: Standing) {
    let who = Operator { by: By::CommandLine, from: None, session: None };
    let stood = stage.faucet.faucet.set_standing(who, player.wallet, standing, "to be tested".to_owned());
    stood.await.expect("it stands like that");
}

/// A ban during an open round: neither that one is paid, nor is another one opened, nor anything withdrawn.
pub(crate) async fn banned(log: &Log) {
    let mut stage = Stage::new(log).await;
    let player = Player::number(120);
    stage.earn(&player, 0).await;
    let now = stage.faucet.clock.now();
    let address = player.address(&stage.catalog, "alice", client_id(5_000), now);
    let _: AddressView = stage.send(request::set_address(&address)).await.expect();
    let play = stage.win(&player, 2_000).await;
    stand(&stage, &player, Standing::Banned).await;
    let claim = claim(&stage, &play, &player);
    let before: WalletView = stage.send(request::wallet(player.wallet)).await.expect();
    stage.refused(request::claim(&claim), Code::WalletBanned).await;
    let open = stage.open(&player, 4_000);
    stage.refused(request::open(&open), Code::WalletBanned).await;
    let now = stage.faucet.clock.now();
    let amount = Amount::from_units(100_000);
    let withdrawal = player.withdrawal(&stage.catalog, amount, "alice", client_id(5_001), now);
    stage.refused(request::withdraw(&withdrawal), Code::WalletBanned).await;
    let asked = delegations::asked(&player, stage.catalog.faucet, client_id(5_002), now);
    let (delegate, ..) = delegations::signed((&player, &Player::number(121)), &asked);
    stage.refused(post(delegations::PATHS[0], &delegate), Code::WalletBanned).await;
    let after: WalletView = stage.send(request::wallet(player.wallet)).await.expect();
    assert_eq!((after.money, after.drips), (before.money, before.drips), "no refusal changed anything");
    stand(&stage, &player, Standing::Clear).await;
    let _: Receipt = stage.send(request::claim(&claim)).await.expect();
}
