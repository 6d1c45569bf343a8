//! Verification tokens: what a site's page is given for a claimed round, and its server sends back.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dripline_shared::round::RoundId;
use dripline_shared::site::{SiteMode, VERIFY_WITHIN_MS};
use dripline_shared::time::Timestamp;

use crate::keys::Keys;

/// What a token of a site for the work itself begins with.
pub const LIVE_TOKEN: &str = "dripline_token_live_";
/// What a token of a test site begins with.
pub const TEST_TOKEN: &str = "dripline_token_test_";
/// The longest token, in bytes: no site, origin and `cdata` make a longer one.
pub const TOKEN_MAX: usize = 1_024;
/// How the content of a token is written.
const VERSION: u8 = 1;
/// The bytes of the code.
const CODE_BYTES: usize = 32;

/// What a token says. Its text is `dripline_token_live_<content>.<code>`, both in base64 for addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerificationToken {
    /// The site that it is for.
    pub site: Arc<str>,
    /// What that is for.
    pub mode: SiteMode,
    /// The round.
    pub round: RoundId,
    /// When that was claimed.
    pub claimed_at: Timestamp,
    /// The origin of the site's page.
    pub origin: String,
    /// What that page says.
    pub cdata: Option<String>,
}

impl VerificationToken {
    /// Until when the round can be verified first.
    pub fn expires_at(&self) -> Timestamp {
        self.claimed_at.plus(VERIFY_WITHIN_MS)
    }

    /// The text.
    pub fn write(&self, keys: &Keys) -> String {
        let content = self.content();
        let code = keys.verification_code(&content);
        format!("{}{}.{}", prefix(self.mode), URL_SAFE_NO_PAD.encode(content), URL_SAFE_NO_PAD.encode(code))
    }

    /// Reads what [`write`](Self::write) has written with these keys, and nothing else. Takes the same time whatever is wrong with
    /// the code.
    pub fn read(text: &str, keys: &Keys) -> Option<Self> {
        if text.len() > TOKEN_MAX {
            return None;
        }
        let rest = text.strip_prefix(LIVE_TOKEN).or_else(|| text.strip_prefix(TEST_TOKEN))?;
        let (content, code) = rest.split_once('.')?;
        let (content, code) = (URL_SAFE_NO_PAD.decode(content).ok()?, URL_SAFE_NO_PAD.decode(code).ok()?);
        let code: [u8; CODE_BYTES] = code.try_into().ok()?;
        if !keys.is_verification_code(&content, &code) {
            return None;
        }
        // What begins with the word of the other mode was written by nobody.
        Self::of_content(&content).filter(|token| text.starts_with(prefix(token.mode)))
    }

    /// A version, a mode, the round, a moment, and three texts, each after its length; of the last one also whether it is there.
    fn content(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION, u8::from(self.mode == SiteMode::Test)];
        bytes.extend(self.round.0);
        bytes.extend(self.claimed_at.0.to_be_bytes());
        for text in [&*self.site, &self.origin] {
            put_text(&mut bytes, text);
        }
        if let Some(cdata) = &self.cdata {
            put_text(&mut bytes, cdata);
        }
        bytes
    }

    fn of_content(bytes: &[u8]) -> Option<Self> {
        let (version, bytes) = bytes.split_first()?;
        let (mode, bytes) = bytes.split_first()?;
        let mode = match (*version, *mode) {
            (VERSION, 0) => SiteMode::Live,
            (VERSION, 1) => SiteMode::Test,
            _ => return None,
        };
        let (round, bytes) = bytes.split_first_chunk::<16>()?;
        let (claimed_at, bytes) = bytes.split_first_chunk::<8>()?;
        let (site, bytes) = take_text(bytes)?;
        let (origin, bytes) = take_text(bytes)?;
        let cdata = if bytes.is_empty() { None } else { Some(take_text(bytes)?) };
        let is_whole = cdata.is_none_or(|(_, rest)| rest.is_empty());
        is_whole.then(|| Self {
            site: site.into(),
            mode,
            round: RoundId(*round),
            claimed_at: Timestamp(u64::from_be_bytes(*claimed_at)),
            origin: origin.to_owned(),
            cdata: cdata.map(|(text, _)| text.to_owned()),
        })
    }
}

const fn prefix(mode: SiteMode) -> &'static str {
    match mode {
        SiteMode::Live => LIVE_TOKEN,
        SiteMode::Test => TEST_TOKEN,
    }
}

fn put_text(bytes: &mut Vec<u8>, text: &str) {
    // All that is written here is far shorter; what were not would not be read back, and so be no token.
    bytes.extend(u16::try_from(text.len()).unwrap_or(u16::MAX).to_be_bytes());
    bytes.extend(text.as_bytes());
}

fn take_text(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let (length, bytes) = bytes.split_first_chunk::<2>()?;
    let (text, rest) = bytes.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    Some((std::str::from_utf8(text).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use dripline_shared::site::CDATA_MAX;
    use dripline_shared::statement::ORIGIN_MAX;
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;
    use crate::edge::Edge;

    fn keys(seed: u8) -> Keys {
        Keys::generate(&Edge::new(|| Timestamp(1_700_000_000_000), move |bytes| bytes.fill(seed)))
    }

    fn token(origin: &str, cdata: Option<&str>) -> VerificationToken {
        VerificationToken {
            site: "shop".into(),
            mode: SiteMode::Live,
            round: RoundId([7; 16]),
            claimed_at: Timestamp(1_700_000_000_000),
            origin: origin.to_owned(),
            cdata: cdata.map(str::to_owned),
        }
    }

    #[test]
    fn the_longest_token_is_not_longer_than_one_may_be() {
        let longest = VerificationToken {
            site: "s".repeat(32).into(),
            ..token(&"o".repeat(ORIGIN_MAX), Some(&"c".repeat(CDATA_MAX)))
        };
        let text = longest.write(&keys(1));
        assert!(text.len() <= TOKEN_MAX, "{}", text.len());
        assert_eq!(VerificationToken::read(&text, &keys(1)), Some(longest));
    }

    #[test]
    fn a_token_of_other_keys_or_with_the_word_of_the_other_mode_is_none() {
        let text = token("https://shop.example", None).write(&keys(1));
        assert!(VerificationToken::read(&text, &keys(1)).is_some());
        assert_eq!(VerificationToken::read(&text, &keys(2)), None);
        assert_eq!(VerificationToken::read(&text.replace("_live_", "_test_"), &keys(1)), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_token_is_read_back_and_no_changed_one_is(
            origin in "\\PC{0,60}", cdata in proptest::option::of("\\PC{0,60}"), test in any::<bool>(),
            at in any::<proptest::sample::Index>(), letter in "[A-Za-z0-9_.-]",
        ) {
            let mode = if test { SiteMode::Test } else { SiteMode::Live };
            let token = VerificationToken { mode, ..token(&origin, cdata.as_deref()) };
            let (text, keys) = (token.write(&keys(1)), keys(1));
            prop_assert_eq!(VerificationToken::read(&text, &keys), Some(token));
            let at = at.index(text.len());
            let mut changed = text.clone();
            changed.replace_range(at..=at, &letter);
            prop_assert!(changed == text || VerificationToken::read(&changed, &keys).is_none(), "{changed}");
        }

        #[test]
        fn no_other_text_is_a_token(text in "(dripline_token_(live|test)_)?\\PC{0,200}") {
            prop_assert_eq!(VerificationToken::read(&text, &keys(1)), None);
        }
    }
}
