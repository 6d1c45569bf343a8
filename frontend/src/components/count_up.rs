//! An amount that arrives: it is counted up, unless the player wants less motion.

use dripline_shared::amount::{Amount, Asset};
use gloo_timers::callback::Interval;
use yew::prelude::*;

use crate::browser::page;

/// The steps in which an amount is counted up.
const STEPS: u32 = 24;
/// The length of a step, in milliseconds.
const STEP_MS: u32 = 35;

/// What is counted.
#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct Props {
    /// Up to where.
    pub(crate) amount: Amount,
    /// Of what.
    pub(crate) asset: Asset,
}

/// The part of an amount that is shown after `step` of [`STEPS`] steps: fast at first, then slower. Pure.
fn shown(amount: Amount, step: u32) -> Amount {
    let left = u128::from(STEPS - step.min(STEPS));
    let whole = u128::from(STEPS).pow(2);
    let part = u128::from(amount) * (whole - left * left) / whole;
    Amount::try_from(part).unwrap_or(amount)
}

/// An amount that is counted up once.
#[function_component]
pub(crate) fn CountUp(props: &Props) -> Html {
    let step = use_state_eq(|| if page::prefers_reduced_motion() { STEPS } else { 0 });
    {
        let setter = step.setter();
        use_effect_with(*step >= STEPS, move |is_done| {
            let mut next = 0;
            let interval = (!is_done).then(|| {
                Interval::new(STEP_MS, move || {
                    next += 1;
                    setter.set(next);
                })
            });
            move || drop(interval)
        });
    }
    let text = shown(props.amount, *step).to_decimal(props.asset.decimals);
    let whole = props.asset.format(props.amount);
    html! {
        <span class="count-up">
            <span class="visually-hidden">{ whole.clone() }</span>
            // The whole amount, unseen, keeps the place, so that nothing jumps.
            <span class="count-up-place" aria-hidden="true">{ whole }</span>
            <span class="count-up-now" aria-hidden="true">{ text }{ " " }{ &props.asset.code }</span>
        </span>
    }
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
