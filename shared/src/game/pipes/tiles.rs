//! Tiles and where water passes between them, as sets of bits: cell 8 × row + column has the bit of that number.

use serde::{Deserialize, Serialize};

/// The opening of a tile to the tile above; a bit of its own.
pub const NORTH: u8 = 1;
/// The opening to the tile on the right.
pub const EAST: u8 = 2;
/// The opening to the tile below.
pub const SOUTH: u8 = 4;
/// The opening to the tile on the left.
pub const WEST: u8 = 8;
/// All four, in clockwise order.
pub const SIDES: [u8; 4] = [NORTH, EAST, SOUTH, WEST];

/// Which sides are open: for north, east, south and west, a bit for each cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Openings(pub(super) [u64; 4]);

impl Openings {
    /// No openings anywhere.
    pub(super) const NONE: Self = Self([0; 4]);

    /// The openings of `cell`.
    pub(super) fn of(self, cell: u8) -> u8 {
        let bit = bit(cell);
        let open = self.0.iter().zip(SIDES).filter(|(sides, _)| *sides & bit != 0);
        open.fold(0, |mask, (_, side)| mask | side)
    }

    /// Gives `cell` these openings and no others.
    pub(super) fn set(&mut self, cell: u8, mask: u8) {
        let bit = bit(cell);
        for (sides, side) in self.0.iter_mut().zip(SIDES) {
            *sides = if mask & side == 0 { *sides & !bit } else { *sides | bit };
        }
    }

    /// Turns the one tile of `bit` a quarter clockwise.
    #[inline]
    pub(super) fn turn(&mut self, bit: u64) {
        let Self([north, east, south, west]) = *self;
        let turned = |stays: u64, comes: u64| (stays & !bit) | (comes & bit);
        *self = Self([turned(north, west), turned(east, north), turned(south, east), turned(west, south)]);
    }

    /// For each side, the cells whose neighbour there has an opening towards them.
    #[inline]
    fn met(self) -> [u64; 4] {
        let Self([north, east, south, west]) = self;
        [south << 8_u32, west >> 1_u32, north >> 8_u32, east << 1_u32]
    }

    /// The cells that the water reaches from `water` in one beat, those of `water` left out.
    #[inline]
    pub(super) fn reached(self, water: u64) -> u64 {
        let Self([north, east, south, west]) = self;
        let [above, right, below, left] = self.met();
        let up = (water & north & above) >> 8_u32;
        let rightwards = (water & east & right) << 1_u32;
        let down = (water & south & below) << 8_u32;
        let leftwards = (water & west & left) >> 1_u32;
        (up | rightwards | down | leftwards) & !water
    }

    /// For each side, the cells of `water` that are open there to nothing.
    #[inline]
    pub(super) fn leaks(self, water: u64) -> [u64; 4] {
        let Self([north, east, south, west]) = self;
        let [above, right, below, left] = self.met();
        [water & north & !above, water & east & !right, water & south & !below, water & west & !left]
    }
}

/// The bit of a cell; of a number that is no cell, none.
#[inline]
pub(super) fn bit(cell: u8) -> u64 {
    1_u64.checked_shl(u32::from(cell)).unwrap_or(0)
}

/// The cells of a set, in rising order.
pub(super) fn cells_of(mut set: u64) -> impl Iterator<Item = u8> {
    std::iter::from_fn(move || {
        let cell = u8::try_from(set.trailing_zeros()).ok().filter(|cell| *cell < 64)?;
        set &= !bit(cell);
        Some(cell)
    })
}

/// The cell beside `cell` on `side`; past the left and right edges it is one of the empty column.
pub fn neighbour(cell: u8, side: u8) -> Option<u8> {
    let beside = match side {
        NORTH => cell.checked_sub(8),
        EAST => cell.checked_add(1),
        SOUTH => cell.checked_add(8),
        _ => cell.checked_sub(1),
    };
    beside.filter(|beside| *beside < 64)
}

/// A tile's openings after a quarter turn clockwise.
pub(super) const fn turned(mask: u8) -> u8 {
    ((mask << 1) | (mask >> 3)) & 15
}

/// The sides across from these.
pub const fn opposite(mask: u8) -> u8 {
    ((mask << 2) | (mask >> 2)) & 15
}
