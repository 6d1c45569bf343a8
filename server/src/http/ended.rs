//! That the server was told to end: for whatever goes on until then.

use std::future::pending;

use tokio::sync::watch;

/// Tells it. Whoever drops it without has not told it.
#[derive(Debug)]
pub struct Ending(watch::Sender<bool>);

/// Completes when it was told.
#[derive(Debug, Clone)]
pub struct Ended(watch::Receiver<bool>);

impl Ending {
    /// Tells all who wait.
    pub fn tell(&self) {
        self.0.send_replace(true);
    }
}

impl Ended {
    /// Who tells, and who waits.
    pub fn channel() -> (Ending, Self) {
        let (sender, receiver) = watch::channel(false);
        (Ending(sender), Self(receiver))
    }

    /// Waits for it; for ever where nobody can tell any more.
    pub async fn wait(mut self) {
        if self.0.wait_for(|ended| *ended).await.is_err() {
            pending::<()>().await;
        }
    }
}
