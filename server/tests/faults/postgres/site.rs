//! Where a faucet's database is: a pair of servers, to which what was arranged happens once, and the chain that is paid on,
//! which tells where a payout is.

use std::sync::{Arc, Mutex, MutexGuard};

use dripline_server::payout::{Rail, RailError, Signed, Verdict};
use dripline_server::store::postgres::DatabaseAddress;
use dripline_server::store::record::{BatchFacts, BatchRecord, Candidate, RailRecord};
use dripline_shared::payout::RailKind;
use dripline_shared::time::Timestamp;

use super::pair::{DATABASE, Name, Pair};
use super::way;
use crate::fault::{Cell, Fault, Step, When};
use crate::plan::Plan;
use crate::support::chain::Chain;

/// See the module.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) plan: Plan,
    pair: Mutex<Pair>,
    place: Mutex<Place>,
}

/// Where things stand.
#[derive(Debug, Default)]
struct Place {
    /// What is committed next of a batch; where nothing is expected, one is made.
    next: Option<Step>,
    /// What happens once the answer to a commit is there.
    coming: Option<Fault>,
    /// What has happened to the database, which is down.
    fallen: Option<Fault>,
}

/// Everything that can happen at a step.
pub(crate) const FAULTS: [fn(When) -> Fault; 3] =
    [Fault::DatabaseStopped, Fault::DatabaseKilled, Fault::DatabaseReplaced];

/// Everything that can happen, and where.
pub(crate) fn cells() -> Vec<Cell> {
    let steps = [Step::Make, Step::Sign, Step::Keep, Step::Send, Step::Ask, Step::End];
    let at = |step| {
        FAULTS.into_iter().flat_map(move |fault| [When::Before, When::After].map(|when| (step, fault(when))))
    };
    steps.into_iter().flat_map(at).collect()
}

impl Site {
    /// A site with this pair, and the database's address, which names both servers.
    pub(crate) fn new(pair: Pair) -> (Arc<Self>, DatabaseAddress) {
        let sockets = [Name::One, Name::Other].map(|name| pair.socket(name));
        let site = Arc::new(Self { plan: Plan::default(), pair: Mutex::new(pair), place: Mutex::default() });
        let [one, other] = sockets.map(|socket| way::open(&site, socket));
        let hosts = format!("127.0.0.1:{one},127.0.0.1:{other}");
        let url = format!("postgres://dripline@{hosts}/{DATABASE}?target_session_attrs=read-write");
        (site, url.parse().unwrap())
    }

    /// The pair, once what happens to it has happened.
    pub(crate) fn pair(&self) -> MutexGuard<'_, Pair> {
        self.pair.lock().unwrap()
    }

    /// Whether the database is down.
    pub(crate) fn is_down(&self) -> bool {
        self.place.lock().unwrap().fallen.is_some()
    }

    /// Has what was arranged for this moment happen to the database, and tells whether it did.
    pub(crate) fn strike(&self, step: Step, when: When) -> bool {
        let strikes = self.is_to_strike(step, when);
        if strikes {
            self.strike_now();
        }
        strikes
    }

    /// Whether anything was arranged for this moment. Then it is to happen.
    pub(crate) fn is_to_strike(&self, step: Step, when: When) -> bool {
        let mut place = self.place.lock().unwrap();
        if place.fallen.is_some() || place.coming.is_some() {
            return false;
        }
        place.coming =
            FAULTS.into_iter().map(|fault| fault(when)).find(|fault| self.plan.strikes((step, *fault)));
        place.coming.is_some()
    }

    /// Has happen what is to.
    pub(crate) fn strike_now(&self) {
        let mut pair = self.pair();
        let mut place = self.place.lock().unwrap();
        let fault = place.coming.take().unwrap();
        // The faucet may notice before all of it has happened: who asks for the pair then waits for the rest.
        place.fallen = Some(fault);
        drop(place);
        match fault {
            Fault::DatabaseStopped(_) => pair.stop(),
            Fault::DatabaseReplaced(_) => {
                assert_eq!(pair.sync_state(), "sync");
                pair.kill();
            }
            _ => pair.kill(),
        }
    }

    /// Gives the faucet its database back, if it is down: the same server, or its standby.
    pub(crate) fn mend(&self) {
        let Some(fault) = self.place.lock().unwrap().fallen.take() else { return };
        let mut pair = self.pair();
        match fault {
            Fault::DatabaseReplaced(_) => {
                pair.promote();
                pair.add_standby();
            }
            _ => pair.start_again(),
        }
    }

    /// Of which step a batch is committed now.
    pub(crate) fn committing(&self) -> Step {
        self.place.lock().unwrap().next.take().unwrap_or(Step::Make)
    }

    /// What is committed next, unless the database goes away before.
    fn expect(&self, step: Option<Step>) {
        self.place.lock().unwrap().next = step;
    }
}

/// The chain, seen from a site.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) site: Arc<Site>,
    pub(crate) chain: Chain,
}

impl Seen {
    fn take<T>(&self, step: Step, work: impl FnOnce() -> Result<T, RailError>) -> Result<T, RailError> {
        self.site.expect(None);
        self.site.strike(step, When::Before);
        let result = work();
        self.site.strike(step, When::After);
        result
    }
}

impl Rail for Seen {
    fn kind(&self) -> RailKind {
        self.chain.kind()
    }

    fn check_address(&self, address: &str) -> Result<(), String> {
        self.chain.check_address(address)
    }

    fn is_own(&self, address: &str) -> bool {
        self.chain.is_own(address)
    }

    fn batch_max(&self) -> usize {
        self.chain.batch_max()
    }

    fn sign(&self, batch: &BatchFacts, rail: &RailRecord, now: Timestamp) -> Result<Signed, RailError> {
        let signed = self.take(Step::Sign, || self.chain.sign(batch, rail, now))?;
        self.site.expect(Some(Step::Keep));
        Ok(signed)
    }

    fn send(&self, batch: &BatchRecord, candidate: &Candidate, now: Timestamp) -> Result<(), RailError> {
        self.take(Step::Send, || self.chain.send(batch, candidate, now))
    }

    fn verdict(&self, batch: &BatchFacts, now: Timestamp) -> Result<Verdict, RailError> {
        let verdict = self.take(Step::Ask, || self.chain.verdict(batch, now))?;
        self.site.expect((verdict != Verdict::Alive).then_some(Step::End));
        Ok(verdict)
    }
}
