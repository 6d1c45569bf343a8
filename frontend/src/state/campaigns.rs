//! What the player is told of campaigns, and the vouchers that let the player into some. Pure.
//!
//! Loops, and no chains of iterators: those would be another KB of the page.

use dripline_shared::amount::Amount;
use dripline_shared::api::{CampaignView, LevelView, VoucherView};
use dripline_shared::campaign::Audience;
use dripline_shared::catalog::DEFAULT_CAMPAIGN;
use dripline_shared::error::Code;
use dripline_shared::time::{DAY_MS, Timestamp};

use crate::api::Failure;
use crate::state::faucet::FaucetState;

/// How long before its start a campaign is told of, in milliseconds.
const SOON_MS: u64 = 7 * DAY_MS;
/// How many vouchers are kept: of more, those that were entered last.
const VOUCHERS_MAX: usize = 10;
/// Of what part of its budget a campaign has so little left that it is said how much: a tenth.
const LITTLE: i64 = 10;

/// Something that is told of a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fact {
    /// When it starts.
    Starts(Timestamp),
    /// When it ends.
    Ends(Timestamp),
    /// That it has ended.
    Over,
    /// That it pays no more, because its budget is used up.
    UsedUp,
    /// The factor of its drips, in basis points.
    Boost(u32),
    /// That it has only so much left.
    Left(Amount),
}

/// What is told of a campaign at `now`: by the clock, for what is known of it may be old.
pub(crate) fn facts(campaign: &CampaignView, now: Timestamp) -> Vec<Fact> {
    let mut facts = Vec::new();
    if campaign.ends_ms.is_some_and(|ends| now >= ends) {
        facts.push(Fact::Over);
        return facts;
    }
    if campaign.is_used_up {
        facts.push(Fact::UsedUp);
        return facts;
    }
    if let Some(boost) = campaign.boost {
        facts.push(Fact::Boost(boost));
    }
    let starts = campaign.starts_ms.filter(|starts| now < *starts);
    if let Some(starts) = starts {
        facts.push(Fact::Starts(starts));
    }
    if let Some(ends) = campaign.ends_ms {
        facts.push(Fact::Ends(ends));
    }
    // It is given its budget when it starts.
    if starts.is_none() && campaign.left.units() < campaign.budget.units() / LITTLE {
        facts.push(Fact::Left(campaign.left));
    }
    facts
}

/// Whether there is nothing to be said of a campaign: it is what pays where nobody has set anything.
fn is_plain(campaign: &CampaignView) -> bool {
    campaign.id == DEFAULT_CAMPAIGN && campaign.boost.is_none() && campaign.ends_ms.is_none()
}

/// A voucher that is kept.
pub(crate) struct Voucher {
    /// Its code, as [`code`] writes it.
    pub(crate) code: String,
    /// What it is for, once that is known.
    pub(crate) view: Option<VoucherView>,
}

/// What became of the code that was entered last.
pub(crate) enum Entered {
    /// There was none.
    Nothing,
    /// The server is asked what it is for.
    Asking,
    /// It is kept.
    Kept,
    /// It is good for nothing.
    Refused(Failure),
}

/// A code in one way of the many in which people write it.
pub(crate) fn code(text: &str) -> String {
    let mut code = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            code.push(char::from(byte.to_ascii_uppercase()));
        }
    }
    code
}

impl FaucetState {
    /// Whether a campaign is told of: one for everybody that pays a level here, starts soon, or would pay if it had anything left.
    pub(crate) fn is_told(&self, campaign: &CampaignView, now: Timestamp) -> bool {
        if campaign.audience != Audience::Everybody || is_plain(campaign) {
            return false;
        }
        let starts_soon =
            campaign.starts_ms.is_some_and(|starts| now < starts && starts.since(now) < SOON_MS);
        let pays = |view: &LevelView| view.campaign == campaign.id;
        campaign.is_used_up
            || starts_soon
            || self.catalog.ready().is_some_and(|catalog| catalog.levels.iter().any(pays))
    }

    /// The campaign of this id, where there is something to be said of it.
    pub(crate) fn campaign(&self, id: &str) -> Option<&CampaignView> {
        for voucher in &self.vouchers {
            match &voucher.view {
                Some(view) if view.campaign.id == id => return Some(&view.campaign),
                _ => {}
            }
        }
        self.campaigns.ready()?.iter().find(|campaign| campaign.id == id && !is_plain(campaign))
    }

    /// Whether the faucet has campaigns for which one needs a code.
    pub(crate) fn takes_vouchers(&self) -> bool {
        let takes = |campaign: &CampaignView| campaign.audience == Audience::Vouchers;
        self.campaigns.ready().is_some_and(|campaigns| campaigns.iter().any(takes))
    }

    /// A level as it pays this player most: by a voucher, or as it pays everybody.
    pub(crate) fn at_best<'a>(&'a self, view: &'a LevelView) -> &'a LevelView {
        let mut best = view;
        for voucher in &self.vouchers {
            let Some(of) = &voucher.view else { continue };
            for level in &of.levels {
                if level.id == best.id && level.pays_max >= best.pays_max {
                    best = level;
                }
            }
        }
        best
    }

    /// The code of the voucher that lets the player into this campaign.
    pub(crate) fn voucher_of(&self, campaign: &str) -> Option<&str> {
        for voucher in &self.vouchers {
            match &voucher.view {
                Some(view) if view.campaign.id == campaign => return Some(&voucher.code),
                _ => {}
            }
        }
        None
    }

    /// The codes that were kept are kept again.
    pub(crate) fn keep_vouchers(&mut self, codes: Vec<String>) {
        self.vouchers.clear();
        for code in codes {
            self.vouchers.push(Voucher { code, view: None });
        }
    }

    /// The server told what a code is for, or that it is for nothing. `is_entered`: the player has just entered it.
    pub(crate) fn voucher_came(
        &mut self,
        code: String,
        is_entered: bool,
        answer: Result<VoucherView, Failure>,
    ) {
        let at = self.vouchers.iter().position(|voucher| voucher.code == code);
        let entered = match answer {
            Ok(view) => {
                if let Some(at) = at {
                    self.vouchers[at].view = Some(view);
                } else {
                    if self.vouchers.len() == VOUCHERS_MAX {
                        self.vouchers.remove(0);
                    }
                    self.vouchers.push(Voucher { code, view: Some(view) });
                }
                Entered::Kept
            }
            Err(failure) => {
                match (at, failure.code()) {
                    (Some(at), Some(Code::VoucherUnknown | Code::VoucherExpired)) => {
                        self.vouchers.remove(at);
                    }
                    // Another wallet's now: nothing is told of it, and it is kept, for that wallet may come back.
                    (Some(at), Some(Code::VoucherUsed)) => self.vouchers[at].view = None,
                    _ => {}
                }
                Entered::Refused(failure)
            }
        };
        if is_entered {
            self.entered = entered;
        }
    }
}

#[cfg(test)]
mod tests {
    use dripline_shared::api::Problem;
    use dripline_shared::json::FromJson;
    use dripline_shared::time::HOUR_MS;

    use super::*;
    use crate::state::faucet::Fetched;

    const NOW: Timestamp = Timestamp(100 * DAY_MS);

    fn campaign(id: &str) -> CampaignView {
        CampaignView {
            id: id.to_owned(),
            name: id.to_owned(),
            budget: Amount::from_units(1_000),
            left: Amount::from_units(1_000),
            ..CampaignView::BLANK
        }
    }

    fn level(id: &str, campaign: &str, pays_max: u32) -> LevelView {
        LevelView {
            id: id.to_owned(),
            campaign: campaign.to_owned(),
            pays_max: Amount::from_units(pays_max),
            ..LevelView::BLANK
        }
    }

    fn voucher(campaign: CampaignView, levels: Vec<LevelView>) -> VoucherView {
        VoucherView { campaign, levels, ..VoucherView::BLANK }
    }

    fn faucet(campaigns: Vec<CampaignView>, levels: Vec<LevelView>) -> FaucetState {
        FaucetState {
            catalog: Fetched::Ready(dripline_shared::api::CatalogView {
                levels,
                ..dripline_shared::api::CatalogView::BLANK
            }),
            campaigns: Fetched::Ready(campaigns),
            ..FaucetState::default()
        }
    }

    fn refused(code: Code) -> Failure {
        Failure::Refused(Box::new(Problem { code, ..Problem::BLANK }))
    }

    fn told(faucet: &FaucetState) -> Vec<&str> {
        let campaigns = faucet.campaigns.ready().unwrap().iter();
        campaigns.filter(|campaign| faucet.is_told(campaign, NOW)).map(|campaign| &*campaign.id).collect()
    }

    fn kept(faucet: &FaucetState) -> Vec<&str> {
        faucet.vouchers.iter().map(|voucher| &*voucher.code).collect()
    }

    #[test]
    fn campaigns_are_told_of_that_pay_here_start_soon_or_are_used_up_and_the_plain_one_is_not() {
        let starts = |id, starts| CampaignView { starts_ms: Some(starts), ..campaign(id) };
        let campaigns = vec![
            campaign("default"),
            campaign("pays"),
            campaign("idle"),
            starts("soon", NOW.plus(SOON_MS - 1)),
            starts("late", NOW.plus(SOON_MS)),
            CampaignView { is_used_up: true, ..campaign("empty") },
            CampaignView { audience: Audience::Vouchers, is_used_up: true, ..campaign("closed") },
        ];
        let levels = vec![level("a", "default", 1), level("b", "pays", 1)];
        assert_eq!(told(&faucet(campaigns, levels.clone())), ["pays", "soon", "empty"]);
        let boosted = CampaignView { boost: Some(20_000), ..campaign("default") };
        assert_eq!(told(&faucet(vec![boosted], levels)), ["default"]);
    }

    #[test]
    fn the_facts_of_a_campaign_are_those_of_the_moment_whatever_was_known_before() {
        let (start, end) = (NOW.plus(HOUR_MS), NOW.plus(DAY_MS));
        let dated = CampaignView {
            starts_ms: Some(start),
            ends_ms: Some(end),
            boost: Some(15_000),
            ..campaign("dated")
        };
        let (boost, ends) = (Fact::Boost(15_000), Fact::Ends(end));
        assert_eq!(facts(&dated, NOW), [boost.clone(), Fact::Starts(start), ends.clone()]);
        assert_eq!(facts(&dated, start), [boost, ends]);
        assert_eq!(facts(&dated, end), [Fact::Over]);
        assert_eq!(facts(&CampaignView { is_used_up: true, ..dated }, NOW), [Fact::UsedUp]);
        assert_eq!(facts(&campaign("plain"), NOW), []);
    }

    #[test]
    fn what_is_left_is_told_once_it_is_less_than_a_tenth() {
        let of = |left| facts(&CampaignView { left: Amount::from_units(left), ..campaign("a") }, NOW);
        assert_eq!(of(100), []);
        assert_eq!(of(99), [Fact::Left(Amount::from_units(99))]);
    }

    #[test]
    fn a_voucher_pays_where_nothing_pays_more_and_is_named_for_its_campaign_alone() {
        let levels = vec![level("a", "pays", 10), level("b", "pays", 30), level("c", "pays", 10)];
        let mut faucet = faucet(vec![campaign("pays")], levels);
        let closed = vec![level("a", "closed", 10), level("b", "closed", 20)];
        faucet.voucher_came("CODE".to_owned(), true, Ok(voucher(campaign("closed"), closed)));
        let paid_by = |id| &*faucet.level(id).unwrap().campaign;
        assert_eq!(["a", "b", "c"].map(paid_by), ["closed", "pays", "pays"]);
        assert_eq!((faucet.voucher_of("closed"), faucet.voucher_of("pays")), (Some("CODE"), None));
        assert_eq!(faucet.campaign("closed").map(|campaign| &*campaign.name), Some("closed"));
        faucet.voucher_came("CODE".to_owned(), false, Ok(voucher(campaign("closed"), Vec::new())));
        assert_eq!(faucet.level("a").unwrap().campaign, "pays", "it opens nothing any more");
    }

    #[test]
    fn a_code_is_kept_until_it_is_known_to_be_none_and_through_a_network_that_is_gone() {
        let mut faucet = faucet(Vec::new(), Vec::new());
        faucet.keep_vouchers(vec!["A".to_owned(), "B".to_owned()]);
        faucet.voucher_came("A".to_owned(), false, Err(Failure::Network));
        faucet.voucher_came("B".to_owned(), false, Err(refused(Code::VoucherUsed)));
        assert_eq!(kept(&faucet), ["A", "B"]);
        assert!(matches!(faucet.entered, Entered::Nothing), "the player has entered nothing");
        faucet.voucher_came("A".to_owned(), false, Err(refused(Code::VoucherExpired)));
        assert_eq!(kept(&faucet), ["B"]);
        faucet.voucher_came("C".to_owned(), true, Err(refused(Code::VoucherUnknown)));
        assert!(
            matches!(&faucet.entered, Entered::Refused(failure) if failure.code() == Some(Code::VoucherUnknown))
        );
        for number in 0..VOUCHERS_MAX {
            faucet.voucher_came(number.to_string(), true, Ok(voucher(campaign("closed"), Vec::new())));
        }
        assert!(matches!(faucet.entered, Entered::Kept));
        assert_eq!((faucet.vouchers.len(), kept(&faucet)[0]), (VOUCHERS_MAX, "0"), "the oldest one went");
    }

    #[test]
    fn a_code_is_the_same_however_it_is_written() {
        for written in ["7KQ2M-XB4TD", " 7kq2m xb4td\n", "7kq2mxb4td"] {
            assert_eq!(code(written), "7KQ2MXB4TD");
        }
        assert_eq!(code(" – "), "");
    }
}
