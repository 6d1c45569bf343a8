//! `dripline payouts list`: every withdrawal that waits, for its turn or for an operator, and every batch under way, to be compared with a chain.

use std::collections::BTreeMap;

use dripline_shared::amount::Asset;
use dripline_shared::payout::WithdrawalId;
use serde_json::{Value, json};

use super::rails;
use crate::cli::Failure;
use crate::cli::output::say;
use crate::cli::store::StoreSources;
use crate::store::record::{BatchFacts, Candidate, WithdrawalRecord};
use crate::store::{BoxedReader, RailRecord, StorageError};

/// How many withdrawals are read at once.
const PAGE: usize = 1_000;

/// What is printed of a rail.
struct Listed {
    rail: String,
    record: Option<RailRecord>,
    batches: Vec<BatchFacts>,
}

/// Prints it, of one rail or of all to which anything has happened.
pub(super) fn run(rail: Option<&str>, as_json: bool, store: &StoreSources) -> Result<(), Failure> {
    let (config, place) = store.load()?;
    let mut reader = place.reader()?;
    let listed = match rail {
        Some(rail) => {
            rails::known(rail, &config, &mut reader)?;
            vec![rail.to_owned()]
        }
        None => rails::all(&config, &mut reader)?.into_iter().collect(),
    };
    let cannot = |error: StorageError| Failure::impossible(place.name(), error);
    let assets = reader.assets().map_err(cannot)?;
    let assets: BTreeMap<String, Asset> =
        assets.into_iter().map(|asset| (asset.code.clone(), asset)).collect();
    let mut records: BTreeMap<String, RailRecord> =
        reader.rails().map_err(cannot)?.into_iter().map(|record| (record.id.to_string(), record)).collect();
    let mut documents = Vec::new();
    for rail in listed {
        let (record, batches) = (records.remove(&rail), reader.batches(&rail).map_err(cannot)?);
        let listed = Listed { rail, record, batches };
        if as_json {
            documents.push(document(&listed, &mut reader, &assets).map_err(cannot)?);
        } else {
            print(&listed, &mut reader, &assets, cannot)?;
        }
    }
    if as_json {
        say(format_args!("{:#}", json!({ "rails": documents })))?;
    }
    Ok(())
}

/// Every withdrawal that waits for a rail, a page at a time: those that wait longest first.
fn each_waiting<E>(
    reader: &mut BoxedReader,
    rail: &str,
    cannot: impl Fn(StorageError) -> E,
    mut each: impl FnMut(&WithdrawalRecord) -> Result<(), E>,
) -> Result<(), E> {
    let mut after: Option<WithdrawalId> = None;
    loop {
        let page = reader.waiting(rail, after, PAGE).map_err(&cannot)?;
        page.iter().try_for_each(&mut each)?;
        match page.last() {
            Some(last) => after = Some(last.id),
            None => return Ok(()),
        }
    }
}

/// Every withdrawal of a rail that waits for an operator, a page at a time: those that wait longest first.
fn each_of_operators<E>(
    reader: &mut BoxedReader,
    rail: &str,
    cannot: impl Fn(StorageError) -> E,
    mut each: impl FnMut(&WithdrawalRecord) -> Result<(), E>,
) -> Result<(), E> {
    let mut after: Option<WithdrawalId> = None;
    loop {
        let page = reader.of_operators(after, PAGE).map_err(&cannot)?;
        page.iter().filter(|record| &*record.rail == rail).try_for_each(&mut each)?;
        match page.last() {
            Some(last) => after = Some(last.id),
            None => return Ok(()),
        }
    }
}

fn print(
    listed: &Listed,
    reader: &mut BoxedReader,
    assets: &BTreeMap<String, Asset>,
    cannot: impl Fn(StorageError) -> Failure,
) -> Result<(), Failure> {
    let Listed { rail, record, batches } = listed;
    match record.as_ref().and_then(|record| record.pause.as_ref()) {
        Some(pause) => say(format_args!("{rail}: paused since {}: {}", pause.at, pause.why))?,
        None => say(format_args!("{rail}: runs"))?,
    }
    if let Some(nonce) = record.as_ref().and_then(|record| record.next_nonce) {
        say(format_args!("  the next nonce is {nonce}"))?;
    }
    for BatchFacts { record, withdrawals } in batches {
        let cancelled = record.cancelled_at.map(|at| format!(", cancelled at {at}")).unwrap_or_default();
        say(format_args!("  batch {}, made at {}{cancelled}", record.id, record.made_at))?;
        for candidate in &record.candidates {
            let Candidate { id, nonce, stored_at, is_dead, .. } = candidate;
            let nonce = nonce.map(|nonce| format!(", nonce {nonce}")).unwrap_or_default();
            let state = if *is_dead { "is dead" } else { "may be executed" };
            say(format_args!("    transaction {id}{nonce}, kept at {stored_at}: {state}"))?;
        }
        for withdrawal in withdrawals {
            say(format_args!("    {}", line(withdrawal, assets)))?;
        }
    }
    let mut is_first = true;
    each_waiting(reader, rail, &cannot, |withdrawal| {
        if std::mem::take(&mut is_first) {
            say("  in no batch")?;
        }
        say(format_args!("    {}", line(withdrawal, assets)))
    })?;
    let mut is_first_of_operators = true;
    each_of_operators(reader, rail, cannot, |withdrawal| {
        if std::mem::take(&mut is_first_of_operators) {
            say("  for an operator: approve them, release their wallets, or give them back")?;
        }
        say(format_args!("    {}", line(withdrawal, assets)))
    })?;
    if is_first && is_first_of_operators && batches.is_empty() {
        say("  nothing waits")?;
    }
    Ok(())
}

/// What arrives, in whole coins.
fn arrives(withdrawal: &WithdrawalRecord, assets: &BTreeMap<String, Asset>) -> String {
    match assets.get(&*withdrawal.asset) {
        Some(asset) => asset.format(withdrawal.arrives()),
        None => format!("{} ledger units of {}", withdrawal.arrives(), withdrawal.asset),
    }
}

fn line(withdrawal: &WithdrawalRecord, assets: &BTreeMap<String, Asset>) -> String {
    let WithdrawalRecord { id, wallet, address, requested_at, .. } = withdrawal;
    let arrives = arrives(withdrawal, assets);
    format!("withdrawal {id}: {arrives} to {address}, requested at {requested_at} by {wallet}")
}

fn document(
    listed: &Listed,
    reader: &mut BoxedReader,
    assets: &BTreeMap<String, Asset>,
) -> Result<Value, StorageError> {
    let withdrawal = |it: &WithdrawalRecord| {
        json!({
            "id": it.id, "wallet": it.wallet, "asset": &*it.asset, "amount": it.amount, "fee": it.fee,
            "arrives": it.arrives(), "arrives_text": arrives(it, assets), "address": &*it.address,
            "requested_at_ms": it.requested_at, "failures": it.failures,
        })
    };
    let candidate = |it: &Candidate| json!({"transaction": &*it.id, "nonce": it.nonce, "kept_at_ms": it.stored_at, "is_dead": it.is_dead});
    let batch = |BatchFacts { record, withdrawals }: &BatchFacts| {
        json!({
            "id": record.id, "asset": &*record.asset, "made_at_ms": record.made_at,
            "cancelled_at_ms": record.cancelled_at,
            "candidates": record.candidates.iter().map(candidate).collect::<Vec<_>>(),
            "withdrawals": withdrawals.iter().map(withdrawal).collect::<Vec<_>>(),
        })
    };
    let mut waiting = Vec::new();
    let keep = |it: &WithdrawalRecord| {
        waiting.push(withdrawal(it));
        Ok(())
    };
    each_waiting(reader, &listed.rail, |error| error, keep)?;
    let mut of_operators = Vec::new();
    let keep = |it: &WithdrawalRecord| {
        of_operators.push(withdrawal(it));
        Ok(())
    };
    each_of_operators(reader, &listed.rail, |error| error, keep)?;
    let record = listed.record.as_ref();
    let pause = record.and_then(|record| record.pause.as_ref());
    Ok(json!({
        "rail": listed.rail, "paused": pause.map(|pause| &*pause.why), "paused_at_ms": pause.map(|pause| pause.at),
        "next_nonce": record.and_then(|record| record.next_nonce),
        "batches": listed.batches.iter().map(batch).collect::<Vec<_>>(), "waiting": waiting,
        "for_an_operator": of_operators,
    }))
}
