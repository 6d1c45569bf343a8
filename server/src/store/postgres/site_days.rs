//! What came of sites, day by day. Each server adds to rows of its own slot, so that none waits for another one's commit; where two
//! have none, they wait in the order of the rows, and hold nothing meanwhile that is asked for after them: this is written last.

use crate::store::postgres::failure::Failure;
use crate::store::postgres::flush::all;
use crate::store::postgres::rows::{amount, number};
use crate::store::postgres::session::Session;
use crate::store::record::SiteTally;
use crate::store::working::{Changes, WorkingSet};

/// What came of a site from a day on, the newest day first.
pub(super) fn read(
    session: &mut Session,
    site: &str,
    asset: &str,
    from_day: u64,
) -> Result<Vec<(u64, SiteTally)>, Failure> {
    let from_day = i64::try_from(from_day).unwrap_or(i64::MAX);
    let rows = session.query(
        "SELECT day, sum(opened)::bigint, sum(cleared)::bigint, sum(drips)::bigint, sum(amount)::bigint FROM site_days
         WHERE site = $1 AND asset = $2 AND day >= $3 GROUP BY day ORDER BY day DESC",
        &[&site, &asset, &from_day],
    )?;
    let day = |row: &postgres::Row| {
        let (opened, cleared, drips) = (number(row, 1)?, number(row, 2)?, number(row, 3)?);
        Ok((number(row, 0)?, SiteTally { opened, cleared, drips, amount: amount(row, 4)? }))
    };
    rows.iter().map(day).collect()
}

/// Adds what a batch has counted.
pub(super) fn write(session: &mut Session, set: &WorkingSet, changes: &Changes) -> Result<(), Failure> {
    let days = &changes.site_days;
    if days.is_empty() {
        return Ok(());
    }
    let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let slot = set.own_slot().map_or(-1, i64::from);
    let sites: Vec<&str> = days.keys().map(|key| &*key.site).collect();
    let numbers: Vec<i64> = days.keys().map(|key| count(key.day)).collect();
    let assets: Vec<&str> = days.keys().map(|key| &*key.asset).collect();
    let opened: Vec<i64> = days.values().map(|tally| count(tally.opened)).collect();
    let cleared: Vec<i64> = days.values().map(|tally| count(tally.cleared)).collect();
    let drips: Vec<i64> = days.values().map(|tally| count(tally.drips)).collect();
    let amounts: Vec<i64> = days.values().map(|tally| tally.amount.units()).collect();
    let written = session.execute(
        "INSERT INTO site_days (site, day, asset, slot, opened, cleared, drips, amount)
         SELECT new.site, new.day, new.asset, $8, new.opened, new.cleared, new.drips, new.amount
         FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])
             AS new (site, day, asset, opened, cleared, drips, amount)
         ORDER BY new.site COLLATE \"C\", new.day, new.asset COLLATE \"C\"
         ON CONFLICT (site, day, asset, slot) DO UPDATE SET opened = site_days.opened + excluded.opened,
             cleared = site_days.cleared + excluded.cleared, drips = site_days.drips + excluded.drips,
             amount = site_days.amount + excluded.amount",
        &[&sites, &numbers, &assets, &opened, &cleared, &drips, &amounts, &slot],
    )?;
    all(written, days.len())
}
