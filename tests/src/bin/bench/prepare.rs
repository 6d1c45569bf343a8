//! Rounds made ready through the API, with a clock of our own: played to the end and not claimed, or left in play.

use std::sync::Arc;

use dripline_shared::api::{CatalogView, ClaimRequest, OpenAnswer, SegmentAnswer};
use dripline_shared::game::{Skill, Status};
use dripline_tests::clock::Clock;
use dripline_tests::faucet::{LocalFaucet, ORIGIN};
use dripline_tests::play::Play;
use dripline_tests::player::{Player, client_id, send};
use dripline_tests::request;
use tokio::task::JoinSet;

/// Players that play at the same time.
const CROWD: u64 = 32;

/// A round that waits for its claim, or for its next segment.
pub(crate) struct Ready {
    pub(crate) player: Player,
    pub(crate) play: Play,
}

/// Has players `first` and so on each win a round of `level`; gives those that were won.
///
/// All rounds are opened at one moment, and go on segment by segment together, so that none is late.
pub(crate) async fn won(
    faucet: &LocalFaucet,
    catalog: &CatalogView,
    level: &str,
    first: u64,
    count: u64,
) -> Vec<Ready> {
    let mut rounds = opened(faucet, catalog, level, first, count).await;
    let mut over = Vec::new();
    while !rounds.is_empty() {
        let (ended, going_on) = step(faucet, rounds).await;
        over.extend(ended);
        rounds = going_on;
    }
    over.retain(|ready| ready.play.status() == Status::Won);
    over
}

/// Opens a round for each of these players.
pub(crate) async fn opened(
    faucet: &LocalFaucet,
    catalog: &CatalogView,
    level: &str,
    first: u64,
    count: u64,
) -> Vec<Ready> {
    let (catalog, level) = (Arc::new(catalog.clone()), Arc::<str>::from(level));
    let numbers: Vec<u64> = (first..first + count).collect();
    in_parallel(numbers, |number| {
        let (faucet, catalog, level) = (faucet.clone(), Arc::clone(&catalog), Arc::clone(&level));
        async move {
            let player = Player::number(number);
            let open = player.open(&catalog, &level, client_id(number), faucet.clock.now());
            let answer: OpenAnswer = send(&mut faucet.wire(), request::open(&open)).await.expect();
            Ready { player, play: Play::begin(answer, Skill::Fair, number) }
        }
    })
    .await
}

/// Every round goes on by a segment; gives those that ended, and the others.
async fn step(faucet: &LocalFaucet, rounds: Vec<Ready>) -> (Vec<Ready>, Vec<Ready>) {
    let mut next = Vec::with_capacity(rounds.len());
    for mut ready in rounds {
        let segment = ready.play.next_segment().expect("the seed is known");
        faucet.clock.move_to(segment.from);
        next.push((ready, segment));
    }
    let sent = in_parallel(next, |(mut ready, segment)| {
        let faucet = faucet.clone();
        async move {
            let (round, token) = (ready.play.opened.round, ready.play.opened.token);
            let put = request::segment(round, token, segment.number, segment.end, segment.bytes);
            let answer: SegmentAnswer = send(&mut faucet.wire(), put).await.expect();
            ready.play.learn(&answer);
            (ready, segment.end.is_some())
        }
    })
    .await;
    let (ended, going_on): (Vec<_>, Vec<_>) = sent.into_iter().partition(|(_, ended)| *ended);
    let rounds = |list: Vec<(Ready, bool)>| list.into_iter().map(|(ready, _)| ready).collect();
    (rounds(ended), rounds(going_on))
}

/// The claims of rounds.
pub(crate) fn claims(catalog: &CatalogView, ready: &[Ready]) -> Vec<ClaimRequest> {
    ready.iter().map(|ready| ready.play.claim(&ready.player, ORIGIN, catalog.faucet)).collect()
}

/// Does `work` with every item, [`CROWD`] at a time.
async fn in_parallel<I, T, F>(items: Vec<I>, work: impl Fn(I) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let mut tasks = JoinSet::new();
    let mut done = Vec::with_capacity(items.len());
    let mut items = items.into_iter();
    loop {
        while tasks.len() < usize::try_from(CROWD).expect("few")
            && let Some(item) = items.next()
        {
            tasks.spawn(work(item));
        }
        match tasks.join_next().await {
            Some(result) => done.push(result.expect("no panic")),
            None => return done,
        }
    }
}
