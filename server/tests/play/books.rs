//! The books in sums, and what treasuries hold: as everybody is told.

use std::collections::BTreeMap;

use dripline_server::faucet::Settings;
use dripline_server::payout::{AssetSettings, FAILURES_MAX, RailDriver, RailSettings};
use dripline_shared::amount::Amount;
use dripline_shared::api::{AssetBooks, LedgerView, OnChain};
use dripline_shared::catalog::Catalog;
use dripline_shared::payout::RailKind;
use dripline_shared::time::{MINUTE_MS, SECOND_MS};

use crate::support::chain::{Chain, FUNDED, Fault};
use crate::support::{Player, World};

const FEE: Amount = Amount::from_units(50);

/// A faucet that pays by this chain, for a fee.
fn world(chain: &Chain) -> World {
    let mut settings = Settings::new(Catalog::first_run());
    let asset = AssetSettings {
        threshold: Amount::from_units(100),
        fee: FEE,
        outflow: None,
        dormant_after_ms: None,
        approve_above: None,
    };
    let rail = RailSettings {
        driver: RailDriver::Sandbox,
        assets: BTreeMap::from([("DRIP".to_owned(), asset)]),
        address_wait_ms: MINUTE_MS,
        failures_max: FAILURES_MAX,
    };
    settings.rails = Some(BTreeMap::from([("chain".to_owned(), rail)]));
    settings.drivers.insert("chain".to_owned(), std::sync::Arc::new(chain.clone()));
    World::with(settings)
}

/// What everybody is told a minute later.
fn ledger(world: &World) -> LedgerView {
    world.wait(MINUTE_MS);
    world.runtime.block_on(world.faucet.ledger()).unwrap()
}

fn books(world: &World) -> AssetBooks {
    let mut ledger = ledger(world);
    assert_eq!((ledger.assets.len(), ledger.read_at_ms), (1, world.now()));
    ledger.assets.remove(0)
}

fn assert_sound(books: &AssetBooks) {
    let AssetBooks { supply, players, pending, campaigns, treasury, fees, .. } = books;
    let parts = [players, pending, campaigns, treasury, fees];
    assert_eq!(parts.map(|part| part.units()).iter().sum::<i64>(), supply.units(), "{books:?}");
}

fn on_chain(world: &World) -> Option<OnChain> {
    ledger(world).rails.remove(0).on_chain
}

#[test]
fn the_books_add_up_while_money_is_earned_requested_and_paid() {
    let world = world(&Chain::default());
    let fresh = books(&world);
    let budget = world.catalog.campaigns[0].budget;
    assert_eq!(
        fresh,
        AssetBooks {
            asset: world.catalog.asset.clone(),
            supply: budget,
            campaigns: budget,
            players: Amount::ZERO,
            pending: Amount::ZERO,
            treasury: Amount::ZERO,
            fees: Amount::ZERO,
            operating: Amount::ZERO,
        }
    );

    let player = Player::new(1);
    let drip = world.earn(&player, world.first_level()).amount;
    let earned = books(&world);
    assert_sound(&earned);
    assert_eq!((earned.supply, earned.players), (budget, drip));

    let amount = Amount::from_units(1_000);
    world.withdraw(&player, amount, "alice");
    let requested = books(&world);
    assert_sound(&requested);
    assert_eq!((requested.supply, requested.pending), (budget, amount));
    assert_eq!(requested.players, drip.checked_sub(amount).unwrap());

    world.pay();
    let paid = books(&world);
    assert_sound(&paid);
    assert_eq!((paid.pending, paid.fees), (Amount::ZERO, FEE));
    let left = budget.checked_sub(amount).and_then(|left| left.checked_add(FEE));
    assert_eq!(Some(paid.supply), left, "what was paid out is outside again, and its fee is not");
}

#[test]
fn sums_are_kept_for_ten_seconds_whoever_asks() {
    let world = World::new();
    let told = || world.runtime.block_on(world.faucet.ledger()).unwrap();
    let first = told();
    let receipt = world.earn(&Player::new(1), world.first_level());
    world.set_clock(first.read_at_ms.plus(10 * SECOND_MS - 1));
    let second = told();
    assert_eq!((&second.assets, second.read_at_ms), (&first.assets, first.read_at_ms));
    assert_eq!(second.server_time_ms, world.now());
    world.wait(1);
    let third = told();
    assert_eq!((third.assets[0].players, third.read_at_ms), (receipt.amount, world.now()));
    // A clock that is put back makes nothing new that is not.
    world.set_clock(first.read_at_ms);
    assert_eq!(told().read_at_ms, first.read_at_ms);
}

#[test]
fn what_a_treasury_holds_is_told_with_the_moment_it_was_read_and_kept_while_the_chain_is_silent() {
    let chain = Chain::default();
    let world = world(&chain);
    assert_eq!(on_chain(&world), None, "nobody has asked yet");
    let refresh = || world.runtime.block_on(world.faucet.refresh_holdings());
    chain.faults([Fault::Refuses]);
    refresh();
    assert_eq!(on_chain(&world), None, "it has never answered");
    refresh();
    let read_at = world.now();
    let first = on_chain(&world).unwrap();
    assert_eq!((first.address.as_str(), first.read_at_ms), ("treasury", read_at));
    assert_eq!(first.holdings[0].asset, world.catalog.asset);
    assert_eq!(first.holdings[0].amount.units(), FUNDED);

    let player = Player::new(1);
    world.earn(&player, world.first_level());
    world.withdraw(&player, Amount::from_units(1_000), "alice");
    world.pay();
    chain.faults([Fault::Refuses]);
    refresh();
    assert_eq!(on_chain(&world), Some(first), "the last that is known");
    refresh();
    assert_eq!(on_chain(&world).unwrap().holdings[0].amount.units(), FUNDED - 950);
}

#[test]
fn a_rail_that_is_on_no_chain_has_nothing_to_tell() {
    let world = World::new();
    world.runtime.block_on(world.faucet.refresh_holdings());
    let rails = ledger(&world).rails;
    assert_eq!(rails.len(), 1);
    assert_eq!(
        (rails[0].rail.as_str(), rails[0].kind, &rails[0].on_chain),
        ("sandbox", RailKind::Sandbox, &None)
    );
}
