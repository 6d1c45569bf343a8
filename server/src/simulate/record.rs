//! What is noted of a simulated day.

use std::collections::BTreeMap;

use dripline_shared::amount::Amount;
use dripline_shared::error::Code;
use dripline_shared::time::{MINUTE_MS, Timestamp};
#[cfg(test)]
use dripline_shared::wallet::Wallet;
use serde::Serialize;

use super::player::Kind;
use crate::refusal::Refusal;

/// What was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Opening a round.
    Open,
    /// The claim of a win.
    Claim,
}

impl Step {
    /// As in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Claim => "claim",
        }
    }
}

/// What a refusal is counted under: the step, the code, and of ceilings which one it was.
pub(super) type Refused = (Step, Code, Option<String>);

/// What the players of a kind did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct KindRecord {
    pub(super) rounds: u64,
    pub(super) won: u64,
    pub(super) drips: u64,
    /// Wins that a limit left without a drip.
    pub(super) unpaid: u64,
    pub(super) amount: Amount,
    /// How long they were there, all together, once the day is over.
    pub(super) present_ms: u64,
}

/// A player's presence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Presence {
    kind: Kind,
    arrived: Timestamp,
    last_seen: Timestamp,
}

/// A day.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Record {
    pub(super) kinds: BTreeMap<Kind, KindRecord>,
    players: Vec<Presence>,
    pub(super) refusals: BTreeMap<Refused, u64>,
    /// What the campaign had left at the end of each hour.
    pub(super) left: Vec<Amount>,
    /// Every drip, for tests of what limits let through.
    #[cfg(test)]
    pub(super) drips: Vec<Drip>,
}

/// A drip: to which wallet of which player.
#[cfg(test)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Drip {
    pub(super) player: usize,
    pub(super) wallet: Wallet,
    pub(super) at: Timestamp,
    pub(super) amount: Amount,
}

impl Record {
    /// Notes a player who arrives then. Gives its place.
    pub(super) fn arrives(&mut self, kind: Kind, at: Timestamp) -> usize {
        self.players.push(Presence { kind, arrived: at, last_seen: at });
        self.players.len().saturating_sub(1)
    }

    /// Notes that a player is there.
    pub(super) fn seen(&mut self, player: usize, now: Timestamp) {
        if let Some(presence) = self.players.get_mut(player) {
            presence.last_seen = presence.last_seen.max(now);
        }
    }

    fn kind(&mut self, kind: Kind) -> &mut KindRecord {
        self.kinds.entry(kind).or_default()
    }

    /// Notes a round.
    pub(super) fn opened(&mut self, kind: Kind) {
        let record = self.kind(kind);
        record.rounds = record.rounds.saturating_add(1);
    }

    /// Notes a win.
    pub(super) fn won(&mut self, kind: Kind) {
        let record = self.kind(kind);
        record.won = record.won.saturating_add(1);
    }

    /// Notes a drip.
    pub(super) fn paid(&mut self, kind: Kind, amount: Amount) {
        let record = self.kind(kind);
        record.drips = record.drips.saturating_add(1);
        record.amount = record.amount.checked_add(amount).unwrap_or(Amount::MAX);
    }

    /// Notes a win that was given up.
    pub(super) fn unpaid(&mut self, kind: Kind) {
        let record = self.kind(kind);
        record.unpaid = record.unpaid.saturating_add(1);
    }

    /// Notes a refusal, for each of its reasons.
    pub(super) fn refused(&mut self, step: Step, refusal: &Refusal) {
        for reason in &refusal.reasons {
            let subject = reason.subject.clone().filter(|_| reason.code == Code::CeilingReached);
            let count = self.refusals.entry((step, reason.code, subject)).or_default();
            *count = count.saturating_add(1);
        }
    }

    /// All that was paid.
    pub(super) fn paid_in_all(&self) -> Amount {
        let amounts = self.kinds.values().map(|kind| kind.amount);
        amounts.fold(Amount::ZERO, |sum, amount| sum.checked_add(amount).unwrap_or(Amount::MAX))
    }

    /// Adds up how long the players of each kind were there, each of them at least a minute, and forgets who they were: a
    /// report has many days, and a day many players.
    pub(super) fn close(&mut self) {
        for Presence { kind, arrived, last_seen } in std::mem::take(&mut self.players) {
            let record = self.kind(kind);
            record.present_ms = record.present_ms.saturating_add(last_seen.since(arrived).max(MINUTE_MS));
        }
    }
}
