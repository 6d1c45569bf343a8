//! Loading what all share: budgets and ceilings, or this server's part of them. What locks what is said at the head of
//! `load`.

use postgres::Row;

use crate::ledger::{Account, Holder};
use crate::store::postgres::failure::Failure;
use crate::store::postgres::load::Loader;
use crate::store::postgres::rows::{
    read_buckets, read_faucet_accounts, read_slot, select_buckets, select_faucet_accounts, select_slots,
};
use crate::store::postgres::wanted::Wanted;
use crate::store::postgres::{LOCKS, SLICING};
use crate::store::record::ServerId;

/// On what of all that is shared a server decides claims.
#[derive(Debug, Clone, Copy)]
pub(super) struct Access {
    /// Which server.
    pub(super) server: ServerId,
    /// Whether it needs the whole, because its part did not suffice.
    pub(super) is_whole: bool,
}

impl Loader<'_> {
    /// Reads what all share. Claims are decided on this server's part of it, where it is divided, else on the whole of it,
    /// which nobody else has meanwhile; where a round is opened, it is only told.
    pub(super) fn shared(&mut self, wanted: &Wanted<'_>, access: Access) -> Result<(), Failure> {
        let claims = !wanted.claimed.is_empty();
        if claims {
            if access.is_whole || !self.own_part(access.server)? {
                self.whole()?;
            }
        } else if !wanted.opens.is_empty() {
            let rows = self.session.query(concat!(select_slots!(), "ORDER BY number"), &[])?;
            self.take_slots(&rows)?;
        }
        // The locks of rails and slots are those of their buckets.
        if claims || !wanted.queues.is_empty() || !wanted.opens.is_empty() {
            let rows = self.session.query(select_buckets!(), &[])?;
            for (name, bucket) in read_buckets(&rows)? {
                self.loaded.buckets.insert(name.clone());
                self.loaded.set.load_bucket(name, bucket);
            }
        }
        if claims || !wanted.opens.is_empty() {
            let rows = self.session.query(select_faucet_accounts!("IN ('campaign', 'slice')"), &[])?;
            self.take_accounts(&rows)?;
        }
        if wanted.ends_batches || wanted.costs > 0 {
            let sql = concat!(
                select_faucet_accounts!("IN ('world', 'fees', 'operating', 'reserved')"),
                " FOR UPDATE OF a"
            );
            let rows = self.session.query(sql, &[])?;
            self.take_accounts(&rows)?;
        }
        Ok(())
    }

    /// Locks the slot of a server by which it has a part; tells whether there is such a one.
    fn own_part(&mut self, server: ServerId) -> Result<bool, Failure> {
        // Without a lock first: whoever wants the whole may hold none of a slot before.
        let find = "SELECT 1 FROM slots WHERE server = $1 AND parts > 1";
        if self.session.query_one(find, &[&&server.0[..]])?.is_none() {
            return Ok(false);
        }
        let lock = concat!(select_slots!(), "WHERE server = $1 AND parts > 1 FOR UPDATE");
        let rows = self.session.query(lock, &[&&server.0[..]])?;
        self.take_slots(&rows)?;
        let slot = self.loaded.set.slots().first().map(|slot| slot.number).ok_or(Failure::RanShort)?;
        self.loaded.set.decide_on_part(slot);
        Ok(true)
    }

    /// Locks all that is shared, divided or not.
    fn whole(&mut self) -> Result<(), Failure> {
        self.session.run(&format!("SELECT pg_advisory_xact_lock({LOCKS}, {SLICING})"))?;
        let rows = self.session.query(concat!(select_slots!(), "ORDER BY number FOR UPDATE"), &[])?;
        self.take_slots(&rows)
    }

    fn take_slots(&mut self, rows: &[Row]) -> Result<(), Failure> {
        for row in rows {
            self.loaded.set.load_slot(read_slot(row)?);
        }
        Ok(())
    }

    fn take_accounts(&mut self, rows: &[Row]) -> Result<(), Failure> {
        for (account, balance) in read_faucet_accounts(rows)? {
            self.loaded.accounts.insert(account.clone());
            self.loaded.set.load_balance(account, balance);
        }
        Ok(())
    }

    /// How many transfers it may take to gather what is divided, and to divide it again.
    pub(super) fn slicing(&self, wanted: &Wanted<'_>) -> usize {
        let slots = self.loaded.set.slots().len();
        if wanted.claimed.is_empty() || self.loaded.set.own_slot().is_some() || slots == 0 {
            return 0;
        }
        let is_campaign = |account: &&Account| matches!(account.holder, Holder::Campaign(_));
        let campaigns = self.loaded.accounts.iter().filter(is_campaign).count();
        let divided = self.loaded.set.slice_balances().len();
        // Alone there is nobody to divide it with.
        let others = self.loaded.set.slots().iter().any(|slot| slot.server != self.server);
        if others || divided > 0 { divided.saturating_add(campaigns * slots.saturating_add(1)) } else { 0 }
    }
}
