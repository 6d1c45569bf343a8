//! The reading side: a connection of its own to each file, which sees what is committed and nothing else.

use std::path::Path;
use std::sync::Arc;

use dripline_shared::amount::Asset;
use dripline_shared::api::{Direction, HistoryEntry, HistoryPage, SignedTreeHead};
use dripline_shared::log::NodeHash;
use dripline_shared::payout::WithdrawalId;
use dripline_shared::round::{CLAIM_WINDOW_MS, Hash, RoundId};
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::Wallet;
use rusqlite::{Connection, OptionalExtension, Row};

use crate::ledger::{AccountSum, Holder, Transfer};
use crate::log::{NodeId, Nodes};
use crate::store::columns::{history_kind, moment};
use crate::store::record::{
    AuditRecord, CampaignAmounts, Closing, Document, DocumentKind, RoundFacts, RoundLevel, RoundRecord,
    SiteTally, StoredSegment, VoucherRecord, WalletFacts, WalletRecord,
};
use crate::store::sqlite::intern::Interner;
use crate::store::sqlite::rows::{self, RoundKey};
use crate::store::sqlite::{
    MAIN_FILE, SEGMENTS_FILE, adopt, delegations, deliveries, documents, dormant, open_to_read, payouts,
    players, read_keys, rolled_back, sequence, site_days, vouchers,
};
use crate::store::{
    BatchFacts, DelegationRecord, DeliveryRecord, DormantPage, DormantQuery, RailRecord, ReadKeyRecord,
    Reader, SharedFacts, StorageError, WithdrawalFacts, WithdrawalRecord, transcript,
};

/// See the module.
#[derive(Debug)]
pub struct SqliteReader {
    main: Connection,
    segments: Connection,
    interner: Interner,
}

impl SqliteReader {
    /// Opens the store in `directory`, which a writer has made.
    pub fn open(directory: &Path) -> Result<Self, StorageError> {
        let open = |file| open_to_read(&directory.join(file)).map_err(|error| rolled_back(&error));
        Ok(Self { main: open(MAIN_FILE)?, segments: open(SEGMENTS_FILE)?, interner: Interner::default() })
    }

    /// Runs `work` on one snapshot of the main store.
    fn snapshot<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> rusqlite::Result<T>,
    ) -> Result<T, StorageError> {
        let begun = self.main.execute_batch("BEGIN");
        let result = begun.and_then(|()| work(self));
        // A snapshot that stays open would keep the log from being moved into the database.
        let ended = if self.main.is_autocommit() { Ok(()) } else { self.main.execute_batch("ROLLBACK") };
        result.and_then(|value| ended.map(|()| value)).map_err(|error| rolled_back(&error))
    }

    fn try_wallet(&mut self, wallet: Wallet) -> rusqlite::Result<WalletFacts> {
        let found = rows::wallet(&self.main, wallet)?;
        let SharedFacts { buckets, campaigns, slots } = self.try_shared()?;
        let mut facts = WalletFacts {
            record: WalletRecord::new(wallet),
            money: std::collections::BTreeMap::new(),
            addresses: Vec::new(),
            progress: std::collections::BTreeMap::new(),
            open_round: None,
            buckets,
            campaigns,
            slots,
        };
        let Some((id, record)) = found else { return Ok(facts) };
        facts.progress = rows::progress(&self.main, id, None)?.into_iter().collect();
        payouts::money(&self.main, &mut self.interner, id, &mut facts)?;
        facts.addresses = payouts::addresses(&self.main, wallet, id)?;
        if let Some(round) = record.open_round {
            let key = RoundKey::Id(round);
            if let Some((_, round)) = rows::round(&self.main, &mut self.interner, key)? {
                let tail = rows::tail(&self.segments, round.id)?.unwrap_or_default();
                facts.open_round = Some((round, tail));
            }
        }
        facts.record = record;
        Ok(facts)
    }

    fn try_shared(&self) -> rusqlite::Result<SharedFacts> {
        let buckets = rows::buckets(&self.main)?.into_iter().collect();
        let mut facts = SharedFacts { buckets, ..SharedFacts::default() };
        for (account, balance) in rows::faucet_accounts(&self.main)? {
            if let Holder::Campaign(id) = account.holder {
                facts.campaigns.insert((account.asset, id), balance.amount());
            }
        }
        Ok(facts)
    }

    fn try_round(&mut self, round: RoundId) -> rusqlite::Result<Option<RoundFacts>> {
        let key = RoundKey::Id(round);
        let Some((number, record)) = rows::round(&self.main, &mut self.interner, key)? else {
            return Ok(None);
        };
        let claimed = record.closing == Closing::Claimed;
        let claim = if claimed { rows::claim(&self.main, number)? } else { None };
        Ok(Some(RoundFacts { record, claim }))
    }

    fn try_segments(&mut self, round: RoundId) -> rusqlite::Result<Vec<StoredSegment>> {
        let sent = rows::segments(&self.segments, round, 0, u32::MAX)?;
        if !sent.is_empty() {
            return Ok(sent);
        }
        // Of a claimed round, the copy that was made when it was settled.
        let Some((number, record)) = rows::round(&self.main, &mut self.interner, RoundKey::Id(round))? else {
            return Ok(Vec::new());
        };
        let mut statement = self.main.prepare_cached("SELECT play FROM transcripts WHERE round = ?1")?;
        let play: Option<Vec<u8>> = statement.query_row([number], |row| row.get(0)).optional()?;
        Ok(play.map(|play| transcript::read(&play, record.start_hash())).unwrap_or_default())
    }

    fn try_history(
        &mut self,
        wallet: Wallet,
        before: Option<u64>,
        limit: u32,
    ) -> rusqlite::Result<HistoryPage> {
        let Some((id, _)) = rows::wallet(&self.main, wallet)? else {
            return Ok(HistoryPage { entries: Vec::new(), next_before: None });
        };
        let mut statement = self.main.prepare_cached(
            "SELECT t.id, t.at_ms, t.kind, a.asset, t.credit = a.id, t.amount,
             iif(t.credit = a.id, t.credit_balance, t.debit_balance), r.level, r.round, w.withdrawal,
             t.worth, t.currency, coalesce(w.client = substr(w.request, 1, 16), 0)
             FROM accounts a JOIN transfers t ON t.id IN (
                 SELECT id FROM (SELECT id FROM transfers WHERE credit = a.id AND id < ?2 ORDER BY id DESC LIMIT ?3)
                 UNION ALL
                 SELECT id FROM (SELECT id FROM transfers WHERE debit = a.id AND (withdrawal IS NOT NULL OR kind = 'move')
                     AND id < ?2
                     ORDER BY id DESC LIMIT ?3))
             LEFT JOIN rounds r ON r.id = t.round LEFT JOIN withdrawals w ON w.id = t.withdrawal
             WHERE a.owner = ?1 AND a.holder = 'player' ORDER BY t.id DESC LIMIT ?3",
        )?;
        let before = before.map_or(i64::MAX, |before| i64::try_from(before).unwrap_or(i64::MAX));
        // One more than asked for tells whether there is another page.
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut rows =
            statement.query((id, before, i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1)))?;
        let mut entries = Vec::new();
        while let Some(row) = rows.next()? {
            entries.push(history_entry(&self.main, &mut self.interner, row)?);
        }
        let more = entries.len() > limit;
        entries.truncate(limit);
        let next_before = entries.last().filter(|_| more).map(|entry| entry.id);
        Ok(HistoryPage { entries, next_before })
    }
}

/// A limit as SQL takes it.
fn whole(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

fn history_entry(
    main: &Connection,
    interner: &mut Interner,
    row: &Row<'_>,
) -> rusqlite::Result<HistoryEntry> {
    let level = row.get::<_, Option<i64>>(7)?.map(|level| interner.level(main, level)).transpose()?;
    Ok(HistoryEntry {
        id: row.get(0)?,
        at_ms: Timestamp(row.get(1)?),
        kind: history_kind(&row.get::<_, String>(2)?, row.get(12)?).to_owned(),
        asset: interner.asset(main, row.get(3)?)?.to_string(),
        direction: if row.get(4)? { Direction::In } else { Direction::Out },
        amount: rows::amount(row, 5)?,
        balance: rows::amount(row, 6)?,
        level: level.as_ref().and_then(RoundLevel::id).map(str::to_owned),
        round: row.get::<_, Option<[u8; 16]>>(8)?.map(RoundId),
        withdrawal: row.get::<_, Option<[u8; 16]>>(9)?.map(WithdrawalId),
        transaction: None,
        worth: rows::worth(row, 10)?.map(|worth| worth.view()),
    })
}

impl Reader for SqliteReader {
    fn round(&mut self, round: RoundId) -> Result<Option<RoundFacts>, StorageError> {
        self.snapshot(|reader| reader.try_round(round))
    }

    fn segments(&mut self, round: RoundId) -> Result<Vec<StoredSegment>, StorageError> {
        self.try_segments(round).map_err(|error| rolled_back(&error))
    }

    fn wallet(&mut self, wallet: Wallet) -> Result<WalletFacts, StorageError> {
        self.snapshot(|reader| reader.try_wallet(wallet))
    }

    fn shared(&mut self) -> Result<SharedFacts, StorageError> {
        self.snapshot(|reader| reader.try_shared())
    }

    fn history(
        &mut self,
        wallet: Wallet,
        before: Option<u64>,
        limit: u32,
    ) -> Result<HistoryPage, StorageError> {
        self.snapshot(|reader| reader.try_history(wallet, before, limit))
    }

    fn withdrawal(&mut self, id: WithdrawalId) -> Result<Option<WithdrawalFacts>, StorageError> {
        self.snapshot(|reader| {
            let (main, interner) = (&reader.main, &mut reader.interner);
            let found = payouts::withdrawal(main, interner, id)?;
            found.map(|record| payouts::with_place(main, interner, record)).transpose()
        })
    }

    fn withdrawals(
        &mut self,
        wallet: Wallet,
        before: Option<WithdrawalId>,
        limit: usize,
    ) -> Result<Vec<WithdrawalFacts>, StorageError> {
        self.snapshot(|reader| {
            let Some((id, _)) = rows::wallet(&reader.main, wallet)? else { return Ok(Vec::new()) };
            payouts::withdrawals(&reader.main, &mut reader.interner, id, before, limit)
        })
    }

    fn of_operators(
        &mut self,
        after: Option<WithdrawalId>,
        limit: usize,
    ) -> Result<Vec<WithdrawalRecord>, StorageError> {
        self.snapshot(|reader| players::of_operators(&reader.main, &mut reader.interner, after, limit))
    }

    fn newest_wallets(
        &mut self,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<(u64, WalletRecord)>, StorageError> {
        let before = before.map_or(i64::MAX, |before| i64::try_from(before).unwrap_or(i64::MAX));
        let found = players::newest_wallets(&self.main, before, whole(limit));
        let numbered = |(id, record)| u64::try_from(id).ok().map(|id| (id, record));
        found
            .map(|found| found.into_iter().filter_map(numbered).collect())
            .map_err(|error| rolled_back(&error))
    }

    fn wallets_between(
        &mut self,
        from: Wallet,
        to: Wallet,
        limit: usize,
    ) -> Result<Vec<WalletRecord>, StorageError> {
        players::wallets_between(&self.main, (from, to), whole(limit)).map_err(|error| rolled_back(&error))
    }

    fn moved_to(&mut self, wallet: Wallet, limit: usize) -> Result<Vec<WalletRecord>, StorageError> {
        players::moved_to(&self.main, wallet, whole(limit)).map_err(|error| rolled_back(&error))
    }

    fn rounds_of(
        &mut self,
        wallet: Wallet,
        before: Option<RoundId>,
        limit: usize,
    ) -> Result<Vec<RoundFacts>, StorageError> {
        self.snapshot(|reader| {
            let Some((id, _)) = rows::wallet(&reader.main, wallet)? else { return Ok(Vec::new()) };
            let found = players::rounds_of(&reader.main, &mut reader.interner, id, before, whole(limit))?;
            let with_claim = |(number, record): (i64, RoundRecord)| {
                let is_claimed = record.closing == Closing::Claimed;
                let claim = if is_claimed { rows::claim(&reader.main, number)? } else { None };
                Ok(RoundFacts { record, claim })
            };
            found.into_iter().map(with_claim).collect()
        })
    }

    fn dormant(&mut self, query: &DormantQuery) -> Result<DormantPage, StorageError> {
        self.snapshot(|reader| dormant::page(&reader.main, &mut reader.interner, query))
    }

    fn read_key(&mut self, hash: Hash) -> Result<Option<ReadKeyRecord>, StorageError> {
        read_keys::by_hash(&self.main, hash).map_err(|error| rolled_back(&error))
    }

    fn delegations(&mut self, wallet: Wallet) -> Result<Vec<DelegationRecord>, StorageError> {
        self.snapshot(|reader| {
            let Some((id, _)) = rows::wallet(&reader.main, wallet)? else { return Ok(Vec::new()) };
            delegations::of_wallet(&reader.main, id)
        })
    }

    fn read_keys(&mut self, wallet: Wallet) -> Result<Vec<ReadKeyRecord>, StorageError> {
        self.snapshot(|reader| {
            let Some((id, _)) = rows::wallet(&reader.main, wallet)? else { return Ok(Vec::new()) };
            read_keys::of_wallet(&reader.main, id)
        })
    }

    fn documents(
        &mut self,
        kind: DocumentKind,
        from: &str,
        limit: usize,
    ) -> Result<Vec<Document>, StorageError> {
        documents::of_kind(&self.main, kind, from, limit).map_err(|error| rolled_back(&error))
    }

    fn document(&mut self, kind: DocumentKind, id: &str) -> Result<Option<Document>, StorageError> {
        documents::one(&self.main, kind, id).map_err(|error| rolled_back(&error))
    }

    fn audit(&mut self, before: Option<u64>, limit: usize) -> Result<Vec<AuditRecord>, StorageError> {
        documents::audit(&self.main, before, limit).map_err(|error| rolled_back(&error))
    }

    fn rails(&mut self) -> Result<Vec<RailRecord>, StorageError> {
        payouts::rails(&self.main).map_err(|error| rolled_back(&error))
    }

    fn queues(&mut self) -> Result<Vec<(String, u64)>, StorageError> {
        payouts::queues(&self.main).map_err(|error| rolled_back(&error))
    }

    fn waiting(
        &mut self,
        rail: &str,
        after: Option<WithdrawalId>,
        limit: usize,
    ) -> Result<Vec<WithdrawalRecord>, StorageError> {
        self.snapshot(|reader| {
            payouts::waiting(&reader.main, &mut reader.interner, &rail.into(), after, limit)
        })
    }

    fn wallets_at(&mut self, rail: &str, address: &str) -> Result<Vec<Wallet>, StorageError> {
        payouts::wallets_at(&self.main, rail, address).map_err(|error| rolled_back(&error))
    }

    fn assets(&mut self) -> Result<Vec<Asset>, StorageError> {
        adopt::assets(&self.main).map_err(|error| rolled_back(&error))
    }

    fn are_candidates(&mut self, rail: &str, ids: &[Arc<str>]) -> Result<Vec<bool>, StorageError> {
        payouts::are_candidates(&self.main, rail, ids).map_err(|error| rolled_back(&error))
    }

    fn batches(&mut self, rail: &str) -> Result<Vec<BatchFacts>, StorageError> {
        self.snapshot(|reader| payouts::batches(&reader.main, &mut reader.interner, &rail.into()))
    }

    fn account_sums(&mut self) -> Result<Vec<AccountSum>, StorageError> {
        rows::account_sums(&self.main).map_err(|error| rolled_back(&error))
    }

    fn log_head(&mut self) -> Result<Option<SignedTreeHead>, StorageError> {
        self.snapshot(|reader| {
            let owner: Option<String> = adopt::owner(&reader.main)?;
            let faucet = owner.and_then(|owner| owner.parse().ok()).unwrap_or(Hash([0; 32]));
            Ok(sequence::heads(&reader.main, faucet, 1)?.pop())
        })
    }

    fn log_leaf(&mut self, leaf: u64) -> Result<Option<Transfer>, StorageError> {
        sequence::leaf(&self.main, leaf).map_err(|error| rolled_back(&error))
    }

    fn log_leaf_of(&mut self, hash: NodeHash) -> Result<Option<u64>, StorageError> {
        sequence::leaf_of(&self.main, hash).map_err(|error| rolled_back(&error))
    }

    fn log_nodes(&mut self, ids: &[NodeId]) -> Result<Vec<Option<NodeHash>>, StorageError> {
        self.snapshot(|reader| sequence::StoredNodes(&reader.main).read(ids))
    }

    fn voucher(&mut self, hash: Hash) -> Result<Option<VoucherRecord>, StorageError> {
        vouchers::by_hash(&self.main, hash).map_err(|error| rolled_back(&error))
    }

    fn vouchers_used(&mut self) -> Result<Vec<(Arc<str>, u64)>, StorageError> {
        vouchers::used(&self.main).map_err(|error| rolled_back(&error))
    }

    fn site_days(
        &mut self,
        site: &str,
        asset: &str,
        from_day: u64,
    ) -> Result<Vec<(u64, SiteTally)>, StorageError> {
        site_days::read(&self.main, site, asset, from_day).map_err(|error| rolled_back(&error))
    }

    fn deliveries(
        &mut self,
        webhook: &str,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<DeliveryRecord>, StorageError> {
        deliveries::page(&self.main, webhook, before, limit).map_err(|error| rolled_back(&error))
    }

    fn deliveries_due(
        &mut self,
        webhooks: &[Arc<str>],
        now: Timestamp,
    ) -> Result<Vec<Arc<str>>, StorageError> {
        deliveries::due(&self.main, webhooks, now).map_err(|error| rolled_back(&error))
    }

    fn deliveries_waiting(&mut self) -> Result<Vec<(Arc<str>, u64)>, StorageError> {
        deliveries::waiting(&self.main).map_err(|error| rolled_back(&error))
    }

    fn funded(&mut self) -> Result<CampaignAmounts, StorageError> {
        rows::funded(&self.main).map_err(|error| rolled_back(&error))
    }

    fn rounds_open(&mut self, now: Timestamp) -> Result<u64, StorageError> {
        // A round that expires after `now` can be claimed until a day after that.
        let count = self
            .main
            .prepare_cached(
                "SELECT count(*) FROM rounds WHERE stage <> 2 AND stage = 0 AND claim_until_ms >= ?1",
            )
            .and_then(|mut statement| {
                statement.query_row([moment(now.plus(CLAIM_WINDOW_MS))], |row| row.get(0))
            });
        count.map_err(|error| rolled_back(&error))
    }
}
