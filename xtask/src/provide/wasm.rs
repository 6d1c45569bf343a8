//! A compiler for WebAssembly. Where rustup has the target, or can add it, that is rustup's. Where it cannot, it is
//! Debian's `rustc-web`, which builds the standard library from the source that `rust-web-src` carries; the source of
//! one version does not build with the compiler of another, so cargo, compiler and source all are Debian's there.

use std::{
    env, fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};

use super::system::Want;
use crate::{failure::Failure, process, runner::Runner, workspace::Workspace};

/// The target's name.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";
/// The stand-in for rustup's target.
pub(crate) const STAND_IN: Want =
    Want { what: "a compiler for WebAssembly", packages: &["rustc-web", "cargo-web", "rust-web-src"] };

const STAND_IN_COMPILER: &str = "/usr/bin/rustc";
const STAND_IN_CARGO: &str = "/usr/bin/cargo";
const STAND_IN_LIBRARY: &str = "/usr/lib/rustlib/src/rust/library/Cargo.toml";

/// Which compiler builds for WebAssembly here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compiler {
    /// The one that builds everything else.
    Own,
    /// Debian's.
    StandIn,
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

/// Finds a compiler, adding rustup's target if that is possible. `None` means that the stand-in must be installed.
pub(crate) fn find(runner: &Runner) -> Option<Compiler> {
    if own_has_target() {
        return Some(Compiler::Own);
    }
    if stand_in_is_installed() {
        return Some(Compiler::StandIn);
    }
    let added = process::on_path("rustup").is_some()
        && runner
            .quiet(
                "asking rustup for the WebAssembly target (20 s, once)",
                process::command("rustup").args(["target", "add", TARGET]),
            )
            .is_ok();
    if added && own_has_target() {
        return Some(Compiler::Own);
    }
    println!("  rustup cannot give the target here; Debian's packages stand in for it");
    None
}

impl Toolchain {
    /// Prepares the use of a compiler.
    pub(crate) fn new(workspace: &Workspace, compiler: Compiler) -> Result<Self, Failure> {
        let mut flags = vec![format!("--remap-path-prefix={}=/cargo", cargo_home()?.display())];
        let mut variables = Vec::new();
        let mut programs = Vec::new();
        if compiler == Compiler::StandIn {
            // Aborting without a message, and a standard library built for size, make the page an eighth smaller.
            flags.extend(["-Zunstable-options".to_owned(), "-Cpanic=immediate-abort".to_owned()]);
            variables.extend([
                ("RUSTC", STAND_IN_COMPILER.to_owned()),
                ("RUSTC_BOOTSTRAP", "1".to_owned()),
                ("CARGO_UNSTABLE_BUILD_STD", "std".to_owned()),
                ("CARGO_UNSTABLE_BUILD_STD_FEATURES", "optimize_for_size".to_owned()),
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
        if self.compiler == Compiler::Own {
            return Ok(());
        }
        let mut cargo = process::command(STAND_IN_CARGO);
        cargo.args(["fetch", "--locked", "--target", TARGET, "--manifest-path", STAND_IN_LIBRARY]);
        self.apply(workspace, &mut cargo);
        runner.quiet("fetching what the standard library depends on (seconds)", &mut cargo)
    }
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
    let unknown = || Failure::Other("rustc does not tell where it is installed".to_owned());
    let sysroot =
        process::output(process::command("rustc").args(["--print", "sysroot"])).ok_or_else(unknown)?;
    let version = process::output(process::command("rustc").arg("-vV")).ok_or_else(unknown)?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).ok_or_else(unknown)?;
    let linker = Path::new(&sysroot).join("lib/rustlib").join(host).join("bin/rust-lld");
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
