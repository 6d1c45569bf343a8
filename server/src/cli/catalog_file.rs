//! The file that the catalog is pinned to, while a server runs: what it says comes into force when it changes.
//!
//! Its text is read each second: notices of file systems do not come through every volume that a file may be mounted from. A
//! text that is no catalog is refused, once and loudly, and the catalog before it stays.

use std::path::PathBuf;
use std::sync::Arc;

use dripline_shared::catalog::Catalog;
use tokio::task::spawn_blocking;

use crate::config::{Finding, catalog_of_text, catalog_text};
use crate::faucet::Faucet;
use crate::refusal::Refusal;

/// See the module.
#[derive(Debug)]
pub(super) struct CatalogFile {
    path: Arc<PathBuf>,
    /// What it said when it was looked at last, or why it could not be read; nothing before.
    seen: Option<Result<String, String>>,
}

impl CatalogFile {
    /// The file at this path, which a server has just started with.
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path: Arc::new(path), seen: None }
    }

    /// Looks at it, and takes what it says into force where that has changed. Nothing where looking at it went wrong for good.
    pub(super) async fn look(mut self, faucet: &Faucet) -> Option<Self> {
        let path = Arc::clone(&self.path);
        let text = spawn_blocking(move || catalog_text(&path).map_err(|finding| finding.to_string()));
        let text = text.await.ok()?;
        if self.seen.as_ref() == Some(&text) {
            return Some(self);
        }
        match &text {
            Ok(text) => match self.read(text) {
                Ok(catalog) => {
                    let note = format!("the file {} has changed", self.path.display());
                    if let Err(refusal) = faucet.pin(catalog, note).await {
                        self.refused(&messages(&refusal));
                        if refusal.retry_after_ms.is_some() {
                            // Of no fault of the file: it is tried again.
                            return Some(self);
                        }
                    }
                }
                Err(error) => self.refused(&error),
            },
            Err(error) => self.refused(error),
        }
        self.seen = Some(text);
        Some(self)
    }

    fn refused(&self, error: &str) {
        let file = self.path.display();
        tracing::error!(%file, error, "the catalog's file is refused: the catalog before it stays in force");
    }

    fn read(&self, text: &str) -> Result<Catalog, String> {
        let in_lines =
            |findings: Vec<Finding>| findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        catalog_of_text(&self.path, text).map_err(in_lines)
    }
}

fn messages(refusal: &Refusal) -> String {
    refusal.reasons.iter().map(|reason| reason.message.as_str()).collect::<Vec<_>>().join("; ")
}
