//! Payouts on the wire: rails, payout addresses and withdrawals.

use serde::{Deserialize, Serialize};

use crate::amount::{Amount, Asset};
use crate::payout::{RailKind, WithdrawalId, WithdrawalState};
use crate::round::{ClientId, Hash, STATEMENT_SKEW_MS};
#[cfg(feature = "wallets")]
use crate::statement::OwnershipStatement;
use crate::statement::{Act, Statement};
use crate::time::Timestamp;
use crate::wallet::{Signature, Wallet};

/// What the rails of a faucet are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct RailList {
    /// Each of them, by rising ids.
    pub rails: Vec<RailView>,
    /// The server's clock.
    pub server_time_ms: Timestamp,
}

/// A rail, as a player sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct RailView {
    /// Its id, which statements name.
    pub id: String,
    /// What it settles on.
    pub kind: RailKind,
    /// What it pays out.
    pub assets: Vec<RailAsset>,
    /// How long an address must have been set before it is paid to, where it took the place of another one.
    pub address_wait_ms: u64,
    /// Why it pays nothing for the moment, where that is so. What was requested waits.
    pub paused: Option<String>,
    /// The number of its chain (EIP-155), where owners of addresses can prove that they are theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain_id: Option<u64>,
    /// Whether addresses have to be proven.
    pub needs_ownership: bool,
}

/// An asset that a rail pays out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct RailAsset {
    /// The asset.
    pub asset: Asset,
    /// The least that can be withdrawn.
    pub threshold: Amount,
    /// The most that can be withdrawn at once, where there is such a bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<Amount>,
    /// What a withdrawal costs now, at most. It is taken from the amount that is withdrawn.
    pub fee: Amount,
    /// After how many milliseconds without any act of its owner a balance is paid to the address that is set; never where
    /// nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dormant_after_ms: Option<u64>,
}

/// Says where withdrawals by a rail are to be paid. The signature is over the [`Statement`] that the other fields make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AddressRequest {
    /// Whose withdrawals.
    pub wallet: Wallet,
    /// The rail's id.
    pub rail: String,
    /// The address, as the rail writes it.
    pub address: String,
    /// Chosen by the client, unique per wallet; sent again, it gets the same answer.
    pub client_id: ClientId,
    /// The client's idea of the server's time, at most 5 minutes off.
    pub issued_at_ms: Timestamp,
    /// The origin of the page that prompts: the faucet's, or one of the site's.
    pub origin: String,
    /// The site whose page prompts, where the origin is one of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// The fingerprint of the faucet, from the catalog.
    pub faucet: Hash,
    /// What the wallet says it has signed, as base64 (RFC 4648, section 4): the text of the statement, bare or in one of Solana's
    /// envelopes. The bare text where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_message: Option<String>,
    /// By the wallet, over that.
    pub signature: Signature,
    /// By the owner of the address, over the statement of ownership that the other fields make: `0x` and 65 bytes as hexadecimal
    /// digits, as `personal_sign` answers it. Nothing where nobody proves that it is theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ownership: Option<String>,
}

impl AddressRequest {
    /// The statement that the signature must be over.
    pub fn statement(&self) -> Statement {
        Statement {
            origin: self.origin.clone(),
            wallet: self.wallet,
            issued_at: self.issued_at_ms,
            expires_at: self.issued_at_ms.plus(STATEMENT_SKEW_MS),
            faucet: self.faucet,
            act: Act::Address {
                client_id: self.client_id,
                rail: self.rail.clone(),
                address: self.address.clone(),
                site: self.site.clone(),
            },
        }
    }

    /// What the owner of the address says who signs that it is theirs, on the chain of this number.
    #[cfg(feature = "wallets")]
    pub fn ownership_statement(&self, chain_id: u64) -> OwnershipStatement {
        OwnershipStatement {
            origin: self.origin.clone(),
            address: self.address.clone(),
            chain_id,
            client_id: self.client_id,
            issued_at: self.issued_at_ms,
            expires_at: self.issued_at_ms.plus(STATEMENT_SKEW_MS),
            faucet: self.faucet,
            wallet: self.wallet,
            rail: self.rail.clone(),
            site: self.site.clone(),
        }
    }
}

/// Where a wallet is paid by a rail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct AddressView {
    /// The rail's id.
    pub rail: String,
    /// The address.
    pub address: String,
    /// When it was set.
    pub set_at_ms: Timestamp,
    /// From when it is paid to.
    pub usable_from_ms: Timestamp,
}

/// Requests a payout. The signature is over the [`Statement`] that the other fields make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct WithdrawalRequest {
    /// Whose money.
    pub wallet: Wallet,
    /// The rail's id.
    pub rail: String,
    /// The asset's code.
    pub asset: String,
    /// How much leaves the balance, the fee included.
    pub amount: Amount,
    /// Where it is paid to: the address that was set for this rail.
    pub address: String,
    /// The most that the fee may be.
    pub fee_max: Amount,
    /// Chosen by the client, unique per wallet; sent again, it gets the same answer.
    pub client_id: ClientId,
    /// The client's idea of the server's time, at most 5 minutes off.
    pub issued_at_ms: Timestamp,
    /// The origin of the page that prompts: the faucet's, or one of the site's.
    pub origin: String,
    /// The site whose page prompts, where the origin is one of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// The fingerprint of the faucet, from the catalog.
    pub faucet: Hash,
    /// What the wallet says it has signed, as base64 (RFC 4648, section 4): the text of the statement, bare or in one of Solana's
    /// envelopes. The bare text where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_message: Option<String>,
    /// By the wallet, over that.
    pub signature: Signature,
}

impl WithdrawalRequest {
    /// The statement that the signature must be over. `decimals` are the asset's, which its text writes amounts with.
    pub fn statement(&self, decimals: u8) -> Statement {
        Statement {
            origin: self.origin.clone(),
            wallet: self.wallet,
            issued_at: self.issued_at_ms,
            expires_at: self.issued_at_ms.plus(STATEMENT_SKEW_MS),
            faucet: self.faucet,
            act: Act::Withdraw {
                client_id: self.client_id,
                rail: self.rail.clone(),
                asset: Asset { code: self.asset.clone(), decimals },
                amount: self.amount,
                address: self.address.clone(),
                fee_max: self.fee_max,
                site: self.site.clone(),
            },
        }
    }
}

/// A withdrawal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct WithdrawalView {
    /// Its id.
    pub id: WithdrawalId,
    /// Whose.
    pub wallet: Wallet,
    /// The rail's id.
    pub rail: String,
    /// The asset's code.
    pub asset: String,
    /// How much left the balance.
    pub amount: Amount,
    /// What of it is the fee.
    pub fee: Amount,
    /// Where the rest is paid to.
    pub address: String,
    /// How it stands.
    pub state: WithdrawalState,
    /// When it was requested.
    pub requested_at_ms: Timestamp,
    /// While it is queued: how many withdrawals come before it. 1,000 means that many, or more.
    pub ahead: Option<u64>,
    /// When it was paid or returned.
    pub ended_at_ms: Option<Timestamp>,
    /// What paid it: the id of a transaction, as the rail writes it.
    pub transaction: Option<String>,
    /// Why it was returned.
    pub reason: Option<String>,
    /// The server's clock.
    pub server_time_ms: Timestamp,
}

/// A page of a wallet's withdrawals, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct WithdrawalPage {
    /// At most 100 of them.
    pub withdrawals: Vec<WithdrawalView>,
    /// `before` for the next page; none on the last.
    pub next_before: Option<WithdrawalId>,
}
