//! A wallet's history as a table.

use dripline_shared::amount::Asset;
use dripline_shared::api::HistoryEntry;
use dripline_shared::error::Code;
use dripline_shared::wallet::Wallet;

use crate::export::{Format, Line, table};
use crate::faucet::{Faucet, HISTORY_MAX, unreadable};
use crate::refusal::Refusal;
use crate::store::BoxedReader;
use crate::store::record::Stage;

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
            let transaction = transaction(reader, &entry)?;
            let decimals =
                assets.iter().find(|asset| asset.code == entry.asset).map_or(0, |asset| asset.decimals);
            lines.push(Line { entry, decimals, transaction });
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
    let Some(id) = entry.withdrawal else { return Ok(None) };
    let found = reader.withdrawal(id).map_err(unreadable)?;
    Ok(found.and_then(|found| match found.record.stage {
        Stage::Paid { transaction, .. } => Some(transaction.to_string()),
        _ => None,
    }))
}
