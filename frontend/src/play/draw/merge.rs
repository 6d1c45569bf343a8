//! The face of `Merge`.

use dripline_shared::game::Merge;
use dripline_shared::game::Game;
use web_sys::CanvasRenderingContext2d;

use crate::play::face::{Face, InputEvent, Key, Scene, Sound};

/// What is held or wanted next.
#[derive(Debug, Default)]
pub struct MergeFace {
    wanted: Option<u8>,
}

impl Face for MergeFace {
    type Game = Merge;

    fn size(_params: &<Merge as Game>::Params) -> (f64, f64) {
        (100.0, 120.0)
    }

    fn draw(&mut self, canvas: &CanvasRenderingContext2d, scene: &Scene<'_, Merge>) {
        canvas.set_fill_style_str(&scene.colours.water);
        canvas.fill_rect(10.0, 10.0 + (scene.time_ms / 50.0) % 80.0, 20.0, 20.0);
        canvas.set_fill_style_str(&scene.colours.ink);
        canvas.set_font("6px system-ui");
        let _drawn = canvas.fill_text(&format!("{:?}", scene.game), 5.0, 60.0);
    }

    fn input(&mut self, event: InputEvent, _game: &Merge, _params: &<Merge as Game>::Params) {
        if let InputEvent::Key { key, down: true } = event {
            self.wanted = Some(match key {
                Key::Left => 0,
                Key::Right => 1,
                Key::Up => 2,
                Key::Down => 3,
                Key::Action | Key::Alternative => 4,
            });
        }
    }

    fn wanted(&mut self, _game: &Merge, _params: &<Merge as Game>::Params) -> Option<u8> {
        self.wanted.take()
    }

    fn sound(&mut self, _game: &Merge) -> Option<Sound> {
        None
    }
}
