//! Limits, each switched off in turn, to see what it does. Pure.

use dripline_shared::amount::Amount;
use dripline_shared::catalog::Catalog;
use dripline_shared::limit::{CountLimit, MoneyLimit};

/// A limit that can be switched off.
#[derive(Debug, Clone, Copy)]
pub(super) struct Switch {
    /// The setting in the catalog.
    pub(super) name: &'static str,
    /// Switches it off.
    off: fn(&mut Catalog),
}

impl Switch {
    /// The catalog without this limit. It may be one that could not be published: nothing but the limit differs.
    pub(super) fn without(&self, catalog: &Catalog) -> Catalog {
        let mut without = catalog.clone();
        (self.off)(&mut without);
        without
    }
}

/// All of them, in the order in which they are asked.
pub(super) const ALL: [Switch; 11] = [
    Switch { name: "limits.attempts", off: |catalog| lift_count(&mut catalog.limits.attempts) },
    Switch {
        name: "limits.opens_per_prefix",
        off: |catalog| lift_count(&mut catalog.limits.opens_per_prefix),
    },
    Switch {
        name: "levels.cooldown_ms",
        off: |catalog| catalog.levels.iter_mut().for_each(|level| level.cooldown_ms = 0),
    },
    Switch { name: "limits.drips", off: |catalog| lift_count(&mut catalog.limits.drips) },
    Switch {
        name: "limits.outflow_per_prefix",
        off: |catalog| lift_money(&mut catalog.limits.outflow_per_prefix),
    },
    Switch {
        name: "limits.outflow_newcomers",
        off: |catalog| lift_money(&mut catalog.limits.outflow_newcomers),
    },
    Switch {
        name: "campaigns.outflow",
        off: |catalog| catalog.campaigns.iter_mut().for_each(|campaign| lift_money(&mut campaign.outflow)),
    },
    Switch {
        name: "campaigns.newcomers",
        off: |catalog| catalog.campaigns.iter_mut().for_each(|campaign| campaign.newcomers = None),
    },
    Switch {
        name: "campaigns.pacing",
        off: |catalog| catalog.campaigns.iter_mut().for_each(|campaign| campaign.pacing = false),
    },
    Switch { name: "limits.outflow", off: |catalog| lift_money(&mut catalog.limits.outflow) },
    Switch { name: "campaigns.budget", off: lift_budgets },
];

fn lift_count(limit: &mut CountLimit) {
    *limit = CountLimit { burst: u32::MAX, every_ms: 1 };
}

fn lift_money(limit: &mut MoneyLimit) {
    limit.ceiling = Amount::MAX;
}

/// As much as the ledger can hold of all campaigns together.
fn lift_budgets(catalog: &mut Catalog) {
    let count = u128::try_from(catalog.campaigns.len()).unwrap_or(u128::MAX).max(1);
    let each = u128::from(Amount::MAX).checked_div(count).unwrap_or(0);
    let budget = Amount::try_from(each).unwrap_or(Amount::MAX);
    catalog.campaigns.iter_mut().for_each(|campaign| campaign.budget = budget);
}
