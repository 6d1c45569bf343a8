//! Rounds and claims: the way from a request to the writer and back.

use dripline_shared::api::{
    ClaimRequest, OpenAnswer, OpenRequest, Receipt, RoundState, RoundView, SegmentAnswer,
};
use dripline_shared::error::Code;
use dripline_shared::round::{Hash, RoundId, RoundToken};
use dripline_shared::time::Timestamp;
use dripline_shared::transcript::SEGMENT_BYTES_MAX;

use crate::faucet::settings::Caller;
use crate::faucet::{Faucet, Inner, unreadable};
use crate::in_force::InForce;
use crate::play::prove::Proof;
use crate::play::{open, prove, segment, settle, view};
use crate::refusal::Refusal;
use crate::store::command::{End, GiveBack, Open, PutSegment, Settle};
use crate::store::record::{RoundFacts, StoredSegment};
use crate::store::{Answer, BoxedReader, Command};
use crate::voucher::VoucherCode;

/// What was found of a round that is to be claimed.
enum Found {
    /// It was claimed before.
    Claimed(Box<Receipt>),
    /// It is finished, and its play proves this.
    Proven(Box<RoundFacts>, Proof),
}

impl Faucet {
    /// Opens a round.
    pub async fn open(&self, request: OpenRequest, caller: &Caller) -> Result<OpenAnswer, Refusal> {
        self.counted(self.inner.open(request, caller).await)
    }

    /// Takes a segment of a round. `end` is the length of the round's final segment, in ticks or turns; `None` says
    /// that another segment will follow.
    pub async fn segment(
        &self,
        round: RoundId,
        token: Option<RoundToken>,
        segment: u32,
        end: Option<u32>,
        bytes: Vec<u8>,
    ) -> Result<SegmentAnswer, Refusal> {
        let put = PutSegment { now: self.inner.edge.now(), round, number: segment, end, bytes };
        self.counted(self.inner.segment(put, token).await)
    }

    /// How a round stands.
    pub async fn round(&self, round: RoundId, token: Option<RoundToken>) -> Result<RoundView, Refusal> {
        self.counted(self.inner.round(round, token).await)
    }

    /// Closes a round that will not be claimed, also one whose time ran out. A round that is closed already stays as it
    /// is.
    pub async fn end(&self, round: RoundId, token: Option<RoundToken>) -> Result<RoundView, Refusal> {
        self.counted(self.inner.end(round, token).await)
    }

    /// Claims a round's reward.
    pub async fn claim(&self, request: ClaimRequest, caller: &Caller) -> Result<Receipt, Refusal> {
        let key = (request.round, request.signature);
        self.counted(self.inner.claims.join(key, self.inner.claim(request, caller)).await)
    }
}

impl Inner {
    async fn open(&self, request: OpenRequest, caller: &Caller) -> Result<OpenAnswer, Refusal> {
        let now = self.edge.now();
        open::addressed(&self.in_force(), &request)?;
        let (request, statement) = self.provers.run(move |_| signed(request)).await??;
        let round = RoundId::new(now, self.edge.random());
        let voucher = request.voucher.as_deref().map(VoucherCode::parse);
        let voucher =
            voucher.map(|code| code.ok_or(Code::VoucherUnknown)).transpose()?.map(|code| code.hash());
        let open = Open { now, round, request, statement, voucher, prefix: caller.prefix.clone() };
        match self.writer.change(Command::Open(Box::new(open))).await? {
            Answer::Opened { round, limits, .. } => {
                view::opened(&self.in_force(), &round, limits, self.edge.now())
            }
            _ => Err(Code::Internal.into()),
        }
    }

    async fn segment(&self, put: PutSegment, token: Option<RoundToken>) -> Result<SegmentAnswer, Refusal> {
        self.authorize(put.round, token).await?;
        if put.bytes.len() > SEGMENT_BYTES_MAX {
            let message = format!("a segment has at most {SEGMENT_BYTES_MAX} bytes");
            return Err(Refusal::new(Code::BodyTooLarge, message));
        }
        let segment = put.number;
        match self.writer.change(Command::Segment(Box::new(put))).await? {
            Answer::Stored { seed, .. } => {
                Ok(SegmentAnswer { segment, seed, server_time_ms: self.edge.now() })
            }
            _ => Err(Code::Internal.into()),
        }
    }

    /// Whether whoever asks has the round's token. Without it, only whether there is such a round is told.
    pub(super) async fn authorize(&self, round: RoundId, token: Option<RoundToken>) -> Result<(), Refusal> {
        if token.is_some_and(|token| self.in_force().keys.is_token_of(token, round)) {
            return Ok(());
        }
        let found = self.readers.run(move |reader| reader.round(round).map_err(unreadable)).await??;
        Err(found.map_or(Code::RoundUnknown, |_| Code::WrongToken).into())
    }

    async fn round(&self, round: RoundId, token: Option<RoundToken>) -> Result<RoundView, Refusal> {
        self.authorize(round, token).await?;
        let (in_force, now) = (self.in_force(), self.edge.now());
        let read = move |reader: &mut BoxedReader| -> Result<RoundView, Refusal> {
            let facts = reader.round(round).map_err(unreadable)?.ok_or(Code::RoundUnknown)?;
            let segments = reader.segments(round).map_err(unreadable)?;
            let receipt = facts.claim.map(|claim| claim.receipt);
            Ok(view::round(&in_force, &facts.record, &segments, receipt, now))
        };
        self.readers.run(read).await?
    }

    async fn end(&self, round: RoundId, token: Option<RoundToken>) -> Result<RoundView, Refusal> {
        self.authorize(round, token).await?;
        self.writer.change(Command::End(End { now: self.edge.now(), round })).await?;
        self.round(round, token).await
    }

    async fn claim(&self, request: ClaimRequest, caller: &Caller) -> Result<Receipt, Refusal> {
        let (in_force, now) = (self.in_force(), self.edge.now());
        let found = self.provers.run(move |reader| find_claim(reader, &in_force, &request, now)).await??;
        let (facts, proof) = match found {
            Found::Claimed(receipt) => return Ok(*receipt),
            Found::Proven(facts, proof) => (facts, proof),
        };
        let round = facts.record;
        let Proof::Won { outcome, hash, play } = proof else {
            let give = GiveBack { now, round: round.id, wallet: round.wallet };
            self.writer.change(Command::GiveBack(give)).await?;
            return Err(Code::RulesChanged.into());
        };
        let settle = Settle {
            now,
            round: round.id,
            wallet: round.wallet,
            signature: request.signature,
            outcome,
            transcript_hash: hash,
            transcript: play,
            prefix: caller.prefix.clone(),
            price: self.prices.price(&self.in_force().asset, now),
        };
        match self.writer.change(Command::Settle(Box::new(settle))).await? {
            Answer::Settled { receipt, .. } => Ok(receipt),
            _ => Err(Code::Internal.into()),
        }
    }
}

/// Checks the signature of an open. Gives the hash of its statement with it.
fn signed(request: OpenRequest) -> Result<(OpenRequest, Hash), Refusal> {
    let hash = prove::signed(request.wallet, &request.statement(), &request.signature)?;
    Ok((request, hash))
}

/// Looks a round up that is to be claimed, and proves its play. On a proving thread.
fn find_claim(
    reader: &mut BoxedReader,
    in_force: &InForce,
    request: &ClaimRequest,
    now: Timestamp,
) -> Result<Found, Refusal> {
    let facts = reader.round(request.round).map_err(unreadable)?.ok_or(Code::RoundUnknown)?;
    if let Some(claim) = &facts.claim {
        return settle::repeated(claim, &request.signature).map(|receipt| Found::Claimed(Box::new(receipt)));
    }
    let segments = reader.segments(request.round).map_err(unreadable)?;
    let round = &facts.record;
    match round.state(&StoredSegment::tail(&segments), now) {
        RoundState::Finished => {}
        RoundState::Open => return Err(Code::RoundNotFinished.into()),
        RoundState::Ended => return Err(Code::RoundEnded.into()),
        RoundState::Claimed | RoundState::Expired => return Err(segment::expired(round)),
    }
    if let Ok(level) = round.level.pinned() {
        in_force.running(level, &round.campaign)?;
    }
    let proof = prove::claim(in_force, round, segments, request)?;
    Ok(Found::Proven(Box::new(facts), proof))
}
