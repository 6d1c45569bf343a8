//! Moments and their text. Nothing here reads a clock: `now` is always an argument.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// A moment: whole milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
///
/// On the wire it is a JSON number in a field whose name ends in `_ms`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Timestamp(pub u64);

crate::json_wrapper!(Timestamp);

/// The last moment that this crate writes as text: the end of the year 9999.
pub const TIMESTAMP_MAX: Timestamp = Timestamp(253_402_300_799_999);

/// The milliseconds of a second.
pub const SECOND_MS: u64 = 1_000;
/// The milliseconds of a minute.
pub const MINUTE_MS: u64 = 60_000;
/// The milliseconds of an hour.
pub const HOUR_MS: u64 = 3_600_000;
/// The milliseconds of a day.
pub const DAY_MS: u64 = 86_400_000;

impl Timestamp {
    /// An id that is made at this moment: 48 bits of milliseconds since the epoch, then these bits, so that ids sort by
    /// time.
    pub(crate) fn sortable_id(self, random: [u8; 10]) -> [u8; 16] {
        let mut id = [0_u8; 16];
        let (moment, rest) = id.split_at_mut(6);
        moment.copy_from_slice(self.0.to_be_bytes().split_at(2).1);
        rest.copy_from_slice(&random);
        id
    }

    /// The moment `duration_ms` later, at most [`TIMESTAMP_MAX`].
    #[must_use]
    pub fn plus(self, duration_ms: u64) -> Self {
        Self(self.0.saturating_add(duration_ms)).min(TIMESTAMP_MAX)
    }

    /// The moment `duration_ms` earlier, at least the epoch.
    #[must_use]
    pub fn minus(self, duration_ms: u64) -> Self {
        Self(self.0.saturating_sub(duration_ms))
    }

    /// How many milliseconds have passed since `earlier`; zero where it is later.
    pub fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The number of the UTC day, counted from the epoch.
    pub fn day(self) -> u64 {
        self.0 / DAY_MS
    }
}

/// As RFC 3339 in UTC with milliseconds: `2026-01-31T23:59:59.000Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = UNIX_EPOCH.checked_add(Duration::from_millis((*self).min(TIMESTAMP_MAX).0));
        humantime::format_rfc3339_millis(moment.unwrap_or(UNIX_EPOCH)).fmt(formatter)
    }
}

impl Timestamp {
    /// Reads exactly what [`Display`](fmt::Display) writes; any other spelling of the same moment is refused.
    pub fn parse(text: &str) -> Option<Self> {
        let moment: SystemTime = humantime::parse_rfc3339(text).ok()?;
        let elapsed = moment.duration_since(UNIX_EPOCH).ok()?;
        let timestamp = Self(u64::try_from(elapsed.as_millis()).ok()?);
        (timestamp.to_string() == text).then_some(timestamp)
    }
}
