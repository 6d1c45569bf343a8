//! What a token moved, by the events of a transaction: ERC-20 obliges it to tell each transfer. Pure.
//!
//! A token that answers `false`, or nothing, tells by this alone whether it has moved anything. How much arrived is not
//! compared with what was sent: some tokens keep a part of every transfer, which is between them and whoever holds them.

use super::abi;
use super::address::Address;
use super::hex::Word;

/// An event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Event {
    /// The contract that tells it.
    pub(super) contract: Address,
    pub(super) topics: Vec<Word>,
    pub(super) data: Vec<u8>,
}

/// How much of a payout a token has moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moved {
    /// Something to each recipient.
    All,
    /// Nothing to any of them.
    Nothing,
    /// Something to some of them.
    Some,
}

impl Event {
    /// Who got more than nothing from one of these senders, if it tells that.
    fn recipient(&self, token: Address, senders: &[Address]) -> Option<Address> {
        let [topic, from, to] = self.topics.as_slice() else { return None };
        let amount = Word(self.data.as_slice().try_into().ok()?).number();
        let from = Address::of_word(from)?;
        let is_it = self.contract == token && *topic == abi::transfer_event() && amount > 0;
        Address::of_word(to).filter(|_| is_it && senders.contains(&from))
    }
}

/// What `token` moved from one of `senders` to these recipients, each of whom is to get as many transfers as they are named.
pub(super) fn moved(events: &[Event], token: Address, senders: &[Address], recipients: &[Address]) -> Moved {
    let mut got: Vec<Address> = events.iter().filter_map(|event| event.recipient(token, senders)).collect();
    let mut missing = 0_usize;
    for recipient in recipients {
        match got.iter().position(|other| other == recipient) {
            Some(place) => drop(got.swap_remove(place)),
            None => missing = missing.saturating_add(1),
        }
    }
    match missing {
        0 => Moved::All,
        _ if missing == recipients.len() => Moved::Nothing,
        _ => Moved::Some,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: Address = Address([7; 20]);
    const TREASURY: Address = Address([8; 20]);

    fn event(from: Address, to: u8, amount: u128) -> Event {
        let topics = vec![abi::transfer_event(), from.word(), Address([to; 20]).word()];
        Event { contract: TOKEN, topics, data: Word::from(amount).0.to_vec() }
    }

    fn moved_to(events: &[Event], recipients: &[u8]) -> Moved {
        let recipients: Vec<Address> = recipients.iter().map(|byte| Address([*byte; 20])).collect();
        moved(events, TOKEN, &[TREASURY], &recipients)
    }

    #[test]
    fn a_transfer_to_each_recipient_is_all_of_it_whatever_arrived() {
        let events = [event(TREASURY, 1, 100), event(TREASURY, 2, 1), event(TREASURY, 9, 5)];
        assert_eq!(moved_to(&events, &[1, 2]), Moved::All);
        assert_eq!(moved_to(&events, &[2, 1]), Moved::All);
        assert_eq!(moved_to(&events, &[1, 2, 3]), Moved::Some);
        assert_eq!(moved_to(&events, &[3]), Moved::Nothing);
    }

    #[test]
    fn who_is_paid_twice_is_to_be_told_of_twice() {
        let once = [event(TREASURY, 1, 100)];
        assert_eq!(moved_to(&once, &[1, 1]), Moved::Some);
        assert_eq!(moved_to(&[once.clone(), once].concat(), &[1, 1]), Moved::All);
    }

    #[test]
    fn what_others_tell_or_what_is_told_of_others_does_not_count() {
        let good = event(TREASURY, 1, 100);
        let other_contract = Event { contract: Address([6; 20]), ..good.clone() };
        let other_topic =
            Event { topics: vec![Word([1; 32]), good.topics[1], good.topics[2]], ..good.clone() };
        let fewer_topics = Event { topics: good.topics[..2].to_vec(), ..good.clone() };
        let torn = Event { data: vec![0; 31], ..good.clone() };
        let nothing = event(TREASURY, 1, 0);
        let of_another = event(Address([5; 20]), 1, 100);
        for event in [other_contract, other_topic, fewer_topics, torn, nothing, of_another] {
            assert_eq!(moved_to(std::slice::from_ref(&event), &[1]), Moved::Nothing, "{event:?}");
        }
        assert_eq!(moved_to(&[good], &[1]), Moved::All);
    }

    #[test]
    fn what_went_through_the_contract_for_many_counts() {
        let contract = Address([9; 20]);
        let events = [event(TREASURY, 9, 300), event(contract, 1, 100), event(contract, 2, 200)];
        let recipients = [Address([1; 20]), Address([2; 20])];
        assert_eq!(moved(&events, TOKEN, &[TREASURY, contract], &recipients), Moved::All);
        assert_eq!(moved(&events, TOKEN, &[TREASURY], &recipients), Moved::Nothing);
    }
}
