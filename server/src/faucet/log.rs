//! The log of transfers, for whoever would check it.

use dripline_shared::api::{ConsistencyProof, InclusionProof, LogEntryView, SignedTreeHead};
use dripline_shared::error::Code;
use dripline_shared::log::NodeHash;

use crate::faucet::{Faucet, unreadable};
use crate::log::{NodeId, Nodes, TreeError, prove_consistency, prove_inclusion};
use crate::refusal::Refusal;
use crate::store::{BoxedReader, StorageError};

/// The nodes that a reader reads.
struct Stored<'a>(&'a mut BoxedReader);

impl Nodes for Stored<'_> {
    type Error = StorageError;

    fn read(&mut self, ids: &[NodeId]) -> Result<Vec<Option<NodeHash>>, StorageError> {
        self.0.log_nodes(ids)
    }
}

impl Faucet {
    /// The newest head of the log.
    pub async fn log_head(&self) -> Result<SignedTreeHead, Refusal> {
        self.of_log(newest).await
    }

    /// A leaf of the log.
    pub async fn log_entry(&self, index: u64) -> Result<LogEntryView, Refusal> {
        let faucet = self.inner.in_force().faucet;
        self.of_log(move |reader| {
            let transfer = reader.log_leaf(index).map_err(unreadable)?.ok_or(Code::LogUnknown)?;
            let (text, leaf_hash) = transfer.leaf(faucet).map_err(|_| Code::Internal)?;
            Ok(LogEntryView { index, text, leaf_hash })
        })
        .await
    }

    /// Proves that the leaf with this hash is among the first `size`, or among those of the newest head.
    pub async fn log_inclusion(&self, leaf: NodeHash, size: Option<u64>) -> Result<InclusionProof, Refusal> {
        self.of_log(move |reader| {
            let size = within(reader, size)?;
            let index = reader.log_leaf_of(leaf).map_err(unreadable)?.ok_or(Code::LogUnknown)?;
            prove_inclusion(&mut Stored(reader), index, size).map_err(unproven)
        })
        .await
    }

    /// Proves that the first `first` leaves are the first ones of the first `second`, or of those of the newest head.
    pub async fn log_consistency(
        &self,
        first: u64,
        second: Option<u64>,
    ) -> Result<ConsistencyProof, Refusal> {
        self.of_log(move |reader| {
            let second = within(reader, second)?;
            prove_consistency(&mut Stored(reader), first, second).map_err(unproven)
        })
        .await
    }

    async fn of_log<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut BoxedReader) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        self.counted(self.inner.readers.run(read).await.and_then(|answer| answer))
    }
}

fn newest(reader: &mut BoxedReader) -> Result<SignedTreeHead, Refusal> {
    reader.log_head().map_err(unreadable)?.ok_or_else(|| Code::LogUnknown.into())
}

/// The size that is asked for, which the log must have; without one, that of the newest head.
fn within(reader: &mut BoxedReader, size: Option<u64>) -> Result<u64, Refusal> {
    let newest = newest(reader)?.head.size;
    match size {
        None => Ok(newest),
        Some(size) if size <= newest => Ok(size),
        Some(size) => {
            Err(Refusal::new(Code::LogUnknown, format!("the log has {newest} leaves, and not {size}")))
        }
    }
}

/// What is outside the log is the asker's mistake; a node that is not there is damage.
fn unproven(error: TreeError<StorageError>) -> Refusal {
    match error {
        TreeError::OutOfRange => Code::LogUnknown.into(),
        TreeError::Unreadable(error) => unreadable(error),
        TreeError::Missing(_) => unreadable(StorageError::Log(error.to_string())),
    }
}
