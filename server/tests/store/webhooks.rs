//! What the webhooks of sites are told: written with what it tells, and in every store taken by one sender at a time.

use std::collections::BTreeSet;
use std::sync::Arc;

use dripline_server::faucet::decide::decide;
use dripline_server::in_force::InForce;
use dripline_server::site::{SiteKeyRecord, SiteRecord, WebhookRecord};
use dripline_server::store::command::{Change, MakeSite, SiteChange, WebhookChange};
use dripline_server::store::postgres::PostgresStore;
use dripline_server::store::record::{
    Came, DELIVERED_KEEP_MS, DeliveryStep, GIVEN_UP_KEEP_MS, TRY_FOR_MS, Tried,
};
use dripline_server::store::{Command, DeliveryRecord, Store};
use dripline_shared::amount::Amount;
use dripline_shared::api::operate::By;
use dripline_shared::api::operate::webhooks::{DeliveryState, SiteEvent};
use dripline_shared::catalog::{Catalog, DEFAULT_CAMPAIGN};
use dripline_shared::game::Pace;
use dripline_shared::round::Hash;
use dripline_shared::site::{NO_CAMPAIGN, Site, SiteLook, SiteMode};
use dripline_shared::time::{HOUR_MS, MINUTE_MS, Timestamp};
use serde_json::{Value, json};

use crate::bench::{Bench, Make, START, in_force, operate, round_of, segment, settle, suite, wallet_of};
use crate::database::Database;
use crate::several::two_servers;

suite! {
    a_claim_writes_what_the_webhooks_of_its_site_are_told,
    what_is_taken_is_not_taken_again_before_its_time_and_what_came_of_it_is_noted_once,
}

const LATER: Timestamp = Timestamp(START.0 + 10_000);

fn webhook(id: &str, events: &[SiteEvent]) -> WebhookRecord {
    WebhookRecord {
        id: id.to_owned(),
        url: "https://shop.example/hooks".to_owned(),
        events: events.to_vec(),
        is_on: true,
        gone_at: None,
        nonce: Hash([1; 32]),
        former: None,
        by: By::CommandLine,
        made_at: START,
        told: None,
    }
}

fn site(id: &str, campaign: Option<&str>) -> Site {
    Site {
        id: id.to_owned(),
        name: id.to_owned(),
        mode: SiteMode::Live,
        origins: vec!["https://shop.example".to_owned()],
        campaign: campaign.map(str::to_owned),
        levels: None,
        look: SiteLook::default(),
    }
}

/// A shop that pays and a gate that does not, each with webhooks that are told of this and that; and a quiet site without any.
fn sites() -> Arc<InForce> {
    let key = || SiteKeyRecord {
        id: "07".repeat(8),
        hash: Hash([1; 32]),
        former: None,
        by: By::CommandLine,
        made_at: START,
        revoked_at: None,
    };
    let record = |site, webhooks| SiteRecord {
        site,
        revision: 1,
        secret: key(),
        statistics: key(),
        by: By::CommandLine,
        made_at: START,
        changed_by: By::CommandLine,
        changed_at: START,
        ended_at: None,
        webhooks,
    };
    let off = WebhookRecord { is_on: false, ..webhook("off", &[SiteEvent::Cleared]) };
    let both = webhook("both", &[SiteEvent::Cleared, SiteEvent::Drip]);
    let records = [
        record(site("shop", Some(DEFAULT_CAMPAIGN)), vec![both, webhook("drips", &[SiteEvent::Drip]), off]),
        record(site("gate", None), vec![webhook("gate", &[SiteEvent::Cleared, SiteEvent::Drip])]),
        record(site("quiet", Some(DEFAULT_CAMPAIGN)), Vec::new()),
    ];
    let in_force = Arc::into_inner(in_force(Catalog::first_run())).unwrap();
    Arc::new(in_force.with_registered(1, records))
}

/// What opens a round on a page of a site, plays and claims it.
fn cleared(bench: &Bench, wallet: u8, site: &str) -> Vec<Command> {
    let clocked = bench.in_force.catalog.levels.iter().position(|level| level.play.pace() == Pace::Clocked);
    let Command::Open(mut open) = bench.open(wallet, 1, clocked.unwrap(), START) else {
        panic!("an opening")
    };
    open.request.site = Some(site.to_owned());
    if site == "gate" {
        NO_CAMPAIGN.clone_into(&mut open.request.campaign);
    }
    let round = round_of(wallet, 1, START);
    vec![
        Command::Open(open),
        segment(round, 0, None, LATER),
        segment(round, 1, Some(10), LATER),
        settle(round, wallet, LATER),
    ]
}

fn clear(bench: &mut Bench, wallet: u8, site: &str) {
    let batch = cleared(bench, wallet, site);
    let answers = bench.apply(&batch);
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
}

pub(crate) fn page(bench: &mut Bench, webhook: &str) -> Vec<DeliveryRecord> {
    bench.reader.deliveries(webhook, None, 100).unwrap()
}

pub(crate) fn take(store: &mut dyn Store, webhooks: &[(&str, usize)], now: Timestamp) -> Vec<DeliveryRecord> {
    let room = webhooks.iter().map(|(webhook, room)| ((*webhook).into(), *room)).collect();
    store.deliver(&DeliveryStep { now, until: now.plus(MINUTE_MS), tried: Vec::new(), room }).unwrap()
}

pub(crate) fn note(bench: &mut Bench, delivery: &DeliveryRecord, at: Timestamp, came: Came) {
    let tried = vec![Tried {
        number: delivery.number,
        attempts: delivery.attempts,
        earlier: delivery.earlier,
        at,
        came,
    }];
    let step = DeliveryStep { now: at, until: at, tried, room: Vec::new() };
    assert_eq!(bench.store.deliver(&step).unwrap(), []);
}

fn a_claim_writes_what_the_webhooks_of_its_site_are_told(make: Make<'_>) {
    let mut bench = make(&sites());
    for (wallet, site) in [(1, "shop"), (2, "gate"), (3, "quiet")] {
        clear(&mut bench, wallet, site);
    }
    // A claim that comes again tells nothing again.
    let again = settle(round_of(1, 1, START), 1, LATER.plus(1));
    bench.one(again).unwrap();

    let [drip, told] = &page(&mut bench, "both")[..] else { panic!("two messages") };
    let round = round_of(1, 1, START);
    let new = |delivery: &DeliveryRecord| {
        (delivery.event, delivery.message.to_string(), delivery.state, delivery.attempts, delivery.next_at)
    };
    let waits = |event, message| (event, message, DeliveryState::Waiting, 0, LATER);
    assert_eq!(new(told), waits(SiteEvent::Cleared, format!("msg_cleared_{round}")));
    assert_eq!(new(drip), waits(SiteEvent::Drip, format!("msg_drip_{round}")));
    assert_eq!((told.made_at, told.ends_at), (LATER, LATER.plus(TRY_FOR_MS)));
    let receipt = bench.reader.round(round).unwrap().unwrap().claim.unwrap().receipt;
    assert!(receipt.amount > Amount::ZERO);
    let expected = json!({
        "type": "cleared",
        "timestamp": LATER.to_string(),
        "data": {
            "site": "shop", "mode": "live", "round": round, "wallet": wallet_of(1), "level": receipt.level,
            "score": 100, "stars": 2, "amount": receipt.amount, "asset": "DRIP",
            "opened_at_ms": START, "claimed_at_ms": LATER,
        },
    });
    assert_eq!(serde_json::from_str::<Value>(&told.body).unwrap(), expected);
    let expected = json!({
        "type": "drip",
        "timestamp": LATER.to_string(),
        "data": {
            "site": "shop", "mode": "live", "round": round, "wallet": wallet_of(1), "level": receipt.level,
            "campaign": DEFAULT_CAMPAIGN, "amount": receipt.amount, "asset": "DRIP",
            "decimals": bench.in_force.catalog.asset.decimals, "claimed_at_ms": LATER,
        },
    });
    assert_eq!(serde_json::from_str::<Value>(&drip.body).unwrap(), expected);

    let [only] = &page(&mut bench, "drips")[..] else { panic!("one message") };
    assert_eq!((&only.message, &only.body), (&drip.message, &drip.body));
    let [only] = &page(&mut bench, "gate")[..] else { panic!("one message") };
    assert_eq!(only.event, SiteEvent::Cleared);
    assert_eq!(page(&mut bench, "off"), []);
    let waiting: BTreeSet<(Arc<str>, u64)> = bench.reader.deliveries_waiting().unwrap().into_iter().collect();
    assert_eq!(waiting, BTreeSet::from([("both".into(), 2), ("drips".into(), 1), ("gate".into(), 1)]));
}

fn what_is_taken_is_not_taken_again_before_its_time_and_what_came_of_it_is_noted_once(make: Make<'_>) {
    let mut bench = make(&sites());
    for wallet in [1, 2, 3] {
        clear(&mut bench, wallet, "shop");
    }
    let asked: Vec<Arc<str>> = ["gate", "drips", "both"].map(Arc::from).into();
    let due = |bench: &mut Bench, now| bench.reader.deliveries_due(&asked, now).unwrap();
    assert_eq!(due(&mut bench, LATER.minus(1)), Vec::<Arc<str>>::new());
    assert_eq!(due(&mut bench, LATER), ["drips".into(), "both".into()]);
    assert_eq!(take(&mut *bench.store, &[("both", 9)], LATER.minus(1)), []);

    let first = take(&mut *bench.store, &[("both", 2), ("gate", 5)], LATER);
    let second = take(&mut *bench.store, &[("both", 9)], LATER);
    let numbers: Vec<u64> = first.iter().chain(&second).map(|delivery| delivery.number).collect();
    assert_eq!((first.len(), second.len()), (2, 4));
    assert!(numbers.is_sorted() && numbers.iter().collect::<BTreeSet<_>>().len() == 6);
    assert!(first.iter().all(|delivery| delivery.attempts == 1 && delivery.next_at == LATER.plus(MINUTE_MS)));
    assert_eq!(take(&mut *bench.store, &[("both", 9)], LATER.plus(MINUTE_MS - 1)), []);

    // Whoever had taken them has ended: they are sent again, and what it notes at last is too late.
    note(&mut bench, &second[0], LATER.plus(5), Came::Delivered);
    let error = "HTTP status 500".to_owned();
    let again = Came::Again { at: LATER.plus(HOUR_MS), error: error.clone() };
    note(&mut bench, &second[1], LATER.plus(6), again);
    note(&mut bench, &second[2], LATER.plus(7), Came::GivenUp { error });
    let retaken = take(&mut *bench.store, &[("both", 9)], LATER.plus(MINUTE_MS));
    let retaken_numbers: Vec<u64> = retaken.iter().map(|delivery| delivery.number).collect();
    assert_eq!(retaken_numbers, [first[0].number, first[1].number, second[3].number]);
    assert!(retaken.iter().all(|delivery| delivery.attempts == 2));
    note(&mut bench, &first[0], LATER.plus(MINUTE_MS), Came::GivenUp { error: "late".to_owned() });
    note(&mut bench, &retaken[1], LATER.plus(MINUTE_MS), Came::Delivered);
    note(&mut bench, &retaken[1], LATER.plus(MINUTE_MS), Came::GivenUp { error: "twice".to_owned() });

    let all = page(&mut bench, "both");
    let stands = |number: u64| {
        let delivery = all.iter().find(|delivery| delivery.number == number).unwrap();
        (delivery.state, delivery.tried_at, delivery.ends_at, delivery.error.as_deref())
    };
    let tried_until = LATER.plus(TRY_FOR_MS);
    assert_eq!(stands(first[0].number), (DeliveryState::Waiting, None, tried_until, None));
    let at = LATER.plus(MINUTE_MS);
    let kept = at.plus(DELIVERED_KEEP_MS);
    assert_eq!(stands(first[1].number), (DeliveryState::Delivered, Some(at), kept, None));
    let at = LATER.plus(6);
    assert_eq!(
        stands(second[1].number),
        (DeliveryState::Waiting, Some(at), tried_until, Some("HTTP status 500"))
    );
    let (at, kept) = (LATER.plus(7), LATER.plus(7 + GIVEN_UP_KEEP_MS));
    assert_eq!(stands(second[2].number), (DeliveryState::GivenUp, Some(at), kept, Some("HTTP status 500")));
    let late = take(&mut *bench.store, &[("both", 9)], LATER.plus(HOUR_MS));
    assert!(late.iter().any(|delivery| delivery.number == second[1].number && delivery.attempts == 2));
}

/// Registers the shop with one webhook, in the store; gives its id.
pub(crate) fn registered(bench: &mut Bench) -> Arc<str> {
    let key = |byte| ("07".repeat(8), Hash([byte; 32]));
    let site = site("shop", Some(DEFAULT_CAMPAIGN));
    let make = SiteChange::Make(Box::new(MakeSite { site, secret: key(1), statistics: key(2) }));
    let WebhookRecord { id, nonce, url, events, .. } = webhook("00aa00aa00aa00aa", &[SiteEvent::Cleared]);
    let webhook: Arc<str> = id.as_str().into();
    let change = WebhookChange::Make { id, nonce, url, events };
    bench.one(operate(Change::Site(make), START)).unwrap();
    change_webhook(bench, change, START);
    webhook
}

pub(crate) fn change_webhook(bench: &mut Bench, change: WebhookChange, now: Timestamp) {
    let change = Change::Site(SiteChange::Webhook { site: "shop".into(), change });
    bench.one(operate(change, now)).unwrap();
}

#[test]
fn a_message_is_taken_by_one_of_two_servers() {
    let database = Database::new();
    let (mut one, mut other) = two_servers(&database, Catalog::first_run());
    let id = registered(&mut one);
    for number in 0..40 {
        let message = format!("msg_test_{number}").into();
        change_webhook(&mut one, WebhookChange::Test { id: Arc::clone(&id), message }, START);
    }
    // Both at once, again and again.
    let taken = std::thread::scope(|scope| {
        let takers = [&mut one, &mut other].map(|bench| {
            let id = Arc::clone(&id);
            scope.spawn(move || {
                let mut taken = Vec::new();
                for _ in 0..40 {
                    taken.extend(take(&mut *bench.store, &[(&id, 3)], START).iter().map(|it| it.number));
                }
                taken
            })
        });
        takers.map(|taker| taker.join().unwrap())
    });
    let numbers: Vec<u64> = taken.concat();
    assert_eq!(numbers.len(), 40);
    assert_eq!(numbers.iter().collect::<BTreeSet<_>>().len(), 40);
}

#[test]
fn a_claim_asks_the_database_nothing_to_find_out_that_nobody_is_to_be_told() {
    let database = Database::new();
    let in_force = sites();
    drop(Bench::postgres(&in_force, &database));
    let mut store = PostgresStore::open(&database.address()).unwrap();
    let bench = Bench::memory(&in_force);
    let mut trips = |wallet: u8, site: &str| {
        let mut batch = cleared(&bench, wallet, site);
        let claim = batch.pop().unwrap();
        let mut apply = |batch: &[Command]| {
            let before = store.round_trips();
            let answers = store.apply(batch, &mut |set, command| decide(&in_force, set, command)).unwrap();
            assert!(answers.iter().all(Result::is_ok), "{answers:?}");
            store.round_trips() - before
        };
        apply(&batch);
        apply(&[claim])
    };
    // Each statement is prepared once.
    trips(1, "quiet");
    trips(2, "shop");
    let (quiet, shop) = (trips(3, "quiet"), trips(4, "shop"));
    assert_eq!(shop, quiet + 1, "what is told is written by one statement");
}
