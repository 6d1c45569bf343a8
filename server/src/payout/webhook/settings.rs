//! What an operator says about a rail of a webhook.

use std::time::Duration;

use crate::payout::KeySource;

/// The most withdrawals of a message.
pub const BATCH_MAX: usize = 100;
/// The shortest time that an answer may be given, in milliseconds, and the longest one.
pub const TIMEOUT_MS: (u64, u64) = (1_000, 60_000);
/// How long an answer may take where nothing is said, in milliseconds.
pub const TIMEOUT_DEFAULT_MS: u64 = 15_000;
/// After how long without an end a message is an error in the log at the earliest, in milliseconds, and at the latest: a
/// minute and 30 days.
pub const ALERT_AFTER_MS: (u64, u64) = (60_000, 2_592_000_000);
/// After how long it is one where nothing is said, in milliseconds: an hour.
pub const ALERT_AFTER_DEFAULT_MS: u64 = 3_600_000;

/// What a rail of a webhook is opened with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookSettings {
    /// Where messages are sent to: an `https` address, or `http` on loopback, or `env:NAME` for one that stands in a variable
    /// of the environment.
    pub url: String,
    /// Where the secrets are that messages are signed with.
    pub secret: KeySource,
    /// How long an answer may take in all, within [`TIMEOUT_MS`].
    pub timeout: Duration,
    /// After how long without an end a message is an error in the log, in milliseconds, within [`ALERT_AFTER_MS`].
    pub alert_after_ms: u64,
    /// The most withdrawals of a message, 1 to [`BATCH_MAX`].
    pub batch_max: usize,
    /// The regular expression that the whole of an address matches; `None` takes any word.
    pub address_pattern: Option<String>,
    /// What a player is told to enter, in words; `None` shows the pattern.
    pub address_hint: Option<String>,
}
