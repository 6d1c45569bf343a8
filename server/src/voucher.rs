//! Vouchers: codes by which one wallet each is in a campaign. What is stored of a code is its hash, and whose it is.

use std::sync::Arc;

use dripline_shared::api::operate::{By, VoucherIssue};
use dripline_shared::round::{Hash, hash};
use dripline_shared::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::edge::Edge;
use crate::store::record::{DocumentKind, Stored};

/// The letters of codes: none that is taken for another one.
const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
/// How many letters a code has, of 5 bits each: 100 bits, so that nobody guesses one.
const LENGTH: usize = 20;
/// After how many letters there is a hyphen.
const GROUP: usize = 5;
/// What the hash of a code starts with.
const TAG: &[u8; 16] = b"dripline:voucher";

/// A code. Secret until it is used.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct VoucherCode([u8; LENGTH]);

impl VoucherCode {
    /// A new one.
    pub fn new(edge: &Edge) -> Self {
        let random: [u8; LENGTH] = edge.random();
        // 32 letters: the low bits of a random byte choose evenly.
        Self(random.map(|byte| LETTERS.get(usize::from(byte & 31)).copied().unwrap_or_default()))
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
    use super::*;

    #[test]
    fn a_code_reads_back_however_a_person_writes_it() {
        let edge =
            Edge::new(|| Timestamp(0), |bytes| bytes.iter_mut().zip(0..).for_each(|(b, n)| *b = 7 * n));
        let code = VoucherCode::new(&edge);
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
}
