//! Clocks that go back: whoever has something keeps it, and nobody gets anything twice.

use dripline_shared::api::RoundState;
use dripline_shared::catalog::Catalog;
use dripline_shared::error::Code;
use dripline_shared::limit::CountLimit;
use dripline_shared::time::{DAY_MS, HOUR_MS};

use crate::support::{Player, World, code};

#[test]
fn a_round_is_played_and_claimed_over_a_clock_that_goes_back() {
    let world = World::new();
    let player = Player::new(1);
    let start = world.now();
    let open = world.open(&player, world.first_level());
    let (token, length) = (Some(open.token), open.timing.segment_length);
    let earliest = open.timing.arrival(open.opened_at_ms, length).0;
    world.wait_until(earliest);
    let answer = world.put(open.round, token, 0, None, &[]).unwrap();

    world.set_clock(start.minus(HOUR_MS));
    // What was stored is answered again; what comes next has to wait for the clock.
    let again = world.put(open.round, token, 0, None, &[]).unwrap();
    assert_eq!((again.segment, again.seed), (answer.segment, answer.seed));
    let refusal = world.put(open.round, token, 1, None, &[]).unwrap_err();
    let until = open.timing.arrival(open.opened_at_ms, 2 * length).0;
    assert_eq!((refusal.code(), refusal.reasons[0].until_ms), (Code::SegmentEarly, Some(until)));
    let view = world.view(open.round, token).unwrap();
    assert_eq!((view.state, view.segments, view.round_secret), (RoundState::Open, 1, None));
    world.set_clock(until);
    world.put(open.round, token, 1, None, &[]).unwrap();
    world.end(&open);

    let (open, play) = world.win(&player, world.first_level());
    let claim = world.claim_request(&player, &open, &play);
    world.set_clock(start.minus(DAY_MS));
    assert_eq!(world.view(open.round, Some(open.token)).unwrap().state, RoundState::Finished);
    let receipt = world.try_claim(claim).unwrap();
    assert_eq!(world.try_claim(claim).unwrap(), receipt);
    world.wait(10 * DAY_MS);
    assert_eq!(world.try_claim(claim).unwrap(), receipt);
    assert_eq!((world.wallet(&player).drips, world.wallet(&player).balance), (1, receipt.amount));
}

#[test]
fn no_limit_lets_more_through_for_a_clock_that_goes_back() {
    let mut catalog = Catalog::first_run();
    catalog.levels[0].cooldown_ms = HOUR_MS;
    catalog.limits.drips = CountLimit { burst: 1, every_ms: HOUR_MS };
    catalog.limits.attempts = CountLimit { burst: 4, every_ms: HOUR_MS };
    let world = World::with(dripline_server::faucet::Settings::new(catalog));
    let (player, level) = (Player::new(1), world.first_level().to_owned());
    let receipt = world.earn(&player, &level);
    let (open, play) = world.win(&player, &level);
    let claim = world.claim_request(&player, &open, &play);
    let streak = world.wallet(&player).streak_days;
    for back in [1, HOUR_MS, 30 * DAY_MS] {
        world.set_clock(receipt.claimed_at_ms.minus(back));
        let refusal = world.try_claim(claim).unwrap_err();
        let codes: Vec<Code> = refusal.reasons.iter().map(|reason| reason.code).collect();
        assert_eq!(codes, [Code::Cooldown, Code::DripsUsedUp], "{back} ms back");
        // It passes when it would have passed: at the moment that was told before.
        assert!(refusal.reasons.iter().all(|reason| reason.until_ms >= Some(receipt.pays_again_at_ms)));
        assert_eq!(world.wallet(&player).streak_days, streak);
    }
    while world.wallet(&player).attempts_left > 0 {
        world.end(&world.open(&player, &level));
    }
    world.set_clock(world.now().minus(DAY_MS));
    assert_eq!(code(world.try_open(world.request(&player, &level))), Code::AttemptsUsedUp);
    world.set_clock(receipt.claimed_at_ms.plus(HOUR_MS));
    world.try_claim(claim).unwrap();
}
