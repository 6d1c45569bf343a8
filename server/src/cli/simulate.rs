//! `dripline simulate`: what a catalog comes to before it is in force, by bots and the faucet's own rules.

use std::path::PathBuf;

use clap::Args;
use dripline_shared::catalog::{Catalog, DEFAULT_CAMPAIGN};

use super::Failure;
use super::catalog::live;
use super::output::{say, write};
use super::store::StoreSources;
use crate::config::load_catalog;
use crate::operate::difference::{differences, lines};
use crate::simulate::{Against, Report, Settings, simulate};

/// What the other catalog is called where it is the one that a server would have.
const LIVE: &str = "live";

/// What `dripline simulate` is told.
#[derive(Debug, Args)]
pub(super) struct SimulateArguments {
    #[command(flatten)]
    sources: StoreSources,
    /// The catalog to simulate, in place of the one that a server with this configuration would have in force; then it is
    /// compared with that one, where there is one
    #[arg(long, value_name = "FILE")]
    catalog: Option<PathBuf>,
    /// The catalog to compare with: a file, or "live" for the one that a server with this configuration would have in force
    #[arg(long, value_name = "live|FILE")]
    against: Option<PathBuf>,
    /// What all chance comes from: with the same seed and settings, the output is the same
    #[arg(long, default_value_t = 1, value_name = "NUMBER")]
    seed: u64,
    /// How many rounds of each game bots play at least, a fifth of them strong ones
    #[arg(long, default_value_t = 10_000, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    rounds: u32,
    /// How many days are simulated
    #[arg(long, default_value_t = 200, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    runs: u32,
    /// How many players come on a day
    #[arg(long, default_value_t = 200, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    players: u32,
    /// The campaign that pays them
    #[arg(long, default_value = DEFAULT_CAMPAIGN, value_name = "ID")]
    campaign: String,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

/// Does it.
pub(super) fn run(arguments: &SimulateArguments) -> Result<(), Failure> {
    let (config, place) = arguments.sources.load()?;
    let read = |file: &PathBuf| load_catalog(file).map_err(Failure::Configuration);
    let chosen = arguments.catalog.as_ref().map(read).transpose()?;
    let in_force = || live(&config, &place);
    let other: Option<Catalog> = match &arguments.against {
        Some(live) if live.as_os_str() == LIVE => {
            let none = || Failure::Impossible(format!("{}: no catalog is in force yet", place.name()));
            Some(in_force()?.ok_or_else(none)?)
        }
        Some(file) => Some(read(file)?),
        None if chosen.is_some() => in_force()?,
        None => None,
    };
    let catalog = match chosen {
        Some(catalog) => catalog,
        None => in_force()?.unwrap_or_else(Catalog::first_run),
    };
    let settings = Settings {
        seed: arguments.seed,
        rounds: arguments.rounds,
        runs: arguments.runs,
        players: arguments.players,
        campaign: arguments.campaign.clone(),
        stopped: config.emergency.stopped.clone(),
    };
    for catalog in std::iter::once(&catalog).chain(&other) {
        has_campaign(catalog, &arguments.campaign)?;
    }
    let simulated = simulate(&catalog, &settings);
    let against = other.map(|other| Against {
        differences: lines(&differences(&other, &catalog)),
        simulated: if other == catalog { simulated.clone() } else { simulate(&other, &settings) },
    });
    let report = Report { settings: settings.asked(), simulated, against };
    if arguments.json {
        let json = serde_json::to_string_pretty(&report)
            .map_err(|error| Failure::impossible("cannot write the report", error))?;
        return say(json);
    }
    write(report)
}

fn has_campaign(catalog: &Catalog, id: &str) -> Result<(), Failure> {
    if catalog.campaign(id).is_some() {
        return Ok(());
    }
    let ids: Vec<&str> = catalog.campaigns.iter().map(|campaign| campaign.id.as_str()).collect();
    let message =
        format!("--campaign: catalog {} has no campaign {id}; it has {}", catalog.version(), ids.join(", "));
    Err(Failure::Argument(message))
}
