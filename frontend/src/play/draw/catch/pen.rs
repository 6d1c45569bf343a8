//! What every part of the picture is drawn with.

use std::f64::consts::{PI, TAU};

use dripline_shared::game::Catch;
use web_sys::CanvasRenderingContext2d;

use crate::play::colour::Colour;
use crate::play::css;
use crate::play::curves::{angle_of_slope, cosine, sine};
use crate::play::face::{Colours, Scene};

/// A number from 0 to 1 that looks random and is the same in every frame.
pub(super) fn scattered(number: f64) -> f64 {
    let wave = sine(number * 12.989_8) * 43_758.545_3;
    wave - wave.floor()
}

/// What a frame is drawn with.
pub(super) struct Pen<'a> {
    pub(super) canvas: &'a CanvasRenderingContext2d,
    pub(super) colours: &'a Colours,
    pub(super) scene: &'a Scene<'a, Catch>,
    /// In ticks.
    pub(super) now: f64,
    /// The bucket's middle, in board units.
    pub(super) bucket: f64,
    /// No decoration that moves.
    pub(super) still: bool,
}

impl Pen<'_> {
    /// How long ago something happened, in ticks, if it is still to be shown.
    pub(super) fn age(&self, at: Option<u32>, shown: f64) -> Option<f64> {
        let age = self.now - f64::from(at?);
        (0.0..shown).contains(&age).then_some(age)
    }

    pub(super) fn fill(&self, colour: &Colour, alpha: f64) {
        colour.fill(self.canvas, alpha);
    }

    pub(super) fn stroke(&self, colour: &Colour, width: f64, alpha: f64) {
        colour.stroke(self.canvas, width, alpha);
    }

    pub(super) fn circle(&self, x: f64, y: f64, radius: f64) {
        self.canvas.begin_path();
        // Refused for negative radii only.
        let _drawn = self.canvas.arc(x, y, radius.max(0.0), 0.0, TAU);
    }

    pub(super) fn rounded(&self, x: f64, y: f64, width: f64, height: f64, radius: f64) {
        let (right, bottom) = (x + width, y + height);
        self.canvas.begin_path();
        self.canvas.move_to(x + radius, y);
        let _drawn = self.canvas.arc_to(right, y, right, bottom, radius);
        let _drawn = self.canvas.arc_to(right, bottom, x, bottom, radius);
        let _drawn = self.canvas.arc_to(x, bottom, x, y, radius);
        let _drawn = self.canvas.arc_to(x, y, right, y, radius);
        self.canvas.close_path();
    }

    pub(super) fn text(&self, text: &str, x: f64, y: f64, size: f64, colour: &Colour, alpha: f64) {
        self.canvas.set_global_alpha(alpha);
        colour.fills(self.canvas);
        self.canvas.set_font(&css::font(size));
        let _drawn = self.canvas.fill_text(text, x, y);
        self.canvas.set_global_alpha(1.0);
    }

    /// A path: a drop around its middle, its tip pointing to where it came from.
    pub(super) fn teardrop(&self, x: f64, y: f64, radius: f64, slant: f64) {
        let canvas = self.canvas;
        let turn = -angle_of_slope(slant);
        canvas.begin_path();
        let _drawn = canvas.arc(x, y, radius, turn - 0.15 * PI, turn + 1.15 * PI);
        let tip = (x + sine(turn) * radius * 2.3, y - cosine(turn) * radius * 2.3);
        canvas.line_to(tip.0, tip.1);
        canvas.close_path();
    }
}
