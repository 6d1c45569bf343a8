//! A level: a game with parameters, what it takes, what it pays, and when.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::amount::Amount;
use crate::game::{GameParams, Status};
use crate::json::{FromJson, Json, ToJson, fill_with, one_field, only_key};
use crate::time::{HOUR_MS, SECOND_MS};

/// The longest id of a level.
pub const LEVEL_ID_MAX: usize = 32;
/// The longest name of a level, in characters.
pub const LEVEL_NAME_MAX: usize = 40;
/// What [`Level::turn_ms_min`] of a turn game may be.
pub const TURN_MS: RangeInclusive<u32> = 20..=10_000;
/// What [`Level::think_ms_max`] of a turn game may be: a second to an hour.
pub const THINK_MS: RangeInclusive<u64> = SECOND_MS..=HOUR_MS;

/// One level of the catalog. Its JSON, fields in this order, is what a round's level hash covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// Unique; lower-case ASCII letters, digits and `-`, at most 32 of them: `catch-1`.
    pub id: String,
    /// For people.
    pub name: String,
    /// The game and its parameters.
    pub play: GameParams,
    /// The scores from which a won round has two and three stars; the second is not below the first.
    pub stars: [u32; 2],
    /// What it pays before factors.
    pub base: Amount,
    /// How long after a drip this level pays again, in milliseconds; at most a year.
    pub cooldown_ms: u64,
    /// What must have been reached before it can be played.
    pub unlock: Unlock,
    /// Turn games: the least time that a person takes for a turn, in milliseconds: 20 to 10,000. 0 for
    /// clocked games.
    pub turn_ms_min: u32,
    /// Turn games: how long the player may think in all, on top of the least time, in
    /// milliseconds: 1,000 to 3,600,000. 0 for clocked games.
    pub think_ms_max: u64,
}

crate::json_object!(Level { id, name, play, stars, base, cooldown_ms, unlock, turn_ms_min, think_ms_max });

/// What must have been reached before a level can be played.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Unlock {
    /// Nothing.
    Open,
    /// This level cleared at least once.
    Cleared(String),
    /// At least so many stars, the best of every level added up.
    Stars(u32),
}

impl FromJson for Unlock {
    const BLANK: Self = Self::Open;

    fn fill<J: Json>(&mut self, json: &J) -> bool {
        let Some(key) = only_key(json) else { return json.text().is_some_and(|text| text == "open") };
        let contents = json.get(&key);
        let read = match key.as_str() {
            "cleared" => FromJson::from_json(&contents).map(Self::Cleared),
            "stars" => FromJson::from_json(&contents).map(Self::Stars),
            _ => None,
        };
        fill_with(self, read)
    }
}

impl ToJson for Unlock {
    fn to_json<J: Json>(&self) -> J {
        match self {
            Self::Open => J::from_text("open"),
            Self::Cleared(level) => one_field("cleared", level),
            Self::Stars(stars) => one_field("stars", stars),
        }
    }
}

impl Level {
    /// The stars that an outcome earns: 0 where the goal was not met, else 1 to 3.
    pub fn stars_of(&self, status: Status, score: u32) -> u8 {
        let [two, three] = self.stars;
        match status {
            Status::Won if score >= three => 3,
            Status::Won if score >= two => 2,
            Status::Won => 1,
            Status::Playing | Status::Lost => 0,
        }
    }
}

/// A level as a game proposes it: difficulty without money. See [`LevelDraft::price`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelDraft {
    /// As [`Level::name`].
    pub name: &'static str,
    /// As [`Level::play`].
    pub play: GameParams,
    /// As [`Level::stars`].
    pub stars: [u32; 2],
    /// As [`Level::turn_ms_min`].
    pub turn_ms_min: u32,
    /// As [`Level::think_ms_max`].
    pub think_ms_max: u64,
}

impl LevelDraft {
    /// A level of a game that runs by the clock: nobody's turn, and nothing to think about between them.
    pub(crate) fn clocked(name: &'static str, stars: [u32; 2], params: impl Into<GameParams>) -> Self {
        Self { name, play: params.into(), stars, turn_ms_min: 0, think_ms_max: 0 }
    }
}
