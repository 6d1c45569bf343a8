//! The second layer: a day of a faucet. Players of several kinds arrive, play, wait and leave; the outcomes of their rounds
//! are drawn from those of the first layer, and all else is decided by the faucet's own rules. Pure.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use dripline_shared::amount::Amount;
use dripline_shared::game::Skill;
use dripline_shared::rng::SegmentRng;
use dripline_shared::round::{Seed, hash};
use dripline_shared::time::{HOUR_MS, Timestamp};
use dripline_shared::wallet::Wallet;

use super::actor::Actor;
use super::player::Kind;
use super::record::Record;
use super::rules::{Faucet, Rules};

/// What is next, in the order in which it happens; who came first goes first.
type Agenda = BinaryHeap<Reverse<(Timestamp, usize)>>;

/// Plays one day with so many players. `run` is its number, by which days of one seed differ.
pub(super) fn play(rules: &Rules<'_>, seed: u64, run: u32, players: u32) -> Record {
    whole(rules, seed, run, players).0
}

/// The day, and everybody and everything at its end.
fn whole<'a>(rules: &'a Rules<'a>, seed: u64, run: u32, players: u32) -> (Record, Faucet<'a>, Vec<Actor>) {
    let (mut faucet, mut record) = (Faucet::new(rules, rules.start), Record::default());
    let (mut actors, mut agenda) = (Vec::new(), Agenda::new());
    for (kind, count) in Kind::divide(players) {
        let habits = kind.habits();
        for number in 0..count {
            let mut rng = stream(seed, run, kind, number, 0);
            let arrives = rules.start.plus(kind.arrives_ms(&mut rng));
            let (skill, returns) = (habits.skill(&mut rng), rng.chance(habits.returning_per_mille));
            let player = record.arrives(kind, arrives);
            let prefix = format!("{} {number}", kind.as_str());
            for wallet in 1..=habits.wallets {
                let key = Wallet(seed_of(seed, run, kind, number, wallet).0);
                let own = stream(seed, run, kind, number, wallet);
                let ends = arrives.plus(habits.stays_ms);
                let actor = Actor::new((kind, player), (key, prefix.clone()), skill, ends, own);
                if returns {
                    actor.return_to(&mut faucet, rules.start, false);
                }
                agenda.push(Reverse((arrives, actors.len())));
                actors.push(actor);
            }
        }
    }
    for hour in 1..=24_u64 {
        go_on(
            &mut faucet,
            &mut record,
            &mut actors,
            &mut agenda,
            rules.start.plus(hour.saturating_mul(HOUR_MS)),
        );
        record.left.push(faucet.left());
    }
    record.close();
    (record, faucet, actors)
}

/// What somebody who plays fairly well earns in an hour, alone, having cleared before what a fair player clears.
pub(super) fn hour_alone(rules: &Rules<'_>, seed: u64, run: u32) -> Amount {
    let (mut faucet, mut record) = (Faucet::new(rules, rules.start), Record::default());
    let player = record.arrives(Kind::Keen, rules.start);
    let wallet = Wallet(seed_of(seed, run, Kind::Keen, 0, 1).0);
    let (end, own) = (rules.start.plus(HOUR_MS), stream(seed, run, Kind::Keen, 0, 1));
    let actor = Actor::new((Kind::Keen, player), (wallet, String::new()), Skill::Fair, end, own);
    actor.return_to(&mut faucet, rules.start, true);
    let (mut actors, mut agenda) = (vec![actor], Agenda::from([Reverse((rules.start, 0))]));
    go_on(&mut faucet, &mut record, &mut actors, &mut agenda, end);
    record.paid_in_all()
}

/// Lets everything happen that is before `until`.
fn go_on(
    faucet: &mut Faucet<'_>,
    record: &mut Record,
    actors: &mut [Actor],
    agenda: &mut Agenda,
    until: Timestamp,
) {
    while let Some(Reverse((now, number))) = agenda.pop_if_before(until) {
        let next = actors.get_mut(number).and_then(|actor| actor.act(faucet, record, now));
        agenda.extend(next.map(|at| Reverse((at, number))));
    }
}

/// Taking what is due.
trait PopBefore {
    /// The first entry, where it is before `until`.
    fn pop_if_before(&mut self, until: Timestamp) -> Option<Reverse<(Timestamp, usize)>>;
}

impl PopBefore for Agenda {
    fn pop_if_before(&mut self, until: Timestamp) -> Option<Reverse<(Timestamp, usize)>> {
        if self.peek().is_some_and(|Reverse((at, _))| *at < until) { self.pop() } else { None }
    }
}

/// The random numbers of a player (`part` 0) or of one of its wallets. Everybody has its own, so that a rule that changes
/// what one does leaves the luck of all others as it was.
fn stream(seed: u64, run: u32, kind: Kind, number: u32, part: u32) -> SegmentRng {
    SegmentRng::new(&seed_of(seed, run, kind, number, part))
}

fn seed_of(seed: u64, run: u32, kind: Kind, number: u32, part: u32) -> Seed {
    let (seed, run) = (seed.to_be_bytes(), run.to_be_bytes());
    let (number, part) = (number.to_be_bytes(), part.to_be_bytes());
    Seed(hash(b"dripline/simda/1", &[&seed, &run, &number, &part, kind.as_str().as_bytes()]).0)
}

#[cfg(test)]
mod tests;
