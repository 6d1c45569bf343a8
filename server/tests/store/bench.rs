//! A store on the bench: with a catalog in force, a clock, and commands that need no play, because proofs come before the store.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dripline_server::edge::Edge;
use dripline_server::faucet::decide::decide;
use dripline_server::in_force::InForce;
use dripline_server::keys::Keys;
use dripline_server::payout::lease::LEASE_MS;
use dripline_server::payout::{AssetRules, RailRules};
use dripline_server::price::Price;
use dripline_server::refusal::Refusal;
use dripline_server::store::command::{
    CancelBatch, Change, Delegate, End, EndBatch, Ending, GiveBack, GiveBackWithdrawal, Halt, ImportPayout,
    IssueReadKey, KeepCandidate, Known, MakeBatch, MoveBalance, NoteExamined, Open, Operation, PayDormant,
    PutSegment, RecordPayout, RevokeDelegation, RevokeReadKey, Second, SetAddress, SetPause, SetShort,
    Settle, TakeLease, Withdraw,
};
use dripline_server::store::memory::MemoryStore;
use dripline_server::store::postgres::PostgresStore;
use dripline_server::store::record::{Candidate, Reserve, ServerId, Stage, WithdrawalRecord, request_hash};
use dripline_server::store::sqlite::{Durability, SqliteStore};
use dripline_server::store::{Adoption, Answer, Answers, Command, Reader, StorageError, Store};
use dripline_shared::amount::{Amount, Asset};
use dripline_shared::api::operate::By;
use dripline_shared::api::operate::players::Standing;
use dripline_shared::api::{
    AddressRequest, BalanceMoveRequest, DelegationRequest, DelegationRevocation, OpenRequest, OutcomeView,
    ReadKeyRequest, ReadKeyRevocation, WithdrawalRequest,
};
use dripline_shared::catalog::{Catalog, DEFAULT_CAMPAIGN};
use dripline_shared::limit::{CountLimit, MoneyLimit};
use dripline_shared::payout::{BatchId, RailKind, WithdrawalId};
use dripline_shared::round::{ClientId, Hash, RoundId, hash};
use dripline_shared::statement::Statement;
use dripline_shared::time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};
use dripline_shared::wallet::{Signature, Wallet};
use ed25519_dalek::SigningKey;

use crate::database::Database;

/// When everything starts: noon of some day.
pub(crate) const START: Timestamp = Timestamp(20_000 * DAY_MS + DAY_MS / 2);

/// Withdrawals above so many units wait for approval.
pub(crate) const APPROVE_ABOVE: u32 = 2_000;
/// What moves more than so many units needs a second operator.
pub(crate) const SECOND_ABOVE: u32 = 2_500;

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

    pub(crate) fn open(&self, wallet: u8, client: u8, level: usize, now: Timestamp) -> Command {
        let level = &self.in_force.catalog.levels[level].id;
        let request = OpenRequest {
            wallet: wallet_of(wallet),
            level: level.clone(),
            campaign: DEFAULT_CAMPAIGN.to_owned(),
            site: None,
            delegate: None,
            client_id: ClientId([client; 16]),
            issued_at_ms: now,
            origin: "https://play.example".to_owned(),
            faucet: self.in_force.faucet,
            rules_version: self.in_force.levels[level].game.rules_version,
            abandon: None,
            voucher: None,
            signature: Signature([0; 64]),
        };
        let statement = hash_of(&request.statement());
        Command::Open(Box::new(Open {
            now,
            round: round_of(wallet, client, now),
            statement,
            voucher: None,
            prefix: prefix_of(wallet),
            request,
        }))
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

/// The claim of a round, won by a play that nothing here looks at.
pub(crate) fn settle(round: RoundId, wallet: u8, now: Timestamp) -> Command {
    Command::Settle(Box::new(Settle {
        now,
        round,
        wallet: wallet_of(wallet),
        delegate: None,
        signature: Signature([wallet; 64]),
        outcome: OutcomeView { won: true, score: 100, stars: 2, length: 8 },
        transcript_hash: Hash([3; 32]),
        transcript: vec![0, 8, 0, 0],
        prefix: prefix_of(wallet),
        price: Some(Price { currency: "EUR".into(), per_coin: Amount::from_units(100_000_000) }),
    }))
}

/// The withdrawal of what a wallet has, if it lies dormant, to the address of this number.
pub(crate) fn pay_dormant(wallet: u8, client: u8, address: u8, now: Timestamp) -> Command {
    Command::PayDormant(Box::new(PayDormant {
        now,
        id: withdrawal_of(wallet, client, now),
        wallet: wallet_of(wallet),
        rail: "sandbox".into(),
        asset: "DRIP".into(),
        address: format!("address-{address}").into(),
    }))
}

pub(crate) fn segment(round: RoundId, number: u32, end: Option<u32>, now: Timestamp) -> Command {
    Command::Segment(Box::new(PutSegment { now, round, number, end, bytes: Vec::new() }))
}

pub(crate) fn end(round: RoundId, now: Timestamp) -> Command {
    Command::End(End { now, round })
}

pub(crate) fn give_back(round: RoundId, wallet: u8, now: Timestamp) -> Command {
    Command::GiveBack(GiveBack { now, round, wallet: wallet_of(wallet) })
}

/// What a store keeps of a signed statement, to know the request again.
fn hash_of(statement: &Statement) -> Hash {
    hash(b"dripline/tests/s", &[statement.to_string().as_bytes()])
}

/// The key of a wallet.
fn key_of(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number; 32])
}

/// The wallet of this number; nothing here checks that it is a key.
pub(crate) fn wallet_of(number: u8) -> Wallet {
    Wallet(key_of(number).verifying_key().to_bytes())
}

/// The id of the round that a wallet opens with a client id at this time.
pub(crate) fn round_of(wallet: u8, client: u8, now: Timestamp) -> RoundId {
    RoundId::new(now, [wallet, client, 0, 0, 0, 0, 0, 0, 0, 0])
}

/// Two wallets share a network.
fn prefix_of(wallet: u8) -> String {
    format!("192.0.2.{}", wallet / 2)
}

impl Bench {
    /// A request to be paid at the address of this number, by the sandbox.
    pub(crate) fn set_address(&self, wallet: u8, client: u8, address: u8, now: Timestamp) -> Command {
        let request = AddressRequest {
            wallet: wallet_of(wallet),
            rail: "sandbox".to_owned(),
            address: format!("address-{address}"),
            client_id: ClientId([client; 16]),
            issued_at_ms: now,
            origin: "https://play.example".to_owned(),
            faucet: self.in_force.faucet,
            ownership: None,
            signed_message: None,
            site: None,
            signature: Signature([0; 64]),
        };
        let statement = hash_of(&request.statement());
        Command::SetAddress(Box::new(SetAddress { now, request, statement }))
    }

    /// A request for a read-only key, which may hold for an hour only.
    pub(crate) fn issue_read_key(&self, wallet: u8, client: u8, is_short: bool, now: Timestamp) -> Command {
        let request = ReadKeyRequest {
            wallet: wallet_of(wallet),
            until_ms: is_short.then_some(now.plus(HOUR_MS)),
            client_id: ClientId([client; 16]),
            issued_at_ms: now,
            origin: "https://play.example".to_owned(),
            faucet: self.in_force.faucet,
            signature: Signature([0; 64]),
        };
        let statement = hash_of(&request.statement());
        Command::IssueReadKey(Box::new(IssueReadKey { now, request, statement }))
    }

    /// The revocation of the read-only key of this client id.
    pub(crate) fn revoke_read_key(&self, wallet: u8, client: u8, now: Timestamp) -> Command {
        let request = ReadKeyRevocation {
            wallet: wallet_of(wallet),
            client_id: ClientId([client; 16]),
            issued_at_ms: now,
            origin: "https://play.example".to_owned(),
            faucet: self.in_force.faucet,
            signature: Signature([0; 64]),
        };
        Command::RevokeReadKey(Box::new(RevokeReadKey { now, request }))
    }

    /// A request that lets the key of a browser play for a wallet, for an hour or a day.
    pub(crate) fn delegate(&self, wallet: u8, client: u8, is_short: bool, now: Timestamp) -> Command {
        let request = DelegationRequest {
            wallet: wallet_of(wallet),
            // Of another wallet, or of a key that has none.
            delegate: wallet_of(if client < 5 && client != wallet { client } else { 100 + client }),
            until_ms: now.plus(if is_short { HOUR_MS } else { DAY_MS }),
            site: None,
            client_id: ClientId([client; 16]),
            issued_at_ms: now,
            origin: "https://play.example".to_owned(),
            faucet: self.in_force.faucet,
            signed_message: None,
            signature: Signature([0; 64]),
            countersignature: Signature([0; 64]),
        };
        let statement = hash_of(&request.statement());
        let prefix = format!("192.0.2.{wallet}");
        Command::Delegate(Box::new(Delegate { now, request, statement, prefix }))
    }

    /// The revocation of the delegation of this client id.
    pub(crate) fn revoke_delegation(&self, wallet: u8, client: u8, now: Timestamp) -> Command {
        let request = DelegationRevocation {
            wallet: wallet_of(wallet),
            client_id: ClientId([client; 16]),
            issued_at_ms: now,
            origin: "https://play.example".to_owned(),
            faucet: self.in_force.faucet,
            signed_message: None,
            site: None,
            signature: Signature([0; 64]),
        };
        Command::RevokeDelegation(Box::new(RevokeDelegation { now, request }))
    }

    /// A request to move all that a key has to a wallet.
    pub(crate) fn move_balance(&self, guest: u8, to: u8, client: u8, now: Timestamp) -> Command {
        let request = BalanceMoveRequest {
            wallet: wallet_of(guest),
            to: wallet_of(to),
            client_id: ClientId([client; 16]),
            issued_at_ms: now,
            origin: "https://play.example".to_owned(),
            faucet: self.in_force.faucet,
            signature: Signature([0; 64]),
        };
        let statement = hash_of(&request.statement());
        Command::MoveBalance(Box::new(MoveBalance { now, request, statement }))
    }

    /// A request to withdraw so many units to the address of this number.
    pub(crate) fn withdraw(
        &self,
        wallet: u8,
        client: u8,
        units: u32,
        address: u8,
        now: Timestamp,
    ) -> Command {
        let request = WithdrawalRequest {
            wallet: wallet_of(wallet),
            rail: "sandbox".to_owned(),
            asset: "DRIP".to_owned(),
            amount: Amount::from_units(units),
            address: format!("address-{address}"),
            fee_max: FEE,
            client_id: ClientId([client; 16]),
            issued_at_ms: now,
            origin: "https://play.example".to_owned(),
            faucet: self.in_force.faucet,
            signed_message: None,
            site: None,
            signature: Signature([0; 64]),
        };
        let text = request.statement(6).to_string();
        let statement = request_hash(&text);
        let request =
            WithdrawalRequest { signature: Signature::of(&key_of(wallet), text.as_bytes()), ..request };
        Command::Withdraw(Box::new(Withdraw {
            now,
            id: withdrawal_of(wallet, client, now),
            request,
            statement,
            needs_account: None,
        }))
    }
}

/// What a withdrawal costs here.
pub(crate) const FEE: Amount = Amount::from_units(7);
/// What may be paid out here.
pub(crate) const PAID_OUT: MoneyLimit =
    MoneyLimit { ceiling: Amount::from_units(400_000), window_ms: HOUR_MS };
/// How long a changed address waits here.
pub(crate) const ADDRESS_WAIT_MS: u64 = HOUR_MS;

/// The id of the withdrawal that a wallet requests with a client id at this time.
pub(crate) fn withdrawal_of(wallet: u8, client: u8, now: Timestamp) -> WithdrawalId {
    WithdrawalId::new(now, [wallet, client, 0, 0, 0, 0, 0, 0, 0, 0])
}

/// The id of the batch of this number.
pub(crate) fn batch_of(number: u8, now: Timestamp) -> BatchId {
    BatchId::new(now, [number; 10])
}

/// Takes the sandbox's lease for the server of this number.
pub(crate) fn take_lease(server: u8, now: Timestamp) -> Command {
    let (rail, owner, until) = ("sandbox".into(), ServerId([server; 16]), now.plus(LEASE_MS));
    Command::TakeLease(TakeLease { now, rail, owner, until })
}

/// A command as a server wants it that has the lease of this epoch. Those below are of epoch 0, when nobody had any.
pub(crate) fn under(epoch: u64, mut command: Command) -> Command {
    match &mut command {
        Command::MakeBatch(make) => make.epoch = epoch,
        Command::KeepCandidate(keep) => keep.epoch = epoch,
        Command::EndBatch(end) => end.epoch = epoch,
        _ => {}
    }
    command
}

pub(crate) fn make_batch(number: u8, most: usize, now: Timestamp) -> Command {
    let (rail, asset) = ("sandbox".into(), "DRIP".into());
    Command::MakeBatch(MakeBatch { now, rail, asset, id: batch_of(number, now), most, epoch: 0 })
}

pub(crate) fn keep_candidate(batch: BatchId, candidate: &str, now: Timestamp) -> Command {
    keep_with_nonce(batch, candidate, None, now)
}

pub(crate) fn keep_with_nonce(
    batch: BatchId,
    candidate: &str,
    nonce: Option<u64>,
    now: Timestamp,
) -> Command {
    let (id, bytes) = (candidate.into(), candidate.as_bytes().to_vec());
    let candidate = Candidate { id, bytes, nonce, stored_at: now, is_dead: false };
    Command::KeepCandidate(Box::new(KeepCandidate { batch, candidate, reserve: None, epoch: 0 }))
}

/// The same, with so much of the coin set aside to have it executed.
pub(crate) fn keep_with_reserve(
    batch: BatchId,
    candidate: &str,
    nonce: Option<u64>,
    reserved: u32,
    now: Timestamp,
) -> Command {
    let mut command = keep_with_nonce(batch, candidate, nonce, now);
    if let Command::KeepCandidate(keep) = &mut command {
        keep.reserve = Some(Reserve { coin: COIN.into(), amount: Amount::from_units(reserved) });
    }
    command
}

/// Ends a batch, whose execution has cost so much.
pub(crate) fn end_for(batch: BatchId, ending: Ending, cost: u32, now: Timestamp) -> Command {
    Command::EndBatch(EndBatch { now, batch, ending, cost: Amount::from_units(cost), epoch: 0 })
}

pub(crate) fn end_batch(batch: BatchId, ending: Ending, now: Timestamp) -> Command {
    Command::EndBatch(EndBatch { now, batch, ending, cost: Amount::ZERO, epoch: 0 })
}

pub(crate) fn settled(transaction: &str) -> Ending {
    Ending::Settled { transaction: transaction.into() }
}

/// A failure that divides a batch into the batches of these numbers.
pub(crate) fn failed(first: u8, second: u8, now: Timestamp) -> Ending {
    let parts = [batch_of(first, now), batch_of(second, now)];
    Ending::Failed { reason: "it failed".into(), counts: true, parts }
}

/// Halts the sandbox because of what was found, under this epoch.
pub(crate) fn halt(batch: Option<BatchId>, why: &str, epoch: u64, now: Timestamp) -> Command {
    Command::Halt(Halt { now, rail: "sandbox".into(), batch, why: Some(why.into()), epoch })
}

/// Says whether the treasury of the sandbox has too little.
pub(crate) fn set_short(is_short: bool, epoch: u64, now: Timestamp) -> Command {
    let missing = is_short.then(|| "it has 1 and needs 2".into());
    Command::SetShort(SetShort { now, rail: "sandbox".into(), missing, epoch })
}

pub(crate) fn note_examined(transaction: &str, epoch: u64) -> Command {
    Command::NoteExamined(NoteExamined { rail: "sandbox".into(), transaction: transaction.into(), epoch })
}

pub(crate) fn cancel_batch(batch: BatchId, now: Timestamp) -> Command {
    Command::CancelBatch(CancelBatch { now, batch })
}

pub(crate) fn give_back_withdrawal(withdrawal: WithdrawalId, now: Timestamp) -> Command {
    let reason = "the rail is closed".into();
    Command::GiveBackWithdrawal(GiveBackWithdrawal { now, withdrawal, reason })
}

/// Imports a payout as the batch of this number.
pub(crate) fn import_payout(
    withdrawal: WithdrawalId,
    number: u8,
    transaction: &str,
    now: Timestamp,
) -> Command {
    import_with_nonce(withdrawal, number, transaction, None, now)
}

pub(crate) fn import_with_nonce(
    withdrawal: WithdrawalId,
    number: u8,
    transaction: &str,
    nonce: Option<u64>,
    now: Timestamp,
) -> Command {
    let (batch, transaction) = (batch_of(number, now), transaction.into());
    Command::ImportPayout(ImportPayout { now, withdrawal, batch, transaction, nonce })
}

/// Records a payout of so many units to the address of a wallet's number, by a transaction that its client id is made of.
pub(crate) fn record_payout(wallet: u8, client: u8, units: u32, now: Timestamp) -> Command {
    let withdrawal = WithdrawalRecord {
        id: withdrawal_of(wallet, client, now),
        wallet: wallet_of(wallet),
        rail: "sandbox".into(),
        asset: "DRIP".into(),
        amount: Amount::from_units(units),
        fee: FEE,
        address: format!("address-{wallet}").into(),
        client_id: ClientId([client; 16]),
        request: Hash([client; 32]),
        signed: None,
        requested_at: now,
        failures: 0,
        stage: Stage::Queued,
    };
    let (batch, transaction) = (batch_of(client, now), format!("recorded-{client}").into());
    Command::RecordPayout(Box::new(RecordPayout { withdrawal, batch, transaction, nonce: None }))
}

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

/// Pauses the sandbox for a reason, or lets it run.
pub(crate) fn set_pause(why: Option<&str>, now: Timestamp) -> Command {
    Command::SetPause(SetPause {
        now,
        rail: "sandbox".into(),
        why: why.map(Arc::from),
        known: Known::default(),
    })
}
