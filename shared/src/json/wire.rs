//! The fields of the bodies of [`crate::api`] that a page sends or is answered.

use super::{FromJson, Json, ToJson, fill_with, json_word, only_key};
use crate::api::{
    AddressRequest, AddressView, AssetMoney, CampaignView, CatalogView, ClaimRequest, ConsistencyProof,
    HistoryEntry, HistoryPage, InclusionProof, IssuedReadKey, LevelView, LogEntryView, LogPromise, Notices,
    OpenAnswer, OpenRequest, OutcomeView, Problem, RailAsset, RailList, RailView, ReadKeyList,
    ReadKeyListRequest, ReadKeyRequest, ReadKeyRevocation, ReadKeyView, Reason, Receipt, RoundState,
    RoundView, SegmentAnswer, SignedTreeHead, VoucherLook, VoucherView, WalletView, WithdrawalPage,
    WithdrawalRequest, WithdrawalView, Worth,
};
use crate::campaign::{Audience, CampaignStage};
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
    site,
    delegate,
    client_id,
    issued_at_ms,
    origin,
    faucet,
    rules_version,
    abandon,
    voucher,
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
    log,
    key_id,
    signature,
});
json_object!(LevelView { id, game, pays, pays_max, goal, campaign, level });
json_word!(CampaignStage, Self::Waiting);
json_object!(CampaignView {
    id,
    name,
    stage,
    is_used_up,
    starts_ms,
    ends_ms,
    levels,
    boost,
    is_paced,
    audience,
    budget,
    left,
});
json_object!(VoucherLook { wallet, code });
json_object!(VoucherView { campaign, levels, is_used, expires_ms, server_time_ms });
json_object!(Notices { terms, terms_url, excluded_regions, privacy_url, contact });
json_object!(CatalogView {
    version,
    faucet,
    asset,
    assets,
    levels,
    campaigns,
    typical_hour,
    is_play_money,
    server_time_ms
});
json_object!(WalletView {
    wallet,
    balance,
    money,
    addresses,
    drips,
    streak_days,
    levels,
    attempts_left,
    open_round,
    limits,
    server_time_ms,
});
json_object!(Worth { currency, amount });
json_object!(AssetMoney { balance, pending, paid });
json_object!(HistoryEntry {
    id,
    at_ms,
    kind,
    asset,
    direction,
    amount,
    balance,
    level,
    round,
    withdrawal,
    transaction,
    worth
});
json_object!(HistoryPage { entries, next_before });
json_object!(Reason { code, message, subject, until_ms });
json_object!(Problem {
    kind as "type", title, status, code, detail, reasons, retry_after_ms, outcome, open_round,
});
json_object!(RailList { rails, server_time_ms });
json_object!(RailView { id, kind, assets, address_wait_ms, paused, chain_id, needs_ownership });
json_object!(RailAsset { asset, threshold, maximum, fee, dormant_after_ms });
json_object!(AddressRequest {
    wallet,
    rail,
    address,
    client_id,
    issued_at_ms,
    origin,
    site,
    faucet,
    signed_message,
    signature,
    ownership,
});
json_object!(AddressView { rail, address, set_at_ms, usable_from_ms });
json_object!(WithdrawalRequest {
    wallet,
    rail,
    asset,
    amount,
    address,
    fee_max,
    client_id,
    issued_at_ms,
    origin,
    site,
    faucet,
    signed_message,
    signature,
});
json_object!(WithdrawalView {
    id,
    wallet,
    rail,
    asset,
    amount,
    fee,
    address,
    state,
    requested_at_ms,
    ahead,
    ended_at_ms,
    transaction,
    reason,
    server_time_ms,
});
json_object!(WithdrawalPage { withdrawals, next_before });
json_object!(ReadKeyRequest { wallet, until_ms, client_id, issued_at_ms, origin, faucet, signature });
json_object!(ReadKeyListRequest { wallet, client_id, issued_at_ms, origin, faucet, signature });
json_object!(ReadKeyRevocation { wallet, client_id, issued_at_ms, origin, faucet, signature });
json_object!(IssuedReadKey { id, wallet, key, issued_at_ms, until_ms });
json_object!(ReadKeyView { id, issued_at_ms, until_ms });
json_object!(ReadKeyList { keys });
json_object!(SignedTreeHead { faucet, head, key_id, signature });
json_object!(InclusionProof { leaf_index, tree_size, hashes });
json_object!(ConsistencyProof { first, second, hashes });
json_object!(LogEntryView { index, text, leaf_hash });
json_object!(LogPromise { leaf, by_ms });

impl FromJson for Audience {
    const BLANK: Self = Self::Everybody;

    fn fill<J: Json>(&mut self, json: &J) -> bool {
        let read = match json.text().as_deref() {
            Some("everybody") => Some(Self::Everybody),
            Some("vouchers") => Some(Self::Vouchers),
            Some(_) => None,
            None => match only_key(json).as_deref() {
                Some("new_wallets") => u64::from_json(&json.get("new_wallets").get("within_ms"))
                    .map(|within_ms| Self::NewWallets { within_ms }),
                Some("site") => {
                    String::from_json(&json.get("site").get("site")).map(|site| Self::Site { site })
                }
                _ => None,
            },
        };
        fill_with(self, read)
    }
}

impl ToJson for Audience {
    fn to_json<J: Json>(&self) -> J {
        let (name, field) = match self {
            Self::Everybody => return J::from_text("everybody"),
            Self::Vouchers => return J::from_text("vouchers"),
            Self::NewWallets { within_ms } => ("new_wallets", ("within_ms", within_ms.to_json())),
            Self::Site { site } => ("site", ("site", site.to_json())),
        };
        let mut inner = J::object();
        inner.put(field.0, field.1);
        let mut object = J::object();
        object.put(name, inner);
        object
    }
}
