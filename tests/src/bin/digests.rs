//! Prints the digest of every step of a round, natively: `digests GAME NUMBER`. Where WebAssembly differs, the browser's
//! test of parity asks for them to tell at which step.

use std::env;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let game = arguments.next().unwrap_or_default();
    let number = arguments.next().and_then(|number| number.parse().ok());
    let digests = number.map_or_else(Vec::new, |number| dripline_parity::digests(&game, number));
    if digests.is_empty() {
        eprintln!("usage: digests GAME NUMBER, with a game among {:?}", dripline_parity::games());
        return ExitCode::FAILURE;
    }
    for digest in digests {
        println!("{digest}");
    }
    ExitCode::SUCCESS
}
