//! Sites: what anybody and their owners read, and how it is asked for wrongly.

use dripline_server::faucet::{Faucet, Operator};
use dripline_shared::api::operate::By;
use dripline_shared::api::operate::sites::MadeSite;
use dripline_shared::api::sites::{SiteStatistics, SiteView};
use dripline_shared::api::{CatalogView, LevelView};
use dripline_shared::error::Code;
use dripline_shared::site::{Site, SiteLook, SiteMode};
use dripline_tests::levels::QUICK;
use dripline_tests::request::{self, Message};

use crate::recorder::Log;
use crate::script::Stage;

/// Registers a site of this id, which shows the quick level.
pub(crate) async fn register(faucet: &Faucet, id: &str) -> MadeSite {
    let by = By::Operator { id: "ada".to_owned(), name: "Ada".to_owned() };
    let site = Site {
        id: id.to_owned(),
        name: id.to_owned(),
        mode: SiteMode::Live,
        origins: vec!["https://shop.example".to_owned()],
        campaign: Some("default".to_owned()),
        levels: Some(vec![QUICK.to_owned()]),
        look: SiteLook::default(),
    };
    faucet.register_site(Operator { by, from: None, session: None }, site).await.expect("it is registered")
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
    let days: SiteStatistics =
        stage.send(statistics("shop", "?days=90", &made.statistics_key)).await.expect();
    assert_eq!(days.days, []);
    for path in ["/api/v1/sites/other", "/api/v1/catalog?site=other", "/api/v1/levels?site=other"] {
        stage.refused(request::get(path), Code::UnknownSite).await;
    }
    for path in ["/api/v1/sites/Shop", "/api/v1/catalog?surprise=1", "/api/v1/levels?site=shop&site=shop"] {
        stage.refused(request::get(path), Code::InvalidParameter).await;
    }
    for query in ["?days=0", "?days=91", "?days=x", "?surprise=1"] {
        stage.refused(statistics("shop", query, &made.statistics_key), Code::InvalidParameter).await;
    }
    for (id, key) in [("shop", made.secret.as_str()), ("other", &made.statistics_key), ("shop", "none")] {
        stage.refused(statistics(id, "", key), Code::WrongStatisticsKey).await;
    }
}
