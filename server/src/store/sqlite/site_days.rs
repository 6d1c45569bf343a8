//! What came of sites, day by day.

use rusqlite::Connection;

use crate::store::record::SiteTally;
use crate::store::sqlite::rows::amount;
use crate::store::working::Changes;

/// What came of a site from a day on, the newest day first.
pub(super) fn read(
    connection: &Connection,
    site: &str,
    asset: &str,
    from_day: u64,
) -> rusqlite::Result<Vec<(u64, SiteTally)>> {
    connection
        .prepare_cached(
            "SELECT day, opened, cleared, drips, amount FROM site_days
             WHERE site = ?1 AND asset = ?2 AND day >= ?3 ORDER BY day DESC",
        )?
        .query_map((site, asset, from_day), |row| {
            let (opened, cleared, drips) = (row.get(1)?, row.get(2)?, row.get(3)?);
            Ok((row.get(0)?, SiteTally { opened, cleared, drips, amount: amount(row, 4)? }))
        })?
        .collect()
}

/// Adds what a batch has counted.
pub(super) fn write(main: &Connection, changes: &Changes) -> rusqlite::Result<()> {
    for (key, more) in &changes.site_days {
        main.prepare_cached(
            "INSERT INTO site_days (site, day, asset, opened, cleared, drips, amount) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (site, day, asset) DO UPDATE SET opened = opened + ?4, cleared = cleared + ?5,
             drips = drips + ?6, amount = amount + ?7",
        )?
        .execute((
            &key.site,
            key.day,
            &key.asset,
            more.opened,
            more.cleared,
            more.drips,
            more.amount.units(),
        ))?;
    }
    Ok(())
}
