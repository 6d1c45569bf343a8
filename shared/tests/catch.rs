//! What is particular to Catch: how the bucket moves, what a landing does, and that no parameters break it.

use dripline_shared::game::catch::{
    COLUMNS, Catch, CatchBot, FINISH, Fate, GOLD_WORTH, Kind, MEND_STREAK, MULTIPLIER_MAX, PART, Params,
    STAY, STREAK_STEP,
};
use dripline_shared::game::replay::{Advance, Session};
use dripline_shared::game::{Bot, Game, GameParams, Skill, Status};
use dripline_shared::rng::SegmentRng;
use dripline_shared::round::Seed;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

fn seed(round: u32, segment: u32) -> Seed {
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&round.to_le_bytes());
    bytes[4..8].copy_from_slice(&segment.to_le_bytes());
    Seed(bytes)
}

fn session(params: &Params, round: u32) -> Session<Catch> {
    Session::new(params.clone(), (0..32).map(|segment| seed(round, segment)).collect())
}

fn levels() -> Vec<Params> {
    let catch = |play| if let GameParams::Catch(params) = play { Some(params) } else { None };
    Catch::default_levels().into_iter().filter_map(|level| catch(level.play)).collect()
}

fn any_params() -> impl Strategy<Value = Params> {
    let pace = (1_200_u32..=1_500, 10_u32..=120).prop_flat_map(|(length_ticks, beat_last_ticks)| {
        let falls = 40..=beat_last_ticks.saturating_mul(10).min(240);
        (Just((length_ticks, beat_last_ticks)), beat_last_ticks..=180, falls, 0_u32..=180)
    });
    let bucket = (1_u16..=500, 1_u8..=5, 2_u8..=12, 4_u8..=64);
    let rain = (0_u8..=30, 0_u8..=59, 0_u8..=30, 0_u16..=500, 0_u16..=500);
    (pace, bucket, rain).prop_map(|(pace, bucket, rain)| {
        let ((length_ticks, beat_last_ticks), beat_first_ticks, fall_ticks, rest_ticks) = pace;
        let (goal_drops, lives, reach_columns, speed_parts) = bucket;
        let (slope_columns, leap_columns, wind_columns, rust_per_mille, gold_per_mille) = rain;
        Params {
            length_ticks,
            goal_drops,
            lives,
            reach_columns,
            speed_parts,
            fall_ticks,
            beat_first_ticks,
            beat_last_ticks,
            rest_ticks,
            slope_columns,
            leap_columns,
            wind_columns,
            rust_per_mille,
            gold_per_mille,
        }
    })
}

/// More with `DRIPLINE_LONG`.
fn cases() -> u32 {
    if std::env::var_os("DRIPLINE_LONG").is_some() { 6_000 } else { 300 }
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::with_cases(cases()) })]

    /// Whatever the parameters and inputs: the round ends by itself, the bucket keeps its limits, everything lands in
    /// order and inside the field, and the counts are what the landings say.
    #[test]
    fn holds_its_rules(params in any_params(), round: u32, inputs in prop::collection::vec(0..=STAY, 1..200)) {
        prop_assert_eq!(Catch::validate(&params), Ok(()));
        let mut session = session(&params, round);
        let mut wishes = inputs.iter().copied().cycle();
        let (mut drops, mut lives) = (0, params.lives);
        while session.status() == Status::Playing {
            let before = session.game().clone();
            session.advance(wishes.next());
            let game = session.game();
            let bucket = game.bucket();
            prop_assert!((0..i32::from(COLUMNS) * PART).contains(&bucket));
            prop_assert!(bucket.abs_diff(before.bucket()) <= u32::from(params.speed_parts));
            prop_assert!(game.falling().count() <= 24, "more in the air than there are places to keep");
            prop_assert!(game.falling().all(|item| item.lands > game.tick() && item.fate == Fate::Falling));
            prop_assert!(game.falling().is_sorted_by(|one, next| one.lands < next.lands));
            for item in before.falling().filter(|item| item.lands == game.tick()) {
                let caught = (i32::from(item.to) * PART).abs_diff(bucket) <= u32::from(params.reach_columns) * 16;
                let mends = caught && item.kind != Kind::Rust && game.streak().is_multiple_of(MEND_STREAK);
                lives += u8::from(mends && lives < params.lives);
                match item.kind {
                    Kind::Drop => drops += u16::from(caught),
                    Kind::Gold => drops += GOLD_WORTH * u16::from(caught),
                    Kind::Rust => lives -= u8::from(caught),
                }
                prop_assert!(item.from < COLUMNS && item.to < COLUMNS);
            }
            prop_assert_eq!((game.caught(), game.lives()), (drops, lives));
        }
        let game = session.game();
        let won = drops >= params.goal_drops;
        prop_assert_eq!(game.status(), if won { Status::Won } else { Status::Lost });
        prop_assert!(lives == 0 || session.length() == Catch::length_max(&params));
        prop_assert!(session.length() <= Catch::length_max(&params));
        let end = session.simulation().digest();
        prop_assert_eq!(session.advance(Some(0)), Advance::Nothing);
        prop_assert_eq!(session.simulation().digest(), end);
    }

    #[test]
    fn never_panics_on_numbers_it_refuses(params in any_params(), input: u8, fall: u32, beat: u32, lives: u8) {
        let wild = Params { fall_ticks: fall, beat_last_ticks: beat, lives, ..params };
        let _ = Catch::validate(&wild);
        let mut rng = SegmentRng::new(&seed(0, 0));
        let mut game = Catch::start(&wild, &mut rng);
        for _ in 0..500 {
            game.step(&wild, Some(input), &mut rng);
        }
    }
}

#[test]
fn names_the_parameter_that_is_wrong() {
    let good = levels().remove(0);
    let refused = |params: Params| Catch::validate(&params).unwrap_err().0;
    assert_eq!(refused(Params { length_ticks: 1_199, ..good.clone() }), "length_ticks");
    assert_eq!(refused(Params { goal_drops: 0, ..good.clone() }), "goal_drops");
    assert_eq!(refused(Params { lives: 0, ..good.clone() }), "lives");
    assert_eq!(refused(Params { beat_last_ticks: 9, ..good.clone() }), "beat_last_ticks");
    assert_eq!(refused(Params { beat_first_ticks: 17, ..good.clone() }), "beat_first_ticks");
    assert_eq!(refused(Params { beat_last_ticks: 11, ..good.clone() }), "fall_ticks");
    assert_eq!(
        refused(Params { rust_per_mille: 600, gold_per_mille: 401, ..good.clone() }),
        "gold_per_mille"
    );
    assert_eq!(refused(Params { rust_per_mille: u16::MAX, ..good }), "rust_per_mille");
}

/// The bucket goes to the column it is told, no faster than it can, and stays when it is let go.
#[test]
fn the_bucket_obeys() {
    let params = levels().remove(0);
    let mut session = session(&params, 1);
    let start = session.game().bucket();
    session.advance(Some(63));
    assert_eq!(session.game().bucket(), start + i32::from(params.speed_parts));
    session.advance(Some(STAY));
    session.advance(None);
    assert_eq!(session.game().bucket(), start + i32::from(params.speed_parts));
    for _ in 0..60 {
        session.advance(Some(5));
    }
    assert_eq!(session.game().bucket(), 5 * PART);
    assert!(!session.accepts(FINISH + 1));
}

/// A streak raises the multiplier up to its limit; a miss ends it, a golden drop that is missed does not.
#[test]
fn a_streak_pays_until_something_is_missed() {
    let params = levels().remove(2);
    let (mut raised, mut broken, mut spared) = (0, 0, 0);
    for round in 0..40 {
        let mut session = session(&params, round);
        let mut bot = CatchBot::new(Skill::Strong, SegmentRng::new(&seed(round, 99)));
        while session.status() == Status::Playing {
            let before = session.game().clone();
            session.advance(bot.decide(&before, &params));
            let game = session.game();
            let Some(landed) = before.falling().find(|item| item.lands == game.tick()) else {
                assert_eq!(game.score(), before.score());
                continue;
            };
            let caught = game.caught() > before.caught();
            let gained = game.score() - before.score();
            match (landed.kind, caught) {
                (Kind::Drop, true) => assert_eq!(gained, u32::from(before.multiplier())),
                (Kind::Gold, true) => assert_eq!(gained, u32::from(GOLD_WORTH * before.multiplier())),
                (Kind::Drop, false) => {
                    assert_eq!(game.streak(), 0);
                    broken += 1;
                }
                (Kind::Gold, false) => {
                    assert_eq!(game.streak(), before.streak());
                    spared += 1;
                }
                (Kind::Rust, _) if game.lives() < before.lives() => assert_eq!(game.streak(), 0),
                (Kind::Rust, _) => assert_eq!(game.streak(), before.streak()),
            }
            assert_eq!(game.multiplier(), (1 + game.streak() / STREAK_STEP).min(MULTIPLIER_MAX));
            raised += u32::from(game.multiplier() == MULTIPLIER_MAX);
        }
    }
    assert!(
        raised > 0 && broken > 0 && spared > 0,
        "{raised} {broken} {spared}: the rounds showed too little"
    );
}

/// A long streak mends a life, so that a bad start need not decide the round; and rust and golden drops come as often in
/// one round as in another.
#[test]
fn rounds_are_fair() {
    let params = levels().remove(2);
    let (mut mended, mut gold) = (0, Vec::new());
    for round in 0..40 {
        let mut session = session(&params, round);
        let mut bot = CatchBot::new(Skill::Strong, SegmentRng::new(&seed(round, 99)));
        let mut golden = 0;
        while session.status() == Status::Playing {
            let before = session.game().clone();
            session.advance(bot.decide(&before, &params));
            let game = session.game();
            let landed = before.falling().find(|item| item.lands == game.tick());
            golden += u32::from(landed.is_some_and(|item| item.kind == Kind::Gold));
            if game.lives() > before.lives() {
                assert!(game.streak().is_multiple_of(MEND_STREAK) && game.lives() <= params.lives);
                mended += 1;
            }
        }
        if session.length() == Catch::length_max(&params) {
            gold.push(golden);
        }
    }
    assert!(mended > 0, "the rounds showed too little");
    let (least, most) = (gold.iter().min().unwrap(), gold.iter().max().unwrap());
    assert!(gold.len() > 10 && most - least <= 8, "golden drops: {gold:?}");
}

/// What the levels introduce, one thing after another.
#[test]
fn each_level_brings_something() {
    let levels = levels();
    let [first, rusty, golden, storm] = levels.as_slice() else { panic!("four levels") };
    assert_eq!((first.rust_per_mille, first.gold_per_mille, first.wind_columns), (0, 0, 0));
    assert!(rusty.rust_per_mille > 0 && rusty.gold_per_mille == 0 && rusty.wind_columns == 0);
    assert!(golden.gold_per_mille > 0 && golden.wind_columns == 0);
    assert!(storm.wind_columns > 0);
    for params in &levels {
        assert_eq!(Catch::validate(params), Ok(()));
    }
}

/// From the drop that meets the goal on, and not before, the player may end the round; whoever does not plays on.
#[test]
fn a_round_whose_goal_is_met_is_finished_at_will() {
    let params = levels().remove(1);
    let mut finished = 0;
    for round in 0..10 {
        let mut session = session(&params, round);
        let mut bot = CatchBot::new(Skill::Strong, SegmentRng::new(&seed(round, 99)));
        while session.game().caught() < params.goal_drops && session.status() == Status::Playing {
            assert_eq!(session.game().finish(&params), None);
            assert!(!session.accepts(FINISH));
            let mut eager = session.simulation().clone();
            eager.step(&params, Some(FINISH));
            assert_ne!(eager.game().status(), Status::Won, "an input that is refused does nothing");
            let wanted = bot.decide(session.game(), &params);
            session.advance(wanted);
        }
        if session.status() != Status::Playing {
            continue;
        }
        let (score, length) = (session.game().score(), session.length());
        session.advance(Some(FINISH));
        let outcome = (session.status(), session.game().score(), session.length());
        assert_eq!(outcome, (Status::Won, score, length + 1));
        finished += 1;
    }
    assert!(finished > 5, "the rounds showed too little");
}

#[test]
fn the_rules_name_what_the_level_has_and_nothing_else() {
    let all = levels();
    let told: Vec<String> = all.iter().map(|params| Catch::rules(params).join("\n").to_lowercase()).collect();
    for (params, told) in all.iter().zip(&told) {
        for (word, is_there) in [
            ("rust", params.rust_per_mille > 0),
            ("lives", params.rust_per_mille > 0),
            ("gold", params.gold_per_mille > 0),
            ("wind", params.wind_columns > 0),
        ] {
            assert_eq!(told.contains(word), is_there, "{word}: {told}");
        }
        assert!(told.contains(&format!("{} seconds", params.length_ticks / 60)), "{told}");
        assert!(told.contains(&format!("every {STREAK_STEP} in a row")), "{told}");
        assert!(told.contains(&format!("up to ×{MULTIPLIER_MAX}")), "{told}");
        assert!(Catch::goal(params).contains(&params.goal_drops.to_string()));
    }
    let [.., storm] = told.as_slice() else { panic!("four levels") };
    assert!(storm.contains(&format!("counts as {GOLD_WORTH}")), "{storm}");
    assert!(storm.contains(&format!("one of your {} lives", all[3].lives)), "{storm}");
    assert!(storm.contains(&format!("every {MEND_STREAK} drops")), "{storm}");
    let fragile = Catch::rules(&Params { lives: 1, ..all[3].clone() }).join("\n");
    assert!(fragile.contains("one life") && !fragile.contains("mend"), "{fragile}");
}
