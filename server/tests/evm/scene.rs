//! A faucet, a treasury and a node.

use std::collections::BTreeMap;

use dripline_server::edge::Edge;
use dripline_server::faucet::{Settings, set_pause};
use dripline_server::ledger::verify_ledger;
use dripline_server::payout::evm::{EvmAsset, EvmSettings, Finality};
use dripline_server::payout::{AssetSettings, FAILURES_MAX, KeySource, RailDriver, RailSettings};
use dripline_server::store::Reader;
use dripline_server::store::command::Known;
use dripline_server::store::record::BatchRecord;
use dripline_server::store::sqlite::SqliteReader;
use dripline_shared::amount::Amount;
use dripline_shared::api::WithdrawalView;
use dripline_shared::catalog::Catalog;
use dripline_shared::payout::WithdrawalState;
use dripline_shared::time::MINUTE_MS;

use crate::node::Node;
use crate::support::{Directory, Player, World};

/// What a withdrawal costs, in ledger units.
pub(crate) const FEE: u32 = 50;
/// How many wei a ledger unit is: the ledger has 6 decimals and the coin has 18.
pub(crate) const WEI: u128 = 1_000_000_000_000;
/// The most that a unit of gas may cost, in wei.
pub(crate) const FEE_MAX: u64 = 100_000_000_000;
/// How many rounds of steps and blocks anything may take.
const ROUNDS_MAX: u32 = 60;
/// The node's first key, which everybody knows.
const KEY: &str = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

/// A node whose treasury has coins, and where the faucet keeps its data and its key.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) node: Node,
    pub(crate) directory: Directory,
}

impl Scene {
    /// A new one.
    pub(crate) fn new() -> Self {
        let scene = Self { node: Node::start(), directory: Directory::new() };
        std::fs::write(scene.key_file(), KEY).unwrap();
        // What is final must have been, before.
        scene.node.finalize();
        scene
    }

    /// A configuration file that says the same as [`evm`](Self::evm) by the node itself.
    pub(crate) fn config_file(&self) -> std::path::PathBuf {
        let path = self.directory.path().with_extension("toml");
        let text = format!(
            "[rails.evm]\nkind = 'evm'\nendpoints = ['{}']\nchain_id = {}\nkey_file = '{}'\n\
             max_fee_per_gas_gwei = '100'\n[rails.evm.assets.DRIP]\nthreshold = '100'\nfee = '{FEE}'\n",
            self.node.url,
            self.node.chain_id(),
            self.key_file().display()
        );
        std::fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn key_file(&self) -> std::path::PathBuf {
        self.directory.path().with_extension("key.txt")
    }

    /// The rail's settings, with the coin by these endpoints.
    pub(crate) fn evm(&self, endpoints: &[&str]) -> EvmSettings {
        let coin = EvmAsset { token: None, chain_decimals: 18 };
        EvmSettings {
            endpoints: endpoints.iter().map(|url| (*url).to_owned()).collect(),
            chain_id: self.node.chain_id(),
            needs_ownership: false,
            key: KeySource::File(self.key_file()),
            finality: Finality::Finalized,
            max_fee_per_gas: FEE_MAX,
            priority_fee_per_gas: None,
            replace_after_ms: 5 * MINUTE_MS,
            disperse: None,
            coin: "ETH".to_owned(),
            assets: BTreeMap::from([("DRIP".to_owned(), coin)]),
        }
    }

    /// The same with a token of 6 decimals.
    pub(crate) fn token(&self, token: &str) -> EvmSettings {
        let token = EvmAsset { token: Some(token.to_owned()), chain_decimals: 6 };
        let assets = BTreeMap::from([("DRIP".to_owned(), token)]);
        EvmSettings { assets, ..self.evm(&[&self.node.url]) }
    }

    /// A faucet that pays so.
    pub(crate) fn world(&self, evm: EvmSettings) -> World {
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
        let driver = RailDriver::Evm(evm);
        let rail = RailSettings { driver, assets, address_wait_ms: MINUTE_MS, failures_max: FAILURES_MAX };
        settings.rails = Some(BTreeMap::from([("evm".to_owned(), rail)]));
        World::with(settings)
    }

    /// The same faucet, started again with the node itself as its endpoint.
    pub(crate) fn again(&self, world: World) -> World {
        let now = world.shutdown();
        let world = self.world(self.evm(&[&self.node.url]));
        world.wait_until(now);
        world
    }

    /// The same, and while it did not run its operator has let the rail run again, from this nonce on.
    pub(crate) fn resumed(&self, world: World, next_nonce: u64) -> World {
        self.resumed_with(world, self.evm(&[&self.node.url]), next_nonce)
    }

    /// The same with other settings.
    pub(crate) fn resumed_with(&self, world: World, evm: EvmSettings, next_nonce: u64) -> World {
        let now = world.shutdown();
        let edge = Edge::new(move || now, |_| ());
        set_pause(
            self.directory.path(),
            None,
            "evm",
            None,
            Known { next_nonce: Some(next_nonce), examined: None },
            &edge,
        )
        .unwrap();
        let world = self.world(evm);
        world.wait_until(now);
        world
    }

    /// The batches that have not ended.
    pub(crate) fn batches(&self) -> Vec<BatchRecord> {
        let mut reader = SqliteReader::open(self.directory.path()).unwrap();
        reader.batches("evm").unwrap().into_iter().map(|batch| batch.record).collect()
    }

    /// What all transfers of a kind have moved, in ledger units.
    pub(crate) fn booked(&self, kind: &str) -> i64 {
        let store = rusqlite::Connection::open(self.directory.path().join("dripline.sqlite")).unwrap();
        let sum = "SELECT coalesce(sum(amount), 0) FROM transfers WHERE kind = ?1";
        store.query_row(sum, [kind], |row| row.get(0)).unwrap()
    }

    /// Why the rail is paused.
    pub(crate) fn paused(&self) -> Option<String> {
        let mut reader = SqliteReader::open(self.directory.path()).unwrap();
        reader.rails().unwrap().into_iter().find_map(|rail| rail.pause).map(|pause| pause.why.to_string())
    }

    /// Lets the faucet and the chain go on, by turns, until none of these is under way; tells how they stand.
    pub(crate) fn settle(&self, world: &World, requested: &[WithdrawalView]) -> Vec<WithdrawalView> {
        for _ in 0..ROUNDS_MAX {
            // What an endpoint does not answer is tried again.
            let _ = world.pay_step();
            self.node.finalize();
            world.wait(MINUTE_MS);
            let now: Vec<WithdrawalView> = requested.iter().map(|it| world.withdrawal(it)).collect();
            if now.iter().all(|withdrawal| withdrawal.state.is_final()) {
                return now;
            }
        }
        panic!("it does not come to an end");
    }

    /// Whether the ledger is sound.
    pub(crate) fn assert_sound(&self) {
        let findings = verify_ledger(self.directory.path(), &[]).unwrap().findings;
        assert_eq!(findings, Vec::<String>::new());
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(self.key_file());
        let _ = std::fs::remove_file(self.directory.path().with_extension("toml"));
    }
}

/// The address of this number, which nobody has used before. It has no letters.
pub(crate) fn address(number: u8) -> String {
    format!("0x77{number:038}")
}

/// Has a player of this number earn something and withdraw so many ledger units to an address.
pub(crate) fn withdraw_to(world: &World, number: u8, units: u32, address: &str) -> WithdrawalView {
    let player = Player::new(u32::from(number));
    world.earn(&player, world.first_level());
    world.wait(1);
    world.withdraw(&player, Amount::from_units(units), address)
}

/// The same to the address of the same number.
pub(crate) fn withdraw(world: &World, number: u8, units: u32) -> WithdrawalView {
    withdraw_to(world, number, units, &address(number))
}

/// What arrives of so many ledger units, in wei.
pub(crate) fn wei(units: u32) -> u128 {
    u128::from(units - FEE) * WEI
}

/// Whether all of them were paid.
pub(crate) fn assert_paid(withdrawals: &[WithdrawalView]) {
    for withdrawal in withdrawals {
        assert_eq!(withdrawal.state, WithdrawalState::Paid, "{withdrawal:?}");
    }
}
