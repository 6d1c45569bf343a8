//! Who plays on a simulated day: kinds of players, and what they do. The figures are assumptions, told by `docs/simulate.md`.

use dripline_shared::game::Skill;
use dripline_shared::rng::SegmentRng;
use dripline_shared::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};
use serde::Serialize;

/// A kind of player.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Looks in for a quarter of an hour and plays whatever is open.
    Casual,
    /// Stays, plays well, and goes for what pays most for its time.
    Keen,
    /// A program with several wallets on one network, which plays as well as the best people, day and night.
    Hostile,
}

/// What a kind of player does.
#[derive(Debug, Clone, Copy)]
pub(super) struct Habits {
    /// How many of a thousand players are of this kind.
    pub(super) share_per_mille: u32,
    /// How many of a thousand of them play strongly; of the others, how many of a thousand play at random.
    strong_per_mille: u32,
    random_per_mille: u32,
    /// How many wallets each has, all on its network.
    pub(super) wallets: u32,
    /// How long it stays, in milliseconds.
    pub(super) stays_ms: u64,
    /// What it needs between two rounds, in milliseconds: to read the result and to choose.
    pub(super) between_ms: u64,
    /// What it thinks about a turn, in milliseconds, where the level does not want longer.
    pub(super) turn_ms: u64,
    /// How many of a thousand played before: they have history, and have cleared what they can.
    pub(super) returning_per_mille: u32,
    /// Whether it goes for what pays most for its time.
    pub(super) is_greedy: bool,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Casual, Self::Keen, Self::Hostile];

    /// As in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Casual => "casual",
            Self::Keen => "keen",
            Self::Hostile => "hostile",
        }
    }

    /// What it does.
    pub(super) const fn habits(self) -> Habits {
        match self {
            Self::Casual => Habits {
                share_per_mille: 800,
                strong_per_mille: 0,
                random_per_mille: 200,
                wallets: 1,
                stays_ms: 15 * MINUTE_MS,
                between_ms: 20 * SECOND_MS,
                turn_ms: 1_200,
                returning_per_mille: 500,
                is_greedy: false,
            },
            Self::Keen => Habits {
                share_per_mille: 180,
                strong_per_mille: 500,
                random_per_mille: 0,
                wallets: 1,
                stays_ms: 90 * MINUTE_MS,
                between_ms: 8 * SECOND_MS,
                turn_ms: 700,
                returning_per_mille: 700,
                is_greedy: true,
            },
            Self::Hostile => Habits {
                share_per_mille: 20,
                strong_per_mille: 1_000,
                random_per_mille: 0,
                wallets: 5,
                stays_ms: DAY_MS,
                between_ms: SECOND_MS,
                turn_ms: 0,
                returning_per_mille: 0,
                is_greedy: true,
            },
        }
    }

    /// How many of so many players are of each kind: by their shares, at least one of each where there are three or more.
    pub(super) fn divide(players: u32) -> [(Self, u32); 3] {
        let part = |kind: Self| {
            let share = u64::from(players).saturating_mul(u64::from(kind.habits().share_per_mille)) / 1_000;
            u32::try_from(share).unwrap_or(u32::MAX).max(u32::from(players >= 3))
        };
        let (keen, hostile) = (part(Self::Keen), part(Self::Hostile));
        let casual = players.saturating_sub(keen).saturating_sub(hostile);
        [(Self::Casual, casual), (Self::Keen, keen), (Self::Hostile, hostile)]
    }

    /// When one comes, in milliseconds after the start of the day.
    pub(super) fn arrives_ms(self, rng: &mut SegmentRng) -> u64 {
        let within_hour = u64::from(rng.below(u32::try_from(HOUR_MS).unwrap_or(u32::MAX)));
        match self {
            // A program is there from the beginning.
            Self::Hostile => within_hour,
            Self::Casual | Self::Keen => hour(rng).saturating_mul(HOUR_MS).saturating_add(within_hour),
        }
    }
}

impl Habits {
    /// How well one plays.
    pub(super) fn skill(&self, rng: &mut SegmentRng) -> Skill {
        if rng.chance(self.strong_per_mille) {
            Skill::Strong
        } else if rng.chance(self.random_per_mille) {
            Skill::Random
        } else {
            Skill::Fair
        }
    }
}

/// How many arrive in each hour, of 97: few at night, more through the day, most in the evening, as where the players of a
/// faucet live in one part of the world.
const ARRIVALS: [u32; 24] = [2, 1, 1, 1, 1, 1, 2, 3, 4, 4, 4, 4, 5, 5, 5, 5, 5, 6, 7, 8, 8, 7, 5, 3];

/// An hour of the day, drawn as [`ARRIVALS`] says.
fn hour(rng: &mut SegmentRng) -> u64 {
    let mut drawn = rng.below(ARRIVALS.iter().sum());
    for (hour, arrive) in (0..).zip(ARRIVALS) {
        if drawn < arrive {
            return hour;
        }
        drawn = drawn.saturating_sub(arrive);
    }
    0
}

#[cfg(test)]
mod tests {
    use dripline_shared::round::Seed;

    use super::*;

    #[test]
    fn kinds_share_the_players_and_none_is_left_out() {
        for players in [1, 2, 3, 7, 200, 100_000] {
            let parts = Kind::divide(players);
            assert_eq!(parts.iter().map(|(_, count)| count).sum::<u32>(), players);
            assert!(players < 3 || parts.iter().all(|(_, count)| *count > 0));
        }
        assert_eq!(Kind::divide(200).map(|(_, count)| count), [160, 36, 4]);
    }

    #[test]
    fn everybody_arrives_within_the_day() {
        let mut rng = SegmentRng::new(&Seed([3; 32]));
        for kind in Kind::ALL {
            assert!((0..2_000).all(|_| kind.arrives_ms(&mut rng) < DAY_MS));
        }
    }
}
