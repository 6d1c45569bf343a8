//! The fields of what operators read and write, and of catalogs: for the console.

use super::{FromJson, Json, ToJson, fill_field, fill_with, put_field};
use crate::api::access::{
    ApiKeyList, ApiKeyRequest, ApiKeyRotation, ApiKeySecret, ApiKeyView, KeyMode, KeyReminder, KeyStage, Me,
    Permission, Role,
};
use crate::api::alert::{Alert, AlertKind, AlertList};
use crate::api::operate::payouts::{
    BatchView, CandidateView, EmergencyRequest, EmergencyStop, EmergencyStops, ImportRequest, PauseKind,
    PauseRequest, Payouts, RailAssetDesk, RailDesk, RailPause, RecordRequest, ResumeRequest, ReturnRequest,
    WaitingPage, WaitingWithdrawal, WaitsFor,
};
use crate::api::operate::players::{
    NoteRequest, PlayedSegment, PlayerList, PlayerMove, PlayerNote, PlayerRound, PlayerRounds, PlayerSummary,
    PlayerView, RoundClosing, RoundReplay, Standing, StandingRequest, StandingView,
};
use crate::api::operate::proposals::{Proposal, ProposalStage, Proposals};
use crate::api::operate::sites::{
    MadeSite, RegisteredSite, SiteChange, SiteKeyRotation, SiteKeySecret, SiteKeyView, SiteList, SiteSummary,
    SiteWeek,
};
use crate::api::operate::webhooks::{
    DeliveryState, SiteEvent, SiteWebhook, SiteWebhooks, WebhookChange, WebhookDeliveries, WebhookDelivery,
    WebhookRequest, WebhookSecret,
};
use crate::api::operate::{
    AuditEntry, AuditLine, AuditPage, CatalogCheck, CheckRequest, Difference, Draft, DraftChoice, DraftList,
    DraftRequest, LiveCatalog, Mistake, Publication, PublicationRequest, PublicationStage, Publications,
    SimulationRequest,
};
use crate::api::operate::{MadeVouchers, VoucherIssue, VoucherList, VoucherRequest};
use crate::api::overview::{
    AssetStand, CampaignStand, CeilingStand, Changed, Overview, PublicationInForce, RailStand, RefusalCount,
    ServerHealth, Traffic, TrafficCounts, TrafficSeries, Warning, WarningKind,
};
use crate::api::sign_in::{
    Ceremony, InvitationAcceptance, InvitationOptions, InvitationQuestion, InvitationRequest,
    InvitationSecret, InvitationView, OperatorList, OperatorView, PasskeyRequest, PasskeyView, RoleRequest,
    SessionList, SessionView, SignInRequest,
};
use crate::api::sites::{SiteDay, SiteStatistics, SiteView};
use crate::api::{AssetBooks, Holding, OnChain};
use crate::catalog::Catalog;
use crate::json_object;
use crate::limit::{CountLimit, Limits, MoneyLimit};
use crate::reward::RewardRules;
use crate::site::{Site, SiteLook, SiteMode};

/// Reads and writes a struct as an object of its fields: those of the first list have to be there, and those of the second are
/// blank where they are not. What is no object is no such struct, though all of its fields may be missing.
macro_rules! json_object_or_blank {
    ($name:ident { $($field:ident),* } { $($blank:ident),* }) => {
        impl FromJson for $name {
            const BLANK: Self = Self { $($field: FromJson::BLANK,)* $($blank: FromJson::BLANK,)* };

            fn fill<J: Json>(&mut self, json: &J) -> bool {
                let Some(keys) = json.keys() else { return false };
                let is_there = |name: &str| keys.iter().any(|key| key == name);
                true
                    $(& fill_field(&mut self.$field, json, stringify!($field)))*
                    $(& (!is_there(stringify!($blank)) || fill_field(&mut self.$blank, json, stringify!($blank))))*
            }
        }

        impl ToJson for $name {
            fn to_json<J: Json>(&self) -> J {
                let mut object = J::object();
                $(put_field(&mut object, stringify!($field), &self.$field);)*
                $(put_field(&mut object, stringify!($blank), &self.$blank);)*
                object
            }
        }
    };
}

/// Reads and writes an enum without contents as these words; the first one is its blank.
macro_rules! json_words {
    ($name:ident { $first:ident = $word:literal, $($variant:ident = $other:literal,)* }) => {
        impl FromJson for $name {
            const BLANK: Self = Self::$first;

            fn fill<J: Json>(&mut self, json: &J) -> bool {
                let read = match json.text().as_deref() {
                    Some($word) => Some(Self::$first),
                    $(Some($other) => Some(Self::$variant),)*
                    _ => None,
                };
                fill_with(self, read)
            }
        }

        impl ToJson for $name {
            fn to_json<J: Json>(&self) -> J {
                J::from_text(match self {
                    Self::$first => $word,
                    $(Self::$variant => $other,)*
                })
            }
        }
    };
}

json_words!(Permission {
    View = "view",
    EditCatalog = "edit_catalog",
    PublishCatalog = "publish_catalog",
    ManagePayouts = "manage_payouts",
    ManagePlayers = "manage_players",
    Emergency = "emergency",
    ManageSites = "manage_sites",
    MoveMoney = "move_money",
    ManageKeys = "manage_keys",
    ManageOperators = "manage_operators",
    ReadAudit = "read_audit",
});
json_words!(Role { Viewer = "viewer", Editor = "editor", Treasurer = "treasurer", Owner = "owner", });
json_words!(KeyMode { Live = "live", Test = "test", });
json_words!(KeyStage { Active = "active", Expired = "expired", Revoked = "revoked", });
json_words!(KeyReminder {
    Rotate = "rotate",
    ExpiresSoon = "expires_soon",
    FormerSecretHolds = "former_secret_holds",
});
json_words!(PublicationStage {
    Scheduled = "scheduled",
    Live = "live",
    Past = "past",
    Cancelled = "cancelled",
});
json_words!(WarningKind {
    PlainHttp = "plain_http",
    NoOrigins = "no_origins",
    MetricsExposed = "metrics_exposed",
    StoppedUnknown = "stopped_unknown",
    CertificateRefused = "certificate_refused",
});

json_words!(PauseKind { Halted = "halted", Recovery = "recovery", TreasuryLow = "treasury_low", });
json_words!(WaitsFor { Turn = "turn", Approval = "approval", Release = "release", });
json_words!(Standing { Clear = "clear", Held = "held", Banned = "banned", });
json_words!(RoundClosing { NotYet = "not_yet", Ended = "ended", Claimed = "claimed", });
json_words!(ProposalStage {
    Open = "open",
    Confirmed = "confirmed",
    Withdrawn = "withdrawn",
    Expired = "expired",
});

json_words!(AlertKind {
    BudgetSpent = "budget_spent",
    TreasuryLow = "treasury_low",
    PayoutsFailing = "payouts_failing",
    PayoutsUnknown = "payouts_unknown",
    RefusalsUnusual = "refusals_unusual",
    ClaimsUnusual = "claims_unusual",
    StartUnclean = "start_unclean",
});

// Catalogs.
json_object!(Catalog { asset, levels, rewards, limits, campaigns });
json_object!(RewardRules { stars, first_clear, streak, repeat, drip_max });
json_object!(Limits {
    attempts,
    opens_per_prefix,
    drips,
    outflow_per_prefix,
    outflow_newcomers,
    outflow,
    newcomer_ms,
});
json_object!(CountLimit { burst, every_ms });
json_object!(MoneyLimit { ceiling, window_ms });

// Publications, drafts, and the audit log.
json_object!(Publication { number, version, by, note, at_ms, from_ms, stage });
json_object!(LiveCatalog { is_pinned, publication, catalog, scheduled });
json_object!(Publications { publications });
json_object!(Difference { setting, before, after });
json_object!(Mistake { field, expected });
json_object!(Draft { id, name, catalog, base, revision, by, at_ms });
json_object!(DraftList { drafts });
json_object!(DraftRequest { name, catalog, base, replaces });
json_object!(DraftChoice { id, revision });
json_object_or_blank!(PublicationRequest { draft, publication, replaces, from_ms } { note });
json_object!(CheckRequest { catalog });
json_object!(CatalogCheck { mistakes, differences });
json_object!(SimulationRequest { catalog, seed, rounds, runs, players, campaign });
json_object!(VoucherRequest { client_id, count, expires_ms });
json_object!(VoucherIssue { campaign, number, count, used, by, made_at_ms, expires_ms, revoked_at_ms });
json_object!(MadeVouchers { issue, codes });
json_object!(VoucherList { issues });
json_object!(AuditEntry { by, from, action, subject, before, after, refused });
json_object!(AuditLine { number, at_ms, entry, hash });
json_object!(AuditPage { lines, next_before });

// Access.
json_object!(ApiKeyView {
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
    reminders,
});
json_object!(ApiKeyList { keys });
json_object!(ApiKeySecret { secret, key });
json_object_or_blank!(ApiKeyRequest { name, role, scopes, expires_at_ms } { mode, ranges });
json_object_or_blank!(ApiKeyRotation {} { overlap_ms, expires_at_ms });
json_object!(Me { by, role, permissions, key, operator, session, csrf });
json_object!(Ceremony { ceremony, public_key });
json_object!(SignInRequest { ceremony, credential });
json_object!(InvitationQuestion { invitation });
json_object!(InvitationOptions { invitation, ceremony, public_key });
json_object!(InvitationAcceptance { invitation, ceremony, name, credential });
json_object!(InvitationRequest { name, role, valid_ms });
json_object!(InvitationSecret { secret, link, invitation });
json_object!(InvitationView { id, name, role, by, made_at_ms, expires_at_ms });
json_object!(PasskeyRequest { ceremony, name, credential });
json_object!(PasskeyView { id, name, is_synced, made_at_ms, used_at_ms });
json_object!(OperatorView { id, name, role, permissions, by, made_at_ms, signed_in_at_ms, passkeys });
json_object!(OperatorList { operators, invitations });
json_object!(RoleRequest { role });
json_object!(SessionView {
    id,
    operator,
    name,
    from,
    made_at_ms,
    used_at_ms,
    idle_until_ms,
    ends_at_ms,
    is_own,
});
json_object!(SessionList { sessions });

// The overview.
json_object!(Overview {
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
    health,
});
json_object!(Alert { id, kind, subject, since_ms, until_ms, text, figures, is_told });
json_object!(AlertList { on, past });
json_object!(Traffic { total, last_hour, minutes, hours, refusals });
json_object!(TrafficCounts { opened, finished, claimed, refused, spent });
json_object!(TrafficSeries { step_ms, from_ms, opened, finished, claimed, refused, spent });
json_object!(RefusalCount { code, total, last_hour });
json_object!(CampaignStand { id, asset, budget, spent, left, is_running, is_stopped });
json_object!(CeilingStand { name, asset, ceiling, window_ms, level, burst });
json_object!(AssetStand { books, owed, held });
json_object!(AssetBooks { asset, supply, players, pending, campaigns, treasury, fees, operating });
json_object!(OnChain { address, holdings, read_at_ms });
json_object!(Holding { asset, amount });
json_object!(RailStand {
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
    treasury,
});
json_object!(PublicationInForce { number, version, is_pinned });
json_object!(ServerHealth {
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
    warnings,
});
json_object!(Warning { kind, text });
json_object!(Changed { topics });

// Players.
json_object!(StandingView { standing, reason, by, at_ms });
json_object!(PlayerNote { text, by, at_ms });
json_object!(PlayerSummary { wallet, standing, drips, first_drip_ms, last_drip_ms });
json_object!(PlayerList { players, next_cursor });
json_object!(PlayerMove { wallet, at_ms });
json_object!(PlayerView {
    wallet,
    standing,
    first_drip_ms,
    last_drip_ms,
    notes,
    waiting,
    moved_to,
    took_over
});
json_object!(StandingRequest { reason });
json_object!(NoteRequest { text });
json_object!(PlayerRound { round, level, campaign, opened_at_ms, claim_until_ms, closing, outcome, amount });
json_object!(PlayerRounds { rounds, next_before });
json_object!(PlayedSegment { seed, length, inputs });
json_object!(RoundReplay {
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
    asset,
});

// Payouts.
json_object!(RailPause { kind, since_ms, why });
json_object!(CandidateView { transaction, nonce, kept_at_ms, is_dead });
json_object!(BatchView { id, asset, made_at_ms, cancelled_at_ms, halted_at_ms, withdrawals, candidates });
json_object!(RailAssetDesk { asset, approve_above, second_operator_above });
json_object!(RailDesk {
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
    treasury,
});
json_object!(Payouts { rails, server_time_ms });
json_object!(WaitingPage { withdrawals, next_after });
json_object!(WaitingWithdrawal { waits_for, withdrawal });
json_object!(PauseRequest { reason });
json_object_or_blank!(ResumeRequest {} { next_nonce, examined });
json_object!(ReturnRequest { reason });
json_object_or_blank!(ImportRequest { transaction } { unchecked });
json_object_or_blank!(RecordRequest { transaction, to, amount, asset, wallet } { unchecked });
json_object!(EmergencyStop { name, is_in_configuration, reason, by, at_ms });
json_object!(EmergencyStops { stopped });
json_object!(EmergencyRequest { name, stopped, reason });

// Sites.
json_words!(SiteMode { Live = "live", Test = "test", });
json_object_or_blank!(SiteLook {} { accent, accent_dark, logo, title, text });
json_object_or_blank!(Site { id, name, origins, campaign, levels } { mode, look });
json_object!(SiteKeyView { id, by, made_at_ms, former_until_ms, revoked_at_ms });
json_object!(RegisteredSite {
    site,
    revision,
    secret,
    statistics_key,
    by,
    made_at_ms,
    changed_by,
    changed_at_ms,
    ended_at_ms,
});
json_object!(SiteSummary { id, name, mode, origins, campaign, revision, ended_at_ms, week });
json_object!(SiteWeek { opened, cleared, drips });
json_object!(SiteList { sites, faucet });
json_object!(SiteChange { site, revision });
json_object!(MadeSite { secret, statistics_key, registered });
json_object_or_blank!(SiteKeyRotation {} { overlap_ms });
json_object!(SiteKeySecret { key, registered });
json_words!(SiteEvent {
    Cleared = "cleared",
    Drip = "drip",
    BudgetLow = "budget.low",
    Test = "test",
});
json_words!(DeliveryState { Waiting = "waiting", Delivered = "delivered", GivenUp = "given_up", });
json_object!(WebhookRequest { url, events });
json_object!(WebhookChange { url, events, is_on });
json_object!(SiteWebhook { id, url, events, is_on, gone_at_ms, former_until_ms, by, made_at_ms });
json_object!(SiteWebhooks { webhooks });
json_object!(WebhookSecret { secret, webhook });
json_object!(WebhookDelivery {
    number,
    message,
    event,
    made_at_ms,
    state,
    attempts,
    tried_at_ms,
    next_at_ms,
    error,
    body,
});
json_object!(WebhookDeliveries { deliveries, next_before, waiting });
json_object!(SiteView { id, mode, pays, origins, look });
json_object!(SiteStatistics { site, asset, days, server_time_ms });
json_object!(SiteDay { day_ms, opened, cleared, drips, amount });

// What waits for a second operator.
json_object!(Proposal { id, proposed, amount, asset, by, at_ms, until_ms, stage, ended_by, ended_at_ms });
json_object!(Proposals { proposals });
