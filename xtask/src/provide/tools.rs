//! Tools that build the page and check the dependencies, each kept in the cache under its name and version. It promises
//! that a tool whose installation was interrupted is never taken for whole: it is installed beside its place and then
//! renamed into it.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

use sha2::{Digest as _, Sha256};

use crate::{failure::Failure, hexadecimal::hexadecimal, process, runner::Runner, workspace::Workspace};

/// The newest trunk that today's stable compiler builds.
pub(crate) const TRUNK: &str = "0.21.14";
/// The major version of binaryen, whose `wasm-opt` makes the page small. Trunk.toml asks for the same.
pub(crate) const BINARYEN: &str = "132";
/// The version of terser, which makes the page's script small: trunk's own minifier cannot read it.
pub(crate) const TERSER: &str = "5.51.4";
/// The library that draws the console's charts.
pub(crate) const CHARTS: &str = "1.6.32";
/// What of it the console's page loads.
pub(crate) const CHARTS_FILES: [&str; 2] = ["uPlot.iife.min.js", "uPlot.min.css"];
/// The library that signs in browsers that cannot. It is under the MIT licence, which stays at the head of its module.
pub(crate) const CURVE: &str = "3.2.0";
/// What its module is called beside the player's page.
pub(crate) const CURVE_FILE: &str = "noble-ed25519.mjs";
/// The SHA-256 digest of the module.
const CURVE_DIGEST: &str = "a4f631d1876b5d9e43a86cd71194ca27b5e1451edf4ba4db9a418f40a475569a";
/// The EVM node of the tests, which the npm package in `tests/evm-node` carries.
pub(crate) const ANVIL: &str = "anvil";
/// How many hexadecimal digits the version of a package of ours has.
const VERSION_DIGITS: usize = 12;
/// The Solana node of the tests, a package of its own in `tests/solana-node`.
pub(crate) const SOLANA_NODE: &str = "dripline-solana-node";
const CARGO_DENY: &str = "0.20.2";

/// A program of one version.
#[derive(Debug)]
struct Tool<'a> {
    program: &'a str,
    version: &'a str,
}

/// Trunk, which bundles the page. Without its own downloader and server for TLS: nothing here uses them.
pub(crate) fn trunk(workspace: &Workspace, runner: &Runner) -> Result<PathBuf, Failure> {
    let tool = Tool { program: "trunk", version: TRUNK };
    tool.provide(workspace, runner, |folder| {
        (
            "4 min",
            cargo_install(
                workspace,
                folder,
                "0",
                &["trunk", "--version", TRUNK, "--locked", "--no-default-features"],
            ),
        )
    })
}

/// The command line of wasm-bindgen, which must equal the library's version.
pub(crate) fn wasm_bindgen(
    workspace: &Workspace,
    runner: &Runner,
    version: &str,
) -> Result<PathBuf, Failure> {
    let tool = Tool { program: "wasm-bindgen", version };
    // Not with its own lock file: that names a crate which is no longer to be had.
    tool.provide(workspace, runner, |folder| {
        ("2 min", cargo_install(workspace, folder, "1", &["wasm-bindgen-cli", "--version", version]))
    })
}

/// `wasm-opt` of binaryen, which its npm package carries.
pub(crate) fn wasm_opt(workspace: &Workspace, runner: &Runner) -> Result<PathBuf, Failure> {
    let tool = Tool { program: "wasm-opt", version: BINARYEN };
    tool.provide(workspace, runner, |folder| ("20 s", npm_install(folder, &format!("binaryen@{BINARYEN}"))))
}

/// Terser, which npm carries too.
pub(crate) fn terser(workspace: &Workspace, runner: &Runner) -> Result<PathBuf, Failure> {
    let tool = Tool { program: "terser", version: TERSER };
    tool.provide(workspace, runner, |folder| ("5 s", npm_install(folder, &format!("terser@{TERSER}"))))
}

/// The folder of the files of uPlot, which draws the console's charts, from npm too.
pub(crate) fn charts(workspace: &Workspace, runner: &Runner) -> Result<PathBuf, Failure> {
    let [script, _] = CHARTS_FILES;
    let tool = Tool { program: script, version: CHARTS };
    tool.provide(workspace, runner, |folder| {
        let mut shell = process::command("sh");
        let install = "npm install --no-audit --no-fund --prefix . \"$1\" && mv node_modules/uplot/dist bin";
        shell.args(["-c", install, "sh", &format!("uplot@{CHARTS}")]).current_dir(folder);
        ("5 s", shell)
    })
}

/// The module of `@noble/ed25519`, which signs in browsers that cannot, from npm too. Another module than the one that was
/// looked at is refused: it sees the players' keys.
pub(crate) fn curve(workspace: &Workspace, runner: &Runner) -> Result<PathBuf, Failure> {
    let tool = Tool { program: CURVE_FILE, version: CURVE };
    let folder = tool.provide(workspace, runner, |folder| {
        let mut shell = process::command("sh");
        let install = "npm install --no-audit --no-fund --prefix . \"$1\" && mkdir bin && \
                       mv node_modules/@noble/ed25519/index.js \"bin/$2\"";
        shell.args(["-c", install, "sh", &format!("@noble/ed25519@{CURVE}"), CURVE_FILE]).current_dir(folder);
        ("5 s", shell)
    })?;
    let file = folder.join(CURVE_FILE);
    let content = fs::read(&file).map_err(|error| Failure::file("read", &file, error))?;
    if hexadecimal(&Sha256::digest(content)) != CURVE_DIGEST {
        return Err(Failure::Other(format!("{} is not the module of version {CURVE}", file.display())));
    }
    Ok(file)
}

/// cargo-deny, which checks bans, licences and sources.
pub(crate) fn cargo_deny(workspace: &Workspace, runner: &Runner) -> Result<PathBuf, Failure> {
    let tool = Tool { program: "cargo-deny", version: CARGO_DENY };
    tool.provide(workspace, runner, |folder| {
        ("4 min", cargo_install(workspace, folder, "0", &["cargo-deny", "--version", CARGO_DENY, "--locked"]))
    })
}

/// The Solana node of the tests. It is some thousand crates, so it is kept apart from the workspace and built once for
/// each of its versions: whatever changes it gives it another one.
pub(crate) fn solana_node(workspace: &Workspace, runner: &Runner) -> Result<PathBuf, Failure> {
    let package = workspace.solana_node();
    let version = version_of(&package, &["Cargo.toml", "Cargo.lock", "src/main.rs"])?;
    let tool = Tool { program: SOLANA_NODE, version: &version };
    tool.provide(workspace, runner, |folder| {
        let mut cargo = process::cargo(&workspace.cache);
        cargo
            .args(["install", "--locked", "--debug", "--path"])
            .arg(&package)
            .arg("--root")
            .arg(folder)
            .arg("--target-dir")
            .arg(folder.with_extension("build"))
            // The system's, instead of one that would have to be compiled first.
            .env("OPENSSL_NO_VENDOR", "1");
        ("6 min", cargo)
    })
}

/// The EVM node of the tests, with the compiler of contracts beside it. It is not taken from `PATH`, where there would be no
/// compiler.
pub(crate) fn anvil(workspace: &Workspace, runner: &Runner) -> Result<PathBuf, Failure> {
    const FILES: [&str; 5] = [".npmrc", "compile.mjs", "link.mjs", "package-lock.json", "package.json"];
    let package = workspace.evm_node();
    let tool = Tool { program: ANVIL, version: &version_of(&package, &FILES)? };
    tool.provide(workspace, runner, |folder| {
        let mut shell = process::command("sh");
        // `npm ci` installs beside the lock file.
        shell.args(["-c", "cp \"$@\" . && npm ci --no-audit --no-fund", "sh"]).current_dir(folder);
        shell.args(FILES.map(|name| package.join(name)));
        ("10 s", shell)
    })
}

/// A version of a package of ours: whatever changes one of these files gives it another one.
fn version_of(package: &Path, files: &[&str]) -> Result<String, Failure> {
    let mut digest = Sha256::new();
    for name in files {
        let file = package.join(name);
        digest.update(fs::read(&file).map_err(|error| Failure::file("read", &file, error))?);
    }
    // So much of it that no two versions share it.
    let mut version = hexadecimal(&digest.finalize());
    version.truncate(VERSION_DIGITS);
    Ok(version)
}

impl Tool<'_> {
    /// The folder that holds the program, installing it first where it is missing. `install` gives the command that
    /// installs into a folder, and roughly how long it takes.
    fn provide(
        &self,
        workspace: &Workspace,
        runner: &Runner,
        install: impl FnOnce(&Path) -> (&'static str, Command),
    ) -> Result<PathBuf, Failure> {
        if let Some(folder) = self.on_path() {
            return Ok(folder);
        }
        let tools = workspace.cache.join("tools");
        let name = format!("{}-{}", self.program, self.version);
        let place = tools.join(&name);
        let programs = place.join("bin");
        if programs.join(self.program).is_file() {
            return Ok(programs);
        }
        let _lock = lock(&workspace.cache, &name)?;
        if programs.join(self.program).is_file() {
            return Ok(programs);
        }
        let beside = tools.join(format!("{name}.part"));
        remove(&beside)?;
        fs::create_dir_all(&beside).map_err(|error| Failure::file("create", &beside, error))?;
        let (duration, mut command) = install(&beside);
        let title =
            format!("installing {} {} into the cache (about {duration}, once)", self.program, self.version);
        runner.quiet(&title, &mut command)?;
        if !beside.join("bin").join(self.program).is_file() {
            let text = format!("installing {name} left no {} in {}", self.program, beside.display());
            return Err(Failure::Other(text));
        }
        remove(&place)?;
        fs::rename(&beside, &place).map_err(|error| Failure::file("move into its place", &beside, error))?;
        remove(&beside.with_extension("build"))?;
        Ok(programs)
    }

    /// Where the person's own copy is, when its version is the right one.
    fn on_path(&self) -> Option<PathBuf> {
        let path = process::on_path(self.program)?;
        let text = process::output(process::command(&path).arg("--version"))?;
        let right = text.split_whitespace().any(|word| word == self.version);
        right.then(|| path.parent().map(Path::to_path_buf)).flatten()
    }
}

/// `cargo install` into `folder`, tuned for a quick build: these tools run for seconds. `optimise` is the level of
/// optimisation: only wasm-bindgen is slow without any.
fn cargo_install(workspace: &Workspace, folder: &Path, optimise: &str, arguments: &[&str]) -> Command {
    let mut cargo = process::cargo(&workspace.cache);
    cargo
        .arg("install")
        .args(arguments)
        .arg("--root")
        .arg(folder)
        .arg("--target-dir")
        .arg(folder.with_extension("build"))
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", optimise)
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_DEBUG", "false");
    cargo
}

/// `npm install` of a package's programs into `folder`.
fn npm_install(folder: &Path, package: &str) -> Command {
    let mut npm = process::command("npm");
    npm.args(["install", "--global", "--no-audit", "--no-fund", "--prefix"]).arg(folder).arg(package);
    npm
}

/// Holds a lock of this name until it is dropped; two commands at once install a tool once.
pub(crate) fn lock(folder: &Path, name: &str) -> Result<File, Failure> {
    let folder = folder.join("lock");
    fs::create_dir_all(&folder).map_err(|error| Failure::file("create", &folder, error))?;
    let path = folder.join(name);
    let file = File::create(&path).map_err(|error| Failure::file("create", &path, error))?;
    if file.try_lock().is_err() {
        println!("▸ waiting for another `cargo xtask` that is busy with {name}");
        file.lock().map_err(|error| Failure::file("lock", &path, error))?;
    }
    Ok(file)
}

fn remove(folder: &Path) -> Result<(), Failure> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Failure::file("remove", folder, error))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workspace(name: &str) -> Workspace {
        let folder = std::env::temp_dir().join(format!("dripline-xtask-tools-{name}-{}", std::process::id()));
        Workspace { root: folder.clone(), target: folder.clone(), cache: folder }
    }

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn an_installation_that_fails_half_way_leaves_nothing_that_looks_whole() {
        let workspace = workspace("half");
        let runner = Runner::new(&workspace, "try").unwrap();
        let tool = Tool { program: "dripline-half", version: "1" };
        let half = |folder: &Path| ("1 s", shell(&format!("mkdir -p {0}/bin && exit 1", folder.display())));
        assert!(tool.provide(&workspace, &runner, half).is_err());
        let whole = |folder: &Path| {
            ("1 s", shell(&format!("mkdir -p {0}/bin && touch {0}/bin/dripline-half", folder.display())))
        };
        let programs = tool.provide(&workspace, &runner, whole).unwrap();
        assert!(programs.ends_with("tools/dripline-half-1/bin"));
        let again = tool.provide(&workspace, &runner, |_folder| panic!("installed twice")).unwrap();
        assert_eq!(again, programs);
        fs::remove_dir_all(&workspace.cache).unwrap();
    }

    #[test]
    fn an_installation_without_its_program_is_refused() {
        let workspace = workspace("none");
        let runner = Runner::new(&workspace, "try").unwrap();
        let tool = Tool { program: "dripline-none", version: "1" };
        assert!(tool.provide(&workspace, &runner, |_folder| ("1 s", shell("true"))).is_err());
        fs::remove_dir_all(&workspace.cache).unwrap();
    }
}
