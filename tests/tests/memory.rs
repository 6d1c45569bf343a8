//! How much memory the real program takes: idle, and with ten thousand rounds in play.

use dripline_shared::api::{OpenAnswer, SegmentAnswer};
use dripline_shared::game::Skill;
use dripline_tests::clock::{Clock, RealClock};
use dripline_tests::levels::{self, QUICK};
use dripline_tests::play::Play;
use dripline_tests::player::{Player, catalog, client_id, send};
use dripline_tests::program::Installation;
use dripline_tests::request;
use dripline_tests::wire::Connection;
use tokio::task::JoinSet;

const ROUNDS: u64 = 10_000;
/// What the program may take when nobody plays. It takes 24,000 to 24,500 KiB, of which 21,000 are its own code and constants, as many
/// of them as the system happens to have read.
const IDLE_KIB_MAX: u64 = 40_000;
const CONNECTIONS: u64 = 64;
/// How many rounds a connection opens before it plays them: so few that no segment comes too late.
const AT_ONCE: usize = 16;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_idles_below_41_mb_and_holds_ten_thousand_rounds_in_play_below_200_mb() {
    let installation = Installation::new(&levels::quick());
    let program = installation.serve(None, &[]);
    let catalog = catalog(&mut Connection::to(program.address)).await;
    let idle = program.memory_kib("VmRSS");
    assert!(idle < IDLE_KIB_MAX, "idle: {idle} KiB");

    let mut tasks = JoinSet::new();
    for connection in 0..CONNECTIONS {
        let (catalog, address) = (catalog.clone(), program.address);
        tasks.spawn(async move {
            let (mut wire, clock) = (Connection::to(address), RealClock::new());
            let numbers: Vec<u64> =
                (connection..ROUNDS).step_by(usize::try_from(CONNECTIONS).expect("few")).collect();
            for numbers in numbers.chunks(AT_ONCE) {
                let mut plays = Vec::new();
                for &number in numbers {
                    let open = Player::number(number).open(&catalog, QUICK, client_id(number), clock.now());
                    let opened: OpenAnswer = send(&mut wire, request::open(&open)).await.expect();
                    plays.push(Play::begin(opened, Skill::Fair, number));
                }
                for mut play in plays {
                    let next = play.next_segment().expect("a game has a first segment");
                    clock.reach(next.from).await;
                    let (round, token) = (play.opened.round, play.opened.token);
                    let segment = request::segment(round, token, next.number, next.end, next.bytes);
                    let _stored: SegmentAnswer = send(&mut wire, segment).await.expect();
                }
            }
        });
    }
    while let Some(task) = tasks.join_next().await {
        task.expect("every round was opened, and its first segment stored");
    }
    let (held, most) = (program.memory_kib("VmRSS"), program.memory_kib("VmHWM"));
    println!("idle {idle} KiB, with {ROUNDS} rounds in play {held} KiB, at most {most} KiB");
    assert!(most < 200_000, "with {ROUNDS} rounds in play: {held} KiB, at most {most} KiB");
}
