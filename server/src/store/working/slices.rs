//! Slots of servers in the working set, and what claims are paid from.

use std::collections::BTreeSet;
use std::sync::Arc;

use dripline_shared::amount::Amount;

use super::WorkingSet;
use crate::ledger::{Account, Balance, Holder};
use crate::store::record::{SharedBucket, SlotRecord};

/// Facts.
impl WorkingSet {
    /// All slots that were loaded, by rising numbers.
    pub fn slots(&self) -> Vec<SlotRecord> {
        self.slots.values().copied().collect()
    }

    /// A slot.
    pub fn slot(&self, number: u32) -> Option<&SlotRecord> {
        self.slots.get(&number)
    }

    /// The slot whose part this batch decides on; `None` where it decides on the whole.
    pub fn own_slot(&self) -> Option<u32> {
        self.own_slot
    }

    /// Into how many parts that is divided of which this batch decides on one.
    pub fn parts(&self) -> u32 {
        self.own_slot.and_then(|slot| self.slots.get(&slot)).map_or(1, |slot| slot.parts)
    }

    /// The bucket that claims go through here: the whole, or this slot's part of it.
    pub fn bucket_here(&self, name: SharedBucket) -> SharedBucket {
        match self.own_slot {
            Some(slot) => name.part(slot),
            None => name,
        }
    }

    /// Who pays the drips of a campaign here: the campaign, or this slot's slice of it.
    pub fn payer_of(&self, campaign: &Arc<str>) -> Holder {
        match self.own_slot {
            Some(slot) => Holder::Slice(slot, Arc::clone(campaign)),
            None => Holder::Campaign(Arc::clone(campaign)),
        }
    }

    /// What drips of a campaign can be paid from here; where this is the whole, all slices count.
    pub fn left_here(&self, asset: &Arc<str>, campaign: &Arc<str>) -> Amount {
        let balance = |holder| self.balance(&Account::new(asset, holder)).amount();
        let add = |sum: Amount, more| sum.checked_add(more).unwrap_or(Amount::MAX);
        let here = balance(self.payer_of(campaign));
        if self.own_slot.is_some() {
            return here;
        }
        let slices = self.slots.keys().map(|slot| balance(Holder::Slice(*slot, Arc::clone(campaign))));
        slices.fold(here, add)
    }

    /// The whole buckets of claims that were loaded, or of which parts were.
    pub(crate) fn claim_buckets(&self) -> BTreeSet<SharedBucket> {
        let whole = |name: &SharedBucket| match name {
            SharedBucket::Part(_, name) => Some((**name).clone()),
            SharedBucket::Rail(..) => None,
            name => Some(name.clone()),
        };
        self.buckets.keys().filter_map(whole).collect()
    }

    /// Slices that hold anything, in the order of their accounts.
    pub(crate) fn slice_balances(&self) -> Vec<(&Account, Balance)> {
        let is_slice = |(account, balance): &(&Account, Balance)| {
            matches!(account.holder, Holder::Slice(..)) && balance.0 > 0
        };
        let each = self.balances.iter().map(|(account, balance)| (account, *balance));
        let mut found: Vec<_> = each.filter(is_slice).collect();
        found.sort_unstable();
        found
    }
}

/// Loading.
impl WorkingSet {
    /// Takes a slot.
    pub fn load_slot(&mut self, record: SlotRecord) {
        self.slots.insert(record.number, record);
    }

    /// Has this batch decide on the part of this slot.
    pub fn decide_on_part(&mut self, slot: u32) {
        self.own_slot = Some(slot);
    }
}
