//! A compiler for WebAssembly, and the source of its standard library: the page is smaller by a tenth when that is
//! built for size along with it. Where rustup has the source, or can add it, both are rustup's. Where it cannot, they
//! are Debian's `rustc-web` and `rust-web-src`; the source of one version does not build with the compiler of another,
//! so cargo, compiler and source all are Debian's there. Where these cannot be had either, rustup's ready-made target
//! builds a larger page.

use std::{
    env, fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};

use super::system::{self, Want};
use crate::{failure::Failure, process, runner::Runner, workspace::Workspace};

/// The target's name.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";
/// The stand-in for what rustup cannot give.
pub(crate) const STAND_IN: Want =
    Want { what: "a compiler for WebAssembly", packages: &["rustc-web", "cargo-web", "rust-web-src"] };

const STAND_IN_COMPILER: &str = "/usr/bin/rustc";
const STAND_IN_CARGO: &str = "/usr/bin/cargo";
const STAND_IN_LIBRARY: &str = "/usr/lib/rustlib/src/rust/library/Cargo.toml";
const OWN_LIBRARY: &str = "lib/rustlib/src/rust/library/Cargo.toml";

/// The smaller backends of packages: a signature is made once a round, and need not be made fast.
const BACKENDS: [&str; 4] = [
    "--cfg",
    "sha2_backend_soft=\"compact\"",
    // Every multiplication of the curve is written out: half as many, of twice the width, are shorter.
    "--cfg",
    "curve25519_dalek_bits=\"64\"",
];
/// What only a library that is built along can have. Overflow checks stay on; a panic stops the page without a message.
const WITH_LIBRARY: [&str; 4] = [
    "-Zunstable-options",
    "-Cpanic=immediate-abort",
    "-Zlocation-detail=none",
    // Nothing that a player or the server sees is written with `{:?}`.
    "-Zfmt-debug=none",
];

/// Which compiler builds for WebAssembly here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compiler {
    /// The one that builds everything else, with the source of its standard library.
    Own,
    /// Debian's, with the source of its standard library.
    StandIn,
    /// The one that builds everything else, with the standard library as rustup ships it: the page gets larger.
    Plain,
}

/// A compiler with what it takes to use it.
#[derive(Debug)]
pub(crate) struct Toolchain {
    compiler: Compiler,
    /// Folders that must come first on `PATH`.
    pub(crate) programs: Vec<PathBuf>,
    variables: Vec<(&'static str, String)>,
    /// What the built code depends on: compiler and flags.
    pub(crate) fingerprint: String,
}

/// Finds a compiler, adding to rustup's what it lacks if that is possible. `None` means that the stand-in must be
/// installed.
pub(crate) fn find(runner: &Runner) -> Option<Compiler> {
    let compiler = choose(&Offers {
        own_source: &own_has_source,
        stand_in: &stand_in_is_installed,
        adds_source: &|| {
            rustup_adds(runner, "the standard library's source", ["component", "add", "rust-src"])
        },
        installs: &system::can_install,
        own_target: &own_has_target,
        adds_target: &|| rustup_adds(runner, "the WebAssembly target", ["target", "add", TARGET]),
    });
    match compiler {
        None => println!("  rustup cannot give the source here; Debian's packages stand in for it"),
        Some(Compiler::Plain) => {
            println!("  without the standard library's source, the page becomes a tenth larger");
        }
        Some(Compiler::Own | Compiler::StandIn) => {}
    }
    compiler
}

/// What there is, or could be had. Each is asked only when what is better is not there.
struct Offers<'a> {
    own_source: &'a dyn Fn() -> bool,
    stand_in: &'a dyn Fn() -> bool,
    adds_source: &'a dyn Fn() -> bool,
    /// Whether Debian's packages can be installed without asking a person.
    installs: &'a dyn Fn() -> bool,
    own_target: &'a dyn Fn() -> bool,
    adds_target: &'a dyn Fn() -> bool,
}

/// The best of what there is.
fn choose(offers: &Offers<'_>) -> Option<Compiler> {
    if (offers.own_source)() {
        Some(Compiler::Own)
    } else if (offers.stand_in)() {
        Some(Compiler::StandIn)
    } else if (offers.adds_source)() && (offers.own_source)() {
        Some(Compiler::Own)
    } else if (offers.installs)() {
        None
    } else {
        let has_target = (offers.own_target)() || (offers.adds_target)() && (offers.own_target)();
        has_target.then_some(Compiler::Plain)
    }
}

impl Toolchain {
    /// Prepares the use of a compiler.
    pub(crate) fn new(workspace: &Workspace, compiler: Compiler) -> Result<Self, Failure> {
        let mut flags = vec![format!("--remap-path-prefix={}=/cargo", cargo_home()?.display())];
        flags.extend(BACKENDS.map(str::to_owned));
        let mut variables = Vec::new();
        let mut programs = Vec::new();
        if compiler != Compiler::Plain {
            flags.extend(WITH_LIBRARY.map(str::to_owned));
            variables.extend([
                ("RUSTC_BOOTSTRAP", "1".to_owned()),
                ("CARGO_UNSTABLE_BUILD_STD", "std".to_owned()),
                ("CARGO_UNSTABLE_BUILD_STD_FEATURES", "optimize_for_size".to_owned()),
            ]);
        }
        if compiler == Compiler::StandIn {
            variables.extend([
                ("RUSTC", STAND_IN_COMPILER.to_owned()),
                ("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", own_linker()?),
            ]);
            programs.push(stand_in_programs(workspace)?);
        }
        variables.push(("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}")));
        let compiler_path = if compiler == Compiler::StandIn { STAND_IN_COMPILER } else { "rustc" };
        let version = process::output(process::command(compiler_path).arg("-vV"))
            .ok_or_else(|| Failure::Other(format!("{compiler_path} does not tell its version")))?;
        let fingerprint = format!("{version}\n{variables:?}");
        Ok(Self { compiler, programs, variables, fingerprint })
    }

    /// Makes `command`, which is cargo or calls it, build with this compiler into a target folder of its own.
    pub(crate) fn apply(&self, workspace: &Workspace, command: &mut Command) {
        if self.compiler == Compiler::StandIn {
            command.env_remove("RUSTUP_TOOLCHAIN").env_remove("CARGO");
        }
        command.envs(self.variables.iter().cloned()).env("CARGO_TARGET_DIR", workspace.page_target());
    }

    /// Downloads what is built besides the packages of the workspace: what the standard library depends on.
    pub(crate) fn fetch(&self, workspace: &Workspace, runner: &Runner) -> Result<(), Failure> {
        let (program, library) = match self.compiler {
            Compiler::Own => ("cargo", own_sysroot()?.join(OWN_LIBRARY)),
            Compiler::StandIn => (STAND_IN_CARGO, PathBuf::from(STAND_IN_LIBRARY)),
            Compiler::Plain => return Ok(()),
        };
        let mut cargo = process::command(program);
        cargo.args(["fetch", "--locked", "--target", TARGET, "--manifest-path"]).arg(library);
        self.apply(workspace, &mut cargo);
        runner.quiet("fetching what the standard library depends on (seconds)", &mut cargo)
    }
}

/// Has rustup add something to the compiler in use.
fn rustup_adds(runner: &Runner, what: &str, arguments: [&str; 3]) -> bool {
    process::on_path("rustup").is_some()
        && runner
            .quiet(
                &format!("asking rustup for {what} (20 s, once)"),
                process::command("rustup").args(arguments),
            )
            .is_ok()
}

fn own_sysroot() -> Result<PathBuf, Failure> {
    process::output(process::command("rustc").args(["--print", "sysroot"]))
        .map(PathBuf::from)
        .ok_or_else(|| Failure::Other("rustc does not tell where it is installed".to_owned()))
}

fn own_has_source() -> bool {
    own_sysroot().is_ok_and(|sysroot| sysroot.join(OWN_LIBRARY).is_file())
}

fn own_has_target() -> bool {
    process::output(process::command("rustc").args(["--print", "target-libdir", "--target", TARGET]))
        .is_some_and(|folder| Path::new(&folder).is_dir())
}

fn stand_in_is_installed() -> bool {
    let mut query = process::command("dpkg-query");
    query.args(["--show", "--showformat", "${Status}\n"]).args(STAND_IN.packages);
    process::output(&mut query).is_some_and(|text| {
        text.lines().filter(|line| *line == "install ok installed").count() == STAND_IN.packages.len()
    })
}

/// Debian's own linker needs a package more, and rustup's works as well.
fn own_linker() -> Result<String, Failure> {
    let version = process::output(process::command("rustc").arg("-vV"));
    let host = version
        .iter()
        .flat_map(|text| text.lines())
        .find_map(|line| line.strip_prefix("host: "))
        .ok_or_else(|| Failure::Other("rustc does not tell its host".to_owned()))?;
    let linker = own_sysroot()?.join("lib/rustlib").join(host).join("bin/rust-lld");
    if linker.is_file() {
        Ok(linker.display().to_string())
    } else {
        Err(Failure::Other(format!("the linker {} is missing", linker.display())))
    }
}

/// A folder with Debian's cargo alone: all of `/usr/bin` first on `PATH` would hide other programs of the person's.
fn stand_in_programs(workspace: &Workspace) -> Result<PathBuf, Failure> {
    let folder = workspace.cache.join("tools").join("stand-in").join("bin");
    fs::create_dir_all(&folder).map_err(|error| Failure::file("create", &folder, error))?;
    let link = folder.join("cargo");
    match symlink(STAND_IN_CARGO, &link) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(Failure::file("create", &link, error))
        }
        _ => Ok(folder),
    }
}

fn cargo_home() -> Result<PathBuf, Failure> {
    env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo")))
        .ok_or_else(|| Failure::Needs("HOME is not set, so cargo's folder is unknown: set HOME".to_owned()))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// What is chosen where `there` is there, and `to_be_had` comes when it is asked for.
    fn chosen(there: &[&str], to_be_had: &[&str]) -> Option<Compiler> {
        let is_there = |name: &str| there.contains(&name);
        let (source, target) = (Cell::new(is_there("source")), Cell::new(is_there("target")));
        let add = |place: &Cell<bool>, name: &str| {
            place.set(place.get() || to_be_had.contains(&name));
            place.get()
        };
        choose(&Offers {
            own_source: &|| source.get(),
            stand_in: &|| is_there("stand-in"),
            adds_source: &|| add(&source, "source"),
            installs: &|| to_be_had.contains(&"stand-in"),
            own_target: &|| target.get(),
            adds_target: &|| add(&target, "target"),
        })
    }

    #[test]
    fn the_own_compiler_with_its_source_is_best_and_the_stand_in_next() {
        assert_eq!(chosen(&["source", "stand-in", "target"], &[]), Some(Compiler::Own));
        assert_eq!(chosen(&["target"], &["source", "stand-in"]), Some(Compiler::Own));
        // What is installed is used before anything is asked for.
        assert_eq!(chosen(&["stand-in"], &["source"]), Some(Compiler::StandIn));
        assert_eq!(chosen(&["target"], &["stand-in"]), None);
    }

    #[test]
    fn without_any_source_the_ready_made_target_serves() {
        assert_eq!(chosen(&["target"], &[]), Some(Compiler::Plain));
        assert_eq!(chosen(&[], &["target"]), Some(Compiler::Plain));
        assert_eq!(chosen(&[], &[]), None);
    }

    #[test]
    fn rustup_that_promises_the_source_and_does_not_bring_it_is_not_believed() {
        let offers = Offers {
            own_source: &|| false,
            stand_in: &|| false,
            adds_source: &|| true,
            installs: &|| true,
            own_target: &|| true,
            adds_target: &|| true,
        };
        assert_eq!(choose(&offers), None);
    }
}
