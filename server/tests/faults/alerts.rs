//! Counts what the server tells its operator as an error.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

/// How the line begins that says that it cannot be told what became of a batch.
const UNKNOWN: &str = "cannot tell what became of a payout";

type Counts = Arc<Mutex<BTreeMap<String, u64>>>;

/// Of how many batches of a rail an error said so since the process began, each time that it did. The first call begins to count.
pub(crate) fn unknown(rail: &str) -> u64 {
    static COUNTS: OnceLock<Counts> = OnceLock::new();
    let counts = COUNTS.get_or_init(|| {
        let counts = Counts::default();
        tracing_subscriber::registry().with(Counter(Arc::clone(&counts))).init();
        counts
    });
    counts.lock().unwrap().get(rail).copied().unwrap_or(0)
}

struct Counter(Counts);

impl<S: Subscriber> Layer<S> for Counter {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        if *event.metadata().level() != Level::ERROR {
            return;
        }
        let mut told = Told::default();
        event.record(&mut told);
        if told.message.starts_with(UNKNOWN) {
            *self.0.lock().unwrap().entry(told.rail).or_default() += told.batches;
        }
    }
}

#[derive(Default)]
struct Told {
    message: String,
    rail: String,
    batches: u64,
}

impl Visit for Told {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "batches" {
            self.batches = value;
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        match field.name() {
            "message" => self.message = format!("{value:?}"),
            "rail" => self.rail = format!("{value:?}"),
            _ => {}
        }
    }
}
