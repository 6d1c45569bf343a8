//! A loop over the screen's frames that can be stopped and started, without making a new closure for each.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;

use crate::browser::page;

/// What is to be done after a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// Another frame.
    Frame,
    /// Nothing, until [`FrameLoop::start`].
    Rest,
}

/// The loop. It stops when this value is dropped.
#[derive(Debug)]
pub(crate) struct FrameLoop(Rc<Inner>);

type OnFrame = Closure<dyn FnMut(f64)>;

#[derive(Debug, Default)]
struct Inner {
    closure: RefCell<Option<OnFrame>>,
    requested: Cell<Option<i32>>,
}

impl Inner {
    fn request(&self) {
        if self.requested.get().is_none()
            && let Some(closure) = &*self.closure.borrow()
        {
            let callback = closure.as_ref().unchecked_ref();
            self.requested.set(page::window().request_animation_frame(callback).ok());
        }
    }
}

impl FrameLoop {
    /// Calls `on_frame` with the time of each frame, in milliseconds of the page's clock. Starts at rest.
    pub(crate) fn new(mut on_frame: impl FnMut(f64) -> Next + 'static) -> Self {
        let inner = Rc::new(Inner::default());
        let weak = Rc::downgrade(&inner);
        let closure = Closure::new(move |time: f64| {
            let Some(inner) = weak.upgrade() else { return };
            inner.requested.set(None);
            if on_frame(time) == Next::Frame {
                inner.request();
            }
        });
        inner.closure.replace(Some(closure));
        Self(inner)
    }

    /// Asks for the next frame, unless it is asked for already.
    pub(crate) fn start(&self) {
        self.0.request();
    }
}

impl Drop for FrameLoop {
    fn drop(&mut self) {
        if let Some(requested) = self.0.requested.take() {
            // A frame that cannot be cancelled has been shown.
            let _cancelled = page::window().cancel_animation_frame(requested);
        }
    }
}
