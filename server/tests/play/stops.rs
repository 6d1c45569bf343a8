//! What operators stop at once, on every server, and what commands say of payouts, with its entry in the audit log.

use dripline_server::faucet::{Operator, Settings, set_pause};
use dripline_server::store::command::Known;
use dripline_shared::api::operate::payouts::EmergencyRequest;
use dripline_shared::api::operate::{AuditLine, By};
use dripline_shared::catalog::Catalog;
use dripline_shared::error::Code;

use crate::database::Database;
use crate::support::{Directory, Player, START, World, code, copy_keys, test_edge};

impl World {
    fn stop(&self, name: &str, stopped: bool) {
        let who = Operator { by: By::CommandLine, from: None, session: None };
        let request = EmergencyRequest { name: name.to_owned(), stopped, reason: "a look".to_owned() };
        self.runtime.block_on(self.faucet.set_stop(who, request)).unwrap();
    }

    fn follows(&self) -> bool {
        self.runtime.block_on(self.faucet.follow()).unwrap()
    }

    fn last_audited(&self) -> AuditLine {
        self.runtime.block_on(self.faucet.audit_page(None, 1)).unwrap().lines.remove(0)
    }
}

#[test]
fn what_one_server_stops_is_stopped_on_the_others_once_they_have_looked() {
    let database = Database::new();
    let directories = [Directory::new(), Directory::new()];
    let settings = |directory: &Directory| Settings {
        data: Some(directory.path().to_owned()),
        database: Some(database.address()),
        ..Settings::new(Catalog::first_run())
    };
    let one = World::with(settings(&directories[0]));
    copy_keys(&directories[0], &directories[1]);
    let other = World::numbered(settings(&directories[1]), START, 1);
    let (player, level) = (Player::new(1), one.first_level().to_owned());
    let (open, play) = other.win(&player, &level);
    let claim = other.claim_request(&player, &open, &play);
    one.stop(&level, true);
    assert_eq!(code(one.try_open(one.request(&Player::new(2), &level))), Code::LevelStopped);
    assert!(other.follows() && !other.follows(), "once");
    assert_eq!(code(other.try_claim(claim)), Code::LevelStopped, "above what the round has pinned");
    assert_eq!(code(other.try_open(other.request(&Player::new(3), &level))), Code::LevelStopped);
    one.stop(&level, false);
    assert!(other.follows());
    other.try_claim(claim).unwrap();
}

#[test]
fn what_is_stopped_stays_so_over_a_restart_and_beside_the_configuration() {
    let directory = Directory::new();
    let settings = || Settings { data: Some(directory.path().to_owned()), ..Settings::new(None) };
    let world = World::with(settings());
    let level = world.first_level().to_owned();
    world.stop(&level, true);
    world.shutdown();
    let stopped = ["campaign:default".to_owned()].into();
    let world = World::with(Settings { stopped, ..settings() });
    assert_eq!(code(world.try_open(world.request(&Player::new(1), &level))), Code::LevelStopped);
    world.stop(&level, false);
    assert_eq!(
        code(world.try_open(world.request(&Player::new(1), &level))),
        Code::LevelStopped,
        "the campaign"
    );
    world.shutdown();
    let world = World::with(settings());
    world.open(&Player::new(1), &level);
}

#[test]
fn a_command_about_payouts_has_its_entry_in_the_audit_log() {
    let directory = Directory::new();
    let settings = || Settings { data: Some(directory.path().to_owned()), ..Settings::new(None) };
    World::with(settings()).shutdown();
    let edge = test_edge(&std::sync::Arc::new(std::sync::atomic::AtomicU64::new(START.0)), 9);
    set_pause(directory.path(), None, "sandbox", Some("Maintenance"), Known::default(), &edge).unwrap();
    let world = World::with(settings());
    let entry = world.last_audited().entry;
    assert_eq!((entry.by, entry.action.as_str()), (By::CommandLine, "rail.pause"));
    assert_eq!(entry.subject.as_deref(), Some("sandbox"));
    assert_eq!(entry.after.unwrap()["paused"], "Maintenance");
}
