//! What goes on while a round is played: on the stage, and on the way to the server.

use dripline_shared::game::Status;

use crate::app::Dripline;
use crate::browser::storage::{self, Slot};
use crate::pages::round::{Ending, Phase, Playing, RoundPlace};
use crate::play::stage::StageEvent;
use crate::round::keeping;
use crate::round::sender::SenderEvent;
use crate::state::pause::RoundClock;

impl RoundPlace {
    /// Something happened on the stage. Tells whether it can be seen beside it.
    pub(super) fn staged(&mut self, dripline: &Dripline, event: StageEvent) -> bool {
        // What comes from a stage that has been left was under way already.
        if !self.is_playing() {
            return false;
        }
        match event {
            StageEvent::Paused => {
                self.playing(|playing| playing.is_paused = true);
                self.record();
            }
            StageEvent::Resumed => self.playing(|playing| {
                playing.is_paused = false;
                playing.is_resumed = false;
            }),
            StageEvent::Waiting(is_waiting) => self.playing(|playing| playing.is_waiting = is_waiting),
            StageEvent::Turned => {
                self.record();
                return false;
            }
            // What is seen beside the stage asks the board.
            StageEvent::GoalMet => {}
            StageEvent::SegmentEnded => {
                self.record();
                self.send();
                return false;
            }
            StageEvent::Ended(status, score) => {
                self.record();
                self.settle(dripline, status, score);
            }
            StageEvent::FinaleShown => self.finale_shown(dripline),
            StageEvent::TimeUp => self.end(dripline, Ending::TimedOut),
            StageEvent::SoundToggled => self.toggle_sound(),
        }
        true
    }

    /// Something happened to the segments. Tells whether it can be seen.
    pub(super) fn sent(&mut self, dripline: &Dripline, event: SenderEvent) -> bool {
        match event {
            SenderEvent::Stored(earned) => {
                let Some((segment, seed)) = earned else { return false };
                if u32::try_from(self.play.seeds.len() + 2) == Ok(segment) {
                    self.play.seeds.push(seed);
                    keeping::keep_play(&self.play);
                }
                if let Some(stage) = &self.stage {
                    stage.learn_seed(segment, seed);
                }
                return false;
            }
            SenderEvent::Unreachable(is_unreachable) => match &mut self.phase {
                Phase::Playing(playing) => playing.is_unreachable = is_unreachable,
                Phase::Settling(settling) => settling.is_unreachable = is_unreachable,
                _ => return false,
            },
            SenderEvent::Complete => self.claim(dripline),
            SenderEvent::Refused(failure) => self.end(dripline, Ending::Broken(failure)),
        }
        true
    }

    /// How long the round may still stand still, in milliseconds.
    pub(super) fn left_ms(&self, dripline: &Dripline) -> Option<u64> {
        let length = self.look_at_board(|board| board.length()).unwrap_or_else(|| self.play.length());
        let answer = self.answer()?;
        let clock = RoundClock { opened_at: answer.opened_at_ms, timing: answer.timing };
        Some(clock.left_ms(length, dripline.api.now()))
    }

    /// Keeps the play as it stands.
    pub(super) fn record(&mut self) {
        if let Some(stage) = self.stage.as_ref().filter(|_| matches!(self.phase, Phase::Playing(_))) {
            let play = &mut self.play;
            stage.with_board(|board| keeping::record(play, board));
            keeping::keep_play(play);
        }
    }

    /// Sends the segments that are complete, but not the end of a lost round: that is closed instead.
    pub(super) fn send(&mut self) {
        let lost =
            self.stage.as_ref().is_some_and(|stage| stage.with_board(|board| board.status() == Status::Lost));
        if let Some(sender) = self.sender.as_ref().filter(|_| !lost) {
            sender.send(self.play.completed(), self.play.is_over);
        }
    }

    /// Turns the sound on or off, and remembers that.
    pub(super) fn toggle_sound(&mut self) {
        self.has_sound = !self.has_sound;
        if self.has_sound {
            storage::write(Slot::Sound, "on");
        } else {
            storage::remove(Slot::Sound);
        }
        if let Some(stage) = &self.stage {
            stage.set_sound(self.has_sound);
        }
    }

    fn playing(&mut self, change: impl FnOnce(&mut Playing)) {
        if let Phase::Playing(playing) = &mut self.phase {
            change(playing);
        }
    }
}
