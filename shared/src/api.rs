//! The wire: every body of `/api/v1`. Both sides use these types; the OpenAPI document is made from them.
//!
//! Amounts are strings, moments are milliseconds since the epoch in fields that end in `_ms`, keys are base58, other
//! bytes are hexadecimal. Requests refuse unknown fields; answers may grow.

use serde::{Deserialize, Serialize};

use crate::amount::{Amount, Asset};
use crate::campaign::{Audience, CampaignStage};
use crate::level::Level;
use crate::reward::Factor;
use crate::round::{ClientId, Hash, RoundId, RoundSecret, RoundToken, Seed, Timing};
use crate::statement::{Act, Statement};
use crate::time::Timestamp;
use crate::wallet::{Signature, Wallet};

#[cfg(feature = "operators")]
pub mod access;
#[cfg(feature = "operators")]
pub mod alert;
#[cfg(feature = "wallets")]
mod delegation;
mod ledger;
mod log;
mod notices;
#[cfg(feature = "operators")]
pub mod operate;
#[cfg(feature = "operators")]
pub mod overview;
mod payout;
mod problem;
mod read_key;
#[cfg(feature = "operators")]
pub mod sign_in;
#[cfg(feature = "operators")]
pub mod sites;
#[cfg(feature = "operators")]
mod verification;
#[cfg(feature = "signatures")]
mod vouch;
mod voucher;
mod wallet;

#[cfg(feature = "wallets")]
pub use delegation::{
    BalanceMoveAnswer, BalanceMoveRequest, DELEGATIONS_MAX, DelegationList, DelegationListRequest,
    DelegationRequest, DelegationRevocation, DelegationView,
};
pub use ledger::{AssetBooks, Holding, LedgerView, OnChain, RailTreasury};
pub use log::{ConsistencyProof, InclusionProof, LogEntryView, LogPromise, SignedTreeHead};
pub use notices::Notices;
pub use payout::{
    AddressRequest, AddressView, RailAsset, RailList, RailView, WithdrawalPage, WithdrawalRequest,
    WithdrawalView,
};
pub use problem::{Problem, Reason};
pub use read_key::{
    IssuedReadKey, ReadKeyList, ReadKeyListRequest, ReadKeyRequest, ReadKeyRevocation, ReadKeyView,
};
#[cfg(feature = "operators")]
pub use verification::{
    SiteVerifyAnswer, SiteVerifyRequest, VerificationAnswer, VerificationRequest, Verified,
};
pub use voucher::{VoucherLook, VoucherView};
pub use wallet::{AssetMoney, Direction, HistoryEntry, HistoryPage, WalletView, Worth};

/// Opens a round. The signature is over the [`Statement`] that the other fields make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct OpenRequest {
    /// Who plays.
    pub wallet: Wallet,
    /// What is played.
    pub level: String,
    /// Out of which budget: `default` where nothing else is said.
    pub campaign: String,
    /// The site whose page it is played on; none on the faucet's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// The key that signs for the wallet, which has delegated that to it; none where the wallet signs itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delegate: Option<Wallet>,
    /// Chosen by the client, unique per wallet; sent again, it gets the same answer.
    pub client_id: ClientId,
    /// The client's idea of the server's time, at most 5 minutes off.
    pub issued_at_ms: Timestamp,
    /// The origin of the page that signs.
    pub origin: String,
    /// The fingerprint of the faucet, from the catalog.
    pub faucet: Hash,
    /// The rules version of the game that the page was built with.
    pub rules_version: u32,
    /// The round to be abandoned, if one is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub abandon: Option<RoundId>,
    /// The code of the voucher by which the wallet is in a campaign that is for vouchers. The signature is not over it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voucher: Option<String>,
    /// By the wallet, or by its delegate.
    pub signature: Signature,
}

impl OpenRequest {
    /// The statement that the signature must be over.
    pub fn statement(&self) -> Statement {
        Statement {
            origin: self.origin.clone(),
            wallet: self.wallet,
            issued_at: self.issued_at_ms,
            expires_at: self.issued_at_ms.plus(crate::round::STATEMENT_SKEW_MS),
            faucet: self.faucet,
            act: Act::Open {
                client_id: self.client_id,
                level: self.level.clone(),
                campaign: self.campaign.clone(),
                site: self.site.clone(),
                delegate: self.delegate,
                rules_version: self.rules_version,
                abandon: self.abandon,
            },
        }
    }
}

/// An opened round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct OpenAnswer {
    /// Its id.
    pub round: RoundId,
    /// What sends its segments. A secret of the player's.
    pub token: RoundToken,
    /// The level as it stands for this round, whatever the catalog becomes.
    pub level: Level,
    /// The hash of that level, which the claim names.
    pub level_hash: Hash,
    /// The version of the catalog.
    pub catalog: Hash,
    /// The rules version of the game.
    pub rules_version: u32,
    /// The campaign that pays.
    pub campaign: String,
    /// The seeds of segments 0 and 1.
    pub seeds: [Seed; 2],
    /// `H(round secret)`: the secret is shown when the round is closed, and must hash to this.
    pub secret_hash: Hash,
    /// When the round was opened: also the claim's `Issued At`.
    pub opened_at_ms: Timestamp,
    /// Until when it must have been played.
    pub expires_at_ms: Timestamp,
    /// Until when it can be claimed: also the claim's `Expiration Time`.
    pub claim_until_ms: Timestamp,
    /// The stretches it is played in.
    pub timing: Timing,
    /// What a claim would be told now, before it is played: everything that would refuse or lower it.
    pub limits: Vec<Reason>,
    /// The server's clock.
    pub server_time_ms: Timestamp,
}

impl OpenAnswer {
    /// The statement that a claim of this round signs.
    pub fn claim_statement(&self, wallet: Wallet, origin: &str, faucet: Hash, transcript: Hash) -> Statement {
        Statement {
            origin: origin.to_owned(),
            wallet,
            issued_at: self.opened_at_ms,
            expires_at: self.claim_until_ms,
            faucet,
            act: Act::Claim { round: self.round, level: self.level_hash, transcript },
        }
    }
}

/// The answer to a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct SegmentAnswer {
    /// The number of the segment that is now stored.
    pub segment: u32,
    /// The seed of the segment after the next one; none after the final segment, or where no such segment can come.
    pub seed: Option<Seed>,
    /// The server's clock.
    pub server_time_ms: Timestamp,
}

/// How a round stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RoundState {
    /// It is being played.
    Open,
    /// It has its final segment and waits for its claim.
    Finished,
    /// It was claimed.
    Claimed,
    /// It was ended or abandoned.
    Ended,
    /// Its time ran out.
    Expired,
}

/// A round, for whoever has its token: what a page needs to go on after a reload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct RoundView {
    /// Its id.
    pub round: RoundId,
    /// How it stands.
    pub state: RoundState,
    /// How many segments are stored.
    pub segments: u32,
    /// The seeds that the player may know: those of the stored segments and of the next two at most.
    pub seeds: Vec<Seed>,
    /// Until when it must have been played.
    pub expires_at_ms: Timestamp,
    /// The round's secret, once the round is claimed or ended. One whose time ran out can be ended for it.
    pub round_secret: Option<RoundSecret>,
    /// The receipt, once it is claimed.
    pub receipt: Option<Receipt>,
    /// The server's clock.
    pub server_time_ms: Timestamp,
}

/// Claims the reward of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ClaimRequest {
    /// The round.
    pub round: RoundId,
    /// The wallet's, over the claim's statement.
    pub signature: Signature,
}

/// What the server saw when it replayed a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct OutcomeView {
    /// Whether the goal was met.
    pub won: bool,
    /// The points.
    pub score: u32,
    /// 0 where the goal was not met, else 1 to 3.
    pub stars: u8,
    /// Ticks or turns played.
    pub length: u32,
}

/// The server's signed answer to an accepted claim. The signature is over [`crate::statement::receipt_text`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Receipt {
    /// The fingerprint of the faucet.
    pub faucet: Hash,
    /// The round.
    pub round: RoundId,
    /// Who earned it.
    pub wallet: Wallet,
    /// The level's id.
    pub level: String,
    /// The campaign that paid; `(none)` where the round earns nothing.
    pub campaign: String,
    /// What the replay gave.
    pub outcome: OutcomeView,
    /// What the level pays before factors.
    pub base: Amount,
    /// Every factor, in the order in which it was applied.
    pub factors: Vec<Factor>,
    /// The drip.
    pub amount: Amount,
    /// Of this asset (its code).
    pub asset: String,
    /// The wallet's balance after it.
    pub balance: Amount,
    /// From when this level pays this wallet again.
    pub pays_again_at_ms: Timestamp,
    /// The round's last running hash.
    pub transcript: Hash,
    /// The round's secret: anyone can check the seeds now.
    pub round_secret: RoundSecret,
    /// When it was claimed.
    pub claimed_at_ms: Timestamp,
    /// That its transfer will be a leaf of the log; none where nothing was paid, and in receipts from before there was a log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<LogPromise>,
    /// Which of the keys in `/.well-known/dripline-keys.json` signed.
    pub key_id: String,
    /// By that key.
    pub signature: Signature,
}

/// A level as the map shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct LevelView {
    /// Its id.
    pub id: String,
    /// The game's id.
    pub game: String,
    /// What it pays before factors.
    pub pays: Amount,
    /// The most that it can pay with every factor, the boost of its campaign among them.
    pub pays_max: Amount,
    /// The goal, for people.
    pub goal: String,
    /// The campaign to open rounds of: the best one that is open to everybody now.
    pub campaign: String,
    /// All of it.
    pub level: Level,
}

/// A campaign that is not over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct CampaignView {
    /// Its id.
    pub id: String,
    /// For people.
    pub name: String,
    /// Where it is in its time.
    pub stage: CampaignStage,
    /// Whether it has ended before its time, because its budget is used up.
    pub is_used_up: bool,
    /// From when rounds are opened; none where it has no start.
    pub starts_ms: Option<Timestamp>,
    /// Until when rounds are opened; none where it has no end.
    pub ends_ms: Option<Timestamp>,
    /// The levels that it pays for; none where it pays for all.
    pub levels: Option<Vec<String>>,
    /// A factor of its drips in basis points; none where it adds nothing.
    pub boost: Option<u32>,
    /// Whether what it has left is spread over the time that it has left.
    pub is_paced: bool,
    /// Whom it is for.
    pub audience: Audience,
    /// All that it may ever pay.
    pub budget: Amount,
    /// What it has left. It is given its budget when it starts.
    pub left: Amount,
}

/// What a page needs to know of a faucet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct CatalogView {
    /// The version: the hash of the catalog.
    pub version: Hash,
    /// The faucet's fingerprint, which statements name.
    pub faucet: Hash,
    /// What is paid.
    pub asset: Asset,
    /// Every asset that the faucet pays or ever paid: what players hold of them is written with these decimals.
    pub assets: Vec<Asset>,
    /// The levels in order.
    pub levels: Vec<LevelView>,
    /// The ids of the campaigns.
    pub campaigns: Vec<String>,
    /// What an hour of play typically earns, after limits and repeats, for somebody who plays fairly well.
    pub typical_hour: Amount,
    /// Whether drips are play money: what is paid can be withdrawn by sandboxes, and by nothing else.
    pub is_play_money: bool,
    /// The server's clock.
    pub server_time_ms: Timestamp,
}

/// The keys that a faucet signs with: `/.well-known/dripline-keys.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct FaucetKeys {
    /// The fingerprint that statements name.
    pub faucet: Hash,
    /// Every key ever used, the oldest first.
    pub keys: Vec<FaucetKey>,
}

/// A key that a faucet signs with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct FaucetKey {
    /// Its id.
    pub id: String,
    /// What it signs: `receipt`, or the heads of the `log`.
    pub purpose: String,
    /// The public key.
    pub public_key: Wallet,
    /// From when it was used.
    pub from_ms: Timestamp,
    /// By the key before it of its purpose, over [`key_text`](crate::statement::key_text); the log's first by one for receipts. The first of all has
    /// none: the faucet's fingerprint is its hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
}
