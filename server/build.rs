//! Builds the server anew when the pages that it embeds have changed.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // Only a release build embeds the pages; others read them from the folder when they start. Where the folder is
    // missing, cargo runs this every time, and so notices when it comes.
    if env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!("cargo::rerun-if-changed=../dist");
    }
}
