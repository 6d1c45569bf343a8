//! Several servers that pay by one rail: one of them at a time does, and everybody is paid once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use dripline_server::faucet::{Progress, Settings};
use dripline_server::ledger::verify_database;
use dripline_server::payout::lease::LEASE_MS;
use dripline_server::payout::{
    AssetSettings, FAILURES_MAX, Rail, RailDriver, RailError, RailSettings, Signed, Verdict,
};
use dripline_server::store::record::{BatchFacts, BatchRecord, Candidate, RailRecord};
use dripline_shared::amount::Amount;
use dripline_shared::api::WithdrawalView;
use dripline_shared::catalog::Catalog;
use dripline_shared::payout::{RailKind, WithdrawalState};
use dripline_shared::time::Timestamp;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::database::Database;
use crate::support::chain::{Chain, Fault};
use crate::support::{Directory, Player, START, World, copy_keys};

/// What a withdrawal costs.
const FEE: Amount = Amount::from_units(50);

fn settings(directory: &Directory, database: &Database, rail: Arc<dyn Rail>) -> Settings {
    let drip = AssetSettings {
        threshold: Amount::from_units(100),
        fee: FEE,
        outflow: None,
        dormant_after_ms: None,
        approve_above: None,
    };
    let rules = RailSettings {
        driver: RailDriver::Sandbox,
        assets: BTreeMap::from([("DRIP".to_owned(), drip)]),
        address_wait_ms: 0,
        failures_max: FAILURES_MAX,
    };
    let mut settings = Settings::new(Catalog::first_run());
    settings.data = Some(directory.path().to_owned());
    settings.database = Some(database.address());
    settings.rails = Some(BTreeMap::from([("sandbox".to_owned(), rules)]));
    settings.drivers.insert("sandbox".to_owned(), rail);
    settings
}

/// Servers of one faucet on one database, that pay by one chain.
struct Servers {
    database: Database,
    directories: [Directory; 2],
    chain: Chain,
    /// How many were started.
    started: u64,
}

impl Servers {
    fn new(chain: &Chain) -> Self {
        let directories = [Directory::new(), Directory::new()];
        Self { database: Database::new(), directories, chain: chain.clone(), started: 0 }
    }

    /// Starts the first or the second one.
    fn start(&mut self, which: usize, now: Timestamp) -> World {
        self.start_with(which, now, Arc::new(self.chain.clone()))
    }

    fn start_with(&mut self, which: usize, now: Timestamp, rail: Arc<dyn Rail>) -> World {
        if self.started > 0 {
            copy_keys(&self.directories[0], &self.directories[1]);
        }
        self.started += 1;
        World::numbered(settings(&self.directories[which], &self.database, rail), now, self.started)
    }

    fn assert_sound(&self) {
        let report = verify_database(&self.database.address(), self.directories[0].path(), &[]).unwrap();
        assert_eq!(report.findings, Vec::<String>::new());
    }
}

/// Players who each ask a server for 1,000 units, at addresses of these names. The clocks of both servers agree after it.
fn request(world: &World, other: &World, addresses: &[&str]) -> Vec<WithdrawalView> {
    let withdraw = |(number, address): (u32, &&str)| {
        let player = Player::new(number);
        world.earn(&player, world.first_level());
        world.withdraw(&player, Amount::from_units(1_000), address)
    };
    let requested = (1..).zip(addresses).map(withdraw).collect();
    other.wait_until(world.now());
    requested
}

/// That each was paid once, or has its money back.
fn assert_paid(world: &World, chain: &Chain, requested: &[WithdrawalView]) {
    for withdrawal in requested {
        let after = world.withdrawal(withdrawal);
        let is_bad = after.address.starts_with("bad");
        let expected = if is_bad { (WithdrawalState::Returned, 0) } else { (WithdrawalState::Paid, 950) };
        assert_eq!((after.state, chain.balance(&after.address)), expected, "{}", after.address);
    }
}

#[test]
fn one_server_pays_and_another_takes_over_once_it_is_silent_or_leaves() {
    let chain = Chain::default();
    let mut servers = Servers::new(&chain);
    let one = servers.start(0, START);
    let other = servers.start(1, START);
    let requested = request(&one, &other, &["alice"]);
    assert_eq!(one.pay_step().unwrap(), [Progress::Some]);
    assert_eq!(other.pay_step().unwrap(), [Progress::Elsewhere]);
    // The one is killed in the middle of it: nothing more is heard of it.
    drop(one);
    other.wait(LEASE_MS - 1);
    assert_eq!(other.pay_step().unwrap(), [Progress::Elsewhere]);
    assert!(chain.sent().is_empty());
    other.wait(1);
    other.pay();
    assert_paid(&other, &chain, &requested);

    let third = servers.start(0, other.now());
    assert_eq!(third.pay_step().unwrap(), [Progress::Elsewhere]);
    other.runtime.block_on(other.faucet.payers().remove(0).leave()).unwrap();
    assert_eq!(third.pay_step().unwrap(), [Progress::Idle]);
    assert_eq!(other.pay_step().unwrap(), [Progress::Elsewhere]);
    servers.assert_sound();
}

/// At what a server is held up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call {
    Sign,
    Verdict,
}

/// A chain whose answer to a call takes so long that the lease runs out.
#[derive(Debug)]
struct HeldUp {
    chain: Chain,
    /// What is held up, once; where it is said that it has come to it, and when it may go on.
    gate: Mutex<Option<Gate>>,
}

/// See [`HeldUp`].
type Gate = (Call, Sender<()>, Receiver<()>);

impl HeldUp {
    fn wait_at(&self, call: Call) {
        let gate = self.gate.lock().unwrap().take_if(|(at, ..)| *at == call);
        if let Some((_, arrived, go_on)) = gate {
            arrived.send(()).unwrap();
            go_on.recv().unwrap();
        }
    }
}

impl Rail for HeldUp {
    fn kind(&self) -> RailKind {
        self.chain.kind()
    }

    fn check_address(&self, address: &str) -> Result<(), String> {
        self.chain.check_address(address)
    }

    fn is_own(&self, address: &str) -> bool {
        self.chain.is_own(address)
    }

    fn batch_max(&self) -> usize {
        self.chain.batch_max()
    }

    fn sign(&self, batch: &BatchFacts, rail: &RailRecord, now: Timestamp) -> Result<Signed, RailError> {
        let signed = self.chain.sign(batch, rail, now);
        self.wait_at(Call::Sign);
        signed
    }

    fn send(&self, batch: &BatchRecord, candidate: &Candidate, now: Timestamp) -> Result<(), RailError> {
        self.chain.send(batch, candidate, now)
    }

    fn verdict(&self, batch: &BatchFacts, now: Timestamp) -> Result<Verdict, RailError> {
        let verdict = self.chain.verdict(batch, now);
        self.wait_at(Call::Verdict);
        verdict
    }
}

/// Has one server make a batch of a withdrawal and take so many steps more, of which the last is held up at this call for so
/// long that another server takes over and takes so many steps meanwhile. Gives the other one, once all is done.
fn held_up(
    (chain, faults): (&Chain, &[Fault]),
    (call, steps): (Call, usize),
    steps_meanwhile: usize,
) -> (Servers, World) {
    let mut servers = Servers::new(chain);
    let ((arrived, has_arrived), (may_go_on, go_on)) = (channel(), channel());
    let gate = Mutex::new(Some((call, arrived, go_on)));
    let one = servers.start_with(0, START, Arc::new(HeldUp { chain: chain.clone(), gate }));
    let other = servers.start(1, START);
    let requested = request(&one, &other, &["alice"]);
    chain.faults(faults.iter().copied());
    assert_eq!(one.pay_step().unwrap(), [Progress::Some]);
    thread::scope(|scope| {
        let step = scope.spawn(|| (0..steps).map(|_| one.pay_step().unwrap()).collect::<Vec<_>>());
        has_arrived.recv().unwrap();
        // From here on, nothing is heard of it.
        other.wait(LEASE_MS);
        let theirs: Vec<_> = (0..steps_meanwhile).map(|_| other.pay_step()).collect();
        may_go_on.send(()).unwrap();
        step.join().unwrap();
        assert!(theirs.iter().all(Result::is_ok), "{theirs:?}");
    });
    one.wait_until(other.now());
    assert_eq!(one.pay_step().unwrap(), [Progress::Elsewhere]);
    other.pay();
    assert_paid(&other, chain, &requested);
    (servers, other)
}

#[test]
fn what_a_server_signs_that_was_held_up_for_too_long_is_neither_kept_nor_sent() {
    let chain = Chain::default();
    // Both sign; what the other one sends gets lost and expires, so that nothing stands in the way of what the first has
    // signed but that it has lost the lease.
    let faults = [Fault::None, Fault::None, Fault::Forgets, Fault::Expires];
    let (servers, _) = held_up((&chain, &faults), (Call::Sign, 1), 2);
    let first = chain.sent().into_iter().find(|candidate| candidate.ends_with("-0"));
    assert_eq!(first, None, "the first that was signed");
    assert_eq!((chain.signed(), chain.sent().len(), chain.total()), (3, 2, 950));
    servers.assert_sound();
}

#[test]
fn what_a_server_found_out_that_was_held_up_for_too_long_ends_nothing_that_was_signed_since() {
    let chain = Chain::default();
    // What the first sends gets lost and expires; both find that out, and the other one signs anew, and pays.
    let faults = [Fault::None, Fault::Forgets, Fault::Expires];
    let (servers, _) = held_up((&chain, &faults), (Call::Verdict, 2), 2);
    assert_eq!((chain.signed(), chain.sent().len(), chain.total()), (2, 2, 950));
    servers.assert_sound();
}

/// More with `DRIPLINE_LONG`.
fn cases() -> u32 {
    if std::env::var_os("DRIPLINE_LONG").is_some() { 100 } else { 8 }
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        6 => Just(Fault::None),
        1 => Just(Fault::Refuses),
        2 => Just(Fault::HappensUnanswered),
        2 => Just(Fault::Forgets),
        2 => Just(Fault::Expires),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::default() })]

    /// Two servers step at the same time, by a chain that goes wrong; their clocks run apart, so that the lease goes to and
    /// fro in the middle of steps, and one of them is killed now and then.
    #[test]
    fn however_two_servers_step_everybody_is_paid_once(
        faults in prop::collection::vec(fault(), 0..40),
        waits in prop::collection::vec((0..LEASE_MS * 3 / 2, 0..LEASE_MS * 3 / 2, prop::bool::weighted(0.15)), 12),
    ) {
        let chain = Chain::default();
        let mut servers = Servers::new(&chain);
        let mut one = servers.start(0, START);
        let other = servers.start(1, START);
        let addresses = ["a", "b", "c", "bad", "d", "e", "f", "g", "h"];
        let requested = request(&one, &other, &addresses);
        chain.faults(faults);
        for (mine, theirs, kills) in waits {
            thread::scope(|scope| {
                // What the rail refuses is tried again.
                let step = |world: &World| for _ in 0..3 { let _ = world.pay_step(); };
                let (one, other) = (&one, &other);
                scope.spawn(move || step(one));
                scope.spawn(move || step(other));
            });
            one.wait(mine);
            other.wait(theirs);
            if kills {
                // Without its leave: its lease stays where it is.
                let now = one.now();
                drop(one);
                one = servers.start(0, now);
            }
        }
        chain.faults([]);
        let now = one.now().max(other.now()).plus(LEASE_MS);
        for world in [&one, &other] {
            world.wait_until(now);
        }
        one.pay();
        other.pay();
        assert_paid(&one, &chain, &requested);
        let paid: BTreeSet<&str> = addresses.into_iter().filter(|address| *address != "bad").collect();
        prop_assert_eq!(chain.total(), i64::try_from(paid.len()).unwrap() * 950);
        servers.assert_sound();
    }
}
