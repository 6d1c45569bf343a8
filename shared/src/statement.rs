//! The texts that players and the faucet sign, byte for byte.
//!
//! Players sign a text that a person can read in any wallet's prompt, after CAIP-122 ("Sign in with X"). The server
//! never parses a text that a client sent: it rebuilds the text from the request's fields and checks the signature over
//! that, so a statement of one kind, faucet, origin, wallet or round can never pass for another. [`Statement::parse`]
//! is for whoever holds a text and wants to know what it says.

mod faucet;
#[cfg(feature = "wallets")]
mod ownership;
#[cfg(feature = "wallets")]
mod wallet_act;

use std::fmt;

use crate::amount::{Amount, Asset};
use crate::round::{ClientId, Hash, RoundId};
use crate::time::Timestamp;
use crate::wallet::Wallet;

pub use faucet::{key_text, receipt_text};
#[cfg(feature = "wallets")]
pub use ownership::{EVM_ADDRESS_LENGTH, OwnershipStatement};
#[cfg(feature = "wallets")]
pub use wallet_act::{DELEGATION_MAX_MS, WalletAct, may_delegate_until};

/// The longest origin: `https://` and a domain of 253 letters and a port.
pub const ORIGIN_MAX: usize = 270;

/// What the key is: CAIP-122's name of the namespace. Nothing is ever sent to that chain by signing.
const CHAIN_ID: &str = "solana:mainnet";
const ACCOUNT_LINE: &str = " wants you to sign in with your Solana account:";
const OPEN_SENTENCE: &str = "Start a round in Dripline. This costs nothing and moves no money.";
const ADDRESS_START: &str = "Pay what I withdraw from Dripline to ";
const WITHDRAW_START: &str = "Withdraw ";
const ISSUE_READ_KEY_SENTENCE: &str =
    "Make a key that reads my history in Dripline and can do nothing else. This moves no money.";
const LIST_READ_KEYS_SENTENCE: &str =
    "List the read-only keys of my history in Dripline. This changes nothing.";
const REVOKE_READ_KEY_SENTENCE: &str =
    "Revoke a read-only key of my history in Dripline. This moves no money.";
const CLAIM_SENTENCE: &str = "Claim the reward of a round played in Dripline. This costs nothing.";

/// A statement: who says what to whom, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The origin of the page that prompts: `https://example.org`.
    pub origin: String,
    /// Who signs.
    pub wallet: Wallet,
    /// From when it holds.
    pub issued_at: Timestamp,
    /// Until when it holds.
    pub expires_at: Timestamp,
    /// The fingerprint of the faucet that it is for.
    pub faucet: Hash,
    /// What it says.
    pub act: Act,
}

/// What a statement says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Open a round.
    Open {
        /// The client's id of the request.
        client_id: ClientId,
        /// The level.
        level: String,
        /// The campaign.
        campaign: String,
        /// The site whose page it is played on, if it is one's.
        site: Option<String>,
        /// The key that signs for the wallet, if it is not the wallet itself.
        delegate: Option<Wallet>,
        /// The rules version that the page plays by.
        rules_version: u32,
        /// The open round to be abandoned, if any.
        abandon: Option<RoundId>,
    },
    /// Be paid at this address by a rail.
    Address {
        /// The client's id of the request.
        client_id: ClientId,
        /// The rail.
        rail: String,
        /// The address.
        address: String,
        /// The site whose page prompts, if it is one's.
        site: Option<String>,
    },
    /// Withdraw money.
    Withdraw {
        /// The client's id of the request.
        client_id: ClientId,
        /// The rail.
        rail: String,
        /// What is withdrawn.
        asset: Asset,
        /// How much, the fee included.
        amount: Amount,
        /// Where it is paid to.
        address: String,
        /// The most that the fee may be.
        fee_max: Amount,
        /// The site whose page prompts, if it is one's.
        site: Option<String>,
    },
    /// Be given a key that reads the wallet's history.
    IssueReadKey {
        /// The client's id of the request, which becomes the key's.
        client_id: ClientId,
        /// Until when the key holds; for good where nothing is said.
        until: Option<Timestamp>,
    },
    /// See which read-only keys there are.
    ListReadKeys {
        /// The client's id of the request.
        client_id: ClientId,
    },
    /// Revoke a read-only key.
    RevokeReadKey {
        /// Its id.
        id: ClientId,
    },
    /// Claim a round's reward.
    Claim {
        /// The round.
        round: RoundId,
        /// The hash of the level as it was opened.
        level: Hash,
        /// The round's last running hash.
        transcript: Hash,
    },
    /// Say what only players with wallets of their own have to say. The player's page has no room for it.
    #[cfg(feature = "wallets")]
    OfWallets(WalletAct),
}

/// Why a text is not a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a statement of Dripline")]
pub struct NotAStatement;

impl Statement {
    /// The host (and port) of the origin, which wallets compare with the page's.
    pub fn domain(&self) -> &str {
        domain(&self.origin)
    }

    /// Reads exactly what [`Display`](fmt::Display) writes; any other text is refused.
    pub fn parse(text: &str) -> Result<Self, NotAStatement> {
        let statement = parse(text).ok_or(NotAStatement)?;
        if statement.to_string() == text { Ok(statement) } else { Err(NotAStatement) }
    }
}

/// The host (and port) of an origin.
fn domain(origin: &str) -> &str {
    let rest = origin.split_once(':').map(|(_scheme, rest)| rest);
    rest.and_then(|rest| rest.strip_prefix("//")).unwrap_or(origin)
}

impl fmt::Display for Statement {
    fn fmt(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(text, "{}{ACCOUNT_LINE}\n{}\n\n{}\n", self.domain(), self.wallet, self.act.sentence())?;
        let nonce = self.act.nonce();
        writeln!(text, "URI: {}\nVersion: 1\nChain ID: {CHAIN_ID}\nNonce: {nonce}", self.origin)?;
        writeln!(text, "Issued At: {}\nExpiration Time: {}", self.issued_at, self.expires_at)?;
        write!(text, "Resources:\n- dripline:faucet:{}", self.faucet)?;
        match &self.act {
            Act::Open { level, campaign, site, delegate, rules_version, abandon, .. } => {
                write!(text, "\n- dripline:level:{level}\n- dripline:campaign:{campaign}")?;
                write_site(text, site.as_deref())?;
                delegate.map_or(Ok(()), |delegate| write!(text, "\n- dripline:delegate:{delegate}"))?;
                write!(text, "\n- dripline:rules:{rules_version}")?;
                abandon.map_or(Ok(()), |round| write!(text, "\n- dripline:abandon:{round}"))
            }
            Act::Address { rail, address, site, .. } => {
                write!(text, "\n- dripline:rail:{rail}\n- dripline:address:{address}")?;
                write_site(text, site.as_deref())
            }
            Act::Withdraw {
                rail, asset: Asset { code, decimals }, amount, address, fee_max, site, ..
            } => {
                write!(
                    text,
                    "\n- dripline:rail:{rail}\n- dripline:asset:{code}\n- dripline:decimals:{decimals}"
                )?;
                write!(text, "\n- dripline:amount:{amount}\n- dripline:address:{address}")?;
                write!(text, "\n- dripline:fee-max:{fee_max}")?;
                write_site(text, site.as_deref())
            }
            Act::IssueReadKey { until, .. } => {
                until.map_or(Ok(()), |until| write!(text, "\n- dripline:until:{until}"))
            }
            Act::ListReadKeys { .. } | Act::RevokeReadKey { .. } => Ok(()),
            Act::Claim { level, transcript, .. } => {
                write!(text, "\n- dripline:level-hash:{level}\n- dripline:transcript:{transcript}")
            }
            #[cfg(feature = "wallets")]
            Act::OfWallets(act) => act.write_resources(text),
        }
    }
}

/// Writes the resource that names a site, where there is one.
fn write_site(text: &mut fmt::Formatter<'_>, site: Option<&str>) -> fmt::Result {
    site.map_or(Ok(()), |site| write!(text, "\n- dripline:site:{site}"))
}

impl Act {
    /// What it says, for people.
    pub fn sentence(&self) -> String {
        match self {
            Self::Open { .. } => OPEN_SENTENCE.to_owned(),
            Self::Claim { .. } => CLAIM_SENTENCE.to_owned(),
            Self::IssueReadKey { .. } => ISSUE_READ_KEY_SENTENCE.to_owned(),
            Self::ListReadKeys { .. } => LIST_READ_KEYS_SENTENCE.to_owned(),
            Self::RevokeReadKey { .. } => REVOKE_READ_KEY_SENTENCE.to_owned(),
            Self::Address { rail, address, .. } => {
                format!("{ADDRESS_START}{address} by {rail}. This alone moves no money.")
            }
            Self::Withdraw { rail, asset, amount, address, fee_max, .. } => {
                let (amount, fee) = (asset.format(*amount), asset.format(*fee_max));
                format!(
                    "{WITHDRAW_START}{amount} to {address} by {rail}. Of this, the fee takes at most {fee}."
                )
            }
            #[cfg(feature = "wallets")]
            Self::OfWallets(act) => act.sentence(),
        }
    }

    /// What makes the statement unique.
    fn nonce(&self) -> String {
        match self {
            Self::Open { client_id, .. }
            | Self::Address { client_id, .. }
            | Self::Withdraw { client_id, .. }
            | Self::IssueReadKey { client_id, .. }
            | Self::ListReadKeys { client_id }
            | Self::RevokeReadKey { id: client_id } => client_id.to_string(),
            Self::Claim { round, .. } => round.to_string(),
            #[cfg(feature = "wallets")]
            Self::OfWallets(act) => act.nonce().to_string(),
        }
    }
}

fn parse(text: &str) -> Option<Statement> {
    let mut lines = text.split('\n');
    lines.next()?.strip_suffix(ACCOUNT_LINE)?;
    let wallet = lines.next()?.parse().ok()?;
    lines.next()?;
    let sentence = lines.next()?;
    lines.next()?;
    let mut field = |name: &str| lines.next()?.strip_prefix(name);
    let origin = field("URI: ")?.to_owned();
    field("Version: ")?;
    field("Chain ID: ")?;
    let nonce = field("Nonce: ")?;
    let issued_at = Timestamp::parse(field("Issued At: ")?)?;
    let expires_at = Timestamp::parse(field("Expiration Time: ")?)?;
    field("Resources:")?;
    // A line of another name stays: some resources are not in every statement.
    let mut resource = |name: &str| {
        let rest = lines.clone().next()?.strip_prefix("- dripline:")?.strip_prefix(name)?;
        lines.next();
        Some(rest)
    };
    let faucet = resource("faucet:")?.parse().ok()?;
    let act = if sentence == OPEN_SENTENCE {
        Act::Open {
            client_id: nonce.parse().ok()?,
            level: resource("level:")?.to_owned(),
            campaign: resource("campaign:")?.to_owned(),
            site: resource("site:").map(str::to_owned),
            delegate: resource("delegate:").map(str::parse).transpose().ok()?,
            rules_version: resource("rules:")?.parse().ok()?,
            abandon: resource("abandon:").map(str::parse).transpose().ok()?,
        }
    } else if sentence.starts_with(ADDRESS_START) {
        Act::Address {
            client_id: nonce.parse().ok()?,
            rail: resource("rail:")?.to_owned(),
            address: resource("address:")?.to_owned(),
            site: resource("site:").map(str::to_owned),
        }
    } else if sentence.starts_with(WITHDRAW_START) {
        Act::Withdraw {
            client_id: nonce.parse().ok()?,
            rail: resource("rail:")?.to_owned(),
            asset: Asset {
                code: resource("asset:")?.to_owned(),
                decimals: resource("decimals:")?.parse().ok()?,
            },
            amount: resource("amount:")?.parse().ok()?,
            address: resource("address:")?.to_owned(),
            fee_max: resource("fee-max:")?.parse().ok()?,
            site: resource("site:").map(str::to_owned),
        }
    } else if sentence == ISSUE_READ_KEY_SENTENCE {
        let until = resource("until:").map(Timestamp::parse);
        Act::IssueReadKey {
            client_id: nonce.parse().ok()?,
            until: until.map_or(Some(None), |it| it.map(Some))?,
        }
    } else if sentence == LIST_READ_KEYS_SENTENCE {
        Act::ListReadKeys { client_id: nonce.parse().ok()? }
    } else if sentence == REVOKE_READ_KEY_SENTENCE {
        Act::RevokeReadKey { id: nonce.parse().ok()? }
    } else if let Some(act) = of_wallets(sentence, nonce, &mut resource) {
        act
    } else {
        Act::Claim {
            round: nonce.parse().ok()?,
            level: resource("level-hash:")?.parse().ok()?,
            transcript: resource("transcript:")?.parse().ok()?,
        }
    };
    Some(Statement { origin, wallet, issued_at, expires_at, faucet, act })
}

/// What only players with wallets of their own say, where it is that.
#[cfg(feature = "wallets")]
fn of_wallets<'a>(sentence: &str, nonce: &str, resource: impl FnMut(&str) -> Option<&'a str>) -> Option<Act> {
    WalletAct::parse(sentence, nonce, resource).map(Act::OfWallets)
}

#[cfg(not(feature = "wallets"))]
fn of_wallets<'a>(_: &str, _: &str, _: impl FnMut(&str) -> Option<&'a str>) -> Option<Act> {
    None
}

/// Whether `origin` is a scheme and an authority and nothing else, so that it fits on one line of a statement.
pub fn is_origin(origin: &str) -> bool {
    let authority = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    origin.len() <= ORIGIN_MAX
        && authority.is_some_and(|authority| !authority.is_empty() && authority.bytes().all(allowed))
}
