//! What falls, and what springs up where it lands.

use std::f64::consts::{PI, TAU};

use dripline_shared::game::catch::{Fate, Item, Kind};

use super::pen::{Pen, scattered};
use super::{FLOOR, LEFT, RIM, SPLASH_TICKS, TOP, WIDTH, WORDS_TICKS, Words};
use crate::play::colour::Colour;
use crate::play::curves::{cosine, sine};

impl Pen<'_> {
    /// Where an item is at `self.now`, and how far on its way: 0 at the pipe, 1 at the rim.
    fn place(&self, item: Item) -> (f64, f64, f64) {
        let fall = f64::from(item.kind.fall_ticks(self.scene.params)).max(1.0);
        let way = 1.0 + (self.now - f64::from(item.lands)) / fall;
        let (from, to) = (f64::from(item.from), f64::from(item.to));
        (LEFT + from + (to - from) * way, TOP + (RIM - TOP) * way, way)
    }

    /// Where a missed item meets the floor, and how long ago it did, in ticks.
    pub(super) fn on_floor(&self, item: Item) -> (f64, f64) {
        let fall = f64::from(item.kind.fall_ticks(self.scene.params)).max(1.0);
        let way = (FLOOR - TOP) / (RIM - TOP);
        let (from, to) = (f64::from(item.from), f64::from(item.to));
        (LEFT + from + (to - from) * way, self.now - f64::from(item.lands) - (way - 1.0) * fall)
    }

    pub(super) fn item(&self, item: Item) {
        let (x, y, way) = self.place(item);
        // Not appeared yet, or a place that was never used.
        if way < 0.0 || item.lands == 0 || y > FLOOR {
            return;
        }
        let since = self.now - f64::from(item.lands);
        let (mut x, mut y, mut size) = (x, y, (way * 14.0).min(1.0));
        if item.fate == Fate::Caught {
            if since >= 6.0 {
                return;
            }
            let room = (f64::from(self.scene.params.reach_columns) - 1.6).max(0.0);
            x = x.clamp(self.bucket - room, self.bucket + room);
            y = RIM + since.max(0.0) * 0.7;
            size = 1.0 - since.max(0.0) / 7.0;
        }
        let slant = (f64::from(item.to) - f64::from(item.from)) / (RIM - TOP);
        match item.kind {
            Kind::Drop => self.drop(x, y, 1.8 * size, slant),
            Kind::Gold => self.gold(x, y, 2.0 * size, slant, f64::from(item.lands)),
            Kind::Rust => self.flake(x, y, 1.9 * size, f64::from(item.lands)),
        }
    }

    fn drop(&self, x: f64, y: f64, radius: f64, slant: f64) {
        self.trail(x, y, radius, slant, &self.colours.water);
        self.teardrop(x, y, radius, slant);
        self.fill(&self.colours.water, 1.0);
        self.circle(x - radius * 0.35, y - radius * 0.1, radius * 0.3);
        self.fill(&self.colours.water_light, 0.95);
    }

    fn gold(&self, x: f64, y: f64, radius: f64, slant: f64, own: f64) {
        let glow = if self.still { 1.0 } else { 1.0 + 0.15 * sine(self.now * 0.16 + own) };
        self.trail(x, y, radius, slant, &self.colours.accent);
        self.circle(x, y, radius * 2.0 * glow);
        self.fill(&self.colours.accent, 0.18);
        self.teardrop(x, y, radius, slant);
        self.fill(&self.colours.accent, 1.0);
        // A gleam with four rays sets it apart without its colour.
        let canvas = self.canvas;
        let (long, short) = (radius * 0.75, radius * 0.2);
        canvas.begin_path();
        for ray in 0..8_u8 {
            let angle = f64::from(ray) * PI / 4.0;
            let length = if ray % 2 == 0 { long } else { short };
            canvas.line_to(x + sine(angle) * length, y - cosine(angle) * length);
        }
        canvas.close_path();
        self.fill(&self.colours.background, 0.9);
    }

    fn flake(&self, x: f64, y: f64, radius: f64, own: f64) {
        let canvas = self.canvas;
        let turn = own + if self.still { 0.0 } else { self.now * 0.035 };
        canvas.begin_path();
        for corner in 0..7_u8 {
            let corner = f64::from(corner);
            let angle = turn + corner * TAU / 7.0;
            let length = radius * (0.78 + 0.5 * scattered(own + corner));
            canvas.line_to(x + cosine(angle) * length, y + sine(angle) * length);
        }
        canvas.close_path();
        self.fill(&self.colours.rust, 1.0);
        self.stroke(&self.colours.ink, 0.25, 0.45);
        self.circle(x + cosine(turn) * radius * 0.35, y + sine(turn) * radius * 0.35, radius * 0.24);
        self.fill(&self.colours.ink, 0.3);
    }

    /// A fading line along which something fell.
    fn trail(&self, x: f64, y: f64, radius: f64, slant: f64, colour: &Colour) {
        let canvas = self.canvas;
        let length = (y - TOP).clamp(0.0, 6.0);
        canvas.begin_path();
        canvas.move_to(x, y);
        canvas.line_to(x - slant * length, y - length);
        canvas.set_line_cap("round");
        self.stroke(colour, radius * 0.5, 0.22);
    }

    /// What springs from the bucket, or off the floor.
    pub(super) fn splash(&self, item: Item) {
        if item.lands == 0 || item.fate == Fate::Falling || self.still {
            return;
        }
        let (x, y, age) = if item.fate == Fate::Caught {
            (self.bucket, RIM, self.now - f64::from(item.lands))
        } else {
            let (x, age) = self.on_floor(item);
            (x, FLOOR, age)
        };
        if !(0.0..SPLASH_TICKS).contains(&age) {
            return;
        }
        let (colour, count, power) = match (item.kind, item.fate) {
            (Kind::Drop, Fate::Caught) => (&self.colours.water, 6_u8, 1.0),
            (Kind::Gold, Fate::Caught) => (&self.colours.accent, 9, 1.25),
            (Kind::Rust, Fate::Caught) => (&self.colours.rust, 10, 1.1),
            (Kind::Rust, _) => (&self.colours.rust, 4, 0.5),
            (Kind::Gold, _) => (&self.colours.accent, 4, 0.6),
            (Kind::Drop, _) => (&self.colours.water, 4, 0.6),
        };
        self.canvas.begin_path();
        for number in 0..count {
            let own = f64::from(item.lands) + f64::from(number) * 0.37;
            let sideways = (scattered(own) - 0.5) * 0.62 * power;
            let upwards = (0.35 + 0.35 * scattered(own + 0.11)) * power;
            let (dx, dy) = (sideways * age, -upwards * age + 0.024 * age * age);
            let radius = 0.5 * (1.0 - age / SPLASH_TICKS);
            self.canvas.move_to(x + dx + radius, y + dy);
            let _drawn = self.canvas.arc(x + dx, y + dy, radius, 0.0, TAU);
        }
        self.fill(colour, 0.9);
    }

    pub(super) fn words(&self, words: &Words) {
        let Some(age) = self.age(Some(words.tick), WORDS_TICKS) else { return };
        let part = age / WORDS_TICKS;
        let rise = if self.still { 3.0 } else { 3.0 + 7.0 * (1.0 - (1.0 - part) * (1.0 - part)) };
        self.canvas.set_text_align("center");
        self.canvas.set_text_baseline("middle");
        let (size, colour) = match words.points {
            0..=2 => (3.0, &self.colours.water),
            3..=4 => (3.6, &self.colours.water),
            _ => (4.4, &self.colours.accent),
        };
        let x = words.x.clamp(5.0, WIDTH - 5.0);
        self.text(&format!("+{}", words.points), x, RIM - rise, size, colour, 1.0 - part * part);
    }
}
