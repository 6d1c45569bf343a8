//! The real program, started as an operator starts it.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::{env, fs};

use dripline_server::config::catalog_to_toml;
use dripline_shared::catalog::Catalog;

/// A data directory and a catalog for the program.
#[derive(Debug)]
pub struct Installation {
    folder: tempfile::TempDir,
}

/// A server that runs.
#[derive(Debug)]
pub struct Program {
    child: Child,
    /// Whether a wrapper runs it; then the two are a process group.
    wrapped: bool,
    /// Where it listens.
    pub address: SocketAddr,
}

/// The program under test.
///
/// # Panics
/// Where there is none: `cargo xtask test` builds it and says where.
pub fn binary() -> PathBuf {
    let named = env::var_os("DRIPLINE_BIN").map(PathBuf::from);
    // Without a name: what `cargo xtask build` leaves beside this build's own folder.
    let built = env::current_exe().ok().and_then(|path| {
        let target = path.ancestors().find(|folder| folder.file_name() == Some(OsStr::new("target")))?;
        Some(target.join("release").join("dripline"))
    });
    let path = named.or(built).expect("DRIPLINE_BIN names the program");
    assert!(path.is_file(), "{} is missing: `cargo xtask build` builds it", path.display());
    path
}

impl Installation {
    /// A new one, with this catalog.
    ///
    /// # Panics
    /// Where files cannot be written.
    pub fn new(catalog: &Catalog) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let text = catalog_to_toml(catalog).expect("a catalog is plain data");
        fs::write(folder.path().join("catalog.toml"), text).expect("the catalog is written");
        Self { folder }
    }

    /// The data directory.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The folder of everything.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a configuration that the server is started with.
    ///
    /// # Panics
    /// Where it cannot be written.
    pub fn configure(&self, toml: &str) {
        fs::write(self.configuration(), toml).expect("the configuration is written");
    }

    fn configuration(&self) -> PathBuf {
        self.folder.path().join("dripline.toml")
    }

    /// Starts the server on a free port, or on `listen`. `wrapper` is a program to run it under, with its arguments.
    ///
    /// # Panics
    /// Where it does not start.
    pub fn serve(&self, listen: Option<SocketAddr>, wrapper: &[&str]) -> Program {
        let binary = binary();
        let mut command = match wrapper.split_first() {
            Some((program, arguments)) => {
                let mut command = Command::new(program);
                command.args(arguments).arg(binary).process_group(0);
                command
            }
            None => Command::new(binary),
        };
        without_settings(&mut command);
        let listen = listen.map_or("127.0.0.1:0".to_owned(), |address| address.to_string());
        command
            .args(["serve", "--listen", &listen, "--data"])
            .arg(self.data())
            .arg("--catalog")
            .arg(self.folder.path().join("catalog.toml"))
            .env("DRIPLINE_THROTTLE_BURST", "1000000")
            .env("DRIPLINE_THROTTLE_PER_SECOND", "1000000")
            .env("DRIPLINE_SERVER_PUBLIC_ORIGINS", crate::faucet::ORIGIN)
            .env("DRIPLINE_LOG_FILTER", "warn")
            .stdout(Stdio::piped());
        if self.configuration().exists() {
            command.arg("--config").arg(self.configuration());
        }
        let mut child = command.spawn().expect("the program starts");
        let stdout = child.stdout.take().expect("it is piped");
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).expect("it says where it listens");
        let address =
            line.trim().strip_prefix("listening on http://").and_then(|address| address.parse().ok());
        let Some(address) = address else {
            let ended = child.wait();
            panic!("it said {line:?} and ended with {ended:?}")
        };
        Program { child, wrapped: !wrapper.is_empty(), address }
    }

    /// Runs another command of the program, and gives whether it ended well, and what it printed.
    ///
    /// # Panics
    /// Where it cannot be run.
    pub fn run(&self, arguments: &[&str]) -> (bool, String) {
        let mut command = Command::new(binary());
        without_settings(&mut command);
        let output =
            command.args(arguments).arg("--data").arg(self.data()).output().expect("the program runs");
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&text).into_owned())
    }
}

impl Program {
    /// The id of the process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// `kill -9`, and waits until it is gone.
    ///
    /// # Panics
    /// Where it cannot be killed.
    pub fn kill(mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it is waited for");
    }

    /// Waits until it has ended by itself, and gives how.
    ///
    /// # Panics
    /// Where it cannot be waited for.
    pub fn ended(mut self) -> ExitStatus {
        self.child.wait().expect("it is waited for")
    }

    /// Tells it to end, as a service manager does, and waits until it has ended in order.
    ///
    /// # Panics
    /// Where it cannot be told, or ends otherwise.
    pub fn stop(mut self) {
        let id = self.id();
        // Under a wrapper, the program is the wrapper's child, and the wrapper ends with it.
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
        let id = children.split_whitespace().next().map_or(id.to_string(), str::to_owned);
        let told = Command::new("kill").args(["-TERM", &id]).status().expect("`kill` is there");
        assert!(told.success());
        let ended = self.child.wait().expect("it is waited for");
        assert!(ended.success(), "{ended}");
    }

    /// What the system says of the process, in kibibytes: `VmRSS`, `VmHWM`.
    ///
    /// # Panics
    /// Where the system says nothing of it.
    pub fn memory_kib(&self, what: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id())).expect("the process is there");
        let line = status.lines().find_map(|line| line.strip_prefix(what)?.strip_prefix(':'));
        line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).expect("a number of kibibytes")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing left to do.
        if matches!(self.child.try_wait(), Ok(None)) {
            if self.wrapped {
                // A wrapper that is killed alone leaves the program running.
                let group = format!("-{}", self.id());
                drop(Command::new("kill").args(["-KILL", "--", &group]).status());
            }
            drop(self.child.kill());
        }
        drop(self.child.wait());
    }
}

/// Takes away what the surroundings set: the program reads every variable of this prefix as a setting.
fn without_settings(command: &mut Command) {
    for (name, _) in env::vars_os() {
        if name.to_string_lossy().starts_with("DRIPLINE_") {
            command.env_remove(name);
        }
    }
}
