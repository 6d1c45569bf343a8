//! Where things are on the board of Pipes, and the shapes that are drawn again and again.

use std::f64::consts::{FRAC_PI_2, PI, TAU};

use dripline_shared::game::pipes::{EAST, NORTH, Params, SIDES, opposite};
use web_sys::CanvasRenderingContext2d;

use crate::play::colour::Colour;
use crate::play::css;
use crate::play::curves::{cosine, sine};
use crate::play::face::Colours;

/// Board units of a tile's side.
pub(super) const TILE: f64 = 100.0;
pub(super) const HALF: f64 = TILE / 2.0;
/// How far a pipe's wall and its bore reach over its tile's edge. The bore covers the wall's soft end: no seam shows.
const WALL_OVER: f64 = 1.0;
const BORE_OVER: f64 = 1.8;
/// How far from its middle a tile can leave a trace, and where its plate ends.
pub(super) const REACH: f64 = HALF + 3.0;
pub(super) const PLATE: f64 = HALF - 5.0;
/// Around the board.
pub(super) const MARGIN: f64 = 16.0;
/// From the top to the first row: the tank, and the pipe from it to the spring.
pub(super) const TOP: f64 = 78.0;
/// The widths of a pipe, of the water in it, and of the collar at its ends.
pub(super) const PIPE: f64 = 38.0;
pub(super) const BORE: f64 = 22.0;
pub(super) const COLLAR: f64 = 47.0;
/// The radius of a basin.
pub(super) const BOWL: f64 = 38.0;

/// A value for each cell.
pub(super) struct Each<T>([T; 64]);

impl<T: Copy + Default> Default for Each<T> {
    fn default() -> Self {
        Self([T::default(); 64])
    }
}

impl<T: Copy + Default> Each<T> {
    pub(super) fn of(&self, cell: u8) -> T {
        self.0.get(usize::from(cell)).copied().unwrap_or_default()
    }

    pub(super) fn set(&mut self, cell: u8, value: T) {
        if let Some(place) = self.0.get_mut(usize::from(cell)) {
            *place = value;
        }
    }
}

/// A tile's pipe on the canvas.
pub(super) struct Pipe {
    pub(super) x: f64,
    pub(super) y: f64,
    /// In radians.
    pub(super) tilt: f64,
    pub(super) open: u8,
}

impl Pipe {
    /// The direction of a side as an angle.
    fn angle(&self, side: u8) -> f64 {
        self.tilt + f64::from(side.trailing_zeros()) * FRAC_PI_2 - FRAC_PI_2
    }

    /// A point towards a side.
    fn point(&self, side: u8, far: f64) -> (f64, f64) {
        let angle = self.angle(side);
        (self.x + far * cosine(angle), self.y + far * sine(angle))
    }

    fn sides(&self) -> impl Iterator<Item = u8> + use<> {
        let open = self.open;
        SIDES.into_iter().filter(move |side| open & side != 0)
    }

    /// For a bend: its two sides, the second clockwise of the first.
    fn bend(&self) -> Option<(u8, u8)> {
        let next = |side: u8| ((side << 1) | (side >> 3)) & 15;
        let first = SIDES.into_iter().find(|side| self.open == *side | next(*side))?;
        Some((first, next(first)))
    }

    /// Adds a bend's arc, from one side as far as `part`.
    fn arc(&self, brush: &Brush<'_>, (first, second): (u8, u8), from: u8, part: f64, over: f64) {
        let (a, b) = (self.angle(first), self.angle(second));
        let (x, y) = (self.x + HALF * (cosine(a) + cosine(b)), self.y + HALF * (sine(a) + sine(b)));
        // Seen from the corner between the sides, they lie across: the first a quarter further than the second.
        let (at_first, at_second) = (b + PI, a + PI);
        let over = over / HALF;
        let turn = if part < 1.0 { part * FRAC_PI_2 } else { FRAC_PI_2 + over };
        let (start, end, anticlockwise) = if from == first {
            (at_first + over, at_first - turn, true)
        } else {
            (at_second - over, at_second + turn, false)
        };
        brush.canvas.move_to(x + HALF * cosine(start), y + HALF * sine(start));
        brush.arc(x, y, HALF, (start, end), anticlockwise);
    }

    /// Adds a straight piece towards a side.
    fn leg(&self, brush: &Brush<'_>, side: u8, from: f64, to: f64) {
        let ((from_x, from_y), (to_x, to_y)) = (self.point(side, from), self.point(side, to));
        brush.canvas.move_to(from_x, from_y);
        brush.canvas.line_to(to_x, to_y);
    }

    /// Adds all of it, and so much over the edge.
    fn trace(&self, brush: &Brush<'_>, over: f64) {
        if let Some(bend) = self.bend() {
            self.arc(brush, bend, bend.0, 1.0, over);
            return;
        }
        // A little over the middle, so that legs leave no notch where they meet.
        let middle = if self.open.count_ones() > 2 { -BORE / 2.0 } else { 0.0 };
        self.sides().for_each(|side| self.leg(brush, side, middle, HALF + over));
    }

    /// Adds the water: all of it, or as far as it has come.
    pub(super) fn trace_water(&self, brush: &Brush<'_>, inflow: u8, part: f64) {
        if part >= 1.0 || inflow == 0 {
            self.trace(brush, BORE_OVER);
            return;
        }
        if let Some(bend) = self.bend() {
            let from = if inflow & bend.0 == 0 { bend.1 } else { bend.0 };
            self.arc(brush, bend, from, part, BORE_OVER);
            return;
        }
        let (inwards, outwards) = ((part * 2.0).min(1.0), (part * 2.0 - 1.0).max(0.0));
        for side in self.sides() {
            if inflow & side != 0 {
                self.leg(brush, side, HALF * (1.0 - inwards), HALF + BORE_OVER);
            } else if outwards > 0.0 {
                self.leg(brush, side, 0.0, HALF * outwards);
            }
        }
    }

    /// Adds a short piece at each end, to be stroked as wide as a collar.
    fn collars(&self, brush: &Brush<'_>) {
        self.sides().for_each(|side| self.leg(brush, side, HALF - 8.0, HALF + WALL_OVER));
    }

    /// Draws it, empty or full.
    pub(super) fn draw(&self, brush: &Brush<'_>, is_rusty: bool, is_full: bool) {
        let colours = brush.colours;
        let colour = if is_rusty { &colours.rust } else { &colours.metal };
        brush.canvas.begin_path();
        self.trace(brush, WALL_OVER);
        brush.stroke(&colours.ink, PIPE + 4.0, 0.16);
        brush.stroke(colour, PIPE, 1.0);
        brush.stroke(&colours.surface, PIPE - 8.0, 0.28);
        brush.canvas.begin_path();
        self.collars(brush);
        brush.stroke(colour, COLLAR, 1.0);
        brush.canvas.begin_path();
        self.trace(brush, BORE_OVER);
        if is_full {
            brush.stroke(&colours.water, BORE, 1.0);
        } else {
            brush.stroke(&colours.background, BORE, 1.0);
            brush.stroke(&colours.ink, BORE, 0.07);
        }
    }

    /// Adds a bubble on each way through the tile.
    pub(super) fn bubbles(&self, brush: &Brush<'_>, inflow: u8, phase: f64) {
        let part = phase.fract();
        if let Some((first, second)) = self.bend().filter(|_| inflow != 0) {
            let (a, b) = (self.angle(first), self.angle(second));
            let (x, y) = (self.x + HALF * (cosine(a) + cosine(b)), self.y + HALF * (sine(a) + sine(b)));
            let along =
                if inflow & first == 0 { a + PI + part * FRAC_PI_2 } else { b + PI - part * FRAC_PI_2 };
            brush.dot(x + (HALF - 3.0) * cosine(along), y + (HALF - 3.0) * sine(along), 3.4);
            return;
        }
        for side in self.sides().filter(|_| inflow != 0) {
            let (is_in, early) = (inflow & side != 0, part < 0.5);
            if is_in == early {
                let far = if is_in { HALF * (1.0 - 2.0 * part) } else { HALF * (2.0 * part - 1.0) };
                let (x, y) = self.point(side, far);
                brush.dot(x - 2.0, y - 3.0, 3.4);
            }
        }
    }
}

/// The canvas, with what is drawn again and again.
pub(super) struct Brush<'a> {
    pub(super) canvas: &'a CanvasRenderingContext2d,
    pub(super) colours: &'a Colours,
}

impl Brush<'_> {
    pub(super) fn fill(&self, colour: &Colour, alpha: f64) {
        colour.fill(self.canvas, alpha);
    }

    pub(super) fn stroke(&self, colour: &Colour, width: f64, alpha: f64) {
        colour.stroke(self.canvas, width, alpha);
    }

    /// Adds a rounded rectangle. Refused only for negative radii, of which there are none; so with the others here.
    pub(super) fn rounded(&self, x: f64, y: f64, width: f64, height: f64, radius: f64) {
        let _drawn = self.canvas.round_rect_with_f64(x, y, width, height, radius);
    }

    /// Adds a circle.
    pub(super) fn dot(&self, x: f64, y: f64, radius: f64) {
        self.canvas.move_to(x + radius, y);
        let _drawn = self.canvas.arc(x, y, radius, 0.0, TAU);
    }

    /// Adds an arc.
    pub(super) fn arc(&self, x: f64, y: f64, radius: f64, (from, to): (f64, f64), anticlockwise: bool) {
        let _drawn = self.canvas.arc_with_anticlockwise(x, y, radius, from, to, anticlockwise);
    }

    /// Begins a path with a falling drop.
    pub(super) fn drop(&self, x: f64, y: f64, size: f64) {
        let canvas = self.canvas;
        canvas.begin_path();
        canvas.move_to(x, y - size * 1.25);
        canvas.quadratic_curve_to(x + size, y - size * 0.1, x + size * 0.82, y + size * 0.4);
        self.arc(x, y + size * 0.35, size * 0.82, (0.06, PI - 0.06), false);
        canvas.quadratic_curve_to(x - size, y - size * 0.1, x, y - size * 1.25);
        canvas.close_path();
    }

    pub(super) fn line(&self, points: &[(f64, f64)], colour: &Colour, width: f64, alpha: f64) {
        self.canvas.begin_path();
        for (x, y) in points {
            self.canvas.line_to(*x, *y);
        }
        self.stroke(colour, width, alpha);
    }

    /// Writes a number in the middle of a place.
    pub(super) fn text(&self, text: &str, (x, y): (f64, f64), size: f64, colour: &Colour) {
        self.canvas.set_font(&css::font(size));
        self.canvas.set_text_align("center");
        self.canvas.set_text_baseline("middle");
        colour.fills(self.canvas);
        let _drawn = self.canvas.fill_text(text, x, y + size * 0.06);
    }
}

/// The cells of a board.
pub(super) fn cells(params: &Params) -> impl Iterator<Item = u8> + use<> {
    let columns = params.columns;
    (0..params.rows).flat_map(move |row| (0..columns).map(move |column| row * 8 + column))
}

/// The middle of a cell.
pub(super) fn middle(cell: u8) -> (f64, f64) {
    (MARGIN + f64::from(cell % 8) * TILE + HALF, TOP + f64::from(cell / 8) * TILE + HALF)
}

/// The cell under a point.
pub(super) fn cell_at(x: f64, y: f64, params: &Params) -> Option<u8> {
    cells(params).find(|cell| {
        let (middle_x, middle_y) = middle(*cell);
        (x - middle_x).abs() <= HALF && (y - middle_y).abs() <= HALF
    })
}

/// The step towards a side.
pub(super) fn towards(side: u8) -> (f64, f64) {
    let sign = if side == NORTH || side == opposite(EAST) { -1.0 } else { 1.0 };
    if side & (EAST | opposite(EAST)) == 0 { (0.0, sign) } else { (sign, 0.0) }
}
