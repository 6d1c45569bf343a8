//! A faucet that pays by a webhook.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use dripline_server::faucet::Settings;
use dripline_server::ledger::verify_ledger;
use dripline_server::payout::webhook::WebhookSettings;
use dripline_server::payout::{AssetSettings, FAILURES_MAX, KeySource, RailDriver, RailSettings};
use dripline_shared::amount::Amount;
use dripline_shared::api::WithdrawalView;
use dripline_shared::catalog::Catalog;
use dripline_shared::time::{HOUR_MS, MINUTE_MS, Timestamp};

use crate::support::{Directory, Player, START, World};

/// The secret of messages, which the specification's libraries are tested with.
pub(crate) const SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
/// What a withdrawal costs, in ledger units.
pub(crate) const FEE: u32 = 50;
/// How many rounds of steps anything may take.
const ROUNDS_MAX: u32 = 60;

/// Where the faucet keeps its data and its secret.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) directory: Directory,
}

impl Scene {
    /// A new one.
    pub(crate) fn new() -> Self {
        let scene = Self { directory: Directory::new() };
        std::fs::write(scene.secret_file(), SECRET).unwrap();
        scene
    }

    /// The file of the secret.
    pub(crate) fn secret_file(&self) -> PathBuf {
        self.directory.path().with_extension("secret")
    }

    /// A rail that sends to this address messages of one withdrawal.
    pub(crate) fn webhook(&self, url: &str) -> WebhookSettings {
        WebhookSettings {
            url: url.to_owned(),
            secret: KeySource::File(self.secret_file()),
            timeout: Duration::from_secs(30),
            alert_after_ms: HOUR_MS,
            batch_max: 1,
            address_pattern: None,
            address_hint: None,
        }
    }

    /// A faucet that pays so.
    pub(crate) fn settings(&self, webhook: WebhookSettings) -> Settings {
        let mut settings = Settings::new(Catalog::first_run());
        settings.data = Some(self.directory.path().to_owned());
        let asset = AssetSettings {
            threshold: Amount::from_units(100),
            fee: Amount::from_units(FEE),
            outflow: None,
            dormant_after_ms: None,
            approve_above: None,
        };
        let assets = BTreeMap::from([("DRIP".to_owned(), asset)]);
        let driver = RailDriver::Webhook(webhook);
        let rail = RailSettings { driver, assets, address_wait_ms: MINUTE_MS, failures_max: FAILURES_MAX };
        settings.rails = Some(BTreeMap::from([("lightning".to_owned(), rail)]));
        settings
    }

    /// One that sends to this address messages of at most so many withdrawals.
    pub(crate) fn world(&self, url: &str, batch_max: usize) -> World {
        self.world_at(url, batch_max, START)
    }

    /// The same, at this time.
    pub(crate) fn world_at(&self, url: &str, batch_max: usize, now: Timestamp) -> World {
        World::at(self.settings(WebhookSettings { batch_max, ..self.webhook(url) }), now)
    }

    /// Checks the books.
    pub(crate) fn assert_sound(&self) {
        assert_eq!(verify_ledger(self.directory.path(), &[]).unwrap().findings, Vec::<String>::new());
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(self.secret_file());
    }
}

/// Has a player of this number earn something and withdraw so many ledger units.
pub(crate) fn withdraw(world: &World, number: u32, units: u32, address: &str) -> WithdrawalView {
    let player = Player::new(number);
    world.earn(&player, world.first_level());
    world.wait(1);
    world.withdraw(&player, Amount::from_units(units), address)
}

/// Has a player of this number earn something and make so many withdrawals of 200 ledger units to one address.
pub(crate) fn withdraw_often(world: &World, number: u32, times: usize, address: &str) -> Vec<WithdrawalView> {
    let player = Player::new(number);
    world.earn(&player, world.first_level());
    world.wait(1);
    world.try_set_address(world.address_request(&player, address)).unwrap();
    let request = || world.withdrawal_request(&player, Amount::from_units(200), address);
    (0..times).map(|_| world.try_withdraw(request()).unwrap()).collect()
}

/// Takes steps, with more than the longest delay between, until none of these is under way; tells how they stand.
pub(crate) fn settle(world: &World, requested: &[WithdrawalView]) -> Vec<WithdrawalView> {
    for _ in 0..ROUNDS_MAX {
        world.pay();
        let now: Vec<WithdrawalView> = requested.iter().map(|it| world.withdrawal(it)).collect();
        if now.iter().all(|withdrawal| withdrawal.state.is_final()) {
            return now;
        }
        world.wait(HOUR_MS + 10 * MINUTE_MS);
    }
    panic!("it does not come to an end");
}
