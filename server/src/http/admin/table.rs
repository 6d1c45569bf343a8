//! What each route demands: the one table of it. A route that is not in it answers nobody.

use std::collections::BTreeSet;

use axum::http::Method;
use dripline_shared::api::access::Permission;
use dripline_shared::error::Code;

/// What whoever asks must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demanded {
    /// Nothing: that is how people come. Such a route is for pages of the operators' origins, and only so often for a network.
    Nothing,
    /// Any key that holds, or any session that is open.
    Access,
    /// A session that is open.
    Session,
    /// A key or a session to which this is allowed.
    Permission(Permission),
}

impl Demanded {
    /// What has to be allowed, if something has to.
    pub const fn permission(self) -> Option<Permission> {
        match self {
            Self::Permission(permission) => Some(permission),
            Self::Nothing | Self::Access | Self::Session => None,
        }
    }
}

/// What a route demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Demand {
    /// The method.
    pub method: &'static str,
    /// The path, with the names of its variable parts.
    pub path: &'static str,
    /// What whoever asks must have.
    pub demanded: Demanded,
    /// What the audit log calls it.
    pub action: &'static str,
    /// Whether it changes something. Then the audit log has it, too, when what was asked for could not be done.
    pub changes: bool,
}

const fn sees(path: &'static str, permission: Permission, action: &'static str) -> Demand {
    Demand { method: "GET", path, demanded: Demanded::Permission(permission), action, changes: false }
}

const fn changes(
    method: &'static str,
    path: &'static str,
    permission: Permission,
    action: &'static str,
) -> Demand {
    Demand { method, path, demanded: Demanded::Permission(permission), action, changes: true }
}

const fn asks(path: &'static str, permission: Permission, action: &'static str) -> Demand {
    Demand { method: "POST", path, demanded: Demanded::Permission(permission), action, changes: false }
}

const fn sees_own(path: &'static str, action: &'static str) -> Demand {
    Demand { method: "GET", path, demanded: Demanded::Access, action, changes: false }
}

const fn visits(path: &'static str, action: &'static str, changes: bool) -> Demand {
    Demand { method: "POST", path, demanded: Demanded::Nothing, action, changes }
}

const fn of_session(method: &'static str, path: &'static str, action: &'static str, changes: bool) -> Demand {
    Demand { method, path, demanded: Demanded::Session, action, changes }
}

use Permission::{
    EditCatalog, Emergency, ManageKeys, ManageOperators, ManagePayouts, ManagePlayers, ManageSites,
    MoveMoney, PublishCatalog, ReadAudit, View,
};

const TABLE: &[Demand] = &[
    visits("/admin/v1/sign-in/options", "sign_in.ask", false),
    visits("/admin/v1/sign-in", "sign_in", true),
    visits("/admin/v1/invitation/options", "invitation.ask", false),
    visits("/admin/v1/invitation", "invitation.take", true),
    of_session("POST", "/admin/v1/sign-out", "sign_out", true),
    sees_own("/admin/v1/me", "me.see"),
    sees_own("/admin/v1/sessions", "sessions.see"),
    // One's own are for everybody; of others' it is decided with the change.
    Demand {
        method: "POST",
        path: "/admin/v1/sessions/{session}/revoke",
        demanded: Demanded::Access,
        action: "session.revoke",
        changes: true,
    },
    of_session("POST", "/admin/v1/passkeys/options", "passkey.ask", false),
    of_session("POST", "/admin/v1/passkeys", "passkey.add", true),
    of_session("DELETE", "/admin/v1/passkeys/{passkey}", "passkey.remove", true),
    sees("/admin/v1/operators", ManageOperators, "operators.see"),
    changes("POST", "/admin/v1/operators/{operator}/role", ManageOperators, "operator.role"),
    changes("POST", "/admin/v1/operators/{operator}/dismiss", ManageOperators, "operator.dismiss"),
    changes("DELETE", "/admin/v1/operators/{operator}/passkeys/{passkey}", ManageOperators, "passkey.remove"),
    changes("POST", "/admin/v1/invitations", ManageOperators, "invitation.make"),
    changes("POST", "/admin/v1/invitations/{invitation}/revoke", ManageOperators, "invitation.revoke"),
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
    sees("/admin/v1/players", View, "players.see"),
    sees("/admin/v1/players/{wallet}", View, "player.see"),
    sees("/admin/v1/players/{wallet}/history", View, "player.history"),
    sees("/admin/v1/players/{wallet}/withdrawals", View, "player.withdrawals"),
    sees("/admin/v1/players/{wallet}/rounds", View, "player.rounds"),
    changes("POST", "/admin/v1/players/{wallet}/hold", ManagePlayers, "player.hold"),
    changes("POST", "/admin/v1/players/{wallet}/ban", ManagePlayers, "player.ban"),
    changes("POST", "/admin/v1/players/{wallet}/release", ManagePlayers, "player.release"),
    changes("POST", "/admin/v1/players/{wallet}/notes", ManagePlayers, "player.note"),
    sees("/admin/v1/rounds/{round}", View, "round.see"),
    sees("/admin/v1/payouts", View, "payouts.see"),
    sees("/admin/v1/withdrawals", View, "withdrawals.see"),
    sees("/admin/v1/rails/{rail}/queue", View, "rail.queue"),
    changes("POST", "/admin/v1/rails/{rail}/pause", ManagePayouts, "rail.pause"),
    changes("POST", "/admin/v1/rails/{rail}/resume", ManagePayouts, "rail.resume"),
    changes("POST", "/admin/v1/rails/{rail}/payouts", MoveMoney, "payout.record"),
    changes("POST", "/admin/v1/batches/{batch}/cancel", ManagePayouts, "batch.cancel"),
    changes("POST", "/admin/v1/withdrawals/{withdrawal}/approve", MoveMoney, "withdrawal.approve"),
    changes("POST", "/admin/v1/withdrawals/{withdrawal}/return", MoveMoney, "withdrawal.return"),
    changes("POST", "/admin/v1/withdrawals/{withdrawal}/import", MoveMoney, "withdrawal.import"),
    sees("/admin/v1/emergency", View, "emergency.see"),
    changes("POST", "/admin/v1/emergency", Emergency, "emergency.set"),
    sees("/admin/v1/proposals", View, "proposals.see"),
    changes("POST", "/admin/v1/proposals/{proposal}/confirm", MoveMoney, "proposal.confirm"),
    changes("POST", "/admin/v1/proposals/{proposal}/withdraw", MoveMoney, "proposal.withdraw"),
    sees("/admin/v1/campaigns/{campaign}/vouchers", View, "vouchers.see"),
    changes("POST", "/admin/v1/campaigns/{campaign}/vouchers", PublishCatalog, "vouchers.make"),
    changes("DELETE", "/admin/v1/campaigns/{campaign}/vouchers/{issue}", PublishCatalog, "vouchers.revoke"),
    sees("/admin/v1/sites", View, "sites.see"),
    changes("POST", "/admin/v1/sites", ManageSites, "site.make"),
    sees("/admin/v1/sites/{site}", View, "site.see"),
    sees("/admin/v1/sites/{site}/statistics", View, "site.statistics"),
    changes("PUT", "/admin/v1/sites/{site}", ManageSites, "site.change"),
    sees("/admin/v1/sites/{site}/webhooks", View, "site.webhooks"),
    changes("POST", "/admin/v1/sites/{site}/webhooks", ManageSites, "site.make_webhook"),
    changes("PUT", "/admin/v1/sites/{site}/webhooks/{webhook}", ManageSites, "site.change_webhook"),
    changes("DELETE", "/admin/v1/sites/{site}/webhooks/{webhook}", ManageSites, "site.remove_webhook"),
    changes("POST", "/admin/v1/sites/{site}/webhooks/{webhook}/rotate", ManageSites, "site.rotate_webhook"),
    changes("POST", "/admin/v1/sites/{site}/webhooks/{webhook}/test", ManageSites, "site.test_webhook"),
    sees("/admin/v1/sites/{site}/webhooks/{webhook}/deliveries", View, "site.deliveries"),
    changes(
        "POST",
        "/admin/v1/sites/{site}/webhooks/{webhook}/deliveries/{delivery}/resend",
        ManageSites,
        "site.resend_webhook",
    ),
    changes("POST", "/admin/v1/sites/{site}/end", ManageSites, "site.end"),
    changes("POST", "/admin/v1/sites/{site}/secret/rotate", ManageSites, "site.rotate_secret"),
    changes("POST", "/admin/v1/sites/{site}/secret/revoke", ManageSites, "site.revoke_secret"),
    changes(
        "POST",
        "/admin/v1/sites/{site}/statistics-key/rotate",
        ManageSites,
        "site.rotate_statistics_key",
    ),
    changes(
        "POST",
        "/admin/v1/sites/{site}/statistics-key/revoke",
        ManageSites,
        "site.revoke_statistics_key",
    ),
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
        is_of_topic && demand.demanded.permission().is_none_or(|permission| may.contains(&permission))
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
