//! What the treasury did that the store does not know: after a restore from a backup, or because somebody else has its key.

use std::fs;

use dripline_server::payout::KeySource;
use dripline_shared::payout::WithdrawalState;
use dripline_shared::wallet::Wallet;
use ed25519_dalek::SigningKey;

use crate::scene::{Scene, address, assert_paid, lamports, withdraw};
use crate::support::directory::copy;
use crate::support::{Directory, Player, World};

/// Why the rail is paused.
fn paused(world: &World) -> Option<String> {
    world.runtime.block_on(world.faucet.rails()).unwrap().rails.remove(0).paused
}

#[test]
fn a_store_that_was_restored_from_before_a_payout_does_not_pay_it_again() {
    let scene = Scene::new();
    let backup = Directory::new();
    let world = scene.world(scene.solana(&[&scene.node.url]));
    assert_paid(&scene.settle(&world, &[withdraw(&world, 1, 1_000)]));
    let requested = withdraw(&world, 2, 1_000);
    let now = world.shutdown();
    copy(scene.directory.path(), backup.path());
    let world = scene.world_at(scene.solana(&[&scene.node.url]), now);
    assert_paid(&scene.settle(&world, std::slice::from_ref(&requested)));
    let now = world.shutdown();
    copy(backup.path(), scene.directory.path());
    let world = scene.world_at(scene.solana(&[&scene.node.url]), now);
    for _ in 0..3 {
        // Each rail says why it does not go on.
        let _ = world.pay_step();
        scene.node.finalize();
    }
    assert_eq!(world.withdrawal(&requested).state, WithdrawalState::Queued);
    assert!(paused(&world).unwrap().starts_with("recovery: 1 transactions"), "{:?}", paused(&world));
    assert_eq!(scene.node.balance(&address(2)), lamports(1_000), "it was paid once");
}

#[test]
fn a_key_that_somebody_else_uses_halts_the_rail_until_the_operator_has_looked() {
    let scene = Scene::new();
    let world = scene.world(scene.solana(&[&scene.node.url]));
    assert_paid(&scene.settle(&world, &[withdraw(&world, 1, 1_000)]));
    let elsewhere = Directory::new();
    let other = scene.world_in(&elsewhere, scene.solana(&[&scene.node.url]));
    // It begins with a key that has a history: what was before its own first payout is nobody's business.
    assert_paid(&scene.settle(&other, &[withdraw(&other, 2, 1_000)]));
    let requested = withdraw(&world, 3, 1_000);
    for _ in 0..3 {
        let _ = world.pay_step();
        scene.node.finalize();
    }
    assert!(paused(&world).unwrap().starts_with("recovery: "));
    assert_eq!(scene.node.balance(&address(3)), 0);
    world.runtime.block_on(world.faucet.set_pause("solana", None)).unwrap();
    assert_paid(&scene.settle(&world, &[requested]));
    assert_eq!(scene.node.balance(&address(3)), lamports(1_000));
}

#[test]
fn money_that_the_treasury_is_sent_halts_nothing() {
    let scene = Scene::new();
    let world = scene.world(scene.solana(&[&scene.node.url]));
    assert_paid(&scene.settle(&world, &[withdraw(&world, 1, 1_000)]));
    let key = SigningKey::from_bytes(&[22; 32]);
    let (elsewhere, key_file) = (Directory::new(), scene.directory.path().with_extension("other.json"));
    fs::write(&key_file, format!("{:?}", key.to_keypair_bytes())).unwrap();
    scene.node.tell(&format!("fund {} 1000000000", Wallet::of(&key)));
    let mut solana = scene.solana(&[&scene.node.url]);
    solana.key = KeySource::File(key_file.clone());
    let other = scene.world_in(&elsewhere, solana);
    let player = Player::new(9);
    other.earn(&player, other.first_level());
    other.wait(1);
    let sent = other.withdraw(&player, dripline_shared::amount::Amount::from_units(1_000), &scene.treasury);
    assert_paid(&scene.settle(&other, &[sent]));
    assert_paid(&scene.settle(&world, &[withdraw(&world, 2, 1_000)]));
    assert_eq!(paused(&world), None);
    fs::remove_file(key_file).unwrap();
}
