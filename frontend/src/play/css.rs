//! Lengths as CSS writes them. Written with whole numbers: what Rust writes any float with would make the page 5 KB larger.

/// A length in pixels, to a thousandth: `12.500px`. What is negative counts as nothing.
pub(crate) fn pixels(length: f64) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "what does not fit is cut")]
    let thousandths = (length * 1_000.0 + 0.5) as u32;
    format!("{}.{:03}px", thousandths / 1_000, thousandths % 1_000)
}

/// The font of all that is written on a board, in this size.
pub(crate) fn font(size: f64) -> String {
    format!("700 {} system-ui, sans-serif", pixels(size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_rounded_to_a_thousandth() {
        assert_eq!(pixels(0.0), "0.000px");
        assert_eq!(pixels(3.6), "3.600px");
        assert_eq!(pixels(500.0 / 2.625), "190.476px");
        assert_eq!(pixels(0.9996), "1.000px");
        assert_eq!(pixels(-3.0), "0.000px");
        assert_eq!(font(26.0), "700 26.000px system-ui, sans-serif");
    }
}
