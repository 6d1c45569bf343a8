//! Where things are: the checkout, cargo's target folder, the user's cache folder; and what the lock file pins.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use crate::{failure::Failure, process};

/// The places that every command works with.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// The root of the checkout.
    pub(crate) root: PathBuf,
    /// Where cargo builds; it honours `CARGO_TARGET_DIR` and cargo's own configuration.
    pub(crate) target: PathBuf,
    /// What is kept for all checkouts of this user: tools by version, logs.
    pub(crate) cache: PathBuf,
}

impl Workspace {
    /// Asks cargo and the environment.
    pub(crate) fn find() -> Result<Self, Failure> {
        // Asked when it runs: two checkouts that build in one folder may share this program.
        let here = env::var_os("CARGO_MANIFEST_DIR")
            .ok_or_else(|| Failure::Other("Run it by `cargo xtask`.".to_owned()))?;
        let text = process::output(process::cargo(Path::new(&here)).args([
            "metadata",
            "--no-deps",
            "--format-version",
            "1",
        ]))
        .ok_or_else(|| Failure::Other("`cargo metadata` fails; run it to see why".to_owned()))?;
        let metadata: serde_json::Value = serde_json::from_str(&text)
            .map_err(|error| Failure::Other(format!("`cargo metadata` printed no JSON: {error}")))?;
        let folder = |key: &str| {
            metadata[key]
                .as_str()
                .map(PathBuf::from)
                .ok_or_else(|| Failure::Other(format!("`cargo metadata` names no {key}")))
        };
        Ok(Self { root: folder("workspace_root")?, target: folder("target_directory")?, cache: cache()? })
    }

    /// The server's release binary.
    pub(crate) fn binary(&self) -> PathBuf {
        self.target.join("release").join("dripline")
    }

    /// Where the page is compiled. Another compiler may build it, so it shares nothing with the native build.
    pub(crate) fn page_target(&self) -> PathBuf {
        self.target.join("page")
    }

    /// The server's binary that the tests start.
    pub(crate) fn trial_binary(&self) -> PathBuf {
        self.target.join("trial").join("dripline")
    }

    /// The built page, which the server's build embeds.
    pub(crate) fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// The browser tests' folder.
    pub(crate) fn browser_tests(&self) -> PathBuf {
        self.root.join("tests").join("browser")
    }

    /// The package of the EVM node, and of the compiler of contracts, that the tests run with.
    pub(crate) fn evm_node(&self) -> PathBuf {
        self.root.join("tests").join("evm-node")
    }

    /// The package of the Solana node that the tests run with.
    pub(crate) fn solana_node(&self) -> PathBuf {
        self.root.join("tests").join("solana-node")
    }

    /// Where the package for other sites is left once it is packed.
    pub(crate) fn package(&self) -> PathBuf {
        self.target.join("embed")
    }

    /// Where the browser leaves pictures of the page.
    pub(crate) fn pictures(&self) -> PathBuf {
        self.target.join("pictures")
    }

    /// The version that the lock file pins for a package.
    pub(crate) fn locked_version(&self, package: &str) -> Result<String, Failure> {
        let path = self.root.join("Cargo.lock");
        let text = fs::read_to_string(&path).map_err(|error| Failure::file("read", &path, error))?;
        locked_version(&text, package)
            .map(str::to_owned)
            .ok_or_else(|| Failure::Other(format!("Cargo.lock holds no {package}")))
    }
}

fn cache() -> Result<PathBuf, Failure> {
    let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    absolute("XDG_CACHE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".cache")))
        .map(|base| base.join("dripline"))
        .ok_or_else(|| Failure::Needs("HOME is not set, so there is no cache folder: set HOME".to_owned()))
}

fn locked_version<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let name = format!("name = \"{package}\"");
    lock.lines()
        .skip_while(|line| *line != name)
        .find_map(|line| line.strip_prefix("version = \""))
        .and_then(|rest| rest.strip_suffix('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "version = 4\n\n[[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n\n\
                        [[package]]\nname = \"wasm-bindgen-futures\"\nversion = \"0.4.70\"\n";

    #[test]
    fn the_lock_file_tells_the_version_of_a_package_and_not_of_its_neighbour() {
        assert_eq!(locked_version(LOCK, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(locked_version(LOCK, "wasm-bindgen-futures"), Some("0.4.70"));
        assert_eq!(locked_version(LOCK, "wasm"), None);
    }
}
