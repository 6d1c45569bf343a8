use serde_json::json;

use super::*;

const SIGNED: Signed = Signed { last_valid_block_height: 1_150, signing_slot: 2_000 };

/// An endpoint that shows that the transaction is dead.
fn witness() -> Endpoint {
    Endpoint {
        finalized_height: 1_301,
        finalized_slot: 2_400,
        status_slot: 2_400,
        status: None,
        dead_executed: false,
        first_available_slot: 2_000,
    }
}

#[expect(clippy::unnecessary_wraps, reason = "an answer is a result")]
fn with(change: impl FnOnce(&mut Endpoint)) -> Result<Endpoint, String> {
    let mut endpoint = witness();
    change(&mut endpoint);
    Ok(endpoint)
}

fn found(is_finalized: bool, error: Option<Value>) -> Result<Endpoint, String> {
    with(|it| it.status = Some(Status { is_finalized, error }))
}

/// What is far from dead.
fn early() -> Result<Endpoint, String> {
    with(|it| it.finalized_height = 1_290)
}

fn error() -> Result<Endpoint, String> {
    Err("it answered with HTML".to_owned())
}

fn judged(answers: &[Result<Endpoint, String>]) -> Judgement {
    judge(&SIGNED, answers, None)
}

fn is_unknown(judgement: &Judgement) -> bool {
    matches!(judgement, Judgement::Unknown(_))
}

#[test]
fn finalized_without_an_error_is_settled_and_with_one_failed() {
    let reason = json!({"InstructionError": [3, {"Custom": 17}]});
    let (paid, failed) = (found(true, None), found(true, Some(reason.clone())));
    assert_eq!(judged(std::slice::from_ref(&paid)), Judgement::Settled);
    assert_eq!(judged(std::slice::from_ref(&failed)), Judgement::Failed(reason.clone()));
    for others in [vec![], vec![Ok(witness())], vec![error()], vec![early(), found(false, None)]] {
        let answers = |it: &Result<Endpoint, String>| [vec![it.clone(), it.clone()], others.clone()].concat();
        assert_eq!(judged(&answers(&paid)), Judgement::Settled);
        assert_eq!(judged(&answers(&failed)), Judgement::Failed(reason.clone()));
    }
}

#[test]
fn one_of_two_endpoints_makes_nothing_final() {
    for told in [found(true, None), found(true, Some(json!("AccountInUse")))] {
        // The other one has not got there yet.
        for other in [early(), found(false, None)] {
            assert_eq!(judged(&[told.clone(), other.clone()]), Judgement::Alive, "{other:?}");
            assert_eq!(judged(&[other, told.clone(), error()]), Judgement::Alive);
        }
        // It denies it, or is silent: the operator has to know.
        for other in [Ok(witness()), error()] {
            assert!(is_unknown(&judged(&[told.clone(), other.clone()])), "{other:?}");
            assert!(is_unknown(&judged(&[other.clone(), told.clone(), other])));
        }
    }
}

#[test]
fn two_ends_of_one_transaction_are_a_disagreement() {
    assert!(is_unknown(&judged(&[found(true, None), found(true, Some(json!("AccountInUse")))])));
    let (one, other) = (found(true, Some(json!("A"))), found(true, Some(json!("B"))));
    assert!(is_unknown(&judged(&[one, other])));
}

#[test]
fn processed_or_confirmed_is_alive_however_late_it_is() {
    for status in [found(false, None), found(false, Some(json!("AccountInUse")))] {
        assert_eq!(judged(std::slice::from_ref(&status)), Judgement::Alive);
        assert_eq!(judged(&[Ok(witness()), Ok(witness()), status]), Judgement::Alive);
    }
}

#[test]
fn two_witnesses_make_it_dead_whatever_the_others_answer() {
    assert_eq!(judged(&[Ok(witness()), Ok(witness())]), Judgement::Expired);
    assert_eq!(judged(&[error(), Ok(witness()), Ok(witness())]), Judgement::Expired);
    assert_eq!(judged(&[Ok(witness()), early(), Ok(witness())]), Judgement::Expired);
}

#[test]
fn one_witness_of_two_is_not_enough() {
    for other in [
        error(),
        with(|it| it.status_slot = 2_399),
        with(|it| it.first_available_slot = 2_001),
        with(|it| it.finalized_height = 1_000),
    ] {
        assert!(is_unknown(&judged(&[Ok(witness()), other.clone()])), "{other:?}");
        assert!(is_unknown(&judged(&[other.clone(), Ok(witness())])), "{other:?}");
    }
}

#[test]
fn everything_a_witness_shows_is_needed_to_the_last_block() {
    let twice = |endpoint: Result<Endpoint, String>| judged(&[endpoint.clone(), endpoint]);
    assert_eq!(twice(with(|it| it.finalized_height = 1_301)), Judgement::Expired);
    assert_eq!(twice(with(|it| it.finalized_height = 1_300)), Judgement::Alive);
    assert_eq!(twice(with(|it| it.status_slot = 2_401)), Judgement::Expired);
    assert!(is_unknown(&twice(with(|it| it.status_slot = 2_399))));
    assert_eq!(twice(with(|it| it.first_available_slot = 0)), Judgement::Expired);
    assert!(is_unknown(&twice(with(|it| it.first_available_slot = 2_001))));
}

#[test]
fn the_only_endpoint_must_show_all_of_its_blocks() {
    let judged = |scan| judge(&SIGNED, &[Ok(witness())], scan);
    assert_eq!(judged(None), Judgement::NeedsScan);
    assert_eq!(judged(Some(Scan::Absent)), Judgement::Expired);
    assert!(is_unknown(&judged(Some(Scan::Present))));
    for endpoint in [with(|it| it.status_slot = 1), with(|it| it.first_available_slot = 2_001), error()] {
        assert!(is_unknown(&judge(&SIGNED, &[endpoint], Some(Scan::Absent))));
    }
    assert_eq!(judge(&SIGNED, &[early()], Some(Scan::Absent)), Judgement::Alive);
}

#[test]
fn a_scan_does_not_stand_in_for_a_second_endpoint_that_is_configured() {
    assert!(is_unknown(&judge(&SIGNED, &[Ok(witness()), error()], Some(Scan::Absent))));
}

#[test]
fn before_its_time_is_over_it_may_still_come() {
    assert_eq!(judged(&[early()]), Judgement::Alive);
    assert_eq!(judged(&[early(), error()]), Judgement::Alive);
    assert_eq!(judged(&[early(), Ok(witness())]), Judgement::Alive);
}

#[test]
fn an_endpoint_that_has_stopped_is_told_and_nothing_is_dead() {
    let Judgement::Unknown(why) = judged(&[with(|it| it.finalized_height = 900), Ok(witness())]) else {
        panic!("it is known")
    };
    assert!(why.contains("endpoint 1: at height 900: it lags behind"), "{why}");
}

#[test]
fn without_any_answer_nothing_is_known() {
    assert!(is_unknown(&judged(&[])));
    let Judgement::Unknown(why) = judged(&[error(), error()]) else { panic!("it is known") };
    assert_eq!(why, "endpoint 1: it answered with HTML; endpoint 2: it answered with HTML");
}

#[test]
fn a_dead_candidate_that_comes_to_life_stops_everything() {
    let undead = with(|it| it.dead_executed = true);
    assert!(is_unknown(&judged(&[undead.clone(), Ok(witness()), Ok(witness())])));
    assert!(is_unknown(&judged(&[undead, found(true, None)])));
}

#[test]
fn a_height_at_the_end_of_all_numbers_does_no_harm() {
    let signed = Signed { last_valid_block_height: u64::MAX, signing_slot: u64::MAX };
    let last = with(|it| it.finalized_height = u64::MAX);
    assert_eq!(judge(&signed, &[last.clone(), last], None), Judgement::Alive);
}
