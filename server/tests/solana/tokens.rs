//! Paying a token of the SPL token program.

use dripline_server::payout::solana::SolanaAsset;
use dripline_server::store::Reader as _;
use dripline_server::store::sqlite::SqliteReader;
use dripline_shared::amount::Amount;
use dripline_shared::error::Code;
use dripline_shared::payout::WithdrawalState;
use serde_json::json;

use crate::go_between::{GoBetween, Manner};
use crate::scene::{FEE, Scene, address, assert_paid, withdraw};
use crate::support::Player;

/// Any address will do for a mint.
fn mint() -> String {
    address(200)
}

fn pays_token(scene: &Scene) -> crate::support::World {
    let mut solana = scene.solana(&[&scene.node.url]);
    solana.assets.insert(
        "DRIP".to_owned(),
        SolanaAsset { mint: Some(mint()), chain_decimals: 6, account_fee: Amount::ZERO },
    );
    scene.world(solana)
}

/// What a wallet has of the token, `None` where it has no account.
fn balance(scene: &Scene, owner: &str) -> Option<String> {
    let params = json!([owner, {"mint": mint()}, {"encoding": "jsonParsed", "commitment": "confirmed"}]);
    let accounts = scene.node.call("getTokenAccountsByOwner", &params);
    let amount = &accounts["value"][0]["account"]["data"]["parsed"]["info"]["tokenAmount"]["amount"];
    amount.as_str().map(str::to_owned)
}

/// What the treasury holds, as everybody is told.
fn held(world: &crate::support::World, scene: &Scene) -> Amount {
    world.runtime.block_on(world.faucet.refresh_holdings());
    let ledger = world.runtime.block_on(world.faucet.ledger()).unwrap();
    let on_chain = ledger.rails[0].on_chain.as_ref().unwrap();
    assert_eq!(on_chain.address, scene.treasury);
    let coin = &on_chain.holdings[1];
    assert_eq!(
        (coin.asset.code.as_str(), coin.asset.decimals),
        ("SOL", 9),
        "what the chain is paid with is told, too"
    );
    assert_eq!(u64::try_from(coin.amount.units()).unwrap(), scene.node.balance(&scene.treasury));
    on_chain.holdings[0].amount
}

#[test]
fn recipients_get_a_token_account_with_the_token_in_it() {
    let scene = Scene::new();
    scene.node.tell(&format!("mint {} 6 {} 1000000000", mint(), scene.treasury));
    let world = pays_token(&scene);
    let before = scene.node.balance(&scene.treasury);
    let requested: Vec<_> = (1..=9).map(|number| withdraw(&world, number, 1_000)).collect();
    let paid = scene.settle(&world, &requested);
    assert_paid(&paid);
    for (number, withdrawal) in (1..=9).zip(&paid) {
        assert_eq!(balance(&scene, &address(number)), Some((1_000 - FEE).to_string()));
        assert_eq!(withdrawal.transaction, paid[0].transaction, "all nine fit");
    }
    let left = 1_000_000_000 - 9 * (1_000 - FEE);
    scene.node.finalize();
    assert_eq!(held(&world, &scene), Amount::from_units(left));
    assert_eq!(balance(&scene, &scene.treasury), Some(left.to_string()));
    // What the accounts have as rent, and the fee, is what the treasury has less, to the lamport.
    let spent = before - scene.node.balance(&scene.treasury);
    assert!(spent > 9 * 2_039_280, "nine accounts were made");
    assert_eq!(u64::try_from(scene.booked("chain_fee")).unwrap(), spent);
    // Who has an account keeps it.
    let again = [withdraw(&world, 10, 500)];
    assert_paid(&scene.settle(&world, &again));
}

#[test]
fn a_treasury_without_the_token_waits_until_it_has_enough() {
    let scene = Scene::new();
    scene.node.tell(&format!("mint {} 6 {} 10", mint(), scene.treasury));
    let world = pays_token(&scene);
    let requested = withdraw(&world, 1, 1_000);
    world.pay_step().unwrap();
    world.pay_step().unwrap();
    let mut reader = SqliteReader::open(scene.directory.path()).unwrap();
    let pause = reader.rails().unwrap().into_iter().find_map(|rail| rail.pause).unwrap();
    assert!(
        pause.why.starts_with("treasury low: ") && pause.why.contains("needs 950 for this batch"),
        "{pause:?}"
    );
    assert_eq!(world.withdrawal(&requested).state, WithdrawalState::Sending);
    scene.node.tell(&format!("mint {} 6 {} 1000", mint(), scene.treasury));
    assert_paid(&scene.settle(&world, &[requested]));
    assert_eq!(balance(&scene, &address(1)), Some("950".to_owned()));
}

#[test]
fn a_token_of_token_2022_or_with_other_decimals_is_refused() {
    for (told, expected) in
        [("mint-2022 MINT 6", "not those of Token-2022"), ("mint MINT 9 OWNER 5", "9 decimals")]
    {
        let scene = Scene::new();
        scene.node.tell(&told.replace("MINT", &mint()).replace("OWNER", &scene.treasury));
        let world = pays_token(&scene);
        withdraw(&world, 1, 1_000);
        world.pay_step().unwrap();
        let refused = format!("{:?}", world.pay_step().unwrap_err());
        assert!(refused.contains(expected), "{refused}");
    }
}

/// A faucet that takes so much more from whoever has no account of the token yet, and asks by this address.
fn charges_for_accounts(scene: &Scene, url: &str, account_fee: u32) -> crate::support::World {
    let mut solana = scene.solana(&[url]);
    let account_fee = Amount::from_units(account_fee);
    let token = SolanaAsset { mint: Some(mint()), chain_decimals: 6, account_fee };
    solana.assets.insert("DRIP".to_owned(), token);
    scene.world(solana)
}

#[test]
fn who_has_no_token_account_pays_for_it_each_time_and_nobody_else_does() {
    let scene = Scene::new();
    scene.node.tell(&format!("mint {} 6 {} 1000000000", mint(), scene.treasury));
    let world = charges_for_accounts(&scene, &scene.node.url, 30);
    let told = world.runtime.block_on(world.faucet.rails()).unwrap().rails.remove(0).assets.remove(0);
    assert_eq!(told.fee, Amount::from_units(FEE + 30), "what it costs at most");
    let first = withdraw(&world, 1, 1_000);
    assert_eq!(first.fee, Amount::from_units(FEE + 30));
    assert_paid(&scene.settle(&world, &[first]));
    assert_eq!(balance(&scene, &address(1)), Some((1_000 - FEE - 30).to_string()));
    scene.node.finalize();
    let again = withdraw(&world, 1, 500);
    assert_eq!(again.fee, Amount::from_units(FEE));
    assert_paid(&scene.settle(&world, &[again]));
}

#[test]
fn while_the_chain_does_not_answer_nobody_is_told_a_fee_that_may_be_wrong() {
    let scene = Scene::new();
    let html = GoBetween::start(&scene.node.url, Manner::Html);
    let world = charges_for_accounts(&scene, &html.url, 30);
    let player = Player::new(1);
    world.earn(&player, world.first_level());
    world.wait(1);
    world.try_set_address(world.address_request(&player, &address(1))).unwrap();
    let request = world.withdrawal_request(&player, Amount::from_units(1_000), &address(1));
    let refused = world.try_withdraw(request).unwrap_err();
    assert_eq!(refused.code(), Code::RailUnreachable);
    assert_eq!(world.money(&player).pending, Amount::ZERO);
}
