use dripline_shared::api::operate::By;
use dripline_shared::catalog::Catalog;
use dripline_shared::site::{SiteLook, SiteMode};
use dripline_shared::time::Timestamp;

use super::*;
use crate::access::FormerSecret;
use crate::edge::Edge;
use crate::keys::Keys;
use crate::operate;
use crate::operate::{OVERLAP_DEFAULT_MS, OVERLAP_MAX_MS};
use crate::store::command::{Change, Second};

const NOW: Timestamp = Timestamp(1_800_000_000_000);

fn in_force() -> InForce {
    let keys = Keys::generate(&Edge::new(|| NOW, |bytes| bytes.fill(1)));
    InForce::new(Catalog::first_run(), keys, Vec::new(), std::collections::BTreeSet::new())
}

fn site(id: &str) -> Site {
    Site {
        id: id.to_owned(),
        name: "A shop".to_owned(),
        mode: SiteMode::Live,
        origins: vec!["https://shop.example".to_owned()],
        campaign: Some("default".to_owned()),
        levels: None,
        look: SiteLook { logo: Some("data:image/png;base64,iVBORw0KGgo=".to_owned()), ..SiteLook::default() },
    }
}

fn making(site: Site) -> SiteChange {
    let key = |byte| ("07".repeat(8), Hash([byte; 32]));
    SiteChange::Make(Box::new(MakeSite { site, secret: key(1), statistics: key(2) }))
}

/// Has a change decided at `now`, and applies it.
fn operate_at(set: &mut WorkingSet, change: SiteChange, now: Timestamp) -> Result<SiteRecord, Refusal> {
    let change = Change::Site(change);
    let by = By::CommandLine;
    let operation = Operation { now, by, from: None, session: None, change, second: Second::Unasked };
    let (answer, effects) = operate::decide(&in_force(), set, &operation)?;
    set.apply(effects);
    match answer {
        Answer::SiteChanged(record) => Ok(*record),
        other => panic!("{other:?}"),
    }
}

fn operate(set: &mut WorkingSet, change: SiteChange) -> Result<SiteRecord, Refusal> {
    operate_at(set, change, NOW)
}

fn code(result: Result<SiteRecord, Refusal>) -> Code {
    result.unwrap_err().code()
}

fn revision(set: &WorkingSet) -> u64 {
    set.stored::<SitesRevision>(SITES_REVISION_ID).unwrap().unwrap_or_default().revision
}

/// How many entries the audit log has.
fn told(set: &WorkingSet) -> u64 {
    set.audit_head().map_or(0, |(number, _)| number)
}

#[test]
fn a_site_is_registered_once_and_an_id_is_never_anothers() {
    let mut set = WorkingSet::default();
    let made = operate(&mut set, making(site("shop"))).unwrap();
    assert_eq!((made.revision, made.made_at, made.ended_at), (1, NOW, None));
    assert_eq!((revision(&set), told(&set)), (1, 1));
    assert_eq!(code(operate(&mut set, making(site("shop")))), Code::SiteTaken);
    operate(&mut set, SiteChange::End { id: "shop".into() }).unwrap();
    assert_eq!(code(operate(&mut set, making(site("shop")))), Code::SiteTaken);
    assert_eq!((revision(&set), told(&set)), (2, 2), "what was refused has changed nothing");
}

#[test]
fn every_mistake_of_a_site_is_a_reason_that_names_its_field() {
    let mut wrong = site("shop");
    wrong.origins.push("https://*.example".to_owned());
    wrong.campaign = Some("unheard-of".to_owned());
    let refusal = operate(&mut WorkingSet::default(), making(wrong)).unwrap_err();
    let reasons: Vec<_> =
        refusal.reasons.iter().map(|it| (it.code, it.subject.as_deref().unwrap())).collect();
    assert_eq!(reasons, [(Code::SiteInvalid, "origins[1]"), (Code::SiteInvalid, "campaign")]);
}

#[test]
fn two_who_change_a_site_at_once_do_not_overwrite_each_other() {
    let mut set = WorkingSet::default();
    operate(&mut set, making(site("shop"))).unwrap();
    let set_to = |name: &str, revision| {
        let site = Box::new(Site { name: name.to_owned(), ..site("shop") });
        SiteChange::Set { site, revision }
    };
    assert_eq!(operate(&mut set, set_to("One", 1)).unwrap().revision, 2);
    let refusal = operate(&mut set, set_to("Other", 1)).unwrap_err();
    assert_eq!((refusal.code(), refusal.reasons[0].subject.as_deref()), (Code::SiteChanged, Some("2")));
    assert_eq!(set.stored::<SiteRecord>("shop").unwrap().unwrap().site.name, "One");
    let before = (revision(&set), told(&set));
    assert_eq!(operate(&mut set, set_to("One", 2)).unwrap().revision, 2, "the same again changes nothing");
    assert_eq!((revision(&set), told(&set)), before);
}

#[test]
fn a_site_stays_for_the_work_or_for_tests_as_its_secrets_say() {
    let mut set = WorkingSet::default();
    operate(&mut set, making(site("shop"))).unwrap();
    let test = Box::new(Site { mode: SiteMode::Test, campaign: None, ..site("shop") });
    let refusal = operate(&mut set, SiteChange::Set { site: test, revision: 1 }).unwrap_err();
    assert_eq!((refusal.code(), refusal.reasons[0].subject.as_deref()), (Code::SiteInvalid, Some("mode")));
}

#[test]
fn a_secret_that_is_rotated_holds_for_a_while_and_one_that_is_revoked_comes_back_with_nothing() {
    let mut set = WorkingSet::default();
    operate(&mut set, making(site("shop"))).unwrap();
    let rotate = |byte, overlap_ms| SiteChange::RotateKey {
        id: "shop".into(),
        which: SiteKeyName::Secret,
        hash: Hash([byte; 32]),
        overlap_ms,
    };
    let revoke = SiteChange::RevokeKey { id: "shop".into(), which: SiteKeyName::Secret };
    let rotated = operate(&mut set, rotate(3, None)).unwrap();
    let former = FormerSecret { hash: Hash([1; 32]), until: NOW.plus(OVERLAP_DEFAULT_MS) };
    assert_eq!((rotated.secret.hash, rotated.secret.former), (Hash([3; 32]), Some(former)));
    assert_eq!(rotated.statistics.hash, Hash([2; 32]), "the other key stays as it is");
    assert_eq!(rotated.revision, 1, "what is said of it is as it was");
    assert_eq!(operate(&mut set, rotate(4, Some(0))).unwrap().secret.former, None);
    assert_eq!(code(operate(&mut set, rotate(5, Some(OVERLAP_MAX_MS + 1)))), Code::InvalidRequest);

    let revoked = operate(&mut set, revoke.clone()).unwrap();
    assert_eq!((revoked.secret.revoked_at, revoked.secret.former), (Some(NOW), None));
    let before = told(&set);
    assert_eq!(operate_at(&mut set, revoke, NOW.plus(1)).unwrap(), revoked, "it was revoked before");
    assert_eq!(told(&set), before);
    let again = operate(&mut set, rotate(6, None)).unwrap().secret;
    assert_eq!((again.hash, again.former, again.revoked_at), (Hash([6; 32]), None, None));
}

#[test]
fn nothing_changes_of_a_site_that_has_ended_or_is_not_there() {
    let mut set = WorkingSet::default();
    operate(&mut set, making(site("shop"))).unwrap();
    let ended = operate(&mut set, SiteChange::End { id: "shop".into() }).unwrap();
    assert_eq!(operate_at(&mut set, SiteChange::End { id: "shop".into() }, NOW.plus(1)).unwrap(), ended);
    for (id, expected) in [("shop", Code::SiteEnded), ("other", Code::UnknownSite)] {
        let which = SiteKeyName::Statistics;
        let changes = [
            SiteChange::Set { site: Box::new(site(id)), revision: 1 },
            SiteChange::RotateKey { id: id.into(), which, hash: Hash([3; 32]), overlap_ms: None },
            SiteChange::RevokeKey { id: id.into(), which },
        ];
        for change in changes {
            assert_eq!(code(operate(&mut set, change)), expected, "{id}");
        }
    }
    assert_eq!(code(operate(&mut set, SiteChange::End { id: "other".into() })), Code::UnknownSite);
}

#[test]
fn there_are_only_so_many_sites_that_have_not_ended() {
    let mut set = WorkingSet::default();
    for number in 0..SITES_MAX {
        operate(&mut set, making(site(&format!("shop-{number}")))).unwrap();
    }
    assert_eq!(code(operate(&mut set, making(site("another")))), Code::SitesUsedUp);
    operate(&mut set, SiteChange::End { id: "shop-7".into() }).unwrap();
    operate(&mut set, making(site("another"))).unwrap();
}

#[test]
fn whoever_registers_and_ends_sites_over_and_over_has_to_wait_and_nobody_has_to_for_good() {
    let mut set = WorkingSet::default();
    operate(&mut set, making(site("shop"))).unwrap();
    let ended = operate(&mut set, SiteChange::End { id: "shop".into() }).unwrap();
    for number in 1..REGISTRATIONS.burst {
        let site = Site { id: format!("shop-{number}"), ..ended.site.clone() };
        set.load_document(Document::of(&SiteRecord { site, ..ended.clone() }).unwrap());
    }
    let refusal = operate(&mut set, making(site("another"))).unwrap_err();
    let from = NOW.plus(REGISTRATIONS.every_ms);
    assert_eq!((refusal.code(), refusal.reasons[0].until_ms), (Code::SitesUsedUp, Some(from)));
    assert_eq!(code(operate_at(&mut set, making(site("another")), from.minus(1))), Code::SitesUsedUp);
    operate_at(&mut set, making(site("another")), from).unwrap();
    assert_eq!(code(operate_at(&mut set, making(site("one-more")), from)), Code::SitesUsedUp);
    // After a while of rest as many may be registered as ever.
    let later = NOW.plus(2 * u64::from(REGISTRATIONS.burst) * REGISTRATIONS.every_ms);
    for number in 0..3 {
        operate_at(&mut set, making(site(&format!("later-{number}"))), later).unwrap();
    }
    assert_eq!(code(operate_at(&mut set, making(site("shop-7")), later)), Code::SiteTaken);
}

#[test]
fn how_a_site_looked_is_not_kept_once_it_has_ended() {
    let mut set = WorkingSet::default();
    let mut large = site("shop");
    large.look.logo = Some(format!("data:image/png;base64,{}", "A".repeat(20_000)));
    let made = operate(&mut set, making(large)).unwrap();
    let ended = operate(&mut set, SiteChange::End { id: "shop".into() }).unwrap();
    assert_eq!(ended.site, Site { look: SiteLook::default(), ..made.site });
    let kept = Document::of(&set.stored::<SiteRecord>("shop").unwrap().unwrap()).unwrap();
    assert!(kept.json.unwrap().len() < 2_000);
}

#[test]
fn the_audit_log_is_told_no_hash_of_a_secret_and_no_picture() {
    let mut set = WorkingSet::default();
    let record = operate(&mut set, making(site("shop"))).unwrap();
    let text = summary(&record).to_string();
    assert!(!text.contains(&record.secret.hash.to_string()) && !text.contains("iVBORw0KGgo"), "{text}");
    assert!(text.contains("\"logo_length\":34"), "{text}");
}
