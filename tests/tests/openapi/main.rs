//! The API against its own OpenAPI document: a scripted run through all operations, every answer of which must be
//! documented and fit its schema, and in which every documented answer comes up.

mod claiming;
mod delegations;
mod document;
mod moves;
mod opening;
mod payouts;
mod playing;
mod read_keys;
mod recorder;
mod script;
mod sites;
mod standing;
mod transfers;
mod trouble;
mod verification;

use std::collections::BTreeSet;

use dripline_shared::error::Code;

use crate::document::Document;
use crate::recorder::Log;

/// Documented, and not to be had from outside: it would take a mistake of ours.
const CANNOT_BE_PROVOKED: Code = Code::Internal;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_fits_the_document_and_every_documented_answer_comes_up() {
    let log = Log::default();
    script::reading(&log).await;
    script::throttled(&log).await;
    opening::refusals(&log).await;
    opening::campaigns(&log).await;
    opening::limits(&log).await;
    playing::a_round(&log).await;
    playing::segments(&log).await;
    playing::bodies(&log).await;
    claiming::refusals(&log).await;
    claiming::transcripts(&log).await;
    claiming::limits(&log).await;
    claiming::changed(&log).await;
    payouts::addresses(&log).await;
    payouts::withdrawals(&log).await;
    payouts::waiting(&log).await;
    payouts::proven(&log).await;
    standing::banned(&log).await;
    read_keys::keys(&log).await;
    delegations::delegations(&log).await;
    moves::moves(&log).await;
    transfers::reading(&log).await;
    sites::reading(&log).await;
    verification::sites_and_servers(&log).await;
    trouble::overloaded(&log).await;
    trouble::shutting_down(&log).await;
    trouble::storage(&log).await;

    let document = Document::of(&dripline_server::http::openapi());
    let mut seen = BTreeSet::new();
    for exchange in log.all() {
        seen.insert(document.check(&exchange));
    }
    let missing: Vec<String> = document
        .answers()
        .into_iter()
        .filter(|answer| answer.code != Some(CANNOT_BE_PROVOKED) && !seen.contains(answer))
        .map(|answer| answer.to_string())
        .collect();
    assert!(missing.is_empty(), "documented and not seen:\n{}", missing.join("\n"));
}
