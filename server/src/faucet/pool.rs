//! A bounded pool of threads for work that would hold up the async ones: proving, and reading the store.
//!
//! Each thread has a state of its own (a connection). At most so many jobs wait; beyond that a job is refused at once,
//! so that a flood makes quick refusals instead of a long queue.

use std::collections::VecDeque;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use dripline_shared::error::Code;
use tokio::sync::oneshot;

use crate::refusal::Refusal;
use crate::telemetry::TRACES;

/// After how long it is worth trying again when a queue is full, in milliseconds.
pub(crate) const OVERLOAD_RETRY_MS: u64 = 1_000;

type Job<S> = Box<dyn FnOnce(&mut S) + Send>;

/// See the module. Dropping it lets the threads finish what waits, and end.
pub(crate) struct Pool<S> {
    shared: Arc<Shared<S>>,
}

struct Shared<S> {
    /// What its work is called.
    name: &'static str,
    queue: Mutex<Queue<S>>,
    ready: Condvar,
    waiting_max: usize,
}

struct Queue<S> {
    jobs: VecDeque<Job<S>>,
    /// Jobs on a thread now.
    running: usize,
    closed: bool,
}

impl<S> Shared<S> {
    fn lock(&self) -> MutexGuard<'_, Queue<S>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: Send + 'static> Pool<S> {
    /// Starts one thread for each of `states`.
    pub(crate) fn start(name: &'static str, states: Vec<S>, waiting_max: usize) -> std::io::Result<Self> {
        let queue = Queue { jobs: VecDeque::new(), running: 0, closed: false };
        let shared = Arc::new(Shared { name, queue: Mutex::new(queue), ready: Condvar::new(), waiting_max });
        let pool = Self { shared };
        for state in states {
            let shared = Arc::clone(&pool.shared);
            thread::Builder::new().name(name.to_owned()).spawn(move || work(&shared, state))?;
        }
        Ok(pool)
    }

    /// Has `work` done on a thread. Work whose requester has gone is not begun.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut S) -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        let (sender, receiver) = oneshot::channel();
        // From when it is asked for: waiting is a part of it.
        let trace = tracing::info_span!(target: TRACES, "work", otel.name = self.shared.name);
        self.push(Box::new(move |state| {
            let _trace = trace.entered();
            if !sender.is_closed() {
                // The requester may go meanwhile; then nobody wants the answer.
                let _ = sender.send(work(state));
            }
        }))?;
        // Without an answer the work has panicked.
        receiver.await.map_err(|_| Code::Internal.into())
    }

    fn push(&self, job: Job<S>) -> Result<(), Refusal> {
        let mut queue = self.shared.lock();
        if queue.jobs.len() >= self.shared.waiting_max {
            return Err(overloaded());
        }
        queue.jobs.push_back(job);
        drop(queue);
        self.shared.ready.notify_one();
        Ok(())
    }

    /// How many jobs wait or are on a thread.
    pub(crate) fn depth(&self) -> usize {
        let queue = self.shared.lock();
        queue.jobs.len().saturating_add(queue.running)
    }
}

/// The refusal of whatever would wait too long.
pub(crate) fn overloaded() -> Refusal {
    Refusal { retry_after_ms: Some(OVERLOAD_RETRY_MS), ..Refusal::from(Code::Overloaded) }
}

impl<S> Drop for Pool<S> {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.ready.notify_all();
    }
}

impl<S> fmt::Debug for Pool<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Pool")
    }
}

fn work<S>(shared: &Shared<S>, mut state: S) {
    let mut queue = shared.lock();
    loop {
        if let Some(job) = queue.jobs.pop_front() {
            queue.running = queue.running.saturating_add(1);
            drop(queue);
            // A panic is a mistake of ours; it must not cost the other requests their thread.
            if catch_unwind(AssertUnwindSafe(|| job(&mut state))).is_err() {
                tracing::error!("a job panicked");
            }
            queue = shared.lock();
            queue.running = queue.running.saturating_sub(1);
        } else if queue.closed {
            return;
        } else {
            queue = shared.ready.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn work_is_done_on_a_thread_with_its_state() {
        let pool = Pool::start("test", vec![10], 10).unwrap();
        assert_eq!(pool.run(|state| *state += 1).await, Ok(()));
        assert_eq!(pool.run(|state| *state).await, Ok(11));
    }

    #[tokio::test]
    async fn beyond_the_bound_work_is_refused_at_once() {
        let pool = Arc::new(Pool::start("test", vec![()], 1).unwrap());
        let (begun, has_begun) = mpsc::channel();
        let (release, wait) = mpsc::channel::<()>();
        let running = {
            let pool = Arc::clone(&pool);
            tokio::spawn(async move {
                pool.run(move |()| {
                    begun.send(()).unwrap();
                    wait.recv().unwrap();
                })
                .await
            })
        };
        while has_begun.try_recv().is_err() {
            tokio::task::yield_now().await;
        }
        let waiting = {
            let pool = Arc::clone(&pool);
            tokio::spawn(async move { pool.run(|()| 1).await })
        };
        while pool.depth() < 2 {
            tokio::task::yield_now().await;
        }
        let refusal = pool.run(|()| 2).await.unwrap_err();
        assert_eq!((refusal.code(), refusal.retry_after_ms), (Code::Overloaded, Some(OVERLOAD_RETRY_MS)));
        release.send(()).unwrap();
        assert_eq!(running.await.unwrap(), Ok(()));
        assert_eq!(waiting.await.unwrap(), Ok(1));
    }

    #[tokio::test]
    async fn a_panic_costs_its_own_request_alone() {
        let pool = Pool::start("test", vec![()], 10).unwrap();
        let failed = pool.run(|()| assert!(std::hint::black_box(false), "a mistake")).await;
        assert_eq!(failed.unwrap_err().code(), Code::Internal);
        assert_eq!(pool.run(|()| 1).await, Ok(1));
    }
}
