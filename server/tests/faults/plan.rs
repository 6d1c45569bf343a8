//! What is to go wrong, and what did.

use std::sync::Mutex;

use crate::fault::Cell;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Plan(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// What is to go wrong.
    armed: Vec<Cell>,
    /// What went wrong.
    struck: Vec<Cell>,
}

impl Plan {
    /// Has these go wrong, each once, the next time that it can, and nothing else that was arranged before.
    pub(crate) fn arm(&self, cells: &[Cell]) {
        self.0.lock().unwrap().armed = cells.to_vec();
    }

    /// What went wrong since this was asked last.
    pub(crate) fn struck(&self) -> Vec<Cell> {
        std::mem::take(&mut self.0.lock().unwrap().struck)
    }

    /// Whether this goes wrong now: then it will not again.
    pub(crate) fn strikes(&self, cell: Cell) -> bool {
        let mut state = self.0.lock().unwrap();
        let found = state.armed.iter().position(|armed| *armed == cell);
        if let Some(found) = found {
            state.armed.remove(found);
            state.struck.push(cell);
        }
        found.is_some()
    }
}
