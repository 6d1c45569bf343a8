//! `dripline catalog export`, `import` and `diff`: the catalog in force as a file, another one taken into force, and how
//! the two differ.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use dripline_shared::catalog::Catalog;
use serde_json::Value;

use super::Failure;
use super::output::{say, write};
use super::store::{Place, StoreSources};
use crate::config::{Config, catalog_to_toml, load_catalog};
use crate::edge::Edge;
use crate::faucet::import_catalog;
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
            let lines = differences(&ours, &theirs);
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

/// What differs, setting by setting: `- setting = before` and `+ setting = after`.
pub(super) fn differences(before: &Catalog, after: &Catalog) -> Vec<String> {
    let (before, after) = (settings(before), settings(after));
    let mut lines = Vec::new();
    let names: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for name in names {
        let (old, new) = (before.get(name), after.get(name));
        if old != new {
            lines.extend(old.map(|value| format!("- {name} = {value}")));
            lines.extend(new.map(|value| format!("+ {name} = {value}")));
        }
    }
    lines
}

/// Every setting of a catalog with its value. Levels and campaigns go by their ids, so that a new one in the middle is
/// one difference and not a shift of all the others; their order is a setting of its own.
fn settings(catalog: &Catalog) -> BTreeMap<String, String> {
    let mut settings = BTreeMap::new();
    // Plain data always serialises.
    flatten("", &serde_json::to_value(catalog).unwrap_or_default(), &mut settings);
    settings
}

fn flatten(path: &str, value: &Value, settings: &mut BTreeMap<String, String>) {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                flatten(&below(name), value, settings);
            }
        }
        Value::Array(elements) => match elements.iter().map(id_of).collect::<Option<Vec<&str>>>() {
            Some(ids) if !ids.is_empty() => {
                settings.insert(below("order"), ids.join(", "));
                for (id, element) in ids.iter().zip(elements) {
                    flatten(&below(id), element, settings);
                }
            }
            _ => drop(settings.insert(path.to_owned(), value.to_string())),
        },
        _ => drop(settings.insert(path.to_owned(), value.to_string())),
    }
}

fn id_of(value: &Value) -> Option<&str> {
    value.get("id")?.as_str()
}

#[cfg(test)]
mod tests {
    use dripline_shared::amount::Amount;

    use super::*;

    #[test]
    fn equal_catalogs_do_not_differ() {
        assert!(differences(&Catalog::first_run(), &Catalog::first_run()).is_empty());
    }

    #[test]
    fn differences_are_told_by_setting() {
        let ours = Catalog::first_run();
        let mut theirs = ours.clone();
        theirs.levels[0].base = Amount::from_units(7);
        theirs.limits.newcomer_ms += 1;
        let id = &ours.levels[0].id;
        assert_eq!(
            differences(&ours, &theirs),
            [
                format!("- levels.{id}.base = \"{}\"", ours.levels[0].base),
                format!("+ levels.{id}.base = \"7\""),
                format!("- limits.newcomer_ms = {}", ours.limits.newcomer_ms),
                format!("+ limits.newcomer_ms = {}", theirs.limits.newcomer_ms),
            ]
        );
    }

    #[test]
    fn a_level_taken_away_shifts_no_others() {
        let ours = Catalog::first_run();
        let mut theirs = ours.clone();
        let id = theirs.levels.remove(0).id;
        let lines = differences(&ours, &theirs);
        let about = |line: &&String| line.contains(&format!("levels.{id}.")) || line.contains("levels.order");
        assert_eq!(lines.iter().filter(about).count(), lines.len(), "{lines:?}");
    }
}
