//! Many withdrawals at once: bursts that are settled on real chains, also by a program that is killed again and again, and a
//! long queue.
#![expect(clippy::unwrap_used, reason = "a test may panic: that is how it fails")]

use std::thread;
use std::time::Duration;

use dripline_tests::clock::{Clock, RealClock};
use dripline_tests::fill::{queue, withdrawals};
use dripline_tests::levels;
use dripline_tests::program::Installation;

mod evm;
mod solana;

/// What is asked for, and the fee of it, in ledger units.
const ASKED: (i64, i64) = (1_000, 50);
/// How many withdrawals a second a burst has to come to.
const PER_SECOND: f64 = 100.0;
/// How often it is looked how many are paid.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// After how many more withdrawals that were paid the program is killed.
const KILLED_EVERY: u32 = 80;
/// How many withdrawals a program has to pay that is killed all the time.
const KILLED_BURST: u32 = 600;
/// How long anything may take.
const PATIENCE: Duration = Duration::from_mins(5);

/// How many withdrawals a burst has.
fn burst() -> u32 {
    if is_long() { 5_000 } else { 1_000 }
}

fn is_long() -> bool {
    std::env::var_os("DRIPLINE_LONG").is_some()
}

/// An installation with this configuration of a rail and this key of its treasury, in whose queue withdrawals to these addresses
/// wait. In the configuration, `KEY_FILE` is where the key is.
fn with_a_queue(
    rail: &str,
    configuration: &str,
    key: &str,
    addresses: impl IntoIterator<Item = String>,
) -> Installation {
    let installation = Installation::new(&levels::quick());
    installation.serve(None, &[]).stop();
    let key_file = installation.folder().join("treasury");
    std::fs::write(&key_file, key).unwrap();
    let terms = format!("[rails.{rail}.assets.DRIP]\nthreshold = \"100\"\nfee = \"50\"\n");
    let configuration = configuration.replace("KEY_FILE", &key_file.display().to_string());
    installation.configure(&format!("[rails.{rail}]\n{configuration}\n{terms}"));
    queue(&installation.data(), rail, ASKED, addresses);
    installation
}

/// Waits until so many withdrawals are final; all of them were paid. Gives how long it took.
fn until_paid(installation: &Installation, count: u64) -> Duration {
    let clock = RealClock::new();
    let started = clock.now();
    let elapsed = || Duration::from_millis(clock.now().since(started));
    loop {
        let [_, _, paid, returned] = withdrawals(&installation.data());
        assert_eq!(returned, 0);
        if paid >= count {
            return elapsed();
        }
        assert!(elapsed() < PATIENCE, "{paid} are paid");
        // Somebody who looks each moment: what happens meanwhile is not waited for by this, only seen.
        thread::sleep(LOOK_EVERY);
    }
}

/// Has a program settle all of [`KILLED_BURST`] that is killed whenever it has paid some more, as by the system: whatever it is
/// doing then.
fn settle_though_killed(installation: &Installation) {
    for paid in (KILLED_EVERY..KILLED_BURST).step_by(usize::try_from(KILLED_EVERY).unwrap()) {
        let program = installation.serve(None, &[]);
        until_paid(installation, paid.into());
        program.kill();
    }
    let program = installation.serve(None, &[]);
    until_paid(installation, KILLED_BURST.into());
    program.stop();
}

/// Has the program settle all that waits, and tells how quickly that was. A long run has to be quick enough.
fn settle(chain: &str, installation: &Installation) {
    let program = installation.serve(None, &[]);
    // On Solana, a server that has started signs nothing at first.
    until_paid(installation, 1);
    let [_, _, first, _] = withdrawals(&installation.data());
    let time = until_paid(installation, burst().into());
    let per_second = f64::from(burst() - u32::try_from(first).unwrap()) / time.as_secs_f64();
    println!("{} withdrawals are settled on {chain} at {per_second:.0} a second", burst());
    program.stop();
    if is_long() {
        assert!(per_second >= PER_SECOND, "{per_second:.1} a second");
    }
}
