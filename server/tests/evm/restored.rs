//! The whole way of a store that is restored from a backup: it halts, its operator looks, and nobody is paid twice.

use dripline_shared::amount::Amount;
use dripline_shared::api::WithdrawalView;
use dripline_shared::payout::WithdrawalState;
use dripline_shared::time::MINUTE_MS;

use crate::command::Operator;
use crate::go_between::{GoBetween, Manner};
use crate::scene::{Scene, address, assert_paid, wei, withdraw, withdraw_to};
use crate::support::directory::copy;
use crate::support::{Directory, Player, World};

/// The address of the sixth player.
const SIXTH: &str = "0x7700000000000000000000000000000000000006";

/// Shuts the faucet down and makes its data directory what it was when `backup` was taken.
fn restore(scene: &Scene, world: World, backup: &Directory) -> World {
    let now = world.shutdown();
    copy(backup.path(), scene.directory.path());
    let world = scene.world(scene.evm(&[&scene.node.url]));
    world.wait_until(now);
    world
}

/// Shuts the faucet down and takes a backup; then it goes on.
fn backed_up(scene: &Scene, world: World, backup: &Directory) -> World {
    let now = world.shutdown();
    copy(scene.directory.path(), backup.path());
    let world = scene.world(scene.evm(&[&scene.node.url]));
    world.wait_until(now);
    world
}

/// Steps until the rail halts.
fn halts(scene: &Scene, world: &World) -> String {
    for _ in 0..5 {
        let _ = world.pay_step();
        scene.node.finalize();
        world.wait(MINUTE_MS);
    }
    scene.paused().unwrap()
}

fn transaction(paid: &WithdrawalView) -> String {
    paid.transaction.clone().unwrap()
}

#[test]
fn what_was_paid_since_the_backup_is_imported_and_the_rest_is_paid_once() {
    let scene = Scene::new();
    let (backup, config) = (Directory::new(), scene.config_file());
    let operator = Operator { config: &config, data: scene.directory.path() };
    let closed = scene.node.deploy("Refusing");
    let world = scene.world(scene.evm(&[&scene.node.url]));
    assert_paid(&scene.settle(&world, &[withdraw(&world, 1, 1_000), withdraw(&world, 6, 1_000)]));
    let requested =
        [withdraw(&world, 2, 1_000), withdraw(&world, 3, 1_000), withdraw_to(&world, 4, 1_000, &closed)];
    let world = backed_up(&scene, world, &backup);
    // Since the backup two are paid, and one comes back because its address cannot be paid.
    let ended = scene.settle(&world, &requested);
    assert_paid(&ended[..2]);
    assert_eq!(ended[2].state, WithdrawalState::Returned);
    // One more is requested and paid, of which the backup knows nothing.
    let later = world.withdraw(&Player::new(6), Amount::from_units(700), SIXTH);
    let later = scene.settle(&world, &[later]);
    assert_paid(&later);
    let after = [2, 3, 4, 6].map(|number| world.money(&Player::new(number)));

    let world = restore(&scene, world, &backup);
    let why = halts(&scene, &world);
    assert!(why.starts_with("recovery: "), "{why}");
    for (number, withdrawal) in (2..).zip(&requested) {
        assert!(!world.withdrawal(withdrawal).state.is_final(), "{number}");
    }
    let now = world.shutdown();
    let listed = operator.list("evm");
    assert_eq!(listed["paused"], why);
    let open = operator.open("evm");
    assert_eq!(open.len(), 3, "{listed}");
    assert!(listed.to_string().contains("0.00095 DRIP"), "what arrives is told in coins: {listed}");

    let (two, three) = (&open[&address(2)], &open[&address(3)]);
    let of_two = transaction(&ended[0]);
    // By mistake another one's, and what is no transaction at all.
    let told = operator.cannot(&["import", three, &of_two], 1);
    assert!(told.contains("has paid 0") && told.contains(&address(3)), "{told}");
    let told = operator.cannot(&["import", three, "5eykt4UsFv8P8NJd"], 2);
    assert!(told.contains("expected the hash of a transaction"), "{told}");
    let nowhere = format!("0x{}", "ab".repeat(32));
    assert!(operator.cannot(&["import", three, &nowhere], 1).contains("no such transaction"));
    assert_eq!(operator.open("evm"), open, "nothing has changed");
    operator.does(&["import", two, &of_two]);
    assert!(operator.does(&["import", two, &of_two]).contains("was known"));
    operator.does(&["import", three, &transaction(&ended[1]).to_uppercase().replace("0X", "0x")]);
    assert_eq!(operator.open("evm").keys().collect::<Vec<_>>(), [&closed.to_lowercase()]);
    let of_later = transaction(&later[0]);
    let record = |to: &str, amount: &str| {
        operator.payouts(&["record", "evm", &of_later, "--to", to, "--amount", amount])
    };
    assert_eq!(address(6), SIXTH);
    assert!(record(SIXTH, "651").err.contains("has paid"), "more than it paid");
    let recorded = record(SIXTH, "650");
    assert_eq!(recorded.code, 0, "{recorded:?}");
    assert!(record(SIXTH, "650").out.contains("was known"));
    assert!(record(&address(9), "650").err.contains("no wallet in this store has had the address"));
    scene.assert_sound();
    operator.does(&["resume", "evm", "--next-nonce", &scene.node.count(scene.node.treasury()).to_string()]);

    let world = scene.world(scene.evm(&[&scene.node.url]));
    world.wait_until(now);
    let fourth = scene.settle(&world, &requested[2..]);
    assert_eq!(fourth[0].state, WithdrawalState::Returned, "it comes back as it did");
    assert_paid(&scene.settle(&world, &[withdraw(&world, 5, 1_000)]));
    assert_eq!(scene.node.balance(SIXTH), wei(1_000) + wei(700));
    for number in [1, 2, 3, 5] {
        assert_eq!(scene.node.balance(&address(number)), wei(1_000), "{number} is paid once");
    }
    assert_eq!(
        [2, 3, 4, 6].map(|number| world.money(&Player::new(number))),
        after,
        "as if nothing had happened"
    );
    assert_eq!(world.withdrawal(&requested[0]).transaction, Some(of_two));
    world.shutdown();
    scene.assert_sound();
}

#[test]
fn a_payout_that_was_replaced_since_the_backup_is_imported_by_the_nonce_that_it_has_used() {
    let scene = Scene::new();
    let (backup, config) = (Directory::new(), scene.config_file());
    let operator = Operator { config: &config, data: scene.directory.path() };
    let deaf = GoBetween::start(&scene.node.url, Manner::ThrowsAway);
    let world = scene.world(scene.evm(&[&deaf.url]));
    let requested = withdraw(&world, 1, 1_000);
    world.pay_step().unwrap();
    world.pay_step().unwrap();
    let first = scene.batches()[0].candidates[0].id.to_string();
    let world = backed_up(&scene, world, &backup);
    // In its place comes a dearer one, which is executed.
    world.wait(10 * MINUTE_MS);
    scene.node.set_base_fee(2_000_000_000);
    world.pay_step().unwrap();
    let second = scene.batches()[0].candidates[1].id.to_string();
    let paid = scene.settle(&world, std::slice::from_ref(&requested));
    assert_eq!(paid[0].transaction.as_ref(), Some(&second));

    let world = restore(&scene, world, &backup);
    let why = halts(&scene, &world);
    assert!(why.contains("nonce 0 of the treasury is used"), "{why}");
    world.shutdown();
    let id = requested.id.to_string();
    let listed = operator.list("evm");
    assert_eq!(listed["batches"][0]["candidates"][0]["transaction"], first.as_str());
    assert_eq!(operator.open("evm")[&address(1)], id);
    // By the operator's word alone nobody knows that what was sent cannot be executed any more.
    let told = operator.cannot(&["import", &id, &second, "--unchecked"], 1);
    assert!(told.contains("may still be executed"), "{told}");
    operator.does(&["import", &id, &second]);
    operator.does(&["resume", "evm", "--next-nonce", "1"]);
    let world = scene.world(scene.evm(&[&scene.node.url]));
    assert_paid(&scene.settle(&world, &[withdraw(&world, 2, 1_000)]));
    assert_eq!(scene.node.balance(&address(1)), wei(1_000), "it is paid once");
    assert_eq!(world.withdrawal(&requested).transaction, Some(second));
    world.shutdown();
    scene.assert_sound();
}
