//! Limits: on counts by GCRA, one timestamp a key; on money by buckets that hold over any window.
//!
//! Both are pure: they take the stored state and `now` and give the new state, or the moment from which it will pass.
//! Whoever stores the new state does so in the transaction of the effect that is limited.

use serde::{Deserialize, Serialize};

use crate::amount::Amount;
use crate::reward::BASIS_POINTS;
use crate::time::{DAY_MS, Timestamp};

/// The longest window or interval of a limit: a year.
pub const WINDOW_MAX_MS: u64 = 366 * DAY_MS;

/// The subject of a refusal by [`Limits::outflow_per_prefix`].
pub const OUTFLOW_PER_PREFIX: &str = "outflow_per_prefix";
/// The subject of a refusal by [`Limits::outflow_newcomers`].
pub const OUTFLOW_NEWCOMERS: &str = "outflow_newcomers";

/// So many at once, and one more every so often: in any time of `n * every_ms`, at most `burst + n` pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CountLimit {
    /// How many may come at once; at least 1.
    pub burst: u32,
    /// After how many milliseconds one more may come; at least 1.
    pub every_ms: u64,
}

impl CountLimit {
    /// Asks for one at `now`. `state` is the theoretical arrival time that was stored last, `None` at first.
    ///
    /// The generic cell rate algorithm (ITU-T I.371): exactly `burst` pass at one moment. Gives the state to store, or
    /// the moment from which it passes.
    pub fn take(&self, state: Option<Timestamp>, now: Timestamp) -> Result<Timestamp, Timestamp> {
        let theoretical = state.unwrap_or(now).max(now);
        let tolerance = self.every_ms.saturating_mul(u64::from(self.burst.saturating_sub(1)));
        let allowed_from = theoretical.minus(tolerance);
        if allowed_from > now { Err(allowed_from) } else { Ok(theoretical.plus(self.every_ms)) }
    }

    /// How many would pass at `now`.
    pub fn left(&self, state: Option<Timestamp>, now: Timestamp) -> u32 {
        let ahead = state.map_or(0, |theoretical| theoretical.since(now));
        let used = ahead.div_ceil(self.every_ms.max(1));
        self.burst.saturating_sub(u32::try_from(used).unwrap_or(u32::MAX))
    }

    /// The limit that lets one pass after each `cooldown_ms`.
    pub const fn cooldown(cooldown_ms: u64) -> Self {
        Self { burst: 1, every_ms: cooldown_ms }
    }
}

/// A ceiling on money: over any window of this length, no more than this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MoneyLimit {
    /// The most that any window lets out.
    pub ceiling: Amount,
    /// The length of the window in milliseconds; at least 1.
    pub window_ms: u64,
}

/// What is stored of a [`MoneyLimit`]: how full the bucket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bucket {
    /// Ledger units in the bucket.
    pub level: Amount,
    /// What was drained beyond whole units: units × milliseconds, below the window's length.
    pub remainder: u64,
    /// When it was last drained.
    pub at: Timestamp,
}

impl MoneyLimit {
    /// What the bucket holds: a quarter of the ceiling. The other three quarters drain over the window, so any window
    /// lets out at most the whole.
    pub fn burst(&self) -> Amount {
        Amount::try_from(u128::from(self.ceiling) / 4).unwrap_or(Amount::ZERO)
    }

    /// Whether this lets out less than `whole`, both at once and in the same time.
    pub fn is_part_of(&self, whole: &Self) -> bool {
        let scaled = |limit: &Self, other: &Self| {
            u128::from(limit.ceiling).saturating_mul(u128::from(other.window_ms))
        };
        self.ceiling < whole.ceiling && scaled(self, whole) < scaled(whole, self)
    }

    /// One of so many equal parts of this limit. All of them together let out what this one would, at most, however what is
    /// in the bucket is distributed among theirs.
    #[must_use]
    pub fn part(&self, parts: u32) -> Self {
        if parts <= 1 {
            return *self;
        }
        // Parts of the burst, so that neither bursts nor rates add up to more.
        let burst = u128::from(self.burst()).checked_div(u128::from(parts)).unwrap_or(0);
        Self { ceiling: Amount::try_from(burst.saturating_mul(4)).unwrap_or(self.ceiling), ..*self }
    }

    /// So many ten-thousandths of this limit, rounded down.
    #[must_use]
    pub fn share(&self, basis_points: u32) -> Self {
        let whole = u128::from(self.ceiling).saturating_mul(u128::from(basis_points));
        let share = whole.checked_div(u128::from(BASIS_POINTS)).unwrap_or(0);
        Self { ceiling: Amount::try_from(share).unwrap_or(Amount::MAX), ..*self }
    }

    /// The units drained in each window.
    fn rate(&self) -> u128 {
        u128::from(self.ceiling).saturating_sub(u128::from(self.burst()))
    }

    /// The bucket at `now`, drained. A clock that went back drains nothing.
    pub fn drained(&self, bucket: Bucket, now: Timestamp) -> Bucket {
        let at = now.max(bucket.at);
        let window = u128::from(self.window_ms.max(1));
        let elapsed = u128::from(at.since(bucket.at));
        // Below 2^63 × 2^64 + 2^64: fits.
        let drained = self.rate().saturating_mul(elapsed).saturating_add(u128::from(bucket.remainder));
        let units = Amount::try_from(drained.checked_div(window).unwrap_or(0)).unwrap_or(Amount::MAX);
        let level = bucket.level.saturating_sub(units);
        let remainder = drained.checked_rem(window).and_then(|rest| u64::try_from(rest).ok()).unwrap_or(0);
        // An empty bucket saves nothing up: otherwise a long calm would let one unit more out.
        Bucket { level, remainder: if level.is_zero() { 0 } else { remainder }, at }
    }

    /// Asks for `amount` at `now`. Gives the bucket to store, or the moment from which it passes: `None` for an amount
    /// above the burst, which never does.
    pub fn take(&self, bucket: Bucket, amount: Amount, now: Timestamp) -> Result<Bucket, Option<Timestamp>> {
        let drained = self.drained(bucket, now);
        match drained.level.checked_add(amount) {
            Some(level) if level <= self.burst() => Ok(Bucket { level, ..drained }),
            _ => Err((amount <= self.burst()).then(|| self.passes_at(drained, amount))),
        }
    }

    /// When a drained bucket will have room for `amount`, which is at most the burst.
    fn passes_at(&self, drained: Bucket, amount: Amount) -> Timestamp {
        let room = self.burst().saturating_sub(amount);
        let excess = u128::from(drained.level.saturating_sub(room));
        let needed =
            excess.saturating_mul(u128::from(self.window_ms)).saturating_sub(u128::from(drained.remainder));
        let wait = match self.rate() {
            0 => u128::from(WINDOW_MAX_MS),
            rate => needed.div_ceil(rate),
        };
        drained.at.plus(u64::try_from(wait).unwrap_or(WINDOW_MAX_MS))
    }
}

/// All limits that an operator sets, but for cooldowns (each level has its own) and campaigns'.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Rounds opened, per wallet.
    pub attempts: CountLimit,
    /// Rounds opened, per network prefix.
    pub opens_per_prefix: CountLimit,
    /// Drips, per wallet.
    pub drips: CountLimit,
    /// Money, per network prefix.
    pub outflow_per_prefix: MoneyLimit,
    /// Money to wallets without history, all together: a crowd of new keys cannot take what the others earn.
    pub outflow_newcomers: MoneyLimit,
    /// Money, all together.
    pub outflow: MoneyLimit,
    /// How long after its first drip a wallet has a history, in milliseconds.
    pub newcomer_ms: u64,
}
