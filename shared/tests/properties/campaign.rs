//! Campaigns: their time, what they are funded with, and how their budget is spread.

use std::collections::BTreeSet;

use dripline_shared::amount::Amount;
use dripline_shared::campaign::{
    Audience, BOOST_MAX, CAMPAIGN_NAME_MAX, CLAIMS_AFTER_MS, Campaign, CampaignStage, DripRange, PACING_MIN,
    paced, pacing_factor,
};
use dripline_shared::catalog::Catalog;
use dripline_shared::limit::{Bucket, MoneyLimit, WINDOW_MAX_MS};
use dripline_shared::reward::BASIS_POINTS;
use dripline_shared::round::Timing;
use dripline_shared::time::{DAY_MS, HOUR_MS, TIMESTAMP_MAX, Timestamp};
use proptest::prelude::*;

use crate::support::config;

const START: Timestamp = Timestamp(20_000 * DAY_MS);

fn units(units: u64) -> Amount {
    Amount::try_from(u128::from(units)).expect("units of an amount")
}

/// The catalog of a first run with another campaign, changed like this.
fn with(change: impl FnOnce(&mut Campaign)) -> Catalog {
    let mut catalog = Catalog::first_run();
    let mut summer = Campaign { id: "summer".to_owned(), ..catalog.campaigns[0].clone() };
    change(&mut summer);
    catalog.campaigns.push(summer);
    catalog
}

#[track_caller]
fn names(field: &str, change: impl FnOnce(&mut Campaign)) {
    let found = with(change).validate().err().unwrap_or_default();
    let fields: BTreeSet<String> = found.into_iter().map(|error| error.field).collect();
    assert_eq!(fields, BTreeSet::from([format!("campaigns[1].{field}")]));
}

fn dated(campaign: &mut Campaign) {
    (campaign.starts_ms, campaign.ends_ms) = (Some(START), Some(START.plus(7 * DAY_MS)));
}

fn full(campaign: &mut Campaign) {
    dated(campaign);
    campaign.name = Some("Summer, for newcomers".to_owned());
    campaign.levels = Some(vec!["catch-1".to_owned(), "merge-2".to_owned()]);
    campaign.boost = Some(15_000);
    campaign.pacing = true;
    campaign.newcomers = Some(5_000);
    campaign.audience = Audience::NewWallets { within_ms: DAY_MS };
}

#[test]
fn a_campaign_that_says_nothing_else_is_written_as_it_always_was() {
    let campaign = &Catalog::first_run().campaigns[0];
    let old =
        r#"{"id":"default","budget":"2000000000","outflow":{"ceiling":"100000000","window_ms":3600000}}"#;
    assert_eq!(serde_json::to_string(campaign).unwrap(), old);
    assert_eq!(serde_json::from_str::<Campaign>(old).unwrap(), *campaign);
}

#[test]
fn a_campaign_with_every_setting_is_sound_and_reads_back() {
    let catalog = with(full);
    assert_eq!(catalog.validate(), Ok(()));
    let json = serde_json::to_string(&catalog).unwrap();
    assert!(json.contains(r#""audience":{"new_wallets":{"within_ms":86400000}}"#), "{json}");
    assert_eq!(serde_json::from_str::<Catalog>(&json).unwrap(), catalog);
    assert_ne!(catalog.version(), with(dated).version());
}

#[test]
fn a_mistake_in_a_setting_of_a_campaign_is_named() {
    names("name", |it| it.name = Some(String::new()));
    names("name", |it| it.name = Some("x".repeat(CAMPAIGN_NAME_MAX + 1)));
    names("name", |it| it.name = Some("one\ntwo".to_owned()));
    names("ends_ms", |it| (it.starts_ms, it.ends_ms) = (Some(START), Some(START)));
    names("ends_ms", |it| (it.starts_ms, it.ends_ms) = (Some(START), Some(START.minus(1))));
    names("starts_ms", |it| it.starts_ms = Some(TIMESTAMP_MAX));
    names("ends_ms", |it| it.ends_ms = Some(TIMESTAMP_MAX));
    names("levels", |it| it.levels = Some(Vec::new()));
    names("levels[1]", |it| it.levels = Some(vec!["catch-1".to_owned(), "catch-9".to_owned()]));
    names("levels[1]", |it| it.levels = Some(vec!["catch-1".to_owned(), "catch-1".to_owned()]));
    names("boost", |it| it.boost = Some(BASIS_POINTS - 1));
    names("newcomers", |it| it.newcomers = Some(BASIS_POINTS));
    names("audience", |it| it.audience = Audience::NewWallets { within_ms: 0 });
    names("audience", |it| it.audience = Audience::NewWallets { within_ms: WINDOW_MAX_MS + 1 });
    names("pacing", |it| it.pacing = true);
    names("pacing", |it| (it.ends_ms, it.pacing) = (Some(START), true));
    // Over a year, what goes out in an hour is less than four of the largest drips.
    names("pacing", |it| {
        (it.starts_ms, it.ends_ms, it.pacing) = (Some(START), Some(START.plus(WINDOW_MAX_MS)), true);
    });
    // So large a boost makes drips that do not fit, and nothing fits through no share at all.
    for (field, wrong) in [
        ("campaigns[1].boost", with(|it| it.boost = Some(BOOST_MAX + 1))),
        ("campaigns[1].newcomers", with(|it| it.newcomers = Some(0))),
    ] {
        let found = wrong.validate().unwrap_err();
        assert!(found.iter().any(|error| error.field == field), "{field}: {found:?}");
    }
}

#[test]
fn the_largest_drip_with_its_boost_must_fit_through_every_burst_that_it_has_to_pass() {
    // The base of the level is a tenth of a burst, so that tenfold fits exactly.
    let catalog = |ceiling: u64, boost, level: &str| {
        let mut catalog = with(|campaign| {
            campaign.boost = Some(boost);
            campaign.levels = Some(vec![level.to_owned()]);
            campaign.newcomers = Some(5_000);
            campaign.outflow.ceiling = units(ceiling);
        });
        catalog.rewards.drip_max = Amount::MAX;
        let largest = catalog.rewards.largest_drip(&catalog.levels[0], 20_000);
        (catalog, u64::try_from(largest.units()).unwrap())
    };
    let (_, largest) = catalog(1, 20_000, "catch-1");
    let fields = |catalog: &Catalog| -> Vec<String> {
        catalog.validate().err().unwrap_or_default().into_iter().map(|error| error.field).collect()
    };
    // A quarter of half of the ceiling is the burst of the share for newcomers.
    assert_eq!(fields(&catalog(8 * largest, 20_000, "catch-1").0), Vec::<String>::new());
    assert_eq!(fields(&catalog(8 * largest - 8, 20_000, "catch-1").0), ["levels[0].base"]);
    assert_eq!(fields(&catalog(8 * largest - 8, BASIS_POINTS, "catch-1").0), Vec::<String>::new());
    // What a campaign does not pay for need not fit.
    let mut small = catalog(8 * largest - 8, 20_000, "catch-1").0;
    small.campaigns[1].levels = Some(vec!["merge-1".to_owned()]);
    assert!(!fields(&small).contains(&"levels[0].base".to_owned()));
}

#[test]
fn no_round_takes_longer_than_what_is_waited_for_after_an_end() {
    for level in Catalog::first_run().levels {
        let expires = Timing::of(&level).expires_at(START);
        assert!(expires.since(START) + DAY_MS <= CLAIMS_AFTER_MS, "{}", level.id);
    }
}

#[test]
fn a_campaign_has_started_at_its_start_and_has_ended_at_its_end() {
    let catalog = with(dated);
    let summer = &catalog.campaigns[1];
    let end = summer.ends_ms.unwrap();
    let over = end.plus(CLAIMS_AFTER_MS);
    for (now, stage) in [
        (Timestamp(0), CampaignStage::Waiting),
        (START.minus(1), CampaignStage::Waiting),
        (START, CampaignStage::Running),
        (end.minus(1), CampaignStage::Running),
        (end, CampaignStage::Ending),
        (over, CampaignStage::Ending),
        (over.plus(1), CampaignStage::Over),
        (TIMESTAMP_MAX, CampaignStage::Over),
    ] {
        assert_eq!(summer.stage(now), stage, "{now}");
    }
    assert_eq!(catalog.campaigns[0].stage(Timestamp(0)), CampaignStage::Running);
    assert_eq!(catalog.campaigns[0].stage(TIMESTAMP_MAX), CampaignStage::Running);
}

#[test]
fn only_a_campaign_with_dates_ends_because_its_budget_is_used_up() {
    let range = DripRange { least: units(10), largest: units(50) };
    let (plain, dated) = (Catalog::first_run(), with(dated));
    assert!(!plain.campaigns[0].is_used_up(units(0), range));
    assert!(dated.campaigns[1].is_used_up(units(9), range));
    assert!(!dated.campaigns[1].is_used_up(units(10), range));
}

/// A paced campaign: how long it runs, its window, its budget in largest drips, its ceiling in its pace.
fn paced_campaigns() -> impl Strategy<Value = (Campaign, DripRange)> {
    (1_u64..60, 1_u64..48, 200_u64..5_000, 1_u64..20, 1_u64..1_000).prop_map(
        |(days, hours, drips, more, largest)| {
            let (time, window_ms) = (days * DAY_MS, hours.min(days * 24) * HOUR_MS);
            // So large that its pace lets four of the largest drips out in a window at least.
            let drips = drips.max(4 * time.div_ceil(window_ms) + 4);
            let budget = units(drips * largest);
            let pace = drips * largest * window_ms / time;
            let outflow = MoneyLimit { ceiling: units(pace * more), window_ms };
            let mut campaign = Campaign::plain("paced", budget, outflow);
            (campaign.starts_ms, campaign.ends_ms) = (Some(START), Some(START.plus(time)));
            campaign.pacing = true;
            (campaign, DripRange { least: units(1), largest: units(largest) })
        },
    )
}

/// What a crowd takes that asks for the largest drip as often as this, in parts of the window: when, how much, at which
/// ceiling, and what was left after it.
fn crowd(campaign: &Campaign, range: DripRange, asks: u64) -> Vec<(Timestamp, u64, u64, u64)> {
    let (mut left, mut bucket, mut taken) = (campaign.budget, Bucket::default(), Vec::new());
    let end = campaign.ends_ms.expect("a paced campaign has an end");
    let step = (campaign.outflow.window_ms / asks).max(end.since(START) / 4_000).max(1);
    let mut now = START;
    while now < end {
        // Everybody at once, until nothing fits.
        for _ in 0..64 {
            let limit = campaign.limits(left, range, now).outflow;
            let factor = pacing_factor(limit.burst(), limit.drained(bucket, now).level);
            let drip = u128::from(range.largest) * u128::from(factor) / u128::from(BASIS_POINTS);
            let drip = Amount::try_from(drip).expect("at most the largest");
            let Ok(next) = limit.take(bucket, drip, now) else { break };
            if drip.is_zero() || drip > left {
                break;
            }
            (left, bucket) = (left.saturating_sub(drip), next);
            let units = |amount: Amount| amount.units().unsigned_abs();
            taken.push((now, units(drip), units(limit.ceiling), units(left)));
        }
        now = now.plus(step);
    }
    taken
}

proptest! {
    #![proptest_config(ProptestConfig { cases: config().cases / 4 + 1, ..config() })]

    #[test]
    fn over_any_window_a_paced_campaign_pays_at_most_its_pace((campaign, range) in paced_campaigns(), asks in 1_u64..40) {
        let taken = crowd(&campaign, range, asks);
        for (first, (from, ..)) in taken.iter().enumerate() {
            let window = taken[first..].iter().take_while(|(at, ..)| at.since(*from) <= campaign.outflow.window_ms);
            let paid: u64 = window.clone().map(|(_, drip, ..)| drip).sum();
            let pace = window.map(|(_, _, ceiling, _)| *ceiling).max().unwrap();
            prop_assert!(paid <= pace, "{paid} of {pace} from {from}");
        }
    }

    #[test]
    fn however_many_ask_a_paced_budget_lasts_until_the_end((campaign, range) in paced_campaigns(), asks in 1_u64..40) {
        let (budget, end) = (u128::from(campaign.budget), campaign.ends_ms.unwrap());
        let time = u128::from(end.since(START));
        let window = u128::from(campaign.outflow.window_ms);
        for (at, _, _, left) in crowd(&campaign, range, asks) {
            let time_left = u128::from(end.since(at));
            if time_left >= window {
                // Its part of the budget, less a burst of the beginning and what is lost by rounding.
                let part = budget * time_left / time;
                let burst = budget * window / time / 4;
                let slack = burst * time_left / time + u128::from(range.largest) + 4;
                prop_assert!(u128::from(left) + slack >= part, "{left} of {part} at {at}");
            }
        }
    }

    #[test]
    fn a_pace_is_never_more_than_the_ceiling_nor_than_the_part_of_the_time(
        left in 0..=u64::MAX / 2,
        ceiling in 0..=u64::MAX / 2,
        window_ms in 1..=WINDOW_MAX_MS,
        time_left in 0..=WINDOW_MAX_MS,
    ) {
        let outflow = MoneyLimit { ceiling: units(ceiling), window_ms };
        let pace = paced(outflow, units(left), time_left);
        prop_assert_eq!(pace.window_ms, window_ms);
        prop_assert!(pace.ceiling <= outflow.ceiling && pace.ceiling <= units(left));
        let (share, time) = (u128::from(left) * u128::from(window_ms), u128::from(time_left.max(window_ms)));
        prop_assert!(u128::from(pace.ceiling) * time <= share);
        prop_assert!(pace.ceiling == outflow.ceiling || (u128::from(pace.ceiling) + 1) * time > share);
    }

    #[test]
    fn a_fuller_bucket_never_pays_more_and_what_it_pays_fits(burst in 0..=u64::MAX / 2, level in 0..=u64::MAX / 2, part in 0..=5_000_u32) {
        let (burst, level) = (units(burst), units(level.min(burst)));
        let factor = pacing_factor(burst, level);
        prop_assert!((PACING_MIN..=BASIS_POINTS).contains(&factor));
        let more = level.checked_add(units(1)).unwrap().min(burst);
        prop_assert!(pacing_factor(burst, more) <= factor);
        // A drip of at most half of the burst, at a factor above the least.
        let drip = u128::from(burst) * u128::from(part) / 10_000;
        if factor > PACING_MIN {
            prop_assert!(drip * u128::from(factor) / 10_000 <= u128::from(burst.saturating_sub(level)));
        }
    }

    #[test]
    fn parts_of_a_paced_campaign_let_out_no_more_than_the_whole((campaign, range) in paced_campaigns(), parts in 1_u32..8, at in 0_u64..60 * DAY_MS, left in 0_u64..10_000) {
        let (now, budget) = (START.plus(at), u128::from(campaign.budget));
        let left = Amount::try_from(budget * u128::from(left) / 10_000).unwrap();
        let whole = campaign.limits(left, range, now).outflow.ceiling;
        let each = units(left.units().unsigned_abs() / u64::from(parts));
        let part = campaign.limits_of_part(each, parts, now).outflow.ceiling;
        prop_assert!(u128::from(part) * u128::from(parts) <= u128::from(whole));
    }

    #[test]
    fn a_drip_always_fits_at_once_at_any_pace((campaign, range) in paced_campaigns(), at in 0_u64..90 * DAY_MS, left in 0_u64..10_000, share in 1..BASIS_POINTS) {
        let left = Amount::try_from(u128::from(campaign.budget) * u128::from(left) / 10_000).unwrap();
        let campaign = Campaign { newcomers: Some(share), ..campaign };
        let limits = campaign.limits(left, range, START.plus(at));
        prop_assert!(limits.outflow.burst() >= range.largest.min(campaign.outflow.burst()));
        prop_assert!(limits.outflow.ceiling <= campaign.outflow.ceiling);
        let most = campaign.outflow.share(share);
        let newcomers = limits.newcomers.unwrap();
        prop_assert!(newcomers.ceiling <= most.ceiling && newcomers.burst() >= range.largest.min(most.burst()));
    }

    #[test]
    fn what_a_campaign_is_to_be_given_follows_its_time(budget in 0_u64..1_000, funded in 0_u64..1_000, at in 0_u64..20 * DAY_MS) {
        let mut campaign = Campaign::plain("summer", units(budget), MoneyLimit { ceiling: units(1), window_ms: 1 });
        let (now, funded) = (START.minus(2 * DAY_MS).plus(at), units(funded));
        prop_assert_eq!(campaign.funding(funded, now), campaign.budget);
        dated(&mut campaign);
        let expected = match campaign.stage(now) {
            CampaignStage::Waiting | CampaignStage::Ending => funded,
            // It is locked: nothing is taken back.
            CampaignStage::Running => campaign.budget.max(funded),
            CampaignStage::Over => Amount::ZERO,
        };
        prop_assert_eq!(campaign.funding(funded, now), expected);
    }
}
