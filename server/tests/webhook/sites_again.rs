//! What the webhooks of sites are told again: by the schedule, by an operator, and of a budget that comes to its end once more.

use dripline_shared::amount::Amount;
use dripline_shared::api::operate::webhooks::{DeliveryState, SiteEvent};
use dripline_shared::catalog::{Catalog, DEFAULT_CAMPAIGN};
use dripline_shared::error::Code;
use dripline_shared::time::{HOUR_MS, MINUTE_MS, SECOND_MS, Timestamp};
use serde_json::json;

use crate::receiver::{Fault, Receiver};
use crate::scene::SECRET;
use crate::sites::{EVERYTHING, ids, settings, with_shop, world};
use crate::support::{Directory, START, World, code};

#[test]
fn what_is_never_taken_is_given_up_after_three_days_and_can_be_sent_again() {
    let (directory, receiver) = (Directory::new(), Receiver::start(SECRET));
    let world = world(&directory);
    let webhook = world.webhook(&receiver, &EVERYTHING);
    // A redirect leads nowhere: everything arrives at the address that was registered.
    receiver.faults([Fault::Refuses(307); 200]);
    let message = world.test(&webhook);
    world.deliver();
    let [delivery] = &world.deliveries(&webhook)[..] else { panic!("one message") };
    let error = "HTTP status 307: redirects are not followed";
    assert_eq!((delivery.state, delivery.error.as_deref()), (DeliveryState::Waiting, Some(error)));
    let next = delivery.next_at_ms.unwrap();
    assert!((SECOND_MS * 5 / 2..=5 * SECOND_MS).contains(&next.since(START)), "{next}");
    for _ in 0..3 * 24 * 4 + 8 {
        world.wait(15 * MINUTE_MS);
        world.deliver();
    }
    assert_eq!(world.states(&webhook), [DeliveryState::GivenUp]);
    let tried = receiver.arrivals().len();
    assert!((15..=35).contains(&tried), "{tried}");
    assert_eq!(world.faucet.webhook_figures().given_up, 1);

    receiver.faults([]);
    assert_eq!(code(world.resend(&webhook, delivery.number + 1)), Code::DeliveryUnknown);
    assert_eq!(world.resend(&webhook, delivery.number).unwrap(), message);
    world.deliver();
    assert_eq!(world.states(&webhook), [DeliveryState::Delivered]);
    assert_eq!(receiver.arrivals().len(), tried + 1);
    let attempts = world.deliveries(&webhook)[0].attempts;
    assert_eq!(usize::try_from(attempts).unwrap(), tried + 1, "they are counted on");
    receiver.assert_sound();
}

#[test]
fn what_is_sent_once_more_and_not_taken_is_tried_as_if_it_were_new() {
    let (directory, receiver) = (Directory::new(), Receiver::start(SECRET));
    let world = world(&directory);
    let webhook = world.webhook(&receiver, &EVERYTHING);
    receiver.faults([Fault::Refuses(500); 200]);
    world.test(&webhook);
    for _ in 0..24 {
        world.deliver();
        world.wait(HOUR_MS);
    }
    let stands = || world.deliveries(&webhook).remove(0);
    let before = stands();
    let delay = before.next_at_ms.unwrap().since(before.tried_at_ms.unwrap());
    assert!(before.attempts > 5 && delay > 10 * MINUTE_MS, "{delay}");
    world.resend(&webhook, before.number).unwrap();
    for most in [5 * SECOND_MS, 15 * SECOND_MS] {
        world.deliver();
        let delay = stands().next_at_ms.unwrap().since(world.now());
        assert!((most / 2..=most).contains(&delay), "{delay}");
        world.wait(delay);
    }
    assert_eq!(stands().attempts, before.attempts + 2);
    receiver.assert_sound();
}

#[test]
fn a_site_is_told_once_that_its_campaign_has_little_left() {
    let (directory, receiver) = (Directory::new(), Receiver::start(SECRET));
    let mut settings = settings(&directory);
    let mut catalog = Catalog::first_run();
    // Of a few drips.
    let budget = Amount::from_units(u32::try_from(catalog.levels[0].base.units() * 8).unwrap());
    catalog.campaigns[0].budget = budget;
    settings.catalog = Some(catalog);
    let world = with_shop(settings.clone());
    let webhook = world.webhook(&receiver, &[SiteEvent::BudgetLow]);
    let watch = |world: &World| {
        world.runtime.block_on(world.faucet.watch_webhooks()).unwrap();
        world.deliver();
    };
    watch(&world);
    assert_eq!(receiver.arrivals(), []);
    for number in 1..=30 {
        let left = world.runtime.block_on(world.faucet.campaigns(None)).unwrap();
        if left[0].is_used_up || left[0].left.units() * 5 <= left[0].budget.units() {
            break;
        }
        world.clear(number);
        world.wait(HOUR_MS);
        watch(&world);
        watch(&world);
    }
    let arrivals = receiver.arrivals();
    assert!((1..=2).contains(&arrivals.len()), "{:?}", ids(&arrivals));
    let first = arrivals[0].json();
    let data = &first["data"];
    assert_eq!(first["type"], "budget.low");
    assert_eq!(
        *data,
        json!({
            "site": "shop", "mode": "live", "campaign": DEFAULT_CAMPAIGN, "budget": budget, "left": data["left"],
            "asset": "DRIP", "decimals": 6, "percent": 20,
        })
    );
    let units = |name: &str| {
        data[name].as_str().map(|text| text.parse::<i64>().unwrap()).or(data[name].as_i64()).unwrap()
    };
    assert!(units("left") * 5 <= units("budget"));
    let now: Timestamp = world.shutdown();
    let again = World::at(settings.clone(), now);
    watch(&again);
    assert_eq!(receiver.arrivals().len(), arrivals.len());
    assert_eq!(again.states(&webhook).len(), arrivals.len());

    // Its budget is raised, and then again what it was: it comes to its end a second time, which is another message.
    let mut raised = settings.clone();
    let budget = Amount::from_units(u32::try_from(units("budget") * 5).unwrap());
    raised.catalog.as_mut().unwrap().campaigns[0].budget = budget;
    let world = World::at(raised, again.shutdown().plus(HOUR_MS));
    watch(&world);
    watch(&world);
    assert_eq!(receiver.arrivals().len(), arrivals.len());
    let world = World::at(settings, world.shutdown().plus(HOUR_MS));
    watch(&world);
    watch(&world);
    let all = receiver.arrivals();
    assert_eq!(all.len(), arrivals.len() + 1);
    let last = all.last().unwrap();
    assert!(arrivals.iter().all(|earlier| earlier.id != last.id), "{:?}", ids(&all));
    assert_eq!(last.json()["data"]["budget"], *data.get("budget").unwrap());
    receiver.assert_sound();
}
