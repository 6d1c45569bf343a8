//! Sites by HTTP: how they are registered, and what their keys are.

use dripline_shared::api::operate::sites::{MadeSite, RegisteredSite, SiteKeySecret, SiteList};
use dripline_shared::api::operate::webhooks::{WebhookDeliveries, WebhookMessage, WebhookSecret};
use dripline_shared::api::sites::{SiteStatistics, SiteView};
use dripline_shared::api::{CampaignView, CatalogView, LevelView, WalletView};
use dripline_shared::error::Code;
use dripline_shared::site::{NO_CAMPAIGN, SiteLook, SiteMode};
use dripline_shared::wallet::Wallet;
use serde_json::{Value, json};

use super::Operators;

/// A site of this id, as a request says it.
fn body(id: &str) -> Value {
    json!({
        "id": id,
        "name": "The shop",
        "origins": ["https://shop.example", "http://shop.localhost:3000"],
        "campaign": "default",
        "levels": ["catch-1", "merge-2"],
        "look": { "accent": "#1a73e8", "title": "Win a coupon" }
    })
}

impl Operators {
    /// Registers a site.
    pub(super) async fn site(&self, site: Value) -> MadeSite {
        self.own("POST", "/admin/v1/sites", Some(site)).await.json()
    }

    /// Makes a webhook of a site that is told of these.
    pub(super) async fn webhook(&self, site: &str, events: Value) -> WebhookSecret {
        let body = json!({ "url": "https://shop.example/hooks", "events": events });
        self.own("POST", &format!("/admin/v1/sites/{site}/webhooks"), Some(body)).await.json()
    }
}

/// A request that does what the route does, for the table of routes.
pub(super) async fn request(
    operators: &Operators,
    (method, path): (&str, &str),
    number: u32,
) -> (String, Option<Value>) {
    let id = format!("site-{number}");
    if path == "/admin/v1/sites" {
        return (path.to_owned(), Some(body(&id)));
    }
    operators.site(body(&id)).await;
    if path.contains("/webhooks") {
        return webhook_request(operators, (method, path), &id).await;
    }
    let asked = match (method, path.rsplit('/').next()) {
        ("GET", _) | (_, Some("end" | "revoke")) => None,
        ("PUT", _) => {
            let mut site = body(&id);
            site["name"] = json!("Another name");
            Some(json!({ "site": site, "revision": 1 }))
        }
        (_, Some("rotate")) => Some(json!({})),
        _ => panic!("{method} {path}: no request is written for it"),
    };
    (path.replace("{site}", &id), asked)
}

/// The same of what is about its webhooks.
async fn webhook_request(
    operators: &Operators,
    (method, path): (&str, &str),
    site: &str,
) -> (String, Option<Value>) {
    let made = operators.webhook(site, json!(["cleared", "drip"])).await;
    let path = path.replace("{site}", site).replace("{webhook}", &made.webhook.id);
    let url = "https://shop.example/hooks";
    let asked = match (method, path.rsplit('/').next()) {
        ("GET" | "DELETE", _) | (_, Some("test")) => None,
        (_, Some("resend")) => {
            let webhook = format!("/admin/v1/sites/{site}/webhooks/{}", made.webhook.id);
            operators.own("POST", &format!("{webhook}/test"), None).await.json::<WebhookMessage>();
            let page: WebhookDeliveries =
                operators.own("GET", &format!("{webhook}/deliveries"), None).await.json();
            return (path.replace("{delivery}", &page.deliveries[0].number.to_string()), None);
        }
        ("PUT", _) => Some(json!({ "url": url, "events": ["budget.low"], "is_on": false })),
        (_, Some("webhooks")) => Some(json!({ "url": url, "events": ["budget.low"] })),
        (_, Some("rotate")) => Some(json!({})),
        _ => panic!("{method} {path}: no request is written for it"),
    };
    (path, asked)
}

#[tokio::test]
async fn a_site_that_is_registered_is_seen_by_everybody_and_its_keys_by_its_operator_this_once() {
    let operators = Operators::start("site-made").await;
    assert_eq!(operators.server.get("/api/v1/sites/shop").await.code(), Code::UnknownSite);
    let made = operators.site(body("shop")).await;
    assert!(made.secret.starts_with(&format!("dripline_site_live_{}_", made.registered.secret.id)));
    let statistics = &made.registered.statistics_key.id;
    assert!(made.statistics_key.starts_with(&format!("dripline_stats_{statistics}_")));
    let seen: SiteView = operators.server.get("/api/v1/sites/shop").await.json();
    let look = SiteLook {
        accent: Some("#1a73e8".to_owned()),
        title: Some("Win a coupon".to_owned()),
        ..SiteLook::default()
    };
    assert_eq!(
        seen,
        SiteView {
            id: "shop".to_owned(),
            mode: SiteMode::Live,
            pays: true,
            origins: seen.origins.clone(),
            look
        }
    );
    assert!(seen.origins.contains(&"https://shop.example".to_owned()));
    let registered: RegisteredSite = operators.own("GET", "/admin/v1/sites/shop", None).await.json();
    assert_eq!(registered, made.registered);
    let list: SiteList = operators.own("GET", "/admin/v1/sites", None).await.json();
    assert_eq!(list.sites.iter().map(|site| site.id.as_str()).collect::<Vec<_>>(), ["shop"]);
    let log = serde_json::to_string(&operators.audit().await).unwrap();
    for key in [&made.secret, &made.statistics_key] {
        assert!(!log.contains(key.rsplit('_').next().unwrap()), "the log has no secret");
    }
}

#[tokio::test]
async fn a_site_for_tests_has_keys_for_tests_and_pays_nothing() {
    let operators = Operators::start("site-test").await;
    let mut site = body("shop");
    site["mode"] = json!("test");
    // The same but for its mode: whatever campaign it names.
    assert!(operators.site(site).await.secret.starts_with("dripline_site_test_"));
    let seen: SiteView = operators.server.get("/api/v1/sites/shop").await.json();
    assert_eq!((seen.mode, seen.pays), (SiteMode::Test, false));
}

#[tokio::test]
async fn what_is_changed_of_a_site_holds_at_once_and_two_do_not_overwrite_each_other() {
    let operators = Operators::start("site-changed").await;
    let made = operators.site(body("shop")).await;
    let set = |title: &str, revision: u64| {
        let mut site = made.registered.site.clone();
        site.look.title = Some(title.to_owned());
        json!({ "site": site, "revision": revision })
    };
    let changed = operators.own("PUT", "/admin/v1/sites/shop", Some(set("Play", 1))).await;
    assert_eq!(changed.json::<RegisteredSite>().revision, 2);
    let refused = operators.own("PUT", "/admin/v1/sites/shop", Some(set("Pay", 1))).await;
    assert_eq!(refused.code(), Code::SiteChanged);
    let elsewhere = operators.own("PUT", "/admin/v1/sites/other", Some(set("Pay", 2))).await;
    assert_eq!(elsewhere.code(), Code::SiteInvalid);
    let seen: SiteView = operators.server.get("/api/v1/sites/shop").await.json();
    assert_eq!(seen.look.title.as_deref(), Some("Play"));
}

#[tokio::test]
async fn a_site_that_has_ended_is_unknown_to_everybody_but_operators() {
    let operators = Operators::start("site-ended").await;
    operators.site(body("shop")).await;
    let ended: RegisteredSite = operators.own("POST", "/admin/v1/sites/shop/end", None).await.json();
    assert!(ended.ended_at_ms.is_some());
    assert_eq!(operators.server.get("/api/v1/sites/shop").await.code(), Code::UnknownSite);
    let seen: RegisteredSite = operators.own("GET", "/admin/v1/sites/shop", None).await.json();
    assert_eq!(seen, ended);
    let refused = operators.own("POST", "/admin/v1/sites/shop/secret/rotate", Some(json!({}))).await;
    assert_eq!(refused.code(), Code::SiteEnded);
    assert_eq!(operators.own("POST", "/admin/v1/sites", Some(body("shop"))).await.code(), Code::SiteTaken);
}

#[tokio::test]
async fn a_rotated_key_is_shown_this_once_and_the_other_one_stays() {
    let operators = Operators::start("site-rotated").await;
    let made = operators.site(body("shop")).await;
    for (name, before) in [("secret", &made.secret), ("statistics-key", &made.statistics_key)] {
        let rotate = format!("/admin/v1/sites/shop/{name}/rotate");
        let rotated = operators.own("POST", &rotate, Some(json!({ "overlap_ms": 1_000 }))).await;
        let rotated: SiteKeySecret = rotated.json();
        let (beginning, secret) = before.rsplit_once('_').unwrap();
        assert!(rotated.key.starts_with(beginning) && !rotated.key.ends_with(secret), "{name}");
        let too_long = operators.own("POST", &rotate, Some(json!({ "overlap_ms": 700_000_000 }))).await;
        assert_eq!(too_long.code(), Code::InvalidRequest);
        let revoked = operators.own("POST", &format!("/admin/v1/sites/shop/{name}/revoke"), None).await;
        let revoked: RegisteredSite = revoked.json();
        let key = if name == "secret" { revoked.secret } else { revoked.statistics_key };
        assert!(key.revoked_at_ms.is_some() && key.former_until_ms.is_none(), "{name}");
    }
}

#[tokio::test]
async fn mistakes_in_a_site_are_told_one_by_one_and_change_nothing() {
    let operators = Operators::start("site-mistakes").await;
    let before = operators.audit().await.len();
    let mut site = body("shop");
    site["origins"] = json!(["https://shop.example/", "https://*.shop.example", "null"]);
    site["levels"] = json!(["catch-99"]);
    site["look"]["logo"] = json!("javascript:alert(1)");
    let refused = operators.own("POST", "/admin/v1/sites", Some(site)).await;
    let fields: Vec<String> =
        refused.problem().reasons.into_iter().filter_map(|reason| reason.subject).collect();
    assert_eq!(fields, ["origins[0]", "origins[1]", "origins[2]", "look.logo", "levels[0]", "levels"]);
    for (path, expected) in [
        ("/admin/v1/sites/other", Code::UnknownSite),
        ("/admin/v1/sites/Not%20an%20id", Code::InvalidParameter),
    ] {
        assert_eq!(operators.own("GET", path, None).await.code(), expected);
    }
    let entries = operators.audit().await;
    assert_eq!(entries.len(), before + 1);
    assert_eq!(entries[0].entry.refused, Some(Code::SiteInvalid), "that it was refused is noted");
    let list: SiteList = operators.own("GET", "/admin/v1/sites", None).await.json();
    assert_eq!(list.sites, []);
}

#[tokio::test]
async fn statistics_are_for_whoever_has_the_key_of_this_sites_statistics() {
    let operators = Operators::start("site-statistics").await;
    let (shop, other) = (operators.site(body("shop")).await, operators.site(body("other")).await);
    let asked = |key: &str| {
        let (server, bearer) = (&operators.server, format!("Bearer {key}"));
        async move {
            let headers = [("authorization", bearer.as_str())];
            server.get_with("/api/v1/sites/shop/statistics?days=90", &headers).await
        }
    };
    let seen: SiteStatistics = asked(&shop.statistics_key).await.json();
    assert_eq!((seen.site.as_str(), seen.asset.as_str(), seen.days), ("shop", "DRIP", Vec::new()));
    for wrong in [&shop.secret, &other.statistics_key, &operators.owner, "", "dripline_stats_"] {
        assert_eq!(asked(wrong).await.code(), Code::WrongStatisticsKey, "{wrong}");
    }
    let without = operators.server.get("/api/v1/sites/shop/statistics").await;
    assert_eq!(without.code(), Code::WrongStatisticsKey);
    // The former key holds until its moment, and neither does once they are revoked or the site has ended.
    let rotate = "/admin/v1/sites/shop/statistics-key/rotate";
    let rotated = operators.own("POST", rotate, Some(json!({ "overlap_ms": 60_000 }))).await;
    let rotated: SiteKeySecret = rotated.json();
    for key in [&shop.statistics_key, &rotated.key] {
        let _: SiteStatistics = asked(key).await.json();
    }
    operators.server.pass(60_000);
    assert_eq!(asked(&shop.statistics_key).await.code(), Code::WrongStatisticsKey);
    let _: SiteStatistics = asked(&rotated.key).await.json();
    let _: Value = operators.own("POST", "/admin/v1/sites/shop/end", None).await.json();
    assert_eq!(asked(&rotated.key).await.code(), Code::WrongStatisticsKey);
    let path = "/admin/v1/sites/shop/statistics";
    let of_operators: SiteStatistics = operators.own("GET", path, None).await.json();
    assert_eq!(of_operators.site, "shop");
    for days in ["0", "91", "many"] {
        let refused = operators.own("GET", &format!("{path}?days={days}"), None).await;
        assert_eq!(refused.code(), Code::InvalidParameter, "{days}");
    }
}

#[tokio::test]
async fn the_catalog_of_a_site_has_its_levels_and_what_is_paid_there() {
    let operators = Operators::start("site-catalog").await;
    let mut unpaid = body("gate");
    unpaid["campaign"] = Value::Null;
    unpaid["levels"] = Value::Null;
    operators.site(body("shop")).await;
    operators.site(unpaid).await;
    let whole: CatalogView = operators.server.get("/api/v1/catalog").await.json();
    let shop: CatalogView = operators.server.get("/api/v1/catalog?site=shop").await.json();
    let ids: Vec<&str> = shop.levels.iter().map(|level| level.id.as_str()).collect();
    assert_eq!((ids, shop.campaigns.clone()), (vec!["catch-1", "merge-2"], vec!["default".to_owned()]));
    let of_whole: Vec<LevelView> =
        whole.levels.iter().filter(|it| ["catch-1", "merge-2"].contains(&it.id.as_str())).cloned().collect();
    assert_eq!(shop.levels, of_whole);
    let gate: CatalogView = operators.server.get("/api/v1/catalog?site=gate").await.json();
    assert_eq!((gate.levels.len(), gate.campaigns.len()), (whole.levels.len(), 0));
    assert!(gate.levels.iter().all(|it| it.campaign == NO_CAMPAIGN && it.pays_max.is_zero()));
    let levels: Vec<LevelView> = operators.server.get("/api/v1/levels?site=shop").await.json();
    assert_eq!(levels, shop.levels);
    for path in ["/api/v1/catalog?site=other", "/api/v1/levels?site=", "/api/v1/levels?site=SHOP"] {
        assert_eq!(operators.server.get(path).await.code(), Code::UnknownSite, "{path}");
    }
}

#[tokio::test]
async fn campaigns_and_wallets_are_asked_about_on_a_site_and_what_else_is_asked_of_a_wallet_means_nothing() {
    let operators = Operators::start("site-asked").await;
    let mut unpaid = body("gate");
    unpaid["campaign"] = Value::Null;
    operators.site(body("shop")).await;
    operators.site(unpaid).await;
    let server = &operators.server;
    for (site, expected) in [("shop", vec!["default"]), ("gate", Vec::new())] {
        let told: Vec<CampaignView> = server.get(&format!("/api/v1/campaigns?site={site}")).await.json();
        assert_eq!(told.iter().map(|campaign| campaign.id.as_str()).collect::<Vec<_>>(), expected);
    }
    let wallet = format!("/api/v1/wallets/{}", Wallet([7; 32]));
    let plain: WalletView = server.get(&wallet).await.json();
    for query in ["?site=shop", "?site=gate", "?of=guest", "?of=guest&site=shop"] {
        let told: WalletView = server.get(&format!("{wallet}{query}")).await.json();
        assert_eq!(told, plain, "{query}");
    }
    let look = json!({ "wallet": plain.wallet, "code": "22222-22222-22222-22222" }).to_string();
    let looked = server.post("/api/v1/vouchers/look?site=shop", look.clone()).await;
    assert_eq!(looked.code(), Code::VoucherUnknown);
    for path in [format!("{wallet}?site=other"), "/api/v1/campaigns?site=other".to_owned()] {
        assert_eq!(server.get(&path).await.code(), Code::UnknownSite, "{path}");
    }
    let elsewhere = server.post("/api/v1/vouchers/look?site=other", look).await;
    assert_eq!(elsewhere.code(), Code::UnknownSite);
    for path in [format!("{wallet}?site=shop&site=shop"), "/api/v1/campaigns?of=shop".to_owned()] {
        assert_eq!(server.get(&path).await.code(), Code::InvalidParameter, "{path}");
    }
}
