//! The empty basin and every tile, painted once on a canvas of their own: a frame copies them, which costs far less than
//! to draw them.

use dripline_shared::game::merge::Cell;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use super::palette::Palette;
use super::pen::{BASIN, Pen, WIDTH};
use crate::play::face::Colours;
use crate::play::layer::Layer;

/// The side of a tile's place on the sheet, in board units: four of them are as wide as the basin, and a droplet or a
/// stone has room in one.
const PLACE: f64 = WIDTH / 4.0;

/// The sheet: the basin above, the tiles below it.
pub(super) struct Sheet {
    layer: Layer,
    goal: u16,
}

/// Everything that has a place on the sheet, in their order.
fn tiles() -> impl Iterator<Item = Cell> {
    [Cell::Rust, Cell::Stone].into_iter().chain((1..=11).map(Cell::Droplet))
}

/// The upper left corner of the `number`-th place, in board units.
fn corner(number: u8) -> (f64, f64) {
    (PLACE * f64::from(number % 4), WIDTH + PLACE * f64::from(number / 4))
}

impl Sheet {
    /// A sheet for this screen, theme and level. `None` where the browser has no second canvas.
    pub(super) fn new(
        screen: &HtmlCanvasElement,
        colours: &Colours,
        palette: &Palette,
        goal: u16,
    ) -> Option<Self> {
        let layer = Layer::new(screen, WIDTH, Some(2), colours)?;
        let (context, scale) = (&layer.context, layer.scale);
        let pen = Pen { canvas: context, colours, palette, sheet: None };
        context.set_transform(scale, 0.0, 0.0, scale, 0.0, -BASIN * scale).ok()?;
        pen.basin();
        context.set_transform(scale, 0.0, 0.0, scale, 0.0, 0.0).ok()?;
        for (number, tile) in (0..).zip(tiles()) {
            let (left, top) = corner(number);
            pen.tile(tile, (left + PLACE / 2.0, top + PLACE / 2.0), (1.0, 1.0));
        }
        Some(Self { layer, goal })
    }

    /// Whether it was painted for this.
    pub(super) fn fits(&self, screen: &HtmlCanvasElement, colours: &Colours, goal: u16) -> bool {
        self.goal == goal && self.layer.fits(screen, colours)
    }

    /// Copies a place of the sheet.
    fn copy(
        &self,
        onto: &CanvasRenderingContext2d,
        (x, y): (f64, f64),
        square: f64,
        to: (f64, f64),
        size: (f64, f64),
    ) {
        let pixels = |units: f64| units * self.layer.scale;
        // Refused only for a canvas without pixels.
        let _drawn = onto.draw_image_with_html_canvas_element_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
            &self.layer.canvas,
            pixels(x),
            pixels(y),
            pixels(square),
            pixels(square),
            to.0,
            to.1,
            size.0,
            size.1,
        );
    }

    /// Draws the empty basin.
    pub(super) fn basin(&self, onto: &CanvasRenderingContext2d) {
        self.copy(onto, (0.0, 0.0), WIDTH, (0.0, BASIN), (WIDTH, WIDTH));
    }

    /// Draws a tile around a point, grown by `size`.
    pub(super) fn tile(
        &self,
        onto: &CanvasRenderingContext2d,
        tile: Cell,
        (x, y): (f64, f64),
        size: (f64, f64),
    ) {
        let Some(number) = (0..).zip(tiles()).find_map(|(number, other)| (other == tile).then_some(number))
        else {
            return;
        };
        let (from_x, from_y) = corner(number);
        let (width, height) = (PLACE * size.0, PLACE * size.1);
        // Its own pixels should meet the screen's.
        let met = |at: f64, from: f64| ((at - from) * self.layer.scale).round() / self.layer.scale + from;
        let to = (met(x - width / 2.0, from_x), met(y - height / 2.0, from_y));
        self.copy(onto, (from_x, from_y), PLACE, to, (width, height));
    }
}
