//! What is told of a wallet.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{AddressView, Reason};
use crate::amount::{Amount, Asset};
use crate::payout::WithdrawalId;
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
    /// What it may spend of the asset that the catalog pays.
    pub balance: Amount,
    /// What it has and had of every asset, by the asset's code.
    pub money: BTreeMap<String, AssetMoney>,
    /// Where it is paid, by rail.
    pub addresses: Vec<AddressView>,
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

/// What a wallet has and had of an asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct AssetMoney {
    /// What it may spend.
    pub balance: Amount,
    /// What it asked to be paid, and is neither paid nor back yet.
    pub pending: Amount,
    /// What was paid out so far, fees included.
    pub paid: Amount,
}

/// Which way money moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// To the balance.
    In,
    /// From it.
    Out,
}

impl Direction {
    /// Both.
    pub const ALL: &'static [Self] = &[Self::In, Self::Out];

    /// As on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out => "out",
        }
    }
}

crate::json::json_word!(Direction, Self::In);

/// One line of a wallet's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct HistoryEntry {
    /// The transfer's id: ids of one wallet rise with time.
    pub id: u64,
    /// When.
    pub at_ms: Timestamp,
    /// What moved: `drip`, `withdrawal`, `returned`; `dormant` is a withdrawal that nobody asked for, of a balance that lay long.
    pub kind: String,
    /// Of which asset (its code).
    pub asset: String,
    /// Which way.
    pub direction: Direction,
    /// How much.
    pub amount: Amount,
    /// The balance of that asset after it.
    pub balance: Amount,
    /// The level that earned it.
    pub level: Option<String>,
    /// The round that earned it.
    pub round: Option<RoundId>,
    /// The withdrawal that it belongs to.
    pub withdrawal: Option<WithdrawalId>,
    /// The transaction that paid the withdrawal, as its rail writes it: told where the history is read with a read-only key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transaction: Option<String>,
    /// What it was worth when it was received, where the faucet knew a price then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worth: Option<Worth>,
}

/// What something was worth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Worth {
    /// The currency, and how many decimals the amount has.
    pub currency: Asset,
    /// How much of it, rounded down.
    pub amount: Amount,
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
