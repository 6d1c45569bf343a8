//! How much gas a payout may take, and whether it can be executed at all, from what the endpoints estimate. Pure.

use crate::payout::RailError;

/// What a payout may take at most whatever it does, and for each recipient besides. A transfer of a token takes some 65,000,
/// and more on chains whose gas also pays for another chain; a recipient whose own contract takes far more is not paid for.
/// With a fifth more, a hundred recipients are below what a transaction may have (EIP-7825).
const GAS_MAX: u64 = 500_000;
const GAS_PER_RECIPIENT_MAX: u64 = 120_000;

/// What an endpoint says of executing something now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Estimate {
    /// It would take so much gas.
    Takes(u64),
    /// It would fail, for this reason.
    Fails(String),
}

/// Whether an error's words say that the machine has stopped, and not that something is wrong with the node. There is no
/// code for it that all nodes have.
pub(super) fn is_failure(code: i64, message: &str) -> bool {
    /// "execution reverted", as those that follow Geth say it.
    const REVERTED: i64 = 3;
    let message = message.to_ascii_lowercase();
    let words = [
        "revert",
        "out of gas",
        "outofgas",
        "gas required exceeds",
        "opcode",
        "vm execution error",
        "evm error",
    ];
    code == REVERTED || words.iter().any(|word| message.contains(word))
}

/// The limit of gas for paying so many, a fifth above what it takes now. Refused where `witnesses` of the endpoints agree
/// that it would fail, and none that it would not. Of endpoints that did not answer there is an error.
pub(super) fn limit(
    recipients: usize,
    witnesses: usize,
    answers: &[Result<Estimate, String>],
) -> Result<u64, RailError> {
    let recipients = u64::try_from(recipients).unwrap_or(u64::MAX);
    let most = GAS_PER_RECIPIENT_MAX.saturating_mul(recipients).saturating_add(GAS_MAX);
    let mut fails = Vec::new();
    let mut takes = None;
    for answer in answers {
        match answer {
            Ok(Estimate::Takes(gas)) if *gas <= most => takes = takes.max(Some(*gas)),
            Ok(Estimate::Takes(gas)) => {
                fails.push(format!("It would take {gas} of gas, and at most {most} is paid for."));
            }
            Ok(Estimate::Fails(why)) => fails.push(why.clone()),
            Err(_) => {}
        }
    }
    if let Some(gas) = takes {
        return Ok(gas.saturating_add(gas.div_ceil(5)));
    }
    if fails.len() >= witnesses
        && let Some(reason) = fails.first()
    {
        return Err(RailError::Refused { reason: reason.as_str().into() });
    }
    let silent = answers.iter().find_map(|answer| answer.as_ref().err());
    let why = silent.map_or("the endpoints do not tell whether it can be executed", String::as_str);
    Err(RailError::Later(why.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "one of the answers, others of which are errors")]
    fn takes(gas: u64) -> Result<Estimate, String> {
        Ok(Estimate::Takes(gas))
    }

    #[expect(clippy::unnecessary_wraps, reason = "one of the answers, others of which are errors")]
    fn fails() -> Result<Estimate, String> {
        Ok(Estimate::Fails("it fails".to_owned()))
    }

    fn silent() -> Result<Estimate, String> {
        Err("it is silent".to_owned())
    }

    #[test]
    fn a_fifth_more_than_the_largest_estimate_is_allowed() {
        assert_eq!(limit(1, 1, &[takes(21_000)]), Ok(25_200));
        assert_eq!(limit(1, 2, &[takes(50_000), takes(60_000)]), Ok(72_000));
        assert_eq!(limit(1, 2, &[silent(), takes(60_001)]), Ok(72_002));
    }

    #[test]
    fn it_is_refused_where_enough_say_that_it_fails_and_nobody_that_it_does_not() {
        let refused = |answers: &[_]| matches!(limit(1, answers.len().min(2), answers), Err(RailError::Refused { reason }) if &*reason == "it fails");
        assert!(
            refused(&[fails()]) && refused(&[fails(), fails()]) && refused(&[fails(), silent(), fails()])
        );
        assert!(!refused(&[fails(), silent()]) && !refused(&[silent()]));
        assert_eq!(limit(1, 2, &[fails(), fails(), takes(21_000)]), Ok(25_200));
        assert_eq!(limit(1, 2, &[fails(), silent()]), Err(RailError::Later("it is silent".to_owned())));
    }

    #[test]
    fn a_recipient_that_burns_gas_is_not_paid_for() {
        assert!(limit(1, 1, &[takes(620_000)]).is_ok());
        assert!(matches!(limit(1, 1, &[takes(620_001)]), Err(RailError::Refused { .. })));
        assert!(limit(100, 1, &[takes(12_500_000)]).is_ok());
    }

    #[test]
    fn a_failure_of_the_machine_is_told_from_one_of_the_node() {
        for (code, message) in [
            (3, ""),
            (-32_000, "execution reverted: no"),
            (-32_015, "VM execution error."),
            (-32_000, "gas required exceeds allowance (50000000)"),
            (-32_000, "invalid opcode: INVALID"),
            (-32_003, "Out of gas: gas required exceeds allowance"),
        ] {
            assert!(is_failure(code, message), "{message}");
        }
        for message in
            ["missing trie node", "insufficient funds for transfer", "header not found", "timeout", ""]
        {
            assert!(!is_failure(-32_000, message), "{message}");
        }
    }
}
