//! Moments: one text for one moment, and arithmetic that stays within what can be written.

use dripline_shared::time::{DAY_MS, TIMESTAMP_MAX, Timestamp};
use proptest::prelude::*;

use crate::support::{config, moments};

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_moment_reads_back_from_its_text(moment in moments()) {
        prop_assert_eq!(Timestamp::parse(&moment.to_string()), Some(moment));
    }

    #[test]
    fn later_moments_have_later_texts(one in moments(), other in moments()) {
        prop_assert_eq!(one.cmp(&other), one.to_string().cmp(&other.to_string()));
    }

    #[test]
    fn a_text_that_is_a_moment_is_the_text_of_that_moment(
        text in "[0-9]{4}-[01][0-9]-[0-3][0-9][Tt ][0-2][0-9]:[0-5][0-9]:[0-6][0-9](\\.[0-9]{1,4})?(Z|z|\\+00:00)?|\\PC{0,30}",
    ) {
        if let Some(moment) = Timestamp::parse(&text) {
            prop_assert_eq!(moment.to_string(), text);
        }
    }

    #[test]
    fn going_forth_and_back_ends_where_it_began(moment in moments(), duration in any::<u64>()) {
        let later = moment.plus(duration);
        prop_assert!(later >= moment && later <= TIMESTAMP_MAX);
        if later < TIMESTAMP_MAX {
            prop_assert_eq!(later.minus(duration), moment);
            prop_assert_eq!(later.since(moment), duration);
        }
        prop_assert_eq!(moment.since(later), 0);
    }
}

#[test]
fn other_spellings_of_a_moment_are_refused() {
    assert_eq!(Timestamp::parse("2026-01-31T23:59:59.000Z"), Some(Timestamp(1_769_903_999_000)));
    for text in [
        "2026-01-31T23:59:59Z",
        "2026-01-31T23:59:59.0Z",
        "2026-01-31t23:59:59.000z",
        "2026-01-31 23:59:59.000Z",
        "2026-01-31T23:59:59.000",
        "2026-01-31T23:59:59.000+00:00",
        "2026-01-31T23:59:60.000Z",
        "2026-02-30T00:00:00.000Z",
        "1969-12-31T23:59:59.000Z",
        "10000-01-01T00:00:00.000Z",
        " 2026-01-31T23:59:59.000Z",
        "2026-01-31T23:59:59.000Z\n",
        "",
    ] {
        assert_eq!(Timestamp::parse(text), None, "{text:?}");
    }
}

#[test]
fn days_are_counted_in_utc_from_the_epoch() {
    assert_eq!(Timestamp(0).day(), 0);
    assert_eq!(Timestamp(DAY_MS - 1).day(), 0);
    assert_eq!(Timestamp(DAY_MS).day(), 1);
    assert_eq!(TIMESTAMP_MAX.to_string(), "9999-12-31T23:59:59.999Z");
}
