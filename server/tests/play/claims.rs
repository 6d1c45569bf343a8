//! The limits on claims: which one refuses, until when, and that it passes from exactly then on.

use dripline_server::faucet::{Caller, Settings};
use dripline_shared::amount::Amount;
use dripline_shared::api::ClaimRequest;
use dripline_shared::catalog::Catalog;
use dripline_shared::error::Code;
use dripline_shared::limit::{CountLimit, MoneyLimit};
use dripline_shared::reward::RewardRules;
use dripline_shared::time::{HOUR_MS, MINUTE_MS, Timestamp};

use crate::support::dump::dump;
use crate::support::{Directory, Player, World, at_once};

/// A catalog whose drips are all of 1,000 units, without cooldowns.
fn flat() -> Catalog {
    let mut catalog = Catalog::first_run();
    catalog.rewards = RewardRules {
        stars: [10_000; 3],
        first_clear: 10_000,
        streak: vec![10_000],
        repeat: vec![10_000],
        drip_max: Amount::from_units(1_000),
    };
    for level in &mut catalog.levels {
        level.base = Amount::from_units(1_000);
        level.cooldown_ms = 0;
    }
    catalog
}

/// A ceiling through which four drips fit at once, and then one every five minutes.
fn four_drips() -> MoneyLimit {
    MoneyLimit { ceiling: Amount::from_units(16_000), window_ms: HOUR_MS }
}

fn won(world: &World, player: &Player) -> ClaimRequest {
    let (open, play) = world.win(player, world.first_level());
    world.claim_request(player, &open, &play)
}

/// Expects a refusal with this code about this subject that changes nothing, and that passes at the moment it tells.
fn passes_from_then_on(world: &World, directory: &Directory, claim: ClaimRequest, code: Code, subject: &str) {
    let before = dump(directory.path());
    let refusal = world.try_claim(claim).expect_err("it should have been refused");
    assert_eq!(refusal.reasons.len(), 1, "{refusal:?}");
    assert_eq!((refusal.code(), refusal.reasons[0].subject.as_deref()), (code, Some(subject)));
    assert_eq!(dump(directory.path()), before, "{code:?} changed something");
    let until = refusal.reasons[0].until_ms.unwrap();
    assert!(until > world.now());
    world.wait_until(until.minus(1));
    assert_eq!(world.try_claim(claim).unwrap_err().code(), code);
    world.wait(1);
    world.try_claim(claim).unwrap();
}

fn world(catalog: Catalog) -> (Directory, World) {
    let directory = Directory::new();
    let world = World::on(&directory, catalog);
    (directory, world)
}

#[test]
fn a_level_pays_a_wallet_again_after_its_cooldown() {
    let mut catalog = flat();
    catalog.levels[0].cooldown_ms = 10 * HOUR_MS;
    let (directory, world) = world(catalog);
    let player = Player::new(1);
    let level = world.first_level().to_owned();
    let receipt = world.earn(&player, &level);
    assert_eq!(receipt.pays_again_at_ms, receipt.claimed_at_ms.plus(10 * HOUR_MS));
    let claim = won(&world, &player);
    passes_from_then_on(&world, &directory, claim, Code::Cooldown, &level);
}

#[test]
fn a_wallet_has_so_many_drips() {
    let mut catalog = flat();
    catalog.limits.drips = CountLimit { burst: 2, every_ms: 3 * HOUR_MS };
    let (directory, world) = world(catalog);
    let player = Player::new(1);
    world.earn(&player, world.first_level());
    world.earn(&player, world.first_level());
    let claim = won(&world, &player);
    let told = &world.wallet(&player).limits;
    assert_eq!((told.len(), told[0].code), (1, Code::DripsUsedUp));
    passes_from_then_on(&world, &directory, claim, Code::DripsUsedUp, "drips");
}

/// Plays rounds for five wallets first and claims them together, so that no time passes in between.
fn fifth_is_refused(catalog: Catalog, subject: &str) {
    let (directory, world) = world(catalog);
    fifth_is_refused_in(&world, &directory, subject);
}

/// The same of wallets that all have a history: what newcomers share is always lower, and would refuse them first.
fn fifth_with_a_history_is_refused(mut catalog: Catalog, subject: &str) {
    catalog.limits.newcomer_ms = 0;
    catalog.limits.outflow_newcomers = MoneyLimit { ceiling: Amount::from_units(8_000), window_ms: HOUR_MS };
    let (directory, world) = world(catalog);
    for number in 1..=5 {
        world.earn(&Player::new(number), world.first_level());
        world.wait(HOUR_MS);
    }
    fifth_is_refused_in(&world, &directory, subject);
}

fn fifth_is_refused_in(world: &World, directory: &Directory, subject: &str) {
    let claims: Vec<ClaimRequest> = (1..=5).map(|number| won(world, &Player::new(number))).collect();
    for claim in &claims[..4] {
        world.try_claim(*claim).unwrap();
    }
    passes_from_then_on(world, directory, claims[4], Code::CeilingReached, subject);
}

#[test]
fn a_network_takes_out_so_much_whatever_the_number_of_wallets() {
    let mut catalog = flat();
    catalog.limits.outflow_per_prefix = four_drips();
    fifth_is_refused(catalog.clone(), "outflow_per_prefix");
    let (_directory, world) = world(catalog);
    let claims: Vec<ClaimRequest> = (1..=5).map(|number| won(&world, &Player::new(number))).collect();
    for (number, claim) in claims.iter().enumerate() {
        world.try_claim_from(*claim, &format!("192.0.2.{number}")).unwrap();
    }
}

#[test]
fn a_campaign_lets_out_so_much() {
    let mut catalog = flat();
    catalog.campaigns[0].outflow = four_drips();
    fifth_with_a_history_is_refused(catalog, "campaign:default");
}

#[test]
fn all_together_let_out_so_much() {
    let mut catalog = flat();
    catalog.limits.outflow = four_drips();
    fifth_with_a_history_is_refused(catalog, "outflow");
}

#[test]
fn wallets_without_history_share_a_part_and_those_with_history_are_not_held_back_by_them() {
    let mut catalog = flat();
    catalog.limits.outflow_newcomers = four_drips();
    catalog.limits.newcomer_ms = 2 * HOUR_MS;
    fifth_is_refused(catalog.clone(), "outflow_newcomers");
    let (_directory, world) = world(catalog);
    let regular = Player::new(100);
    world.earn(&regular, world.first_level());
    world.wait(2 * HOUR_MS);
    let claims: Vec<ClaimRequest> = (1..=5).map(|number| won(&world, &Player::new(number))).collect();
    let regulars = won(&world, &regular);
    claims[..4].iter().for_each(|claim| drop(world.try_claim(*claim).unwrap()));
    assert_eq!(world.try_claim(claims[4]).unwrap_err().code(), Code::CeilingReached);
    world.try_claim(regulars).unwrap();
}

#[test]
fn a_budget_is_paid_out_to_the_last_drip_and_not_beyond() {
    let mut catalog = flat();
    catalog.campaigns[0].budget = Amount::from_units(2_500);
    let (directory, world) = world(catalog);
    let player = Player::new(1);
    world.earn(&player, world.first_level());
    world.earn(&player, world.first_level());
    let claim = won(&world, &player);
    let before = dump(directory.path());
    let refusal = world.try_claim(claim).unwrap_err();
    assert_eq!((refusal.code(), refusal.reasons[0].until_ms), (Code::BudgetUsedUp, None));
    assert_eq!(dump(directory.path()), before);
    assert_eq!(world.wallet(&player).limits[0].code, Code::BudgetUsedUp);
}

#[test]
fn a_budget_that_was_raised_pays_on_and_one_that_was_lowered_returns_what_is_left() {
    let mut catalog = flat();
    catalog.campaigns[0].budget = Amount::from_units(1_000);
    let (directory, world) = world(catalog.clone());
    let player = Player::new(1);
    world.earn(&player, world.first_level());
    let claim = won(&world, &player);
    assert_eq!(world.try_claim(claim).unwrap_err().code(), Code::BudgetUsedUp);
    let restart = |world: World, budget| {
        let now = world.shutdown();
        let mut catalog = catalog.clone();
        catalog.campaigns[0].budget = Amount::from_units(budget);
        World::at(Settings { data: Some(directory.path().to_owned()), ..Settings::new(catalog) }, now)
    };
    let world = restart(world, 10_000);
    world.try_claim(claim).unwrap();
    let world = restart(world, 1_500);
    let claim = won(&world, &player);
    assert_eq!(world.try_claim(claim).unwrap_err().code(), Code::BudgetUsedUp);
    let world = restart(world, 3_000);
    world.try_claim(claim).unwrap();
    let claim = won(&world, &player);
    assert_eq!(world.try_claim(claim).unwrap_err().code(), Code::BudgetUsedUp);
    world.shutdown();
    let report = dripline_server::ledger::verify_ledger(directory.path(), &[]).unwrap();
    assert_eq!((report.findings, report.held["DRIP"]), (vec![], Amount::from_units(3_000)));
}

#[test]
fn a_win_that_a_lowered_ceiling_cannot_let_out_whole_is_paid_up_to_it() {
    let directory = Directory::new();
    let world = World::on(&directory, flat());
    let (regular, newcomer) = (Player::new(1), Player::new(2));
    world.earn(&regular, world.first_level());
    world.wait(2 * HOUR_MS);
    let claims = [&regular, &newcomer].map(|player| won(&world, player));
    let now = world.shutdown();
    let mut catalog = flat();
    for level in &mut catalog.levels {
        level.base = Amount::from_units(10);
    }
    catalog.rewards.drip_max = Amount::from_units(1_000);
    catalog.limits.newcomer_ms = HOUR_MS;
    catalog.limits.outflow = MoneyLimit { ceiling: Amount::from_units(1_600), window_ms: HOUR_MS };
    catalog.limits.outflow_newcomers = MoneyLimit { ceiling: Amount::from_units(400), window_ms: HOUR_MS };
    let settings = Settings { data: Some(directory.path().to_owned()), ..Settings::new(catalog) };
    let world = World::at(settings, now.plus(HOUR_MS));
    // What fits at once is a quarter of a ceiling; the base of both is 1,000.
    for (claim, fits) in [(claims[0], 400), (claims[1], 100)] {
        world.wait(HOUR_MS);
        let receipt = world.try_claim(claim).unwrap();
        assert_eq!((receipt.base, receipt.amount), (Amount::from_units(1_000), Amount::from_units(fits)));
    }
}

#[test]
fn every_limit_that_refuses_is_told_at_once() {
    let mut catalog = flat();
    catalog.levels[0].cooldown_ms = HOUR_MS;
    catalog.limits.drips = CountLimit { burst: 1, every_ms: 3 * HOUR_MS };
    catalog.campaigns[0].budget = Amount::from_units(1_500);
    let (_directory, world) = world(catalog);
    let player = Player::new(1);
    world.earn(&player, world.first_level());
    let refusal = world.try_claim(won(&world, &player)).unwrap_err();
    let codes: Vec<Code> = refusal.reasons.iter().map(|reason| reason.code).collect();
    assert_eq!(codes, [Code::Cooldown, Code::DripsUsedUp, Code::BudgetUsedUp]);
    assert!(refusal.reasons[..2].iter().all(|reason| reason.until_ms.is_some()));
    assert_eq!(refusal.retry_after_ms(world.now()), None, "waiting does not fill a budget");
}

#[test]
fn when_all_that_refuses_passes_the_wait_is_until_the_last_of_it_has() {
    let mut catalog = flat();
    catalog.levels[0].cooldown_ms = HOUR_MS;
    catalog.limits.drips = CountLimit { burst: 1, every_ms: 3 * HOUR_MS };
    let (_directory, world) = world(catalog);
    let player = Player::new(1);
    world.earn(&player, world.first_level());
    let claim = won(&world, &player);
    let refusal = world.try_claim(claim).unwrap_err();
    assert_eq!(refusal.reasons.len(), 2);
    let wait_ms = refusal.retry_after_ms(world.now()).unwrap();
    world.wait(wait_ms - 1);
    assert_eq!(world.try_claim(claim).unwrap_err().reasons.len(), 1);
    world.wait(1);
    world.try_claim(claim).unwrap();
}

/// The network of a wallet of the attack: each has its own.
fn network(number: usize) -> String {
    format!("198.51.{}.{}", number / 250, number % 250)
}

/// A crowd that plays one level again and again and claims whatever it can. Gives its drips: when, and how much.
fn drain(wallets: u32, hours: u64, ceiling: u32) -> (World, Vec<(Timestamp, u64)>) {
    let per_hour = |units| MoneyLimit { ceiling: Amount::from_units(units), window_ms: HOUR_MS };
    let mut catalog = flat();
    catalog.limits.outflow = per_hour(ceiling);
    catalog.limits.outflow_newcomers = per_hour(ceiling / 4 * 3);
    catalog.limits.newcomer_ms = HOUR_MS;
    catalog.limits.attempts = CountLimit { burst: 1_000, every_ms: 1 };
    let world = World::with(Settings { prove_queue: 2_000, ..Settings::new(catalog) });
    let end = world.now().plus(hours * HOUR_MS);
    let players: Vec<Player> = (0..wallets).map(Player::new).collect();
    let mut claims: Vec<Option<ClaimRequest>> = vec![None; players.len()];
    let mut drips = Vec::new();
    while world.now() < end {
        let opened_at = world.now();
        let mut played_at = opened_at;
        for number in (0..players.len()).filter(|number| claims[*number].is_none()).collect::<Vec<_>>() {
            // All play at the same time: for each, the clock goes back to when they opened.
            world.set_clock(opened_at);
            let request = world.request(&players[number], world.first_level());
            let open = world.try_open_from(request, &network(number)).unwrap();
            let play = world.play(&open, 0);
            claims[number] = Some(world.claim_request(&players[number], &open, &play));
            played_at = played_at.max(world.now());
        }
        world.set_clock(played_at);
        let results = at_once(&world, claims.len(), |number| {
            let (faucet, claim) = (world.faucet.clone(), claims[number]);
            let caller = Caller { prefix: network(number) };
            async move { Some(faucet.claim(claim?, &caller).await) }
        });
        for (claim, result) in claims.iter_mut().zip(results) {
            match result {
                Some(Ok(receipt)) => {
                    drips.push((receipt.claimed_at_ms, receipt.amount.units().unsigned_abs()));
                    *claim = None;
                }
                Some(Err(refusal)) if refusal.code() == Code::CeilingReached => {}
                Some(Err(_)) | None => *claim = None,
            }
        }
        world.wait(10 * MINUTE_MS);
    }
    (world, drips)
}

#[test]
fn a_thousand_wallets_drain_no_more_than_the_ceiling_in_any_window() {
    let ceiling = 200_000;
    let (world, drips) = drain(1_000, 3, ceiling);
    let ceiling = u64::from(ceiling);
    let (mut highest, mut from, mut within) = (0, 0, 0);
    for (at, amount) in &drips {
        within += amount;
        while drips[from].0.plus(HOUR_MS) <= *at {
            within -= drips[from].1;
            from += 1;
        }
        highest = highest.max(within);
    }
    assert!(highest <= ceiling, "{highest} within an hour");
    // The attack was one: it took most of what there was.
    let total: u64 = drips.iter().map(|(_, amount)| amount).sum();
    assert!(total >= 2 * ceiling, "{total} in three hours");
    let figures = world.faucet.figures();
    assert_eq!(figures.drips_units, total);
    assert!(figures.refusals[&Code::CeilingReached] > 1_000);
}
