//! The bucket. The water in it is the streak.

use dripline_shared::game::{Game, Status};

use super::pen::Pen;
use super::{CatchFace, DEPTH, RIM, SHOCK_TICKS, TAPER};
use crate::play::curves::sine;

impl Pen<'_> {
    pub(super) fn bucket(&self, face: &CatchFace) {
        let canvas = self.canvas;
        // A little narrower than it catches: what touches the rim is in.
        let mouth = f64::from(self.scene.params.reach_columns) - 0.4;
        let bottom = mouth * TAPER;
        let outline = || {
            canvas.begin_path();
            canvas.move_to(-mouth, 0.0);
            canvas.line_to(-bottom - 0.15, DEPTH - 1.0);
            canvas.quadratic_curve_to(-bottom, DEPTH, -bottom + 1.0, DEPTH);
            canvas.line_to(bottom - 1.0, DEPTH);
            canvas.quadratic_curve_to(bottom, DEPTH, bottom + 0.15, DEPTH - 1.0);
            canvas.line_to(mouth, 0.0);
        };
        let hurt = self.age(face.rust_at, SHOCK_TICKS);
        let over = self.scene.game.status() == Status::Lost;
        canvas.save();
        let _moved = canvas.translate(self.bucket, RIM);
        // It leans against its motion, around its bottom.
        let _leant = canvas.transform(1.0, 0.0, face.lean * 0.07, 1.0, -face.lean * 0.07 * DEPTH, 0.0);
        outline();
        self.fill(&self.colours.surface, 1.0);
        canvas.save();
        canvas.clip();
        let surface = DEPTH - 0.8 - (DEPTH - 2.2) * face.level;
        if face.level > 0.01 {
            let slosh = if self.still { 0.0 } else { face.lean * 0.9 + sine(self.now * 0.12) * 0.12 };
            canvas.begin_path();
            canvas.move_to(-mouth, surface - slosh);
            canvas.quadratic_curve_to(0.0, surface + slosh * 0.3, mouth, surface + slosh);
            canvas.line_to(mouth, DEPTH);
            canvas.line_to(-mouth, DEPTH);
            let water = if hurt.is_some() { &self.colours.rust } else { &self.colours.water };
            self.fill(water, 0.85);
            canvas.begin_path();
            canvas.move_to(-mouth, surface - slosh);
            canvas.quadratic_curve_to(0.0, surface + slosh * 0.3, mouth, surface + slosh);
            self.stroke(&self.colours.water_light, 0.5, 0.9);
        }
        canvas.restore();
        let metal = if hurt.is_some() || over { &self.colours.rust } else { &self.colours.metal };
        outline();
        canvas.set_line_join("round");
        canvas.set_line_cap("round");
        self.stroke(metal, 0.9, 1.0);
        // A hoop, the rim's lips, and light on the left.
        canvas.begin_path();
        let hoop = mouth + (bottom - mouth) * 0.62;
        canvas.move_to(-hoop, DEPTH * 0.62);
        canvas.line_to(hoop, DEPTH * 0.62);
        self.stroke(metal, 0.5, 0.8);
        for lip in [-mouth, mouth] {
            self.circle(lip, 0.0, 0.75);
            self.fill(metal, 1.0);
        }
        canvas.begin_path();
        canvas.move_to(-mouth + 1.5, 1.6);
        canvas.line_to(-bottom + 0.8, DEPTH - 2.0);
        self.stroke(&self.colours.water_light, 0.4, 0.5);
        canvas.restore();
    }
}
