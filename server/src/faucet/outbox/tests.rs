use std::thread;

use dripline_shared::api::operate::webhooks::SiteEvent;
use dripline_shared::round::Hash;

use super::*;
use crate::store::record::NewDelivery;

const NOW: Timestamp = Timestamp(1_800_000_000_000);

fn outbox() -> Arc<Outbox> {
    Arc::new(Outbox::new(WebhookSettings::default()))
}

fn target() -> Target {
    let webhook = WebhookRecord {
        id: "00aa00aa00aa00aa".to_owned(),
        url: "https://shop.example/hooks".to_owned(),
        events: vec![SiteEvent::Cleared],
        is_on: true,
        gone_at: None,
        nonce: Hash([1; 32]),
        former: None,
        by: By::CommandLine,
        made_at: NOW,
        told: None,
    };
    Target { site: "shop".into(), webhook }
}

fn delivery() -> DeliveryRecord {
    let new = NewDelivery {
        message: "msg_1".into(),
        webhook: "00aa00aa00aa00aa".into(),
        event: SiteEvent::Cleared,
        body: "{}".into(),
        made_at: NOW,
    };
    DeliveryRecord { attempts: 1, ..DeliveryRecord::new(7, &new) }
}

fn edge() -> Edge {
    Edge::new(|| NOW, |bytes| bytes.fill(0))
}

const TAKEN: Status = Status { status: 204, retry_after: None };

#[test]
fn a_sender_that_panics_gives_its_place_back_and_its_message_is_sent_again_by_the_schedule() {
    let (outbox, delivery) = (outbox(), delivery());
    let place = Place::take(&outbox, &delivery.webhook);
    assert!(!outbox.state().under.is_nothing());
    place.send(&target(), &delivery, &edge(), |_, _| panic!("a fault"));
    let state = outbox.state();
    assert!(state.under.is_nothing());
    assert!(state.under.failing.contains(&delivery.webhook));
    let again = Came::Again { at: NOW.plus(5 * SECOND_MS), error: BROKEN.to_owned() };
    assert_eq!(state.tried, [Tried { number: 7, attempts: 1, earlier: 0, at: NOW, came: again }]);
}

#[test]
fn a_place_is_given_back_where_nothing_can_be_remembered_and_where_nothing_is_sent() {
    let (outbox, delivery) = (outbox(), delivery());
    let place = Place::take(&outbox, &delivery.webhook);
    let broken = Edge::new(|| NOW, |_| panic!("there is no randomness"));
    let of_thread = delivery.clone();
    let sender = thread::spawn(move || place.send(&target(), &of_thread, &broken, |_, _| Ok(TAKEN)));
    assert!(sender.join().is_err());
    assert!(outbox.state().under.is_nothing());
    // As where the runtime ends before its thread begins.
    drop(Place::take(&outbox, &delivery.webhook));
    assert!(outbox.state().under.is_nothing());
    assert_eq!(outbox.state().tried, []);
}

#[test]
fn a_webhook_that_takes_messages_late_is_sent_one_at_a_time_until_it_takes_one_soon() {
    let (outbox, delivery) = (outbox(), delivery());
    let send = |after_ms: u64| {
        let clock = Arc::new(AtomicU64::new(NOW.0));
        let read = Arc::clone(&clock);
        let edge = Edge::new(move || Timestamp(read.load(Ordering::Relaxed)), |bytes| bytes.fill(0));
        Place::take(&outbox, &delivery.webhook).send(&target(), &delivery, &edge, |_, _| {
            clock.fetch_add(after_ms, Ordering::Relaxed);
            Ok(TAKEN)
        });
        let mut state = outbox.state();
        assert_eq!(state.tried.pop().map(|tried| tried.came), Some(Came::Delivered));
        state.under.failing.contains(&delivery.webhook)
    };
    assert_eq!([SLOW_MS - 1, SLOW_MS, 0].map(send), [false, true, false]);
}
