//! What players with wallets of their own say: delegations to the keys of their browsers, and what becomes of what they had
//! earned as guests.

use std::fmt;

use super::write_site;
use crate::round::ClientId;
use crate::time::{DAY_MS, Timestamp};
use crate::wallet::Wallet;

/// The longest that a delegation holds, in milliseconds: 30 days.
pub const DELEGATION_MAX_MS: u64 = 30 * DAY_MS;

const DELEGATE_START: &str = "Let this browser's key ";
const LIST_SENTENCE: &str = "List the keys that may play for me in Dripline. This changes nothing.";
const REVOKE_SENTENCE: &str =
    "Let a key no longer play for me in Dripline, from now on. This moves no money.";
const MOVE_START: &str = "Move all that this key has earned in Dripline to the wallet ";

/// What a player with a wallet of their own says, beyond what every player does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WalletAct {
    /// Let a browser's key open rounds and claim rewards for the wallet that signs this. That key signs the same text as
    /// well, which proves that it is in the hands of whoever asks.
    Delegate {
        /// The client's id of the request, which becomes the delegation's.
        client_id: ClientId,
        /// The browser's key.
        delegate: Wallet,
        /// Until when it may: see [`may_delegate_until`].
        until: Timestamp,
        /// The only site on which it may, by its id; anywhere where nothing is said.
        site: Option<String>,
    },
    /// See which delegations there are.
    ListDelegations {
        /// The client's id of the request.
        client_id: ClientId,
        /// The site whose page prompts, by its id, if it is one's.
        site: Option<String>,
    },
    /// Revoke a delegation.
    RevokeDelegation {
        /// Its id.
        id: ClientId,
        /// The site whose page prompts, by its id, if it is one's.
        site: Option<String>,
    },
    /// Move the whole balance, of every asset, from the key that signs this to a wallet. It happens once, and then the key
    /// opens no rounds for itself any more.
    ///
    /// The wallet gets the key's limits with its balance (`LevelProgress::merged`), so whoever decides about this must have
    /// the wallet's consent too: a delegation of it to the key that holds.
    MoveBalance {
        /// The client's id of the request.
        client_id: ClientId,
        /// The wallet.
        to: Wallet,
    },
}

/// Whether a delegation that was signed at `issued_at` may hold until `until`: past that moment, and not more than
/// [`DELEGATION_MAX_MS`] past it.
pub fn may_delegate_until(issued_at: Timestamp, until: Timestamp) -> bool {
    until > issued_at && until.since(issued_at) <= DELEGATION_MAX_MS
}

impl WalletAct {
    /// What it says, for people.
    pub(super) fn sentence(&self) -> String {
        match self {
            Self::Delegate { delegate, until, .. } => format!(
                "{DELEGATE_START}{delegate} start rounds and claim rewards for me in Dripline until {until}. It cannot \
                 choose where I am paid. This moves no money."
            ),
            Self::ListDelegations { .. } => LIST_SENTENCE.to_owned(),
            Self::RevokeDelegation { .. } => REVOKE_SENTENCE.to_owned(),
            Self::MoveBalance { to, .. } => {
                format!("{MOVE_START}{to}. This happens once and cannot be undone.")
            }
        }
    }

    /// What makes the statement unique.
    pub(super) fn nonce(&self) -> ClientId {
        match self {
            Self::Delegate { client_id, .. }
            | Self::ListDelegations { client_id, .. }
            | Self::RevokeDelegation { id: client_id, .. }
            | Self::MoveBalance { client_id, .. } => *client_id,
        }
    }

    /// Writes the resources that come after the faucet.
    pub(super) fn write_resources(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delegate { delegate, until, site, .. } => {
                write!(text, "\n- dripline:delegate:{delegate}\n- dripline:until:{until}")?;
                write_site(text, site.as_deref())
            }
            Self::ListDelegations { site, .. } | Self::RevokeDelegation { site, .. } => {
                write_site(text, site.as_deref())
            }
            Self::MoveBalance { to, .. } => write!(text, "\n- dripline:to:{to}"),
        }
    }

    /// Reads what a text says; `None` where it is none of these.
    pub(super) fn parse<'a>(
        sentence: &str,
        nonce: &str,
        mut resource: impl FnMut(&str) -> Option<&'a str>,
    ) -> Option<Self> {
        let client_id = nonce.parse().ok()?;
        if sentence.starts_with(DELEGATE_START) {
            Some(Self::Delegate {
                client_id,
                delegate: resource("delegate:")?.parse().ok()?,
                until: Timestamp::parse(resource("until:")?)?,
                site: resource("site:").map(str::to_owned),
            })
        } else if sentence.starts_with(MOVE_START) {
            Some(Self::MoveBalance { client_id, to: resource("to:")?.parse().ok()? })
        } else if sentence == LIST_SENTENCE {
            Some(Self::ListDelegations { client_id, site: resource("site:").map(str::to_owned) })
        } else if sentence == REVOKE_SENTENCE {
            Some(Self::RevokeDelegation { id: client_id, site: resource("site:").map(str::to_owned) })
        } else {
            None
        }
    }
}
