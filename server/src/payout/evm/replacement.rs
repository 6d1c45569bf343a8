//! What takes the place of what was sent and is not executed. Pure.

/// What is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Nothing: it is not time for that.
    Nothing,
    /// The same as before, for more.
    Dearer,
    /// Something that uses the nonce up and does nothing else, for more.
    Cancel,
}

/// What is wanted of a batch, of which the newest candidate is a cancel or not, and has waited long enough or not.
pub(super) fn wanted(is_cancelled: bool, newest_is_cancel: bool, is_time: impl FnOnce() -> bool) -> Wanted {
    match (is_cancelled, newest_is_cancel) {
        // Whoever cancels does not want to wait.
        (true, false) => Wanted::Cancel,
        _ if is_time() => Wanted::Dearer,
        _ => Wanted::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cancel_comes_at_once_and_the_same_for_more_when_it_is_time() {
        for (is_cancelled, newest_is_cancel, is_time, expected) in [
            (false, false, false, Wanted::Nothing),
            (false, false, true, Wanted::Dearer),
            (true, false, false, Wanted::Cancel),
            (true, false, true, Wanted::Cancel),
            (true, true, false, Wanted::Nothing),
            (true, true, true, Wanted::Dearer),
        ] {
            assert_eq!(wanted(is_cancelled, newest_is_cancel, || is_time), expected);
        }
    }
}
