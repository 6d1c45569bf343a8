//! The metrics of a faucet: what it counts, and how it stood when that was read last. Amounts are in ledger units, of which
//! `dripline_asset_units_per_coin` are a whole coin; moments are seconds since 1970.

use std::fmt;

use dripline_shared::amount::{Amount, Asset};
use dripline_shared::api::alert::{Alert, AlertKind};
use dripline_shared::api::{AssetBooks, RailTreasury};
use dripline_shared::campaign::CampaignStage;
use dripline_shared::time::Timestamp;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

use crate::faucet::{
    CampaignInsight, CeilingInsight, Faucet, Figures, Insight, PayoutFigures, RailInsight, WebhookFigures,
};

/// The faucet's figures, written when they are asked for.
pub(super) struct FaucetFigures(pub(super) Faucet);

/// The labels of a series, and its value.
type Series<T> = (Vec<(&'static str, String)>, T);
/// What a gauge is called, what it tells, and where it is found in something.
type Described<S, T> = (&'static str, &'static str, fn(&S) -> T);

impl fmt::Debug for FaucetFigures {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("FaucetFigures")
    }
}

impl Collector for FaucetFigures {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let figures = self.0.figures();
        let mut to = To(&mut encoder);
        for (name, help, value) in counters(&figures) {
            to.counter(name, help, value)?;
        }
        for (name, help, value) in gauges(&figures) {
            to.gauge(name, help, Some(whole(value)))?;
        }
        let refusals =
            figures.refusals.iter().map(|(code, count)| (vec![("code", code.as_str().to_owned())], *count));
        to.counters("refusals", "Refusals, by code", refusals)?;
        let complete = self.0.sequenced_at().map(seconds);
        to.gauge(
            "log_complete_timestamp_seconds",
            "Until when every transfer is in the log, or another server is at it",
            complete,
        )?;
        payouts(&mut to, &self.0.payout_figures().collect::<Vec<_>>())?;
        alerts(&mut to, &self.0.alerts_on())?;
        webhooks(&mut to, self.0.webhook_figures())?;
        treasuries(&mut to, &self.0.treasury_figures())?;
        self.0.insight().map_or(Ok(()), |insight| stands(&mut to, &insight))
    }
}

/// Where metrics are written to.
struct To<'a, 'b>(&'a mut DescriptorEncoder<'b>);

impl To<'_, '_> {
    fn counter(&mut self, name: &str, help: &str, value: u64) -> fmt::Result {
        ConstCounter::new(value).encode(self.0.encode_descriptor(name, help, None, MetricType::Counter)?)
    }

    /// A gauge; where there is no value, only what it is.
    fn gauge<T>(&mut self, name: &str, help: &str, value: Option<T>) -> fmt::Result
    where
        ConstGauge<T>: EncodeMetric,
    {
        let encoder = self.0.encode_descriptor(name, help, None, MetricType::Gauge)?;
        value.map_or(Ok(()), |value| ConstGauge::new(value).encode(encoder))
    }

    fn counters(
        &mut self,
        name: &str,
        help: &str,
        series: impl IntoIterator<Item = Series<u64>>,
    ) -> fmt::Result {
        let mut family = self.0.encode_descriptor(name, help, None, MetricType::Counter)?;
        for (labels, value) in series {
            ConstCounter::new(value).encode(family.encode_family(&labels)?)?;
        }
        Ok(())
    }

    fn gauges<T>(
        &mut self,
        name: &str,
        help: &str,
        series: impl IntoIterator<Item = Series<T>>,
    ) -> fmt::Result
    where
        ConstGauge<T>: EncodeMetric,
    {
        let mut family = self.0.encode_descriptor(name, help, None, MetricType::Gauge)?;
        for (labels, value) in series {
            ConstGauge::new(value).encode(family.encode_family(&labels)?)?;
        }
        Ok(())
    }

    /// Gauges that have the same labels, of each of some things.
    fn each<S, T>(
        &mut self,
        described: &[Described<S, T>],
        all: &[(Vec<(&'static str, String)>, &S)],
    ) -> fmt::Result
    where
        ConstGauge<T>: EncodeMetric,
    {
        for (name, help, value) in described {
            self.gauges(name, help, all.iter().map(|(labels, one)| (labels.clone(), value(one))))?;
        }
        Ok(())
    }
}

fn whole(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn seconds(at: Timestamp) -> f64 {
    std::time::Duration::from_millis(at.0).as_secs_f64()
}

fn counters(figures: &Figures) -> [(&'static str, &'static str, u64); 8] {
    [
        ("rounds_opened", "Rounds opened", figures.rounds_opened),
        ("segments", "Segments stored", figures.segments),
        ("rounds_finished", "Rounds played to their end, won or lost", figures.rounds_finished),
        ("claims", "Claims accepted: each is a drip", figures.claims),
        ("drips_units", "Ledger units dripped", figures.drips_units),
        ("write_batches", "Transactions committed", figures.batches),
        ("write_changes", "Changes in committed transactions", figures.batched),
        ("storage_errors", "Transactions rolled back because of the storage", figures.storage_errors),
    ]
}

fn gauges(figures: &Figures) -> [(&'static str, &'static str, u64); 4] {
    [
        ("rounds_open", "Rounds in play", figures.rounds_open),
        ("write_queue", "Changes that wait for the writer", figures.write_queue),
        ("prove_queue", "Requests that wait for a proving thread or are on one", figures.prove_queue),
        ("write_batch_max", "The largest transaction, in changes", figures.batch_max),
    ]
}

fn payouts(to: &mut To<'_, '_>, rails: &[(&str, PayoutFigures)]) -> fmt::Result {
    let rail = |id: &str| ("rail", id.to_owned());
    let of = |value: fn(&PayoutFigures) -> u64| {
        rails.iter().map(move |(id, figures)| (vec![rail(id)], value(figures)))
    };
    to.counters("withdrawals_paid", "Withdrawals paid, by rail", of(|figures| figures.paid))?;
    let failures = "What failed of steps of paying out, by rail";
    to.counters("payout_failures", failures, of(|figures| figures.failures))?;
    let endings = rails.iter().flat_map(|(id, figures)| {
        let named = PayoutFigures::ENDINGS.into_iter().zip(figures.ended);
        named.map(|(ending, count)| (vec![rail(id), ("ending", ending.to_owned())], count))
    });
    to.counters("payout_batches_ended", "Batches of withdrawals that ended, by rail and how", endings)?;
    let unknown = "Batches of which it cannot be told what became of them, by rail";
    to.gauges("payout_batches_unknown", unknown, of(|figures| figures.unknown).map(|(l, v)| (l, whole(v))))
}

fn alerts(to: &mut To<'_, '_>, on: &[Alert]) -> fmt::Result {
    let of_kind = |kind| on.iter().filter(|alert| alert.kind == kind).count();
    let each = AlertKind::ALL.map(|kind| {
        (vec![("kind", kind.as_str().to_owned())], i64::try_from(of_kind(kind)).unwrap_or(i64::MAX))
    });
    to.gauges("alerts_on", "Alerts of the server's own that are on, by kind", each)
}

fn webhooks(to: &mut To<'_, '_>, figures: WebhookFigures) -> fmt::Result {
    let WebhookFigures { delivered, failed, given_up, waiting } = figures;
    let waits = "Messages that wait for the webhooks of sites";
    to.gauge("webhook_messages_waiting", waits, Some(whole(waiting)))?;
    let taken = "Messages that the webhooks of sites have taken from this server";
    to.counter("webhook_messages_delivered", taken, delivered)?;
    let failures = "Attempts of this server to send one that was not taken";
    to.counter("webhook_failures", failures, failed)?;
    to.counter("webhook_messages_given_up", "Messages that this server has given up", given_up)
}

fn treasuries(to: &mut To<'_, '_>, rails: &[RailTreasury]) -> fmt::Result {
    let known = || rails.iter().filter_map(|rail| Some((rail.rail.clone(), rail.on_chain.as_ref()?)));
    let holdings = known().flat_map(|(rail, on_chain)| {
        on_chain.holdings.iter().map(move |holding| {
            let labels = vec![("rail", rail.clone()), ("asset", holding.asset.code.clone())];
            (labels, holding.amount.units())
        })
    });
    to.gauges("treasury_units", "What a treasury holds on its chain, in ledger units", holdings)?;
    let read_at = known().map(|(rail, on_chain)| (vec![("rail", rail)], seconds(on_chain.read_at_ms)));
    to.gauges("treasury_read_timestamp_seconds", "When a chain told last what a treasury holds", read_at)
}

fn stands(to: &mut To<'_, '_>, insight: &Insight) -> fmt::Result {
    let read_at = Some(seconds(insight.read_at));
    to.gauge("insight_read_timestamp_seconds", "When the books and the queues were read last", read_at)?;
    let signed_at = insight.log.map(|(_, at)| seconds(at));
    to.gauge("log_head_timestamp_seconds", "When the newest head of the log was signed", signed_at)?;
    let leaves = insight.log.map(|(size, _)| whole(size));
    to.gauge("log_leaves", "Transfers in the log", leaves)?;
    books(to, &insight.books)?;
    let campaigns: Vec<_> = insight.campaigns.iter().map(|it| (of_campaign(it), it)).collect();
    to.each(&CAMPAIGN, &campaigns)?;
    let ceilings: Vec<_> = insight.ceilings.iter().map(|it| (of_ceiling(it), it)).collect();
    to.each(&CEILING, &ceilings)?;
    let rails: Vec<_> = insight.rails.iter().map(|(id, it)| (vec![("rail", id.to_string())], it)).collect();
    to.each(&RAIL, &rails)?;
    let oldest =
        rails.iter().filter_map(|(labels, rail)| Some((labels.clone(), seconds(rail.oldest_requested_at?))));
    let help = "When the withdrawal was requested that waits longest, by rail";
    to.gauges("withdrawals_oldest_timestamp_seconds", help, oldest)
}

fn books(to: &mut To<'_, '_>, books: &[AssetBooks]) -> fmt::Result {
    let asset = |books: &AssetBooks| ("asset", books.asset.code.clone());
    let per_coin = books.iter().map(|books| (vec![asset(books)], units_per_coin(&books.asset)));
    to.gauges("asset_units_per_coin", "How many ledger units of an asset are a whole coin", per_coin)?;
    let supply = books.iter().map(|books| (vec![asset(books)], books.supply.units()));
    to.gauges("ledger_supply_units", "What came in from outside and has not gone back", supply)?;
    let held = books.iter().flat_map(|books| {
        HELD.map(|(by, amount)| (vec![asset(books), ("by", by.to_owned())], amount(books).units()))
    });
    to.gauges("ledger_units", "What is held, in ledger units, by asset and by whom", held)
}

fn units_per_coin(asset: &Asset) -> i64 {
    10_i64.saturating_pow(u32::from(asset.decimals))
}

fn of_campaign(campaign: &CampaignInsight) -> Vec<(&'static str, String)> {
    vec![("campaign", campaign.id.to_string()), ("asset", campaign.asset.to_string())]
}

fn of_ceiling(ceiling: &CeilingInsight) -> Vec<(&'static str, String)> {
    vec![("ceiling", ceiling.name.clone()), ("asset", ceiling.asset.to_string())]
}

/// Who holds something, and how much of it.
type Held = (&'static str, fn(&AssetBooks) -> Amount);

const HELD: [Held; 6] = [
    ("players", |books| books.players),
    ("pending", |books| books.pending),
    ("campaigns", |books| books.campaigns),
    ("treasury", |books| books.treasury),
    ("fees", |books| books.fees),
    ("operating", |books| books.operating),
];

const CAMPAIGN: [Described<CampaignInsight, i64>; 5] = [
    ("campaign_budget_units", "All that a campaign may ever pay", |campaign| campaign.budget.units()),
    ("campaign_paid_units", "What a campaign has paid", |campaign| campaign.paid.units()),
    ("campaign_left_units", "What a campaign still has", |campaign| campaign.left.units()),
    ("campaign_running", "Whether a campaign opens rounds", |campaign| i64::from(campaign.is_open())),
    ("campaign_stage", "Where a campaign is: 0 waiting, 1 running, 2 ending, 3 over", |campaign| {
        match campaign.stage {
            CampaignStage::Waiting => 0,
            CampaignStage::Running => 1,
            CampaignStage::Ending => 2,
            CampaignStage::Over => 3,
        }
    }),
];

const CEILING: [Described<CeilingInsight, i64>; 2] = [
    ("ceiling_level_units", "What is in the bucket of a ceiling on outflow", |it| it.level.units()),
    ("ceiling_burst_units", "What fits into it: when it is full, claims or payouts wait", |it| {
        it.limit.burst().units()
    }),
];

const RAIL: [Described<RailInsight, i64>; 8] = [
    ("withdrawals_queued", "Withdrawals that wait, by rail", |rail| whole(rail.queued)),
    ("withdrawals_for_operators", "Withdrawals that wait for an operator, by rail", |rail| {
        whole(rail.for_operators)
    }),
    ("withdrawals_sending", "Withdrawals in batches under way, by rail", |rail| whole(rail.sending)),
    ("payout_batches_open", "Batches of withdrawals under way, by rail", |rail| whole(rail.batches)),
    ("payout_batches_failed_in_a_row", "Batches that failed since the last settled one, by rail", |rail| {
        i64::from(rail.failures)
    }),
    ("rail_paused", "Whether a rail is paused", |rail| i64::from(rail.paused.is_some())),
    ("rail_in_recovery", "Whether it is because the chain shows what the store does not", |rail| {
        i64::from(rail.is_in_recovery)
    }),
    ("rail_stopped", "Whether the emergency stop has stopped a rail", |rail| i64::from(rail.is_stopped)),
];
