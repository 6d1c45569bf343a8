//! How much memory the real program takes: idle, and with ten thousand rounds in play.

use dripline_shared::api::OpenAnswer;
use dripline_tests::clock::{Clock, RealClock};
use dripline_tests::levels::{self, QUICK};
use dripline_tests::player::{Player, catalog, client_id, send};
use dripline_tests::program::Installation;
use dripline_tests::request;
use dripline_tests::wire::Connection;
use tokio::task::JoinSet;

const ROUNDS: u64 = 10_000;
const CONNECTIONS: u64 = 64;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_idles_below_40_mb_and_holds_ten_thousand_open_rounds_below_200_mb() {
    let installation = Installation::new(&levels::quick());
    let program = installation.serve(None, &[]);
    let catalog = catalog(&mut Connection::to(program.address)).await;
    let idle = program.memory_kib("VmRSS");
    assert!(idle < 40_000, "idle: {idle} KiB");

    let mut tasks = JoinSet::new();
    for connection in 0..CONNECTIONS {
        let (catalog, address) = (catalog.clone(), program.address);
        tasks.spawn(async move {
            let (mut wire, clock) = (Connection::to(address), RealClock::new());
            for number in (connection..ROUNDS).step_by(usize::try_from(CONNECTIONS).expect("few")) {
                let open = Player::number(number).open(&catalog, QUICK, client_id(number), clock.now());
                let _opened: OpenAnswer = send(&mut wire, request::open(&open)).await.expect();
            }
        });
    }
    while let Some(task) = tasks.join_next().await {
        task.expect("every round was opened");
    }
    let (held, most) = (program.memory_kib("VmRSS"), program.memory_kib("VmHWM"));
    println!("idle {idle} KiB, with {ROUNDS} open rounds {held} KiB, at most {most} KiB");
    assert!(most < 200_000, "with {ROUNDS} open rounds: {held} KiB, at most {most} KiB");
}
