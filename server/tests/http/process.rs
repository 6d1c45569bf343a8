//! The binary as it is run: what it prints, how it ends, and its exit codes.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use dripline_server::config::{catalog_to_toml, load_catalog};
use dripline_server::keys::Keys;
use dripline_shared::api::{CatalogView, HistoryPage, RoundView};
use dripline_shared::catalog::Catalog;
use dripline_shared::game::merge;
use dripline_shared::level::{Level, Unlock};
use dripline_shared::wallet::Signature;

const BINARY: &str = env!("CARGO_BIN_EXE_dripline");

/// A folder of the test's own, gone afterwards.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("dripline-process-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, content).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn dripline(arguments: &[&str]) -> Command {
    let mut command = Command::new(BINARY);
    // Nothing of the shell that runs the tests may configure the server.
    command.args(arguments).env_clear();
    command
}

pub(crate) fn run(arguments: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = dripline(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

/// A program that is ended with its test, also where that fails before it tells the program to end.
pub(crate) struct Program(pub(crate) Child);

impl Program {
    /// Tells it to end, which it has to do in order.
    pub(crate) fn end(&mut self) {
        let told = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status().unwrap();
        assert!(told.success());
        assert!(self.0.wait().unwrap().success());
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // One that has ended cannot be killed, which is as well.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server on a free port.
pub(crate) struct Serving {
    child: Program,
    pub(crate) lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
    pub(crate) address: String,
}

impl Serving {
    pub(crate) fn start(data: &Path, variables: &[(&str, &str)]) -> Self {
        Self::with(data, &[], variables)
    }

    pub(crate) fn with(data: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut command = dripline(&["serve", "--listen", "127.0.0.1:0", "--data", data.to_str().unwrap()]);
        command.args(arguments).envs(variables.iter().copied()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = Program(command.spawn().unwrap());
        let mut lines = BufReader::new(child.0.stdout.take().unwrap()).lines();
        let first = lines.next().expect("a line").unwrap();
        let address = first.strip_prefix("listening on ").expect("the address").to_owned();
        assert!(address.starts_with("http://127.0.0.1:"), "{address}");
        Self { child, lines, address }
    }

    /// Tells it to end; gives what it has said that nobody has read yet.
    pub(crate) fn stop_and_hear(mut self) -> Vec<String> {
        self.child.end();
        self.lines.map(Result::unwrap).collect()
    }

    /// Tells it to end, where somebody else has read its log.
    fn stop_unheard(mut self) {
        self.child.end();
    }

    /// Tells it to end; gives what it wrote to the log.
    pub(crate) fn stop(mut self) -> String {
        self.child.end();
        let mut log = String::new();
        self.child.0.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        log
    }
}

pub(crate) fn get(url: &str) -> (u16, String) {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut answer = agent.get(url).call().unwrap();
    (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap())
}

#[test]
fn a_server_says_where_it_listens_and_ends_in_order_when_told_to() {
    let folder = Folder::new("serve");
    let data = folder.0.join("data");
    let mut serving = Serving::start(&data, &[("DRIPLINE_METRICS_LISTEN", "127.0.0.1:0")]);
    let metrics = serving.lines.next().unwrap().unwrap();
    let metrics = metrics.strip_prefix("metrics on ").unwrap();
    assert_eq!(get(&format!("{}/readyz", serving.address)), (200, "ready\n".to_owned()));
    assert!(get(metrics).1.contains("dripline_http_requests_total"));
    assert!(
        !get(&format!("{}/metrics", serving.address)).1.contains("dripline_"),
        "the metrics are not public"
    );
    let (_, keys) = get(&format!("{}/.well-known/dripline-keys.json", serving.address));
    let log = serving.stop();
    assert!(log.contains("ended in order"), "{log}");
    let directory = data.to_str().unwrap();
    let (code, shown, _) = run(&["keys", "show", "--data", directory]);
    let parsed = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    assert_eq!((code, parsed(&shown)), (0, parsed(&keys)));
    let (code, report, _) = run(&["ledger", "verify", "--data", directory]);
    assert_eq!(code, 0, "{report}");
    assert!(report.contains("the ledger is sound"), "{report}");
    let (code, rotated, _) = run(&["keys", "rotate", "--data", directory]);
    assert_eq!((code, &parsed(&rotated)["faucet"]), (0, &parsed(&keys)["faucet"]), "the same faucet");
    let again = Serving::start(&data, &[]);
    let (_, keys) = get(&format!("{}/.well-known/dripline-keys.json", again.address));
    assert_eq!(parsed(&keys), parsed(&rotated));
    again.stop();
}

#[test]
fn mistakes_in_the_configuration_are_told_and_end_with_2() {
    let folder = Folder::new("config");
    let wrong = folder.file("wrong.toml", "[throttle]\nburst = 0\n\n[server]\nlisten = 'x'\nport = 80\n");
    let wrong = wrong.to_str().unwrap();
    for arguments in [&["check-config", wrong][..], &["serve", "--config", wrong]] {
        let (code, _, told) = run(arguments);
        assert_eq!(code, 2, "{told}");
        for place in
            ["wrong.toml:2: throttle.burst", "wrong.toml:5: server.listen", "wrong.toml:6: server.port"]
        {
            assert!(told.contains(place), "{told}");
        }
    }
    let right = folder.file("right.toml", "[throttle]\nburst = 5\n");
    let (code, told, _) = run(&["check-config", right.to_str().unwrap()]);
    assert_eq!(code, 0);
    assert!(told.contains("no mistakes"), "{told}");
    assert_eq!(run(&["serve", "--nonsense"]).0, 2);
}

#[test]
fn the_catalog_can_be_written_read_again_and_compared() {
    let folder = Folder::new("catalog");
    let nothing = folder.0.join("nothing");
    let data = nothing.to_str().unwrap();
    let (code, text, _) = run(&["catalog", "export", "--data", data]);
    assert_eq!(code, 0);
    let same = folder.file("same.toml", &text);
    assert_eq!(load_catalog(&same).unwrap(), Catalog::first_run());
    assert_eq!(run(&["catalog", "diff", same.to_str().unwrap(), "--data", data]).0, 0);
    let other = folder.file("other.toml", &catalog_to_toml(&other_catalog()).unwrap());
    let (code, told, _) = run(&["catalog", "diff", other.to_str().unwrap(), "--data", data]);
    assert_eq!(code, 3);
    assert!(told.contains("+ limits.newcomer_ms = "), "{told}");
    assert!(!nothing.exists(), "looking makes nothing");
}

/// A catalog that is not that of a first run.
pub(crate) fn other_catalog() -> Catalog {
    let mut catalog = Catalog::first_run();
    catalog.limits.newcomer_ms += 1;
    catalog
}

#[test]
fn a_catalog_stays_in_force_until_another_one_is_given_or_imported() {
    let folder = Folder::new("in-force");
    let (data, other) = (folder.0.join("data"), other_catalog());
    let file = folder.file("other.toml", &catalog_to_toml(&other).unwrap());
    let (data_text, file) = (data.to_str().unwrap(), file.to_str().unwrap());
    let in_force = || {
        let serving = Serving::start(&data, &[]);
        let (_, view) = get(&format!("{}/api/v1/catalog", serving.address));
        serving.stop();
        serde_json::from_str::<CatalogView>(&view).unwrap().version
    };
    let pinned = Serving::with(&data, &["--catalog", file], &[]);
    let (code, _, told) = run(&["catalog", "import", file, "--data", data_text]);
    assert_eq!(code, 1, "not while a server runs");
    assert!(told.contains("another server is running"), "{told}");
    pinned.stop();
    assert_eq!(in_force(), other.version(), "without the argument");
    let (_, exported, _) = run(&["catalog", "export", "--data", data_text]);
    assert_eq!(exported, catalog_to_toml(&other).unwrap());

    let (code, first, _) = run(&["catalog", "export", "--first-run", "--data", data_text]);
    assert_eq!(code, 0);
    let first = folder.file("first.toml", &first);
    let first = first.to_str().unwrap();
    assert_eq!(run(&["catalog", "import", first, "--data", data_text]).0, 0);
    assert_eq!(in_force(), Catalog::first_run().version(), "imported");
    assert_eq!(run(&["ledger", "verify", "--data", data_text]).0, 0);

    let configured = std::fs::read_to_string(file).unwrap();
    let configured = folder.file("config.toml", &format!("[catalog]\n{}", nested(&configured)));
    let (code, _, told) =
        run(&["catalog", "import", first, "--data", data_text, "--config", configured.to_str().unwrap()]);
    assert_eq!(code, 2);
    assert!(told.contains("has a catalog of its own"), "{told}");
}

#[test]
fn an_emergency_stop_counts_for_the_catalog_that_is_given_and_never_keeps_a_server_from_starting() {
    let folder = Folder::new("emergency");
    let mut catalog = Catalog::first_run();
    catalog.levels.truncate(1);
    catalog.levels[0].id = "mine".to_owned();
    let file = folder.file("mine.toml", &catalog_to_toml(&catalog).unwrap());
    let serve = |stopped: &str| {
        let data = folder.0.join("data");
        let arguments = ["--catalog", file.to_str().unwrap()];
        Serving::with(&data, &arguments, &[("DRIPLINE_EMERGENCY_STOPPED", stopped)])
    };
    // Not "catch-1": the catalog that is given has no such level.
    let serving = serve("mine, catch-1");
    let (code, _, told) = run(&["play", "--server", &serving.address, "--level", "mine"]);
    let log = serving.stop();
    assert_eq!(code, 4, "{told}");
    assert!(told.contains("level_stopped"), "{told}");
    assert!(log.contains("misspelt") && log.contains("catch-1"), "{log}");
    assert!(!log.contains("\"mine\""), "{log}");
    let serving = serve("campaign:default");
    let (code, _, told) = run(&["play", "--server", &serving.address, "--level", "mine"]);
    assert!(!serving.stop().contains("misspelt"));
    assert_eq!(code, 4, "{told}");
    assert!(told.contains("campaign:default"), "{told}");
}

/// A catalog file as what follows `[catalog]` in a configuration file.
fn nested(catalog: &str) -> String {
    let lines = catalog.lines().map(|line| match (line.strip_prefix("[["), line.strip_prefix('[')) {
        (Some(name), _) => format!("[[catalog.{name}"),
        (None, Some(name)) => format!("[catalog.{name}"),
        (None, None) => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_stored_catalog_that_this_build_cannot_read_is_told_with_what_to_do() {
    let folder = Folder::new("unreadable");
    let data = folder.0.join("data");
    Serving::start(&data, &[]).stop();
    let store = rusqlite::Connection::open(data.join("dripline.sqlite")).unwrap();
    // As another build may have written it: its version is the hash of what it holds.
    store.execute("UPDATE catalogs SET json = '{\"asset\":5}', version = zeroblob(32)", []).unwrap();
    store.execute("UPDATE documents SET json = '{\"asset\":5}' WHERE kind = 'catalog'", []).unwrap();
    drop(store);
    let data = data.to_str().unwrap();
    let (code, _, told) = run(&["serve", "--listen", "127.0.0.1:0", "--data", data]);
    assert_eq!(code, 1);
    assert!(told.contains("dripline catalog import"), "{told}");
    let (_, first, _) = run(&["catalog", "export", "--first-run"]);
    let first = folder.file("first.toml", &first);
    assert_eq!(run(&["catalog", "import", first.to_str().unwrap(), "--data", data]).0, 0);
    Serving::start(data.as_ref(), &[]).stop();
}

#[test]
fn the_file_that_the_catalog_is_pinned_to_counts_when_it_changes_unless_it_is_wrong() {
    let folder = Folder::new("pinned");
    let file = folder.file("catalog.toml", &run(&["catalog", "export", "--first-run"]).1);
    let write = |text: &str| {
        // At once, as editors and tools of deployment do.
        let new = folder.file("new.toml", text);
        std::fs::rename(new, &file).unwrap();
    };
    let first = std::fs::read_to_string(&file).unwrap();
    let (data, path) = (folder.0.join("data"), file.to_str().unwrap().to_owned());
    let mut serving = Serving::with(&data, &["--catalog", &path], &[]);
    let mut log = BufReader::new(serving.child.0.stderr.take().unwrap()).lines();
    let mut until = |text: &str| log.find(|line| line.as_ref().unwrap().contains(text)).unwrap().unwrap();
    let version = || {
        let (_, levels) = get(&format!("{}/api/v1/catalog", serving.address));
        serde_json::from_str::<serde_json::Value>(&levels).unwrap()["version"].clone()
    };
    until("serving");
    let before = version();
    write(&first.replacen("base = \"", "base = \"1", 1));
    until("another catalog is in force");
    let changed = version();
    assert_ne!(changed, before);
    write(&first.replacen("cooldown_ms = ", "cooldown_ms = -", 1));
    let refused = until("the catalog's file is refused");
    assert!(refused.contains("catalog.toml") && refused.contains("cooldown_ms"), "{refused}");
    assert_eq!(version(), changed);
    write(&first);
    until("another catalog is in force");
    assert_eq!(version(), before);
    serving.stop_unheard();
}

#[test]
fn the_history_of_catalogs_is_told_and_any_of_them_comes_back() {
    let folder = Folder::new("history");
    let data = folder.0.join("data");
    Serving::start(&data, &[]).stop();
    let data = data.to_str().unwrap();
    let (_, first, _) = run(&["catalog", "export", "--data", data]);
    let other = folder.file("other.toml", &first.replacen("base = \"", "base = \"1", 1));
    let other = other.to_str().unwrap();
    let import = ["catalog", "import", other, "--note", "more", "--data", data];
    assert_eq!(run(&import).0, 0);
    let (code, told, _) = run(&["catalog", "history", "--data", data]);
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!((code, lines.len()), (0, 2), "{told}");
    assert!(
        lines[0].starts_with("2 live from ") && lines[0].contains(" by the command line: more; "),
        "{told}"
    );
    assert!(lines[1].starts_with("1 past from ") && lines[1].contains(" by the server: "), "{told}");
    assert_eq!(run(&["catalog", "export", "--publication", "1", "--data", data]).1, first);
    let (_, json, _) = run(&["catalog", "history", "--json", "--data", data]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["publications"][0]["note"], "more");
    assert_eq!(run(&["catalog", "export", "--publication", "7", "--data", data]).0, 2);
    let two_lines = ["catalog", "import", other, "--note", "one\ntwo", "--data", data];
    assert_eq!(run(&two_lines).0, 2);
}

#[test]
fn what_cannot_be_done_ends_with_1() {
    let folder = Folder::new("impossible");
    let nothing = folder.0.join("nothing");
    let nothing = nothing.to_str().unwrap();
    assert_eq!(run(&["ledger", "verify", "--data", nothing]).0, 1);
    assert_eq!(run(&["keys", "show", "--data", nothing]).0, 1);
    assert_eq!(run(&["keys", "rotate", "--data", nothing]).0, 1);
    assert!(!folder.0.join("nothing").exists(), "looking makes nothing");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    assert_eq!(run(&["serve", "--listen", &address, "--data", nothing]).0, 1);
}

/// A first run's catalog with one level, which a bot wins in a moment.
pub(crate) fn quick_catalog() -> Catalog {
    let mut catalog = Catalog::first_run();
    let params =
        merge::Params { goal: 16, turns: 40, fours_per_mille: 1_000, stones: Vec::new(), rust_every: 0 };
    catalog.levels = vec![Level {
        id: "quick".to_owned(),
        play: params.into(),
        turn_ms_min: 20,
        think_ms_max: 60_000,
        unlock: Unlock::Open,
        ..catalog.levels[0].clone()
    }];
    catalog
}

#[test]
fn the_log_holds_no_address_wallet_token_or_signature_however_much_it_tells() {
    log_without_persons("text");
}

#[test]
fn nor_does_the_log_for_machines_whose_lines_have_the_ids_of_their_requests() {
    let (log, id) = log_without_persons("json");
    let lines: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of_request: Vec<_> = lines.iter().filter(|line| line["span"]["request_id"] == id.as_str()).collect();
    let answered = of_request.iter().find(|line| line["fields"]["message"] == "answered").unwrap();
    assert_eq!(answered["fields"]["route"], "/api/v1/claims");
    assert_eq!(answered["fields"]["status"], 422);
    assert!(lines.iter().all(|line| line["timestamp"].is_string() && line["level"].is_string()));
}

/// Plays through a server that tells all it can in this format, looks that it tells nothing of persons, and gives its log and
/// the id of a request to claim that was refused.
fn log_without_persons(format: &str) -> (String, String) {
    let folder = Folder::new(&format!("log-{format}"));
    let data = folder.0.join("data");
    let catalog = folder.file("quick.toml", &catalog_to_toml(&quick_catalog()).unwrap());
    let variables = [
        ("DRIPLINE_LOG_FILTER", "trace"),
        ("DRIPLINE_LOG_FORMAT", format),
        ("DRIPLINE_CLIENTS_PROXIES", "127.0.0.1/32"),
    ];
    let serving = Serving::with(&data, &["--catalog", catalog.to_str().unwrap()], &variables);
    let key = folder.0.join("bot.key");
    let play =
        || run(&["play", "--server", &serving.address, "--level", "quick", "--key", key.to_str().unwrap()]);
    let won = (0..20).map(|_| play()).find(|(code, ..)| *code != 5).expect("a bot wins in the end");
    assert_eq!(won.0, 0, "{won:?}");
    let kept = std::fs::read_to_string(&key).unwrap();
    let words: Vec<&str> = kept.lines().filter(|line| !line.is_empty()).collect();
    let [_, wallet, secret] = words[..] else { panic!("a wallet and its key") };

    let (_, page) = get(&format!("{}/api/v1/wallets/{wallet}/history", serving.address));
    let page: HistoryPage = serde_json::from_str(&page).unwrap();
    let round = page.entries[0].round.unwrap();
    let token = Keys::read(&data.join("keys")).unwrap().unwrap().round_token(round);
    // A client behind a proxy, whose token is right, and one whose body and address are wrong.
    let client = "203.0.113.77";
    let view = ureq::get(format!("{}/api/v1/rounds/{round}", serving.address))
        .header("x-forwarded-for", client)
        .header("authorization", format!("Bearer {token}"));
    let view: RoundView =
        serde_json::from_str(&view.call().unwrap().body_mut().read_to_string().unwrap()).unwrap();
    let receipt = view.receipt.unwrap();
    let store = rusqlite::Connection::open(data.join("dripline.sqlite")).unwrap();
    let claim: [u8; 64] = store.query_row("SELECT signature FROM receipts", [], |row| row.get(0)).unwrap();
    let claim = Signature(claim).to_string();
    let body = format!("{{\"round\":\"{round}\",\"signature\":\"{claim}\",\"more\":1}}");
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let wrong = agent
        .post(format!("{}/api/v1/claims", serving.address))
        .header("content-type", "application/json")
        .header("x-request-id", wallet)
        .header("x-forwarded-for", client)
        .send(body)
        .unwrap();
    assert_eq!(wrong.status().as_u16(), 422, "an unknown field");
    let id = wrong.headers()["x-request-id"].to_str().unwrap().to_owned();

    let directory = data.to_str().unwrap();
    let forget = || run(&["wallets", "forget", wallet, "--data", directory]);
    assert_eq!(forget().0, 1, "not while a server runs");
    let log = serving.stop();
    assert_eq!(run(&["wallets", "forget", "nobody", "--data", directory]).0, 2);
    for rounds in [1, 0] {
        assert_eq!(
            forget(),
            (
                0,
                format!("deleted how {rounds} rounds were played, and what operators have noted\n"),
                String::new()
            )
        );
        let (code, report, _) = run(&["ledger", "verify", "--data", directory]);
        assert_eq!(code, 0, "{report}");
    }
    assert!(log.contains("/api/v1/claims"), "every answer has its line:\n{log}");
    let signed = receipt.signature.to_string();
    let seed = view.seeds[0].to_string();
    for (what, said) in [
        ("wallet", wallet),
        ("key", secret),
        ("token", &token.to_string()),
        ("claim's signature", &claim),
        ("receipt's signature", &signed),
        ("seed", &seed),
        ("address", client),
    ] {
        let line = log.lines().find(|line| line.contains(said));
        assert_eq!(line, None, "the log holds the {what}");
    }
    (log, id)
}

#[test]
fn a_bot_plays_a_level_for_a_key_of_its_own() {
    let folder = Folder::new("play");
    let serving = Serving::start(&folder.0.join("data"), &[]);
    let key = folder.0.join("bot.key");
    let play = |level: &str, skill: &str| {
        let server = &serving.address;
        run(&["play", "--server", server, "--level", level, "--skill", skill, "--key", key.to_str().unwrap()])
    };
    let (code, _, told) = play("no-such-level", "fair");
    assert_eq!(code, 2, "{told}");
    assert!(told.contains("pipes-1"), "{told}");
    let (code, told, failure) = play("pipes-1", "strong");
    assert!(key.is_file());
    match code {
        0 => assert!(told.contains("drip "), "{told}"),
        5 => assert!(failure.contains("did not reach the goal"), "{failure}"),
        _ => panic!("{code}: {told} {failure}"),
    }
    serving.stop();
}
