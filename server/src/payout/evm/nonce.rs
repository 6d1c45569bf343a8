//! Which nonce is signed with: the store's, unless the chain knows more than the store. Pure.

use crate::payout::RailError;

/// How many nonces may be used at most that are not executed yet: nodes keep no more of an account's transactions for certain.
const AHEAD_MAX: u64 = 64;

/// How many transactions of the treasury an endpoint knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counts {
    /// Executed.
    pub(super) executed: u64,
    /// And those that wait.
    pub(super) with_waiting: u64,
}

/// The nonce of what is signed next. `stored` is the store's; `witnesses` is how many endpoints have to agree; of those that
/// did not answer there is an error.
pub(super) fn next(
    stored: Option<u64>,
    witnesses: usize,
    answers: &[Result<Counts, String>],
) -> Result<u64, RailError> {
    let counts: Vec<Counts> = answers.iter().filter_map(|answer| answer.as_ref().ok()).copied().collect();
    let Some(highest) = counts.iter().map(|it| it.executed).max() else {
        let why = answers.iter().find_map(|answer| answer.as_ref().err());
        return Err(RailError::Later(why.map_or_else(|| "there are no endpoints".to_owned(), Clone::clone)));
    };
    match stored {
        Some(stored) => known(stored, witnesses, &counts, highest),
        None if counts.len() < witnesses => {
            Err(RailError::Later("a rail's first nonce is not taken from one endpoint's word".to_owned()))
        }
        None if counts.iter().any(|it| *it != Counts { executed: highest, with_waiting: highest }) => {
            let why = "before the first payout, the treasury may have no transaction that waits, and the endpoints must \
                       agree how many it has executed";
            Err(RailError::Later(why.to_owned()))
        }
        None => Ok(highest),
    }
}

/// Checks that the chain has executed all nonces below this one, the lowest that is used and not final yet, or will be used
/// next. Otherwise: what the operator has to do about it. Of those that did not answer there is an error.
pub(super) fn check_lowest(lowest: u64, executed: &[Result<u64, String>]) -> Result<(), String> {
    match executed.iter().flatten().max() {
        Some(executed) if *executed < lowest => Err(format!(
            "the chain has executed {executed} transactions of the treasury, and the lowest nonce that the store knows is \
             {lowest}: whatever has it waits for others that nobody has signed. Fill the gap by transfers of nothing to the \
             treasury itself; or, where no batch is under way, pause the rail and resume it with the next nonce {executed}"
        )),
        _ => Ok(()),
    }
}

fn known(stored: u64, witnesses: usize, counts: &[Counts], highest: u64) -> Result<u64, RailError> {
    let told =
        format!("the chain has executed {highest} transactions of the treasury, the store knows of {stored}");
    match counts.iter().filter(|it| it.executed > stored).count() {
        0 if highest.saturating_add(AHEAD_MAX) <= stored => Err(RailError::Later(format!(
            "{told}: too many payouts wait to be executed, or this is another treasury, or another chain"
        ))),
        0 => Ok(stored),
        above if above >= witnesses => Err(RailError::Halt(told)),
        _ => Err(RailError::Later(format!("{told}, by the word of one endpoint alone"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "one of the answers, others of which are errors")]
    fn count(executed: u64) -> Result<Counts, String> {
        Ok(Counts { executed, with_waiting: executed })
    }

    fn silent() -> Result<Counts, String> {
        Err("it does not answer".to_owned())
    }

    #[test]
    fn a_gap_below_the_lowest_nonce_is_told_unless_an_endpoint_does_not_see_it() {
        let check = |executed: &[Result<u64, String>]| check_lowest(7, executed);
        assert!(
            check(&[Ok(6)]).unwrap_err().contains("executed 6")
                && check(&[Ok(0), Err("no".to_owned())]).is_err()
        );
        for counts in [vec![Ok(7)], vec![Ok(6), Ok(7)], vec![Ok(9)], vec![Err("no".to_owned())], vec![]] {
            assert_eq!(check(&counts), Ok(()), "{counts:?}");
        }
    }

    #[test]
    fn the_stores_nonce_is_taken_while_the_chain_knows_no_more() {
        for answers in [vec![count(7)], vec![count(5)], vec![count(7), count(6)], vec![count(7), silent()]] {
            assert_eq!(next(Some(7), answers.len().min(2), &answers), Ok(7));
        }
    }

    #[test]
    fn a_chain_that_knows_more_than_the_store_halts_the_rail() {
        let foreign = |stored, answers: &[_]| {
            matches!(next(Some(stored), answers.len().min(2), answers), Err(RailError::Halt(_)))
        };
        assert!(foreign(7, &[count(8)]));
        assert!(foreign(7, &[count(8), count(9)]));
        assert!(foreign(7, &[count(8), silent(), count(9)]));
    }

    #[test]
    fn a_chain_that_is_far_behind_the_store_is_waited_for() {
        assert_eq!(next(Some(98), 1, &[count(35)]), Ok(98));
        assert!(matches!(next(Some(99), 1, &[count(35)]), Err(RailError::Later(_))));
        assert_eq!(next(Some(99), 2, &[count(35), count(36)]), Ok(99));
    }

    #[test]
    fn one_of_several_that_says_so_is_waited_for() {
        for answers in [[count(8), count(7)], [count(8), silent()], [silent(), silent()]] {
            assert!(matches!(next(Some(7), 2, &answers), Err(RailError::Later(_))), "{answers:?}");
        }
    }

    #[test]
    fn the_first_nonce_is_the_chains_where_all_agree_and_nothing_waits() {
        assert_eq!(next(None, 1, &[count(4)]), Ok(4));
        assert_eq!(next(None, 2, &[count(4), count(4)]), Ok(4));
        assert_eq!(next(None, 2, &[count(4), silent(), count(4)]), Ok(4));
        let waits = Ok(Counts { executed: 4, with_waiting: 5 });
        for answers in [vec![count(4), count(5)], vec![count(4), silent()], vec![count(4), waits]] {
            assert!(matches!(next(None, 2, &answers), Err(RailError::Later(_))), "{answers:?}");
        }
    }
}
