//! Effects: what decisions change, and what of it has to be written.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dripline_shared::limit::Bucket;
use dripline_shared::payout::{BatchId, WithdrawalId};
use dripline_shared::progress::LevelProgress;
use dripline_shared::round::{ClientId, Hash, RoundId};
use dripline_shared::wallet::Wallet;

use super::WorkingSet;
use crate::ledger::{Account, Posted};
use crate::store::record::{
    AddressRecord, AuditRecord, BatchRecord, ClaimRecord, DelegationRecord, Document, DocumentKind,
    NewDelivery, PrefixRecord, RailRecord, ReadKeyRecord, RoundRecord, SendAgain, SharedBucket, SiteDayKey,
    SiteTally, SlotRecord, StoredSegment, VoucherRecord, WalletRecord, WithdrawalRecord,
};

/// A change of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// The wallet is now like this.
    Wallet(WalletRecord),
    /// The round is now like this.
    Round(RoundRecord),
    /// The wallet has now reached this in the level of this id.
    Progress(Wallet, String, LevelProgress),
    /// The network prefix has now used this.
    Prefix(String, PrefixRecord),
    /// The bucket is now like this.
    Bucket(SharedBucket, Bucket),
    /// The slot is now like this.
    Slot(SlotRecord),
    /// Money moved.
    Transfer(Posted),
    /// The round has this segment.
    Segment(RoundId, StoredSegment),
    /// The round was claimed, with this play.
    Claim(Box<ClaimRecord>, Vec<u8>),
    /// The wallet has set this address.
    Address(AddressRecord),
    /// The withdrawal is now like this.
    Withdrawal(WithdrawalRecord),
    /// The batch is now like this.
    Batch(BatchRecord),
    /// The rail is now like this.
    Rail(RailRecord),
    /// The read-only key is now like this.
    ReadKey(ReadKeyRecord),
    /// The delegation is now like this.
    Delegation(DelegationRecord),
    /// The voucher is now like this.
    Voucher(VoucherRecord),
    /// So much more came of a site on a day.
    SiteDay(SiteDayKey, SiteTally),
    /// A webhook of a site is to be told something; nothing where it is already.
    Delivery(NewDelivery),
    /// A webhook is to be told something again.
    SendAgain(SendAgain),
    /// The document is now like this.
    Document(Document),
    /// The audit log goes on with this.
    Audit(AuditRecord),
}

/// What has to be written. Records are named once however often they changed; what is only ever added comes in order.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// Wallets.
    pub wallets: BTreeSet<Wallet>,
    /// Rounds.
    pub rounds: BTreeSet<RoundId>,
    /// Progress.
    pub progress: BTreeSet<(Wallet, String)>,
    /// Network prefixes.
    pub prefixes: BTreeSet<String>,
    /// Shared buckets.
    pub buckets: BTreeSet<SharedBucket>,
    /// Slots.
    pub slots: BTreeSet<u32>,
    /// Balances.
    pub balances: BTreeSet<Account>,
    /// Transfers.
    pub transfers: Vec<Posted>,
    /// Segments.
    pub segments: Vec<(RoundId, u32)>,
    /// Claims and their transcripts.
    pub claims: Vec<(RoundId, Vec<u8>)>,
    /// Addresses that were set.
    pub addresses: Vec<AddressRecord>,
    /// Withdrawals.
    pub withdrawals: BTreeSet<WithdrawalId>,
    /// Batches.
    pub batches: BTreeSet<BatchId>,
    /// Rails.
    pub rails: BTreeSet<Arc<str>>,
    /// Read-only keys.
    pub read_keys: BTreeSet<(Wallet, ClientId)>,
    /// Delegations.
    pub delegations: BTreeSet<(Wallet, ClientId)>,
    /// Vouchers.
    pub vouchers: BTreeSet<Hash>,
    /// What more came of sites.
    pub site_days: BTreeMap<SiteDayKey, SiteTally>,
    /// New messages to webhooks.
    pub deliveries: Vec<NewDelivery>,
    /// Messages to webhooks that are to be sent again.
    pub sent_again: Vec<SendAgain>,
    /// Documents.
    pub documents: BTreeSet<(DocumentKind, Arc<str>)>,
    /// New entries of the audit log.
    pub audit: Vec<AuditRecord>,
}

impl Changes {
    /// Whether nothing but segments changed.
    pub fn only_segments(&self) -> bool {
        self.wallets.is_empty()
            && self.rounds.is_empty()
            && self.progress.is_empty()
            && self.prefixes.is_empty()
            && self.buckets.is_empty()
            && self.slots.is_empty()
            && self.balances.is_empty()
            && self.transfers.is_empty()
            && self.claims.is_empty()
            && self.addresses.is_empty()
            && self.withdrawals.is_empty()
            && self.batches.is_empty()
            && self.rails.is_empty()
            && self.read_keys.is_empty()
            && self.delegations.is_empty()
            && self.vouchers.is_empty()
            && self.site_days.is_empty()
            && self.deliveries.is_empty()
            && self.sent_again.is_empty()
            && self.documents.is_empty()
            && self.audit.is_empty()
    }
}

/// Effects.
impl WorkingSet {
    /// Applies effects, and remembers what they changed.
    pub fn apply(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            self.apply_one(effect);
        }
    }

    fn apply_one(&mut self, effect: Effect) {
        match effect {
            Effect::Wallet(record) => {
                self.changes.wallets.insert(record.wallet);
                self.load_wallet(record);
            }
            Effect::Round(record) => {
                self.changes.rounds.insert(record.id);
                self.load_round(record);
            }
            Effect::Progress(wallet, level, progress) => {
                self.changes.progress.insert((wallet, level.clone()));
                self.load_progress(wallet, level, progress);
            }
            Effect::Prefix(prefix, record) => {
                self.changes.prefixes.insert(prefix.clone());
                self.load_prefix(prefix, record);
            }
            Effect::Bucket(name, bucket) => {
                self.changes.buckets.insert(name.clone());
                self.load_bucket(name, bucket);
            }
            Effect::Slot(record) => {
                self.changes.slots.insert(record.number);
                self.load_slot(record);
            }
            Effect::Transfer(posted) => {
                let transfer = &posted.transfer;
                self.last_transfer = self.last_transfer.max(transfer.id);
                for (account, balance) in [
                    (transfer.debit_account(), posted.debit_balance),
                    (transfer.credit_account(), posted.credit_balance),
                ] {
                    self.changes.balances.insert(account.clone());
                    self.load_balance(account, balance);
                }
                self.changes.transfers.push(posted);
            }
            Effect::Segment(round, segment) => {
                let tail = StoredSegment::tail(std::slice::from_ref(&segment));
                self.changes.segments.push((round, segment.number));
                self.load_tail(round, tail);
                self.load_segment(round, segment);
            }
            Effect::Claim(claim, transcript) => {
                self.changes.claims.push((claim.receipt.round, transcript));
                self.load_claim(*claim);
            }
            Effect::Address(record) => {
                self.changes.addresses.push(record.clone());
                self.load_address(record);
            }
            Effect::Withdrawal(record) => {
                self.changes.withdrawals.insert(record.id);
                self.load_withdrawal(record);
            }
            Effect::Delegation(record) => {
                self.changes.delegations.insert((record.wallet, record.client_id));
                self.load_delegation(record);
            }
            Effect::ReadKey(record) => {
                self.changes.read_keys.insert((record.wallet, record.client_id));
                self.load_read_key(record);
            }
            Effect::Voucher(record) => {
                self.changes.vouchers.insert(record.hash);
                self.load_voucher(record);
            }
            Effect::SiteDay(key, more) => {
                let tally = self.changes.site_days.entry(key.clone()).or_default();
                *tally = tally.plus(more);
                self.add_site_day(key, more);
            }
            Effect::Delivery(new) => self.changes.deliveries.push(new),
            Effect::SendAgain(again) => self.changes.sent_again.push(again),
            Effect::Document(document) => {
                self.changes.documents.insert((document.kind, Arc::clone(&document.id)));
                self.load_document(document);
            }
            Effect::Audit(record) => {
                self.load_audit_head(Some(record.head()));
                self.changes.audit.push(record);
            }
            Effect::Rail(record) => {
                self.changes.rails.insert(Arc::clone(&record.id));
                self.load_rail(record);
            }
            Effect::Batch(record) => {
                self.changes.batches.insert(record.id);
                self.load_batch(record);
            }
        }
    }

    /// Whether one of these changes is a round's final segment.
    pub fn finishes(&self, changes: &Changes) -> bool {
        let is_last = |(round, number): &(RoundId, u32)| {
            self.segment(*round, *number).is_some_and(|segment| segment.last)
        };
        changes.segments.iter().any(is_last)
    }

    /// What has to be written, and forgets it.
    pub fn take_changes(&mut self) -> Changes {
        std::mem::take(&mut self.changes)
    }
}
