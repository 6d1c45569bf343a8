//! Interning: what is named by a row id in many rows and rarely new.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use dripline_shared::round::Hash;

use crate::store::columns::level;
use crate::store::postgres::failure::Failure;
use crate::store::postgres::rows::{bytes, number};
use crate::store::postgres::session::Session;
use crate::store::record::RoundLevel;

/// Levels by their row ids, each read once: parsing them is what costs. All other names come and go by joins.
#[derive(Debug, Default)]
pub(super) struct Levels(HashMap<i64, RoundLevel>);

impl Levels {
    /// Reads those of these row ids that were not read before.
    pub(super) fn read(&mut self, session: &mut Session, ids: &[i64]) -> Result<(), Failure> {
        let new: Vec<i64> = ids.iter().copied().filter(|id| !self.0.contains_key(id)).collect();
        if new.is_empty() {
            return Ok(());
        }
        let rows = session.query(
            "SELECT l.id, l.json, l.hash, c.json, c.version FROM levels l JOIN catalogs c ON c.id = l.catalog
             WHERE l.id = ANY($1)",
            &[&new],
        )?;
        for row in &rows {
            let level = level(row.try_get(1)?, Hash(bytes(row, 2)?), row.try_get(3)?, Hash(bytes(row, 4)?));
            self.0.insert(number(row, 0)?, level);
        }
        Ok(())
    }

    /// A level that was read.
    pub(super) fn level(&self, id: i64) -> Result<RoundLevel, Failure> {
        self.0.get(&id).cloned().ok_or(Failure::Missing)
    }
}

/// Names that are known to have a row.
#[derive(Debug, Default)]
pub(super) struct Names {
    origins: HashSet<Arc<str>>,
    rails: HashSet<Arc<str>>,
}

impl Names {
    /// Gives each of these origins a row, new or not.
    pub(super) fn origins(
        &mut self,
        session: &mut Session,
        names: &BTreeSet<&Arc<str>>,
    ) -> Result<(), Failure> {
        let sql = "INSERT INTO origins (origin) SELECT * FROM unnest($1::text[]) ON CONFLICT DO NOTHING";
        add(session, sql, &mut self.origins, names)
    }

    /// Gives each of these rails a row, new or not.
    pub(super) fn rails(
        &mut self,
        session: &mut Session,
        names: &BTreeSet<&Arc<str>>,
    ) -> Result<(), Failure> {
        let sql = "INSERT INTO rails (name) SELECT * FROM unnest($1::text[]) ON CONFLICT DO NOTHING";
        add(session, sql, &mut self.rails, names)
    }

    /// Forgets what a rolled back transaction may have made.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }
}

fn add(
    session: &mut Session,
    insert: &'static str,
    known: &mut HashSet<Arc<str>>,
    names: &BTreeSet<&Arc<str>>,
) -> Result<(), Failure> {
    let new: Vec<&str> = names.iter().filter(|name| !known.contains(**name)).map(|name| &***name).collect();
    if !new.is_empty() {
        session.execute(insert, &[&new])?;
        known.extend(names.iter().map(|name| Arc::clone(name)));
    }
    Ok(())
}
