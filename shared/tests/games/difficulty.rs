//! How hard the levels are, for each skill. To see the table:
//! `cargo test -p dripline-shared --test games rise -- --nocapture --test-threads=1`.

#![expect(clippy::disallowed_types, reason = "shares of rounds in a table for people; no state of a game")]

use dripline_shared::game::{Bot, Game, Pace, Skill, Status};
use dripline_shared::level::Level;
use dripline_shared::round::TICKS_PER_SECOND;

use crate::support::{ROUNDS, catalog_levels, dice, play, play_bot};

const SKILLS: [Skill; 3] = [Skill::Random, Skill::Fair, Skill::Strong];
/// How many thousandths of all rounds fair and strong play win on each level, at least and at most. A person is
/// somewhere between the two.
const FAIR: [(u32, u32); 4] = [(900, 1_000), (680, 830), (400, 580), (90, 260)];
const STRONG: [(u32, u32); 4] = [(970, 1_000), (900, 990), (750, 920), (400, 600)];
/// And random play, at most.
const RANDOM_MAX: [u32; 4] = [50, 30, 10, 0];
/// By how many thousandths a level is harder than the one before, at least.
const STEP_MIN: u32 = 15;

/// What came of all rounds of a level for a skill.
#[derive(Debug, Clone, Copy)]
struct Tally {
    /// How many rounds had at least one, two and three stars; one is a win.
    stars: [u32; 3],
    /// The steps that a round in the middle took.
    length: u32,
}

impl Tally {
    fn of<G: Game>(level: &Level, params: &G::Params, skill: Skill) -> Self {
        let mut lengths = Vec::new();
        let mut stars = [0; 3];
        for number in 0..ROUNDS {
            let session = play_bot::<G>(params, number, skill);
            let earned = level.stars_of(session.status(), session.game().score());
            for (count, least) in stars.iter_mut().zip(1..) {
                *count += u32::from(earned >= least);
            }
            lengths.push(session.length());
        }
        lengths.sort_unstable();
        Self { stars, length: lengths[lengths.len() / 2] }
    }

    fn won(&self) -> u32 {
        self.stars[0]
    }

    fn row<G: Game>(&self, level: &Level, skill: Skill) -> String {
        let percent = self.stars.map(|count| f64::from(count) * 100.0 / f64::from(ROUNDS));
        let mean = percent.iter().sum::<f64>() / 100.0;
        let [won, two, three] = percent;
        let length = match G::PACE {
            Pace::Clocked => format!("{:.0} s", f64::from(self.length) / f64::from(TICKS_PER_SECOND)),
            Pace::Turns => format!("{} turns", self.length),
        };
        let (game, name, skill) = (G::NAME, &level.name, format!("{skill:?}"));
        format!(
            "| {game:5} | {name:18} | {skill:6} | {won:5.1} | {two:5.1} | {three:5.1} | {mean:.2} | {length:>9} |"
        )
    }
}

pub(crate) fn levels_rise_from_easy_to_hard<G: Game>() {
    let levels = catalog_levels::<G>();
    println!("| game  | level              | skill  | won % |  2+ % |   3 % | mean |    length |");
    let table: Vec<[Tally; 3]> = levels
        .iter()
        .map(|(level, params)| {
            SKILLS.map(|skill| {
                let tally = Tally::of::<G>(level, params, skill);
                println!("{}", tally.row::<G>(level, skill));
                tally
            })
        })
        .collect();
    assert_eq!(table.len(), FAIR.len(), "four levels");
    for (level, [random, fair, strong]) in table.iter().enumerate() {
        let within = |tally: &Tally, (least, most): (u32, u32)| {
            (least * ROUNDS / 1_000..=most * ROUNDS / 1_000).contains(&tally.won())
        };
        assert!(within(random, (0, RANDOM_MAX[level])), "level {level}, random: {random:?}");
        assert!(within(fair, FAIR[level]), "level {level}, fair: {fair:?}");
        assert!(within(strong, STRONG[level]), "level {level}, strong: {strong:?}");
    }
    for pair in table.windows(2) {
        for (before, after) in pair[0].iter().zip(&pair[1]).skip(1) {
            let harder = before.won().saturating_sub(after.won());
            assert!(harder >= STEP_MIN * ROUNDS / 1_000, "{before:?} before {after:?}");
        }
    }
    stars_are_worth_playing_for::<G>(&table);
}

/// On the first level, fair play leaves something to come back for; on the last, three stars are a feat.
fn stars_are_worth_playing_for<G: Game>(table: &[[Tally; 3]]) {
    let percent = |count: u32| count * 100 / ROUNDS;
    let [_, fair, strong] = table[0];
    assert!((20..=40).contains(&percent(fair.stars[2])), "{fair:?}");
    assert!(percent(strong.stars[2]) >= 50, "{strong:?}");
    let [_, fair, strong] = table[table.len() - 1];
    assert!((1..=12).contains(&percent(strong.stars[2])), "{strong:?}");
    assert!(percent(fair.stars[2]) <= 3, "{fair:?}");
    for [_, fair, strong] in table {
        assert!(strong.stars[2] > fair.stars[2], "skill earns stars: {fair:?} {strong:?}");
    }
    if G::PACE == Pace::Clocked {
        assert!(table[0][1].length <= 60 * TICKS_PER_SECOND, "the first goal is reached within a minute");
    }
}

/// What chance deals can be won by skill: each of these rounds is won by one strong player or another.
pub(crate) fn no_round_of_the_last_level_is_hopeless<G: Game>() {
    let levels = catalog_levels::<G>();
    let (_, params) = levels.last().expect("a game has levels");
    for number in 0..50 {
        let wins = |hand: &u32| {
            let mut bot = G::Bot::new(Skill::Strong, dice(*hand));
            let session = play::<G>(params, number, |session| bot.decide(session.game(), session.params()));
            session.status() == Status::Won
        };
        assert!((0..60).any(|hand| wins(&hand)), "round {number} was lost by every hand");
    }
}
