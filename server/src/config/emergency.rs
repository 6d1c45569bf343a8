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
    /// Ids of levels and of games; campaigns as `campaign:<id>`, rails as `rail:<id>`.
    pub stopped: BTreeSet<String>,
}

impl Section for Emergency {
    const NAME: &'static str = "emergency";
    const LISTS: &'static [&'static str] = &["stopped"];

    /// Any id is taken, also one that no catalog has: a level that was taken away may still be pinned by rounds, the catalog may be in
    /// the store, and a name of nothing stops nothing, while a server that does not start in an emergency pays nobody. The faucet
    /// warns of it, and tells what there is.
    fn validate(&self, check: &mut Check<'_>) {
        let id = |name| check::campaign::id_in(name).or_else(|| check::rail::id_in(name)).unwrap_or(name);
        let all = self.stopped.iter().all(|name| is_id(id(name)));
        let expected =
            "ids of levels and of games, campaigns as \"campaign:<id>\", and rails as \"rail:<id>\"";
        check.holds(all, "stopped", expected);
    }
}
