//! An amount that arrives: it is counted up, unless the player wants less motion.

use dripline_shared::amount::{Amount, Asset};
use gloo_timers::callback::Interval;

use crate::browser::page;
use crate::components::element::{Element, Name, element, text, unseen};

/// The steps in which an amount is counted up.
const STEPS: u32 = 24;
/// The length of a step, in milliseconds.
const STEP_MS: u32 = 35;

/// How far an amount has been counted up.
pub(super) struct CountUp {
    step: u32,
    /// Runs until all is counted.
    timer: Option<Interval>,
}

impl CountUp {
    /// Begins to count; `on_step` is called whenever [`CountUp::step`] is due.
    pub(super) fn new(on_step: impl FnMut() + 'static) -> Self {
        if page::prefers_reduced_motion() {
            Self { step: STEPS, timer: None }
        } else {
            Self { step: 0, timer: Some(Interval::new(STEP_MS, on_step)) }
        }
    }

    /// Counts up by a step.
    pub(super) fn step(&mut self) {
        self.step = self.step.saturating_add(1);
        if self.step >= STEPS {
            self.timer = None;
        }
    }

    /// The amount, as far as it was counted.
    pub(super) fn view(&self, amount: Amount, asset: &Asset) -> Element {
        let counted = shown(amount, self.step).to_decimal(asset.decimals);
        let whole = asset.format(amount);
        element("span", "count-up")
            .with(unseen(&whole))
            // The whole amount, unseen, keeps the place, so that nothing jumps.
            .with(text("span", "count-up-place", &whole).attribute(Name::AriaHidden, "true"))
            .with(
                text("span", "count-up-now", &counted)
                    .text(" ")
                    .text(&asset.code)
                    .attribute(Name::AriaHidden, "true"),
            )
    }
}

/// The part of an amount that is shown after `step` of [`STEPS`] steps: fast at first, then slower. Pure.
fn shown(amount: Amount, step: u32) -> Amount {
    let left = u128::from(STEPS - step.min(STEPS));
    let whole = u128::from(STEPS).pow(2);
    let part = u128::from(amount) * (whole - left * left) / whole;
    Amount::try_from(part).unwrap_or(amount)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counting_starts_at_nothing_never_falls_and_ends_at_the_amount() {
        for units in [0_u32, 1, 7, 39_000, u32::MAX] {
            let amount = Amount::from_units(units);
            let steps: Vec<Amount> = (0..=STEPS).map(|step| shown(amount, step)).collect();
            assert_eq!(steps.first(), Some(&Amount::ZERO));
            assert!(steps.is_sorted());
            assert_eq!(steps.last(), Some(&amount));
        }
        assert_eq!(shown(Amount::MAX, STEPS + 1), Amount::MAX);
    }
}
