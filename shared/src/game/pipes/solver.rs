//! Finds how the tiles must lie, from what shows on the board. What a player works out in the head, for the bots.
//!
//! Each opening that carries water must be met; each side that faces a closed one must be closed. From the spring and
//! the basins these demands spread: the tile with the fewest ways to lie that meet its own is laid next, and where
//! there are several ways, each is tried. Bounded by a number of guesses.

use super::Pipes;
use super::tiles::{Openings, SIDES, bit, cells_of, neighbour, opposite, turned};

/// The tries at which it gives up.
const GUESSES_MAX: u32 = 3_000;

/// How the tiles must lie.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    /// The tiles that the water flows through, in the order in which it reaches them.
    pub(super) tiles: Vec<Tile>,
    /// How often the board left a choice.
    pub(super) guesses: u32,
}

/// A tile of the plan.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tile {
    pub(super) cell: u8,
    /// How it must lie.
    pub(super) lies: u8,
    /// The beats that the water takes to it from the spring.
    pub(super) beats: u32,
}

/// A plan that fills every basin and spills nothing; `None` where there is none, or none was found.
pub(super) fn solve(game: &Pipes) -> Option<Plan> {
    let mut search = Search { game, guesses: 0 };
    let mut sketch = Sketch { laid: [0; 64], open: [0; 64], shut: [0; 64], wanted: 0 };
    // Bare ground, the edge, and tiles that do not turn say from the start where no water can pass.
    for cell in 0..64 {
        for side in SIDES {
            if neighbour(cell, side).is_none() {
                add(&mut sketch.shut, cell, side);
            }
            if !game.turns(cell) && game.openings(cell) & side == 0 {
                sketch.demand(cell, side, false);
            }
        }
    }
    for cell in cells_of(game.basins | game.wet) {
        if !sketch.lay(cell, game.openings(cell)) {
            return None;
        }
    }
    let laid = search.complete(sketch)?;
    Some(Plan { tiles: in_flow_order(game, &laid), guesses: search.guesses })
}

/// What is worked out so far, for each cell.
#[derive(Debug, Clone, Copy)]
struct Sketch {
    /// How it must lie; 0 where that is not decided.
    laid: [u8; 64],
    /// Sides that must be open, if water is to come here.
    open: [u8; 64],
    /// Sides that must be closed, if water is to come here.
    shut: [u8; 64],
    /// The cells to which water comes and that are not decided.
    wanted: u64,
}

fn at(cells: &[u8; 64], cell: u8) -> u8 {
    cells.get(usize::from(cell)).copied().unwrap_or(0)
}

fn add(cells: &mut [u8; 64], cell: u8, sides: u8) {
    if let Some(place) = cells.get_mut(usize::from(cell)) {
        *place |= sides;
    }
}

impl Sketch {
    /// What `cell`, open or closed on `side`, demands of its neighbour there.
    fn demand(&mut self, cell: u8, side: u8, open: bool) {
        let Some(beside) = neighbour(cell, side) else { return };
        if open {
            add(&mut self.open, beside, opposite(side));
            if at(&self.laid, beside) == 0 {
                self.wanted |= bit(beside);
            }
        } else {
            add(&mut self.shut, beside, opposite(side));
        }
    }

    /// The ways in which a tile may lie, for all that is known.
    fn ways(&self, game: &Pipes, cell: u8) -> impl Iterator<Item = u8> + use<> {
        let (open, shut) = (at(&self.open, cell), at(&self.shut, cell));
        let lies = game.openings(cell);
        let different = match game.turns(cell) {
            false => 1,
            true if opposite(lies) == lies => 2,
            true => 4,
        };
        let ways = std::iter::successors(Some(lies), |mask| Some(turned(*mask))).take(different);
        ways.filter(move |mask| *mask != 0 && mask & open == open && mask & shut == 0)
    }

    /// Lays a tile. Says whether that contradicts nothing known so far.
    fn lay(&mut self, cell: u8, mask: u8) -> bool {
        add(&mut self.laid, cell, mask);
        self.wanted &= !bit(cell);
        let (open, shut) = (at(&self.open, cell), at(&self.shut, cell));
        for side in SIDES {
            self.demand(cell, side, mask & side != 0);
        }
        mask & open == open && mask & shut == 0
    }
}

struct Search<'a> {
    game: &'a Pipes,
    guesses: u32,
}

impl Search<'_> {
    /// Lays all tiles that water comes to.
    fn complete(&mut self, mut sketch: Sketch) -> Option<[u8; 64]> {
        loop {
            let counted = cells_of(sketch.wanted).map(|cell| (sketch.ways(self.game, cell).count(), cell));
            let Some((count, cell)) = counted.min() else {
                return self.is_joined(&sketch.laid).then_some(sketch.laid);
            };
            if count > 1 {
                return self.guess(&sketch, cell);
            }
            let way = sketch.ways(self.game, cell).next()?;
            if !sketch.lay(cell, way) {
                return None;
            }
        }
    }

    fn guess(&mut self, sketch: &Sketch, cell: u8) -> Option<[u8; 64]> {
        let ways = sketch.ways(self.game, cell);
        for way in ways {
            self.guesses = self.guesses.saturating_add(1);
            if self.guesses > GUESSES_MAX {
                return None;
            }
            let mut tried = *sketch;
            if tried.lay(cell, way)
                && let Some(laid) = self.complete(tried)
            {
                return Some(laid);
            }
        }
        None
    }

    /// Whether the water comes from the spring to every basin.
    fn is_joined(&self, laid: &[u8; 64]) -> bool {
        let wet = flows(self.game, laid).last().unwrap_or(0);
        self.game.basins & !wet == 0
    }
}

/// Where the water is after each beat, on a board that lies so.
fn flows(game: &Pipes, laid: &[u8; 64]) -> impl Iterator<Item = u64> {
    let mut open = Openings::NONE;
    for (cell, mask) in (0_u8..).zip(laid) {
        open.set(cell, *mask);
    }
    std::iter::successors(Some(game.spring), move |wet| {
        let reached = open.reached(*wet);
        (reached != 0).then_some(wet | reached)
    })
}

fn in_flow_order(game: &Pipes, laid: &[u8; 64]) -> Vec<Tile> {
    let mut tiles = Vec::with_capacity(64);
    let mut known = 0;
    for (beats, wet) in (0_u32..).zip(flows(game, laid)) {
        tiles.extend(cells_of(wet & !known).map(|cell| Tile { cell, lies: at(laid, cell), beats }));
        known = wet;
    }
    tiles
}
