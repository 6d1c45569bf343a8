//! What is in force, for all threads: another catalog may come into force while they work.

use std::sync::{Arc, PoisonError, RwLock};

use crate::in_force::InForce;

/// See the module. Whoever decides takes what is in force once, and goes by that to the end.
#[derive(Debug)]
pub(crate) struct Live(RwLock<Arc<InForce>>);

impl Live {
    /// This is in force at first.
    pub(crate) fn new(in_force: InForce) -> Self {
        Self(RwLock::new(Arc::new(in_force)))
    }

    /// What is in force.
    pub(crate) fn get(&self) -> Arc<InForce> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts something else into force.
    pub(crate) fn set(&self, in_force: Arc<InForce>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = in_force;
    }
}
