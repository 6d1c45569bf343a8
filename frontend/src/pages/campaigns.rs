//! Campaigns on the level map: what they pay, how long, and the codes that let a player into some of them.

use dripline_shared::api::CampaignView;
use dripline_shared::time::{DAY_MS, HOUR_MS, Timestamp};

use crate::app::{Dripline, Press};
use crate::browser::page;
use crate::components::element::{Element, Name, element, text};
use crate::components::notice::{Weight, notice};
use crate::format::{countdown, factor, fill, span};
use crate::locales::failures::explain;
use crate::locales::texts;
use crate::state::campaigns::{Entered, Fact, facts};

/// The id of the field for the code of a voucher.
pub(crate) const VOUCHER: &str = "voucher";

/// The campaigns that there is something to say of, each once.
#[inline(never)]
pub(crate) fn banners(dripline: &Dripline, now: Timestamp) -> Vec<Element> {
    let faucet = &dripline.faucet;
    let mut banners = Vec::new();
    if let Some(campaigns) = faucet.campaigns.ready() {
        for campaign in campaigns {
            if faucet.is_told(campaign, now) {
                banners.push(banner(dripline, campaign, String::new(), now));
            }
        }
    }
    for voucher in &faucet.vouchers {
        let Some(view) = &voucher.view else { continue };
        let mut words = if view.is_used { texts().voucher_used } else { texts().voucher_kept }.to_owned();
        if let Some(expires) = view.expires_ms
            && !view.is_used
        {
            tell(&mut words, texts().voucher_until, "moment", &page::local_moment(expires));
        }
        banners.push(banner(dripline, &view.campaign, words, now));
    }
    banners
}

/// Adds a sentence with a place that is filled.
fn tell(words: &mut String, sentence: &str, name: &str, value: &str) {
    if !words.is_empty() {
        words.push(' ');
    }
    words.push_str(&fill(sentence, &[(name, value)]));
}

/// The notice of a campaign, which begins with these `words`.
#[inline(never)]
fn banner(dripline: &Dripline, campaign: &CampaignView, mut words: String, now: Timestamp) -> Element {
    for fact in facts(campaign, now) {
        let (sentence, value) = match fact {
            Fact::Starts(starts) => (texts().campaign_starts, when(starts, now)),
            Fact::Ends(ends) => (texts().campaign_ends, when(ends, now)),
            Fact::Over => (texts().campaign_over, String::new()),
            Fact::UsedUp => (texts().campaign_used_up, String::new()),
            Fact::Boost(boost) => (texts().campaign_boost, factor(boost)),
            Fact::Left(left) => (texts().campaign_left, dripline.faucet.money(left)),
        };
        tell(&mut words, sentence, "value", &value);
    }
    notice(Weight::Calm, &campaign.name, vec![text("p", "", &words)])
}

/// A moment to come, by the hours until then, which need not be counted down, and by the clock.
fn when(moment: Timestamp, now: Timestamp) -> String {
    let left_ms = moment.since(now);
    let time = if left_ms < DAY_MS { span(left_ms.div_ceil(HOUR_MS) * HOUR_MS) } else { countdown(left_ms) };
    [&time, " (", &page::local_moment(moment), ")"].concat()
}

/// The mark of a level that such a campaign pays for.
#[inline(never)]
pub(crate) fn mark(dripline: &Dripline, campaign: &str) -> Option<Element> {
    let campaign = dripline.faucet.campaign(campaign)?;
    let boost = campaign.boost.map(factor).unwrap_or_default();
    Some(text("span", "level-campaign", &campaign.name).text(" ").text(&boost))
}

/// Where the code of a voucher is entered, and what became of it.
#[inline(never)]
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
