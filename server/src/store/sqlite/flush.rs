//! Flushing: the changes of a batch, written after its last decision. Nothing here can fail for reasons of the domain.

use dripline_shared::limit::Bucket;
use rusqlite::Connection;

use crate::store::columns::{bucket_columns, bucket_name, moment, write_closing, write_standing};
use crate::store::record::{MoveRecord, PrefixRecord, RoundRecord, WalletRecord};
use crate::store::sqlite::intern::Interner;
use crate::store::sqlite::load::Loaded;
use crate::store::sqlite::{
    delegations, documents, flush_ledger, flush_payouts, read_keys, site_days, vouchers,
};
use crate::store::working::{Changes, WorkingSet};

/// Writes the changes of a batch to the main store.
pub(super) fn flush_main(
    main: &Connection,
    interner: &mut Interner,
    loaded: &mut Loaded,
    changes: &Changes,
) -> rusqlite::Result<()> {
    for wallet in &changes.wallets {
        if let Some(record) = loaded.set.wallet(*wallet) {
            let known = loaded.wallets.get(wallet).copied().flatten();
            let id = write_wallet(main, known, record)?;
            if let Some(moved) = record.moved {
                write_move(main, id, moved)?;
            }
            loaded.wallets.insert(*wallet, Some(id));
        }
    }
    for round in &changes.rounds {
        if let Some(record) = loaded.set.round(*round) {
            let number = write_round(main, interner, loaded, record)?;
            loaded.rounds.insert(*round, Some(number));
        }
    }
    write_progress(main, loaded, changes)?;
    for prefix in &changes.prefixes {
        write_prefix(main, prefix, loaded.set.prefix(prefix))?;
    }
    for name in &changes.buckets {
        write_bucket(main, &bucket_name(name), loaded.set.bucket(name))?;
    }
    write_claims(main, loaded, changes)?;
    flush_payouts::write(main, interner, loaded, changes)?;
    read_keys::write(main, loaded, changes)?;
    delegations::write(main, loaded, changes)?;
    vouchers::write(main, &loaded.set, changes)?;
    site_days::write(main, changes)?;
    documents::write(main, &loaded.set, changes)?;
    flush_ledger::write(main, interner, loaded, changes)
}

/// Writes the segments of a batch.
pub(super) fn flush_segments(
    segments: &Connection,
    set: &WorkingSet,
    changes: &Changes,
) -> rusqlite::Result<()> {
    let mut statement = segments.prepare_cached(
        "INSERT INTO segments (round, number, length, last, hash, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for (round, number) in &changes.segments {
        if let Some(stored) = set.segment(*round, *number) {
            let segment = &stored.segment;
            statement.execute((
                round.0,
                number,
                segment.length,
                stored.last,
                stored.hash.0,
                &segment.bytes,
            ))?;
        }
    }
    Ok(())
}

/// A record that was written before and is not among what was loaded: the batch would not be what it was decided on.
pub(super) fn missing() -> rusqlite::Error {
    rusqlite::Error::QueryReturnedNoRows
}

fn write_wallet(main: &Connection, id: Option<i64>, record: &WalletRecord) -> rusqlite::Result<i64> {
    let moments = [record.attempts, record.drips_state, record.first_drip, record.last_drip];
    let [attempts, drips_state, first_drip, last_drip] = moments.map(|at| at.map(moment));
    let drips = i64::try_from(record.drips).unwrap_or(i64::MAX);
    let open_round = record.open_round.map(|round| round.0);
    let standing = write_standing(record.standing);
    let rest =
        (attempts, drips_state, drips, first_drip, last_drip, record.streak_days, open_round, standing);
    if let Some(id) = id {
        let mut statement = main.prepare_cached(
            "UPDATE wallets SET attempts_ms = ?2, drips_state_ms = ?3, drips = ?4, first_drip_ms = ?5,
             last_drip_ms = ?6, streak_days = ?7, open_round = ?8, standing = ?9 WHERE id = ?1",
        )?;
        statement.execute((id, rest.0, rest.1, rest.2, rest.3, rest.4, rest.5, rest.6, rest.7))?;
        return Ok(id);
    }
    let mut statement = main.prepare_cached(
        "INSERT INTO wallets (key, attempts_ms, drips_state_ms, drips, first_drip_ms, last_drip_ms, streak_days,
         open_round, standing) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    statement.insert((record.wallet.0, rest.0, rest.1, rest.2, rest.3, rest.4, rest.5, rest.6, rest.7))
}

/// Writes where what a key had was moved to: it is said of few.
fn write_move(main: &Connection, id: i64, moved: MoveRecord) -> rusqlite::Result<()> {
    let mut statement = main.prepare_cached(
        "UPDATE wallets SET moved_to = ?2, moved_client = ?3, moved_request = ?4, moved_ms = ?5 WHERE id = ?1",
    )?;
    statement.execute((id, moved.to.0, moved.client_id.0, moved.request.0, moment(moved.at))).map(drop)
}

fn write_round(
    main: &Connection,
    interner: &mut Interner,
    loaded: &Loaded,
    record: &RoundRecord,
) -> rusqlite::Result<i64> {
    let closing = write_closing(record.closing);
    if let Some(number) = loaded.rounds.get(&record.id).copied().flatten() {
        // All else was said when it was opened.
        let mut statement = main.prepare_cached(
            "UPDATE rounds SET stage = ?2, given_back = ?3, verified_ms = ?4, verified_request = ?5 WHERE id = ?1",
        )?;
        let verified = record.verified.map(|verified| moment(verified.at));
        let request = record.verified.and_then(|verified| verified.request).map(|request| request.0);
        statement.execute((number, closing, record.given_back, verified, request))?;
        return Ok(number);
    }
    let wallet = loaded.wallets.get(&record.wallet).copied().flatten().ok_or_else(missing)?;
    // Rounds are opened with levels that this build has.
    let pinned = record.level.pinned().map_err(|_| missing())?;
    let level = interner.level_id(main, pinned)?;
    let campaign = interner.campaign_id(main, &record.campaign)?;
    let origin = interner.origin_id(main, &record.origin)?;
    let mut statement = main.prepare_cached(
        "INSERT INTO rounds (round, wallet, level, campaign, origin, client, request, opened_ms, expires_ms,
         claim_until_ms, rules_version, board, stage, given_back, site, delegate)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
    )?;
    statement.insert((
        record.id.0,
        wallet,
        level,
        campaign,
        origin,
        record.client_id.0,
        record.request.0,
        moment(record.opened_at),
        moment(record.expires_at),
        moment(record.claim_until),
        record.rules_version,
        record.board.map(|seed| seed.0),
        closing,
        record.given_back,
        record.site.as_deref(),
        record.delegate.map(|delegate| delegate.0),
    ))
}

fn write_progress(main: &Connection, loaded: &Loaded, changes: &Changes) -> rusqlite::Result<()> {
    let mut statement = main.prepare_cached(
        "INSERT INTO wallet_levels (wallet, level, best_score, best_stars, clears, clears_that_day, last_clear_ms,
         pays_again_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (wallet, level) DO UPDATE SET best_score = ?3, best_stars = ?4, clears = ?5,
         clears_that_day = ?6, last_clear_ms = ?7, pays_again_ms = ?8",
    )?;
    for (wallet, level) in &changes.progress {
        let id = loaded.wallets.get(wallet).copied().flatten().ok_or_else(missing)?;
        let progress = loaded.set.progress_in(*wallet, level);
        statement.execute((
            id,
            level,
            progress.best_score,
            progress.best_stars,
            progress.clears,
            progress.clears_that_day,
            moment(progress.last_clear_at_ms),
            moment(progress.pays_again_at_ms),
        ))?;
    }
    Ok(())
}

fn write_prefix(main: &Connection, prefix: &str, record: PrefixRecord) -> rusqlite::Result<()> {
    let (level, remainder, at) = bucket_columns(record.outflow);
    let mut statement = main.prepare_cached(
        "INSERT INTO prefixes (prefix, opens_ms, level, remainder, at_ms) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (prefix) DO UPDATE SET opens_ms = ?2, level = ?3, remainder = ?4, at_ms = ?5",
    )?;
    statement.execute((prefix, record.opens.map(moment), level, remainder, at)).map(drop)
}

fn write_bucket(main: &Connection, name: &str, bucket: Bucket) -> rusqlite::Result<()> {
    let (level, remainder, at) = bucket_columns(bucket);
    let mut statement = main.prepare_cached(
        "INSERT INTO buckets (name, level, remainder, at_ms) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (name) DO UPDATE SET level = ?2, remainder = ?3, at_ms = ?4",
    )?;
    statement.execute((name, level, remainder, at)).map(drop)
}

fn write_claims(main: &Connection, loaded: &Loaded, changes: &Changes) -> rusqlite::Result<()> {
    for (round, transcript) in &changes.claims {
        let number = loaded.rounds.get(round).copied().flatten().ok_or_else(missing)?;
        let claim = loaded.set.claim(*round).ok_or_else(missing)?;
        let json = serde_json::to_string(&claim.receipt)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
        main.prepare_cached("INSERT INTO receipts (round, signature, json) VALUES (?1, ?2, ?3)")?
            .execute((number, claim.signature.0, json))?;
        main.prepare_cached("INSERT INTO transcripts (round, play) VALUES (?1, ?2)")?
            .execute((number, transcript))?;
    }
    Ok(())
}
