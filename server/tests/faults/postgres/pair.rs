//! Two PostgreSQL servers of a test's own: the primary, and a standby that streams from it. Each can be stopped and killed, and
//! the standby can take the primary's place. They are reached by sockets in a folder of theirs, and go with the test, however
//! it ends.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout};
use std::time::Duration;
use std::{fmt, fs, thread};

use postgres::{Client, NoTls};

use crate::database::{needed_programs, shell};

/// The database of the faucet.
pub(crate) const DATABASE: &str = "faucet";
/// How often, and how far apart, a server is asked whether it has come to where it is going.
const ASKED: (u32, Duration) = (6_000, Duration::from_millis(10));

/// Runs what it is told, a line at a time, and says how each ended. When there is nothing more to read, the test has ended:
/// then it ends the servers and takes their folder away.
const RUN: &str = r#"
    PATH="$1:$PATH"
    folder=$(mktemp -d "${TMPDIR:-/tmp}/dripline-postgres-XXXXXXXX") || exit 1
    cd "$folder" || exit 1
    trap : INT TERM

    run() {
        postgres -D "$1" -p "$2" >> "$folder/log" 2>&1 < /dev/null &
        eval "process_$1=$!"
    }
    stop() {
        eval "process=\$process_$1"
        kill -INT "$process" && wait "$process"
    }
    is() { grep -q "^State:[[:space:]]*[$2]" "/proc/$1/status" 2> /dev/null; }
    # The first of them is held, so that it starts no others while all are killed; all are gone when this returns, for a
    # server does not start beside what is left of another one.
    kill_all() {
        eval "process=\$process_$1"
        kill -STOP "$process" || return 1
        until is "$process" T; do sleep 0.01; done
        children=$(cat "/proc/$process/task/$process/children") || return 1
        kill -KILL $children "$process"
        wait "$process"
        for child in $children; do
            while is "$child" RSDT; do sleep 0.01; done
        done
    }

    echo "$folder"
    while read -r line; do
        eval "$line" > "$folder/said" 2>&1 < /dev/null
        code=$?
        [ "$code" -eq 0 ] || cat "$folder/said" "$folder/log" >&2
        echo "$code"
    done
    for process in $process_one $process_other; do kill -QUIT "$process" 2> /dev/null; done
    wait
    rm -rf "$folder"
"#;

/// How the servers are set up. Others that use them need not wait for a standby: whether a faucet does is its own doing.
/// Processes are killed here, and never the machine: what they wrote is there without being synced.
const SETTINGS: &str = "
    listen_addresses = ''
    unix_socket_directories = '.'
    max_connections = 50
    shared_buffers = 16MB
    autovacuum = off
    fsync = off
    synchronous_commit = local
    # A standby that was away is soon back, and may have missed this much.
    wal_retrieve_retry_interval = 50ms
    wal_keep_size = 64MB
";

/// One of the two servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Name {
    One,
    Other,
}

impl Name {
    fn opposite(self) -> Self {
        match self {
            Self::One => Self::Other,
            Self::Other => Self::One,
        }
    }

    /// What tells their sockets apart.
    fn port(self) -> u16 {
        match self {
            Self::One => 1,
            Self::Other => 2,
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::One => "one",
            Self::Other => "other",
        })
    }
}

/// Whether a commit waits for the standby.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Replication {
    Synchronous,
    Asynchronous,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Pair {
    folder: PathBuf,
    primary: Name,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
    _shell: Child,
}

impl Pair {
    /// A new pair with an empty database.
    ///
    /// # Panics
    /// Where there is no PostgreSQL, with what to install.
    pub(crate) fn start(replication: Replication) -> Self {
        let mut shell = shell().args(["-c", RUN, "sh"]).arg(needed_programs()).spawn().unwrap();
        let (commands, mut answers) =
            (shell.stdin.take().unwrap(), BufReader::new(shell.stdout.take().unwrap()));
        let mut folder = String::new();
        answers.read_line(&mut folder).unwrap();
        let folder = PathBuf::from(folder.trim());
        let mut pair = Self { folder, primary: Name::One, commands, answers, _shell: shell };
        pair.tell("initdb --pgdata one --username dripline --auth trust --encoding UTF8 --no-locale --no-sync --wal-segsize 1");
        let folder = pair.folder.display().to_string();
        for line in SETTINGS.replace("'.'", &format!("'{folder}'")).lines() {
            pair.tell(&format!("echo \"{}\" >> one/postgresql.conf", line.trim()));
        }
        let standbys = match replication {
            Replication::Synchronous => "*",
            Replication::Asynchronous => "",
        };
        pair.tell(&format!("echo \"synchronous_standby_names = '{standbys}'\" >> one/postgresql.conf"));
        pair.run(Name::One);
        pair.add_standby();
        pair.connect("postgres").batch_execute(&format!("CREATE DATABASE {DATABASE}")).unwrap();
        pair
    }

    /// The socket of a server.
    pub(crate) fn socket(&self, name: Name) -> PathBuf {
        self.folder.join(format!(".s.PGSQL.{}", name.port()))
    }

    /// A connection to the primary.
    pub(crate) fn connect(&self, database: &str) -> Client {
        connect(&self.folder, self.primary, database).unwrap()
    }

    /// How the primary says that its standby follows: `sync` where every commit waits for it, `async` where none does.
    ///
    /// # Panics
    /// Where none follows within a minute.
    pub(crate) fn sync_state(&self) -> String {
        let mut client = self.connect("postgres");
        let question = "SELECT sync_state FROM pg_stat_replication WHERE state = 'streaming'";
        until(|| client.query_opt(question, &[]).unwrap().map(|row| row.get(0)))
    }

    /// Stops the primary as its operator does: it ends what is under way, and writes all that it has.
    pub(crate) fn stop(&mut self) {
        self.tell(&format!("stop {}", self.primary));
    }

    /// Kills all processes of the primary at once.
    pub(crate) fn kill(&mut self) {
        self.tell(&format!("kill_all {}", self.primary));
    }

    /// Starts the primary again, which has been stopped or killed.
    pub(crate) fn start_again(&mut self) {
        self.run(self.primary);
    }

    /// Stops the standby.
    pub(crate) fn stop_standby(&mut self) {
        self.tell(&format!("stop {}", self.primary.opposite()));
    }

    /// Starts the standby again.
    pub(crate) fn start_standby(&mut self) {
        self.run(self.primary.opposite());
    }

    /// Has the standby take the place of the primary, which has been killed.
    pub(crate) fn promote(&mut self) {
        self.primary = self.primary.opposite();
        let promoted: bool = self.connect("postgres").query_one("SELECT pg_promote()", &[]).unwrap().get(0);
        assert!(promoted);
    }

    /// Makes the server that is not the primary a new standby of it.
    pub(crate) fn add_standby(&mut self) {
        let (primary, standby) = (self.primary, self.primary.opposite());
        self.tell(&format!("rm -rf {standby}"));
        self.tell(&format!(
            "pg_basebackup -h \"$folder\" -p {} -U dripline -D {standby} -R -X stream -c fast --no-sync",
            primary.port()
        ));
        self.run(standby);
        // From here on, what is committed waits for it where that is demanded.
        self.sync_state();
    }

    /// Starts a server.
    ///
    /// # Panics
    /// Where it is not there within a minute, with what it says.
    fn run(&mut self, name: Name) {
        self.tell(&format!("run {name} {}", name.port()));
        let is_there = (0..ASKED.0).any(|_| {
            let is_there = connect(&self.folder, name, "postgres").is_ok();
            if !is_there {
                thread::sleep(ASKED.1);
            }
            is_there
        });
        assert!(
            is_there,
            "{name} does not come up: {}",
            fs::read_to_string(self.folder.join("log")).unwrap()
        );
    }

    /// Has the shell do something.
    fn tell(&mut self, command: &str) {
        writeln!(self.commands, "{command}").unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        assert_eq!(answer.trim(), "0", "{command}");
    }
}

fn connect(folder: &Path, name: Name, database: &str) -> Result<Client, postgres::Error> {
    let folder = folder.to_str().unwrap();
    let mut config = Client::configure();
    config.host(folder).port(name.port()).user("dripline").dbname(database).connect(NoTls)
}

/// Waits until there is an answer.
///
/// # Panics
/// Where there is none within a minute.
pub(crate) fn until<T>(mut ask: impl FnMut() -> Option<T>) -> T {
    let mut asked = 0;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        asked += 1;
        assert!(asked < ASKED.0, "it never comes to that");
        thread::sleep(ASKED.1);
    }
}
