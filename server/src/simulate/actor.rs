//! A wallet on a simulated day: what its player does next. Pure.

use std::collections::BTreeMap;

use dripline_shared::game::Skill;
use dripline_shared::limit::WINDOW_MAX_MS;
use dripline_shared::progress::{LevelProgress, is_unlocked};
use dripline_shared::reward::{RewardFacts, reward, streak_days};
use dripline_shared::rng::SegmentRng;
use dripline_shared::round::{RoundId, Timing};
use dripline_shared::time::{DAY_MS, Timestamp};
use dripline_shared::wallet::Wallet;

use super::outcomes::{Played, play_ms};
use super::player::{Habits, Kind};
use super::record::{Record, Step};
use super::rules::{Faucet, Rules};
use crate::refusal::Refusal;
use crate::store::record::WalletRecord;

/// How often a claim is tried that a limit holds back.
const CLAIMS_MAX: u32 = 3;
/// Of a level that is won less often than once in so many rounds, players who were here before have not seen the end.
const CLEARED_FROM_ONE_IN: usize = 4;

/// A wallet, and what it is doing.
#[derive(Debug)]
pub(super) struct Actor {
    pub(super) wallet: Wallet,
    pub(super) kind: Kind,
    /// Which player's it is, by its place in the record.
    pub(super) player: usize,
    skill: Skill,
    prefix: String,
    ends: Timestamp,
    rng: SegmentRng,
    doing: Doing,
}

#[derive(Debug, Clone, Copy)]
enum Doing {
    /// Looking for a level.
    Choosing,
    /// In a round, or waiting to claim it.
    Playing { round: RoundId, expires: Timestamp, played: Played, tried: u32 },
}

impl Actor {
    /// Who has just come.
    pub(super) fn new(
        (kind, player): (Kind, usize),
        (wallet, prefix): (Wallet, String),
        skill: Skill,
        ends: Timestamp,
        rng: SegmentRng,
    ) -> Self {
        Self { wallet, kind, player, skill, prefix, ends, rng, doing: Doing::Choosing }
    }

    /// Makes a player of it who was here before: with a drip of each level that it wins often enough and that those unlock,
    /// at noon of the day before, or so long ago that every level pays again where it `rested`.
    pub(super) fn return_to(&self, faucet: &mut Faucet<'_>, day: Timestamp, rested: bool) {
        // The longest cooldown has passed since, or else noon of the day before.
        let last = day.minus(if rested { WINDOW_MAX_MS } else { DAY_MS / 2 });
        let mut reached: BTreeMap<String, LevelProgress> = BTreeMap::new();
        for (level, outcomes) in faucet.rules.catalog().levels.iter().zip(faucet.rules.outcomes) {
            let rounds = outcomes.of(self.skill);
            let won = rounds.iter().filter(|round| round.stars > 0);
            let best = won.clone().max_by_key(|round| (round.stars, round.score)).copied();
            let often = won.count().saturating_mul(CLEARED_FROM_ONE_IN) >= rounds.len();
            if let Some(Played { stars, score, .. }) = best.filter(|_| often && is_unlocked(level, &reached))
            {
                let progress = LevelProgress {
                    best_score: score,
                    best_stars: stars,
                    clears: 1,
                    clears_that_day: 1,
                    last_clear_at_ms: last,
                    pays_again_at_ms: last.plus(level.cooldown_ms),
                };
                reached.insert(level.id.clone(), progress);
            }
        }
        if reached.is_empty() {
            return;
        }
        let record = WalletRecord {
            drips: u64::try_from(reached.len()).unwrap_or(u64::MAX),
            // So long ago that it has a history in every catalog.
            first_drip: Some(Timestamp(0)),
            last_drip: Some(last),
            streak_days: 1,
            ..WalletRecord::new(self.wallet)
        };
        faucet.remember(record, reached);
    }

    /// Whether it had no drip before the day.
    #[cfg(test)]
    pub(super) fn is_new(&self, faucet: &Faucet<'_>) -> bool {
        let first = faucet.wallet(self.wallet).and_then(|wallet| wallet.first_drip);
        first.is_none_or(|first| first > Timestamp(0))
    }

    /// What it does at `now`. Gives when it will do the next thing; `None` where it leaves.
    pub(super) fn act(
        &mut self,
        faucet: &mut Faucet<'_>,
        record: &mut Record,
        now: Timestamp,
    ) -> Option<Timestamp> {
        record.seen(self.player, now);
        match self.doing {
            Doing::Choosing => self.choose(faucet, record, now),
            Doing::Playing { round, expires, played, tried } => {
                let paid = self.finish(faucet, record, (round, expires, played), tried, now);
                match paid {
                    Next::Claim(at) => {
                        self.doing =
                            Doing::Playing { round, expires, played, tried: tried.saturating_add(1) };
                        Some(at)
                    }
                    Next::GoOn => {
                        self.doing = Doing::Choosing;
                        Some(now.plus(self.kind.habits().between_ms))
                    }
                    Next::Wait(at) => {
                        self.doing = Doing::Choosing;
                        self.unless_gone(at, now)
                    }
                    Next::Leave => None,
                }
            }
        }
    }

    fn choose(&mut self, faucet: &mut Faucet<'_>, record: &mut Record, now: Timestamp) -> Option<Timestamp> {
        if now >= self.ends {
            return None;
        }
        let rules = faucet.rules;
        let index = match self.pick(faucet, now) {
            Ok(index) => index,
            Err(pays_again) => return pays_again.and_then(|at| self.unless_gone(at, now)),
        };
        let (level, outcomes) = rules.catalog().levels.get(index).zip(rules.outcomes.get(index))?;
        let played = outcomes.draw(self.skill, &mut self.rng)?;
        match faucet.open((self.wallet, &self.prefix), index, now) {
            Ok((round, expires)) => {
                record.opened(self.kind);
                self.doing = Doing::Playing { round, expires, played, tried: 0 };
                let timing = Timing::of(level);
                let turn_ms = self.kind.habits().turn_ms;
                Some(now.plus(play_ms(level, &timing, played.length, turn_ms).max(1)))
            }
            Err(refusal) => {
                record.refused(Step::Open, &refusal);
                passes_at(&refusal).and_then(|at| self.unless_gone(at, now))
            }
        }
    }

    /// The level that it plays next, by its place in the catalog; else when one pays again that it may play.
    fn pick(&mut self, faucet: &Faucet<'_>, now: Timestamp) -> Result<usize, Option<Timestamp>> {
        let nothing = BTreeMap::new();
        let reached = faucet.progress(self.wallet).unwrap_or(&nothing);
        let in_force = &faucet.rules.in_force;
        let is_running = |id: &str| {
            in_force
                .levels
                .get(id)
                .is_some_and(|level| in_force.running(level, &faucet.rules.campaign).is_ok())
                && faucet.rules.pays_for(id)
        };
        let levels = faucet.rules.catalog().levels.iter().enumerate();
        let open = levels.filter(|(_, level)| is_unlocked(level, reached) && is_running(&level.id));
        let pays_again =
            |id: &str| reached.get(id).map_or(Timestamp(0), |progress| progress.pays_again_at_ms);
        let paying = open.clone().filter(|(_, level)| pays_again(&level.id) <= now).map(|(index, _)| index);
        let picked = if self.kind.habits().is_greedy {
            paying.max_by_key(|index| {
                worth(faucet.rules, &self.kind.habits(), self.skill, reached, *index, now)
            })
        } else {
            let paying: Vec<usize> = paying.collect();
            self.rng.choose(&paying).copied()
        };
        picked.ok_or_else(|| open.map(|(_, level)| pays_again(&level.id)).min())
    }

    /// The end of a round, and its claim.
    fn finish(
        &mut self,
        faucet: &mut Faucet<'_>,
        record: &mut Record,
        (round, expires, played): (RoundId, Timestamp, Played),
        tried: u32,
        now: Timestamp,
    ) -> Next {
        if played.stars == 0 || (tried == 0 && now > expires) {
            faucet.end(round, now);
            return Next::GoOn;
        }
        if tried == 0 {
            record.won(self.kind);
        }
        let refusal = match faucet.claim((self.wallet, &self.prefix), round, played, now) {
            Ok(amount) => {
                record.paid(self.kind, amount);
                #[cfg(test)]
                record.drips.push(super::record::Drip {
                    player: self.player,
                    wallet: self.wallet,
                    at: now,
                    amount,
                });
                return Next::GoOn;
            }
            Err(refusal) => refusal,
        };
        record.refused(Step::Claim, &refusal);
        let passes = passes_at(&refusal);
        let again = passes.and_then(|at| self.unless_gone(at, now));
        if let Some(at) = again.filter(|_| tried.saturating_add(1) < CLAIMS_MAX) {
            return Next::Claim(at);
        }
        record.unpaid(self.kind);
        faucet.end(round, now);
        again.map_or(Next::Leave, Next::Wait)
    }

    /// A moment after now at which it is still there.
    fn unless_gone(&self, at: Timestamp, now: Timestamp) -> Option<Timestamp> {
        let at = at.max(now.plus(1));
        (at < self.ends).then_some(at)
    }
}

/// How it goes on after a round.
#[derive(Debug, Clone, Copy)]
enum Next {
    /// The claim is tried again then.
    Claim(Timestamp),
    /// With another round.
    GoOn,
    /// With another round, then.
    Wait(Timestamp),
    /// Not at all: nothing that it could wait for.
    Leave,
}

/// When everything that was refused will have passed; `None` where waiting does not help.
fn passes_at(refusal: &Refusal) -> Option<Timestamp> {
    let moments: Option<Vec<Timestamp>> = refusal.reasons.iter().map(|reason| reason.until_ms).collect();
    moments.and_then(|moments| moments.into_iter().max())
}

/// What a level is worth for its time to who plays so, in millionths of ledger units a millisecond.
fn worth(
    rules: &Rules<'_>,
    habits: &Habits,
    skill: Skill,
    reached: &BTreeMap<String, LevelProgress>,
    index: usize,
    now: Timestamp,
) -> u128 {
    let Some((level, expected)) = rules.catalog().levels.get(index).zip(rules.expected(index, skill)) else {
        return 0;
    };
    let progress = reached.get(&level.id).copied().unwrap_or_default();
    let facts = RewardFacts {
        stars: expected.stars,
        clears: progress.clears,
        clears_today: progress.clears_today(now),
        streak_days: streak_days(None, now),
        boost: rules.boost(),
        pacing: None,
    };
    let amount = u128::from(reward(level, &rules.catalog().rewards, &facts).amount);
    let time =
        play_ms(level, &Timing::of(level), expected.length, habits.turn_ms).saturating_add(habits.between_ms);
    let gain = amount.saturating_mul(u128::from(expected.won_per_mille)).saturating_mul(1_000);
    gain.checked_div(u128::from(time.max(1))).unwrap_or(0)
}
