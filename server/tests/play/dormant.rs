//! Balances that lie dormant: paid to the address that was set, once, and never before their time.

use std::collections::BTreeMap;
use std::sync::Arc;

use dripline_server::faucet::Settings;
use dripline_server::ledger::verify_ledger;
use dripline_server::payout::{AssetSettings, FAILURES_MAX, RailDriver, RailSettings};
use dripline_shared::amount::Amount;
use dripline_shared::api::WithdrawalView;
use dripline_shared::catalog::Catalog;
use dripline_shared::limit::MoneyLimit;
use dripline_shared::payout::WithdrawalState;
use dripline_shared::time::{DAY_MS, HOUR_MS, Timestamp};

use crate::delegations::{delegate, request};
use crate::moves::{move_request, moved};
use crate::support::chain::Chain;
use crate::support::{Directory, Player, START, World};

/// After how long anything lies dormant here.
const AFTER_MS: u64 = 60 * DAY_MS;
/// Used up attempts are back by then, so that nothing else puts a wallet to sleep later.
const SLACK_MS: u64 = 3 * DAY_MS;
const FEE: Amount = Amount::from_units(50);

/// Something that a player does.
type Act = fn(&World, &Player);

struct Scene {
    directory: Directory,
    chain: Chain,
}

impl Scene {
    fn new() -> Self {
        Self { directory: Directory::new(), chain: Chain::default() }
    }

    fn settings(&self, outflow: Option<MoneyLimit>, dormant_after_ms: Option<u64>) -> Settings {
        let mut settings = Settings::new(Catalog::first_run());
        settings.data = Some(self.directory.path().to_owned());
        let asset = AssetSettings {
            threshold: Amount::from_units(1_000),
            fee: FEE,
            outflow,
            dormant_after_ms,
            approve_above: None,
        };
        let rail = RailSettings {
            driver: RailDriver::Sandbox,
            assets: BTreeMap::from([("DRIP".to_owned(), asset)]),
            address_wait_ms: DAY_MS,
            failures_max: FAILURES_MAX,
        };
        settings.rails = Some(BTreeMap::from([("sandbox".to_owned(), rail)]));
        settings.drivers.insert("sandbox".to_owned(), Arc::new(self.chain.clone()));
        settings
    }

    fn world(&self) -> World {
        World::with(self.settings(None, Some(AFTER_MS)))
    }

    fn assert_sound(&self) {
        assert_eq!(verify_ledger(self.directory.path(), &[]).unwrap().findings, Vec::<String>::new());
    }
}

/// Somebody who has earned something and set an address.
fn sleeper(world: &World, number: u32, address: &str) -> (Player, Amount) {
    let player = Player::new(number);
    let balance = world.earn(&player, world.first_level()).balance;
    world.wait(1);
    world.try_set_address(world.address_request(&player, address)).unwrap();
    (player, balance)
}

fn withdrawals(world: &World, player: &Player) -> Vec<WithdrawalView> {
    world.runtime.block_on(world.faucet.withdrawals(player.wallet, None, 100)).unwrap().withdrawals
}

fn kinds(world: &World, player: &Player) -> Vec<String> {
    let page = world.runtime.block_on(world.faucet.history(player.wallet, None, 100)).unwrap();
    page.entries.into_iter().map(|entry| entry.kind).collect()
}

/// Sweeps at this moment, and pays what was found.
fn look(world: &World, moment: Timestamp) {
    world.sweep_at(moment);
    world.pay();
}

#[test]
fn what_lies_dormant_is_paid_once_less_the_fee_to_the_address_that_was_set() {
    let scene = Scene::new();
    let world = scene.world();
    let (player, balance) = sleeper(&world, 1, "home");
    let (without_address, kept) = (Player::new(2), world.earn(&Player::new(2), world.first_level()).balance);
    let last_act = world.now();
    look(&world, last_act.plus(AFTER_MS - HOUR_MS));
    assert_eq!(withdrawals(&world, &player), []);
    for days in 0..4 {
        look(&world, last_act.plus(AFTER_MS + SLACK_MS + days * 100 * DAY_MS));
        let [paid] = withdrawals(&world, &player).try_into().unwrap();
        assert_eq!((paid.state, paid.amount, paid.fee), (WithdrawalState::Paid, balance, FEE));
        assert_eq!(paid.address, "home");
    }
    let arrived = balance.checked_sub(FEE).unwrap();
    assert_eq!(scene.chain.balance("home"), arrived.units());
    assert_eq!(world.money(&player).balance, Amount::ZERO);
    assert_eq!(kinds(&world, &player), ["dormant", "drip"]);
    assert_eq!(world.money(&without_address).balance, kept);
    scene.assert_sound();
}

#[test]
fn whoever_does_anything_is_awake() {
    let scene = Scene::new();
    let world = scene.world();
    let acts: [(&str, Act); 6] = [
        ("opens", |world, player| drop(world.open(player, world.first_level()))),
        ("earns", |world, player| drop(world.earn(player, world.first_level()))),
        ("says an address", |world, player| {
            world.try_set_address(world.address_request(player, "home")).unwrap();
        }),
        ("withdraws", |world, player| {
            let request = world.withdrawal_request(player, Amount::from_units(1_000), "home");
            world.try_withdraw(request).unwrap();
        }),
        ("lets a browser play", |world, player| {
            delegate(world, &request(world, (player, &Player::new(20)))).unwrap();
        }),
        ("takes over what a guest has", |world, player| {
            let guest = Player::new(21);
            world.earn(&guest, world.first_level());
            delegate(world, &request(world, (player, &guest))).unwrap();
            moved(world, &move_request(world, (&guest, player))).unwrap();
        }),
    ];
    let players: Vec<Player> =
        (1..).zip(&acts).map(|(number, _)| sleeper(&world, number, "home").0).collect();
    world.wait(AFTER_MS - HOUR_MS);
    for ((_, act), player) in acts.iter().zip(&players) {
        act(&world, player);
    }
    let last_act = world.now();
    look(&world, last_act.plus(AFTER_MS - DAY_MS));
    for ((name, _), player) in acts.iter().zip(&players) {
        assert!(!kinds(&world, player).contains(&"dormant".to_owned()), "{name}");
    }
    look(&world, last_act.plus(AFTER_MS + SLACK_MS));
    for ((name, _), player) in acts.iter().zip(&players) {
        assert_eq!(kinds(&world, player)[0], "dormant", "{name}");
        assert_eq!(world.money(player).balance, Amount::ZERO, "{name}");
    }
    scene.assert_sound();
}

#[test]
fn what_is_below_the_threshold_or_of_an_address_that_waits_stays() {
    let scene = Scene::new();
    let world = scene.world();
    let (player, balance) = sleeper(&world, 1, "home");
    let most = balance.checked_sub(Amount::from_units(999)).unwrap();
    world.try_withdraw(world.withdrawal_request(&player, most, "home")).unwrap();
    look(&world, world.now().plus(2 * AFTER_MS));
    assert_eq!(world.money(&player).balance, Amount::from_units(999));
    let (thrifty, _) = sleeper(&world, 2, "home");
    world.wait(AFTER_MS);
    // Whoever stole the key and changed the address wakes the wallet up, and waits as everybody does.
    world.try_set_address(world.address_request(&thrifty, "thief")).unwrap();
    look(&world, world.now().plus(DAY_MS));
    assert_eq!(withdrawals(&world, &thrifty), []);
    assert_eq!(scene.chain.balance("thief"), 0);
    scene.assert_sound();
}

#[test]
fn nothing_is_paid_where_nothing_is_said_or_the_rail_is_paused_or_stopped() {
    let scene = Scene::new();
    let world = scene.world();
    let (player, balance) = sleeper(&world, 1, "home");
    world.runtime.block_on(world.faucet.set_pause("sandbox", Some("being mended"))).unwrap();
    look(&world, world.now().plus(2 * AFTER_MS));
    assert_eq!(withdrawals(&world, &player), []);
    world.runtime.block_on(world.faucet.set_pause("sandbox", None)).unwrap();
    let now = world.shutdown();
    let world = World::at(scene.settings(None, None), now);
    look(&world, world.now().plus(DAY_MS));
    assert_eq!(withdrawals(&world, &player), []);
    let now = world.shutdown();
    let mut stopped = scene.settings(None, Some(AFTER_MS));
    stopped.stopped = ["rail:sandbox".to_owned()].into();
    let world = World::at(stopped, now);
    look(&world, world.now().plus(DAY_MS));
    assert_eq!((withdrawals(&world, &player), world.money(&player).balance), (Vec::new(), balance));
    let now = world.shutdown();
    let world = World::at(scene.settings(None, Some(AFTER_MS)), now);
    look(&world, world.now().plus(DAY_MS));
    assert_eq!(withdrawals(&world, &player).len(), 1);
    scene.assert_sound();
}

#[test]
fn no_more_than_the_ceiling_lets_out_at_once_is_paid_of_one_sleep() {
    let scene = Scene::new();
    let ceiling = Amount::from_units(8_000);
    let limit = MoneyLimit { ceiling, window_ms: HOUR_MS };
    let world = World::with(scene.settings(Some(limit), Some(AFTER_MS)));
    let (player, balance) = sleeper(&world, 1, "home");
    look(&world, world.now().plus(AFTER_MS + SLACK_MS));
    look(&world, world.now().plus(3 * AFTER_MS));
    let [paid] = withdrawals(&world, &player).try_into().unwrap();
    assert_eq!((paid.state, paid.amount), (WithdrawalState::Paid, limit.burst()));
    assert_eq!(world.money(&player).balance, balance.checked_sub(limit.burst()).unwrap());
    // It wakes up, and falls asleep again.
    world.earn(&player, world.first_level());
    look(&world, world.now().plus(AFTER_MS + SLACK_MS));
    assert_eq!(withdrawals(&world, &player).len(), 2);
    scene.assert_sound();
}

#[test]
fn a_bad_address_costs_a_sleeper_one_fee() {
    let scene = Scene::new();
    let world = scene.world();
    let (player, balance) = sleeper(&world, 1, "hopeless");
    for _ in 0..5 {
        look(&world, world.now().plus(AFTER_MS + SLACK_MS));
    }
    let [returned] = withdrawals(&world, &player).try_into().unwrap();
    assert_eq!(returned.state, WithdrawalState::Returned);
    assert_eq!(world.money(&player).balance, balance.checked_sub(FEE).unwrap());
    scene.assert_sound();
}

#[test]
fn a_clock_that_jumps_puts_nobody_to_sleep() {
    let scene = Scene::new();
    let world = scene.world();
    let (player, balance) = sleeper(&world, 1, "home");
    world.set_clock(START.plus(10 * 365 * DAY_MS));
    world.runtime.block_on(world.faucet.sweep()).unwrap();
    world.set_clock(START.plus(HOUR_MS));
    world.runtime.block_on(world.faucet.sweep()).unwrap();
    world.pay();
    assert_eq!((withdrawals(&world, &player), world.money(&player).balance), (Vec::new(), balance));
}
