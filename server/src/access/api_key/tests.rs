use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::*;

const NOW: Timestamp = Timestamp(1_800_000_000_000);

fn key() -> ApiKey {
    ApiKey::new(KeyMode::Live, [7; 8], [9; 32])
}

fn record(key: &ApiKey) -> ApiKeyRecord {
    ApiKeyRecord {
        id: key.id(),
        name: "Ada".to_owned(),
        mode: key.mode(),
        role: Role::Owner,
        scopes: None,
        ranges: Vec::new(),
        hash: key.hash(),
        former: None,
        by: By::CommandLine,
        made_at: NOW,
        rotated_by: None,
        rotated_at: NOW,
        expires_at: None,
        used_at: None,
        revoked_at: None,
    }
}

fn home() -> IpAddr {
    "192.0.2.7".parse().unwrap()
}

fn code(record: &ApiKeyRecord, shown: &ApiKey, now: Timestamp) -> Option<(Code, bool)> {
    record.admit(shown, home(), now).err().map(|it| (it.refusal.code(), it.is_known))
}

#[test]
fn a_key_is_written_so_that_it_is_found_in_texts_and_is_read_back() {
    let text = key().to_string();
    assert_eq!(text, format!("dripline_live_{}_{}", "07".repeat(8), "09".repeat(32)));
    assert_eq!(text.parse(), Ok(key()));
    let other = ApiKey::new(KeyMode::Test, [7; 8], [9; 32]);
    assert!(other.to_string().starts_with("dripline_test_"));
    assert_eq!(other.to_string().parse(), Ok(other));
    assert_eq!(format!("{:?}", key()), "ApiKey(0707070707070707)");
    let upper = text.to_uppercase();
    let plus = text.replacen("_07", "_+7", 1);
    for wrong in
        ["", "dripline_live_", &text[1..], &upper, &plus, &format!("{text}0"), &text[..text.len() - 1]]
    {
        assert_eq!(wrong.parse::<ApiKey>(), Err(NotAnApiKey), "{wrong}");
    }
}

#[test]
fn what_is_stored_and_shown_of_a_key_has_no_secret() {
    let stored = serde_json::to_string(&record(&key())).unwrap();
    let shown = serde_json::to_string(&record(&key()).view(NOW)).unwrap();
    for text in [&stored, &shown] {
        assert!(!text.contains(&"09".repeat(32)), "{text}");
    }
    assert!(!shown.contains(&key().hash().to_string()), "{shown}");
}

#[test]
fn a_key_with_another_secret_or_mode_is_wrong_however_the_key_stands() {
    let revoked = ApiKeyRecord { revoked_at: Some(NOW), expires_at: Some(NOW), ..record(&key()) };
    let others = [ApiKey::new(KeyMode::Live, [7; 8], [8; 32]), ApiKey::new(KeyMode::Test, [7; 8], [9; 32])];
    for other in others {
        assert_eq!(code(&record(&key()), &other, NOW), Some((Code::AccessWrong, false)));
        assert_eq!(code(&revoked, &other, NOW), Some((Code::AccessWrong, false)));
    }
}

#[test]
fn a_key_holds_until_it_expires_or_is_revoked() {
    let expiring = ApiKeyRecord { expires_at: Some(NOW.plus(1)), ..record(&key()) };
    assert_eq!(code(&expiring, &key(), NOW), None);
    assert_eq!(code(&expiring, &key(), NOW.plus(1)), Some((Code::AccessExpired, true)));
    let revoked = ApiKeyRecord { revoked_at: Some(NOW), ..expiring };
    assert_eq!(code(&revoked, &key(), NOW), Some((Code::AccessRevoked, true)));
}

#[test]
fn a_key_is_of_use_from_its_networks_alone() {
    let ranges = vec!["192.0.2.0/24".parse().unwrap(), "2001:db8::/32".parse().unwrap()];
    let record = ApiKeyRecord { ranges, ..record(&key()) };
    for (address, holds) in [
        ("192.0.2.255", true),
        ("192.0.3.0", false),
        ("::ffff:192.0.2.9", true),
        ("2001:db8:1::1", true),
        ("2001:db9::1", false),
    ] {
        let admitted = record.admit(&key(), address.parse().unwrap(), NOW);
        assert_eq!(
            admitted.map_err(|it| it.refusal.code()),
            if holds { Ok(()) } else { Err(Code::AccessElsewhere) }
        );
    }
}

#[test]
fn a_former_secret_holds_until_its_time_and_is_told_from_a_wrong_one_after_that() {
    let new = ApiKey::with_secret(KeyMode::Live, &key().id(), [1; 32]).unwrap();
    let former = Some(FormerSecret { hash: key().hash(), until: NOW.plus(10) });
    let record = ApiKeyRecord { former, ..record(&new) };
    assert_eq!(code(&record, &key(), NOW.plus(9)), None);
    assert_eq!(code(&record, &key(), NOW.plus(10)), Some((Code::AccessExpired, true)));
    assert_eq!(code(&record, &new, NOW.plus(10)), None);
    assert_eq!(record.view(NOW).reminders, [KeyReminder::FormerSecretHolds]);
    assert_eq!(record.view(NOW.plus(10)).former_until_ms, None);
}

#[test]
fn somebody_is_reminded_of_old_secrets_and_of_keys_that_end_soon() {
    let record = ApiKeyRecord { expires_at: Some(NOW.plus(ROTATE_AFTER_MS + 5)), ..record(&key()) };
    assert_eq!(record.view(NOW).reminders, []);
    let soon = NOW.plus(ROTATE_AFTER_MS + 5 - EXPIRES_SOON_MS);
    assert_eq!(record.view(soon).reminders, [KeyReminder::ExpiresSoon]);
    let old = NOW.plus(ROTATE_AFTER_MS);
    assert_eq!(record.view(old).reminders, [KeyReminder::Rotate, KeyReminder::ExpiresSoon]);
    assert_eq!(record.view(NOW.plus(ROTATE_AFTER_MS + 5)).reminders, []);
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_key_is_read_back_and_no_two_have_the_same_hash(id: [u8; 8], secret: [u8; 32], other: [u8; 32]) {
        let key = ApiKey::new(KeyMode::Live, id, secret);
        prop_assert_eq!(key.to_string().parse(), Ok(key.clone()));
        prop_assert_eq!(ApiKey::new(KeyMode::Live, id, other).hash() == key.hash(), other == secret);
    }

    #[test]
    fn no_text_is_more_than_no_key(text in "\\PC{0,120}") {
        prop_assert!(text.parse::<ApiKey>().is_err());
    }
}
