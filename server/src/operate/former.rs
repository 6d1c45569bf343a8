//! Secrets that others have replaced, of keys and of sites: they hold on for a while, so that programs can be told the new one.

use dripline_shared::round::Hash;
use dripline_shared::time::{DAY_MS, Timestamp};

use super::of_field;
use crate::access::FormerSecret;
use crate::refusal::Refusal;

/// The longest time that a former secret may hold, in milliseconds.
pub const OVERLAP_MAX_MS: u64 = 7 * DAY_MS;
/// How long it holds where nothing is said.
pub const OVERLAP_DEFAULT_MS: u64 = DAY_MS;

/// The secret with this hash, as one that was replaced just now and holds for so long.
pub(super) fn former(hash: Hash, overlap_ms: Option<u64>, now: Timestamp) -> Result<FormerSecret, Refusal> {
    let overlap = overlap_ms.unwrap_or(OVERLAP_DEFAULT_MS);
    if overlap > OVERLAP_MAX_MS {
        return Err(of_field("overlap_ms", format!("expected at most {OVERLAP_MAX_MS}")));
    }
    Ok(FormerSecret { hash, until: now.plus(overlap) })
}
