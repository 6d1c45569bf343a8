//! Keyboard and pointer, as the games' faces see them.

use crate::play::face::{Key, Phase};

/// What a key of the keyboard means in a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyMeaning {
    /// It plays.
    Game(Key),
    /// It pauses, or goes on.
    Pause,
    /// It turns the sound on or off.
    Sound,
}

/// The meaning of a key. `code` is its place on the keyboard, so that WASD is where it should be on any layout.
pub(crate) fn meaning(code: &str) -> Option<KeyMeaning> {
    Some(match code {
        "ArrowLeft" | "KeyA" | "Numpad4" => KeyMeaning::Game(Key::Left),
        "ArrowRight" | "KeyD" | "Numpad6" => KeyMeaning::Game(Key::Right),
        "ArrowUp" | "KeyW" | "Numpad8" => KeyMeaning::Game(Key::Up),
        "ArrowDown" | "KeyS" | "Numpad2" => KeyMeaning::Game(Key::Down),
        "Space" | "Enter" | "NumpadEnter" | "Numpad5" => KeyMeaning::Game(Key::Action),
        "KeyF" | "Backspace" => KeyMeaning::Game(Key::Alternative),
        "KeyP" | "Escape" => KeyMeaning::Pause,
        "KeyM" => KeyMeaning::Sound,
        _ => return None,
    })
}

/// Whether a pointer plays: of a mouse only the main button, of several fingers the first, unless every one does.
pub(crate) fn plays(phase: Phase, button: i16, is_first: bool, every_finger: bool) -> bool {
    (is_first || every_finger) && (phase != Phase::Down || button == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_letters_and_the_numeric_pad_give_the_same_directions() {
        for (codes, key) in [
            (["ArrowLeft", "KeyA", "Numpad4"], Key::Left),
            (["ArrowRight", "KeyD", "Numpad6"], Key::Right),
            (["ArrowUp", "KeyW", "Numpad8"], Key::Up),
            (["ArrowDown", "KeyS", "Numpad2"], Key::Down),
        ] {
            for code in codes {
                assert_eq!(meaning(code), Some(KeyMeaning::Game(key)));
            }
        }
    }

    #[test]
    fn a_second_finger_plays_where_every_finger_does() {
        for phase in [Phase::Down, Phase::Move, Phase::Up] {
            assert!(plays(phase, 0, true, false) && plays(phase, 0, true, true));
            assert!(!plays(phase, 0, false, false) && plays(phase, 0, false, true));
        }
        assert!(!plays(Phase::Down, 2, true, true), "the right button is the browser's");
        assert!(plays(Phase::Move, -1, true, false), "no button changes while a pointer moves");
    }

    #[test]
    fn keys_without_a_meaning_are_left_to_the_browser() {
        for code in ["Tab", "F5", "KeyR", "ShiftLeft", ""] {
            assert_eq!(meaning(code), None);
        }
    }
}
