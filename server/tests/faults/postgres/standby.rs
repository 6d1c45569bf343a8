//! What a synchronous standby is needed for: that nothing which was acknowledged, or acted upon, goes with the primary.

use std::thread::{self, ScopedJoinHandle};

use dripline_shared::amount::Amount;
use dripline_shared::error::Code;
use dripline_shared::payout::WithdrawalState;
use dripline_shared::time::SECOND_MS;
use postgres::Client;

use super::pair::{DATABASE, Replication, until};
use super::{AMOUNT, FEE, Scene};
use crate::support::{Player, code};

/// Waits until a commit waits for the standby, or this has ended, which should wait for that.
fn until_a_commit_waits<T>(client: &mut Client, waiting: &ScopedJoinHandle<'_, T>) {
    let commits = "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    until(|| (waiting.is_finished() || !client.query(commits, &[]).unwrap().is_empty()).then_some(()));
}

/// Has a server's primary be killed for good, and its standby, which was away, take its place.
fn replace_by_who_was_away(scene: &Scene) {
    let mut pair = scene.site.pair();
    pair.start_standby();
    pair.promote();
    pair.add_standby();
}

#[test]
fn with_an_asynchronous_standby_what_was_acknowledged_can_be_lost_and_the_primary_says_so() {
    let scene = Scene::new(Replication::Asynchronous);
    // What the runs ask before each of their failovers.
    assert_eq!(scene.site.pair().sync_state(), "async");
    scene.site.pair().stop_standby();
    let acknowledged = scene.withdraw(1, "good");
    scene.site.pair().kill();
    replace_by_who_was_away(&scene);
    let asked = scene.world.runtime.block_on(scene.world.faucet.withdrawal(acknowledged.id));
    assert_eq!(code(asked), Code::WithdrawalUnknown);
}

#[test]
fn with_a_synchronous_standby_nothing_is_acknowledged_that_it_does_not_have() {
    let scene = Scene::new(Replication::Synchronous);
    assert_eq!(scene.site.pair().sync_state(), "sync");
    let player = Player::new(1);
    scene.world.earn(&player, scene.world.first_level());
    let request = scene.world.address_request(&player, "good");
    scene.world.try_set_address(request).unwrap();
    let request = scene.world.withdrawal_request(&player, Amount::from_units(AMOUNT), "good");
    scene.site.pair().stop_standby();
    let mut client = scene.site.pair().connect(DATABASE);
    thread::scope(|scope| {
        let requested = scope.spawn(|| scene.world.try_withdraw(request.clone()));
        until_a_commit_waits(&mut client, &requested);
        assert!(!requested.is_finished());
        scene.site.pair().kill();
        assert_eq!(code(requested.join().unwrap()), Code::StorageUnavailable);
    });
    replace_by_who_was_away(&scene);
    // The request is sent again, and has its one effect.
    let withdrawal = scene.world.try_withdraw(request).unwrap();
    let settled = scene.settle(&[withdrawal], "the request sent again");
    assert_eq!(settled[0].state, WithdrawalState::Paid);
    assert_eq!(scene.chain.total(), i64::from(AMOUNT - FEE));
    scene.assert_sound();
}

#[test]
fn what_a_primary_has_kept_alone_is_not_sent_before_its_standby_has_it() {
    let scene = Scene::new(Replication::Synchronous);
    let requested = scene.withdraw(1, "good");
    scene.world.pay_step().unwrap();
    scene.site.pair().stop_standby();
    let mut client = scene.site.pair().connect(DATABASE);
    thread::scope(|scope| {
        // A candidate is signed, and its commit waits for the standby.
        let step = scope.spawn(|| scene.world.pay_step());
        until_a_commit_waits(&mut client, &step);
        scene.site.pair().kill();
        assert!(step.join().unwrap().is_err());
        // From its own log, the primary knows the candidate again.
        scene.site.pair().start_again();
        let mut client = scene.site.pair().connect(DATABASE);
        let candidates: i64 = client.query_one("SELECT count(*) FROM candidates", &[]).unwrap().get(0);
        assert_eq!((candidates, scene.chain.signed()), (1, 1));
        let step = scope.spawn(|| scene.world.pay_step());
        until_a_commit_waits(&mut client, &step);
        assert_eq!(scene.chain.sent(), Vec::<String>::new());
        assert!(!step.is_finished());
        scene.site.pair().kill();
        assert!(step.join().unwrap().is_err());
    });
    replace_by_who_was_away(&scene);
    scene.world.wait(SECOND_MS);
    let settled = scene.settle(&[requested], "a candidate that is lost");
    assert_eq!(settled[0].state, WithdrawalState::Paid);
    assert_eq!((scene.chain.signed(), scene.chain.sent().len()), (2, 1));
    assert_eq!(scene.chain.total(), i64::from(AMOUNT - FEE));
    scene.assert_sound();
}
