//! Which site a secret is of.

use std::collections::BTreeMap;
use std::sync::Arc;

use dripline_shared::round::{Hash, hash};
use dripline_shared::site::SiteMode;

/// What `H` of a secret starts with.
const SECRET_TAG: &[u8; 16] = b"dripline:sitesec";

/// The secrets of sites that hold, by their hashes. They have 256 bits of chance, so a plain hash is enough, and to look for one
/// tells nobody anything of it: whoever guesses cannot choose where its hash differs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SiteSecrets(BTreeMap<Hash, (Arc<str>, SiteMode)>);

impl SiteSecrets {
    /// The same, and this secret of this site.
    #[must_use]
    pub fn with(mut self, secret: &str, site: &str, mode: SiteMode) -> Self {
        self.0.insert(hash(SECRET_TAG, &[secret.as_bytes()]), (site.into(), mode));
        self
    }

    /// The site that this is a secret of, and what that is for.
    pub fn site_of(&self, secret: &str) -> Option<(&Arc<str>, SiteMode)> {
        self.0.get(&hash(SECRET_TAG, &[secret.as_bytes()])).map(|(site, mode)| (site, *mode))
    }
}
