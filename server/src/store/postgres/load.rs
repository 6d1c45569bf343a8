//! Loading: every fact that a batch needs, read before its first decision, with what must not change meanwhile locked.
//!
//! Locks are taken in one order, by every server: what operators change, rails, batches of withdrawals, wallets, network prefixes, vouchers, slots, accounts
//! of the world, of fees and of what chains are paid with; within each in the order of its key. So whoever waits for a lock holds none that comes later,
//! and nobody waits in a circle.
//!
//! No claim locks a campaign or a bucket that all share, where several servers are at work: each has a part of them, by a
//! slot (`play::slices`). The lock of a slot's row is the lock of its slices and of its parts of buckets, and a claim locks
//! its own server's alone. Whoever needs the whole takes an advisory lock, before any of a slot, and then the slots of
//! all; that is the lock of campaigns' accounts and of whole buckets. A rail's buckets are locked with the rail.
//!
//! The lock of a wallet's row is the lock of all that is the wallet's: its rounds and their play, its progress, its
//! addresses, its withdrawals, its accounts. They are read after it, by statements of their own, which see what was
//! committed until then; nobody writes them without it. The exceptions are segments that are not a round's final one:
//! they lock nothing, so that play costs little. Their key decides who was first, and one that is stored while its
//! round is closed is harmless.
//!
//! What is not there cannot be locked. Whoever makes it inserts it without "or update": where another server was faster,
//! its key is taken, and the batch is decided anew.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use dripline_shared::round::{ClientId, RoundId};
use dripline_shared::wallet::Wallet;

use crate::check::withdrawal::ADDRESSES_MAX;
use crate::ledger::{Account, Holder};
use crate::store::columns::write_closing;
use crate::store::command::Command;
use crate::store::postgres::failure::Failure;
use crate::store::postgres::intern::Levels;
use crate::store::postgres::load_shared::Access;
use crate::store::postgres::payouts::{self, read_rail, select_rail};
use crate::store::postgres::rows::{
    self, read_prefix, read_progress, read_rounds, read_segment, read_wallet, select_progress, select_round,
    select_wallet,
};
use crate::store::postgres::session::Session;
use crate::store::postgres::wanted::Wanted;
use crate::store::postgres::{delegations, documents, players, read_keys, vouchers};
use crate::store::record::{Closing, DocumentKind, ServerId, SharedBucket, WithdrawalRecord};
use crate::store::working::WorkingSet;

/// The working set of a batch, and what of it has rows.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    pub(super) set: WorkingSet,
    /// The row ids of wallets, all of which are locked.
    pub(super) wallets: HashMap<Wallet, i64>,
    /// The row ids of rounds.
    pub(super) rounds: HashMap<RoundId, i64>,
    /// Rails, which are locked.
    pub(super) rails: HashSet<Arc<str>>,
    /// Network prefixes, which are locked.
    pub(super) prefixes: HashSet<String>,
    /// Shared buckets.
    pub(super) buckets: HashSet<SharedBucket>,
    /// Accounts of the faucet.
    pub(super) accounts: HashSet<Account>,
    /// The ids that were taken for transfers, as the first one and the first one after them.
    pub(super) transfer_ids: (i64, i64),
}

/// Reads the facts that a batch needs.
pub(super) fn load(
    session: &mut Session,
    levels: &mut Levels,
    batch: &[Command],
    access: Access,
) -> Result<Loaded, Failure> {
    let wanted = Wanted::of(batch);
    let mut loader = Loader { session, levels, server: access.server, loaded: Loaded::default() };
    if let Some(documents) = &wanted.operations {
        documents::load(loader.session, &mut loader.loaded.set, documents)?;
    }
    let withdrawals = loader.payouts(&wanted)?;
    loader.wallets(&wanted, &withdrawals)?;
    loader.rounds(&wanted)?;
    loader.unclosed(&wanted)?;
    loader.play(&wanted)?;
    loader.progress(&wanted)?;
    loader.of_wallets(&wanted, &withdrawals)?;
    loader.prefixes(&wanted)?;
    loader.vouchers(&wanted)?;
    loader.shared(&wanted, access)?;
    let leaving =
        if wanted.ends_batches { withdrawals.len().saturating_add(wanted.withdraws.len()) } else { 0 };
    // Each claim is a transfer, and each withdrawal; whatever leaves a pending account leaves it as two, once.
    let most = wanted.claimed.len().saturating_add(wanted.withdraws.len()).saturating_add(2 * leaving);
    // What a chain is paid takes four at most: funding, setting aside, the fee, and giving back.
    let most = most.saturating_add(wanted.pays_dormant).saturating_add(loader.slicing(&wanted));
    let most = most.saturating_add(4 * wanted.costs).saturating_add(loader.moving(&wanted));
    loader.transfer_ids(most)?;
    Ok(loader.loaded)
}

/// What reads them, one kind after the other.
pub(super) struct Loader<'a> {
    pub(super) session: &'a mut Session,
    levels: &'a mut Levels,
    pub(super) server: ServerId,
    pub(super) loaded: Loaded,
}

impl Loader<'_> {
    /// Locks rails that are named or that batches or withdrawals are of, and batches, and reads what they have. Gives the withdrawals, of
    /// which only holders of these locks change how they stand.
    fn payouts(&mut self, wanted: &Wanted<'_>) -> Result<Vec<WithdrawalRecord>, Failure> {
        let mut withdrawals = Vec::new();
        let batches: Vec<&[u8]> = wanted.batches.iter().map(|id| &id.0[..]).collect();
        let singles: Vec<&[u8]> = wanted.withdrawals.iter().map(|id| &id.0[..]).collect();
        let are_all = !wanted.players.is_empty();
        if are_all || !wanted.rails.is_empty() || !batches.is_empty() || !singles.is_empty() {
            let names: Vec<&str> = wanted.rails.iter().copied().collect();
            let rows = self.session.query(
                concat!(
                    select_rail!(),
                    "WHERE $4 OR name = ANY($1) OR id IN (SELECT rail FROM batches WHERE batch = ANY($2)
                     UNION SELECT rail FROM withdrawals WHERE withdrawal = ANY($3)) ORDER BY id FOR UPDATE"
                ),
                &[&names, &batches, &singles, &are_all],
            )?;
            for row in &rows {
                let record = read_rail(row)?;
                self.loaded.rails.insert(Arc::clone(&record.id));
                self.loaded.set.load_rail(record);
            }
        }
        for (queue, most) in &wanted.queues {
            withdrawals.extend(payouts::queue(self.session, *queue, *most)?);
        }
        // With their rails locked, nobody else takes withdrawals into a batch or out of it.
        let of_singles = payouts::batches_of(self.session, &singles)?;
        let batches: Vec<&[u8]> = batches.into_iter().chain(of_singles.iter().map(|id| &id[..])).collect();
        withdrawals.extend(payouts::withdrawals(self.session, &singles)?);
        if !batches.is_empty() {
            self.session
                .query("SELECT id FROM batches WHERE batch = ANY($1) ORDER BY id FOR UPDATE", &[&batches])?;
            let batches = payouts::batches(self.session, &batches)?;
            if wanted.ends_batches {
                let of_batches = batches.iter().flat_map(|batch| &batch.withdrawals);
                let ids: Vec<&[u8]> = of_batches.map(|id| &id.0[..]).collect();
                withdrawals.extend(payouts::withdrawals(self.session, &ids)?);
            }
            for batch in batches {
                self.loaded.set.load_batch(batch);
            }
        }
        for record in &withdrawals {
            self.loaded.set.load_withdrawal(record.clone());
        }
        Ok(withdrawals)
    }

    /// Locks the rows of wallets: those that are named, and those of rounds and withdrawals that may change.
    fn wallets(&mut self, wanted: &Wanted<'_>, withdrawals: &[WithdrawalRecord]) -> Result<(), Failure> {
        let keys: BTreeSet<&[u8]> = wanted
            .wallets
            .iter()
            .map(|wallet| &wallet.0[..])
            .chain(withdrawals.iter().map(|record| &record.wallet.0[..]))
            .collect();
        let keys: Vec<&[u8]> = keys.into_iter().collect();
        let rounds: Vec<&[u8]> = wanted.closing.iter().map(|round| &round.0[..]).collect();
        if keys.is_empty() && rounds.is_empty() {
            return Ok(());
        }
        let rows = self.session.query(
            concat!(
                select_wallet!(),
                "WHERE id = ANY(ARRAY(SELECT id FROM wallets WHERE key = ANY($1)
                 UNION SELECT wallet FROM rounds WHERE round = ANY($2))) ORDER BY id FOR UPDATE"
            ),
            &[&keys, &rounds],
        )?;
        for row in &rows {
            let (id, record) = read_wallet(row)?;
            self.loaded.wallets.insert(record.wallet, id);
            self.loaded.set.load_wallet(record);
        }
        Ok(())
    }

    /// The row ids of these wallets, of those that have one.
    fn ids(&self, wallets: impl IntoIterator<Item = Wallet>) -> Vec<i64> {
        let ids: BTreeSet<i64> =
            wallets.into_iter().filter_map(|wallet| self.loaded.wallets.get(&wallet).copied()).collect();
        ids.into_iter().collect()
    }

    /// The row ids of wallets and client ids, of those that have one.
    fn clients<'w>(&self, wanted: &'w BTreeSet<(Wallet, ClientId)>) -> (Vec<i64>, Vec<&'w [u8]>) {
        let with_id = |(wallet, client): &'w (Wallet, ClientId)| {
            self.loaded.wallets.get(wallet).map(|id| (*id, &client.0[..]))
        };
        wanted.iter().filter_map(with_id).unzip()
    }

    /// Reads rounds: those that are named, those that wallets have in play and would open another beside, and those that
    /// they opened under the same client id.
    fn rounds(&mut self, wanted: &Wanted<'_>) -> Result<(), Failure> {
        let mut ids = wanted.rounds.clone();
        ids.extend(self.in_play(wanted));
        let ids: Vec<&[u8]> = ids.iter().map(|round| &round.0[..]).collect();
        let (wallets, clients) = self.clients(&wanted.opens);
        if ids.is_empty() && wallets.is_empty() {
            return Ok(());
        }
        let rows = self.session.query(
            concat!(
                select_round!(),
                "WHERE r.id = ANY(ARRAY(SELECT id FROM rounds WHERE round = ANY($1)
                 UNION SELECT known.id FROM unnest($2::bigint[], $3::bytea[]) AS sent (wallet, client)
                     JOIN rounds known ON known.wallet = sent.wallet AND known.client = sent.client))"
            ),
            &[&ids, &wallets, &clients],
        )?;
        for (id, record) in read_rounds(self.session, self.levels, &rows)? {
            // It was opened after the rows of wallets were read.
            if wanted.closing.contains(&record.id) && !self.loaded.wallets.contains_key(&record.wallet) {
                return Err(Failure::Conflict);
            }
            self.loaded.rounds.insert(record.id, id);
            self.loaded.set.load_round(record);
        }
        Ok(())
    }

    /// Reads the rounds of keys that were not closed and whose all is moved, and how far they have been sent.
    fn unclosed(&mut self, wanted: &Wanted<'_>) -> Result<(), Failure> {
        let guests = self.ids(wanted.moves.iter().map(|(guest, _)| *guest));
        if guests.is_empty() {
            return Ok(());
        }
        let rows = self.session.query(
            concat!(select_round!(), "WHERE r.wallet = ANY($1) AND r.stage = $2"),
            &[&guests, &write_closing(Closing::NotYet)],
        )?;
        let found = read_rounds(self.session, self.levels, &rows)?;
        let rounds: Vec<&[u8]> = found.iter().map(|(_, record)| &record.id.0[..]).collect();
        for (round, tail) in rows::tails(self.session, &rounds)? {
            self.loaded.set.load_tail(round, tail);
        }
        for (id, record) in found {
            self.loaded.rounds.insert(record.id, id);
            self.loaded.set.load_round(record);
        }
        Ok(())
    }

    /// How many transfers it may take to move all that keys have: for each of them one an asset that any of them has, or gets
    /// back, for the wallet that one moves to may itself move on in this batch; and one of what is claimed in it.
    fn moving(&self, wanted: &Wanted<'_>) -> usize {
        let holders =
            wanted.moves.iter().flat_map(|(guest, _)| [Holder::Player(*guest), Holder::Pending(*guest)]);
        let of_each = holders.flat_map(|holder| self.loaded.set.balances_of(&holder));
        let assets: BTreeSet<Arc<str>> = of_each.map(|(asset, _)| asset).collect();
        wanted.moves.len().saturating_mul(assets.len().saturating_add(1))
    }

    /// The rounds that wallets have in play which would open another.
    fn in_play(&self, wanted: &Wanted<'_>) -> BTreeSet<RoundId> {
        let open_round = |(wallet, _): &(Wallet, ClientId)| {
            self.loaded.set.wallet(*wallet).and_then(|wallet| wallet.open_round)
        };
        wanted.opens.iter().filter_map(open_round).collect()
    }

    /// Reads how far rounds have been sent, segments that are sent again, and the claims of rounds that are claimed.
    fn play(&mut self, wanted: &Wanted<'_>) -> Result<(), Failure> {
        let mut rounds: BTreeSet<RoundId> = wanted.segments.iter().map(|(round, _)| *round).collect();
        rounds.extend(self.in_play(wanted));
        let rounds: Vec<&[u8]> = rounds.iter().map(|round| &round.0[..]).collect();
        if !rounds.is_empty() {
            for (round, tail) in rows::tails(self.session, &rounds)? {
                self.loaded.set.load_tail(round, tail);
            }
        }
        let again = wanted.segments.iter().filter(|(round, at)| *at < self.loaded.set.tail(*round).segments);
        let (rounds, numbers): (Vec<&[u8]>, Vec<i64>) =
            again.map(|(round, number)| (&round.0[..], i64::from(*number))).unzip();
        if !rounds.is_empty() {
            let rows = self.session.query(
                "SELECT s.round, s.number, s.length, s.bytes, s.last, s.hash
                 FROM unnest($1::bytea[], $2::bigint[]) AS sent (round, number)
                 JOIN segments s ON s.round = sent.round AND s.number = sent.number",
                &[&rounds, &numbers],
            )?;
            for row in &rows {
                let (round, segment) = read_segment(row)?;
                self.loaded.set.load_segment(round, segment);
            }
        }
        let is_claimed = |round: &&RoundId| {
            self.loaded.set.round(**round).is_some_and(|round| round.closing == Closing::Claimed)
        };
        let claimed: Vec<i64> = wanted
            .claimed
            .iter()
            .filter(is_claimed)
            .filter_map(|round| self.loaded.rounds.get(round).copied())
            .collect();
        if !claimed.is_empty() {
            for claim in rows::claims(self.session, &claimed)? {
                self.loaded.set.load_claim(claim);
            }
        }
        Ok(())
    }

    /// Reads what wallets reached: in all levels, where they open a round or one moves all it has to the other, else in the level of their claim.
    fn progress(&mut self, wanted: &Wanted<'_>) -> Result<(), Failure> {
        let moving = wanted.moves.iter().flat_map(|(guest, to)| [*guest, *to]);
        let opening = self.ids(wanted.opens.iter().map(|(wallet, _)| *wallet).chain(moving));
        // Where the round is opened in the same batch, or cannot be paid for want of a level, there is nothing to read.
        let level_of = |round: &RoundId| {
            let round = self.loaded.set.round(*round)?;
            let id = self.loaded.wallets.get(&round.wallet)?;
            round.level.pinned().ok().map(|level| (*id, level.level.id.clone()))
        };
        let claims: BTreeSet<(i64, String)> = wanted.claimed.iter().filter_map(level_of).collect();
        let (wallets, levels): (Vec<i64>, Vec<String>) = claims.into_iter().unzip();
        if opening.is_empty() && wallets.is_empty() {
            return Ok(());
        }
        let rows = self.session.query(
            concat!(
                select_progress!(),
                "WHERE p.wallet = ANY($1) UNION ",
                select_progress!(),
                "JOIN unnest($2::bigint[], $3::text[]) AS claimed (wallet, level)
                 ON p.wallet = claimed.wallet AND p.level = claimed.level"
            ),
            &[&opening, &wallets, &levels],
        )?;
        let keys: HashMap<i64, Wallet> =
            self.loaded.wallets.iter().map(|(wallet, id)| (*id, *wallet)).collect();
        for row in &rows {
            let (id, level, progress) = read_progress(row)?;
            if let Some(wallet) = keys.get(&id) {
                self.loaded.set.load_progress(*wallet, level, progress);
            }
        }
        Ok(())
    }

    /// Reads what else is the wallets': accounts, addresses, withdrawals.
    fn of_wallets(&mut self, wanted: &Wanted<'_>, withdrawals: &[WithdrawalRecord]) -> Result<(), Failure> {
        let withdrawing = || wanted.withdraws.iter().map(|(wallet, _)| *wallet);
        let claiming =
            wanted.claimed.iter().filter_map(|id| self.loaded.set.round(*id)).map(|round| round.wallet);
        let leaving = withdrawals.iter().filter(|_| wanted.ends_batches).map(|record| record.wallet);
        let claiming = claiming.chain(wanted.claiming.iter().copied());
        let dormant = || wanted.dormant.iter().copied();
        let moving = wanted.moves.iter().flat_map(|(guest, to)| [*guest, *to]);
        let with_accounts =
            self.ids(claiming.chain(withdrawing()).chain(leaving).chain(dormant()).chain(moving));
        if !with_accounts.is_empty() {
            for (account, balance) in rows::wallet_accounts(self.session, &with_accounts)? {
                self.loaded.set.load_balance(account, balance);
            }
        }
        let setting = self.ids(wanted.set_addresses.iter().map(|(wallet, _)| *wallet));
        if !setting.is_empty() {
            for record in payouts::addresses_lately(self.session, &setting, ADDRESSES_MAX)? {
                self.loaded.set.load_older_address(record);
            }
        }
        let setting = wanted.set_addresses.iter().map(|(wallet, _)| *wallet);
        let guests = wanted.moves.iter().map(|(guest, _)| *guest);
        let with_addresses = self.ids(withdrawing().chain(setting).chain(dormant()).chain(guests));
        if !with_addresses.is_empty() {
            for record in payouts::addresses(self.session, &with_addresses)? {
                self.loaded.set.load_address(record);
            }
        }
        let sleeping = self.ids(dormant());
        if !sleeping.is_empty() {
            for record in payouts::withdrawals_since_last_signed(self.session, &sleeping)? {
                if self.loaded.set.withdrawal(record.id).is_none() {
                    self.loaded.set.load_withdrawal(record);
                }
            }
        }
        let players = self.ids(wanted.players.iter().copied());
        if !players.is_empty() {
            for record in players::waiting_of_wallets(self.session, &players)? {
                if self.loaded.set.withdrawal(record.id).is_none() {
                    self.loaded.set.load_withdrawal(record);
                }
            }
        }
        let with_keys = self.ids(wanted.read_keys.iter().copied());
        if !with_keys.is_empty() {
            for record in read_keys::of_wallets(self.session, &with_keys)? {
                self.loaded.set.load_read_key(record);
            }
        }
        let delegating = self.ids(wanted.delegations.iter().copied());
        if !delegating.is_empty() {
            for record in delegations::of_wallets(self.session, &delegating)? {
                self.loaded.set.load_delegation(record);
            }
        }
        let (wallets, clients) = self.clients(&wanted.set_addresses);
        if !wallets.is_empty() {
            for record in payouts::addresses_of_clients(self.session, &wallets, &clients)? {
                if self.loaded.set.address_of_client(record.wallet, record.client_id).is_none() {
                    self.loaded.set.load_older_address(record);
                }
            }
        }
        let (wallets, clients) = self.clients(&wanted.withdraws);
        if !wallets.is_empty() {
            for record in payouts::withdrawals_of_clients(self.session, &wallets, &clients)? {
                self.loaded.set.load_withdrawal(record);
            }
        }
        Ok(())
    }

    /// Locks and reads what network prefixes have used.
    fn prefixes(&mut self, wanted: &Wanted<'_>) -> Result<(), Failure> {
        let prefixes: Vec<&str> = wanted.prefixes.iter().copied().collect();
        if prefixes.is_empty() {
            return Ok(());
        }
        let rows = self.session.query(
            "SELECT prefix, opens_ms, level, remainder, at_ms FROM prefixes WHERE prefix = ANY($1)
             ORDER BY prefix FOR UPDATE",
            &[&prefixes],
        )?;
        for row in &rows {
            let (prefix, record) = read_prefix(row)?;
            self.loaded.prefixes.insert(prefix.clone());
            self.loaded.set.load_prefix(prefix, record);
        }
        Ok(())
    }

    /// Locks and reads vouchers that are named, and reads the documents of those that they were made with.
    fn vouchers(&mut self, wanted: &Wanted<'_>) -> Result<(), Failure> {
        if wanted.vouchers.is_empty() {
            return Ok(());
        }
        for voucher in vouchers::lock(self.session, &wanted.vouchers)? {
            if let Some(issue) = documents::one(self.session, DocumentKind::Vouchers, &voucher.issue)? {
                self.loaded.set.load_document(issue);
            }
            self.loaded.set.load_voucher(voucher);
        }
        Ok(())
    }

    /// Takes ids for so many transfers. All accounts that they may be between are locked by now, so ids rise along each.
    fn transfer_ids(&mut self, most: usize) -> Result<(), Failure> {
        if most == 0 {
            return Ok(());
        }
        let count = i64::try_from(most).unwrap_or(i64::MAX);
        let first = take_transfer_ids(self.session, count)?;
        self.loaded.transfer_ids = (first, first.saturating_add(count));
        self.loaded.set.load_last_transfer(u64::try_from(first.saturating_sub(1)).unwrap_or_default());
        Ok(())
    }
}

/// Takes so many ids for transfers, which nobody else gets, and gives the first of them.
pub(super) fn take_transfer_ids(session: &mut Session, count: i64) -> Result<i64, Failure> {
    let row = session.query_one("SELECT take_transfer_ids($1)", &[&count])?.ok_or(Failure::Missing)?;
    Ok(row.try_get(0)?)
}
