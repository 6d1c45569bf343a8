//! What survives a restart, and what a data directory refuses.

use dripline_server::edge::Edge;
use dripline_server::faucet::{Faucet, Settings, StartError, rotate_key};
use dripline_server::keys::Purpose;
use dripline_server::ledger::verify_ledger;
use dripline_server::store::StorageError;
use dripline_shared::api::RoundState;
use dripline_shared::catalog::Catalog;
use dripline_shared::error::Code;
use dripline_shared::game::{Skill, Status};
use dripline_shared::statement::receipt_text;
use dripline_shared::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use crate::support::dump::dump;
use crate::support::{self, Directory, ORIGIN, Player, START, World, drive};

fn settings(directory: &Directory) -> Settings {
    Settings { data: Some(directory.path().to_owned()), ..Settings::new(Catalog::first_run()) }
}

fn start(directory: &Directory) -> Result<Faucet, StartError> {
    Faucet::start(settings(directory), support::test_edge(&Arc::new(AtomicU64::new(START.0)), 0))
}

#[test]
fn a_restart_in_the_middle_of_everything_keeps_everything() {
    let directory = Directory::new();
    let world = World::with(settings(&directory));
    let player = Player::new(1);
    let level = world.first_level().to_owned();
    let claim = {
        let (open, play) = world.win(&player, &level);
        world.claim_request(&player, &open, &play)
    };
    let receipt = world.try_claim(claim).unwrap();
    let view = world.wallet(&player);
    let (keys, version) = (world.faucet.keys(), world.faucet.catalog().version);
    let request = world.request(&player, &level);
    let open = world.try_open(request.clone()).unwrap();
    let before = dump(directory.path());
    let now = world.shutdown();

    let mut world = World::at(settings(&directory), now);
    assert_eq!(dump(directory.path()), before);
    assert_eq!(world.faucet.keys(), keys);
    assert_eq!(world.faucet.catalog().version, version);
    assert_eq!(world.try_claim(claim).unwrap(), receipt);
    assert_eq!(world.try_open(request).unwrap(), open);
    let after = world.wallet(&player);
    assert_eq!((after.balance, after.levels), (view.balance, view.levels));

    // A round goes on over a restart after every segment.
    let mut length = 0;
    let play = drive(&open, Skill::Fair, 0, |number, segment, last| {
        length += segment.length;
        world.wait_until(open.timing.arrival(open.opened_at_ms, length).0);
        let answer = world.send(&open, number, segment, last).unwrap();
        let now = world.now();
        world.runtime.block_on(world.faucet.clone().shutdown());
        world = {
            let spare = std::mem::replace(&mut world, World::new());
            drop(spare);
            World::at(settings(&directory), now)
        };
        assert_eq!(world.send(&open, number, segment, last).unwrap().seed, answer.seed);
        answer.seed
    });
    assert_ne!(play.status, Status::Playing);
}

#[test]
fn a_round_keeps_the_level_that_it_was_opened_with_whatever_the_catalog_becomes() {
    let directory = Directory::new();
    let world = World::with(settings(&directory));
    let player = Player::new(1);
    let level = world.first_level().to_owned();
    let (open, play) = world.win(&player, &level);
    let claim = world.claim_request(&player, &open, &play);
    let now = world.shutdown();
    let mut changed = settings(&directory);
    let mut catalog = Catalog::first_run();
    catalog.levels[0].base = dripline_shared::amount::Amount::from_units(1);
    catalog.levels[0].name = "Another name".to_owned();
    changed.catalog = Some(catalog);
    let world = World::at(changed, now);
    assert_ne!(world.faucet.catalog().version, open.catalog);
    let receipt = world.try_claim(claim).unwrap();
    assert_eq!(receipt.base, open.level.base);
    let newer = world.open(&player, &level);
    assert_eq!(newer.level.name, "Another name");
    assert_ne!(newer.level_hash, open.level_hash);
}

/// Writes the JSON of all stored levels anew, as a store has it that another build has written.
fn rewrite_levels(directory: &Directory, json: &str) {
    let store = rusqlite::Connection::open(directory.path().join("dripline.sqlite")).unwrap();
    assert!(store.execute(&format!("UPDATE levels SET json = {json}"), []).unwrap() > 0);
}

#[test]
fn a_round_keeps_its_seeds_and_its_claim_when_a_build_writes_levels_otherwise() {
    let directory = Directory::new();
    let world = World::with(settings(&directory));
    let player = Player::new(1);
    let level = world.first_level().to_owned();
    let request = {
        let (open, play) = world.win(&player, &level);
        world.claim_request(&player, &open, &play)
    };
    let open = world.open(&Player::new(2), &level);
    let now = world.shutdown();
    // To this build the JSON says something that it would write otherwise.
    rewrite_levels(&directory, "json_set(json, '$.name', 'Written otherwise')");
    let world = World::at(settings(&directory), now);
    world.try_claim(request).unwrap();
    let view = world.view(open.round, Some(open.token)).unwrap();
    assert_eq!(view.seeds, open.seeds);
    assert_ne!(world.play(&open, 0).status, Status::Playing);
}

#[test]
fn a_level_that_a_build_cannot_read_has_changed_its_rules_and_hides_nothing_else() {
    let directory = Directory::new();
    let world = World::with(settings(&directory));
    let player = Player::new(1);
    let level = world.first_level().to_owned();
    let receipt = world.earn(&player, &level);
    let (finished, play) = world.win(&player, &level);
    let claim = world.claim_request(&player, &finished, &play);
    let request = world.request(&player, &level);
    let open = world.try_open(request.clone()).unwrap();
    let now = world.shutdown();
    rewrite_levels(&directory, "json_object('id', json ->> '$.id', 'of', 'another build')");

    let world = World::at(settings(&directory), now);
    let view = world.wallet(&player);
    assert_eq!((view.balance, view.open_round), (receipt.balance, Some(open.round)));
    let history = world.runtime.block_on(world.faucet.history(player.wallet, None, 10)).unwrap();
    assert_eq!(history.entries[0].level.as_deref(), Some(level.as_str()));
    assert_eq!(world.view(finished.round, Some(finished.token)).unwrap().state, RoundState::Finished);
    assert_eq!(support::code(world.try_open(request)), Code::RulesChanged);
    assert_eq!(support::code(world.put(open.round, Some(open.token), 0, None, &[])), Code::RulesChanged);
    assert_eq!(world.end(&open).state, RoundState::Ended);
    // Until the very end of its time, a claim is told so and gets the attempt back.
    world.sweep_at(finished.claim_until_ms);
    let full = world.wallet(&player).attempts_left;
    let opened = world.open(&player, &world.catalog.levels[1].id);
    assert_eq!(support::code(world.try_claim(claim)), Code::RulesChanged);
    assert_eq!(world.wallet(&player).attempts_left, full);
    assert!(world.view(opened.round, Some(opened.token)).is_ok());
}

#[test]
fn one_process_at_a_time_has_a_data_directory() {
    let directory = Directory::new();
    let world = World::with(settings(&directory));
    assert!(matches!(start(&directory), Err(StartError::InUse(_))));
    world.shutdown();
    World::with(settings(&directory)).shutdown();
}

#[test]
fn a_store_without_its_keys_or_with_others_does_not_start() {
    let directory = Directory::new();
    World::with(settings(&directory)).shutdown();
    let keys = directory.path().join("keys");
    std::fs::rename(&keys, directory.path().join("elsewhere")).unwrap();
    assert!(matches!(start(&directory), Err(StartError::KeysMissing(_))));
    let other = Directory::new();
    let edge = support::test_edge(&Arc::new(AtomicU64::new(START.0 + 1)), 0);
    // Another draw of random bytes first, so that the keys are others.
    let _: [u8; 32] = edge.random();
    let origins = vec![ORIGIN.to_owned()];
    drop(Faucet::start(Settings { origins, ..settings(&other) }, edge).unwrap());
    std::fs::rename(other.path().join("keys"), &keys).unwrap();
    assert!(matches!(start(&directory), Err(StartError::Store(StorageError::OtherFaucet))));
}

#[test]
fn damaged_keys_and_stores_of_newer_builds_are_told() {
    let directory = Directory::new();
    World::with(settings(&directory)).shutdown();
    let file = directory.path().join("keys/faucet.json");
    let keys = std::fs::read(&file).unwrap();
    std::fs::write(&file, b"{}").unwrap();
    assert!(matches!(start(&directory), Err(StartError::File { .. })));
    std::fs::write(&file, keys).unwrap();
    let store = rusqlite::Connection::open(directory.path().join("dripline.sqlite")).unwrap();
    store.pragma_update(None, "user_version", 99).unwrap();
    drop(store);
    assert!(matches!(start(&directory), Err(StartError::Store(StorageError::Newer { version: 99, .. }))));
}

#[test]
fn secrets_are_for_the_owner_alone() {
    let directory = Directory::new();
    let data = directory.path().join("data");
    let world = World::with(Settings { data: Some(data.clone()), ..settings(&directory) });
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    assert_eq!(mode(&data.join("keys")), 0o700);
    assert_eq!(mode(&data.join("keys/faucet.json")), 0o600);
    let told = format!("{:?}", world.faucet);
    let kept = std::fs::read_to_string(data.join("keys/faucet.json")).unwrap();
    for secret in kept.split('"').filter(|text| text.len() == 64) {
        assert!(!told.contains(secret));
    }
}

#[test]
fn a_new_receipt_key_is_signed_by_the_one_before_it_and_older_receipts_stay_valid() {
    let directory = Directory::new();
    let world = World::with(settings(&directory));
    let player = Player::new(1);
    let level = world.first_level().to_owned();
    let claim = |world: &World| {
        let (open, play) = world.win(&player, &level);
        let claim = world.claim_request(&player, &open, &play);
        (claim, world.try_claim(claim).unwrap())
    };
    let (request, first) = claim(&world);
    let before = world.faucet.keys();
    let rotate = || rotate_key(directory.path(), Purpose::Receipt, &Edge::system());
    assert!(matches!(rotate(), Err(StartError::InUse(_))), "not while a server runs");
    let now = world.shutdown();

    let keys = rotate().unwrap();
    // Those for receipts come first, and the log's after them.
    assert_eq!(rotate().unwrap().keys[..2], keys.keys[..2]);
    let world = World::at(settings(&directory), now);
    world.wait(DAY_MS);
    let after = world.faucet.keys();
    assert!(after.are_chained());
    assert_eq!((after.faucet, &after.keys[0]), (before.faucet, &before.keys[0]));
    assert_eq!(world.try_claim(request).unwrap(), first);
    let (_, second) = claim(&world);
    for (receipt, key) in [(&first, &after.keys[0]), (&second, &after.keys[2])] {
        assert_eq!(receipt.key_id, key.id);
        key.public_key.verify(receipt_text(receipt).as_bytes(), &receipt.signature).unwrap();
    }
    world.shutdown();

    let file = directory.path().join("keys/faucet.json");
    let kept = std::fs::read_to_string(&file).unwrap();
    let secrets = kept.matches("\"secret\"").count();
    assert_eq!(secrets, 3, "the faucet's own, and those of the newest key for receipts and for the log");
    let signature = after.keys[1].signature.unwrap().to_string();
    std::fs::write(&file, kept.replace(&signature, &first.signature.to_string())).unwrap();
    assert!(matches!(start(&directory), Err(StartError::File { .. })), "a key that nobody vouches for");
}

#[test]
fn a_new_key_of_the_log_is_signed_by_the_one_before_it_and_older_heads_stay_valid() {
    let directory = Directory::new();
    let world = World::with(settings(&directory));
    let head = |world: &World| {
        world.runtime.block_on(world.faucet.sequence()).unwrap();
        world.runtime.block_on(world.faucet.log_head()).unwrap()
    };
    let (first, before) = (head(&world), world.faucet.keys());
    let now = world.shutdown();
    let keys = rotate_key(directory.path(), Purpose::Log, &Edge::system()).unwrap();
    let ids: Vec<&str> = keys.keys.iter().map(|key| key.id.as_str()).collect();
    assert_eq!((ids, &keys.keys[..2]), (vec!["receipt-1", "log-1", "log-2"], &before.keys[..]));
    assert!(keys.are_chained());
    let world = World::at(settings(&directory), now);
    world.earn(&Player::new(1), world.first_level());
    let second = head(&world);
    assert_eq!((first.key_id.as_str(), second.key_id.as_str()), ("log-1", "log-2"));
    assert!(first.is_signed_by(&world.faucet.keys()) && second.is_signed_by(&world.faucet.keys()));
    world.shutdown();
    assert_eq!(verify_ledger(directory.path(), &[first]).unwrap().findings, Vec::<String>::new());
}

#[test]
fn keys_from_before_there_was_a_log_get_one_for_it_that_the_receipt_key_vouches_for() {
    let directory = Directory::new();
    World::with(settings(&directory)).shutdown();
    let file = directory.path().join("keys/faucet.json");
    let mut kept: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    kept.as_object_mut().unwrap().remove("log");
    std::fs::write(&file, kept.to_string()).unwrap();
    let keys = World::with(settings(&directory)).faucet.keys();
    assert_eq!(keys.keys.iter().map(|key| key.purpose.as_str()).collect::<Vec<_>>(), ["receipt", "log"]);
    assert!(keys.are_chained());
}

#[test]
fn keys_without_an_owner_are_not_rotated() {
    let directory = Directory::new();
    let nothing = directory.path().join("nothing");
    assert!(matches!(
        rotate_key(&nothing, Purpose::Receipt, &Edge::system()),
        Err(StartError::KeysMissing(_))
    ));
    assert!(!nothing.exists());
}

#[test]
fn a_catalog_with_a_mistake_does_not_start() {
    let directory = Directory::new();
    let mut wrong = settings(&directory);
    wrong.catalog = Some(Catalog { levels: Vec::new(), ..Catalog::first_run() });
    let edge = support::test_edge(&Arc::new(AtomicU64::new(START.0)), 0);
    assert!(matches!(Faucet::start(wrong, edge), Err(StartError::Catalog(_))));
}

#[test]
fn unclaimed_rounds_go_a_day_after_they_expired_with_their_segments_and_claimed_ones_stay() {
    let directory = Directory::new();
    let world = World::with(settings(&directory));
    let player = Player::new(1);
    let level = world.first_level().to_owned();
    let (claimed, play) = world.win(&player, &level);
    let claim = world.claim_request(&player, &claimed, &play);
    let receipt = world.try_claim(claim).unwrap();
    let (unclaimed, _) = world.win(&player, &level);
    assert!(dump(directory.path()).contains("192.0.2.1"));
    world.sweep_at(unclaimed.claim_until_ms);
    assert!(world.view(unclaimed.round, Some(unclaimed.token)).is_ok());
    world.sweep_at(unclaimed.claim_until_ms.plus(1));
    let gone = world.view(unclaimed.round, Some(unclaimed.token)).unwrap_err();
    assert_eq!(gone.code(), Code::RoundUnknown);
    // The longest that any segment can still be needed is well within three days for these levels.
    world.sweep_at(world.now().plus(3 * DAY_MS));
    assert!(!dump(directory.path()).contains(&unclaimed.round.to_string()));
    assert!(!dump(directory.path()).contains("192.0.2.1"));
    assert_eq!(world.try_claim(claim).unwrap(), receipt);
    let view = world.view(claimed.round, Some(claimed.token)).unwrap();
    assert_eq!(view.segments as usize, play.segments.len());
    assert_eq!(view.seeds[0], claimed.seeds[0]);
    world.sweep_at(world.now().plus(world_keeps() + MINUTE_MS));
    let view = world.view(claimed.round, Some(claimed.token)).unwrap();
    assert_eq!((view.segments, view.receipt), (0, Some(receipt)));
}

#[test]
fn a_clock_that_is_wrong_for_a_moment_deletes_nothing() {
    let world = World::new();
    let player = Player::new(1);
    let (open, play) = world.win(&player, world.first_level());
    let claim = world.claim_request(&player, &open, &play);
    let sweep = || world.runtime.block_on(world.faucet.sweep()).unwrap();
    let now = world.now().plus(2 * HOUR_MS);
    world.sweep_at(now);
    world.set_clock(now.plus(1_000 * DAY_MS));
    sweep();
    world.wait(MINUTE_MS);
    sweep();
    world.set_clock(now.plus(2 * MINUTE_MS));
    sweep();
    world.try_claim(claim).unwrap();
}

/// How long transcripts are kept by default.
fn world_keeps() -> u64 {
    Settings::new(Catalog::first_run()).transcript_keep_ms
}

#[test]
fn rounds_in_play_are_counted() {
    let world = World::new();
    let rounds: Vec<_> = (0..5).map(|number| world.open(&Player::new(number), world.first_level())).collect();
    assert_eq!(world.faucet.figures().rounds_open, 5);
    world.end(&rounds[0]);
    assert_eq!(world.faucet.figures().rounds_open, 4);
    world.runtime.block_on(world.faucet.sweep()).unwrap();
    assert_eq!(world.faucet.figures().rounds_open, 4);
    world.wait_until(rounds[4].expires_at_ms.plus(1));
    world.runtime.block_on(world.faucet.sweep()).unwrap();
    assert_eq!(world.faucet.figures().rounds_open, 0);
}
