//! How often each fault had an effect at each step.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::fault::{Cell, Fault, Step};

/// The document that long runs write their tables into.
const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/reliability.md");

/// See the module.
#[derive(Debug)]
pub(crate) struct Matrix {
    rail: &'static str,
    counts: BTreeMap<Cell, u64>,
    /// Withdrawals that were paid, and that came back.
    pub(crate) ended: (u64, u64),
    /// How often it could not be told what became of a batch.
    pub(crate) unknown: u64,
    /// How often the rail halted, until it was let run again by hand.
    pub(crate) halts: u64,
    /// How often the faucet was started again.
    pub(crate) restarts: u64,
}

impl Matrix {
    /// One of these cells, none of which had an effect yet.
    pub(crate) fn new(rail: &'static str, cells: &[Cell]) -> Self {
        let counts = cells.iter().map(|cell| (*cell, 0)).collect();
        Self { rail, counts, ended: (0, 0), unknown: 0, halts: 0, restarts: 0 }
    }

    /// Counts what had an effect.
    pub(crate) fn count(&mut self, cells: &[Cell]) {
        for cell in cells {
            *self.counts.entry(*cell).or_default() += 1;
        }
    }

    /// How often anything had an effect.
    pub(crate) fn total(&self) -> u64 {
        self.counts.values().sum()
    }

    /// The cell that had an effect least often, of several the first.
    pub(crate) fn rarest(&self) -> (Cell, u64) {
        let rarest = self.counts.iter().min_by_key(|(cell, count)| (**count, **cell)).unwrap();
        (*rarest.0, *rarest.1)
    }

    /// All cells that had an effect as rarely as the rarest.
    pub(crate) fn rare(&self) -> Vec<Cell> {
        let least = self.rarest().1;
        self.counts.iter().filter(|(_, count)| **count == least).map(|(cell, _)| *cell).collect()
    }

    /// The table in Markdown.
    pub(crate) fn counts(&self) -> String {
        let steps: Vec<Step> = column(self.counts.keys().map(|(step, _)| *step));
        let faults: Vec<Fault> = column(self.counts.keys().map(|(_, fault)| *fault));
        let mut text = String::from("| fault |");
        for step in &steps {
            let _ = write!(text, " {step} |");
        }
        text.push_str("\n|---|");
        text.push_str(&"---:|".repeat(steps.len()));
        text.push('\n');
        for fault in faults {
            let _ = write!(text, "| {fault} |");
            for step in &steps {
                let _ = match self.counts.get(&(*step, fault)) {
                    Some(count) => write!(text, " {count} |"),
                    None => write!(text, " |"),
                };
            }
            text.push('\n');
        }
        text
    }

    /// The table, and a line of sums.
    pub(crate) fn table(&self) -> String {
        let ((paid, returned), unknown, halts) = (self.ended, self.unknown, self.halts);
        format!(
            "{}\n{} faults had an effect. {paid} withdrawals were paid once, {returned} came back, {} restarts, none was paid \
             twice, lost or stuck. {unknown} times it could not be told for a while what had become of a batch: each time the \
             log said so as an error. {halts} times the rail halted by itself and was let run again by hand.\n",
            self.counts(),
            self.total(),
            self.restarts,
        )
    }

    /// Writes this table into the document, with the date of the run, in place of the one that was there.
    pub(crate) fn write(&self, table: &str, date: &str) {
        let path = Path::new(DOCUMENT);
        let text = fs::read_to_string(path).unwrap();
        let (begin, end) = (format!("<!-- faults: {} -->\n", self.rail), "<!-- end -->");
        let (before, rest) = text.split_once(&begin).unwrap();
        let (_, after) = rest.split_once(end).unwrap();
        fs::write(path, format!("{before}{begin}\nMeasured on {date}.\n\n{table}\n{end}{after}")).unwrap();
    }
}

fn column<T: Ord>(values: impl Iterator<Item = T>) -> Vec<T> {
    let set: std::collections::BTreeSet<T> = values.collect();
    set.into_iter().collect()
}

/// The date, for the document.
pub(crate) fn today() -> String {
    let output = std::process::Command::new("date").args(["--utc", "+%Y-%m-%d"]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
