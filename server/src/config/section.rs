//! A section: a table of the file, overlaid by variables of the environment.

use std::fmt::Display;
use std::ops::RangeInclusive;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeArray, DeString, DeTable, DeValue, Error, ValueDeserializer};

use super::document::Document;
use super::finding::{Findings, Place};

/// What every variable of ours begins with.
const PREFIX: &str = "DRIPLINE_";

/// A section of the configuration. Every setting has a default, so each can be read apart from the others.
pub(super) trait Section: Default + DeserializeOwned {
    /// Its name in the file.
    const NAME: &'static str;
    /// Settings that are lists: as variables, their elements are separated by commas.
    const LISTS: &'static [&'static str] = &[];

    /// Checks what types cannot say.
    fn validate(&self, check: &mut Check<'_>);
}

/// Whether the secrets that a configuration names, in files and in the environment, are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrets {
    /// Each that is not there, or not of its form, is a mistake.
    Checked,
    /// They are not looked at: whoever reads the configuration does not need them.
    LeftOut,
}

/// What sections are read from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) document: &'a Document<'a>,
    pub(super) variables: &'a [(String, String)],
    pub(super) secrets: Secrets,
}

/// Collects what is wrong with the values of a section.
pub(super) struct Check<'a> {
    section: &'static str,
    source: Source<'a>,
    findings: &'a mut Findings,
}

impl Check<'_> {
    /// Notes that `setting` is not what was `expected`, unless it `holds`.
    pub(super) fn holds(&mut self, holds: bool, setting: &str, expected: impl Into<String>) {
        if holds {
            return;
        }
        let place = if self.is_variable(setting) {
            Place::Variable(variable_name(self.section, setting))
        } else {
            self.source.document.locate(&format!("{}.{setting}", self.section))
        };
        let expected = format!("expected {}", expected.into());
        self.findings.add(place, format!("{}.{setting}", self.section), expected);
    }

    /// Whether `setting` comes from the environment.
    pub(super) fn is_variable(&self, setting: &str) -> bool {
        let name = variable_name(self.section, setting);
        self.source.variables.iter().any(|(variable, _)| *variable == name)
    }

    /// Whether secrets are looked for.
    pub(super) fn with_secrets(&self) -> bool {
        self.source.secrets == Secrets::Checked
    }

    /// How many mistakes were found so far.
    pub(super) fn count(&self) -> usize {
        self.findings.count()
    }

    /// Notes a number that is out of its range.
    pub(super) fn within<T>(&mut self, value: T, range: RangeInclusive<T>, setting: &str)
    where
        T: Copy + PartialOrd + Display,
    {
        let expected = format!("a whole number from {} to {}", range.start(), range.end());
        self.holds(range.contains(&value), setting, expected);
    }
}

/// Reads a section and checks it. Of a section with mistakes the values are of no use, and the findings say so.
pub(super) fn read<S: Section>(source: Source<'_>, findings: &mut Findings) -> S {
    let Source { document, variables, .. } = source;
    let mut merged = DeTable::new();
    let mut whole = true;
    match document.get(S::NAME).map(|value| (value, value.get_ref().as_table())) {
        Some((_, Some(table))) => {
            for (key, value) in table {
                match alone::<S>(key, value) {
                    Ok(_) => drop(merged.insert(key.clone(), value.clone())),
                    Err(error) => {
                        whole = false;
                        findings.add(
                            document.place_of(&error),
                            format!("{}.{}", S::NAME, key.get_ref()),
                            error.message(),
                        );
                    }
                }
            }
        }
        Some((_, None)) => {
            whole = false;
            findings.add(document.locate(S::NAME), S::NAME, "expected a section");
        }
        None => {}
    }
    let prefix = variable_name(S::NAME, "");
    for (name, text) in variables {
        let Some(key) = name.strip_prefix(&prefix) else { continue };
        let key = Spanned::new(0..0, DeString::from(key.to_ascii_lowercase()));
        let value = Spanned::new(0..0, value_of(text, S::LISTS.contains(&key.get_ref().as_ref())));
        match alone::<S>(&key, &value) {
            Ok(_) => drop(merged.insert(key, value)),
            Err(error) => {
                whole = false;
                let setting = format!("{}.{}", S::NAME, key.get_ref());
                findings.add(Place::Variable(name.clone()), setting, error.message());
            }
        }
    }
    let section = parse::<S>(merged).unwrap_or_default();
    if whole {
        section.validate(&mut Check { section: S::NAME, source, findings });
    }
    section
}

/// The section with this setting alone, which tells whether it is known and of the right type.
fn alone<S: Section>(key: &Spanned<DeString<'_>>, value: &Spanned<DeValue<'_>>) -> Result<S, Error> {
    let mut table = DeTable::new();
    table.insert(key.clone(), value.clone());
    parse(table)
}

fn parse<S: Section>(table: DeTable<'_>) -> Result<S, Error> {
    S::deserialize(ValueDeserializer::from(Spanned::new(0..0, DeValue::Table(table))))
}

/// `DRIPLINE_THROTTLE_BURST` for `burst` of `throttle`.
fn variable_name(section: &str, setting: &str) -> String {
    format!("{PREFIX}{}_{}", section.to_ascii_uppercase(), setting.to_ascii_uppercase())
}

/// What a variable says: a TOML value, or else the text itself; a list may do without its brackets and quotes.
fn value_of(text: &str, is_list: bool) -> DeValue<'_> {
    match DeValue::parse(text) {
        Ok(value) if !is_list || value.get_ref().is_array() => value.into_inner(),
        _ if is_list => {
            let mut elements = DeArray::new();
            for element in text.split(',').map(str::trim).filter(|element| !element.is_empty()) {
                elements.push(Spanned::new(0..0, DeValue::String(element.into())));
            }
            DeValue::Array(elements)
        }
        _ => DeValue::String(text.into()),
    }
}
