//! What keeps a rail from signing: what may be on its way, what the treasury did, what fails.

use std::collections::BTreeMap;
use std::sync::Arc;

use dripline_server::faucet::Settings;
use dripline_server::payout::{AssetSettings, RailDriver, RailSettings};
use dripline_server::store::Reader as _;
use dripline_server::store::sqlite::SqliteReader;
use dripline_shared::amount::Amount;
use dripline_shared::api::WithdrawalView;
use dripline_shared::catalog::Catalog;
use dripline_shared::payout::WithdrawalState;

use crate::support::chain::{Chain, Fault, HORIZON};
use crate::support::directory::copy;
use crate::support::{Directory, Player, World};

/// After how many failures in a row the rail pauses.
const FAILURES_MAX: u32 = 3;

fn settings(directory: &Directory, chain: &Chain) -> Settings {
    let mut settings = Settings::new(Catalog::first_run());
    settings.data = Some(directory.path().to_owned());
    let drip = AssetSettings {
        threshold: Amount::from_units(100),
        fee: Amount::from_units(50),
        outflow: None,
        dormant_after_ms: None,
        approve_above: None,
    };
    let rail = RailSettings {
        driver: RailDriver::Sandbox,
        assets: BTreeMap::from([("DRIP".to_owned(), drip)]),
        address_wait_ms: 0,
        failures_max: FAILURES_MAX,
    };
    settings.rails = Some(BTreeMap::from([("sandbox".to_owned(), rail)]));
    settings.drivers.insert("sandbox".to_owned(), Arc::new(chain.clone()));
    settings
}

/// A player of this number earns something and withdraws some of it to an address.
fn withdraw(world: &World, number: u32, address: &str) -> WithdrawalView {
    let player = Player::new(number);
    world.earn(&player, world.first_level());
    world.wait(1);
    world.withdraw(&player, Amount::from_units(1_000), address)
}

/// Takes some steps, whatever they come to.
fn steps(world: &World, count: usize) {
    for _ in 0..count {
        let _ = world.pay_step();
    }
}

/// Cancels every batch that has not ended.
fn cancel_all(world: &World, directory: &Directory) {
    let mut reader = SqliteReader::open(directory.path()).unwrap();
    for batch in reader.batches("sandbox").unwrap() {
        world.runtime.block_on(world.faucet.cancel_batch(batch.record.id)).unwrap();
    }
}

/// Why the rail is paused.
fn paused(world: &World) -> Option<String> {
    world.runtime.block_on(world.faucet.rails()).unwrap().rails.remove(0).paused
}

#[test]
fn a_server_that_begins_signs_nothing_before_all_that_was_signed_earlier_has_left_a_trace() {
    let (directory, chain) = (Directory::new(), Chain::default());
    chain.is_at(100);
    let world = World::with(settings(&directory, &chain));
    let requested = withdraw(&world, 1, "alice");
    for height in [100, 105, 100 + HORIZON - 1] {
        chain.is_at(height);
        steps(&world, 3);
        assert_eq!((chain.signed(), world.withdrawal(&requested).state), (0, WithdrawalState::Sending));
    }
    chain.is_at(100 + HORIZON);
    steps(&world, 3);
    assert_eq!(world.withdrawal(&requested).state, WithdrawalState::Paid);
    // From then on it need not wait: the store knows all that it signs itself.
    let next = withdraw(&world, 2, "bob");
    steps(&world, 4);
    assert_eq!(world.withdrawal(&next).state, WithdrawalState::Paid);
}

#[test]
fn a_store_that_lost_what_was_just_sent_finds_it_on_the_chain_before_it_signs_again() {
    let (directory, chain, backup) = (Directory::new(), Chain::default(), Directory::new());
    chain.is_at(100);
    let world = World::with(settings(&directory, &chain));
    steps(&world, 1);
    chain.is_at(100 + HORIZON);
    let first = withdraw(&world, 1, "alice");
    steps(&world, 4);
    assert_eq!(world.withdrawal(&first).state, WithdrawalState::Paid);
    let requested = withdraw(&world, 2, "bob");
    let now = world.shutdown();
    copy(directory.path(), backup.path());
    let world = World::at(settings(&directory, &chain), now);
    steps(&world, 1);
    chain.is_at(100 + 2 * HORIZON);
    steps(&world, 4);
    assert_eq!(world.withdrawal(&requested).state, WithdrawalState::Paid);
    let now = world.shutdown();
    // The copy knows nothing of that payout, and the chain shows it only some blocks later.
    let world = World::at(settings(&backup, &chain), now);
    steps(&world, 4);
    assert_eq!(chain.signed(), 2);
    chain.is_at(100 + 3 * HORIZON);
    chain.happened(&chain.sent()[1], true);
    steps(&world, 4);
    assert!(paused(&world).unwrap().starts_with("recovery: 1 transactions"), "{:?}", paused(&world));
    assert_eq!((chain.signed(), chain.balance("bob")), (2, 950));
}

#[test]
fn dust_that_the_treasury_is_sent_holds_nothing_up_for_good() {
    let (directory, chain) = (Directory::new(), Chain::default());
    let world = World::with(settings(&directory, &chain));
    let first = withdraw(&world, 1, "alice");
    steps(&world, 4);
    assert_eq!(world.withdrawal(&first).state, WithdrawalState::Paid);
    for number in 0..200 {
        chain.happened(&format!("dust-{number}"), false);
    }
    let requested = withdraw(&world, 2, "bob");
    // The chain's endpoint fails again and again in the midst of it.
    for _ in 0..10 {
        chain.tells(25);
        steps(&world, 1);
    }
    chain.tells(1_000);
    steps(&world, 4);
    assert_eq!(world.withdrawal(&requested).state, WithdrawalState::Paid);
    assert_eq!(paused(&world), None);
}

#[test]
fn while_the_treasury_cannot_be_examined_nothing_is_signed_but_what_was_cancelled_ends() {
    let (directory, chain) = (Directory::new(), Chain::default());
    let world = World::with(settings(&directory, &chain));
    let first = withdraw(&world, 1, "alice");
    steps(&world, 4);
    assert_eq!(world.withdrawal(&first).state, WithdrawalState::Paid);
    chain.happened("dust", false);
    chain.tells(0);
    let requested = withdraw(&world, 2, "bob");
    let _ = world.pay_step();
    assert!(world.pay_step().is_err());
    assert_eq!((chain.signed(), world.withdrawal(&requested).state), (1, WithdrawalState::Sending));
    world.wait(1);
    cancel_all(&world, &directory);
    steps(&world, 2);
    assert_eq!(world.withdrawal(&requested).state, WithdrawalState::Returned);
    assert_eq!(chain.balance("bob"), 0);
}

#[test]
fn a_player_whose_address_takes_nothing_cannot_pause_the_rail() {
    let (directory, chain) = (Directory::new(), Chain::default());
    let world = World::with(settings(&directory, &chain));
    for number in 1..=FAILURES_MAX {
        let requested = withdraw(&world, number, "hopeless");
        steps(&world, 6);
        assert_eq!(world.withdrawal(&requested).state, WithdrawalState::Returned);
    }
    assert_eq!((paused(&world), chain.sent().len()), (None, 0));
}

#[test]
fn what_fails_on_the_chain_pauses_the_rail_without_telling_everybody_what_a_recipient_wrote() {
    let (directory, chain) = (Directory::new(), Chain::default());
    let world = World::with(settings(&directory, &chain));
    let requested: Vec<WithdrawalView> = (1..=2).map(|number| withdraw(&world, number, "bad")).collect();
    steps(&world, 12);
    assert_eq!(paused(&world).as_deref(), Some("3 payouts in a row failed"));
    world.runtime.block_on(world.faucet.set_pause("sandbox", None)).unwrap();
    steps(&world, 12);
    for withdrawal in &requested {
        let after = world.withdrawal(withdrawal);
        assert_eq!(after.state, WithdrawalState::Returned);
        let reason = after.reason.unwrap();
        assert!(reason.starts_with("the transaction failed:  [31m"), "{reason:?}");
        assert_eq!(reason.chars().count(), 200);
    }
}

#[test]
fn a_store_that_forgets_what_was_sent_while_the_server_runs_halts_the_rail() {
    let (directory, chain) = (Directory::new(), Chain::default());
    let world = World::with(settings(&directory, &chain));
    let requested = withdraw(&world, 1, "alice");
    // It is sent, and the chain does not tell yet what becomes of it.
    chain.faults([Fault::None, Fault::None, Fault::CannotTell]);
    steps(&world, 3);
    assert_eq!((chain.sent().len(), world.withdrawal(&requested).state), (1, WithdrawalState::Sending));
    // As a database does that failed over to a replica that was behind.
    let store = rusqlite::Connection::open(directory.path().join("dripline.sqlite")).unwrap();
    assert_eq!(store.execute("DELETE FROM candidates", []).unwrap(), 1);
    steps(&world, 4);
    assert!(paused(&world).unwrap().contains("does not know"), "{:?}", paused(&world));
    assert_eq!((chain.signed(), chain.balance("alice")), (1, 950));
}
