//! Delegations on the wire: that the key of a browser plays for a wallet, and that what it had before becomes that wallet's.

use serde::{Deserialize, Serialize};

use crate::round::{ClientId, Hash, STATEMENT_SKEW_MS};
use crate::statement::{Act, Statement, WalletAct};
use crate::time::Timestamp;
use crate::wallet::{Signature, Wallet};

/// The most delegations of a wallet that hold, or held within the last day.
pub const DELEGATIONS_MAX: usize = 16;

/// Lets the key of a browser open rounds and claim rewards for a wallet. Both sign the [`Statement`] that the other fields
/// make: the wallet says so, and the key shows that it is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DelegationRequest {
    /// For whom is played.
    pub wallet: Wallet,
    /// The key of the browser.
    pub delegate: Wallet,
    /// Until when it may: at most 30 days from when this was issued.
    pub until_ms: Timestamp,
    /// The only site on which it may; anywhere where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// Chosen by the client, unique per wallet: the id of the delegation. Sent again, it gets the same answer.
    pub client_id: ClientId,
    /// The client's idea of the server's time, at most 5 minutes off.
    pub issued_at_ms: Timestamp,
    /// The origin of the page that prompts: the faucet's, or one of the site's.
    pub origin: String,
    /// The fingerprint of the faucet, from the catalog.
    pub faucet: Hash,
    /// What the wallet says it has signed, as base64 (RFC 4648, section 4): the text of the statement, bare or in one of Solana's
    /// envelopes. The bare text where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_message: Option<String>,
    /// By the wallet, over that.
    pub signature: Signature,
    /// By the key of the browser.
    pub countersignature: Signature,
}

/// Asks which delegations a wallet has. The signature is over the [`Statement`] that the other fields make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DelegationListRequest {
    /// Whose delegations.
    pub wallet: Wallet,
    /// Chosen by the client.
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

/// Revokes a delegation. The signature is over the [`Statement`] that the other fields make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DelegationRevocation {
    /// Whose delegation.
    pub wallet: Wallet,
    /// The id of the delegation: the client's id of the request that it was made by.
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

/// Moves all that a guest's key has to a wallet that has delegated to it. The signature is over the [`Statement`] that the other fields
/// make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct BalanceMoveRequest {
    /// The guest's key.
    pub wallet: Wallet,
    /// The wallet that gets it.
    pub to: Wallet,
    /// Chosen by the client. Sent again, the request gets the same answer.
    pub client_id: ClientId,
    /// The client's idea of the server's time, at most 5 minutes off.
    pub issued_at_ms: Timestamp,
    /// The origin of the faucet's page: the browser's key signs there, and nobody is prompted.
    pub origin: String,
    /// The fingerprint of the faucet, from the catalog.
    pub faucet: Hash,
    /// By the guest's key.
    pub signature: Signature,
}

/// That all that a guest's key had is a wallet's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct BalanceMoveAnswer {
    /// The guest's key. It opens no rounds for itself any more.
    pub wallet: Wallet,
    /// The wallet that got it.
    pub to: Wallet,
    /// When.
    pub moved_at_ms: Timestamp,
}

macro_rules! statements {
    ($($request:ident: $act:expr;)*) => {
        $(impl $request {
            /// The statement that the signature must be over.
            pub fn statement(&self) -> Statement {
                let act: fn(&Self) -> WalletAct = $act;
                Statement {
                    origin: self.origin.clone(),
                    wallet: self.wallet,
                    issued_at: self.issued_at_ms,
                    expires_at: self.issued_at_ms.plus(STATEMENT_SKEW_MS),
                    faucet: self.faucet,
                    act: Act::OfWallets(act(self)),
                }
            }
        })*
    };
}

statements! {
    DelegationRequest: |request| WalletAct::Delegate {
        client_id: request.client_id,
        delegate: request.delegate,
        until: request.until_ms,
        site: request.site.clone(),
    };
    DelegationListRequest: |request| WalletAct::ListDelegations {
        client_id: request.client_id,
        site: request.site.clone(),
    };
    DelegationRevocation: |request| WalletAct::RevokeDelegation {
        id: request.client_id,
        site: request.site.clone(),
    };
    BalanceMoveRequest: |request| WalletAct::MoveBalance { client_id: request.client_id, to: request.to };
}

/// A delegation that holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct DelegationView {
    /// Its id.
    pub id: ClientId,
    /// The key of the browser.
    pub delegate: Wallet,
    /// The only site on which it holds; anywhere where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// When it was made.
    pub issued_at_ms: Timestamp,
    /// Until when it holds.
    pub until_ms: Timestamp,
}

/// The delegations of a wallet that hold, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct DelegationList {
    /// Each of them.
    pub delegations: Vec<DelegationView>,
}
