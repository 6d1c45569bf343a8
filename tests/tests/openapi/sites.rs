//! Sites: what anybody and their owners read, and how it is asked for wrongly.

use dripline_server::faucet::{Faucet, Operator};
use dripline_shared::api::operate::By;
use dripline_shared::api::operate::sites::MadeSite;
use dripline_shared::api::sites::{SiteStatistics, SiteView};
use dripline_shared::api::{CampaignView, CatalogView, LevelView, VoucherLook, WalletView};
use dripline_shared::error::Code;
use dripline_shared::site::{Site, SiteLook, SiteMode};
use dripline_tests::levels::QUICK;
use dripline_tests::player::Player;
use dripline_tests::request::{self, Message};

use crate::recorder::Log;
use crate::script::Stage;

/// Who registers sites.
pub(crate) fn operator() -> Operator {
    let by = By::Operator { id: "ada".to_owned(), name: "Ada".to_owned() };
    Operator { by, from: None, session: None }
}

/// Registers a site of this id, which shows the quick level.
pub(crate) async fn register(faucet: &Faucet, id: &str) -> MadeSite {
    let site = Site {
        id: id.to_owned(),
        name: id.to_owned(),
        mode: SiteMode::Live,
        origins: vec!["https://shop.example".to_owned()],
        campaign: Some("default".to_owned()),
        levels: Some(vec![QUICK.to_owned()]),
        look: SiteLook::default(),
    };
    faucet.register_site(operator(), site).await.expect("it is registered")
}

/// Asks for what came of a site.
pub(crate) fn statistics(id: &str, query: &str, key: &str) -> Message {
    let path = format!("/api/v1/sites/{id}/statistics{query}");
    crate::read_keys::get(&path, key)
}

/// From a site's registration to what came of it.
pub(crate) async fn reading(log: &Log) {
    let mut stage = Stage::new(log).await;
    let made = register(&stage.faucet.faucet, "shop").await;
    let seen: SiteView = stage.send(request::get("/api/v1/sites/shop")).await.expect();
    assert!(seen.pays && seen.mode == SiteMode::Live);
    let catalog: CatalogView = stage.send(request::get("/api/v1/catalog?site=shop")).await.expect();
    let levels: Vec<LevelView> = stage.send(request::get("/api/v1/levels?site=shop")).await.expect();
    assert_eq!((catalog.levels.len(), &catalog.levels), (1, &levels));
    let campaigns: Vec<CampaignView> = stage.send(request::get("/api/v1/campaigns?site=shop")).await.expect();
    assert_eq!((campaigns.len(), &*campaigns[0].id), (1, "default"));
    let wallet = format!("/api/v1/wallets/{}", Player::number(30).wallet);
    let seen: WalletView = stage.send(request::get(&format!("{wallet}?site=shop"))).await.expect();
    assert_eq!(seen.limits, []);
    let look = VoucherLook { wallet: seen.wallet, code: "22222-22222-22222-22222".to_owned() };
    let looked = |query: &str| request::post(&format!("/api/v1/vouchers/look{query}"), &look);
    stage.refused(looked("?site=shop"), Code::VoucherUnknown).await;
    stage.refused(looked("?site=other"), Code::UnknownSite).await;
    stage.refused(looked("?surprise=1"), Code::InvalidParameter).await;
    stage.refused(request::get(&format!("{wallet}?site=other")), Code::UnknownSite).await;
    let days: SiteStatistics =
        stage.send(statistics("shop", "?days=90", &made.statistics_key)).await.expect();
    assert_eq!(days.days, []);
    for path in [
        "/api/v1/sites/other",
        "/api/v1/catalog?site=other",
        "/api/v1/levels?site=other",
        "/api/v1/campaigns?site=other",
    ] {
        stage.refused(request::get(path), Code::UnknownSite).await;
    }
    for path in [
        "/api/v1/sites/Shop",
        "/api/v1/catalog?surprise=1",
        "/api/v1/levels?site=shop&site=shop",
        "/api/v1/campaigns?surprise=1",
    ] {
        stage.refused(request::get(path), Code::InvalidParameter).await;
    }
    for query in ["?days=0", "?days=91", "?days=x", "?surprise=1"] {
        stage.refused(statistics("shop", query, &made.statistics_key), Code::InvalidParameter).await;
    }
    for (id, key) in [("shop", made.secret.as_str()), ("other", &made.statistics_key), ("shop", "none")] {
        stage.refused(statistics(id, "", key), Code::WrongStatisticsKey).await;
    }
}
