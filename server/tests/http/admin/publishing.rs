//! The catalog by HTTP: drafts, checks, publications, and what the second of two editors is told.

use dripline_shared::amount::Amount;
use dripline_shared::api::CatalogView;
use dripline_shared::api::access::Role;
use dripline_shared::api::operate::{
    CatalogCheck, Draft, DraftList, Publication, PublicationStage, Publications,
};
use dripline_shared::catalog::Catalog;
use dripline_shared::error::Code;
use dripline_shared::time::HOUR_MS;
use serde_json::json;

use super::{Operators, publication_of};

const PUBLICATIONS: &str = "/admin/v1/catalog/publications";

#[tokio::test]
async fn the_second_of_two_editors_is_told_that_another_catalog_is_in_force() {
    let operators = Operators::start("two-editors").await;
    let (ada, grace) = (operators.of_role(Role::Editor).await, operators.of_role(Role::Editor).await);
    let first = operators.draft(&ada.secret, "first", |it| it.levels[0].base = Amount::from_units(7)).await;
    let second =
        operators.draft(&grace.secret, "second", |it| it.levels[0].base = Amount::from_units(8)).await;
    let publication: Publication =
        operators.send(&ada.secret, "POST", PUBLICATIONS, Some(publication_of(&first))).await.json();
    assert_eq!((publication.number, publication.stage), (2, PublicationStage::Live));
    let view: CatalogView = operators.server.get("/api/v1/catalog").await.json();
    assert_eq!(view.version, publication.version, "players have it");
    let answer = operators.send(&grace.secret, "POST", PUBLICATIONS, Some(publication_of(&second))).await;
    assert_eq!((answer.code(), answer.subject().as_deref()), (Code::CatalogChanged, Some("2")));
    let drafts: DraftList = operators.get(&grace.secret, "/admin/v1/catalog/drafts").await.json();
    assert_eq!(drafts.drafts, [second], "hers is still there, and the other has become a publication");
    let entry = operators.audit().await.remove(0).entry;
    assert_eq!((entry.action.as_str(), entry.refused), ("catalog.publish", Some(Code::CatalogChanged)));
    // Back to what was in force before.
    let back = json!({ "publication": 1, "replaces": 2, "note": "as before" });
    let back: Publication = operators.send(&grace.secret, "POST", PUBLICATIONS, Some(back)).await.json();
    let history: Publications = operators.get(&grace.secret, PUBLICATIONS).await.json();
    assert_eq!(history.publications.iter().map(|it| it.number).collect::<Vec<_>>(), [3, 2, 1]);
    assert_eq!(history.publications[2].version, back.version);
    let published: Catalog = operators.get(&ada.secret, &format!("{PUBLICATIONS}/2")).await.json();
    assert_eq!(published.levels[0].base, Amount::from_units(7));
}

#[tokio::test]
async fn a_publication_that_waits_is_seen_and_cancelled() {
    let operators = Operators::start("waiting").await;
    let draft =
        operators.draft(&operators.owner, "later", |it| it.levels[0].base = Amount::from_units(7)).await;
    let mut body = publication_of(&draft);
    body["from_ms"] = json!(operators.server.now().plus(HOUR_MS));
    let waiting: Publication = operators.own("POST", PUBLICATIONS, Some(body)).await.json();
    assert_eq!(waiting.stage, PublicationStage::Scheduled);
    assert_eq!(operators.live().await.scheduled, Some(waiting.clone()));
    let path = format!("{PUBLICATIONS}/{}", waiting.number);
    let cancelled: Publication = operators.own("DELETE", &path, None).await.json();
    assert_eq!(cancelled.stage, PublicationStage::Cancelled);
    assert_eq!(operators.live().await.scheduled, None);
    assert_eq!(
        operators.own("DELETE", &format!("{PUBLICATIONS}/1"), None).await.code(),
        Code::PublicationPast
    );
}

#[tokio::test]
async fn mistakes_are_found_before_a_catalog_is_published_and_stop_it_then() {
    let operators = Operators::start("mistakes").await;
    let draft =
        operators.draft(&operators.owner, "wrong", |it| it.levels[1].id = it.levels[0].id.clone()).await;
    let check = json!({ "catalog": draft.catalog });
    let check: CatalogCheck = operators.own("POST", "/admin/v1/catalog/check", Some(check)).await.json();
    assert!(!check.mistakes.is_empty() && !check.differences.is_empty());
    let answer = operators.own("POST", PUBLICATIONS, Some(publication_of(&draft))).await;
    assert_eq!(answer.code(), Code::CatalogInvalid);
    assert_eq!(answer.problem().reasons.len(), check.mistakes.len());
    assert_eq!(operators.live().await.publication.number, 1);
}

#[tokio::test]
async fn a_draft_is_changed_by_whoever_has_seen_its_newest_revision() {
    let operators = Operators::start("revisions").await;
    let draft = operators.draft(&operators.owner, "mine", |_| ()).await;
    let keep = |replaces: Option<u64>| {
        let body = json!({ "name": "ours", "catalog": draft.catalog, "base": 1, "replaces": replaces });
        operators.own("PUT", "/admin/v1/catalog/drafts/mine", Some(body))
    };
    assert_eq!(keep(None).await.code(), Code::DraftChanged);
    let second: Draft = keep(Some(draft.revision)).await.json();
    assert!(second.revision > draft.revision);
    let answer = keep(Some(draft.revision)).await;
    assert_eq!(answer.code(), Code::DraftChanged);
    assert_eq!(answer.subject(), Some(second.revision.to_string()));
    let path = "/admin/v1/catalog/drafts/mine";
    let of_revision = |draft: &Draft| format!("{path}?revision={}", draft.revision);
    assert_eq!(operators.own("DELETE", &of_revision(&draft), None).await.code(), Code::DraftChanged);
    assert_eq!(operators.own("DELETE", path, None).await.code(), Code::InvalidParameter);
    let left: DraftList = operators.own("DELETE", &of_revision(&second), None).await.json();
    assert_eq!(left.drafts, []);
    assert_eq!(operators.own("GET", path, None).await.code(), Code::DraftUnknown);
    for id in ["UPPER", "a_b", &"x".repeat(65)] {
        let path = format!("/admin/v1/catalog/drafts/{id}");
        assert_eq!(operators.own("GET", &path, None).await.code(), Code::InvalidParameter, "{id}");
    }
}

#[tokio::test]
async fn a_draft_that_was_dropped_and_made_again_under_its_id_is_published_by_nobody_who_saw_the_first() {
    let operators = Operators::start("made-again").await;
    let seen = operators.draft(&operators.owner, "mine", |_| ()).await;
    let path = format!("/admin/v1/catalog/drafts/mine?revision={}", seen.revision);
    // In the same millisecond: it is no clock that tells them apart.
    assert!(!operators.own("DELETE", &path, None).await.is_problem());
    let other = operators.draft(&operators.owner, "mine", |catalog| catalog.levels.truncate(1)).await;
    assert_eq!(other.at_ms, seen.at_ms);
    let answer = operators.own("POST", PUBLICATIONS, Some(publication_of(&seen))).await;
    assert_eq!(answer.code(), Code::DraftChanged);
    assert_eq!(answer.subject(), Some(other.revision.to_string()));
    assert_eq!(operators.live().await.publication.number, 1);
}

#[tokio::test]
async fn bodies_are_taken_up_to_a_megabyte_and_only_with_what_belongs_there() {
    let operators = Operators::start("bodies").await;
    let large = json!({ "name": "x".repeat(1 << 20), "catalog": {}, "base": 1 });
    let path = "/admin/v1/catalog/drafts/large";
    assert_eq!(operators.own("PUT", path, Some(large)).await.code(), Code::BodyTooLarge);
    for body in [
        json!({ "replaces": 1 }),
        json!({ "draft": { "id": "a", "revision": 1 }, "publication": 1, "replaces": 1 }),
        json!({ "publication": 1, "replaces": 1, "force": true }),
    ] {
        assert_eq!(operators.own("POST", PUBLICATIONS, Some(body)).await.code(), Code::InvalidRequest);
    }
    let simulation = json!({ "catalog": operators.live().await.catalog, "rounds": 1_000_000 });
    let answer = operators.own("POST", "/admin/v1/catalog/simulate", Some(simulation)).await;
    assert_eq!(answer.code(), Code::InvalidRequest);
}
