//! Several assets at once: what a player holds of one that the faucet has ceased to pay stays the player's, with its own
//! decimals, beside what is paid now.

use std::collections::BTreeMap;

use dripline_server::export::Format;
use dripline_server::faucet::Settings;
use dripline_server::ledger::verify_ledger;
use dripline_server::payout::{AssetSettings, FAILURES_MAX, RailDriver, RailSettings};
use dripline_shared::amount::{Amount, Asset};
use dripline_shared::api::{WithdrawalRequest, WithdrawalView};
use dripline_shared::catalog::Catalog;
use dripline_shared::error::Code;
use dripline_shared::payout::WithdrawalState;
use dripline_shared::time::{DAY_MS, MINUTE_MS};
use dripline_shared::wallet::Signature;

use crate::support::{Directory, Player, World, code};

const FEE: Amount = Amount::from_units(3);

fn units(units: u32) -> Amount {
    Amount::from_units(units)
}

/// A faucet on this directory whose drips are of this asset, and whose rail pays these.
fn settings(directory: &Directory, (own, decimals): (&str, u8), paid: &[&str]) -> Settings {
    let mut catalog = Catalog::first_run();
    catalog.asset = Asset { code: own.to_owned(), decimals };
    let mut settings = Settings::new(catalog);
    settings.data = Some(directory.path().to_owned());
    let asset = AssetSettings {
        threshold: units(10),
        fee: FEE,
        outflow: None,
        dormant_after_ms: None,
        approve_above: None,
    };
    let rail = RailSettings {
        driver: RailDriver::Sandbox,
        assets: paid.iter().map(|code| ((*code).to_owned(), asset)).collect(),
        address_wait_ms: MINUTE_MS,
        failures_max: FAILURES_MAX,
    };
    settings.rails = Some(BTreeMap::from([("sandbox".to_owned(), rail)]));
    settings
}

/// The player's request to withdraw so much of an asset, signed with these decimals.
fn request(
    world: &World,
    player: &Player,
    (asset, decimals): (&str, u8),
    amount: Amount,
) -> WithdrawalRequest {
    let made = world.withdrawal_request(player, amount, "home");
    let mut request = WithdrawalRequest { asset: asset.to_owned(), ..made };
    request.signature = Signature::of(&player.key, request.statement(decimals).to_string().as_bytes());
    request
}

fn withdraw(world: &World, player: &Player, asset: (&str, u8), amount: Amount) -> WithdrawalView {
    world.try_withdraw(request(world, player, asset, amount)).unwrap()
}

#[test]
fn a_player_holds_earns_and_withdraws_two_assets_side_by_side() {
    let directory = Directory::new();
    let (drip, rain) = (("DRIP", 6), ("RAIN", 2));
    let world = World::with(settings(&directory, drip, &["DRIP"]));
    let player = Player::new(1);
    let old = world.earn(&player, world.first_level()).balance;
    world.try_set_address(world.address_request(&player, "home")).unwrap();
    world.wait(DAY_MS);
    let now = world.shutdown();

    let world = World::at(settings(&directory, rain, &["DRIP", "RAIN"]), now);
    let assets = world.faucet.catalog().assets;
    let told: Vec<(&str, u8)> = assets.iter().map(|asset| (asset.code.as_str(), asset.decimals)).collect();
    assert_eq!(told, [drip, rain]);
    let view = world.wallet(&player);
    assert_eq!((view.balance, view.money["DRIP"].balance), (Amount::ZERO, old), "the old one is still there");
    let new = world.earn(&player, world.first_level());
    assert_eq!((new.asset.as_str(), new.balance), ("RAIN", new.amount), "one is not added to the other");
    let view = world.wallet(&player);
    assert_eq!((view.balance, view.money["DRIP"].balance), (new.amount, old));
    assert_eq!(view.money["RAIN"].balance, new.amount);

    // Signed with the decimals of another asset, a request says something else.
    let wrong = request(&world, &player, ("DRIP", 2), units(100));
    assert_eq!(code(world.try_withdraw(wrong)), Code::BadSignature);
    let too_much = new.amount.checked_add(units(1)).unwrap();
    assert_eq!(code(world.try_withdraw(request(&world, &player, rain, too_much))), Code::BalanceTooLow);
    let both = [withdraw(&world, &player, drip, old), withdraw(&world, &player, rain, new.amount)];
    world.pay();
    for withdrawal in &both {
        assert_eq!(world.withdrawal(withdrawal).state, WithdrawalState::Paid);
    }
    let view = world.wallet(&player);
    for (asset, amount) in [("DRIP", old), ("RAIN", new.amount)] {
        assert_eq!((view.money[asset].balance, view.money[asset].paid), (Amount::ZERO, amount));
    }
    let page = world.runtime.block_on(world.faucet.history(player.wallet, None, 100)).unwrap();
    let lines: Vec<(&str, &str)> =
        page.entries.iter().map(|entry| (entry.kind.as_str(), entry.asset.as_str())).collect();
    assert_eq!(lines, [("withdrawal", "RAIN"), ("withdrawal", "DRIP"), ("drip", "RAIN"), ("drip", "DRIP")]);
    let table = world.runtime.block_on(world.faucet.export(player.wallet, Format::Plain, None)).unwrap();
    let table = String::from_utf8(table).unwrap();
    for line in [
        format!(",drip,in,DRIP,{},", old.to_decimal(6)),
        format!(",drip,in,RAIN,{},", new.amount.to_decimal(2)),
    ] {
        assert!(table.contains(&line), "{line} in {table}");
    }
    let report = verify_ledger(directory.path(), &[]).unwrap();
    assert_eq!(report.findings, Vec::<String>::new());
}

#[test]
fn an_asset_that_no_rail_pays_any_more_stays_and_is_paid_once_one_does() {
    let directory = Directory::new();
    let (drip, rain) = (("DRIP", 6), ("RAIN", 2));
    let world = World::with(settings(&directory, drip, &["DRIP"]));
    let player = Player::new(1);
    let old = world.earn(&player, world.first_level()).balance;
    world.try_set_address(world.address_request(&player, "home")).unwrap();
    let now = world.shutdown();
    let world = World::at(settings(&directory, rain, &["RAIN"]), now);
    assert_eq!(code(world.try_withdraw(request(&world, &player, drip, old))), Code::UnknownAsset);
    assert_eq!(world.wallet(&player).money["DRIP"].balance, old);
    assert!(world.faucet.catalog().assets.contains(&Asset { code: "DRIP".to_owned(), decimals: 6 }));
    let now = world.shutdown();
    let world = World::at(settings(&directory, rain, &["DRIP", "RAIN"]), now);
    let withdrawal = withdraw(&world, &player, drip, old);
    world.pay();
    assert_eq!(world.withdrawal(&withdrawal).state, WithdrawalState::Paid);
    assert_eq!(verify_ledger(directory.path(), &[]).unwrap().findings, Vec::<String>::new());
}
