//! What happens on the stage in a frame: time passes, the board is stepped and drawn, and the figures are shown.

use dripline_shared::game::replay::Advance;
use dripline_shared::game::{Pace, Status};

use super::{BEAT_MS, Inner, Mode, StageEvent};
use crate::browser::frames::Next;
use crate::locales::texts;
use crate::play::accumulator::TICK_MS;
use crate::play::board::Look;

/// After a longer wait for a seed a clocked game counts down before it goes on, in milliseconds.
const HICCUP_MS: f64 = 250.0;
/// When a screen reader is told that time is running out, in milliseconds.
const LAST_CALL_MS: u64 = 10_000;
/// How long the end of a game is still drawn, in milliseconds.
const FINALE_MS: f64 = 1_200.0;

impl Inner {
    pub(super) fn frame(&mut self, now_ms: f64) -> Next {
        let elapsed_ms = self.last_frame_ms.map_or(0.0, |last| (now_ms - last).max(0.0));
        self.last_frame_ms = Some(now_ms);
        if self.mode != Mode::Paused {
            self.time_ms += elapsed_ms.min(100.0);
        }
        match self.mode {
            Mode::Countdown { left_ms } => self.count_down(left_ms - elapsed_ms),
            Mode::Running => self.run(elapsed_ms),
            Mode::Over { left_ms } if left_ms > elapsed_ms => {
                self.mode = Mode::Over { left_ms: left_ms - elapsed_ms };
            }
            Mode::Over { .. } => {
                self.mode = Mode::Shown;
                self.events.push(StageEvent::FinaleShown);
            }
            Mode::Paused | Mode::Shown => {}
        }
        self.draw();
        self.show_figures();
        match self.mode {
            Mode::Paused | Mode::Shown => Next::Rest,
            Mode::Countdown { .. } | Mode::Running | Mode::Over { .. } => Next::Frame,
        }
    }

    fn count_down(&mut self, left_ms: f64) {
        if left_ms > 0.0 {
            self.mode = Mode::Countdown { left_ms };
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a number of beats from 1 to 3"
            )]
            self.hud.countdown((left_ms / BEAT_MS).ceil() as u32);
        } else {
            self.mode = Mode::Running;
            self.hud.countdown(0);
        }
    }

    fn run(&mut self, elapsed_ms: f64) {
        let is_waiting = self.board.waits_for_seed();
        if is_waiting != self.is_waiting {
            self.is_waiting = is_waiting;
            self.events.push(StageEvent::Waiting(is_waiting));
            if !is_waiting && std::mem::take(&mut self.waited_ms) > HICCUP_MS {
                // Whoever has waited gets the time to look where everything is.
                self.begin();
                return;
            }
        }
        if self.clock.is_over(self.board.length(), (self.now)()) {
            self.mode = Mode::Shown;
            self.events.push(StageEvent::TimeUp);
            return;
        }
        if is_waiting {
            self.waited_ms += elapsed_ms;
            self.accumulator.clear();
            return;
        }
        match self.board.pace() {
            Pace::Clocked => {
                self.accumulator.feed(elapsed_ms);
                while self.mode == Mode::Running && self.accumulator.take() {
                    self.step();
                }
            }
            Pace::Turns => {
                let next = self.board.length().saturating_add(1);
                // The server has a least time for a turn; a faster one waits for it.
                if self.board.has_turn() && self.clock.early_ms(next, (self.now)()) == 0 {
                    self.step();
                }
            }
        }
    }

    fn step(&mut self) {
        match self.board.advance() {
            Advance::Stepped => {
                if self.board.pace() == Pace::Turns {
                    self.events.push(StageEvent::Turned);
                }
            }
            Advance::SegmentEnded => self.events.push(StageEvent::SegmentEnded),
            Advance::WaitingForSeed | Advance::Nothing => {
                self.accumulator.clear();
                return;
            }
        }
        if let Some(sound) = self.board.sound() {
            self.speaker.play(sound);
        }
        if self.board.pace() == Pace::Turns {
            self.hud.describe(&self.board.describe());
        }
        if self.board.can_finish() && !self.told.goal {
            self.told.goal = true;
            self.events.push(StageEvent::GoalMet);
        }
        let status = self.board.status();
        if status != Status::Playing {
            self.mode = Mode::Over { left_ms: FINALE_MS };
            self.hud.announce(if status == Status::Won { texts().finale_won } else { texts().lost_title });
            self.events.push(StageEvent::Ended(status, self.board.score()));
        }
    }

    fn draw(&mut self) {
        let fraction = match (self.mode, self.board.pace()) {
            (Mode::Running, Pace::Clocked) if !self.is_waiting => self.accumulator.fraction(),
            (Mode::Over { .. } | Mode::Shown, _) | (_, Pace::Turns) => 1.0,
            _ => 0.0,
        };
        let look = Look {
            fraction,
            time_ms: self.time_ms,
            reduced_motion: self.reduced_motion,
            colours: &self.colours,
        };
        let board = &mut self.board;
        self.surface.frame(&self.colours.background, |context| board.draw(context, &look));
    }

    fn show_figures(&mut self) {
        let score = self.board.score();
        if self.hud.score(score) {
            let stars = self.stars.iter().map(|threshold| u32::from(score >= *threshold)).sum();
            if stars > self.told.stars {
                self.told.stars = stars;
                self.hud.announce(if stars > 1 {
                    texts().three_stars_reached
                } else {
                    texts().two_stars_reached
                });
            }
        }
        let left_ms = match self.board.pace() {
            Pace::Turns => self.left_ms(),
            Pace::Clocked => {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "at most 2^16 ticks, in milliseconds"
                )]
                let left_ms = (f64::from(self.board.ticks_left()) * TICK_MS) as u64;
                left_ms
            }
        };
        match self.board.figure() {
            Some(figure) => self.hud.figure(figure),
            None => self.hud.time(left_ms),
        }
        // At 0 there is nothing left to call: a player of Pipes opened the valve.
        if (1..=LAST_CALL_MS).contains(&left_ms) && !self.told.last_call && self.mode == Mode::Running {
            self.told.last_call = true;
            self.hud.announce(texts().last_seconds);
        }
    }
}
