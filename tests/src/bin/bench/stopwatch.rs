//! Time and processor time, and what is made of many measurements. The only place here that reads a clock.

use std::fs;
use std::time::{Duration, Instant};

/// Ticks a second in which the system counts a process' time: the same on every Linux.
const CLOCK_TICKS: u64 = 100;

/// Now.
#[expect(clippy::disallowed_methods, reason = "this program measures time: it is an edge")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// How long `work` takes.
pub(crate) fn time<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = now();
    let result = work();
    (start.elapsed(), result)
}

/// The processor time that this process has used, all threads together.
///
/// # Panics
/// Where the system does not tell.
pub(crate) fn processor_time() -> Duration {
    let text = fs::read_to_string("/proc/self/stat").expect("the system tells of this process");
    // The name, in parentheses, may hold anything; time in user mode and in the kernel are the 12th and 13th after it.
    let after = text.rsplit_once(')').map_or("", |(_, after)| after);
    let ticks: u64 =
        after.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 1_000 / CLOCK_TICKS)
}

/// The processor time that the machine has used, whoever for, and all that it has had, in units of the system's own.
///
/// # Panics
/// Where the system does not tell.
pub(crate) fn machine_time() -> (f64, f64) {
    let text = fs::read_to_string("/proc/stat").expect("the system tells of itself");
    let times: Vec<f64> = text
        .lines()
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .skip(1)
        .filter_map(|time| time.parse().ok())
        .collect();
    // User, nice, system, idle, waiting for a disk, and so on; what guests use is in the first two.
    let all: f64 = times.iter().take(8).sum();
    let idle: f64 = times.iter().skip(3).take(2).sum();
    (all - idle, all)
}

/// The value below which `part` of the values lie, 0 to 1.
///
/// # Panics
/// Where there is none.
pub(crate) fn quantile(values: &mut [f64], part: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "an index into a list that fits memory"
    )]
    let index = ((values.len() - 1) as f64 * part).round() as usize;
    values[index]
}

/// The time that `work` takes on a processor, in microseconds: the shortest of `rounds` times `repeats` of it, because
/// whatever else the machine does can only add to it.
pub(crate) fn shortest_us(rounds: usize, repeats: u32, mut work: impl FnMut()) -> f64 {
    let times = (0..rounds).map(|_| {
        let (taken, ()) = time(|| (0..repeats).for_each(|_| work()));
        taken.as_secs_f64() * 1e6 / f64::from(repeats)
    });
    times.fold(f64::INFINITY, f64::min)
}
