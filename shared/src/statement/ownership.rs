//! What the owner of an address on an EVM chain says: that a wallet of Dripline is to be paid there.
//!
//! It is CAIP-122's text for the namespace `eip155`, which is that of EIP-4361 ("Sign-In with Ethereum").

use std::fmt;

use super::{NotAStatement, domain, write_site};
use crate::round::{ClientId, Hash};
use crate::time::Timestamp;
use crate::wallet::Wallet;

/// How many bytes the text of an address has: `0x` and 40 hexadecimal digits.
pub const EVM_ADDRESS_LENGTH: usize = 42;

const ACCOUNT_LINE: &str = " wants you to sign in with your Ethereum account:";
const SENTENCE_START: &str = "Pay to this address what the wallet ";

/// A statement by the owner of an address on an EVM chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnershipStatement {
    /// The origin of the page that prompts: `https://example.org`.
    pub origin: String,
    /// The address of whoever signs, as EIP-55 writes it.
    pub address: String,
    /// The chain's number (EIP-155).
    pub chain_id: u64,
    /// The client's id of the request.
    pub client_id: ClientId,
    /// From when it holds.
    pub issued_at: Timestamp,
    /// Until when it holds.
    pub expires_at: Timestamp,
    /// The fingerprint of the faucet that it is for.
    pub faucet: Hash,
    /// The wallet that is to be paid there.
    pub wallet: Wallet,
    /// The rail that pays.
    pub rail: String,
    /// The site whose page prompts, by its id, if it is one's.
    pub site: Option<String>,
}

impl OwnershipStatement {
    /// Reads exactly what [`Display`](fmt::Display) writes; any other text is refused.
    pub fn parse(text: &str) -> Result<Self, NotAStatement> {
        let statement = parse(text).ok_or(NotAStatement)?;
        if statement.to_string() == text { Ok(statement) } else { Err(NotAStatement) }
    }

    /// What it says, for people.
    pub fn sentence(&self) -> String {
        let Self { wallet, rail, .. } = self;
        format!("{SENTENCE_START}{wallet} withdraws from Dripline by {rail}. This alone moves no money.")
    }
}

impl fmt::Display for OwnershipStatement {
    fn fmt(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { origin, address, chain_id, client_id, issued_at, expires_at, faucet, wallet, rail, site } =
            self;
        writeln!(text, "{}{ACCOUNT_LINE}\n{address}\n\n{}\n", domain(origin), self.sentence())?;
        writeln!(text, "URI: {origin}\nVersion: 1\nChain ID: {chain_id}\nNonce: {client_id}")?;
        writeln!(text, "Issued At: {issued_at}\nExpiration Time: {expires_at}")?;
        write!(
            text,
            "Resources:\n- dripline:faucet:{faucet}\n- dripline:wallet:{wallet}\n- dripline:rail:{rail}"
        )?;
        write_site(text, site.as_deref())
    }
}

fn parse(text: &str) -> Option<OwnershipStatement> {
    let mut lines = text.split('\n');
    lines.next()?.strip_suffix(ACCOUNT_LINE)?;
    let address = lines.next()?.to_owned();
    lines.nth(2)?;
    let mut field = |name: &str| lines.next()?.strip_prefix(name);
    let origin = field("URI: ")?.to_owned();
    field("Version: ")?;
    let chain_id = field("Chain ID: ")?.parse().ok()?;
    let client_id = field("Nonce: ")?.parse().ok()?;
    let issued_at = Timestamp::parse(field("Issued At: ")?)?;
    let expires_at = Timestamp::parse(field("Expiration Time: ")?)?;
    field("Resources:")?;
    let mut resource = |name: &str| lines.next()?.strip_prefix("- dripline:")?.strip_prefix(name);
    let faucet = resource("faucet:")?.parse().ok()?;
    let wallet = resource("wallet:")?.parse().ok()?;
    let rail = resource("rail:")?.to_owned();
    let site = lines.next().map(|line| line.strip_prefix("- dripline:site:")).map(|id| id.map(str::to_owned));
    let site = site.map_or(Some(None), |id| id.map(Some))?;
    Some(OwnershipStatement {
        origin,
        address,
        chain_id,
        client_id,
        issued_at,
        expires_at,
        faucet,
        wallet,
        rail,
        site,
    })
}
