//! Claims that are refused: a stable code, and nothing changed.

use std::collections::BTreeSet;

use dripline_server::faucet::Settings;
use dripline_server::refusal::Refusal;
use dripline_shared::api::{ClaimRequest, OpenAnswer, RoundState};
use dripline_shared::catalog::Catalog;
use dripline_shared::error::Code;
use dripline_shared::game::{Pace, Skill, Status};
use dripline_shared::level::Unlock;
use dripline_shared::round::{RoundId, transcript_next, transcript_start};
use dripline_shared::transcript::Segment;
use dripline_shared::wallet::Signature;

use crate::support::dump::dump;
use crate::support::{Directory, Play, Player, World, add_group_order, code, drive};

fn world() -> (Directory, World, Player) {
    let directory = Directory::new();
    let world = World::on(&directory, Catalog::first_run());
    (directory, world, Player::new(1))
}

fn refused(world: &World, directory: &Directory, code: Code, request: ClaimRequest) -> Refusal {
    let before = dump(directory.path());
    let refusal = world.try_claim(request).expect_err("it should have been refused");
    assert_eq!(refusal.code(), code, "{refusal:?}");
    assert_eq!(dump(directory.path()), before, "{code:?} changed something");
    refusal
}

/// Sends these segments as the whole of a round, the last one as final, and gives the claim of that.
fn send_all(world: &World, player: &Player, open: &OpenAnswer, segments: &[Segment]) -> ClaimRequest {
    let mut transcript = transcript_start(open.round, open.level_hash, open.rules_version);
    let mut length = 0;
    for (number, segment) in (0_u32..).zip(segments) {
        length += segment.length;
        world.wait_until(open.timing.arrival(open.opened_at_ms, length).0);
        let last = number as usize + 1 == segments.len();
        world.send(open, number, segment, last).unwrap();
        transcript = transcript_next(transcript, number, segment.length, &segment.bytes);
    }
    let play = Play { segments: segments.to_vec(), transcript, status: Status::Lost, score: 0 };
    world.claim_request(player, open, &play)
}

#[test]
fn a_round_is_claimed_once_it_is_finished_and_not_when_it_is_unknown_ended_or_out_of_time() {
    let (directory, world, player) = world();
    let signature = Signature([1; 64]);
    let unknown = ClaimRequest { round: RoundId([1; 16]), signature };
    refused(&world, &directory, Code::RoundUnknown, unknown);

    let open = world.open(&player, world.first_level());
    let unfinished = ClaimRequest { round: open.round, signature };
    refused(&world, &directory, Code::RoundNotFinished, unfinished);
    world.wait_until(open.expires_at_ms.plus(1));
    refused(&world, &directory, Code::RoundExpired, unfinished);

    let (open, play) = world.win(&player, world.first_level());
    let request = world.claim_request(&player, &open, &play);
    world.end(&open);
    refused(&world, &directory, Code::RoundEnded, request);

    let (open, play) = world.win(&player, world.first_level());
    let request = world.claim_request(&player, &open, &play);
    world.wait_until(open.claim_until_ms.plus(1));
    refused(&world, &directory, Code::RoundExpired, request);
}

#[test]
fn a_claim_in_the_last_moment_is_taken() {
    let (_directory, world, player) = world();
    let (open, play) = world.win(&player, world.first_level());
    world.wait_until(open.claim_until_ms);
    world.try_claim(world.claim_request(&player, &open, &play)).unwrap();
}

#[test]
fn a_claim_needs_the_signature_of_its_wallet_over_its_round_and_its_play() {
    let (directory, world, player) = world();
    let (first, first_play) = world.win(&player, world.first_level());
    let (second, second_play) = world.win(&player, world.first_level());
    let good = world.claim_request(&player, &second, &second_play);
    let moved = world.claim_request(&player, &first, &first_play).signature;
    let of_another = world.claim_request(&Player::new(2), &second, &second_play).signature;
    let other_play = Play { transcript: first_play.transcript, ..second_play };
    let over_another = world.claim_request(&player, &second, &other_play).signature;
    for signature in [moved, of_another, over_another, Signature([0; 64]), Signature([0xff; 64])] {
        refused(&world, &directory, Code::BadSignature, ClaimRequest { signature, ..good });
    }
    for byte in 0..64 {
        let mut altered = good;
        altered.signature.0[byte] ^= 0x80;
        assert_eq!(code(world.try_claim(altered)), Code::BadSignature);
    }
    let mut not_canonical = good;
    add_group_order(&mut not_canonical.signature.0[32..]);
    refused(&world, &directory, Code::BadSignature, not_canonical);
    let receipt = world.try_claim(good).unwrap();
    // Nor is it another way to ask for the receipt.
    refused(&world, &directory, Code::RoundClaimed, not_canonical);
    assert_eq!(world.try_claim(good).unwrap(), receipt);
}

#[test]
fn a_claimed_round_gives_its_receipt_to_its_own_signature_alone() {
    let (directory, world, player) = world();
    let (open, play) = world.win(&player, world.first_level());
    let request = world.claim_request(&player, &open, &play);
    let receipt = world.try_claim(request).unwrap();
    let mut other = request;
    other.signature.0[0] ^= 1;
    refused(&world, &directory, Code::RoundClaimed, other);
    let before = dump(directory.path());
    assert_eq!(world.try_claim(request).unwrap(), receipt);
    assert_eq!(dump(directory.path()), before);
}

#[test]
fn a_goal_that_was_not_met_is_told_with_what_the_server_saw_and_leaves_the_round_finished() {
    let (directory, world, player) = world();
    let lost = (0..30).find_map(|bot| {
        let open = world.open(&player, world.first_level());
        let play = world.play_as(&open, Skill::Random, bot);
        (play.status == Status::Lost).then_some((open, play))
    });
    let (open, play) = lost.expect("random play loses");
    let refusal = refused(&world, &directory, Code::GoalNotMet, world.claim_request(&player, &open, &play));
    let outcome = refusal.outcome.unwrap();
    let length = play.segments.iter().map(|segment| segment.length).sum::<u32>();
    assert_eq!((outcome.won, outcome.score, outcome.stars), (false, play.score, 0));
    assert_eq!(outcome.length, length);
    assert_eq!(world.view(open.round, Some(open.token)).unwrap().state, RoundState::Finished);
}

#[test]
fn a_transcript_that_ends_before_its_game_is_too_short() {
    let (directory, world, player) = world();
    let open = world.open(&player, world.first_level());
    let first_segment = {
        let mut first = None;
        drive(&open, Skill::Fair, 0, |number, segment, _| {
            if number == 0 {
                first = Some(segment.clone());
            }
            Some(open.seeds[1])
        });
        first.unwrap()
    };
    let request = send_all(&world, &player, &open, &[first_segment]);
    refused(&world, &directory, Code::TranscriptTooShort, request);
}

#[test]
fn a_transcript_that_goes_on_after_its_game_is_too_long() {
    let (directory, world, player) = world();
    let mut tried = 0;
    for level in world.catalog.levels.iter().filter(|level| level.id.ends_with("-1")) {
        let open = world.open(&player, &level.id);
        let mut segments = Vec::new();
        let mut length = 0;
        // The game's last segment is held back, and sent one step longer.
        drive(&open, Skill::Fair, 0, |number, segment, last| {
            length += segment.length;
            segments.push(segment.clone());
            world.wait_until(open.timing.arrival(open.opened_at_ms, length).0);
            if last { None } else { world.send(&open, number, segment, false).unwrap().seed }
        });
        let last = segments.last_mut().unwrap();
        if last.length < open.timing.segment_length && length < open.timing.length_max {
            last.length += 1;
            if level.play.pace() == Pace::Turns {
                let turn = last.bytes[0];
                last.bytes.push(turn);
            }
            let request = send_all(&world, &player, &open, &segments);
            refused(&world, &directory, Code::TranscriptTooLong, request);
            tried += 1;
        }
        world.end(&open);
    }
    assert!(tried > 0, "no first level ends within a segment");
}

#[test]
fn a_transcript_with_an_input_that_is_not_one_is_invalid() {
    let (directory, world, player) = world();
    for level in world.catalog.levels.iter().filter(|level| level.id.ends_with("-1")) {
        let open = world.open(&player, &level.id);
        let length = open.timing.segment_length;
        let bytes = match level.play.pace() {
            Pace::Clocked => vec![0, 0xee],
            Pace::Turns => vec![0xee; 8],
        };
        let request = send_all(&world, &player, &open, &[Segment { length, bytes }]);
        refused(&world, &directory, Code::TranscriptInvalid, request);
        world.end(&open);
    }
}

#[test]
fn a_level_that_is_stopped_pays_nothing_until_it_runs_again() {
    let (directory, world, player) = world();
    let level = world.first_level().to_owned();
    let (open, play) = world.win(&player, &level);
    let request = world.claim_request(&player, &open, &play);
    let now = world.shutdown();
    let settings =
        Settings { data: Some(directory.path().to_owned()), ..Settings::new(Catalog::first_run()) };
    // The catalog may have lost the level since: the stop goes above what the round has pinned.
    let mut without = Catalog::first_run();
    without.levels.remove(0);
    without.levels.iter_mut().for_each(|level| level.unlock = Unlock::Open);
    let mut now = now;
    for (stop, catalog) in [
        (level.as_str(), Catalog::first_run()),
        (level.as_str(), without),
        ("campaign:default", Catalog::first_run()),
    ] {
        let stopped = BTreeSet::from([stop.to_owned()]);
        let world = World::at(Settings { stopped, catalog: Some(catalog), ..settings.clone() }, now);
        refused(&world, &directory, Code::LevelStopped, request);
        now = world.shutdown();
    }
    World::at(settings, now).try_claim(request).unwrap();
}

#[test]
fn a_round_under_other_rules_is_not_replayed_and_its_attempt_comes_back_once() {
    let (directory, world, player) = world();
    let level = world.first_level().to_owned();
    let open = world.open(&player, &level);
    let now = world.shutdown();
    let store = rusqlite::Connection::open(directory.path().join("dripline.sqlite")).unwrap();
    store.execute("UPDATE rounds SET rules_version = 99", []).unwrap();
    drop(store);
    let settings =
        Settings { data: Some(directory.path().to_owned()), ..Settings::new(Catalog::first_run()) };
    let world = World::at(settings, now);
    let open = OpenAnswer { rules_version: 99, ..open };
    let play = world.play(&open, 0);
    let mut request = world.claim_request(&player, &open, &play);
    let used = world.wallet(&player).attempts_left;
    request.signature.0[0] ^= 1;
    refused(&world, &directory, Code::BadSignature, request);
    request.signature.0[0] ^= 1;
    assert_eq!(code(world.try_claim(request)), Code::RulesChanged);
    assert_eq!(world.wallet(&player).attempts_left, used + 1);
    refused(&world, &directory, Code::RulesChanged, request);
}
