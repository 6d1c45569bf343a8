//! `dripline catalog export`, `import` and `diff`: the catalog in force as a file, another one taken into force, and how
//! the two differ.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use dripline_shared::catalog::Catalog;

use super::Failure;
use super::output::{say, write};
use super::store::{Place, StoreSources};
use crate::config::{Config, catalog_to_toml, load_catalog};
use crate::edge::Edge;
use crate::faucet::import_catalog;
use crate::operate::difference::{differences, lines};
use crate::store::{postgres, sqlite};

/// What can be done with the catalog.
#[derive(Debug, Subcommand)]
pub(super) enum CatalogCommand {
    /// Print the catalog that a server with this configuration would have in force, as a file for `import` or --catalog
    Export {
        #[command(flatten)]
        sources: StoreSources,
        /// Print the catalog that a first run starts with instead
        #[arg(long)]
        first_run: bool,
    },
    /// Take a catalog into force from the next start on; a server may be running only where the store is in a database
    Import {
        /// The file with the catalog
        file: PathBuf,
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
    let stored = match &place.database {
        Some(database) => postgres::adopted_catalog(database),
        None => sqlite::adopted_catalog(&place.data),
    };
    stored.map_err(|error| Failure::impossible(place.name(), error))
}

/// Does it.
pub(super) fn run(command: &CatalogCommand) -> Result<(), Failure> {
    match command {
        CatalogCommand::Export { sources, first_run } => {
            let catalog = if *first_run { Catalog::first_run() } else { in_force(sources)? };
            let text = catalog_to_toml(&catalog)
                .map_err(|error| Failure::impossible("cannot write the catalog", error))?;
            write(text)
        }
        CatalogCommand::Import { file, sources } => import(file, sources),
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

fn import(file: &Path, sources: &StoreSources) -> Result<(), Failure> {
    let catalog = load_catalog(file).map_err(Failure::Configuration)?;
    let (config, place) = sources.load()?;
    if config.catalog.is_some() {
        let message =
            "the configuration has a catalog of its own, which would count instead of the imported one";
        return Err(Failure::Argument(message.to_owned()));
    }
    let version = catalog.version();
    import_catalog(&place.data, place.database.as_ref(), catalog, &Edge::system())
        .map_err(|error| Failure::impossible("cannot import the catalog", error))?;
    say(format_args!("catalog {version} is in force from the next start on"))?;
    Ok(())
}
