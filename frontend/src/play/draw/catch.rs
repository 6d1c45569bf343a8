//! The face of Catch: a glass pipe that fills as the goal comes nearer, what falls from it, and the bucket, whose water
//! is the streak.

use dripline_shared::game::Game;
use dripline_shared::game::catch::{COLUMNS, Catch, MULTIPLIER_MAX, PART, Params, STAY, STREAK_STEP};
use web_sys::CanvasRenderingContext2d;

use crate::play::curves::sine;
use crate::play::face::{Face, InputEvent, Key, Phase, Scene, Sound};

mod bucket;
mod pen;
mod rain;
mod scenery;

use pen::Pen;
use scenery::Still;

/// The board, in its own units: a column is one wide.
const WIDTH: f64 = 72.0;
const HEIGHT: f64 = 100.0;
/// The middle of column 0.
const LEFT: f64 = 4.5;
/// Where drops leave the pipe, where they meet the bucket's rim, and where they meet the floor.
const TOP: f64 = 8.4;
const RIM: f64 = 84.0;
const FLOOR: f64 = 96.0;
/// The bucket's height, and its bottom's width as a part of its mouth's.
const DEPTH: f64 = 10.0;
const TAPER: f64 = 0.74;
/// How long things that happened are shown, in ticks.
const SPLASH_TICKS: f64 = 26.0;
const WORDS_TICKS: f64 = 44.0;
const SHOCK_TICKS: f64 = 30.0;

/// What the player moves the bucket with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hand {
    /// Nothing: the bucket stays.
    Free,
    /// The column under the finger, pen or mouse.
    Column(u8),
    /// Keys: left, right, and whether right came last.
    Keys { left: bool, right: bool, right_last: bool },
}

/// Points that were won, rising from where they were won.
#[derive(Debug, Clone, Copy)]
struct Words {
    tick: u32,
    x: f64,
    points: u32,
}

/// What was last seen of the game, to notice changes.
#[derive(Debug, Clone, Copy)]
struct Seen {
    lives: u8,
    streak: u16,
    caught: u16,
    score: u32,
}

impl Seen {
    fn of(game: &Catch) -> Self {
        Self { lives: game.lives(), streak: game.streak(), caught: game.caught(), score: game.score() }
    }
}

/// See the module. All that it remembers is decoration, but for what the player holds.
#[derive(Debug)]
pub struct CatchFace {
    hand: Hand,
    /// The bucket before the last step, to draw it between two.
    bucket_before: Option<i32>,
    seen: Option<Seen>,
    /// When rust was caught, a streak broke, and the goal was met, in ticks.
    rust_at: Option<u32>,
    broken_at: Option<u32>,
    met_at: Option<u32>,
    words: [Option<Words>; 6],
    next_words: usize,
    /// The water in the bucket and in the pipe, 0 to 1, and the bucket's lean, as they are shown at the moment.
    level: f64,
    progress: f64,
    lean: f64,
    still: Option<Still>,
}

impl Default for CatchFace {
    fn default() -> Self {
        Self {
            hand: Hand::Free,
            bucket_before: None,
            seen: None,
            rust_at: None,
            broken_at: None,
            met_at: None,
            words: [None; 6],
            next_words: 0,
            level: 0.0,
            progress: 0.0,
            lean: 0.0,
            still: None,
        }
    }
}

impl Face for CatchFace {
    type Game = Catch;

    const CONTROLS: &'static str = "Keyboard: left and right arrows, or A and D. Touch or mouse: the bucket follows it.";

    fn size(_: &Params) -> (f64, f64) {
        (WIDTH, HEIGHT)
    }

    fn draw(&mut self, canvas: &CanvasRenderingContext2d, scene: &Scene<'_, Catch>) {
        // Between the step before and the last one.
        let now = (f64::from(scene.game.tick()) - 1.0 + scene.fraction).max(0.0);
        let after = f64::from(scene.game.bucket());
        let before = f64::from(self.bucket_before.unwrap_or(scene.game.bucket()));
        let bucket = LEFT + (before + (after - before) * scene.fraction) / f64::from(PART);
        self.ease(scene, after - before);
        let pen = Pen { canvas, colours: scene.colours, scene, now, bucket, still: scene.reduced_motion };

        canvas.save();
        if let Some(age) = pen.age(self.rust_at, SHOCK_TICKS)
            && !pen.still
        {
            let strength = 1.0 - age / SHOCK_TICKS;
            let _moved = canvas.translate(sine(age * 1.9) * strength * 0.9, 0.0);
        }
        self.draw_still(&pen);
        pen.streaks();
        pen.floor();
        for item in scene.game.items().copied() {
            pen.item(item);
        }
        pen.bucket(self);
        for item in scene.game.items().copied() {
            pen.splash(item);
        }
        for words in self.words.iter().flatten() {
            pen.words(words);
        }
        pen.pipe(self.progress, self.met_at);
        canvas.restore();
    }

    fn input(&mut self, event: InputEvent, _: &Catch, _: &Params) {
        match event {
            // A mouse that is nudged does not take the bucket from the keys.
            InputEvent::Pointer { phase: Phase::Move, .. } if self.keys_held() => {}
            // A finger that is lifted leaves the bucket on its way.
            InputEvent::Pointer { x, .. } => self.hand = Hand::Column(column_at(x)),
            InputEvent::Key { key: key @ (Key::Left | Key::Right), down } => {
                let (mut left, mut right) = match self.hand {
                    Hand::Keys { left, right, .. } => (left, right),
                    // A key that goes up while a pointer leads was pressed before it.
                    Hand::Column(_) if !down => return,
                    Hand::Column(_) | Hand::Free => (false, false),
                };
                let is_right = key == Key::Right;
                if is_right {
                    right = down;
                } else {
                    left = down;
                }
                self.hand = Hand::Keys { left, right, right_last: is_right == down };
            }
            InputEvent::Key { .. } => {}
            InputEvent::Released => self.hand = Hand::Free,
        }
    }

    fn wanted(&mut self, game: &Catch, _: &Params) -> Option<u8> {
        self.bucket_before = Some(game.bucket());
        Some(match self.hand {
            Hand::Column(column) => column,
            Hand::Keys { right: true, left, right_last } if right_last || !left => COLUMNS - 1,
            Hand::Keys { left: true, .. } => 0,
            Hand::Keys { .. } | Hand::Free => STAY,
        })
    }

    fn sound(&mut self, game: &Catch) -> Option<Sound> {
        let seen = self.seen.replace(Seen::of(game))?;
        if game.caught() > seen.caught {
            let x = LEFT + f64::from(game.bucket()) / f64::from(PART);
            let words = Words { tick: game.tick(), x, points: game.score() - seen.score };
            if let Some(place) = self.words.get_mut(self.next_words) {
                *place = Some(words);
            }
            self.next_words = (self.next_words + 1) % self.words.len();
            return Some(Sound::Plop);
        }
        if game.lives() < seen.lives {
            self.rust_at = Some(game.tick());
            return Some(Sound::Clank);
        }
        if game.streak() < seen.streak {
            self.broken_at = Some(game.tick());
            return Some(Sound::Tick);
        }
        None
    }
}

impl CatchFace {
    fn keys_held(&self) -> bool {
        matches!(self.hand, Hand::Keys { left, right, .. } if left || right)
    }

    /// Moves what is shown towards what is.
    fn ease(&mut self, scene: &Scene<'_, Catch>, moved: f64) {
        let game = scene.game;
        let full = f64::from(STREAK_STEP * (MULTIPLIER_MAX - 1));
        let level = (f64::from(game.streak()) / full).min(1.0);
        let goal = f64::from(scene.params.goal_drops).max(1.0);
        let progress = (f64::from(game.caught()) / goal).min(1.0);
        let lean = moved / f64::from(scene.params.speed_parts).max(1.0);
        if scene.reduced_motion {
            (self.level, self.progress, self.lean) = (level, progress, 0.0);
        } else {
            self.level += (level - self.level) * 0.14;
            self.progress += (progress - self.progress) * 0.1;
            self.lean += (lean - self.lean) * 0.2;
        }
        if progress >= 1.0 && self.met_at.is_none() {
            self.met_at = Some(game.tick());
        }
    }
}

/// The column under a place on the board.
fn column_at(x: f64) -> u8 {
    let column = (x - LEFT).round().clamp(0.0, f64::from(COLUMNS - 1));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=63")]
    let column = column as u8;
    column
}

#[cfg(test)]
mod tests {
    use dripline_shared::game::GameParams;
    use dripline_shared::rng::SegmentRng;
    use dripline_shared::round::Seed;

    use super::*;

    /// What the face wants after these events.
    fn wanted(events: &[InputEvent]) -> Option<u8> {
        let level = Catch::default_levels().remove(0);
        let GameParams::Catch(params) = level.play else { panic!("a level of Catch") };
        let game = Catch::start(&params, &mut SegmentRng::new(&Seed([0; 32])));
        let mut face = CatchFace::default();
        for event in events {
            face.input(*event, &game, &params);
        }
        face.wanted(&game, &params)
    }

    fn key(key: Key, down: bool) -> InputEvent {
        InputEvent::Key { key, down }
    }

    fn pointer(x: f64, phase: Phase) -> InputEvent {
        InputEvent::Pointer { x, y: 50.0, phase }
    }

    #[test]
    fn the_key_pressed_last_leads_and_the_other_takes_over_when_it_is_released() {
        let (left, right) = (key(Key::Left, true), key(Key::Right, true));
        assert_eq!(wanted(&[]), Some(STAY));
        assert_eq!(wanted(&[left]), Some(0));
        assert_eq!(wanted(&[left, right]), Some(63));
        assert_eq!(wanted(&[right, left]), Some(0));
        assert_eq!(wanted(&[right, left, key(Key::Left, false)]), Some(63));
        assert_eq!(wanted(&[left, right, key(Key::Right, false)]), Some(0));
        assert_eq!(wanted(&[left, key(Key::Left, false)]), Some(STAY));
        assert_eq!(wanted(&[left, InputEvent::Released]), Some(STAY));
    }

    #[test]
    fn a_pointer_names_the_column_under_it_even_beside_the_board() {
        assert_eq!(wanted(&[pointer(LEFT, Phase::Move)]), Some(0));
        assert_eq!(wanted(&[pointer(LEFT + 20.4, Phase::Down)]), Some(20));
        assert_eq!(wanted(&[pointer(-30.0, Phase::Move)]), Some(0));
        assert_eq!(wanted(&[pointer(500.0, Phase::Move)]), Some(63));
        assert_eq!(wanted(&[pointer(LEFT + 20.0, Phase::Down), pointer(LEFT + 20.0, Phase::Up)]), Some(20));
    }

    #[test]
    fn a_nudged_mouse_does_not_take_the_bucket_from_the_keys() {
        let nudge = pointer(40.0, Phase::Move);
        assert_eq!(wanted(&[key(Key::Left, true), nudge]), Some(0));
        assert_eq!(wanted(&[key(Key::Left, true), key(Key::Left, false), nudge]), Some(36));
        assert_eq!(wanted(&[nudge, key(Key::Right, true)]), Some(63));
    }
}
