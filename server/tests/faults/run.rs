//! A run: episodes of payouts, in each of which something goes wrong.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use dripline_server::edge::Edge;
use dripline_server::faucet::Settings;
use dripline_server::ledger::verify_ledger;
use dripline_server::payout::{AssetSettings, FAILURES_MAX, Rail, RailDriver, RailRules, RailSettings};
use dripline_shared::amount::{Amount, Asset};
use dripline_shared::api::WithdrawalView;
use dripline_shared::catalog::Catalog;
use dripline_shared::payout::WithdrawalState;
use dripline_shared::round::hash;
use dripline_shared::time::{HOUR_MS, MINUTE_MS, SECOND_MS, Timestamp};

use crate::alerts;
use crate::fault::{Cell, Fault};
use crate::line::Line;
use crate::matrix::Matrix;
use crate::support::{Directory, Player, START, World};
use crate::watched::Watched;

/// What a withdrawal costs, in ledger units.
const FEE: u32 = 50;
/// How many rounds of steps and blocks an episode may take.
const ROUNDS_MAX: u32 = 60;
/// After how many episodes the books are checked.
const VERIFY_EVERY: u32 = 50;

/// A chain with a node, and how it is paid on.
pub(crate) trait Chain {
    /// The rail's id, and what it is called in the table.
    const RAIL: &'static str;
    /// Everything that can go wrong with it.
    fn cells() -> Vec<Cell>;
    /// The line to its node.
    fn line(&self) -> &Line;
    /// How the rail is configured. In every second start it asks by two addresses.
    fn driver(&self, start: u64) -> RailDriver;
    /// The rail, opened.
    fn open(&self, driver: &RailDriver, rules: &RailRules, edge: Edge) -> Arc<dyn Rail>;
    /// Makes final what was executed.
    fn finalize(&self);
    /// Has a fault befall it.
    fn befall(&self) -> Arc<dyn Fn(Fault) + Send + Sync>;
    /// The address of a number, which nobody has used before.
    fn address(&self, number: u32) -> String;
    /// What an address has, in ledger units.
    fn received(&self, address: &str) -> u64;
    /// What it cannot pay: so many ledger units to an address, given one that nobody has used before.
    fn unpayable(&self, address: String) -> (u32, String);
}

/// How much is demanded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Demand {
    /// How many faults must have had an effect.
    pub(crate) total: u64,
    /// How many in each cell.
    pub(crate) each: u64,
}

/// What every run demands, and what a long one does.
pub(crate) fn demand() -> Demand {
    if is_long() { Demand { total: 1_000, each: 10 } } else { Demand { total: 25, each: 1 } }
}

/// Whether the run is a long one.
pub(crate) fn is_long() -> bool {
    std::env::var_os("DRIPLINE_LONG").is_some()
}

/// Runs episodes until as many faults had an effect as are demanded.
pub(crate) fn run<C: Chain>(chain: &C, demand: Demand) -> Matrix {
    alerts::unknown(C::RAIL);
    let mut run = Run {
        chain,
        directory: Directory::new(),
        unknown: Arc::default(),
        clock: Arc::default(),
        matrix: Matrix::new(C::RAIL, &C::cells()),
        players: 0,
        starts: 0,
    };
    let mut world = run.start(START);
    let mut episode = 0;
    while run.matrix.total() < demand.total || run.matrix.rarest().1 < demand.each {
        world = run.episode(world, episode);
        episode += 1;
        if episode % VERIFY_EVERY == 0 {
            world = run.verified(world);
        }
        assert!(u64::from(episode) < 40 * demand.total, "some faults have no effect: {}", run.matrix.table());
    }
    run.verified(world).shutdown();
    run.matrix.unknown = run.unknown.load(Ordering::SeqCst);
    run.matrix
}

struct Run<'a, C> {
    chain: &'a C,
    directory: Directory,
    unknown: Arc<AtomicU64>,
    /// The time, for the rail.
    clock: Arc<AtomicU64>,
    matrix: Matrix,
    players: u32,
    starts: u64,
}

impl<C: Chain> Run<'_, C> {
    /// Starts the faucet on the data that is there.
    fn start(&mut self, now: Timestamp) -> World {
        self.starts += 1;
        let mut catalog = Catalog::first_run();
        roomy(&mut catalog);
        let asset = catalog.asset.clone();
        let mut settings = Settings::new(catalog);
        settings.data = Some(self.directory.path().to_owned());
        let driver = self.chain.driver(self.starts);
        let of_asset = AssetSettings {
            threshold: Amount::from_units(100),
            fee: Amount::from_units(FEE),
            outflow: None,
            dormant_after_ms: None,
            approve_above: None,
        };
        let assets = BTreeMap::from([(asset.code.clone(), of_asset)]);
        let rail = RailSettings {
            driver: driver.clone(),
            assets,
            address_wait_ms: MINUTE_MS,
            failures_max: FAILURES_MAX,
        };
        self.clock.fetch_max(now.0, Ordering::SeqCst);
        let watched = self.watched(&driver, &rail, &asset);
        settings.rails = Some(BTreeMap::from([(C::RAIL.to_owned(), rail)]));
        settings.drivers.insert(C::RAIL.to_owned(), Arc::new(watched));
        self.chain.line().set_killed(false);
        World::at(settings, now)
    }

    fn watched(&self, driver: &RailDriver, rail: &RailSettings, asset: &Asset) -> Watched {
        let rules = rail.rules(C::RAIL, std::slice::from_ref(asset)).unwrap();
        let clock = Arc::clone(&self.clock);
        let edge = Edge::new(move || Timestamp(clock.load(Ordering::SeqCst)), |bytes| bytes.fill(0));
        Watched {
            rail: self.chain.open(driver, &rules, edge),
            line: self.chain.line().clone(),
            befall: self.chain.befall(),
            unknown: Arc::clone(&self.unknown),
        }
    }

    fn restart(&mut self, world: World) -> World {
        self.matrix.restarts += 1;
        let now = world.shutdown();
        self.start(now)
    }

    /// Players withdraw, something goes wrong, and in the end everybody has what is theirs.
    fn episode(&mut self, mut world: World, number: u32) -> World {
        let dice = hash(b"dripline/tests/f", &[C::RAIL.as_bytes(), &number.to_be_bytes()]).0;
        let cells = C::cells();
        // What had an effect least often, and in half of all episodes something else besides.
        let mut armed = vec![self.matrix.rarest().0];
        if dice[0].is_multiple_of(2) {
            armed.push(cells[usize::from(dice[1]) % cells.len()]);
        }
        let before = alerts::unknown(C::RAIL);
        let unknown = self.unknown.load(Ordering::SeqCst);
        let (mut requested, mut good) = (Vec::new(), Vec::new());
        for index in 0..=dice[2] % 3 {
            let is_bad = number % 8 == 3 && index == 0;
            requested.push(self.withdraw(&world, is_bad));
            good.push(!is_bad);
        }
        self.chain.line().arm(&armed);
        for round in 0.. {
            assert!(round < ROUNDS_MAX, "episode {number}: {armed:?} leaves {requested:?} stuck");
            // What goes wrong is tried again.
            let _ = world.pay_step();
            if self.chain.line().is_killed() {
                world = self.restart(world);
            }
            self.resumed(&world);
            if round % 2 == 1 {
                self.chain.finalize();
            }
            if round % 4 == 3 {
                self.chain.line().deliver();
            }
            self.wait(&world, 10 * MINUTE_MS);
            let now: Vec<WithdrawalView> = requested.iter().map(|it| world.withdrawal(it)).collect();
            if now.iter().all(|withdrawal| withdrawal.state.is_final()) {
                requested = now;
                break;
            }
        }
        self.chain.line().deliver();
        self.chain.finalize();
        self.chain.line().arm(&[]);
        let struck = self.chain.line().struck();
        self.matrix.count(&struck);
        for (withdrawal, is_good) in requested.iter().zip(good) {
            self.settled(withdrawal, is_good, &armed);
        }
        let alerts = alerts::unknown(C::RAIL) - before;
        assert_eq!(self.unknown.load(Ordering::SeqCst) - unknown, alerts, "each is told as an error");
        // Until the limits have drained.
        self.wait(&world, HOUR_MS);
        world
    }

    /// Lets time pass, also for the rail.
    fn wait(&self, world: &World, duration_ms: u64) {
        world.wait(duration_ms);
        self.clock.fetch_max(world.now().0, Ordering::SeqCst);
    }

    /// What somebody got is what the books say.
    fn settled(&mut self, withdrawal: &WithdrawalView, is_good: bool, armed: &[Cell]) {
        let received = self.chain.received(&withdrawal.address);
        let arrives = withdrawal.amount.saturating_sub(withdrawal.fee).units();
        let is_paid = withdrawal.state == WithdrawalState::Paid;
        let expected = if is_paid { u64::try_from(arrives).unwrap() } else { 0 };
        assert_eq!(received, expected, "{armed:?}: {withdrawal:?}");
        assert_eq!(is_paid, is_good, "{armed:?}: {withdrawal:?}");
        let count = if is_paid { &mut self.matrix.ended.0 } else { &mut self.matrix.ended.1 };
        *count += 1;
    }

    /// A new player earns something and asks to be paid, perhaps in a way that is not possible.
    fn withdraw(&mut self, world: &World, is_bad: bool) -> WithdrawalView {
        self.players += 1;
        let player = Player::new(self.players);
        world.earn(&player, world.first_level());
        world.wait(SECOND_MS);
        let address = self.chain.address(self.players);
        let (units, address) = if is_bad { self.chain.unpayable(address) } else { (1_000, address) };
        world.withdraw(&player, Amount::from_units(units), &address)
    }

    /// A rail that has halted, since it saw what it could not explain, is let run again, as by an operator who has looked.
    fn resumed(&mut self, world: &World) {
        let rails = world.runtime.block_on(world.faucet.rails()).unwrap().rails;
        if rails.iter().any(|rail| rail.paused.is_some()) {
            self.matrix.halts += 1;
            world.runtime.block_on(world.faucet.set_pause(C::RAIL, None)).unwrap();
        }
    }

    /// Checks the books, for which the faucet has to rest.
    fn verified(&mut self, world: World) -> World {
        let now = world.shutdown();
        assert_eq!(verify_ledger(self.directory.path(), &[]).unwrap().findings, Vec::<String>::new());
        self.start(now)
    }
}

/// Lets a campaign pay whoever comes: limits are not what is tested.
pub(crate) fn roomy(catalog: &mut Catalog) {
    let most = Amount::from_units(u32::MAX);
    for campaign in &mut catalog.campaigns {
        campaign.budget = most;
        campaign.outflow.ceiling = most;
    }
}
