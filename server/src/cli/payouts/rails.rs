//! The rails of a configuration and of a store; `dripline payouts treasury` and `dry-run`.

use std::collections::BTreeSet;
use std::sync::Arc;

use dripline_shared::amount::{Amount, Asset};
use dripline_shared::catalog::Catalog;
use dripline_shared::payout::{BatchId, RailKind, WithdrawalId};
use dripline_shared::round::{ClientId, Hash};
use dripline_shared::wallet::Wallet;

use crate::cli::Failure;
use crate::cli::output::say;
use crate::cli::store::StoreSources;
use crate::config::Config;
use crate::edge::Edge;
use crate::payout::{Holdings, Rail, RailDriver, RailSettings, Trial, first_run};
use crate::store::record::{BatchFacts, BatchRecord, Stage, WithdrawalRecord};
use crate::store::{BoxedReader, StorageError};

/// The ids of the rails that are configured: the sandbox where none is.
fn configured(config: &Config) -> BTreeSet<String> {
    match config.rails.settings() {
        Some(rails) => rails.into_keys().collect(),
        None => first_run(&Catalog::first_run().asset).keys().map(ToString::to_string).collect(),
    }
}

/// The ids of all rails that are configured, or to which anything has happened.
pub(super) fn all(config: &Config, reader: &mut BoxedReader) -> Result<BTreeSet<String>, Failure> {
    let cannot = |error: StorageError| Failure::impossible("the store", error);
    let mut all = configured(config);
    all.extend(reader.rails().map_err(cannot)?.into_iter().map(|record| record.id.to_string()));
    all.extend(reader.queues().map_err(cannot)?.into_iter().map(|(rail, _)| rail));
    Ok(all)
}

/// Refuses a rail that is neither configured nor known to the store: it is misspelt.
pub(super) fn known(rail: &str, config: &Config, reader: &mut BoxedReader) -> Result<(), Failure> {
    let all = all(config, reader)?;
    if all.contains(rail) {
        return Ok(());
    }
    let known = all.into_iter().collect::<Vec<_>>().join(", ");
    Err(Failure::Argument(format!(
        "there is no rail {rail}, neither in the configuration nor in the store; there is {known}"
    )))
}

/// What the configuration says of a rail.
pub(super) fn settings_of(rail: &str, config: &Config) -> Result<RailSettings, Failure> {
    let mut rails = config.rails.settings().unwrap_or_default();
    if let Some(settings) = rails.remove(rail) {
        return Ok(settings);
    }
    let known = configured(config);
    if known.contains(rail) {
        let (assets, address_wait_ms, failures_max) = Default::default();
        return Ok(RailSettings { driver: RailDriver::Sandbox, assets, address_wait_ms, failures_max });
    }
    let known = known.into_iter().collect::<Vec<_>>().join(", ");
    Err(Failure::Argument(format!(
        "the configuration has no rail {rail}, which tells how to reach it: give the one that has it by --config; this one has \
         {known}"
    )))
}

/// The assets that the faucet has or will have: those of its store and of the catalog that is configured.
fn assets(config: &Config, reader: Option<&mut BoxedReader>) -> Result<Vec<Asset>, Failure> {
    let stored = reader.map(|reader| reader.assets()).transpose();
    let mut assets = stored.map_err(|error| Failure::impossible("the store", error))?.unwrap_or_default();
    match &config.catalog {
        Some(catalog) => assets.push(catalog.asset.clone()),
        None if assets.is_empty() => assets.push(Catalog::first_run().asset),
        None => {}
    }
    Ok(assets)
}

/// Opens a rail as a server would. Asks nobody.
pub(super) fn open(
    id: &str,
    settings: &RailSettings,
    config: &Config,
    reader: Option<&mut BoxedReader>,
) -> Result<Arc<dyn Rail>, Failure> {
    let rules = settings.rules(id, &assets(config, reader)?);
    let rules = rules.map_err(|error| Failure::Impossible(error.to_string()))?;
    let opened = settings.driver.open(&rules, &Edge::system());
    opened.map_err(|error| Failure::impossible(format!("rails.{id}"), error))
}

/// Prints each rail's treasury, and what it holds where that can be asked.
pub(super) fn treasury(store: &StoreSources) -> Result<(), Failure> {
    let (config, place) = store.load()?;
    let mut reader = place.reader_if_any()?;
    let assets = assets(&config, reader.as_mut())?;
    let records = reader.as_mut().map(|reader| reader.rails()).transpose();
    let records = records.map_err(|error| Failure::impossible("the store", error))?.unwrap_or_default();
    let mut silent = Vec::new();
    let rails = config.rails.settings().unwrap_or_default();
    if rails.is_empty() {
        return say("no rail is configured: the sandbox pays out of no treasury");
    }
    for (id, settings) in &rails {
        let rail = open(id, settings, &config, reader.as_mut())?;
        let kind = settings.driver.kind().as_str();
        let Some(address) = rail.treasury_address() else {
            say(format_args!("{id} ({kind}): has no treasury on a chain"))?;
            continue;
        };
        say(format_args!("{id} ({kind}): {address}"))?;
        let record = records.iter().find(|record| *record.id == **id);
        if let Some(pause) = record.and_then(|record| record.pause.as_ref()) {
            say(format_args!("  paused since {}: {}", pause.at, pause.why))?;
        }
        match rail.holdings() {
            Ok(held) => {
                for (code, amount) in held.map(|Holdings { amounts, .. }| amounts).unwrap_or_default() {
                    match assets.iter().find(|asset| *asset.code == *code) {
                        Some(asset) => say(format_args!("  holds {}", asset.format(amount)))?,
                        None => say(format_args!("  holds {amount} ledger units of {code}"))?,
                    }
                }
            }
            Err(error) => silent.push(format!("{id}: cannot tell what the treasury holds: {error}")),
        }
    }
    if silent.is_empty() { Ok(()) } else { Err(Failure::Impossible(silent.join("\n"))) }
}

/// What is to be tried.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) rail: &'a str,
    pub(super) to: &'a str,
    /// What is to arrive.
    pub(super) amount: Amount,
    pub(super) asset: Option<&'a str>,
}

/// The code of the asset that is meant.
pub(super) fn asset_of<'a>(wanted: &Wanted<'a>, settings: &'a RailSettings) -> Result<&'a str, Failure> {
    let mut codes = settings.assets.keys();
    match (wanted.asset, codes.next(), codes.next()) {
        (Some(code), ..) if settings.assets.contains_key(code) => Ok(code),
        (None, Some(only), None) => Ok(only),
        _ => {
            let codes = settings.assets.keys().cloned().collect::<Vec<_>>().join(", ");
            let expected = format!("expected --asset with one of those that {} pays: {codes}", wanted.rail);
            Err(Failure::Argument(expected))
        }
    }
}

/// Tries a payout without effect.
pub(super) fn dry_run(wanted: &Wanted<'_>, store: &StoreSources) -> Result<(), Failure> {
    let Wanted { rail: id, to, amount, .. } = *wanted;
    let (config, place) = store.load()?;
    let settings = settings_of(id, &config)?;
    let code = asset_of(wanted, &settings)?;
    let mut reader = place.reader_if_any()?;
    let assets = assets(&config, reader.as_mut())?;
    let rail = open(id, &settings, &config, reader.as_mut())?;
    if rail.is_own(to) {
        return Err(Failure::Argument(format!("{to}: expected another address than the treasury's own")));
    }
    rail.check_address(to).map_err(|expected| Failure::Argument(format!("{to}: expected {expected}")))?;
    let trial = rail
        .try_out(&batch(id, code, to, amount))
        .map_err(|error| Failure::impossible(format!("{id}: cannot try it"), error))?;
    let amount = assets
        .iter()
        .find(|asset| asset.code == code)
        .map_or_else(|| format!("{amount} ledger units of {code}"), |asset| asset.format(amount));
    let Some(Trial { failure, notes }) = trial else {
        return say(format_args!(
            "{id}: {amount} to {to} would be settled in the faucet's books alone: a rail of kind {} really pays nobody, so that \
             there is nothing to try",
            settings.driver.kind().as_str()
        ));
    };
    for note in &notes {
        say(format_args!("  {note}"))?;
    }
    match failure {
        Some(why) => Err(Failure::Unsound(format!("{id}: {amount} would not be paid to {to}: {why}"))),
        None if settings.driver.kind() == RailKind::Webhook => say(format_args!(
            "{id}: nothing was sent. The receiver would be asked to pay {amount} to {to} by such a request, with the ids and the \
             time of that payout; this one is signed for an hour ago, so that whoever checks the time refuses it. Whether it would \
             pay is not known"
        )),
        None => say(format_args!("{id}: {amount} would be paid to {to}")),
    }
}

/// A batch of one withdrawal that is in no store.
fn batch(rail: &str, asset: &str, to: &str, amount: Amount) -> BatchFacts {
    let edge = Edge::system();
    let now = edge.now();
    let (id, batch) = (WithdrawalId::new(now, edge.random()), BatchId::new(now, edge.random()));
    let (rail, asset): (Arc<str>, Arc<str>) = (rail.into(), asset.into());
    let withdrawal = WithdrawalRecord {
        id,
        wallet: Wallet([0; 32]),
        rail: Arc::clone(&rail),
        asset: Arc::clone(&asset),
        amount,
        fee: Amount::ZERO,
        address: to.into(),
        client_id: ClientId([0; 16]),
        request: Hash([0; 32]),
        signed: None,
        requested_at: now,
        failures: 0,
        stage: Stage::Batched(batch),
    };
    let record = BatchRecord::new(batch, rail, asset, now, vec![id]);
    BatchFacts { record, withdrawals: vec![withdrawal] }
}
