//! The canvas: as large as its place allows, in the board's proportion, and crisp at any pixel ratio.

use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, Element, HtmlCanvasElement, PointerEvent};

use crate::browser::page;
use crate::play::colour::Colour;
use crate::play::css;

/// The canvas and its scale.
#[derive(Debug)]
pub(crate) struct Surface {
    canvas: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
    /// The board, in board units.
    size: (f64, f64),
    /// Pixels of the backing store for one board unit.
    scale: f64,
}

/// The largest size in the board's proportion that fits, in whole pixels of the screen: `(width, height)`.
fn fitted(board: (f64, f64), place: (f64, f64), ratio: f64) -> (f64, f64) {
    let scale = (place.0 / board.0).min(place.1 / board.1).max(0.0);
    ((board.0 * scale * ratio).floor().max(1.0), (board.1 * scale * ratio).floor().max(1.0))
}

impl Surface {
    /// A surface on `canvas` for a board of this size. `None` where the browser has no 2D canvas.
    pub(crate) fn new(canvas: HtmlCanvasElement, size: (f64, f64)) -> Option<Self> {
        let context = canvas.get_context("2d").ok()??.dyn_into().ok()?;
        Some(Self { canvas, context, size, scale: 1.0 })
    }

    /// Fits the canvas into its parent.
    pub(crate) fn fit(&mut self) {
        let Some(place) = self.canvas.parent_element() else { return };
        let place = (f64::from(place.client_width()), f64::from(place.client_height()));
        let ratio = page::window().device_pixel_ratio().clamp(1.0, 4.0);
        let (width, height) = fitted(self.size, place, ratio);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a whole number of pixels of a screen"
        )]
        let pixels = (width as u32, height as u32);
        // Setting a canvas' size empties it, even where nothing changes.
        if (self.canvas.width(), self.canvas.height()) != pixels {
            self.canvas.set_width(pixels.0);
            self.canvas.set_height(pixels.1);
        }
        // Set by script: the content security policy forbids style attributes in the page's text.
        let style = self.canvas.style();
        let _set = style.set_property("width", &css::pixels(width / ratio));
        let _set = style.set_property("height", &css::pixels(height / ratio));
        self.scale = width / self.size.0;
    }

    /// Draws a frame: clears to `background`, then calls `draw` with a context that is scaled to board units. What
    /// `draw` changes of the context's settings is undone.
    pub(crate) fn frame(&self, background: &Colour, draw: impl FnOnce(&CanvasRenderingContext2d)) {
        let context = &self.context;
        context.save();
        // Refused only for numbers that are not finite, which a scale of at least one pixel never is.
        let _set = context.set_transform(self.scale, 0.0, 0.0, self.scale, 0.0, 0.0);
        background.fills(context);
        context.fill_rect(0.0, 0.0, self.size.0, self.size.1);
        draw(context);
        context.restore();
    }

    /// Where a pointer is, in board units.
    pub(crate) fn position(&self, event: &PointerEvent) -> (f64, f64) {
        let place = self.canvas.unchecked_ref::<Element>().get_bounding_client_rect();
        let unit = place.width().max(1.0) / self.size.0;
        ((f64::from(event.client_x()) - place.x()) / unit, (f64::from(event.client_y()) - place.y()) / unit)
    }

    /// The element.
    pub(crate) fn element(&self) -> &HtmlCanvasElement {
        &self.canvas
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_board_fits_its_place_in_its_proportion_whichever_side_is_short() {
        assert_eq!(fitted((10.0, 20.0), (300.0, 400.0), 1.0), (200.0, 400.0));
        assert_eq!(fitted((10.0, 20.0), (100.0, 400.0), 1.0), (100.0, 200.0));
        assert_eq!(fitted((10.0, 20.0), (100.0, 400.0), 2.5), (250.0, 500.0));
    }

    #[test]
    fn a_place_without_room_still_gives_a_pixel() {
        assert_eq!(fitted((10.0, 20.0), (0.0, 0.0), 1.0), (1.0, 1.0));
    }
}
