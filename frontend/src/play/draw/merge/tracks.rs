//! What happened between two boards: which tile went where. Only to draw it; the rules are in the shared crate.

use dripline_shared::game::Merge;
use dripline_shared::game::merge::Cell;

/// What is on the board, row by row.
pub(super) type Cells = [Cell; 16];

/// The board of a game.
pub(super) fn cells(game: &Merge) -> Cells {
    let mut cells = [Cell::Empty; 16];
    for (index, cell) in (0_u8..).zip(&mut cells) {
        *cell = game.cell(index / 4, index % 4);
    }
    cells
}

/// A tile on its way; one that stays has one too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Track {
    pub(super) from: usize,
    pub(super) to: usize,
    /// What it is while it slides.
    pub(super) cell: Cell,
}

/// A turn, as it is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Turn {
    pub(super) tracks: Vec<Track>,
    /// Where two droplets became one, where rust was washed away, and where something new appeared.
    pub(super) merged: Vec<usize>,
    pub(super) washed: Vec<usize>,
    pub(super) appeared: Option<usize>,
}

/// Column and row of each step of a direction, as the inputs number them.
pub(super) const fn heading(input: u8) -> (f64, f64) {
    match input {
        0 => (0.0, -1.0),
        1 => (1.0, 0.0),
        2 => (0.0, 1.0),
        _ => (-1.0, 0.0),
    }
}

/// The cell of a line, counted from the edge that tiles slide to.
const fn cell_of(input: u8, line: usize, step: usize) -> usize {
    match input {
        0 => 4 * step + line,
        1 => 4 * line + 3 - step,
        2 => 4 * (3 - step) + line,
        _ => 4 * line + step,
    }
}

/// Slides a board, without the washing and without what appears: the board after it, and what went where.
pub(super) fn slide(before: &Cells, input: u8) -> (Cells, Turn) {
    let mut after = [Cell::Empty; 16];
    let mut turn = Turn::default();
    for line in 0..4 {
        let mut free = 0;
        let mut whole = None;
        for step in 0..4 {
            let from = cell_of(input, line, step);
            let cell = before[from];
            if cell == Cell::Empty {
                continue;
            }
            if cell == Cell::Stone {
                free = step;
                whole = None;
            }
            let to = match (cell, whole) {
                (Cell::Droplet(exponent), Some((at, equal))) if exponent == equal => {
                    after[at] = Cell::Droplet(exponent + 1);
                    turn.merged.push(at);
                    whole = None;
                    at
                }
                _ => {
                    let at = cell_of(input, line, free);
                    after[at] = cell;
                    free += 1;
                    whole = if let Cell::Droplet(exponent) = cell { Some((at, exponent)) } else { None };
                    at
                }
            };
            turn.tracks.push(Track { from, to, cell });
        }
    }
    (after, turn)
}

/// The turn that leads from one board to the other, if there is one; `hint` is the input to try first.
pub(super) fn between(before: &Cells, after: &Cells, hint: Option<u8>) -> Option<Turn> {
    hint.into_iter().chain(0..4).find_map(|input| {
        let (slid, turn) = slide(before, input);
        if slid == *before {
            return None;
        }
        let differs = |index: &usize| slid[*index] != after[*index];
        (0..16).filter(differs).try_fold(turn, |mut turn, index| {
            if slid[index] == Cell::Rust {
                turn.washed.push(index);
            } else if slid[index] != Cell::Empty {
                return None;
            }
            if after[index] != Cell::Empty && turn.appeared.replace(index).is_some() {
                return None;
            }
            Some(turn)
        })
    })
}

#[cfg(test)]
mod tests {
    use dripline_shared::game::merge::{MergeBot, Params};
    use dripline_shared::game::replay::Session;
    use dripline_shared::game::{Bot, Game, GameParams, Skill, Status};
    use dripline_shared::rng::SegmentRng;
    use dripline_shared::round::Seed;

    use super::*;

    #[test]
    fn every_turn_of_a_game_is_found_again() {
        let levels = Merge::default_levels();
        let params = levels.iter().filter_map(|level| match &level.play {
            GameParams::Merge(params) => Some(params),
            _ => None,
        });
        for (number, params) in (0_u8..).zip(params) {
            play(params, number);
        }
    }

    fn play(params: &Params, number: u8) {
        let seeds = (0..40).map(|segment| Seed([number ^ (segment << 3); 32])).collect();
        let mut session = Session::<Merge>::new(params.clone(), seeds);
        let mut bot = MergeBot::new(Skill::Fair, SegmentRng::new(&Seed([number; 32])));
        while session.status() == Status::Playing {
            let before = cells(session.game());
            let input = bot.decide(session.game(), params);
            session.advance(input);
            let after = cells(session.game());
            let turn = between(&before, &after, input).unwrap();
            assert_eq!(turn.tracks.len(), before.iter().filter(|cell| **cell != Cell::Empty).count());
            let goes_on = session.status() != Status::Won && session.game().turns_left() > 0;
            // Rust that appears where rust was just washed away cannot be told from rust that stayed.
            let slid = input.map(|input| slide(&before, input).0);
            let is_hidden = goes_on && slid == Some(after);
            assert_eq!(turn.appeared.is_some(), goes_on && !is_hidden);
            assert!(!is_hidden || after.contains(&Cell::Rust));
            assert!(between(&before, &after, None).is_some());
        }
    }

    #[test]
    fn a_board_that_is_no_turn_away_has_no_turn() {
        let mut before = [Cell::Empty; 16];
        before[5] = Cell::Droplet(1);
        let mut after = before;
        after[10] = Cell::Droplet(3);
        assert_eq!(between(&before, &after, Some(2)), None);
    }
}
