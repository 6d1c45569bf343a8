//! The audit log from outside: whether its chain holds, and its export. Pure.

use std::fmt;

use dripline_shared::api::operate::{AuditEntry, AuditLine};
use dripline_shared::error::Code;
use dripline_shared::round::Hash;

use crate::store::record::AuditRecord;

/// A check of the chain, entry by entry from the first on.
#[derive(Debug, Default)]
pub struct Verification {
    last: Option<(u64, Hash)>,
}

/// Where the chain does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken {
    /// The number that the entry should have had.
    pub number: u64,
}

impl fmt::Display for Broken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "entry {} is not there as it was written: it, or one before it, was changed or taken out",
            self.number
        )
    }
}

impl Verification {
    /// Takes the next entry.
    pub fn take(&mut self, record: &AuditRecord) -> Result<(), Broken> {
        if !record.follows(self.last) {
            return Err(Broken { number: self.last.map_or(0, |(number, _)| number).saturating_add(1) });
        }
        self.last = Some(record.head());
        Ok(())
    }

    /// The number and the hash of the last entry that was taken.
    pub fn head(&self) -> Option<(u64, Hash)> {
        self.last
    }
}

/// An entry as a line of JSON. What it says stands there last and as it was written, so that its hash can be computed from it.
pub fn line(record: &AuditRecord) -> String {
    let AuditRecord { number, at, json, hash } = record;
    format!("{{\"number\":{number},\"at_ms\":{},\"hash\":\"{hash}\",\"entry\":{json}}}\n", at.0)
}

/// An entry as operators see it; an error where this build cannot read it.
pub fn view(record: &AuditRecord) -> Result<AuditLine, Code> {
    let entry: AuditEntry = serde_json::from_str(&record.json).map_err(|error| {
        tracing::error!(%error, number = record.number, "this build cannot read an entry of the audit log");
        Code::Internal
    })?;
    Ok(AuditLine { number: record.number, at_ms: record.at, entry, hash: record.hash })
}

#[cfg(test)]
mod tests {
    use dripline_shared::time::Timestamp;

    use super::*;

    fn log(texts: &[&str]) -> Vec<AuditRecord> {
        let mut last = None;
        let next = |text: &&str| {
            let record = AuditRecord::after(last, Timestamp(5), (*text).into());
            last = Some(record.head());
            record
        };
        texts.iter().map(next).collect()
    }

    fn verify(records: &[AuditRecord]) -> Result<(), Broken> {
        let mut verification = Verification::default();
        records.iter().try_for_each(|record| verification.take(record))
    }

    #[test]
    fn an_entry_that_was_changed_moved_or_taken_out_breaks_the_chain_there() {
        let records = log(&["{}", "{\"a\":1}", "{\"a\":2}"]);
        assert_eq!(verify(&records), Ok(()));
        let mut changed = records.clone();
        changed[1].json = "{\"a\":7}".into();
        assert_eq!(verify(&changed), Err(Broken { number: 2 }));
        changed[1] = AuditRecord::after(Some(records[0].head()), Timestamp(5), "{\"a\":7}".into());
        assert_eq!(verify(&changed), Err(Broken { number: 3 }));
        assert_eq!(verify(&[records[0].clone(), records[2].clone()]), Err(Broken { number: 2 }));
        assert_eq!(verify(&records[1..]), Err(Broken { number: 1 }));
    }

    #[test]
    fn a_line_has_what_was_written_and_is_json() {
        let record = &log(&["{ \"action\":\"x\" }"])[0];
        let line = line(record);
        let parsed: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(parsed["hash"], record.hash.to_string());
        let (_, written) = line.trim_end().split_once("\"entry\":").unwrap();
        assert_eq!(written.strip_suffix('}').unwrap(), &*record.json);
    }
}
