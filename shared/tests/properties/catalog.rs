//! Catalogs: what a first run starts with is sound, and each mistake is named by its field.

use std::collections::BTreeSet;

use dripline_shared::amount::Amount;
use dripline_shared::catalog::{CAMPAIGNS_MAX, Campaign, Catalog, LEVELS_MAX, is_id};
use dripline_shared::game::{GameParams, Pace};
use dripline_shared::level::{LEVEL_NAME_MAX, Level, Unlock};
use dripline_shared::limit::{MoneyLimit, WINDOW_MAX_MS};
use dripline_shared::reward::{BASIS_POINTS, FACTOR_MAX, STEPS_MAX};
use dripline_shared::time::{DAY_MS, Timestamp};
use serde_json::Value;

/// The fields that a catalog with this one change is refused for.
fn refused(change: impl FnOnce(&mut Catalog)) -> BTreeSet<String> {
    let mut catalog = Catalog::first_run();
    change(&mut catalog);
    catalog.validate().err().unwrap_or_default().into_iter().map(|error| error.field).collect()
}

#[track_caller]
fn names(field: &str, change: impl FnOnce(&mut Catalog)) {
    assert_eq!(refused(change), BTreeSet::from([field.to_owned()]));
}

fn index_of(pace: Pace) -> usize {
    Catalog::first_run()
        .levels
        .iter()
        .position(|level| level.play.pace() == pace)
        .expect("a game of each pace")
}

#[test]
fn a_first_run_is_sound_and_has_four_levels_of_each_game() {
    let catalog = Catalog::first_run();
    assert_eq!(catalog.validate(), Ok(()));
    for game in GameParams::GAMES {
        let levels: Vec<&Level> =
            catalog.levels.iter().filter(|level| level.play.facts().id == *game).collect();
        assert_eq!(levels.len(), 4, "{game}");
        assert_eq!(levels[0].unlock, Unlock::Open);
        assert!(levels.windows(2).all(|pair| pair[1].unlock == Unlock::Cleared(pair[0].id.clone())));
        assert!(levels.windows(2).all(|pair| pair[0].base < pair[1].base));
    }
}

#[test]
fn a_first_run_pays_a_wallet_at_most_sixty_drips_in_any_day() {
    let limit = Catalog::first_run().limits.drips;
    let (mut state, mut drips) = (None, Vec::new());
    // Whoever tries every second for three days, and has saved all up before.
    for second in 0..3 * 86_400 {
        let now = Timestamp(DAY_MS + second * 1_000);
        while let Ok(taken) = limit.take(state, now) {
            state = Some(taken);
            drips.push(now);
        }
    }
    let within =
        |from: &Timestamp| drips.iter().filter(|at| *at >= from && at.since(*from) <= DAY_MS).count();
    assert_eq!(drips.iter().map(within).max(), Some(60));
}

#[test]
fn the_games_have_names_and_distinct_ids() {
    let levels = GameParams::default_levels();
    let ids: BTreeSet<&str> = GameParams::GAMES.iter().copied().collect();
    assert_eq!(ids.len(), GameParams::GAMES.len());
    for draft in levels {
        let facts = draft.play.facts();
        assert!(is_id(facts.id) && facts.rules_version >= 1);
        assert!(!facts.name.is_empty() && !facts.how_to.is_empty() && !draft.play.goal().is_empty());
    }
}

#[test]
fn a_mistake_in_the_asset_is_named() {
    names("asset", |catalog| catalog.asset.code = "drip".to_owned());
    names("asset", |catalog| catalog.asset.code = "D".to_owned());
    names("asset", |catalog| catalog.asset.code = "D".repeat(13));
    names("asset", |catalog| catalog.asset.decimals = 10);
}

#[test]
fn a_mistake_in_the_rewards_is_named() {
    // Without a base every drip is zero, so that only the factor itself is wrong.
    let free = |catalog: &mut Catalog| catalog.levels.iter_mut().for_each(|level| level.base = Amount::ZERO);
    names("rewards.stars", |catalog| {
        free(catalog);
        catalog.rewards.stars[1] = FACTOR_MAX + 1;
    });
    names("rewards.streak", |catalog| catalog.rewards.streak.clear());
    names("rewards.streak", |catalog| catalog.rewards.streak = vec![10_000; STEPS_MAX + 1]);
    names("rewards.repeat", |catalog| catalog.rewards.repeat.clear());
    names("rewards.repeat", |catalog| catalog.rewards.repeat = vec![5_000, 5_001]);
    names("rewards.first_clear", |catalog| catalog.rewards.first_clear = 9_999);
    names("rewards.first_clear", |catalog| {
        free(catalog);
        catalog.rewards.first_clear = FACTOR_MAX + 1;
    });
    names("rewards.drip_max", |catalog| catalog.rewards.drip_max = Amount::ZERO);
}

#[test]
fn a_mistake_in_a_limit_is_named() {
    names("limits.attempts", |catalog| catalog.limits.attempts.burst = 0);
    names("limits.attempts", |catalog| catalog.limits.attempts.every_ms = 0);
    names("limits.opens_per_prefix", |catalog| catalog.limits.opens_per_prefix.every_ms = WINDOW_MAX_MS + 1);
    names("limits.drips", |catalog| catalog.limits.drips.burst = 0);
    names("limits.outflow_per_prefix", |catalog| catalog.limits.outflow_per_prefix.window_ms = 0);
    names("limits.outflow_newcomers", |catalog| {
        catalog.limits.outflow_newcomers.window_ms = WINDOW_MAX_MS + 1;
    });
    names("limits.outflow", |catalog| catalog.limits.outflow.window_ms = 0);
    names("limits.newcomer_ms", |catalog| catalog.limits.newcomer_ms = WINDOW_MAX_MS + 1);
    assert!(refused(|catalog| catalog.limits.outflow.ceiling = Amount::ZERO).contains("limits.outflow"));
}

#[test]
fn a_mistake_in_a_campaign_is_named() {
    let copy = |catalog: &Catalog, id: &str| Campaign { id: id.to_owned(), ..catalog.campaigns[0].clone() };
    names("campaigns[1].id", |catalog| catalog.campaigns.push(copy(catalog, "default")));
    names("campaigns[1].id", |catalog| catalog.campaigns.push(copy(catalog, "No spaces")));
    names("campaigns[1].id", |catalog| catalog.campaigns.push(copy(catalog, "")));
    names("campaigns", |catalog| catalog.campaigns[0].id = "other".to_owned());
    names("campaigns", |catalog| catalog.campaigns.clear());
    names("campaigns", |catalog| {
        for number in 0..CAMPAIGNS_MAX {
            catalog.campaigns.push(copy(catalog, &format!("campaign-{number}")));
        }
    });
    names("campaigns[0].outflow", |catalog| catalog.campaigns[0].outflow.window_ms = 0);
}

#[test]
fn a_mistake_in_a_level_is_named() {
    let last = Catalog::first_run().levels.len() - 1;
    names("levels[0].name", |catalog| catalog.levels[0].name.clear());
    names("levels[0].name", |catalog| catalog.levels[0].name = "x".repeat(LEVEL_NAME_MAX + 1));
    names("levels[0].name", |catalog| catalog.levels[0].name = "one\ntwo".to_owned());
    names("levels[0].stars", |catalog| catalog.levels[0].stars = [2, 1]);
    names("levels[0].cooldown_ms", |catalog| catalog.levels[0].cooldown_ms = WINDOW_MAX_MS + 1);
    names("levels[0].unlock", |catalog| catalog.levels[0].unlock = Unlock::Stars(1));
    names("levels[0].unlock", |catalog| {
        catalog.levels[0].unlock = Unlock::Cleared(catalog.levels[0].id.clone());
    });
    names(&format!("levels[{last}].unlock"), |catalog| {
        catalog.levels[last].unlock = Unlock::Cleared("nowhere".to_owned());
    });
    names(&format!("levels[{last}].id"), |catalog| catalog.levels[last].id = catalog.levels[0].id.clone());
    names(&format!("levels[{last}].id"), |catalog| catalog.levels[last].id = "Catch 1".to_owned());
    names(&format!("levels[{last}].id"), |catalog| catalog.levels[last].id = "x".repeat(33));
}

#[test]
fn a_catalog_has_levels_and_not_too_many() {
    names("levels", |catalog| catalog.levels.clear());
    names("levels", |catalog| {
        let level = Level { unlock: Unlock::Open, ..catalog.levels[0].clone() };
        catalog.levels =
            (0..=LEVELS_MAX).map(|number| Level { id: format!("l-{number}"), ..level.clone() }).collect();
    });
}

#[test]
fn a_timing_that_does_not_fit_the_pace_is_named() {
    let (clocked, turns) = (index_of(Pace::Clocked), index_of(Pace::Turns));
    let field = format!("levels[{clocked}].turn_ms_min");
    names(&field, |catalog| catalog.levels[clocked].turn_ms_min = 20);
    names(&field, |catalog| catalog.levels[clocked].think_ms_max = 1_000);
    let field = format!("levels[{turns}].turn_ms_min");
    for (turn_ms_min, think_ms_max) in [(19, 60_000), (10_001, 60_000), (100, 999), (100, 3_600_001)] {
        names(&field, |catalog| {
            let level = &mut catalog.levels[turns];
            (level.turn_ms_min, level.think_ms_max) = (turn_ms_min, think_ms_max);
        });
    }
}

#[test]
fn a_drip_that_does_not_fit_through_every_ceiling_is_refused() {
    let largest = |catalog: &Catalog| catalog.rewards.largest_drip(&catalog.levels[0], BASIS_POINTS);
    let bursts: [fn(&mut Catalog) -> &mut Amount; 4] = [
        |catalog| &mut catalog.limits.outflow.ceiling,
        |catalog| &mut catalog.limits.outflow_newcomers.ceiling,
        |catalog| &mut catalog.limits.outflow_per_prefix.ceiling,
        |catalog| &mut catalog.campaigns[0].outflow.ceiling,
    ];
    for ceiling in bursts {
        let with = |units: i64| {
            refused(|catalog| {
                catalog.levels.truncate(1);
                let fits = largest(catalog).units() * 4;
                *ceiling(catalog) = Amount::try_from(fits + units).unwrap();
            })
        };
        // Where all of it is so low, the newcomers' part is not below it, which is another mistake.
        assert!(!with(0).contains("levels[0].base"));
        assert!(with(-1).contains("levels[0].base"));
    }
}

#[test]
fn newcomers_share_a_part_of_every_ceiling_and_never_all_of_it() {
    let wholes: [fn(&mut Catalog) -> &mut MoneyLimit; 2] =
        [|catalog| &mut catalog.limits.outflow, |catalog| &mut catalog.campaigns[0].outflow];
    let newcomers = Catalog::first_run().limits.outflow_newcomers;
    let less = Amount::try_from(newcomers.ceiling.units() - 1).unwrap();
    let more = Amount::try_from(newcomers.ceiling.units() + 1).unwrap();
    let day = 24 * newcomers.window_ms;
    for whole in wholes {
        for (ceiling, window_ms) in [
            (less, newcomers.window_ms),
            (newcomers.ceiling, newcomers.window_ms),
            // As much at once, but less in the same time; and the other way round.
            (more, day),
            (less, 1),
        ] {
            names("limits.outflow_newcomers", |catalog| *whole(catalog) = MoneyLimit { ceiling, window_ms });
        }
        let sound = MoneyLimit { ceiling: more, window_ms: newcomers.window_ms };
        assert_eq!(refused(|catalog| *whole(catalog) = sound), BTreeSet::new());
    }
}

#[test]
fn wrong_parameters_of_a_game_are_named() {
    let catalog = Catalog::first_run();
    for (index, level) in catalog.levels.iter().enumerate() {
        let json = serde_json::to_value(&level.play).unwrap();
        let (game, parameters) = json.as_object().unwrap().iter().next().unwrap();
        let mut refusals = 0;
        for (name, value) in parameters.as_object().unwrap() {
            if !value.is_number() {
                continue;
            }
            for extreme in [0_u64, 255, 65_535, u64::from(u32::MAX)] {
                let mut altered = json.clone();
                altered[game][name] = Value::from(extreme);
                let Ok(play) = serde_json::from_value::<GameParams>(altered) else { continue };
                let mut catalog = catalog.clone();
                catalog.levels[index].play = play;
                let fields = catalog.validate().err().unwrap_or_default();
                let expected = format!("levels[{index}].play.");
                if fields.iter().any(|error| error.field.starts_with(&expected)) {
                    refusals += 1;
                }
            }
        }
        assert!(refusals > 0, "{}: no extreme parameter is refused", level.id);
    }
}

#[test]
fn a_catalog_reads_back_from_its_json_with_its_version() {
    let catalog = Catalog::first_run();
    let json = serde_json::to_string(&catalog).unwrap();
    let read: Catalog = serde_json::from_str(&json).unwrap();
    assert_eq!(read, catalog);
    assert_eq!(read.version(), catalog.version());
}

#[test]
fn changing_anything_in_a_catalog_changes_its_version() {
    let catalog = Catalog::first_run();
    let json = serde_json::to_value(&catalog).unwrap();
    let mut versions = BTreeSet::from([catalog.version()]);
    let mut paths = Vec::new();
    leaves(&json, String::new(), &mut paths);
    let mut changed = 0;
    for path in paths {
        let mut altered = json.clone();
        let leaf = altered.pointer_mut(&path).unwrap();
        *leaf = match &*leaf {
            Value::Number(number) => Value::from(number.as_u64().unwrap() ^ 1),
            Value::String(text) if text.parse::<u64>().is_ok() => Value::from(format!("{text}1")),
            Value::String(text) => Value::from(format!("{text}x")),
            other => other.clone(),
        };
        if let Ok(altered) = serde_json::from_value::<Catalog>(altered) {
            changed += 1;
            assert!(versions.insert(altered.version()), "{path}");
        }
    }
    assert!(changed > 50, "only {changed} fields could be changed");
}

#[test]
fn an_unknown_field_is_refused() {
    for path in ["", "/levels/0", "/rewards", "/limits", "/limits/attempts", "/campaigns/0", "/asset"] {
        let mut json = serde_json::to_value(Catalog::first_run()).unwrap();
        json.pointer_mut(path).unwrap()["surprise"] = Value::from(1);
        let error = serde_json::from_value::<Catalog>(json).unwrap_err().to_string();
        assert!(error.contains("surprise"), "{path}: {error}");
    }
}

/// The paths of all numbers and texts in a JSON value.
fn leaves(value: &Value, path: String, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, field)| leaves(field, format!("{path}/{name}"), found));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| leaves(item, format!("{path}/{index}"), found));
        }
        _ => found.push(path),
    }
}
