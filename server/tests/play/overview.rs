//! What operators are shown of a faucet at work, in one body.

use std::sync::Arc;

use dripline_server::faucet::OfServer;
use dripline_shared::amount::Amount;
use dripline_shared::api::overview::{Overview, TrafficCounts};
use dripline_shared::error::Code;
use dripline_shared::payout::RailKind;
use dripline_shared::time::{HOUR_MS, MINUTE_MS, SECOND_MS};

use crate::insight::{CEILING, world};
use crate::support::chain::{Chain, FUNDED, Fault};
use crate::support::{Player, World};

/// How everything stands, once everything was looked at anew.
fn overview(world: &World) -> Overview {
    world.wait(10 * SECOND_MS);
    world.runtime.block_on(async {
        world.faucet.sequence().await.unwrap();
        world.faucet.refresh_holdings().await;
        world.faucet.overview(OfServer { connections: 3, ..OfServer::default() }).await
    })
}

#[test]
fn it_follows_a_drip_from_the_opened_round_to_the_chain() {
    let chain = Chain::default();
    let world = world(&chain);
    let started_at = world.now();
    let before = overview(&world);
    let budget = world.catalog.campaigns[0].budget;
    assert_eq!(before.traffic.total, TrafficCounts::default());
    assert_eq!((before.campaigns[0].budget, before.campaigns[0].left), (budget, budget));
    assert_eq!((before.health.started_at_ms, before.health.connections), (started_at, 3));
    assert!(!before.is_beside_others);

    let player = Player::new(1);
    let drip = world.earn(&player, world.first_level()).amount;
    world.withdraw(&player, Amount::from_units(1_000), "alice");
    let requested_at = world.now();
    let stands = overview(&world);
    let counts = TrafficCounts { opened: 1, finished: 1, claimed: 1, refused: 0, spent: drip };
    assert_eq!((stands.traffic.total, stands.traffic.last_hour), (counts, counts));
    assert_eq!(stands.traffic.minutes.spent.last(), Some(&drip));
    assert_eq!(stands.traffic.hours.claimed.iter().sum::<u64>(), 1);
    let campaign = &stands.campaigns[0];
    assert_eq!((campaign.spent, campaign.left), (drip, budget.saturating_sub(drip)));
    let outflow = stands.ceilings.iter().find(|ceiling| ceiling.name == "outflow").unwrap();
    assert_eq!((outflow.ceiling, outflow.burst), {
        let limit = world.catalog.limits.outflow;
        (limit.ceiling, limit.burst())
    });
    assert!(outflow.level <= drip);
    let of_rail = stands.ceilings.iter().find(|ceiling| ceiling.name == "rail:chain").unwrap();
    assert_eq!((of_rail.ceiling, of_rail.window_ms), (CEILING, HOUR_MS));
    let asset = &stands.assets[0];
    assert_eq!(asset.owed, drip);
    assert_eq!(asset.held.map(Amount::units), Some(FUNDED));
    assert_eq!(asset.books.pending, Amount::from_units(1_000));
    let rail = &stands.rails[0];
    assert_eq!((&*rail.id, rail.kind), ("chain", Some(RailKind::Sandbox)));
    assert_eq!((rail.queued, rail.sending), (1, 0));
    assert_eq!(rail.oldest_requested_at_ms, Some(requested_at));
    assert_eq!(rail.treasury.as_ref().unwrap().holdings[0].amount.units(), FUNDED);
    assert_eq!(stands.publication.version, world.catalog.version());
    // Funding, budget, drip, withdrawal.
    assert_eq!((stands.health.log_leaves, stands.health.log_head_at_ms), (Some(4), Some(world.now())));
    assert_eq!(stands.health.log_complete_at_ms, Some(world.now()));

    world.pay();
    let paid = overview(&world);
    assert_eq!((paid.rails[0].queued, paid.rails[0].oldest_requested_at_ms), (0, None));
    assert_eq!(paid.assets[0].owed, drip.saturating_sub(Amount::from_units(1_000)));
}

#[test]
fn what_goes_wrong_shows_at_its_rail() {
    let chain = Chain::default();
    let world = world(&chain);
    let player = Player::new(1);
    world.earn(&player, world.first_level());
    world.withdraw(&player, Amount::from_units(1_000), "alice");
    world.pay_step().unwrap();
    world.pay_step().unwrap();
    chain.faults([Fault::CannotTell]);
    world.pay_step().unwrap();
    assert_eq!(overview(&world).rails[0].unknown, 1);
    let pause = |why| world.runtime.block_on(world.faucet.set_pause("chain", why)).unwrap();
    pause(Some("a look"));
    let rail = overview(&world).rails.remove(0);
    assert_eq!((rail.paused.as_deref(), rail.is_in_recovery, rail.is_short), (Some("a look"), false, false));
    pause(Some("recovery: a look"));
    assert!(overview(&world).rails[0].is_in_recovery);
    pause(None);
    world.pay();
    let rail = overview(&world).rails.remove(0);
    assert_eq!((rail.unknown, rail.paused), (0, None));
}

#[test]
fn refusals_are_told_by_reason_and_leave_the_last_hour_with_time() {
    let world = world(&Chain::default());
    let player = Player::new(1);
    world.open(&player, world.first_level());
    let again = world.request(&player, world.first_level());
    for _ in 0..3 {
        let refusal = world.try_open(again.clone());
        assert_eq!(refusal.unwrap_err().code(), Code::RoundOpen);
    }
    let told = |overview: &Overview| {
        let refusals = overview.traffic.refusals.iter();
        refusals.map(|it| (it.code, it.total, it.last_hour)).collect::<Vec<_>>()
    };
    assert_eq!(told(&overview(&world)), [(Code::RoundOpen, 3, 3)]);
    world.wait(HOUR_MS);
    let later = overview(&world);
    assert_eq!(told(&later), [(Code::RoundOpen, 3, 0)]);
    assert_eq!(later.traffic.hours.refused.iter().sum::<u64>(), 3);
    // It was not looked at for an hour, and no minute has what nobody has seen.
    assert!(later.traffic.minutes.refused.iter().all(|refused| *refused == 0));
}

#[test]
fn what_was_read_is_kept_for_two_seconds_however_many_look() {
    let world = world(&Chain::default());
    let read_at = |world: &World| {
        let insight = world.runtime.block_on(world.faucet.fresh_insight()).unwrap();
        (insight.read_at, Arc::as_ptr(&insight))
    };
    let first = read_at(&world);
    world.wait(1_999);
    assert_eq!(read_at(&world), first);
    world.wait(1);
    assert_eq!(read_at(&world).0, world.now());
    world.set_clock(world.now().minus(MINUTE_MS));
    assert_eq!(read_at(&world).0, world.now());
}
