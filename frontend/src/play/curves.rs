//! The curves that motion and round shapes follow, as the browser computes them: Rust would carry its own copy of them
//! into the page. Not for rules: browsers may differ in the last digit.

use js_sys::Math;

/// The sine.
pub(crate) fn sine(angle: f64) -> f64 {
    Math::sin(angle)
}

/// The cosine.
pub(crate) fn cosine(angle: f64) -> f64 {
    Math::cos(angle)
}

/// The angle, 0 to half a turn, of this cosine.
pub(crate) fn angle_of_cosine(cosine: f64) -> f64 {
    Math::acos(cosine)
}

/// The angle, within a quarter turn of zero, of this slope.
pub(crate) fn angle_of_slope(slope: f64) -> f64 {
    Math::atan(slope)
}

/// How much is left of 1 after `time`, when nearly two thirds of it go in each `third`.
pub(crate) fn faded(time: f64, third: f64) -> f64 {
    Math::exp(-time / third)
}

/// What is left of `value` when `length` is taken away as often as it fits; never negative.
pub(crate) fn wrapped(value: f64, length: f64) -> f64 {
    value - (value / length).floor() * length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrapped_stays_within_the_length_on_both_sides_of_zero() {
        assert!((wrapped(7.5, 2.0) - 1.5).abs() < 1e-9);
        assert!((wrapped(-0.5, 2.0) - 1.5).abs() < 1e-9);
        assert!(wrapped(4.0, 2.0).abs() < 1e-9);
    }
}
