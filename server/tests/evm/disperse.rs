//! Paying many at once, by a contract.

use dripline_server::payout::evm::EvmSettings;
use dripline_shared::payout::WithdrawalState;

use crate::node::function;
use crate::scene::{FEE, Scene, address, assert_paid, wei, withdraw, withdraw_to};
use crate::support::World;
use crate::tokens::funded;

const APPROVE: &str = "approve(address,uint256)";

/// The same with a contract that pays many.
fn dispersed(scene: &Scene, settings: EvmSettings) -> EvmSettings {
    EvmSettings { disperse: Some(scene.node.deploy("Disperse")), ..settings }
}

/// Lets a contract take so many units of a token from the treasury.
fn approve(scene: &Scene, token: &str, contract: &str, units: u128) {
    scene.node.execute_as_treasury(token, &function(APPROVE, &[contract], units));
}

/// A faucet that pays a token by a contract that pays many, which may take so many units of it; with the token, and the
/// contract.
fn approved(scene: &Scene, units: u128) -> (World, String, String) {
    let token = funded(scene, "Plain", 1_000_000);
    let settings = dispersed(scene, scene.token(&token));
    let disperse = settings.disperse.clone().unwrap();
    approve(scene, &token, &disperse, units);
    (scene.world(settings), token, disperse)
}

#[test]
fn coins_for_many_arrive_in_one_transaction() {
    let scene = Scene::new();
    let world = scene.world(dispersed(&scene, scene.evm(&[&scene.node.url])));
    let requested: Vec<_> =
        (1..=7).map(|number| withdraw(&world, number, 1_000 + u32::from(number))).collect();
    world.pay_step().unwrap();
    let batch = scene.batches()[0].id.to_string();
    let paid = scene.settle(&world, &requested);
    assert_paid(&paid);
    for (number, withdrawal) in (1..=7).zip(&paid) {
        assert_eq!(scene.node.balance(&address(number)), wei(1_000 + u32::from(number)));
        assert_eq!(withdrawal.transaction, paid[0].transaction);
    }
    let transaction = scene.node.transaction(paid[0].transaction.as_ref().unwrap());
    assert!(transaction["input"].as_str().unwrap().ends_with(&batch));
    assert_eq!(scene.node.count(scene.node.treasury()), 1);
    scene.assert_sound();
}

#[test]
fn tokens_for_many_wait_for_the_approval_and_arrive_in_one_transaction() {
    for contract in ["Plain", "Silent"] {
        let scene = Scene::new();
        let token = funded(&scene, contract, 1_000_000);
        let settings = dispersed(&scene, scene.token(&token));
        let disperse = settings.disperse.clone().unwrap();
        let world = scene.world(settings);
        let requested: Vec<_> = (1..=5).map(|number| withdraw(&world, number, 1_000)).collect();
        world.pay_step().unwrap();
        let refused = format!("{:?}", world.pay_step().unwrap_err());
        assert!(refused.contains("approve") && refused.contains("needs 4750"), "{refused}");
        // Before the first payout this is all it takes: the nonce is the chain's.
        approve(&scene, &token, &disperse, 4_750);
        let paid = scene.settle(&world, &requested);
        assert_paid(&paid);
        for (number, withdrawal) in (1..=5).zip(&paid) {
            assert_eq!(scene.node.token_balance(&token, &address(number)), u128::from(1_000 - FEE));
            assert_eq!(withdrawal.transaction, paid[0].transaction);
        }
        scene.assert_sound();
    }
}

#[test]
fn a_recipient_that_refuses_coins_does_not_keep_the_others_from_them() {
    let scene = Scene::new();
    let refusing = scene.node.deploy("Refusing");
    let world = scene.world(dispersed(&scene, scene.evm(&[&scene.node.url])));
    let to = |number| if number == 3 { refusing.clone() } else { address(number) };
    let requested: Vec<_> = (1..=5).map(|number| withdraw_to(&world, number, 1_000, &to(number))).collect();
    let ended = scene.settle(&world, &requested);
    for (number, withdrawal) in (1..=5).zip(&ended) {
        if number == 3 {
            assert_eq!(withdrawal.state, WithdrawalState::Returned);
            assert_eq!(scene.node.balance(&refusing), 0);
        } else {
            assert_eq!(withdrawal.state, WithdrawalState::Paid);
            assert_eq!(scene.node.balance(&address(number)), wei(1_000));
        }
    }
    scene.assert_sound();
}

#[test]
fn a_recipient_that_refuses_only_once_it_is_signed_fails_the_batch_and_then_itself_alone() {
    let scene = Scene::new();
    let moody = scene.node.deploy("Moody");
    let world = scene.world(dispersed(&scene, scene.evm(&[&scene.node.url])));
    let to = |number| if number == 2 { moody.clone() } else { address(number) };
    let requested: Vec<_> = (1..=4).map(|number| withdraw_to(&world, number, 1_000, &to(number))).collect();
    world.pay_step().unwrap();
    world.pay_step().unwrap();
    assert_eq!(scene.batches()[0].candidates.len(), 1, "nobody refused it when it was signed");
    // It turns by a transaction that comes before the payout.
    scene.node.execute_first(&moody, &function("turn()", &[], 0));
    assert_eq!(scene.node.count(scene.node.treasury()), 1, "it was executed, and failed");
    assert_eq!(scene.node.balance(&address(1)), 0);
    let ended = scene.settle(&world, &requested);
    for (number, withdrawal) in (1..=4).zip(&ended) {
        let expected = if number == 2 { WithdrawalState::Returned } else { WithdrawalState::Paid };
        assert_eq!(withdrawal.state, expected, "{withdrawal:?}");
        assert_eq!(scene.node.balance(&to(number)), if number == 2 { 0 } else { wei(1_000) });
    }
    scene.assert_sound();
}

#[test]
fn an_address_that_a_token_refuses_does_not_keep_the_others_from_it() {
    let scene = Scene::new();
    let token = funded(&scene, "Silent", 1_000_000);
    scene.node.execute(&token, &function("refuse(address)", &[&address(4)], 0));
    let settings = dispersed(&scene, scene.token(&token));
    let disperse = settings.disperse.clone().unwrap();
    approve(&scene, &token, &disperse, u128::MAX);
    let world = scene.world(settings);
    let requested: Vec<_> = (1..=5).map(|number| withdraw(&world, number, 1_000)).collect();
    for (number, withdrawal) in (1..=5).zip(&scene.settle(&world, &requested)) {
        let expected = if number == 4 { WithdrawalState::Returned } else { WithdrawalState::Paid };
        assert_eq!(withdrawal.state, expected);
        assert_eq!(scene.node.token_balance(&token, &address(number)), if number == 4 { 0 } else { 950 });
    }
    scene.assert_sound();
}

#[test]
fn a_contract_that_takes_the_sum_first_has_paid_too_and_what_it_cannot_pay_is_paid_one_by_one() {
    for (contract, transactions) in [("Plain", 1), ("Silent", 3)] {
        let scene = Scene::new();
        let token = funded(&scene, contract, 1_000_000);
        let strict = scene.node.deploy("Strict");
        approve(&scene, &token, &strict, 1_000_000);
        let world = scene.world(EvmSettings { disperse: Some(strict), ..scene.token(&token) });
        let requested: Vec<_> = (1..=3).map(|number| withdraw(&world, number, 1_000)).collect();
        assert_paid(&scene.settle(&world, &requested));
        for number in 1..=3 {
            assert_eq!(scene.node.token_balance(&token, &address(number)), 950, "{contract}");
        }
        assert_eq!(scene.node.count(scene.node.treasury()), 1 + transactions, "{contract}");
        scene.assert_sound();
    }
}

#[test]
fn what_waits_counts_when_it_is_looked_whether_there_is_enough() {
    let scene = Scene::new();
    let (world, token, disperse) = approved(&scene, 1_900);
    let first = [withdraw(&world, 1, 1_000), withdraw(&world, 2, 1_000)];
    world.pay_step().unwrap();
    world.pay_step().unwrap();
    // The first batch is signed and not executed. It uses all that was approved.
    let second = [withdraw(&world, 3, 1_000), withdraw(&world, 4, 1_000)];
    world.pay_step().unwrap();
    let refused = format!("{:?}", world.pay_step().unwrap_err());
    assert!(refused.contains("may take 0 units"), "{refused}");
    assert_paid(&scene.settle(&world, &first));
    assert_eq!(world.withdrawal(&second[0]).state, WithdrawalState::Sending);
    // To approve more is a transaction of the treasury, too.
    approve(&scene, &token, &disperse, 1_900);
    assert!(world.pay_step().is_err());
    assert!(scene.paused().unwrap().contains("executed 3 transactions"));
    let settings = EvmSettings { disperse: Some(disperse), ..scene.token(&token) };
    let world = scene.resumed_with(world, settings, 3);
    assert_paid(&scene.settle(&world, &second));
    scene.assert_sound();
}

#[test]
fn nobody_pays_for_an_approval_that_was_taken_back_after_it_was_signed() {
    let scene = Scene::new();
    let (world, token, disperse) = approved(&scene, 1_900);
    let requested = [withdraw(&world, 1, 1_000), withdraw(&world, 2, 1_000)];
    world.pay_step().unwrap();
    world.pay_step().unwrap();
    let approved = |units: u128| {
        let slot = scene.node.allowance_slot(scene.node.treasury(), &disperse);
        scene.node.set_storage(&token, &slot, units);
    };
    approved(5);
    scene.node.finalize();
    assert_eq!(scene.node.token_balance(&token, &address(1)), 0);
    world.pay_step().unwrap();
    assert!(format!("{:?}", world.pay_step().unwrap_err()).contains("may take 5 units"));
    approved(1_900);
    assert_paid(&scene.settle(&world, &requested));
    scene.assert_sound();
}

#[test]
fn where_the_contract_for_many_is_not_a_contract_nothing_is_signed() {
    let scene = Scene::new();
    let settings = EvmSettings { disperse: Some(address(99)), ..scene.evm(&[&scene.node.url]) };
    let world = scene.world(settings);
    let requested = [withdraw(&world, 1, 1_000), withdraw(&world, 2, 1_000)];
    world.pay_step().unwrap();
    assert!(format!("{:?}", world.pay_step().unwrap_err()).contains("there is no contract at"));
    assert_eq!(scene.node.count(scene.node.treasury()), 0);
    // Without it in the configuration, each is paid alone, also those that were in a batch together.
    let world = scene.again(world);
    assert_paid(&scene.settle(&world, &requested));
    scene.assert_sound();
}
