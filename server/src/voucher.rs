//! Vouchers: codes by which one wallet each is in a campaign. What is stored of a code is its hash, and whose it is.

use std::sync::Arc;

use dripline_shared::api::operate::{By, VoucherIssue};
use dripline_shared::round::{ClientId, Hash, hash};
use dripline_shared::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::store::record::{DocumentKind, Stored};

/// The letters of codes: none that is taken for another one.
const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
/// How many letters a code has, of 5 bits each: 100 bits, so that nobody guesses one.
const LENGTH: usize = 20;
/// After how many letters there is a hyphen.
const GROUP: usize = 5;
/// What the hash of a code starts with.
const TAG: &[u8; 16] = b"dripline:voucher";
/// What the hash starts with that letters are chosen by.
const LETTERS_TAG: &[u8; 16] = b"dripline/voule/1";
/// What the hash of a request for codes starts with.
const REQUEST_TAG: &[u8; 16] = b"dripline/vourq/1";

/// A code. Secret until it is used.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct VoucherCode([u8; LENGTH]);

impl VoucherCode {
    /// That of a request with this number, derived from a secret of the faucet: asked once more, the request has the same codes, and
    /// nothing secret is stored.
    pub fn derive(faucet_secret: &[u8; 32], asked: &Asked, number: u32) -> Self {
        let chosen = hash(LETTERS_TAG, &[faucet_secret, &*asked.bytes, &number.to_be_bytes()]).0;
        let mut code = [0; LENGTH];
        for (letter, byte) in code.iter_mut().zip(chosen) {
            // 32 letters: the low bits of a byte choose evenly.
            *letter = LETTERS.get(usize::from(byte & 31)).copied().unwrap_or_default();
        }
        Self(code)
    }

    /// Reads a code as people write it: in letters of either case, with hyphens and spaces anywhere.
    pub fn parse(text: &str) -> Option<Self> {
        let letters = text.bytes().filter(|byte| !matches!(byte, b'-' | b' '));
        let letters: Vec<u8> = letters.take(LENGTH.saturating_add(1)).collect();
        let code: [u8; LENGTH] = letters.to_ascii_uppercase().try_into().ok()?;
        code.iter().all(|letter| LETTERS.contains(letter)).then_some(Self(code))
    }

    /// As it is given out, in groups.
    pub fn text(&self) -> String {
        let groups: Vec<String> =
            self.0.chunks(GROUP).map(|group| group.iter().copied().map(char::from).collect()).collect();
        groups.join("-")
    }

    /// What is stored of it: it is random enough that nobody finds the code by its hash.
    pub fn hash(&self) -> Hash {
        hash(TAG, &[&self.0])
    }
}

/// A request for codes, as it is told from all others: by its campaign, by who asks, and by the client id.
///
/// What is stored of it is its hash. So whoever has the store and the secrets of the faucet finds no code either, for client ids are
/// random and in nobody's hands but the clients'.
#[derive(Clone, PartialEq, Eq)]
pub struct Asked {
    bytes: Box<[u8]>,
}

impl Asked {
    /// The request for codes of this campaign that somebody has made under this client id.
    pub fn new(campaign: &str, by: &By, client_id: ClientId) -> Self {
        let (kind, who) = match by {
            By::Server => (0, ""),
            By::File => (1, ""),
            By::CommandLine => (2, ""),
            By::Operator { id, .. } => (3, id.as_str()),
            By::ApiKey { id, .. } => (4, id.as_str()),
            By::Unknown => (5, ""),
        };
        // Neither ids nor kinds have a zero or a line in them, so no two requests are the same bytes.
        let parts: [&[u8]; 5] = [&client_id.0, &[kind], who.as_bytes(), b"\n", campaign.as_bytes()];
        Self { bytes: parts.concat().into() }
    }

    /// What is stored of it.
    pub fn hash(&self) -> Hash {
        hash(REQUEST_TAG, &[&*self.bytes])
    }
}

/// Vouchers that were made together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssueRecord {
    /// The campaign.
    pub campaign: String,
    /// Their number among those of the campaign, from 1.
    pub number: u64,
    /// How many were made.
    pub count: u32,
    /// Who made them.
    pub by: By,
    /// When.
    pub at: Timestamp,
    /// Until when they can be used first.
    pub expires: Option<Timestamp>,
    /// When those were revoked that nobody had used.
    pub revoked: Option<Timestamp>,
    /// The hash of the request that they were made for, by which it is known again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Hash>,
}

impl IssueRecord {
    /// As operators see it, where so many were used.
    pub fn view(&self, used: u64) -> VoucherIssue {
        VoucherIssue {
            campaign: self.campaign.clone(),
            number: self.number,
            count: self.count,
            used,
            by: self.by.clone(),
            made_at_ms: self.at,
            expires_ms: self.expires,
            revoked_at_ms: self.revoked,
        }
    }
}

/// The id of the document of an issue: with zeros before the number, so that texts are in the order of numbers.
pub fn issue_id(campaign: &str, number: u64) -> Arc<str> {
    format!("{campaign}/{number:020}").into()
}

impl Stored for IssueRecord {
    const KIND: DocumentKind = DocumentKind::Vouchers;

    fn id(&self) -> Arc<str> {
        issue_id(&self.campaign, self.number)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_code_reads_back_however_a_person_writes_it() {
        let code = VoucherCode::derive(&[7; 32], &Asked::new("spring", &By::Server, ClientId([1; 16])), 3);
        let text = code.text();
        assert_eq!(text.len(), 23);
        let written = [text.clone(), text.to_lowercase(), text.replace('-', ""), text.replace('-', " - ")];
        for written in written {
            assert_eq!(VoucherCode::parse(&written).map(|read| read.hash()), Some(code.hash()), "{written}");
        }
        for wrong in ["", "ABCDE", &text[1..], &format!("{text}2"), &text.replacen(&text[..1], "0", 1)] {
            assert!(VoucherCode::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn whatever_a_request_says_of_itself_its_codes_are_others_and_so_are_those_of_another_secret() {
        let operator = |id: &str| By::Operator { id: id.to_owned(), name: "Ada".to_owned() };
        let key = By::ApiKey { id: "ada".to_owned(), name: "Ada".to_owned() };
        let id = ClientId([1; 16]);
        let asked = [
            Asked::new("spring", &operator("ada"), id),
            Asked::new("autumn", &operator("ada"), id),
            Asked::new("spring", &operator("eve"), id),
            Asked::new("spring", &key, id),
            Asked::new("spring", &operator("ada"), ClientId([2; 16])),
        ];
        let renamed = By::Operator { id: "ada".to_owned(), name: "Ada L.".to_owned() };
        assert!(asked[0] == Asked::new("spring", &renamed, id), "what somebody is called does not matter");
        let texts = asked.iter().flat_map(|asked| {
            let of = |(secret, number)| VoucherCode::derive(&[secret; 32], asked, number).text();
            [(7, 0), (7, 1), (8, 0)].map(of)
        });
        assert_eq!(texts.collect::<BTreeSet<_>>().len(), 15);
        assert_eq!(asked.iter().map(Asked::hash).collect::<BTreeSet<_>>().len(), 5);
    }
}
