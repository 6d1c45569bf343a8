//! Bad input at the opening of a round, and what it gets: a stable code, and nothing changed.

use std::collections::BTreeSet;

use crate::support::dump::dump;
use crate::support::{self, Directory, Player, World, add_group_order, sign};
use dripline_server::faucet::Settings;
use dripline_shared::api::{OpenAnswer, OpenRequest};
use dripline_shared::catalog::Catalog;
use dripline_shared::error::Code;
use dripline_shared::level::Unlock;
use dripline_shared::limit::CountLimit;
use dripline_shared::round::{Hash, STATEMENT_SKEW_MS};
use dripline_shared::time::{MINUTE_MS, Timestamp};
use dripline_shared::wallet::Wallet;

/// Changes a good request, signs it, and expects this code and an unchanged store.
fn refused(world: &World, directory: &Directory, code: Code, change: impl FnOnce(&mut OpenRequest)) {
    let player = Player::new(1);
    let mut request = world.request(&player, world.first_level());
    change(&mut request);
    refused_as_it_is(world, directory, code, sign(&player, request));
}

fn refused_as_it_is(world: &World, directory: &Directory, code: Code, request: OpenRequest) {
    let before = dump(directory.path());
    let refusal = world.try_open(request).expect_err("it should have been refused");
    assert_eq!(refusal.code(), code, "{refusal:?}");
    assert_eq!(dump(directory.path()), before, "{code:?} changed something");
}

#[test]
fn what_the_catalog_does_not_have_is_unknown() {
    let directory = Directory::new();
    let world = World::on(&directory, Catalog::first_run());
    refused(&world, &directory, Code::UnknownLevel, |request| request.level = "nothing-1".to_owned());
    refused(&world, &directory, Code::UnknownLevel, |request| request.level = "x".repeat(10_000));
    refused(&world, &directory, Code::UnknownCampaign, |request| request.campaign = "other".to_owned());
}

#[test]
fn a_statement_must_be_of_now_for_this_faucet_and_of_a_page_that_may_prompt() {
    let directory = Directory::new();
    let world = World::on(&directory, Catalog::first_run());
    let now = world.now();
    let just_too_old = now.minus(STATEMENT_SKEW_MS + 1);
    let just_too_new = now.plus(STATEMENT_SKEW_MS + 1);
    refused(&world, &directory, Code::StatementTooOld, |request| request.issued_at_ms = just_too_old);
    refused(&world, &directory, Code::StatementFromFuture, |request| request.issued_at_ms = just_too_new);
    refused(&world, &directory, Code::StatementFromFuture, |request| {
        request.issued_at_ms = Timestamp(u64::MAX);
    });
    refused(&world, &directory, Code::WrongFaucet, |request| request.faucet = Hash([1; 32]));
    refused(&world, &directory, Code::WrongOrigin, |request| {
        request.origin = "https://elsewhere.example".to_owned();
    });
    refused(&world, &directory, Code::WrongOrigin, |request| {
        request.origin = format!("{}\nNonce: 0", support::ORIGIN);
    });
    refused(&world, &directory, Code::RulesOutdated, |request| request.rules_version += 1);
}

#[test]
fn a_statement_at_the_very_edge_of_its_time_is_taken() {
    let world = World::new();
    for (number, issued_at) in
        [(1, world.now().minus(STATEMENT_SKEW_MS)), (2, world.now().plus(STATEMENT_SKEW_MS))]
    {
        let player = Player::new(number);
        let mut request = world.request(&player, world.first_level());
        request.issued_at_ms = issued_at;
        world.try_open(sign(&player, request)).unwrap();
    }
}

#[test]
fn a_wallet_must_be_a_key_and_not_a_weak_one() {
    let directory = Directory::new();
    let world = World::on(&directory, Catalog::first_run());
    let mut identity = [0; 32];
    identity[0] = 1;
    refused(&world, &directory, Code::WeakWallet, |request| request.wallet = Wallet(identity));
    refused(&world, &directory, Code::WeakWallet, |request| request.wallet = Wallet([0; 32]));
    let mut unreduced = [0xff; 32];
    unreduced[31] = 0x7f;
    refused(&world, &directory, Code::InvalidWallet, |request| request.wallet = Wallet(unreduced));
    let mut off_the_curve = [0; 32];
    off_the_curve[0] = 2;
    refused(&world, &directory, Code::InvalidWallet, |request| request.wallet = Wallet(off_the_curve));
}

#[test]
fn a_signature_holds_for_its_wallet_and_its_words_alone() {
    let directory = Directory::new();
    let world = World::on(&directory, Catalog::first_run());
    let (player, other) = (Player::new(1), Player::new(2));
    let request = world.request(&player, world.first_level());
    let refused = |request| refused_as_it_is(&world, &directory, Code::BadSignature, request);
    refused(sign(&other, request.clone()));
    refused(OpenRequest { wallet: other.wallet, ..request.clone() });
    refused(OpenRequest { client_id: world.client_id(), ..request.clone() });
    refused(OpenRequest { issued_at_ms: request.issued_at_ms.plus(1), ..request.clone() });
    for byte in [0, 31, 32, 63] {
        let mut altered = request.clone();
        altered.signature.0[byte] ^= 1;
        refused(altered);
    }
    let mut not_canonical = request;
    add_group_order(&mut not_canonical.signature.0[32..]);
    refused(not_canonical);
}

#[test]
fn a_client_id_stands_for_one_request() {
    let directory = Directory::new();
    let world = World::on(&directory, Catalog::first_run());
    let player = Player::new(1);
    let request = world.request(&player, world.first_level());
    world.try_open(request.clone()).unwrap();
    let other_time = OpenRequest { issued_at_ms: request.issued_at_ms.plus(1), ..request };
    refused_as_it_is(&world, &directory, Code::ClientIdReused, sign(&player, other_time));
}

#[test]
fn a_retried_opening_gets_its_answer_whatever_time_the_operator_or_a_new_catalog_have_changed() {
    let directory = Directory::new();
    let world = World::on(&directory, Catalog::first_run());
    let level = world.catalog.levels.iter().find(|level| level.play.facts().id == "merge").unwrap().clone();
    let player = Player::new(1);
    let request = world.request(&player, &level.id);
    let answer = world.try_open(request.clone()).unwrap();
    let same = |world: &World| {
        let again = world.try_open(request.clone()).unwrap();
        assert_eq!(OpenAnswer { limits: vec![], server_time_ms: answer.server_time_ms, ..again }, answer);
    };
    world.wait(STATEMENT_SKEW_MS + 1);
    same(&world);
    // Nobody else can use what is too old.
    let other = sign(&Player::new(2), OpenRequest { wallet: Player::new(2).wallet, ..request.clone() });
    refused_as_it_is(&world, &directory, Code::StatementTooOld, other);

    let settings = Settings {
        data: Some(directory.path().to_owned()),
        stopped: BTreeSet::from([level.id.clone()]),
        ..Settings::new(Catalog::first_run())
    };
    let now = world.shutdown();
    let world = World::at(settings.clone(), now);
    same(&world);
    let mut catalog = Catalog::first_run();
    catalog.levels.retain(|other| other.play.facts().id != "merge");
    let now = world.shutdown();
    same(&World::at(Settings { catalog: Some(catalog), ..settings }, now));
}

#[test]
fn a_level_that_is_locked_or_stopped_does_not_open() {
    let directory = Directory::new();
    let mut catalog = Catalog::first_run();
    let stars = catalog.levels.len() - 1;
    catalog.levels[stars].unlock = Unlock::Stars(3);
    let (by_stars, stopped) = (catalog.levels[stars].id.clone(), catalog.levels[0].id.clone());
    let by_level = catalog.levels.iter().find(|level| matches!(level.unlock, Unlock::Cleared(_)));
    let by_level = by_level.unwrap().id.clone();
    let world = World::with(Settings {
        data: Some(directory.path().to_owned()),
        stopped: BTreeSet::from([stopped.clone()]),
        ..Settings::new(catalog)
    });
    let player = Player::new(1);
    let open = |level: &str| world.request(&player, level);
    refused_as_it_is(&world, &directory, Code::LevelLocked, open(&by_level));
    refused_as_it_is(&world, &directory, Code::LevelLocked, open(&by_stars));
    refused_as_it_is(&world, &directory, Code::LevelStopped, open(&stopped));
}

#[test]
fn a_game_can_be_stopped_as_a_whole() {
    let catalog = Catalog::first_run();
    let game = catalog.levels[0].play.facts().id.to_owned();
    let world = World::with(Settings { stopped: BTreeSet::from([game]), ..Settings::new(catalog) });
    let request = world.request(&Player::new(1), world.first_level());
    assert_eq!(support::code(world.try_open(request)), Code::LevelStopped);
}

#[test]
fn a_campaign_can_be_stopped_as_a_whole() {
    let catalog = Catalog::first_run();
    let stopped = BTreeSet::from(["campaign:default".to_owned()]);
    let world = World::with(Settings { stopped, ..Settings::new(catalog) });
    let request = world.request(&Player::new(1), world.first_level());
    let refusal = world.try_open(request).unwrap_err();
    assert_eq!(refusal.code(), Code::LevelStopped);
    assert_eq!(refusal.reasons[0].subject.as_deref(), Some("campaign:default"));
}

/// Opens and ends a round.
fn open_and_end(world: &World, player: &Player, prefix: &str) -> OpenAnswer {
    let open = world.try_open_from(world.request(player, world.first_level()), prefix).unwrap();
    world.end(&open);
    open
}

#[test]
fn attempts_are_used_up_after_exactly_as_many_and_come_back_at_the_moment_that_is_told() {
    let directory = Directory::new();
    let mut catalog = Catalog::first_run();
    catalog.limits.attempts = CountLimit { burst: 3, every_ms: MINUTE_MS };
    let world = World::on(&directory, catalog);
    let player = Player::new(1);
    for left in (0..3).rev() {
        open_and_end(&world, &player, "192.0.2.1");
        assert_eq!(world.wallet(&player).attempts_left, left);
    }
    let before = dump(directory.path());
    let refusal = world.try_open(world.request(&player, world.first_level())).unwrap_err();
    assert_eq!(refusal.code(), Code::AttemptsUsedUp);
    assert_eq!(dump(directory.path()), before);
    let until = refusal.reasons[0].until_ms.unwrap();
    assert_eq!(refusal.retry_after_ms(world.now()), Some(until.since(world.now())));
    world.wait_until(until.minus(1));
    let early = world.try_open(world.request(&player, world.first_level()));
    assert_eq!(support::code(early), Code::AttemptsUsedUp);
    world.wait(1);
    open_and_end(&world, &player, "192.0.2.1");
}

#[test]
fn a_network_opens_so_many_rounds_whatever_the_number_of_wallets() {
    let directory = Directory::new();
    let mut catalog = Catalog::first_run();
    catalog.limits.opens_per_prefix = CountLimit { burst: 3, every_ms: MINUTE_MS };
    let world = World::on(&directory, catalog);
    (1..=3).for_each(|number| drop(open_and_end(&world, &Player::new(number), "192.0.2.1")));
    let request = world.request(&Player::new(4), world.first_level());
    refused_as_it_is(&world, &directory, Code::OpensUsedUp, request);
    open_and_end(&world, &Player::new(4), "192.0.2.2");
}
