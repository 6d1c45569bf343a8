//! Operations about whose keys do what: read-only keys, keys of browsers that play for a wallet, guests that become one.

use dripline_shared::api::{
    BalanceMoveRequest, DelegationRequest, DelegationRevocation, ReadKeyRequest, ReadKeyRevocation,
};
use dripline_shared::round::Hash;
use dripline_shared::time::Timestamp;

/// Issues a read-only key. That its statement is for this faucet, and its signature, have been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueReadKey {
    /// When the request arrived.
    pub now: Timestamp,
    /// The request.
    pub request: ReadKeyRequest,
    /// The hash of its statement.
    pub statement: Hash,
}

/// Revokes a read-only key. That its statement is for this faucet, and its signature, have been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevokeReadKey {
    /// When the request arrived.
    pub now: Timestamp,
    /// The request.
    pub request: ReadKeyRevocation,
}

/// Lets the key of a browser play for a wallet. That the statement is for this faucet, and both signatures, have been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegate {
    /// When the request arrived.
    pub now: Timestamp,
    /// The request.
    pub request: DelegationRequest,
    /// The hash of its statement.
    pub statement: Hash,
    /// The network prefix of the client.
    pub prefix: String,
}

/// Revokes a delegation. That its statement is for this faucet, and its signature, have been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevokeDelegation {
    /// When the request arrived.
    pub now: Timestamp,
    /// The request.
    pub request: DelegationRevocation,
}

/// Moves all that a guest's key has to a wallet. That its statement is for this faucet, and its signature, have been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoveBalance {
    /// When the request arrived.
    pub now: Timestamp,
    /// The request.
    pub request: BalanceMoveRequest,
    /// The hash of its statement.
    pub statement: Hash,
}
