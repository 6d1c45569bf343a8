//! Sites: pages of others that show the faucet's games. Which origins they have, what they pay out of, and how it looks there.

mod mistakes;
mod origin;

use serde::{Deserialize, Serialize};

pub use origin::is_origin;

/// The longest name, title or text of a site, in characters.
pub const SITE_TEXT_MAX: usize = 60;
/// The most origins of a site.
pub const SITE_ORIGINS_MAX: usize = 20;
/// The largest logo: the characters of its `data:` address.
pub const SITE_LOGO_MAX: usize = 24_000;

/// What stands for the campaign of a round that nobody pays for. No campaign can have it as its id.
pub const NO_CAMPAIGN: &str = "(none)";
/// The longest `cdata`: what a site's page says of itself with a verification token, in bytes.
pub const CDATA_MAX: usize = 255;
/// The longest idempotency key of a verification, in bytes.
pub const IDEMPOTENCY_KEY_MAX: usize = 128;
/// For how long after its claim a round can be verified first, in milliseconds.
pub const VERIFY_WITHIN_MS: u64 = 300_000;

/// What a site is: everything that an operator says of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// Unique; written like a level's id. It is public: pages name it in the widget's tag.
    pub id: String,
    /// For people.
    pub name: String,
    /// Whether it is for the work itself, or for trying out: a test site pays nothing, and what it is told is only taken by secrets
    /// for tests.
    #[serde(default)]
    pub mode: SiteMode,
    /// The origins of its pages, exactly: `https://shop.example`. Without encryption only those of this machine.
    pub origins: Vec<String>,
    /// The campaign that pays; none where levels are played for their own sake, as in place of a captcha.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<String>,
    /// Which levels it shows; all where it says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub levels: Option<Vec<String>>,
    /// How it looks.
    #[serde(default)]
    pub look: SiteLook,
}

impl Site {
    /// The campaign that pays for what is played here; [`NO_CAMPAIGN`] where nothing is paid: on test sites, and where there is none.
    pub fn pays_by(&self) -> &str {
        let campaign = self.campaign.as_deref().filter(|_| self.mode == SiteMode::Live);
        campaign.unwrap_or(NO_CAMPAIGN)
    }

    /// Whether it shows this level.
    pub fn has_level(&self, level: &str) -> bool {
        self.levels.as_ref().is_none_or(|levels| levels.iter().any(|id| id == level))
    }

    /// Whether pages of this origin are its own: letter for letter.
    pub fn has_origin(&self, origin: &str) -> bool {
        self.origins.iter().any(|own| own == origin)
    }
}

/// Whether a site is for the work itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SiteMode {
    /// It pays.
    #[default]
    Live,
    /// It is for trying out.
    Test,
}

impl SiteMode {
    /// As on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Test => "test",
        }
    }
}

/// How a site's widget looks.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SiteLook {
    /// The colour of what can be pressed, as `#rrggbb`, on light pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accent: Option<String>,
    /// The same on dark pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accent_dark: Option<String>,
    /// A picture as a `data:` address: PNG, WebP or SVG.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo: Option<String>,
    /// What stands above the levels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// A line below it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}
