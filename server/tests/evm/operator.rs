//! What an operator asks before anything is paid: where the treasury is, what it holds, and whether a payout would go.

use serde_json::json;

use crate::command::{Operator, dripline};
use crate::scene::{Scene, address, withdraw};

#[test]
fn the_treasury_is_told_before_the_first_start_and_what_it_holds() {
    let scene = Scene::new();
    let config = scene.config_file();
    let nothing = scene.directory.path().join("nothing");
    let operator = Operator { config: &config, data: &nothing };
    let told = operator.does(&["treasury"]);
    assert!(told.contains("evm (evm): 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"), "{told}");
    assert!(told.contains("holds 10000 DRIP"), "{told}");
    assert!(!nothing.exists(), "looking makes nothing");
    // Without an endpoint that answers, the address is told all the same.
    let text = std::fs::read_to_string(&config).unwrap();
    let silent = config.with_extension("silent.toml");
    std::fs::write(&silent, text.replace(&scene.node.url, "http://127.0.0.1:9")).unwrap();
    let ran = Operator { config: &silent, data: &nothing }.payouts(&["treasury"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"), "{ran:?}");
    std::fs::remove_file(silent).unwrap();
}

#[test]
fn a_dry_run_tells_whether_a_payout_would_go_and_pays_nobody() {
    let scene = Scene::new();
    let config = scene.config_file();
    let nothing = scene.directory.path().join("nothing");
    let operator = Operator { config: &config, data: &nothing };
    let to = address(1);
    let told = operator.does(&["dry-run", "evm", "--to", &to, "--amount", "1000"]);
    assert!(told.contains("0.001 DRIP would be paid to"), "{told}");
    assert!(told.contains("25200 of gas"), "21,000 and a fifth: {told}");
    let closed = scene.node.deploy("Refusing");
    let told = operator.cannot(&["dry-run", "evm", "--to", &closed, "--amount", "1000"], 3);
    assert!(told.contains("would not be paid"), "{told}");
    scene.node.call("anvil_setBalance", &json!([scene.node.treasury(), "0x1"]));
    let told = operator.cannot(&["dry-run", "evm", "--to", &to, "--amount", "1000"], 3);
    assert!(told.contains("has 1 wei"), "{told}");
    for (to, amount, asset, expected) in [
        ("alice", "1000", "DRIP", "expected an address"),
        (scene.node.treasury(), "1000", "DRIP", "another address than the treasury"),
        (&to, "1000", "MOON", "those that evm pays: DRIP"),
        (&to, "-1", "DRIP", "decimal digits"),
    ] {
        let amount = format!("--amount={amount}");
        let told = operator.cannot(&["dry-run", "evm", "--to", to, &amount, "--asset", asset], 2);
        assert!(told.contains(expected), "{told}");
    }
    assert_eq!((scene.node.balance(&to), scene.node.count(scene.node.treasury())), (0, 0));
    assert!(!nothing.exists());
}

#[test]
fn another_treasury_takes_over_once_nothing_is_under_way() {
    let scene = Scene::new();
    let config = scene.config_file();
    let world = scene.world(scene.evm(&[&scene.node.url]));
    crate::scene::assert_paid(&scene.settle(&world, &[withdraw(&world, 1, 1_000)]));
    let waiting = withdraw(&world, 2, 1_000);
    let now = world.shutdown();
    let operator = Operator { config: &config, data: scene.directory.path() };
    // The former treasury has executed one; the new one none.
    let key = scene.directory.path().with_extension("new.txt");
    let made = dripline(&["keys", "treasury", "--kind", "evm", "--out", key.to_str().unwrap()]);
    assert_eq!(made.code, 0, "{made:?}");
    let again = dripline(&["keys", "treasury", "--kind", "evm", "--out", key.to_str().unwrap()]);
    assert_eq!(again.code, 1, "a file that is there stays: {again:?}");
    let new = made.out.trim().rsplit(' ').next().unwrap().to_owned();
    std::fs::rename(&key, scene.key_file()).unwrap();
    assert!(operator.does(&["treasury"]).contains(&new));
    scene.node.call("anvil_setBalance", &json!([new, "0xde0b6b3a7640000"]));
    operator.does(&["resume", "evm", "--next-nonce", "0"]);
    let world = scene.world(scene.evm(&[&scene.node.url]));
    world.wait_until(now);
    crate::scene::assert_paid(&scene.settle(&world, &[waiting]));
    assert_eq!((scene.node.count(scene.node.treasury()), scene.node.count(&new)), (1, 1));
    world.shutdown();
    scene.assert_sound();
}
