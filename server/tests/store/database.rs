//! A PostgreSQL server for the tests: started when the first of them asks for it, once for all of them, and a database in it
//! for each.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use std::{env, fs, thread};

use dripline_server::store::postgres::DatabaseAddress;
use postgres::{Client, NoTls};

/// Where Debian puts the programs of each version.
const DEBIAN: &str = "/usr/lib/postgresql";
/// The user that Debian runs PostgreSQL as: it refuses to run as root.
const USER: &str = "postgres";
/// How often the server is tried to be started: another process may take the port that was free.
const STARTS: u32 = 5;
/// How often, and how far apart, it is asked whether it is there.
const ASKED: (u32, Duration) = (600, Duration::from_millis(50));

/// What it shows to whoever wants an encrypted connection: a certificate for `localhost` and 127.0.0.1, of an authority of
/// the tests' own, both valid for a hundred years.
const CERTIFICATE: &str = include_str!("certificates/server.pem");
/// The key of that certificate. It is no secret, and nothing else has it.
const KEY: &str = include_str!("certificates/server.key");

/// Makes a cluster in a new folder, runs it, and takes both away once there is nothing more to read: that is when the tests
/// have ended, however they did. What is tested is not durability, so nothing is synced; in a file, so that it can be set
/// otherwise while the server runs.
const RUN: &str = r#"
    folder=$(mktemp -d "${TMPDIR:-/tmp}/dripline-postgres-XXXXXXXX") || exit 1
    trap 'rm -rf "$folder"' EXIT
    trap : INT TERM
    "$1/initdb" --pgdata "$folder/data" --username dripline --auth trust --encoding UTF8 --no-locale --no-sync \
        > "$folder/initdb" 2>&1 || { cat "$folder/initdb" >&2; exit 1; }
    (umask 077 && printf '%s' "$3" > "$folder/server.pem" && printf '%s' "$4" > "$folder/server.key") || exit 1
    printf 'fsync = off\nfull_page_writes = off\n' >> "$folder/data/postgresql.conf"
    "$1/postgres" -D "$folder/data" -p "$2" -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
        -c ssl=on -c ssl_cert_file="$folder/server.pem" -c ssl_key_file="$folder/server.key" \
        -c max_connections=200 -c shared_buffers=32MB -c autovacuum=off \
        > "$folder/log" 2>&1 < /dev/null &
    postgres=$!
    echo started
    cat > /dev/null
    kill -QUIT "$postgres"
    wait "$postgres"
"#;

/// A database of its own for a test.
#[derive(Debug, Clone)]
pub(crate) struct Database {
    /// Where it is.
    pub(crate) url: String,
}

impl Database {
    /// A new one, without tables.
    ///
    /// # Panics
    /// Where there is no PostgreSQL, with what to install.
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let mut administrator = server().connect("postgres").unwrap();
        administrator.batch_execute(&format!("CREATE DATABASE test_{number}")).unwrap();
        Self { url: server().url(&format!("test_{number}")) }
    }

    /// The same, for a store.
    pub(crate) fn address(&self) -> DatabaseAddress {
        self.url.parse().unwrap()
    }

    /// A connection beside that of the store.
    pub(crate) fn connect(&self) -> Client {
        Client::connect(&self.url, NoTls).unwrap()
    }
}

/// The server, while the process lives: it ends when `lifeline` is closed, and the system does that.
#[derive(Debug)]
struct Server {
    port: u16,
    _lifeline: ChildStdin,
}

impl Server {
    fn url(&self, database: &str) -> String {
        format!("postgres://dripline@127.0.0.1:{}/{database}", self.port)
    }

    fn connect(&self, database: &str) -> Result<Client, postgres::Error> {
        Client::connect(&self.url(database), NoTls)
    }
}

fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        let programs = needed_programs();
        (0..STARTS).find_map(|_| start(&programs)).expect("PostgreSQL starts")
    })
}

/// The folder of PostgreSQL's programs.
///
/// # Panics
/// Where there is no PostgreSQL, with what to install.
pub(crate) fn needed_programs() -> PathBuf {
    programs().expect(
        "these tests need PostgreSQL's own programs `initdb` and `postgres`, on PATH or where Debian puts them: \
         install Debian's `postgresql`, or what your system calls it",
    )
}

/// A shell of a user that PostgreSQL runs as, which is told the rest on its command line.
pub(crate) fn shell() -> Command {
    let is_root =
        fs::metadata("/proc/self").is_ok_and(|process| std::os::unix::fs::MetadataExt::uid(&process) == 0);
    let mut command = if is_root {
        let mut command = Command::new("runuser");
        command.args(["-u", USER, "--", "sh"]);
        command
    } else {
        Command::new("sh")
    };
    // A folder that its user cannot enter would be in the way.
    command.current_dir("/").stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

/// The folder of PostgreSQL's programs: the newest of Debian's, else where `PATH` has them.
fn programs() -> Option<PathBuf> {
    let has = |folder: &PathBuf| folder.join("initdb").is_file() && folder.join("postgres").is_file();
    let version = |folder: &PathBuf| folder.file_name().and_then(OsStr::to_str)?.parse::<u32>().ok();
    let versions = fs::read_dir(DEBIAN).into_iter().flatten().flatten().map(|entry| entry.path());
    let newest = versions.filter(|folder| has(&folder.join("bin"))).max_by_key(version);
    newest.map(|folder| folder.join("bin")).or_else(|| {
        let path = env::var_os("PATH")?;
        env::split_paths(&path).find(has)
    })
}

/// Starts it on a port that is free now. `None` where it did not come up.
fn start(programs: &Path) -> Option<Server> {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut command = shell();
    command.args(["-c", RUN, "sh"]).arg(programs).arg(port.to_string()).args([CERTIFICATE, KEY]);
    let mut child = command.spawn().unwrap();
    let lifeline = child.stdin.take().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let server = Server { port, _lifeline: lifeline };
    if line.trim() == "started" && comes_up(&server, &mut child) { Some(server) } else { None }
}

fn comes_up(server: &Server, child: &mut Child) -> bool {
    (0..ASKED.0).any(|_| {
        let is_up = server.connect("postgres").is_ok();
        if !is_up && child.try_wait().is_ok_and(|ended| ended.is_none()) {
            thread::sleep(ASKED.1);
        }
        is_up
    })
}
