//! The main job at the level of the use cases: open, play, claim, see the drip.

use crate::support::{self, Player, World, code};
use dripline_shared::amount::Amount;
use dripline_shared::api::RoundState;
use dripline_shared::error::Code;
use dripline_shared::game::Skill;
use dripline_shared::round::{commitment, segment_seed, transcript_next, transcript_start};
use dripline_shared::statement::receipt_text;
use dripline_shared::time::{DAY_MS, HOUR_MS};

#[test]
fn a_won_round_of_every_first_level_pays_a_drip_that_the_wallet_and_its_history_show() {
    let world = World::new();
    let player = Player::new(1);
    let mut balance = Amount::ZERO;
    let open_levels = world.catalog.levels.iter().filter(|level| level.id.ends_with("-1"));
    for (number, level) in (1_u64..).zip(open_levels) {
        let receipt = world.earn(&player, &level.id);
        balance = balance.checked_add(receipt.amount).unwrap();
        assert_eq!(receipt.balance, balance);
        assert!(receipt.outcome.won && receipt.outcome.stars >= 1);
        let view = world.wallet(&player);
        assert_eq!((view.balance, view.drips, view.streak_days), (balance, number, 1));
        assert_eq!(view.levels[&level.id].clears, 1);
        assert_eq!(view.levels[&level.id].pays_again_at_ms, receipt.pays_again_at_ms);
        let page = world.runtime.block_on(world.faucet.history(player.wallet, None, 1)).unwrap();
        assert_eq!(page.entries[0].round, Some(receipt.round));
        assert_eq!(page.entries[0].level.as_deref(), Some(level.id.as_str()));
        assert_eq!((page.entries[0].amount, page.entries[0].balance), (receipt.amount, balance));
    }
}

#[test]
fn a_receipt_is_signed_and_shows_the_secret_that_the_opening_committed_to() {
    let world = World::new();
    let player = Player::new(1);
    let (open, play) = world.win(&player, world.first_level());
    let receipt = world.try_claim(world.claim_request(&player, &open, &play)).unwrap();
    assert_eq!(commitment(receipt.round_secret), open.secret_hash);
    assert_eq!(receipt.transcript, play.transcript);
    let keys = world.faucet.keys();
    let key = keys.keys.iter().find(|key| key.id == receipt.key_id).unwrap();
    key.public_key.verify(receipt_text(&receipt).as_bytes(), &receipt.signature).unwrap();
}

#[test]
fn every_seed_of_a_round_follows_from_its_published_secret() {
    let world = World::new();
    let player = Player::new(1);
    for level in world.catalog.levels.iter().filter(|level| level.id.ends_with("-1")) {
        let open = world.open(&player, &level.id);
        let (mut seeds, mut length) = (open.seeds.to_vec(), 0);
        let play = support::drive(&open, Skill::Fair, 0, |number, segment, last| {
            length += segment.length;
            world.wait_until(open.timing.arrival(open.opened_at_ms, length).0);
            let seed = world.send(&open, number, segment, last).unwrap().seed;
            seeds.extend(seed);
            seed
        });
        let secret = world.end(&open).round_secret.unwrap();
        assert_eq!(commitment(secret), open.secret_hash);
        let start = transcript_start(open.round, open.level_hash, open.rules_version);
        let hashes = (0_u32..).zip(&play.segments).scan(start, |hash, (number, segment)| {
            *hash = transcript_next(*hash, number, segment.length, &segment.bytes);
            Some(*hash)
        });
        // A board that shows at once is of the wallet and the level.
        let first = u32::from(level.play.facts().whole_board_shows);
        let known: Vec<_> = [start, start].into_iter().chain(hashes).take(seeds.len()).collect();
        for (number, (seed, hash)) in (0_u32..).zip(seeds.iter().zip(&known)).skip(first as usize) {
            assert_eq!(*seed, segment_seed(secret, number, *hash), "segment {number} of {}", level.id);
        }
        assert!(known.len() > 2, "{} has seeds that depend on the play", level.id);
    }
}

#[test]
fn history_comes_in_pages_from_the_newest_to_the_oldest() {
    let world = World::new();
    let player = Player::new(1);
    let receipts: Vec<_> = (0..5)
        .map(|_| {
            world.wait(HOUR_MS);
            world.earn(&player, world.first_level())
        })
        .collect();
    let mut seen = Vec::new();
    let mut before = None;
    loop {
        let page = world.runtime.block_on(world.faucet.history(player.wallet, before, 2)).unwrap();
        assert!(page.entries.len() <= 2);
        seen.extend(page.entries.into_iter().map(|entry| entry.round.unwrap()));
        before = page.next_before;
        if before.is_none() {
            break;
        }
    }
    let newest_first: Vec<_> = receipts.iter().rev().map(|receipt| receipt.round).collect();
    assert_eq!(seen, newest_first);
}

#[test]
fn a_round_can_be_taken_up_again_from_what_the_server_has() {
    let world = World::new();
    let player = Player::new(1);
    let open = world.open(&player, world.first_level());
    let view = world.runtime.block_on(world.faucet.round(open.round, Some(open.token))).unwrap();
    assert_eq!((view.state, view.segments), (RoundState::Open, 0));
    assert_eq!(view.seeds, open.seeds);
    assert_eq!(view.round_secret, None);
    let mut learnt = open.seeds.to_vec();
    let mut length = 0;
    support::drive(&open, Skill::Fair, 0, |number, segment, last| {
        length += segment.length;
        world.wait_until(open.timing.arrival(open.opened_at_ms, length).0);
        let seed = world.send(&open, number, segment, last).unwrap().seed;
        learnt.extend(seed);
        let view = world.runtime.block_on(world.faucet.round(open.round, Some(open.token))).unwrap();
        assert_eq!(view.segments, number + 1);
        assert_eq!(view.state, if last { RoundState::Finished } else { RoundState::Open });
        let known = if last { &learnt[..=number as usize] } else { &learnt[..] };
        assert_eq!(view.seeds, known);
        seed
    });
}

#[test]
fn the_secret_of_a_round_is_public_once_it_is_closed() {
    let world = World::new();
    let player = Player::new(1);
    let ended = world.open(&player, world.first_level());
    let view = world.runtime.block_on(world.faucet.end(ended.round, Some(ended.token))).unwrap();
    assert_eq!(view.state, RoundState::Ended);
    assert_eq!(commitment(view.round_secret.unwrap()), ended.secret_hash);
    let expired = world.open(&player, world.first_level());
    world.wait_until(expired.expires_at_ms.plus(1));
    let view = world.runtime.block_on(world.faucet.round(expired.round, Some(expired.token))).unwrap();
    assert_eq!((view.state, view.round_secret), (RoundState::Expired, None));
    let view = world.end(&expired);
    assert_eq!(view.state, RoundState::Ended);
    assert_eq!(commitment(view.round_secret.unwrap()), expired.secret_hash);
}

#[test]
fn a_round_whose_secret_is_public_cannot_be_played_on_whatever_the_clock_does() {
    let world = World::new();
    let open = world.open(&Player::new(1), world.first_level());
    let token = Some(open.token);
    let earliest = open.timing.arrival(open.opened_at_ms, open.timing.segment_length).0;
    for late in [open.expires_at_ms.plus(1), open.claim_until_ms.plus(DAY_MS)] {
        world.set_clock(late);
        assert_eq!(world.view(open.round, token).unwrap().round_secret, None);
        world.set_clock(earliest);
        world.put(open.round, token, 0, None, &[]).unwrap();
    }
    world.set_clock(open.expires_at_ms.plus(1));
    assert!(world.end(&open).round_secret.is_some());
    world.set_clock(earliest);
    assert_eq!(code(world.put(open.round, token, 1, None, &[])), Code::RoundEnded);
}

#[test]
fn a_closed_round_stays_as_it_is_when_it_is_ended_again() {
    let world = World::new();
    let player = Player::new(1);
    let (open, play) = world.win(&player, world.first_level());
    let receipt = world.try_claim(world.claim_request(&player, &open, &play)).unwrap();
    let view = world.runtime.block_on(world.faucet.end(open.round, Some(open.token))).unwrap();
    assert_eq!((view.state, view.receipt), (RoundState::Claimed, Some(receipt)));
}

#[test]
fn the_board_of_a_game_that_shows_it_whole_stays_until_it_is_cleared() {
    let world = World::new();
    let player = Player::new(1);
    let showing = world.catalog.levels.iter().find(|level| level.play.facts().whole_board_shows);
    let Some(level) = showing else { return };
    let first = world.open(&player, &level.id);
    world.runtime.block_on(world.faucet.end(first.round, Some(first.token))).unwrap();
    let second = world.open(&player, &level.id);
    assert_eq!(first.seeds[0], second.seeds[0]);
    assert_ne!(first.seeds[1], second.seeds[1]);
    world.runtime.block_on(world.faucet.end(second.round, Some(second.token))).unwrap();
    assert_ne!(world.open(&Player::new(2), &level.id).seeds[0], first.seeds[0]);
    world.earn(&player, &level.id);
    assert_ne!(world.open(&player, &level.id).seeds[0], first.seeds[0]);
}

#[test]
fn a_finished_round_is_not_in_the_way_of_the_next_and_can_be_claimed_after_it() {
    let world = World::new();
    let player = Player::new(1);
    let (open, play) = world.win(&player, world.first_level());
    let mut request = world.request(&player, world.first_level());
    request.abandon = Some(open.round);
    world.try_open(support::sign(&player, request)).unwrap();
    world.try_claim(world.claim_request(&player, &open, &play)).unwrap();
}

#[test]
fn an_open_round_can_be_abandoned_for_another_and_an_expired_one_is_not_in_the_way() {
    let world = World::new();
    let player = Player::new(1);
    let first = world.open(&player, world.first_level());
    let refusal = world.try_open(world.request(&player, world.first_level())).unwrap_err();
    assert_eq!((refusal.code(), refusal.open_round), (Code::RoundOpen, Some(first.round)));
    let mut request = world.request(&player, world.first_level());
    request.abandon = Some(first.round);
    let second = world.try_open(support::sign(&player, request)).unwrap();
    let view = world.runtime.block_on(world.faucet.round(first.round, Some(first.token))).unwrap();
    assert_eq!(view.state, RoundState::Ended);
    assert_eq!(world.wallet(&player).open_round, Some(second.round));
    world.wait_until(second.expires_at_ms.plus(1));
    assert_eq!(world.wallet(&player).open_round, None);
    world.open(&player, world.first_level());
}

#[test]
fn looking_at_a_wallet_that_was_never_seen_shows_nothing_and_creates_nothing() {
    let directory = support::Directory::new();
    let world = World::on(&directory, dripline_shared::catalog::Catalog::first_run());
    let before = support::dump::dump(directory.path());
    let view = world.wallet(&Player::new(9));
    assert_eq!((view.balance, view.drips, view.streak_days), (Amount::ZERO, 0, 0));
    assert!(view.levels.is_empty() && view.open_round.is_none() && view.limits.is_empty());
    assert_eq!(view.attempts_left, world.catalog.limits.attempts.burst);
    let page = world.runtime.block_on(world.faucet.history(Player::new(9).wallet, None, 10)).unwrap();
    assert!(page.entries.is_empty() && page.next_before.is_none());
    assert_eq!(support::dump::dump(directory.path()), before);
}

#[test]
fn what_a_claim_would_be_told_is_told_at_the_opening() {
    let world = World::new();
    let player = Player::new(1);
    let receipt = world.earn(&player, world.first_level());
    let open = world.open(&player, world.first_level());
    let reason = &open.limits[0];
    assert_eq!((reason.code, reason.until_ms), (Code::Cooldown, Some(receipt.pays_again_at_ms)));
}

#[test]
fn the_streak_grows_day_by_day_and_ends_with_a_missed_day() {
    let world = World::new();
    let player = Player::new(1);
    for day in 1..=3 {
        world.earn(&player, world.first_level());
        assert_eq!(world.wallet(&player).streak_days, day);
        world.wait(DAY_MS);
    }
    world.wait(DAY_MS);
    assert_eq!(world.wallet(&player).streak_days, 0);
    world.earn(&player, world.first_level());
    assert_eq!(world.wallet(&player).streak_days, 1);
}

#[test]
fn an_hour_of_play_earns_something_and_no_more_than_the_ceiling_of_one_network() {
    let world = World::new();
    let view = world.faucet.catalog();
    assert!(view.typical_hour > Amount::ZERO);
    assert!(view.typical_hour <= world.catalog.limits.outflow_per_prefix.ceiling);
    assert_eq!(view.levels.len(), world.catalog.levels.len());
}

#[test]
fn a_faucet_that_shuts_down_takes_no_more_changes_and_still_shows_what_it_has() {
    let world = World::new();
    let player = Player::new(1);
    world.earn(&player, world.first_level());
    let request = world.request(&player, world.first_level());
    world.runtime.block_on(world.faucet.clone().shutdown());
    assert_eq!(code(world.try_open(request)), Code::ShuttingDown);
    assert_eq!(code(world.runtime.block_on(world.faucet.ready())), Code::ShuttingDown);
    assert_eq!(world.wallet(&player).drips, 1);
}
