//! What operators see of payouts, and do about them: by `/admin/v1`, as by `dripline payouts`.

use serde::{Deserialize, Serialize};

use super::By;
use crate::amount::{Amount, Asset};
use crate::api::{OnChain, WithdrawalView};
use crate::payout::{BatchId, RailKind, WithdrawalId};
use crate::time::Timestamp;
use crate::wallet::Wallet;

/// Why a rail signs nothing new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PauseKind {
    /// An operator has paused it, or it did itself after too many failures: until an operator resumes it.
    Halted,
    /// Its chain shows what the store does not: until an operator has looked and resumes it.
    Recovery,
    /// Its treasury has too little: until it has enough.
    TreasuryLow,
}

/// That a rail signs nothing new.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct RailPause {
    /// What ends it.
    pub kind: PauseKind,
    /// Since when.
    pub since_ms: Timestamp,
    /// Why, for operators.
    pub why: String,
}

/// Something signed that settles a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct CandidateView {
    /// Its id, as the rail writes it: of a chain, the transaction.
    pub transaction: String,
    /// Its nonce, on rails that know nonces.
    pub nonce: Option<u64>,
    /// When it was kept.
    pub kept_at_ms: Timestamp,
    /// Whether it can never be executed any more.
    pub is_dead: bool,
}

/// A batch that has not ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct BatchView {
    /// Its id.
    pub id: BatchId,
    /// The code of the asset that it pays.
    pub asset: String,
    /// When it was made.
    pub made_at_ms: Timestamp,
    /// When an operator wanted it not to be paid any more, if one did.
    pub cancelled_at_ms: Option<Timestamp>,
    /// When its rail was halted because of it: what became of it has to be looked at.
    pub halted_at_ms: Option<Timestamp>,
    /// What it settles.
    pub withdrawals: Vec<WithdrawalView>,
    /// What was signed for it, the oldest first.
    pub candidates: Vec<CandidateView>,
}

/// How an asset stands on a rail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct RailAssetDesk {
    /// The asset.
    pub asset: Asset,
    /// Withdrawals above this wait for an operator's approval; none does where it says nothing.
    pub approve_above: Option<Amount>,
    /// What moves more than this needs a second operator; nothing does where it says nothing.
    pub second_operator_above: Option<Amount>,
}

/// How a rail stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct RailDesk {
    /// Its id.
    pub rail: String,
    /// What it settles on; nothing where it is not configured any more.
    pub kind: Option<RailKind>,
    /// What it pays.
    pub assets: Vec<RailAssetDesk>,
    /// Whether the emergency stop has stopped it.
    pub is_stopped: bool,
    /// Why it signs nothing new, if that is so.
    pub pause: Option<RailPause>,
    /// How many batches failed since the last one that was settled.
    pub failures: u32,
    /// The nonce that the next batch is signed with, on rails that know nonces.
    pub next_nonce: Option<u64>,
    /// Withdrawals that wait for their turn.
    pub queued: u64,
    /// Of how many batches it could not be told, by this server's last look, what became of them.
    pub unknown: u64,
    /// The batches that have not ended, the oldest first.
    pub batches: Vec<BatchView>,
    /// Its treasury, as it was read last; nothing where it has none on a chain, or that has not answered yet.
    pub treasury: Option<OnChain>,
}

/// How payouts stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Payouts {
    /// The rails that are configured, or to which anything has happened, by their ids.
    pub rails: Vec<RailDesk>,
    /// The server's clock.
    pub server_time_ms: Timestamp,
}

/// A page of withdrawals that wait, those that wait longest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct WaitingPage {
    /// They.
    pub withdrawals: Vec<WaitingWithdrawal>,
    /// `after` for the next page; none on the last.
    pub next_after: Option<WithdrawalId>,
}

/// What a withdrawal waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum WaitsFor {
    /// For its turn.
    Turn,
    /// For an operator's approval: it is above the amount from which on one is needed.
    Approval,
    /// For its wallet to be released: that is held, or banned.
    Release,
}

/// A withdrawal that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct WaitingWithdrawal {
    /// What for.
    pub waits_for: WaitsFor,
    /// The withdrawal, as its player sees it.
    pub withdrawal: WithdrawalView,
}

/// Pauses a rail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PauseRequest {
    /// Why: 1 to 200 characters, in one line. Players are told it.
    pub reason: String,
}

/// Lets a rail run again.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ResumeRequest {
    /// The nonce that the next batch is signed with, by the word of whoever has looked at the chain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_nonce: Option<u64>,
    /// The transaction of the treasury up to which it need not be examined, on Solana.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub examined: Option<String>,
}

/// Gives the money of a withdrawal that waits back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ReturnRequest {
    /// Why: 1 to 200 characters, in one line. The player is told it.
    pub reason: String,
}

/// Records by which transaction a withdrawal was paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ImportRequest {
    /// The transaction.
    pub transaction: String,
    /// Asks nobody, and believes whoever asks.
    #[serde(default)]
    pub unchecked: bool,
}

/// Records a payout whose withdrawal the store does not have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RecordRequest {
    /// The transaction.
    pub transaction: String,
    /// The address that it has paid.
    pub to: String,
    /// How much arrived there, in ledger units.
    pub amount: Amount,
    /// The code of the asset; not needed where the rail pays one alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asset: Option<String>,
    /// Whose payout it was; not needed where one wallet alone has had this address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wallet: Option<Wallet>,
    /// Asks nobody, and believes whoever asks.
    #[serde(default)]
    pub unchecked: bool,
}

/// Something that neither opens nor pays, whatever the catalog says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct EmergencyStop {
    /// The id of a level or a game; of a campaign `campaign:<id>`, of a rail `rail:<id>`.
    pub name: String,
    /// Whether the configuration stops it: then it can be resumed there alone.
    pub is_in_configuration: bool,
    /// Why it was stopped here, if it was.
    pub reason: Option<String>,
    /// Who has stopped it here.
    pub by: Option<By>,
    /// When.
    pub at_ms: Option<Timestamp>,
}

/// All that is stopped, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct EmergencyStops {
    /// They.
    pub stopped: Vec<EmergencyStop>,
}

/// Stops something at once, or lets it run again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EmergencyRequest {
    /// The id of a level or a game; of a campaign `campaign:<id>`, of a rail `rail:<id>`.
    pub name: String,
    /// Whether it is to be stopped.
    pub stopped: bool,
    /// Why: 1 to 500 characters, in one line.
    pub reason: String,
}
