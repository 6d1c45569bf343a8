//! A store on the bench: with a catalog in force, a clock, and commands that need no play, because proofs come before the store.

mod payout;
mod play;
mod request;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dripline_server::edge::Edge;
use dripline_server::faucet::decide::decide;
use dripline_server::in_force::InForce;
use dripline_server::keys::Keys;
use dripline_server::payout::{AssetRules, RailRules};
use dripline_server::refusal::Refusal;
use dripline_server::store::command::{Change, Operation, Second};
use dripline_server::store::memory::MemoryStore;
use dripline_server::store::postgres::PostgresStore;
use dripline_server::store::sqlite::{Durability, SqliteStore};
use dripline_server::store::{Adoption, Answer, Answers, Command, Reader, StorageError, Store};
use dripline_shared::amount::{Amount, Asset};
use dripline_shared::api::operate::By;
use dripline_shared::api::operate::players::Standing;
use dripline_shared::catalog::Catalog;
use dripline_shared::limit::{CountLimit, MoneyLimit};
use dripline_shared::payout::RailKind;
use dripline_shared::time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};

use crate::database::Database;

pub(crate) use payout::{
    batch_of, cancel_batch, end_batch, end_for, failed, give_back_withdrawal, halt, import_payout,
    import_with_nonce, keep_candidate, keep_with_nonce, keep_with_reserve, make_batch, note_examined,
    pay_dormant, record_payout, set_pause, set_short, settled, take_lease, under,
};
pub(crate) use play::{end, give_back, round_of, segment, settle, wallet_of};
pub(crate) use request::withdrawal_of;

/// When everything starts: noon of some day.
pub(crate) const START: Timestamp = Timestamp(20_000 * DAY_MS + DAY_MS / 2);

/// Withdrawals above so many units wait for approval.
pub(crate) const APPROVE_ABOVE: u32 = 2_000;
/// What moves more than so many units needs a second operator.
pub(crate) const SECOND_ABOVE: u32 = 2_500;

/// What a withdrawal costs here.
pub(crate) const FEE: Amount = Amount::from_units(7);
/// What may be paid out here.
pub(crate) const PAID_OUT: MoneyLimit =
    MoneyLimit { ceiling: Amount::from_units(400_000), window_ms: HOUR_MS };
/// How long a changed address waits here.
pub(crate) const ADDRESS_WAIT_MS: u64 = HOUR_MS;

/// A directory that goes with the test.
#[derive(Debug)]
pub(crate) struct Directory(std::path::PathBuf);

impl Directory {
    pub(crate) fn new() -> Self {
        use std::sync::atomic::{AtomicU64, Ordering};
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("dripline-store-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &std::path::Path {
        &self.0
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A catalog with tight limits, so that short sequences of commands meet all of them.
pub(crate) fn tight() -> Catalog {
    let mut catalog = Catalog::first_run();
    let per_hour = |units| MoneyLimit { ceiling: Amount::from_units(units), window_ms: HOUR_MS };
    for level in &mut catalog.levels {
        level.base = Amount::from_units(1_000);
        level.cooldown_ms = MINUTE_MS;
    }
    catalog.rewards.drip_max = Amount::from_units(2_500);
    catalog.limits.attempts = CountLimit { burst: 6, every_ms: 5 * MINUTE_MS };
    catalog.limits.opens_per_prefix = CountLimit { burst: 9, every_ms: 3 * MINUTE_MS };
    catalog.limits.drips = CountLimit { burst: 4, every_ms: 10 * MINUTE_MS };
    catalog.limits.outflow_per_prefix = per_hour(12_000);
    catalog.limits.outflow_newcomers = per_hour(16_000);
    catalog.limits.outflow = per_hour(20_000);
    catalog.limits.newcomer_ms = 20 * MINUTE_MS;
    catalog.campaigns[0].outflow = per_hour(18_000);
    catalog.campaigns[0].budget = Amount::from_units(15_000);
    catalog
}

/// A catalog in force, and a rail; the keys are the same for every test.
pub(crate) fn in_force(catalog: Catalog) -> Arc<InForce> {
    let edge = Edge::new(|| START, |bytes| bytes.fill(7));
    let origins = vec!["https://play.example".to_owned()];
    let threshold = Amount::from_units(100);
    let rules = AssetRules {
        asset: catalog.asset.clone(),
        threshold,
        fee: FEE,
        account_fee: Amount::ZERO,
        outflow: Some(PAID_OUT),
        dormant_after_ms: None,
        approve_above: Some(Amount::from_units(APPROVE_ABOVE)),
    };
    let assets = BTreeMap::from([(Arc::from(catalog.asset.code.as_str()), rules)]);
    let rail = RailRules {
        kind: RailKind::Sandbox,
        assets,
        coin: None,
        ownership: None,
        address_wait_ms: ADDRESS_WAIT_MS,
        failures_max: 4,
    };
    let mut in_force = InForce::new(catalog, Keys::generate(&edge), origins, BTreeSet::new());
    in_force.rails = BTreeMap::from([("sandbox".into(), rail)]);
    let above = Amount::from_units(SECOND_ABOVE);
    in_force.second_operator_above = BTreeMap::from([("DRIP".to_owned(), above)]);
    in_force.publication = 1;
    Arc::new(in_force)
}

/// The coin that a chain is paid in.
pub(crate) fn coin() -> Asset {
    Asset { code: COIN.to_owned(), decimals: 9 }
}

/// Its code.
pub(crate) const COIN: &str = "COIN";

/// A store with its reader.
#[derive(Debug)]
pub(crate) struct Bench {
    pub(crate) store: Box<dyn Store>,
    pub(crate) reader: Box<dyn Reader>,
    pub(crate) in_force: Arc<InForce>,
}

impl Bench {
    /// The store in memory.
    pub(crate) fn memory(in_force: &Arc<InForce>) -> Self {
        Self::adopted(Box::new(MemoryStore::default()), in_force)
    }

    /// SQLite in a directory.
    pub(crate) fn sqlite(in_force: &Arc<InForce>, directory: &Directory) -> Self {
        let store = SqliteStore::open(directory.path(), Durability::Temporary).unwrap();
        Self::adopted(Box::new(store), in_force)
    }

    /// PostgreSQL in a database.
    pub(crate) fn postgres(in_force: &Arc<InForce>, database: &Database) -> Self {
        Self::adopted(Box::new(PostgresStore::open(&database.address()).unwrap()), in_force)
    }

    fn adopted(mut store: Box<dyn Store>, in_force: &Arc<InForce>) -> Self {
        let adoption = Adoption { catalog: &in_force.catalog, faucet: in_force.faucet, now: START };
        store.adopt(&adoption).unwrap();
        let reader = store.reader().unwrap();
        Self { store, reader, in_force: Arc::clone(in_force) }
    }

    /// Applies a batch.
    pub(crate) fn try_apply(&mut self, batch: &[Command]) -> Result<Answers, StorageError> {
        let in_force = &self.in_force;
        self.store.apply(batch, &mut |set, command| decide(in_force, set, command))
    }

    /// Applies a batch that the storage takes.
    pub(crate) fn apply(&mut self, batch: &[Command]) -> Answers {
        self.try_apply(batch).unwrap()
    }

    /// Applies one command.
    pub(crate) fn one(&mut self, command: Command) -> Result<Answer, Refusal> {
        self.apply(&[command]).pop().unwrap()
    }
}

/// Runs each test of the suite against each store.
macro_rules! suite {
    ($($test:ident,)*) => {
        mod memory {
            $(#[test] fn $test() {
                super::$test(&|in_force| crate::bench::Bench::memory(in_force));
            })*
        }

        mod sqlite {
            $(#[test] fn $test() {
                let directory = crate::bench::Directory::new();
                super::$test(&|in_force| crate::bench::Bench::sqlite(in_force, &directory));
            })*
        }

        mod postgres {
            $(#[test] fn $test() {
                let database = crate::database::Database::new();
                super::$test(&|in_force| crate::bench::Bench::postgres(in_force, &database));
            })*
        }
    };
}

pub(crate) use suite;

/// How a test of the suite makes its store.
pub(crate) type Make<'a> = &'a dyn Fn(&Arc<InForce>) -> Bench;

/// Has somebody who runs commands change something.
pub(crate) fn operate(change: Change, now: Timestamp) -> Command {
    operate_with(change, Second::Unasked, now)
}

/// The same, of what one operator alone may not be allowed.
pub(crate) fn operate_with(change: Change, second: Second, now: Timestamp) -> Command {
    let (by, from) = (By::CommandLine, Some("192.0.2.1".into()));
    Command::Operate(Box::new(Operation { now, by, from, session: None, change, second }))
}

/// Has somebody hold, ban or release a wallet.
pub(crate) fn stand(wallet: u8, standing: Standing, now: Timestamp) -> Command {
    let reason = format!("to be {}", standing.as_str());
    operate(Change::SetStanding { wallet: wallet_of(wallet), standing, reason }, now)
}
