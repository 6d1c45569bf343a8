//! What lies still: plates, resting pipes and the water in them, dry basins. Kept on a canvas of its own, where a tile is
//! painted again only when it changed.

use dripline_shared::game::Pipes;
use dripline_shared::game::pipes::{Params, SIDES, Valve, neighbour, opposite};
use web_sys::HtmlCanvasElement;

use super::PipesFace;
use super::shape::{BOWL, Brush, Each, PLATE, Pipe, REACH, cells, middle};
use crate::play::colour::Colour;
use crate::play::face::{Colours, Face, Scene};
use crate::play::layer::Layer;

/// The canvas, and what is on it.
pub(super) struct Still {
    layer: Layer,
    painted: Each<Option<Tile>>,
}

/// How a tile looks at rest.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Tile {
    plate: Plate,
    open: u8,
    is_rusty: bool,
    is_full: bool,
    /// Its pipe moves, and is drawn elsewhere.
    is_moving: bool,
}

/// What a pipe lies on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Plate {
    /// Bare ground, no pipe.
    Bare,
    /// Raised: it turns.
    Turns,
    /// Wet: it turns no more.
    Wet,
    /// Bolted down.
    Fixed,
    /// The same, with a dry basin on top.
    Basin,
}

impl Still {
    /// Bare ground.
    fn new(screen: &HtmlCanvasElement, colours: &Colours, (width, height): (f64, f64)) -> Option<Self> {
        let layer = Layer::new(screen, width, None, colours)?;
        colours.background.fills(&layer.context);
        layer.context.fill_rect(0.0, 0.0, width, height);
        layer.context.set_line_join("round");
        Some(Self { layer, painted: Each::default() })
    }
}

impl PipesFace {
    /// Paints what changed, and copies it all to the screen.
    pub(super) fn draw_still(&mut self, brush: &Brush<'_>, scene: &Scene<'_, Pipes>) {
        let Some(screen) = brush.canvas.canvas() else { return };
        let still = self.still.take().filter(|still| still.layer.fits(&screen, scene.colours));
        let new = || Still::new(&screen, scene.colours, Self::size(scene.params));
        let Some(mut still) = still.or_else(new) else { return };
        for cell in cells(scene.params) {
            let tile = self.tile(cell, scene);
            if still.painted.of(cell) != Some(tile) {
                still.painted.set(cell, Some(tile));
                self.paint(&still, cell, scene);
            }
        }
        still.layer.copy(brush.canvas);
        self.still = Some(still);
    }

    fn tile(&self, cell: u8, scene: &Scene<'_, Pipes>) -> Tile {
        let game = scene.game;
        let plate = match game.openings(cell) {
            0 => Plate::Bare,
            _ if game.turns(cell) => Plate::Turns,
            _ if game.is_wet(cell) => Plate::Wet,
            _ if game.is_basin(cell) => Plate::Basin,
            _ => Plate::Fixed,
        };
        // Behind the shut valve the spring's pipe is dry.
        let flows = cell != game.spring() || game.valve() != Valve::Shut;
        Tile {
            plate,
            open: game.openings(cell),
            is_rusty: game.is_rusty(cell),
            is_full: game.is_wet(cell) && self.filled(cell) >= 1.0 && flows,
            is_moving: !self.rests(cell, scene),
        }
    }

    /// Paints one tile over what was there before.
    fn paint(&self, still: &Still, cell: u8, scene: &Scene<'_, Pipes>) {
        let brush = Brush { canvas: &still.layer.context, colours: &still.layer.colours };
        let (x, y) = middle(cell);
        // Whole pixels around all that the old pipe can have covered, so that nothing of it shows through.
        let start = |middle: f64| ((middle - REACH) * still.layer.scale).floor() / still.layer.scale;
        let end = |middle: f64| ((middle + REACH) * still.layer.scale).ceil() / still.layer.scale;
        let (left, top) = (start(x), start(y));
        brush.canvas.save();
        brush.canvas.begin_path();
        brush.canvas.rect(left, top, end(x) - left, end(y) - top);
        brush.canvas.clip();
        brush.fill(&still.layer.colours.background, 1.0);
        let tile = self.tile(cell, scene);
        tile.draw_plate(&brush, (x, y));
        if !tile.is_moving && tile.open != 0 {
            Pipe { x, y, tilt: 0.0, open: tile.open }.draw(&brush, tile.is_rusty, tile.is_full);
        }
        if tile.plate == Plate::Basin && !tile.is_moving {
            draw_dry_basin(&brush, (x, y));
        }
        // At the edge, pipes of the neighbours reach in.
        for (beside, side) in beside(cell, scene.params) {
            let tile = self.tile(beside, scene);
            if tile.open & opposite(side) != 0 && !tile.is_moving {
                let (x, y) = middle(beside);
                Pipe { x, y, tilt: 0.0, open: tile.open }.draw(&brush, tile.is_rusty, tile.is_full);
            }
        }
        brush.canvas.restore();
    }
}

impl Tile {
    fn draw_plate(self, brush: &Brush<'_>, (x, y): (f64, f64)) {
        let colours = brush.colours;
        let plate = |top: f64, bottom: f64| {
            brush.canvas.begin_path();
            brush.rounded(x - PLATE, y + top, 2.0 * PLATE, bottom - top, 14.0);
        };
        match self.plate {
            Plate::Bare => {
                brush.canvas.begin_path();
                brush.rounded(x - 40.0, y - 40.0, 80.0, 80.0, 14.0);
                brush.fill(&colours.line, 0.22);
            }
            Plate::Turns => {
                plate(10.0 - PLATE, PLATE);
                brush.fill(&colours.line, 1.0);
                plate(-PLATE, PLATE - 4.0);
                brush.fill(&colours.surface, 1.0);
            }
            Plate::Wet => {
                plate(-PLATE, PLATE);
                brush.fill(&colours.water, 0.16);
            }
            Plate::Fixed | Plate::Basin => {
                plate(-PLATE, PLATE);
                brush.fill(&colours.line, 0.5);
                brush.canvas.begin_path();
                for (across, down) in [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)] {
                    brush.dot(x + across * 36.0, y + down * 36.0, 4.0);
                }
                brush.fill(&colours.muted, 0.8);
            }
        }
    }
}

/// An empty bowl, and a drop that says what it waits for.
pub(super) fn draw_dry_basin(brush: &Brush<'_>, (x, y): (f64, f64)) {
    draw_bowl(brush, (x, y), &brush.colours.metal);
    brush.drop(x, y, 15.0);
    brush.stroke(&brush.colours.water, 4.0, 0.8);
}

/// A bowl with a rim of this colour.
pub(super) fn draw_bowl(brush: &Brush<'_>, (x, y): (f64, f64), rim: &Colour) {
    let circle = |y: f64, radius: f64| {
        brush.canvas.begin_path();
        brush.dot(x, y, radius);
    };
    circle(y + 3.0, BOWL + 5.0);
    brush.fill(&brush.colours.ink, 0.14);
    circle(y, BOWL + 5.0);
    brush.fill(rim, 1.0);
    circle(y, BOWL - 4.0);
    brush.fill(&brush.colours.background, 1.0);
}

/// The neighbours of a cell on the board, each with the side on which it is.
fn beside(cell: u8, params: &Params) -> impl Iterator<Item = (u8, u8)> + use<> {
    let (columns, rows) = (params.columns, params.rows);
    let known = SIDES.into_iter().filter_map(move |side| Some((neighbour(cell, side)?, side)));
    known.filter(move |(beside, _)| beside % 8 < columns && beside / 8 < rows)
}
