//! A round in progress as it is stored, so that a reload loses nothing.
//!
//! Two values of a round in progress: how the round was opened (written twice: before the request goes out, and with its answer), and the
//! play (written at every segment and turn, and when the page is hidden).

use dripline_shared::api::{OpenAnswer, OpenRequest};
use dripline_shared::json::{FromJson, Json, ToJson};
use dripline_shared::json_object;
use dripline_shared::round::{Hash, RoundId, RoundToken, Seed, transcript_next, transcript_start};
use dripline_shared::transcript::Segment;
use dripline_shared::wallet::Wallet;

/// How a round was opened.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Opening {
    /// What was, or will be, sent: sent again, it gets the same answer.
    pub(crate) request: OpenRequest,
    /// The server's answer, once it has come.
    pub(crate) answer: Option<OpenAnswer>,
}

json_object!(Opening { request, answer });

impl Opening {
    /// The key that signs for the round: its player's, or the one that plays for that.
    pub(crate) fn key(&self) -> Wallet {
        self.request.delegate.unwrap_or(self.request.wallet)
    }
}

/// A round that is over here, and of which the server has not said that it is closed. Nothing of it is in progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Closing {
    /// Whose it is.
    pub(crate) wallet: Wallet,
    /// Its id.
    pub(crate) round: RoundId,
    /// What closes it.
    pub(crate) token: RoundToken,
}

json_object!(Closing { wallet, round, token });

/// A stretch of play.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Stretch {
    /// Ticks or turns.
    pub(crate) length: u32,
    /// The encoded inputs.
    pub(crate) bytes: Vec<u8>,
}

impl Stretch {
    /// As text, as short as can be: it is written in the middle of a game.
    fn to_text(&self) -> String {
        const DIGITS: [char; 16] =
            ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
        let mut text = self.length.to_string();
        text.push(':');
        for byte in &self.bytes {
            text.push(DIGITS[usize::from(byte >> 4)]);
            text.push(DIGITS[usize::from(byte & 15)]);
        }
        text
    }

    fn parse(text: &str) -> Option<Self> {
        let (length, digits) = text.split_once(':')?;
        let digit = |letter: &u8| char::from(*letter).to_digit(16);
        let mut bytes = Vec::new();
        for pair in digits.as_bytes().chunks(2) {
            let [high, low] = pair else { return None };
            bytes.push(u8::try_from(digit(high)? * 16 + digit(low)?).ok()?);
        }
        Some(Self { length: length.parse().ok()?, bytes })
    }
}

impl FromJson for Stretch {
    const BLANK: Self = Self { length: 0, bytes: Vec::new() };

    fn fill<J: Json>(&mut self, json: &J) -> bool {
        let read = json.text().and_then(|text| Self::parse(&text));
        read.map(|stretch| *self = stretch).is_some()
    }
}

impl ToJson for Stretch {
    fn to_json<J: Json>(&self) -> J {
        J::from_text(&self.to_text())
    }
}

/// The play of a round so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Play {
    /// Completed segments.
    pub(crate) segments: Vec<Stretch>,
    /// The segment in play.
    pub(crate) rest: Stretch,
    /// Seeds learned after the first two.
    pub(crate) seeds: Vec<Seed>,
    /// Whether the last of the segments ended the game.
    pub(crate) is_over: bool,
}

json_object!(Play { segments, rest, seeds, is_over });

impl From<&Segment> for Stretch {
    fn from(segment: &Segment) -> Self {
        Self { length: segment.length, bytes: segment.bytes.clone() }
    }
}

impl From<&Stretch> for Segment {
    fn from(stretch: &Stretch) -> Self {
        Self { length: stretch.length, bytes: stretch.bytes.clone() }
    }
}

impl Play {
    /// The segments, as the simulation takes them.
    pub(crate) fn completed(&self) -> Vec<Segment> {
        self.segments.iter().map(Segment::from).collect()
    }

    /// The running hash over all completed segments: what a claim signs.
    pub(crate) fn transcript(&self, answer: &OpenAnswer) -> Hash {
        let start = transcript_start(answer.round, answer.level_hash, answer.rules_version);
        (0_u32..).zip(&self.segments).fold(start, |hash, (number, segment)| {
            transcript_next(hash, number, segment.length, &segment.bytes)
        })
    }

    /// Ticks or turns in all.
    pub(crate) fn length(&self) -> u32 {
        let completed = self.segments.iter().map(|stretch| stretch.length);
        completed.fold(self.rest.length, u32::saturating_add)
    }

    /// All seeds that are known, from the answer to the opening and from those learned since.
    pub(crate) fn all_seeds(&self, answer: &OpenAnswer) -> Vec<Seed> {
        answer.seeds.iter().chain(&self.seeds).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// What a browser may have kept since before the reload, or since an older page.
    fn kept() -> (Value, Value) {
        let id = "00".repeat(16);
        let request = json!({
            "wallet": "1".repeat(32), "level": "catch-1", "campaign": "default", "client_id": id,
            "issued_at_ms": 1_769_903_999_000_u64, "origin": "https://faucet.example", "faucet": "07".repeat(32),
            "rules_version": 1, "signature": "1".repeat(64),
        });
        let play = json!({
            "segments": ["240:000105ff"], "rest": "3:",
            "seeds": ["0a".repeat(32)], "is_over": false,
        });
        (request, play)
    }

    #[test]
    fn the_play_is_kept_in_the_same_form_and_read_back() {
        let (_, kept) = kept();
        let play = Play::from_json(&kept).unwrap();
        assert_eq!(play.segments, [Stretch { length: 240, bytes: vec![0, 1, 5, 255] }]);
        assert_eq!(play.seeds, [Seed([10; 32])]);
        assert_eq!(play.to_json::<Value>(), kept);
    }

    #[test]
    fn an_opening_is_read_with_and_without_its_answer() {
        let (request, _) = kept();
        let kept = json!({ "request": request, "answer": null });
        let opening = Opening::from_json(&kept).unwrap();
        assert_eq!(opening.request.faucet, Hash([7; 32]));
        assert_eq!(opening.to_json::<Value>(), json!({ "request": request }));
        assert_eq!(Opening::from_json(&json!({ "request": request })), Some(opening));
        assert_eq!(Opening::from_json(&json!({ "request": request, "answer": {} })), None);
    }

    #[test]
    fn a_round_is_of_the_key_that_signs_for_it_for_whomever_it_is_played() {
        let (mut request, _) = kept();
        let key = |request: &Value| Opening::from_json(&json!({ "request": request })).map(|it| it.key());
        assert_eq!(key(&request), Some(Wallet([0; 32])));
        request["delegate"] = json!(Wallet([5; 32]).to_string());
        assert_eq!(key(&request), Some(Wallet([5; 32])));
    }

    #[test]
    fn a_round_that_is_to_be_closed_is_kept_with_what_closes_it() {
        let kept = json!({ "wallet": "1".repeat(32), "round": "0b".repeat(16), "token": "0c".repeat(32) });
        let closing = Closing::from_json(&kept).unwrap();
        assert_eq!(closing.round, RoundId([11; 16]));
        assert_eq!(closing.to_json::<Value>(), kept);
        assert_eq!(Closing::from_json(&json!({ "round": "0b".repeat(16) })), None);
    }

    #[test]
    fn what_is_no_play_counts_as_absent() {
        for bad in [json!({}), json!([]), json!(null), json!("play")] {
            assert_eq!(Play::from_json(&bad), None);
        }
        for bad in ["", "240", ":00", "240:0", "240:0g", "-1:00", "240:é"] {
            let (_, mut kept) = kept();
            kept["rest"] = json!(bad);
            assert_eq!(Play::from_json(&kept), None, "{bad}");
        }
    }
}
