//! From a drip to a payout, and what an operator does on the way.

use dripline_server::edge::Edge;
use dripline_server::faucet::{Progress, cancel_batch, set_pause};
use dripline_server::payout::webhook::WebhookSettings;
use dripline_server::store::command::Known;
use dripline_shared::amount::Amount;
use dripline_shared::error::Code;
use dripline_shared::payout::{BatchId, RailKind, WithdrawalState};
use dripline_shared::time::{HOUR_MS, SECOND_MS};
use serde_json::json;

use crate::receiver::{Fault, Receiver};
use crate::scene::{FEE, SECRET, Scene, settle, withdraw, withdraw_often};
use crate::support::{Player, World, code, test_edge};

/// The edge of an operator's command, at the time of this world.
fn edge(world: &World) -> Edge {
    test_edge(&std::sync::Arc::new(std::sync::atomic::AtomicU64::new(world.now().0)), 0)
}

#[test]
fn a_withdrawal_is_one_message_and_is_paid_when_it_is_answered() {
    let (scene, receiver) = (Scene::new(), Receiver::start(SECRET));
    let world = scene.world(&receiver.url, 1);
    let rail = &world.runtime.block_on(world.faucet.rails()).unwrap().rails[0];
    assert_eq!((rail.id.as_str(), rail.kind), ("lightning", RailKind::Webhook));
    let requested = withdraw(&world, 1, 1_550, "alice@wallet.example");
    world.pay();
    let paid = world.withdrawal(&requested);
    let [arrival] = receiver.arrivals().try_into().unwrap();
    assert_eq!(paid.state, WithdrawalState::Paid);
    assert_eq!(paid.transaction, Some(format!("paid-{}", arrival.id)));
    assert_eq!(receiver.balance("alice@wallet.example"), 1_500);
    let message = arrival.json();
    let batch = message["data"]["batch"].as_str().unwrap();
    assert_eq!(
        (arrival.id.as_str(), message["type"].as_str()),
        (&*format!("msg_{batch}"), Some("payout.requested"))
    );
    let payout = json!({
        "withdrawal": requested.id, "address": "alice@wallet.example", "amount": "0.0015", "units": "1500",
    });
    assert_eq!(message["data"]["payouts"], json!([payout]));
    receiver.assert_sound();
    scene.assert_sound();
    assert_eq!(world.pay_step().unwrap(), [Progress::Idle]);
}

#[test]
fn what_is_accepted_is_asked_after_with_the_same_message_until_it_is_settled() {
    let (scene, receiver) = (Scene::new(), Receiver::start(SECRET));
    let world = scene.world(&receiver.url, 1);
    receiver.faults([Fault::AcceptsFirst, Fault::DoesAndAccepts]);
    let requested = withdraw(&world, 1, 1_000, "alice");
    for (wait_ms, arrivals) in [(0, 1), (4 * SECOND_MS, 1), (3 * SECOND_MS, 2), (29 * SECOND_MS, 2)] {
        world.wait(wait_ms);
        world.pay();
        assert_eq!(receiver.arrivals().len(), arrivals);
        assert_eq!(world.withdrawal(&requested).state, WithdrawalState::Sending);
    }
    world.wait(5 * SECOND_MS);
    // The answer is heard in one step, and is taken in the next.
    world.pay();
    world.pay();
    assert_eq!(world.withdrawal(&requested).state, WithdrawalState::Paid);
    let arrivals = receiver.arrivals();
    assert!(
        arrivals.iter().all(|arrival| (&arrival.id, &arrival.body) == (&arrivals[0].id, &arrivals[0].body))
    );
    let seconds: Vec<i64> = arrivals.iter().map(|arrival| arrival.seconds - arrivals[0].seconds).collect();
    assert_eq!(seconds, [0, 7, 41]);
    receiver.assert_sound();
}

#[test]
fn a_receiver_that_accepts_and_pays_later_keeps_nobody_else_waiting() {
    let (scene, receiver) = (Scene::new(), Receiver::start(SECRET));
    let world = scene.world(&receiver.url, 1);
    // Far more than have a place on the rail at a time, all of one player, and a person pays them in the evening.
    let accepted = 40;
    receiver.faults(vec![Fault::AcceptsFirst; accepted]);
    let others = [2, 3].map(Player::new);
    for player in &others {
        world.earn(player, world.first_level());
    }
    let slow = withdraw_often(&world, 1, accepted, "slow");
    world.pay();
    assert_eq!(receiver.arrivals().len(), accepted);
    let quick = world.withdraw(&others[0], Amount::from_units(1_000), "quick");
    world.pay();
    assert_eq!(world.withdrawal(&quick).state, WithdrawalState::Paid);
    for withdrawal in &slow {
        assert_eq!(world.withdrawal(withdrawal).state, WithdrawalState::Sending);
    }
    // Also after a restart, which asks all of them again first.
    receiver.faults(vec![Fault::AcceptsFirst; accepted]);
    let now = world.shutdown();
    let world = scene.world_at(&receiver.url, 1, now);
    world.pay();
    let later = world.withdraw(&others[1], Amount::from_units(1_000), "later");
    world.pay();
    assert_eq!(world.withdrawal(&later).state, WithdrawalState::Paid);
    for withdrawal in settle(&world, &slow) {
        assert_eq!(withdrawal.state, WithdrawalState::Paid);
    }
    assert_eq!(receiver.balance("slow"), 150 * i64::try_from(accepted).unwrap());
    receiver.assert_sound();
    scene.assert_sound();
}

#[test]
fn messages_that_nobody_answers_hold_back_those_behind_them() {
    let (scene, receiver) = (Scene::new(), Receiver::start(SECRET));
    let world = scene.world(&receiver.url, 1);
    receiver.faults(vec![Fault::Refuses(500); 100]);
    let requested = withdraw_often(&world, 1, 20, "alice");
    world.pay();
    assert_eq!(receiver.arrivals().len(), 16, "what may never have arrived is bounded");
    for withdrawal in settle(&world, &requested) {
        assert_eq!(withdrawal.state, WithdrawalState::Paid);
    }
    receiver.assert_sound();
}

#[test]
fn what_fails_alone_twice_comes_back_less_the_fee() {
    let (scene, receiver) = (Scene::new(), Receiver::start(SECRET));
    let world = scene.world(&receiver.url, 1);
    let player = Player::new(1);
    let balance = world.earn(&player, world.first_level()).balance;
    let requested = world.withdraw(&player, Amount::from_units(1_000), "bad");
    world.pay();
    let returned = world.withdrawal(&requested);
    assert_eq!(returned.state, WithdrawalState::Returned);
    assert_eq!(returned.reason.as_deref(), Some("No such account"));
    assert_eq!(world.money(&player).balance, balance.checked_sub(Amount::from_units(FEE)).unwrap());
    let ids: Vec<String> = receiver.arrivals().into_iter().map(|arrival| arrival.id).collect();
    assert!(ids.len() == 2 && ids[0] != ids[1], "{ids:?}");
    scene.assert_sound();
}

#[test]
fn one_bad_address_in_a_message_does_not_keep_the_others_from_being_paid() {
    let (scene, receiver) = (Scene::new(), Receiver::start(SECRET));
    let world = scene.world(&receiver.url, 100);
    let addresses = ["a", "b", "bad", "d", "e"];
    let requested: Vec<_> =
        (1..).zip(addresses).map(|(number, address)| withdraw(&world, number, 1_000, address)).collect();
    for withdrawal in settle(&world, &requested) {
        let is_bad = withdrawal.address == "bad";
        let expected = if is_bad { WithdrawalState::Returned } else { WithdrawalState::Paid };
        let got = receiver.balance(&withdrawal.address);
        assert_eq!((withdrawal.state, got), (expected, if is_bad { 0 } else { 950 }));
    }
    let mut sizes: Vec<usize> = receiver
        .arrivals()
        .iter()
        .map(|arrival| arrival.json()["data"]["payouts"].as_array().unwrap().len())
        .collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [1, 1, 2, 2, 3, 5]);
    receiver.assert_sound();
    scene.assert_sound();
}

#[test]
fn a_paused_rail_sends_nothing_and_goes_on_where_it_was() {
    let (scene, receiver) = (Scene::new(), Receiver::start(SECRET));
    let world = scene.world(&receiver.url, 1);
    receiver.faults([Fault::DoesAndAccepts]);
    let requested = withdraw(&world, 1, 1_000, "alice");
    world.pay();
    let pause = |world: World, why: Option<&str>| {
        let edge = edge(&world);
        let now = world.shutdown();
        set_pause(scene.directory.path(), None, "lightning", why, Known::default(), &edge).unwrap();
        scene.world_at(&receiver.url, 1, now)
    };
    let world = pause(world, Some("Being mended"));
    for _ in 0..3 {
        world.wait(2 * HOUR_MS);
        assert_eq!(world.pay_step().unwrap(), [Progress::Waiting]);
    }
    assert_eq!(receiver.arrivals().len(), 1);
    let world = pause(world, None);
    assert_eq!(settle(&world, &[requested])[0].state, WithdrawalState::Paid);
    assert_eq!((receiver.arrivals().len(), receiver.balance("alice")), (2, 950));
    receiver.assert_sound();
}

/// What becomes of a cancelled batch whose message was accepted before.
fn cancelled(address: &str) -> (WithdrawalState, Amount, i64) {
    let (scene, receiver) = (Scene::new(), Receiver::start(SECRET));
    let world = scene.world(&receiver.url, 1);
    receiver.faults([Fault::AcceptsFirst, Fault::AcceptsFirst]);
    let player = Player::new(1);
    let balance = world.earn(&player, world.first_level()).balance;
    let requested = world.withdraw(&player, Amount::from_units(1_000), address);
    world.pay();
    let batch: BatchId =
        serde_json::from_value(receiver.arrivals()[0].json()["data"]["batch"].clone()).unwrap();
    let edge = edge(&world);
    let now = world.shutdown();
    assert!(cancel_batch(scene.directory.path(), None, batch, &edge).unwrap());
    let world = scene.world_at(&receiver.url, 1, now);
    world.pay();
    assert_eq!(world.withdrawal(&requested).state, WithdrawalState::Sending, "it may be paid");
    let state = settle(&world, &[requested])[0].state;
    receiver.assert_sound();
    scene.assert_sound();
    let lost = balance.checked_sub(world.money(&player).balance).unwrap();
    (state, lost, receiver.balance(address))
}

#[test]
fn a_cancelled_batch_waits_for_the_receivers_word() {
    assert_eq!(cancelled("alice"), (WithdrawalState::Paid, Amount::from_units(1_000), 950));
    // Nobody is tried again, and the money is back whole.
    assert_eq!(cancelled("bad"), (WithdrawalState::Returned, Amount::ZERO, 0));
}

#[test]
fn an_address_is_what_the_operator_says() {
    let (scene, receiver) = (Scene::new(), Receiver::start(SECRET));
    let webhook = WebhookSettings {
        address_pattern: Some("[a-z]+@wallet[.]example".to_owned()),
        address_hint: Some("an address such as alice@wallet.example".to_owned()),
        ..scene.webhook(&receiver.url)
    };
    let world = World::with(scene.settings(webhook));
    let player = Player::new(1);
    world.earn(&player, world.first_level());
    let set = |address: &str| world.try_set_address(world.address_request(&player, address));
    assert_eq!(code(set("alice")), Code::InvalidAddress);
    let told = format!("{:?}", set("alice@wallet.example.evil").unwrap_err());
    assert!(told.contains("expected an address such as alice@wallet.example"), "{told}");
    set("alice@wallet.example").unwrap();
}
