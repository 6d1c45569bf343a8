//! Which withdrawal is looked at again, and when: those that are not final change without the player's doing.

use dripline_shared::api::WithdrawalView;
use dripline_shared::payout::WithdrawalId;
use dripline_shared::time::Timestamp;

use crate::state::backoff::Backoff;

/// The first wait, in milliseconds.
const FIRST_MS: u32 = 1_500;
/// The longest wait, in milliseconds.
const LONGEST_MS: u32 = 20_000;

/// Looks after the withdrawals of a list, one at a time. Goes by a clock that never jumps.
#[derive(Debug, Clone)]
pub(crate) struct Watch {
    backoff: Backoff,
    /// When the next look is due; none while an answer is waited for.
    due_at: Option<Timestamp>,
    /// Which one was looked at last.
    last: Option<WithdrawalId>,
}

impl Default for Watch {
    fn default() -> Self {
        Self { backoff: Backoff::between(FIRST_MS, LONGEST_MS), due_at: Some(Timestamp(0)), last: None }
    }
}

impl Watch {
    /// The one to look at now, if there is one: each that is not final in its turn, those after the last one first.
    pub(crate) fn due(&mut self, withdrawals: &[WithdrawalView], now: Timestamp) -> Option<WithdrawalId> {
        if self.due_at.is_none_or(|due_at| due_at > now) {
            return None;
        }
        let open = || withdrawals.iter().filter(|view| !view.state.is_final()).map(|view| view.id);
        let next = open().find(|id| self.last.is_some_and(|last| *id < last)).or_else(|| open().next())?;
        self.last = Some(next);
        self.due_at = None;
        Some(next)
    }

    /// A look was answered, or was not. Where something has changed, more may soon.
    pub(crate) fn looked(&mut self, has_changed: bool, now: Timestamp) {
        if has_changed {
            *self = Self { last: self.last, ..Self::default() };
        }
        self.due_at = Some(now.plus(u64::from(self.backoff.next(0))));
    }
}

/// Puts what was told of a withdrawal into a list. Tells whether it stands otherwise than before.
pub(crate) fn put(withdrawals: &mut Vec<WithdrawalView>, told: WithdrawalView) -> bool {
    match withdrawals.iter_mut().find(|view| view.id == told.id) {
        // An answer that was under way for long may tell of before.
        Some(known) if known.state.is_final() => false,
        Some(known) => {
            let has_changed = (known.state, known.ahead) != (told.state, told.ahead);
            *known = told;
            has_changed
        }
        None => {
            let place = withdrawals.iter().take_while(|view| view.id > told.id).count();
            withdrawals.insert(place, told);
            true
        }
    }
}

#[cfg(test)]
mod tests {
    use dripline_shared::amount::Amount;
    use dripline_shared::payout::WithdrawalState;
    use dripline_shared::wallet::Wallet;

    use super::*;

    fn withdrawal(id: u8, state: WithdrawalState) -> WithdrawalView {
        WithdrawalView {
            id: WithdrawalId([id; 16]),
            wallet: Wallet([1; 32]),
            rail: "sandbox".to_owned(),
            asset: "DRIP".to_owned(),
            amount: Amount::from_units(50_000),
            fee: Amount::ZERO,
            address: "there".to_owned(),
            state,
            requested_at_ms: Timestamp(0),
            ahead: None,
            ended_at_ms: None,
            transaction: None,
            reason: None,
            server_time_ms: Timestamp(0),
        }
    }

    fn ids(watch: &mut Watch, list: &[WithdrawalView], looks: u32) -> Vec<Option<u8>> {
        let mut now = Timestamp(0);
        let mut look = || {
            now = now.plus(60_000);
            let id = watch.due(list, now);
            if id.is_some() {
                watch.looked(false, now);
            }
            id.map(|id| id.0[0])
        };
        (0..looks).map(|_| look()).collect()
    }

    #[test]
    fn every_withdrawal_that_is_not_final_has_its_turn_and_no_other_one() {
        let list = [
            withdrawal(9, WithdrawalState::Queued),
            withdrawal(7, WithdrawalState::Paid),
            withdrawal(5, WithdrawalState::Sending),
            withdrawal(3, WithdrawalState::Queued),
        ];
        assert_eq!(ids(&mut Watch::default(), &list, 4), [Some(9), Some(5), Some(3), Some(9)]);
        assert_eq!(ids(&mut Watch::default(), &list[1..2], 2), [None, None]);
        assert_eq!(ids(&mut Watch::default(), &[], 1), [None]);
    }

    #[test]
    fn looks_become_rarer_until_something_changes_and_one_is_answered_before_the_next() {
        let list = [withdrawal(9, WithdrawalState::Queued)];
        let (mut watch, mut now) = (Watch::default(), Timestamp(100_000));
        let mut waits = Vec::new();
        for look in 0..7 {
            assert!(watch.due(&list, now).is_some());
            assert_eq!(watch.due(&list, now.plus(60_000)), None, "it is asked for already");
            watch.looked(look == 5, now);
            let wait = (0..).step_by(500).find(|wait| watch.clone().due(&list, now.plus(*wait)).is_some());
            waits.push(wait.unwrap());
            now = now.plus(60_000);
        }
        assert_eq!(waits, [1_500, 3_000, 6_000, 12_000, 20_000, 1_500, 3_000]);
    }

    #[test]
    fn what_is_told_of_a_withdrawal_takes_its_place_and_never_undoes_its_end() {
        let mut list = Vec::new();
        for id in [5, 9, 7] {
            assert!(put(&mut list, withdrawal(id, WithdrawalState::Queued)));
        }
        let order: Vec<_> = list.iter().map(|view| view.id.0[0]).collect();
        assert_eq!(order, [9, 7, 5]);
        assert!(!put(&mut list, withdrawal(7, WithdrawalState::Queued)), "nothing new");
        assert!(put(&mut list, withdrawal(7, WithdrawalState::Paid)));
        assert!(!put(&mut list, withdrawal(7, WithdrawalState::Sending)), "a late answer");
        assert_eq!(list[1].state, WithdrawalState::Paid);
    }
}
