//! Read-only keys on the wire.

use serde::{Deserialize, Serialize};

use crate::read_key::ReadKey;
use crate::round::{ClientId, Hash, STATEMENT_SKEW_MS};
use crate::statement::{Act, Statement};
use crate::time::Timestamp;
use crate::wallet::{Signature, Wallet};

/// Asks for a read-only key. The signature is over the [`Statement`] that the other fields make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ReadKeyRequest {
    /// Whose history.
    pub wallet: Wallet,
    /// Until when the key holds; for good where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_ms: Option<Timestamp>,
    /// Chosen by the client, unique per wallet: the id of the key. Sent again, it gets the same answer.
    pub client_id: ClientId,
    /// The client's idea of the server's time, at most 5 minutes off.
    pub issued_at_ms: Timestamp,
    /// The origin of the page that signs.
    pub origin: String,
    /// The fingerprint of the faucet, from the catalog.
    pub faucet: Hash,
    /// By the wallet.
    pub signature: Signature,
}

/// Asks which read-only keys a wallet has. The signature is over the [`Statement`] that the other fields make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ReadKeyListRequest {
    /// Whose keys.
    pub wallet: Wallet,
    /// Chosen by the client.
    pub client_id: ClientId,
    /// The client's idea of the server's time, at most 5 minutes off.
    pub issued_at_ms: Timestamp,
    /// The origin of the page that signs.
    pub origin: String,
    /// The fingerprint of the faucet, from the catalog.
    pub faucet: Hash,
    /// By the wallet.
    pub signature: Signature,
}

/// Revokes a read-only key. The signature is over the [`Statement`] that the other fields make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ReadKeyRevocation {
    /// Whose key.
    pub wallet: Wallet,
    /// The id of the key: the client's id of the request that it was made for.
    pub client_id: ClientId,
    /// The client's idea of the server's time, at most 5 minutes off.
    pub issued_at_ms: Timestamp,
    /// The origin of the page that signs.
    pub origin: String,
    /// The fingerprint of the faucet, from the catalog.
    pub faucet: Hash,
    /// By the wallet.
    pub signature: Signature,
}

macro_rules! statements {
    ($($request:ident: $act:expr;)*) => {
        $(impl $request {
            /// The statement that the signature must be over.
            pub fn statement(&self) -> Statement {
                let act: fn(&Self) -> Act = $act;
                Statement {
                    origin: self.origin.clone(),
                    wallet: self.wallet,
                    issued_at: self.issued_at_ms,
                    expires_at: self.issued_at_ms.plus(STATEMENT_SKEW_MS),
                    faucet: self.faucet,
                    act: act(self),
                }
            }
        })*
    };
}

statements! {
    ReadKeyRequest: |request| Act::IssueReadKey { client_id: request.client_id, until: request.until_ms };
    ReadKeyListRequest: |request| Act::ListReadKeys { client_id: request.client_id };
    ReadKeyRevocation: |request| Act::RevokeReadKey { id: request.client_id };
}

/// A read-only key that was issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct IssuedReadKey {
    /// Its id.
    pub id: ClientId,
    /// Whose history it reads.
    pub wallet: Wallet,
    /// The key itself. The server keeps only a hash of it.
    pub key: ReadKey,
    /// When it was issued.
    pub issued_at_ms: Timestamp,
    /// Until when it holds; for good where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_ms: Option<Timestamp>,
}

/// A read-only key that holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ReadKeyView {
    /// Its id.
    pub id: ClientId,
    /// When it was issued.
    pub issued_at_ms: Timestamp,
    /// Until when it holds; for good where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_ms: Option<Timestamp>,
}

/// The read-only keys of a wallet that hold, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ReadKeyList {
    /// Each of them.
    pub keys: Vec<ReadKeyView>,
}
