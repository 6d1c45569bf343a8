//! How a command can fail, and the exit code that tells it.

use std::fmt;
use std::process::ExitCode;

use dripline_shared::api::Problem;

use crate::config::Finding;

/// Why a command did not do what was asked for.
#[derive(Debug)]
pub enum Failure {
    /// It could not be done: a file, the network, the storage.
    Impossible(String),
    /// An argument is not what it should be.
    Argument(String),
    /// The configuration has mistakes.
    Configuration(Vec<Finding>),
    /// What was checked is not as it should be; everything about that was printed.
    Unsound(String),
    /// The server refused.
    Refused(Box<Problem>),
    /// The bot did not reach the goal.
    Lost(String),
}

impl Failure {
    /// What the process ends with: 1, 2 (also wrong arguments, by clap), 3, 4 or 5.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Impossible(_) => 1,
            Self::Argument(_) | Self::Configuration(_) => 2,
            Self::Unsound(_) => 3,
            Self::Refused(_) => 4,
            Self::Lost(_) => 5,
        })
    }

    /// What could not be done, and why.
    pub(super) fn impossible(what: impl fmt::Display, error: impl fmt::Display) -> Self {
        Self::Impossible(format!("{what}: {error}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Impossible(message)
            | Self::Argument(message)
            | Self::Unsound(message)
            | Self::Lost(message) => formatter.write_str(message),
            Self::Configuration(findings) => {
                let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
                formatter.write_str(&lines.join("\n"))
            }
            Self::Refused(problem) => refusal(problem, formatter),
        }
    }
}

fn refusal(problem: &Problem, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(formatter, "the server refused with {} ({}):", problem.status, problem.code.as_str())?;
    for reason in &problem.reasons {
        write!(formatter, "\n- {}", reason.message)?;
        if let Some(subject) = &reason.subject {
            write!(formatter, " [{subject}]")?;
        }
        if let Some(until) = reason.until_ms {
            write!(formatter, ", until {until}")?;
        }
    }
    Ok(())
}
