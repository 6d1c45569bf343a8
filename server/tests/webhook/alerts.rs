//! Alerts, told to a receiver that does not always do as it should.

use std::time::Duration;

use dripline_server::faucet::{AlertReceiver, AlertSettings, OfServer, Settings};
use dripline_server::payout::KeySource;
use dripline_shared::api::alert::{AlertKind, AlertMessage, AlertTurn};
use dripline_shared::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};

use crate::receiver::{Fault, Receiver};
use crate::scene::{SECRET, Scene};
use crate::support::World;

/// A faucet that tells this receiver of alerts.
fn world(scene: &Scene, receiver: &Receiver) -> World {
    let receiver = AlertReceiver {
        url: receiver.url.clone(),
        secret: KeySource::File(scene.secret_file()),
        timeout: Duration::from_secs(30),
    };
    let alerts = AlertSettings { receiver: Some(receiver), ..AlertSettings::default() };
    // The rail's receiver is asked nothing here.
    World::with(Settings { alerts, ..scene.settings(scene.webhook("http://127.0.0.1:1/hook")) })
}

fn watch(world: &World) {
    world.runtime.block_on(world.faucet.watch_alerts()).unwrap();
}

fn pause(world: &World, why: Option<&str>) {
    world.runtime.block_on(world.faucet.set_pause("lightning", why)).unwrap();
}

fn messages(receiver: &Receiver) -> Vec<AlertMessage> {
    receiver.arrivals().iter().map(|arrival| serde_json::from_slice(&arrival.body).unwrap()).collect()
}

#[test]
fn an_alert_is_told_once_when_it_begins_and_once_when_it_ends_signed_as_webhooks_are() {
    let (scene, receiver) = (Scene::new(), Receiver::start(SECRET));
    let world = world(&scene, &receiver);
    watch(&world);
    assert_eq!(receiver.arrivals(), []);
    pause(&world, Some("recovery: a look"));
    world.wait(30 * SECOND_MS);
    let began_at = world.now();
    for _ in 0..10 {
        watch(&world);
        world.wait(30 * SECOND_MS);
    }
    let told = messages(&receiver);
    assert_eq!(told.len(), 1);
    let (message, data) = (&told[0], &told[0].data);
    assert_eq!((message.kind, data.kind), (AlertTurn::Began, AlertKind::PayoutsFailing));
    assert_eq!((&*data.subject, data.since_ms, data.until_ms), ("lightning", began_at, None));
    assert_eq!(data.faucet, world.faucet.catalog().faucet);
    assert_eq!(message.timestamp, began_at.to_string());
    let shown = world.runtime.block_on(world.faucet.alerts()).unwrap();
    assert_eq!((shown.on.len(), shown.past.len()), (1, 0));
    assert_eq!((&shown.on[0].id, shown.on[0].is_told), (&data.id, Some(true)));
    let overview = world.runtime.block_on(world.faucet.overview(OfServer::default()));
    assert_eq!(overview.alerts, shown.on);

    pause(&world, None);
    for _ in 0..30 {
        world.wait(30 * SECOND_MS);
        watch(&world);
    }
    let told = messages(&receiver);
    assert_eq!(told.len(), 2);
    assert_eq!((told[1].kind, &told[1].data.id), (AlertTurn::Ended, &told[0].data.id));
    assert!(told[1].data.until_ms.is_some());
    let shown = world.runtime.block_on(world.faucet.alerts()).unwrap();
    assert_eq!((shown.on.len(), shown.past.len()), (0, 1));
    assert_eq!((shown.past[0].until_ms, shown.past[0].is_told), (told[1].data.until_ms, Some(true)));
    // Each is signed, and what came twice would be the same.
    receiver.assert_sound();
}

#[test]
fn what_is_not_taken_is_sent_again_at_growing_delays_and_the_same() {
    let (scene, receiver) = (Scene::new(), Receiver::start(SECRET));
    let world = world(&scene, &receiver);
    receiver.faults([Fault::DropsBefore, Fault::Refuses(500), Fault::DoesAndRefuses(410)]);
    pause(&world, Some("recovery: a look"));
    let mut attempts = Vec::new();
    for second in 0..180 {
        if second > 0 {
            world.wait(SECOND_MS);
        }
        watch(&world);
        if receiver.arrivals().len() > attempts.len() {
            attempts.push(second);
        }
    }
    // After 15, 30 and 60 seconds more.
    assert_eq!(attempts, [0, 15, 45, 105]);
    let arrivals = receiver.arrivals();
    assert!(arrivals.iter().all(|it| (&it.id, &it.body) == (&arrivals[0].id, &arrivals[0].body)));
    receiver.assert_sound();
}

#[test]
fn what_could_not_be_told_is_told_by_the_next_start_and_given_up_after_a_day() {
    let (scene, receiver) = (Scene::new(), Receiver::start(SECRET));
    let first = world(&scene, &receiver);
    receiver.faults([Fault::DropsBefore]);
    pause(&first, Some("recovery: a look"));
    watch(&first);
    let now = first.shutdown();
    let again = world(&scene, &receiver);
    again.set_clock(now.plus(MINUTE_MS));
    watch(&again);
    assert_eq!(messages(&receiver).iter().map(|it| it.kind).collect::<Vec<_>>(), [AlertTurn::Began; 2]);

    receiver.faults([Fault::Refuses(500); 200]);
    pause(&again, None);
    for _ in 0..60 {
        again.wait(30 * MINUTE_MS);
        watch(&again);
    }
    let on_its_way = receiver.arrivals().len();
    assert!(on_its_way > 40, "{on_its_way}");
    again.wait(DAY_MS);
    watch(&again);
    again.wait(HOUR_MS);
    watch(&again);
    let past = again.runtime.block_on(again.faucet.alerts()).unwrap().past.remove(0);
    assert_eq!((receiver.arrivals().len(), past.is_told), (on_its_way, Some(false)));
}

#[test]
fn a_start_after_an_end_that_was_out_of_order_is_told_and_one_after_an_end_in_order_is_not() {
    let (scene, receiver) = (Scene::new(), Receiver::start(SECRET));
    world(&scene, &receiver).shutdown();
    let second = world(&scene, &receiver);
    watch(&second);
    assert_eq!(receiver.arrivals(), []);
    // As if it were killed.
    drop(second);
    let third = world(&scene, &receiver);
    watch(&third);
    let told = messages(&receiver);
    assert_eq!(told.iter().map(|it| it.data.kind).collect::<Vec<_>>(), [AlertKind::StartUnclean]);
}

#[test]
fn an_alert_that_the_receiver_does_not_take_holds_no_other_one_back() {
    let (scene, receiver) = (Scene::new(), Receiver::start(SECRET));
    // As if it were killed: so there are two alerts at the next start.
    drop(world(&scene, &receiver));
    let world = world(&scene, &receiver);
    pause(&world, Some("recovery: a look"));
    receiver.faults([Fault::Refuses(400), Fault::None, Fault::Refuses(400)]);
    watch(&world);
    let first = messages(&receiver);
    assert_eq!(first.len(), 2, "the second one is told though the first one was not taken");
    assert_ne!(first[0].data.id, first[1].data.id);
    let is_told = |id: &str| {
        let on = world.runtime.block_on(world.faucet.alerts()).unwrap().on;
        on.iter().find(|alert| alert.id == id).unwrap().is_told
    };
    assert_eq!((is_told(&first[0].data.id), is_told(&first[1].data.id)), (Some(false), Some(true)));
    for (wait, sent) in [(14 * SECOND_MS, 2), (SECOND_MS, 3), (29 * SECOND_MS, 3), (SECOND_MS, 4)] {
        world.wait(wait);
        watch(&world);
        assert_eq!(receiver.arrivals().len(), sent);
    }
    assert!(messages(&receiver).iter().skip(2).all(|message| message.data.id == first[0].data.id));
    assert_eq!(is_told(&first[0].data.id), Some(true));
}
