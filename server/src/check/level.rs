//! Levels: whether one is there, is running, and is unlocked.

use std::collections::{BTreeMap, BTreeSet};

use dripline_shared::api::Reason;
use dripline_shared::error::Code;
use dripline_shared::level::{Level, Unlock};
use dripline_shared::progress::{LevelProgress, is_unlocked};

/// Whether the operator lets this level run. `stopped` has ids of levels and of games.
pub fn running(stopped: &BTreeSet<String>, level: &Level, game: &str) -> Result<(), Reason> {
    if stopped.contains(&level.id) || stopped.contains(game) {
        let message = format!("{} has been stopped; nothing is lost, try again later", level.id);
        return Err(super::reason(Code::LevelStopped, level.id.as_str(), message));
    }
    Ok(())
}

/// Whether a wallet with this progress may play the level.
pub fn unlocked(level: &Level, progress: Option<&BTreeMap<String, LevelProgress>>) -> Result<(), Reason> {
    let nothing = BTreeMap::new();
    if is_unlocked(level, progress.unwrap_or(&nothing)) {
        return Ok(());
    }
    let needed = match &level.unlock {
        Unlock::Open => String::new(),
        Unlock::Cleared(id) => format!("clear {id} first"),
        Unlock::Stars(stars) => format!("collect {stars} stars first"),
    };
    Err(super::reason(Code::LevelLocked, level.id.as_str(), needed))
}
