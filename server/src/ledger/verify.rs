//! Verification: every balance recomputed from the transfers, and every invariant of the ledger checked.
//!
//! Pure but for [`verify_ledger`] and [`verify_database`], which read the store row by row, so that a store of any size can be verified.

mod costs;
mod requests;
mod withdrawals;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use dripline_shared::amount::Amount;
use dripline_shared::api::{Receipt, SignedTreeHead};
use dripline_shared::log::NodeHash;
use dripline_shared::round::{Hash, RoundId};
use dripline_shared::site::NO_CAMPAIGN;
use dripline_shared::wallet::Wallet;

use crate::keys::Keys;
use crate::ledger::{Balance, Holder, Kind};
use crate::store::StorageError;
use crate::store::postgres::{DatabaseAddress, audit as database_audit};
use crate::store::sqlite::audit;

pub use costs::BatchRow;
use costs::Costs;
pub use requests::RequestRow;
use withdrawals::Steps;
pub use withdrawals::{StageRow, WithdrawalRow};

/// The most findings that a report tells in words; the rest is counted.
const FINDINGS_MAX: usize = 100;

/// What `dripline ledger verify` found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerReport {
    /// Accounts.
    pub accounts: u64,
    /// Transfers.
    pub transfers: u64,
    /// Claimed rounds.
    pub claims: u64,
    /// Withdrawals.
    pub withdrawals: u64,
    /// The log of transfers.
    pub log: Option<TreeSize>,
    /// What players hold and have pending, in ledger units, by the code of the asset.
    pub held: BTreeMap<String, Amount>,
    /// Everything that is not as it must be; empty where all is well.
    pub findings: Vec<String>,
}

/// How many leaves a log has, and the root over them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TreeSize {
    /// Leaves.
    pub leaves: u64,
    /// The root.
    pub root: NodeHash,
}

/// Why a ledger could not be verified at all.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the ledger: {0}")]
pub struct LedgerError(pub String);

/// Recomputes every balance and the log from the transfers and checks every invariant. The log must have been what these
/// heads say, which somebody kept elsewhere. Reads only; a server may be running.
pub fn verify_ledger(data: &Path, heads: &[SignedTreeHead]) -> Result<LedgerReport, LedgerError> {
    verify(data, |verifier| audit::scan(data, heads, verifier))
}

/// As [`verify_ledger`], of a store in a database; the keys are in the data directory.
pub fn verify_database(
    address: &DatabaseAddress,
    data: &Path,
    heads: &[SignedTreeHead],
) -> Result<LedgerReport, LedgerError> {
    verify(data, |verifier| database_audit::scan(address, heads, verifier))
}

fn verify(
    data: &Path,
    scan: impl FnOnce(&mut Verifier<'_>) -> Result<(), StorageError>,
) -> Result<LedgerReport, LedgerError> {
    let keys = Keys::read(&data.join(crate::keys::DIRECTORY))
        .map_err(|error| LedgerError(format!("the keys: {error}")))?
        .ok_or_else(|| LedgerError(format!("{} has no keys", data.display())))?;
    let mut verifier = Verifier::new(&keys);
    scan(&mut verifier).map_err(|error| LedgerError(error.to_string()))?;
    Ok(verifier.finish())
}

/// An account as verification sees it: by the row that it is stored in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountRow {
    /// Its row id.
    pub id: i64,
    /// The row id of its asset; 0 where the account is not stored.
    pub asset: i64,
    /// Of which kind its holder is.
    pub holder: HolderRow,
    /// The row id of its owner: of a wallet, of a campaign, or 0.
    pub owner: i64,
}

/// The kinds of holders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HolderRow {
    /// The world.
    World,
    /// The treasury.
    Treasury,
    /// What players paid for payouts.
    Fees,
    /// What chains are paid with.
    Operating,
    /// What of that is set aside.
    Reserved,
    /// A campaign.
    Campaign,
    /// What a server has of a campaign.
    Slice,
    /// A player.
    Player,
    /// What a player asked to be paid.
    Pending,
    /// None that this build knows, or the account is not stored.
    Unknown,
}

impl HolderRow {
    /// The kind that is stored under this name.
    pub fn parse(name: Option<&str>) -> Self {
        match name {
            Some("world") => Self::World,
            Some("treasury") => Self::Treasury,
            Some("fees") => Self::Fees,
            Some("operating") => Self::Operating,
            Some("reserved") => Self::Reserved,
            Some("campaign") => Self::Campaign,
            Some("slice") => Self::Slice,
            Some("player") => Self::Player,
            Some("pending") => Self::Pending,
            _ => Self::Unknown,
        }
    }
}

impl From<&Holder> for HolderRow {
    fn from(holder: &Holder) -> Self {
        match holder {
            Holder::World => Self::World,
            Holder::Treasury => Self::Treasury,
            Holder::Fees => Self::Fees,
            Holder::Operating => Self::Operating,
            Holder::Reserved => Self::Reserved,
            Holder::Campaign(_) => Self::Campaign,
            Holder::Slice(..) => Self::Slice,
            Holder::Player(_) => Self::Player,
            Holder::Pending(_) => Self::Pending,
        }
    }
}

/// A stored transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferRow {
    /// Its id.
    pub id: i64,
    /// When, in milliseconds since the epoch.
    pub at_ms: i64,
    /// Its kind, as stored.
    pub kind: String,
    /// Which account loses.
    pub debit: AccountRow,
    /// Which account gains.
    pub credit: AccountRow,
    /// How much.
    pub amount: i64,
    /// The loser's balance after it.
    pub debit_balance: i64,
    /// The gainer's balance after it.
    pub credit_balance: i64,
    /// What earned it.
    pub claim: Option<ClaimRow>,
    /// The row id of the withdrawal that it is a step of.
    pub withdrawal: Option<i64>,
    /// The row id of the batch whose execution it pays a chain for.
    pub batch: Option<i64>,
    /// The hash of its leaf in the log, once it is there.
    pub leaf: Option<NodeHash>,
    /// What it was worth then, in millionths of a currency, and the currency's code, as stored.
    pub worth: (Option<i64>, Option<String>),
}

/// What is stored of the claim that a transfer pays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimRow {
    /// The round.
    pub round: RoundId,
    /// The wallet whose round it is.
    pub wallet: Wallet,
    /// Its row id.
    pub owner: i64,
    /// The row id of the campaign that pays.
    pub campaign: i64,
    /// Whether the round is marked as claimed.
    pub claimed: bool,
    /// The receipt, where there is one that can be read.
    pub receipt: Option<Receipt>,
}

/// Takes a store row by row, all transfers by rising ids first.
#[derive(Debug)]
pub struct Verifier<'a> {
    keys: &'a Keys,
    balances: HashMap<AccountRow, i64>,
    /// Drips by the row id of the wallet.
    drips: HashMap<i64, u64>,
    paid: HashSet<RoundId>,
    stored: HashSet<AccountRow>,
    steps: Steps,
    costs: Costs,
    log: Option<TreeSize>,
    /// The sum over all accounts, by the row id of the asset.
    sums: BTreeMap<i64, i128>,
    held: BTreeMap<i64, u128>,
    assets: BTreeMap<i64, String>,
    /// The row id of the campaign, by that of its slice.
    slices: BTreeMap<i64, i64>,
    last_id: i64,
    transfers: u64,
    claims: u64,
    findings: Vec<String>,
    more: u64,
}

impl<'a> Verifier<'a> {
    /// Nothing seen yet. `keys` are the faucet's, whose signatures receipts carry.
    pub fn new(keys: &'a Keys) -> Self {
        Self {
            keys,
            balances: HashMap::new(),
            drips: HashMap::new(),
            paid: HashSet::new(),
            stored: HashSet::new(),
            steps: Steps::default(),
            costs: Costs::default(),
            log: None,
            sums: BTreeMap::new(),
            held: BTreeMap::new(),
            assets: BTreeMap::new(),
            slices: BTreeMap::new(),
            last_id: 0,
            transfers: 0,
            claims: 0,
            findings: Vec::new(),
            more: 0,
        }
    }

    /// The fingerprint of the faucet.
    pub(crate) fn faucet(&self) -> Hash {
        self.keys.fingerprint()
    }

    /// Takes a signed head of the log.
    pub(crate) fn head(&mut self, signed: &SignedTreeHead) {
        let size = signed.head.size;
        let is_signed = signed.is_signed_by(&self.keys.public());
        self.expect(is_signed, || format!("the head of {size} leaves has no valid signature"));
    }

    /// Takes how many leaves the log has, and the root over them.
    pub(crate) fn log_is(&mut self, leaves: u64, root: NodeHash) {
        self.log = Some(TreeSize { leaves, root });
    }

    /// Notes a finding, unless what was expected `holds`.
    pub(crate) fn expect(&mut self, holds: bool, finding: impl FnOnce() -> String) {
        if holds {
            return;
        }
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(finding());
        } else {
            self.more = self.more.saturating_add(1);
        }
    }

    /// Takes the next transfer.
    pub fn transfer(&mut self, row: &TransferRow) {
        let id = row.id;
        self.transfers = self.transfers.saturating_add(1);
        self.expect(row.id > self.last_id, || format!("transfer {id}: its id does not rise"));
        self.last_id = row.id;
        self.expect(row.amount >= 0, || format!("transfer {id}: moves less than nothing"));
        let kind = Kind::parse(&row.kind);
        self.expect(kind.is_some_and(|kind| moves_between(kind, row.debit, row.credit)), || {
            format!("transfer {id}: a {} does not move from {:?} to {:?}", row.kind, row.debit, row.credit)
        });
        if matches!(kind, Some(Kind::Slice | Kind::SliceReturned)) {
            let is_of_one = self.campaign_of(row.debit) == self.campaign_of(row.credit);
            self.expect(is_of_one, || format!("transfer {id}: moves a slice of one campaign to another"));
        }
        // What it says exactly is in the leaf of the log.
        let is_whole = match &row.worth {
            (None, None) => true,
            (Some(worth), Some(_)) => *worth >= 0 && kind == Some(Kind::Drip),
            _ => false,
        };
        self.expect(is_whole, || format!("transfer {id}: half a worth, or a worth of what is no drip"));
        self.move_money(row.debit, row.amount.checked_neg(), row.debit_balance, id);
        self.move_money(row.credit, Some(row.amount), row.credit_balance, id);
        if kind == Some(Kind::Drip) {
            self.drip(row);
        } else {
            self.expect(row.claim.is_none(), || format!("transfer {id}: names a round but is no drip"));
        }
        for finding in [self.steps.take(kind, row), self.costs.take(kind, row)].into_iter().flatten() {
            self.expect(false, || finding);
        }
    }

    fn move_money(&mut self, account: AccountRow, change: Option<i64>, stored: i64, id: i64) {
        let before = self.balances.get(&account).copied().unwrap_or(0);
        let after = change.and_then(|change| before.checked_add(change));
        self.expect(after == Some(stored), || {
            format!("transfer {id}: leaves {account:?} with {after:?}, and {stored} is stored")
        });
        let after = after.unwrap_or(stored);
        self.expect(after >= 0 || account.holder == HolderRow::World, || {
            format!("transfer {id}: leaves {account:?} with {after}, below zero")
        });
        self.balances.insert(account, after);
    }

    fn drip(&mut self, row: &TransferRow) {
        let id = row.id;
        let drips = self.drips.entry(row.credit.owner).or_default();
        *drips = drips.saturating_add(1);
        let Some(claim) = &row.claim else {
            return self.expect(false, || format!("transfer {id}: a drip for no round"));
        };
        let round = claim.round;
        let first = self.paid.insert(round);
        self.expect(first, || format!("transfer {id}: round {round} was paid before"));
        self.expect(claim.claimed, || format!("transfer {id}: round {round} is not marked as claimed"));
        let Some(receipt) = &claim.receipt else {
            return self.expect(false, || format!("transfer {id}: round {round} has no readable receipt"));
        };
        let same = receipt.round == round
            && receipt.wallet == claim.wallet
            && receipt.outcome.won
            && receipt.amount.units() == row.amount
            && receipt.balance == Balance(row.credit_balance).amount()
            && self.assets.get(&row.credit.asset) == Some(&receipt.asset)
            && row.credit.owner == claim.owner
            && self.campaign_of(row.debit) == Some(claim.campaign);
        self.expect(same, || format!("transfer {id}: is not what the receipt of round {round} says"));
        let promised = receipt.log.as_ref().map(|promise| promise.leaf);
        let is_kept = row.leaf.is_none() || promised.is_none() || row.leaf == promised;
        self.expect(is_kept, || format!("transfer {id}: its leaf is not the one that the receipt promised"));
        let signed = self.keys.is_signed(receipt);
        self.expect(signed, || format!("transfer {id}: the receipt of round {round} has no valid signature"));
    }

    /// Takes a stored account.
    pub fn account(&mut self, account: AccountRow, balance: i64) {
        self.stored.insert(account);
        let computed = self.balances.get(&account).copied().unwrap_or(0);
        self.expect(computed == balance, || {
            format!("{account:?}: the transfers give {computed}, and {balance} is stored")
        });
        self.expect(account.holder != HolderRow::Unknown, || format!("{account:?}: of no known kind"));
        let is_the_faucets = matches!(
            account.holder,
            HolderRow::World
                | HolderRow::Treasury
                | HolderRow::Fees
                | HolderRow::Operating
                | HolderRow::Reserved
        );
        self.expect(is_the_faucets == (account.owner == 0), || format!("{account:?}: of another owner"));
        if account.holder == HolderRow::Reserved {
            self.costs.account(account.asset, balance);
        }
        let sum = self.sums.entry(account.asset).or_default();
        *sum = sum.saturating_add(i128::from(balance));
        if matches!(account.holder, HolderRow::Player | HolderRow::Pending) {
            let held = self.held.entry(account.asset).or_default();
            *held = held.saturating_add(u128::try_from(balance).unwrap_or(0));
        }
    }

    /// The row id of the campaign that an account is of, or a slice of.
    fn campaign_of(&self, account: AccountRow) -> Option<i64> {
        match account.holder {
            HolderRow::Slice => self.slices.get(&account.owner).copied(),
            _ => Some(account.owner),
        }
    }

    /// Takes a slice, before any transfer: its row id, and that of its campaign.
    pub fn slice(&mut self, id: i64, campaign: i64) {
        self.slices.insert(id, campaign);
    }

    /// Takes an asset: its row id and its code.
    pub fn asset(&mut self, id: i64, code: String) {
        self.assets.insert(id, code);
    }

    /// Takes a stored wallet: its row id and how many drips it is said to have had.
    pub fn wallet(&mut self, id: i64, drips: u64) {
        let computed = self.drips.get(&id).copied().unwrap_or(0);
        self.expect(computed == drips, || {
            format!("wallet {id}: the transfers give {computed} drips, and {drips} is stored")
        });
    }

    /// Takes a stored withdrawal.
    pub fn withdrawal(&mut self, row: &WithdrawalRow) {
        if let Some(finding) = self.steps.check(row) {
            self.expect(false, || finding);
        }
        let (id, asset) = (row.id, self.assets.get(&row.asset).map(String::as_str));
        if let Some(finding) = row.request.finding(self.faucet(), asset, row.amount, row.fee) {
            self.expect(false, || format!("withdrawal {id}: {finding}"));
        }
    }

    /// Takes a stored batch.
    pub fn batch(&mut self, row: &BatchRow) {
        if let Some(finding) = self.costs.check(row) {
            self.expect(false, || finding);
        }
    }

    /// Takes a round that is marked as claimed, and what pays for it.
    pub fn claimed_round(&mut self, round: RoundId, campaign: &str) {
        self.claims = self.claims.saturating_add(1);
        let paid = self.paid.contains(&round);
        if campaign == NO_CAMPAIGN {
            self.expect(!paid, || format!("round {round}: earns nothing, and there is a drip for it"));
        } else {
            self.expect(paid, || format!("round {round}: claimed, and there is no drip for it"));
        }
    }

    /// What was found.
    pub fn finish(mut self) -> LedgerReport {
        for (asset, sum) in std::mem::take(&mut self.sums) {
            let code = self.assets.get(&asset).cloned();
            self.expect(code.is_some(), || format!("asset {asset}: has accounts, and is not stored"));
            let code = code.unwrap_or_default();
            self.expect(sum == 0, || format!("the sum over all accounts of {code} is {sum}"));
        }
        let withdrawals = self.steps.checked;
        let left_over = std::mem::take(&mut self.steps).left_over();
        for finding in left_over.into_iter().chain(std::mem::take(&mut self.costs).left_over()) {
            self.expect(false, || finding);
        }
        let mut missing: Vec<AccountRow> =
            self.balances.keys().filter(|account| !self.stored.contains(*account)).copied().collect();
        missing.sort_unstable();
        for account in missing {
            self.expect(false, || format!("{account:?}: has transfers, and no account is stored"));
        }
        if self.more > 0 {
            self.findings.push(format!("and {} more", self.more));
        }
        let code = |asset| self.assets.get(&asset).cloned().unwrap_or_default();
        let held = std::mem::take(&mut self.held).into_iter();
        let held = held.map(|(asset, held)| (code(asset), Amount::try_from(held).unwrap_or(Amount::MAX)));
        let held = held.collect();
        LedgerReport {
            accounts: u64::try_from(self.stored.len()).unwrap_or(u64::MAX),
            transfers: self.transfers,
            claims: self.claims,
            withdrawals,
            log: self.log,
            held,
            findings: self.findings,
        }
    }
}

/// Whether a transfer of this kind moves money between accounts of these kinds, of one asset.
fn moves_between(kind: Kind, debit: AccountRow, credit: AccountRow) -> bool {
    use HolderRow::{Campaign, Fees, Operating, Pending, Player, Reserved, Slice, Treasury, World};
    let of_kind = matches!(
        (kind, debit.holder, credit.holder),
        (Kind::Funding, World, Treasury)
            | (Kind::Budget, Treasury, Campaign)
            | (Kind::BudgetReturned, Campaign, Treasury)
            | (Kind::FundingReturned, Treasury, World)
            | (Kind::Slice, Campaign, Slice)
            | (Kind::SliceReturned, Slice, Campaign)
            | (Kind::Drip, Campaign | Slice, Player)
            | (Kind::Withdrawal, Player, Pending)
            | (Kind::Payout, Pending, World)
            | (Kind::Fee, Pending, Fees)
            | (Kind::Returned, Pending, Player)
            | (Kind::Move, Player, Player)
            | (Kind::OperatingFunding, World, Operating)
            | (Kind::CostReserved, Operating, Reserved)
            | (Kind::ChainFee, Reserved, World)
            | (Kind::CostReleased, Reserved, Operating)
    );
    of_kind && debit.asset == credit.asset
}
