//! Alerts: what somebody should look at, as operators see them and as a webhook is told.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::round::Hash;
use crate::time::Timestamp;

/// What an alert is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// A campaign has paid a large part of its budget. Of a campaign, by its id.
    BudgetSpent,
    /// A rail's treasury has too little for what waits, or the treasuries hold less of an asset than is owed. Of a rail, by its
    /// id, or of an asset, by its code.
    TreasuryLow,
    /// Batches of a rail fail one after the other, or its chain shows what the store does not. Of a rail, by its id.
    PayoutsFailing,
    /// It cannot be told what became of batches. Of a rail, by its id.
    PayoutsUnknown,
    /// Far more was refused in an hour than usually is.
    RefusalsUnusual,
    /// Far more or far less was claimed in an hour than usually is.
    ClaimsUnusual,
    /// A server started whose process before had not ended in order.
    StartUnclean,
}

impl AlertKind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::BudgetSpent,
        Self::TreasuryLow,
        Self::PayoutsFailing,
        Self::PayoutsUnknown,
        Self::RefusalsUnusual,
        Self::ClaimsUnusual,
        Self::StartUnclean,
    ];

    /// As on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BudgetSpent => "budget_spent",
            Self::TreasuryLow => "treasury_low",
            Self::PayoutsFailing => "payouts_failing",
            Self::PayoutsUnknown => "payouts_unknown",
            Self::RefusalsUnusual => "refusals_unusual",
            Self::ClaimsUnusual => "claims_unusual",
            Self::StartUnclean => "start_unclean",
        }
    }
}

/// An alert, from when it began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Alert {
    /// Its id: when it began, in milliseconds, its kind and its subject.
    pub id: String,
    /// What it is about.
    pub kind: AlertKind,
    /// Whose: the id of a campaign or a rail, the code of an asset; of a server, where there are several, which one; and empty
    /// where there is one server.
    pub subject: String,
    /// When it was found first.
    pub since_ms: Timestamp,
    /// When it was over; nothing while it is on.
    pub until_ms: Option<Timestamp>,
    /// What is the matter, for people: a sentence.
    pub text: String,
    /// Its figures when it began, as whole numbers: counts, percentages, and ledger units in names that end in `_units`.
    pub figures: BTreeMap<String, i64>,
    /// Whether the receiver of the webhook has taken everything there is to tell of it; nothing where no receiver was set.
    pub is_told: Option<bool>,
}

/// Alerts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct AlertList {
    /// Those that are on, the oldest first.
    pub on: Vec<Alert>,
    /// Those that are over, the newest first: the last 100.
    pub past: Vec<Alert>,
}

/// What the webhook is told: a message of the specification of Standard Webhooks. More fields may come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct AlertMessage {
    /// `alert.began` or `alert.ended`.
    #[serde(rename = "type")]
    pub kind: AlertTurn,
    /// When that was, by RFC 3339.
    pub timestamp: String,
    /// Which alert.
    pub data: AlertData,
}

/// That an alert began or ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub enum AlertTurn {
    /// It is on from now on.
    #[serde(rename = "alert.began")]
    Began,
    /// It is over.
    #[serde(rename = "alert.ended")]
    Ended,
}

/// Which alert a message is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct AlertData {
    /// The fingerprint of the faucet.
    pub faucet: Hash,
    /// Its id: the same when it begins and when it ends.
    pub id: String,
    /// What it is about.
    pub kind: AlertKind,
    /// Whose: as in [`Alert`].
    pub subject: String,
    /// When it was found first.
    pub since_ms: Timestamp,
    /// When it was over; nothing while it is on.
    pub until_ms: Option<Timestamp>,
    /// What is the matter, for people.
    pub text: String,
    /// Its figures when it began.
    pub figures: BTreeMap<String, i64>,
}
