//! Counts what the server tells its operator as an error.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

/// How the line begins that says that it cannot be told what became of a batch.
const UNKNOWN: &str = "cannot tell what became of a payout";

/// How often an error said so since the process began. The first call begins to count.
pub(crate) fn unknown() -> u64 {
    static COUNT: OnceLock<Arc<AtomicU64>> = OnceLock::new();
    let count = COUNT.get_or_init(|| {
        let count: Arc<AtomicU64> = Arc::default();
        tracing_subscriber::registry().with(Counter(Arc::clone(&count))).init();
        count
    });
    count.load(Ordering::SeqCst)
}

struct Counter(Arc<AtomicU64>);

impl<S: Subscriber> Layer<S> for Counter {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        if *event.metadata().level() == Level::ERROR {
            event.record(&mut Message(&self.0));
        }
    }
}

struct Message<'a>(&'a AtomicU64);

impl Visit for Message<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" && format!("{value:?}").starts_with(UNKNOWN) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
}
