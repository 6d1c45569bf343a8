//! What an hour of play typically earns: an estimate for the level map, computed once when a catalog comes into force.
//!
//! The bots that play fairly well play each level a few times, with fixed seeds; that gives how often a level is won,
//! how long it takes and how many stars it gives. Then an hour is played out on paper: always the open level that earns
//! most for its time, with its cooldown, the falling factor for repeats, the limits on attempts and drips, and the
//! ceiling of one network. Every level counts as cleared before, so that the bonus for first clears, which comes once,
//! does not colour the figure, and the streak is one day long. Deterministic, and pure.

use dripline_shared::amount::Amount;
use dripline_shared::catalog::Catalog;
use dripline_shared::game::replay::{Advance, Session};
use dripline_shared::game::{Bot, Game, GameParams, GameVisitor, Pace, Skill, Status};
use dripline_shared::level::Level;
use dripline_shared::limit::Bucket;
use dripline_shared::reward::{RewardFacts, reward};
use dripline_shared::rng::SegmentRng;
use dripline_shared::round::{Seed, Timing, hash};
use dripline_shared::time::{HOUR_MS, Timestamp};

/// How often each level is played to learn about it.
const ROUNDS: u32 = 8;
/// What a person needs between two rounds, in milliseconds: to read the result and to choose the next level.
const BETWEEN_ROUNDS_MS: u64 = 8_000;
/// What a person thinks about a turn, in milliseconds.
const TURN_MS: u64 = 700;

/// What an hour typically earns.
pub(crate) fn typical_hour(catalog: &Catalog) -> Amount {
    let mut levels: Vec<Played> = catalog.levels.iter().filter_map(Played::measure).collect();
    let start = Timestamp(0);
    let (mut now, mut earned) = (start, Amount::ZERO);
    let (mut attempts, mut drips, mut network) = (None, None, Bucket::default());
    while now.since(start) < HOUR_MS {
        let Some(best) = best_of(&mut levels, catalog, now) else {
            let next = levels.iter().map(|level| level.pays_again).min();
            now = next.unwrap_or(Timestamp(HOUR_MS)).max(now.plus(1));
            continue;
        };
        for _ in 0..best.attempts {
            match catalog.limits.attempts.take(attempts, now) {
                Ok(state) => attempts = Some(state),
                Err(until) => {
                    now = until;
                    attempts = catalog.limits.attempts.take(attempts, now).ok();
                }
            }
            now = now.plus(best.round_ms);
        }
        let amount = best.earns(catalog);
        let Ok(drip) = catalog.limits.drips.take(drips, now) else { break };
        let Ok(bucket) = catalog.limits.outflow_per_prefix.take(network, amount, now) else { break };
        (drips, network) = (Some(drip), bucket);
        earned = earned.checked_add(amount).unwrap_or(Amount::MAX);
        best.clears_today = best.clears_today.saturating_add(1);
        best.pays_again = now.plus(best.cooldown_ms);
    }
    earned
}

/// A level as bots found it, and how it stands in the hour.
#[derive(Debug)]
struct Played {
    level: Level,
    /// Rounds until one is won, rounded up.
    attempts: u32,
    /// What a round takes, in milliseconds.
    round_ms: u64,
    /// The stars of a typical win.
    stars: u8,
    cooldown_ms: u64,
    clears_today: u32,
    pays_again: Timestamp,
}

impl Played {
    /// Plays a level; `None` where no round was won.
    fn measure(level: &Level) -> Option<Self> {
        let rounds: Vec<Round> = (0..ROUNDS).map(|number| play(level, number)).collect();
        let mut stars: Vec<u8> = rounds.iter().map(|round| round.stars).filter(|stars| *stars > 0).collect();
        stars.sort_unstable();
        let wins = u32::try_from(stars.len()).ok().filter(|wins| *wins > 0)?;
        let steps = rounds.iter().map(|round| u64::from(round.length)).sum::<u64>() / u64::from(ROUNDS);
        let length = u32::try_from(steps).unwrap_or(u32::MAX);
        let timing = Timing::of(level);
        let play_ms = match level.play.pace() {
            Pace::Clocked => timing.least_ms(length),
            Pace::Turns => steps.saturating_mul(TURN_MS).max(timing.least_ms(length)),
        };
        Some(Self {
            level: level.clone(),
            attempts: ROUNDS.div_ceil(wins),
            round_ms: play_ms.saturating_add(BETWEEN_ROUNDS_MS),
            stars: stars.get(stars.len() / 2).copied().unwrap_or(1),
            cooldown_ms: level.cooldown_ms,
            clears_today: 0,
            pays_again: Timestamp(0),
        })
    }

    /// What the next clear earns.
    fn earns(&self, catalog: &Catalog) -> Amount {
        let facts =
            RewardFacts { stars: self.stars, clears: 1, clears_today: self.clears_today, streak_days: 1 };
        reward(&self.level, &catalog.rewards, &facts).amount
    }
}

/// The level that pays now and earns most for its time.
fn best_of<'a>(levels: &'a mut [Played], catalog: &Catalog, now: Timestamp) -> Option<&'a mut Played> {
    let worth = |played: &Played| {
        let time = u128::from(played.round_ms).saturating_mul(u128::from(played.attempts)).max(1);
        u128::from(played.earns(catalog)).saturating_mul(1_000_000) / time
    };
    levels.iter_mut().filter(|played| played.pays_again <= now).max_by_key(|played| worth(played))
}

/// How a bot's round ended.
#[derive(Debug, Clone, Copy)]
struct Round {
    stars: u8,
    length: u32,
}

fn play(level: &Level, number: u32) -> Round {
    struct Play<'a>(&'a Level, u32);
    impl GameVisitor for Play<'_> {
        type Output = Round;
        fn visit<G: Game>(self, params: &G::Params) -> Round
        where
            GameParams: From<G::Params>,
        {
            let seed = |segment: u32| seed_of(self.1, segment);
            let mut session = Session::<G>::new(params.clone(), vec![seed(0)]);
            let mut bot = G::Bot::new(Skill::Fair, SegmentRng::new(&seed(u32::MAX)));
            let mut segment = 0_u32;
            while session.status() == Status::Playing {
                if session.waits_for_seed() {
                    segment = segment.saturating_add(1);
                    session.learn_seed(segment, seed(segment));
                }
                let wanted = bot.decide(session.game(), session.params());
                if session.advance(wanted) == Advance::Nothing {
                    break;
                }
            }
            let stars = self.0.stars_of(session.status(), session.game().score());
            Round { stars, length: session.length() }
        }
    }
    level.play.visit(Play(level, number))
}

fn seed_of(round: u32, segment: u32) -> Seed {
    Seed(hash(b"dripline/estim/1", &[&round.to_be_bytes(), &segment.to_be_bytes()]).0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_estimate_is_the_same_every_time_and_follows_what_levels_pay() {
        let catalog = Catalog::first_run();
        let hour = typical_hour(&catalog);
        assert_eq!(typical_hour(&catalog), hour);
        assert!(hour > Amount::ZERO);
        let mut cheaper = catalog.clone();
        for level in &mut cheaper.levels {
            level.base = Amount::ZERO;
        }
        assert_eq!(typical_hour(&cheaper), Amount::ZERO);
        let mut rarer = catalog;
        for level in &mut rarer.levels {
            level.cooldown_ms = HOUR_MS;
        }
        let once_each = typical_hour(&rarer);
        assert!(once_each > Amount::ZERO && once_each < hour);
    }
}
