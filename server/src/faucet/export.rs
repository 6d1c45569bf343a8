//! A wallet's history as a table.

use dripline_shared::amount::{Amount, Asset};
use dripline_shared::api::{Direction, HistoryEntry};
use dripline_shared::error::Code;
use dripline_shared::wallet::Wallet;

use crate::export::{Format, Line, table};
use crate::faucet::{Faucet, HISTORY_MAX, unreadable};
use crate::refusal::Refusal;
use crate::store::BoxedReader;
use crate::store::record::{Stage, WithdrawalRecord};

/// The most lines of a table: for older ones, another table is asked for.
pub(crate) const EXPORT_MAX: usize = 10_000;

impl Faucet {
    /// A wallet's history as a table, the newest first: entries with ids below `before`, at most [`EXPORT_MAX`].
    pub async fn export(
        &self,
        wallet: Wallet,
        format: Format,
        before: Option<u64>,
    ) -> Result<Vec<u8>, Refusal> {
        let assets = self.inner.assets.clone();
        let read = move |reader: &mut BoxedReader| {
            let lines = lines(reader, wallet, before, &assets)?;
            // It is written to memory, where nothing fails.
            table(format, &lines).map_err(|_| Code::Internal.into())
        };
        self.counted(self.inner.readers.run(read).await.and_then(|table| table))
    }
}

fn lines(
    reader: &mut BoxedReader,
    wallet: Wallet,
    before: Option<u64>,
    assets: &[Asset],
) -> Result<Vec<Line>, Refusal> {
    let (mut lines, mut next) = (Vec::new(), before);
    loop {
        let page = reader.history(wallet, next, HISTORY_MAX).map_err(unreadable)?;
        for entry in page.entries {
            let withdrawal = withdrawal(reader, &entry)?;
            let transaction = withdrawal.as_ref().and_then(paid_by);
            // Of what came back the fee is missing already.
            let goes_out = entry.direction == Direction::Out;
            let fee = withdrawal.as_ref().filter(|_| goes_out).and_then(fee_taken);
            let decimals =
                assets.iter().find(|asset| asset.code == entry.asset).map_or(0, |asset| asset.decimals);
            lines.push(Line { entry, decimals, transaction, fee });
        }
        next = page.next_before;
        if next.is_none() || lines.len() >= EXPORT_MAX {
            lines.truncate(EXPORT_MAX);
            return Ok(lines);
        }
    }
}

/// What paid the withdrawal of an entry.
pub(super) fn transaction(reader: &mut BoxedReader, entry: &HistoryEntry) -> Result<Option<String>, Refusal> {
    Ok(withdrawal(reader, entry)?.as_ref().and_then(paid_by))
}

fn withdrawal(reader: &mut BoxedReader, entry: &HistoryEntry) -> Result<Option<WithdrawalRecord>, Refusal> {
    let Some(id) = entry.withdrawal else { return Ok(None) };
    let found = reader.withdrawal(id).map_err(unreadable)?;
    Ok(found.map(|found| found.record))
}

fn paid_by(withdrawal: &WithdrawalRecord) -> Option<String> {
    match &withdrawal.stage {
        Stage::Paid { transaction, .. } => Some(transaction.to_string()),
        _ => None,
    }
}

/// The fee that was taken of a withdrawal. Until it has ended that is open: one that is cancelled costs nothing.
fn fee_taken(withdrawal: &WithdrawalRecord) -> Option<Amount> {
    let is_taken = match withdrawal.stage {
        Stage::Paid { .. } | Stage::Returned { .. } => !withdrawal.fee.is_zero(),
        Stage::Queued | Stage::Held | Stage::Unapproved | Stage::Batched(_) | Stage::Cancelled { .. } => {
            false
        }
    };
    is_taken.then_some(withdrawal.fee)
}
