//! `dripline catalog export`, `import` and `diff`: the catalog in force as a file, another one taken into force, and how
//! the two differ.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use dripline_shared::api::operate::{By, Publication, PublicationStage};
use dripline_shared::catalog::Catalog;
use serde_json::json;

use super::Failure;
use super::output::{say, write};
use super::store::{Place, StoreSources};
use crate::config::{Config, catalog_to_toml, load_catalog};
use crate::edge::Edge;
use crate::faucet::{catalog_of, import_catalog, publications, published};
use crate::operate::difference::{differences, lines};
use crate::operate::{self, NOTE_MAX, is_note};
use crate::store::{postgres, sqlite};

/// What can be done with the catalog.
#[derive(Debug, Subcommand)]
pub(super) enum CatalogCommand {
    /// Print the catalog that a server with this configuration would have in force, as a file for `import` or --catalog
    Export {
        #[command(flatten)]
        sources: StoreSources,
        /// Print the catalog that a first run starts with instead
        #[arg(long, conflicts_with = "publication")]
        first_run: bool,
        /// Print the one that came into force by the publication with this number instead: see `history`
        #[arg(long, value_name = "NUMBER")]
        publication: Option<u64>,
    },
    /// Print which catalogs were in force since when, by whom and why, the newest first
    History {
        #[command(flatten)]
        sources: StoreSources,
        /// Print it as JSON
        #[arg(long)]
        json: bool,
    },
    /// Take a catalog into force; a server may be running only where the store is in a database, and then takes it at once
    Import {
        /// The file with the catalog
        file: PathBuf,
        /// Why, for the history
        #[arg(long, default_value = "imported", value_name = "TEXT")]
        note: String,
        #[command(flatten)]
        sources: StoreSources,
    },
    /// Print how a catalog differs from the one in force; ends with 3 where it does
    Diff {
        /// The file with the other catalog
        file: PathBuf,
        #[command(flatten)]
        sources: StoreSources,
    },
}

/// What a server would have in force.
fn in_force(sources: &StoreSources) -> Result<Catalog, Failure> {
    let (config, place) = sources.load()?;
    Ok(live(&config, &place)?.unwrap_or_else(Catalog::first_run))
}

/// What a server would have in force by its configuration or its store; `None` before the first start, where neither says.
pub(super) fn live(config: &Config, place: &Place) -> Result<Option<Catalog>, Failure> {
    if let Some(catalog) = &config.catalog {
        return Ok(Some(catalog.clone()));
    }
    let cannot = |error| Failure::impossible(place.name(), error);
    if let Some(mut reader) = place.reader_if_any()?
        && let Some((_, catalog)) = published(&mut *reader, Edge::system().now()).map_err(cannot)?
    {
        return Ok(Some(catalog));
    }
    // Older stores have no publications.
    let stored = match &place.database {
        Some(database) => postgres::adopted_catalog(database),
        None => sqlite::adopted_catalog(&place.data),
    };
    stored.map_err(cannot)
}

/// Does it.
pub(super) fn run(command: &CatalogCommand) -> Result<(), Failure> {
    match command {
        CatalogCommand::Export { sources, first_run, publication } => {
            let catalog = match publication {
                Some(number) => of_publication(sources, *number)?,
                None if *first_run => Catalog::first_run(),
                None => in_force(sources)?,
            };
            let text = catalog_to_toml(&catalog)
                .map_err(|error| Failure::impossible("cannot write the catalog", error))?;
            write(text)
        }
        CatalogCommand::History { sources, json } => history(sources, *json),
        CatalogCommand::Import { file, note, sources } => import(file, note, sources),
        CatalogCommand::Diff { file, sources } => {
            let (ours, theirs) = (in_force(sources)?, load_catalog(file).map_err(Failure::Configuration)?);
            let lines = lines(&differences(&ours, &theirs));
            if lines.is_empty() {
                say(format_args!("no differences; catalog {}", ours.version()))?;
                return Ok(());
            }
            for line in &lines {
                say(format_args!("{line}"))?;
            }
            Err(Failure::Unsound(format!("{} differences", lines.len())))
        }
    }
}

/// The catalog of a publication.
fn of_publication(sources: &StoreSources, number: u64) -> Result<Catalog, Failure> {
    let place = sources.place()?;
    let mut reader = place.reader()?;
    let cannot = |error| Failure::impossible(place.name(), error);
    let records = publications(&mut *reader).map_err(cannot)?;
    let missing = || Failure::Argument(format!("{}: there is no publication {number}", place.name()));
    let record = records.iter().find(|record| record.number == number).ok_or_else(missing)?;
    catalog_of(&mut *reader, record.version).map_err(cannot)?.ok_or_else(missing)
}

fn history(sources: &StoreSources, as_json: bool) -> Result<(), Failure> {
    let place = sources.place()?;
    let mut reader = place.reader()?;
    let records = publications(&mut *reader).map_err(|error| Failure::impossible(place.name(), error))?;
    let now = Edge::system().now();
    let live = operate::live(&records, now).map_or(0, |live| live.number);
    let views: Vec<Publication> = records.iter().rev().map(|record| record.view(live, now)).collect();
    if as_json {
        return say(format_args!("{:#}", json!({ "publications": views })));
    }
    for Publication { number, version, by, note, from_ms, stage, .. } in views {
        let by = match by {
            By::Server => "the server".to_owned(),
            By::Unknown => "somebody unknown".to_owned(),
            By::File => "its file".to_owned(),
            By::CommandLine => "the command line".to_owned(),
            By::Operator { name, .. } => name,
            By::ApiKey { name, .. } => format!("the key {name}"),
        };
        let stage = match stage {
            PublicationStage::Scheduled => "scheduled",
            PublicationStage::Live => "live",
            PublicationStage::Past => "past",
            PublicationStage::Cancelled => "cancelled",
        };
        say(format_args!("{number} {stage} from {from_ms} by {by}: {note}; catalog {version}"))?;
    }
    Ok(())
}

fn import(file: &Path, note: &str, sources: &StoreSources) -> Result<(), Failure> {
    if !is_note(note) {
        return Err(Failure::Argument(format!(
            "--note: expected at most {NOTE_MAX} characters, in one line, none of them invisible"
        )));
    }
    let catalog = load_catalog(file).map_err(Failure::Configuration)?;
    let (config, place) = sources.load()?;
    if config.catalog.is_some() {
        let message =
            "the configuration has a catalog of its own, which would count instead of the imported one";
        return Err(Failure::Argument(message.to_owned()));
    }
    let version = catalog.version();
    import_catalog(&place.data, place.database.as_ref(), catalog, note, &Edge::system())
        .map_err(|error| Failure::impossible("cannot import the catalog", error))?;
    let from = match place.database {
        Some(_) => "now, on servers that run within a second",
        None => "the next start on",
    };
    say(format_args!("catalog {version} is in force from {from}"))?;
    Ok(())
}
