//! `[sites]`: pages of others that show the games.

use serde::Deserialize;

use super::section::{Check, Section};

/// What sites may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sites {
    /// Whether their webhooks may be on this machine, also without encryption: for trying out.
    pub loopback_webhooks: bool,
}

impl Section for Sites {
    const NAME: &'static str = "sites";

    fn validate(&self, _: &mut Check<'_>) {}
}
