//! What players sign besides their rounds: addresses, keys, delegations, withdrawals.

use dripline_server::store::Command;
use dripline_server::store::command::{
    Delegate, IssueReadKey, MoveBalance, RevokeDelegation, RevokeReadKey, SetAddress, Withdraw,
};
use dripline_server::store::record::request_hash;
use dripline_shared::amount::Amount;
use dripline_shared::api::{
    AddressRequest, BalanceMoveRequest, DelegationRequest, DelegationRevocation, ReadKeyRequest,
    ReadKeyRevocation, WithdrawalRequest,
};
use dripline_shared::payout::WithdrawalId;
use dripline_shared::round::ClientId;
use dripline_shared::time::{DAY_MS, HOUR_MS, Timestamp};
use dripline_shared::wallet::Signature;

use super::play::{hash_of, key_of};
use super::{Bench, FEE, wallet_of};

impl Bench {
    /// A request to be paid at the address of this number, by the sandbox.
    pub(crate) fn set_address(&self, wallet: u8, client: u8, address: u8, now: Timestamp) -> Command {
        let request = AddressRequest {
            wallet: wallet_of(wallet),
            rail: "sandbox".to_owned(),
            address: format!("address-{address}"),
            client_id: ClientId([client; 16]),
            issued_at_ms: now,
            origin: "https://play.example".to_owned(),
            faucet: self.in_force.faucet,
            ownership: None,
            signed_message: None,
            site: None,
            signature: Signature([0; 64]),
        };
        let statement = hash_of(&request.statement());
        Command::SetAddress(Box::new(SetAddress { now, request, statement }))
    }

    /// A request for a read-only key, which may hold for an hour only.
    pub(crate) fn issue_read_key(&self, wallet: u8, client: u8, is_short: bool, now: Timestamp) -> Command {
        let request = ReadKeyRequest {
            wallet: wallet_of(wallet),
            until_ms: is_short.then_some(now.plus(HOUR_MS)),
            client_id: ClientId([client; 16]),
            issued_at_ms: now,
            origin: "https://play.example".to_owned(),
            faucet: self.in_force.faucet,
            signature: Signature([0; 64]),
        };
        let statement = hash_of(&request.statement());
        Command::IssueReadKey(Box::new(IssueReadKey { now, request, statement }))
    }

    /// The revocation of the read-only key of this client id.
    pub(crate) fn revoke_read_key(&self, wallet: u8, client: u8, now: Timestamp) -> Command {
        let request = ReadKeyRevocation {
            wallet: wallet_of(wallet),
            client_id: ClientId([client; 16]),
            issued_at_ms: now,
            origin: "https://play.example".to_owned(),
            faucet: self.in_force.faucet,
            signature: Signature([0; 64]),
        };
        Command::RevokeReadKey(Box::new(RevokeReadKey { now, request }))
    }

    /// A request that lets the key of a browser play for a wallet, for an hour or a day.
    pub(crate) fn delegate(&self, wallet: u8, client: u8, is_short: bool, now: Timestamp) -> Command {
        let request = DelegationRequest {
            wallet: wallet_of(wallet),
            // Of another wallet, or of a key that has none.
            delegate: wallet_of(if client < 5 && client != wallet { client } else { 100 + client }),
            until_ms: now.plus(if is_short { HOUR_MS } else { DAY_MS }),
            site: None,
            client_id: ClientId([client; 16]),
            issued_at_ms: now,
            origin: "https://play.example".to_owned(),
            faucet: self.in_force.faucet,
            signed_message: None,
            signature: Signature([0; 64]),
            countersignature: Signature([0; 64]),
        };
        let statement = hash_of(&request.statement());
        let prefix = format!("192.0.2.{wallet}");
        Command::Delegate(Box::new(Delegate { now, request, statement, prefix }))
    }

    /// The revocation of the delegation of this client id.
    pub(crate) fn revoke_delegation(&self, wallet: u8, client: u8, now: Timestamp) -> Command {
        let request = DelegationRevocation {
            wallet: wallet_of(wallet),
            client_id: ClientId([client; 16]),
            issued_at_ms: now,
            origin: "https://play.example".to_owned(),
            faucet: self.in_force.faucet,
            signed_message: None,
            site: None,
            signature: Signature([0; 64]),
        };
        Command::RevokeDelegation(Box::new(RevokeDelegation { now, request }))
    }

    /// A request to move all that a key has to a wallet.
    pub(crate) fn move_balance(&self, guest: u8, to: u8, client: u8, now: Timestamp) -> Command {
        let request = BalanceMoveRequest {
            wallet: wallet_of(guest),
            to: wallet_of(to),
            client_id: ClientId([client; 16]),
            issued_at_ms: now,
            origin: "https://play.example".to_owned(),
            faucet: self.in_force.faucet,
            signature: Signature([0; 64]),
        };
        let statement = hash_of(&request.statement());
        Command::MoveBalance(Box::new(MoveBalance { now, request, statement }))
    }

    /// A request to withdraw so many units to the address of this number.
    pub(crate) fn withdraw(
        &self,
        wallet: u8,
        client: u8,
        units: u32,
        address: u8,
        now: Timestamp,
    ) -> Command {
        let request = WithdrawalRequest {
            wallet: wallet_of(wallet),
            rail: "sandbox".to_owned(),
            asset: "DRIP".to_owned(),
            amount: Amount::from_units(units),
            address: format!("address-{address}"),
            fee_max: FEE,
            client_id: ClientId([client; 16]),
            issued_at_ms: now,
            origin: "https://play.example".to_owned(),
            faucet: self.in_force.faucet,
            signed_message: None,
            site: None,
            signature: Signature([0; 64]),
        };
        let text = request.statement(6).to_string();
        let statement = request_hash(&text);
        let request =
            WithdrawalRequest { signature: Signature::of(&key_of(wallet), text.as_bytes()), ..request };
        Command::Withdraw(Box::new(Withdraw {
            now,
            id: withdrawal_of(wallet, client, now),
            request,
            statement,
            needs_account: None,
        }))
    }
}

/// The id of the withdrawal that a wallet requests with a client id at this time.
pub(crate) fn withdrawal_of(wallet: u8, client: u8, now: Timestamp) -> WithdrawalId {
    WithdrawalId::new(now, [wallet, client, 0, 0, 0, 0, 0, 0, 0, 0])
}
