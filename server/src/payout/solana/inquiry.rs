//! Asking the endpoints what became of a candidate. What the answers mean is decided in `verdict`.

use super::envelope::Envelope;
use super::methods::Found;
use super::scan::{Block, scanned};
use super::verdict::{self, Judgement, Signed, Status, judge};
use crate::payout::rpc::{Endpoint, Rpc, RpcError};

/// The most signatures of one `getSignatureStatuses`.
const SIGNATURES_MAX: usize = 256;
/// The most finalized blocks that are scanned: a blockhash lives for 150, and some are skipped.
const BLOCKS_MAX: u64 = 400;

/// Asks all endpoints, and where it is needed the only one for all blocks that could hold the candidate. `dead` are the
/// other candidates of the batch, the newest first, which must not have been executed.
pub(super) fn inquire(rpc: &Rpc, genesis_hash: &str, candidate: &Envelope, dead: &[&str]) -> Judgement {
    let signed = candidate.signed();
    let signatures: Vec<&str> = std::iter::once(candidate.signature.as_str())
        .chain(dead.iter().copied())
        .take(SIGNATURES_MAX)
        .collect();
    let answers: Vec<Result<verdict::Endpoint, String>> = rpc
        .all(|endpoint| ask(endpoint, genesis_hash, &signatures))
        .into_iter()
        .map(|answer| answer.map_err(|error| error.to_string()))
        .collect();
    let judgement = judge(&signed, &answers, None);
    if judgement != Judgement::NeedsScan {
        return judgement;
    }
    match rpc.any(|endpoint| blocks(endpoint, &candidate.signature, &signed)) {
        Ok(blocks) => match scanned(&blocks, &signed) {
            Ok(scan) => judge(&signed, &answers, Some(scan)),
            Err(missing) => Judgement::Unknown(format!("a scan of the finalized blocks: {missing}")),
        },
        Err(error) => Judgement::Unknown(format!("a scan of the finalized blocks: {error}")),
    }
}

/// Asks one endpoint, in the order that the rule demands.
fn ask(endpoint: &Endpoint, genesis_hash: &str, signatures: &[&str]) -> Result<verdict::Endpoint, RpcError> {
    let (finalized_height, finalized_slot) = endpoint.finalized()?;
    let (status_slot, statuses) = endpoint.statuses(signatures)?;
    let first_available_slot = endpoint.first_available_slot()?;
    endpoint.check_chain(genesis_hash)?;
    let mut statuses = statuses.into_iter();
    let status =
        statuses.next().flatten().map(|Found { is_finalized, error }| Status { is_finalized, error });
    // What failed has moved nothing.
    let dead_executed = statuses.flatten().any(|found| found.error.is_none());
    Ok(verdict::Endpoint {
        finalized_height,
        finalized_slot,
        status_slot,
        status,
        dead_executed,
        first_available_slot,
    })
}

/// The finalized blocks from the signing on, up to the first one that is too late for the candidate.
fn blocks(endpoint: &Endpoint, signature: &str, signed: &Signed) -> Result<Vec<Block>, RpcError> {
    let mut blocks = Vec::new();
    for slot in endpoint.finalized_slots(signed.signing_slot, BLOCKS_MAX)? {
        let (height, parent_slot, holds_it) = endpoint.block(slot, signature)?;
        blocks.push(Block { slot, parent_slot, height, holds_it });
        if holds_it || height > signed.last_valid_block_height {
            break;
        }
    }
    Ok(blocks)
}
