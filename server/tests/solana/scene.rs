//! A faucet, a treasury and a node.

use std::collections::BTreeMap;

use dripline_server::faucet::Settings;
use dripline_server::payout::solana::{SolanaAsset, SolanaSettings};
use dripline_server::payout::{AssetSettings, FAILURES_MAX, KeySource, RailDriver, RailSettings};
use dripline_shared::amount::Amount;
use dripline_shared::api::WithdrawalView;
use dripline_shared::catalog::Catalog;
use dripline_shared::payout::WithdrawalState;
use dripline_shared::time::{MINUTE_MS, Timestamp};
use dripline_shared::wallet::Wallet;
use ed25519_dalek::SigningKey;

use crate::node::Node;
use crate::support::{Directory, Player, START, World};

/// What a withdrawal costs, in ledger units.
pub(crate) const FEE: u32 = 50;
/// How many lamports a ledger unit is: the ledger has 6 decimals and SOL has 9.
pub(crate) const LAMPORTS: u64 = 1_000;
/// How many rounds of steps and blocks anything may take.
const ROUNDS_MAX: u32 = 40;

/// A node whose treasury has SOL, and where the faucet keeps its data and its key.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) node: Node,
    pub(crate) directory: Directory,
    pub(crate) treasury: String,
}

impl Scene {
    /// A new one.
    pub(crate) fn new() -> Self {
        let key = SigningKey::from_bytes(&[21; 32]);
        let treasury = Wallet::of(&key).to_string();
        let directory = Directory::new();
        let scene = Self { node: Node::start(&treasury, None), directory, treasury };
        std::fs::write(scene.key_file(), format!("{:?}", key.to_keypair_bytes().to_vec())).unwrap();
        scene
    }

    /// A configuration file that says the same as [`solana`](Self::solana) by the node itself.
    pub(crate) fn config_file(&self) -> std::path::PathBuf {
        let path = self.directory.path().with_extension("toml");
        let text = format!(
            "[rails.solana]\nkind = 'solana'\nendpoints = ['{}']\ngenesis_hash = '{}'\nkey_file = '{}'\n\
             [rails.solana.assets.DRIP]\nthreshold = '100'\nfee = '{FEE}'\n",
            self.node.url,
            self.node.genesis_hash,
            self.key_file().display()
        );
        std::fs::write(&path, text).unwrap();
        path
    }

    fn key_file(&self) -> std::path::PathBuf {
        self.directory.path().with_extension("key.json")
    }

    /// The rail's settings, with SOL by these endpoints.
    pub(crate) fn solana(&self, endpoints: &[&str]) -> SolanaSettings {
        let sol = SolanaAsset { mint: None, chain_decimals: 9, account_fee: Amount::ZERO };
        SolanaSettings {
            endpoints: endpoints.iter().map(|url| (*url).to_owned()).collect(),
            genesis_hash: self.node.genesis_hash.clone(),
            key: KeySource::File(self.key_file()),
            priority_fee_micro_lamports: 1_000,
            coin: "SOL".to_owned(),
            assets: BTreeMap::from([("DRIP".to_owned(), sol)]),
        }
    }

    /// A faucet that pays so, and may begin to: what was signed before it started is final or dead.
    pub(crate) fn world(&self, solana: SolanaSettings) -> World {
        self.world_at(solana, START)
    }

    /// The same at another time than the first one: what they make has other ids.
    pub(crate) fn world_at(&self, solana: SolanaSettings, now: Timestamp) -> World {
        self.begun(Self::started(&self.directory, solana, now))
    }

    /// The same with its data elsewhere.
    pub(crate) fn world_in(&self, directory: &Directory, solana: SolanaSettings) -> World {
        self.begun(Self::started(directory, solana, START))
    }

    fn begun(&self, world: World) -> World {
        // Nothing is signed before it knows how far the chain is; what keeps it from that is for the test to find.
        let _ = world.pay_step();
        self.node.begin();
        world
    }

    /// A faucet that has just started.
    pub(crate) fn started(directory: &Directory, solana: SolanaSettings, now: Timestamp) -> World {
        let mut settings = Settings::new(Catalog::first_run());
        settings.data = Some(directory.path().to_owned());
        let asset = AssetSettings {
            threshold: Amount::from_units(100),
            fee: Amount::from_units(FEE),
            outflow: None,
            dormant_after_ms: None,
            approve_above: None,
        };
        let assets = BTreeMap::from([("DRIP".to_owned(), asset)]);
        let driver = RailDriver::Solana(solana);
        let rail = RailSettings { driver, assets, address_wait_ms: MINUTE_MS, failures_max: FAILURES_MAX };
        settings.rails = Some(BTreeMap::from([("solana".to_owned(), rail)]));
        World::at(settings, now)
    }

    /// What all transfers of a kind have moved, in ledger units.
    pub(crate) fn booked(&self, kind: &str) -> i64 {
        let store = rusqlite::Connection::open(self.directory.path().join("dripline.sqlite")).unwrap();
        let sum = "SELECT coalesce(sum(amount), 0) FROM transfers WHERE kind = ?1";
        store.query_row(sum, [kind], |row| row.get(0)).unwrap()
    }

    /// Lets the faucet and the chain go on, by turns, until none of these is under way; tells how they stand.
    pub(crate) fn settle(&self, world: &World, requested: &[WithdrawalView]) -> Vec<WithdrawalView> {
        for _ in 0..ROUNDS_MAX {
            // What an endpoint does not answer is tried again.
            let _ = world.pay_step();
            self.node.finalize();
            world.wait(10 * MINUTE_MS);
            let now: Vec<WithdrawalView> = requested.iter().map(|it| world.withdrawal(it)).collect();
            if now.iter().all(|withdrawal| withdrawal.state.is_final()) {
                return now;
            }
        }
        panic!("it does not come to an end");
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(self.key_file());
        let _ = std::fs::remove_file(self.directory.path().with_extension("toml"));
    }
}

/// The address of this number, which nobody has used before.
pub(crate) fn address(number: u8) -> String {
    Wallet::of(&SigningKey::from_bytes(&[number; 32])).to_string()
}

/// Has a player of this number earn something and withdraw so many ledger units to the address of the same number.
pub(crate) fn withdraw(world: &World, number: u8, units: u32) -> WithdrawalView {
    let player = Player::new(u32::from(number));
    world.earn(&player, world.first_level());
    world.wait(1);
    world.withdraw(&player, Amount::from_units(units), &address(number))
}

/// What arrives of so many ledger units, in lamports.
pub(crate) fn lamports(units: u32) -> u64 {
    u64::from(units - FEE) * LAMPORTS
}

/// Whether all of them were paid.
pub(crate) fn assert_paid(withdrawals: &[WithdrawalView]) {
    for withdrawal in withdrawals {
        assert_eq!(withdrawal.state, WithdrawalState::Paid, "{withdrawal:?}");
    }
}
