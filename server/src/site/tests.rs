use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::*;

const NOW: Timestamp = Timestamp(1_800_000_000_000);

fn key(purpose: SiteKeyUse) -> SiteKey {
    SiteKey { purpose, id: [7; ID_BYTES], secret: [9; SECRET_BYTES] }
}

fn secret() -> SiteKey {
    key(SiteKeyUse::Secret(SiteMode::Live))
}

fn record(key: &SiteKey) -> SiteKeyRecord {
    SiteKeyRecord {
        id: key.id(),
        hash: key.hash(),
        former: None,
        by: By::CommandLine,
        made_at: NOW,
        revoked_at: None,
    }
}

#[test]
fn a_key_is_written_so_that_it_is_found_in_texts_and_is_read_back() {
    let written = |purpose| key(purpose).to_string();
    let rest = format!("{}_{}", "07".repeat(8), "09".repeat(32));
    assert_eq!(written(SiteKeyUse::Secret(SiteMode::Live)), format!("dripline_site_live_{rest}"));
    assert_eq!(written(SiteKeyUse::Secret(SiteMode::Test)), format!("dripline_site_test_{rest}"));
    assert_eq!(written(SiteKeyUse::Statistics), format!("dripline_stats_{rest}"));
    for purpose in SiteKeyUse::ALL {
        assert_eq!(written(purpose).parse(), Ok(key(purpose)));
        assert!(written(purpose).parse::<crate::access::ApiKey>().is_err(), "it is no API key");
    }
    assert_eq!(format!("{:?}", secret()), "SiteKey(0707070707070707)");
    let text = secret().to_string();
    let (upper, plus) = (text.to_uppercase(), text.replacen("_07", "_+7", 1));
    for wrong in ["", "dripline_site_live_", &text[1..], &upper, &plus, &format!("{text}0")] {
        assert_eq!(wrong.parse::<SiteKey>(), Err(NotASiteKey), "{wrong}");
    }
}

#[test]
fn a_key_opens_what_it_is_for_and_nothing_else() {
    let known = record(&secret());
    assert!(known.admits(&secret(), NOW));
    for other in [
        SiteKey { secret: [8; SECRET_BYTES], ..secret() },
        SiteKey { id: [8; ID_BYTES], ..secret() },
        key(SiteKeyUse::Secret(SiteMode::Test)),
        key(SiteKeyUse::Statistics),
    ] {
        assert!(!known.admits(&other, NOW), "{other}");
    }
}

#[test]
fn a_former_secret_holds_until_its_moment_and_neither_does_once_they_are_revoked() {
    let next = SiteKey { secret: [8; SECRET_BYTES], ..secret() };
    let until = NOW.plus(10);
    let former = Some(FormerSecret { hash: secret().hash(), until });
    let rotated = SiteKeyRecord { former, ..record(&next) };
    assert!(rotated.admits(&next, until) && rotated.admits(&secret(), until.minus(1)));
    assert!(!rotated.admits(&secret(), until));
    assert_eq!(rotated.view(NOW).former_until_ms, Some(until));
    assert_eq!(rotated.view(until).former_until_ms, None);
    let revoked = SiteKeyRecord { revoked_at: Some(NOW), ..rotated };
    assert!(!revoked.admits(&next, NOW) && !revoked.admits(&secret(), NOW));
}

#[test]
fn what_is_shown_of_a_key_has_neither_its_secret_nor_its_hash() {
    let shown = serde_json::to_string(&record(&secret()).view(NOW)).unwrap();
    assert!(!shown.contains(&"09".repeat(32)) && !shown.contains(&secret().hash().to_string()), "{shown}");
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_key_is_read_back_as_it_was_written(
        id in any::<[u8; ID_BYTES]>(), secret in any::<[u8; SECRET_BYTES]>(), purpose in 0_usize..3,
    ) {
        let key = SiteKey { purpose: SiteKeyUse::ALL[purpose], id, secret };
        prop_assert_eq!(key.to_string().parse::<SiteKey>(), Ok(key));
    }

    #[test]
    fn no_other_text_is_a_key(text in "(dripline_(site_(live|test)|stats)_)?\\PC{0,100}") {
        prop_assert!(text.parse::<SiteKey>().map_or(true, |key| key.to_string() == text));
    }
}
