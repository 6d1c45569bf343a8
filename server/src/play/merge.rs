//! One wallet of two: what holds a wallet back that takes over what a guest has. Pure.
//!
//! A guest plays with the key of a browser, and moves its balance to a wallet of its own once. Were its limits left behind, a
//! crowd of guests would each earn as newcomers do and meet in one wallet that could be paid as if it had just begun. So the
//! wallet gets the stricter limits of both, never one that is laxer than either had, and the shorter history.
//!
//! Whoever decides about the move has to see to the rest: that the guest has no round that could still be claimed, and that
//! its key opens none for itself any more, or what it has reached would be had twice.

use std::collections::BTreeMap;

use dripline_shared::progress::LevelProgress;
use dripline_shared::reward::streak_days;

use crate::store::record::WalletRecord;

/// The record of `wallet` once it has taken over what `guest` has.
///
/// - **Limits on counts** (attempts, drips): the later theoretical arrival time.
/// - **History** (what newcomers are without, and the streak): the shorter of both. The streak is the one that either would
///   have if it had had the last drip of the other as well. A wallet that never had a drip has no history to compare, and takes
///   the guest's over as it is.
/// - **Standing**: the worse one, so that nobody gets away from a ban by moving.
/// - **How many drips it ever had** stays what it is: the books count the transfers of each wallet, and so does their
///   verification. So does the round that it has open.
pub fn merged(guest: &WalletRecord, wallet: &WalletRecord) -> WalletRecord {
    let last_drip = guest.last_drip.max(wallet.last_drip);
    let streaks = [guest, wallet]
        .into_iter()
        .filter_map(WalletRecord::last_drip_and_streak)
        .map(|streak| last_drip.map_or(0, |last| streak_days(Some(streak), last)));
    WalletRecord {
        wallet: wallet.wallet,
        attempts: guest.attempts.max(wallet.attempts),
        drips_state: guest.drips_state.max(wallet.drips_state),
        drips: wallet.drips,
        // The later one; of one that has none and one that has one, that.
        first_drip: guest.first_drip.max(wallet.first_drip),
        last_drip,
        streak_days: streaks.min().unwrap_or(0),
        open_round: wallet.open_round,
        standing: guest.standing.max(wallet.standing),
        moved: wallet.moved,
    }
}

/// What a wallet has reached once it has taken over what a guest has, level by level. Those that only one of them has played are
/// as that one left them.
pub fn progress(
    guest: &BTreeMap<String, LevelProgress>,
    wallet: &BTreeMap<String, LevelProgress>,
) -> BTreeMap<String, LevelProgress> {
    let mut merged = wallet.clone();
    for (level, reached) in guest {
        merged.entry(level.clone()).and_modify(|before| *before = before.merged(reached)).or_insert(*reached);
    }
    merged
}

#[cfg(test)]
mod tests {
    use dripline_shared::api::operate::players::Standing;
    use dripline_shared::limit::CountLimit;
    use dripline_shared::round::RoundId;
    use dripline_shared::time::{DAY_MS, HOUR_MS, Timestamp};
    use dripline_shared::wallet::Wallet;
    use proptest::prelude::*;

    use super::*;
    use crate::check::cooldown;
    use crate::check::outflow::is_newcomer;

    const START: Timestamp = Timestamp(1_700_000_000_000);

    fn moments() -> impl Strategy<Value = Timestamp> {
        (0..20 * DAY_MS).prop_map(|after| START.plus(after))
    }

    /// Wallets that have drips and wallets that have none, as claims leave them.
    fn records() -> impl Strategy<Value = WalletRecord> {
        let history = prop::option::of((moments(), 0..9 * DAY_MS, 1_u32..9));
        let limits = (prop::option::of(moments()), prop::option::of(moments()));
        let standing = prop::sample::select(Standing::ALL.to_vec());
        let rest = (0_u64..99, any::<Option<[u8; 16]>>(), standing);
        (any::<[u8; 32]>(), limits, history, rest).prop_map(
            |(wallet, (attempts, drips_state), history, (drips, open_round, standing))| WalletRecord {
                attempts,
                drips_state,
                drips,
                first_drip: history.map(|(first, _, _)| first),
                last_drip: history.map(|(first, after, _)| first.plus(after)),
                streak_days: history.map_or(0, |(_, _, streak)| streak),
                open_round: open_round.map(RoundId),
                standing,
                ..WalletRecord::new(Wallet(wallet))
            },
        )
    }

    fn reached() -> impl Strategy<Value = BTreeMap<String, LevelProgress>> {
        let progress = (0_u32..9, 0_u32..9, moments(), moments()).prop_map(|(clears, today, last, again)| {
            let clears_that_day = today.min(clears);
            let (best_score, best_stars) = (clears, 1);
            let (last_clear_at_ms, pays_again_at_ms) = (last, again);
            LevelProgress {
                best_score,
                best_stars,
                clears,
                clears_that_day,
                last_clear_at_ms,
                pays_again_at_ms,
            }
        });
        prop::collection::btree_map("[ab]", progress, 0..3)
    }

    /// The streak that a wallet would have now if it had had a drip then, too, and one now.
    fn streak_with(record: &WalletRecord, also: Option<Timestamp>, now: Timestamp) -> u32 {
        let own = record.last_drip_and_streak();
        let then = also.map(|also| (also, streak_days(own, also))).or(own);
        streak_days(then, now)
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_merged_wallet_is_held_back_at_least_as_each_of_both(
            guest in records(), wallet in records(),
            burst in 1_u32..9, every_ms in 1..3 * DAY_MS, newcomer_ms in 0..9 * DAY_MS, after in 0..40 * DAY_MS,
        ) {
            let merged = merged(&guest, &wallet);
            let limit = CountLimit { burst, every_ms };
            let now = START.plus(after);
            let later = now.max(merged.last_drip.unwrap_or(now));
            for part in [&guest, &wallet] {
                for (ours, theirs) in [(merged.attempts, part.attempts), (merged.drips_state, part.drips_state)] {
                    prop_assert!(limit.left(ours, now) <= limit.left(theirs, now));
                    prop_assert!(limit.take(ours, now).is_err() || limit.take(theirs, now).is_ok());
                }
                prop_assert!(merged.standing >= part.standing);
                prop_assert!(merged.last_drip >= part.last_drip);
                // Who never had a drip has no history to be compared with.
                if part.first_drip.is_some() {
                    prop_assert!(is_newcomer(&merged, newcomer_ms, now) || !is_newcomer(part, newcomer_ms, now));
                    let ours = streak_days(merged.last_drip_and_streak(), later);
                    prop_assert!(ours <= streak_with(part, merged.last_drip, later));
                }
            }
            prop_assert_eq!(merged.first_drip.is_some(), merged.last_drip.is_some());
            prop_assert_eq!((merged.wallet, merged.drips), (wallet.wallet, wallet.drips));
            prop_assert_eq!(merged.open_round, wallet.open_round);
        }

        #[test]
        fn a_wallet_that_never_had_a_drip_takes_over_the_history_as_it_is(guest in records(), key: [u8; 32]) {
            let merged = merged(&guest, &WalletRecord::new(Wallet(key)));
            let history = |record: &WalletRecord| (record.first_drip, record.last_drip_and_streak());
            prop_assert_eq!(history(&merged), history(&guest));
        }

        #[test]
        fn a_merged_wallet_waits_for_every_level_as_long_as_each_of_both(
            guest in reached(), wallet in reached(), after in 0..40 * DAY_MS,
        ) {
            let merged = progress(&guest, &wallet);
            prop_assert!(guest.keys().chain(wallet.keys()).all(|level| merged.contains_key(level)));
            for (level, ours) in &merged {
                for theirs in [&guest, &wallet].into_iter().filter_map(|levels| levels.get(level)) {
                    let now = START.plus(after).max(ours.last_clear_at_ms);
                    prop_assert!(cooldown::check(level, ours, now).is_err() || cooldown::check(level, theirs, now).is_ok());
                    prop_assert!(ours.clears >= theirs.clears);
                    prop_assert!(ours.clears_today(now) >= theirs.clears_today(now));
                }
                prop_assert!(guest.contains_key(level) || wallet.contains_key(level));
            }
        }
    }

    fn record(first: u64, last: u64, streak_days: u32) -> WalletRecord {
        WalletRecord {
            first_drip: Some(START.plus(first)),
            last_drip: Some(START.plus(last)),
            streak_days,
            ..WalletRecord::new(Wallet([1; 32]))
        }
    }

    #[test]
    fn a_streak_goes_on_where_the_other_has_played_on_and_is_the_shorter_one() {
        // START is at 22:13 UTC.
        let (long, short) = (record(0, 6 * DAY_MS, 7), record(5 * DAY_MS, 6 * DAY_MS + HOUR_MS, 2));
        assert_eq!(merged(&long, &short).streak_days, 2);
        assert_eq!(merged(&short, &long).streak_days, 2);
        // Seven days until yesterday and today: the eighth day, of which the other one has only its first.
        let today = record(7 * DAY_MS, 7 * DAY_MS, 1);
        assert_eq!(merged(&long, &today).streak_days, 1);
        let both = record(2 * DAY_MS, 7 * DAY_MS, 9);
        assert_eq!(merged(&long, &both).streak_days, 8);
        // A gap ends it.
        assert_eq!(merged(&long, &record(0, 9 * DAY_MS, 9)).streak_days, 1);
    }

    #[test]
    fn a_ban_comes_along_whichever_of_both_has_it() {
        let banned = WalletRecord { standing: Standing::Banned, ..record(0, 0, 1) };
        let held = WalletRecord { standing: Standing::Held, ..record(0, 0, 1) };
        assert_eq!(merged(&banned, &held).standing, Standing::Banned);
        assert_eq!(merged(&held, &banned).standing, Standing::Banned);
    }
}
