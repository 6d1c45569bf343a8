use proptest::prelude::*;

use super::*;

const NONCE: u64 = 7;

fn executed(block: u64, fate: Fate) -> Executed {
    Executed { block, is_canonical: true, fate }
}

/// At block 100, of which those up to 90 are final, with these candidates.
#[expect(clippy::unnecessary_wraps, reason = "one of the answers, others of which are errors")]
fn answer(candidates: &[Option<Executed>]) -> Result<Answer, String> {
    let used = if candidates.iter().any(Option::is_some) { NONCE + 1 } else { NONCE };
    Ok(Answer { final_block: 90, used, candidates: candidates.to_vec(), used_finally: None })
}

/// The nonce is used by something else.
#[expect(clippy::unnecessary_wraps, reason = "one of the answers, others of which are errors")]
fn gone(finally: u64) -> Result<Answer, String> {
    let used_finally = Some(finally);
    Ok(Answer { final_block: 90, used: NONCE + 1, candidates: vec![None, None], used_finally })
}

fn silent() -> Result<Answer, String> {
    Err("it answers HTML".to_owned())
}

fn is_unknown(judgement: &Judgement) -> bool {
    matches!(judgement, Judgement::Unknown(_))
}

#[test]
fn what_was_executed_paid_everybody_or_nobody_or_only_used_the_nonce() {
    for (is_cancel, succeeded, moved, expected) in [
        (false, true, Moved::All, Fate::Paid),
        (false, true, Moved::Some, Fate::PaidSome),
        (false, true, Moved::Nothing, Fate::Untold),
        (false, false, Moved::All, Fate::Failed),
        (false, false, Moved::Nothing, Fate::Failed),
        (true, true, Moved::All, Fate::Cancelled),
        (true, false, Moved::All, Fate::Cancelled),
    ] {
        assert_eq!(fate(is_cancel, succeeded, moved), expected);
    }
}

#[test]
fn what_a_final_receipt_says_is_what_became_of_it() {
    for it in [Fate::Paid, Fate::Failed, Fate::Short, Fate::PaidSome, Fate::Untold, Fate::Cancelled] {
        for (block, expected) in [(90, Judgement::Final(1, it)), (91, Judgement::Alive)] {
            let told = answer(&[None, Some(executed(block, it))]);
            assert_eq!(judge(NONCE, std::slice::from_ref(&told)), expected, "{it:?}");
            assert_eq!(judge(NONCE, &[told.clone(), told]), expected, "{it:?}");
        }
    }
}

#[test]
fn what_is_not_found_is_alive_while_the_nonce_is_not_used() {
    assert_eq!(judge(NONCE, &[answer(&[None, None])]), Judgement::Alive);
    assert_eq!(judge(NONCE, &[answer(&[None]), answer(&[None])]), Judgement::Alive);
    assert_eq!(judge(NONCE, &[answer(&[None]), silent()]), Judgement::Alive);
}

#[test]
fn a_nonce_that_is_used_by_something_else_is_gone_once_that_is_final() {
    assert_eq!(judge(NONCE, &[gone(NONCE)]), Judgement::Alive);
    assert_eq!(judge(NONCE, &[gone(NONCE + 1)]), Judgement::Gone);
    assert_eq!(judge(NONCE, &[gone(NONCE + 1), gone(NONCE + 3)]), Judgement::Gone);
    assert_eq!(judge(NONCE, &[gone(NONCE + 1), gone(NONCE)]), Judgement::Alive);
    let untold = Answer { used_finally: None, ..gone(0).unwrap() };
    assert!(is_unknown(&judge(NONCE, &[Ok(untold)])));
}

#[test]
fn one_of_two_endpoints_makes_nothing_final() {
    let finals = [
        answer(&[Some(executed(90, Fate::Paid))]),
        answer(&[Some(executed(90, Fate::Failed))]),
        answer(&[Some(executed(90, Fate::Cancelled))]),
        gone(NONCE + 1),
    ];
    for told in &finals {
        // The other one is behind, or denies it: it may still come.
        assert_eq!(judge(NONCE, &[told.clone(), answer(&[None])]), Judgement::Alive, "{told:?}");
        assert!(is_unknown(&judge(NONCE, &[told.clone(), silent()])), "{told:?}");
        assert!(is_unknown(&judge(NONCE, &[silent(), told.clone(), silent()])), "{told:?}");
        // Of three, two are enough.
        assert!(!is_unknown(&judge(NONCE, &[silent(), told.clone(), told.clone()])), "{told:?}");
        for other in finals.iter().filter(|other| *other != told) {
            let judgement = judge(NONCE, &[told.clone(), other.clone(), told.clone()]);
            assert!(is_unknown(&judgement), "{told:?} and {other:?} are {judgement:?}");
        }
    }
}

#[test]
fn a_receipt_of_a_block_that_the_chain_does_not_have_is_none() {
    let orphaned = answer(&[Some(Executed { is_canonical: false, ..executed(90, Fate::Paid) })]);
    assert!(is_unknown(&judge(NONCE, std::slice::from_ref(&orphaned))));
    assert!(is_unknown(&judge(NONCE, &[orphaned, answer(&[Some(executed(90, Fate::Paid))])])));
    let two = answer(&[Some(executed(90, Fate::Paid)), Some(executed(89, Fate::Paid))]);
    assert!(is_unknown(&judge(NONCE, &[two])));
}

#[test]
fn without_an_answer_nothing_can_be_told() {
    assert!(is_unknown(&judge(NONCE, &[silent()])));
    assert!(is_unknown(&judge(NONCE, &[silent(), silent()])));
    assert!(is_unknown(&judge(NONCE, &[])));
}

fn any_answer() -> impl Strategy<Value = Result<Answer, String>> {
    let fate = prop_oneof![Just(Fate::Paid), Just(Fate::Failed), Just(Fate::Short), Just(Fate::Cancelled)];
    let executed = (80_u64..100, proptest::bool::weighted(0.8), fate)
        .prop_map(|(block, is_canonical, fate)| Executed { block, is_canonical, fate });
    let candidates = proptest::collection::vec(proptest::option::of(executed), 1..3);
    let answer = (candidates, 6_u64..10, proptest::option::of(6_u64..10));
    let answer = answer.prop_map(|(candidates, used, used_finally)| {
        Ok(Answer { final_block: 90, used, candidates, used_finally })
    });
    prop_oneof![3 => answer, 1 => Just(silent())]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_one_endpoint_says_the_other_one_has_to_say_too(one in any_answer(), other in any_answer()) {
        let judgement = judge(NONCE, &[one.clone(), other.clone()]);
        if matches!(judgement, Judgement::Final(..) | Judgement::Gone) {
            prop_assert_eq!(judge(NONCE, &[one]), judgement.clone());
            prop_assert_eq!(judge(NONCE, &[other]), judgement);
        }
    }
}
