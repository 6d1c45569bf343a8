//! Interning: what is named by a row id in many rows and rarely new.

use std::collections::HashMap;
use std::sync::Arc;

use dripline_shared::round::Hash;
use rusqlite::{Connection, OptionalExtension};

use crate::store::columns::level;
use crate::store::record::{PinnedLevel, RoundLevel};

/// Each is read once.
#[derive(Debug, Default)]
pub(super) struct Interner {
    levels: HashMap<i64, RoundLevel>,
    level_ids: HashMap<(Hash, Hash), i64>,
    origins: HashMap<i64, Arc<str>>,
    origin_ids: HashMap<Arc<str>, i64>,
    campaigns: Names,
    assets: Names,
    rails: Names,
}

impl Interner {
    /// A level by its row id.
    pub(super) fn level(&mut self, connection: &Connection, id: i64) -> rusqlite::Result<RoundLevel> {
        if let Some(level) = self.levels.get(&id) {
            return Ok(level.clone());
        }
        let mut statement = connection.prepare_cached(
            "SELECT l.json, l.hash, c.json, c.version FROM levels l JOIN catalogs c ON c.id = l.catalog WHERE l.id = ?1",
        )?;
        let level = statement.query_row([id], |row| {
            let (json, catalog) = (row.get_ref(0)?.as_str()?, row.get_ref(2)?.as_str()?);
            Ok(level(json, Hash(row.get(1)?), catalog, Hash(row.get(3)?)))
        })?;
        self.levels.insert(id, level.clone());
        Ok(level)
    }

    /// The row id of a level, which its catalog brought when it was adopted.
    pub(super) fn level_id(&mut self, connection: &Connection, level: &PinnedLevel) -> rusqlite::Result<i64> {
        if let Some(id) = self.level_ids.get(&(level.hash, level.catalog)) {
            return Ok(*id);
        }
        let mut statement = connection.prepare_cached(
            "SELECT l.id FROM levels l JOIN catalogs c ON c.id = l.catalog WHERE l.hash = ?1 AND c.version = ?2",
        )?;
        let id = statement.query_row((level.hash.0, level.catalog.0), |row| row.get(0))?;
        self.level_ids.insert((level.hash, level.catalog), id);
        Ok(id)
    }

    /// An origin by its row id.
    pub(super) fn origin(&mut self, connection: &Connection, id: i64) -> rusqlite::Result<Arc<str>> {
        if let Some(origin) = self.origins.get(&id) {
            return Ok(Arc::clone(origin));
        }
        let mut statement = connection.prepare_cached("SELECT origin FROM origins WHERE id = ?1")?;
        let origin: Arc<str> = statement.query_row([id], |row| row.get(0))?;
        self.origins.insert(id, Arc::clone(&origin));
        Ok(origin)
    }

    /// The row id of an origin, new or not.
    pub(super) fn origin_id(&mut self, connection: &Connection, origin: &Arc<str>) -> rusqlite::Result<i64> {
        if let Some(id) = self.origin_ids.get(origin) {
            return Ok(*id);
        }
        connection
            .prepare_cached("INSERT INTO origins (origin) VALUES (?1) ON CONFLICT DO NOTHING")?
            .execute([origin])?;
        let id = connection
            .prepare_cached("SELECT id FROM origins WHERE origin = ?1")?
            .query_row([origin], |row| row.get(0))?;
        self.origin_ids.insert(Arc::clone(origin), id);
        Ok(id)
    }

    /// Forgets the row ids that a rolled back transaction may have made.
    pub(super) fn forget_ids(&mut self) {
        self.origin_ids.clear();
        self.level_ids.clear();
        self.rails.forget();
    }

    /// A campaign's id by its row id.
    pub(super) fn campaign(&mut self, connection: &Connection, id: i64) -> rusqlite::Result<Arc<str>> {
        self.campaigns.name(connection, CAMPAIGNS, id)
    }

    /// The row id of a campaign, which its catalog brought when it was adopted.
    pub(super) fn campaign_id(&mut self, connection: &Connection, name: &Arc<str>) -> rusqlite::Result<i64> {
        self.campaigns.id(connection, CAMPAIGNS, name)
    }

    /// An asset's code by its row id.
    pub(super) fn asset(&mut self, connection: &Connection, id: i64) -> rusqlite::Result<Arc<str>> {
        self.assets.name(connection, ASSETS, id)
    }

    /// The row id of an asset, which a catalog brought when it was adopted.
    pub(super) fn asset_id(&mut self, connection: &Connection, code: &Arc<str>) -> rusqlite::Result<i64> {
        self.assets.id(connection, ASSETS, code)
    }

    /// A rail's id by its row id.
    pub(super) fn rail(&mut self, connection: &Connection, id: i64) -> rusqlite::Result<Arc<str>> {
        self.rails.name(connection, RAILS, id)
    }

    /// The row id of a rail; none where nothing of it was ever stored.
    pub(super) fn known_rail(
        &mut self,
        connection: &Connection,
        name: &Arc<str>,
    ) -> rusqlite::Result<Option<i64>> {
        self.rails.id(connection, RAILS, name).optional()
    }

    /// The row id of a rail, new or not.
    pub(super) fn rail_id(&mut self, connection: &Connection, name: &Arc<str>) -> rusqlite::Result<i64> {
        if let Some(id) = self.known_rail(connection, name)? {
            return Ok(id);
        }
        connection.prepare_cached("INSERT INTO rails (name) VALUES (?1)")?.execute([name])?;
        self.rails.id(connection, RAILS, name)
    }
}

/// The questions about a table of names: by row id, and by name.
type Questions = [&'static str; 2];

const CAMPAIGNS: Questions =
    ["SELECT name FROM campaigns WHERE id = ?1", "SELECT id FROM campaigns WHERE name = ?1"];
const ASSETS: Questions = ["SELECT code FROM assets WHERE id = ?1", "SELECT id FROM assets WHERE code = ?1"];
const RAILS: Questions = ["SELECT name FROM rails WHERE id = ?1", "SELECT id FROM rails WHERE name = ?1"];

/// Names by their row ids, and the other way round, as far as they were asked for.
#[derive(Debug, Default)]
struct Names {
    names: HashMap<i64, Arc<str>>,
    ids: HashMap<Arc<str>, i64>,
}

impl Names {
    fn name(
        &mut self,
        connection: &Connection,
        [by_id, _]: Questions,
        id: i64,
    ) -> rusqlite::Result<Arc<str>> {
        if let Some(name) = self.names.get(&id) {
            return Ok(Arc::clone(name));
        }
        let name: Arc<str> = connection.prepare_cached(by_id)?.query_row([id], |row| row.get(0))?;
        self.names.insert(id, Arc::clone(&name));
        Ok(name)
    }

    fn id(
        &mut self,
        connection: &Connection,
        [_, by_name]: Questions,
        name: &Arc<str>,
    ) -> rusqlite::Result<i64> {
        if let Some(id) = self.ids.get(name) {
            return Ok(*id);
        }
        let id = connection.prepare_cached(by_name)?.query_row([name], |row| row.get(0))?;
        self.ids.insert(Arc::clone(name), id);
        Ok(id)
    }

    fn forget(&mut self) {
        self.names.clear();
        self.ids.clear();
    }
}
