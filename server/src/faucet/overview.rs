//! How everything stands, in one body for operators: put together from what is kept for that already.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use dripline_shared::amount::Amount;
use dripline_shared::api::overview::{
    AssetStand, CampaignStand, CeilingStand, Overview, PublicationInForce, RailStand, ServerHealth, Warning,
    WarningKind,
};
use dripline_shared::api::{AssetBooks, RailTreasury};
use dripline_shared::campaign::CampaignStage;

use crate::check;
use crate::faucet::insight::{CampaignInsight, CeilingInsight, Insight, PayoutFigures, RailInsight};
use crate::faucet::series::{Series, Tally};
use crate::faucet::{Faucet, Figures};
use crate::in_force::InForce;

/// What is known of the server that the faucet does not know.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OfServer {
    /// Connections that are open.
    pub connections: u64,
    /// Consoles that listen to events.
    pub listeners: u64,
    /// What about its configuration is worth a thought.
    pub warnings: Vec<Warning>,
}

impl Faucet {
    /// Notes what was counted so far, for the series. To be called every second.
    pub fn sample(&self) {
        self.sampled(&self.figures());
    }

    /// How everything stands. What is read from the store for it is kept for a while ([`Faucet::fresh_insight`]); where it cannot
    /// be read, it is what was read before.
    pub async fn overview(&self, of_server: OfServer) -> Overview {
        let insight = match self.fresh_insight().await {
            Ok(insight) => Some(insight),
            // Why, the log says.
            Err(_) => self.insight(),
        };
        let figures = self.figures();
        let series = self.sampled(&figures);
        let in_force = self.inner.in_force();
        let treasuries = self.treasuries();
        let payouts: BTreeMap<&str, PayoutFigures> = self.payout_figures().collect();
        let stands = insight.as_deref();
        Overview {
            server_time_ms: self.inner.edge.now(),
            read_at_ms: stands.map(|insight| insight.read_at),
            is_beside_others: self.is_beside_others(),
            asset: in_force.catalog.asset.clone(),
            is_play_money: in_force.is_play_money(),
            rounds_open: figures.rounds_open,
            traffic: series.view(),
            campaigns: each(stands, |it| it.campaigns.iter().map(|it| campaign(it, &in_force)).collect()),
            ceilings: each(stands, |it| it.ceilings.iter().map(ceiling).collect()),
            assets: each(stands, |it| it.books.iter().map(|books| asset(books, &treasuries)).collect()),
            rails: each(stands, |it| {
                let rails = it.rails.iter();
                rails.map(|(id, rail)| self::rail(id, rail, &in_force, &payouts, &treasuries)).collect()
            }),
            alerts: self.alerts_on().to_vec(),
            publication: PublicationInForce {
                number: in_force.publication,
                version: in_force.version,
                is_pinned: self.inner.is_pinned,
            },
            health: self.health(&figures, stands, &in_force, of_server),
        }
    }

    fn sampled(&self, figures: &Figures) -> Series {
        let mut series = self.inner.series.lock().unwrap_or_else(PoisonError::into_inner);
        series.sample(Tally::from(figures), self.inner.edge.now());
        series.clone()
    }

    fn health(
        &self,
        figures: &Figures,
        insight: Option<&Insight>,
        in_force: &InForce,
        of_server: OfServer,
    ) -> ServerHealth {
        let OfServer { connections, listeners, mut warnings } = of_server;
        warnings.extend(in_force.stopped_elsewhere().map(|name| Warning {
            kind: WarningKind::StoppedUnknown,
            text: format!("emergency.stopped names {name}, which is neither a game nor in the catalog"),
        }));
        let log = insight.and_then(|insight| insight.log);
        ServerHealth {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at_ms: self.inner.started_at,
            connections,
            listeners,
            write_queue: figures.write_queue,
            prove_queue: figures.prove_queue,
            storage_errors: figures.storage_errors,
            log_leaves: log.map(|(leaves, _)| leaves),
            log_head_at_ms: log.map(|(_, at)| at),
            log_complete_at_ms: self.sequenced_at(),
            warnings,
        }
    }
}

fn each<T>(insight: Option<&Insight>, list: impl FnOnce(&Insight) -> Vec<T>) -> Vec<T> {
    insight.map(list).unwrap_or_default()
}

fn campaign(stands: &CampaignInsight, in_force: &InForce) -> CampaignStand {
    CampaignStand {
        id: stands.id.to_string(),
        asset: stands.asset.to_string(),
        budget: stands.budget,
        spent: stands.paid,
        is_running: stands.stage == CampaignStage::Running,
        left: stands.left,
        is_stopped: check::campaign::running(&in_force.stopped, &stands.id).is_err(),
    }
}

fn ceiling(stands: &CeilingInsight) -> CeilingStand {
    CeilingStand {
        name: stands.name.clone(),
        asset: stands.asset.to_string(),
        ceiling: stands.limit.ceiling,
        window_ms: stands.limit.window_ms,
        level: stands.level,
        burst: stands.limit.burst(),
    }
}

fn asset(books: &AssetBooks, treasuries: &[RailTreasury]) -> AssetStand {
    let sum = |sum: Amount, amount: Amount| sum.checked_add(amount).unwrap_or(Amount::MAX);
    let on_chain = treasuries.iter().filter_map(|rail| rail.on_chain.as_ref());
    let holdings = on_chain.flat_map(|on_chain| &on_chain.holdings);
    let of_asset = holdings.filter(|holding| holding.asset.code == books.asset.code);
    AssetStand {
        books: books.clone(),
        owed: sum(books.players, books.pending),
        held: of_asset.map(|holding| holding.amount).reduce(sum),
    }
}

fn rail(
    id: &str,
    stands: &RailInsight,
    in_force: &InForce,
    payouts: &BTreeMap<&str, PayoutFigures>,
    treasuries: &[RailTreasury],
) -> RailStand {
    RailStand {
        id: id.to_owned(),
        kind: in_force.rails.get(id).map(|rules| rules.kind),
        queued: stands.queued,
        oldest_requested_at_ms: stands.oldest_requested_at,
        sending: stands.sending,
        batches: stands.batches,
        unknown: payouts.get(id).map_or(0, |figures| figures.unknown),
        failures: stands.failures,
        paused: stands.paused.as_deref().map(str::to_owned),
        is_short: stands.is_short,
        is_in_recovery: stands.is_in_recovery,
        is_stopped: stands.is_stopped,
        treasury: treasuries.iter().find(|rail| rail.rail == id).and_then(|rail| rail.on_chain.clone()),
    }
}
