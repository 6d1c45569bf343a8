//! Values of every type that a page reads or writes, each field drawn anew.

use std::collections::BTreeMap;

use dripline_shared::amount::{Amount, Asset};
use dripline_shared::api::{
    AddressRequest, AddressView, AssetMoney, CampaignView, CatalogView, ClaimRequest, ConsistencyProof,
    Direction, HistoryEntry, HistoryPage, InclusionProof, IssuedReadKey, LevelView, LogEntryView, LogPromise,
    Notices, OpenAnswer, OpenRequest, OutcomeView, Problem, RailAsset, RailList, RailView, ReadKeyList,
    ReadKeyListRequest, ReadKeyRequest, ReadKeyRevocation, ReadKeyView, Reason, Receipt, RoundState,
    RoundView, SegmentAnswer, SignedTreeHead, VoucherLook, VoucherView, WalletView, WithdrawalPage,
    WithdrawalRequest, WithdrawalView, Worth,
};
use dripline_shared::campaign::{Audience, CampaignStage};
use dripline_shared::error::Code;
use dripline_shared::game::GameParams;
use dripline_shared::json::NUMBER_END;
use dripline_shared::level::{Level, Unlock};
use dripline_shared::log::{NodeHash, TreeHead};
use dripline_shared::payout::{RailKind, WithdrawalId, WithdrawalState};
use dripline_shared::progress::LevelProgress;
use dripline_shared::read_key::ReadKey;
use dripline_shared::reward::{Factor, FactorName};
use dripline_shared::rng::SegmentRng;
use dripline_shared::round::{ClientId, Hash, RoundId, RoundSecret, RoundToken, Seed, Timing};
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::{Signature, Wallet};

#[cfg(feature = "operators")]
mod operators;

/// What samples are drawn with.
pub(super) struct Dice(pub(super) SegmentRng);

impl Dice {
    /// Any value of a type.
    pub(super) fn roll<T: Sample>(&mut self) -> T {
        T::sample(self)
    }

    /// One of these.
    pub(super) fn one_of<T: Clone>(&mut self, choices: &[T]) -> T {
        let count = u32::try_from(choices.len()).expect("few");
        choices[usize::try_from(self.0.below(count)).expect("few")].clone()
    }

    fn number(&mut self) -> u64 {
        u64::from(self.0.next_u32()) << 32 | u64::from(self.0.next_u32())
    }
}

/// What can be drawn.
pub(super) trait Sample {
    /// Any value; those at the bounds more often.
    fn sample(dice: &mut Dice) -> Self;
}

macro_rules! numbers {
    ($($number:ident: $end:expr;)*) => {
        $(impl Sample for $number {
            fn sample(dice: &mut Dice) -> Self {
                let any = dice.number() % $end;
                let small = dice.number() % 3;
                Self::try_from(dice.one_of(&[any, any, any >> 20, small, $end - 1])).expect("in range")
            }
        })*
    };
}
numbers! {
    u8: 1 << 8;
    u16: 1 << 16;
    u32: 1 << 32;
    u64: NUMBER_END;
}

macro_rules! bytes {
    ($($name:ident)*) => {
        $(impl Sample for $name {
            fn sample(dice: &mut Dice) -> Self {
                let zeros = dice.roll::<u8>();
                Self(std::array::from_fn(|at| if at < usize::from(zeros) % 8 { 0 } else { dice.roll() }))
            }
        })*
    };
}
bytes!(ClientId WithdrawalId Hash NodeHash RoundId RoundSecret RoundToken Seed Signature Wallet);

impl Sample for ReadKey {
    fn sample(dice: &mut Dice) -> Self {
        Self::derive(&dice.roll::<Hash>().0, dice.roll(), dice.roll(), dice.roll())
    }
}

macro_rules! structs {
    ($name:ident { $($field:ident),* }) => {
        impl Sample for $name {
            fn sample(dice: &mut Dice) -> Self {
                Self { $($field: dice.roll(),)* }
            }
        }
    };
}
structs!(OpenRequest {
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
    signature
});
structs!(OpenAnswer {
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
    server_time_ms
});
structs!(SegmentAnswer { segment, seed, server_time_ms });
structs!(RoundView { round, state, segments, seeds, expires_at_ms, round_secret, receipt, server_time_ms });
structs!(ClaimRequest { round, signature });
structs!(OutcomeView { won, score, stars, length });
structs!(Receipt {
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
    signature
});
structs!(LogPromise { leaf, by_ms });
structs!(LevelView { id, game, pays, pays_max, goal, campaign, level });
structs!(CatalogView {
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
structs!(WalletView {
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
    server_time_ms
});
structs!(Worth { currency, amount });
structs!(AssetMoney { balance, pending, paid });
structs!(HistoryEntry {
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
structs!(RailList { rails, server_time_ms });
structs!(RailView { id, kind, assets, address_wait_ms, paused, chain_id, needs_ownership });
structs!(RailAsset { asset, threshold, maximum, fee, dormant_after_ms });
structs!(AddressRequest {
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
    ownership
});
structs!(ReadKeyRequest { wallet, until_ms, client_id, issued_at_ms, origin, faucet, signature });
structs!(ReadKeyListRequest { wallet, client_id, issued_at_ms, origin, faucet, signature });
structs!(ReadKeyRevocation { wallet, client_id, issued_at_ms, origin, faucet, signature });
structs!(IssuedReadKey { id, wallet, key, issued_at_ms, until_ms });
structs!(ReadKeyView { id, issued_at_ms, until_ms });
structs!(ReadKeyList { keys });
structs!(AddressView { rail, address, set_at_ms, usable_from_ms });
structs!(WithdrawalRequest {
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
    signature
});
structs!(WithdrawalView {
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
    server_time_ms
});
structs!(WithdrawalPage { withdrawals, next_before });
structs!(HistoryPage { entries, next_before });
structs!(TreeHead { size, root, at_ms });
structs!(SignedTreeHead { faucet, head, key_id, signature });
structs!(InclusionProof { leaf_index, tree_size, hashes });
structs!(ConsistencyProof { first, second, hashes });
structs!(LogEntryView { index, text, leaf_hash });
structs!(Reason { code, message, subject, until_ms });
structs!(Problem { kind, title, status, code, detail, reasons, retry_after_ms, outcome, open_round });
structs!(Asset { code, decimals });
structs!(Level { id, name, play, stars, base, cooldown_ms, unlock, turn_ms_min, think_ms_max });
structs!(LevelProgress {
    best_score,
    best_stars,
    clears,
    clears_that_day,
    last_clear_at_ms,
    pays_again_at_ms
});
structs!(Factor { name, basis_points });
structs!(CampaignView {
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
    left
});
structs!(VoucherLook { wallet, code });
structs!(VoucherView { campaign, levels, is_used, expires_ms, server_time_ms });
structs!(Notices { terms, terms_url, excluded_regions, privacy_url, contact });

impl Sample for Audience {
    fn sample(dice: &mut Dice) -> Self {
        let (within_ms, site) = (dice.roll(), dice.roll());
        dice.one_of(&[Self::Everybody, Self::Vouchers, Self::NewWallets { within_ms }, Self::Site { site }])
    }
}
structs!(Timing { segment_length, length_max, unit_us, allowance_ms });

macro_rules! words {
    ($($name:ident: $all:expr;)*) => {
        $(impl Sample for $name {
            fn sample(dice: &mut Dice) -> Self {
                dice.one_of($all)
            }
        })*
    };
}
#[cfg(feature = "operators")]
use {bytes, structs, words};

words! {
    bool: &[false, true];
    CampaignStage: &[
        CampaignStage::Waiting,
        CampaignStage::Running,
        CampaignStage::Ending,
        CampaignStage::Over,
    ];
    Code: Code::ALL;
    FactorName: FactorName::ALL;
    Direction: Direction::ALL;
    RailKind: RailKind::ALL;
    WithdrawalState: WithdrawalState::ALL;
    RoundState: &[
        RoundState::Open,
        RoundState::Finished,
        RoundState::Claimed,
        RoundState::Ended,
        RoundState::Expired,
    ];
}

impl Sample for Amount {
    fn sample(dice: &mut Dice) -> Self {
        let any = Self::try_from(u128::from(dice.number() >> 1)).expect("in range");
        let small = Self::from_units(dice.roll());
        dice.one_of(&[any, small, Self::ZERO, Self::MAX])
    }
}

impl Sample for Timestamp {
    fn sample(dice: &mut Dice) -> Self {
        Self(dice.roll())
    }
}

impl Sample for String {
    fn sample(dice: &mut Dice) -> Self {
        let texts = [
            "",
            "catch-1",
            "default",
            "a \"quoted\" \\ text",
            "line\nbreak\u{0}",
            "Tröpfchen 💧",
            "__proto__",
            "null",
        ];
        dice.one_of(&texts).to_owned()
    }
}

/// Real ones, so that a new game is drawn too.
impl Sample for GameParams {
    fn sample(dice: &mut Dice) -> Self {
        dice.one_of(&Self::default_levels()).play
    }
}

impl Sample for Unlock {
    fn sample(dice: &mut Dice) -> Self {
        let (level, stars) = (dice.roll(), dice.roll());
        dice.one_of(&[Self::Open, Self::Cleared(level), Self::Stars(stars)])
    }
}

impl<T: Sample> Sample for Option<T> {
    fn sample(dice: &mut Dice) -> Self {
        dice.roll::<bool>().then(|| dice.roll())
    }
}

impl<T: Sample> Sample for Vec<T> {
    fn sample(dice: &mut Dice) -> Self {
        (0..dice.0.below(4)).map(|_| dice.roll()).collect()
    }
}

impl<T: Sample> Sample for [T; 2] {
    fn sample(dice: &mut Dice) -> Self {
        [dice.roll(), dice.roll()]
    }
}

impl<T: Sample> Sample for BTreeMap<String, T> {
    fn sample(dice: &mut Dice) -> Self {
        (0..dice.0.below(4)).map(|_| (dice.roll(), dice.roll())).collect()
    }
}
