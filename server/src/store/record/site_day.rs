//! What came of sites, day by day. It is counted with what it counts, in the same transaction, and only ever added to.

use std::sync::Arc;

use dripline_shared::amount::Amount;

/// What is counted together: of a site, on a day by UTC (days since 1970), in an asset.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SiteDayKey {
    /// The site's id.
    pub site: Arc<str>,
    /// The day.
    pub day: u64,
    /// The code of the asset that amounts are of.
    pub asset: Arc<str>,
}

/// How much of what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SiteTally {
    /// Rounds that were opened.
    pub opened: u64,
    /// Rounds that were won and claimed.
    pub cleared: u64,
    /// Rounds of them for which something was paid.
    pub drips: u64,
    /// How much that was together.
    pub amount: Amount,
}

impl SiteTally {
    /// A round that was opened.
    pub const OPENED: Self = Self { opened: 1, cleared: 0, drips: 0, amount: Amount::ZERO };

    /// A round that was claimed, for which so much was paid.
    pub fn cleared(amount: Amount) -> Self {
        Self { opened: 0, cleared: 1, drips: u64::from(!amount.is_zero()), amount }
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            opened: self.opened.saturating_add(other.opened),
            cleared: self.cleared.saturating_add(other.cleared),
            drips: self.drips.saturating_add(other.drips),
            amount: self.amount.checked_add(other.amount).unwrap_or(Amount::MAX),
        }
    }
}
