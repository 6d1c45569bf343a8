//! A canvas beside the one on the screen: painted when something changes, and copied by every frame, which costs far less
//! than to draw it.

use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use crate::play::face::Colours;

/// The canvas.
#[derive(Debug)]
pub(crate) struct Layer {
    pub(crate) canvas: HtmlCanvasElement,
    /// Draws on it in board units.
    pub(crate) context: CanvasRenderingContext2d,
    /// Pixels of a board unit.
    pub(crate) scale: f64,
    /// The colours that it is painted in.
    pub(crate) colours: Colours,
    /// The pixels of the screen that it was made for.
    screen: (u32, u32),
}

fn pixels(canvas: &HtmlCanvasElement) -> (u32, u32) {
    (canvas.width(), canvas.height())
}

impl Layer {
    /// An empty one for a screen whose board is `width` units wide. It is as wide as the screen, and as high, or as many
    /// times its width as `squares` says. `None` where the browser has no second canvas.
    pub(crate) fn new(
        screen: &HtmlCanvasElement,
        width: f64,
        squares: Option<u32>,
        colours: &Colours,
    ) -> Option<Self> {
        let canvas: HtmlCanvasElement =
            screen.owner_document()?.create_element("canvas").ok()?.dyn_into().ok()?;
        canvas.set_width(screen.width());
        canvas.set_height(squares.map_or(screen.height(), |squares| screen.width() * squares));
        let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
        let scale = f64::from(screen.width().max(1)) / width;
        context.set_transform(scale, 0.0, 0.0, scale, 0.0, 0.0).ok()?;
        Some(Self { canvas, context, scale, colours: colours.clone(), screen: pixels(screen) })
    }

    /// Whether it was made for a screen of this size in these colours.
    pub(crate) fn fits(&self, screen: &HtmlCanvasElement, colours: &Colours) -> bool {
        self.screen == pixels(screen) && self.colours == *colours
    }

    /// Copies all of it, pixel for pixel.
    pub(crate) fn copy(&self, onto: &CanvasRenderingContext2d) {
        let (width, height) = pixels(&self.canvas);
        // Refused only for a canvas without pixels.
        let _drawn = onto.draw_image_with_html_canvas_element_and_dw_and_dh(
            &self.canvas,
            0.0,
            0.0,
            f64::from(width) / self.scale,
            f64::from(height) / self.scale,
        );
    }
}
