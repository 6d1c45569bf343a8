//! What each route demands: the one table of it. A route that is not in it answers nobody.

use std::collections::BTreeSet;

use axum::http::Method;
use dripline_shared::api::access::Permission;
use dripline_shared::error::Code;

/// What a route demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Demand {
    /// The method.
    pub method: &'static str,
    /// The path, with the names of its variable parts.
    pub path: &'static str,
    /// What whoever asks must be allowed; nothing where any key that holds is enough.
    pub permission: Option<Permission>,
    /// What the audit log calls it.
    pub action: &'static str,
    /// Whether it changes something. Then the audit log has it, too, when what was asked for could not be done.
    pub changes: bool,
}

const fn sees(path: &'static str, permission: Permission, action: &'static str) -> Demand {
    Demand { method: "GET", path, permission: Some(permission), action, changes: false }
}

const fn changes(
    method: &'static str,
    path: &'static str,
    permission: Permission,
    action: &'static str,
) -> Demand {
    Demand { method, path, permission: Some(permission), action, changes: true }
}

const fn asks(path: &'static str, permission: Permission, action: &'static str) -> Demand {
    Demand { method: "POST", path, permission: Some(permission), action, changes: false }
}

use Permission::{EditCatalog, ManageKeys, PublishCatalog, ReadAudit, View};

const TABLE: &[Demand] = &[
    Demand { method: "GET", path: "/admin/v1/me", permission: None, action: "me.see", changes: false },
    sees("/admin/v1/overview", View, "overview.see"),
    sees("/admin/v1/events", View, "events.listen"),
    sees("/admin/v1/alerts", View, "alerts.see"),
    sees("/admin/v1/keys", ManageKeys, "keys.see"),
    changes("POST", "/admin/v1/keys", ManageKeys, "key.make"),
    changes("POST", "/admin/v1/keys/{key}/rotate", ManageKeys, "key.rotate"),
    changes("POST", "/admin/v1/keys/{key}/revoke", ManageKeys, "key.revoke"),
    sees("/admin/v1/audit", ReadAudit, "audit.see"),
    sees("/admin/v1/audit.jsonl", ReadAudit, "audit.export"),
    sees("/admin/v1/catalog", View, "catalog.see"),
    asks("/admin/v1/catalog/check", EditCatalog, "catalog.check"),
    asks("/admin/v1/catalog/simulate", EditCatalog, "catalog.simulate"),
    sees("/admin/v1/catalog/publications", View, "publications.see"),
    changes("POST", "/admin/v1/catalog/publications", PublishCatalog, "catalog.publish"),
    sees("/admin/v1/catalog/publications/{publication}", View, "publication.see"),
    changes("DELETE", "/admin/v1/catalog/publications/{publication}", PublishCatalog, "catalog.cancel"),
    sees("/admin/v1/catalog/drafts", View, "drafts.see"),
    sees("/admin/v1/catalog/drafts/{draft}", View, "draft.see"),
    changes("PUT", "/admin/v1/catalog/drafts/{draft}", EditCatalog, "draft.keep"),
    changes("DELETE", "/admin/v1/catalog/drafts/{draft}", EditCatalog, "draft.drop"),
];

/// What every route demands.
pub fn demands() -> &'static [Demand] {
    TABLE
}

/// What this route demands: of a `HEAD` what a `GET` does. A route that nobody has thought about is for nobody.
pub(super) fn find(path: &str, method: &Method) -> Result<&'static Demand, Code> {
    let method = if *method == Method::HEAD { "GET" } else { method.as_str() };
    let mut of_path = TABLE.iter().filter(|demand| demand.path == path).peekable();
    let missing = if of_path.peek().is_some() { Code::MethodNotAllowed } else { Code::AccessRefused };
    of_path.find(|demand| demand.method == method).ok_or(missing)
}

/// Whether whoever may do this is told that something of this name has changed: those are who may see it by some route.
pub(super) fn is_told(topic: &str, may: &BTreeSet<Permission>) -> bool {
    let mut seen = TABLE.iter().filter_map(|demand| Some((demand, demand.action.strip_suffix(".see")?)));
    seen.any(|(demand, what)| {
        let is_of_topic = what == topic || what.strip_suffix('s') == Some(topic);
        is_of_topic && demand.permission.is_none_or(|permission| may.contains(&permission))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_that_is_not_in_the_table_is_for_nobody() {
        assert_eq!(find("/admin/v1/unheard-of", &Method::GET), Err(Code::AccessRefused));
        assert_eq!(find("/admin/v1/keys", &Method::PATCH), Err(Code::MethodNotAllowed));
        assert_eq!(find("/admin/v1/me", &Method::HEAD), find("/admin/v1/me", &Method::GET));
    }

    #[test]
    fn that_something_has_changed_is_told_to_whoever_may_see_it() {
        let viewer = BTreeSet::from([View]);
        assert!(is_told("draft", &viewer) && is_told("catalog", &viewer));
        assert!(!is_told("key", &viewer) && !is_told("audit", &viewer));
        assert!(
            is_told("key", &BTreeSet::from([ManageKeys])) && is_told("audit", &BTreeSet::from([ReadAudit]))
        );
        assert!(!is_told("unheard-of", &BTreeSet::from(Permission::ALL)));
    }
}
