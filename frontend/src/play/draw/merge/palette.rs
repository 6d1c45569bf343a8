//! The colours of droplets. A droplet stands out the more from the board the nearer it is to the goal: on a light board
//! water gets deeper, on a dark one it gets lighter.

use crate::play::colour::Colour;
use crate::play::face::Colours;

#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Rgb([f64; 3]);

impl Rgb {
    /// From `#rrggbb` or `#rgb`, as the design tokens write it; else black.
    fn parse(text: &str) -> Self {
        let digits: Vec<u32> = text.chars().filter_map(|digit| digit.to_digit(16)).collect();
        let channel = |high: usize, low: usize| match (digits.get(high), digits.get(low)) {
            (Some(high), Some(low)) => f64::from(high * 16 + low),
            _ => 0.0,
        };
        if digits.len() < 6 {
            Self([channel(0, 0), channel(1, 1), channel(2, 2)])
        } else {
            Self([channel(0, 1), channel(2, 3), channel(4, 5)])
        }
    }

    fn mixed(self, other: Self, part: f64) -> Self {
        let [red, green, blue] = self.0;
        let [to_red, to_green, to_blue] = other.0;
        let mix = |from: f64, to: f64| from + (to - from) * part;
        Self([mix(red, to_red), mix(green, to_green), mix(blue, to_blue)])
    }

    /// Relative luminance, 0 to 1, nearly as WCAG 2 defines it: a square is close to its curve.
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|channel| (channel / 255.0) * (channel / 255.0));
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    fn contrast(self, other: Self) -> f64 {
        let (one, other) = (self.luminance() + 0.05, other.luminance() + 0.05);
        (one / other).max(other / one)
    }

    fn css(self) -> Colour {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "mixed from bytes")]
        let [red, green, blue] = self.0.map(|channel| channel as u8);
        format!("rgb({red},{green},{blue})").into()
    }
}

/// The colours of a droplet.
#[derive(Debug, Default, Clone)]
pub(super) struct Shade {
    /// Where light falls on it, its body, and its edge.
    pub(super) lit: Colour,
    pub(super) body: Colour,
    pub(super) edge: Colour,
    pub(super) text: Colour,
}

/// The colours of all droplets of a level, in a theme.
#[derive(Debug, Default)]
pub(super) struct Palette {
    colours: Colours,
    goal: u16,
    shades: Vec<Shade>,
    /// The darker and the lighter of ink and background.
    pub(super) dark: Colour,
    pub(super) light: Colour,
}

impl Palette {
    /// Follows the theme and the level.
    pub(super) fn follow(&mut self, colours: &Colours, goal: u16) {
        if self.goal == goal && self.colours == *colours {
            return;
        }
        let ink = Rgb::parse(colours.ink.text());
        let background = Rgb::parse(colours.background.text());
        let is_dark = background.luminance() < ink.luminance();
        let (dark, light) = if is_dark { (background, ink) } else { (ink, background) };
        let [water_light, water, deep] =
            [&colours.water_light, &colours.water, &colours.water_deep].map(|colour| Rgb::parse(colour.text()));
        let [start, end] = if is_dark { [deep, water_light] } else { [water_light, deep] };
        // A droplet of 2 is close to the board, and yet to be seen on it.
        let faintest = start.mixed(Rgb::parse(colours.surface.text()), 0.62);
        let stops = [(0.0, faintest), (0.34, start), (0.67, water), (1.0, end)];
        let doublings = f64::from(goal.max(4).ilog2()) - 1.0;
        let shade = |exponent: u32| {
            let at = ((f64::from(exponent) - 1.0) / doublings).clamp(0.0, 1.0);
            let body = stops.windows(2).find_map(|pair| match pair {
                [(from, low), (to, high)] if at <= *to => Some(low.mixed(*high, (at - from) / (to - from))),
                _ => None,
            });
            let body = body.unwrap_or(end);
            // On the colours between, where either can be read, light numbers look right.
            let text = if body.contrast(dark) > body.contrast(light) * 1.35 { dark } else { light };
            Shade {
                lit: body.mixed(light, 0.34).css(),
                body: body.css(),
                edge: body.mixed(dark, 0.2).css(),
                text: text.css(),
            }
        };
        *self = Self {
            colours: colours.clone(),
            goal,
            shades: (0..12).map(shade).collect(),
            dark: dark.css(),
            light: light.css(),
        };
    }

    /// The colours of a droplet; `follow` came before.
    pub(super) fn shade(&self, exponent: u8) -> Shade {
        self.shades.get(usize::from(exponent)).cloned().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_legible_on_their_droplets_in_both_themes() {
        let theme = |background: &str, surface: &str, ink: &str, water: [&str; 3]| Colours {
            background: background.to_owned().into(),
            surface: surface.to_owned().into(),
            ink: ink.to_owned().into(),
            water_light: water[0].to_owned().into(),
            water: water[1].to_owned().into(),
            water_deep: water[2].to_owned().into(),
            ..Colours::default()
        };
        let light = theme("#f7fbfd", "#e3eef4", "#0a2433", ["#8fd8ff", "#1385c6", "#0a588c"]);
        let dark = theme("#0a1924", "#142c3a", "#e6f2f8", ["#a9e3ff", "#37aef2", "#0c6aa8"]);
        for colours in [light, dark] {
            for goal in [16, 128, 2_048] {
                let mut palette = Palette::default();
                palette.follow(&colours, goal);
                for shade in &palette.shades {
                    let parse = |css: &str| {
                        let numbers = css.trim_matches(|digit: char| !digit.is_ascii_digit());
                        let channels: Vec<f64> =
                            numbers.split(',').map(|channel| channel.parse().unwrap()).collect();
                        Rgb([channels[0], channels[1], channels[2]])
                    };
                    // Large text: WCAG asks for 3.
                    assert!(parse(shade.text.text()).contrast(parse(shade.body.text())) > 3.0, "{shade:?} {goal}");
                }
            }
        }
    }

    #[test]
    fn colours_are_read_as_the_tokens_write_them() {
        assert_eq!(Rgb::parse(" #0a588c"), Rgb([10.0, 88.0, 140.0]));
        assert_eq!(Rgb::parse("#fff"), Rgb([255.0, 255.0, 255.0]));
        assert_eq!(Rgb::parse(""), Rgb::default());
    }
}
