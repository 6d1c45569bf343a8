//! Flushing: the changes of a batch, written after its last decision. Nothing here can fail for reasons of the domain.
//!
//! Rows that were there are locked and updated; rows that were not are inserted, and where another server was faster with
//! one, its key is taken and the batch is decided anew. Insertions wait for each other only, table by table in the
//! order of this module and in each in the order of the key, so not in a circle. A table takes one round trip, however
//! many rows change.

use std::collections::BTreeSet;
use std::sync::Arc;

use dripline_shared::round::RoundId;
use dripline_shared::wallet::Wallet;

use crate::store::columns::{bucket_columns, bucket_name, moment, write_closing, write_standing};
use crate::store::postgres::failure::Failure;
use crate::store::postgres::intern::Names;
use crate::store::postgres::load::Loaded;
use crate::store::postgres::rows::{bytes, number};
use crate::store::postgres::session::Session;
use crate::store::postgres::{
    delegations, documents, flush_ledger, flush_payouts, read_keys, site_days, vouchers,
};
use crate::store::record::{RoundRecord, WalletRecord};
use crate::store::working::{Changes, WorkingSet};

/// Writes the changes of a batch.
pub(super) fn flush(
    session: &mut Session,
    names: &mut Names,
    loaded: &mut Loaded,
    changes: &Changes,
) -> Result<(), Failure> {
    write_segments(session, &loaded.set, changes)?;
    if changes.only_segments() {
        return Ok(());
    }
    write_wallets(session, loaded, changes)?;
    write_moves(session, loaded, changes)?;
    write_rounds(session, names, loaded, changes)?;
    write_progress(session, loaded, changes)?;
    write_prefixes(session, loaded, changes)?;
    write_slots(session, loaded, changes)?;
    write_buckets(session, loaded, changes)?;
    write_claims(session, loaded, changes)?;
    flush_payouts::write(session, names, loaded, changes)?;
    read_keys::write(session, loaded, changes)?;
    delegations::write(session, loaded, changes)?;
    vouchers::write(session, &loaded.set, changes)?;
    documents::write(session, &loaded.set, changes)?;
    flush_ledger::write(session, loaded, changes)?;
    site_days::write(session, &loaded.set, changes)
}

/// The row id of a wallet that is locked, or was inserted by this batch.
pub(super) fn wallet_id(loaded: &Loaded, wallet: &Wallet) -> Result<i64, Failure> {
    loaded.wallets.get(wallet).copied().ok_or(Failure::Missing)
}

/// That as many rows were written as there were to write.
pub(super) fn all(written: u64, expected: usize) -> Result<(), Failure> {
    if usize::try_from(written).is_ok_and(|written| written == expected) {
        Ok(())
    } else {
        Err(Failure::Missing)
    }
}

fn write_segments(session: &mut Session, set: &WorkingSet, changes: &Changes) -> Result<(), Failure> {
    let mut keys: Vec<(RoundId, u32)> = changes.segments.clone();
    keys.sort_unstable();
    let stored = |(round, number): &(RoundId, u32)| set.segment(*round, *number).ok_or(Failure::Missing);
    let stored = keys.iter().map(stored).collect::<Result<Vec<_>, _>>()?;
    if stored.is_empty() {
        return Ok(());
    }
    let rounds: Vec<&[u8]> = keys.iter().map(|(round, _)| &round.0[..]).collect();
    let numbers: Vec<i64> = stored.iter().map(|segment| segment.number.into()).collect();
    let lengths: Vec<i64> = stored.iter().map(|segment| segment.segment.length.into()).collect();
    let last: Vec<bool> = stored.iter().map(|segment| segment.last).collect();
    let hashes: Vec<&[u8]> = stored.iter().map(|segment| &segment.hash.0[..]).collect();
    let bytes: Vec<&[u8]> = stored.iter().map(|segment| &segment.segment.bytes[..]).collect();
    let written = session.execute(
        "INSERT INTO segments (round, number, length, last, hash, bytes)
         SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::bigint[], $4::boolean[], $5::bytea[], $6::bytea[])",
        &[&rounds, &numbers, &lengths, &last, &hashes, &bytes],
    )?;
    all(written, stored.len())
}

/// Writes where what keys had was moved to: it is said of few.
fn write_moves(session: &mut Session, loaded: &Loaded, changes: &Changes) -> Result<(), Failure> {
    for wallet in &changes.wallets {
        let Some(moved) = loaded.set.wallet(*wallet).and_then(|record| record.moved) else { continue };
        let id = wallet_id(loaded, wallet)?;
        let (to, client, request) = (&moved.to.0[..], &moved.client_id.0[..], &moved.request.0[..]);
        session.execute(
            "UPDATE wallets SET moved_to = $2, moved_client = $3, moved_request = $4, moved_ms = $5 WHERE id = $1",
            &[&id, &to, &client, &request, &moment(moved.at)],
        )?;
    }
    Ok(())
}

fn write_wallets(session: &mut Session, loaded: &mut Loaded, changes: &Changes) -> Result<(), Failure> {
    let records = changes.wallets.iter().filter_map(|wallet| loaded.set.wallet(*wallet));
    let (known, new): (Vec<&WalletRecord>, Vec<&WalletRecord>) =
        records.partition(|record| loaded.wallets.contains_key(&record.wallet));
    if !known.is_empty() {
        let ids: Vec<i64> = known.iter().map(|it| wallet_id(loaded, &it.wallet)).collect::<Result<_, _>>()?;
        let rest = WalletColumns::of(&known);
        let written = session.execute(
            "UPDATE wallets SET attempts_ms = new.attempts, drips_state_ms = new.drips_state, drips = new.drips,
             first_drip_ms = new.first_drip, last_drip_ms = new.last_drip, streak_days = new.streak_days,
             open_round = new.open_round, standing = new.standing
             FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
                 $7::bigint[], $8::bytea[], $9::bigint[])
                 AS new (id, attempts, drips_state, drips, first_drip, last_drip, streak_days, open_round,
                     standing)
             WHERE wallets.id = new.id",
            &[
                &ids,
                &rest.attempts,
                &rest.drips_state,
                &rest.drips,
                &rest.first_drip,
                &rest.last_drip,
                &rest.streak_days,
                &rest.open_round,
                &rest.standing,
            ],
        )?;
        all(written, known.len())?;
    }
    if new.is_empty() {
        return Ok(());
    }
    let keys: Vec<&[u8]> = new.iter().map(|record| &record.wallet.0[..]).collect();
    let rest = WalletColumns::of(&new);
    let rows = session.query(
        "INSERT INTO wallets (key, attempts_ms, drips_state_ms, drips, first_drip_ms, last_drip_ms, streak_days,
         open_round, standing)
         SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
             $7::bigint[], $8::bytea[], $9::bigint[])
         RETURNING id, key",
        &[
            &keys,
            &rest.attempts,
            &rest.drips_state,
            &rest.drips,
            &rest.first_drip,
            &rest.last_drip,
            &rest.streak_days,
            &rest.open_round,
            &rest.standing,
        ],
    )?;
    for row in &rows {
        loaded.wallets.insert(Wallet(bytes(row, 1)?), number(row, 0)?);
    }
    Ok(())
}

/// The columns of wallets besides their keys.
struct WalletColumns<'a> {
    attempts: Vec<Option<i64>>,
    drips_state: Vec<Option<i64>>,
    drips: Vec<i64>,
    first_drip: Vec<Option<i64>>,
    last_drip: Vec<Option<i64>>,
    streak_days: Vec<i64>,
    open_round: Vec<Option<&'a [u8]>>,
    standing: Vec<i64>,
}

impl<'a> WalletColumns<'a> {
    fn of(records: &[&'a WalletRecord]) -> Self {
        let each = records.iter();
        Self {
            attempts: each.clone().map(|record| record.attempts.map(moment)).collect(),
            drips_state: each.clone().map(|record| record.drips_state.map(moment)).collect(),
            drips: each.clone().map(|record| i64::try_from(record.drips).unwrap_or(i64::MAX)).collect(),
            first_drip: each.clone().map(|record| record.first_drip.map(moment)).collect(),
            last_drip: each.clone().map(|record| record.last_drip.map(moment)).collect(),
            streak_days: each.clone().map(|record| record.streak_days.into()).collect(),
            open_round: each
                .clone()
                .map(|record| record.open_round.as_ref().map(|round| &round.0[..]))
                .collect(),
            standing: each.map(|record| write_standing(record.standing)).collect(),
        }
    }
}

fn write_rounds(
    session: &mut Session,
    names: &mut Names,
    loaded: &mut Loaded,
    changes: &Changes,
) -> Result<(), Failure> {
    let records = changes.rounds.iter().filter_map(|round| loaded.set.round(*round));
    let (known, new): (Vec<&RoundRecord>, Vec<&RoundRecord>) =
        records.partition(|record| loaded.rounds.contains_key(&record.id));
    if !known.is_empty() {
        // All else was said when they were opened.
        let ids: Vec<i64> =
            known.iter().filter_map(|record| loaded.rounds.get(&record.id).copied()).collect();
        let stages: Vec<i64> = known.iter().map(|record| write_closing(record.closing)).collect();
        let given_back: Vec<bool> = known.iter().map(|record| record.given_back).collect();
        let verified: Vec<Option<i64>> = known.iter().map(|it| it.verified.map(|it| moment(it.at))).collect();
        let requests: Vec<Option<&[u8]>> = known
            .iter()
            .map(|it| it.verified.as_ref().and_then(|it| it.request.as_ref()).map(|request| &request.0[..]))
            .collect();
        let written = session.execute(
            "UPDATE rounds SET stage = new.stage, given_back = new.given_back, verified_ms = new.verified,
             verified_request = new.request
             FROM unnest($1::bigint[], $2::bigint[], $3::boolean[], $4::bigint[], $5::bytea[])
                 AS new (id, stage, given_back, verified, request)
             WHERE rounds.id = new.id",
            &[&ids, &stages, &given_back, &verified, &requests],
        )?;
        all(written, known.len())?;
    }
    if new.is_empty() {
        return Ok(());
    }
    let origins: BTreeSet<&Arc<str>> = new.iter().map(|record| &record.origin).collect();
    names.origins(session, &origins)?;
    let inserted = insert_rounds(session, loaded, &new)?;
    loaded.rounds.extend(inserted);
    Ok(())
}

fn insert_rounds(
    session: &mut Session,
    loaded: &Loaded,
    new: &[&RoundRecord],
) -> Result<Vec<(RoundId, i64)>, Failure> {
    let each = new.iter();
    let wallets: Vec<i64> = each.clone().map(|it| wallet_id(loaded, &it.wallet)).collect::<Result<_, _>>()?;
    // Rounds are opened with levels that this build has.
    let levels: Vec<_> =
        each.clone().map(|it| it.level.pinned().map_err(|_| Failure::Missing)).collect::<Result<_, _>>()?;
    let level_hashes: Vec<&[u8]> = levels.iter().map(|level| &level.hash.0[..]).collect();
    let catalogs: Vec<&[u8]> = levels.iter().map(|level| &level.catalog.0[..]).collect();
    let rounds: Vec<&[u8]> = each.clone().map(|record| &record.id.0[..]).collect();
    let campaigns: Vec<&str> = each.clone().map(|record| &*record.campaign).collect();
    let origins: Vec<&str> = each.clone().map(|record| &*record.origin).collect();
    let clients: Vec<&[u8]> = each.clone().map(|record| &record.client_id.0[..]).collect();
    let requests: Vec<&[u8]> = each.clone().map(|record| &record.request.0[..]).collect();
    let opened: Vec<i64> = each.clone().map(|record| moment(record.opened_at)).collect();
    let expires: Vec<i64> = each.clone().map(|record| moment(record.expires_at)).collect();
    let claim_until: Vec<i64> = each.clone().map(|record| moment(record.claim_until)).collect();
    let rules: Vec<i64> = each.clone().map(|record| record.rules_version.into()).collect();
    let boards: Vec<Option<&[u8]>> =
        each.clone().map(|record| record.board.as_ref().map(|seed| &seed.0[..])).collect();
    let stages: Vec<i64> = each.clone().map(|record| write_closing(record.closing)).collect();
    let given_back: Vec<bool> = each.clone().map(|record| record.given_back).collect();
    let sites: Vec<Option<&str>> = each.clone().map(|record| record.site.as_deref()).collect();
    let delegates: Vec<Option<&[u8]>> =
        each.map(|record| record.delegate.as_ref().map(|delegate| &delegate.0[..])).collect();
    let rows = session.query(
        "INSERT INTO rounds (round, wallet, level, campaign, origin, client, request, opened_ms, expires_ms,
         claim_until_ms, rules_version, board, stage, given_back, site, delegate)
         SELECT new.round, new.wallet, l.id, c.id, o.id, new.client, new.request, new.opened, new.expires,
             new.claim_until, new.rules_version, new.board, new.stage, new.given_back, new.site, new.delegate
         FROM unnest($1::bytea[], $2::bigint[], $3::bytea[], $4::bytea[], $5::text[], $6::text[], $7::bytea[],
             $8::bytea[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bytea[], $14::bigint[],
             $15::boolean[], $16::text[], $17::bytea[])
             AS new (round, wallet, level, catalog, campaign, origin, client, request, opened, expires,
                 claim_until, rules_version, board, stage, given_back, site, delegate)
         JOIN catalogs v ON v.version = new.catalog JOIN levels l ON l.hash = new.level AND l.catalog = v.id
         JOIN campaigns c ON c.name = new.campaign JOIN origins o ON o.origin = new.origin
         ORDER BY new.round
         RETURNING id, round",
        &[
            &rounds,
            &wallets,
            &level_hashes,
            &catalogs,
            &campaigns,
            &origins,
            &clients,
            &requests,
            &opened,
            &expires,
            &claim_until,
            &rules,
            &boards,
            &stages,
            &given_back,
            &sites,
            &delegates,
        ],
    )?;
    let inserted = rows.iter().map(|row| Ok((RoundId(bytes(row, 1)?), number(row, 0)?)));
    let inserted = inserted.collect::<Result<Vec<_>, Failure>>()?;
    if inserted.len() == new.len() { Ok(inserted) } else { Err(Failure::Missing) }
}

fn write_progress(session: &mut Session, loaded: &Loaded, changes: &Changes) -> Result<(), Failure> {
    if changes.progress.is_empty() {
        return Ok(());
    }
    let each = changes.progress.iter();
    let wallets: Vec<i64> =
        each.clone().map(|(wallet, _)| wallet_id(loaded, wallet)).collect::<Result<_, _>>()?;
    let levels: Vec<&str> = each.clone().map(|(_, level)| level.as_str()).collect();
    let reached: Vec<_> = each.map(|(wallet, level)| loaded.set.progress_in(*wallet, level)).collect();
    let scores: Vec<i64> = reached.iter().map(|it| it.best_score.into()).collect();
    let stars: Vec<i64> = reached.iter().map(|it| it.best_stars.into()).collect();
    let clears: Vec<i64> = reached.iter().map(|it| it.clears.into()).collect();
    let that_day: Vec<i64> = reached.iter().map(|it| it.clears_that_day.into()).collect();
    let last: Vec<i64> = reached.iter().map(|it| moment(it.last_clear_at_ms)).collect();
    let pays_again: Vec<i64> = reached.iter().map(|it| moment(it.pays_again_at_ms)).collect();
    // Nobody else writes them: their wallets are locked.
    session.execute(
        "INSERT INTO wallet_levels (wallet, level, best_score, best_stars, clears, clears_that_day, last_clear_ms,
         pays_again_ms)
         SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
             $7::bigint[], $8::bigint[])
         ON CONFLICT (wallet, level) DO UPDATE SET best_score = excluded.best_score,
         best_stars = excluded.best_stars, clears = excluded.clears, clears_that_day = excluded.clears_that_day,
         last_clear_ms = excluded.last_clear_ms, pays_again_ms = excluded.pays_again_ms",
        &[&wallets, &levels, &scores, &stars, &clears, &that_day, &last, &pays_again],
    )?;
    Ok(())
}

fn write_prefixes(session: &mut Session, loaded: &Loaded, changes: &Changes) -> Result<(), Failure> {
    if changes.prefixes.is_empty() {
        return Ok(());
    }
    let prefixes: Vec<&str> = changes.prefixes.iter().map(String::as_str).collect();
    let known: Vec<bool> = prefixes.iter().map(|prefix| loaded.prefixes.contains(*prefix)).collect();
    let records: Vec<_> = prefixes.iter().map(|prefix| loaded.set.prefix(prefix)).collect();
    let opens: Vec<Option<i64>> = records.iter().map(|record| record.opens.map(moment)).collect();
    let buckets: Vec<_> = records.iter().map(|record| bucket_columns(record.outflow)).collect();
    let levels: Vec<i64> = buckets.iter().map(|bucket| bucket.0).collect();
    let remainders: Vec<i64> = buckets.iter().map(|bucket| bucket.1).collect();
    let moments: Vec<i64> = buckets.iter().map(|bucket| bucket.2).collect();
    let row = session.query_one(
        "WITH new AS (
             SELECT * FROM unnest($1::text[], $2::boolean[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
                 AS new (prefix, is_known, opens_ms, level, remainder, at_ms)
         ), updated AS (
             UPDATE prefixes SET opens_ms = new.opens_ms, level = new.level, remainder = new.remainder,
                 at_ms = new.at_ms
             FROM new WHERE new.is_known AND prefixes.prefix = new.prefix RETURNING 1
         ), inserted AS (
             INSERT INTO prefixes (prefix, opens_ms, level, remainder, at_ms)
             SELECT prefix, opens_ms, level, remainder, at_ms FROM new WHERE NOT is_known RETURNING 1
         )
         SELECT (SELECT count(*) FROM updated) + (SELECT count(*) FROM inserted)",
        &[&prefixes, &known, &opens, &levels, &remainders, &moments],
    )?;
    all(number(&row.ok_or(Failure::Missing)?, 0)?, prefixes.len())
}

/// Writes slots. They are this server's own, or it has everything to itself.
fn write_slots(session: &mut Session, loaded: &Loaded, changes: &Changes) -> Result<(), Failure> {
    if changes.slots.is_empty() {
        return Ok(());
    }
    let records = changes.slots.iter().map(|number| loaded.set.slot(*number).ok_or(Failure::Missing));
    let records = records.collect::<Result<Vec<_>, _>>()?;
    let numbers: Vec<i64> = records.iter().map(|record| record.number.into()).collect();
    let servers: Vec<&[u8]> = records.iter().map(|record| &record.server.0[..]).collect();
    let seen: Vec<i64> = records.iter().map(|record| moment(record.seen)).collect();
    let parts: Vec<i64> = records.iter().map(|record| record.parts.into()).collect();
    let written = session.execute(
        "INSERT INTO slots (number, server, seen_ms, parts)
         SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bigint[], $4::bigint[])
         ON CONFLICT (number) DO UPDATE SET server = excluded.server, seen_ms = excluded.seen_ms,
             parts = excluded.parts",
        &[&numbers, &servers, &seen, &parts],
    )?;
    all(written, records.len())
}

fn write_buckets(session: &mut Session, loaded: &Loaded, changes: &Changes) -> Result<(), Failure> {
    if changes.buckets.is_empty() {
        return Ok(());
    }
    let mut buckets: Vec<_> = changes.buckets.iter().map(|bucket| (bucket_name(bucket), bucket)).collect();
    buckets.sort_unstable();
    let names: Vec<&str> = buckets.iter().map(|(name, _)| name.as_str()).collect();
    let known: Vec<bool> = buckets.iter().map(|(_, bucket)| loaded.buckets.contains(*bucket)).collect();
    let columns: Vec<_> =
        buckets.iter().map(|(_, bucket)| bucket_columns(loaded.set.bucket(bucket))).collect();
    let levels: Vec<i64> = columns.iter().map(|bucket| bucket.0).collect();
    let remainders: Vec<i64> = columns.iter().map(|bucket| bucket.1).collect();
    let moments: Vec<i64> = columns.iter().map(|bucket| bucket.2).collect();
    let row = session.query_one(
        "WITH new AS (
             SELECT * FROM unnest($1::text[], $2::boolean[], $3::bigint[], $4::bigint[], $5::bigint[])
                 AS new (name, is_known, level, remainder, at_ms)
         ), updated AS (
             UPDATE buckets SET level = new.level, remainder = new.remainder, at_ms = new.at_ms
             FROM new WHERE new.is_known AND buckets.name = new.name RETURNING 1
         ), inserted AS (
             INSERT INTO buckets (name, level, remainder, at_ms)
             SELECT name, level, remainder, at_ms FROM new WHERE NOT is_known RETURNING 1
         )
         SELECT (SELECT count(*) FROM updated) + (SELECT count(*) FROM inserted)",
        &[&names, &known, &levels, &remainders, &moments],
    )?;
    all(number(&row.ok_or(Failure::Missing)?, 0)?, names.len())
}

fn write_claims(session: &mut Session, loaded: &Loaded, changes: &Changes) -> Result<(), Failure> {
    if changes.claims.is_empty() {
        return Ok(());
    }
    let (mut ids, mut signatures, mut receipts, mut plays) = (vec![], vec![], vec![], vec![]);
    for (round, transcript) in &changes.claims {
        let claim = loaded.set.claim(*round).ok_or(Failure::Missing)?;
        ids.push(loaded.rounds.get(round).copied().ok_or(Failure::Missing)?);
        signatures.push(&claim.signature.0[..]);
        receipts.push(serde_json::to_string(&claim.receipt).map_err(|_| Failure::Column("receipt"))?);
        plays.push(&transcript[..]);
    }
    session.execute(
        "WITH new AS (
             SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::text[], $4::bytea[])
                 AS new (round, signature, json, play)
         ), played AS (
             INSERT INTO transcripts (round, play) SELECT round, play FROM new
         )
         INSERT INTO receipts (round, signature, json) SELECT round, signature, json FROM new",
        &[&ids, &signatures, &receipts, &plays],
    )?;
    Ok(())
}
