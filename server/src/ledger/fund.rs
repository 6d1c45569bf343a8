//! Funding: what a campaign's budget in the catalog means in transfers. Pure.

use std::sync::Arc;

use dripline_shared::amount::Amount;
use dripline_shared::campaign::Campaign;
use dripline_shared::time::Timestamp;

use crate::ledger::{Balance, Holder, Kind, Overdraft, Posted, Transfer};

/// What funding depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FundingFacts {
    /// The id that the next transfer gets.
    pub next_id: u64,
    /// What the campaign was funded with so far, less what it returned.
    pub funded: Amount,
    /// What it still has.
    pub campaign: Balance,
    /// What the treasury has.
    pub treasury: Balance,
    /// What the world has: minus what is in the faucet.
    pub world: Balance,
}

/// The transfers of an asset that bring a campaign from what it was funded with to what it is to have been at `now`
/// ([`Campaign::funding`]). Where that is less, it returns what it still has above it; what it has paid stays paid. Fails where
/// all budgets together are more than a balance can hold.
pub fn fund(
    asset: &Arc<str>,
    campaign: &Campaign,
    facts: FundingFacts,
    now: Timestamp,
) -> Result<Vec<Posted>, Overdraft> {
    let budget = campaign.funding(facts.funded, now);
    let id: Arc<str> = campaign.id.as_str().into();
    let (more, less) = (budget.saturating_sub(facts.funded), facts.funded.saturating_sub(budget));
    let returned = less.min(facts.campaign.amount());
    let holder = || Holder::Campaign(Arc::clone(&id));
    let transfer = |later: u64, kind, (debit, credit), amount| {
        let (id, asset) = (facts.next_id.saturating_add(later), Arc::clone(asset));
        Transfer { id, at: now, kind, asset, debit, credit, amount, reference: None, worth: None }
    };
    if !more.is_zero() {
        let first = transfer(0, Kind::Funding, (Holder::World, Holder::Treasury), more)
            .post(facts.world, facts.treasury)?;
        let second = transfer(1, Kind::Budget, (Holder::Treasury, holder()), more)
            .post(first.credit_balance, facts.campaign)?;
        return Ok(vec![first, second]);
    }
    if !returned.is_zero() {
        let first = transfer(0, Kind::BudgetReturned, (holder(), Holder::Treasury), returned)
            .post(facts.campaign, facts.treasury)?;
        let second = transfer(1, Kind::FundingReturned, (Holder::Treasury, Holder::World), returned)
            .post(first.credit_balance, facts.world)?;
        return Ok(vec![first, second]);
    }
    Ok(Vec::new())
}
