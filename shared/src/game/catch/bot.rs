//! A bot that plays Catch as a person does: it sees what is on the screen, guesses where things will land, and is late.

use super::{COLUMNS, Catch, Kind, PART, Params, STAY};
use crate::game::{Bot, Skill};
use crate::rng::SegmentRng;

/// What sets one player apart from another. Ticks are 60ths of a second, columns count in sixteenths.
#[derive(Debug, Clone, Copy)]
struct Habits {
    /// How far from its usual it is in a round, in percent of all times and errors below: at least, and the spread.
    /// Nobody is always the same.
    form: (u32, u32),
    /// From the moment a thing appears, or the last one landed, to the hand's answer: at least.
    reaction_ticks: u32,
    /// And up to so much more.
    hesitation_ticks: u32,
    /// Eyes are on one thing at a time: the time from one to the next.
    look_ticks: u32,
    /// How wrong the guess may be where a thing will land, while it is at the top.
    guess_parts: u32,
    /// As much again for each sixteen columns that the wind carries it.
    wind_parts: u32,
    /// How wrong the hand may be in the end.
    aim_parts: u32,
    /// How often a thing is not seen until it is late, in thousandths.
    overlooked_per_mille: u32,
    /// How often its thoughts wander off, in thousandths of its looks (20 a second), and for how long at most.
    lapses_per_mille: u32,
    lapse_ticks: u32,
    /// The room left between the bucket and rust.
    margin_parts: i32,
}

const FAIR: Habits = Habits {
    form: (60, 80),
    reaction_ticks: 13,
    hesitation_ticks: 9,
    look_ticks: 9,
    guess_parts: 100,
    wind_parts: 104,
    aim_parts: 36,
    overlooked_per_mille: 40,
    lapses_per_mille: 6,
    lapse_ticks: 60,
    margin_parts: 38,
};

const STRONG: Habits = Habits {
    form: (65, 80),
    reaction_ticks: 9,
    hesitation_ticks: 5,
    look_ticks: 7,
    guess_parts: 64,
    wind_parts: 96,
    aim_parts: 28,
    overlooked_per_mille: 15,
    lapses_per_mille: 5,
    lapse_ticks: 40,
    margin_parts: 26,
};

impl Habits {
    /// What they are in one round.
    fn today(self, rng: &mut SegmentRng) -> Self {
        let (least, spread) = self.form;
        let form = least.saturating_add(rng.below(spread.saturating_add(1)));
        let scaled = |usual: u32| usual.saturating_mul(form) / 100;
        Self {
            reaction_ticks: scaled(self.reaction_ticks),
            hesitation_ticks: scaled(self.hesitation_ticks),
            look_ticks: scaled(self.look_ticks),
            guess_parts: scaled(self.guess_parts),
            wind_parts: scaled(self.wind_parts),
            aim_parts: scaled(self.aim_parts),
            overlooked_per_mille: scaled(self.overlooked_per_mille),
            lapses_per_mille: scaled(self.lapses_per_mille),
            lapse_ticks: scaled(self.lapse_ticks),
            ..self
        }
    }
}

/// Notes are kept by the tick at which an item lands. A power of two above the longest fall: no two share a place.
const NOTES: usize = 256;

/// What the bot made of an item when it saw it first.
#[derive(Debug, Clone, Copy, Default)]
struct Note {
    /// Which item: the tick at which it lands. 0 for none.
    lands: u32,
    /// The tick from which it is reckoned with.
    seen: u32,
    /// How wrong the guess of its column is at the top, and in the end.
    guess: i32,
    aim: i32,
}

/// Something that the bot reckons with.
#[derive(Debug, Clone, Copy)]
struct Sight {
    /// Ticks until it lands.
    ticks: i32,
    /// Where it seems to land, in sixteenths of a column.
    at: i32,
    worth: i32,
}

/// See the module.
#[derive(Debug)]
pub struct CatchBot {
    habits: Option<Habits>,
    rng: SegmentRng,
    notes: [Note; NOTES],
    /// What it holds.
    held: u8,
    /// The tick until which it is still busy with what landed last.
    busy_until: u32,
    /// The tick from which it can look at another thing.
    eyes_free: u32,
    /// The landing tick of the item that it went for last.
    went_for: u32,
}

impl Bot<Catch> for CatchBot {
    fn new(skill: Skill, mut rng: SegmentRng) -> Self {
        let usual = match skill {
            Skill::Random => None,
            Skill::Fair => Some(FAIR),
            Skill::Strong => Some(STRONG),
        };
        Self {
            habits: usual.map(|habits| habits.today(&mut rng)),
            rng,
            notes: [Note::default(); NOTES],
            held: STAY,
            busy_until: 0,
            eyes_free: 0,
            went_for: 0,
        }
    }

    fn decide(&mut self, game: &Catch, params: &Params) -> Option<u8> {
        if let Some(habits) = self.habits {
            // A hand does not correct itself more often than 20 times a second.
            if game.tick().is_multiple_of(3) {
                self.held = self.think(habits, game, params);
            }
        } else if self.rng.below(20) == 0 {
            self.held = u8::try_from(self.rng.below(u32::from(STAY).saturating_add(1))).unwrap_or(STAY);
        }
        Some(self.held)
    }
}

impl CatchBot {
    fn think(&mut self, habits: Habits, game: &Catch, params: &Params) -> u8 {
        let now = game.tick();
        if self.went_for != 0 && self.went_for <= now {
            self.went_for = 0;
            self.busy_until = now.saturating_add(self.up_to(habits.hesitation_ticks));
        }
        if now >= self.busy_until && self.rng.chance(habits.lapses_per_mille) {
            self.busy_until = now.saturating_add(self.up_to(habits.lapse_ticks));
        }
        if now < self.busy_until {
            return self.held;
        }
        let mut waters = [None; 3];
        let mut rust: Option<Sight> = None;
        let mut found = 0_usize;
        for item in game.falling() {
            let ticks = item.lands.saturating_sub(now);
            let fall = item.kind.fall_ticks(params);
            if ticks > fall {
                continue;
            }
            let note = self.note(habits, item.lands, now, fall, item.from.abs_diff(item.to));
            if now < note.seen {
                continue;
            }
            let (left, whole) = (signed(ticks), signed(fall).max(1));
            let guess = note.guess.saturating_mul(left).checked_div(whole).unwrap_or(0);
            let at = parts(item.to).saturating_add(guess).saturating_add(note.aim);
            let worth = if item.kind == Kind::Gold { 3 } else { 1 };
            let sight = Sight { ticks: left, at, worth };
            if item.kind == Kind::Rust {
                rust = rust.or(Some(sight));
            } else if let Some(place) = waters.get_mut(found) {
                *place = Some(sight);
                found = found.saturating_add(1);
            }
        }
        let view = View { habits, params, bucket: game.bucket() };
        let (target, goes_for) = view.target(waters, rust);
        self.went_for = goes_for.map_or(0, |ticks| now.saturating_add(u32::try_from(ticks).unwrap_or(0)));
        target.map_or(STAY, column)
    }

    fn note(&mut self, habits: Habits, lands: u32, now: u32, fall: u32, carried: u8) -> Note {
        let place = usize::try_from(lands).unwrap_or(0) & NOTES.saturating_sub(1);
        let old = self.notes.get(place).copied().unwrap_or_default();
        if old.lands == lands {
            return old;
        }
        let late = if self.rng.chance(habits.overlooked_per_mille) { fall.saturating_mul(2) / 3 } else { 0 };
        let wait =
            habits.reaction_ticks.saturating_add(self.up_to(habits.hesitation_ticks)).saturating_add(late);
        let wind = habits.wind_parts.saturating_mul(u32::from(carried)) / 16;
        let seen = now.saturating_add(wait).max(self.eyes_free);
        self.eyes_free = seen.saturating_sub(late).saturating_add(habits.look_ticks);
        let note = Note {
            lands,
            seen,
            guess: self.wrong_by(habits.guess_parts.saturating_add(wind)),
            aim: self.wrong_by(habits.aim_parts),
        };
        if let Some(free) = self.notes.get_mut(place) {
            *free = note;
        }
        note
    }

    fn up_to(&mut self, most: u32) -> u32 {
        self.rng.below(most.saturating_add(1))
    }

    /// In `-most..=most`; small errors are likelier.
    fn wrong_by(&mut self, most: u32) -> i32 {
        let bound = most.saturating_add(1);
        let (one, other) = (self.rng.below(bound), self.rng.below(bound));
        i32::try_from(one).unwrap_or(0).saturating_sub(i32::try_from(other).unwrap_or(0))
    }
}

/// What a decision is made from.
struct View<'a> {
    habits: Habits,
    params: &'a Params,
    bucket: i32,
}

impl View<'_> {
    /// Where to go, and the ticks until what it goes for lands.
    fn target(&self, waters: [Option<Sight>; 3], rust: Option<Sight>) -> (Option<i32>, Option<i32>) {
        let [first, second, third] = waters;
        let (aim, next) = match (first, second) {
            (Some(a), Some(b)) if !self.reaches(self.bucket, a.ticks, a.at) => (Some(b), third),
            (Some(a), Some(b)) if b.worth > a.worth && !self.reaches_both(a, b) => (Some(b), third),
            _ => (first, second),
        };
        let Some(aim) = aim else {
            return (rust.and_then(|rust| self.dodge(rust, self.bucket)), None);
        };
        let mut at = aim.at;
        if let Some(next) = next {
            // Catch it with that side of the bucket which is nearer to the next one.
            let lean = self.reach().saturating_mul(2) / 3;
            at = at.saturating_add(next.at.saturating_sub(aim.at).clamp(lean.saturating_neg(), lean));
        }
        match rust {
            Some(rust) if rust.ticks <= aim.ticks => {
                // Where the bucket would be when the rust arrives.
                let there = self.moved(self.bucket, at, rust.ticks);
                (Some(self.around(rust, there, aim).unwrap_or(at)), Some(aim.ticks))
            }
            _ => (Some(at), Some(aim.ticks)),
        }
    }

    /// Where to wait for the rust to pass, if the bucket would meet it at `there`.
    fn around(&self, rust: Sight, there: i32, aim: Sight) -> Option<i32> {
        let room = self.reach().saturating_add(self.habits.margin_parts);
        if there.abs_diff(rust.at) > room.unsigned_abs() {
            return None;
        }
        let (left, right) = (rust.at.saturating_sub(room), rust.at.saturating_add(room));
        let (near, far) = if self.bucket < rust.at { (left, right) } else { (right, left) };
        let then = aim.ticks.saturating_sub(rust.ticks);
        let serves = |side: i32| {
            (0..=1_008).contains(&side)
                && self.travel(rust.ticks) >= gap(self.bucket, side)
                && self.reaches(side, then, aim.at)
        };
        // On the way first, then beyond it; where neither serves, the drop is given up for the life.
        Some(if serves(near) || !serves(far) { near } else { far })
    }

    fn dodge(&self, rust: Sight, there: i32) -> Option<i32> {
        let room = self.reach().saturating_add(self.habits.margin_parts);
        if there.abs_diff(rust.at) > room.unsigned_abs() {
            return None;
        }
        let (left, right) = (rust.at.saturating_sub(room), rust.at.saturating_add(room));
        let near = if self.bucket < rust.at { left } else { right };
        let far = if self.bucket < rust.at { right } else { left };
        Some(if (0..=1_008).contains(&near) { near } else { far })
    }

    fn reaches_both(&self, one: Sight, other: Sight) -> bool {
        let there = self.moved(self.bucket, one.at, one.ticks);
        self.reaches(there, other.ticks.saturating_sub(one.ticks), other.at)
    }

    /// Whether the bucket catches at `at` when it starts from `from` and has so many ticks.
    fn reaches(&self, from: i32, ticks: i32, at: i32) -> bool {
        gap(from, at) <= self.travel(ticks).saturating_add(self.reach())
    }

    /// Where the bucket is after `ticks` on its way from `from` to `to`.
    fn moved(&self, from: i32, to: i32, ticks: i32) -> i32 {
        let way = self.travel(ticks);
        to.max(from.saturating_sub(way)).min(from.saturating_add(way))
    }

    fn travel(&self, ticks: i32) -> i32 {
        i32::from(self.params.speed_parts).saturating_mul(ticks)
    }

    fn reach(&self) -> i32 {
        parts(self.params.reach_columns)
    }
}

fn gap(one: i32, other: i32) -> i32 {
    signed(one.abs_diff(other))
}

fn signed(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn parts(columns: u8) -> i32 {
    i32::from(columns).saturating_mul(PART)
}

/// The column nearest to a place, as an input.
fn column(place: i32) -> u8 {
    let nearest = place.saturating_add(8) >> 4_u32;
    u8::try_from(nearest.clamp(0, 63)).unwrap_or(0).min(COLUMNS.saturating_sub(1))
}
