//! Keyboard and pointer, as the games' faces see them.

use crate::play::face::Key;

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
    fn keys_without_a_meaning_are_left_to_the_browser() {
        for code in ["Tab", "F5", "KeyR", "ShiftLeft", ""] {
            assert_eq!(meaning(code), None);
        }
    }
}
