//! The fields of the bodies of [`crate::api`] that a page sends or is answered.

use super::json_word;
use crate::api::{
    CatalogView, ClaimRequest, HistoryEntry, HistoryPage, LevelView, OpenAnswer, OpenRequest, OutcomeView,
    Problem, Reason, Receipt, RoundState, RoundView, SegmentAnswer, WalletView,
};
use crate::json_object;

impl RoundState {
    const ALL: &'static [Self] = &[Self::Open, Self::Finished, Self::Claimed, Self::Ended, Self::Expired];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Finished => "finished",
            Self::Claimed => "claimed",
            Self::Ended => "ended",
            Self::Expired => "expired",
        }
    }
}

json_word!(RoundState, Self::Open);
json_object!(OpenRequest {
    wallet,
    level,
    campaign,
    client_id,
    issued_at_ms,
    origin,
    faucet,
    rules_version,
    abandon,
    signature,
});
json_object!(OpenAnswer {
    round,
    token,
    level,
    level_hash,
    catalog,
    rules_version,
    campaign,
    seeds,
    secret_hash,
    opened_at_ms,
    expires_at_ms,
    claim_until_ms,
    timing,
    limits,
    server_time_ms,
});
json_object!(SegmentAnswer { segment, seed, server_time_ms });
json_object!(RoundView {
    round,
    state,
    segments,
    seeds,
    expires_at_ms,
    round_secret,
    receipt,
    server_time_ms,
});
json_object!(ClaimRequest { round, signature });
json_object!(OutcomeView { won, score, stars, length });
json_object!(Receipt {
    faucet,
    round,
    wallet,
    level,
    campaign,
    outcome,
    base,
    factors,
    amount,
    asset,
    balance,
    pays_again_at_ms,
    transcript,
    round_secret,
    claimed_at_ms,
    key_id,
    signature,
});
json_object!(LevelView { id, game, pays, pays_max, goal, level });
json_object!(CatalogView { version, faucet, asset, levels, campaigns, typical_hour, server_time_ms });
json_object!(WalletView {
    wallet,
    balance,
    drips,
    streak_days,
    levels,
    attempts_left,
    open_round,
    limits,
    server_time_ms,
});
json_object!(HistoryEntry { id, at_ms, kind, amount, balance, level, round });
json_object!(HistoryPage { entries, next_before });
json_object!(Reason { code, message, subject, until_ms });
json_object!(Problem {
    kind as "type", title, status, code, detail, reasons, retry_after_ms, outcome, open_round,
});
