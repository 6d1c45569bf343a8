//! Asking the endpoints what became of a batch's candidates. What the answers mean is decided in `verdict`.

use super::address::Address;
use super::envelope::Envelope;
use super::events::{Moved, moved};
use super::funds::is_short;
use super::methods::{At, Receipt};
use super::payout::Payout;
use super::settings::Finality;
use super::verdict::{Answer, Executed, Fate, fate};
use crate::payout::rpc::{Endpoint, RpcError};

/// What is asked about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Inquiry<'a> {
    pub(super) chain_id: u64,
    pub(super) finality: Finality,
    /// Who signed the candidates.
    pub(super) treasury: Address,
    pub(super) nonce: u64,
    /// Those that are alive.
    pub(super) candidates: &'a [Envelope],
    pub(super) payout: &'a Payout,
}

/// The number of the newest block that is final.
pub(super) fn final_block(endpoint: &Endpoint, finality: Finality) -> Result<u64, RpcError> {
    Ok(match finality {
        Finality::Finalized => endpoint.known_block(At::Finalized)?.number,
        Finality::Depth(blocks) => endpoint.known_block(At::Latest)?.number.saturating_sub(blocks),
    })
}

impl Inquiry<'_> {
    /// Asks one endpoint: first which block is final, so that whatever is found later is as of that moment at least.
    pub(super) fn ask(&self, endpoint: &Endpoint) -> Result<Answer, RpcError> {
        endpoint.check_chain_id(self.chain_id)?;
        let final_block = final_block(endpoint, self.finality)?;
        let used = endpoint.transaction_count(self.treasury, At::Latest)?;
        let mut candidates = Vec::new();
        for candidate in self.candidates {
            let receipt = endpoint.receipt(&candidate.id)?;
            candidates
                .push(receipt.map(|it| self.executed(endpoint, candidate, &it, final_block)).transpose()?);
        }
        let is_gone = used > self.nonce && candidates.iter().all(Option::is_none);
        let used_finally = is_gone
            .then(|| endpoint.transaction_count(self.treasury, At::Number(final_block)))
            .transpose()?;
        Ok(Answer { final_block, used, candidates, used_finally })
    }

    fn executed(
        &self,
        endpoint: &Endpoint,
        candidate: &Envelope,
        receipt: &Receipt,
        final_block: u64,
    ) -> Result<Executed, RpcError> {
        let (is_final, is_cancel) = (receipt.block <= final_block, candidate.is_cancel());
        let is_canonical = is_final
            && endpoint.block_at(At::Number(receipt.block))?.is_some_and(|it| it.hash == receipt.block_hash);
        let payout = self.payout;
        let moved = match payout.token {
            Some(token) if !is_cancel => {
                moved(&receipt.events, token, &payout.senders(self.treasury), &payout.recipients())
            }
            _ => Moved::All,
        };
        let mut fate = fate(is_cancel, receipt.succeeded, moved);
        if let (Some(token), Fate::Failed, true) = (payout.token, fate, is_final)
            && is_short(endpoint, self.treasury, token, payout, receipt.block)?
        {
            fate = Fate::Short;
        }
        Ok(Executed { block: receipt.block, is_canonical, fate })
    }
}
