//! How fast Dripline is: the figures of `docs/performance.md`, each a ratio or a bound, measured in one run on one
//! machine. Prints them as a table and writes `target/bench.json`.
//!
//! `cargo xtask bench` builds what is measured and runs this. It wants the machine for itself: what else runs is measured
//! along. With names as arguments (`replay`, `simulate`, `claims`, `consoles`, `stores`, `servers`, `page`) only these parts are measured.

mod claims;
mod consoles;
#[expect(clippy::unwrap_used, reason = "the tests of the store have it, too, and may panic")]
#[path = "../../../../server/tests/store/database.rs"]
mod database;
mod page;
mod prepare;
mod replay;
mod servers;
mod simulate;
mod stopwatch;
mod stores;
mod table;

use std::env;
use std::process::ExitCode;

use crate::table::Row;

/// Measures one part.
type Measure = fn() -> Vec<Row>;

fn main() -> ExitCode {
    let wanted: Vec<String> = env::args().skip(1).collect();
    let parts: [(&str, Measure); 7] = [
        ("replay", replay::measure),
        ("simulate", simulate::measure),
        ("claims", claims::measure),
        ("consoles", consoles::measure),
        ("stores", stores::measure),
        ("servers", servers::measure),
        ("page", page::measure),
    ];
    if let Some(unknown) = wanted.iter().find(|name| parts.iter().all(|(part, _)| part != name)) {
        eprintln!("unknown part {unknown:?}: there are {:?}", parts.map(|(part, _)| part));
        return ExitCode::FAILURE;
    }
    let mut rows = Vec::new();
    for (name, measure) in parts {
        if wanted.is_empty() || wanted.iter().any(|part| part == name) {
            rows.extend(measure());
        }
    }
    println!("\n{}", table::text(&rows));
    if let Err(error) = table::write(&rows) {
        eprintln!("target/bench.json: {error}");
        return ExitCode::FAILURE;
    }
    if rows.iter().all(|row| row.met) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
