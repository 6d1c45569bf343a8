use std::path::Path;

use crate::config::{Config, Secrets};

fn parse(text: &str, variables: &[(&str, &str)]) -> Result<Config, Vec<String>> {
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::parse(Some((Path::new("dripline.toml"), text)), variables, Secrets::LeftOut)
        .map_err(|findings| findings.iter().map(ToString::to_string).collect())
}

/// What is said of the database of a configuration.
fn shown(text: &str) -> Result<String, String> {
    parse(text, &[]).unwrap().store.database().map(|address| address.unwrap().to_string())
}

#[test]
fn without_a_section_the_store_is_in_the_data_directory() {
    assert!(parse("", &[]).unwrap().store.database().unwrap().is_none());
}

#[test]
fn a_database_is_named_without_what_opens_it() {
    let folder = std::env::temp_dir().join(format!("dripline-password-{}", std::process::id()));
    std::fs::write(&folder, "hunter2\n").unwrap();
    let text = format!(
        "[store]\nurl = 'postgres://mary@db.example/drips'\npassword_file = '{}'\n",
        folder.display()
    );
    let config = parse(&text, &[]).unwrap();
    let address = config.store.database().unwrap().unwrap();
    std::fs::remove_file(&folder).unwrap();
    assert!(address.has_password());
    assert_eq!(address.to_string(), "database drips at db.example:5432");
    let variables = [("DRIPLINE_STORE_URL", "postgres://mary:hunter2@db.example/drips")];
    let from_environment = parse("", &variables).unwrap();
    assert!(from_environment.store.database().unwrap().unwrap().has_password());
    assert!(!format!("{config:?} {from_environment:?} {address:?}").contains("hunter2"));
}

#[test]
fn what_is_wrong_with_a_database_is_told_with_its_line_and_without_its_password() {
    for (text, line, setting, expected) in [
        ("url = 'db.example'", 2, "url", "an address such as"),
        ("url = 'env:'", 2, "url", "an address, or \"env:NAME\""),
        ("url = 'env:A-B'", 2, "url", "an address, or \"env:NAME\""),
        ("url = 'postgres://m:hunter2@db.example/drips'", 2, "url", "no password here"),
        ("url = 'postgres://m:a@hunter2@db.example/drips'", 2, "url", "an address that names a host"),
        ("password_file = 'x'", 2, "password_file", "nothing without a url"),
        ("ca_file = 'x'", 2, "ca_file", "nothing without a url"),
        ("url = 'postgres://db.example/drips'\nca_file = 'x'", 3, "ca_file", "sslmode=require in the url"),
    ] {
        let mistakes = parse(&format!("[store]\n{text}\n"), &[]).unwrap_err();
        assert_eq!(mistakes.len(), 1, "{mistakes:?}");
        let told = format!("dripline.toml:{line}: store.{setting}: expected {expected}");
        assert!(mistakes[0].starts_with(&told), "{mistakes:?}\nexpected {told}");
        assert!(!mistakes[0].contains("hunter2"), "{mistakes:?}");
    }
    let twice = [("DRIPLINE_STORE_URL", "postgres://m:hunter2@db.example/drips")];
    let mistakes = parse("[store]\npassword_file = 'x'\n", &twice).unwrap_err();
    assert_eq!(
        mistakes,
        ["dripline.toml:2: store.password_file: expected nothing where the address has a password"]
    );
}

#[test]
fn what_is_not_there_at_the_start_is_told() {
    let unset = shown("[store]\nurl = 'env:DRIPLINE_TESTS_HAVE_NO_SUCH_VARIABLE'\n").unwrap_err();
    assert!(unset.contains("DRIPLINE_TESTS_HAVE_NO_SUCH_VARIABLE of the environment is not set"), "{unset}");
    let missing = "[store]\nurl = 'postgres://db.example/drips'\npassword_file = '/nowhere/password'\n";
    assert!(shown(missing).unwrap_err().starts_with("store.password_file: /nowhere/password: "));
    let missing =
        "[store]\nurl = 'postgres://db.example/drips?sslmode=require'\nca_file = '/nowhere/ca.pem'\n";
    let told = shown(missing).unwrap_err();
    assert!(told.starts_with("store.ca_file: expected certificates in /nowhere/ca.pem: "), "{told}");
}
