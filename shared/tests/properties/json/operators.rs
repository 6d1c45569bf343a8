//! The same for what operators read and write, and for catalogs.

use std::fmt::Debug;

use dripline_shared::amount::Amount;
use dripline_shared::api::access::{
    ApiKeyList, ApiKeyRequest, ApiKeyRotation, ApiKeySecret, KeyMode, KeyReminder, KeyStage, Me, Permission,
    Role,
};
use dripline_shared::api::alert::{Alert, AlertKind, AlertList};
use dripline_shared::api::operate::payouts::{
    EmergencyRequest, EmergencyStops, ImportRequest, PauseKind, PauseRequest, Payouts, RecordRequest,
    ResumeRequest, ReturnRequest, WaitingPage, WaitsFor,
};
use dripline_shared::api::operate::players::{
    NoteRequest, PlayerList, PlayerRounds, PlayerView, RoundClosing, RoundReplay, Standing, StandingRequest,
};
use dripline_shared::api::operate::proposals::{Proposal, ProposalStage, Proposals, ProposedAction};
use dripline_shared::api::operate::{
    AuditEntry, AuditLine, AuditPage, By, CatalogCheck, CheckRequest, Draft, DraftList, DraftRequest,
    LiveCatalog, Publication, PublicationRequest, PublicationStage, Publications, SimulationRequest,
};
use dripline_shared::api::overview::{Changed, Overview, ServerHealth, Traffic, WarningKind};
use dripline_shared::api::sign_in::{
    Ceremony, InvitationAcceptance, InvitationOptions, InvitationQuestion, InvitationRequest,
    InvitationSecret, OperatorList, OperatorView, PasskeyRequest, RoleRequest, SessionList, SignInRequest,
};
use dripline_shared::catalog::Catalog;
use dripline_shared::json::{FromJson, ToJson};
use dripline_shared::limit::Limits;
use dripline_shared::payout::WithdrawalId;
use dripline_shared::reward::RewardRules;
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use dripline_shared::api::operate::sites::{
    MadeSite, RegisteredSite, SiteChange, SiteKeyRotation, SiteKeySecret, SiteList,
};
use dripline_shared::api::operate::webhooks::{
    DeliveryState, SiteEvent, SiteWebhooks, WebhookChange, WebhookDeliveries, WebhookRequest, WebhookSecret,
};
use dripline_shared::api::sites::{SiteStatistics, SiteView};

use super::samples::Sample;
use dripline_shared::api::operate::{MadeVouchers, VoucherList, VoucherRequest};
use dripline_shared::campaign::Campaign;

use super::{agrees, changes, every_type, holds, holds_under};
use crate::support::config;

every_type! {
    holds;
    a_whole_catalog_is_the_same: Catalog;
    the_rules_of_rewards_are_the_same: RewardRules;
    the_limits_are_the_same: Limits;
    the_live_catalog_is_the_same: LiveCatalog;
    a_publication_is_the_same: Publication;
    publications_are_the_same: Publications;
    a_campaign_is_the_same: Campaign;
    vouchers_with_their_codes_are_the_same: MadeVouchers;
    all_vouchers_of_a_campaign_are_the_same: VoucherList;
    a_draft_is_the_same: Draft;
    drafts_are_the_same: DraftList;
    the_keeping_of_a_draft_is_the_same: DraftRequest;
    a_request_to_publish_is_the_same: PublicationRequest;
    a_request_to_check_is_the_same: CheckRequest;
    what_is_found_out_about_a_catalog_is_the_same: CatalogCheck;
    a_request_to_simulate_is_the_same: SimulationRequest;
    whoever_changed_something_is_the_same: By;
    keys_of_programs_are_the_same: ApiKeyList;
    a_key_with_its_secret_is_the_same: ApiKeySecret;
    the_request_for_a_key_is_the_same: ApiKeyRequest;
    whoever_asks_is_the_same: Me;
    the_question_for_an_invitation_is_the_same: InvitationQuestion;
    a_request_to_invite_is_the_same: InvitationRequest;
    an_invitation_with_its_secret_is_the_same: InvitationSecret;
    an_operator_is_the_same: OperatorView;
    operators_and_invitations_are_the_same: OperatorList;
    the_change_of_a_role_is_the_same: RoleRequest;
    sessions_are_the_same: SessionList;
    the_overview_is_the_same: Overview;
    traffic_is_the_same: Traffic;
    the_health_of_a_server_is_the_same: ServerHealth;
    an_alert_is_the_same: Alert;
    alerts_are_the_same: AlertList;
    what_has_changed_is_the_same: Changed;
    players_are_the_same: PlayerList;
    a_player_is_the_same: PlayerView;
    the_change_of_a_standing_is_the_same: StandingRequest;
    a_request_to_note_is_the_same: NoteRequest;
    the_rounds_of_a_player_are_the_same: PlayerRounds;
    the_replay_of_a_round_is_the_same: RoundReplay;
    payouts_are_the_same: Payouts;
    withdrawals_that_wait_are_the_same: WaitingPage;
    a_request_to_pause_is_the_same: PauseRequest;
    a_request_to_give_back_is_the_same: ReturnRequest;
    a_request_to_import_is_the_same: ImportRequest;
    a_request_to_record_is_the_same: RecordRequest;
    what_is_stopped_is_the_same: EmergencyStops;
    a_request_to_stop_is_the_same: EmergencyRequest;
    sites_are_the_same: SiteList;
    what_came_of_a_site_is_the_same: SiteStatistics;
    the_webhooks_of_a_site_are_the_same: SiteWebhooks;
    a_webhook_with_its_secret_is_the_same: WebhookSecret;
    the_request_for_a_webhook_is_the_same: WebhookRequest;
    the_change_of_a_webhook_is_the_same: WebhookChange;
    the_messages_to_a_webhook_are_the_same: WebhookDeliveries;
}

/// For what may be an object without any field of ours, or with one alone: serde takes a list for its fields in order, and refuses those that
/// it does not know. Here lists are none, and other fields are ignored.
fn holds_without_fields<T: Sample + FromJson + ToJson + Serialize + DeserializeOwned + PartialEq + Debug>(
    seed: [u8; 32],
) {
    let has_fields = |change: &Value| change.as_object().is_some_and(|fields| !fields.is_empty());
    let changes: Vec<Value> =
        changes().into_iter().filter(|change| !change.is_array() && !has_fields(change)).collect();
    holds_under::<T>(seed, &changes, |_| true);
}

every_type! {
    holds_without_fields;
    the_rotation_of_a_key_is_the_same: ApiKeyRotation;
    a_site_is_the_same: RegisteredSite;
    a_change_of_a_site_is_the_same: SiteChange;
    a_site_with_its_keys_is_the_same: MadeSite;
    a_site_with_a_new_secret_is_the_same: SiteKeySecret;
    what_pages_see_of_a_site_is_the_same: SiteView;
    the_rotation_of_the_key_of_a_site_is_the_same: SiteKeyRotation;
    a_request_to_resume_is_the_same: ResumeRequest;
    a_request_for_vouchers_is_the_same: VoucherRequest;
    what_is_proposed_is_the_same: ProposedAction;
    a_proposal_is_the_same: Proposal;
    proposals_are_the_same: Proposals;
}

/// For what contains any JSON: there are no fractions in it, and it is `null` where it is missing.
fn holds_any_json<T: Sample + FromJson + ToJson + Serialize + DeserializeOwned + PartialEq + Debug>(
    seed: [u8; 32],
) {
    let changes: Vec<Value> = changes().into_iter().filter(|change| !change.is_f64()).collect();
    holds_under::<T>(seed, &changes, |bad| {
        // What browsers are told has the ceremony beside it, and nothing else here has one.
        bad.get("ceremony").is_none() || bad.get("public_key").or_else(|| bad.get("credential")).is_some()
    });
}

every_type! {
    holds_any_json;
    any_json_is_the_same: Value;
    a_ceremony_is_the_same: Ceremony;
    a_sign_in_is_the_same: SignInRequest;
    the_options_of_an_invitation_are_the_same: InvitationOptions;
    the_taking_of_an_invitation_is_the_same: InvitationAcceptance;
    a_new_passkey_is_the_same: PasskeyRequest;
    an_entry_of_the_audit_log_is_the_same: AuditEntry;
    a_line_of_the_audit_log_is_the_same: AuditLine;
    a_page_of_the_audit_log_is_the_same: AuditPage;
}

/// These are all words of a type, and no other is.
fn are_words<T: FromJson + ToJson + Serialize + DeserializeOwned + PartialEq + Debug>(words: &[(T, &str)]) {
    for (value, word) in words {
        agrees(value);
        assert_eq!(value.to_json::<Value>(), json!(word));
    }
    for other in ["", "other", "View", "live ", "not-yet"] {
        assert_eq!(T::from_json(&json!(other)), None, "{other}");
    }
    for other in [json!(null), json!(0), json!([words[0].1]), json!({ "kind": words[0].1 })] {
        assert_eq!(T::from_json(&other), None, "{other}");
    }
}

#[test]
fn every_word_of_access_is_the_same() {
    are_words(&Permission::ALL.map(|permission| (permission, permission.as_str())));
    are_words(&Role::ALL.map(|role| (role, role.as_str())));
    are_words(&[(KeyMode::Live, "live"), (KeyMode::Test, "test")]);
    are_words(&[
        (KeyStage::Active, "active"),
        (KeyStage::Expired, "expired"),
        (KeyStage::Revoked, "revoked"),
    ]);
    are_words(&[
        (KeyReminder::Rotate, "rotate"),
        (KeyReminder::ExpiresSoon, "expires_soon"),
        (KeyReminder::FormerSecretHolds, "former_secret_holds"),
    ]);
}

#[test]
fn every_word_of_the_overview_and_of_publications_is_the_same() {
    are_words(&AlertKind::ALL.map(|kind| (kind, kind.as_str())));
    are_words(&[
        (PublicationStage::Scheduled, "scheduled"),
        (PublicationStage::Live, "live"),
        (PublicationStage::Past, "past"),
        (PublicationStage::Cancelled, "cancelled"),
    ]);
    are_words(&[
        (WarningKind::PlainHttp, "plain_http"),
        (WarningKind::NoOrigins, "no_origins"),
        (WarningKind::MetricsExposed, "metrics_exposed"),
        (WarningKind::StoppedUnknown, "stopped_unknown"),
        (WarningKind::CertificateRefused, "certificate_refused"),
    ]);
}

#[test]
fn every_word_of_players_and_payouts_is_the_same() {
    are_words(&Standing::ALL.map(|standing| (standing, standing.as_str())));
    are_words(&[
        (PauseKind::Halted, "halted"),
        (PauseKind::Recovery, "recovery"),
        (PauseKind::TreasuryLow, "treasury_low"),
    ]);
    are_words(&[(WaitsFor::Turn, "turn"), (WaitsFor::Approval, "approval"), (WaitsFor::Release, "release")]);
    are_words(&[
        (RoundClosing::NotYet, "not_yet"),
        (RoundClosing::Ended, "ended"),
        (RoundClosing::Claimed, "claimed"),
    ]);
    are_words(&[
        (ProposalStage::Open, "open"),
        (ProposalStage::Confirmed, "confirmed"),
        (ProposalStage::Withdrawn, "withdrawn"),
        (ProposalStage::Expired, "expired"),
    ]);
}

#[test]
fn every_word_of_webhooks_is_the_same() {
    are_words(&SiteEvent::ALL.map(|event| (event, event.as_str())));
    are_words(&[
        (DeliveryState::Waiting, "waiting"),
        (DeliveryState::Delivered, "delivered"),
        (DeliveryState::GivenUp, "given_up"),
    ]);
}

#[test]
fn everybody_who_can_change_something_has_a_kind() {
    let (id, name) = ("7".to_owned(), "Ada".to_owned());
    for (by, json) in [
        (By::Server, json!({ "kind": "server" })),
        (By::File, json!({ "kind": "file" })),
        (By::CommandLine, json!({ "kind": "command_line" })),
        (
            By::Operator { id: id.clone(), name: name.clone() },
            json!({ "kind": "operator", "id": "7", "name": "Ada" }),
        ),
        (By::ApiKey { id, name }, json!({ "kind": "api_key", "id": "7", "name": "Ada" })),
        (By::Unknown, json!({ "kind": "unknown" })),
    ] {
        agrees(&by);
        assert_eq!(by.to_json::<Value>(), json);
    }
    for bad in [
        json!({ "kind": "operator" }),
        json!({ "kind": "operator", "id": "7" }),
        json!({ "kind": "api_key", "name": "Ada" }),
        json!({ "kind": "api_key", "id": 7, "name": "Ada" }),
        json!({ "kind": "somebody" }),
        json!({ "id": "7", "name": "Ada" }),
        json!("server"),
        json!(null),
    ] {
        assert_eq!(By::from_json(&bad), None, "{bad}");
    }
}

#[test]
fn everything_that_can_be_proposed_has_an_action() {
    let (withdrawal, rail) = (WithdrawalId([7; 16]), "anvil".to_owned());
    let id = serde_json::to_value(withdrawal).unwrap();
    let record = RecordRequest {
        transaction: "0x02".to_owned(),
        to: "0x03".to_owned(),
        amount: Amount::from_units(5),
        asset: None,
        wallet: None,
        unchecked: true,
    };
    let publication = PublicationRequest {
        draft: None,
        publication: Some(2),
        replaces: 3,
        note: "more".to_owned(),
        from_ms: None,
    };
    for (proposed, json) in [
        (ProposedAction::Approve { withdrawal }, json!({ "action": "approve", "withdrawal": id })),
        (
            ProposedAction::Import {
                withdrawal,
                request: ImportRequest { transaction: "0x01".to_owned(), unchecked: false },
            },
            json!({
                "action": "import",
                "withdrawal": id,
                "request": { "transaction": "0x01", "unchecked": false },
            }),
        ),
        (
            ProposedAction::Record { rail: rail.clone(), request: record },
            json!({
                "action": "record",
                "rail": "anvil",
                "request": { "transaction": "0x02", "to": "0x03", "amount": "5", "unchecked": true },
            }),
        ),
        (
            ProposedAction::Resume {
                rail,
                request: ResumeRequest { next_nonce: Some(9), examined: Some("0x04".to_owned()) },
            },
            json!({
                "action": "resume",
                "rail": "anvil",
                "request": { "next_nonce": 9, "examined": "0x04" },
            }),
        ),
        (
            ProposedAction::Publish { request: publication },
            json!({ "action": "publish", "request": { "publication": 2, "replaces": 3, "note": "more" } }),
        ),
    ] {
        agrees(&proposed);
        assert_eq!(proposed.to_json::<Value>(), json);
    }
    for bad in [
        json!({ "action": "approve" }),
        json!({ "action": "import", "withdrawal": id }),
        json!({ "action": "resume", "rail": "anvil" }),
        json!({ "action": "resume", "rail": "anvil", "request": true }),
        json!({ "action": "spend", "withdrawal": id }),
        json!({ "withdrawal": id }),
    ] {
        assert_eq!(ProposedAction::from_json(&bad), None, "{bad}");
        assert!(serde_json::from_value::<ProposedAction>(bad).is_err());
    }
}

#[test]
fn a_request_may_leave_out_what_is_blank_and_says_nothing_by_null() {
    fn may_leave_out<T: FromJson + DeserializeOwned + PartialEq + Debug>(whole: &Value, field: &str) {
        let mut less = whole.clone();
        less.as_object_mut().unwrap().remove(field).expect("it was there");
        let theirs: T = serde_json::from_value(less.clone()).unwrap();
        assert_eq!(T::from_json(&less).as_ref(), Some(&theirs));
        assert_eq!(T::from_json(whole), Some(theirs), "{field} was blank");
        less[field] = Value::Null;
        assert_eq!(T::from_json(&less), None, "{less}");
        assert!(serde_json::from_value::<T>(less).is_err());
    }
    let key = json!({ "name": "bot", "role": "viewer", "mode": "live", "ranges": [] });
    may_leave_out::<ApiKeyRequest>(&key, "mode");
    may_leave_out::<ApiKeyRequest>(&key, "ranges");
    may_leave_out::<PublicationRequest>(&json!({ "replaces": 1, "note": "" }), "note");
    let import = json!({ "transaction": "0x01", "unchecked": false });
    may_leave_out::<ImportRequest>(&import, "unchecked");
    let record = json!({ "transaction": "0x01", "to": "0x02", "amount": "1", "unchecked": false });
    may_leave_out::<RecordRequest>(&record, "unchecked");
}

#[test]
fn what_is_no_object_is_no_request_though_every_field_may_be_missing() {
    assert_eq!(ResumeRequest::from_json(&json!({})), Some(ResumeRequest::default()));
    assert_eq!(ResumeRequest::from_json(&json!({ "next_nonce": null })), Some(ResumeRequest::default()));
    for bad in [json!(null), json!(true), json!(1), json!(""), json!([])] {
        assert_eq!(ResumeRequest::from_json(&bad), None, "{bad}");
        assert_eq!(ApiKeyRotation::from_json(&bad), None, "{bad}");
    }
}

#[test]
fn a_number_may_be_below_zero_where_it_is_a_figure() {
    for good in [0, -1, 1, -(1 << 53), 1 << 53, i64::MIN, i64::MAX] {
        agrees(&good);
        assert_eq!(good.to_json::<Value>(), json!(good));
        assert_eq!(Value::from_json(&json!(good)), Some(json!(good)));
    }
    for bad in [json!(0.5), json!(-1.0), json!(1_u64 << 63), json!("-1"), json!(null), json!([-1])] {
        assert_eq!(i64::from_json(&bad), None, "{bad}");
    }
    for bad in [json!(0.5), json!([1e300]), json!({ "figure": u64::MAX })] {
        assert_eq!(Value::from_json(&bad), None, "{bad}");
    }
}

#[test]
fn the_stars_of_a_catalog_are_three_factors() {
    let mut rules = serde_json::to_value(RewardRules::first_run()).unwrap();
    assert_eq!(RewardRules::from_json(&rules), Some(RewardRules::first_run()));
    for bad in [json!([]), json!([1, 2]), json!([1, 2, 3, 4]), json!([1, 2, -3]), json!({ "0": 1 })] {
        rules["stars"] = bad;
        assert_eq!(RewardRules::from_json(&rules), None, "{rules}");
        assert!(serde_json::from_value::<RewardRules>(rules.clone()).is_err());
    }
    assert_eq!(<[i64; 3]>::from_json(&json!([-1, 0, 1])), Some([-1, 0, 1]));
    assert_eq!([-1_i64, 0, 1].to_json::<Value>(), json!([-1, 0, 1]));
    assert_eq!(<[i64; 0]>::from_json(&json!([])), Some([]));
    assert_eq!(<[i64; 0]>::from_json(&json!([1])), None);
}

#[test]
fn the_first_catalog_is_the_same() {
    agrees(&Catalog::first_run());
}
