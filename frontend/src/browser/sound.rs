//! The sounds of all games: short tones, made by the browser. Silent until the player asks for sound.

use web_sys::{AudioContext, OscillatorType};

use crate::play::face::Sound;

/// How loud, of 1.
const GAIN: f32 = 0.12;

/// A source of tones. Browsers let it sound only after the player has done something, so it is made by a click.
#[derive(Debug)]
pub(crate) struct Speaker(Option<AudioContext>);

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
    /// Without sound.
    pub(crate) const fn silent() -> Self {
        Self(None)
    }

    /// Turns the sound on or off.
    pub(crate) fn set(&mut self, on: bool) {
        if let Some(context) = self.0.take() {
            // Closing is refused only where it is closed.
            let _closed = context.close();
        }
        if on {
            self.0 = AudioContext::new().ok();
        }
    }

    /// Plays a sound, if sound is on. A browser that refuses stays silent.
    pub(crate) fn play(&self, sound: Sound) {
        if let Some(context) = &self.0 {
            let _played = sounded(context, &tone(sound));
        }
    }
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
