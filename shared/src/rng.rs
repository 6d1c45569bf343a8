//! The randomness of a segment: ChaCha8 over a 32-byte seed, and draws that are the same everywhere, for ever.
//!
//! Only `from_seed` and `next_u32` of `rand_chacha` are used: its word stream is fixed by the cipher, while the
//! distributions of the `rand` crates may change between versions. Golden vectors in `tests/golden` hold it.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::round::Seed;

/// The random numbers of one segment (or of one bot).
#[derive(Debug, Clone)]
pub struct SegmentRng(ChaCha8Rng);

impl SegmentRng {
    /// Starts the stream of `seed`.
    pub fn new(seed: &Seed) -> Self {
        Self(ChaCha8Rng::from_seed(seed.0))
    }

    /// The next 32 bits.
    pub fn next_u32(&mut self) -> u32 {
        self.0.next_u32()
    }

    /// A number in `0..bound`, every one equally likely; 0 where `bound` is 0 or 1 (which draws nothing).
    ///
    /// Lemire's multiply-and-reject ("Fast Random Integer Generation in an Interval", 2019), on 32 bits.
    pub fn below(&mut self, bound: u32) -> u32 {
        if bound <= 1 {
            return 0;
        }
        // The number of low words that would make some results likelier: 2^32 mod bound.
        let rejected = bound.wrapping_neg().checked_rem(bound).unwrap_or(0);
        loop {
            let product = u64::from(self.next_u32()).wrapping_mul(u64::from(bound));
            let [b0, b1, b2, b3, b4, b5, b6, b7] = product.to_le_bytes();
            if u32::from_le_bytes([b0, b1, b2, b3]) >= rejected {
                return u32::from_le_bytes([b4, b5, b6, b7]);
            }
        }
    }

    /// Whether an event of probability `per_mille` ÷ 1000 happens.
    pub fn chance(&mut self, per_mille: u32) -> bool {
        self.below(1_000) < per_mille
    }

    /// Shuffles in place (Fisher–Yates, from the end).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        let mut end = u32::try_from(items.len()).unwrap_or(u32::MAX);
        while end > 1 {
            let chosen = usize::try_from(self.below(end)).unwrap_or(0);
            end = end.saturating_sub(1);
            items.swap(chosen, usize::try_from(end).unwrap_or(0));
        }
    }

    /// One of `items`, every one equally likely; `None` of nothing.
    pub fn choose<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let bound = u32::try_from(items.len()).ok()?;
        items.get(usize::try_from(self.below(bound)).ok()?)
    }
}
