//! What happens to the chain and to the process: reorganisations, a key that somebody else uses, and ends at any moment.

use dripline_shared::payout::WithdrawalState;
use dripline_shared::time::MINUTE_MS;
use serde_json::json;

use crate::go_between::{GoBetween, Manner};
use crate::scene::{Scene, address, assert_paid, wei, withdraw};
use crate::support::Player;

#[test]
fn a_payout_that_a_reorganisation_takes_back_is_sent_again_and_pays_once() {
    let scene = Scene::new();
    let world = scene.world(scene.evm(&[&scene.node.url]));
    let requested = withdraw(&world, 1, 1_000);
    world.pay_step().unwrap();
    world.pay_step().unwrap();
    scene.node.mine(2);
    assert_eq!(scene.node.balance(&address(1)), wei(1_000));
    world.pay_step().unwrap();
    assert_eq!(world.withdrawal(&requested).state, WithdrawalState::Sending, "it is not final");
    scene.node.call("anvil_reorg", &json!([2, []]));
    scene.node.call("anvil_dropAllTransactions", &json!([]));
    assert_eq!((scene.node.balance(&address(1)), scene.node.count(scene.node.treasury())), (0, 0));
    world.wait(MINUTE_MS);
    world.pay_step().unwrap();
    scene.node.mine(1);
    assert_eq!(scene.node.balance(&address(1)), wei(1_000), "it is back, as it was");
    assert_eq!(scene.batches()[0].candidates.len(), 1);
    assert_paid(&scene.settle(&world, &[requested]));
    assert_eq!(scene.node.count(scene.node.treasury()), 1);
    scene.assert_sound();
}

#[test]
fn a_process_that_ends_before_it_has_sent_sends_the_same_when_it_begins_again() {
    let scene = Scene::new();
    let deaf = GoBetween::start(&scene.node.url, Manner::HangsUp);
    let world = scene.world(scene.evm(&[&deaf.url]));
    let requested = withdraw(&world, 1, 1_000);
    world.pay_step().unwrap();
    assert!(world.pay_step().is_err());
    let kept = scene.batches()[0].candidates[0].id.to_string();
    assert_eq!(scene.node.count(scene.node.treasury()), 0);
    let world = scene.again(world);
    let paid = scene.settle(&world, &[requested]);
    assert_paid(&paid);
    assert_eq!(paid[0].transaction.as_ref(), Some(&kept));
    assert_eq!(scene.node.count(scene.node.treasury()), 1);
}

#[test]
fn a_next_nonce_that_leaves_a_gap_is_told_and_nothing_is_signed_above_it() {
    let scene = Scene::new();
    let world = scene.world(scene.evm(&[&scene.node.url]));
    assert_paid(&scene.settle(&world, &[withdraw(&world, 1, 1_000)]));
    // An operator has counted one too many.
    let world = scene.resumed(world, 2);
    let requested = withdraw(&world, 2, 1_000);
    world.pay_step().unwrap();
    let why = format!("{:?}", world.pay_step().unwrap_err());
    assert!(why.contains("has executed 1 transactions") && why.contains("the next nonce 1"), "{why}");
    assert_eq!(scene.batches()[0].candidates.len(), 0);
    let world = scene.resumed(world, 1);
    assert_paid(&scene.settle(&world, &[requested]));
}

#[test]
fn a_store_that_knows_less_than_the_chain_signs_nothing_until_somebody_has_looked() {
    let scene = Scene::new();
    let world = scene.world(scene.evm(&[&scene.node.url]));
    assert_paid(&scene.settle(&world, &[withdraw(&world, 1, 1_000)]));
    // The treasury's key is used behind the faucet's back, as it was before a restore from a backup.
    scene.node.execute_as_treasury(&address(50), "0x");
    let requested = withdraw(&world, 2, 1_000);
    world.pay_step().unwrap();
    assert!(world.pay_step().is_err());
    let why = scene.paused().unwrap();
    assert!(why.contains("executed 2 transactions of the treasury, the store knows of 1"), "{why}");
    for _ in 0..3 {
        world.pay_step().unwrap();
    }
    assert_eq!(world.withdrawal(&requested).state, WithdrawalState::Sending);
    assert_eq!(scene.node.count(scene.node.treasury()), 2);
    let world = scene.resumed(world, 2);
    assert_paid(&scene.settle(&world, &[requested]));
    assert_eq!(scene.node.balance(&address(2)), wei(1_000));
    scene.assert_sound();
}

#[test]
fn a_nonce_that_somebody_else_uses_halts_the_rail_until_the_payout_is_cancelled() {
    let scene = Scene::new();
    let deaf = GoBetween::start(&scene.node.url, Manner::ThrowsAway);
    let world = scene.world(scene.evm(&[&deaf.url]));
    let requested = withdraw(&world, 1, 1_000);
    let before = world.money(&Player::new(1));
    world.pay_step().unwrap();
    world.pay_step().unwrap();
    scene.node.execute_as_treasury(&address(50), "0x");
    world.pay_step().unwrap();
    assert_eq!(scene.paused(), None, "it is not final");
    scene.node.finalize();
    world.pay_step().unwrap();
    let why = scene.paused().unwrap();
    assert!(
        why.contains("nonce 0 of the treasury is used by a transaction that is not in the store"),
        "{why}"
    );
    // Running again alone changes nothing.
    world.runtime.block_on(world.faucet.set_pause("evm", None)).unwrap();
    world.pay_step().unwrap();
    assert!(scene.paused().is_some());
    assert_eq!(world.withdrawal(&requested).state, WithdrawalState::Sending);
    // The operator has looked at the transaction.
    let batch = scene.batches()[0].id;
    world.wait(1);
    assert!(world.runtime.block_on(world.faucet.cancel_batch(batch)).unwrap());
    world.pay_step().unwrap();
    assert_eq!(world.withdrawal(&requested).state, WithdrawalState::Returned);
    assert_eq!(world.money(&Player::new(1)).balance.units() - before.balance.units(), 1_000);
    let world = scene.resumed(world, 1);
    let next = withdraw(&world, 2, 1_000);
    assert_paid(&scene.settle(&world, &[next]));
    assert_eq!(scene.node.balance(&address(1)), 0);
    scene.assert_sound();
}
