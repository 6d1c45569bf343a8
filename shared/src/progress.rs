//! What a wallet has reached, and what that unlocks.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::level::{Level, Unlock};
use crate::time::Timestamp;

/// What a wallet has reached in one level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct LevelProgress {
    /// The best score of a cleared round.
    pub best_score: u32,
    /// The most stars, 1 to 3; 0 where it was never cleared.
    pub best_stars: u8,
    /// How often it was cleared.
    pub clears: u32,
    /// How often of these on the UTC day of the last one.
    pub clears_that_day: u32,
    /// When it was last cleared.
    pub last_clear_at_ms: Timestamp,
    /// From when it pays again; the past where it pays now.
    pub pays_again_at_ms: Timestamp,
}

crate::json_object!(LevelProgress {
    best_score,
    best_stars,
    clears,
    clears_that_day,
    last_clear_at_ms,
    pays_again_at_ms,
});

impl LevelProgress {
    /// How often it was cleared on the UTC day of `now`.
    pub fn clears_today(&self, now: Timestamp) -> u32 {
        if self.last_clear_at_ms.day() >= now.day() { self.clears_that_day } else { 0 }
    }

    /// After one more cleared round.
    #[must_use]
    pub fn cleared(&self, level: &Level, score: u32, stars: u8, now: Timestamp) -> Self {
        Self {
            best_score: self.best_score.max(score),
            best_stars: self.best_stars.max(stars),
            clears: self.clears.saturating_add(1),
            clears_that_day: self.clears_today(now).saturating_add(1),
            last_clear_at_ms: now,
            pays_again_at_ms: now.plus(level.cooldown_ms),
        }
    }

    /// What one wallet has reached that takes this and `other`, of two wallets, together: the better of what they achieved,
    /// the stricter of what holds them back. It pays no earlier than the later one, its clears are those of both, and so are
    /// those of the day of the last one, so that no first clear is paid again and none counts as less of a repeat.
    #[cfg(feature = "wallets")]
    #[must_use]
    pub fn merged(&self, other: &Self) -> Self {
        let last = self.last_clear_at_ms.max(other.last_clear_at_ms);
        Self {
            best_score: self.best_score.max(other.best_score),
            best_stars: self.best_stars.max(other.best_stars),
            clears: self.clears.saturating_add(other.clears),
            clears_that_day: self.clears_today(last).saturating_add(other.clears_today(last)),
            last_clear_at_ms: last,
            pays_again_at_ms: self.pays_again_at_ms.max(other.pays_again_at_ms),
        }
    }
}

/// Whether a level may be played by a wallet with this progress, by level id.
pub fn is_unlocked(level: &Level, progress: &BTreeMap<String, LevelProgress>) -> bool {
    match &level.unlock {
        Unlock::Open => true,
        Unlock::Cleared(id) => progress.get(id).is_some_and(|reached| reached.clears > 0),
        Unlock::Stars(needed) => {
            let stars =
                progress.values().map(|reached| u32::from(reached.best_stars)).fold(0, u32::saturating_add);
            stars >= *needed
        }
    }
}
