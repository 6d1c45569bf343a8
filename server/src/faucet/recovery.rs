//! What an operator says of payouts that the store does not know, compared with what the chain says: for commands where the
//! store is, and for operators by HTTP.

use dripline_shared::amount::Amount;
use dripline_shared::payout::WithdrawalId;
use dripline_shared::round::{ClientId, hash};
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::Wallet;

use crate::payout::{Evidence, Rail};
use crate::store::record::{Stage, WithdrawalRecord};
use crate::store::{BoxedReader, StorageError};

/// How many withdrawals are read at once.
const PAGE: usize = 1_000;

/// Why it is not known that a transaction has paid something.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unproven {
    /// The chain cannot be asked.
    #[error("cannot ask the chain: {0}")]
    Unreachable(String),
    /// It has not, by the chain's word.
    #[error("{0}")]
    Contradicted(String),
}

/// A payout whose withdrawal the store does not have.
#[derive(Debug, Clone, Copy)]
pub struct Unrecorded<'a> {
    /// By which rail.
    pub rail: &'a str,
    /// Of which asset.
    pub asset: &'a str,
    /// To which address.
    pub to: &'a str,
    /// By which transaction, as the rail writes it.
    pub transaction: &'a str,
    /// Whose it was.
    pub wallet: Wallet,
    /// How much leaves the balance, and what of it is the fee.
    pub amount: (Amount, Amount),
}

impl Unrecorded<'_> {
    /// The withdrawal that is made of it. Of the same payout its client id is the same, so that none is recorded twice.
    pub fn withdrawal(&self, now: Timestamp, random: [u8; 10]) -> WithdrawalRecord {
        let request = hash(b"dripline/paidb/1", &[self.transaction.as_bytes(), self.to.as_bytes()]);
        let client_id = ClientId(request.0.first_chunk().copied().unwrap_or_default());
        let (amount, fee) = self.amount;
        WithdrawalRecord {
            id: WithdrawalId::new(now, random),
            wallet: self.wallet,
            rail: self.rail.into(),
            asset: self.asset.into(),
            amount,
            fee,
            address: self.to.into(),
            client_id,
            request,
            signed: None,
            requested_at: now,
            failures: 0,
            stage: Stage::Queued,
        }
    }
}

/// How much of what a transaction has paid to a withdrawal's address is known to be for others of the same wallet.
pub fn paid_before(
    withdrawal: &WithdrawalRecord,
    transaction: &str,
    reader: &mut BoxedReader,
) -> Result<Amount, StorageError> {
    let is_same = |it: &WithdrawalRecord| {
        let by = |stage: &Stage| matches!(stage, Stage::Paid { transaction: by, .. } if **by == *transaction);
        it.client_id != withdrawal.client_id
            && by(&it.stage)
            && (&it.rail, &it.asset, &it.address)
                == (&withdrawal.rail, &withdrawal.asset, &withdrawal.address)
    };
    let (mut sum, mut before) = (Amount::ZERO, None);
    loop {
        let page = reader.withdrawals(withdrawal.wallet, before, PAGE)?;
        for found in page.iter().filter(|found| is_same(&found.record)) {
            sum = sum.checked_add(found.record.arrives()).unwrap_or(Amount::MAX);
        }
        match page.last() {
            Some(last) => before = Some(last.record.id),
            None => return Ok(sum),
        }
    }
}

/// Asks the chain whether a transaction has paid a withdrawal, besides what else it is known to have paid. Gives its nonce. Blocks.
pub fn witnessed(
    rail: &dyn Rail,
    withdrawal: &WithdrawalRecord,
    transaction: &str,
    before: Amount,
) -> Result<Option<u64>, Unproven> {
    let amount = withdrawal.amount.checked_add(before).unwrap_or(Amount::MAX);
    let evidence = rail.evidence(&WithdrawalRecord { amount, ..withdrawal.clone() }, transaction);
    match evidence.map_err(|error| Unproven::Unreachable(error.to_string()))? {
        Evidence::Silent => Ok(None),
        Evidence::Pays { nonce } => Ok(nonce),
        Evidence::Contradicts { why } => Err(Unproven::Contradicted(why)),
    }
}
