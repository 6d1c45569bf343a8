//! The board of Merge: 4 × 4 cells in the nibbles of one `u64`, and the slide, on all four lines at once.
//!
//! Cell `4 × row + column` is nibble `4 × row + column`, counted from the low end. A nibble is 0 for an empty cell,
//! 1 to 11 for a droplet of 2 to 2,048, 14 for rust, and 15 for a stone. A mask has one bit a cell, the lowest of its
//! nibble. No tables and no branches: a slide is some eighty operations on a register.

/// The lowest bit of each cell.
const CELLS: u64 = 0x1111_1111_1111_1111;
/// The nibble of rust: it slides, and never merges.
pub(super) const RUST: u64 = 14;
/// The nibble of a stone: it neither slides nor merges.
pub(super) const STONE: u64 = 15;

const COLUMN_0: u64 = 0x0001_0001_0001_0001;
const COLUMN_3: u64 = 0x1000_1000_1000_1000;
const ROW_0: u64 = 0x1111;
const ROW_3: u64 = ROW_0 << 48;

/// A direction. Turning the board right by `turn` bits brings every cell's tile to its neighbour in this direction;
/// what that carries around the edge is masked away.
#[derive(Debug)]
pub(super) struct Way {
    turn: u32,
    /// The cells at the edge that tiles slide to, and those one and two behind it.
    first: u64,
    second: u64,
    third: u64,
}

impl Way {
    /// The cells farthest from the edge that tiles slide to.
    fn last(&self) -> u64 {
        CELLS & !(self.first | self.second | self.third)
    }
}

/// Up, right, down and left, in the order of the inputs.
pub(super) const WAYS: [Way; 4] = [
    Way { turn: 16, first: ROW_0, second: ROW_0 << 16, third: ROW_0 << 32 },
    Way { turn: 60, first: COLUMN_3, second: COLUMN_3 >> 4, third: COLUMN_3 >> 8 },
    Way { turn: 48, first: ROW_3, second: ROW_0 << 32, third: ROW_0 << 16 },
    Way { turn: 4, first: COLUMN_0, second: COLUMN_0 << 4, third: COLUMN_0 << 8 },
];

/// What a slide gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slid {
    /// The board after it.
    pub(super) board: u64,
    /// The cells that hold a droplet just merged.
    pub(super) merged: u64,
    /// The cells whose rust was washed away.
    pub(super) washed: u64,
}

/// The cells with anything in them.
pub(super) fn occupied(board: u64) -> u64 {
    let pairs = board | (board >> 1);
    (pairs | (pairs >> 2)) & CELLS
}

/// The empty cells.
pub(super) fn empty(board: u64) -> u64 {
    !occupied(board) & CELLS
}

/// The cells with rust or a stone: what never merges.
fn inert(board: u64) -> u64 {
    (board >> 1) & (board >> 2) & (board >> 3) & CELLS
}

/// The cells with rust.
fn rust(board: u64) -> u64 {
    inert(board) & !board
}

/// The cells with a stone.
fn stones(board: u64) -> u64 {
    inert(board) & board
}

/// All four bits of the cells of a mask.
fn cover(mask: u64) -> u64 {
    (mask << 4).wrapping_sub(mask)
}

/// The cells with a droplet that equals the tile of the neighbour behind it; `last` are those with none behind.
fn equal_behind(board: u64, turn: u32, last: u64) -> u64 {
    empty(board ^ board.rotate_right(turn)) & occupied(board) & !inert(board) & !last
}

/// The cells beside those of a mask.
fn beside(mask: u64) -> u64 {
    ((mask & !COLUMN_3) << 4) | ((mask & !COLUMN_0) >> 4) | (mask << 16) | (mask >> 16)
}

/// The cells that hold `tile`, 0 to 15.
pub(super) fn holding(board: u64, tile: u64) -> u64 {
    empty(board ^ CELLS.wrapping_mul(tile))
}

/// In each nibble, how many cells of a mask there are up to and with this one, modulo 16.
fn running_count(mask: u64) -> u64 {
    mask.wrapping_mul(CELLS)
}

/// The number of cells of a mask of at most 15.
pub(super) fn count(mask: u64) -> u32 {
    let [.., high] = running_count(mask).to_le_bytes();
    u32::from(high >> 4)
}

/// The nibble of `cell`, 0 to 15.
pub(super) fn nibble(board: u64, cell: u8) -> u8 {
    let [low, ..] = (board >> (u32::from(cell & 15) << 2)).to_le_bytes();
    low & 15
}

/// The mask of `cell`, 0 to 15.
pub(super) fn at(cell: u8) -> u64 {
    1 << (u32::from(cell & 15) << 2)
}

/// Whether a slide this way changes the board: a tile has an empty cell before it, or two merge.
///
/// That equal droplets with a gap between them merge needs no look: the second has an empty cell before it.
#[inline]
pub(super) fn can_slide(board: u64, way: &Way) -> bool {
    let behind_empty = empty(board).rotate_left(way.turn) & !way.first;
    let movable = occupied(board) & !stones(board);
    (behind_empty & movable) | equal_behind(board, way.turn, way.last()) != 0
}

/// The cells with a droplet that equals its neighbour to the right; and below.
pub(super) fn equals(board: u64) -> [u64; 2] {
    [equal_behind(board, 4, COLUMN_3), equal_behind(board, 16, ROW_3)]
}

/// Slides everything `way` until it meets the edge, a stone or another tile; equal droplets that meet merge, those
/// nearer the edge first and each once; a droplet just merged washes away the rust beside it.
#[inline]
pub(super) fn slide(board: u64, way: &Way) -> Slid {
    let turn = way.turn;
    let fixed = way.first | stones(board);
    // Each pass lets every tile with an empty cell before it move by one; on a line of four, three are enough.
    let lines = (board, occupied(board));
    let (board, _) = pass(pass(pass(lines, turn, fixed), turn, fixed), turn, fixed);

    let equal = equal_behind(board, turn, way.last());
    let at_first = equal & way.first;
    let at_second = equal & way.second & !at_first.rotate_left(turn);
    let at_third = equal & way.third & !at_second.rotate_left(turn);
    let merged = at_first | at_second | at_third;
    let gone = merged.rotate_left(turn);
    // One more in the exponent is twice the value.
    let board = (board & !cover(gone)).wrapping_add(merged);

    // What lies behind a gap moves up, by one: two gaps on a line of four leave nothing behind the second.
    let behind = gone.rotate_left(turn) & !fixed;
    let moving = behind | (behind.rotate_left(turn) & !fixed);
    let board = moved(board, cover(moving), turn);
    let merged = moved(merged, moving, turn);

    let washed = rust(board) & beside(merged);
    Slid { board: board & !cover(washed), merged, washed }
}

/// One pass of a slide over a board and its occupied cells.
fn pass((board, full): (u64, u64), turn: u32, fixed: u64) -> (u64, u64) {
    let moving = full & !fixed & (!full).rotate_left(turn);
    (moved(board, cover(moving), turn), moved(full, moving, turn))
}

/// `bits` with those of `moving` brought to the next cell, whose own are 0 or move too.
fn moved(bits: u64, moving: u64, turn: u32) -> u64 {
    (bits & !moving) | (bits & moving).rotate_right(turn)
}

/// The mask of the `number`-th cell of a mask, counted from 0; 0 where it has no such cell.
pub(super) fn nth(mask: u64, number: u32) -> u64 {
    // Counts modulo 16 tell the cells apart: of the cells of the mask, at most the sixteenth has 0.
    holding(running_count(mask), u64::from(number.wrapping_add(1) & 15)) & mask
}

/// Whether the cells of `mask` hang together, edge to edge.
pub(super) fn connected(mask: u64) -> bool {
    let reached = (0..16).fold(nth(mask, 0), |reached, _| (reached | beside(reached)) & mask);
    reached == mask
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;

    /// The slide as one would write it without a thought for speed: a line at a time, a tile at a time.
    fn slide_plainly(board: u64, input: usize) -> Slid {
        let mut cells: Vec<u8> = (0..16).map(|cell| nibble(board, cell)).collect();
        let mut merged = 0;
        for line in 0..4 {
            // Cells of the line, from the edge that tiles slide to.
            let of_line = |step: usize| match input {
                0 => 4 * step + line,
                1 => 4 * line + 3 - step,
                2 => 4 * (3 - step) + line,
                _ => 4 * line + step,
            };
            let mut free = 0;
            let mut whole = None;
            for step in 0..4 {
                let tile = std::mem::take(&mut cells[of_line(step)]);
                match tile {
                    0 => {}
                    15 => {
                        cells[of_line(step)] = tile;
                        free = step + 1;
                        whole = None;
                    }
                    _ if tile != 14 && whole == Some(tile) => {
                        cells[of_line(free - 1)] = tile + 1;
                        merged |= at(u8::try_from(of_line(free - 1)).unwrap());
                        whole = None;
                    }
                    _ => {
                        cells[of_line(free)] = tile;
                        free += 1;
                        whole = Some(tile);
                    }
                }
            }
        }
        let mut washed = 0;
        for cell in 0..16_u8 {
            let neighbours = (0..16)
                .filter(|other: &u8| (cell % 4).abs_diff(other % 4) + (cell / 4).abs_diff(other / 4) == 1);
            if cells[usize::from(cell)] == 14 && neighbours.into_iter().any(|other| merged & at(other) != 0) {
                washed |= at(cell);
            }
        }
        let board = (0..16_u8).fold(0, |all, cell| {
            let kept = if washed & at(cell) == 0 { u64::from(cells[usize::from(cell)]) } else { 0 };
            all | (at(cell) * kept)
        });
        Slid { board, merged, washed }
    }

    fn boards() -> impl Strategy<Value = u64> {
        // Few kinds of tiles, so that much merges.
        let tile =
            prop_oneof![4 => Just(0), 5 => 1_u64..4, 1 => 1_u64..11, 1 => Just(RUST), 1 => Just(STONE)];
        proptest::collection::vec(tile, 16)
            .prop_map(|tiles| tiles.into_iter().fold(0, |board, tile| (board << 4) | tile))
    }

    proptest! {
        #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::with_cases(4_000) })]

        #[test]
        fn the_slide_on_bits_equals_the_plain_one(board in boards(), input in 0_usize..4) {
            let slid = slide(board, &WAYS[input]);
            prop_assert_eq!(slid, slide_plainly(board, input));
            prop_assert_eq!(can_slide(board, &WAYS[input]), slid.board != board);
        }

        #[test]
        fn a_full_board_slides_where_neighbours_are_equal(board in boards()) {
            let full = (0..16).fold(board, |board, cell| {
                if nibble(board, cell) == 0 { board | (at(cell) * u64::from(cell % 3 + 1)) } else { board }
            });
            let slides = WAYS.iter().any(|way| can_slide(full, way));
            prop_assert_eq!(equals(full) != [0, 0], slides);
        }

        #[test]
        fn the_nth_cell_is_counted_from_the_low_end(mask in any::<u64>(), number in 0_u32..16) {
            let mask = mask & CELLS;
            let expected = (0..16).map(at).filter(|cell| mask & cell != 0).nth(number as usize).unwrap_or(0);
            prop_assert_eq!(nth(mask, number), expected);
            prop_assert_eq!(count(mask & !1), (mask & !1).count_ones());
        }
    }

    #[test]
    fn a_board_parted_by_stones_does_not_hang_together() {
        let without = |stones: &[u8]| stones.iter().fold(CELLS, |cells, stone| cells & !at(*stone));
        assert!(connected(without(&[])));
        assert!(connected(without(&[0, 3, 12, 15])));
        assert!(connected(without(&[5])));
        assert!(!connected(without(&[1, 4])), "the corner is cut off");
        assert!(!connected(without(&[4, 5, 6, 7])));
    }
}
