//! A transfer as a leaf of the log: one text for one transfer.

use super::{NodeHash, leaf_hash};
use crate::amount::Amount;
use crate::api::Receipt;
use crate::round::Hash;
use crate::time::Timestamp;

/// The longest kind, asset code, account name, reference or currency, in bytes.
pub const WORD_MAX: usize = 128;

/// What the line of a worth starts with.
const WORTH: &str = "Worth in millionths: ";

/// A transfer, with everything that its leaf says. The text of it, see [`LogEntry::text`], is the leaf's bytes.
///
/// Accounts of players are named in clear, by their wallets: what a wallet has and every movement of it are public
/// anyway (`GET /api/v1/wallets/{wallet}` and its history), so a commitment in their place would hide nothing, and
/// nobody could add up the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogEntry<'a> {
    /// The fingerprint of the faucet.
    pub faucet: Hash,
    /// The transfer's id: no two leaves have the same. Leaves are in the order in which they were appended, which need not
    /// be that of their ids.
    pub id: u64,
    /// When. From the epoch to [`TIMESTAMP_MAX`](crate::time::TIMESTAMP_MAX).
    pub at: Timestamp,
    /// What for: `drip`.
    pub kind: &'a str,
    /// Of which asset (its code).
    pub asset: &'a str,
    /// Which account loses: `campaign:default`.
    pub from: &'a str,
    /// Which account gains: `player:` and the wallet.
    pub to: &'a str,
    /// How much, in the asset's ledger units.
    pub amount: Amount,
    /// What it belongs to, if to anything: `round:` and the round's id.
    pub reference: Option<&'a str>,
    /// What it was worth when it was received, where that was known: in millionths of a currency, and its code.
    pub worth: Option<(Amount, &'a str)>,
}

/// Why a text is not a leaf, or what fields hold cannot be one: a word of it is empty, longer than [`WORD_MAX`], or has
/// anything but visible ASCII; or the moment is past [`TIMESTAMP_MAX`](crate::time::TIMESTAMP_MAX).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a transfer of Dripline's log")]
pub struct NotAnEntry;

/// Whether a text can stand in a line: nothing in it can end the line or look like something else.
fn is_word(text: &str) -> bool {
    (1..=WORD_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

impl<'a> LogEntry<'a> {
    /// The leaf's bytes: UTF-8, one fact a line, lines joined by single `\n`, the reference and the worth only where there is
    /// one.
    ///
    /// Refuses fields of which no text could be read back: a leaf is for ever.
    pub fn text(&self) -> Result<String, NotAnEntry> {
        let Self { faucet, id, at, kind, asset, from, to, amount, reference, worth } = *self;
        let words = [kind, asset, from, to].into_iter().chain(reference);
        let words = words.chain(worth.map(|(_, currency)| currency));
        if at > crate::time::TIMESTAMP_MAX || !words.into_iter().all(is_word) {
            return Err(NotAnEntry);
        }
        let movement = format!("Kind: {kind}\nAsset: {asset}\nFrom: {from}\nTo: {to}\nAmount: {amount}");
        let reference = reference.map(|reference| format!("\nReference: {reference}")).unwrap_or_default();
        let worth = worth.map(|(millionths, currency)| format!("\n{WORTH}{millionths} {currency}"));
        let worth = worth.unwrap_or_default();
        Ok(format!("Dripline transfer\nFaucet: {faucet}\nId: {id}\nAt: {at}\n{movement}{reference}{worth}"))
    }

    /// The hash of the leaf.
    pub fn leaf_hash(&self) -> Result<NodeHash, NotAnEntry> {
        self.text().map(|text| leaf_hash(text.as_bytes()))
    }

    /// Whether this is the transfer that paid what a receipt says, from the campaign to the player.
    pub fn is_drip_of(&self, receipt: &Receipt) -> bool {
        let Receipt { faucet, round, wallet, campaign, amount, asset, claimed_at_ms, .. } = receipt;
        (self.faucet, self.at, self.amount) == (*faucet, *claimed_at_ms, *amount)
            && (self.kind, self.asset) == ("drip", asset)
            && is_of_campaign(self.from, campaign)
            && self.to == format!("player:{wallet}")
            && self.reference == Some(&format!("round:{round}"))
    }

    /// Reads exactly what [`LogEntry::text`] writes; any other text is refused.
    pub fn parse(text: &'a str) -> Result<Self, NotAnEntry> {
        let entry = parse(text).ok_or(NotAnEntry)?;
        if entry.text()? == text { Ok(entry) } else { Err(NotAnEntry) }
    }
}

/// Whether an account is a campaign's, or a slice that a server has of it: `slice:`, the slice's number, `:` and the campaign.
fn is_of_campaign(account: &str, campaign: &str) -> bool {
    let slice = account.strip_prefix("slice:").and_then(|slice| slice.split_once(':'));
    match slice {
        Some((number, of)) => of == campaign && number.parse::<u32>().is_ok(),
        None => account.strip_prefix("campaign:") == Some(campaign),
    }
}

fn parse(text: &str) -> Option<LogEntry<'_>> {
    let mut lines = text.split('\n').peekable();
    lines.next()?;
    let mut field = |name: &str| lines.next_if(|line| line.starts_with(name))?.strip_prefix(name);
    Some(LogEntry {
        faucet: field("Faucet: ")?.parse().ok()?,
        id: field("Id: ")?.parse().ok()?,
        at: Timestamp::parse(field("At: ")?)?,
        kind: field("Kind: ")?,
        asset: field("Asset: ")?,
        from: field("From: ")?,
        to: field("To: ")?,
        amount: field("Amount: ")?.parse().ok()?,
        reference: field("Reference: "),
        worth: match field(WORTH) {
            Some(worth) => Some(parse_worth(worth)?),
            None => None,
        },
    })
}

fn parse_worth(text: &str) -> Option<(Amount, &str)> {
    let (millionths, currency) = text.split_once(' ')?;
    Some((millionths.parse().ok()?, currency))
}
