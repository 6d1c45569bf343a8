//! The binary where nobody reads what it prints any more, as behind `| head`.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::process::{Folder, dripline, get};

#[test]
fn a_server_whose_log_nobody_reads_any_more_serves_and_ends_when_told_to() {
    let folder = Folder::new("unread-log");
    let data = folder.0.join("data");
    let mut command = dripline(&["serve", "--listen", "127.0.0.1:0", "--data", data.to_str().unwrap()]);
    // Every request has a line then.
    command.env("DRIPLINE_LOG_FILTER", "debug").stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let address = lines.next().unwrap().unwrap().strip_prefix("listening on ").unwrap().to_owned();
    drop((lines, child.stderr.take()));
    assert_eq!(get(&format!("{address}/readyz")), (200, "ready\n".to_owned()));
    let told = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(told.success());
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_server_that_nobody_hears_say_where_it_listens_serves_all_the_same() {
    let folder = Folder::new("unread-output");
    let data = folder.0.join("data");
    let mut command = dripline(&["serve", "--listen", "127.0.0.1:0", "--data", data.to_str().unwrap()]);
    let (unread, output) = std::io::pipe().unwrap();
    drop(unread);
    let mut child = command.stdout(output).stderr(Stdio::piped()).spawn().unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let line = log.find(|line| line.contains(" serving ")).expect("where it listens");
    let address = line.split_whitespace().find_map(|word| word.strip_prefix("address=")).unwrap();
    assert_eq!(get(&format!("http://{address}/readyz")), (200, "ready\n".to_owned()));
    let told = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(told.success());
    log.for_each(drop);
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_command_whose_output_nobody_reads_to_the_end_is_done() {
    let (unread, output) = std::io::pipe().unwrap();
    drop(unread);
    let mut command = dripline(&["catalog", "export", "--first-run"]);
    let ended = command.stdout(output).stderr(Stdio::piped()).output().unwrap();
    assert_eq!((ended.status.code(), String::from_utf8(ended.stderr).unwrap()), (Some(0), String::new()));
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let ended = dripline(&["catalog", "export", "--first-run"]).stdout(full).output().unwrap();
    assert_eq!(ended.status.code(), Some(1), "what could not be written was not done");
}
