//! Luck that evens out: what happens by chance, and yet as often as it should in every round.
//!
//! Whether something happens is drawn like a card from a small deck without putting it back, and a new deck is shuffled
//! when it is empty. When it will happen next stays open, but nobody gets a round with twice as many golden drops as
//! another player: a goal means the same for everyone.

use serde::{Deserialize, Serialize};

use crate::rng::SegmentRng;

/// Cards of a deck.
const CARDS: u8 = 16;

/// Whether something happens, time after time. Part of a game's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Deck {
    /// Cards not drawn yet.
    left: u8,
    /// Those among them on which it happens.
    hits: u8,
    /// What the decks so far were short of, in thousandths of a hit.
    owed: u16,
}

impl Deck {
    /// Draws a card. `per_mille` of all are hits; above 1,000 is as good as 1,000.
    pub(super) fn draw(&mut self, per_mille: u16, rng: &mut SegmentRng) -> bool {
        if self.left == 0 {
            self.shuffle(per_mille);
        }
        let hit = rng.below(self.left.into()) < u32::from(self.hits);
        self.left = self.left.saturating_sub(1);
        self.hits = self.hits.saturating_sub(u8::from(hit));
        hit
    }

    fn shuffle(&mut self, per_mille: u16) {
        let wanted = per_mille.min(1_000).saturating_mul(CARDS.into()).saturating_add(self.owed);
        self.left = CARDS;
        self.hits = u8::try_from(wanted / 1_000).unwrap_or(CARDS);
        self.owed = wanted % 1_000;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::round::Seed;

    #[test]
    fn chance_evens_out() {
        for per_mille in [0, 1, 100, 250, 333, 500, 999, 1_000, u16::MAX] {
            let (mut deck, mut rng) = (Deck::default(), SegmentRng::new(&Seed([5; 32])));
            let mut hits = 0;
            for drawn in 1..=1_600_u32 {
                hits += u32::from(deck.draw(per_mille, &mut rng));
                let fair = drawn * u32::from(per_mille.min(1_000)) / 1_000;
                assert!(hits.abs_diff(fair) <= 8, "{hits} of {drawn} at {per_mille}");
            }
            assert_eq!(hits, 1_600 * u32::from(per_mille.min(1_000)) / 1_000);
        }
    }

    #[test]
    fn when_it_happens_stays_open() {
        let draws = |number| {
            let (mut deck, mut rng) = (Deck::default(), SegmentRng::new(&Seed([number; 32])));
            (0..16).map(|_| deck.draw(300, &mut rng)).collect::<Vec<_>>()
        };
        let first: std::collections::BTreeSet<_> = (0..50).map(draws).collect();
        assert!(first.len() > 40, "{}", first.len());
    }
}
