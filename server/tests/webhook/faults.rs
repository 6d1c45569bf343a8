//! Whatever goes wrong between the faucet and the receiver, everybody is paid exactly once.

use std::time::Duration;

use dripline_server::payout::webhook::WebhookSettings;
use dripline_shared::api::WithdrawalView;
use dripline_shared::payout::WithdrawalState;
use dripline_shared::time::{HOUR_MS, MINUTE_MS};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::receiver::{FAULTS, Fault, Receiver};
use crate::scene::{SECRET, Scene, settle, withdraw};
use crate::support::World;

/// Checks how withdrawals of 1,000 units stand that were to addresses of which `bad` cannot be paid.
fn assert_ended(receiver: &Receiver, ended: &[WithdrawalView], what: &str) {
    for withdrawal in ended {
        let is_bad = withdrawal.address == "bad";
        let expected = if is_bad { WithdrawalState::Returned } else { WithdrawalState::Paid };
        let got = receiver.balance(&withdrawal.address);
        assert_eq!((withdrawal.state, got), (expected, if is_bad { 0 } else { 950 }), "{what}");
    }
    receiver.assert_sound();
}

/// Three withdrawals, two of which fit a message. The fault happens to the `place`th message; after `step` steps the faucet
/// is started anew, and the next message goes wrong in the same way.
fn with_fault(fault: Fault, place: usize, step: usize) {
    let (scene, receiver) = (Scene::new(), Receiver::start(SECRET));
    let mut world = scene.world(&receiver.url, 2);
    let requested: Vec<WithdrawalView> = (1..)
        .zip(["alice", "bad", "carol"])
        .map(|(number, address)| withdraw(&world, number, 1_000, address))
        .collect();
    receiver.faults(std::iter::repeat_n(Fault::None, place).chain([fault, fault]));
    for _ in 0..step {
        world.pay_step().unwrap();
    }
    let now = world.shutdown();
    world = scene.world_at(&receiver.url, 2, now);
    let ended = settle(&world, &requested);
    let what = format!("{fault:?} at message {place}, started anew after step {step}");
    assert_ended(&receiver, &ended, &what);
    assert!(!receiver.has_faults(), "it went wrong: {what}");
    scene.assert_sound();
}

#[test]
fn each_fault_at_each_step_leaves_everybody_paid_once() {
    for fault in FAULTS {
        for (place, step) in [(0, 1), (0, 2), (0, 3), (1, 2), (1, 4), (2, 5)] {
            with_fault(fault, place, step);
        }
    }
}

#[test]
fn an_answer_that_comes_too_late_is_heard_the_next_time() {
    let (scene, receiver) = (Scene::new(), Receiver::start(SECRET));
    let webhook = WebhookSettings { timeout: Duration::from_secs(1), ..scene.webhook(&receiver.url) };
    let world = World::with(scene.settings(webhook));
    receiver.faults([Fault::IsSlow]);
    let requested = withdraw(&world, 1, 1_000, "alice");
    world.pay();
    assert_eq!(world.withdrawal(&requested).state, WithdrawalState::Sending);
    assert_ended(&receiver, &settle(&world, &[requested]), "slow");
    assert_eq!(receiver.arrivals().len(), 2);
}

#[test]
fn a_receiver_that_is_not_there_is_waited_for() {
    let (scene, receiver) = (Scene::new(), Receiver::start(SECRET));
    let world = scene.world("http://127.0.0.1:1/hook", 1);
    let requested = withdraw(&world, 1, 1_000, "alice");
    for _ in 0..5 {
        world.pay();
        world.wait(2 * HOUR_MS);
    }
    assert_eq!(world.withdrawal(&requested).state, WithdrawalState::Sending);
    let now = world.shutdown();
    let world = scene.world_at(&receiver.url, 1, now);
    assert_ended(&receiver, &settle(&world, &[requested]), "gone");
    assert_eq!(receiver.arrivals().len(), 1);
    scene.assert_sound();
}

#[test]
fn a_message_that_is_never_answered_does_not_hold_up_the_others() {
    let (scene, receiver) = (Scene::new(), Receiver::start(SECRET));
    let world = scene.world(&receiver.url, 1);
    receiver.faults([Fault::Html]);
    let first = withdraw(&world, 1, 1_000, "alice");
    world.pay();
    let second = withdraw(&world, 2, 1_000, "bob");
    receiver.faults([Fault::Html, Fault::None]);
    world.pay();
    world.pay();
    let states = [&first, &second].map(|it| world.withdrawal(it).state);
    assert_eq!(states, [WithdrawalState::Sending, WithdrawalState::Paid]);
    assert_ended(&receiver, &settle(&world, &[first, second]), "held up");
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![1 => Just(Fault::None), 2 => prop::sample::select(FAULTS.to_vec())]
}

/// More with `DRIPLINE_LONG`.
fn cases() -> u32 {
    if std::env::var_os("DRIPLINE_LONG").is_some() { 300 } else { 12 }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::default() })]

    /// Five withdrawals, one of them to an address that fails, by a receiver that goes wrong, of a faucet that is stopped
    /// in the middle and started again.
    #[test]
    fn whatever_goes_wrong_everybody_is_paid_exactly_once(
        faults in prop::collection::vec(fault(), 0..40),
        stops in prop::collection::vec(any::<bool>(), 20),
        batch_max in 1..4_usize,
        waits_ms in prop::collection::vec(0..90 * MINUTE_MS, 20),
    ) {
        let (scene, receiver) = (Scene::new(), Receiver::start(SECRET));
        let mut world = scene.world(&receiver.url, batch_max);
        let requested: Vec<WithdrawalView> = (1..)
            .zip(["a", "b", "bad", "d", "e"])
            .map(|(number, address)| withdraw(&world, number, 1_000, address))
            .collect();
        receiver.faults(faults);
        for (stop, wait_ms) in stops.into_iter().zip(waits_ms) {
            world.pay_step().unwrap();
            if stop {
                let now = world.shutdown();
                world = scene.world_at(&receiver.url, batch_max, now);
            }
            world.wait(wait_ms);
        }
        assert_ended(&receiver, &settle(&world, &requested), "random faults");
        scene.assert_sound();
    }
}
