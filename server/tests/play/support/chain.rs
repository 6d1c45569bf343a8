//! A chain that goes wrong on demand: it executes each candidate at most once, whatever it answers, and remembers what
//! everybody got.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use dripline_server::payout::{History, Holdings, Rail, RailError, Signed, Verdict};
use dripline_server::store::record::{BatchFacts, BatchRecord, Candidate, RailRecord};
use dripline_shared::amount::Amount;
use dripline_shared::payout::RailKind;
use dripline_shared::time::Timestamp;

/// What the treasury had at first.
pub(crate) const FUNDED: i64 = 1_000_000;

/// What goes wrong with the next call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// Nothing happens, and an error is answered.
    Refuses,
    /// It happens, and an error is answered all the same.
    HappensUnanswered,
    /// It does not happen, and the answer is as if it did.
    Forgets,
    /// Blocks pass: what was not executed by now never will be.
    Expires,
    /// It cannot be told what became of anything.
    CannotTell,
}

#[derive(Debug, Default)]
struct State {
    /// What is to go wrong, the next first; nothing once it is empty.
    faults: Vec<Fault>,
    /// What was signed: the recipients and amounts.
    signed: BTreeMap<String, Vec<(String, i64)>>,
    /// What was executed, and whether it failed.
    executed: BTreeMap<String, bool>,
    expired: BTreeSet<String>,
    /// What everybody got.
    balances: BTreeMap<String, i64>,
    /// Candidates that were sent.
    sent: Vec<String>,
    /// Of a chain on which what was signed leaves no trace at first: its height.
    height: Option<u64>,
    /// What else the treasury was in: the transaction, and whether the treasury has signed it.
    others: Vec<(String, bool)>,
    /// How many more of these it tells about before it fails.
    tells: Option<usize>,
    /// What the treasury has had in all; as much as is wanted where nothing is said.
    funded: Option<i64>,
}

/// For how many blocks what was signed may come.
pub(crate) const HORIZON: u64 = 10;

/// See the module. Clones are the same chain.
#[derive(Debug, Clone, Default)]
pub(crate) struct Chain(Arc<Mutex<State>>);

impl Chain {
    /// Lets these go wrong, one call after the other.
    pub(crate) fn faults(&self, faults: impl IntoIterator<Item = Fault>) {
        let mut faults: Vec<Fault> = faults.into_iter().collect();
        faults.reverse();
        self.0.lock().unwrap().faults = faults;
    }

    /// How many of these have not gone wrong yet.
    pub(crate) fn faults_left(&self) -> usize {
        self.0.lock().unwrap().faults.len()
    }

    /// What an address got.
    pub(crate) fn balance(&self, address: &str) -> i64 {
        self.0.lock().unwrap().balances.get(address).copied().unwrap_or(0)
    }

    /// All that anybody got.
    pub(crate) fn total(&self) -> i64 {
        self.0.lock().unwrap().balances.values().sum()
    }

    /// How many candidates were signed.
    pub(crate) fn signed(&self) -> usize {
        self.0.lock().unwrap().signed.len()
    }

    /// The candidates that were sent.
    pub(crate) fn sent(&self) -> Vec<String> {
        self.0.lock().unwrap().sent.clone()
    }

    /// From now on what is signed leaves no trace for some blocks, and it is at this height.
    pub(crate) fn is_at(&self, height: u64) {
        self.0.lock().unwrap().height = Some(height);
    }

    /// The treasury was in this, and has signed it or not.
    pub(crate) fn happened(&self, transaction: &str, is_signed: bool) {
        self.0.lock().unwrap().others.push((transaction.to_owned(), is_signed));
    }

    /// It tells about so many more transactions of the treasury before it fails each time.
    pub(crate) fn tells(&self, most: usize) {
        self.0.lock().unwrap().tells = Some(most);
    }

    /// The treasury has had so much in all, of which everybody got something.
    pub(crate) fn is_funded(&self, funded: i64) {
        self.0.lock().unwrap().funded = Some(funded);
    }

    fn with<T>(&self, work: impl FnOnce(&mut State, Fault) -> Result<T, RailError>) -> Result<T, RailError> {
        let mut state = self.0.lock().unwrap();
        let fault = state.faults.pop().unwrap_or(Fault::None);
        if fault == Fault::Expires {
            let late: Vec<String> =
                state.signed.keys().filter(|id| !state.executed.contains_key(*id)).cloned().collect();
            state.expired.extend(late);
        }
        if fault == Fault::Refuses {
            return Err(RailError::Later("the chain does not answer".to_owned()));
        }
        let result = work(&mut state, fault);
        if fault == Fault::HappensUnanswered {
            return Err(RailError::Later("the answer got lost".to_owned()));
        }
        result
    }
}

impl State {
    /// Executes a candidate, if that is possible. A transfer to an address that starts with `bad` fails the whole.
    fn execute(&mut self, candidate: &str) {
        if self.expired.contains(candidate) || self.executed.contains_key(candidate) {
            return;
        }
        let Some(transfers) = self.signed.get(candidate) else { return };
        let fails = transfers.iter().any(|(address, _)| address.starts_with("bad"));
        if !fails {
            for (address, amount) in transfers {
                *self.balances.entry(address.clone()).or_default() += amount;
            }
        }
        self.executed.insert(candidate.to_owned(), fails);
    }
}

impl Rail for Chain {
    fn kind(&self) -> RailKind {
        RailKind::Sandbox
    }

    fn check_address(&self, address: &str) -> Result<(), String> {
        if address.contains("wrong") { Err("an address of this chain".to_owned()) } else { Ok(()) }
    }

    fn is_own(&self, address: &str) -> bool {
        address == "treasury"
    }

    fn batch_max(&self) -> usize {
        4
    }

    fn horizon(&self) -> Result<Option<u64>, RailError> {
        Ok(self.0.lock().unwrap().height.map(|height| height + HORIZON))
    }

    fn history(&self, since: Option<&str>) -> Result<History, RailError> {
        let state = self.0.lock().unwrap();
        let ids = state.executed.keys().chain(state.others.iter().map(|(id, _)| id));
        let all: Vec<Arc<str>> = ids.map(|id| id.as_str().into()).collect();
        let since = since.and_then(|since| all.iter().position(|id| &**id == since));
        let transactions = all.into_iter().skip(since.map_or(0, |place| place + 1)).collect();
        Ok(History { transactions, height: state.height })
    }

    fn is_signed_by_treasury(&self, transaction: &str) -> Result<bool, RailError> {
        let mut state = self.0.lock().unwrap();
        if let Some(tells) = &mut state.tells {
            *tells = tells.checked_sub(1).ok_or_else(|| RailError::Later("it tells no more".to_owned()))?;
        }
        Ok(state.others.iter().any(|(id, is_signed)| id == transaction && *is_signed))
    }

    fn sign(&self, batch: &BatchFacts, _rail: &RailRecord, _now: Timestamp) -> Result<Signed, RailError> {
        self.with(|state, _| {
            // It would fail, and the chain knows it before.
            if batch.withdrawals.iter().any(|it| it.address.starts_with("hopeless")) {
                return Err(RailError::Refused { reason: "the address takes nothing".into() });
            }
            let needed: i64 = batch.withdrawals.iter().map(|it| it.arrives().units()).sum();
            let left = state.funded.map(|funded| funded - state.balances.values().sum::<i64>());
            if let Some(left) = left.filter(|left| *left < needed) {
                return Err(RailError::Short(format!("the vault has {left} and needs {needed}")));
            }
            let id = format!("{}-{}", batch.record.id, state.signed.len());
            let transfers = batch.withdrawals.iter();
            let transfers = transfers.map(|it| (it.address.to_string(), it.arrives().units())).collect();
            state.signed.insert(id.clone(), transfers);
            Ok(Signed { id: id.clone().into(), bytes: id.into_bytes(), nonce: None, cost: Amount::ZERO })
        })
    }

    fn send(&self, batch: &BatchRecord, candidate: &Candidate, _now: Timestamp) -> Result<(), RailError> {
        assert_eq!(candidate.id.as_bytes(), candidate.bytes);
        let candidate = &*candidate.id;
        assert!(candidate.starts_with(&batch.id.to_string()));
        self.with(|state, fault| {
            state.sent.push(candidate.to_owned());
            if fault != Fault::Forgets {
                state.execute(candidate);
            }
            Ok(())
        })
    }

    fn verdict(&self, batch: &BatchFacts, _now: Timestamp) -> Result<Verdict, RailError> {
        self.with(|state, fault| {
            if fault == Fault::CannotTell {
                return Ok(Verdict::Unknown { why: "two nodes disagree".to_owned() });
            }
            let candidates = || batch.record.candidates.iter().map(|candidate| &*candidate.id);
            if let Some(id) = candidates().find(|id| state.executed.get(*id) == Some(&false)) {
                return Ok(Verdict::Settled { transaction: id.into() });
            }
            if candidates().all(|id| state.expired.contains(id)) {
                return Ok(Verdict::Expired);
            }
            if candidates().any(|id| state.executed.get(id) == Some(&true)) {
                let reason = format!("the transaction failed:\n\u{1b}[31m{}", "no! ".repeat(1_000));
                return Ok(Verdict::Failed { reason: reason.into() });
            }
            Ok(Verdict::Alive)
        })
    }

    fn holdings(&self) -> Result<Option<Holdings>, RailError> {
        self.with(|state, _| {
            let left = FUNDED - state.balances.values().sum::<i64>();
            let amounts = BTreeMap::from([("DRIP".into(), Amount::try_from(left).unwrap())]);
            Ok(Some(Holdings { address: "treasury".to_owned(), amounts }))
        })
    }
}
