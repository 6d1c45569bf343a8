//! What does not get into a block: it is replaced for more, or cancelled.

use dripline_shared::payout::WithdrawalState;
use dripline_shared::time::MINUTE_MS;

use crate::node::number;
use crate::scene::{FEE_MAX, Scene, address, assert_paid, wei, withdraw};
use crate::support::World;

const GWEI: u64 = 1_000_000_000;

/// A payout that is signed when gas is cheap, and does not get into the next block, in which it is dear.
fn stuck(scene: &Scene, world: &World, base_fee: u64) {
    world.pay_step().unwrap();
    world.pay_step().unwrap();
    scene.node.set_base_fee(base_fee);
    scene.node.mine(1);
    assert_eq!(scene.node.count(scene.node.treasury()), 0);
}

/// The ids of the candidates of the only batch.
fn candidates(scene: &Scene) -> Vec<String> {
    scene.batches()[0].candidates.iter().map(|candidate| candidate.id.to_string()).collect()
}

#[test]
fn a_payout_that_is_too_cheap_by_now_is_replaced_by_one_that_differs_in_its_fees_alone() {
    let scene = Scene::new();
    let world = scene.world(scene.evm(&[&scene.node.url]));
    let requested = withdraw(&world, 1, 1_000);
    stuck(&scene, &world, 20 * GWEI);
    world.wait(4 * MINUTE_MS);
    world.pay_step().unwrap();
    assert_eq!(candidates(&scene).len(), 1, "it is not time yet");
    world.wait(2 * MINUTE_MS);
    world.pay_step().unwrap();
    let ids = candidates(&scene);
    assert_eq!(ids.len(), 2);
    world.pay_step().unwrap();
    assert_eq!(candidates(&scene).len(), 2, "the new one has its time, too");
    scene.node.set_base_fee(20 * GWEI);
    scene.node.mine(1);
    let paid = scene.settle(&world, &[requested]);
    assert_paid(&paid);
    assert_eq!(paid[0].transaction.as_ref(), Some(&ids[1]));
    assert_eq!(scene.node.balance(&address(1)), wei(1_000));
    let replacement = scene.node.transaction(&ids[1]);
    assert_eq!(number(&replacement["nonce"]), 0);
    assert!(number(&replacement["maxFeePerGas"]) > u128::from(20 * GWEI));
    assert_eq!(scene.node.count(scene.node.treasury()), 1);
    scene.assert_sound();
}

#[test]
fn nothing_is_offered_above_what_the_operator_allows() {
    let scene = Scene::new();
    let world = scene.world(scene.evm(&[&scene.node.url]));
    let requested = withdraw(&world, 1, 1_000);
    stuck(&scene, &world, 2 * FEE_MAX);
    for _ in 0..20 {
        world.wait(6 * MINUTE_MS);
        world.pay_step().unwrap();
        scene.node.set_base_fee(2 * FEE_MAX);
        scene.node.mine(1);
    }
    let count = candidates(&scene).len();
    assert!(count > 1, "it went as far as it may");
    for id in candidates(&scene) {
        let transaction = scene.node.transaction(&id);
        let offered = transaction.get("maxFeePerGas").map_or(0, number);
        assert!(offered <= u128::from(FEE_MAX), "{transaction}");
    }
    assert_eq!(world.withdrawal(&requested).state, WithdrawalState::Sending);
    // What is requested meanwhile is not even signed.
    let other = withdraw(&world, 2, 1_000);
    world.pay_step().unwrap();
    assert!(format!("{:?}", world.pay_step().unwrap_err()).contains("the configuration allows at most"));
    // Once it is cheap again, all of them are paid.
    scene.node.set_base_fee(GWEI);
    assert_paid(&scene.settle(&world, &[requested, other]));
    assert_eq!(scene.node.balance(&address(1)), wei(1_000));
    scene.assert_sound();
}

#[test]
fn what_waits_behind_another_payout_is_not_made_dearer() {
    let scene = Scene::new();
    let world = scene.world(scene.evm(&[&scene.node.url]));
    let requested = [withdraw(&world, 1, 1_000), withdraw(&world, 2, 1_000)];
    for _ in 0..4 {
        world.pay_step().unwrap();
    }
    scene.node.set_base_fee(20 * GWEI);
    scene.node.mine(1);
    world.wait(6 * MINUTE_MS);
    world.pay_step().unwrap();
    let nonces = |batch: &dripline_server::store::record::BatchRecord| -> Vec<Option<u64>> {
        batch.candidates.iter().map(|candidate| candidate.nonce).collect()
    };
    let mut nonces: Vec<_> = scene.batches().iter().map(nonces).collect();
    nonces.sort();
    assert_eq!(nonces, [vec![Some(0), Some(0)], vec![Some(1)]]);
    scene.node.set_base_fee(GWEI);
    assert_paid(&scene.settle(&world, &requested));
}

#[test]
fn a_payout_that_is_cancelled_in_time_is_not_made_and_its_money_goes_back_whole() {
    let scene = Scene::new();
    let world = scene.world(scene.evm(&[&scene.node.url]));
    let player = crate::support::Player::new(1);
    let requested = withdraw(&world, 1, 1_000);
    let before = world.money(&player);
    stuck(&scene, &world, 20 * GWEI);
    let batch = scene.batches()[0].id;
    assert!(world.runtime.block_on(world.faucet.cancel_batch(batch)).unwrap());
    world.pay_step().unwrap();
    let ids = candidates(&scene);
    assert_eq!(ids.len(), 2, "who cancels does not wait");
    scene.node.set_base_fee(GWEI);
    scene.node.mine(1);
    let cancel = scene.node.transaction(&ids[1]);
    assert_eq!((number(&cancel["nonce"]), number(&cancel["value"])), (0, 0));
    assert_eq!(cancel["to"], cancel["from"]);
    let ended = scene.settle(&world, &[requested]);
    assert_eq!(ended[0].state, WithdrawalState::Returned);
    assert_eq!(scene.node.balance(&address(1)), 0);
    let after = world.money(&player);
    assert_eq!(after.balance.units() - before.balance.units(), 1_000, "without the fee");
    assert_eq!(after.pending.units(), 0);
    // The next payout has the next nonce.
    let next = withdraw(&world, 2, 1_000);
    assert_paid(&scene.settle(&world, &[next]));
    scene.assert_sound();
}

#[test]
fn a_payout_that_is_faster_than_its_cancellation_is_settled() {
    let scene = Scene::new();
    let world = scene.world(scene.evm(&[&scene.node.url]));
    let requested = withdraw(&world, 1, 1_000);
    world.pay_step().unwrap();
    world.pay_step().unwrap();
    scene.node.mine(1);
    assert_eq!(scene.node.balance(&address(1)), wei(1_000));
    let batch = scene.batches()[0].id;
    assert!(world.runtime.block_on(world.faucet.cancel_batch(batch)).unwrap());
    let _ = world.pay_step();
    assert_paid(&scene.settle(&world, &[requested]));
    assert_eq!(scene.node.count(scene.node.treasury()), 1);
    scene.assert_sound();
}
