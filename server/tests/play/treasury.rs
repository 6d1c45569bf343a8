//! A treasury that has too little: its rail pauses itself, players are told, and it runs again once there is enough.

use std::collections::BTreeMap;
use std::sync::Arc;

use dripline_server::faucet::Settings;
use dripline_server::ledger::verify_ledger;
use dripline_server::payout::{AssetSettings, FAILURES_MAX, RailDriver, RailSettings};
use dripline_server::store::Reader as _;
use dripline_server::store::sqlite::SqliteReader;
use dripline_shared::amount::Amount;
use dripline_shared::api::WithdrawalView;
use dripline_shared::catalog::Catalog;
use dripline_shared::payout::WithdrawalState;
use dripline_shared::time::MINUTE_MS;

use crate::support::chain::{Chain, Fault};
use crate::support::dump::dump;
use crate::support::{Directory, Player, World};

/// How often it is looked whether there is enough.
const TRY_EVERY_MS: u64 = 10_000;

/// A faucet that pays by a chain, without a fee.
struct Scene {
    directory: Directory,
    chain: Chain,
    world: World,
}

impl Scene {
    fn new(funded: i64) -> Self {
        let (directory, chain) = (Directory::new(), Chain::default());
        chain.is_funded(funded);
        let threshold = Amount::from_units(100);
        let drip = AssetSettings {
            threshold,
            fee: Amount::ZERO,
            outflow: None,
            dormant_after_ms: None,
            approve_above: None,
        };
        let rules = RailSettings {
            driver: RailDriver::Sandbox,
            assets: BTreeMap::from([("DRIP".to_owned(), drip)]),
            address_wait_ms: MINUTE_MS,
            failures_max: FAILURES_MAX,
        };
        let mut settings = Settings::new(Catalog::first_run());
        settings.data = Some(directory.path().to_owned());
        settings.rails = Some(BTreeMap::from([("sandbox".to_owned(), rules)]));
        settings.drivers.insert("sandbox".to_owned(), Arc::new(chain.clone()));
        Self { world: World::with(settings), directory, chain }
    }

    /// Has a player of this number withdraw so much, and the rail take it into a batch of its own.
    fn request(&self, number: u32, units: u32, address: &str) -> WithdrawalView {
        let player = Player::new(number);
        self.world.earn(&player, self.world.first_level());
        self.world.wait(1);
        let requested = self.world.withdraw(&player, Amount::from_units(units), address);
        self.world.pay_step().unwrap();
        requested
    }

    /// Lets so many seconds pass, with a step in each.
    fn seconds(&self, seconds: u32) {
        for _ in 0..seconds {
            self.world.wait(1_000);
            self.world.pay_step().unwrap();
        }
    }

    /// What players are told of the rail.
    fn told(&self) -> Option<String> {
        self.world.runtime.block_on(self.world.faucet.rails()).unwrap().rails[0].paused.clone()
    }

    /// What the operator is told of it.
    fn paused(&self) -> Option<String> {
        let mut reader = SqliteReader::open(self.directory.path()).unwrap();
        let rails = reader.rails().unwrap();
        rails.into_iter().find_map(|rail| rail.pause).map(|pause| pause.why.to_string())
    }

    fn states(&self, requested: &[&WithdrawalView]) -> Vec<WithdrawalState> {
        requested.iter().map(|requested| self.world.withdrawal(requested).state).collect()
    }

    fn assert_sound(&self) {
        let findings = verify_ledger(self.directory.path(), &[]).unwrap().findings;
        assert_eq!(findings, Vec::<String>::new());
    }
}

#[test]
fn a_rail_whose_treasury_has_too_little_pauses_itself_and_runs_again_once_it_has_enough() {
    let scene = Scene::new(999);
    let requested = scene.request(1, 1_000, "alice");
    assert_eq!(scene.told(), None);
    scene.seconds(1);
    let told = scene.told().unwrap();
    assert!(told.contains("is being refilled") && told.contains("waits in the queue"), "{told}");
    assert!(!told.contains("999") && !told.contains("vault"), "what it has is the operator's: {told}");
    assert_eq!(scene.paused().unwrap(), "treasury low: the vault has 999 and needs 1000");

    // Whatever is requested meanwhile waits in the queue, and for as long as nothing else happens nothing is stored.
    let later = scene.request(2, 200, "bob");
    let before = dump(scene.directory.path());
    scene.seconds(120);
    assert_eq!(dump(scene.directory.path()), before);
    assert_eq!(scene.states(&[&requested, &later]), [WithdrawalState::Sending, WithdrawalState::Queued]);
    assert_eq!((scene.chain.signed(), scene.told().as_deref()), (0, Some(&*told)));

    scene.chain.is_funded(1_200);
    scene.seconds(20);
    assert_eq!((scene.told(), scene.paused()), (None, None));
    assert_eq!(scene.states(&[&requested, &later]), [WithdrawalState::Paid; 2]);
    assert_eq!((scene.chain.balance("alice"), scene.chain.balance("bob")), (1_000, 200));
    scene.assert_sound();
}

#[test]
fn what_is_small_does_not_get_ahead_of_what_the_treasury_has_too_little_for() {
    let scene = Scene::new(500);
    let large = scene.request(1, 1_000, "alice");
    let small = scene.request(2, 300, "bob");
    let smaller = scene.request(3, 200, "carol");
    scene.seconds(60);
    assert_eq!((scene.chain.sent().len(), scene.paused().is_some()), (0, true));
    // There is enough for the first and not for the others: it is paid, and the rail pauses once more.
    scene.chain.is_funded(1_100);
    scene.seconds(30);
    assert_eq!(scene.chain.balance("alice"), 1_000);
    assert!(scene.paused().unwrap().starts_with("treasury low: the vault has 100 and needs"));
    let states = scene.states(&[&large, &small, &smaller]);
    assert_eq!(states[0], WithdrawalState::Paid);
    assert!(states[1..].iter().all(|state| !state.is_final()));
    scene.chain.is_funded(1_500);
    scene.seconds(30);
    assert_eq!(scene.states(&[&large, &small, &smaller]), [WithdrawalState::Paid; 3]);
    scene.assert_sound();
}

#[test]
fn it_is_looked_now_and_then_whether_a_treasury_has_enough_and_not_each_second() {
    let scene = Scene::new(0);
    scene.request(1, 1_000, "alice");
    scene.seconds(1);
    assert!(scene.paused().is_some());
    // Faults are taken one by each call: those that are left tell how often the chain was asked.
    scene.chain.faults([Fault::Refuses; 7]);
    let step = || drop(scene.world.pay_step());
    for _ in 0..60 {
        scene.world.wait(1_000);
        step();
    }
    assert!(scene.paused().is_some(), "a chain that does not answer says nothing of the treasury");
    assert_eq!(scene.chain.faults_left(), 7 - 6);
    scene.world.wait(TRY_EVERY_MS);
    step();
    assert_eq!(scene.chain.faults_left(), 0);
}

#[test]
fn what_was_sent_before_the_treasury_ran_low_is_sent_again_until_it_arrives() {
    let scene = Scene::new(1_000);
    let first = scene.request(1, 900, "alice");
    // It is signed and sent, and gets lost on the way.
    scene.chain.faults([Fault::None, Fault::Forgets]);
    scene.seconds(1);
    assert_eq!((scene.chain.sent().len(), scene.chain.balance("alice")), (1, 0));
    scene.chain.is_funded(100);
    let second = scene.request(2, 500, "bob");
    scene.seconds(1);
    assert!(scene.paused().is_some());
    scene.seconds(5);
    assert_eq!(scene.chain.balance("alice"), 900);
    assert_eq!(scene.states(&[&first, &second]), [WithdrawalState::Paid, WithdrawalState::Sending]);
    assert!(scene.paused().is_some());
}

#[test]
fn a_rail_that_its_operator_pauses_does_not_run_again_by_itself() {
    let scene = Scene::new(0);
    let requested = scene.request(1, 1_000, "alice");
    scene.seconds(1);
    let pause = |why| scene.world.runtime.block_on(scene.world.faucet.set_pause("sandbox", why)).unwrap();
    pause(Some("Maintenance"));
    scene.chain.is_funded(5_000);
    scene.seconds(60);
    assert_eq!((scene.told().as_deref(), scene.chain.signed()), (Some("Maintenance"), 0));
    pause(None);
    scene.seconds(3);
    assert_eq!(scene.states(&[&requested]), [WithdrawalState::Paid]);
    // And one that is resumed though its treasury is empty pauses again.
    scene.chain.is_funded(0);
    scene.request(2, 1_000, "bob");
    scene.seconds(1);
    pause(None);
    scene.seconds(1);
    assert!(scene.paused().unwrap().starts_with("treasury low: "));
}

#[test]
fn a_rail_runs_again_when_what_its_treasury_has_too_little_for_is_cancelled() {
    let scene = Scene::new(500);
    let large = scene.request(1, 1_000, "alice");
    scene.seconds(1);
    let small = scene.request(2, 300, "bob");
    let mut reader = SqliteReader::open(scene.directory.path()).unwrap();
    let batch = reader.batches("sandbox").unwrap()[0].record.id;
    assert!(scene.world.runtime.block_on(scene.world.faucet.cancel_batch(batch)).unwrap());
    scene.seconds(6);
    assert_eq!(scene.states(&[&large, &small]), [WithdrawalState::Returned, WithdrawalState::Paid]);
    assert_eq!(scene.paused(), None);
    scene.assert_sound();
}

#[test]
fn a_treasury_that_did_what_is_not_in_the_store_halts_a_rail_that_waits_for_money() {
    let scene = Scene::new(1_000);
    let first = scene.request(1, 900, "alice");
    scene.seconds(3);
    assert_eq!(scene.states(&[&first]), [WithdrawalState::Paid]);
    scene.request(2, 1_000, "bob");
    scene.seconds(1);
    assert!(scene.paused().unwrap().starts_with("treasury low: "));
    scene.chain.happened("zzz-theirs", true);
    scene.chain.is_funded(5_000);
    scene.seconds(20);
    assert!(scene.paused().unwrap().starts_with("recovery: "), "{:?}", scene.paused());
    scene.seconds(60);
    assert_eq!(scene.chain.balance("bob"), 0);
}
