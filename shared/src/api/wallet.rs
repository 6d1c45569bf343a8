//! What is told of a wallet.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Reason;
use crate::amount::Amount;
use crate::progress::LevelProgress;
use crate::round::RoundId;
use crate::time::Timestamp;
use crate::wallet::Wallet;

/// What a wallet has. A wallet that the server has never seen has nothing; asking creates nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct WalletView {
    /// Whose.
    pub wallet: Wallet,
    /// What it may spend.
    pub balance: Amount,
    /// How many drips it ever had.
    pub drips: u64,
    /// How many days in a row it has played.
    pub streak_days: u32,
    /// What it reached, by level id.
    pub levels: BTreeMap<String, LevelProgress>,
    /// Rounds that it may open now.
    pub attempts_left: u32,
    /// The round that is open, if one is.
    pub open_round: Option<RoundId>,
    /// What would refuse any claim now, and until when.
    pub limits: Vec<Reason>,
    /// The server's clock.
    pub server_time_ms: Timestamp,
}

/// One line of a wallet's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct HistoryEntry {
    /// The transfer's id: ids of one wallet rise with time.
    pub id: u64,
    /// When.
    pub at_ms: Timestamp,
    /// What moved: `drip`.
    pub kind: String,
    /// How much came in.
    pub amount: Amount,
    /// The balance after it.
    pub balance: Amount,
    /// The level that earned it.
    pub level: Option<String>,
    /// The round that earned it.
    pub round: Option<RoundId>,
}

/// A page of a wallet's history, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct HistoryPage {
    /// At most 100 of them.
    pub entries: Vec<HistoryEntry>,
    /// `before` for the next page; none on the last.
    pub next_before: Option<u64>,
}
