//! The commands: a first key, and the audit log from outside.

use dripline_shared::api::access::{ApiKeyView, KeyStage, Me};
use rusqlite::Connection;

use crate::process::{Folder, Serving, get, run};

/// What a server answers to this key.
fn with_key(address: &str, key: &str) -> (u16, String) {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let request =
        agent.get(format!("{address}/admin/v1/me")).header("authorization", format!("Bearer {key}"));
    let mut answer = request.call().unwrap();
    (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap())
}

#[test]
fn a_first_key_is_made_on_the_command_line_and_works_until_it_is_revoked_there() {
    let folder = Folder::new("access");
    let data = folder.0.join("data");
    let place = data.to_str().unwrap();
    let make =
        ["access", "make-key", "--role", "owner", "--name", "Ada", "--expires-days", "30", "--data", place];
    let (code, _, told) = run(&make);
    assert_eq!(code, 1);
    assert!(told.contains("there is no store"), "{told}");
    Serving::with(&data, &[], &[]).stop();
    let (code, key, told) = run(&make);
    assert_eq!(code, 0, "{told}");
    let key = key.trim();
    assert!(key.starts_with("dripline_live_") && !told.contains(key), "{told}");

    let serving = Serving::with(
        &data,
        &[],
        &[("DRIPLINE_ADMIN_LISTEN", "127.0.0.1:0"), ("DRIPLINE_LOG_FILTER", "trace")],
    );
    let (status, _) = with_key(&serving.address, key);
    assert_eq!(status, 404, "operators have a listener of their own");
    assert_eq!(get(&format!("{}/api/v1/levels", serving.address)).0, 200);
    let (code, list, _) = run(&["access", "list", "--json", "--data", place]);
    assert_eq!(code, 0, "beside a server");
    let list: Vec<ApiKeyView> = serde_json::from_str(&list).unwrap();
    assert_eq!((list.len(), list[0].stage), (1, KeyStage::Active));
    let log = serving.stop();
    assert!(!log.contains(key), "no log has it");

    let serving = Serving::with(&data, &[], &[("DRIPLINE_LOG_FILTER", "trace")]);
    let (status, me) = with_key(&serving.address, key);
    assert_eq!(status, 200, "{me}");
    assert_eq!(serde_json::from_str::<Me>(&me).unwrap().key.unwrap().id, list[0].id);
    let log = serving.stop();
    assert!(!log.contains(key.rsplit_once('_').unwrap().1), "no log has it");

    let (code, rotated, _) = run(&["access", "rotate", &list[0].id, "--overlap-hours", "0", "--data", place]);
    assert_eq!(code, 0);
    let serving = Serving::with(&data, &[], &[]);
    assert!(with_key(&serving.address, key).1.contains("access_expired"));
    assert_eq!(with_key(&serving.address, rotated.trim()).0, 200);
    serving.stop();
    assert_eq!(run(&["access", "revoke", &list[0].id, "--data", place]).0, 0);
    let (_, told, _) = run(&["access", "list", "--data", place]);
    assert!(told.contains("live owner \"Ada\"; revoked at "), "{told}");
    let serving = Serving::with(&data, &[], &[]);
    assert!(with_key(&serving.address, rotated.trim()).1.contains("access_revoked"));
    serving.stop();
    assert_eq!(run(&["access", "revoke", "nobody", "--data", place]).0, 1);
    for wrong in [
        &["--role", "king", "--name", "x"][..],
        &["--role", "viewer", "--name", ""],
        &["--role", "viewer", "--name", "x", "--scopes", "move_money"],
        &["--role", "viewer", "--name", "x", "--range", "everywhere"],
    ] {
        let arguments = [&["access", "make-key", "--data", place][..], wrong].concat();
        assert_eq!(run(&arguments).0, 2, "{wrong:?}");
    }
}

#[test]
fn the_audit_log_is_exported_and_verified_and_a_change_in_it_is_found() {
    let folder = Folder::new("audit");
    let data = folder.0.join("data");
    let place = data.to_str().unwrap();
    Serving::with(&data, &[], &[]).stop();
    for name in ["one", "two", "three"] {
        assert_eq!(run(&["access", "make-key", "--role", "viewer", "--name", name, "--data", place]).0, 0);
    }
    let (code, told, _) = run(&["audit", "verify", "--data", place]);
    assert_eq!(code, 0, "{told}");
    let (head, _) = told.split_once('\n').unwrap();
    let (_, head) = head.rsplit_once(' ').unwrap();
    assert!(told.contains("the audit log is sound"), "{told}");
    let (code, export, _) = run(&["audit", "export", "--data", place]);
    assert_eq!(code, 0);
    let numbers: Vec<u64> = export
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["number"].as_u64().unwrap())
        .collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>(), "the oldest first");
    assert_eq!(head.split(':').next().unwrap(), numbers.len().to_string());
    assert_eq!(run(&["audit", "verify", "--head", head, "--data", place]).0, 0);

    let store = Connection::open(data.join("dripline.sqlite")).unwrap();
    let last = i64::try_from(numbers.len()).unwrap();
    // Whoever can write the file can do away with what keeps entries as they are.
    store.execute_batch("DROP TRIGGER audit_never_changes; DROP TRIGGER audit_never_goes").unwrap();
    // That the newest entry is gone is told by what was kept elsewhere.
    store.execute("CREATE TABLE kept AS SELECT * FROM audit_log WHERE number = ?1", [last]).unwrap();
    store.execute("DELETE FROM audit_log WHERE number = ?1", [last]).unwrap();
    let (code, told, _) = run(&["audit", "verify", "--head", head, "--data", place]);
    assert_eq!(code, 3, "{told}");
    assert!(told.contains(&format!("entry {last} is gone")), "{told}");
    store.execute("INSERT INTO audit_log SELECT * FROM kept", []).unwrap();
    store.execute("DROP TABLE kept", []).unwrap();
    assert_eq!(run(&["audit", "verify", "--head", head, "--data", place]).0, 0);
    store.execute("UPDATE audit_log SET json = replace(json, 'two', 'owt')", []).unwrap();
    let (code, told, _) = run(&["audit", "verify", "--data", place]);
    assert_eq!(code, 3, "{told}");
    assert!(told.contains("is not there as it was written"), "{told}");
}
