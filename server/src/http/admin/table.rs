//! What each route demands: the one table of it. A route that is not in it answers nobody.

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
    sees("/admin/v1/campaigns/{campaign}/vouchers", View, "vouchers.see"),
    changes("POST", "/admin/v1/campaigns/{campaign}/vouchers", PublishCatalog, "vouchers.make"),
    changes("DELETE", "/admin/v1/campaigns/{campaign}/vouchers/{issue}", PublishCatalog, "vouchers.revoke"),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_that_is_not_in_the_table_is_for_nobody() {
        assert_eq!(find("/admin/v1/unheard-of", &Method::GET), Err(Code::AccessRefused));
        assert_eq!(find("/admin/v1/keys", &Method::PATCH), Err(Code::MethodNotAllowed));
        assert_eq!(find("/admin/v1/me", &Method::HEAD), find("/admin/v1/me", &Method::GET));
    }
}
