//! Campaigns on the level map: what they pay, how long, and the codes that let a player into some of them.

use dripline_shared::api::{CampaignView, VoucherView};
use dripline_shared::time::Timestamp;

use crate::app::{Dripline, Press};
use crate::browser::page;
use crate::components::element::{Element, Name, element, text};
use crate::components::notice::{Weight, notice};
use crate::format::{countdown, factor, fill};
use crate::locales::failures::explain;
use crate::locales::texts;
use crate::state::campaigns::{Entered, Fact, facts};

/// The id of the field for the code of a voucher.
pub(crate) const VOUCHER: &str = "voucher";

/// The campaigns that there is something to say of, each once.
pub(crate) fn banners(dripline: &Dripline, now: Timestamp) -> Vec<Element> {
    let faucet = &dripline.faucet;
    let told = faucet.campaigns_told(now).map(|campaign| banner(dripline, campaign, None, now));
    let vouchers = faucet.vouchers.iter().filter_map(|voucher| voucher.view.ready());
    told.chain(vouchers.map(|view| banner(dripline, &view.campaign, Some(view), now))).collect()
}

fn banner(
    dripline: &Dripline,
    campaign: &CampaignView,
    voucher: Option<&VoucherView>,
    now: Timestamp,
) -> Element {
    let mut words = String::new();
    if let Some(voucher) = voucher {
        words.push_str(if voucher.is_used { texts().voucher_used } else { texts().voucher_kept });
        if let Some(expires) = voucher.expires_ms.filter(|_| !voucher.is_used) {
            words.push_str(&fill(texts().voucher_until, &[("moment", &page::local_moment(expires))]));
        }
    }
    for fact in facts(campaign, now) {
        let (words_of, moment, value) = match fact {
            Fact::Starts(starts) => (texts().campaign_starts, Some(starts), String::new()),
            Fact::Ends(ends) => (texts().campaign_ends, Some(ends), String::new()),
            Fact::Over => (texts().campaign_over, None, String::new()),
            Fact::UsedUp => (texts().campaign_used_up, None, String::new()),
            Fact::Boost(boost) => (texts().campaign_boost, None, factor(boost)),
            Fact::Marked => (texts().campaign_marked, None, String::new()),
            Fact::Left(left) => (texts().campaign_left, None, dripline.faucet.money(left)),
        };
        let (time, moment) = moment.map_or_else(Default::default, |moment| {
            (countdown(moment.since(now)), page::local_moment(moment))
        });
        words.push_str(&fill(words_of, &[("time", &time), ("moment", &moment), ("value", &value)]));
    }
    notice(Weight::Calm, &campaign.name, vec![text("p", "", &words)])
}

/// The mark of a level that such a campaign pays for.
pub(crate) fn mark(dripline: &Dripline, campaign: &str) -> Option<Element> {
    let campaign = dripline.faucet.campaign(campaign)?;
    let boost = campaign.boost.map(|boost| [" ", &factor(boost)].concat()).unwrap_or_default();
    Some(text("span", "level-campaign", &campaign.name).text(&boost))
}

/// Where the code of a voucher is entered, and what became of it.
pub(crate) fn voucher(dripline: &Dripline) -> Element {
    let faucet = &dripline.faucet;
    let is_refused = matches!(faucet.entered, Entered::Refused(_));
    let told = match &faucet.entered {
        Entered::Nothing => String::new(),
        Entered::Asking => texts().asking.to_owned(),
        Entered::Kept => texts().voucher_taken.to_owned(),
        Entered::Refused(failure) => {
            let explanation = explain(failure, dripline.api.now());
            [&*explanation.title, ". ", &explanation.advice].concat()
        }
    };
    let form = faucet.takes_vouchers().then(|| {
        let field = element("input", "")
            .attribute(Name::Id, VOUCHER)
            .attribute(Name::Autocomplete, "off")
            .attribute(Name::Autocapitalize, "characters")
            .attribute(Name::Spellcheck, "false")
            .attribute(Name::Required, "required")
            .attribute_if(is_refused, Name::AriaInvalid, "true")
            .attribute(Name::AriaDescribedby, "voucher-told");
        let form = element("form", "")
            .submitted(&dripline.link, Press::Voucher)
            .with(text("label", "", texts().voucher_label).attribute(Name::For, VOUCHER))
            .with(field)
            .with(text("button", "button is-quiet", texts().voucher_use));
        element("details", "").with(text("summary", "", texts().voucher_title)).with(form)
    });
    let told = text("p", if is_refused { "is-risk" } else { "" }, &told)
        .attribute(Name::Id, "voucher-told")
        .attribute(Name::Role, "status");
    element("div", "voucher").maybe(form).with(told)
}
