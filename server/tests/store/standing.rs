//! How wallets stand with the operators, and what waits for one, in every store.

use dripline_server::store::command::{Change, Correction, Ending, Second};
use dripline_server::store::record::{PlayerRecord, Stage};
use dripline_server::store::{Answer, Document, DocumentKind};
use dripline_shared::amount::Amount;
use dripline_shared::api::operate::players::Standing;
use dripline_shared::api::operate::proposals::{ProposalStage, ProposedAction};
use dripline_shared::error::Code;
use dripline_shared::payout::WithdrawalId;
use dripline_shared::time::{DAY_MS, HOUR_MS, Timestamp};

use crate::bench::{
    APPROVE_ABOVE, Bench, Make, SECOND_ABOVE, START, batch_of, end, end_batch, failed, give_back_withdrawal,
    import_payout, make_batch, operate, operate_with, pay_dormant, round_of, set_pause, settle, settled,
    stand, suite, wallet_of, withdrawal_of,
};
use crate::payouts::{found, money, rich};

suite! {
    a_banned_wallet_opens_claims_and_withdraws_nothing_until_it_is_released,
    what_was_answered_before_a_ban_is_answered_again,
    a_hold_between_a_request_and_its_batch_has_it_wait_and_lets_others_pass,
    a_held_wallet_earns_and_what_it_withdraws_waits,
    what_is_in_a_batch_already_is_paid_though_its_wallet_is_held,
    what_comes_out_of_a_batch_of_a_held_wallet_waits,
    a_withdrawal_above_the_amount_waits_for_approval_and_is_paid_once_after_it,
    what_waits_for_an_operator_is_given_back_while_the_rail_runs,
    an_approval_of_a_held_wallet_waits_for_its_release,
    what_lies_dormant_in_a_held_wallet_stays,
    why_a_wallet_stands_as_it_does_and_notes_are_kept_and_forgotten,
    a_large_approval_is_proposed_and_done_once_however_often_it_is_confirmed,
    a_proposal_ends_with_its_day_and_when_it_is_withdrawn,
    wallets_and_rounds_are_told_page_by_page,
}

fn refused(bench: &mut Bench, command: dripline_server::store::Command) -> Option<Code> {
    bench.one(command).err().map(|refusal| refusal.code())
}

fn stage(bench: &mut Bench, id: WithdrawalId) -> Stage {
    found(bench, id).record.stage
}

fn requested(bench: &mut Bench, wallet: u8, units: u32, now: Timestamp) -> WithdrawalId {
    let request = bench.withdraw(wallet, 1, units, wallet, now);
    bench.one(request).unwrap();
    withdrawal_of(wallet, 1, now)
}

/// The withdrawals that a batch takes.
fn batched(bench: &mut Bench, number: u8, now: Timestamp) -> Vec<WithdrawalId> {
    let Ok(Answer::Batched { batch }) = bench.one(make_batch(number, 10, now)) else {
        panic!("another answer")
    };
    batch.map(|batch| batch.withdrawals).unwrap_or_default()
}

fn a_banned_wallet_opens_claims_and_withdraws_nothing_until_it_is_released(make: Make<'_>) {
    let (mut bench, _) = rich(make, &[1, 2]);
    let opened = START.plus(HOUR_MS);
    let open = bench.open(1, 50, 0, opened);
    bench.one(open).unwrap();
    let round = round_of(1, 50, opened);
    let now = opened.plus(60_000);
    bench.one(stand(1, Standing::Banned, now)).unwrap();
    let before = money(&mut bench, 1);
    let open = bench.open(1, 51, 0, now);
    assert_eq!(refused(&mut bench, open.clone()), Some(Code::WalletBanned));
    assert_eq!(refused(&mut bench, settle(round, 1, now)), Some(Code::WalletBanned));
    let request = bench.withdraw(1, 1, 1_000, 1, now);
    assert_eq!(refused(&mut bench, request.clone()), Some(Code::WalletBanned));
    assert_eq!(money(&mut bench, 1), before, "its money is its own, and nothing has moved");
    assert_eq!(bench.reader.wallet(wallet_of(1)).unwrap().record.standing, Standing::Banned);
    let others = bench.withdraw(2, 1, 1_000, 2, now);
    bench.one(others).unwrap();
    // In one breath: the release, and what it allows.
    let answers = bench.apply(&[stand(1, Standing::Clear, now), settle(round, 1, now), request, open]);
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert!(money(&mut bench, 1).pending > Amount::ZERO);
}

fn what_was_answered_before_a_ban_is_answered_again(make: Make<'_>) {
    let (mut bench, _) = rich(make, &[1]);
    let now = START.plus(HOUR_MS);
    let open = bench.open(1, 50, 0, now);
    let claim = settle(round_of(1, 50, now), 1, now);
    let request = bench.withdraw(1, 1, 1_000, 1, now);
    let before = bench.apply(&[open.clone(), claim.clone(), request.clone()]);
    assert!(before.iter().all(Result::is_ok), "{before:?}");
    bench.one(stand(1, Standing::Banned, now)).unwrap();
    let after = bench.apply(&[open, claim, request]);
    assert!(after.iter().all(Result::is_ok), "{after:?}");
    assert_eq!(stage(&mut bench, withdrawal_of(1, 1, now)), Stage::Held);
}

fn a_hold_between_a_request_and_its_batch_has_it_wait_and_lets_others_pass(make: Make<'_>) {
    let (mut bench, _) = rich(make, &[1, 2]);
    let now = START.plus(20_000);
    let (one, other) = (requested(&mut bench, 1, 1_000, now), requested(&mut bench, 2, 1_000, now.plus(1)));
    let now = now.plus(2);
    bench.one(stand(1, Standing::Held, now)).unwrap();
    assert_eq!(stage(&mut bench, one), Stage::Held);
    assert_eq!(found(&mut bench, other).ahead, Some(0), "nobody waits behind it");
    assert_eq!(batched(&mut bench, 1, now), [other]);
    assert_eq!(batched(&mut bench, 2, now), []);
    let waiting = bench.reader.of_operators(None, 10).unwrap();
    assert_eq!(waiting.iter().map(|record| record.id).collect::<Vec<_>>(), [one]);
    assert_eq!(bench.reader.of_operators(Some(one), 10).unwrap(), []);
    // A hold becomes a ban, and it waits on; released, it has its old place.
    bench.one(stand(1, Standing::Banned, now)).unwrap();
    assert_eq!(stage(&mut bench, one), Stage::Held);
    let answers = bench.apply(&[stand(1, Standing::Clear, now), make_batch(3, 10, now)]);
    let Ok(Answer::Batched { batch: taken }) = &answers[1] else { panic!("{answers:?}") };
    // What a batch may take is read before anything is decided: it is taken by the next one at the latest.
    if taken.is_none() {
        assert_eq!(batched(&mut bench, 4, now), [one]);
    }
    assert_eq!(bench.reader.of_operators(None, 10).unwrap(), []);
}

fn a_held_wallet_earns_and_what_it_withdraws_waits(make: Make<'_>) {
    let (mut bench, _) = rich(make, &[1]);
    let now = START.plus(HOUR_MS);
    bench.one(stand(1, Standing::Held, now)).unwrap();
    let open = bench.open(1, 50, 0, now);
    let answers = bench.apply(&[open, settle(round_of(1, 50, now), 1, now)]);
    assert!(matches!(answers[1], Ok(Answer::Settled { new: true, .. })), "{answers:?}");
    let one = requested(&mut bench, 1, 1_000, now);
    assert_eq!(stage(&mut bench, one), Stage::Held);
    assert_eq!(money(&mut bench, 1).pending, Amount::from_units(1_000));
    assert_eq!(batched(&mut bench, 1, now), []);
    assert_eq!(bench.reader.queues().unwrap(), [], "it is in no queue");
    bench.one(stand(1, Standing::Clear, now)).unwrap();
    assert_eq!(batched(&mut bench, 2, now), [one]);
}

fn what_is_in_a_batch_already_is_paid_though_its_wallet_is_held(make: Make<'_>) {
    let (mut bench, _) = rich(make, &[1]);
    let now = START.plus(20_000);
    let one = requested(&mut bench, 1, 1_000, now);
    assert_eq!(batched(&mut bench, 1, now), [one]);
    bench.one(stand(1, Standing::Held, now)).unwrap();
    bench.one(end_batch(batch_of(1, now), settled("sent"), now)).unwrap();
    assert!(matches!(stage(&mut bench, one), Stage::Paid { .. }));
    assert_eq!(money(&mut bench, 1).paid, Amount::from_units(1_000));
}

fn what_comes_out_of_a_batch_of_a_held_wallet_waits(make: Make<'_>) {
    let (mut bench, _) = rich(make, &[1, 2]);
    let now = START.plus(20_000);
    let (one, other) = (requested(&mut bench, 1, 1_000, now), requested(&mut bench, 2, 1_000, now.plus(1)));
    assert_eq!(batched(&mut bench, 1, now), [one, other]);
    bench.one(stand(2, Standing::Held, now)).unwrap();
    bench.one(end_batch(batch_of(1, now), Ending::Expired, now)).unwrap();
    bench.one(set_pause(Some("to be looked at"), now)).unwrap();
    bench.one(import_payout(one, 7, "transaction", now)).unwrap();
    assert_eq!(stage(&mut bench, other), Stage::Held);
    // Of what failed, the parts go on: they are batches already.
    bench.one(set_pause(None, now)).unwrap();
    bench.one(stand(2, Standing::Clear, now)).unwrap();
    assert_eq!(batched(&mut bench, 2, now), [other]);
    bench.one(stand(2, Standing::Held, now)).unwrap();
    bench.one(end_batch(batch_of(2, now), failed(3, 4, now), now)).unwrap();
    assert_eq!(stage(&mut bench, other), Stage::Batched(batch_of(3, now)));
}

fn a_withdrawal_above_the_amount_waits_for_approval_and_is_paid_once_after_it(make: Make<'_>) {
    let (mut bench, _) = rich(make, &[1]);
    let now = START.plus(20_000);
    let small = bench.withdraw(1, 1, APPROVE_ABOVE, 1, now);
    bench.one(small).unwrap();
    assert_eq!(
        stage(&mut bench, withdrawal_of(1, 1, now)),
        Stage::Queued,
        "at the amount it waits for nobody"
    );
    let large = bench.withdraw(1, 2, APPROVE_ABOVE + 1, 1, now);
    bench.one(large).unwrap();
    let large = withdrawal_of(1, 2, now);
    assert_eq!(stage(&mut bench, large), Stage::Unapproved);
    assert_eq!(batched(&mut bench, 1, now), [withdrawal_of(1, 1, now)]);
    let approve = operate(Change::Approve { withdrawal: large }, now);
    let answers = bench.apply(&[approve.clone(), approve]);
    assert!(answers[0].is_ok(), "{answers:?}");
    assert_eq!(answers[1].as_ref().unwrap_err().code(), Code::NotForApproval, "once");
    assert_eq!(batched(&mut bench, 2, now), [large]);
    let nobody = operate(Change::Approve { withdrawal: withdrawal_of(9, 9, now) }, now);
    assert_eq!(refused(&mut bench, nobody), Some(Code::WithdrawalUnknown));
}

fn what_waits_for_an_operator_is_given_back_while_the_rail_runs(make: Make<'_>) {
    let (mut bench, _) = rich(make, &[1, 2]);
    let now = START.plus(20_000);
    let before = (money(&mut bench, 1), money(&mut bench, 2));
    let large = requested(&mut bench, 1, APPROVE_ABOVE + 1, now);
    let held = requested(&mut bench, 2, 1_000, now);
    bench.one(stand(2, Standing::Held, now)).unwrap();
    for withdrawal in [large, held] {
        let give = operate(Change::Payout(Box::new(give_back_withdrawal(withdrawal, now))), now);
        assert_eq!(bench.one(give.clone()), Ok(Answer::Corrected(Correction::Done)));
        assert_eq!(bench.one(give), Ok(Answer::Corrected(Correction::WasSo)));
    }
    assert_eq!((money(&mut bench, 1), money(&mut bench, 2)), before);
    let audit = bench.reader.audit(None, 2).unwrap();
    assert!(audit.iter().all(|entry| entry.json.contains("withdrawal.return")), "{audit:?}");
}

fn an_approval_of_a_held_wallet_waits_for_its_release(make: Make<'_>) {
    let (mut bench, _) = rich(make, &[1]);
    let now = START.plus(20_000);
    let large = requested(&mut bench, 1, APPROVE_ABOVE + 1, now);
    bench.one(stand(1, Standing::Held, now)).unwrap();
    assert_eq!(stage(&mut bench, large), Stage::Unapproved);
    bench.one(operate(Change::Approve { withdrawal: large }, now)).unwrap();
    assert_eq!(stage(&mut bench, large), Stage::Held);
    bench.one(stand(1, Standing::Clear, now)).unwrap();
    assert_eq!(batched(&mut bench, 1, now), [large]);
}

fn what_lies_dormant_in_a_held_wallet_stays(make: Make<'_>) {
    let (mut bench, _) = rich(make, &[1]);
    let late = START.plus(400 * DAY_MS);
    bench.one(stand(1, Standing::Held, late)).unwrap();
    assert_eq!(bench.one(pay_dormant(1, 7, 1, late)), Ok(Answer::NotDormant));
}

fn about(bench: &mut Bench, wallet: u8) -> Option<PlayerRecord> {
    let id = wallet_of(wallet).to_string();
    Document::read_one(bench.reader.document(DocumentKind::Player, &id).unwrap()).unwrap()
}

fn why_a_wallet_stands_as_it_does_and_notes_are_kept_and_forgotten(make: Make<'_>) {
    let (mut bench, _) = rich(make, &[1]);
    let (now, wallet) = (START.plus(20_000), wallet_of(1));
    let note = |text: &str| Change::AddNote { wallet, text: text.to_owned() };
    bench.one(operate(note("plays at night"), now)).unwrap();
    bench.one(stand(1, Standing::Held, now)).unwrap();
    assert_eq!(refused(&mut bench, stand(1, Standing::Held, now)), Some(Code::StandingUnchanged));
    let kept = about(&mut bench, 1).unwrap();
    assert_eq!((kept.reason.as_deref(), kept.notes.len()), (Some("to be held"), 1));
    for wrong in ["", " ", "two\nlines"] {
        assert_eq!(refused(&mut bench, operate(note(wrong), now)), Some(Code::InvalidRequest));
    }
    for _ in 1..50 {
        bench.one(operate(note("again"), now)).unwrap();
    }
    assert_eq!(refused(&mut bench, operate(note("too many"), now)), Some(Code::NotesUsedUp));
    assert_eq!(refused(&mut bench, stand(9, Standing::Held, now)), Some(Code::WalletUnknown));
    let forget = operate(Change::ForgetNotes { wallet }, now);
    bench.one(forget.clone()).unwrap();
    let kept = about(&mut bench, 1).unwrap();
    assert_eq!((kept.reason.as_deref(), kept.notes.len()), (Some("to be held"), 0), "it is held still");
    bench.one(stand(1, Standing::Clear, now)).unwrap();
    bench.one(forget.clone()).unwrap();
    assert_eq!(about(&mut bench, 1), None);
    let entries = bench.reader.audit(None, 1_000).unwrap();
    bench.one(forget).unwrap();
    assert_eq!(bench.reader.audit(None, 1_000).unwrap(), entries, "there was nothing to forget");
    assert!(entries.iter().all(|entry| !entry.json.contains("at night")), "what was noted is in no log");
}

/// Asks to approve what a wallet has requested, or confirms that.
fn approve(withdrawal: WithdrawalId, second: Second, now: Timestamp) -> dripline_server::store::Command {
    operate_with(Change::Approve { withdrawal }, second, now)
}

fn ask(id: &str, withdrawal: WithdrawalId) -> Second {
    Second::Ask { id: id.to_owned(), proposed: Box::new(ProposedAction::Approve { withdrawal }) }
}

fn confirms(id: &str) -> Second {
    Second::Confirms { id: id.into() }
}

fn a_large_approval_is_proposed_and_done_once_however_often_it_is_confirmed(make: Make<'_>) {
    let (mut bench, _) = rich(make, &[1]);
    let now = START.plus(20_000);
    let large = requested(&mut bench, 1, SECOND_ABOVE + 1, now);
    let Ok(Answer::Proposed(proposal)) = bench.one(approve(large, ask("a", large), now)) else { panic!() };
    assert_eq!(proposal.amount, Some(Amount::from_units(SECOND_ABOVE + 1)));
    assert_eq!(stage(&mut bench, large), Stage::Unapproved, "nothing has happened yet");
    // Asked again, it is the same proposal.
    assert_eq!(bench.one(approve(large, ask("b", large), now)), Ok(Answer::Proposed(proposal)));
    let both = [approve(large, confirms("a"), now), approve(large, confirms("a"), now)];
    let answers = bench.apply(&both);
    assert!(answers[0].is_ok(), "{answers:?}");
    assert_eq!(answers[1].as_ref().unwrap_err().code(), Code::ProposalEnded);
    assert_eq!(stage(&mut bench, large), Stage::Queued);
    let entry = bench.reader.audit(None, 1).unwrap().remove(0);
    assert!(
        entry.json.contains("withdrawal.approve") && entry.json.contains("\"proposal\""),
        "{}",
        entry.json
    );
    let medium = bench.withdraw(1, 2, APPROVE_ABOVE + 1, 1, now);
    bench.one(medium).unwrap();
    let medium = withdrawal_of(1, 2, now);
    let answer = bench.one(approve(medium, ask("c", medium), now));
    assert!(matches!(answer, Ok(Answer::Requested { .. })), "one operator is enough for this: {answer:?}");
}

fn a_proposal_ends_with_its_day_and_when_it_is_withdrawn(make: Make<'_>) {
    let (mut bench, _) = rich(make, &[1]);
    let now = START.plus(20_000);
    let large = requested(&mut bench, 1, SECOND_ABOVE + 1, now);
    bench.one(approve(large, ask("a", large), now)).unwrap();
    let late = now.plus(DAY_MS);
    assert_eq!(refused(&mut bench, approve(large, confirms("a"), late)), Some(Code::ProposalEnded));
    bench.one(approve(large, ask("b", large), late)).unwrap();
    let withdraw = operate(Change::WithdrawProposal { id: "b".into() }, late);
    let Ok(Answer::Proposed(ended)) = bench.one(withdraw.clone()) else { panic!() };
    assert_eq!(ended.stage(late), ProposalStage::Withdrawn);
    assert_eq!(refused(&mut bench, withdraw), Some(Code::ProposalEnded));
    assert_eq!(refused(&mut bench, approve(large, confirms("b"), late)), Some(Code::ProposalEnded));
    assert_eq!(refused(&mut bench, approve(large, confirms("c"), late)), Some(Code::ProposalUnknown));
    assert_eq!(stage(&mut bench, large), Stage::Unapproved);
    // Those that are long past go.
    let later = now.plus(40 * DAY_MS);
    bench.one(approve(large, ask("d", large), later)).unwrap();
    let kept = bench.reader.documents(DocumentKind::Proposal, "", 10).unwrap();
    assert_eq!(kept.iter().map(|document| &*document.id).collect::<Vec<_>>(), ["d"]);
}

fn wallets_and_rounds_are_told_page_by_page(make: Make<'_>) {
    let (mut bench, _) = rich(make, &[1, 2, 3]);
    let all = bench.reader.newest_wallets(None, 10).unwrap();
    let wallets = |found: &[(u64, dripline_server::store::record::WalletRecord)]| -> Vec<_> {
        found.iter().map(|(_, record)| record.wallet).collect()
    };
    assert_eq!(wallets(&all), [3, 2, 1].map(wallet_of));
    assert_eq!(bench.reader.newest_wallets(None, 2).unwrap(), all[..2]);
    assert_eq!(bench.reader.newest_wallets(Some(all[1].0), 2).unwrap(), all[2..]);
    let mut keys = [1, 2, 3].map(wallet_of);
    keys.sort();
    let between = bench.reader.wallets_between(keys[0], keys[2], 10).unwrap();
    assert_eq!(between.iter().map(|record| record.wallet).collect::<Vec<_>>(), keys);
    assert_eq!(bench.reader.wallets_between(keys[1], keys[1], 10).unwrap(), between[1..2]);
    assert_eq!(bench.reader.wallets_between(keys[0], keys[2], 1).unwrap(), between[..1]);
    let later = START.plus(HOUR_MS);
    let open = bench.open(1, 50, 0, later);
    bench.apply(&[open, end(round_of(1, 50, later), later)]);
    let rounds = bench.reader.rounds_of(wallet_of(1), None, 100).unwrap();
    assert!(rounds.len() > 1 && rounds.windows(2).all(|pair| pair[0].record.id > pair[1].record.id));
    assert!(rounds.iter().any(|facts| facts.claim.is_some()));
    assert_eq!(bench.reader.rounds_of(wallet_of(1), None, 1).unwrap(), rounds[..1]);
    let rest = bench.reader.rounds_of(wallet_of(1), Some(rounds[0].record.id), 100).unwrap();
    assert_eq!(rest, rounds[1..]);
    assert_eq!(bench.reader.rounds_of(wallet_of(9), None, 100).unwrap(), []);
}
