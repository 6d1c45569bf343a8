//! What was measured, as a table and as JSON.

use std::path::PathBuf;
use std::{env, fs, io};

use serde::Serialize;

/// One figure.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Row {
    /// What it is.
    pub(crate) name: String,
    /// What was measured.
    pub(crate) value: f64,
    /// What it should be.
    pub(crate) aim: String,
    /// Whether it is.
    pub(crate) met: bool,
}

impl Row {
    /// A figure that should be below `aim`.
    pub(crate) fn below(name: &str, value: f64, aim: f64, unit: &str) -> Self {
        Self { name: name.to_owned(), value, aim: format!("below {aim}{unit}"), met: value < aim }
    }

    /// A figure that should be at most `aim`.
    pub(crate) fn at_most(name: &str, value: f64, aim: f64, unit: &str) -> Self {
        Self { name: name.to_owned(), value, aim: format!("at most {aim}{unit}"), met: value <= aim }
    }

    /// A figure that should be at least `aim`.
    pub(crate) fn at_least(name: &str, value: f64, aim: f64) -> Self {
        Self { name: name.to_owned(), value, aim: format!("at least {aim}"), met: value >= aim }
    }
}

/// The table, as Markdown.
pub(crate) fn text(rows: &[Row]) -> String {
    let mut lines = vec!["| what | measured | aim | met |".to_owned(), "|---|---|---|---|".to_owned()];
    for Row { name, value, aim, met } in rows {
        let met = if *met { "yes" } else { "**no**" };
        lines.push(format!("| {name} | {value:.2} | {aim} | {met} |"));
    }
    lines.join("\n")
}

/// Writes `target/bench.json`, in the target folder that this program was built in.
pub(crate) fn write(rows: &[Row]) -> io::Result<()> {
    let json = serde_json::to_string_pretty(rows).map_err(io::Error::other)?;
    fs::write(target()?.join("bench.json"), json + "\n")
}

/// The target folder: two above this program.
pub(crate) fn target() -> io::Result<PathBuf> {
    let program = env::current_exe()?;
    program.ancestors().nth(2).map(PathBuf::from).ok_or_else(|| io::Error::other("no target folder"))
}
