//! A player: a key, and what it signs.

use dripline_shared::amount::Amount;
use dripline_shared::api::{
    AddressRequest, CatalogView, OpenAnswer, OpenRequest, Receipt, WithdrawalRequest,
};
use dripline_shared::game::{Skill, Status};
use dripline_shared::round::{ClientId, RoundId, hash};
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::{Signature, Wallet};
use ed25519_dalek::SigningKey;

use crate::answer::Answer;
use crate::clock::Clock;
use crate::faucet::ORIGIN;
use crate::play::Play;
use crate::request;
use crate::wire::Wire;

/// The id of the rail of a first run.
const SANDBOX: &str = "sandbox";

/// A player.
#[derive(Debug, Clone)]
pub struct Player {
    /// The key.
    pub key: SigningKey,
    /// Its public half.
    pub wallet: Wallet,
}

impl Player {
    /// The player of this number: always the same key.
    pub fn number(number: u64) -> Self {
        let key = SigningKey::from_bytes(&hash(b"dripline/player1", &[&number.to_be_bytes()]).0);
        Self { wallet: Wallet::of(&key), key }
    }

    /// A signed request to open a round.
    ///
    /// # Panics
    /// Where the faucet has no such level.
    pub fn open(
        &self,
        faucet: &CatalogView,
        level: &str,
        client_id: ClientId,
        now: Timestamp,
    ) -> OpenRequest {
        let view = faucet.levels.iter().find(|view| view.id == level).expect("the faucet has the level");
        let mut request = OpenRequest {
            wallet: self.wallet,
            level: level.to_owned(),
            campaign: faucet.campaigns[0].clone(),
            site: None,
            delegate: None,
            client_id,
            issued_at_ms: now,
            origin: ORIGIN.to_owned(),
            faucet: faucet.faucet,
            rules_version: view.level.play.facts().rules_version,
            abandon: None,
            voucher: None,
            signature: Signature([0; 64]),
        };
        self.sign(&mut request);
        request
    }

    /// Signs what the request says now.
    pub fn sign(&self, request: &mut OpenRequest) {
        request.signature = Signature::of(&self.key, request.statement().to_string().as_bytes());
    }

    /// A signed request to be paid at an address by the sandbox.
    pub fn address(
        &self,
        faucet: &CatalogView,
        address: &str,
        client_id: ClientId,
        now: Timestamp,
    ) -> AddressRequest {
        let mut request = AddressRequest {
            wallet: self.wallet,
            rail: SANDBOX.to_owned(),
            address: address.to_owned(),
            client_id,
            issued_at_ms: now,
            origin: ORIGIN.to_owned(),
            faucet: faucet.faucet,
            site: None,
            signed_message: None,
            ownership: None,
            signature: Signature([0; 64]),
        };
        self.sign_address(&mut request);
        request
    }

    /// Signs what the request says now.
    pub fn sign_address(&self, request: &mut AddressRequest) {
        request.signature = Signature::of(&self.key, request.statement().to_string().as_bytes());
    }

    /// A signed request to withdraw to an address by the sandbox.
    pub fn withdrawal(
        &self,
        faucet: &CatalogView,
        amount: Amount,
        address: &str,
        client_id: ClientId,
        now: Timestamp,
    ) -> WithdrawalRequest {
        let mut request = WithdrawalRequest {
            wallet: self.wallet,
            rail: SANDBOX.to_owned(),
            asset: faucet.asset.code.clone(),
            amount,
            address: address.to_owned(),
            fee_max: Amount::MAX,
            client_id,
            issued_at_ms: now,
            origin: ORIGIN.to_owned(),
            faucet: faucet.faucet,
            site: None,
            signed_message: None,
            signature: Signature([0; 64]),
        };
        self.sign_withdrawal(faucet, &mut request);
        request
    }

    /// Signs what the request says now.
    pub fn sign_withdrawal(&self, faucet: &CatalogView, request: &mut WithdrawalRequest) {
        let text = request.statement(faucet.asset.decimals).to_string();
        request.signature = Signature::of(&self.key, text.as_bytes());
    }

    /// The request to open the same, abandoning `round`.
    #[must_use]
    pub fn abandoning(&self, request: OpenRequest, round: RoundId) -> OpenRequest {
        let mut request = OpenRequest { abandon: Some(round), ..request };
        self.sign(&mut request);
        request
    }
}

/// An id for a client's request: always the same for the same number.
///
/// # Panics
/// Never: the hash is longer.
pub fn client_id(number: u64) -> ClientId {
    let hash = hash(b"dripline/client1", &[&number.to_be_bytes()]);
    ClientId(hash.0[..16].try_into().expect("16 of 32 bytes"))
}

/// Asks a faucet for its catalog.
///
/// # Panics
/// Where it has no answer.
pub async fn catalog<W: Wire>(wire: &mut W) -> CatalogView {
    send(wire, request::get("/api/v1/catalog")).await.expect()
}

/// Sends a request that must be answered.
///
/// # Panics
/// Where it is not.
pub async fn send<W: Wire>(wire: &mut W, request: request::Message) -> Answer {
    wire.send(request).await.expect("the server answers")
}

/// Opens a round and plays all of it; its final segment has been sent.
///
/// # Panics
/// Where the server refuses any of it.
pub async fn play<W: Wire, C: Clock>(
    wire: &mut W,
    clock: &C,
    request: &OpenRequest,
    skill: Skill,
    dice: u64,
) -> Play {
    let opened: OpenAnswer = send(wire, request::open(request)).await.expect();
    let mut play = Play::begin(opened, skill, dice);
    while let Some(next) = play.next_segment() {
        clock.reach(next.from).await;
        let (round, token) = (play.opened.round, play.opened.token);
        let answer = send(wire, request::segment(round, token, next.number, next.end, next.bytes)).await;
        play.learn(&answer.expect());
    }
    play
}

/// Plays rounds until one is won. `number` tells rounds and requests apart: 1,000 numbers must be free after it.
///
/// # Panics
/// Where the server refuses any of it, or the bot loses and loses.
pub async fn win<W: Wire, C: Clock>(
    wire: &mut W,
    clock: &C,
    faucet: &CatalogView,
    player: &Player,
    level: &str,
    number: u64,
) -> Play {
    for attempt in number..number + 1_000 {
        let request = player.open(faucet, level, client_id(attempt), clock.now());
        let play = play(wire, clock, &request, Skill::Fair, attempt).await;
        if play.status() == Status::Won {
            return play;
        }
        let (round, token) = (play.opened.round, play.opened.token);
        let answer = send(wire, request::end(round, token)).await;
        assert!(answer.status.is_success(), "{answer}");
    }
    panic!("the bot does not win {level}");
}

/// Wins a round and claims it.
///
/// # Panics
/// Where the server refuses any of it.
pub async fn earn<W: Wire, C: Clock>(
    wire: &mut W,
    clock: &C,
    faucet: &CatalogView,
    player: &Player,
    level: &str,
    number: u64,
) -> Receipt {
    let play = win(wire, clock, faucet, player, level, number).await;
    send(wire, request::claim(&play.claim(player, ORIGIN, faucet.faucet))).await.expect()
}
