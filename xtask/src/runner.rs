//! Runs the steps of a command so that a person can follow them: one line says what is being done and roughly how
//! long it takes, a line now and then that it goes on, one line when it is done. What the programs print and is not shown
//! at once goes to a log file in the cache, whose end is shown when a step fails.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use crate::{
    clock::{Stopwatch, spoken},
    failure::Failure,
    workspace::Workspace,
};

/// How often a long step says that it goes on.
const HEARTBEAT: Duration = Duration::from_secs(30);
/// How often a quiet step looks whether its program has ended.
const POLL: Duration = Duration::from_millis(50);
/// How many lines of the log a failure shows.
const TAIL_LINES: usize = 60;
/// How many log files are kept.
const LOGS_KEPT: usize = 20;

/// The runner of one `cargo xtask` command.
#[derive(Debug)]
pub(crate) struct Runner {
    log: PathBuf,
}

impl Runner {
    /// Opens the log of the command called `name`.
    pub(crate) fn new(workspace: &Workspace, name: &str) -> Result<Self, Failure> {
        let folder = workspace.cache.join("log");
        fs::create_dir_all(&folder).map_err(|error| Failure::file("create", &folder, error))?;
        forget_old_logs(&folder);
        let log = folder.join(format!("{name}-{}.log", std::process::id()));
        File::create(&log).map_err(|error| Failure::file("create", &log, error))?;
        Ok(Self { log })
    }

    /// Runs a program whose output nobody needs unless it fails.
    pub(crate) fn quiet(&self, title: &str, command: &mut Command) -> Result<(), Failure> {
        println!("▸ {title}");
        let step = Step::begin(self, title, command)?;
        command.stdout(step.log_file()?).stderr(step.log_file()?);
        let mut child = command.spawn().map_err(|error| step.cannot_start(command, &error))?;
        let mut said = Duration::ZERO;
        let status = loop {
            if let Some(status) = child.try_wait().map_err(|error| step.cannot_start(command, &error))? {
                break status;
            }
            if step.watch.elapsed() >= said + HEARTBEAT {
                said = step.watch.elapsed();
                step.heartbeat()?;
            }
            thread::sleep(POLL);
        };
        step.end(status.success())
    }

    /// Runs a program whose standard output is for the person: every line is shown and passed to `observe`. Of what it
    /// says on standard error, the names of suites are shown and all is logged.
    pub(crate) fn shown(
        &self,
        title: &str,
        command: &mut Command,
        mut observe: impl FnMut(&str),
    ) -> Result<(), Failure> {
        println!("▸ {title}");
        let step = Step::begin(self, title, command)?;
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| step.cannot_start(command, &error))?;
        let (sender, lines) = mpsc::channel();
        let errors = sender.clone();
        let stdout = child.stdout.take();
        let stderr = child.stderr.take();
        thread::spawn(move || send_lines(stdout, |line| sender.send(Line::Shown(line)).is_ok()));
        thread::spawn(move || send_lines(stderr, |line| errors.send(Line::Logged(line)).is_ok()));
        let mut log = step.log_file()?;
        loop {
            match lines.recv_timeout(HEARTBEAT) {
                Ok(Line::Shown(line)) => {
                    println!("{line}");
                    observe(&line);
                }
                Ok(Line::Logged(line)) => {
                    if names_a_suite(&line) {
                        println!("{line}");
                    }
                    writeln!(log, "{line}").map_err(|error| Failure::file("write", &self.log, error))?;
                }
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    // A server that a test left behind may hold the pipes open for ever.
                    if child.try_wait().is_ok_and(|status| status.is_some()) {
                        break;
                    }
                    step.heartbeat()?;
                }
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
            }
        }
        let status = child.wait().map_err(|error| step.cannot_start(command, &error))?;
        step.end(status.success())
    }
}

/// A line of a program's output.
enum Line {
    /// On standard output.
    Shown(String),
    /// On standard error.
    Logged(String),
}

/// Whether cargo says with this line which suite begins.
fn names_a_suite(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("Running ") || line.starts_with("Doc-tests ")
}

/// A step under way: what it is called, and where its part of the log begins.
struct Step<'a> {
    title: &'a str,
    log: &'a Path,
    begins: u64,
    watch: Stopwatch,
}

impl<'a> Step<'a> {
    fn begin(runner: &'a Runner, title: &'a str, command: &Command) -> Result<Self, Failure> {
        let step = Self { title, log: &runner.log, begins: 0, watch: Stopwatch::start() };
        let mut log = step.log_file()?;
        writeln!(log, "\n== {title}\n$ {command:?}")
            .map_err(|error| Failure::file("write", &runner.log, error))?;
        let begins = log.stream_position().map_err(|error| Failure::file("read", &runner.log, error))?;
        Ok(Self { begins, ..step })
    }

    fn log_file(&self) -> Result<File, Failure> {
        File::options().append(true).open(self.log).map_err(|error| Failure::file("open", self.log, error))
    }

    fn output(&self) -> Result<String, Failure> {
        let mut log = File::open(self.log).map_err(|error| Failure::file("open", self.log, error))?;
        let mut bytes = Vec::new();
        log.seek(SeekFrom::Start(self.begins))
            .and_then(|_position| log.read_to_end(&mut bytes))
            .map_err(|error| Failure::file("read", self.log, error))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn heartbeat(&self) -> Result<(), Failure> {
        let output = self.output()?;
        let last = output.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("no output yet");
        let last: String = last.trim().chars().take(90).collect();
        println!("  … {}: {last}", spoken(self.watch.elapsed()));
        Ok(())
    }

    fn end(&self, success: bool) -> Result<(), Failure> {
        if success {
            println!("  done in {}", spoken(self.watch.elapsed()));
            return Ok(());
        }
        let output = self.output()?;
        let detail = format!("\n{}\nall of it: {}", tail(&output, TAIL_LINES), self.log.display());
        Err(Failure::Step { step: self.title.to_owned(), detail })
    }

    fn cannot_start(&self, command: &Command, error: &std::io::Error) -> Failure {
        let program = command.get_program().to_string_lossy();
        Failure::Step { step: self.title.to_owned(), detail: format!("\ncannot run {program}: {error}") }
    }
}

/// Passes the lines of a stream to `send`, until it ends or nobody listens any more.
fn send_lines(stream: Option<impl Read>, send: impl Fn(String) -> bool) {
    let Some(stream) = stream else { return };
    let mut reader = BufReader::new(stream);
    let mut bytes = Vec::new();
    // A test may print what is no UTF-8; the line is shown as well as can be.
    while reader.read_until(b'\n', &mut bytes).is_ok_and(|length| length > 0) {
        let line = String::from_utf8_lossy(&bytes).trim_end_matches(['\n', '\r']).to_owned();
        if !send(line) {
            return;
        }
        bytes.clear();
    }
}

fn tail(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

fn forget_old_logs(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut logs: Vec<_> = entries
        .flatten()
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    logs.sort();
    let surplus = logs.len().saturating_sub(LOGS_KEPT);
    for (_modified, log) in logs.into_iter().take(surplus) {
        // A log that cannot be removed harms nobody and is tried again next time.
        let _kept = fs::remove_file(log);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_of_a_text_is_its_last_lines() {
        assert_eq!(tail("a\nb\nc", 2), "b\nc");
        assert_eq!(tail("a", 2), "a");
    }

    #[test]
    fn a_failing_program_shows_the_end_of_its_output() {
        let folder = std::env::temp_dir().join(format!("dripline-xtask-runner-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let workspace = Workspace { root: folder.clone(), target: folder.clone(), cache: folder.clone() };
        let runner = Runner::new(&workspace, "try").unwrap();
        let failure = runner
            .quiet("saying why", Command::new("sh").args(["-c", "echo because >&2; exit 3"]))
            .unwrap_err();
        assert!(failure.to_string().contains("because"), "{failure}");
        let mut seen = Vec::new();
        runner
            .shown("two lines", Command::new("sh").args(["-c", "echo one; echo two"]), |line| {
                seen.push(line.to_owned());
            })
            .unwrap();
        assert_eq!(seen, ["one", "two"]);
        fs::remove_dir_all(folder).unwrap();
    }
}
