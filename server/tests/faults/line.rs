//! The line between the server and the node: HTTP on a free loopback port, on which what was arranged goes wrong once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::Value;

use crate::fault::{Cell, Fault, Step};
use crate::json_http::{self, Answer, Request};
use crate::plan::Plan;

/// What a node would say that does not know what it is asked for; `None` where the question has no such answer. Given the
/// request, and the true answer.
pub(crate) type Lie = fn(&Value, &Value) -> Option<Value>;

/// Where things stand.
#[derive(Debug, Default)]
struct State {
    /// Where the payout is.
    step: Option<Step>,
    /// Requests that are still on their way.
    held: Vec<Request>,
    /// What was answered last, by what was asked.
    before: BTreeMap<String, String>,
    /// Whether the process has ended.
    is_killed: bool,
}

/// See the module. Clones are the same line.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    state: Arc<Mutex<State>>,
    plan: Arc<Plan>,
    node: Arc<str>,
    falsify: Lie,
    /// The address to ask instead of the node's.
    pub(crate) url: String,
}

impl Line {
    /// A line to the node at this address. It goes with the process.
    pub(crate) fn start(node: &str, falsify: Lie) -> Self {
        let mut started = Self {
            state: Arc::default(),
            plan: Arc::default(),
            node: node.into(),
            falsify,
            url: String::new(),
        };
        let serving = started.clone();
        started.url = json_http::serve(move |request| serving.serve(request));
        started
    }

    /// The endpoints of a rail: the line, and at every second start also the line by another name, which counts as another
    /// one.
    pub(crate) fn endpoints(&self, start: u64) -> Vec<String> {
        let mut endpoints = vec![self.url.clone()];
        if start.is_multiple_of(2) {
            endpoints.push(self.url.replace("127.0.0.1", "localhost"));
        }
        endpoints
    }

    /// Has these go wrong, each once, the next time that it can.
    pub(crate) fn arm(&self, cells: &[Cell]) {
        self.plan.arm(cells);
    }

    /// What went wrong since this was asked last.
    pub(crate) fn struck(&self) -> Vec<Cell> {
        self.plan.struck()
    }

    /// The payout is at this step now.
    pub(crate) fn at(&self, step: Step) {
        self.state.lock().unwrap().step = Some(step);
    }

    /// Whether this goes wrong now: then it will not again.
    pub(crate) fn strikes(&self, cell: Cell) -> bool {
        self.plan.strikes(cell)
    }

    /// Ends the process, as far as its rail can tell, or starts it again.
    pub(crate) fn set_killed(&self, is_killed: bool) {
        self.state.lock().unwrap().is_killed = is_killed;
    }

    /// Whether the process has ended.
    pub(crate) fn is_killed(&self) -> bool {
        self.state.lock().unwrap().is_killed
    }

    /// Lets everything arrive that is still on its way.
    pub(crate) fn deliver(&self) {
        let held = std::mem::take(&mut self.state.lock().unwrap().held);
        for request in held {
            self.ask(&request);
        }
    }

    /// What comes back to a request; nothing where it hangs up.
    fn serve(&self, request: &Request) -> Option<Answer> {
        let step = self.state.lock().unwrap().step;
        match step {
            Some(step) => self.answer(step, request),
            None => self.ask(request).map(Answer::Whole),
        }
    }

    fn answer(&self, step: Step, request: &Request) -> Option<Answer> {
        let strikes = |fault| self.strikes((step, fault));
        if strikes(Fault::RequestLost) {
            return None;
        }
        if strikes(Fault::Html) {
            return Some(Answer::Whole("<!doctype html><h1>Bad gateway</h1>".to_owned()));
        }
        if step == Step::Send && strikes(Fault::Late) {
            self.state.lock().unwrap().held.push(request.clone());
            return None;
        }
        if strikes(Fault::Doubled) {
            self.ask(request);
        }
        let truth = self.ask(request)?;
        if strikes(Fault::AnswerLost) {
            return None;
        }
        if strikes(Fault::AnswerCut) {
            return Some(Answer::Half(truth));
        }
        let before = self.state.lock().unwrap().before.insert(request.body.clone(), truth.clone());
        if step != Step::Send
            && let Some(before) = before.filter(|before| *before != truth)
            && strikes(Fault::Late)
        {
            return Some(Answer::Whole(before));
        }
        if let Some(lie) = self.lie(&request.body, &truth)
            && strikes(Fault::NotFound)
        {
            return Some(Answer::Whole(lie));
        }
        Some(Answer::Whole(truth))
    }

    /// What a lie would be, where it is one.
    fn lie(&self, request: &str, truth: &str) -> Option<String> {
        let (request, truth) = (serde_json::from_str(request).ok()?, serde_json::from_str(truth).ok()?);
        (self.falsify)(&request, &truth).filter(|lie| *lie != truth).map(|lie| lie.to_string())
    }

    /// What the node says; nothing where it is gone.
    fn ask(&self, request: &Request) -> Option<String> {
        json_http::ask(&self.node, &request.headers, &request.body)
    }
}
