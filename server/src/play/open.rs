//! Opening a round: for whom the statement is, and the decision from facts. Pure.
//!
//! Whether a request is a repeat is decided before everything that time, the operator or a new build can change: what
//! was answered once is answered again.

use std::sync::Arc;

use dripline_shared::api::{OpenRequest, Reason, RoundState};
use dripline_shared::campaign::{Audience, Campaign};
use dripline_shared::error::Code;
use dripline_shared::round::CLAIM_WINDOW_MS;
use dripline_shared::site::NO_CAMPAIGN;
use dripline_shared::time::Timestamp;

use crate::check;
use crate::delegation;
use crate::in_force::InForce;
use crate::play::limits::{self, ClaimFacts};
use crate::play::slices;
use crate::refusal::Refusal;
use crate::store::command::{Answer, Open};
use crate::store::record::{
    Closing, PinnedLevel, PrefixRecord, RoundLevel, RoundRecord, SharedBucket, SiteDayKey, SiteTally,
    VoucherRecord, WalletRecord,
};
use crate::store::working::{Effect, WorkingSet};
use crate::voucher::IssueRecord;

/// Checks that the statement is for this faucet and of a page that may prompt, before its signature is looked at.
pub(crate) fn addressed(in_force: &InForce, request: &OpenRequest) -> Result<(), Refusal> {
    check::statement::faucet(in_force.faucet, request.faucet)?;
    Ok(check::statement::origin(&in_force.origins, &request.origin)?)
}

/// Checks what a request must meet to open a round now. Gives the level as it stands.
fn admit<'a>(
    in_force: &'a InForce,
    request: &OpenRequest,
    now: Timestamp,
) -> Result<&'a Arc<PinnedLevel>, Refusal> {
    let unknown = |code: Code, subject: &str| {
        let message = format!("the {subject} is not in this faucet's catalog");
        Refusal::from(Reason { code, message, subject: Some(subject.to_owned()), until_ms: None })
    };
    let level = in_force.levels.get(&request.level).ok_or_else(|| unknown(Code::UnknownLevel, "level"))?;
    if let Some(site) = &request.site {
        let (_, site) = check::site::known(&in_force.sites, site)?;
        check::site::opens(site, &request.level, &request.campaign)?;
    }
    // Only a site can have rounds that nobody pays for.
    let is_paid = request.site.is_none() || request.campaign != NO_CAMPAIGN;
    if is_paid && !in_force.campaigns.contains_key(&request.campaign) {
        return Err(unknown(Code::UnknownCampaign, "campaign"));
    }
    check::statement::issued_at(request.issued_at_ms, now)?;
    check::statement::rules(level.game.rules_version, request.rules_version)?;
    in_force.running(level, &request.campaign)?;
    Ok(level)
}

/// Decides. A repeat of a request gets the round that it opened the first time.
pub(crate) fn decide(
    in_force: &InForce,
    set: &WorkingSet,
    open: &Open,
) -> Result<(Answer, Vec<Effect>), Refusal> {
    let (request, now) = (&open.request, open.now);
    let known = set.wallet(request.wallet).copied();
    let before = known.unwrap_or_else(|| WalletRecord::new(request.wallet));
    if let Some(round) = set.round_of_client(request.wallet, request.client_id) {
        if round.request != open.statement {
            return Err(Code::ClientIdReused.into());
        }
        let level = round.level.pinned()?;
        let limits = limits_told(in_force, set, &before, round, level, &open.prefix, now);
        return Ok((
            Answer::Opened { round: round.clone(), new: false, abandoned: false, limits },
            Vec::new(),
        ));
    }
    if before.moved.is_some() {
        return Err(Code::BalanceMoved.into());
    }
    check::standing::admitted(before.standing)?;
    delegation::opens(set, request, now)?;
    let level = admit(in_force, request, now)?;
    let voucher = of_campaign(in_force, set, &before, open)?;
    let abandoned = make_way(set, &before, open)?;
    if request.campaign != NO_CAMPAIGN {
        // What unlocks a level is what was paid for before: where nothing is paid, the site's choice stands for itself.
        check::level::unlocked(&level.level, set.progress(request.wallet))?;
    }
    let attempts = check::attempts::take(&in_force.catalog.limits.attempts, before.attempts, now)?;
    let prefix = set.prefix(&open.prefix);
    let opens = check::opens::take(&in_force.catalog.limits.opens_per_prefix, prefix.opens, now)?;

    let round = new_round(in_force, set, open, level)?;
    let wallet = WalletRecord { attempts: Some(attempts), open_round: Some(round.id), ..before };
    let limits = limits_told(in_force, set, &wallet, &round, level, &open.prefix, now);
    let answer = Answer::Opened { round: round.clone(), new: true, abandoned: abandoned.is_some(), limits };
    let mut effects: Vec<Effect> = abandoned.map(Effect::Round).into_iter().collect();
    effects.push(Effect::Prefix(open.prefix.clone(), PrefixRecord { opens: Some(opens), ..prefix }));
    effects.push(Effect::Wallet(wallet));
    if let Some(site) = &round.site {
        let day = SiteDayKey::at(site, now, &in_force.asset);
        effects.push(Effect::SiteDay(day, SiteTally::OPENED));
    }
    effects.push(Effect::Round(round));
    effects.extend(voucher.map(Effect::Voucher));
    Ok((answer, effects))
}

/// Whether the campaign opens rounds of this level for this wallet. Gives what becomes of the voucher that lets it in, where that
/// changes.
fn of_campaign(
    in_force: &InForce,
    set: &WorkingSet,
    wallet: &WalletRecord,
    open: &Open,
) -> Result<Option<VoucherRecord>, Refusal> {
    let (request, now) = (&open.request, open.now);
    if request.campaign == NO_CAMPAIGN {
        return Ok(None);
    }
    let campaign = in_force.catalog.campaign(&request.campaign).ok_or(Code::UnknownCampaign)?;
    let range = in_force.ranges.get(&request.campaign).ok_or(Code::UnknownCampaign)?;
    let left = set.left_here(&in_force.asset, &campaign.id.as_str().into());
    check::campaign::opens(campaign, left, *range, now)?;
    check::campaign::level(campaign, &request.level)?;
    match open.voucher.filter(|_| campaign.audience == Audience::Vouchers) {
        Some(hash) => {
            let voucher = set.voucher(hash);
            let issue =
                voucher.map(|voucher| set.stored::<IssueRecord>(&voucher.issue)).transpose()?.flatten();
            Ok(check::voucher::take(campaign, voucher.zip(issue.as_ref()), wallet.wallet, now)?)
        }
        None => check::campaign::audience(campaign, wallet, request.site.as_deref(), now)
            .map(|()| None)
            .map_err(Refusal::from),
    }
}

/// Whether another round is in the way. Gives that round as it is closed, where the request abandons it.
///
/// A round that has its final segment is never abandoned, and is not in the way: it can still be claimed.
fn make_way(set: &WorkingSet, wallet: &WalletRecord, open: &Open) -> Result<Option<RoundRecord>, Refusal> {
    let Some(round) = wallet.open_round.and_then(|round| set.round(round)) else { return Ok(None) };
    if round.state(&set.tail(round.id), open.now) != RoundState::Open {
        return Ok(None);
    }
    if open.request.abandon == Some(round.id) {
        return Ok(Some(RoundRecord { closing: Closing::Ended, ..round.clone() }));
    }
    let message = format!("round {} is open until {}", round.id, round.expires_at);
    let reason = Reason {
        code: Code::RoundOpen,
        message,
        subject: Some(round.id.to_string()),
        until_ms: Some(round.expires_at),
    };
    Err(Refusal { open_round: Some(round.id), ..Refusal::from(reason) })
}

fn new_round(
    in_force: &InForce,
    set: &WorkingSet,
    open: &Open,
    level: &Arc<PinnedLevel>,
) -> Result<RoundRecord, Refusal> {
    let request = &open.request;
    let is_paid = request.campaign != NO_CAMPAIGN;
    let campaign = match in_force.campaigns.get(&request.campaign).filter(|_| is_paid) {
        Some(campaign) => Arc::clone(campaign),
        None if is_paid => return Err(Code::UnknownCampaign.into()),
        None => NO_CAMPAIGN.into(),
    };
    let site = request.site.as_deref().map(|site| check::site::known(&in_force.sites, site)).transpose()?;
    let clears = set.progress_in(request.wallet, &level.level.id).clears;
    // Where nothing is paid no clear is counted, and one board for all rounds could be solved once for all of them.
    let shows = level.game.whole_board_shows && is_paid;
    let board = shows.then(|| in_force.keys.board_seed(request.wallet, level.hash, clears));
    let expires_at = level.timing.expires_at(open.now);
    Ok(RoundRecord {
        id: open.round,
        wallet: request.wallet,
        level: RoundLevel::Pinned(Arc::clone(level)),
        campaign,
        site: site.map(|(id, _)| Arc::clone(id)),
        delegate: request.delegate,
        origin: request.origin.as_str().into(),
        client_id: request.client_id,
        request: open.statement,
        opened_at: open.now,
        expires_at,
        claim_until: expires_at.plus(CLAIM_WINDOW_MS),
        rules_version: level.game.rules_version,
        board,
        closing: Closing::NotYet,
        given_back: false,
        verified: None,
    })
}

/// What the claim of a win with one star would be told now: if even that does not pass, nothing does.
fn limits_told(
    in_force: &InForce,
    set: &WorkingSet,
    wallet: &WalletRecord,
    round: &RoundRecord,
    level: &PinnedLevel,
    prefix: &str,
    now: Timestamp,
) -> Vec<Reason> {
    let Some(campaign) = in_force.catalog.campaign(&round.campaign) else { return Vec::new() };
    let progress = set.progress_in(wallet.wallet, &level.level.id);
    let facts = claim_facts(in_force, set, wallet, prefix, (round, campaign), now);
    let least = limits::reward_of(&in_force.catalog.limits, level, &facts, &progress, 1, now);
    let cooldown = check::cooldown::check(&level.level.id, &progress, now);
    limits::take(&in_force.catalog.limits, &facts, cooldown, least.amount, now).err().unwrap_or_default()
}

/// The facts of a claim of `round`, from the working set.
pub(crate) fn claim_facts<'a>(
    in_force: &InForce,
    set: &WorkingSet,
    wallet: &'a WalletRecord,
    prefix: &str,
    (round, campaign): (&RoundRecord, &'a Campaign),
    now: Timestamp,
) -> ClaimFacts<'a> {
    let slots = set.slots();
    let left = |campaign: &Arc<str>| set.left_here(&in_force.asset, campaign);
    let bucket = |name: SharedBucket| match set.own_slot() {
        Some(slot) => set.bucket(&name.part(slot)),
        None => slices::whole(in_force, &name, &slots, (|name| set.bucket(name), left), now),
    };
    let (parts, campaign_left) = (set.parts(), left(&round.campaign));
    let campaign_limits = match in_force.ranges.get(&campaign.id) {
        Some(range) if parts <= 1 => campaign.limits(campaign_left, *range, now),
        _ => campaign.limits_of_part(campaign_left, parts, now),
    };
    ClaimFacts {
        wallet,
        prefix: set.prefix(prefix),
        campaign,
        campaign_left,
        campaign_limits,
        campaign_bucket: bucket(SharedBucket::Campaign(round.campaign.clone())),
        campaign_newcomers: bucket(SharedBucket::CampaignNewcomers(round.campaign.clone())),
        newcomers: bucket(SharedBucket::Newcomers),
        outflow: bucket(SharedBucket::Outflow),
        parts,
    }
}
