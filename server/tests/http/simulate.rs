//! `dripline simulate` as it is run.

use dripline_server::config::catalog_to_toml;
use dripline_shared::amount::Amount;
use dripline_shared::catalog::Catalog;
use serde_json::Value;

use crate::process::{Folder, Serving, other_catalog, run};

/// As quick as it can be.
const SMALL: [&str; 7] = ["simulate", "--runs", "2", "--rounds", "60", "--players", "2"];

/// Runs it with these arguments as well.
fn simulate(more: &[&str]) -> (i32, String, String) {
    run(&[&SMALL[..], more].concat())
}

#[test]
fn two_runs_with_one_seed_print_the_same_bytes_as_tables_and_as_json() {
    let folder = Folder::new("simulate-seed");
    let nothing = folder.0.join("nothing");
    let data = ["--data", nothing.to_str().unwrap()];
    for format in [&[][..], &["--json"]] {
        let once = simulate(&[&data[..], &["--seed", "7"], format].concat());
        assert_eq!(once.0, 0, "{}", once.2);
        assert_eq!(simulate(&[&data[..], &["--seed", "7"], format].concat()), once);
        assert_ne!(simulate(&[&data[..], &["--seed", "8"], format].concat()).1, once.1);
    }
    assert!(!nothing.exists(), "simulating makes nothing");
}

#[test]
fn a_catalog_is_compared_with_the_one_in_force_and_each_figure_stands_beside_the_other() {
    let folder = Folder::new("simulate-live");
    let data = folder.0.join("data");
    Serving::start(&data, &[]).stop();
    let data = data.to_str().unwrap();
    let mut richer = Catalog::first_run();
    richer.levels[0].base = Amount::from_units(20_000);
    let file = folder.file("richer.toml", &catalog_to_toml(&richer).unwrap());
    let file = file.to_str().unwrap();
    let (code, told, error) = simulate(&["--data", data, "--catalog", file, "--json"]);
    assert_eq!(code, 0, "{error}");
    let report: Value = serde_json::from_str(&told).unwrap();
    let id = &richer.levels[0].id;
    let differences: Vec<&str> =
        report["against"]["differences"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(
        differences,
        [format!("- levels.{id}.base = \"10000\""), format!("+ levels.{id}.base = \"20000\"")]
    );
    assert_eq!(report["simulated"]["catalog"], richer.version().to_string());
    assert_eq!(report["against"]["simulated"]["catalog"], Catalog::first_run().version().to_string());
    let paid = |of: &Value| of["paid"]["median"].as_str().unwrap().parse::<u64>().unwrap();
    assert!(paid(&report["simulated"]) > paid(&report["against"]["simulated"]));
    // What is played is the same in both.
    assert_eq!(report["simulated"]["levels"], report["against"]["simulated"]["levels"]);

    let (_, told, _) = simulate(&["--data", data, "--catalog", file]);
    assert!(told.contains("Figures in brackets are that catalog's."), "{told}");
    let (_, alone, _) = simulate(&["--data", data]);
    assert!(!alone.contains("brackets"), "{alone}");
    let (code, told, _) = simulate(&["--data", data, "--against", file]);
    assert_eq!(code, 0);
    assert!(told.contains(&format!("Compared with catalog {}", richer.version())), "{told}");
}

#[test]
fn what_cannot_be_simulated_is_refused_and_says_why() {
    let folder = Folder::new("simulate-refused");
    let nothing = folder.0.join("nothing");
    let data = ["--data", nothing.to_str().unwrap()];
    let mut wrong = other_catalog();
    (wrong.levels[1].base, wrong.rewards.drip_max) = (Amount::MAX, Amount::MAX);
    let wrong = folder.file("wrong.toml", &catalog_to_toml(&wrong).unwrap());
    let wrong = wrong.to_str().unwrap();
    for argument in ["--catalog", "--against"] {
        let (code, told, error) = simulate(&[&data[..], &[argument, wrong]].concat());
        assert_eq!((code, told.as_str()), (2, ""));
        let line = error.lines().next().unwrap();
        assert!(line.contains("wrong.toml:") && line.contains("levels[1].base: expected"), "{error}");
    }
    let missing = folder.0.join("missing.toml");
    for (code, arguments, why) in [
        (2, &["--catalog", missing.to_str().unwrap()][..], "No such file"),
        (1, &["--against", "live"], "no catalog is in force yet"),
        (2, &["--campaign", "nowhere"], "has no campaign nowhere; it has default"),
        (2, &["--runs", "0"], "--runs"),
        (2, &["--players", "100001"], "--players"),
        (2, &["--rounds", "many"], "--rounds"),
        (2, &["--seed=-1"], "--seed"),
    ] {
        let small = ["simulate", data[0], data[1]];
        let (ended, told, error) = run(&[&small[..], arguments].concat());
        assert_eq!((ended, told.as_str()), (code, ""), "{arguments:?}: {error}");
        assert!(error.contains(why), "{arguments:?}: {error}");
    }
}
