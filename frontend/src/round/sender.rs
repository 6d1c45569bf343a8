//! Sends the segments of a round in order, each until it is stored. A network that is gone is waited for.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use dripline_shared::api::{OpenAnswer, Problem};
use dripline_shared::error::Code;
use dripline_shared::round::{RoundId, RoundToken, Seed};
use dripline_shared::transcript::Segment;
use gloo_events::EventListener;
use gloo_timers::future::TimeoutFuture;
use wasm_bindgen_futures::spawn_local;
use yew::Callback;

use crate::api::{Api, Failure};
use crate::browser::{edge, page};
use crate::state::backoff::Backoff;
use crate::state::pause::RoundClock;

/// How finely a wait is cut, so that a network that is back ends it, in milliseconds.
const SLICE_MS: u32 = 200;
/// What is waited for at least where the server found a segment early, in milliseconds.
const EARLY_MS: u64 = 50;

/// What happens to the segments.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum SenderEvent {
    /// A segment is stored; with the seed that it earned, and that seed's segment.
    Stored(Option<(u32, Seed)>),
    /// The server cannot be reached, or can again.
    Unreachable(bool),
    /// The final segment is stored: nothing can be lost any more.
    Complete,
    /// The server takes no more of this round.
    Refused(Failure),
}

/// Sends what it is given. It stops when this value is dropped.
#[derive(Debug)]
pub(crate) struct Sender {
    inner: Rc<Inner>,
    _online: EventListener,
}

#[derive(Debug)]
struct Inner {
    api: Api,
    round: RoundId,
    token: RoundToken,
    clock: RoundClock,
    segments: RefCell<Vec<Segment>>,
    /// Whether the last of the segments is the round's last.
    is_over: Cell<bool>,
    /// How many segments are stored.
    stored: Cell<u32>,
    is_sending: Cell<bool>,
    is_stopped: Cell<bool>,
    /// The network came back.
    is_woken: Cell<bool>,
    is_unreachable: Cell<bool>,
    on_event: Callback<SenderEvent>,
}

impl Sender {
    /// A sender for a round of which the server has the first `stored` segments.
    pub(crate) fn new(api: Api, answer: &OpenAnswer, stored: u32, on_event: Callback<SenderEvent>) -> Self {
        let inner = Rc::new(Inner {
            api,
            round: answer.round,
            token: answer.token,
            clock: RoundClock { opened_at: answer.opened_at_ms, timing: answer.timing },
            segments: RefCell::default(),
            is_over: Cell::new(false),
            stored: Cell::new(stored),
            is_sending: Cell::new(false),
            is_stopped: Cell::new(false),
            is_woken: Cell::new(false),
            is_unreachable: Cell::new(false),
            on_event,
        });
        let woken = Rc::clone(&inner);
        let online = EventListener::new(&page::window(), "online", move |_| woken.is_woken.set(true));
        Self { inner, _online: online }
    }

    /// Sends what is not stored yet of these, which are all segments of the round so far.
    pub(crate) fn send(&self, segments: Vec<Segment>, is_over: bool) {
        self.inner.segments.replace(segments);
        self.inner.is_over.set(is_over);
        if !self.inner.is_sending.replace(true) {
            spawn_local(Rc::clone(&self.inner).work());
        }
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        self.inner.is_stopped.set(true);
    }
}

impl Inner {
    async fn work(self: Rc<Self>) {
        let mut backoff = Backoff::new();
        while let Some((number, segment, is_final)) = self.next() {
            let played = self.clock.timing.start_of(number).saturating_add(segment.length);
            let early_ms = self.clock.early_ms(played, self.api.now());
            if early_ms > 0 {
                self.rest(early_ms).await;
                continue;
            }
            let answer = self.api.segment(self.round, self.token, number, &segment, is_final).await;
            if self.is_stopped.get() {
                break;
            }
            match answer {
                Ok(answer) => {
                    backoff = Backoff::new();
                    self.stored.set(number.saturating_add(1));
                    self.tell_reachable(true);
                    let seed = answer.seed.map(|seed| (number.saturating_add(2), seed));
                    self.on_event.emit(SenderEvent::Stored(seed));
                    if is_final {
                        self.on_event.emit(SenderEvent::Complete);
                    }
                }
                Err(failure) => {
                    if !self.overcome(&failure, &mut backoff).await {
                        self.on_event.emit(SenderEvent::Refused(failure));
                        break;
                    }
                }
            }
        }
        self.is_sending.set(false);
    }

    /// The next segment that is not stored.
    fn next(&self) -> Option<(u32, Segment, bool)> {
        let number = self.stored.get();
        let segments = self.segments.borrow();
        let at = usize::try_from(number).ok()?;
        let segment = segments.get(at).filter(|_| !self.is_stopped.get())?;
        Some((number, segment.clone(), self.is_over.get() && at + 1 == segments.len()))
    }

    /// Does what a failure asks for before the next try. False where no try can help.
    async fn overcome(&self, failure: &Failure, backoff: &mut Backoff) -> bool {
        match failure {
            Failure::Refused(problem) if problem.code == Code::SegmentEarly => {
                self.rest(early_ms(problem)).await;
                true
            }
            // The server lost segments (its power failed): it says how many it has.
            Failure::Refused(problem) if problem.code == Code::SegmentOutOfOrder => {
                match self.api.round(self.round, self.token).await {
                    Ok(view) => {
                        let is_behind = view.segments < self.stored.get();
                        self.stored.set(view.segments);
                        is_behind
                    }
                    Err(failure) => self.outlast(&failure, backoff).await,
                }
            }
            failure => self.outlast(failure, backoff).await,
        }
    }

    /// Waits for what passes by itself. False where it does not.
    async fn outlast(&self, failure: &Failure, backoff: &mut Backoff) -> bool {
        let Some(asked_ms) = failure.passes_by_itself() else { return false };
        self.tell_reachable(false);
        self.rest(u64::from(backoff.next(asked_ms))).await;
        true
    }

    fn tell_reachable(&self, is_reachable: bool) {
        if self.is_unreachable.replace(!is_reachable) == is_reachable {
            self.on_event.emit(SenderEvent::Unreachable(!is_reachable));
        }
    }

    /// Waits, but not longer than until the network is back.
    async fn rest(&self, wait_ms: u64) {
        self.is_woken.set(false);
        // By the clock: where nobody looks at the page, a browser lets every slice last a second or more.
        let end = edge::steady_clock().plus(wait_ms);
        loop {
            let left_ms = end.since(edge::steady_clock());
            if left_ms == 0 || self.is_woken.get() || self.is_stopped.get() {
                break;
            }
            TimeoutFuture::new(u32::try_from(left_ms).unwrap_or(u32::MAX).min(SLICE_MS)).await;
        }
    }
}

fn early_ms(problem: &Problem) -> u64 {
    problem.retry_after_ms.unwrap_or(EARLY_MS).max(EARLY_MS)
}
