//! The native side of the comparison with WebAssembly: a thousand rounds of each game, whose digests the browser's test of
//! the same name compares with its own.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::{env, fs};

/// Rounds of each game.
const ROUNDS: u32 = 1_000;

/// Where the package for the browser is built, and where its test looks for the native side.
fn folder() -> PathBuf {
    env::var_os("DRIPLINE_PARITY")
        .map_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("../parity"), PathBuf::from)
}

#[test]
fn a_thousand_rounds_of_each_game_are_played_natively_and_left_for_the_browser_to_compare() {
    let games = dripline_parity::games();
    let chains: BTreeMap<&String, Vec<String>> = games
        .iter()
        .map(|game| (game, (0..ROUNDS).map(|number| dripline_parity::chain(game, number)).collect()))
        .collect();
    for (game, chains) in &chains {
        let mut distinct = chains.clone();
        distinct.sort_unstable();
        distinct.dedup();
        // A level whose whole board shows may be played alike by two players that do nothing; most rounds differ.
        assert!(distinct.len() > 900, "{game}: {} different rounds", distinct.len());
        // The differing step of a differing round is found by its digests: this is what the browser compares then.
        let digests = dripline_parity::digests(game, 3);
        assert!(digests.len() > 1 && digests.windows(2).all(|pair| pair[0] != pair[1]), "{game}");
    }
    assert_eq!(dripline_parity::chain("no such game", 0), "");
    fs::create_dir_all(folder()).unwrap();
    fs::write(folder().join("native.json"), serde_json::to_string(&chains).unwrap()).unwrap();
}
