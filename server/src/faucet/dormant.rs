//! Looking for what lies dormant, a bounded part of all accounts at a time.

use std::sync::{Arc, PoisonError};

use dripline_shared::payout::WithdrawalId;
use dripline_shared::time::Timestamp;

use crate::faucet::{Faucet, RailAtWork, unreadable};
use crate::payout::{AssetRules, address};
use crate::refusal::Refusal;
use crate::store::command::PayDormant;
use crate::store::{Answer, BoxedReader, Command, DormantQuery};

/// How many accounts are looked at in a minute: a million take three and a half hours, which is little beside the months that a
/// balance lies.
const ACCOUNTS_MAX: u64 = 5_000;
/// How many withdrawals are made of it in a minute.
const FOUND_MAX: u32 = 100;

impl Faucet {
    /// Withdraws what lies dormant among the next accounts. Where several servers look, each withdrawal is made once.
    pub(super) async fn pay_dormant(&self, now: Timestamp) -> Result<(), Refusal> {
        let in_force = self.inner.in_force();
        for (rail, at_work) in &self.inner.rails {
            let Ok((_, rules)) = in_force.rail(rail) else { continue };
            for (asset, rules) in &rules.assets {
                if let Some(after_ms) = rules.dormant_after_ms {
                    self.pay_dormant_by((rail, at_work), (asset, rules), now.minus(after_ms), now).await?;
                }
            }
        }
        Ok(())
    }

    async fn pay_dormant_by(
        &self,
        (rail, at_work): (&Arc<str>, &RailAtWork),
        (asset, rules): (&Arc<str>, &AssetRules),
        active_before: Timestamp,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let looked = || at_work.looked.lock().unwrap_or_else(PoisonError::into_inner);
        let query = DormantQuery {
            rail: Arc::clone(rail),
            asset: Arc::clone(asset),
            threshold: rules.threshold,
            active_before,
            after: looked().get(asset).copied().unwrap_or_default(),
            accounts_max: ACCOUNTS_MAX,
            found_max: FOUND_MAX,
        };
        let read = move |reader: &mut BoxedReader| reader.dormant(&query).map_err(unreadable);
        let page = self.inner.readers.run(read).await??;
        let mut paid = 0_u32;
        for (wallet, address) in page.found {
            // The rail may have been another one when the address was set.
            if address::check(&*at_work.rail, &address).is_err() {
                continue;
            }
            let id = WithdrawalId::new(now, self.inner.edge.random());
            let (rail, asset) = (Arc::clone(rail), Arc::clone(asset));
            let command = PayDormant { now, id, wallet, rail, asset, address };
            let answer = self.inner.writer.change(Command::PayDormant(Box::new(command))).await?;
            if matches!(answer, Answer::Requested { .. }) {
                paid = paid.saturating_add(1);
            }
        }
        if paid > 0 {
            tracing::info!(%rail, %asset, withdrawals = paid, "paying what lies dormant");
            at_work.wanted.notify_one();
        }
        // Only now: whatever failed is looked at again.
        looked().insert(Arc::clone(asset), page.next.unwrap_or_default());
        Ok(())
    }
}
