//! What the test runners' closing lines say, summed up. It promises that a test that was skipped, or a suite that ran
//! none, is never taken for success.

use std::time::Duration;

use crate::clock::spoken;

/// How many tests of a suite passed, failed and did not run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Tests that passed.
    pub(crate) passed: u64,
    /// Tests that failed, or were cut off.
    pub(crate) failed: u64,
    /// Tests that were there and did not run.
    pub(crate) skipped: u64,
}

impl Tally {
    /// Takes in a line of a runner's output; any line but a closing one changes nothing.
    pub(crate) fn observe(&mut self, line: &str) {
        let line = plain(line);
        let line = line.trim();
        if let Some(counts) = line.strip_prefix("test result: ") {
            self.observe_cargo(counts);
        } else if let Some(counts) = line.strip_prefix("ℹ ").or_else(|| line.strip_prefix("# ")) {
            self.observe_node(counts);
        }
    }

    /// `ok. 5 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s`
    fn observe_cargo(&mut self, counts: &str) {
        let counts = counts.split_once(". ").map_or(counts, |(_verdict, rest)| rest);
        for count in counts.split(';') {
            let Some((number, what)) = count.trim().split_once(' ') else { continue };
            self.add(number, what);
        }
    }

    /// `pass 5`
    fn observe_node(&mut self, count: &str) {
        if let Some((what, number)) = count.split_once(' ') {
            self.add(number, what);
        }
    }

    fn add(&mut self, number: &str, what: &str) {
        let Ok(number) = number.parse::<u64>() else { return };
        match what {
            "passed" | "pass" => self.passed += number,
            "failed" | "fail" | "cancelled" => self.failed += number,
            "ignored" | "skipped" | "todo" => self.skipped += number,
            _ => {}
        }
    }

    fn ran(self) -> u64 {
        self.passed + self.failed
    }
}

/// One stage of `cargo xtask test`, done.
#[derive(Debug)]
pub(crate) struct Stage {
    /// What it is called.
    pub(crate) name: &'static str,
    /// How long it took.
    pub(crate) time: Duration,
    /// Whether its program ended well.
    pub(crate) succeeded: bool,
    /// What its closing lines said, when it is a suite of tests.
    pub(crate) tally: Option<Tally>,
}

impl Stage {
    fn complaint(&self) -> Option<String> {
        match self.tally {
            _ if !self.succeeded => Some(format!("{} failed", self.name)),
            Some(tally) if tally.failed > 0 => Some(format!("{} has failures", self.name)),
            Some(tally) if tally.skipped > 0 => {
                Some(format!("{} skipped {} tests", self.name, tally.skipped))
            }
            Some(tally) if tally.ran() == 0 => Some(format!("{} ran no test", self.name)),
            _ => None,
        }
    }
}

/// The text that ends `cargo xtask test`, and whether all is well.
pub(crate) fn summary(stages: &[Stage]) -> (String, bool) {
    let complaints: Vec<String> = stages.iter().filter_map(Stage::complaint).collect();
    let all: Duration = stages.iter().map(|stage| stage.time).sum();
    let tallies = || stages.iter().filter_map(|stage| stage.tally);
    let passed: u64 = tallies().map(|tally| tally.passed).sum();
    let failed: u64 = tallies().map(|tally| tally.failed).sum();
    let skipped: u64 = tallies().map(|tally| tally.skipped).sum();

    let mut lines = vec![String::new(), "seconds of each stage".to_owned()];
    lines.extend(stages.iter().map(|stage| {
        let mark = if stage.complaint().is_none() { "✓" } else { "✗" };
        format!("{mark} {:>7.1}  {}", stage.time.as_secs_f64(), stage.name)
    }));
    lines.push(format!("  {:>7.1}  in all ({})", all.as_secs_f64(), spoken(all)));
    lines.extend(complaints.iter().map(|complaint| format!("✗ {complaint}")));
    lines.push(format!("ran={} skipped={skipped}", passed + failed));
    lines.push(format!("{passed} passed, {failed} failed"));
    (lines.join("\n"), complaints.is_empty() && passed > 0)
}

/// A line without the colours that runners paint.
fn plain(line: &str) -> String {
    let mut pieces = line.split('\u{1b}');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        text.push_str(piece.split_once('m').map_or("", |(_code, rest)| rest));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally_of(lines: &[&str]) -> Tally {
        let mut tally = Tally::default();
        for line in lines {
            tally.observe(line);
        }
        tally
    }

    fn stage(succeeded: bool, tally: Option<Tally>) -> Stage {
        Stage { name: "tests", time: Duration::from_millis(1500), succeeded, tally }
    }

    #[test]
    fn closing_lines_of_several_cargo_suites_add_up() {
        let tally = tally_of(&[
            "running 2 tests",
            "test a ... ok",
            "test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            "test result: \u{1b}[31mFAILED\u{1b}[0m. 3 passed; 4 failed; 0 ignored; 0 measured; 5 filtered out; \
             finished in 1.20s",
        ]);
        assert_eq!(tally, Tally { passed: 5, failed: 4, skipped: 1 });
    }

    #[test]
    fn closing_lines_of_node_are_read_in_both_styles() {
        let spec =
            ["ℹ tests 9", "ℹ suites 1", "ℹ pass 5", "ℹ fail 1", "ℹ cancelled 1", "ℹ skipped 1", "ℹ todo 1"];
        let tap =
            ["# tests 9", "# suites 1", "# pass 5", "# fail 1", "# cancelled 1", "# skipped 1", "# todo 1"];
        let expected = Tally { passed: 5, failed: 2, skipped: 2 };
        assert_eq!(tally_of(&spec), expected);
        assert_eq!(tally_of(&tap), expected);
        assert_eq!(tally_of(&["\u{1b}[34mℹ pass 7\u{1b}[39m"]).passed, 7);
    }

    #[test]
    fn the_summary_ends_with_the_plain_closing_lines() {
        let tally = Tally { passed: 3, failed: 0, skipped: 0 };
        let (text, well) = summary(&[stage(true, None), stage(true, Some(tally))]);
        assert!(well);
        assert!(text.ends_with("ran=3 skipped=0\n3 passed, 0 failed"), "{text}");
        assert!(text.contains("1.5  tests"), "{text}");
    }

    #[test]
    fn a_skipped_test_is_no_success() {
        let tally = Tally { passed: 3, failed: 0, skipped: 1 };
        let (text, well) = summary(&[stage(true, Some(tally))]);
        assert!(!well);
        assert!(text.contains("tests skipped 1 tests"), "{text}");
    }

    #[test]
    fn a_suite_that_ran_no_test_is_no_success() {
        let other = Tally { passed: 3, failed: 0, skipped: 0 };
        assert!(!summary(&[stage(true, Some(other)), stage(true, Some(Tally::default()))]).1);
        assert!(!summary(&[stage(true, None)]).1);
    }

    #[test]
    fn a_stage_that_ends_badly_is_no_success_whatever_it_counted() {
        let tally = Tally { passed: 3, failed: 0, skipped: 0 };
        assert!(!summary(&[stage(false, Some(tally))]).1);
        assert!(!summary(&[stage(true, Some(tally)), stage(false, None)]).1);
    }
}
