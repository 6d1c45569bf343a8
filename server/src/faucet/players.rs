//! Players, for operators: who there is, how they stand and have played, and what is done about them.

use std::fmt::Write as _;

use dripline_shared::api::operate::players::{
    PlayedSegment, PlayerList, PlayerMove, PlayerRound, PlayerRounds, PlayerSummary, PlayerView,
    RoundClosing, RoundReplay, Standing, StandingView, TAKEN_OVER_MAX,
};
use dripline_shared::api::{OutcomeView, WithdrawalView};
use dripline_shared::error::Code;
use dripline_shared::round::RoundId;
use dripline_shared::wallet::Wallet;

use crate::faucet::search::{SEARCH_MIN, spans};
use crate::faucet::{Faucet, Inner, Operator, unreadable};
use crate::payout;
use crate::play::view;
use crate::refusal::Refusal;
use crate::store::BoxedReader;
use crate::store::command::Change;
use crate::store::record::{Closing, Document, DocumentKind, PlayerRecord, RoundFacts, WalletRecord};

/// The most players, or rounds of a player, of a page.
pub const PLAYERS_MAX: usize = 100;
/// How many of a player's newest withdrawals are looked at for those that wait.
const WITHDRAWALS_LOOKED_AT: usize = 100;

impl Faucet {
    /// A page of players: those whose wallets' texts begin with `search`, in the order of their keys, or all of them, those that
    /// came last first. At most `limit`, which is taken as 1 to [`PLAYERS_MAX`].
    pub async fn players(
        &self,
        search: Option<&str>,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<PlayerList, Refusal> {
        let limit = limit.clamp(1, PLAYERS_MAX);
        self.counted(match search {
            Some(search) => self.inner.players_like(search, cursor, limit).await,
            None => self.inner.newest_players(cursor, limit).await,
        })
    }

    /// All that operators see of a player.
    pub async fn player(&self, wallet: Wallet) -> Result<PlayerView, Refusal> {
        self.counted(self.inner.player(wallet).await)
    }

    /// Holds, bans or releases a wallet.
    pub async fn set_standing(
        &self,
        who: Operator,
        wallet: Wallet,
        standing: Standing,
        reason: String,
    ) -> Result<PlayerView, Refusal> {
        let changed = self.inner.operate(who, Change::SetStanding { wallet, standing, reason }).await;
        self.counted(changed)?;
        self.inner.ring_all();
        self.player(wallet).await
    }

    /// Notes something about a wallet.
    pub async fn note_player(
        &self,
        who: Operator,
        wallet: Wallet,
        text: String,
    ) -> Result<PlayerView, Refusal> {
        let noted = self.inner.operate(who, Change::AddNote { wallet, text }).await;
        self.counted(noted)?;
        self.player(wallet).await
    }

    /// A page of a wallet's rounds, the newest first: those with ids below `before`, at most `limit`, which is taken as 1 to
    /// [`PLAYERS_MAX`].
    pub async fn player_rounds(
        &self,
        wallet: Wallet,
        before: Option<RoundId>,
        limit: usize,
    ) -> Result<PlayerRounds, Refusal> {
        let limit = limit.clamp(1, PLAYERS_MAX);
        let read = move |reader: &mut BoxedReader| {
            // One more than asked for tells whether there is another page.
            let mut found = reader.rounds_of(wallet, before, limit.saturating_add(1)).map_err(unreadable)?;
            let more = found.len() > limit;
            found.truncate(limit);
            let rounds: Vec<PlayerRound> = found.iter().map(round_of_player).collect();
            let next_before = rounds.last().filter(|_| more).map(|round| round.round);
            Ok(PlayerRounds { rounds, next_before })
        };
        self.counted(self.inner.readers.run(read).await.and_then(|page| page))
    }

    /// All that it takes to watch a round again, as far as it is kept.
    pub async fn round_replay(&self, round: RoundId) -> Result<RoundReplay, Refusal> {
        let (in_force, now) = (self.inner.in_force(), self.inner.edge.now());
        let read = move |reader: &mut BoxedReader| {
            let facts = reader.round(round).map_err(unreadable)?.ok_or(Code::RoundUnknown)?;
            let segments = reader.segments(round).map_err(unreadable)?;
            let RoundFacts { record, claim } = facts;
            let seen = view::round(&in_force, &record, &segments, None, now);
            let played = segments.iter().zip(&seen.seeds).map(|(stored, seed)| PlayedSegment {
                seed: *seed,
                length: stored.segment.length,
                inputs: hexadecimal(&stored.segment.bytes),
            });
            let receipt = claim.map(|claim| claim.receipt);
            let pinned = record.level.pinned().ok();
            Ok(RoundReplay {
                round,
                wallet: record.wallet,
                state: seen.state,
                level: pinned.map(|pinned| pinned.level.clone()),
                level_hash: record.level.hash(),
                catalog: pinned.map(|pinned| pinned.catalog),
                rules_version: record.rules_version,
                campaign: record.campaign.to_string(),
                origin: record.origin.to_string(),
                opened_at_ms: record.opened_at,
                expires_at_ms: record.expires_at,
                claim_until_ms: record.claim_until,
                play: played.collect(),
                round_secret: seen.round_secret,
                outcome: receipt.as_ref().map(|receipt| receipt.outcome),
                amount: receipt.as_ref().map(|receipt| receipt.amount),
                asset: receipt.map(|receipt| receipt.asset),
            })
        };
        self.counted(self.inner.readers.run(read).await.and_then(|replay| replay))
    }
}

impl Inner {
    async fn newest_players(&self, cursor: Option<&str>, limit: usize) -> Result<PlayerList, Refusal> {
        let before: Option<u64> = cursor.map(str::parse).transpose().map_err(|_| not_a_cursor())?;
        let read = move |reader: &mut BoxedReader| {
            let found = reader.newest_wallets(before, limit.saturating_add(1)).map_err(unreadable)?;
            let more = found.len() > limit;
            let page = found.get(..limit).unwrap_or(&found);
            let next_cursor = page.last().filter(|_| more).map(|(number, _)| number.to_string());
            Ok(PlayerList { players: page.iter().map(|(_, record)| summary(record)).collect(), next_cursor })
        };
        self.readers.run(read).await?
    }

    async fn players_like(
        &self,
        search: &str,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<PlayerList, Refusal> {
        let spans = spans(search).ok_or_else(|| {
            let message = format!("search: expected the first characters of a wallet, at least {SEARCH_MIN}");
            Refusal::new(Code::InvalidParameter, message)
        })?;
        let after: Option<Wallet> = cursor.map(str::parse).transpose().map_err(|_| not_a_cursor())?;
        let read = move |reader: &mut BoxedReader| {
            let mut found: Vec<WalletRecord> = Vec::new();
            for (from, to) in spans.into_iter().filter(|(_, to)| after.is_none_or(|after| after < *to)) {
                // The one that the page before ended with comes again, and is left out.
                let from = after.map_or(from, |after| after.max(from));
                let wanted = limit.saturating_add(2).saturating_sub(found.len());
                let of_span = reader.wallets_between(from, to, wanted).map_err(unreadable)?;
                found.extend(of_span.into_iter().filter(|record| Some(record.wallet) != after));
                if found.len() > limit {
                    break;
                }
            }
            let more = found.len() > limit;
            found.truncate(limit);
            let next_cursor = found.last().filter(|_| more).map(|record| record.wallet.to_string());
            Ok(PlayerList { players: found.iter().map(summary).collect(), next_cursor })
        };
        self.readers.run(read).await?
    }

    async fn player(&self, wallet: Wallet) -> Result<PlayerView, Refusal> {
        let (in_force, now) = (self.in_force(), self.edge.now());
        let read = move |reader: &mut BoxedReader| {
            let facts = reader.wallet(wallet).map_err(unreadable)?;
            let record = facts.record;
            let taken_over = reader.moved_to(wallet, TAKEN_OVER_MAX).map_err(unreadable)?;
            // A wallet that only lets others play for it has done nothing itself, unless something was moved to it or from it.
            if record.attempts.is_none() && record.moved.is_none() && taken_over.is_empty() {
                return Err(Code::WalletUnknown.into());
            }
            let about = reader.document(DocumentKind::Player, &wallet.to_string()).map_err(unreadable)?;
            let about: Option<PlayerRecord> = Document::read_one(about)?;
            let about = about.unwrap_or_else(|| PlayerRecord::new(wallet));
            let found = reader.withdrawals(wallet, None, WITHDRAWALS_LOOKED_AT).map_err(unreadable)?;
            let waiting = found.into_iter().filter(|facts| !facts.record.stage.state().is_final());
            let waiting: Vec<WithdrawalView> =
                waiting.map(|facts| payout::view::withdrawal(facts, now)).collect();
            let PlayerRecord { reason, by, at, notes, .. } = about;
            Ok(PlayerView {
                wallet: view::wallet(&in_force, facts, None, now),
                standing: StandingView { standing: record.standing, reason, by, at_ms: at },
                first_drip_ms: record.first_drip,
                last_drip_ms: record.last_drip,
                notes,
                waiting,
                moved_to: record.moved.map(|moved| PlayerMove { wallet: moved.to, at_ms: moved.at }),
                took_over: taken_over.iter().filter_map(moved_from).collect(),
            })
        };
        self.readers.run(read).await?
    }

    /// Has every rail look for what it can pay.
    pub(super) fn ring_all(&self) {
        self.rails.values().for_each(|at_work| at_work.wanted.notify_one());
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len().saturating_mul(2)), |mut text, byte| {
        // Writing into a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn not_a_cursor() -> Refusal {
    Refusal::new(Code::InvalidParameter, "cursor: expected what the page before has given")
}

fn summary(record: &WalletRecord) -> PlayerSummary {
    PlayerSummary {
        wallet: record.wallet,
        standing: record.standing,
        drips: record.drips,
        first_drip_ms: record.first_drip,
        last_drip_ms: record.last_drip,
    }
}

/// That all that a key had was moved, as whoever got it sees it.
fn moved_from(record: &WalletRecord) -> Option<PlayerMove> {
    record.moved.map(|moved| PlayerMove { wallet: record.wallet, at_ms: moved.at })
}

fn round_of_player(facts: &RoundFacts) -> PlayerRound {
    let RoundFacts { record, claim } = facts;
    let outcome: Option<OutcomeView> = claim.as_ref().map(|claim| claim.receipt.outcome);
    PlayerRound {
        round: record.id,
        level: record.level.id().map(str::to_owned),
        campaign: record.campaign.to_string(),
        opened_at_ms: record.opened_at,
        claim_until_ms: record.claim_until,
        closing: match record.closing {
            Closing::NotYet => RoundClosing::NotYet,
            Closing::Ended => RoundClosing::Ended,
            Closing::Claimed => RoundClosing::Claimed,
        },
        outcome,
        amount: claim.as_ref().map(|claim| claim.receipt.amount),
    }
}
