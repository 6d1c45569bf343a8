//! What a batch pays, and as which transaction. Pure.
//!
//! One recipient is paid by a transfer of coins, or a call of the token; more by one call of a contract that pays many. Calls
//! carry the batch's id behind their arguments, where contracts do not look. A transfer of coins carries nothing: data would
//! make it a call of the recipient, if that is a contract.

use dripline_shared::payout::BatchId;

use super::abi::{self, Transfer};
use super::address::Address;
use super::transaction::Action;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Payout {
    /// The token, or the native coin.
    pub(super) token: Option<Address>,
    /// How many decimals it has on the chain.
    pub(super) decimals: u8,
    pub(super) transfers: Vec<Transfer>,
    /// The sum of the transfers.
    pub(super) total: u128,
    disperse: Option<Address>,
}

impl Payout {
    /// A payout to these. `None` where 128 bits do not hold its sum.
    pub(super) fn new(
        token: Option<Address>,
        decimals: u8,
        transfers: Vec<Transfer>,
        disperse: Option<Address>,
    ) -> Option<Self> {
        let total = transfers.iter().try_fold(0_u128, |sum, transfer| sum.checked_add(transfer.amount))?;
        Some(Self { token, decimals, transfers, total, disperse })
    }

    /// The contract that pays many, where it is needed.
    pub(super) fn disperse(&self) -> Option<Address> {
        self.disperse.filter(|_| self.transfers.len() > 1)
    }

    /// Whether it is signed as a call of the token itself.
    pub(super) fn is_call_of_token(&self) -> bool {
        self.token.is_some() && self.transfers.len() == 1
    }

    /// As much to the treasury instead of its one recipient; of many there is none.
    pub(super) fn to_itself(&self, treasury: Address) -> Option<(Self, Action)> {
        let [one] = self.transfers.as_slice() else { return None };
        let transfers = vec![Transfer { to: treasury, ..*one }];
        let payout = Self { transfers, ..self.clone() };
        // What it would be the payout of does not matter: it is never signed.
        let action = payout.action(BatchId([0; 16]))?;
        Some((payout, action))
    }

    /// Who gets it.
    pub(super) fn recipients(&self) -> Vec<Address> {
        self.transfers.iter().map(|transfer| transfer.to).collect()
    }

    /// Whose transfers of the token count as the treasury's.
    pub(super) fn senders(&self, treasury: Address) -> Vec<Address> {
        std::iter::once(treasury).chain(self.disperse).collect()
    }

    /// What is signed. `None` where there are many and no contract that pays many.
    pub(super) fn action(&self, batch: BatchId) -> Option<Action> {
        let mut action = match (self.token, self.transfers.as_slice()) {
            (None, [one]) => return Some(Action { to: one.to, value: one.amount, data: Vec::new() }),
            (Some(token), [one]) => Action { to: token, value: 0, data: abi::transfer(one) },
            (None, many) => {
                Action { to: self.disperse()?, value: self.total, data: abi::disperse_ether(many) }
            }
            (Some(token), many) => {
                Action { to: self.disperse()?, value: 0, data: abi::disperse_token(token, many) }
            }
        };
        action.data.extend(batch.0);
        Some(action)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: Address = Address([2; 20]);
    const DISPERSE: Address = Address([3; 20]);
    const BATCH: BatchId = BatchId([0xba; 16]);

    fn action(token: Option<Address>, recipients: u8, disperse: Option<Address>) -> Option<Action> {
        let transfers = (0..recipients)
            .map(|number| Transfer { to: Address([number + 10; 20]), amount: 500 + u128::from(number) })
            .collect();
        Payout::new(token, 6, transfers, disperse).unwrap().action(BATCH)
    }

    #[test]
    fn one_is_paid_without_the_contract_for_many() {
        for disperse in [None, Some(DISPERSE)] {
            let coins = Action { to: Address([10; 20]), value: 500, data: Vec::new() };
            assert_eq!(action(None, 1, disperse), Some(coins));
            let token = action(Some(TOKEN), 1, disperse).unwrap();
            assert_eq!((token.to, token.value), (TOKEN, 0));
            assert_eq!(token.data.len(), 4 + 2 * 32 + 16);
            assert!(token.data.ends_with(&BATCH.0));
        }
    }

    #[test]
    fn many_are_paid_by_the_contract_for_many_or_not_at_once() {
        let coins = action(None, 3, Some(DISPERSE)).unwrap();
        assert_eq!((coins.to, coins.value), (DISPERSE, 1_503));
        assert!(coins.data.ends_with(&BATCH.0));
        let token = action(Some(TOKEN), 3, Some(DISPERSE)).unwrap();
        assert_eq!((token.to, token.value), (DISPERSE, 0));
        assert!(token.data.ends_with(&BATCH.0));
        assert_eq!(action(None, 2, None), None);
        assert_eq!(action(Some(TOKEN), 2, None), None);
    }

    #[test]
    fn a_sum_that_the_chain_cannot_count_is_none() {
        let transfer = |amount| Transfer { to: TOKEN, amount };
        assert!(Payout::new(None, 18, vec![transfer(u128::MAX), transfer(1)], None).is_none());
    }
}
