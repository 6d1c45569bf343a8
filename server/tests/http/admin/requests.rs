//! Requests that do what the routes do, for the table of them.

use dripline_shared::amount::Amount;
use dripline_shared::api::access::Role;
use dripline_shared::api::operate::{MadeVouchers, Publication};
use dripline_shared::api::sign_in::{InvitationOptions, OperatorView};
use serde_json::{Value, json};

use super::authenticator::Authenticator;
use super::desk::Desk;
use super::people::Browser;
use super::{Operators, publication_of};
use crate::support::ORIGIN;

/// A request that does what the route does, with whatever it needs made by the owner: its address and its body. Where it is about
/// what belongs to an operator, that is `own`'s, if anybody's in particular.
pub(super) async fn request(
    desk: &Desk,
    (method, path): (&str, &str),
    number: u32,
    own: Option<&Browser>,
) -> (String, Option<Value>) {
    let operators = &desk.operators;
    if method == "GET" && !path.contains('{') {
        return (path.to_owned(), None);
    }
    let of_people = ["sign-in", "sign-out", "invitation", "invitations", "sessions", "passkeys", "operators"];
    let first = path.trim_start_matches("/admin/v1/").split('/').next().unwrap();
    if of_people.contains(&first) {
        about_people(operators, (method, path), number, own).await
    } else if first == "sites" {
        super::sites::request(operators, (method, path), number).await
    } else if ["keys", "catalog", "campaigns"].contains(&first) {
        about_keys_and_catalog(operators, (method, path), number).await
    } else {
        let (path, body) = desk.request(method, path, usize::try_from(number).unwrap()).await;
        assert!(!path.contains('{'), "{method} {path}: no request is written for it");
        (path, body)
    }
}

async fn about_people(
    operators: &Operators,
    (method, path): (&str, &str),
    number: u32,
    own: Option<&Browser>,
) -> (String, Option<Value>) {
    let somebody = || operators.person(Role::Viewer, number);
    match (method, path) {
        ("POST", "/admin/v1/sign-in/options" | "/admin/v1/sign-out" | "/admin/v1/passkeys/options") => {
            (path.to_owned(), None)
        }
        ("POST", "/admin/v1/sign-in") => {
            let mut somebody = somebody().await;
            let asked = operators.server.question().await;
            let credential = somebody.passkey.get(&asked.public_key);
            (path.to_owned(), Some(json!({ "ceremony": asked.ceremony, "credential": credential })))
        }
        ("POST", "/admin/v1/invitation/options") => {
            let invitation = operators.invitation(Role::Viewer).await.secret;
            (path.to_owned(), Some(json!({ "invitation": invitation })))
        }
        ("POST", "/admin/v1/invitation") => {
            let invitation = operators.invitation(Role::Viewer).await.secret;
            let asked = json!({ "invitation": invitation });
            let asked = operators.server.visit("/admin/v1/invitation/options", Some(asked)).await;
            let asked: InvitationOptions = asked.json();
            let credential = Authenticator::new(number, ORIGIN).create(&asked.public_key);
            let body = json!({
                "invitation": invitation, "ceremony": asked.ceremony, "credential": credential, "name": "New"
            });
            (path.to_owned(), Some(body))
        }
        ("POST", "/admin/v1/sessions/{session}/revoke") => {
            let session = match own {
                Some(own) => {
                    let answer = operators.server.sign_in(&mut own.passkey.clone()).await;
                    Browser::of(&answer, own.passkey.clone())
                }
                None => somebody().await,
            };
            (path.replace("{session}", session.session()), None)
        }
        ("POST", "/admin/v1/passkeys") => {
            let body = match own {
                Some(own) => operators.another_passkey(own, number).await,
                None => json!({ "ceremony": "", "name": "other", "credential": {} }),
            };
            (path.to_owned(), Some(body))
        }
        ("DELETE", "/admin/v1/passkeys/{passkey}") => {
            let passkey = match own {
                Some(own) => {
                    let body = operators.another_passkey(own, number).await;
                    let added = operators.server.as_operator(own, "POST", "/admin/v1/passkeys", Some(body));
                    added.await.json::<OperatorView>().passkeys.pop().unwrap().id
                }
                None => "0".repeat(16),
            };
            (path.replace("{passkey}", &passkey), None)
        }
        ("POST", "/admin/v1/operators/{operator}/role") => {
            let path = path.replace("{operator}", somebody().await.id());
            (path, Some(json!({ "role": "editor" })))
        }
        ("POST", "/admin/v1/operators/{operator}/dismiss") => {
            (path.replace("{operator}", somebody().await.id()), None)
        }
        ("DELETE", "/admin/v1/operators/{operator}/passkeys/{passkey}") => {
            let somebody = somebody().await;
            let body = operators.another_passkey(&somebody, number + 1_000).await;
            let added =
                operators.server.as_operator(&somebody, "POST", "/admin/v1/passkeys", Some(body)).await;
            let passkey = added.json::<OperatorView>().passkeys.pop().unwrap().id;
            (path.replace("{operator}", somebody.id()).replace("{passkey}", &passkey), None)
        }
        ("POST", "/admin/v1/invitations") => {
            (path.to_owned(), Some(json!({ "name": "new", "role": "viewer" })))
        }
        ("POST", "/admin/v1/invitations/{invitation}/revoke") => {
            let invitation = operators.invitation(Role::Viewer).await.invitation;
            (path.replace("{invitation}", &invitation.id), None)
        }
        (method, path) => panic!("{method} {path}: no request is written for it"),
    }
}

async fn about_keys_and_catalog(
    operators: &Operators,
    (method, path): (&str, &str),
    number: u32,
) -> (String, Option<Value>) {
    let id = format!("draft-{number}");
    let changed = |catalog: &mut dripline_shared::catalog::Catalog| {
        catalog.levels[0].base = Amount::from_units(1_000 + number);
    };
    let key = || async { operators.of_role(Role::Viewer).await.key.id };
    let draft = || operators.draft(&operators.owner, &id, changed);
    let in_force = || operators.live();
    match (method, path) {
        ("POST", "/admin/v1/keys") => (path.to_owned(), Some(json!({ "name": "new", "role": "viewer" }))),
        ("POST", "/admin/v1/keys/{key}/rotate") => (path.replace("{key}", &key().await), Some(json!({}))),
        ("POST", "/admin/v1/keys/{key}/revoke") => (path.replace("{key}", &key().await), None),
        ("POST", "/admin/v1/catalog/check") => {
            (path.to_owned(), Some(json!({ "catalog": in_force().await.catalog })))
        }
        ("POST", "/admin/v1/catalog/simulate") => {
            let body = json!({ "catalog": in_force().await.catalog, "rounds": 1, "runs": 1, "players": 5 });
            (path.to_owned(), Some(body))
        }
        ("POST", "/admin/v1/catalog/publications") => (path.to_owned(), Some(publication_of(&draft().await))),
        ("GET", "/admin/v1/catalog/publications/{publication}") => (path.replace("{publication}", "1"), None),
        ("DELETE", "/admin/v1/catalog/publications/{publication}") => {
            let mut body = publication_of(&draft().await);
            body["from_ms"] = json!(operators.server.now().plus(60_000));
            let waiting = operators.own("POST", "/admin/v1/catalog/publications", Some(body)).await;
            let number = waiting.json::<Publication>().number;
            (path.replace("{publication}", &number.to_string()), None)
        }
        ("PUT", "/admin/v1/catalog/drafts/{draft}") => {
            let seen = in_force().await;
            let body = json!({ "name": id, "catalog": seen.catalog, "base": seen.publication.number });
            (path.replace("{draft}", &id), Some(body))
        }
        (method, "/admin/v1/catalog/drafts/{draft}") => {
            let revision = draft().await.revision;
            let revision = if method == "DELETE" { format!("?revision={revision}") } else { String::new() };
            (format!("{}{revision}", path.replace("{draft}", &id)), None)
        }
        ("GET", "/admin/v1/campaigns/{campaign}/vouchers") => (path.replace("{campaign}", "default"), None),
        ("POST", "/admin/v1/campaigns/{campaign}/vouchers") => (
            path.replace("{campaign}", "default"),
            Some(json!({ "client_id": format!("{number:032x}"), "count": 2 })),
        ),
        ("DELETE", "/admin/v1/campaigns/{campaign}/vouchers/{issue}") => {
            let of_campaign = "/admin/v1/campaigns/default/vouchers";
            let made = operators
                .own("POST", of_campaign, Some(json!({ "client_id": format!("{number:032x}"), "count": 1 })))
                .await;
            (format!("{of_campaign}/{}", made.json::<MadeVouchers>().issue.number), None)
        }
        (method, path) => panic!("{method} {path}: no request is written for it"),
    }
}
