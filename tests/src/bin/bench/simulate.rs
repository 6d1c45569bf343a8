//! How long `dripline simulate` takes for the rounds that bots play, and what a server's start spends on what an hour earns.
//!
//! Both by the processor time that they take, so that what else the machine does counts less.

use dripline_server::simulate::{Settings, played, typical_hour};
use dripline_shared::catalog::Catalog;
use dripline_shared::game::{GameParams, Skill};

use crate::stopwatch::{processor_time, time};
use crate::table::Row;

/// The cores that the aim is for.
const CORES: f64 = 2.0;

/// Measures.
///
/// # Panics
/// Where fewer rounds were played than the aim is for.
pub(crate) fn measure() -> Vec<Row> {
    let (catalog, settings) = (Catalog::first_run(), Settings::default());
    let before = processor_time();
    let (taken, levels) = time(|| played(&catalog, &settings));
    let seconds = processor_time().saturating_sub(before).as_secs_f64() / CORES;
    for game in GameParams::GAMES {
        let of_game = levels.iter().filter(|level| level.game == *game).flat_map(|level| &level.skills);
        let (mut rounds, mut strong) = (0, 0);
        for figures in of_game {
            rounds += figures.rounds;
            strong += if figures.skill == Skill::Strong { figures.rounds } else { 0 };
        }
        assert!(rounds >= 10_000 && strong * 5 >= rounds, "{game}: {rounds} rounds, {strong} of them strong");
    }
    println!(
        "10,000 rounds of each game: {:.2} s, and {seconds:.2} s on two free cores",
        taken.as_secs_f64()
    );
    let before = processor_time();
    for _ in 0..10 {
        typical_hour(&catalog);
    }
    let hour_ms = processor_time().saturating_sub(before).as_secs_f64() * 100.0;
    println!("what an hour earns: {hour_ms:.0} ms of a core");
    vec![Row::below(
        "10,000 rounds of each game by bots, a fifth of them strong, on two cores",
        seconds,
        10.0,
        " s",
    )]
}
