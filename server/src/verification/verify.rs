//! Verifying: whether a token gets what it is asked for, and that it does so once.

use std::sync::Arc;

use dripline_shared::api::{Reason, SiteVerifyAnswer, SiteVerifyRequest, VerificationRequest, Verified};
use dripline_shared::error::Code;
use dripline_shared::round::{Hash, hash};
use dripline_shared::site::{IDEMPOTENCY_KEY_MAX, Site};
use dripline_shared::time::Timestamp;

use crate::check;
use crate::in_force::InForce;
use crate::refusal::Refusal;
use crate::store::command::{Answer, Verify};
use crate::store::record::{Closing, RoundFacts, RoundRecord, VerificationRecord};
use crate::store::working::{Effect, WorkingSet};
use crate::verification::VerificationToken;

/// What `H` of a request that is answered again starts with.
const REQUEST_TAG: &[u8; 16] = b"dripline:verify1";

/// The token of a claimed round, for a page of its site.
pub(crate) fn token(
    in_force: &InForce,
    facts: &RoundFacts,
    request: VerificationRequest,
    now: Timestamp,
) -> Result<VerificationToken, Refusal> {
    let site = facts.record.site.as_ref().ok_or(Code::RoundNotOfSite)?;
    let (id, site) = check::site::known(&in_force.sites, site)?;
    check::site::origin(site, &request.origin)?;
    check::site::cdata(request.cdata.as_deref())?;
    let claim = facts.claim.as_ref().ok_or(Code::RoundNotClaimed)?;
    let token = VerificationToken {
        site: Arc::clone(id),
        mode: site.mode,
        round: facts.record.id,
        claimed_at: claim.receipt.claimed_at_ms,
        origin: request.origin,
        cdata: request.cdata,
    };
    if now > token.expires_at() {
        return Err(Code::TokenExpired.into());
    }
    Ok(token)
}

/// The hash of a request that is answered again; none where it has no idempotency key.
pub(crate) fn repeatable(request: &SiteVerifyRequest) -> Result<Option<Hash>, Refusal> {
    let Some(key) = &request.idempotency_key else { return Ok(None) };
    if !(1..=IDEMPOTENCY_KEY_MAX).contains(&key.len()) {
        return Err(Refusal::from(Reason {
            code: Code::InvalidRequest,
            message: format!("expected 1 to {IDEMPOTENCY_KEY_MAX} bytes"),
            subject: Some("idempotency_key".to_owned()),
            until_ms: None,
        }));
    }
    // Both are of the same hash, so that the key of one token is not that of another one; a token has no such byte in it.
    Ok(Some(hash(REQUEST_TAG, &[request.token.as_bytes(), &[0], key.as_bytes()])))
}

/// Whether a token is for the site whose secret it comes with.
pub(crate) fn of_site(token: &VerificationToken, site: &Site) -> Result<(), Code> {
    if *token.site == *site.id && token.mode == site.mode { Ok(()) } else { Err(Code::TokenOfOtherSite) }
}

/// Decides to verify a round: once. The same request gets the same answer again.
pub(crate) fn decide(set: &WorkingSet, verify: &Verify) -> Result<(Answer, Vec<Effect>), Refusal> {
    let round = set.round(verify.round).ok_or(Code::TokenUnknown)?;
    if before(round, verify)? {
        return Ok((Answer::Verified { new: false }, Vec::new()));
    }
    let verified = Some(VerificationRecord { at: verify.now, request: verify.request });
    Ok((Answer::Verified { new: true }, vec![Effect::Round(RoundRecord { verified, ..round.clone() })]))
}

/// Whether a request is the very one that was answered before. Refuses it where another one was, and where it comes too late.
pub(crate) fn before(round: &RoundRecord, verify: &Verify) -> Result<bool, Code> {
    match round.verified {
        // A token of a claim that the store does not have, as after a restore from a backup.
        _ if round.closing != Closing::Claimed => Err(Code::TokenUnknown),
        Some(verified) if verify.request.is_some() && verified.request == verify.request => Ok(true),
        Some(_) => Err(Code::TokenSpent),
        None if verify.now > verify.expires_at => Err(Code::TokenExpired),
        None => Ok(false),
    }
}

/// What the site's server learns.
pub(crate) fn verified(facts: &RoundFacts, token: VerificationToken) -> Result<Verified, Code> {
    let receipt = &facts.claim.as_ref().ok_or(Code::TokenUnknown)?.receipt;
    Ok(Verified {
        site: token.site.to_string(),
        mode: token.mode,
        round: receipt.round,
        wallet: receipt.wallet,
        level: receipt.level.clone(),
        score: receipt.outcome.score,
        stars: receipt.outcome.stars,
        amount: receipt.amount,
        asset: receipt.asset.clone(),
        opened_at_ms: facts.record.opened_at,
        claimed_at_ms: receipt.claimed_at_ms,
        origin: token.origin,
        cdata: token.cdata,
    })
}

/// Whether a code says that a token or a secret is not good, which is an answer; everything else is a refusal to answer.
pub(crate) const fn is_answer(code: Code) -> bool {
    matches!(
        code,
        Code::SecretUnknown
            | Code::TokenUnknown
            | Code::TokenOfOtherSite
            | Code::TokenExpired
            | Code::TokenSpent
    )
}

/// The answer that a token or a secret is not good.
pub(crate) fn no(code: Code) -> SiteVerifyAnswer {
    let reason = Reason { code, message: code.title().to_owned(), subject: None, until_ms: None };
    SiteVerifyAnswer { success: false, reasons: vec![reason], verified: None }
}
