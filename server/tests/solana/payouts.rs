//! Paying SOL.

use dripline_server::ledger::verify_ledger;
use dripline_server::store::Reader as _;
use dripline_server::store::sqlite::SqliteReader;
use dripline_shared::error::Code;
use dripline_shared::payout::{RailKind, WithdrawalState};
use dripline_shared::time::MINUTE_MS;
use serde_json::json;

use crate::go_between::{GoBetween, Manner};
use crate::scene::{Scene, address, assert_paid, lamports, withdraw};
use crate::support::{Player, code};

#[test]
fn five_withdrawals_of_sol_arrive_in_one_transaction() {
    let scene = Scene::new();
    let world = scene.world(scene.solana(&[&scene.node.url]));
    let rail = &world.runtime.block_on(world.faucet.rails()).unwrap().rails[0];
    assert_eq!((rail.id.as_str(), rail.kind), ("solana", RailKind::Solana));
    let before = scene.node.balance(&scene.treasury);
    let requested: Vec<_> =
        (1..=5).map(|number| withdraw(&world, number, 1_000 + u32::from(number))).collect();
    let paid = scene.settle(&world, &requested);
    assert_paid(&paid);
    for (number, withdrawal) in (1..=5).zip(&paid) {
        assert_eq!(scene.node.balance(&address(number)), lamports(1_000 + u32::from(number)));
        assert_eq!(withdrawal.transaction, paid[0].transaction);
    }
    let params = json!([paid[0].transaction, {"encoding": "json", "commitment": "confirmed", "maxSupportedTransactionVersion": 0}]);
    let transaction = scene.node.call("getTransaction", &params);
    assert_eq!(transaction["meta"]["err"], json!(null));
    let logs = transaction["meta"]["logMessages"].to_string();
    assert!(logs.contains("Memo (len 32)"), "the batch's id is on the chain: {logs}");
    // The fee is what was announced: a signature, and the priority of 22,500 units at a thousandth of a lamport.
    assert_eq!(transaction["meta"]["fee"], json!(5_023));
    let sum: u64 = (1..=5).map(|number| lamports(1_000 + number)).sum();
    assert_eq!(before - scene.node.balance(&scene.treasury), sum + 5_023);
    assert_eq!(verify_ledger(scene.directory.path(), &[]).unwrap().findings, Vec::<String>::new());
}

#[test]
fn a_recipient_who_cannot_be_paid_does_not_keep_the_others_from_it() {
    let scene = Scene::new();
    let world = scene.world(scene.solana(&[&scene.node.url]));
    // Below the rent of a new account: the whole transaction fails.
    let units = |number: u8| if number == 3 { 900 } else { 1_000 };
    let requested: Vec<_> = (1..=5).map(|number| withdraw(&world, number, units(number))).collect();
    let ended = scene.settle(&world, &requested);
    for (number, withdrawal) in (1..=5).zip(&ended) {
        if number == 3 {
            assert_eq!(
                (withdrawal.state, scene.node.balance(&address(number))),
                (WithdrawalState::Returned, 0)
            );
            assert!(withdrawal.reason.as_ref().unwrap().contains("is new"), "{withdrawal:?}");
        } else {
            assert_eq!(withdrawal.state, WithdrawalState::Paid);
            assert_eq!(scene.node.balance(&address(number)), lamports(1_000));
        }
    }
    assert_eq!(verify_ledger(scene.directory.path(), &[]).unwrap().findings, Vec::<String>::new());
}

#[test]
fn an_address_of_a_program_or_of_the_treasury_is_refused() {
    let scene = Scene::new();
    let world = scene.world(scene.solana(&[&scene.node.url]));
    let player = Player::new(1);
    world.earn(&player, world.first_level());
    let set = |address: &str| code(world.try_set_address(world.address_request(&player, address)));
    assert_eq!(set("11111111111111111111111111111111"), Code::InvalidAddress);
    assert_eq!(set("alice"), Code::InvalidAddress);
    assert_eq!(set(&scene.treasury), Code::OwnAddress);
}

#[test]
fn one_of_three_endpoints_that_answers_html_is_passed_over() {
    let scene = Scene::new();
    let html = GoBetween::start(&scene.node.url, Manner::Html).url;
    let by_name = scene.node.url.replace("127.0.0.1", "localhost");
    let world = scene.world(scene.solana(&[&html, &scene.node.url, &by_name]));
    let requested = [withdraw(&world, 1, 1_000)];
    assert_paid(&scene.settle(&world, &requested));
    assert_eq!(scene.node.balance(&address(1)), lamports(1_000));
}

#[test]
fn by_the_word_of_one_of_two_endpoints_nothing_is_signed() {
    let scene = Scene::new();
    let html = GoBetween::start(&scene.node.url, Manner::Html).url;
    let world = scene.world(scene.solana(&[&scene.node.url, &html]));
    let requested = withdraw(&world, 1, 1_000);
    world.pay_step().unwrap();
    for _ in 0..3 {
        assert!(world.pay_step().is_err());
    }
    assert_eq!(scene.node.balance(&address(1)), 0);
    let now = world.shutdown();
    let by_name = scene.node.url.replace("127.0.0.1", "localhost");
    let world = scene.world_at(scene.solana(&[&scene.node.url, &by_name]), now);
    assert_paid(&scene.settle(&world, &[requested]));
}

#[test]
fn an_endpoint_that_answers_html_alone_lets_nothing_be_signed() {
    let scene = Scene::new();
    let html = GoBetween::start(&scene.node.url, Manner::Html).url;
    let world = scene.world(scene.solana(&[&html]));
    let requested = withdraw(&world, 1, 1_000);
    world.pay_step().unwrap();
    for _ in 0..3 {
        assert!(world.pay_step().is_err());
    }
    assert_eq!(world.withdrawal(&requested).state, WithdrawalState::Sending);
    // Once there is one that answers, it goes on.
    let now = world.shutdown();
    let world = scene.world_at(scene.solana(&[&scene.node.url]), now);
    assert_paid(&scene.settle(&world, &[requested]));
    assert_eq!(scene.node.balance(&address(1)), lamports(1_000));
}

#[test]
fn a_chain_of_another_genesis_is_not_paid_on() {
    let scene = Scene::new();
    let mut solana = scene.solana(&[&scene.node.url]);
    solana.genesis_hash = "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d".to_owned();
    let world = scene.world(solana);
    withdraw(&world, 1, 1_000);
    world.pay_step().unwrap();
    assert!(format!("{:?}", world.pay_step().unwrap_err()).contains("another chain"));
    assert_eq!(scene.node.balance(&address(1)), 0);
}

#[test]
fn what_the_chain_has_taken_is_in_the_books_to_the_lamport() {
    let scene = Scene::new();
    let world = scene.world(scene.solana(&[&scene.node.url]));
    let before = scene.node.balance(&scene.treasury);
    let requested: Vec<_> = (1..=3).map(|number| withdraw(&world, number, 1_000)).collect();
    world.pay_step().unwrap();
    world.pay_step().unwrap();
    assert!(scene.booked("cost_reserved") >= 5_000, "it is set aside before anything is final");
    assert_paid(&scene.settle(&world, &requested));
    let spent = before - scene.node.balance(&scene.treasury) - 3 * lamports(1_000);
    assert_eq!(u64::try_from(scene.booked("chain_fee")).unwrap(), spent);
    assert_eq!(scene.booked("cost_reserved"), scene.booked("chain_fee") + scene.booked("cost_released"));
}

#[test]
fn a_treasury_without_enough_sol_pauses_the_rail_until_it_has_it_and_nobody_pays_for_it() {
    let scene = Scene::new();
    let world = scene.world(scene.solana(&[&scene.node.url]));
    // The treasury's SOL goes elsewhere, but for what this payout needs less a lamport: what arrives, the signature, 20 500 compute
    // units at 1 000 millionths of a lamport, and what an account must keep.
    let needed = lamports(1_000) + 5_000 + 21 + 890_880;
    scene.node.tell(&format!("fund {} {}", scene.treasury, needed - 1));
    let told = || world.runtime.block_on(world.faucet.rails()).unwrap().rails[0].paused.clone();
    let requested = withdraw(&world, 1, 1_000);
    for _ in 0..4 {
        world.pay_step().unwrap();
        world.wait(MINUTE_MS);
    }
    let for_players = told().unwrap();
    assert!(for_players.contains("is being refilled") && !for_players.contains("lamports"), "{for_players}");
    let mut reader = SqliteReader::open(scene.directory.path()).unwrap();
    let pause = reader.rails().unwrap().into_iter().find_map(|rail| rail.pause).unwrap();
    assert!(pause.why.starts_with("treasury low: ") && pause.why.contains("lamports and needs"), "{pause:?}");
    assert_eq!(world.withdrawal(&requested).state, WithdrawalState::Sending);
    scene.node.tell(&format!("fund {} {needed}", scene.treasury));
    assert_paid(&scene.settle(&world, &[requested]));
    assert_eq!((scene.node.balance(&address(1)), told()), (lamports(1_000), None));
    assert_eq!(verify_ledger(scene.directory.path(), &[]).unwrap().findings, Vec::<String>::new());
}
