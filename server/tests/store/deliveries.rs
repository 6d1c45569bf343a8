//! How messages to webhooks stand, in every store: sent once more by an operator, given up, and kept for as long as somebody may look.

use std::sync::Arc;

use dripline_server::store::command::WebhookChange;
use dripline_server::store::record::{
    AHEAD_MAX_MS, Came, DELIVERED_KEEP_MS, DeliveryStep, GIVEN_UP_KEEP_MS, NOT_IN_TIME, TOO_MANY, TRY_FOR_MS,
};
use dripline_server::store::{DeliveryRecord, Horizon};
use dripline_shared::api::operate::webhooks::DeliveryState;
use dripline_shared::catalog::Catalog;
use dripline_shared::time::{HOUR_MS, MINUTE_MS, Timestamp};

use crate::bench::{Bench, Make, START, in_force, suite};
use crate::webhooks::{change_webhook, note, page, registered, take};

suite! {
    a_message_is_written_once_and_sent_again_as_it_was,
    what_is_sent_once_more_is_counted_on_and_what_came_of_it_before_is_too_late,
    a_sweep_forgets_messages_after_their_time_and_gives_up_the_oldest_of_too_many_and_what_nobody_has_sent,
    what_was_taken_is_delivered_also_where_it_was_given_up_meanwhile,
    what_a_clock_has_written_that_was_ahead_is_sent_once_it_was_put_back,
}

fn sweep(bench: &mut Bench, now: Timestamp, waiting_max: u64) {
    let nothing = Timestamp(0);
    let horizon = Horizon { now, transcripts_before: nothing, prefixes_before: nothing, waiting_max };
    while bench.store.sweep(horizon).unwrap() {}
}

/// With a webhook that one message waits for.
fn with_a_message(make: Make<'_>) -> (Bench, Arc<str>) {
    let mut bench = make(&in_force(Catalog::first_run()));
    let id = registered(&mut bench);
    test(&mut bench, &id, START);
    (bench, id)
}

fn test(bench: &mut Bench, id: &Arc<str>, now: Timestamp) {
    let message = format!("msg_test_{now}").into();
    change_webhook(bench, WebhookChange::Test { id: Arc::clone(id), message }, now);
}

/// Takes the one message that is due.
fn take_one(bench: &mut Bench, id: &str, now: Timestamp) -> DeliveryRecord {
    let mut taken = take(&mut *bench.store, &[(id, 9)], now);
    assert_eq!(taken.len(), 1, "{taken:?}");
    taken.remove(0)
}

fn only(bench: &mut Bench, id: &str) -> DeliveryRecord {
    let mut all = page(bench, id);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

fn what_is_sent_once_more_is_counted_on_and_what_came_of_it_before_is_too_late(make: Make<'_>) {
    let (mut bench, id) = with_a_message(make);
    let first = take_one(&mut bench, &id, START);
    assert_eq!((first.attempts, first.earlier), (1, 0));
    let at = START.plus(1);
    let again = |number| WebhookChange::SendAgain { id: Arc::clone(&id), number };
    change_webhook(&mut bench, again(first.number), at);
    // That it is to be sent at once is not undone by an answer to what was sent before.
    for came in [
        Came::Again { at: START.plus(HOUR_MS), error: "HTTP status 500".to_owned() },
        Came::GivenUp { error: "HTTP status 500".to_owned() },
        Came::Delivered,
    ] {
        note(&mut bench, &first, at, came);
        let stands = only(&mut bench, &id);
        assert_eq!((stands.state, stands.next_at, stands.tried_at), (DeliveryState::Waiting, at, None));
        assert_eq!((stands.attempts, stands.earlier), (1, 1));
    }
    let second = take_one(&mut bench, &id, at);
    assert_eq!((second.attempts, second.earlier), (2, 1));
    note(&mut bench, &second, at, Came::GivenUp { error: "HTTP status 410".to_owned() });
    assert_eq!(only(&mut bench, &id).state, DeliveryState::GivenUp);
    change_webhook(&mut bench, again(first.number), at.plus(1));
    let third = take_one(&mut bench, &id, at.plus(1));
    assert_eq!((third.attempts, third.earlier), (3, 2));
    assert_eq!((third.tried_at, third.error.as_deref()), (Some(at), Some("HTTP status 410")));
    note(&mut bench, &third, at.plus(2), Came::Delivered);
    let stands = only(&mut bench, &id);
    assert_eq!((stands.state, stands.attempts, stands.error), (DeliveryState::Delivered, 3, None));
}

fn what_was_taken_is_delivered_also_where_it_was_given_up_meanwhile(make: Make<'_>) {
    let (mut bench, id) = with_a_message(make);
    test(&mut bench, &id, START.plus(1));
    let taken = take(&mut *bench.store, &[(&id, 9)], START.plus(1));
    sweep(&mut bench, START.plus(2), 0);
    let given_up: Vec<_> = page(&mut bench, &id).into_iter().map(|it| it.error).collect();
    assert_eq!(given_up, [Some(TOO_MANY.into()), Some(TOO_MANY.into())]);
    note(&mut bench, &taken[0], START.plus(3), Came::Delivered);
    note(
        &mut bench,
        &taken[1],
        START.plus(3),
        Came::Again { at: START.plus(HOUR_MS), error: "no".to_owned() },
    );
    let all = page(&mut bench, &id);
    let [second, first] = &all[..] else { panic!("two messages: {all:?}") };
    assert_eq!((first.state, first.error.as_deref()), (DeliveryState::Delivered, None));
    assert_eq!(first.ends_at, START.plus(3 + DELIVERED_KEEP_MS));
    assert_eq!((second.state, second.error.as_deref()), (DeliveryState::GivenUp, Some(TOO_MANY)));
}

fn what_a_clock_has_written_that_was_ahead_is_sent_once_it_was_put_back(make: Make<'_>) {
    let (mut bench, id) = with_a_message(make);
    let ahead = START.plus(1_000 * HOUR_MS);
    test(&mut bench, &id, ahead);
    let due =
        |bench: &mut Bench, now| !bench.reader.deliveries_due(&[Arc::clone(&id)], now).unwrap().is_empty();
    let first = take_one(&mut bench, &id, START);
    let at = START.plus(AHEAD_MAX_MS);
    note(&mut bench, &first, START, Came::Again { at, error: "HTTP status 500".to_owned() });
    sweep(&mut bench, START, 9);
    let all = page(&mut bench, &id);
    let next: Vec<_> = all.iter().map(|it| (it.next_at, it.ends_at)).collect();
    assert_eq!(next, [(START, START.plus(TRY_FOR_MS)), (at, START.plus(TRY_FOR_MS))]);
    assert!(due(&mut bench, START));
    let second = take_one(&mut bench, &id, START);
    assert_eq!((second.made_at, second.attempts), (ahead, 1));
    // What a server has just taken stays its own.
    sweep(&mut bench, START.plus(1), 9);
    assert!(!due(&mut bench, START.plus(MINUTE_MS - 1)));
}

fn a_message_is_written_once_and_sent_again_as_it_was(make: Make<'_>) {
    let mut bench = make(&in_force(Catalog::first_run()));
    let id = registered(&mut bench);
    for message in ["msg_test_1", "msg_test_1", "msg_test_2"] {
        change_webhook(
            &mut bench,
            WebhookChange::Test { id: Arc::clone(&id), message: message.into() },
            START,
        );
    }
    let all = page(&mut bench, &id);
    let [second, first] = &all[..] else { panic!("two messages: {all:?}") };
    assert_eq!((&*first.message, &*second.message), ("msg_test_1", "msg_test_2"));
    assert_eq!(bench.reader.deliveries(&id, Some(second.number), 9).unwrap(), std::slice::from_ref(first));
    assert_eq!(bench.reader.deliveries(&id, None, 1).unwrap(), std::slice::from_ref(second));

    let taken = take(&mut *bench.store, &[(&id, 9)], START);
    note(&mut bench, &taken[0], START, Came::GivenUp { error: "gone".to_owned() });
    note(&mut bench, &taken[1], START, Came::Delivered);
    let now = START.plus(TRY_FOR_MS);
    change_webhook(&mut bench, WebhookChange::SendAgain { id: Arc::clone(&id), number: first.number }, now);
    let again = take(&mut *bench.store, &[(&id, 9)], now);
    let [again] = &again[..] else { panic!("one message") };
    assert_eq!((again.number, &again.message, &again.body), (first.number, &first.message, &first.body));
    assert_eq!((again.attempts, again.earlier), (2, 1), "it is counted on");
    assert_eq!((again.ends_at, again.made_at), (now.plus(TRY_FOR_MS), START));
    // No other webhook's message is meant by a number.
    let number = second.number;
    let of_another = DeliveryStep { now, until: now, tried: Vec::new(), room: vec![("other".into(), 9)] };
    assert_eq!(bench.store.deliver(&of_another).unwrap(), []);
    assert_eq!(page(&mut bench, &id).iter().filter(|it| it.number == number).count(), 1);
}

fn a_sweep_forgets_messages_after_their_time_and_gives_up_the_oldest_of_too_many_and_what_nobody_has_sent(
    make: Make<'_>,
) {
    let mut bench = make(&in_force(Catalog::first_run()));
    let id = registered(&mut bench);
    for number in 0..6 {
        let message = format!("msg_test_{number}").into();
        change_webhook(&mut bench, WebhookChange::Test { id: Arc::clone(&id), message }, START);
    }
    let taken = take(&mut *bench.store, &[(&id, 2)], START);
    note(&mut bench, &taken[0], START, Came::Delivered);
    note(&mut bench, &taken[1], START, Came::GivenUp { error: "gone".to_owned() });
    let mut swept = |now: Timestamp, waiting_max| {
        sweep(&mut bench, now, waiting_max);
        let left = bench.reader.deliveries(&id, None, 100).unwrap();
        left.into_iter().rev().map(|it| (it.message[9..].to_owned(), it.state, it.error)).collect::<Vec<_>>()
    };
    let (delivered, given_up) = (DeliveryState::Delivered, DeliveryState::GivenUp);
    let waits = |number: &str| (number.to_owned(), DeliveryState::Waiting, None);
    let gone = || ("1".to_owned(), given_up, Some("gone".into()));
    let too_many = |number: &str| (number.to_owned(), given_up, Some(TOO_MANY.into()));
    let all = [("0".to_owned(), delivered, None), gone(), waits("2"), waits("3"), waits("4"), waits("5")];
    assert_eq!(swept(START.plus(1), 4), all);
    let now = START.plus(DELIVERED_KEEP_MS + HOUR_MS + 1);
    assert_eq!(swept(now, 3), [gone(), too_many("2"), waits("3"), waits("4"), waits("5")]);
    // Of a webhook that is off, nobody takes what waits.
    let in_time = START.plus(TRY_FOR_MS + HOUR_MS);
    assert_eq!(swept(in_time, 3), [gone(), too_many("2"), waits("3"), waits("4"), waits("5")]);
    let not_in_time = |number: &str| (number.to_owned(), given_up, Some(NOT_IN_TIME.into()));
    let overdue = [not_in_time("3"), not_in_time("4"), not_in_time("5")];
    let all = [&[gone(), too_many("2")][..], &overdue[..]].concat();
    assert_eq!(swept(in_time.plus(1), 3), all);
    let now = START.plus(GIVEN_UP_KEEP_MS + DELIVERED_KEEP_MS + 2 * HOUR_MS + 2);
    assert_eq!(swept(now, 3), overdue);
    assert_eq!(swept(in_time.plus(1 + GIVEN_UP_KEEP_MS + HOUR_MS), 3), overdue);
    assert_eq!(swept(in_time.plus(2 + GIVEN_UP_KEEP_MS + HOUR_MS), 3), []);
}
