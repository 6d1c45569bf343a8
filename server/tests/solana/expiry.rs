//! Never twice: candidates that are sent again, get lost, expire, fail for want of money, or are lied about.

use dripline_shared::payout::WithdrawalState;

use crate::go_between::{GoBetween, Manner};
use crate::scene::{Scene, address, assert_paid, lamports, withdraw};
use crate::support::World;

/// The same server by another name, which counts as another one.
fn by_name(url: &str) -> String {
    url.replace("127.0.0.1", "localhost")
}

/// The same faucet, started again with the node itself as its endpoint.
fn with_the_node(scene: &Scene, world: World) -> World {
    let now = world.shutdown();
    Scene::started(&scene.directory, scene.solana(&[&scene.node.url]), now)
}

#[test]
fn a_candidate_that_is_sent_again_and_again_pays_once() {
    let scene = Scene::new();
    // It says of everything that it was never seen, so the faucet sends again at each step until the time is over.
    let liar = GoBetween::start(&scene.node.url, Manner::NeverSeen);
    let world = scene.world(scene.solana(&[&liar.url]));
    let requested = withdraw(&world, 1, 1_000);
    for _ in 0..6 {
        world.pay_step().unwrap();
        // At once it is not sent again.
        world.pay_step().unwrap();
        world.wait(3_000);
    }
    let mut sent = liar.sent();
    assert_eq!(sent.len(), 6);
    sent.dedup();
    assert_eq!(sent.len(), 1);
    assert_eq!(world.withdrawal(&requested).state, WithdrawalState::Sending);
    assert_eq!(scene.node.balance(&address(1)), lamports(1_000));
    assert_eq!(scene.node.transactions_of(&address(1)), 1);
}

#[test]
fn a_candidate_that_got_lost_expires_and_the_next_one_pays() {
    for count in [1, 2] {
        let scene = Scene::new();
        let lossy = GoBetween::start(&scene.node.url, Manner::ThrowsAway);
        let endpoints = [lossy.url.as_str(), &by_name(&lossy.url)];
        let world = scene.world(scene.solana(&endpoints[..count]));
        let different = || {
            let mut sent = lossy.sent();
            sent.dedup();
            sent.len()
        };
        let requested = withdraw(&world, 1, 1_000);
        for _ in 0..4 {
            world.pay_step().unwrap();
        }
        // Within its time it may still come, so it is not signed again.
        scene.node.finalize();
        world.pay_step().unwrap();
        assert_eq!(different(), 1);
        scene.node.expire();
        // It is found dead, and another one is signed, which gets lost as well.
        world.pay_step().unwrap();
        world.pay_step().unwrap();
        assert_eq!(different(), 2, "with {count} endpoints");
        assert_eq!(scene.node.balance(&address(1)), 0);
        scene.node.expire();
        let world = with_the_node(&scene, world);
        assert_paid(&scene.settle(&world, &[requested]));
        // Whoever finds the dead ones and sends them now is too late.
        for transaction in lossy.sent() {
            scene.node.try_send(&transaction);
        }
        scene.node.finalize();
        assert_eq!(scene.node.balance(&address(1)), lamports(1_000));
        assert_eq!(scene.node.transactions_of(&address(1)), 1);
    }
}

#[test]
fn the_only_endpoint_cannot_lie_a_payment_away() {
    let scene = Scene::new();
    let liar = GoBetween::start(&scene.node.url, Manner::NeverSeen);
    let world = scene.world(scene.solana(&[&liar.url]));
    let requested = withdraw(&world, 1, 1_000);
    for _ in 0..3 {
        world.pay_step().unwrap();
    }
    assert_eq!(scene.node.balance(&address(1)), lamports(1_000));
    scene.node.expire();
    // Its blocks hold what it says it never saw: that is not to be told, and nothing is signed again.
    for _ in 0..5 {
        world.pay_step().unwrap();
    }
    assert_eq!(world.withdrawal(&requested).state, WithdrawalState::Sending);
    assert_eq!(scene.node.balance(&address(1)), lamports(1_000));
    // An honest one knows.
    let world = with_the_node(&scene, world);
    assert_paid(&scene.settle(&world, &[requested]));
    assert_eq!(scene.node.transactions_of(&address(1)), 1);
}

#[test]
fn two_honest_endpoints_of_three_know_what_the_other_one_denies() {
    let scene = Scene::new();
    let liar = GoBetween::start(&scene.node.url, Manner::NeverSeen);
    let world = scene.world(scene.solana(&[&liar.url, &scene.node.url]));
    let requested = [withdraw(&world, 1, 1_000)];
    world.pay_step().unwrap();
    world.pay_step().unwrap();
    scene.node.expire();
    world.pay_step().unwrap();
    // One says that it is paid, and the other one that it never was: what is paid once must not be signed again.
    for _ in 0..5 {
        world.pay_step().unwrap();
    }
    assert_eq!(world.withdrawal(&requested[0]).state, WithdrawalState::Sending);
    // A third one decides it.
    let now = world.shutdown();
    let world = scene.world(scene.solana(&[
        &liar.url,
        &scene.node.url,
        &scene.node.url.replace("127.0.0.1", "localhost"),
    ]));
    world.wait_until(now);
    assert_paid(&scene.settle(&world, &requested));
    assert_eq!(scene.node.balance(&address(1)), lamports(1_000));
    assert_eq!(scene.node.transactions_of(&address(1)), 1);
}

#[test]
fn one_witness_of_two_endpoints_makes_nothing_dead() {
    let scene = Scene::new();
    let lossy = GoBetween::start(&scene.node.url, Manner::ThrowsAway);
    let other = GoBetween::start(&scene.node.url, Manner::ThrowsAway);
    let html = GoBetween::start(&scene.node.url, Manner::Html);
    let world = scene.world(scene.solana(&[&lossy.url, &other.url]));
    let requested = withdraw(&world, 1, 1_000);
    world.pay_step().unwrap();
    world.pay_step().unwrap();
    let now = world.shutdown();
    let world = Scene::started(&scene.directory, scene.solana(&[&lossy.url, &html.url]), now);
    scene.node.expire();
    for _ in 0..5 {
        world.pay_step().unwrap();
        world.wait(600_000);
    }
    assert_eq!(world.withdrawal(&requested).state, WithdrawalState::Sending);
    assert_eq!(lossy.sent().len(), 1, "nothing was signed again, and what may be dead is not sent");
}

#[test]
fn nobody_pays_for_a_treasury_that_ran_empty() {
    let scene = Scene::new();
    let lossy = GoBetween::start(&scene.node.url, Manner::ThrowsAway);
    let world = scene.world(scene.solana(&[&lossy.url]));
    let requested: Vec<_> = (1..=3).map(|number| withdraw(&world, number, 1_000)).collect();
    world.pay_step().unwrap();
    world.pay_step().unwrap();
    assert_eq!(lossy.sent().len(), 1);
    // What was signed is executed only now, and there is enough for two of three.
    let world = with_the_node(&scene, world);
    scene.node.tell(&format!("fund {} {}", scene.treasury, 2 * lamports(1_000) + 1_000_000));
    world.pay_step().unwrap();
    scene.node.begin();
    world.pay_step().unwrap();
    world.pay_step().unwrap();
    let rail = world.runtime.block_on(world.faucet.rails()).unwrap().rails.remove(0);
    assert!(rail.paused.unwrap().contains("is being refilled"));
    for withdrawal in &requested {
        assert_eq!(world.withdrawal(withdrawal).state, WithdrawalState::Sending);
    }
    scene.node.tell(&format!("fund {} 1000000000", scene.treasury));
    assert_paid(&scene.settle(&world, &requested));
    for number in 1..=3 {
        assert_eq!(scene.node.balance(&address(number)), lamports(1_000));
    }
}
