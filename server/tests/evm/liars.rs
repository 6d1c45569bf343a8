//! Endpoints that lie, lag or say nothing: never twice, and never lost.

use dripline_shared::payout::WithdrawalState;

use crate::go_between::{GoBetween, Manner};
use crate::scene::{Scene, address, assert_paid, wei, withdraw};

#[test]
fn a_payout_that_is_sent_again_and_again_pays_once() {
    let scene = Scene::new();
    // It says of everything that it was never seen, so the faucet sends again at each step.
    let liar = GoBetween::start(&scene.node.url, Manner::NeverSeen);
    let world = scene.world(scene.evm(&[&liar.url]));
    let requested = withdraw(&world, 1, 1_000);
    for _ in 0..6 {
        world.pay_step().unwrap();
        scene.node.finalize();
    }
    assert_eq!(liar.sent().len(), 1, "it is always the same");
    assert_eq!(world.withdrawal(&requested).state, WithdrawalState::Sending);
    assert_eq!(scene.node.balance(&address(1)), wei(1_000));
    liar.behave(Manner::Honest);
    assert_paid(&scene.settle(&world, &[requested]));
    assert_eq!(scene.node.count(scene.node.treasury()), 1);
}

#[test]
fn a_payout_that_got_lost_is_sent_again_until_it_is_there() {
    let scene = Scene::new();
    let lossy = GoBetween::start(&scene.node.url, Manner::ThrowsAway);
    let world = scene.world(scene.evm(&[&lossy.url]));
    let requested = withdraw(&world, 1, 1_000);
    for _ in 0..4 {
        world.pay_step().unwrap();
        scene.node.finalize();
    }
    assert_eq!((lossy.sent().len(), scene.node.count(scene.node.treasury())), (1, 0));
    lossy.behave(Manner::Honest);
    assert_paid(&scene.settle(&world, &[requested]));
    assert_eq!(scene.node.count(scene.node.treasury()), 1);
}

#[test]
fn one_of_two_endpoints_can_neither_settle_a_payout_nor_make_it_fail() {
    for manner in
        [Manner::NeverSeen, Manner::CountsTooMany, Manner::SaysFailed, Manner::SaysSucceeded, Manner::Html]
    {
        let scene = Scene::new();
        let other = GoBetween::start(&scene.node.url, Manner::Honest);
        let world = scene.world(scene.evm(&[&scene.node.url, &other.url]));
        let requested = withdraw(&world, 1, 1_000);
        world.pay_step().unwrap();
        world.pay_step().unwrap();
        other.behave(manner);
        for _ in 0..4 {
            let _ = world.pay_step();
            world.wait(50_000);
        }
        let still = || world.withdrawal(&requested).state;
        assert_eq!(still(), WithdrawalState::Sending, "{manner:?} before it is executed");
        scene.node.finalize();
        for _ in 0..4 {
            let _ = world.pay_step();
            world.wait(50_000);
        }
        // Where the other one says the same, it tells of another cost.
        assert_eq!(still(), WithdrawalState::Sending, "{manner:?} when it is executed");
        assert_eq!(scene.paused(), None, "{manner:?}");
        // Once both tell what there is, it is settled.
        other.behave(Manner::Honest);
        assert_paid(&scene.settle(&world, &[requested]));
        assert_eq!(scene.node.balance(&address(1)), wei(1_000), "{manner:?}");
        assert_eq!(scene.node.count(scene.node.treasury()), 1, "{manner:?}");
        scene.assert_sound();
    }
}

#[test]
fn one_of_two_endpoints_that_counts_too_many_is_waited_for() {
    let scene = Scene::new();
    let liar = GoBetween::start(&scene.node.url, Manner::CountsTooMany);
    let world = scene.world(scene.evm(&[&scene.node.url, &liar.url]));
    let requested = withdraw(&world, 1, 1_000);
    world.pay_step().unwrap();
    for _ in 0..3 {
        assert!(world.pay_step().is_err());
    }
    assert_eq!((scene.paused(), scene.node.count(scene.node.treasury())), (None, 0));
    liar.behave(Manner::Honest);
    assert_paid(&scene.settle(&world, &[requested]));
}

#[test]
fn of_three_endpoints_one_may_be_silent() {
    let scene = Scene::new();
    let html = GoBetween::start(&scene.node.url, Manner::Html);
    let other = GoBetween::start(&scene.node.url, Manner::Honest);
    let world = scene.world(scene.evm(&[&html.url, &scene.node.url, &other.url]));
    let requested = withdraw(&world, 1, 1_000);
    assert_paid(&scene.settle(&world, &[requested]));
    assert_eq!(scene.node.balance(&address(1)), wei(1_000));
}
