//! The first layer: how rounds of each level end when bots of each skill play them. Pure, and the same for one seed
//! however many cores there are.
//!
//! A round's randomness depends on the seed, the level's id, the skill and the round's number, and on nothing else: a level
//! that two catalogs have alike has the same outcomes in both, so whatever differs between two reports comes from the
//! catalogs.

use dripline_shared::catalog::Catalog;
use dripline_shared::game::replay::{Advance, Session};
use dripline_shared::game::{Bot, Game, GameParams, GameVisitor, Pace, Skill, Status};
use dripline_shared::level::Level;
use dripline_shared::rng::SegmentRng;
use dripline_shared::round::{Seed, Timing, hash};

use super::parallel;

/// The skills, in the order of reports.
pub(super) const SKILLS: [Skill; 3] = [Skill::Random, Skill::Fair, Skill::Strong];
/// Every so many rounds, one is played by a strong bot and one by a random one; the others are fair.
const SHARE: u32 = 5;
/// So many rounds are played by one thread before it takes the next ones.
const CHUNK: u32 = 64;

/// How a round ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Played {
    /// 0 where it was not won, else 1 to 3.
    pub(super) stars: u8,
    /// The points.
    pub(super) score: u32,
    /// Ticks or turns.
    pub(super) length: u32,
}

/// How many rounds of each level bots of each skill play, in the order of [`SKILLS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Plan(pub(super) [u32; 3]);

impl Plan {
    /// At least `rounds` of a game that has so many levels: a fifth of each level's by strong bots, a fifth by random ones.
    fn divide(rounds: u32, levels: u32) -> Self {
        let each = rounds.div_ceil(levels.max(1)).max(SHARE);
        let fifth = each.div_ceil(SHARE);
        Self([fifth, each.saturating_sub(fifth.saturating_mul(2)), fifth])
    }
}

/// The outcomes of a level, by skill in the order of [`SKILLS`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct LevelOutcomes([Vec<Played>; 3]);

impl LevelOutcomes {
    /// The rounds of a skill.
    pub(super) fn of(&self, skill: Skill) -> &[Played] {
        let [random, fair, strong] = &self.0;
        match skill {
            Skill::Random => random,
            Skill::Fair => fair,
            Skill::Strong => strong,
        }
    }

    /// The same rounds for every skill.
    #[cfg(test)]
    pub(super) fn alike(rounds: Vec<Played>) -> Self {
        Self([rounds.clone(), rounds.clone(), rounds])
    }

    /// One of the rounds of a skill, each equally likely; `None` where none were played.
    pub(super) fn draw(&self, skill: Skill, rng: &mut SegmentRng) -> Option<Played> {
        rng.choose(self.of(skill)).copied()
    }
}

/// The outcomes of every level of the catalog, in its order: at least `rounds` rounds of each game.
pub(super) fn of_games(catalog: &Catalog, seed: u64, rounds: u32) -> Vec<LevelOutcomes> {
    let same_game = |level: &Level| {
        catalog.levels.iter().filter(|other| other.play.facts().id == level.play.facts().id).count()
    };
    let plan = |level: &Level| Plan::divide(rounds, u32::try_from(same_game(level)).unwrap_or(u32::MAX));
    of_levels(catalog, seed, plan)
}

/// The outcomes of every level of the catalog, in its order, by a plan for each.
pub(super) fn of_levels(catalog: &Catalog, seed: u64, plan: impl Fn(&Level) -> Plan) -> Vec<LevelOutcomes> {
    let mut chunks = Vec::new();
    for (index, level) in catalog.levels.iter().enumerate() {
        for (skill, count) in SKILLS.into_iter().zip(plan(level).0) {
            let starts = (0..count).step_by(usize::try_from(CHUNK).unwrap_or(1));
            chunks.extend(
                starts.map(|from| (index, level, skill, from..from.saturating_add(CHUNK).min(count))),
            );
        }
    }
    let done = parallel::map(&chunks, |(_, level, skill, numbers)| {
        numbers.clone().map(|number| play(level, *skill, seed, number)).collect::<Vec<Played>>()
    });
    let mut outcomes = vec![LevelOutcomes::default(); catalog.levels.len()];
    for ((index, _, skill, _), rounds) in chunks.into_iter().zip(done) {
        if let Some(LevelOutcomes([random, fair, strong])) = outcomes.get_mut(index) {
            match skill {
                Skill::Random => random.extend(rounds),
                Skill::Fair => fair.extend(rounds),
                Skill::Strong => strong.extend(rounds),
            }
        }
    }
    outcomes
}

/// What playing so many ticks or turns takes, in milliseconds, for somebody who takes `turn_ms` for a turn: never less than
/// the level lets it take.
pub(super) fn play_ms(level: &Level, timing: &Timing, length: u32, turn_ms: u64) -> u64 {
    let least = timing.least_ms(length);
    match level.play.pace() {
        Pace::Clocked => least,
        Pace::Turns => least.max(u64::from(length).saturating_mul(turn_ms)),
    }
}

/// Plays one round.
fn play(level: &Level, skill: Skill, seed: u64, number: u32) -> Played {
    struct Play<'a> {
        level: &'a Level,
        skill: Skill,
        seed: u64,
        number: u32,
    }
    impl Play<'_> {
        fn seed(&self, segment: u32) -> Seed {
            let skill = match self.skill {
                Skill::Random => 0_u8,
                Skill::Fair => 1,
                Skill::Strong => 2,
            };
            let (seed, number, segment) =
                (self.seed.to_be_bytes(), self.number.to_be_bytes(), segment.to_be_bytes());
            let parts: [&[u8]; 5] = [&seed, &[skill], &number, &segment, self.level.id.as_bytes()];
            Seed(hash(b"dripline/simro/1", &parts).0)
        }
    }
    impl GameVisitor for Play<'_> {
        type Output = Played;
        fn visit<G: Game>(self, params: &G::Params) -> Played
        where
            GameParams: From<G::Params>,
        {
            let mut session = Session::<G>::new(params.clone(), vec![self.seed(0)]);
            let mut bot = G::Bot::new(self.skill, SegmentRng::new(&self.seed(u32::MAX)));
            let mut segment = 0_u32;
            while session.status() == Status::Playing {
                if session.waits_for_seed() {
                    segment = segment.saturating_add(1);
                    session.learn_seed(segment, self.seed(segment));
                }
                let wanted = bot.decide(session.game(), session.params());
                if session.advance(wanted) == Advance::Nothing {
                    break;
                }
            }
            let score = session.game().score();
            Played { stars: self.level.stars_of(session.status(), score), score, length: session.length() }
        }
    }
    level.play.visit(Play { level, skill, seed, number })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_level_gets_its_part_of_a_games_rounds_and_a_fifth_of_them_are_strong() {
        let catalog = Catalog::first_run();
        for game in GameParams::GAMES {
            let levels = catalog.levels.iter().filter(|level| level.play.facts().id == *game).count();
            let Plan([random, fair, strong]) = Plan::divide(10_000, u32::try_from(levels).unwrap());
            let each = random + fair + strong;
            assert!(each * u32::try_from(levels).unwrap() >= 10_000);
            assert!(strong * 5 >= each && random == strong);
        }
        assert_eq!(Plan::divide(1, 4), Plan([1, 3, 1]));
    }

    #[test]
    fn a_level_that_two_catalogs_have_alike_is_played_alike_in_both() {
        let mut catalog = Catalog::first_run();
        let all = of_levels(&catalog, 7, |_| Plan([1, 2, 1]));
        assert_eq!(of_levels(&catalog, 7, |_| Plan([1, 2, 1])), all);
        assert_ne!(of_levels(&catalog, 8, |_| Plan([1, 2, 1])), all);
        catalog.levels.remove(0);
        assert_eq!(of_levels(&catalog, 7, |_| Plan([1, 2, 1])), all[1..]);
    }
}
