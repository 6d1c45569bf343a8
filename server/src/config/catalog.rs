//! The catalog in TOML: a section of the configuration, or a file of its own.

use std::path::Path;

use dripline_shared::catalog::Catalog;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::document::{self, Document};
use super::finding::{Finding, Findings};

/// The parts of a catalog: where there is none of them, something else was meant.
const PARTS: [&str; 5] = ["asset", "levels", "rewards", "limits", "campaigns"];

/// The section's name.
pub(super) const NAME: &str = "catalog";

/// What stands in a configuration as its catalog, for whoever writes the name of a file there.
const WHOLE: &str = "expected the whole catalog in this section, as `dripline catalog export` prints it, each table below \
                     `catalog`; one in a file of its own is given by --catalog";

/// The catalog of a configuration, where it has one.
pub(super) fn read(document: &Document<'_>, findings: &mut Findings) -> Option<Catalog> {
    let value = document.get(NAME)?;
    let is_whole = |table: &DeTable<'_>| PARTS.iter().any(|part| table.contains_key(*part));
    if !value.get_ref().as_table().is_some_and(is_whole) {
        findings.add(document.locate(NAME), NAME, WHOLE);
        return None;
    }
    parse(document, value.clone(), &format!("{NAME}."), findings)
}

/// A catalog in a file of its own, as [`to_toml`] writes it; gives every mistake in it.
pub fn load(file: &Path) -> Result<Catalog, Vec<Finding>> {
    of_text(file, &read_text(file).map_err(|finding| vec![finding])?)
}

/// The text of a file that may be a catalog.
pub fn read_text(file: &Path) -> Result<String, Finding> {
    document::read(file)
}

/// As [`load`], of the text of the file.
pub fn of_text(file: &Path, text: &str) -> Result<Catalog, Vec<Finding>> {
    let mut findings = Findings::default();
    let document = Document::new(Some((file, text)), &mut findings);
    let root = Spanned::new(0..0, DeValue::Table(document.root().clone()));
    let catalog = parse(&document, root, "", &mut findings);
    // Without findings there is one.
    findings.into_result(catalog.unwrap_or_else(Catalog::first_run))
}

/// `prefix` is what the document's paths of settings have before the catalog's.
fn parse(
    document: &Document<'_>,
    value: Spanned<DeValue<'_>>,
    prefix: &str,
    findings: &mut Findings,
) -> Option<Catalog> {
    let catalog: Catalog = match serde_path_to_error::deserialize(ValueDeserializer::from(value)) {
        Ok(catalog) => catalog,
        Err(error) => {
            let setting = match error.path().to_string() {
                // What is missing or unknown at the top is told by the message.
                path if path == "." => NAME.to_owned(),
                path => format!("{prefix}{path}"),
            };
            findings.add(document.place_of(error.inner()), setting, error.inner().message());
            return None;
        }
    };
    for mistake in catalog.validate().err().into_iter().flatten() {
        let setting = format!("{prefix}{}", mistake.field);
        findings.add(document.locate(&setting), setting, format!("expected {}", mistake.expected));
    }
    Some(catalog)
}

/// Writes a catalog as a file that [`load`] reads.
pub fn to_toml(catalog: &Catalog) -> Result<String, toml::ser::Error> {
    toml::to_string_pretty(catalog)
}
