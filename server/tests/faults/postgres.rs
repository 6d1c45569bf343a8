//! PostgreSQL that is stopped, killed, or replaced by its synchronous standby in the midst of payouts.
//!
//! The faucet's database is a pair of real servers ([`pair`]), to which it finds its way by an address that names both
//! ([`way`]); it pays on a chain that remembers what everybody got. At each step of a payout something happens to the
//! primary ([`site`]): before a rail is called and after it, before a batch's commit gets to the database, and once it
//! has been done and nobody has been told. The database then stays away until the faucet has noticed, and comes back.

use std::collections::BTreeMap;
use std::sync::Arc;

use dripline_server::faucet::Settings;
use dripline_server::ledger::verify_database;
use dripline_server::payout::{AssetSettings, FAILURES_MAX, RailDriver, RailSettings};
use dripline_server::store::postgres::DatabaseAddress;
use dripline_shared::amount::Amount;
use dripline_shared::api::WithdrawalView;
use dripline_shared::catalog::Catalog;
use dripline_shared::payout::WithdrawalState;
use dripline_shared::round::hash;
use dripline_shared::time::{HOUR_MS, SECOND_MS};

use crate::matrix::{Matrix, today};
use crate::run::{Demand, is_long, roomy};
use crate::support::chain::Chain;
use crate::support::{Directory, Player, START, World};
use pair::{Pair, Replication};
use site::{Seen, Site, cells};

mod pair;
mod site;
mod standby;
mod way;

/// What a withdrawal asks for, and what it costs, in ledger units.
const AMOUNT: u32 = 1_000;
const FEE: u32 = 50;
/// How many rounds of steps an episode may take.
const ROUNDS_MAX: u32 = 40;

/// A faucet whose database is a site, and the chain that it pays on.
struct Scene {
    site: Arc<Site>,
    address: DatabaseAddress,
    chain: Chain,
    directory: Directory,
    world: World,
}

impl Scene {
    fn new(replication: Replication) -> Self {
        let (site, address) = Site::new(Pair::start(replication));
        let (chain, directory) = (Chain::default(), Directory::new());
        let mut catalog = Catalog::first_run();
        roomy(&mut catalog);
        let [threshold, fee] = [100, FEE].map(Amount::from_units);
        let rail = RailSettings {
            driver: RailDriver::Sandbox,
            assets: BTreeMap::from([(
                "DRIP".to_owned(),
                AssetSettings { threshold, fee, outflow: None, dormant_after_ms: None, approve_above: None },
            )]),
            address_wait_ms: 0,
            failures_max: FAILURES_MAX,
        };
        let mut settings = Settings::new(catalog);
        settings.data = Some(directory.path().to_owned());
        settings.database = Some(address.clone());
        settings.rails = Some(BTreeMap::from([("sandbox".to_owned(), rail)]));
        let seen = Seen { site: Arc::clone(&site), chain: chain.clone() };
        settings.drivers.insert("sandbox".to_owned(), Arc::new(seen));
        let world = World::at(settings, START);
        Self { site, address, chain, directory, world }
    }

    /// A player of this number earns something and asks to be paid at this address.
    fn withdraw(&self, number: u32, address: &str) -> WithdrawalView {
        let player = Player::new(number);
        self.world.earn(&player, self.world.first_level());
        self.world.withdraw(&player, Amount::from_units(AMOUNT), address)
    }

    /// Takes steps until these are final, and gives them as they are then. Where a step takes the database away, the faucet
    /// says that it cannot go on.
    fn settle(&self, requested: &[WithdrawalView], what: &str) -> Vec<WithdrawalView> {
        for _ in 0..ROUNDS_MAX {
            let stepped = self.world.pay_step();
            if self.site.is_down() {
                assert!(stepped.is_err(), "{what}: {stepped:?}");
                self.site.mend();
            }
            // The log is written by the way, as by a server.
            let _ = self.world.runtime.block_on(self.world.faucet.sequence());
            self.world.wait(10 * SECOND_MS);
            let now: Vec<_> = requested.iter().map(|it| self.world.withdrawal(it)).collect();
            if now.iter().all(|withdrawal| withdrawal.state.is_final()) {
                return now;
            }
        }
        panic!("{what} leaves {requested:?} stuck");
    }

    /// That the books are sound, and say of the chain what is there.
    fn assert_sound(self) {
        self.world.runtime.block_on(self.world.faucet.sequence()).unwrap();
        self.world.shutdown();
        let report = verify_database(&self.address, self.directory.path(), &[]).unwrap();
        assert_eq!(report.findings, Vec::<String>::new());
        assert_eq!(report.log.unwrap().leaves, report.transfers);
    }
}

fn demand() -> Demand {
    if is_long() { Demand { total: 360, each: 10 } } else { Demand { total: 36, each: 1 } }
}

/// Runs episodes until as much has happened as is demanded.
fn run() -> Matrix {
    let scene = Scene::new(Replication::Synchronous);
    let mut matrix = Matrix::new("postgres", &cells());
    let (mut players, mut episode) = (0, 0_u32);
    while matrix.total() < demand().total || matrix.rarest().1 < demand().each {
        assert!(u64::from(episode) < 4 * demand().total, "some faults have no effect: {}", matrix.table());
        let dice = hash(b"dripline/tests/d", &[&episode.to_be_bytes()]).0;
        // Two things of those that happened least often.
        let rare = matrix.rare();
        let armed = [rare[0], rare[usize::from(dice[0]) % rare.len()]];
        let what = format!("episode {episode}: {armed:?}");
        let requested: Vec<_> = (0..=dice[1] % 3)
            .map(|index| {
                players += 1;
                // Every eighth episode has a recipient who cannot be paid.
                let kind = if episode % 8 == 3 && index == 0 { "bad" } else { "good" };
                scene.withdraw(players, &format!("{kind}-{players}"))
            })
            .collect();
        scene.site.plan.arm(&armed);
        for withdrawal in scene.settle(&requested, &what) {
            let arrived = scene.chain.balance(&withdrawal.address);
            if withdrawal.address.starts_with("bad") {
                assert_eq!((withdrawal.state, arrived), (WithdrawalState::Returned, 0), "{what}");
                matrix.ended.1 += 1;
            } else {
                assert_eq!(
                    (withdrawal.state, arrived),
                    (WithdrawalState::Paid, i64::from(AMOUNT - FEE)),
                    "{what}"
                );
                matrix.ended.0 += 1;
            }
        }
        scene.site.plan.arm(&[]);
        matrix.count(&scene.site.plan.struck());
        episode += 1;
        // Until the limits have drained.
        scene.world.wait(HOUR_MS);
    }
    scene.assert_sound();
    matrix
}

#[test]
fn whatever_happens_to_the_database_everybody_is_paid_exactly_once() {
    let matrix = run();
    let (paid, returned) = matrix.ended;
    let table = format!(
        "{}\n{} times the database went away. {paid} withdrawals were paid once, {returned} came back, none was paid twice, \
         lost or stuck.\n",
        matrix.counts(),
        matrix.total(),
    );
    println!("{table}");
    if is_long() {
        matrix.write(&table, &today());
    }
}
