//! `[emergency]`: what neither opens nor pays, whatever the catalog says.

use std::collections::BTreeSet;

use dripline_shared::catalog::Catalog;
use dripline_shared::game::GameParams;
use serde::Deserialize;

use super::section::{Check, Section};

/// What is stopped.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Emergency {
    /// Ids of levels and of games.
    pub stopped: BTreeSet<String>,
}

impl Section for Emergency {
    const NAME: &'static str = "emergency";
    const LISTS: &'static [&'static str] = &["stopped"];

    fn validate(&self, _: &mut Check<'_>) {}
}

impl Emergency {
    /// The names that are neither a level of this catalog nor a game: a stop with a slip of the pen stops nothing.
    pub(super) fn unknown<'a>(&'a self, catalog: &'a Catalog) -> impl Iterator<Item = &'a str> {
        let is_known = |name: &str| GameParams::GAMES.contains(&name) || catalog.level(name).is_some();
        self.stopped.iter().map(String::as_str).filter(move |name| !is_known(name))
    }
}
