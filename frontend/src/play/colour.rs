//! Colours, as a canvas takes them.

use std::cell::OnceCell;

use wasm_bindgen::JsValue;
use web_sys::CanvasRenderingContext2d;

/// A colour as CSS writes it. The browser gets its copy of the text once: to hand the text over at every stroke is a third
/// of the time that a frame takes, and litter that the browser must clean up in the middle of a game.
#[derive(Debug, Clone, Default)]
pub struct Colour {
    text: String,
    copy: OnceCell<JsValue>,
}

impl Colour {
    /// As CSS writes it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What is filled from now on has this colour.
    pub fn fills(&self, canvas: &CanvasRenderingContext2d) {
        #[expect(deprecated, reason = "the other setter takes a text, and hands it over anew each time")]
        canvas.set_fill_style(self.copy());
    }

    /// What is stroked from now on has this colour.
    pub fn strokes(&self, canvas: &CanvasRenderingContext2d) {
        #[expect(deprecated, reason = "the other setter takes a text, and hands it over anew each time")]
        canvas.set_stroke_style(self.copy());
    }

    /// Fills the path with this colour; `alpha` is from 0, unseen, to 1.
    pub(crate) fn fill(&self, canvas: &CanvasRenderingContext2d, alpha: f64) {
        self.fills(canvas);
        through(canvas, alpha, CanvasRenderingContext2d::fill);
    }

    /// Strokes the path with this colour.
    pub(crate) fn stroke(&self, canvas: &CanvasRenderingContext2d, width: f64, alpha: f64) {
        self.strokes(canvas);
        canvas.set_line_width(width);
        through(canvas, alpha, CanvasRenderingContext2d::stroke);
    }

    fn copy(&self) -> &JsValue {
        self.copy.get_or_init(|| JsValue::from_str(&self.text))
    }
}

/// Draws with an alpha, and leaves the canvas opaque.
fn through(canvas: &CanvasRenderingContext2d, alpha: f64, draw: fn(&CanvasRenderingContext2d)) {
    if alpha < 1.0 {
        canvas.set_global_alpha(alpha.max(0.0));
        draw(canvas);
        canvas.set_global_alpha(1.0);
    } else {
        draw(canvas);
    }
}

impl From<String> for Colour {
    fn from(text: String) -> Self {
        Self { text, copy: OnceCell::new() }
    }
}

impl PartialEq for Colour {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Colour {}
