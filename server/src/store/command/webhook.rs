//! What is changed of a webhook of a site.

use std::sync::Arc;

use dripline_shared::amount::Amount;
use dripline_shared::api::operate::webhooks::SiteEvent;
use dripline_shared::round::Hash;

use crate::outbox::Low;

/// What is changed. Addresses were checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WebhookChange {
    /// Makes one.
    Make {
        /// The id that it gets.
        id: String,
        /// What its secret follows from.
        nonce: Hash,
        /// Where messages go.
        url: String,
        /// What it is told of.
        events: Vec<SiteEvent>,
    },
    /// Says something else of one.
    Set {
        /// Its id.
        id: Arc<str>,
        /// Where messages go.
        url: String,
        /// What it is told of.
        events: Vec<SiteEvent>,
        /// Whether it is told anything.
        is_on: bool,
    },
    /// Gives one a new secret.
    Rotate {
        /// Its id.
        id: Arc<str>,
        /// What the new secret follows from.
        nonce: Hash,
        /// For how long messages are signed by the former one, too, in milliseconds; for a day where nothing is said.
        overlap_ms: Option<u64>,
    },
    /// Removes one.
    Remove {
        /// Its id.
        id: Arc<str>,
    },
    /// Switches one off that has said that it is gone.
    Gone {
        /// Its id.
        id: Arc<str>,
        /// The address that has said so.
        url: String,
    },
    /// Sends one a message that says nothing.
    Test {
        /// Its id.
        id: Arc<str>,
        /// The id of the message.
        message: Arc<str>,
    },
    /// Sends one a message again.
    SendAgain {
        /// Its id.
        id: Arc<str>,
        /// The number of the message, which is one of it.
        number: u64,
    },
    /// Tells all of them that are told of such that the site's campaign has little left.
    TellLow(Low),
    /// Forgets that they were told so of another budget of the campaign: of this one they are told anew.
    ForgetLow {
        /// The campaign.
        campaign: Arc<str>,
        /// Its budget by now.
        budget: Amount,
    },
}
