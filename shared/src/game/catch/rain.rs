//! Where and when it rains: runs of drops, what falls between them, and the quickening beat.

use super::{Catch, Kind, Params};
use crate::rng::SegmentRng;

/// The outermost columns on which anything lands: the bucket's middle always gets there.
const LANDING_LEFT: i16 = 2;
const LANDING_RIGHT: i16 = 61;
/// A run has at least so many drops, and at most `RUN_MIN + RUN_SPREAD - 1`.
const RUN_MIN: u8 = 3;
const RUN_SPREAD: u32 = 4;
/// How far from the drop before it rust and golden drops land, at most, in columns.
const RUST_SPREAD: u8 = 12;
const GOLD_SPREAD: u8 = 24;

impl Catch {
    /// A beat: a drop appears, and perhaps something follows it, half a beat later.
    pub(super) fn let_go(&mut self, params: &Params, rng: &mut SegmentRng) {
        let lands = self.tick.saturating_add(params.fall_ticks);
        if lands >= params.length_ticks {
            self.beat = u32::MAX;
            return;
        }
        if self.run_left == 0 {
            self.start_run(params, rng);
        } else {
            let next = i16::from(self.column).saturating_add(i16::from(self.step));
            self.column = inside(next);
            // A run that comes to the wall turns round.
            if !(LANDING_LEFT..=LANDING_RIGHT).contains(&next) {
                self.step = self.step.saturating_neg();
            }
        }
        self.push(params, lands, self.column, Kind::Drop);
        self.run_left = self.run_left.saturating_sub(1);
        let pause = if self.run_left == 0 { params.rest_ticks } else { 0 };
        let interval = beat_ticks(params, self.tick).saturating_add(pause);
        self.beat = self.tick.saturating_add(interval);

        if let Some(kind) = self.draw_between(params, rng) {
            let spread = if kind == Kind::Rust { RUST_SPREAD } else { GOLD_SPREAD };
            let to = beside(self.column, spread, rng);
            self.push(params, lands.saturating_add(interval / 2), to, kind);
        }
    }

    /// What follows a drop: in every round about the same number of each kind, whatever their order.
    fn draw_between(&mut self, params: &Params, rng: &mut SegmentRng) -> Option<Kind> {
        let both = params.rust_per_mille.saturating_add(params.gold_per_mille);
        // Levels without either draw nothing.
        if both == 0 || !self.between.draw(both, rng) {
            return None;
        }
        let rust = u32::from(params.rust_per_mille).saturating_mul(1_000).checked_div(both.into());
        let is_rust = self.rust.draw(rust.and_then(|share| u16::try_from(share).ok()).unwrap_or(0), rng);
        Some(if is_rust { Kind::Rust } else { Kind::Gold })
    }

    fn start_run(&mut self, params: &Params, rng: &mut SegmentRng) {
        self.column = beside(self.column, params.leap_columns, rng);
        // Never straight down: a run has to be followed.
        let slack = u32::from(params.slope_columns).saturating_mul(3) / 2;
        let steepness = rng.below(slack.saturating_add(1));
        let step = params.slope_columns.saturating_sub(u8::try_from(steepness / 2).unwrap_or(0));
        self.step = i8::try_from(step).unwrap_or(0);
        if steepness & 1 == 1 {
            self.step = self.step.saturating_neg();
        }
        self.wind = within(params.wind_columns, rng);
        self.run_left = RUN_MIN.saturating_add(u8::try_from(rng.below(RUN_SPREAD)).unwrap_or(0));
    }
}

/// The beat at `tick`, in ticks: from the first to the last it shortens evenly.
fn beat_ticks(params: &Params, tick: u32) -> u32 {
    let quickening = params.beat_first_ticks.saturating_sub(params.beat_last_ticks);
    let shorter = quickening.saturating_mul(tick).checked_div(params.length_ticks).unwrap_or(0);
    params.beat_first_ticks.saturating_sub(shorter).max(params.beat_last_ticks)
}

/// A number in `-most..=most`, every one equally likely.
fn within(most: u8, rng: &mut SegmentRng) -> i8 {
    let drawn = rng.below(u32::from(most).saturating_mul(2).saturating_add(1));
    let shifted = i16::try_from(drawn).unwrap_or(0).saturating_sub(i16::from(most));
    i8::try_from(shifted).unwrap_or(0)
}

/// A column at most `most` from `column`.
fn beside(column: u8, most: u8, rng: &mut SegmentRng) -> u8 {
    inside(i16::from(column).saturating_add(i16::from(within(most, rng))))
}

/// A column on which things land; one beyond the wall is mirrored at it.
fn inside(column: i16) -> u8 {
    let mirrored = if column < LANDING_LEFT {
        LANDING_LEFT.saturating_mul(2).saturating_sub(column)
    } else if column > LANDING_RIGHT {
        LANDING_RIGHT.saturating_mul(2).saturating_sub(column)
    } else {
        column
    };
    u8::try_from(mirrored.clamp(LANDING_LEFT, LANDING_RIGHT)).unwrap_or(0)
}
