//! Mistakes in a configuration: where, and what was expected there.

use std::fmt;
use std::path::PathBuf;

/// A mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where it is.
    pub place: Place,
    /// The setting, such as `throttle.burst`; empty where it is about the file as a whole.
    pub setting: String,
    /// What was expected, or what is wrong.
    pub expected: String,
}

/// Where a mistake is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A line of a file, from 1.
    Line(PathBuf, usize),
    /// A file as a whole.
    File(PathBuf),
    /// A variable of the environment.
    Variable(String),
    /// Nowhere: a default, which other settings made wrong.
    Default,
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Line(file, line) => write!(formatter, "{}:{line}: ", file.display())?,
            Place::File(file) => write!(formatter, "{}: ", file.display())?,
            Place::Variable(name) => write!(formatter, "{name}: ")?,
            Place::Default => {}
        }
        if self.setting.is_empty() {
            formatter.write_str(&self.expected)
        } else {
            write!(formatter, "{}: {}", self.setting, self.expected)
        }
    }
}

/// All mistakes so far.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    /// Adds one.
    pub(super) fn add(&mut self, place: Place, setting: impl Into<String>, expected: impl Into<String>) {
        self.0.push(Finding { place, setting: setting.into(), expected: expected.into() });
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// The value, where there are none; else all of them, those of the file in the order of its lines.
    pub(super) fn into_result<T>(mut self, value: T) -> Result<T, Vec<Finding>> {
        self.0.sort_by_key(|finding| match finding.place {
            Place::File(_) => 0,
            Place::Line(_, line) => line,
            Place::Variable(_) | Place::Default => usize::MAX,
        });
        if self.0.is_empty() { Ok(value) } else { Err(self.0) }
    }
}
