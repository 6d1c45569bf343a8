//! What is seen of a round that is watched, and how it goes on.

use dripline_shared::game::replay::Advance;
use dripline_shared::game::{Pace, Status};
use dripline_shared::round::TICKS_PER_SECOND;
use wasm_bindgen::JsCast;
use web_sys::{HtmlCanvasElement, HtmlInputElement};

use super::film::Film;
use super::reel::Reel;
use super::{Wish, element};
use crate::browser::frames::Next;
use crate::browser::page;
use crate::format;
use crate::play::accumulator::TICK_MS;
use crate::play::board::Look;
use crate::play::canvas::Surface;
use crate::play::draw;
use crate::play::face::Colours;
use crate::play::stage;

/// How long a turn is seen at the speed of one, in milliseconds: what the player thought is not recorded.
const TURN_MS: f64 = 500.0;
/// The longest time between two frames that is made up for, in milliseconds.
const CATCH_UP_MS: f64 = 200.0;
/// The speed of one, in halves.
const SPEED_ONE: u32 = 2;

/// A round on the screen.
pub(super) struct Screen {
    film: Film,
    reel: Box<dyn Reel>,
    surface: Surface,
    canvas: HtmlCanvasElement,
    colours: Colours,
    reduced_motion: bool,
    /// Steps made.
    at: usize,
    is_running: bool,
    /// In halves: 2 is as it was played.
    speed: u32,
    /// Time that has passed and was not stepped yet, in milliseconds of the round.
    left_ms: f64,
    last_frame_ms: Option<f64>,
    time_ms: f64,
}

impl Screen {
    /// A round at its start, standing still. `None` where the browser cannot draw, or the document is another's.
    pub(super) fn new(film: Film) -> Option<Self> {
        let canvas: HtmlCanvasElement = element("board")?.dyn_into().ok()?;
        let reel = draw::recorded(&film.level.play, film.seeds.clone());
        let surface = Surface::new(canvas.clone(), reel.size())?;
        let screen = Self {
            film,
            reel,
            surface,
            canvas,
            colours: stage::colours(),
            reduced_motion: page::prefers_reduced_motion(),
            at: 0,
            is_running: false,
            speed: SPEED_ONE,
            left_ms: 0.0,
            last_frame_ms: None,
            time_ms: 0.0,
        };
        write("level", &screen.film.level.name);
        if let Some(bar) = seek_bar() {
            bar.set_max(&screen.film.inputs.len().to_string());
        }
        screen.tell();
        Some(screen)
    }

    /// Draws a frame, after the steps that are due.
    pub(super) fn frame(&mut self, now_ms: f64) -> Next {
        let passed = self.last_frame_ms.map_or(0.0, |last| (now_ms - last).clamp(0.0, CATCH_UP_MS));
        self.last_frame_ms = self.is_running.then_some(now_ms);
        let step_ms = self.step_ms();
        if self.is_running {
            let passed = passed * f64::from(self.speed) / f64::from(SPEED_ONE);
            self.time_ms += passed;
            self.left_ms += passed;
            let before = self.at;
            while self.left_ms >= step_ms && self.step() {
                self.left_ms -= step_ms;
            }
            self.is_running = !self.is_over();
            if self.at != before {
                self.tell();
            }
        }
        let look = Look {
            fraction: match self.reel.pace() {
                Pace::Clocked if !self.is_over() => (self.left_ms / step_ms).clamp(0.0, 1.0),
                _ => 0.0,
            },
            time_ms: self.time_ms,
            reduced_motion: self.reduced_motion,
            colours: &self.colours,
        };
        let (surface, reel) = (&self.surface, &mut self.reel);
        surface.frame(&self.colours.background, |context| reel.draw(context, &look));
        if self.is_running { Next::Frame } else { Next::Rest }
    }

    /// Goes on, or stands still. At the end, it begins anew.
    pub(super) fn toggle(&mut self) {
        if self.is_running {
            self.pause();
        } else {
            if self.is_over() {
                self.seek(0);
            }
            self.is_running = true;
            self.tell();
        }
    }

    /// Stands still.
    pub(super) fn pause(&mut self) {
        self.is_running = false;
        self.tell();
    }

    /// Begins anew, and runs.
    pub(super) fn restart(&mut self) {
        self.seek(0);
        self.is_running = true;
        self.tell();
    }

    /// Goes to the state after so many steps, or to the end if there are fewer.
    pub(super) fn seek(&mut self, step: usize) {
        if step < self.at {
            // What is behind is only reached from the start: there are no steps back.
            self.reel = draw::recorded(&self.film.level.play, self.film.seeds.clone());
            self.at = 0;
        }
        while self.at < step && self.step() {}
        self.left_ms = 0.0;
        self.tell();
    }

    /// Goes on at another speed, in halves of that at which it was played.
    pub(super) fn set_speed(&mut self, halves: u32) {
        self.speed = halves;
    }

    /// Does what a key asks for.
    pub(super) fn grant(&mut self, wish: Wish) {
        let stride = match self.reel.pace() {
            Pace::Clocked => usize::try_from(TICKS_PER_SECOND).unwrap_or(1),
            Pace::Turns => 1,
        };
        let step = match wish {
            Wish::Toggle => return self.toggle(),
            Wish::Back => self.at.saturating_sub(stride),
            Wish::Forward => self.at.saturating_add(stride),
            Wish::Start => 0,
            Wish::End => self.film.inputs.len(),
        };
        self.pause();
        self.seek(step);
    }

    /// The canvas' place has another size.
    pub(super) fn fit(&mut self) {
        self.surface.fit();
    }

    /// The theme changed, or how much may move.
    pub(super) fn restyle(&mut self) {
        self.colours = stage::colours();
        self.reduced_motion = page::prefers_reduced_motion();
    }

    fn step_ms(&self) -> f64 {
        match self.reel.pace() {
            Pace::Clocked => TICK_MS,
            Pace::Turns => TURN_MS,
        }
    }

    fn is_over(&self) -> bool {
        self.at >= self.film.inputs.len()
    }

    /// Makes a step. Tells whether there was one to make.
    fn step(&mut self) -> bool {
        let Some(input) = self.film.inputs.get(self.at).copied() else { return false };
        let is_made = matches!(self.reel.step(input), Advance::Stepped | Advance::SegmentEnded);
        self.at = self.at.saturating_add(1);
        is_made
    }

    /// Writes the figures, and how it stands.
    fn tell(&self) {
        let (at, all) = (self.at, self.film.inputs.len());
        let time = match self.reel.pace() {
            Pace::Clocked => format!("{} of {}", clock(at), clock(all)),
            Pace::Turns => format!("turn {at} of {all}"),
        };
        write("toggle", if self.is_running { "Pause" } else { "Play" });
        write("score", &format::number(u64::from(self.reel.score())));
        write("time", &time);
        write("outcome", &self.outcome());
        if let Some(bar) = seek_bar() {
            bar.set_value(&at.to_string());
            // Refused only for names that are no names.
            let _told = bar.set_attribute("aria-valuetext", &time);
        }
        let state = self.reel.describe();
        let label = if state.is_empty() { "The board".to_owned() } else { state };
        // As above.
        let _told = self.canvas.set_attribute("aria-label", &label);
    }

    /// How it ended, once the end is seen.
    fn outcome(&self) -> String {
        if !self.is_over() {
            return String::new();
        }
        match self.film.outcome {
            None => "What was sent ends here, before the game did.".to_owned(),
            Some(outcome) if outcome.status == Status::Won => {
                let stars = self.film.level.stars_of(outcome.status, outcome.score);
                let word = if stars == 1 { "star" } else { "stars" };
                format!("Won with {} points and {stars} {word}.", format::number(u64::from(outcome.score)))
            }
            Some(outcome) => format!("Lost with {} points.", format::number(u64::from(outcome.score))),
        }
    }
}

fn seek_bar() -> Option<HtmlInputElement> {
    element("seek")?.dyn_into().ok()
}

/// Writes a text, unless it stands there already: what is live is not to be read out again.
fn write(id: &str, text: &str) {
    if let Some(place) = element(id)
        && place.text_content().as_deref() != Some(text)
    {
        place.set_text_content(Some(text));
    }
}

/// Ticks as minutes and seconds: `1:05`.
fn clock(ticks: usize) -> String {
    let seconds = ticks / usize::try_from(TICKS_PER_SECOND).unwrap_or(1).max(1);
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_told_in_whole_seconds_that_have_passed() {
        assert_eq!(clock(0), "0:00");
        assert_eq!(clock(59), "0:00");
        assert_eq!(clock(65 * 60), "1:05");
    }
}
