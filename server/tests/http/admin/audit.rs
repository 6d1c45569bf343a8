//! What the audit log says of changes and of attempts that were refused.

use dripline_shared::api::access::Role;
use dripline_shared::api::operate::{AuditEntry, AuditPage, By};
use dripline_shared::error::Code;
use dripline_shared::time::MINUTE_MS;
use serde_json::{Value, json};

use super::Operators;

#[tokio::test]
async fn a_change_is_told_with_who_from_where_and_what_was_before_and_after() {
    let operators = Operators::start("audit-change").await;
    let key = operators.of_role(Role::Viewer).await;
    let made = operators.audit().await.remove(0).entry;
    assert!(matches!(&made.by, By::ApiKey { name, .. } if name == "Ada"), "{made:?}");
    assert_eq!((made.from.as_deref(), made.action.as_str()), (Some("192.0.2.0/24"), "key.make"));
    assert_eq!((made.subject.as_deref(), &made.before), (Some(key.key.id.as_str()), &None));
    assert_eq!(made.after.unwrap()["role"], "viewer");
    operators.own("POST", &format!("/admin/v1/keys/{}/revoke", key.key.id), None).await;
    let revoked = operators.audit().await.remove(0).entry;
    assert_eq!(revoked.before.unwrap()["revoked_at_ms"], Value::Null);
    assert_eq!(revoked.after.unwrap()["revoked_at_ms"], json!(operators.server.now()));
    let first = operators.audit().await.into_iter().find(|line| line.entry.by == By::CommandLine);
    assert_eq!(first.unwrap().entry.action, "key.make", "the first key was made by a command");
}

#[tokio::test]
async fn a_refused_attempt_with_a_known_key_is_told_with_its_reason() {
    let operators = Operators::start("audit-refused").await;
    let key = operators.key(json!({ "name": "office", "role": "viewer", "ranges": ["192.0.2.0/24"] })).await;
    let refused = |entry: &AuditEntry| (entry.action.clone(), entry.refused);
    for _ in 0..2 {
        operators.server.pass(MINUTE_MS);
        operators.get(&key.secret, "/admin/v1/audit").await;
        let entry = operators.audit().await.remove(0).entry;
        assert_eq!(refused(&entry), ("audit.see".to_owned(), Some(Code::AccessRefused)));
        assert!(matches!(entry.by, By::ApiKey { id, .. } if id == key.key.id));
    }
    operators.send_from("203.0.113.5", Some(&key.secret), "GET", "/admin/v1/me", None).await;
    let entry = operators.audit().await.remove(0).entry;
    assert_eq!(refused(&entry), ("me.see".to_owned(), Some(Code::AccessElsewhere)));
    assert_eq!(entry.from.as_deref(), Some("203.0.113.0/24"));
    // Also what the key may do, but what cannot be done.
    let path = "/admin/v1/catalog/publications/7";
    assert_eq!(operators.own("DELETE", path, None).await.code(), Code::PublicationUnknown);
    let entry = operators.audit().await.remove(0).entry;
    assert_eq!(refused(&entry), ("catalog.cancel".to_owned(), Some(Code::PublicationUnknown)));
    assert_eq!(entry.subject.as_deref(), Some("7"));
}

#[tokio::test]
async fn what_a_key_is_refused_again_and_again_is_one_entry_a_minute_with_the_count_of_the_others() {
    let operators = Operators::start("audit-folded").await;
    let key = operators.of_role(Role::Viewer).await;
    let refused = async || {
        let lines = operators.audit().await.into_iter();
        let of_key = lines.filter(|it| matches!(&it.entry.by, By::ApiKey { id, .. } if *id == key.key.id));
        of_key.map(|line| (line.entry.refused.unwrap(), line.entry.after)).collect::<Vec<_>>()
    };
    for _ in 0..4 {
        assert_eq!(operators.get(&key.secret, "/admin/v1/audit").await.code(), Code::AccessRefused);
    }
    assert_eq!(refused().await, [(Code::AccessRefused, None)]);
    operators.server.pass(MINUTE_MS);
    // Whoever reads the log then reads of the others, whether there are more or not.
    assert_eq!(
        refused().await,
        [(Code::AccessRefused, Some(json!({ "unwritten": 2 }))), (Code::AccessRefused, None)]
    );
    assert!(
        !operators.own("POST", &format!("/admin/v1/keys/{}/revoke", key.key.id), None).await.is_problem()
    );
    for _ in 0..5 {
        assert_eq!(operators.get(&key.secret, "/admin/v1/me").await.code(), Code::AccessRevoked);
    }
    assert_eq!(refused().await.len(), 3, "for another reason, at once");
}

#[tokio::test]
async fn strangers_are_told_of_once_a_minute_and_network() {
    let operators = Operators::start("audit-strangers").await;
    let count =
        || async { operators.audit().await.iter().filter(|line| line.entry.by == By::Unknown).count() };
    for (peer, expected) in [("203.0.113.5", 1), ("203.0.113.9", 1), ("198.51.100.1", 2), ("198.51.100.1", 2)]
    {
        for key in
            [None, Some("nonsense"), Some(&*format!("dripline_live_{}_{}", "0".repeat(16), "0".repeat(64)))]
        {
            assert!(operators.send_from(peer, key, "GET", "/admin/v1/keys", None).await.is_problem());
        }
        assert_eq!(count().await, expected, "{peer}");
    }
    operators.server.pass(MINUTE_MS);
    operators.send_from("203.0.113.5", None, "GET", "/admin/v1/keys", None).await;
    // Of each network those that followed the first one are told of by then, and what comes now is folded once more.
    assert_eq!(count().await, 4);
    let unwritten = operators.audit().await.into_iter().filter_map(|line| line.entry.after);
    let unwritten: u64 = unwritten.filter_map(|after| after["unwritten"].as_u64()).sum();
    assert_eq!(unwritten, 12 - 4);
}

#[tokio::test]
async fn no_secret_is_in_the_audit_log_or_in_the_list_of_keys() {
    let operators = Operators::start("audit-secrets").await;
    let key = operators.of_role(Role::Viewer).await;
    operators.own("POST", &format!("/admin/v1/keys/{}/rotate", key.key.id), Some(json!({}))).await;
    operators.get(&key.secret, "/admin/v1/keys").await;
    for path in ["/admin/v1/audit", "/admin/v1/audit.jsonl", "/admin/v1/keys"] {
        let text = operators.own("GET", path, None).await.text();
        for secret in [&key.secret, &operators.owner] {
            let (_, secret) = secret.rsplit_once('_').unwrap();
            assert!(text.contains(&key.key.id) && !text.contains(secret), "{path}");
        }
    }
}

#[tokio::test]
async fn the_log_is_read_in_pages_and_exported_as_lines() {
    let operators = Operators::start("audit-pages").await;
    for _ in 0..5 {
        operators.of_role(Role::Viewer).await;
    }
    let all = operators.audit().await;
    let mut paged = Vec::new();
    let mut path = "/admin/v1/audit?limit=2".to_owned();
    loop {
        let page: AuditPage = operators.own("GET", &path, None).await.json();
        assert!(page.lines.len() <= 2);
        paged.extend(page.lines);
        let Some(before) = page.next_before else { break };
        path = format!("/admin/v1/audit?limit=2&before={before}");
    }
    assert_eq!(paged, all);
    assert_eq!(all.last().unwrap().number, 1);
    let export = operators.own("GET", "/admin/v1/audit.jsonl", None).await;
    assert_eq!(export.header("content-type"), Some("application/jsonl"));
    let lines = export.text();
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), all.len());
    assert_eq!(lines[0]["hash"], all[0].hash.to_string());
    for limit in ["0", "501", "many"] {
        let answer = operators.own("GET", &format!("/admin/v1/audit?limit={limit}"), None).await;
        assert_eq!(answer.code(), Code::InvalidParameter);
    }
}
