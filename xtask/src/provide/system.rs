//! What only the system's package manager can give. With root on a Debian machine it is installed; otherwise the exact
//! line to type is printed. A C compiler is not among it: without one, cargo could not have linked this program.

use crate::{failure::Failure, process, runner::Runner};

/// Something the system must have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Want {
    /// What a person calls it.
    pub(crate) what: &'static str,
    /// Debian's packages that bring it.
    pub(crate) packages: &'static [&'static str],
}

/// Runs the page's and the tests' tools.
pub(crate) const NODE: Want = Want { what: "Node.js with npm", packages: &["nodejs", "npm"] };
/// Watches the server's system calls in the tests of durability.
pub(crate) const STRACE: Want = Want { what: "strace", packages: &["strace"] };
/// The server that the tests of the second store start.
pub(crate) const POSTGRES: Want = Want { what: "PostgreSQL", packages: &["postgresql"] };
/// What the Solana node of the tests is linked with, and how its build finds it.
pub(crate) const OPENSSL: Want = Want { what: "OpenSSL's headers", packages: &["libssl-dev", "pkg-config"] };
/// The browser that the tests play in.
pub(crate) const CHROMIUM: Want = Want { what: "Chromium", packages: &["chromium"] };

/// Whether every one of these programs is on `PATH`.
pub(crate) fn has(programs: &[&str]) -> bool {
    programs.iter().all(|program| process::on_path(program).is_some())
}

/// Whether programs can be linked with OpenSSL.
pub(crate) fn has_openssl() -> bool {
    process::output(process::command("pkg-config").args(["--exists", "openssl"])).is_some()
}

/// Whether packages can be installed here without a person: with root, on a Debian machine.
pub(crate) fn can_install() -> bool {
    has(&["apt-get"]) && is_root()
}

/// Installs all that is wanted in one go, or says what to type.
pub(crate) fn install(runner: &Runner, wants: &[Want]) -> Result<(), Failure> {
    if wants.is_empty() {
        return Ok(());
    }
    let what = wants.iter().map(|want| want.what).collect::<Vec<_>>().join(", ");
    if !has(&["apt-get"]) {
        return Err(Failure::Needs(format!(
            "This machine lacks {what}: install it with your system's packages."
        )));
    }
    let packages: Vec<&str> = wants.iter().flat_map(|want| want.packages).copied().collect();
    if !is_root() {
        return Err(Failure::Needs(to_type(&what, &packages)));
    }
    runner.quiet(
        "asking Debian for its list of packages (10 s)",
        process::command("apt-get").args(["update", "--quiet"]),
    )?;
    runner.quiet(
        &format!("installing {what} from Debian's packages (1–3 min, once)"),
        process::command("apt-get")
            .env("DEBIAN_FRONTEND", "noninteractive")
            .args(["install", "--quiet", "--yes", "--no-install-recommends"])
            .args(&packages),
    )
}

fn is_root() -> bool {
    process::output(process::command("id").arg("-u")).as_deref() == Some("0")
}

fn to_type(what: &str, packages: &[&str]) -> String {
    format!(
        "This machine lacks {what}, and only root can install it. Type:\n\n    sudo apt-get update && sudo apt-get \
         install --yes --no-install-recommends {}\n\nand then the same command again.",
        packages.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_root_the_exact_line_to_type_is_told() {
        let text = to_type("Chromium, strace", &["chromium", "strace"]);
        assert!(
            text.contains("\n    sudo apt-get update && sudo apt-get install --yes --no-install-recommends chromium strace\n"),
            "{text}"
        );
    }

    #[test]
    fn a_program_that_nobody_has_is_missing() {
        assert!(has(&["sh"]));
        assert!(!has(&["sh", "dripline-no-such-program"]));
    }
}
