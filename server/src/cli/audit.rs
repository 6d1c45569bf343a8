//! `dripline audit`: whether the chain of the audit log holds, and its export.

use clap::Subcommand;
use dripline_shared::round::Hash;

use super::Failure;
use super::output::{say, write};
use super::store::{Place, StoreSources};
use crate::operate::audit::{Verification, line};
use crate::store::record::AuditRecord;

/// How many entries are read at once.
const PAGE: usize = 1_000;

/// What can be done with the audit log.
#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// Check that each entry has the hash of the one before in its own; reads only, and servers may be running
    Verify {
        /// The number and the hash of an entry that were kept elsewhere, as `verify` prints them: tells whether anything was
        /// changed or taken out since. Can be given several times
        #[arg(long = "head", value_name = "NUMBER:HASH", value_parser = head)]
        heads: Vec<(u64, Hash)>,
        #[command(flatten)]
        store: StoreSources,
    },
    /// Print every entry as a line of JSON, the oldest first; reads only, and servers may be running
    Export {
        #[command(flatten)]
        store: StoreSources,
    },
}

/// Does it.
pub(super) fn run(command: &AuditCommand) -> Result<(), Failure> {
    match command {
        AuditCommand::Verify { heads, store } => verify(heads, &store.place()?),
        AuditCommand::Export { store } => each(&store.place()?, |record| write(line(record))),
    }
}

fn verify(heads: &[(u64, Hash)], place: &Place) -> Result<(), Failure> {
    let mut verification = Verification::default();
    let mut findings = Vec::new();
    let mut is_broken = false;
    each(place, |record| {
        // What follows a break has nothing to be compared with.
        if !is_broken && let Err(broken) = verification.take(record) {
            is_broken = true;
            findings.push(broken.to_string());
        }
        if heads.iter().any(|(number, hash)| *number == record.number && *hash != record.hash) {
            findings.push(format!("entry {} has another hash than the one that was kept", record.number));
        }
        Ok(())
    })?;
    let last = verification.head().map_or(0, |(number, _)| number);
    let is_gone = |number: u64| !is_broken && number > last;
    let gone = heads.iter().filter(|(number, _)| is_gone(*number));
    findings.extend(gone.map(|(number, _)| format!("entry {number} is gone: the log ends at {last}")));
    let followed = verification.head().map_or("no entries follow each other".to_owned(), |(number, hash)| {
        format!("{number} entries follow each other, up to {number}:{hash}")
    });
    say(followed)?;
    if findings.is_empty() {
        return say("the audit log is sound");
    }
    for finding in &findings {
        say(format_args!("- {finding}"))?;
    }
    Err(Failure::Unsound(format!("the audit log is not sound: {} findings", findings.len())))
}

/// Does something with every entry, the oldest first. A store reads them from the newest on, so each page is asked for by the
/// numbers that it should have.
fn each(place: &Place, mut work: impl FnMut(&AuditRecord) -> Result<(), Failure>) -> Result<(), Failure> {
    let cannot = |error| Failure::impossible(place.name(), error);
    let mut reader = place.reader()?;
    let last = reader.audit(None, 1).map_err(cannot)?.first().map_or(0, |record| record.number);
    let mut done = 0_u64;
    while done < last {
        let until = done.saturating_add(u64::try_from(PAGE).unwrap_or(u64::MAX)).min(last);
        let page = reader.audit(Some(until.saturating_add(1)), PAGE).map_err(cannot)?;
        page.iter().rev().filter(|record| record.number > done).try_for_each(&mut work)?;
        done = until;
    }
    Ok(())
}

fn head(text: &str) -> Result<(u64, Hash), String> {
    let parts =
        text.split_once(':').and_then(|(number, hash)| Some((number.parse().ok()?, hash.parse().ok()?)));
    parts.ok_or_else(|| "expected a number, a colon and a hash".to_owned())
}
