//! Bad input while a round is played, and what it gets: a stable code, and nothing changed.

use crate::support::dump::dump;
use crate::support::{Directory, Player, World, code, drive};
use dripline_server::refusal::Refusal;
use dripline_shared::api::{OpenAnswer, RoundState, SegmentAnswer};
use dripline_shared::catalog::Catalog;
use dripline_shared::error::Code;
use dripline_shared::game::{Pace, Skill};
use dripline_shared::round::{RoundId, RoundToken};
use dripline_shared::time::MINUTE_MS;
use dripline_shared::transcript::{SEGMENT_BYTES_MAX, Segment};

/// A world on a directory, with an open round of the first level of a clocked game.
fn clocked() -> (Directory, World, OpenAnswer) {
    let directory = Directory::new();
    let world = World::on(&directory, Catalog::first_run());
    let level = world.catalog.levels.iter().find(|level| level.play.pace() == Pace::Clocked).unwrap();
    let open = world.open(&Player::new(1), &level.id.clone());
    (directory, world, open)
}

fn refused(
    world: &World,
    directory: &Directory,
    code: Code,
    send: impl FnOnce(&World) -> Result<SegmentAnswer, Refusal>,
) -> Refusal {
    let before = dump(directory.path());
    let refusal = send(world).expect_err("it should have been refused");
    assert_eq!(refusal.code(), code, "{refusal:?}");
    assert_eq!(dump(directory.path()), before, "{code:?} changed something");
    refusal
}

#[test]
fn a_round_that_is_not_there_is_unknown_and_one_without_its_token_tells_nothing() {
    let (directory, world, open) = clocked();
    let unknown = RoundId([1; 16]);
    let wrong = RoundToken([1; 32]);
    for (round, token, expected) in [
        (unknown, Some(wrong), Code::RoundUnknown),
        (unknown, None, Code::RoundUnknown),
        (open.round, Some(wrong), Code::WrongToken),
        (open.round, None, Code::WrongToken),
    ] {
        refused(&world, &directory, expected, |world| world.put(round, token, 0, None, &[]));
        assert_eq!(code(world.view(round, token)), expected);
        assert_eq!(code(world.runtime.block_on(world.faucet.end(round, token))), expected);
    }
    let other = world.open(&Player::new(2), world.first_level());
    refused(&world, &directory, Code::WrongToken, |world| {
        world.put(open.round, Some(other.token), 0, None, &[])
    });
}

#[test]
fn a_segment_comes_neither_before_it_can_have_been_played_nor_after_the_allowance() {
    let (directory, world, open) = clocked();
    let token = Some(open.token);
    let (earliest, latest) = open.timing.arrival(open.opened_at_ms, open.timing.segment_length);
    world.wait_until(earliest.minus(1));
    let refusal =
        refused(&world, &directory, Code::SegmentEarly, |world| world.put(open.round, token, 0, None, &[]));
    assert_eq!(refusal.reasons[0].until_ms, Some(earliest));
    world.wait(1);
    world.put(open.round, token, 0, None, &[]).unwrap();
    let (_, second_latest) = open.timing.arrival(open.opened_at_ms, 2 * open.timing.segment_length);
    assert!(second_latest > latest);
    world.wait_until(second_latest.plus(1));
    refused(&world, &directory, Code::SegmentLate, |world| world.put(open.round, token, 1, None, &[]));
    world.wait_until(open.expires_at_ms.plus(1));
    refused(&world, &directory, Code::RoundExpired, |world| world.put(open.round, token, 1, None, &[]));
}

#[test]
fn segments_come_in_order_and_the_first_write_of_each_wins() {
    let (directory, world, open) = clocked();
    let token = Some(open.token);
    world.wait_until(open.timing.arrival(open.opened_at_ms, open.timing.segment_length).0);
    refused(&world, &directory, Code::SegmentOutOfOrder, |world| world.put(open.round, token, 1, None, &[]));
    let far = u32::MAX;
    refused(&world, &directory, Code::SegmentOutOfOrder, |world| {
        world.put(open.round, token, far, None, &[])
    });
    let answer = world.put(open.round, token, 0, None, &[0, 1]).unwrap();
    for (end, bytes) in [(None, vec![]), (None, vec![0, 2]), (Some(240), vec![0, 1]), (Some(7), vec![0, 1])] {
        refused(&world, &directory, Code::SegmentConflict, |world| {
            world.put(open.round, token, 0, end, &bytes)
        });
    }
    let before = dump(directory.path());
    assert_eq!(world.put(open.round, token, 0, None, &[0, 1]).unwrap(), answer);
    assert_eq!(dump(directory.path()), before);
}

#[test]
fn bytes_that_are_not_the_one_encoding_of_inputs_are_malformed() {
    let (directory, world, open) = clocked();
    let token = Some(open.token);
    world.wait_until(open.timing.arrival(open.opened_at_ms, open.timing.segment_length).0);
    let length = open.timing.segment_length;
    for (end, bytes) in [
        (None, vec![0]),
        (None, vec![0x80, 0, 1]),
        (None, vec![3, 1, 0, 1]),
        (None, vec![0xf0, 0x01, 1]),
        (Some(5), vec![5, 1]),
        (Some(0), vec![]),
        (Some(length + 1), vec![]),
        (Some(u32::MAX), vec![]),
    ] {
        refused(&world, &directory, Code::SegmentMalformed, |world| {
            world.put(open.round, token, 0, end, &bytes)
        });
    }
    let oversized = vec![0; SEGMENT_BYTES_MAX + 1];
    refused(&world, &directory, Code::BodyTooLarge, |world| {
        world.put(open.round, token, 0, None, &oversized)
    });
}

#[test]
fn a_round_cannot_go_on_after_the_length_by_which_its_game_has_ended() {
    let (directory, world, open) = clocked();
    let token = Some(open.token);
    let last = open.timing.segments_max() - 1;
    for number in 0..last {
        let length = (number + 1) * open.timing.segment_length;
        world.wait_until(open.timing.arrival(open.opened_at_ms, length).0);
        world.put(open.round, token, number, None, &[]).unwrap();
    }
    world.wait_until(open.timing.arrival(open.opened_at_ms, open.timing.length_max).0);
    refused(&world, &directory, Code::SegmentMalformed, |world| {
        world.put(open.round, token, last, None, &[])
    });
    let rest = open.timing.length_max - open.timing.start_of(last);
    if rest < open.timing.segment_length {
        refused(&world, &directory, Code::SegmentMalformed, |world| {
            world.put(open.round, token, last, Some(rest + 1), &[])
        });
    }
    assert_eq!(world.put(open.round, token, last, Some(rest), &[]).unwrap().seed, None);
}

#[test]
fn nothing_comes_after_the_final_segment_and_repeats_of_any_get_their_answers() {
    let (directory, world, open) = clocked();
    let mut answers = Vec::new();
    let mut length = 0;
    let play = drive(&open, Skill::Fair, 0, |number, segment, last| {
        length += segment.length;
        world.wait_until(open.timing.arrival(open.opened_at_ms, length).0);
        let answer = world.send(&open, number, segment, last).unwrap();
        answers.push((number, segment.clone(), last, answer));
        answer.seed
    });
    let next = u32::try_from(play.segments.len()).unwrap();
    for number in [next, next + 1] {
        refused(&world, &directory, Code::SegmentAfterFinal, |world| {
            world.put(open.round, Some(open.token), number, None, &[])
        });
    }
    // Even once the round is closed or its time is over, what was stored is told again.
    world.end(&open);
    world.wait(10 * MINUTE_MS);
    for (number, segment, last, answer) in answers {
        let again = world.send(&open, number, &segment, last).unwrap();
        assert_eq!((again.segment, again.seed), (answer.segment, answer.seed));
    }
}

#[test]
fn an_ended_round_takes_no_segments() {
    let (directory, world, open) = clocked();
    world.wait_until(open.timing.arrival(open.opened_at_ms, open.timing.segment_length).0);
    assert_eq!(world.end(&open).state, RoundState::Ended);
    refused(&world, &directory, Code::RoundEnded, |world| {
        world.put(open.round, Some(open.token), 0, None, &[])
    });
}

#[test]
fn a_turn_takes_at_least_its_time_and_is_one_byte() {
    let world = World::new();
    let turns = world.catalog.levels.iter().find(|level| level.play.pace() == Pace::Turns);
    let Some(level) = turns else { return };
    let open = world.open(&Player::new(1), &level.id);
    let mut sent = false;
    drive(&open, Skill::Fair, 0, |number, segment, last| {
        if number == 0 {
            let earliest = open.timing.arrival(open.opened_at_ms, segment.length).0;
            world.wait_until(earliest.minus(1));
            assert_eq!(code(world.send(&open, 0, segment, last)), Code::SegmentEarly);
            world.wait(1);
            let short = Segment { length: segment.length, bytes: segment.bytes[1..].to_vec() };
            assert_eq!(code(world.send(&open, 0, &short, last)), Code::SegmentMalformed);
            sent = true;
        }
        world.wait(u64::from(level.turn_ms_min) * 8);
        world.send(&open, number, segment, last).unwrap().seed
    });
    assert!(sent);
}
