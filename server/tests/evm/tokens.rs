//! Paying ERC-20 tokens, well behaved and not.

use dripline_shared::api::WithdrawalView;
use dripline_shared::payout::WithdrawalState;
use serde_json::json;

use crate::node::function;
use crate::scene::{FEE, Scene, address, assert_paid, withdraw, withdraw_to};
use crate::support::World;

const TRANSFER: &str = "transfer(address,uint256)";

/// A token of this contract, of which the treasury has so many units.
pub(crate) fn funded(scene: &Scene, contract: &str, units: u128) -> String {
    let token = scene.node.deploy(contract);
    scene.node.execute(&token, &function(TRANSFER, &[scene.node.treasury()], units));
    token
}

#[test]
fn tokens_arrive_whether_or_not_their_functions_answer_anything() {
    for contract in ["Plain", "Silent", "Polite"] {
        let scene = Scene::new();
        let token = funded(&scene, contract, 1_000_000);
        let world = scene.world(scene.token(&token));
        let requested = [withdraw(&world, 1, 1_000), withdraw(&world, 2, 1_001)];
        let paid = scene.settle(&world, &requested);
        assert_paid(&paid);
        for (number, units) in [(1, 1_000), (2, 1_001)] {
            assert_eq!(
                scene.node.token_balance(&token, &address(number)),
                units - u128::from(FEE),
                "{contract}"
            );
        }
        assert_eq!(
            scene.node.token_balance(&token, scene.node.treasury()),
            1_000_000 - 2_001 + 2 * u128::from(FEE)
        );
        scene.assert_sound();
    }
}

#[test]
fn a_call_carries_the_id_of_its_batch() {
    let scene = Scene::new();
    let token = funded(&scene, "Plain", 1_000_000);
    let world = scene.world(scene.token(&token));
    let requested = withdraw(&world, 1, 1_000);
    world.pay_step().unwrap();
    let batch = scene.batches()[0].id.to_string();
    let paid = scene.settle(&world, &[requested]);
    let transaction = scene.node.transaction(paid[0].transaction.as_ref().unwrap());
    assert!(transaction["input"].as_str().unwrap().ends_with(&batch), "{transaction}");
}

#[test]
fn a_token_that_would_say_no_instead_of_failing_is_not_called() {
    let scene = Scene::new();
    let token = funded(&scene, "Polite", 1_000_000);
    let world = scene.world(scene.token(&token));
    // The one address that it pays nothing to.
    let shunned = format!("0xbad{}", "0".repeat(37));
    let requested = withdraw_to(&world, 1, 1_000, &shunned);
    let ended = scene.settle(&world, &[requested]);
    assert_eq!(ended[0].state, WithdrawalState::Returned, "{ended:?}");
    assert_eq!(scene.node.token_balance(&token, &shunned), 0);
    assert_eq!(scene.node.count(scene.node.treasury()), 0, "nothing was signed");
    scene.assert_sound();
}

#[test]
fn a_token_that_keeps_a_part_of_each_transfer_has_paid() {
    let scene = Scene::new();
    let token = funded(&scene, "Taxed", 1_000_000);
    let world = scene.world(scene.token(&token));
    let requested = withdraw(&world, 1, 1_050);
    assert_paid(&scene.settle(&world, &[requested]));
    assert_eq!(scene.node.token_balance(&token, &address(1)), 990);
}

#[test]
fn a_treasury_without_the_token_waits_until_it_has_enough() {
    let scene = Scene::new();
    let token = funded(&scene, "Silent", 10);
    let world = scene.world(scene.token(&token));
    let requested = withdraw(&world, 1, 1_000);
    world.pay_step().unwrap();
    for _ in 0..3 {
        world.pay_step().unwrap();
        let why = scene.paused().unwrap();
        assert!(why.contains("has 10 units of the token") && why.contains("needs 950"), "{why}");
    }
    assert_eq!(world.withdrawal(&requested).state, WithdrawalState::Sending);
    scene.node.execute(&token, &function(TRANSFER, &[scene.node.treasury()], 1_000));
    assert_paid(&scene.settle(&world, &[requested]));
    assert_eq!(scene.node.token_balance(&token, &address(1)), 950);
}

#[test]
fn nobody_pays_for_a_treasury_that_ran_empty_after_it_had_signed() {
    let scene = Scene::new();
    let token = funded(&scene, "Plain", 1_000);
    let world = scene.world(scene.token(&token));
    let requested = executed_with_too_little(&scene, &world, &token);
    world.pay_step().unwrap();
    assert!(scene.paused().unwrap().contains("has 5 units"));
    assert_eq!(world.withdrawal(&requested).state, WithdrawalState::Sending);
    scene.node.execute(&token, &function(TRANSFER, &[scene.node.treasury()], 2_000));
    assert_paid(&scene.settle(&world, &[requested]));
    assert_eq!(scene.node.token_balance(&token, &address(1)), 950);
    scene.assert_sound();
}

#[test]
fn a_token_that_took_a_call_and_tells_of_no_transfer_halts_the_rail_until_the_operator_has_looked() {
    let scene = Scene::new();
    let token = funded(&scene, "Polite", 1_000);
    let world = scene.world(scene.token(&token));
    let requested = executed_with_too_little(&scene, &world, &token);
    scene.node.execute(&token, &function(TRANSFER, &[scene.node.treasury()], 2_000));
    for _ in 0..3 {
        let _ = world.pay_step();
        scene.node.finalize();
    }
    let why = world.runtime.block_on(world.faucet.rails()).unwrap().rails.remove(0).paused.unwrap();
    assert!(why.starts_with("recovery: ") && why.contains("tells of nothing that it moved"), "{why}");
    assert_eq!(world.withdrawal(&requested).state, WithdrawalState::Sending);
    // They see that nothing was moved, and say so.
    world.wait(1);
    world.runtime.block_on(world.faucet.cancel_batch(scene.batches()[0].id)).unwrap();
    let ended = scene.settle(&world, &[requested]);
    assert_eq!(ended[0].state, WithdrawalState::Returned);
    assert_eq!(scene.node.count(scene.node.treasury()), 1);
    scene.assert_sound();
}

/// Somebody withdraws a thousand units of a token, of which the treasury has only five once the payout is executed.
fn executed_with_too_little(scene: &Scene, world: &World, token: &str) -> WithdrawalView {
    let requested = withdraw(world, 1, 1_000);
    world.pay_step().unwrap();
    world.pay_step().unwrap();
    scene.node.call("anvil_dealERC20", &json!([scene.node.treasury(), token, "0x5"]));
    scene.node.finalize();
    assert_eq!(scene.node.count(scene.node.treasury()), 1);
    world.pay_step().unwrap();
    requested
}

#[test]
fn what_is_no_token_or_has_other_decimals_is_not_paid() {
    let scene = Scene::new();
    let (token, other) = (funded(&scene, "Plain", 1_000_000), scene.node.deploy("Disperse"));
    let mut settings = scene.token(&token);
    settings.assets.get_mut("DRIP").unwrap().chain_decimals = 18;
    let world = scene.world(settings);
    withdraw(&world, 1, 1_000);
    world.pay_step().unwrap();
    assert!(
        format!("{:?}", world.pay_step().unwrap_err()).contains("has 6 decimals, the configuration says 18")
    );
    for nothing in [other, address(9)] {
        let scene = Scene::new();
        let world = scene.world(scene.token(&nothing));
        withdraw(&world, 1, 1_000);
        world.pay_step().unwrap();
        assert!(format!("{:?}", world.pay_step().unwrap_err()).contains("there is no token at"));
    }
}
