//! `[emergency]`: what neither opens nor pays, whatever the catalog says.

use std::collections::BTreeSet;

use dripline_shared::catalog::is_id;
use serde::Deserialize;

use super::section::{Check, Section};
use crate::check;

/// What is stopped.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Emergency {
    /// Ids of levels and of games; campaigns as `campaign:<id>`.
    pub stopped: BTreeSet<String>,
}

impl Section for Emergency {
    const NAME: &'static str = "emergency";
    const LISTS: &'static [&'static str] = &["stopped"];

    /// Any id is taken, also one that no catalog has: a level that was taken away may still be pinned by rounds, and a
    /// slip of the pen must not keep a server from starting in an emergency. The faucet warns of it.
    fn validate(&self, check: &mut Check<'_>) {
        let all = self.stopped.iter().all(|name| is_id(check::campaign::id_in(name).unwrap_or(name)));
        check.holds(all, "stopped", "ids of levels and of games, and campaigns as \"campaign:<id>\"");
    }
}
