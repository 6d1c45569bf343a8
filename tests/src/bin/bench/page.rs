//! The page in a real browser: what its first load transfers, what the loader of the widget weighs, and the
//! script time of its frames in play. The measuring is
//! done by `tests/browser/measure.mjs`, which drives Chromium.

use std::env;
use std::path::Path;
use std::process::{Command, Stdio};

use serde::Deserialize;

use crate::table::Row;

/// What the script prints.
#[derive(Debug, Deserialize)]
struct Measured {
    first_load_bytes: f64,
    loader_bytes: f64,
    games: Vec<InPlay>,
}

/// The frames of a game in play.
#[derive(Debug, Deserialize)]
struct InPlay {
    game: String,
    frames: u32,
    script_ms_median: f64,
    script_ms_p99: f64,
}

pub(crate) fn measure() -> Vec<Row> {
    println!("playing in the browser for half a minute a game …");
    // Asked when it runs: two checkouts that build in one folder may share this program.
    let package = env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs the bench");
    let folder = Path::new(&package).join("browser");
    let output = Command::new("node")
        .arg("measure.mjs")
        .current_dir(folder)
        .env("DRIPLINE_BIN", dripline_tests::program::binary())
        .stderr(Stdio::inherit())
        .output()
        .expect("node is there");
    assert!(output.status.success(), "the page could not be measured");
    let measured: Measured = serde_json::from_slice(&output.stdout).expect("the script prints its figures");
    let mut worst_ms = 0.0_f64;
    for InPlay { game, frames, script_ms_median, script_ms_p99 } in measured.games {
        println!(
            "{game}: {frames} frames, script {script_ms_median:.2} ms at the median, {script_ms_p99:.2} at p99"
        );
        worst_ms = worst_ms.max(script_ms_p99);
    }
    let (kilobytes, loader) = (measured.first_load_bytes / 1_000.0, measured.loader_bytes / 1_024.0);
    vec![
        Row::at_most("first load of the play page, Brotli, kB", kilobytes, 110.0, " kB"),
        Row::at_most("the loader of the widget, Brotli, KiB", loader, 3.0, " KiB"),
        Row::at_most("script time per frame in play, p99, CPU throttled 4×, ms", worst_ms, 4.0, " ms"),
    ]
}
