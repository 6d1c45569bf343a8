//! What the operator has to tell players, below the map and the wallet.

use crate::app::Home;
use crate::components::element::{Element, Name, element, text};
use crate::locales::texts;
use crate::route::Route;

/// The footer; with nothing in it where there is nothing to tell, and where a level is played.
#[inline(never)]
pub(crate) fn footer(home: &Home) -> Element {
    let mut footer = element("footer", "foot");
    let Some(notices) = &home.dripline.faucet.notices else { return footer };
    if matches!(home.route, Route::Play(_)) {
        return footer;
    }
    for (words, name) in
        [(&notices.terms, texts().terms), (&notices.excluded_regions, texts().excluded_regions)]
    {
        if let Some(words) = words {
            let words = text("p", "foot-text", words);
            footer.push(element("details", "").with(text("summary", "", name)).with(words));
        }
    }
    for (address, name) in [
        (&notices.terms_url, texts().terms_more),
        (&notices.privacy_url, texts().privacy),
        (&notices.contact, texts().contact),
    ] {
        if let Some(address) = address {
            // All are of the web but for one, which may be of mail.
            let scheme = if address.starts_with("https://") { "" } else { "mailto:" };
            footer.push(text("a", "", name).attribute(Name::Href, &[scheme, address].concat()));
        }
    }
    footer
}
