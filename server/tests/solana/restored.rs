//! The whole way of a store that is restored from a backup: it halts, its operator looks, and nobody is paid twice.

use dripline_server::ledger::verify_ledger;
use dripline_shared::amount::Amount;
use dripline_shared::payout::WithdrawalState;
use dripline_shared::time::MINUTE_MS;

use crate::command::Operator;
use crate::scene::{Scene, address, assert_paid, lamports, withdraw};
use crate::support::directory::copy;
use crate::support::{Directory, Player};

#[test]
fn what_was_paid_since_the_backup_is_imported_and_the_rest_is_paid_once() {
    let scene = Scene::new();
    let (backup, config) = (Directory::new(), scene.config_file());
    let operator = Operator { config: &config, data: scene.directory.path() };
    let world = scene.world(scene.solana(&[&scene.node.url]));
    assert_paid(&scene.settle(&world, &[withdraw(&world, 1, 1_000)]));
    // What the last one gets is below the rent of a wallet: it fails, and its money comes back.
    let requested = [withdraw(&world, 2, 1_000), withdraw(&world, 3, 1_000), withdraw(&world, 4, 900)];
    let now = world.shutdown();
    copy(scene.directory.path(), backup.path());
    let world = scene.world_at(scene.solana(&[&scene.node.url]), now);
    let ended = scene.settle(&world, &requested);
    assert_paid(&ended[..2]);
    assert_eq!(ended[2].state, WithdrawalState::Returned);
    let after = [2, 3, 4].map(|number| world.money(&Player::new(number)));

    let now = world.shutdown();
    copy(backup.path(), scene.directory.path());
    let world = scene.world_at(scene.solana(&[&scene.node.url]), now);
    for _ in 0..3 {
        // Each step says why it does not go on.
        let _ = world.pay_step();
        scene.node.finalize();
    }
    // Random bytes of tests begin anew with each start: at another time they are other ids.
    world.wait(MINUTE_MS);
    let now = world.shutdown();
    let listed = operator.list("solana");
    let why = listed["paused"].as_str().unwrap();
    assert!(why.starts_with("recovery: ") && why.contains("are not in the store"), "{why}");
    // It was found before anything was taken into a batch.
    assert_eq!(listed["batches"], serde_json::json!([]));
    let open = operator.open("solana");
    assert_eq!(open.len(), 3);

    let (two, three) = (&open[&address(2)], &open[&address(3)]);
    let [of_two, of_three] = [0, 1].map(|place| ended[place].transaction.clone().unwrap());
    let told = operator.cannot(&["import", &open[&address(4)], &of_two], 1);
    assert!(told.contains("has paid 0"), "{told}");
    assert!(operator.cannot(&["import", two, "0xabc"], 2).contains("expected the signature"));
    assert_eq!(operator.open("solana"), open, "nothing has changed");
    operator.does(&["import", two, &of_two]);
    assert!(operator.does(&["import", two, &of_two]).contains("was known"));
    let told = operator.cannot(&["return", two, "--why", "by mistake"], 1);
    assert!(told.contains("it was paid by"), "{told}");
    operator.does(&["import", three, &of_three]);
    assert_eq!(operator.open("solana").keys().collect::<Vec<_>>(), [&address(4)]);
    operator.does(&["resume", "solana"]);

    let world = scene.world_at(scene.solana(&[&scene.node.url]), now);
    let fourth = scene.settle(&world, &requested[2..]);
    assert_eq!(fourth[0].state, WithdrawalState::Returned, "it comes back as it did");
    assert_paid(&scene.settle(&world, &[withdraw(&world, 5, 1_000)]));
    for number in [1, 2, 3, 5] {
        assert_eq!(scene.node.balance(&address(number)), lamports(1_000), "{number} is paid once");
    }
    assert_eq!(
        [2, 3, 4].map(|number| world.money(&Player::new(number))),
        after,
        "as if nothing had happened"
    );
    world.shutdown();
    let findings = verify_ledger(scene.directory.path(), &[]).unwrap().findings;
    assert_eq!(findings, Vec::<String>::new());
}

#[test]
fn a_store_from_before_the_first_payout_is_paused_by_its_operator_who_imports_or_gives_back() {
    let scene = Scene::new();
    let (backup, config) = (Directory::new(), scene.config_file());
    let operator = Operator { config: &config, data: scene.directory.path() };
    let world = scene.world(scene.solana(&[&scene.node.url]));
    // The second one cannot be paid, which is too little for a new account; the third one is the first player's, too.
    let (first, second) = (withdraw(&world, 1, 1_000), withdraw(&world, 2, 900));
    let third = world.withdraw(&Player::new(1), Amount::from_units(1_000), &address(1));
    let requested = [first, second, third];
    let now = world.shutdown();
    copy(scene.directory.path(), backup.path());
    let world = scene.world_at(scene.solana(&[&scene.node.url]), now);
    let ended = scene.settle(&world, &requested);
    let [of_first, of_third] = [0, 2].map(|place| ended[place].transaction.clone().unwrap());
    assert_ne!(of_first, of_third);
    assert_eq!(scene.node.balance(&address(1)), 2 * lamports(1_000));
    let now = world.shutdown();
    copy(backup.path(), scene.directory.path());

    let [first, second, third] = [0, 1, 2].map(|place| requested[place].id.to_string());
    let told = operator.cannot(&["import", &first, &of_first], 1);
    assert!(told.contains("solana runs") && told.contains("payouts pause solana"), "{told}");
    let told = operator.cannot(&["return", &second, "--why", "the rail is closed"], 1);
    assert!(told.contains("solana runs"), "{told}");
    operator.does(&["pause", "solana", "--why", "restored from a backup"]);
    operator.does(&["import", &first, &of_first]);
    let told = operator.cannot(&["import", &third, &of_first], 1);
    assert!(told.contains("has paid 950000") && told.contains("owed 1900000"), "it paid one of them: {told}");
    operator.does(&["import", &third, &of_third]);
    operator.does(&["return", &second, "--why", "the rail is closed"]);
    assert!(operator.does(&["return", &second, "--why", "the rail is closed"]).contains("before"));
    operator.does(&["resume", "solana"]);

    let world = scene.world_at(scene.solana(&[&scene.node.url]), now);
    let returned = world.withdrawal(&requested[1]);
    assert_eq!(returned.state, WithdrawalState::Returned);
    assert_eq!(returned.reason.as_deref(), Some("the rail is closed"));
    // What is imported is known to the rail, and nothing else was signed: it goes on at once.
    let fourth = withdraw(&world, 3, 1_000);
    assert_paid(&scene.settle(&world, &[fourth]));
    assert_eq!(scene.node.balance(&address(1)), 2 * lamports(1_000), "each is paid once");
    assert_eq!(scene.node.balance(&address(2)), 0);
    world.shutdown();
    let findings = verify_ledger(scene.directory.path(), &[]).unwrap().findings;
    assert_eq!(findings, Vec::<String>::new());
}
