//! Rounds, and who plays them.

use dripline_server::price::Price;
use dripline_server::store::Command;
use dripline_server::store::command::{End, GiveBack, Open, PutSegment, Settle};
use dripline_shared::amount::Amount;
use dripline_shared::api::{OpenRequest, OutcomeView};
use dripline_shared::catalog::DEFAULT_CAMPAIGN;
use dripline_shared::round::{ClientId, Hash, RoundId, hash};
use dripline_shared::statement::Statement;
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::{Signature, Wallet};
use ed25519_dalek::SigningKey;

use super::Bench;

impl Bench {
    pub(crate) fn open(&self, wallet: u8, client: u8, level: usize, now: Timestamp) -> Command {
        let level = &self.in_force.catalog.levels[level].id;
        let request = OpenRequest {
            wallet: wallet_of(wallet),
            level: level.clone(),
            campaign: DEFAULT_CAMPAIGN.to_owned(),
            site: None,
            delegate: None,
            client_id: ClientId([client; 16]),
            issued_at_ms: now,
            origin: "https://play.example".to_owned(),
            faucet: self.in_force.faucet,
            rules_version: self.in_force.levels[level].game.rules_version,
            abandon: None,
            voucher: None,
            signature: Signature([0; 64]),
        };
        let statement = hash_of(&request.statement());
        Command::Open(Box::new(Open {
            now,
            round: round_of(wallet, client, now),
            statement,
            voucher: None,
            prefix: prefix_of(wallet),
            request,
        }))
    }
}

/// The claim of a round, won by a play that nothing here looks at.
pub(crate) fn settle(round: RoundId, wallet: u8, now: Timestamp) -> Command {
    Command::Settle(Box::new(Settle {
        now,
        round,
        wallet: wallet_of(wallet),
        delegate: None,
        signature: Signature([wallet; 64]),
        outcome: OutcomeView { won: true, score: 100, stars: 2, length: 8 },
        transcript_hash: Hash([3; 32]),
        transcript: vec![0, 8, 0, 0],
        prefix: prefix_of(wallet),
        price: Some(Price { currency: "EUR".into(), per_coin: Amount::from_units(100_000_000) }),
    }))
}

pub(crate) fn segment(round: RoundId, number: u32, end: Option<u32>, now: Timestamp) -> Command {
    Command::Segment(Box::new(PutSegment { now, round, number, end, bytes: Vec::new() }))
}

pub(crate) fn end(round: RoundId, now: Timestamp) -> Command {
    Command::End(End { now, round })
}

pub(crate) fn give_back(round: RoundId, wallet: u8, now: Timestamp) -> Command {
    Command::GiveBack(GiveBack { now, round, wallet: wallet_of(wallet) })
}

/// What a store keeps of a signed statement, to know the request again.
pub(super) fn hash_of(statement: &Statement) -> Hash {
    hash(b"dripline/tests/s", &[statement.to_string().as_bytes()])
}

/// The key of a wallet.
pub(super) fn key_of(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number; 32])
}

/// The wallet of this number; nothing here checks that it is a key.
pub(crate) fn wallet_of(number: u8) -> Wallet {
    Wallet(key_of(number).verifying_key().to_bytes())
}

/// The id of the round that a wallet opens with a client id at this time.
pub(crate) fn round_of(wallet: u8, client: u8, now: Timestamp) -> RoundId {
    RoundId::new(now, [wallet, client, 0, 0, 0, 0, 0, 0, 0, 0])
}

/// Two wallets share a network.
fn prefix_of(wallet: u8) -> String {
    format!("192.0.2.{}", wallet / 2)
}
