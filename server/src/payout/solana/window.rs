//! In which blocks a transaction can be executed, as far as that is believed of one endpoint's word. Pure.
//!
//! The endpoint that gives a blockhash also says until when it is valid. One that said a height that is too low could
//! have a transaction declared dead that it has held back, and send it once its successor is signed. So what the others
//! see counts, too, and of all answers the one that waits longest.

use super::verdict::Signed;

/// For how many blocks a blockhash is valid: `MAX_PROCESSING_AGE`.
const VALID_BLOCKS: u64 = 150;
/// How many blocks further than that from the highest finalized one an endpoint may say: it may be ahead of the others.
const AHEAD_BLOCKS_MAX: u64 = 150;

/// The window of a blockhash, of which an endpoint claims something, where the endpoints' finalized heights and slots
/// are these. Otherwise: what is wrong with the claim.
pub(super) fn window(claimed: Signed, finalized: &[(u64, u64)]) -> Result<Signed, String> {
    let Some(highest) = finalized.iter().map(|(height, _)| *height).max() else {
        return Err("no endpoint tells its height".to_owned());
    };
    let last = highest.saturating_add(VALID_BLOCKS);
    let claim = claimed.last_valid_block_height;
    if claim > last.saturating_add(AHEAD_BLOCKS_MAX) {
        return Err(format!("a blockhash that is valid up to height {claim} is no recent one at {highest}"));
    }
    let slots = finalized.iter().map(|(_, slot)| *slot);
    let signing_slot = slots.fold(claimed.signing_slot, u64::min);
    Ok(Signed { last_valid_block_height: claim.max(last), signing_slot })
}

/// The height at which everything is final, or never will be, that was signed while the endpoints' finalized heights were
/// these: blockhashes of finalized blocks are signed with. `None` where nobody tells a height.
pub(super) fn horizon(finalized: impl Iterator<Item = u64>) -> Option<u64> {
    finalized.max().map(|highest| highest.saturating_add(VALID_BLOCKS + AHEAD_BLOCKS_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_signed_by_now_cannot_come_above_the_horizon() {
        let finalized = [(1_000, 1_200), (990, 1_190)];
        let horizon = horizon(finalized.iter().map(|(height, _)| *height)).unwrap();
        assert!(window(claim(0, 0), &finalized).unwrap().last_valid_block_height < horizon);
        assert_eq!(super::horizon(std::iter::empty()), None);
        assert_eq!(super::horizon([u64::MAX].into_iter()), Some(u64::MAX));
    }

    fn claim(last_valid_block_height: u64, signing_slot: u64) -> Signed {
        Signed { last_valid_block_height, signing_slot }
    }

    #[test]
    fn an_honest_claim_is_taken() {
        assert_eq!(window(claim(1_150, 1_200), &[(1_000, 1_200)]), Ok(claim(1_150, 1_200)));
        assert_eq!(window(claim(1_160, 1_210), &[(1_000, 1_200), (1_010, 1_210)]), Ok(claim(1_160, 1_200)));
    }

    #[test]
    fn of_all_answers_the_one_that_waits_longest_counts() {
        assert_eq!(window(claim(5, 9_999), &[(1_000, 1_200), (990, 1_190)]), Ok(claim(1_150, 1_190)));
        assert_eq!(window(claim(1_170, 1_200), &[(1_000, 1_200)]), Ok(claim(1_170, 1_200)));
    }

    #[test]
    fn a_claim_that_would_last_for_ever_is_refused() {
        assert!(window(claim(1_300, 1_200), &[(1_000, 1_200)]).is_ok());
        assert!(window(claim(1_301, 1_200), &[(1_000, 1_200)]).is_err());
        assert!(window(claim(u64::MAX, 1_200), &[(1_000, 1_200)]).is_err());
        assert!(window(claim(1_150, 1_200), &[]).is_err());
    }
}
