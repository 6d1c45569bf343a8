//! Where the cells of Merge are, and the shapes of what lies on them.

use std::f64::consts::TAU;

use dripline_shared::game::merge::Cell;
use web_sys::CanvasRenderingContext2d;

use super::palette::Palette;
use super::sheet::Sheet;
use crate::play::colour::Colour;
use crate::play::css;
use crate::play::curves::{cosine, sine};
use crate::play::face::Colours;

/// The board in its own units: a cell is 100 wide.
pub(super) const WIDTH: f64 = 460.0;
pub(super) const HEIGHT: f64 = 556.0;
/// The basin: a square at the bottom.
pub(super) const BASIN: f64 = 96.0;
const MARGIN: f64 = 10.0;
pub(super) const CELL: f64 = 110.0;
/// The radius of a droplet.
pub(super) const RADIUS: f64 = 47.0;

/// The middle of a cell, 0 to 15.
pub(super) fn centre(index: usize) -> (f64, f64) {
    let index = u8::try_from(index).unwrap_or(0);
    let along = |number: u8| MARGIN + CELL / 2.0 + CELL * f64::from(number);
    (along(index % 4), BASIN + along(index / 4))
}

/// The canvas and the colours.
pub(super) struct Pen<'a> {
    pub(super) canvas: &'a CanvasRenderingContext2d,
    pub(super) colours: &'a Colours,
    pub(super) palette: &'a Palette,
    /// Tiles that were painted before, if there are any.
    pub(super) sheet: Option<&'a Sheet>,
}

impl Pen<'_> {
    pub(super) fn fill(&self, colour: &Colour, alpha: f64) {
        colour.fill(self.canvas, alpha);
    }

    pub(super) fn stroke(&self, colour: &Colour, width: f64, alpha: f64) {
        colour.stroke(self.canvas, width, alpha);
    }

    /// Begins a path with a part of a circle, in turns from the top.
    pub(super) fn arc(&self, (x, y): (f64, f64), radius: f64, (from, to): (f64, f64)) {
        self.canvas.begin_path();
        // Refused only for a negative radius.
        let _drawn = self.canvas.arc(x, y, radius.max(0.0), (from - 0.25) * TAU, (to - 0.25) * TAU);
    }

    /// Begins a path with a circle.
    pub(super) fn circle(&self, middle: (f64, f64), radius: f64) {
        self.arc(middle, radius, (0.0, 1.0));
    }

    /// Begins a path with a rectangle with round corners.
    pub(super) fn block(&self, (x, y): (f64, f64), (width, height): (f64, f64), radius: f64) {
        self.canvas.begin_path();
        let _drawn = self.canvas.round_rect_with_f64(x, y, width.max(0.0), height.max(0.0), radius);
    }

    /// Sets the size of what is written, around its middle.
    pub(super) fn font(&self, size: u32) {
        self.canvas.set_font(&css::font(f64::from(size)));
        self.canvas.set_text_align("center");
        self.canvas.set_text_baseline("middle");
    }

    /// Writes, with its middle at a point.
    pub(super) fn write(&self, text: &str, (x, y): (f64, f64), size: u32, colour: &Colour, alpha: f64) {
        self.font(size);
        colour.fills(self.canvas);
        self.canvas.set_global_alpha(alpha.clamp(0.0, 1.0));
        let _drawn = self.canvas.fill_text(text, x, y);
        self.canvas.set_global_alpha(1.0);
    }

    /// Draws the empty basin.
    pub(super) fn basin(&self) {
        if let Some(sheet) = self.sheet {
            sheet.basin(self.canvas);
            return;
        }
        self.block((1.5, BASIN + 1.5), (WIDTH - 3.0, HEIGHT - BASIN - 3.0), 26.0);
        self.fill(&self.colours.surface, 1.0);
        self.stroke(&self.colours.line, 3.0, 1.0);
        for index in 0..16 {
            self.circle(centre(index), RADIUS + 3.0);
            self.fill(&self.colours.background, 0.55);
            self.stroke(&self.colours.line, 1.5, 0.6);
        }
    }

    /// Draws what is on a cell, around a point, grown by `(across, down)`.
    pub(super) fn tile(&self, cell: Cell, (x, y): (f64, f64), (across, down): (f64, f64)) {
        // A picture that is made much smaller gets coarse.
        if let Some(sheet) = self.sheet.filter(|_| across.min(down) > 0.8) {
            sheet.tile(self.canvas, cell, (x, y), (across, down));
            return;
        }
        self.canvas.save();
        let _moved = self.canvas.translate(x, y);
        let _scaled = self.canvas.scale(across.max(0.0), down.max(0.0));
        match cell {
            Cell::Empty => {}
            Cell::Droplet(exponent) => self.droplet(exponent),
            Cell::Rust => self.rust(),
            Cell::Stone => self.stone(),
        }
        self.canvas.restore();
    }

    fn droplet(&self, exponent: u8) {
        let shade = self.palette.shade(exponent);
        self.circle((0.0, 4.5), RADIUS - 1.0);
        self.fill(&self.palette.dark, 0.16);
        self.circle((0.0, 0.0), RADIUS);
        match self.canvas.create_radial_gradient(-14.0, -18.0, 4.0, -4.0, -6.0, RADIUS * 1.12) {
            Ok(gradient) => {
                let stops = [(0.0, &shade.lit), (0.5, &shade.body), (0.86, &shade.body), (1.0, &shade.edge)];
                for (at, colour) in stops {
                    let _added = gradient.add_color_stop(at, colour.text());
                }
                self.canvas.set_fill_style_canvas_gradient(&gradient);
                self.canvas.fill();
            }
            Err(_) => self.fill(&shade.body, 1.0),
        }
        // Light comes from the upper left, and leaves through the lower right.
        self.arc((0.0, 0.0), RADIUS - 4.5, (0.31, 0.45));
        self.canvas.set_line_cap("round");
        self.stroke(&self.palette.light, 2.5, 0.28);
        self.canvas.begin_path();
        let _drawn = self.canvas.ellipse(-22.0, -27.0, 10.5, 5.5, -0.68, 0.0, TAU);
        self.fill(&self.palette.light, 0.6);
        let value = (1_u32 << exponent).to_string();
        let size = match value.len() {
            1 | 2 => 40,
            3 => 33,
            _ => 26,
        };
        self.write(&value, (0.0, 2.5), size, &shade.text, 1.0);
    }

    /// A flake with ragged edges.
    fn rust(&self) {
        let edge = [0.93, 0.78, 0.99, 0.84, 0.96, 0.76, 0.9, 1.0, 0.8, 0.95, 0.83, 0.97, 0.79];
        let ragged = |size: f64| {
            self.canvas.begin_path();
            for (number, far) in (0_u8..).zip(edge) {
                let angle = f64::from(number) / 13.0 * TAU;
                let (up, right) = (sine(angle), cosine(angle));
                self.canvas.line_to(right * far * size, up * far * size);
            }
            self.canvas.close_path();
        };
        self.canvas.set_line_join("round");
        ragged(42.0);
        self.fill(&self.colours.rust, 1.0);
        self.stroke(&self.palette.dark, 3.0, 0.3);
        ragged(29.0);
        self.fill(&self.palette.light, 0.14);
        for (x, y, size) in
            [(-13.0, -9.0, 5.5), (11.0, -15.0, 3.5), (15.0, 8.0, 6.0), (-7.0, 14.0, 4.0), (1.0, 0.0, 2.5)]
        {
            self.circle((x, y), size);
            self.fill(&self.palette.dark, 0.26);
        }
    }

    /// A plate, riveted down.
    fn stone(&self) {
        self.block((-51.0, -51.0), (102.0, 102.0), 16.0);
        self.fill(&self.colours.metal, 1.0);
        self.stroke(&self.palette.dark, 2.0, 0.25);
        self.block((-43.0, -43.0), (86.0, 86.0), 11.0);
        self.fill(&self.palette.light, 0.12);
        for (x, y) in [(-34.0, -34.0), (34.0, -34.0), (-34.0, 34.0), (34.0, 34.0)] {
            self.circle((x, y + 1.0), 5.0);
            self.fill(&self.palette.dark, 0.4);
            self.circle((x, y - 0.5), 4.2);
            self.fill(&self.palette.light, 0.42);
        }
        self.canvas.set_line_cap("round");
        self.canvas.begin_path();
        for x in [-18.0, 0.0, 18.0] {
            self.canvas.move_to(x + 7.0, -17.0);
            self.canvas.line_to(x - 7.0, 17.0);
        }
        self.stroke(&self.palette.dark, 5.0, 0.16);
    }
}
