//! The webhooks of sites, told over real connections: receivers that do as they should, and others.

use std::time::Duration;

use dripline_server::faucet::{Operator, Settings, WebhookSettings};
use dripline_server::refusal::Refusal;
use dripline_shared::api::operate::By;
use dripline_shared::api::operate::sites::SiteKeyRotation;
use dripline_shared::api::operate::webhooks::{
    DeliveryState, SiteEvent, WebhookChange, WebhookDelivery, WebhookRequest, WebhookSecret,
};
use dripline_shared::api::{OpenRequest, Receipt};
use dripline_shared::catalog::{Catalog, DEFAULT_CAMPAIGN};
use dripline_shared::error::Code;
use dripline_shared::game::Status;
use dripline_shared::site::{Site, SiteLook, SiteMode};
use dripline_shared::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};
use serde_json::json;
use standardwebhooks::Webhook;

use crate::receiver::{Arrival, FAULTS, Fault, Receiver};
use crate::scene::SECRET;
use crate::support::{Directory, Player, START, World, code, sign};

pub(crate) const EVERYTHING: [SiteEvent; 3] = [SiteEvent::Cleared, SiteEvent::Drip, SiteEvent::BudgetLow];

pub(crate) fn owner() -> Operator {
    Operator { by: By::CommandLine, from: None, session: None }
}

pub(crate) fn settings(directory: &Directory) -> Settings {
    let webhooks = WebhookSettings { loopback: true, timeout: Duration::from_secs(2) };
    Settings { data: Some(directory.path().to_owned()), webhooks, ..Settings::new(Catalog::first_run()) }
}

/// A faucet with a shop that pays.
pub(crate) fn world(directory: &Directory) -> World {
    with_shop(settings(directory))
}

pub(crate) fn with_shop(settings: Settings) -> World {
    let world = World::with(settings);
    let site = Site {
        id: "shop".to_owned(),
        name: "A shop".to_owned(),
        mode: SiteMode::Live,
        origins: vec!["https://shop.example".to_owned()],
        campaign: Some(DEFAULT_CAMPAIGN.to_owned()),
        levels: None,
        look: SiteLook::default(),
    };
    world.runtime.block_on(world.faucet.register_site(owner(), site)).unwrap();
    world
}

impl World {
    /// Makes a webhook of the shop at a receiver, which learns its secret.
    pub(crate) fn webhook(&self, receiver: &Receiver, events: &[SiteEvent]) -> WebhookSecret {
        let request = WebhookRequest { url: receiver.url.clone(), events: events.to_vec() };
        let made =
            self.runtime.block_on(self.faucet.make_site_webhook(owner(), "shop".into(), request)).unwrap();
        receiver.learn(&made.secret);
        made
    }

    /// Has somebody clear a level on a page of the shop, and claim it.
    pub(crate) fn clear(&self, number: u32) -> Receipt {
        let player = Player::new(number);
        for bot in 0..30 {
            let request = self.request(&player, self.first_level());
            let site = Some("shop".to_owned());
            let open = self.try_open(sign(&player, OpenRequest { site, ..request })).unwrap();
            let play = self.play(&open, bot);
            if play.status == Status::Won {
                return self.try_claim(self.claim_request(&player, &open, &play)).unwrap();
            }
            self.end(&open);
        }
        panic!("thirty rounds were lost");
    }

    /// Sends what is due, and notes what came of it.
    pub(crate) fn deliver(&self) {
        self.runtime.block_on(async {
            for _ in 0..3 {
                self.faucet.deliver_webhooks().await.unwrap();
                self.faucet.webhooks_answered().await;
            }
        });
    }

    pub(crate) fn test(&self, webhook: &WebhookSecret) -> String {
        let id = webhook.webhook.id.as_str().into();
        self.runtime.block_on(self.faucet.test_site_webhook(owner(), "shop".into(), id)).unwrap().message
    }

    /// What is known of the messages to a webhook, the oldest first.
    pub(crate) fn deliveries(&self, webhook: &WebhookSecret) -> Vec<WebhookDelivery> {
        let id = &webhook.webhook.id;
        let page = self.faucet.site_webhook_deliveries("shop", id, None, 100);
        let page = self.runtime.block_on(page).unwrap();
        page.deliveries.into_iter().rev().collect()
    }

    pub(crate) fn states(&self, webhook: &WebhookSecret) -> Vec<DeliveryState> {
        self.deliveries(webhook).into_iter().map(|it| it.state).collect()
    }

    /// Sends a message again.
    pub(crate) fn resend(&self, webhook: &WebhookSecret, number: u64) -> Result<String, Refusal> {
        let id = webhook.webhook.id.as_str().into();
        let resent = self.faucet.resend_to_site_webhook(owner(), "shop".into(), id, number);
        self.runtime.block_on(resent).map(|it| it.message)
    }

    /// Makes another secret of a webhook; for so long the former one holds as well.
    pub(crate) fn rotate(&self, webhook: &WebhookSecret, overlap_ms: u64) -> WebhookSecret {
        let rotation = SiteKeyRotation { overlap_ms: Some(overlap_ms) };
        let id = webhook.webhook.id.as_str().into();
        let rotated = self.faucet.rotate_site_webhook(owner(), "shop".into(), id, rotation);
        self.runtime.block_on(rotated).unwrap()
    }

    pub(crate) fn set(&self, webhook: &WebhookSecret, url: &str, is_on: bool) {
        let change = WebhookChange { url: url.to_owned(), events: EVERYTHING.to_vec(), is_on };
        let id = webhook.webhook.id.as_str().into();
        self.runtime.block_on(self.faucet.set_site_webhook(owner(), "shop".into(), id, change)).unwrap();
    }
}

pub(crate) fn ids(arrivals: &[Arrival]) -> Vec<&str> {
    arrivals.iter().map(|arrival| arrival.id.as_str()).collect()
}

#[test]
fn a_site_is_told_of_what_was_cleared_and_paid_signed_as_the_specification_says() {
    let (directory, receiver) = (Directory::new(), Receiver::start(SECRET));
    let world = world(&directory);
    let webhook = world.webhook(&receiver, &[SiteEvent::Cleared, SiteEvent::Drip]);
    world.deliver();
    assert_eq!(receiver.arrivals(), []);
    let receipt = world.clear(1);
    world.deliver();

    let arrivals = receiver.arrivals();
    let mut arrived = ids(&arrivals);
    arrived.sort_unstable();
    let round = receipt.round;
    assert_eq!(arrived, [format!("msg_cleared_{round}"), format!("msg_drip_{round}")]);
    let drip = arrivals.iter().find(|it| it.id.starts_with("msg_drip")).unwrap();
    assert_eq!(
        drip.json(),
        json!({
            "type": "drip",
            "timestamp": receipt.claimed_at_ms.to_string(),
            "data": {
                "site": "shop", "mode": "live", "round": round, "wallet": receipt.wallet, "level": receipt.level,
                "campaign": DEFAULT_CAMPAIGN, "amount": receipt.amount, "asset": "DRIP", "decimals": 6,
                "claimed_at_ms": receipt.claimed_at_ms,
            },
        })
    );
    assert_eq!(drip.seconds, i64::try_from(world.now().0 / SECOND_MS).unwrap());
    receiver.assert_sound();
    let delivered: Vec<_> = world.deliveries(&webhook).iter().map(|it| (it.state, it.attempts)).collect();
    assert_eq!(delivered, [(DeliveryState::Delivered, 1); 2]);
    world.wait(DAY_MS);
    world.deliver();
    assert_eq!(receiver.arrivals().len(), 2);
    let figures = world.faucet.webhook_figures();
    assert_eq!((figures.delivered, figures.failed, figures.given_up), (2, 0, 0));
}

#[test]
fn whatever_goes_wrong_a_message_is_sent_until_it_is_taken_and_is_always_the_same() {
    let (directory, receiver) = (Directory::new(), Receiver::start(SECRET));
    let world = world(&directory);
    let webhook = world.webhook(&receiver, &EVERYTHING);
    let is_taken = |fault: &Fault| {
        let taken = [Fault::None, Fault::Tears, Fault::Html, Fault::DoesAndHtml, Fault::DoesAndNonsense];
        let accepted = [Fault::AcceptsFirst, Fault::DoesAndAccepts];
        taken.contains(fault) || accepted.contains(fault) || *fault == Fault::Refuses(410)
    };
    let faults: Vec<Fault> = FAULTS.into_iter().filter(|fault| !is_taken(fault)).collect();
    let attempts = faults.len() + 1;
    receiver.faults(faults);
    let message = world.test(&webhook);
    let mut sent_at = Vec::new();
    // At most six hours lie between two attempts.
    for _ in 0..3 * 24 * 60 * 2 {
        world.deliver();
        if receiver.arrivals().len() > sent_at.len() {
            sent_at.push(world.now());
        }
        if sent_at.len() == attempts {
            break;
        }
        world.wait(30 * SECOND_MS);
    }
    assert_eq!(sent_at.len(), attempts);
    let arrivals = receiver.arrivals();
    assert!(arrivals.iter().all(|it| (&it.id, &it.body) == (&message, &arrivals[0].body)));
    let delays: Vec<u64> = sent_at.windows(2).map(|two| two[1].since(two[0])).collect();
    assert!(delays.last() > delays.first() && *delays.iter().max().unwrap() <= 6 * HOUR_MS + 30 * SECOND_MS);
    let [delivery] = &world.deliveries(&webhook)[..] else { panic!("one message") };
    assert_eq!(
        (delivery.state, delivery.error.as_deref(), delivery.next_at_ms),
        (DeliveryState::Delivered, None, None)
    );
    assert_eq!(usize::try_from(delivery.attempts).unwrap(), attempts);
    receiver.assert_sound();
}

#[test]
fn one_that_hangs_holds_up_no_other() {
    let (directory, slow, well) = (Directory::new(), Receiver::start(SECRET), Receiver::start(SECRET));
    let world = world(&directory);
    let (hangs, answers) = (world.webhook(&slow, &EVERYTHING), world.webhook(&well, &EVERYTHING));
    slow.faults([Fault::IsSlow; 100]);
    for _ in 0..20 {
        world.test(&hangs);
        world.test(&answers);
    }
    let step = || world.runtime.block_on(world.faucet.deliver_webhooks()).unwrap();
    step();
    slow.wait_for(1);
    well.wait_for(8);
    while well.arrivals().len() < 20 {
        step();
    }
    // Nobody has waited for an answer, and once it was seen that one hangs, it is asked for one message at a time.
    assert!(slow.arrivals().len() <= 8, "{}", slow.arrivals().len());
    world.deliver();
    assert_eq!(world.states(&answers), [DeliveryState::Delivered; 20]);
    assert!(world.states(&hangs).iter().all(|state| *state == DeliveryState::Waiting));
    let errors: Vec<String> = world.deliveries(&hangs).into_iter().filter_map(|it| it.error).collect();
    assert!(!errors.is_empty() && errors.iter().all(|error| error.contains("timeout")), "{errors:?}");
}

#[test]
fn one_that_says_that_it_is_gone_is_switched_off_until_an_operator_switches_it_on() {
    let (directory, receiver) = (Directory::new(), Receiver::start(SECRET));
    let world = world(&directory);
    let webhook = world.webhook(&receiver, &EVERYTHING);
    receiver.faults([Fault::Refuses(410)]);
    world.test(&webhook);
    world.deliver();
    let stands = || world.runtime.block_on(world.faucet.site_webhooks("shop")).unwrap().webhooks[0].clone();
    assert_eq!((stands().is_on, stands().gone_at_ms), (false, Some(START)));
    assert_eq!(world.states(&webhook), [DeliveryState::GivenUp]);
    world.clear(1);
    world.deliver();
    assert_eq!((receiver.arrivals().len(), world.states(&webhook).len()), (1, 1));
    let audit = world.runtime.block_on(world.faucet.audit_page(None, 1)).unwrap();
    assert_eq!((&*audit.lines[0].entry.action, &audit.lines[0].entry.by), ("site.webhook_gone", &By::Server));

    world.set(&webhook, &receiver.url, true);
    assert_eq!((stands().is_on, stands().gone_at_ms), (true, None));
    world.clear(2);
    world.deliver();
    assert_eq!(receiver.arrivals().len(), 3);
    receiver.assert_sound();
}

#[test]
fn what_was_written_before_an_end_is_sent_after_the_next_start_and_what_was_sent_is_not() {
    let (directory, receiver) = (Directory::new(), Receiver::start(SECRET));
    let first = world(&directory);
    let webhook = first.webhook(&receiver, &[SiteEvent::Cleared]);
    let one = first.clear(1);
    first.runtime.block_on(async {
        first.faucet.deliver_webhooks().await.unwrap();
        first.faucet.webhooks_answered().await;
    });
    let two = first.clear(2);
    let now = first.shutdown();

    let again = World::at(settings(&directory), now);
    again.deliver();
    let told = |receipt: &Receipt| format!("msg_cleared_{}", receipt.round);
    assert_eq!(ids(&receiver.arrivals()), [told(&one), told(&two)]);
    assert_eq!(again.states(&webhook), [DeliveryState::Delivered; 2]);

    // What was being sent when the server ended is sent again, and is the same.
    receiver.faults([Fault::IsSlow]);
    again.clear(3);
    again.runtime.block_on(again.faucet.deliver_webhooks()).unwrap();
    receiver.wait_for(3);
    let now = again.shutdown();
    let third = World::at(settings(&directory), now.plus(MINUTE_MS - 1));
    third.deliver();
    assert_eq!(receiver.arrivals().len(), 3);
    third.wait(1);
    third.deliver();
    let arrivals = receiver.arrivals();
    assert_eq!(arrivals.len(), 4);
    assert_eq!((&arrivals[3].id, &arrivals[3].body), (&arrivals[2].id, &arrivals[2].body));
    receiver.assert_sound();
}

#[test]
fn while_a_secret_is_changed_the_receiver_may_know_either() {
    let (directory, receiver) = (Directory::new(), Receiver::start(SECRET));
    let world = world(&directory);
    let former = world.webhook(&receiver, &EVERYTHING);
    let rotated = world.rotate(&former, HOUR_MS);
    assert_ne!(rotated.secret, former.secret);
    assert_eq!(rotated.webhook.former_until_ms, Some(START.plus(HOUR_MS)));
    let signatures = |arrival: &Arrival, secrets: [&WebhookSecret; 2]| {
        secrets.map(|secret| arrival.signatures.split(' ').any(|it| it == arrival.signature(&secret.secret)))
    };
    world.test(&former);
    world.deliver();
    let arrivals = receiver.arrivals();
    assert_eq!(signatures(&arrivals[0], [&former, &rotated]), [true, true]);
    assert_eq!(arrivals[0].signatures.split(' ').count(), 2);
    world.wait(HOUR_MS);
    world.test(&former);
    world.deliver();
    let arrivals = receiver.arrivals();
    assert_eq!(signatures(&arrivals[1], [&former, &rotated]), [false, true]);
    assert!(Webhook::new(&rotated.secret).is_ok());
}

#[test]
fn an_address_in_the_operators_own_network_is_refused_and_loopback_is_where_nothing_is_said() {
    let directory = Directory::new();
    let world = with_shop(Settings { webhooks: WebhookSettings::default(), ..settings(&directory) });
    for url in [
        "http://127.0.0.1:1/hook",
        "https://localhost/hook",
        "https://10.0.0.7/",
        "https://[::1]/",
        "http://shop.example/",
    ] {
        let request = WebhookRequest { url: url.to_owned(), events: vec![SiteEvent::Cleared] };
        let made = world.runtime.block_on(world.faucet.make_site_webhook(owner(), "shop".into(), request));
        assert_eq!(code(made), Code::WebhookInvalid, "{url}");
    }
    assert_eq!(world.runtime.block_on(world.faucet.site_webhooks("shop")).unwrap().webhooks, []);
    let request =
        WebhookRequest { url: "https://shop.example/".to_owned(), events: vec![SiteEvent::Cleared] };
    world.runtime.block_on(world.faucet.make_site_webhook(owner(), "shop".into(), request)).unwrap();
}

#[test]
fn every_page_of_messages_tells_how_many_wait_for_that_webhook() {
    let (directory, slow, well) = (Directory::new(), Receiver::start(SECRET), Receiver::start(SECRET));
    let world = world(&directory);
    let (fails, takes) = (world.webhook(&slow, &EVERYTHING), world.webhook(&well, &EVERYTHING));
    slow.faults([Fault::Refuses(503); 3]);
    (0..3).for_each(|_| drop(world.test(&fails)));
    world.test(&takes);
    let waiting = |webhook: &WebhookSecret, limit| {
        let page = world.faucet.site_webhook_deliveries("shop", &webhook.webhook.id, None, limit);
        world.runtime.block_on(page).unwrap().waiting
    };
    assert_eq!((waiting(&fails, 1), waiting(&fails, 100), waiting(&takes, 1)), (3, 3, 1));
    world.deliver();
    assert_eq!((waiting(&fails, 1), waiting(&takes, 1)), (3, 0));
}
