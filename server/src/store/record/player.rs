//! What is stored of what operators do about players, and of what they stop at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use dripline_shared::api::operate::By;
use dripline_shared::api::operate::players::PlayerNote;
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::Wallet;
use serde::{Deserialize, Serialize};

use crate::store::record::{DocumentKind, Stored};

/// The id of the one document that says what is stopped.
pub const EMERGENCY_ID: &str = "stopped";

/// Why a wallet stands as it does, and what operators have noted about it. How it stands is in its row, where every decision
/// about it looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlayerRecord {
    /// The wallet.
    pub wallet: Wallet,
    /// Why it stands as it does; nothing where nobody has ever changed that.
    pub reason: Option<String>,
    /// Who has changed it last.
    pub by: Option<By>,
    /// When.
    pub at: Option<Timestamp>,
    /// Notes, the oldest first.
    pub notes: Vec<PlayerNote>,
}

impl PlayerRecord {
    /// Of a wallet about which nobody has said anything.
    pub fn new(wallet: Wallet) -> Self {
        Self { wallet, reason: None, by: None, at: None, notes: Vec::new() }
    }
}

impl Stored for PlayerRecord {
    const KIND: DocumentKind = DocumentKind::Player;

    fn id(&self) -> Arc<str> {
        self.wallet.to_string().into()
    }
}

/// That something was stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StopRecord {
    /// Why.
    pub reason: String,
    /// By whom.
    pub by: By,
    /// When.
    pub at: Timestamp,
}

/// What operators have stopped at once, besides what the configuration stops.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmergencyRecord {
    /// By names as in the configuration.
    pub stopped: BTreeMap<String, StopRecord>,
}

impl Stored for EmergencyRecord {
    const KIND: DocumentKind = DocumentKind::Emergency;

    fn id(&self) -> Arc<str> {
        EMERGENCY_ID.into()
    }
}
