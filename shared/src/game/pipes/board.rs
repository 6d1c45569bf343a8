//! Draws a board that can be solved and lies far from it.
//!
//! A random tree is grown over the cells from the spring, in the top row. Branches are cut off until as many are left as
//! there are basins, and cut back until the network has its size; the ends are the basins. So there is a way to
//! join everything, and it uses every opening of its pipes. Then the tiles are turned.
//!
//! Promised of every board, whatever the parameters: the pipe at the spring and the pipe at each basin are different
//! tiles, they turn, and each of them lies closed towards the spring or its basin. So whoever turns one tile only, or
//! none, fills nothing: either the spring's pipe stays closed, or every basin's.

use super::tiles::{Openings, SIDES, bit, cells_of, neighbour, opposite, turned};
use super::{Params, field};
use crate::rng::SegmentRng;

/// How often the tree grows on from its newest cell, in thousandths: the more, the longer its ways before they fork.
const WINDING_PER_MILLE: u32 = 700;
/// How many of the network's tiles lie right from the start, in thousandths.
const RIGHT_PER_MILLE: u32 = 120;
/// The least number of steps from the spring to a basin, so that each has at least three pipes on its way.
const DEPTH_MIN: u8 = 4;
/// The least number of tiles from a fork to a basin, the basin among them: its pipe is nobody else's.
const BRANCH_MIN: u8 = 2;
/// How many trees are tried before one is laid out by rule.
const TRIES: u8 = 24;

/// A board at its start.
#[derive(Debug)]
pub(super) struct Board {
    /// How the tiles lie.
    pub(super) scrambled: Openings,
    /// How they may lie at the end. The game does not keep it.
    #[cfg_attr(not(test), expect(dead_code, reason = "tests prove by it that every board can be solved"))]
    pub(super) solved: Openings,
    /// The tiles that turn.
    pub(super) turnable: u64,
    /// The cell of the spring.
    pub(super) spring: u64,
    /// The cells of the basins.
    pub(super) basins: u64,
}

/// Draws a board.
pub(super) fn draw(params: &Params, rng: &mut SegmentRng) -> Board {
    let field = field(params);
    let mut tree = (0..TRIES)
        .find_map(|_| {
            let mut tree = Tree::grow(field, params.columns, rng);
            tree.prune(params.basins).then_some(tree)
        })
        .unwrap_or_else(|| Tree::comb(params));
    tree.cut_back(params.network, rng);
    scramble(&tree, field, params, rng)
}

/// A value for each cell.
#[derive(Debug, Clone, Copy)]
struct Cells([u8; 64]);

impl Cells {
    fn at(&self, cell: u8) -> u8 {
        self.0.get(usize::from(cell)).copied().unwrap_or(0)
    }

    fn put(&mut self, cell: u8, value: u8) {
        if let Some(place) = self.0.get_mut(usize::from(cell)) {
            *place = value;
        }
    }
}

/// A tree of cells, rooted in the spring.
#[derive(Debug)]
struct Tree {
    spring: u8,
    /// The cells in it.
    cells: u64,
    /// The cells without children.
    ends: u64,
    /// The cells with two children or more.
    forks: u64,
    parent: Cells,
    /// Steps from the spring.
    depth: Cells,
}

impl Tree {
    fn root(spring: u8) -> Self {
        let none = Cells([0; 64]);
        Self { spring, cells: bit(spring), ends: bit(spring), forks: 0, parent: none, depth: none }
    }

    fn add(&mut self, parent: u8, cell: u8) {
        self.cells |= bit(cell);
        // A parent that is no end has a child already.
        self.forks |= bit(parent) & !self.ends;
        self.ends = (self.ends & !bit(parent)) | bit(cell);
        self.parent.put(cell, parent);
        self.depth.put(cell, self.depth.at(parent).saturating_add(1));
    }

    /// A random tree over the field. The spring and the pipe below it have one child each.
    fn grow(field: u64, columns: u8, rng: &mut SegmentRng) -> Self {
        let spring = u8::try_from(rng.below(columns.into())).unwrap_or(0);
        let mut tree = Self::root(spring);
        let mut growing = Vec::with_capacity(64);
        growing.push(spring);
        while let Some(newest) = growing.len().checked_sub(1) {
            let place = if rng.chance(WINDING_PER_MILLE) {
                newest
            } else {
                let bound = u32::try_from(growing.len()).unwrap_or(0);
                usize::try_from(rng.below(bound)).unwrap_or(0)
            };
            let cell = growing.get(place).copied().unwrap_or(spring);
            let mut free = [0_u8; 4];
            let mut count = 0_u32;
            let beside = SIDES.iter().filter_map(|side| neighbour(cell, *side));
            for (slot, beside) in free.iter_mut().zip(beside.filter(|b| field & !tree.cells & bit(*b) != 0)) {
                *slot = beside;
                count = count.saturating_add(1);
            }
            let chosen = usize::try_from(rng.below(count)).unwrap_or(0);
            if count > 0 {
                let child = free.get(chosen).copied().unwrap_or(0);
                tree.add(cell, child);
                growing.push(child);
            }
            if count <= 1 || tree.depth.at(cell) <= 1 {
                growing.swap_remove(place);
            }
        }
        tree
    }

    /// The tiles from the last fork to this end, the end among them.
    fn branch(&self, end: u8) -> u8 {
        let mut cell = self.parent.at(end);
        let mut length = 1_u8;
        while self.forks & bit(cell) == 0 && cell != self.spring {
            cell = self.parent.at(cell);
            length = length.saturating_add(1);
        }
        length
    }

    /// Takes away an end that is not the spring.
    fn drop_end(&mut self, end: u8) {
        let parent = self.parent.at(end);
        self.cells &= !bit(end);
        self.ends &= !bit(end);
        let children = SIDES.iter().filter_map(|side| neighbour(parent, *side));
        let children =
            children.filter(|child| self.cells & bit(*child) != 0 && self.parent.at(*child) == parent);
        match children.filter(|child| *child != self.spring).count() {
            0 => self.ends |= bit(parent),
            1 => self.forks &= !bit(parent),
            _ => {}
        }
    }

    /// Cuts off branches, first those that are too near or too short, then the shortest, until `basins` are left. Says
    /// whether that worked.
    fn prune(&mut self, basins: u8) -> bool {
        while self.ends.count_ones() >= u32::from(basins) && self.ends != bit(self.spring) {
            let misfits = |end: &u8| self.depth.at(*end) < DEPTH_MIN || self.branch(*end) < BRANCH_MIN;
            let misfit = cells_of(self.ends).find(misfits);
            if misfit.is_none() && self.ends.count_ones() == u32::from(basins) {
                return true;
            }
            let shortest = || cells_of(self.ends).min_by_key(|end| (self.branch(*end), *end));
            let Some(mut cell) = misfit.or_else(shortest) else { break };
            for _ in 0..self.branch(cell) {
                let parent = self.parent.at(cell);
                self.drop_end(cell);
                cell = parent;
            }
        }
        false
    }

    /// Shortens branches, where they are long enough for it, until the tree has no more than `network` cells.
    fn cut_back(&mut self, network: u8, rng: &mut SegmentRng) {
        while self.cells.count_ones() > u32::from(network) {
            let long = |end: &u8| self.depth.at(*end) > DEPTH_MIN && self.branch(*end) > BRANCH_MIN;
            let count = u32::try_from(cells_of(self.ends).filter(long).count()).unwrap_or(0);
            let chosen = usize::try_from(rng.below(count)).unwrap_or(0);
            let Some(end) = cells_of(self.ends).filter(long).nth(chosen) else { break };
            self.drop_end(end);
        }
    }

    /// The tree for when chance does not give one: a way along the second row, and from it down to the basins.
    fn comb(params: &Params) -> Self {
        let mut tree = Self::root(0);
        let spine = 8..params.columns.saturating_add(8);
        let mut last = 0;
        for cell in spine.clone() {
            tree.add(last, cell);
            last = cell;
        }
        for column in spine.rev().take(params.basins.into()) {
            let mut last = column;
            for _ in 2..params.rows {
                let below = last.saturating_add(8);
                tree.add(last, below);
                last = below;
            }
        }
        tree
    }

    /// The pipes that join all of it.
    fn openings(&self) -> Openings {
        let mut masks = Cells([0; 64]);
        for cell in cells_of(self.cells & !bit(self.spring)) {
            let parent = self.parent.at(cell);
            let side = SIDES.into_iter().find(|side| neighbour(cell, *side) == Some(parent)).unwrap_or(0);
            masks.put(cell, masks.at(cell) | side);
            masks.put(parent, masks.at(parent) | opposite(side));
        }
        let mut openings = Openings::NONE;
        for cell in cells_of(self.cells) {
            openings.set(cell, masks.at(cell));
        }
        openings
    }
}

/// Lays the tiles: those of the tree, turned, and loose ones around them.
fn scramble(tree: &Tree, field: u64, params: &Params, rng: &mut SegmentRng) -> Board {
    let solved = tree.openings();
    let mut scrambled = solved;
    let mut turnable = 0;
    let spring = bit(tree.spring);
    for cell in cells_of(field & !tree.ends & !spring) {
        let rusty = rng.chance(params.rusty_per_mille.into());
        let mut mask = solved.of(cell);
        if mask == 0 {
            mask = if rng.chance(params.loose_per_mille.into()) { loose_pipe(rng) } else { 0 };
        } else if let Some(closed) = gate_side(tree, cell) {
            mask = turn_by(mask, rng.below(3).saturating_add(1));
            while mask & closed != 0 {
                mask = turned(mask);
            }
            turnable |= bit(cell);
        } else if !rusty && !rng.chance(RIGHT_PER_MILLE) {
            // A straight pipe has one other way to lie, the others have three.
            let ways = if turn_by(mask, 2) == mask { 1 } else { 3 };
            mask = turn_by(mask, rng.below(ways).saturating_add(1));
        }
        scrambled.set(cell, mask);
        if !rusty && matches!(mask.count_ones(), 2..=3) {
            turnable |= bit(cell);
        }
    }
    Board { scrambled, solved, turnable, spring, basins: tree.ends }
}

/// The side towards the spring or the basin, of a pipe that is next to one in the tree.
fn gate_side(tree: &Tree, cell: u8) -> Option<u8> {
    let spring = |beside| beside == tree.spring && tree.parent.at(cell) == tree.spring;
    let basin = |beside| tree.ends & bit(beside) != 0 && tree.parent.at(beside) == cell;
    SIDES
        .into_iter()
        .find(|side| neighbour(cell, *side).is_some_and(|beside| spring(beside) || basin(beside)))
}

/// A pipe of any shape, lying in any way.
fn loose_pipe(rng: &mut SegmentRng) -> u8 {
    let shape = match rng.below(8) {
        0..=2 => 0b0101,
        3..=5 => 0b0011,
        6 => 0b0111,
        _ => 0b1111,
    };
    turn_by(shape, rng.below(4))
}

fn turn_by(mask: u8, quarters: u32) -> u8 {
    (0..quarters).fold(mask, |mask, _| turned(mask))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::game::{Game, GameParams, Pipes, Status};
    use crate::round::Seed;

    fn levels() -> Vec<Params> {
        let levels = Pipes::default_levels().into_iter();
        levels
            .filter_map(|level| if let GameParams::Pipes(params) = level.play { Some(params) } else { None })
            .collect()
    }

    fn rng(number: u64) -> SegmentRng {
        let mut seed = [7; 32];
        seed[..8].copy_from_slice(&number.to_be_bytes());
        SegmentRng::new(&Seed(seed))
    }

    /// Plays a board that lies as it should, without a hand on it.
    fn let_flow(board: &Board, params: &Params) -> (Status, u8) {
        let mut rng = rng(0);
        let mut game = Pipes::start(params, &mut rng);
        (game.open, game.turnable) = (board.solved, board.turnable);
        (game.spring, game.basins, game.wet) = (board.spring, board.basins, board.spring);
        while game.status == Status::Playing {
            game.step(params, None, &mut rng);
        }
        (game.status, game.reserve)
    }

    fn hold_promises(board: &Board, params: &Params) {
        assert_eq!(board.basins.count_ones(), u32::from(params.basins));
        assert_eq!(
            let_flow(board, params),
            (Status::Won, params.reserve),
            "the solution wins, and spills nothing"
        );
        let mut gates = 0;
        for end in cells_of(board.basins | board.spring) {
            let side = board.solved.of(end);
            assert_eq!((board.scrambled.of(end), side.count_ones()), (side, 1));
            let gate = neighbour(end, side).unwrap();
            assert_eq!(board.scrambled.of(gate) & opposite(side), 0, "closed at the start");
            assert_ne!(board.turnable & bit(gate), 0, "turns");
            gates |= bit(gate);
        }
        assert_eq!(gates.count_ones(), board.basins.count_ones() + 1, "each end has a pipe of its own");
        for cell in cells_of(field(params)) {
            let mask = board.solved.of(cell);
            if mask != 0 {
                let lies = board.scrambled.of(cell);
                assert!((0..4).any(|quarters| turn_by(mask, quarters) == lies), "the same tile");
                assert!(lies == mask || board.turnable & bit(cell) != 0, "what does not turn lies right");
            }
        }
    }

    #[test]
    fn boards_hold_their_promises() {
        for params in levels() {
            for number in 0..1_000 {
                hold_promises(&draw(&params, &mut rng(number)), &params);
            }
        }
    }

    #[test]
    fn so_do_those_laid_by_rule() {
        for params in levels() {
            for (columns, rows) in [(4, 4), (7, 8)] {
                for basins in 1..columns {
                    let params = Params { columns, rows, basins, ..params.clone() };
                    let board = scramble(&Tree::comb(&params), field(&params), &params, &mut rng(1));
                    hold_promises(&board, &params);
                }
            }
        }
    }

    #[test]
    fn chance_hardly_ever_fails() {
        for params in levels() {
            let fails = |number| {
                let mut rng = rng(number);
                !(0..TRIES).any(|_| Tree::grow(field(&params), params.columns, &mut rng).prune(params.basins))
            };
            assert_eq!((0..1_000).filter(|number| fails(*number)).count(), 0);
        }
    }
}
