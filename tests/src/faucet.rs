//! A faucet in this process, with a clock that the test moves.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use axum::Router;
use dripline_server::faucet::{Faucet, Settings};
use dripline_server::http::{Options, router};
use dripline_server::telemetry::Metrics;
use dripline_shared::catalog::Catalog;
use dripline_shared::limit::CountLimit;
use dripline_shared::time::Timestamp;

use crate::clock::HandClock;
use crate::wire::InProcess;

/// The origin of the page that players of tests sign on.
pub const ORIGIN: &str = "http://localhost:8080";
/// When the clocks of tests start: noon, so that no test runs over midnight unawares.
pub const START: Timestamp = Timestamp(1_769_860_800_000);

/// A faucet, its service and its clock.
#[derive(Debug, Clone)]
pub struct LocalFaucet {
    /// The faucet.
    pub faucet: Faucet,
    /// Its clock.
    pub clock: HandClock,
    /// Its HTTP service.
    pub router: Router,
}

impl LocalFaucet {
    /// Starts one; `data` keeps it on disk, `None` in memory.
    ///
    /// # Panics
    /// Where it does not start.
    pub fn start(catalog: Catalog, data: Option<PathBuf>) -> Self {
        Self::start_with(Settings { data, ..settings(catalog) }, |_| ())
    }

    /// Starts one with these settings, whose service `adjust` may change.
    ///
    /// # Panics
    /// Where it does not start.
    pub fn start_with(settings: Settings, adjust: impl FnOnce(&mut Options)) -> Self {
        let clock = HandClock::at(START);
        let faucet = Faucet::start(settings, clock.edge()).expect("the faucet starts");
        let mut options = Options::new(clock.edge());
        // The clock stands still, so nothing would ever leave a throttle.
        options.throttle = CountLimit { burst: u32::MAX, every_ms: 1 };
        adjust(&mut options);
        let router = router(faucet.clone(), options, Metrics::new(faucet.clone()));
        Self { faucet, clock, router }
    }

    /// A wire to it from a usual address.
    pub fn wire(&self) -> InProcess {
        InProcess::new(self.router.clone(), SocketAddr::from((Ipv4Addr::LOCALHOST, 50_000)))
    }
}

/// Settings for a test: everything in memory, and the page's origin.
pub fn settings(catalog: Catalog) -> Settings {
    Settings { origins: vec![ORIGIN.to_owned()], ..Settings::new(catalog) }
}
