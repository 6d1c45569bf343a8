//! What is the matter by now, in what operators are shown. Pure.

use std::collections::BTreeMap;

use dripline_shared::amount::Amount;
use dripline_shared::api::alert::AlertKind;
use dripline_shared::api::overview::{AssetStand, CampaignStand, Overview, RailStand, TrafficSeries};
use dripline_shared::time::Timestamp;

use super::usual::{Unusual, UsualRule};

/// How many batches that failed one after the other are worth an alert: one may fail by itself.
const FAILURES_MIN: u32 = 3;
/// All of something, in per cent.
const WHOLE: u128 = 100;

/// When something is the matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlertRules {
    /// From which share of a campaign's budget on, in per cent: 1 to 100.
    pub budget_percent: u32,
    /// Below which share of what is owed the treasuries hold too little, in per cent; 0 for none.
    pub treasury_percent: u32,
    /// When refusals and claims are far off the usual.
    pub unusual: UsualRule,
}

impl Default for AlertRules {
    fn default() -> Self {
        Self { budget_percent: 80, treasury_percent: 100, unusual: UsualRule { factor: 5, least: 100 } }
    }
}

/// Something that is the matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// What it is about.
    pub kind: AlertKind,
    /// Whose.
    pub subject: String,
    /// What is the matter, for people.
    pub text: String,
    /// Its figures.
    pub figures: BTreeMap<String, i64>,
}

/// What is known of a server besides what is shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OfServer {
    /// What it is called among others; empty where it is the only one.
    pub name: String,
    /// When it started, where the process before it had not ended in order.
    pub unclean_start: Option<Timestamp>,
}

/// Everything that is the matter, in a fixed order, each kind at most once for a subject.
pub fn conditions(overview: &Overview, server: &OfServer, rules: &AlertRules) -> Vec<Condition> {
    let budgets = overview.campaigns.iter().filter_map(|it| budget(it, rules));
    let assets = overview.assets.iter().filter_map(|it| asset(it, rules));
    let rails = overview.rails.iter().flat_map(rail);
    let traffic = traffic(overview, server, rules);
    budgets.chain(assets).chain(rails).chain(traffic).chain(unclean(server)).collect()
}

fn budget(campaign: &CampaignStand, rules: &AlertRules) -> Option<Condition> {
    let CampaignStand { id, asset, budget, spent, left, is_running, .. } = campaign;
    let percent = percent(*spent, *budget)?;
    // One that is over has done what it was for.
    (*is_running && percent >= u128::from(rules.budget_percent)).then(|| Condition {
        kind: AlertKind::BudgetSpent,
        subject: id.clone(),
        text: format!("The campaign {id} has spent {percent} % of its budget of {asset}."),
        figures: figures([
            ("percent", whole(percent)),
            ("spent_units", spent.units()),
            ("left_units", left.units()),
            ("budget_units", budget.units()),
        ]),
    })
}

fn asset(asset: &AssetStand, rules: &AlertRules) -> Option<Condition> {
    let (held, code) = (asset.held?, &asset.books.asset.code);
    let percent = percent(held, asset.owed)?;
    (percent < u128::from(rules.treasury_percent)).then(|| Condition {
        kind: AlertKind::TreasuryLow,
        subject: code.clone(),
        text: format!("The treasuries hold {percent} % of the {code} that players are owed."),
        figures: figures([
            ("percent", whole(percent)),
            ("held_units", held.units()),
            ("owed_units", asset.owed.units()),
        ]),
    })
}

fn rail(rail: &RailStand) -> impl Iterator<Item = Condition> {
    let RailStand { id, queued, sending, unknown, failures, .. } = rail;
    let condition = |kind, text, figures| Condition { kind, subject: id.clone(), text, figures };
    let waiting = || [("queued", signed(*queued)), ("sending", signed(*sending))];
    let short = rail.is_short.then(|| {
        let text =
            format!("The treasury of the rail {id} has too little for what waits: nothing new is paid.");
        condition(AlertKind::TreasuryLow, text, figures(waiting()))
    });
    let failing = (*failures >= FAILURES_MIN || rail.is_in_recovery).then(|| {
        let text = if rail.is_in_recovery {
            format!("The chain of the rail {id} shows what the store does not: the rail is paused until you have looked.")
        } else {
            format!("{failures} batches of the rail {id} have failed one after the other.")
        };
        let of_failures = [("failures", i64::from(*failures))];
        condition(AlertKind::PayoutsFailing, text, figures(waiting().into_iter().chain(of_failures)))
    });
    let unclear = (*unknown > 0).then(|| {
        let text = format!("Of {unknown} batches of the rail {id} it cannot be told what became of them.");
        let of_unknown = [("unknown", signed(*unknown))];
        condition(AlertKind::PayoutsUnknown, text, figures(waiting().into_iter().chain(of_unknown)))
    });
    [short, failing, unclear].into_iter().flatten()
}

fn traffic(
    overview: &Overview,
    server: &OfServer,
    rules: &AlertRules,
) -> impl Iterator<Item = Condition> + use<> {
    let traffic = &overview.traffic;
    let judge = |last_hour: u64, counts: fn(&TrafficSeries) -> &Vec<u64>| {
        let hours = counts(&traffic.hours);
        // The last one is not over, and the first one may have begun before the server did.
        let over = hours.get(1..hours.len().saturating_sub(1)).unwrap_or_default();
        rules.unusual.judge(last_hour, over)
    };
    let condition = |kind, what: &str, last_hour: u64, unusual| {
        let (than, usual) = match unusual {
            Unusual::More { usual } => ("more", usual),
            Unusual::Less { usual } => ("less", usual),
        };
        Condition {
            kind,
            subject: server.name.clone(),
            text: format!("{last_hour} {what} in the last hour, far {than} than the usual {usual}."),
            figures: figures([("last_hour", signed(last_hour)), ("usual", signed(usual))]),
        }
    };
    let refused = traffic.last_hour.refused;
    // Fewer refusals are no reason to wake anybody.
    let refusals = judge(refused, |hours| &hours.refused).filter(|it| matches!(it, Unusual::More { .. }));
    let refusals = refusals.map(|it| condition(AlertKind::RefusalsUnusual, "refusals", refused, it));
    let claimed = traffic.last_hour.claimed;
    let claims = judge(claimed, |hours| &hours.claimed);
    let claims = claims.map(|it| condition(AlertKind::ClaimsUnusual, "claims", claimed, it));
    [refusals, claims].into_iter().flatten()
}

fn unclean(server: &OfServer) -> Option<Condition> {
    let started_at = server.unclean_start?;
    Some(Condition {
        kind: AlertKind::StartUnclean,
        subject: server.name.clone(),
        text: format!("The server started at {started_at}, and before that it had not ended in order."),
        figures: BTreeMap::new(),
    })
}

/// How much a part is of all, in per cent, rounded down; nothing where there is no all.
fn percent(part: Amount, all: Amount) -> Option<u128> {
    u128::from(part).saturating_mul(WHOLE).checked_div(u128::from(all))
}

fn figures<'a>(figures: impl IntoIterator<Item = (&'a str, i64)>) -> BTreeMap<String, i64> {
    figures.into_iter().map(|(name, figure)| (name.to_owned(), figure)).collect()
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn whole(percent: u128) -> i64 {
    i64::try_from(percent).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
