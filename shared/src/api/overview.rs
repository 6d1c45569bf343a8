//! How a faucet stands and what it does right now, for its operators: one body, bounded by the catalog and the rails.
//!
//! What is counted ([`Traffic`], the queues of [`ServerHealth`]) is what the server that answers has seen since it started:
//! of several servers on one database, each tells its own part. Budgets, ceilings, books and queues of payouts are read from
//! the store, and are those of the whole faucet.

use serde::{Deserialize, Serialize};

use super::alert::Alert;
use super::{AssetBooks, OnChain};
use crate::amount::{Amount, Asset};
use crate::error::Code;
use crate::payout::RailKind;
use crate::round::Hash;
use crate::time::Timestamp;

/// How everything stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Overview {
    /// The server's clock when this was written.
    pub server_time_ms: Timestamp,
    /// When the store was read for it; nothing where it could not be read yet: then `campaigns`, `ceilings`, `assets` and
    /// `rails` are empty.
    pub read_at_ms: Option<Timestamp>,
    /// Whether other servers may work on the same store: then `traffic` and `health` are those of the one that answers alone.
    pub is_beside_others: bool,
    /// The asset that drips are of.
    pub asset: Asset,
    /// Whether payouts are play money: nothing but sandboxes pays.
    pub is_play_money: bool,
    /// Rounds in play, on all servers: counted every minute, and changed since by what this server has seen.
    pub rounds_open: u64,
    /// What was played, claimed and refused at this server.
    pub traffic: Traffic,
    /// The campaigns of the catalog in force, in its order.
    pub campaigns: Vec<CampaignStand>,
    /// The ceilings of claims and of payouts, but for those of network prefixes.
    pub ceilings: Vec<CeilingStand>,
    /// What is owed and what there is, by rising codes of the assets.
    pub assets: Vec<AssetStand>,
    /// The rails, by rising ids.
    pub rails: Vec<RailStand>,
    /// Alerts that are on, the oldest first, as of the last half minute.
    pub alerts: Vec<Alert>,
    /// The catalog in force.
    pub publication: PublicationInForce,
    /// How the server that answers is.
    pub health: ServerHealth,
}

/// That something has changed: whoever shows it should fetch it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Changed {
    /// What, as actions of the audit log are named before their dot: `catalog`, `draft`, `key`; besides `audit`, that log itself,
    /// `rail`, where one was paused, stopped or let run, and `alert`, where one began or ended.
    pub topics: Vec<String>,
}

/// What a server has seen since it started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Traffic {
    /// Since the start: the funnel from opened rounds over finished ones to claims.
    pub total: TrafficCounts,
    /// In the newest 60 minutes, of which the last one is not over.
    pub last_hour: TrafficCounts,
    /// Minute by minute.
    pub minutes: TrafficSeries,
    /// Hour by hour.
    pub hours: TrafficSeries,
    /// Refusals of rounds, claims, withdrawals and operations by code, by rising codes; those that there were.
    pub refusals: Vec<RefusalCount>,
}

/// What came of players' requests in some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct TrafficCounts {
    /// Rounds opened.
    pub opened: u64,
    /// Rounds played to their end, won or lost.
    pub finished: u64,
    /// Claims accepted: each is a drip.
    pub claimed: u64,
    /// Refusals, whatever for.
    pub refused: u64,
    /// What was dripped, in ledger units.
    pub spent: Amount,
}

/// The same, step by step, the oldest first. The lists are equally long. Steps begin at whole multiples of `step_ms` since 1970;
/// the last one is not over. There are none from before the server started, and none from before a clock that was put back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct TrafficSeries {
    /// How long a step is, in milliseconds.
    pub step_ms: u64,
    /// When the first of these steps began.
    pub from_ms: Timestamp,
    /// Rounds opened.
    pub opened: Vec<u64>,
    /// Rounds played to their end, won or lost.
    pub finished: Vec<u64>,
    /// Claims accepted: each is a drip.
    pub claimed: Vec<u64>,
    /// Refusals, whatever for.
    pub refused: Vec<u64>,
    /// What was dripped, in ledger units.
    pub spent: Vec<Amount>,
}

/// How often something was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct RefusalCount {
    /// Why.
    pub code: Code,
    /// Since the server started.
    pub total: u64,
    /// In the newest 60 minutes.
    pub last_hour: u64,
}

/// How a campaign stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct CampaignStand {
    /// Its id.
    pub id: String,
    /// The code of the asset that it pays.
    pub asset: String,
    /// All that it may ever pay, in ledger units.
    pub budget: Amount,
    /// What it has paid, in ledger units.
    pub spent: Amount,
    /// What it still has, in ledger units.
    pub left: Amount,
    /// Whether it has started and not ended.
    pub is_running: bool,
    /// Whether the emergency stop has stopped it.
    pub is_stopped: bool,
}

/// How a ceiling on what goes out stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct CeilingStand {
    /// What it is called: `outflow`, `outflow_newcomers`, `campaign:<id>`, and `rail:<id>` for payouts by a rail.
    pub name: String,
    /// The code of the asset.
    pub asset: String,
    /// The most that may pass in a window, in ledger units.
    pub ceiling: Amount,
    /// How long a window is, in milliseconds.
    pub window_ms: u64,
    /// What has passed and has not drained yet, in ledger units.
    pub level: Amount,
    /// At which level what wants to pass has to wait, in ledger units.
    pub burst: Amount,
}

/// What is owed of an asset, and what there is to pay it with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct AssetStand {
    /// The books.
    pub books: AssetBooks,
    /// What players have and what they asked to be paid, in ledger units.
    pub owed: Amount,
    /// What the treasuries hold on their chains, added up, in ledger units; nothing where no chain has told.
    pub held: Option<Amount>,
}

/// How a rail stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct RailStand {
    /// Its id.
    pub id: String,
    /// What it settles on; nothing where it is not configured any more, though withdrawals wait for it.
    pub kind: Option<RailKind>,
    /// Withdrawals that wait.
    pub queued: u64,
    /// When the one was requested that waits longest.
    pub oldest_requested_at_ms: Option<Timestamp>,
    /// Withdrawals in batches that have not ended.
    pub sending: u64,
    /// Batches that have not ended.
    pub batches: u64,
    /// Batches of which the server that answers could not tell, by its last step, what became of them.
    pub unknown: u64,
    /// Batches that failed since the last one that was settled.
    pub failures: u32,
    /// Why it is paused, if it is.
    pub paused: Option<String>,
    /// Whether that is because its treasury has too little: then it goes on by itself.
    pub is_short: bool,
    /// Whether that is because its chain shows what the store does not.
    pub is_in_recovery: bool,
    /// Whether the emergency stop has stopped it.
    pub is_stopped: bool,
    /// What its treasury holds; nothing where the rail is on no chain, or the chain has not told yet.
    pub treasury: Option<OnChain>,
}

/// The catalog that the server decides by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct PublicationInForce {
    /// The number of its publication.
    pub number: u64,
    /// Its version.
    pub version: Hash,
    /// Whether it is pinned to a file.
    pub is_pinned: bool,
}

/// How a server is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ServerHealth {
    /// Which build it is.
    pub version: String,
    /// When it started.
    pub started_at_ms: Timestamp,
    /// Connections that are open, of players and of others.
    pub connections: u64,
    /// Consoles of operators that listen to events.
    pub listeners: u64,
    /// Changes that wait for the writer.
    pub write_queue: u64,
    /// Requests that wait for a proving thread or are on one.
    pub prove_queue: u64,
    /// Transactions that the storage did not take since the start.
    pub storage_errors: u64,
    /// How many transfers are in the public log.
    pub log_leaves: Option<u64>,
    /// When its newest head was signed.
    pub log_head_at_ms: Option<Timestamp>,
    /// Until when every transfer is known to be in it, unless another server was at it then.
    pub log_complete_at_ms: Option<Timestamp>,
    /// What about the configuration is worth a thought.
    pub warnings: Vec<Warning>,
}

/// What about the configuration is worth a thought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Warning {
    /// Which kind of thing.
    pub kind: WarningKind,
    /// What it is about, for people.
    pub text: String,
}

/// Kinds of [`Warning`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum WarningKind {
    /// Others than this machine are served without encryption.
    PlainHttp,
    /// Others than this machine are served, and no origin is named whose pages may prompt.
    NoOrigins,
    /// The metrics are on an address that others than this machine reach.
    MetricsExposed,
    /// What is stopped is nothing that there is.
    StoppedUnknown,
    /// The files of the certificate cannot be used, and an older one is shown.
    CertificateRefused,
}
