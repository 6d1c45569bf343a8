use std::collections::BTreeSet;
use std::sync::Arc;

use dripline_shared::amount::Amount;
use dripline_shared::api::operate::By;
use dripline_shared::api::operate::webhooks::DeliveryState;
use dripline_shared::catalog::Catalog;
use dripline_shared::site::{Site, SiteLook, SiteMode};
use dripline_shared::time::{DAY_MS, Timestamp};

use super::*;
use crate::edge::Edge;
use crate::keys::Keys;
use crate::operate;
use crate::store::command::{Change, MakeSite, Second, SiteChange};
use crate::store::record::{DeliveryRecord, NewDelivery};

const NOW: Timestamp = Timestamp(1_800_000_000_000);

fn in_force() -> InForce {
    let keys = Keys::generate(&Edge::new(|| NOW, |bytes| bytes.fill(1)));
    InForce::new(Catalog::first_run(), keys, Vec::new(), BTreeSet::new())
}

fn try_change(set: &mut WorkingSet, change: SiteChange, now: Timestamp) -> Result<SiteRecord, Refusal> {
    let (by, change) = (By::CommandLine, Change::Site(change));
    let operation = Operation { now, by, from: None, session: None, change, second: Second::Unasked };
    let (answer, effects) = operate::decide(&in_force(), set, &operation)?;
    set.apply(effects);
    let Answer::SiteChanged(record) = answer else { panic!("{answer:?}") };
    Ok(*record)
}

/// Has a change of a webhook of the shop decided, and applies it.
fn change(set: &mut WorkingSet, change: WebhookChange) -> Result<SiteRecord, Refusal> {
    try_change(set, SiteChange::Webhook { site: "shop".into(), change }, NOW)
}

fn code(result: Result<SiteRecord, Refusal>) -> Code {
    result.unwrap_err().code()
}

fn make(number: u8, events: &[SiteEvent]) -> WebhookChange {
    WebhookChange::Make {
        id: format!("{number:016}"),
        nonce: Hash([number; 32]),
        url: "https://shop.example/hooks".to_owned(),
        events: events.to_vec(),
    }
}

fn id(number: u8) -> Arc<str> {
    format!("{number:016}").into()
}

/// With a shop that pays, which has this webhook.
fn shop(events: &[SiteEvent]) -> WorkingSet {
    let site = Site {
        id: "shop".to_owned(),
        name: "A shop".to_owned(),
        mode: SiteMode::Live,
        origins: vec!["https://shop.example".to_owned()],
        campaign: Some("default".to_owned()),
        levels: None,
        look: SiteLook::default(),
    };
    let key = |byte| ("07".repeat(8), Hash([byte; 32]));
    let mut set = WorkingSet::default();
    let making = SiteChange::Make(Box::new(MakeSite { site, secret: key(1), statistics: key(2) }));
    try_change(&mut set, making, NOW).unwrap();
    change(&mut set, make(1, events)).unwrap();
    set.take_changes();
    set
}

fn written(set: &mut WorkingSet) -> Vec<NewDelivery> {
    set.take_changes().deliveries
}

/// How many entries the audit log has.
fn told_so_far(set: &WorkingSet) -> u64 {
    set.audit_head().map_or(0, |(number, _)| number)
}

#[test]
fn a_site_has_a_few_webhooks_each_told_of_something_that_can_be_chosen() {
    let mut set = shop(&[SiteEvent::Cleared]);
    for events in [&[][..], &[SiteEvent::Test], &[SiteEvent::Drip, SiteEvent::Drip]] {
        assert_eq!(code(change(&mut set, make(2, events))), Code::WebhookInvalid);
    }
    for number in 2..=4 {
        let made = change(&mut set, make(number, &[SiteEvent::Drip, SiteEvent::BudgetLow])).unwrap();
        assert_eq!(made.webhooks.len(), usize::from(number));
    }
    assert_eq!(code(change(&mut set, make(5, &[SiteEvent::Drip]))), Code::WebhooksUsedUp);
    let left = change(&mut set, WebhookChange::Remove { id: id(1) }).unwrap();
    assert_eq!(left.webhooks.iter().map(|it| &*it.id).collect::<Vec<_>>(), [&*id(2), &*id(3), &*id(4)]);
    assert_eq!(code(change(&mut set, WebhookChange::Remove { id: id(1) })), Code::WebhookUnknown);
    assert_eq!(told_so_far(&set), 6, "what was refused is in the log of whoever has asked");
}

#[test]
fn while_a_secret_is_changed_messages_are_signed_by_both() {
    let mut set = shop(&[SiteEvent::Cleared]);
    let rotate =
        |nonce: u8, overlap_ms| WebhookChange::Rotate { id: id(1), nonce: Hash([nonce; 32]), overlap_ms };
    let [webhook] = &change(&mut set, rotate(2, None)).unwrap().webhooks[..] else { panic!() };
    let nonces =
        |webhook: &WebhookRecord, now| webhook.nonces(now).map(|nonce| nonce.0[0]).collect::<Vec<_>>();
    assert_eq!(nonces(webhook, NOW.plus(DAY_MS - 1)), [2, 1]);
    assert_eq!(nonces(webhook, NOW.plus(DAY_MS)), [2]);
    let [webhook] = &change(&mut set, rotate(3, Some(0))).unwrap().webhooks[..] else { panic!() };
    assert_eq!(nonces(webhook, NOW), [3]);
    assert_eq!(code(change(&mut set, rotate(4, Some(7 * DAY_MS + 1)))), Code::InvalidRequest);
    let keys = in_force().keys;
    let secrets: BTreeSet<[u8; 32]> = [(&*id(1), 1), (&*id(1), 2), (&*id(2), 1)]
        .map(|(id, nonce)| *keys.webhook_secret(id, Hash([nonce; 32])))
        .into();
    assert_eq!(secrets.len(), 3);
}

#[test]
fn one_that_is_gone_is_switched_off_and_told_nothing_until_somebody_switches_it_on() {
    let mut set = shop(&[SiteEvent::Cleared]);
    let gone = |url: &str| WebhookChange::Gone { id: id(1), url: url.to_owned() };
    // What another address has said counts for nothing.
    let before = change(&mut set, gone("https://shop.example/former")).unwrap();
    assert!(before.webhooks[0].is_on);
    let after = change(&mut set, gone("https://shop.example/hooks")).unwrap();
    assert_eq!((after.webhooks[0].is_on, after.webhooks[0].gone_at), (false, Some(NOW)));
    assert!(!after.webhooks[0].hears(SiteEvent::Cleared));
    let test = || WebhookChange::Test { id: id(1), message: "msg_test_1".into() };
    assert_eq!(code(change(&mut set, test())), Code::WebhookOff);
    assert_eq!(code(change(&mut set, WebhookChange::SendAgain { id: id(1), number: 1 })), Code::WebhookOff);
    let (url, events) = ("https://shop.example/hooks".to_owned(), vec![SiteEvent::Drip]);
    let set_on = WebhookChange::Set { id: id(1), url, events, is_on: true };
    let after = change(&mut set, set_on).unwrap();
    assert_eq!((after.webhooks[0].is_on, after.webhooks[0].gone_at), (true, None));
    written(&mut set);
    change(&mut set, test()).unwrap();
    let [new] = &written(&mut set)[..] else { panic!("one message") };
    assert_eq!((&*new.message, new.event, &*new.webhook), ("msg_test_1", SiteEvent::Test, &*id(1)));
    assert_eq!(DeliveryRecord::new(1, new).state, DeliveryState::Waiting);
}

#[test]
fn that_a_campaign_has_little_left_is_told_once_for_each_threshold_of_a_budget() {
    let mut set = shop(&[SiteEvent::BudgetLow]);
    change(&mut set, make(2, &[SiteEvent::Drip])).unwrap();
    let entries = told_so_far(&set);
    let low = |budget: u32, percent| Low {
        campaign: "default".into(),
        budget: Amount::from_units(budget),
        left: Amount::from_units(1),
        percent,
    };
    let told = |set: &mut WorkingSet, low: Low, after_ms: u64| {
        set.take_changes();
        let change = SiteChange::Webhook { site: "shop".into(), change: WebhookChange::TellLow(low) };
        try_change(set, change, NOW.plus(after_ms)).unwrap();
        written(set).into_iter().map(|new| new.message.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(told(&mut set, low(1_000, 20), 0), ["msg_low_shop_default_20_1800000000000"]);
    assert_eq!(told(&mut set, low(1_000, 20), 1), [""; 0]);
    assert_eq!(told(&mut set, low(1_000, 5), 2), ["msg_low_shop_default_5_1800000000002"]);
    // What was given back does not have it told anew; another budget does.
    assert_eq!(told(&mut set, low(1_000, 20), 3), [""; 0]);
    assert_eq!(told(&mut set, low(2_000, 5), 4), ["msg_low_shop_default_5_1800000000004"]);
    let other = Low { campaign: "another".into(), ..low(1_000, 5) };
    assert_eq!(told(&mut set, other, 5), [""; 0]);
    // Also one that there was before, once there was enough of another one in between.
    let forget = |campaign: &str, budget: u32| WebhookChange::ForgetLow {
        campaign: campaign.into(),
        budget: Amount::from_units(budget),
    };
    change(&mut set, forget("default", 2_000)).unwrap();
    change(&mut set, forget("another", 1_000)).unwrap();
    assert_eq!(told(&mut set, low(2_000, 5), 6), [""; 0]);
    change(&mut set, forget("default", 4_000)).unwrap();
    assert_eq!(told(&mut set, low(2_000, 5), 7), ["msg_low_shop_default_5_1800000000007"]);
    assert_eq!(told_so_far(&set), entries, "no operator has done that");
}

#[test]
fn the_audit_log_has_no_query_of_an_address_and_says_where_only_that_has_changed() {
    for (url, expected) in [
        ("https://shop.example/hooks?key=secret", "https://shop.example/hooks"),
        ("https://shop.example?key=secret/@other", "https://shop.example"),
        ("https://user:secret@shop.example:8443/a@b?key#part", "https://shop.example:8443/a@b"),
        ("https://shop.example/hooks", "https://shop.example/hooks"),
        ("https://shop.example/?", "https://shop.example/"),
        ("shop?secret", "shop"),
    ] {
        assert_eq!(shown(url), expected);
    }
    let mut set = shop(&[SiteEvent::Cleared]);
    let entry = |set: &mut WorkingSet, url: &str, is_on| {
        let (url, events) = (url.to_owned(), vec![SiteEvent::Cleared]);
        change(set, WebhookChange::Set { id: id(1), url, events, is_on }).unwrap();
        set.take_changes().audit[0].json.to_string()
    };
    let is_query_changed = |entry: &str| entry.contains(r#""query":"changed""#);
    for (url, is_on, is_changed) in [
        ("https://shop.example/hooks?key=first", true, true),
        ("https://shop.example/hooks?key=second", true, true),
        ("https://shop.example/hooks?key=second", false, false),
        ("https://shop.example/other?key=third", false, false),
    ] {
        let entry = entry(&mut set, url, is_on);
        assert!(entry.contains(shown(url).as_str()) && !entry.contains("key="), "{entry}");
        assert_eq!(is_query_changed(&entry), is_changed, "{entry}");
    }
    change(&mut set, WebhookChange::Remove { id: id(1) }).unwrap();
    let entry = set.take_changes().audit[0].json.to_string();
    assert!(entry.contains("https://shop.example/other") && !entry.contains("key="), "{entry}");
}
