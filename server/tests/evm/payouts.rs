//! Paying the chain's own coin.

use dripline_server::payout::evm::Finality;
use dripline_shared::error::Code;
use dripline_shared::payout::{RailKind, WithdrawalState};
use dripline_shared::time::MINUTE_MS;
use serde_json::json;

use crate::command::Operator;
use crate::go_between::{GoBetween, Manner};
use crate::node::number;
use crate::scene::{FEE_MAX, Scene, address, assert_paid, wei, withdraw};
use crate::support::{Player, code};

#[test]
fn coins_arrive_each_in_a_transaction_with_the_next_nonce() {
    let scene = Scene::new();
    let world = scene.world(scene.evm(&[&scene.node.url]));
    let rail = &world.runtime.block_on(world.faucet.rails()).unwrap().rails[0];
    assert_eq!((rail.id.as_str(), rail.kind), ("evm", RailKind::Evm));
    let before = scene.node.balance(scene.node.treasury());
    let requested: Vec<_> =
        (1..=3).map(|number| withdraw(&world, number, 1_000 + u32::from(number))).collect();
    let paid = scene.settle(&world, &requested);
    assert_paid(&paid);
    let (mut gas, mut nonces) = (0, Vec::new());
    for (number_of, withdrawal) in (1..=3).zip(&paid) {
        assert_eq!(scene.node.balance(&address(number_of)), wei(1_000 + u32::from(number_of)));
        let id = withdrawal.transaction.as_ref().unwrap();
        let transaction = scene.node.transaction(id);
        nonces.push(number(&transaction["nonce"]));
        assert_eq!((&transaction["type"], &transaction["input"]), (&json!("0x2"), &json!("0x")));
        assert!(number(&transaction["maxFeePerGas"]) <= u128::from(FEE_MAX));
        let receipt = scene.node.call("eth_getTransactionReceipt", &json!([id]));
        gas += number(&receipt["gasUsed"]) * number(&receipt["effectiveGasPrice"]);
    }
    nonces.sort_unstable();
    assert_eq!(nonces, [0, 1, 2]);
    let sum: u128 = (1..=3).map(|number| wei(1_000 + number)).sum();
    assert_eq!(before - scene.node.balance(scene.node.treasury()), sum + gas);
    scene.assert_sound();
}

#[test]
fn sixty_four_payouts_are_under_way_at_once() {
    let scene = Scene::new();
    let world = scene.world(scene.evm(&[&scene.node.url]));
    let requested: Vec<_> = (1..=70).map(|number| withdraw(&world, number, 1_000)).collect();
    for _ in 0..5 {
        world.pay_step().unwrap();
    }
    assert_eq!(scene.batches().len(), 64);
    let waiting = scene.node.call("txpool_status", &json!([]));
    assert_eq!(waiting["pending"], "0x40", "all of them can be in the next block");
    assert_paid(&scene.settle(&world, &requested));
    assert_eq!(scene.node.count(scene.node.treasury()), 70);
    scene.assert_sound();
}

#[test]
fn a_payout_is_settled_at_the_depth_that_is_configured_and_not_before() {
    let scene = Scene::new();
    let mut settings = scene.evm(&[&scene.node.url]);
    settings.finality = Finality::Depth(5);
    let world = scene.world(settings);
    let requested = withdraw(&world, 1, 1_000);
    world.pay_step().unwrap();
    world.pay_step().unwrap();
    scene.node.mine(1);
    assert_eq!(scene.node.balance(&address(1)), wei(1_000));
    scene.node.mine(4);
    world.pay_step().unwrap();
    assert_eq!(world.withdrawal(&requested).state, WithdrawalState::Sending);
    scene.node.mine(1);
    world.pay_step().unwrap();
    assert_eq!(world.withdrawal(&requested).state, WithdrawalState::Paid);
}

#[test]
fn an_address_that_nobody_has_or_that_is_the_faucets_is_refused() {
    let scene = Scene::new();
    let (token, disperse) = (scene.node.deploy("Plain"), scene.node.deploy("Disperse"));
    let mut settings = scene.token(&token);
    settings.disperse = Some(disperse.clone());
    let world = scene.world(settings);
    let player = Player::new(1);
    world.earn(&player, world.first_level());
    let set = |address: &str| code(world.try_set_address(world.address_request(&player, address)));
    assert_eq!(set("alice"), Code::InvalidAddress);
    assert_eq!(set(&format!("0x{}", "0".repeat(40))), Code::InvalidAddress);
    assert_eq!(set("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed"), Code::InvalidAddress);
    assert_eq!(set(&token), Code::InvalidAddress);
    assert_eq!(set(&disperse), Code::InvalidAddress);
    assert_eq!(set(scene.node.treasury()), Code::OwnAddress);
    assert_eq!(set("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"), Code::OwnAddress);
    world
        .try_set_address(world.address_request(&player, "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"))
        .unwrap();
}

#[test]
fn a_treasury_without_enough_coins_pauses_the_rail_until_it_has_them_and_nobody_pays_for_it() {
    let scene = Scene::new();
    let fund = |wei: u128| {
        scene.node.call("anvil_setBalance", &json!([scene.node.treasury(), format!("{wei:#x}")]));
    };
    // The coins are there, and nothing for gas.
    fund(wei(1_000));
    let world = scene.world(scene.evm(&[&scene.node.url]));
    let told = || world.runtime.block_on(world.faucet.rails()).unwrap().rails[0].paused.clone();
    let requested = withdraw(&world, 1, 1_000);
    world.pay_step().unwrap();
    assert_eq!(told(), None);
    for _ in 0..3 {
        world.pay_step().unwrap();
        world.wait(MINUTE_MS);
    }
    assert_eq!(world.withdrawal(&requested).state, WithdrawalState::Sending);
    let for_players = told().unwrap();
    assert!(for_players.contains("is being refilled"), "{for_players}");
    assert!(!for_players.contains("wei") && !for_players.contains("0x"), "{for_players}");
    let for_operator = scene.paused().unwrap();
    assert!(for_operator.starts_with("treasury low: "), "{for_operator}");
    assert!(for_operator.contains("for this batch and its gas"), "{for_operator}");
    let config = scene.config_file();
    let operator = Operator { config: &config, data: scene.directory.path() };
    for command in ["list", "treasury", "status"] {
        let printed = operator.does(&[command]);
        assert!(printed.contains("treasury low: ") && printed.contains("its gas"), "{command}: {printed}");
    }
    fund(wei(1_000) * 1_000_000);
    assert_paid(&scene.settle(&world, &[requested]));
    assert_eq!(scene.node.balance(&address(1)), wei(1_000));
    assert_eq!((told(), scene.paused()), (None, None));
    scene.assert_sound();
}

#[test]
fn what_waits_in_the_chain_is_replaced_though_the_treasury_has_too_little_for_the_next() {
    let scene = Scene::new();
    let fund = |wei: u128| {
        scene.node.call("anvil_setBalance", &json!([scene.node.treasury(), format!("{wei:#x}")]));
    };
    let world = scene.world(scene.evm(&[&scene.node.url]));
    let first = withdraw(&world, 1, 1_000);
    world.pay_step().unwrap();
    world.pay_step().unwrap();
    let sent_first = scene.batches()[0].candidates[0].id.to_string();
    // It is sent, and gas becomes dearer than it offers; and the treasury is left with enough for it and its gas, and too little
    // for another one.
    fund(wei(1_000) + wei(3_000));
    scene.node.set_base_fee(20_000_000_000);
    let second = withdraw(&world, 2, 5_000);
    world.pay_step().unwrap();
    world.pay_step().unwrap();
    assert!(scene.paused().unwrap().starts_with("treasury low: "));
    assert_eq!(world.withdrawal(&second).state, WithdrawalState::Sending);
    for _ in 0..40 {
        if world.withdrawal(&first).state == WithdrawalState::Paid {
            break;
        }
        world.wait(6 * MINUTE_MS);
        world.pay_step().unwrap();
        scene.node.set_base_fee(20_000_000_000);
        scene.node.finalize();
    }
    let paid = world.withdrawal(&first);
    assert_paid(std::slice::from_ref(&paid));
    assert_ne!(paid.transaction, Some(sent_first), "it was replaced");
    assert_eq!((scene.node.balance(&address(1)), scene.node.balance(&address(2))), (wei(1_000), 0));
    fund(wei(1_000) * 1_000_000);
    assert_paid(&scene.settle(&world, &[second]));
    scene.assert_sound();
}

#[test]
fn a_recipient_whose_contract_refuses_gets_the_money_back_and_costs_no_gas() {
    for contract in ["Refusing", "Greedy"] {
        let scene = Scene::new();
        let refusing = scene.node.deploy(contract);
        let world = scene.world(scene.evm(&[&scene.node.url]));
        let refused = crate::scene::withdraw_to(&world, 1, 1_000, &refusing);
        let other = withdraw(&world, 2, 1_000);
        let ended = scene.settle(&world, &[refused, other]);
        assert_eq!(ended[0].state, WithdrawalState::Returned, "{contract}");
        let expected = if contract == "Greedy" { "of gas" } else { "would refuse" };
        assert!(ended[0].reason.as_ref().unwrap().contains(expected), "{:?}", ended[0]);
        assert_paid(&ended[1..]);
        assert_eq!(scene.node.count(scene.node.treasury()), 1, "only the other one was signed");
        scene.assert_sound();
    }
}

#[test]
fn an_endpoint_that_answers_html_alone_lets_nothing_be_signed() {
    let scene = Scene::new();
    let html = GoBetween::start(&scene.node.url, Manner::Html);
    let world = scene.world(scene.evm(&[&html.url]));
    let requested = withdraw(&world, 1, 1_000);
    world.pay_step().unwrap();
    for _ in 0..3 {
        assert!(world.pay_step().is_err());
    }
    assert_eq!(world.withdrawal(&requested).state, WithdrawalState::Sending);
    // Once there is one that answers, it goes on.
    let world = scene.again(world);
    assert_paid(&scene.settle(&world, &[requested]));
    assert_eq!(scene.node.balance(&address(1)), wei(1_000));
}

#[test]
fn a_chain_of_another_id_is_not_paid_on() {
    let scene = Scene::new();
    let mut settings = scene.evm(&[&scene.node.url]);
    settings.chain_id = 1;
    let world = scene.world(settings);
    withdraw(&world, 1, 1_000);
    world.pay_step().unwrap();
    assert!(format!("{:?}", world.pay_step().unwrap_err()).contains("another chain, whose id is 31337"));
    assert_eq!(scene.node.balance(&address(1)), 0);
}

#[test]
fn what_gas_has_cost_is_in_the_books_to_the_gwei() {
    let scene = Scene::new();
    let treasury = scene.node.treasury().to_owned();
    let before = scene.node.balance(&treasury);
    let world = scene.world(scene.evm(&[&scene.node.url]));
    let requested: Vec<_> = (1..=3).map(|number| withdraw(&world, number, 1_000)).collect();
    world.pay_step().unwrap();
    world.pay_step().unwrap();
    assert!(scene.booked("cost_reserved") > 0, "it is set aside before anything is final");
    assert_eq!(scene.booked("chain_fee"), 0);
    assert_paid(&scene.settle(&world, &requested));
    let spent = before - scene.node.balance(&treasury) - 3 * wei(1_000);
    let booked = u128::try_from(scene.booked("chain_fee")).unwrap() * 1_000_000_000;
    // Each of the three is rounded up to a gwei.
    assert!((spent..spent + 3_000_000_000).contains(&booked), "{booked} is booked, and {spent} was spent");
    assert_eq!(scene.booked("cost_reserved"), scene.booked("chain_fee") + scene.booked("cost_released"));
    scene.assert_sound();
}
