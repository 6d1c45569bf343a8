//! Trying a payout without effect: what the chain says of it, and what its gas would cost.

use std::collections::BTreeSet;

use super::{Evm, fees, funds, gas};
use crate::payout::{RailError, Trial};
use crate::store::record::BatchFacts;

impl Evm {
    /// Tries the payout of a batch: what [`sign`](crate::payout::Rail::sign) would ask, without a nonce and without a
    /// signature.
    pub(super) fn trial(&self, batch: &BatchFacts) -> Result<Trial, RailError> {
        let (payout, treasury) = (self.payout(batch)?, self.key.address());
        let failed = |failure: String| Ok(Trial { failure: Some(failure), notes: Vec::new() });
        let Some(action) = payout.action(batch.record.id) else {
            return failed("many cannot be paid at once without a contract that does it".to_owned());
        };
        let fees = match fees::first(&self.market()?, &self.limits) {
            Ok(fees) => fees,
            Err(why) => return failed(why),
        };
        let funds = self.rpc.any(|endpoint| {
            endpoint.check_chain_id(self.chain_id)?;
            funds::ask(endpoint, treasury, &payout)
        })?;
        if let Err(why) = funds::check(&funds, treasury, &payout, 0) {
            return failed(why.to_string());
        }
        let estimates =
            self.all(|endpoint| endpoint.estimate(treasury, &action, fees, payout.is_call_of_token()));
        let gas_limit = match gas::limit(payout.transfers.len(), self.witnesses, &estimates) {
            Ok(limit) => limit,
            Err(RailError::Refused { reason }) => return failed(reason.to_string()),
            Err(error) => return Err(error),
        };
        let gas_cost = fees.most.saturating_mul(u128::from(gas_limit));
        let silent: BTreeSet<&String> =
            estimates.iter().filter_map(|estimate| estimate.as_ref().err()).collect();
        let mut notes = vec![
            format!("the treasury {treasury} has {} wei", funds.coins),
            format!(
                "it may take {gas_limit} of gas, for {} wei each at most: {gas_cost} wei in all",
                fees.most
            ),
        ];
        notes.extend(silent.into_iter().map(|why| format!("an endpoint did not answer: {why}")));
        let failure = funds::check(&funds, treasury, &payout, gas_cost).err();
        Ok(Trial { failure: failure.map(|why| why.to_string()), notes })
    }
}
