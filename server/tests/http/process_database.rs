//! The binary where the store is in a database: several servers, the commands beside them, and what is told of it.

use std::path::PathBuf;

use dripline_server::config::catalog_to_toml;
use dripline_shared::api::{CatalogView, FaucetKeys, RailList};
use dripline_shared::catalog::Catalog;

use crate::database::Database;
use crate::directory::copy;
use crate::process::{Folder, Serving, dripline, get, other_catalog};

/// Nothing that is printed or logged may have it.
const PASSWORD: &str = "correct-horse-battery";

/// A configuration whose database stands in the environment, and what stands there.
fn configured(folder: &Folder, database: &Database) -> (PathBuf, [(&'static str, String); 2]) {
    let file = folder.file("dripline.toml", "[store]\nurl = 'env:DRIPS_DATABASE'\n");
    let url = database.url.replace("dripline@", &format!("dripline:{PASSWORD}@"));
    (file, [("DRIPS_DATABASE", url), ("DRIPLINE_LOG_FILTER", "trace".to_owned())])
}

fn run(arguments: &[&str], variables: &[(&str, String)]) -> (i32, String, String) {
    let ended = dripline(arguments).envs(variables.iter().cloned()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (told, refused) = (text(ended.stdout), text(ended.stderr));
    assert!(!told.contains(PASSWORD) && !refused.contains(PASSWORD), "{told}{refused}");
    (ended.status.code().unwrap(), told, refused)
}

fn parsed<T: serde::de::DeserializeOwned>(url: &str) -> T {
    serde_json::from_str(&get(url).1).unwrap()
}

#[test]
fn two_servers_on_one_database_are_one_faucet_and_commands_work_beside_them() {
    let (folder, database) = (Folder::new("database"), Database::new());
    let (config, variables) = configured(&folder, &database);
    let config = config.to_str().unwrap();
    let with: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let data = [folder.0.join("one"), folder.0.join("other")];
    let one = Serving::with(&data[0], &["--config", config], &with);
    // Both are the same faucet.
    copy(&data[0].join("keys"), &data[1].join("keys"));
    let other = Serving::with(&data[1], &["--config", config], &with);
    let keys = |serving: &Serving| {
        parsed::<FaucetKeys>(&format!("{}/.well-known/dripline-keys.json", serving.address))
    };
    assert_eq!(keys(&one), keys(&other));
    assert!(!data[0].join("dripline.sqlite").exists(), "the store is elsewhere");

    let here = ["--config", config, "--data", data[0].to_str().unwrap()];
    let command = |words: &[&str]| run(&[words, &here].concat(), &variables);
    let (code, told, refused) = command(&["payouts", "pause", "sandbox", "--why", "the treasury is low"]);
    assert_eq!((code, told.as_str()), (0, "sandbox is paused\n"), "{refused}");
    let paused = |serving: &Serving| {
        parsed::<RailList>(&format!("{}/api/v1/rails", serving.address)).rails[0].paused.clone()
    };
    assert_eq!(paused(&one).as_deref(), Some("the treasury is low"));
    assert_eq!(paused(&other), paused(&one));
    assert_eq!(command(&["payouts", "status"]).1, "sandbox: paused: the treasury is low\n");
    let (_, told, _) = command(&["payouts", "list"]);
    assert!(told.starts_with("sandbox: paused since ") && told.contains("nothing waits"), "{told}");
    let (code, _, refused) = command(&["payouts", "return", &"00".repeat(16), "--why", "closed"]);
    assert_eq!(code, 1, "beside servers that run");
    assert!(refused.contains("no such withdrawal"), "{refused}");
    assert_eq!(command(&["payouts", "resume", "sandbox"]).0, 0);
    assert_eq!((paused(&one), paused(&other)), (None, None));

    let catalog = folder.file("other.toml", &catalog_to_toml(&other_catalog()).unwrap());
    let catalog = catalog.to_str().unwrap();
    assert_eq!(command(&["catalog", "diff", catalog]).0, 3);
    let (code, _, refused) = command(&["catalog", "import", catalog]);
    assert_eq!(code, 0, "{refused}");
    assert_eq!(command(&["catalog", "diff", catalog]).0, 0);
    assert_eq!(command(&["catalog", "export"]).1, catalog_to_toml(&other_catalog()).unwrap());
    let version =
        |serving: &Serving| parsed::<CatalogView>(&format!("{}/api/v1/catalog", serving.address)).version;
    assert_eq!(version(&one), Catalog::first_run().version(), "from the next start on");
    let log = one.stop();
    let again = Serving::with(&data[0], &["--config", config], &with);
    assert_eq!(version(&again), other_catalog().version());
    for log in [log, again.stop(), other.stop()] {
        assert!(log.contains(&database.address().to_string()), "{log}");
        assert!(!log.contains(PASSWORD), "{log}");
    }

    let (code, report, refused) = command(&["ledger", "verify"]);
    assert_eq!(code, 0, "{report}{refused}");
    assert!(report.contains("the ledger is sound"), "{report}");
    let amount = "UPDATE accounts SET balance = balance + 1 WHERE holder = 'treasury'";
    database.connect().execute(amount, &[]).unwrap();
    let (code, report, _) = command(&["ledger", "verify"]);
    assert_eq!(code, 3, "{report}");
}

#[test]
fn a_catalog_can_be_imported_before_any_server_ran_and_a_server_with_other_keys_is_refused() {
    let (folder, database) = (Folder::new("database-import"), Database::new());
    let (config, variables) = configured(&folder, &database);
    let catalog = folder.file("other.toml", &catalog_to_toml(&other_catalog()).unwrap());
    let (catalog, config) = (catalog.to_str().unwrap(), config.to_str().unwrap());
    let data = folder.0.join("one");
    let here = ["--config", config, "--data", data.to_str().unwrap()];
    let command = |words: &[&str]| run(&[words, &here].concat(), &variables);
    let first = catalog_to_toml(&Catalog::first_run()).unwrap();
    assert_eq!(command(&["catalog", "export"]), (0, first, String::new()), "looking makes nothing");
    let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(database.connect().query_one(tables, &[]).unwrap().get::<_, i64>(0), 0);
    for words in [&["payouts", "status"][..], &["payouts", "pause", "sandbox"]] {
        let (code, _, refused) = command(words);
        assert_eq!(code, 1);
        assert!(refused.contains("there is no store"), "{refused}");
    }
    assert_eq!(command(&["catalog", "import", catalog]).0, 0);
    assert_eq!(command(&["catalog", "diff", catalog]).0, 0);

    let elsewhere = folder.0.join("other");
    let elsewhere = ["--config", config, "--data", elsewhere.to_str().unwrap(), "--listen", "127.0.0.1:0"];
    let (code, _, refused) = run(&[&["serve"], &elsewhere[..]].concat(), &variables);
    assert_eq!(code, 1);
    assert!(refused.contains("belongs to a faucet with other keys"), "{refused}");
}

#[test]
fn a_database_that_cannot_be_reached_is_told_without_its_password() {
    let (folder, database) = (Folder::new("unreachable"), Database::new());
    let (config, [(name, url), _]) = configured(&folder, &database);
    let config = config.to_str().unwrap();
    let data = folder.0.join("data");
    let data = ["--config", config, "--data", data.to_str().unwrap()];
    let nowhere = format!("{url}_that_is_not_there");
    for words in [&["serve", "--listen", "127.0.0.1:0"][..], &["payouts", "status"], &["catalog", "export"]] {
        let (code, _, refused) = run(&[words, &data].concat(), &[(name, nowhere.clone())]);
        assert_eq!(code, 1);
        assert!(refused.contains("the database cannot be reached"), "{refused}");
        let (code, _, refused) = run(&[words, &data].concat(), &[]);
        // A server looks for all of its secrets before it starts.
        assert_eq!(code, if words[0] == "serve" { 2 } else { 1 });
        assert!(refused.contains("the variable DRIPS_DATABASE of the environment is not set"), "{refused}");
    }
    let in_the_file = folder.file("secret.toml", &format!("[store]\nurl = '{url}'\n"));
    let (code, _, refused) = run(&["check-config", in_the_file.to_str().unwrap()], &[]);
    assert_eq!(code, 2);
    assert!(refused.contains("secret.toml:2: store.url: expected no password here"), "{refused}");
}
