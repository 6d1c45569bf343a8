//! Values of every type that operators read or write, each field drawn anew.

use dripline_shared::api::access::{
    ApiKeyList, ApiKeyRequest, ApiKeyRotation, ApiKeySecret, ApiKeyView, KeyMode, KeyReminder, KeyStage, Me,
    Permission, Role,
};
use dripline_shared::api::alert::{Alert, AlertKind, AlertList};
use dripline_shared::api::operate::payouts::{
    BatchView, CandidateView, EmergencyRequest, EmergencyStop, EmergencyStops, ImportRequest, PauseKind,
    PauseRequest, Payouts, RailAssetDesk, RailDesk, RailPause, RecordRequest, ResumeRequest, ReturnRequest,
    WaitingPage, WaitingWithdrawal, WaitsFor,
};
use dripline_shared::api::operate::players::{
    NoteRequest, PlayedSegment, PlayerList, PlayerMove, PlayerNote, PlayerRound, PlayerRounds, PlayerSummary,
    PlayerView, RoundClosing, RoundReplay, Standing, StandingRequest, StandingView,
};
use dripline_shared::api::operate::proposals::{Proposal, ProposalStage, Proposals, ProposedAction};
use dripline_shared::api::operate::sites::{
    MadeSite, RegisteredSite, SiteChange, SiteKeyRotation, SiteKeySecret, SiteKeyView, SiteList, SiteSummary,
    SiteWeek,
};
use dripline_shared::api::operate::webhooks::{
    DeliveryState, SiteEvent, SiteWebhook, SiteWebhooks, WebhookChange, WebhookDeliveries, WebhookDelivery,
    WebhookRequest, WebhookSecret,
};
use dripline_shared::api::operate::{
    AuditEntry, AuditLine, AuditPage, By, CatalogCheck, CheckRequest, Difference, Draft, DraftChoice,
    DraftList, DraftRequest, LiveCatalog, Mistake, Publication, PublicationRequest, PublicationStage,
    Publications, SimulationRequest,
};
use dripline_shared::api::operate::{MadeVouchers, VoucherIssue, VoucherList, VoucherRequest};
use dripline_shared::api::overview::{
    AssetStand, CampaignStand, CeilingStand, Changed, Overview, PublicationInForce, RailStand, RefusalCount,
    ServerHealth, Traffic, TrafficCounts, TrafficSeries, Warning, WarningKind,
};
use dripline_shared::api::sign_in::{
    Ceremony, InvitationAcceptance, InvitationOptions, InvitationQuestion, InvitationRequest,
    InvitationSecret, InvitationView, OperatorList, OperatorView, PasskeyRequest, PasskeyView, RoleRequest,
    SessionList, SessionView, SignInRequest,
};
use dripline_shared::api::sites::{SiteDay, SiteStatistics, SiteView};
use dripline_shared::api::{AssetBooks, Holding, OnChain};
use dripline_shared::campaign::Campaign;
use dripline_shared::catalog::Catalog;
use dripline_shared::limit::{CountLimit, Limits, MoneyLimit};
use dripline_shared::payout::BatchId;
use dripline_shared::reward::RewardRules;
use dripline_shared::site::{Site, SiteLook, SiteMode};
use serde_json::{Value, json};

use super::{Dice, Sample, bytes, structs, words};

bytes!(BatchId);

structs!(Catalog { asset, levels, rewards, limits, campaigns });
structs!(RewardRules { stars, first_clear, streak, repeat, drip_max });
structs!(Limits {
    attempts,
    opens_per_prefix,
    drips,
    outflow_per_prefix,
    outflow_newcomers,
    outflow,
    newcomer_ms
});
structs!(CountLimit { burst, every_ms });
structs!(MoneyLimit { ceiling, window_ms });
structs!(Campaign {
    id,
    name,
    budget,
    starts_ms,
    ends_ms,
    levels,
    boost,
    pacing,
    newcomers,
    audience,
    outflow
});

structs!(VoucherRequest { client_id, count, expires_ms });
structs!(VoucherIssue { campaign, number, count, used, by, made_at_ms, expires_ms, revoked_at_ms });
structs!(MadeVouchers { issue, codes });
structs!(VoucherList { issues });
structs!(Publication { number, version, by, note, at_ms, from_ms, stage });
structs!(LiveCatalog { is_pinned, publication, catalog, scheduled });
structs!(Publications { publications });
structs!(Difference { setting, before, after });
structs!(Mistake { field, expected });
structs!(Draft { id, name, catalog, base, revision, by, at_ms });
structs!(DraftList { drafts });
structs!(DraftRequest { name, catalog, base, replaces });
structs!(DraftChoice { id, revision });
structs!(PublicationRequest { draft, publication, replaces, note, from_ms });
structs!(CheckRequest { catalog });
structs!(CatalogCheck { mistakes, differences });
structs!(SimulationRequest { catalog, seed, rounds, runs, players, campaign });
structs!(AuditLine { number, at_ms, entry, hash });
structs!(AuditPage { lines, next_before });
structs!(ApiKeyView {
    id,
    name,
    mode,
    role,
    scopes,
    permissions,
    ranges,
    by,
    made_at_ms,
    rotated_at_ms,
    former_until_ms,
    expires_at_ms,
    used_at_ms,
    revoked_at_ms,
    stage,
    reminders
});
structs!(ApiKeyList { keys });
structs!(ApiKeySecret { secret, key });
structs!(ApiKeyRotation { overlap_ms, expires_at_ms });
structs!(Me { by, role, permissions, key, operator, session, csrf });
structs!(Ceremony { ceremony, public_key });
structs!(SignInRequest { ceremony, credential });
structs!(InvitationQuestion { invitation });
structs!(InvitationOptions { invitation, ceremony, public_key });
structs!(InvitationAcceptance { invitation, ceremony, name, credential });
structs!(InvitationRequest { name, role, valid_ms });
structs!(InvitationSecret { secret, link, invitation });
structs!(InvitationView { id, name, role, by, made_at_ms, expires_at_ms });
structs!(PasskeyRequest { ceremony, name, credential });
structs!(PasskeyView { id, name, is_synced, made_at_ms, used_at_ms });
structs!(OperatorView { id, name, role, permissions, by, made_at_ms, signed_in_at_ms, passkeys });
structs!(OperatorList { operators, invitations });
structs!(RoleRequest { role });
structs!(SessionView { id, operator, name, from, made_at_ms, used_at_ms, idle_until_ms, ends_at_ms, is_own });
structs!(SessionList { sessions });
structs!(Overview {
    server_time_ms,
    read_at_ms,
    is_beside_others,
    asset,
    is_play_money,
    rounds_open,
    traffic,
    campaigns,
    ceilings,
    assets,
    rails,
    alerts,
    publication,
    health
});
structs!(Alert { id, kind, subject, since_ms, until_ms, text, figures, is_told });
structs!(AlertList { on, past });
structs!(Traffic { total, last_hour, minutes, hours, refusals });
structs!(TrafficCounts { opened, finished, claimed, refused, spent });
structs!(TrafficSeries { step_ms, from_ms, opened, finished, claimed, refused, spent });
structs!(RefusalCount { code, total, last_hour });
structs!(CampaignStand { id, asset, budget, spent, left, is_running, is_stopped });
structs!(CeilingStand { name, asset, ceiling, window_ms, level, burst });
structs!(AssetStand { books, owed, held });
structs!(AssetBooks { asset, supply, players, pending, campaigns, treasury, fees, operating });
structs!(OnChain { address, holdings, read_at_ms });
structs!(Holding { asset, amount });
structs!(RailStand {
    id,
    kind,
    queued,
    oldest_requested_at_ms,
    sending,
    batches,
    unknown,
    failures,
    paused,
    is_short,
    is_in_recovery,
    is_stopped,
    treasury
});
structs!(PublicationInForce { number, version, is_pinned });
structs!(ServerHealth {
    version,
    started_at_ms,
    connections,
    listeners,
    write_queue,
    prove_queue,
    storage_errors,
    log_leaves,
    log_head_at_ms,
    log_complete_at_ms,
    warnings
});
structs!(Warning { kind, text });
structs!(Changed { topics });
structs!(StandingView { standing, reason, by, at_ms });
structs!(PlayerNote { text, by, at_ms });
structs!(PlayerSummary { wallet, standing, drips, first_drip_ms, last_drip_ms });
structs!(PlayerList { players, next_cursor });
structs!(PlayerMove { wallet, at_ms });
structs!(PlayerView { wallet, standing, first_drip_ms, last_drip_ms, notes, waiting, moved_to, took_over });
structs!(StandingRequest { reason });
structs!(NoteRequest { text });
structs!(PlayerRound { round, level, campaign, opened_at_ms, claim_until_ms, closing, outcome, amount });
structs!(PlayerRounds { rounds, next_before });
structs!(PlayedSegment { seed, length, inputs });
structs!(RoundReplay {
    round,
    wallet,
    state,
    level,
    level_hash,
    catalog,
    rules_version,
    campaign,
    origin,
    opened_at_ms,
    expires_at_ms,
    claim_until_ms,
    play,
    round_secret,
    outcome,
    amount,
    asset
});
structs!(RailPause { kind, since_ms, why });
structs!(CandidateView { transaction, nonce, kept_at_ms, is_dead });
structs!(BatchView { id, asset, made_at_ms, cancelled_at_ms, halted_at_ms, withdrawals, candidates });
structs!(RailAssetDesk { asset, approve_above, second_operator_above });
structs!(RailDesk {
    rail,
    kind,
    assets,
    is_stopped,
    pause,
    failures,
    next_nonce,
    queued,
    unknown,
    batches,
    treasury
});
structs!(Payouts { rails, server_time_ms });
structs!(WaitingPage { withdrawals, next_after });
structs!(WaitingWithdrawal { waits_for, withdrawal });
structs!(PauseRequest { reason });
structs!(ResumeRequest { next_nonce, examined });
structs!(ReturnRequest { reason });
structs!(ImportRequest { transaction, unchecked });
structs!(RecordRequest { transaction, to, amount, asset, wallet, unchecked });
structs!(SiteLook { accent, accent_dark, logo, title, text });
structs!(Site { id, name, mode, origins, campaign, levels, look });
structs!(SiteKeyView { id, by, made_at_ms, former_until_ms, revoked_at_ms });
structs!(RegisteredSite {
    site,
    revision,
    secret,
    statistics_key,
    by,
    made_at_ms,
    changed_by,
    changed_at_ms,
    ended_at_ms
});
structs!(SiteSummary { id, name, mode, origins, campaign, revision, ended_at_ms, week });
structs!(SiteWeek { opened, cleared, drips });
structs!(SiteList { sites, faucet });
structs!(SiteChange { site, revision });
structs!(MadeSite { secret, statistics_key, registered });
structs!(SiteKeyRotation { overlap_ms });
structs!(SiteKeySecret { key, registered });
structs!(WebhookRequest { url, events });
structs!(WebhookChange { url, events, is_on });
structs!(SiteWebhook { id, url, events, is_on, gone_at_ms, former_until_ms, by, made_at_ms });
structs!(SiteWebhooks { webhooks });
structs!(WebhookSecret { secret, webhook });
structs!(WebhookDelivery {
    number,
    message,
    event,
    made_at_ms,
    state,
    attempts,
    tried_at_ms,
    next_at_ms,
    error,
    body
});
structs!(WebhookDeliveries { deliveries, next_before, waiting });
structs!(SiteView { id, mode, pays, origins, look });
structs!(SiteStatistics { site, asset, days, server_time_ms });
structs!(SiteDay { day_ms, opened, cleared, drips, amount });
structs!(EmergencyStop { name, is_in_configuration, reason, by, at_ms });
structs!(EmergencyStops { stopped });
structs!(EmergencyRequest { name, stopped, reason });
structs!(Proposal { id, proposed, amount, asset, by, at_ms, until_ms, stage, ended_by, ended_at_ms });
structs!(Proposals { proposals });

words! {
    SiteMode: &[SiteMode::Live, SiteMode::Test];
    Permission: &Permission::ALL;
    Role: &Role::ALL;
    KeyMode: &[KeyMode::Live, KeyMode::Test];
    KeyStage: &[KeyStage::Active, KeyStage::Expired, KeyStage::Revoked];
    KeyReminder: &[KeyReminder::Rotate, KeyReminder::ExpiresSoon, KeyReminder::FormerSecretHolds];
    PublicationStage: &[
        PublicationStage::Scheduled,
        PublicationStage::Live,
        PublicationStage::Past,
        PublicationStage::Cancelled,
    ];
    WarningKind: &[
        WarningKind::PlainHttp,
        WarningKind::NoOrigins,
        WarningKind::MetricsExposed,
        WarningKind::StoppedUnknown,
        WarningKind::CertificateRefused,
    ];
    PauseKind: &[PauseKind::Halted, PauseKind::Recovery, PauseKind::TreasuryLow];
    WaitsFor: &[WaitsFor::Turn, WaitsFor::Approval, WaitsFor::Release];
    Standing: &Standing::ALL;
    RoundClosing: &[RoundClosing::NotYet, RoundClosing::Ended, RoundClosing::Claimed];
    ProposalStage: &[
        ProposalStage::Open,
        ProposalStage::Confirmed,
        ProposalStage::Withdrawn,
        ProposalStage::Expired,
    ];
    AlertKind: &AlertKind::ALL;
    SiteEvent: &SiteEvent::ALL;
    DeliveryState: &[DeliveryState::Waiting, DeliveryState::Delivered, DeliveryState::GivenUp];
}

/// With at least one range: serde leaves an empty list of them out, which is a test of its own.
impl Sample for ApiKeyRequest {
    fn sample(dice: &mut Dice) -> Self {
        let mut ranges: Vec<String> = dice.roll();
        ranges.push(dice.roll());
        Self {
            name: dice.roll(),
            role: dice.roll(),
            scopes: dice.roll(),
            mode: dice.roll(),
            ranges,
            expires_at_ms: dice.roll(),
        }
    }
}

/// Without `null` in the place of what there was: nothing tells it from what is not there.
impl Sample for AuditEntry {
    fn sample(dice: &mut Dice) -> Self {
        let content = |dice: &mut Dice| dice.roll::<Option<Value>>().filter(|content| !content.is_null());
        Self {
            by: dice.roll(),
            from: dice.roll(),
            action: dice.roll(),
            subject: dice.roll(),
            before: content(dice),
            after: content(dice),
            refused: dice.roll(),
        }
    }
}

impl Sample for i64 {
    fn sample(dice: &mut Dice) -> Self {
        let any = dice.number().cast_signed();
        let small = any % 3;
        dice.one_of(&[any, any >> 20, small, Self::MIN, Self::MAX])
    }
}

/// Any JSON without fractions, a few levels deep.
impl Sample for Value {
    fn sample(dice: &mut Dice) -> Self {
        any_json(dice, 3)
    }
}

fn any_json(dice: &mut Dice, depth: u32) -> Value {
    let kinds = if depth == 0 { 4 } else { 6 };
    match dice.0.below(kinds) {
        0 => Value::Null,
        1 => json!(dice.roll::<bool>()),
        2 => json!(dice.roll::<i64>()),
        3 => json!(dice.roll::<String>()),
        4 => (0..dice.0.below(4)).map(|_| any_json(dice, depth - 1)).collect(),
        _ => Value::Object((0..dice.0.below(4)).map(|_| (dice.roll(), any_json(dice, depth - 1))).collect()),
    }
}

impl Sample for By {
    fn sample(dice: &mut Dice) -> Self {
        let operator = Self::Operator { id: dice.roll(), name: dice.roll() };
        let api_key = Self::ApiKey { id: dice.roll(), name: dice.roll() };
        dice.one_of(&[Self::Server, Self::File, Self::CommandLine, operator, api_key, Self::Unknown])
    }
}

impl Sample for ProposedAction {
    fn sample(dice: &mut Dice) -> Self {
        match dice.0.below(5) {
            0 => Self::Approve { withdrawal: dice.roll() },
            1 => Self::Import { withdrawal: dice.roll(), request: dice.roll() },
            2 => Self::Record { rail: dice.roll(), request: dice.roll() },
            3 => Self::Resume { rail: dice.roll(), request: dice.roll() },
            _ => Self::Publish { request: dice.roll() },
        }
    }
}

impl<T: Sample> Sample for [T; 3] {
    fn sample(dice: &mut Dice) -> Self {
        [dice.roll(), dice.roll(), dice.roll()]
    }
}
