//! The sounds of all games: short tones, made by the browser. Silent until the player asks for sound.
//!
//! The page has one source of tones, which all rounds share: browsers give out few, and let one sound only after the player
//! has done something. It is made when it is first needed, and rests while no round wants it.

use std::cell::OnceCell;

use web_sys::{AudioContext, AudioContextState, OscillatorType};

use crate::play::face::Sound;

/// How loud, of 1.
const GAIN: f32 = 0.12;

thread_local! {
    /// The page's source of tones. None where the browser has none to give.
    static SOURCE: OnceCell<Option<AudioContext>> = const { OnceCell::new() };
}

/// What a round plays its sounds with. The source rests once it is dropped.
#[derive(Debug)]
pub(crate) struct Speaker {
    is_on: bool,
}

/// A tone: it slides from one pitch to another while it fades.
struct Tone {
    from_hertz: f32,
    to_hertz: f32,
    seconds: f64,
    shape: OscillatorType,
}

const fn tone(sound: Sound) -> Tone {
    match sound {
        Sound::Plop => {
            Tone { from_hertz: 420.0, to_hertz: 880.0, seconds: 0.12, shape: OscillatorType::Sine }
        }
        Sound::Tick => {
            Tone { from_hertz: 660.0, to_hertz: 600.0, seconds: 0.05, shape: OscillatorType::Triangle }
        }
        Sound::Clank => {
            Tone { from_hertz: 190.0, to_hertz: 90.0, seconds: 0.18, shape: OscillatorType::Square }
        }
    }
}

impl Speaker {
    /// With sound or without. It is heard once the player has done something: see [`Speaker::wake`].
    pub(crate) const fn new(is_on: bool) -> Self {
        Self { is_on }
    }

    /// The player turned the sound on or off.
    pub(crate) fn set(&mut self, on: bool) {
        self.rest();
        self.is_on = on;
        self.wake();
    }

    /// The player did something, so the browser lets tones sound from now on.
    pub(crate) fn wake(&self) {
        if !self.is_on {
            return;
        }
        SOURCE.with(|source| {
            let context = source.get_or_init(|| AudioContext::new().ok());
            if let Some(context) = context.as_ref().filter(|context| !sounds(context)) {
                // Where the browser refuses, the next thing that the player does asks again.
                let _resumed = context.resume();
            }
        });
    }

    /// Plays a sound, if sound is on. A browser that refuses stays silent.
    pub(crate) fn play(&self, sound: Sound) {
        if self.is_on {
            with_source(|context| {
                // Tones for a source that rests would all sound at once when it wakes.
                if sounds(context) {
                    let _played = sounded(context, &tone(sound));
                }
            });
        }
    }

    fn rest(&self) {
        if self.is_on {
            with_source(|context| {
                // Refused only where it is closed, which it never is.
                let _rests = context.suspend();
            });
        }
    }
}

impl Drop for Speaker {
    fn drop(&mut self) {
        self.rest();
    }
}

/// Does something with the source of tones, if there is one already.
fn with_source(action: impl FnOnce(&AudioContext)) {
    SOURCE.with(|source| {
        if let Some(Some(context)) = source.get() {
            action(context);
        }
    });
}

fn sounds(context: &AudioContext) -> bool {
    context.state() == AudioContextState::Running
}

fn sounded(context: &AudioContext, tone: &Tone) -> Option<()> {
    let now = context.current_time();
    let end = now + tone.seconds;
    let oscillator = context.create_oscillator().ok()?;
    let gain = context.create_gain().ok()?;
    oscillator.set_type(tone.shape);
    oscillator.frequency().set_value_at_time(tone.from_hertz, now).ok()?;
    oscillator.frequency().exponential_ramp_to_value_at_time(tone.to_hertz, end).ok()?;
    gain.gain().set_value_at_time(GAIN, now).ok()?;
    gain.gain().exponential_ramp_to_value_at_time(0.001, end).ok()?;
    oscillator.connect_with_audio_node(&gain).ok()?;
    gain.connect_with_audio_node(&context.destination()).ok()?;
    oscillator.start().ok()?;
    oscillator.stop_with_when(end).ok()
}
