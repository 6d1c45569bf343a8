//! What the operator has to tell players, below the map and the wallet.

use crate::app::Home;
use crate::components::element::{Element, Name, element, text};
use crate::locales::texts;
use crate::route::Route;

/// The footer; with nothing in it where there is nothing to tell, and where a level is played.
pub(crate) fn footer(home: &Home) -> Element {
    let footer = element("footer", "foot");
    let notices = home.dripline.faucet.notices.as_ref();
    let Some(notices) = notices.filter(|_| !matches!(home.route, Route::Play(_))) else { return footer };
    let contact = notices.contact.as_ref().map(|contact| {
        if contact.starts_with("https://") { contact.clone() } else { ["mailto:", contact].concat() }
    });
    let links = [
        (&notices.terms_url, texts().terms_more),
        (&notices.privacy_url, texts().privacy),
        (&contact, texts().contact),
    ];
    let links = links
        .into_iter()
        .filter_map(|(address, name)| Some(text("a", "", name).attribute(Name::Href, address.as_ref()?)));
    let told = [(&notices.terms, texts().terms), (&notices.excluded_regions, texts().excluded_regions)];
    let told = told.into_iter().filter_map(|(words, name)| {
        let words = text("p", "foot-text", words.as_ref()?);
        Some(element("details", "").with(text("summary", "", name)).with(words))
    });
    footer.group(told.chain(links).collect())
}
