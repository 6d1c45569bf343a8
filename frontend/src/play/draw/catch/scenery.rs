//! What stands still: the light, the pipes, the figures, the floor. Light, side pipes and figures change with what is caught,
//! and are kept on a layer of their own until then.

use std::f64::consts::TAU;

use dripline_shared::game::catch::{Fate, Kind, MEND_STREAK, MULTIPLIER_MAX, STREAK_STEP};

use super::pen::{Pen, scattered};
use super::{CatchFace, FLOOR, HEIGHT, RIM, SHOCK_TICKS, SPLASH_TICKS, TOP, WIDTH};
use crate::play::curves::{sine, wrapped};
use crate::play::layer::Layer;

/// What the layer shows of the game.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shown {
    caught: u16,
    lives: u8,
    streak: u16,
    wind: i8,
    /// The streak broke a moment ago.
    is_broken: bool,
}

/// The layer, and what it shows.
#[derive(Debug)]
pub(super) struct Still {
    layer: Layer,
    shown: Option<Shown>,
}

impl CatchFace {
    /// Paints the layer anew if something changed, and copies it to the screen.
    pub(super) fn draw_still(&mut self, pen: &Pen<'_>) {
        let (Some(screen), game) = (pen.canvas.canvas(), pen.scene.game) else { return };
        let still = self.still.take().filter(|still| still.layer.fits(&screen, pen.colours));
        let new = || {
            let layer = Layer::new(&screen, WIDTH, None, pen.colours)?;
            Some(Still { layer, shown: None })
        };
        let Some(mut still) = still.or_else(new) else { return };
        let shown = Shown {
            caught: game.caught(),
            lives: game.lives(),
            streak: game.streak(),
            wind: game.wind(),
            is_broken: pen.age(self.broken_at, SHOCK_TICKS).is_some(),
        };
        if still.shown.replace(shown) != Some(shown) {
            let pen = Pen { canvas: &still.layer.context, ..*pen };
            pen.backdrop();
            pen.figures(shown.is_broken);
        }
        still.layer.copy(pen.canvas);
        self.still = Some(still);
    }
}

impl Pen<'_> {
    /// Light from above, and the pipes that bring the water up.
    fn backdrop(&self) {
        let canvas = self.canvas;
        let light = canvas.create_linear_gradient(0.0, 0.0, 0.0, HEIGHT);
        let _added = light.add_color_stop(0.0, self.colours.surface.text());
        let _added = light.add_color_stop(0.7, self.colours.background.text());
        canvas.set_fill_style_canvas_gradient(&light);
        canvas.fill_rect(-1.0, 0.0, WIDTH + 2.0, HEIGHT);

        for x in [2.4, WIDTH - 2.4] {
            canvas.begin_path();
            canvas.move_to(x, 4.0);
            canvas.line_to(x, HEIGHT);
            self.stroke(&self.colours.line, 2.6, 0.75);
            canvas.begin_path();
            canvas.move_to(x - 0.55, 8.0);
            canvas.line_to(x - 0.55, HEIGHT);
            self.stroke(&self.colours.surface, 0.45, 0.8);
            for joint in [32.0, 64.0] {
                self.rounded(x - 1.9, joint, 3.8, 2.4, 0.5);
                self.fill(&self.colours.line, 1.0);
            }
        }
    }

    /// Streaks that the wind carries.
    pub(super) fn streaks(&self) {
        let canvas = self.canvas;
        let wind = f64::from(self.scene.game.wind());
        if self.scene.params.wind_columns == 0 || wind == 0.0 {
            return;
        }
        // What falls is carried `wind` columns on its way down: the streaks show the same slant.
        let slant = wind / (RIM - TOP);
        let strength = wind.abs() / f64::from(self.scene.params.wind_columns);
        canvas.begin_path();
        for number in 0..18_u8 {
            let number = f64::from(number);
            let run = if self.still { 0.0 } else { self.now * (0.35 + 0.25 * scattered(number + 0.5)) };
            let y = TOP + wrapped(scattered(number) * 98.0 + run, RIM - TOP);
            let x = wrapped(scattered(number + 0.25) * WIDTH + slant * (y - TOP), WIDTH);
            let length = 3.0 + 5.0 * strength;
            canvas.move_to(x, y);
            canvas.line_to(x - slant * length, y - length);
        }
        self.stroke(&self.colours.muted, 0.22, 0.12 + 0.28 * strength);
    }

    /// The goal, the lives, the multiplier and the wind, in words and signs.
    fn figures(&self, is_broken: bool) {
        let (canvas, game, params) = (self.canvas, self.scene.game, self.scene.params);
        let is_met = game.caught() >= params.goal_drops;
        canvas.set_text_baseline("middle");
        canvas.set_text_align("center");
        let goal = format!("{} / {}", game.caught(), params.goal_drops);
        let colour = if is_met { &self.colours.good } else { &self.colours.ink };
        self.text(&goal, WIDTH / 2.0, 13.2, 4.0, colour, 1.0);

        if params.rust_per_mille > 0 {
            for life in 0..params.lives {
                let x = 5.0 + f64::from(life) * 4.2;
                self.teardrop(x, 13.4, 1.35, 0.0);
                if life < game.lives() {
                    self.fill(&self.colours.water, 1.0);
                } else {
                    self.stroke(&self.colours.rust, 0.35, 0.8);
                }
                if life == game.lives() && game.streak() > 0 {
                    // The streak fills up the life that it will mend.
                    let mended = f64::from(game.streak() % MEND_STREAK) / f64::from(MEND_STREAK);
                    self.teardrop(x, 13.4, 1.25 * mended, 0.0);
                    self.fill(&self.colours.water, 0.8);
                }
            }
        }

        let multiplier = game.multiplier();
        let at_most = multiplier >= MULTIPLIER_MAX;
        let colour = match (is_broken, at_most) {
            (true, _) => &self.colours.rust,
            (_, true) => &self.colours.accent,
            _ => &self.colours.ink,
        };
        canvas.set_text_align("right");
        self.text(&format!("×{multiplier}"), WIDTH - 4.0, 13.2, 4.0, colour, 1.0);
        for pip in 0..STREAK_STEP {
            self.circle(WIDTH - 22.4 + f64::from(pip) * 2.1, 13.3, 0.64);
            if at_most || pip < game.streak() % STREAK_STEP {
                self.fill(if at_most { &self.colours.accent } else { &self.colours.water }, 1.0);
            } else {
                self.stroke(&self.colours.muted, 0.25, 0.7);
            }
        }

        if params.wind_columns > 0 && game.wind() != 0 {
            let strength = f64::from(game.wind().unsigned_abs()) / f64::from(params.wind_columns);
            let towards = f64::from(game.wind().signum());
            canvas.begin_path();
            for chevron in 0..3_u8 {
                if f64::from(chevron) < strength * 3.0 {
                    let x = WIDTH / 2.0 + towards * (f64::from(chevron) * 2.4 - 1.6);
                    canvas.move_to(x - towards * 0.8, 17.2);
                    canvas.line_to(x + towards * 0.8, 18.6);
                    canvas.line_to(x - towards * 0.8, 20.0);
                }
            }
            canvas.set_line_cap("round");
            canvas.set_line_join("round");
            self.stroke(&self.colours.muted, 0.6, 0.9);
        }
    }

    /// The pipe along the top: it fills as the goal comes nearer.
    pub(super) fn pipe(&self, progress: f64, met_at: Option<u32>) {
        let canvas = self.canvas;
        let (x, y, width, height) = (4.0, 2.0, WIDTH - 8.0, 5.2);
        self.rounded(x, y, width, height, 1.2);
        self.fill(&self.colours.surface, 1.0);
        canvas.save();
        canvas.clip();
        let water = canvas.create_linear_gradient(0.0, y, 0.0, y + height);
        let _added = water.add_color_stop(0.0, self.colours.water_light.text());
        let _added = water.add_color_stop(0.45, self.colours.water.text());
        let _added = water.add_color_stop(1.0, self.colours.water_deep.text());
        canvas.set_fill_style_canvas_gradient(&water);
        let end = x + width * progress;
        let swell = if self.still { 0.0 } else { sine(self.now * 0.07) * 0.35 };
        if progress > 0.0 {
            canvas.begin_path();
            canvas.move_to(x, y);
            canvas.line_to(end + swell, y);
            canvas.quadratic_curve_to(end + 1.0 - swell, y + height / 2.0, end - swell, y + height);
            canvas.line_to(x, y + height);
            canvas.fill();
        }
        if let Some(age) = self.age(met_at, 50.0)
            && !self.still
        {
            // A gleam runs through the full pipe.
            let middle = x + width * age / 50.0;
            canvas.begin_path();
            canvas.rect(middle - 4.0, y, 8.0, height);
            self.fill(&self.colours.water_light, 0.7);
        }
        canvas.restore();
        canvas.begin_path();
        canvas.move_to(x + 1.5, y + 1.1);
        canvas.line_to(x + width - 1.5, y + 1.1);
        canvas.set_line_cap("round");
        self.stroke(&self.colours.background, 0.5, 0.55);
        self.rounded(x, y, width, height, 1.2);
        let rim = if met_at.is_some() { &self.colours.good } else { &self.colours.metal };
        self.stroke(rim, 0.7, 1.0);
        for flange in [x - 2.0, x + width - 0.6] {
            self.rounded(flange, y - 0.9, 2.6, height + 1.8, 0.7);
            self.fill(&self.colours.metal, 1.0);
        }
    }

    /// The water on the floor, and the rings of what fell into it.
    pub(super) fn floor(&self) {
        let canvas = self.canvas;
        canvas.begin_path();
        canvas.move_to(-1.0, HEIGHT);
        canvas.line_to(-1.0, FLOOR);
        for step in 0..=24_u8 {
            let x = f64::from(step) * 3.0;
            let wave = if self.still { 0.0 } else { sine(x * 0.33 + self.now * 0.03) * 0.25 };
            canvas.line_to(x, FLOOR + wave);
        }
        canvas.line_to(WIDTH + 1.0, FLOOR);
        canvas.line_to(WIDTH + 1.0, HEIGHT);
        self.fill(&self.colours.water_deep, 0.22);
        for item in
            self.scene.game.items().copied().filter(|item| item.fate == Fate::Missed && item.lands > 0)
        {
            let (landed, age) = self.on_floor(item);
            if !(0.0..SPLASH_TICKS).contains(&age) {
                continue;
            }
            let part = age / SPLASH_TICKS;
            let radius = if self.still { 2.0 } else { 0.8 + 3.4 * part };
            canvas.begin_path();
            let _drawn = canvas.ellipse(landed, FLOOR + 0.9, radius, radius * 0.28, 0.0, 0.0, TAU);
            let colour = if item.kind == Kind::Rust { &self.colours.rust } else { &self.colours.water };
            self.stroke(colour, 0.35, 0.8 * (1.0 - part));
        }
    }
}
