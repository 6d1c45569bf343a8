//! A drip that arrived where its player did not see it, and how long it is told of.

use std::rc::Rc;

use dripline_shared::api::Receipt;

/// For how many ticks a drip is told of: six seconds.
const TICKS_TOLD: u32 = 24;

/// What is told of in passing: the drip that arrived last, until it was seen.
#[derive(Default)]
pub(crate) struct News {
    drip: Option<Rc<Receipt>>,
    /// For how many ticks it has been seen, the one in progress included.
    seen: u32,
}

impl News {
    /// A drip arrived, and nothing on the page told of it.
    pub(crate) fn arrived(&mut self, receipt: Rc<Receipt>) {
        *self = Self { drip: Some(receipt), seen: 0 };
    }

    /// The drip that is to be told of.
    pub(crate) fn drip(&self) -> Option<&Receipt> {
        self.drip.as_deref()
    }

    /// The news are on the page, and can be seen.
    pub(crate) fn shown(&mut self) {
        self.seen = self.seen.max(1);
    }

    /// A moment has passed, in which the news could be seen or not. Tells whether they have gone.
    pub(crate) fn tick(&mut self, is_seen: bool) -> bool {
        if self.drip.is_none() || !is_seen {
            return false;
        }
        self.seen += 1;
        let has_gone = self.seen >= TICKS_TOLD;
        if has_gone {
            self.drip = None;
        }
        has_gone
    }

    /// The player goes elsewhere: what was seen is not told again there.
    pub(crate) fn moved(&mut self) {
        if self.seen > 0 {
            self.drip = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use dripline_shared::amount::Amount;
    use dripline_shared::api::OutcomeView;
    use dripline_shared::round::{Hash, RoundId, RoundSecret};
    use dripline_shared::time::Timestamp;
    use dripline_shared::wallet::{Signature, Wallet};

    use super::*;

    fn news() -> News {
        let mut news = News::default();
        news.arrived(Rc::new(Receipt {
            faucet: Hash([0; 32]),
            round: RoundId([1; 16]),
            wallet: Wallet([1; 32]),
            level: "catch-1".to_owned(),
            campaign: "default".to_owned(),
            outcome: OutcomeView { won: true, score: 30, stars: 1, length: 900 },
            base: Amount::from_units(1),
            factors: Vec::new(),
            amount: Amount::from_units(1),
            asset: "DRIP".to_owned(),
            balance: Amount::from_units(1),
            pays_again_at_ms: Timestamp(0),
            transcript: Hash([0; 32]),
            round_secret: RoundSecret([0; 32]),
            claimed_at_ms: Timestamp(0),
            log: None,
            key_id: String::new(),
            signature: Signature([0; 64]),
        }));
        news
    }

    #[test]
    fn a_drip_that_was_seen_is_not_told_of_elsewhere() {
        let mut news = news();
        news.shown();
        news.moved();
        assert!(news.drip().is_none());
    }

    #[test]
    fn a_drip_that_could_not_be_seen_is_told_of_in_the_next_place() {
        let mut news = news();
        for _ in 0..100 {
            assert!(!news.tick(false));
        }
        news.moved();
        assert!(news.drip().is_some());
    }

    #[test]
    fn a_drip_goes_by_itself_once_it_was_to_be_seen_for_long_enough() {
        let mut news = news();
        let ticks = (1..1_000).find(|_| news.tick(true));
        assert_eq!(ticks, Some(TICKS_TOLD));
        assert!(news.drip().is_none());
        assert!(!news.tick(true));
    }
}
