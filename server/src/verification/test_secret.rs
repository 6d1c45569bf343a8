//! The secrets for tests: the same on every faucet and known to everybody, so that a site's server can be tested without one of
//! its own, and without rounds. Nothing is stored or spent by them, and they take tokens of test sites alone.

use dripline_shared::amount::Amount;
use dripline_shared::api::Verified;
use dripline_shared::error::Code;
use dripline_shared::round::RoundId;
use dripline_shared::site::SiteMode;
use dripline_shared::time::{MINUTE_MS, Timestamp};
use dripline_shared::wallet::Wallet;

use crate::in_force::InForce;
use crate::verification::token::{TEST_TOKEN, VerificationToken};

/// Every token of a test site is good.
pub const ALWAYS_PASSES: &str = "dripline_site_test_always_passes";
/// No token is good.
pub const ALWAYS_FAILS: &str = "dripline_site_test_always_fails";
/// Every token of a test site was spent before.
pub const ALWAYS_SPENT: &str = "dripline_site_test_always_spent";

/// What a secret for tests is answered; nothing where it is none.
pub(crate) fn answer(
    in_force: &InForce,
    secret: &str,
    token: &str,
    now: Timestamp,
) -> Option<Result<Verified, Code>> {
    let is_of_test = token.starts_with(TEST_TOKEN);
    match secret {
        ALWAYS_PASSES if is_of_test => Some(Ok(example(in_force, token, now))),
        ALWAYS_SPENT if is_of_test => Some(Err(Code::TokenSpent)),
        ALWAYS_PASSES | ALWAYS_SPENT | ALWAYS_FAILS => Some(Err(Code::TokenUnknown)),
        _ => None,
    }
}

/// What a round might have been. A token that this faucet has made says for which site, round, page and `cdata` it is; everything else
/// is made up.
fn example(in_force: &InForce, token: &str, now: Timestamp) -> Verified {
    let token = VerificationToken::read(token, &in_force.keys);
    Verified {
        site: token.as_ref().map_or("example", |token| &token.site).to_owned(),
        mode: SiteMode::Test,
        round: token.as_ref().map_or(RoundId::new(now.minus(MINUTE_MS), [0; 10]), |token| token.round),
        wallet: Wallet([0; 32]),
        level: in_force.catalog.levels.first().map_or("example", |level| &level.id).to_owned(),
        score: 1,
        stars: 1,
        amount: Amount::ZERO,
        asset: in_force.catalog.asset.code.clone(),
        opened_at_ms: now.minus(MINUTE_MS),
        claimed_at_ms: now,
        origin: token.as_ref().map_or("https://shop.example", |token| &token.origin).to_owned(),
        cdata: token.and_then(|token| token.cdata),
    }
}
