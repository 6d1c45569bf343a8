//! Whether a claim costs the same whatever the store holds: one after the other, on a store with ten thousand wallets, and
//! on one with a hundred times as many.

use std::path::Path;

use dripline_server::faucet::{Caller, Settings};
use dripline_shared::api::ClaimRequest;
use dripline_tests::faucet::{LocalFaucet, settings};
use dripline_tests::fill::fill;
use dripline_tests::levels::{self, QUICK};
use dripline_tests::player::catalog;

use crate::prepare;
use crate::stopwatch::{now, quantile};
use crate::table::{Row, target};

const SMALL: u32 = 10_000;
const LARGE: u32 = 1_000_000;
/// Claims on each.
const CLAIMS: u64 = 600;

pub(crate) fn measure() -> Vec<Row> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let (small, large) = (Filled::new(SMALL).await, Filled::new(LARGE).await);
        // In turns, so that whatever else the disk does meets both.
        let (mut of_small, mut of_large) = (Vec::new(), Vec::new());
        for (one, other) in small.claims.iter().zip(&large.claims) {
            of_small.push(small.claim(one).await);
            of_large.push(large.claim(other).await);
        }
        let (small_ms, large_ms) = (quantile(&mut of_small, 0.5), quantile(&mut of_large, 0.5));
        println!("a claim, alone: {small_ms:.2} ms with {SMALL} wallets, {large_ms:.2} ms with {LARGE}");
        let name = format!("claim time on a store of {LARGE} wallets ÷ on one of {SMALL}");
        vec![Row::below(&name, large_ms / small_ms, 1.5, "")]
    })
}

/// A faucet with so many wallets, and rounds that wait for their claims.
struct Filled {
    faucet: LocalFaucet,
    claims: Vec<ClaimRequest>,
    _folder: tempfile::TempDir,
}

impl Filled {
    async fn new(wallets: u32) -> Self {
        println!("filling a store with {wallets} wallets …");
        let folder = tempfile::tempdir_in(target().expect("a target folder")).expect("a folder on the disk");
        let data = folder.path().join("data");
        let LocalFaucet { faucet, router, .. } = start(&data);
        drop(router);
        faucet.shutdown().await;
        fill(&data, wallets);
        let faucet = start(&data);
        let catalog = catalog(&mut faucet.wire()).await;
        let ready = prepare::won(&faucet, &catalog, QUICK, 0, CLAIMS).await;
        Self { faucet, claims: prepare::claims(&catalog, &ready), _folder: folder }
    }

    /// How long the claim takes, in milliseconds.
    async fn claim(&self, claim: &ClaimRequest) -> f64 {
        let caller = Caller { prefix: "127.0.0.1".to_owned() };
        let start = now();
        self.faucet.faucet.claim(*claim, &caller).await.expect("the claim is accepted");
        start.elapsed().as_secs_f64() * 1e3
    }
}

fn start(data: &Path) -> LocalFaucet {
    let on_disk = Settings { data: Some(data.to_owned()), ..settings(levels::quick()) };
    LocalFaucet::start_with(on_disk, |_| ())
}
