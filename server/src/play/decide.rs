//! One decision for each command of the store.

use crate::play::rules::Rules;
use crate::play::{end, open, segment, settle};
use crate::refusal::Refusal;
use crate::store::{Answer, Command, WorkingSet};

/// Decides a command and applies its effects to the working set; a refusal changes nothing.
pub fn decide(rules: &Rules, set: &mut WorkingSet, command: &Command) -> Result<Answer, Refusal> {
    let (answer, effects) = match command {
        Command::Open(open) => open::decide(rules, set, open),
        Command::Segment(put) => segment::decide(rules, set, put),
        Command::End(end) => end::decide(set, end),
        Command::Settle(settle) => settle::decide(rules, set, settle),
        Command::GiveBack(give) => end::give_back(rules, set, give),
    }?;
    set.apply(effects);
    Ok(answer)
}
