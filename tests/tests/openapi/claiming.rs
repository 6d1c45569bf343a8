//! Claiming a round, and every reason not to be paid.

use dripline_server::faucet::Settings;
use dripline_server::store::sqlite::MAIN_FILE;
use dripline_shared::amount::Amount;
use dripline_shared::api::{ClaimRequest, OpenAnswer, Receipt, WalletView};
use dripline_shared::catalog::{Campaign, Catalog};
use dripline_shared::error::Code;
use dripline_shared::game::{Skill, Status};
use dripline_shared::limit::{CountLimit, MoneyLimit};
use dripline_shared::reward::BASIS_POINTS;
use dripline_shared::round::{CLAIM_WINDOW_MS, RoundId, transcript_next, transcript_start};
use dripline_shared::time::{DAY_MS, HOUR_MS};
use dripline_shared::wallet::Signature;
use dripline_tests::clock::Clock;
use dripline_tests::faucet::{ORIGIN, settings};
use dripline_tests::levels::{self, HOPELESS, QUICK};
use dripline_tests::play::Play;
use dripline_tests::player::{self, Player, client_id};
use dripline_tests::request;
use rusqlite::Connection;

use crate::recorder::Log;
use crate::script::{NO_ROUND, Stage, broken_json};

pub(crate) fn claim(stage: &Stage, play: &Play, player: &Player) -> ClaimRequest {
    play.claim(player, ORIGIN, stage.catalog.faucet)
}

/// What is wrong with a claim is told, and the claim that is right is accepted after all that.
pub(crate) async fn refusals(log: &Log) {
    let mut stage = Stage::new(log).await;
    broken_json(&mut stage, "/api/v1/claims").await;
    let player = Player::number(80);
    let play = stage.win(&player, 500).await;
    let right = claim(&stage, &play, &player);

    let text = serde_json::to_string(&right).expect("plain data");
    let short = text.replace(&right.signature.to_string(), "111");
    let post = |body: String| {
        request::message(axum::http::Method::POST, "/api/v1/claims", "application/json", body.into_bytes())
    };
    stage.refused(post(short), Code::InvalidSignature).await;
    stage.refused(request::claim(&ClaimRequest { round: NO_ROUND, ..right }), Code::RoundUnknown).await;
    let mut altered = right;
    altered.signature.0[40] ^= 1;
    stage.refused(request::claim(&altered), Code::BadSignature).await;
    for wrong in [
        claim(&stage, &play, &Player::number(81)),
        play.claim(&player, "http://127.0.0.1:8080", stage.catalog.faucet),
        play.claim(&player, ORIGIN, play.opened.catalog),
    ] {
        stage.refused(request::claim(&wrong), Code::BadSignature).await;
    }

    let receipt: Receipt = stage.send(request::claim(&right)).await.expect();
    let again: Receipt = stage.send(request::claim(&right)).await.expect();
    assert_eq!(receipt, again, "the same claim has the same receipt");
    stage.refused(request::claim(&altered), Code::RoundClaimed).await;

    // The signature of a claimed round, for another one.
    let next = stage.win(&player, 2_500).await;
    let moved = ClaimRequest { round: next.opened.round, signature: right.signature };
    stage.refused(request::claim(&moved), Code::BadSignature).await;
    let late = claim(&stage, &next, &player);
    stage.faucet.clock.reach(next.opened.claim_until_ms.plus(1)).await;
    stage.refused(request::claim(&late), Code::RoundExpired).await;
    assert!(next.opened.claim_until_ms.since(next.opened.opened_at_ms) >= CLAIM_WINDOW_MS);

    let opened: OpenAnswer = stage.send(request::open(&stage.open(&player, 9_500))).await.expect();
    let unfinished = ClaimRequest { round: opened.round, signature: Signature([0; 64]) };
    stage.refused(request::claim(&unfinished), Code::RoundNotFinished).await;
    assert!(stage.send(request::end(opened.round, opened.token)).await.status.is_success());
    stage.refused(request::claim(&unfinished), Code::RoundEnded).await;
}

/// How the inputs of a segment are altered, where they can be.
type Alteration = fn(&[u8]) -> Option<Vec<u8>>;

/// Plays a round, alters the inputs of its final segment before they are sent, and signs what was sent. Rounds whose
/// final segment cannot be altered so are ended, and another one is played.
async fn claim_altered(stage: &mut Stage, player: &Player, number: u64, alter: Alteration) -> ClaimRequest {
    for attempt in number..number + 100 {
        let opened: OpenAnswer = stage.send(request::open(&stage.open(player, attempt))).await.expect();
        let (round, token) = (opened.round, opened.token);
        let mut hash = transcript_start(round, opened.level_hash, opened.rules_version);
        let mut play = Play::begin(opened.clone(), Skill::Fair, attempt);
        while let Some(next) = play.next_segment() {
            let last = next.end.is_some();
            let Some(bytes) = (if last { alter(&next.bytes) } else { Some(next.bytes) }) else { break };
            let length = u32::try_from(bytes.len()).expect("few turns");
            hash = transcript_next(hash, next.number, length, &bytes);
            stage.faucet.clock.reach(next.from.plus(1_000)).await;
            let end = last.then_some(length);
            let answer = stage.send(request::segment(round, token, next.number, end, bytes)).await;
            play.learn(&answer.expect());
            if last {
                let statement = opened.claim_statement(player.wallet, ORIGIN, stage.catalog.faucet, hash);
                return ClaimRequest {
                    round,
                    signature: Signature::of(&player.key, statement.to_string().as_bytes()),
                };
            }
        }
        assert!(stage.send(request::end(round, token)).await.status.is_success());
    }
    panic!("no round ends so that it can be altered")
}

/// Transcripts that are no play, or a lost one: the replay tells, whatever was signed.
pub(crate) async fn transcripts(log: &Log) {
    let mut stage = Stage::new(log).await;
    let player = Player::number(82);
    let no_input: Alteration = |bytes| bytes.split_last().map(|(_, rest)| [rest, &[99]].concat());
    let shorter: Alteration = |bytes| (bytes.len() > 1).then(|| bytes[..bytes.len() - 1].to_vec());
    let longer: Alteration = |bytes| (bytes.len() < 8).then(|| [bytes, &[0]].concat());
    let cases: [(Alteration, Code); 3] = [
        (no_input, Code::TranscriptInvalid),
        (shorter, Code::TranscriptTooShort),
        (longer, Code::TranscriptTooLong),
    ];
    for (number, (alter, code)) in (0..).zip(cases) {
        let claim = claim_altered(&mut stage, &player, 20_000 + number * 100, alter).await;
        stage.refused(request::claim(&claim), code).await;
        // It has its final segment, so opening another round does not abandon it: ending it does.
        let round: RoundId = claim.round;
        let view: WalletView = stage.send(request::wallet(player.wallet)).await.expect();
        assert_eq!(view.drips, 0, "{round}");
    }

    let open = player.open(&stage.catalog, HOPELESS, client_id(30_000), stage.faucet.clock.now());
    let play = player::play(&mut stage.wire, &stage.faucet.clock, &open, Skill::Strong, 1).await;
    assert_eq!(play.status(), Status::Lost);
    let answer = stage.send(request::claim(&claim(&stage, &play, &player))).await;
    assert_eq!(answer.code(), Some(Code::GoalNotMet), "{answer}");
    let seen = answer.problem().outcome.expect("the server says what it saw");
    assert_eq!((seen.won, seen.stars, seen.score), (false, 0, play.score()));
}

/// A faucet whose quick level's drip uses a limit up with the first claim; the second is refused with this code.
async fn second_claim_is_refused(log: &Log, change: impl FnOnce(&mut Catalog), code: Code) -> Option<u64> {
    let mut catalog = levels::quick();
    change(&mut catalog);
    let mut stage = Stage::with(log, catalog).await;
    let player = Player::number(83);
    player::earn(&mut stage.wire, &stage.faucet.clock, &stage.catalog, &player, QUICK, 0).await;
    let before: WalletView = stage.send(request::wallet(player.wallet)).await.expect();
    let play = stage.win(&player, 2_000).await;
    let claim = claim(&stage, &play, &player);
    let answer = stage.send(request::claim(&claim)).await;
    assert_eq!(answer.code(), Some(code), "{answer}");
    let problem = answer.problem();
    let after: WalletView = stage.send(request::wallet(player.wallet)).await.expect();
    assert_eq!((after.balance, after.drips, &after.levels), (before.balance, before.drips, &before.levels));
    if let Some(wait) = problem.retry_after_ms {
        stage.faucet.clock.pass(wait - 1);
        stage.refused(request::claim(&claim), code).await;
        stage.faucet.clock.pass(1);
        let answer = stage.send(request::claim(&claim)).await;
        assert!(answer.status.is_success(), "it passes at the moment that it named: {answer}");
    }
    problem.retry_after_ms
}

/// Every limit on claims refuses the claim after the last that passes, and lets it pass when it said.
pub(crate) async fn limits(log: &Log) {
    // Every drip of the quick level is 1,000: one of them fits through, and a second does not at once.
    let plain = |catalog: &mut Catalog| {
        let rules = &mut catalog.rewards;
        (rules.stars, rules.first_clear) = ([BASIS_POINTS; 3], BASIS_POINTS);
        (rules.streak, rules.repeat) = (vec![BASIS_POINTS], vec![BASIS_POINTS]);
    };
    let narrow = |limit: &mut MoneyLimit, units: u32| {
        *limit = MoneyLimit { ceiling: Amount::from_units(units), window_ms: HOUR_MS }
    };
    let alone = |catalog: &mut Catalog| catalog.levels.retain(|level| level.id == QUICK);
    let waits = second_claim_is_refused(
        log,
        |catalog| {
            let level = catalog.levels.iter_mut().find(|level| level.id == QUICK).expect("it is there");
            level.cooldown_ms = HOUR_MS;
        },
        Code::Cooldown,
    )
    .await;
    assert!(waits.is_some());
    let one_a_day = CountLimit { burst: 1, every_ms: DAY_MS / 2 };
    let waits =
        second_claim_is_refused(log, |catalog| catalog.limits.drips = one_a_day, Code::DripsUsedUp).await;
    assert!(waits.is_some());
    let outflows: [fn(&mut Catalog) -> &mut MoneyLimit; 4] = [
        |catalog| &mut catalog.limits.outflow,
        |catalog| &mut catalog.limits.outflow_newcomers,
        |catalog| &mut catalog.limits.outflow_per_prefix,
        |catalog| &mut catalog.campaigns[0].outflow,
    ];
    for outflow in outflows {
        let change = |catalog: &mut Catalog| {
            plain(catalog);
            alone(catalog);
            narrow(outflow(catalog), 6_000);
            // What newcomers share is lower still; only where it is itself the limit is the player one of them for long.
            narrow(&mut catalog.limits.outflow_newcomers, 5_000);
            let newcomers = catalog.limits.outflow_newcomers;
            if *outflow(catalog) != newcomers {
                catalog.limits.newcomer_ms = 0;
            }
        };
        let waits = second_claim_is_refused(log, change, Code::CeilingReached).await;
        assert!(waits.is_some());
    }
    let budget = |catalog: &mut Catalog| catalog.campaigns[0].budget = Amount::from_units(2_500);
    let waits = second_claim_is_refused(log, budget, Code::BudgetUsedUp).await;
    assert_eq!(waits, None, "only the operator can change that");
}

/// Between the play and its claim the operator stops the level or takes the campaign away, or the rules change.
pub(crate) async fn changed(log: &Log) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("data");
    let mut few_attempts = levels::quick();
    few_attempts.limits.attempts = CountLimit { burst: 100, every_ms: DAY_MS };
    let on_disk = |stopped: &[&str], catalog: &Catalog| Settings {
        data: Some(data.clone()),
        stopped: stopped.iter().map(|id| (*id).to_owned()).collect(),
        ..settings(catalog.clone())
    };
    let mut another = few_attempts.clone();
    another.campaigns.insert(0, Campaign { id: "spring".to_owned(), ..few_attempts.campaigns[0].clone() });
    let mut stage = Stage::start(log, on_disk(&[], &another)).await;
    let player = Player::number(84);
    // Players of tests open rounds of the campaign that comes first.
    let of_spring = stage.win(&player, 0).await;
    assert_eq!(of_spring.opened.campaign, "spring");
    let now = stage.faucet.clock.now();
    let gone = claim(&stage, &of_spring, &player);
    stage.close().await;

    let mut stage = Stage::start(log, on_disk(&[], &few_attempts)).await;
    stage.faucet.clock.move_to(now);
    stage.refused(request::claim(&gone), Code::UnknownCampaign).await;
    let (round, token) = (of_spring.opened.round, of_spring.opened.token);
    assert!(stage.send(request::end(round, token)).await.status.is_success());
    let play = stage.win(&player, 2_000).await;
    let claim = claim(&stage, &play, &player);
    let now = stage.faucet.clock.now();
    stage.close().await;

    let mut stage = Stage::start(log, on_disk(&[QUICK], &few_attempts)).await;
    stage.faucet.clock.move_to(now);
    stage.refused(request::claim(&claim), Code::LevelStopped).await;
    stage.close().await;

    // As if the round had been opened by a server with older rules.
    let store = Connection::open(data.join(MAIN_FILE)).expect("the store is there");
    store.execute("UPDATE rounds SET rules_version = rules_version - 1", []).expect("it is changed");
    store.close().expect("it is closed");
    let mut stage = Stage::start(log, on_disk(&[], &few_attempts)).await;
    stage.faucet.clock.move_to(now);
    let before: WalletView = stage.send(request::wallet(player.wallet)).await.expect();
    let hash = transcript_start(play.opened.round, play.opened.level_hash, play.opened.rules_version - 1);
    assert_ne!(hash, transcript_start(play.opened.round, play.opened.level_hash, play.opened.rules_version));
    for _ in 0..2 {
        stage.refused(request::claim(&claim), Code::RulesChanged).await;
        let after: WalletView = stage.send(request::wallet(player.wallet)).await.expect();
        assert_eq!(after.attempts_left, before.attempts_left + 1, "the attempt is given back, once");
    }
}
