//! PostgreSQL's own programs, which the tests of the second store start a server with.

use std::fs;
use std::path::Path;

use super::system;

/// The programs that are needed.
const PROGRAMS: [&str; 3] = ["initdb", "postgres", "pg_basebackup"];
/// Where Debian puts the programs of each version: not on `PATH`.
const DEBIAN: &str = "/usr/lib/postgresql";

/// Whether they are there.
pub(crate) fn is_there() -> bool {
    let versions = fs::read_dir(DEBIAN).into_iter().flatten().flatten();
    system::has(&PROGRAMS)
        || versions.map(|version| version.path().join("bin")).any(|folder| has_all(&folder))
}

fn has_all(folder: &Path) -> bool {
    PROGRAMS.iter().all(|program| folder.join(program).is_file())
}
