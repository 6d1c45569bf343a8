//! The reading side: a connection of its own, which sees what is committed and nothing else.

use std::collections::BTreeMap;
use std::sync::Arc;

use dripline_shared::amount::{Amount, Asset};
use dripline_shared::api::{Direction, HistoryEntry, HistoryPage, SignedTreeHead};
use dripline_shared::log::NodeHash;
use dripline_shared::payout::WithdrawalId;
use dripline_shared::round::{CLAIM_WINDOW_MS, Hash, RoundId};
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::Wallet;
use postgres::Row;

use crate::ledger::{AccountSum, Holder, Transfer};
use crate::log::{NodeId, Nodes};
use crate::store::columns::{history_kind, moment};
use crate::store::postgres::address::DatabaseAddress;
use crate::store::postgres::failure::Failure;
use crate::store::postgres::intern::Levels;
use crate::store::postgres::rows::{
    self, amount, maybe_bytes, number, read_buckets, read_faucet_accounts, read_progress, read_segment,
    read_slot, read_wallet, select_buckets, select_faucet_accounts, select_progress, select_slots,
    select_wallet, timestamp,
};
use crate::store::postgres::session::Session;
use crate::store::postgres::{
    adopt, delegations, deliveries, documents, dormant, payouts, players, read_keys, sequence, site_days,
    vouchers,
};
use crate::store::record::{
    AuditRecord, CampaignAmounts, Closing, Document, DocumentKind, RoundFacts, RoundLevel, SiteTally,
    StoredSegment, VoucherRecord, WalletFacts, WalletRecord,
};
use crate::store::{
    BatchFacts, DelegationRecord, DeliveryRecord, DormantPage, DormantQuery, RailRecord, ReadKeyRecord,
    Reader, SharedFacts, StorageError, WithdrawalFacts, WithdrawalRecord, transcript,
};

/// Begins what several statements read as it was at one moment.
pub(super) const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";

/// See the module.
#[derive(Debug)]
pub struct PostgresReader {
    session: Session,
    levels: Levels,
}

impl PostgresReader {
    pub(super) fn new(session: Session) -> Self {
        Self { session, levels: Levels::default() }
    }

    /// A reader of the store in a database, if there is a store. Servers may be running.
    pub fn open(address: &DatabaseAddress) -> Result<Option<Self>, StorageError> {
        let mut session = Session::open(address)?;
        let is_empty = adopt::is_empty(&mut session).map_err(Failure::rolled_back)?;
        Ok((!is_empty).then(|| Self::new(session)))
    }

    /// Reads with one statement, on a new connection where the old one is gone.
    fn read<T>(
        &mut self,
        mut work: impl FnMut(&mut Session, &mut Levels) -> Result<T, Failure>,
    ) -> Result<T, StorageError> {
        let Self { session, levels } = self;
        session.mended(|session| work(session, levels)).map_err(Failure::rolled_back)
    }

    /// Reads with several statements on one snapshot.
    fn snapshot<T>(
        &mut self,
        mut work: impl FnMut(&mut Session, &mut Levels) -> Result<T, Failure>,
    ) -> Result<T, StorageError> {
        self.read(|session, levels| {
            session.run(SNAPSHOT)?;
            let value = work(session, levels).inspect_err(|_| session.roll_back())?;
            session.run("COMMIT")?;
            Ok(value)
        })
    }
}

/// A wallet by its key: its row id and record.
fn wallet(session: &mut Session, wallet: Wallet) -> Result<Option<(i64, WalletRecord)>, Failure> {
    let row = session.query_one(concat!(select_wallet!(), "WHERE key = $1"), &[&&wallet.0[..]])?;
    row.as_ref().map(read_wallet).transpose()
}

fn shared(session: &mut Session) -> Result<SharedFacts, Failure> {
    let mut facts = SharedFacts {
        buckets: read_buckets(&session.query(select_buckets!(), &[])?)?.into_iter().collect(),
        campaigns: BTreeMap::new(),
        slots: session
            .query(concat!(select_slots!(), "WHERE parts > 1 ORDER BY number"), &[])?
            .iter()
            .map(read_slot)
            .collect::<Result<_, _>>()?,
    };
    let accounts = session.query(select_faucet_accounts!("IN ('campaign', 'slice')"), &[])?;
    for (account, balance) in read_faucet_accounts(&accounts)? {
        if let Holder::Campaign(id) | Holder::Slice(_, id) = account.holder {
            let left = facts.campaigns.entry((account.asset, id)).or_insert(Amount::ZERO);
            *left = left.checked_add(balance.amount()).unwrap_or(Amount::MAX);
        }
    }
    Ok(facts)
}

fn wallet_facts(session: &mut Session, levels: &mut Levels, key: Wallet) -> Result<WalletFacts, Failure> {
    let found = wallet(session, key)?;
    let SharedFacts { buckets, campaigns, slots } = shared(session)?;
    let mut facts = WalletFacts {
        record: WalletRecord::new(key),
        money: BTreeMap::new(),
        addresses: Vec::new(),
        progress: BTreeMap::new(),
        open_round: None,
        buckets,
        campaigns,
        slots,
    };
    let Some((id, record)) = found else { return Ok(facts) };
    for row in &session.query(concat!(select_progress!(), "WHERE p.wallet = $1"), &[&id])? {
        let (_, level, progress) = read_progress(row)?;
        facts.progress.insert(level, progress);
    }
    payouts::money(session, id, &mut facts)?;
    facts.addresses = payouts::addresses(session, &[id])?;
    if let Some(round) = record.open_round
        && let Some((_, round)) = rows::round(session, levels, round)?
    {
        let tail = rows::tails(session, &[&round.id.0[..]])?.pop().map(|(_, tail)| tail);
        facts.open_round = Some((round, tail.unwrap_or_default()));
    }
    facts.record = record;
    Ok(facts)
}

fn segments(session: &mut Session, levels: &mut Levels, id: RoundId) -> Result<Vec<StoredSegment>, Failure> {
    let rows = session.query(
        "SELECT round, number, length, bytes, last, hash FROM segments WHERE round = $1 ORDER BY number",
        &[&&id.0[..]],
    )?;
    if !rows.is_empty() {
        return rows.iter().map(|row| Ok(read_segment(row)?.1)).collect();
    }
    // Of a claimed round, the copy that was made when it was settled.
    let Some((number, record)) = rows::round(session, levels, id)? else { return Ok(Vec::new()) };
    let row = session.query_one("SELECT play FROM transcripts WHERE round = $1", &[&number])?;
    let Some(row) = row else { return Ok(Vec::new()) };
    Ok(transcript::read(row.try_get(0)?, record.start_hash()))
}

fn history(
    session: &mut Session,
    levels: &mut Levels,
    of: Wallet,
    before: Option<u64>,
    limit: u32,
) -> Result<HistoryPage, Failure> {
    let Some((id, _)) = wallet(session, of)? else {
        return Ok(HistoryPage { entries: Vec::new(), next_before: None });
    };
    let before = before.map_or(i64::MAX, |before| i64::try_from(before).unwrap_or(i64::MAX));
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    // One more than asked for tells whether there is another page.
    let rows = session.query(
        "SELECT t.id, t.at_ms, t.kind, s.code, t.credit = a.id, t.amount,
         CASE WHEN t.credit = a.id THEN t.credit_balance ELSE t.debit_balance END, r.level, r.round, w.withdrawal,
         t.worth, t.currency, coalesce(w.client = substring(w.request FROM 1 FOR 16), false)
         FROM accounts a JOIN assets s ON s.id = a.asset CROSS JOIN LATERAL (
             (SELECT * FROM transfers WHERE credit = a.id AND id < $2 ORDER BY id DESC LIMIT $3)
             UNION ALL
             (SELECT * FROM transfers WHERE debit = a.id AND (withdrawal IS NOT NULL OR kind = 'move') AND id < $2
                 ORDER BY id DESC LIMIT $3)
         ) AS t LEFT JOIN rounds r ON r.id = t.round LEFT JOIN withdrawals w ON w.id = t.withdrawal
         WHERE a.owner = $1 AND a.holder = 'player' ORDER BY t.id DESC LIMIT $3",
        &[&id, &before, &i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1)],
    )?;
    let of_rounds: Vec<i64> = rows
        .iter()
        .filter_map(|row| row.try_get::<_, Option<i64>>(7).transpose())
        .collect::<Result<_, _>>()?;
    levels.read(session, &of_rounds)?;
    let mut entries = rows.iter().map(|row| history_entry(levels, row)).collect::<Result<Vec<_>, _>>()?;
    let more = entries.len() > limit;
    entries.truncate(limit);
    let next_before = entries.last().filter(|_| more).map(|entry| entry.id);
    Ok(HistoryPage { entries, next_before })
}

fn history_entry(levels: &Levels, row: &Row) -> Result<HistoryEntry, Failure> {
    let level = row.try_get::<_, Option<i64>>(7)?.map(|level| levels.level(level)).transpose()?;
    Ok(HistoryEntry {
        id: number(row, 0)?,
        at_ms: timestamp(row, 1)?,
        kind: history_kind(row.try_get(2)?, row.try_get(12)?).to_owned(),
        asset: row.try_get(3)?,
        direction: if row.try_get(4)? { Direction::In } else { Direction::Out },
        amount: amount(row, 5)?,
        balance: amount(row, 6)?,
        level: level.as_ref().and_then(RoundLevel::id).map(str::to_owned),
        round: maybe_bytes(row, 8)?.map(RoundId),
        withdrawal: maybe_bytes(row, 9)?.map(WithdrawalId),
        transaction: None,
        worth: rows::worth(row, 10)?.map(|worth| worth.view()),
    })
}

impl Reader for PostgresReader {
    fn round(&mut self, round: RoundId) -> Result<Option<RoundFacts>, StorageError> {
        self.snapshot(|session, levels| {
            let Some((number, record)) = rows::round(session, levels, round)? else { return Ok(None) };
            let is_claimed = record.closing == Closing::Claimed;
            let claim = if is_claimed { rows::claims(session, &[number])?.pop() } else { None };
            Ok(Some(RoundFacts { record, claim }))
        })
    }

    fn segments(&mut self, round: RoundId) -> Result<Vec<StoredSegment>, StorageError> {
        self.snapshot(|session, levels| segments(session, levels, round))
    }

    fn wallet(&mut self, wallet: Wallet) -> Result<WalletFacts, StorageError> {
        self.snapshot(|session, levels| wallet_facts(session, levels, wallet))
    }

    fn shared(&mut self) -> Result<SharedFacts, StorageError> {
        self.snapshot(|session, _| shared(session))
    }

    fn history(
        &mut self,
        wallet: Wallet,
        before: Option<u64>,
        limit: u32,
    ) -> Result<HistoryPage, StorageError> {
        self.snapshot(|session, levels| history(session, levels, wallet, before, limit))
    }

    fn withdrawal(&mut self, id: WithdrawalId) -> Result<Option<WithdrawalFacts>, StorageError> {
        self.snapshot(|session, _| {
            let found = payouts::withdrawals(session, &[&id.0[..]])?;
            Ok(payouts::with_places(session, found)?.pop())
        })
    }

    fn withdrawals(
        &mut self,
        of: Wallet,
        before: Option<WithdrawalId>,
        limit: usize,
    ) -> Result<Vec<WithdrawalFacts>, StorageError> {
        self.snapshot(|session, _| {
            let Some((id, _)) = wallet(session, of)? else { return Ok(Vec::new()) };
            payouts::withdrawals_of_wallet(session, id, before, limit)
        })
    }

    fn of_operators(
        &mut self,
        after: Option<WithdrawalId>,
        limit: usize,
    ) -> Result<Vec<WithdrawalRecord>, StorageError> {
        self.read(|session, _| players::of_operators(session, after, limit))
    }

    fn newest_wallets(
        &mut self,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<(u64, WalletRecord)>, StorageError> {
        self.read(|session, _| players::newest_wallets(session, before, limit))
    }

    fn wallets_between(
        &mut self,
        from: Wallet,
        to: Wallet,
        limit: usize,
    ) -> Result<Vec<WalletRecord>, StorageError> {
        self.read(|session, _| players::wallets_between(session, (from, to), limit))
    }

    fn moved_to(&mut self, wallet: Wallet, limit: usize) -> Result<Vec<WalletRecord>, StorageError> {
        self.read(|session, _| players::moved_to(session, wallet, limit))
    }

    fn rounds_of(
        &mut self,
        of: Wallet,
        before: Option<RoundId>,
        limit: usize,
    ) -> Result<Vec<RoundFacts>, StorageError> {
        self.snapshot(|session, levels| {
            let Some((id, _)) = wallet(session, of)? else { return Ok(Vec::new()) };
            players::rounds_of(session, levels, id, before, limit)
        })
    }

    fn dormant(&mut self, query: &DormantQuery) -> Result<DormantPage, StorageError> {
        self.snapshot(|session, _| dormant::page(session, query))
    }

    fn read_key(&mut self, hash: Hash) -> Result<Option<ReadKeyRecord>, StorageError> {
        self.read(|session, _| read_keys::by_hash(session, hash))
    }

    fn delegations(&mut self, of: Wallet) -> Result<Vec<DelegationRecord>, StorageError> {
        self.snapshot(|session, _| {
            let Some((id, _)) = wallet(session, of)? else { return Ok(Vec::new()) };
            delegations::of_wallets(session, &[id])
        })
    }

    fn read_keys(&mut self, of: Wallet) -> Result<Vec<ReadKeyRecord>, StorageError> {
        self.snapshot(|session, _| {
            let Some((id, _)) = wallet(session, of)? else { return Ok(Vec::new()) };
            read_keys::of_wallets(session, &[id])
        })
    }

    fn documents(
        &mut self,
        kind: DocumentKind,
        from: &str,
        limit: usize,
    ) -> Result<Vec<Document>, StorageError> {
        self.read(|session, _| documents::of_kind(session, kind, from, limit))
    }

    fn document(&mut self, kind: DocumentKind, id: &str) -> Result<Option<Document>, StorageError> {
        self.read(|session, _| documents::one(session, kind, id))
    }

    fn audit(&mut self, before: Option<u64>, limit: usize) -> Result<Vec<AuditRecord>, StorageError> {
        self.read(|session, _| documents::audit(session, before, limit))
    }

    fn rails(&mut self) -> Result<Vec<RailRecord>, StorageError> {
        self.read(|session, _| payouts::rails(session))
    }

    fn queues(&mut self) -> Result<Vec<(String, u64)>, StorageError> {
        self.read(|session, _| payouts::queues(session))
    }

    fn waiting(
        &mut self,
        rail: &str,
        after: Option<WithdrawalId>,
        limit: usize,
    ) -> Result<Vec<WithdrawalRecord>, StorageError> {
        self.read(|session, _| payouts::waiting(session, rail, after, limit))
    }

    fn wallets_at(&mut self, rail: &str, address: &str) -> Result<Vec<Wallet>, StorageError> {
        self.read(|session, _| payouts::wallets_at(session, rail, address))
    }

    fn assets(&mut self) -> Result<Vec<Asset>, StorageError> {
        self.read(|session, _| adopt::assets(session))
    }

    fn are_candidates(&mut self, rail: &str, ids: &[Arc<str>]) -> Result<Vec<bool>, StorageError> {
        self.read(|session, _| payouts::are_candidates(session, rail, ids))
    }

    fn batches(&mut self, rail: &str) -> Result<Vec<BatchFacts>, StorageError> {
        self.snapshot(|session, _| payouts::open_batches(session, rail))
    }

    fn account_sums(&mut self) -> Result<Vec<AccountSum>, StorageError> {
        self.read(|session, _| rows::account_sums(session))
    }

    fn log_head(&mut self) -> Result<Option<SignedTreeHead>, StorageError> {
        self.snapshot(|session, _| {
            let owner = adopt::owner(session)?;
            let faucet = owner.and_then(|owner| owner.parse().ok()).unwrap_or(Hash([0; 32]));
            Ok(sequence::heads(session, faucet, 1)?.pop())
        })
    }

    fn log_leaf(&mut self, leaf: u64) -> Result<Option<Transfer>, StorageError> {
        self.read(|session, _| sequence::leaf(session, leaf))
    }

    fn log_leaf_of(&mut self, hash: NodeHash) -> Result<Option<u64>, StorageError> {
        self.read(|session, _| sequence::leaf_of(session, hash))
    }

    fn log_nodes(&mut self, ids: &[NodeId]) -> Result<Vec<Option<NodeHash>>, StorageError> {
        self.read(|session, _| sequence::StoredNodes(session).read(ids))
    }

    fn voucher(&mut self, hash: Hash) -> Result<Option<VoucherRecord>, StorageError> {
        self.read(|session, _| vouchers::by_hash(session, hash))
    }

    fn vouchers_used(&mut self) -> Result<Vec<(Arc<str>, u64)>, StorageError> {
        self.read(|session, _| vouchers::used(session))
    }

    fn site_days(
        &mut self,
        site: &str,
        asset: &str,
        from_day: u64,
    ) -> Result<Vec<(u64, SiteTally)>, StorageError> {
        self.read(|session, _| site_days::read(session, site, asset, from_day))
    }

    fn deliveries(
        &mut self,
        webhook: &str,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<DeliveryRecord>, StorageError> {
        self.read(|session, _| deliveries::page(session, webhook, before, limit))
    }

    fn deliveries_due(
        &mut self,
        webhooks: &[Arc<str>],
        now: Timestamp,
    ) -> Result<Vec<Arc<str>>, StorageError> {
        self.read(|session, _| deliveries::due(session, webhooks, now))
    }

    fn deliveries_waiting(&mut self) -> Result<Vec<(Arc<str>, u64)>, StorageError> {
        self.read(|session, _| deliveries::waiting(session))
    }

    fn funded(&mut self) -> Result<CampaignAmounts, StorageError> {
        self.read(|session, _| {
            let rows = session.query(
                "SELECT s.code, c.name, sum(CASE t.kind WHEN 'budget' THEN t.amount ELSE -t.amount END)::bigint
                 FROM transfers t
                 JOIN accounts a ON a.id = CASE t.kind WHEN 'budget' THEN t.credit ELSE t.debit END
                 JOIN assets s ON s.id = a.asset JOIN campaigns c ON c.id = a.owner
                 WHERE t.kind IN ('budget', 'budget_returned') GROUP BY s.code, c.name",
                &[],
            )?;
            rows.iter().map(|row| Ok(((rows::text(row, 0)?, rows::text(row, 1)?), amount(row, 2)?))).collect()
        })
    }

    fn rounds_open(&mut self, now: Timestamp) -> Result<u64, StorageError> {
        // A round that expires after `now` can be claimed until a day after that.
        let until = moment(now.plus(CLAIM_WINDOW_MS));
        self.read(|session, _| {
            let row = session.query_one(
                "SELECT count(*) FROM rounds WHERE stage <> 2 AND stage = 0 AND claim_until_ms >= $1",
                &[&until],
            )?;
            number(&row.ok_or(Failure::Missing)?, 0)
        })
    }
}
