//! What may be said of a site.

use dripline_shared::api::operate::Mistake;
use dripline_shared::campaign::{Audience, Campaign};
use dripline_shared::catalog::Catalog;
use dripline_shared::site::{
    NO_CAMPAIGN, SITE_LOGO_MAX, SITE_ORIGINS_MAX, SITE_TEXT_MAX, Site, SiteLook, SiteMode, is_origin,
};
use proptest::prelude::*;

use crate::support::config;

fn shop() -> Site {
    Site {
        id: "shop".to_owned(),
        name: "The shop".to_owned(),
        mode: SiteMode::Live,
        origins: vec!["https://shop.example".to_owned(), "http://shop.localhost:3000".to_owned()],
        campaign: Some("default".to_owned()),
        levels: Some(vec!["catch-1".to_owned(), "merge-2".to_owned()]),
        look: SiteLook {
            accent: Some("#1a73e8".to_owned()),
            accent_dark: Some("#8AB4F8".to_owned()),
            logo: Some("data:image/png;base64,iVBORw0KGgo=".to_owned()),
            title: Some("Win a coupon".to_owned()),
            text: None,
        },
    }
}

#[track_caller]
fn names(field: &str, change: impl FnOnce(&mut Site)) {
    let mut site = shop();
    change(&mut site);
    let fields: Vec<String> = site.mistakes().into_iter().map(|mistake| mistake.field).collect();
    assert_eq!(fields, [field]);
}

#[test]
fn a_site_with_every_setting_is_sound_and_reads_back() {
    let site = shop();
    assert_eq!(site.mistakes(), []);
    assert_eq!(site.mistakes_in(&Catalog::first_run()), []);
    assert_eq!(serde_json::from_str::<Site>(&serde_json::to_string(&site).unwrap()).unwrap(), site);
    let plain: Site =
        serde_json::from_str(r#"{"id":"shop","name":"Shop","origins":["https://shop.example"]}"#).unwrap();
    assert_eq!(plain.mistakes(), []);
    assert_eq!((plain.mode, plain.pays_by()), (SiteMode::Live, NO_CAMPAIGN));
}

#[test]
fn origins_are_written_as_browsers_write_them() {
    for origin in [
        "https://shop.example",
        "https://shop.example:8443",
        "https://intranet",
        "https://a-b.xn--bcher-kva.example",
        "https://192.0.2.1",
        "http://localhost",
        "http://localhost:3000",
        "http://shop.localhost:8080",
        "http://127.0.0.1:8080",
        "http://127.8.9.10",
        "https://0x7f.example",
        "https://1.2.3.example",
    ] {
        assert!(is_origin(origin), "{origin}");
    }
}

#[test]
fn what_no_browser_would_send_as_an_origin_is_none() {
    for wrong in [
        "",
        "null",
        "*",
        "https://",
        "https://*",
        "https://*.shop.example",
        "shop.example",
        "//shop.example",
        "ftp://shop.example",
        "file://",
        "HTTPS://shop.example",
        "https://Shop.example",
        "https://shop.example/",
        "https://shop.example/path",
        "https://shop.example?",
        "https://shop.example#",
        "https://user@shop.example",
        "https://shop.example:443",
        "https://shop.example:",
        "https://shop.example:0",
        "https://shop.example:08443",
        "https://shop.example:65536",
        "https://shop.example:+80",
        "https://shop.example.",
        "https://.shop.example",
        "https://shop..example",
        "https://-shop.example",
        "https://shop-.example",
        "https://bücher.example",
        "https://shop.example https://evil.example",
        "https://shop.example;",
        "https://shop.example'none'",
        "https://shop.example\n",
        " https://shop.example",
        "https://shop_1.example",
        "http://shop.example",
        "http://localhost.shop.example",
        "http://notlocalhost",
        "http://.localhost",
        "http://localhost:80",
        "http://128.0.0.1",
        "http://192.168.0.1",
        "http://[::2]",
        "https://127.1",
        "https://0x7f.1",
        "https://1.2.3.256",
        "https://01.2.3.4",
        "https://1.2.3.4.5",
        "https://2130706433",
        "https://0x7f000001",
        "https://0x",
        "https://[::1",
        "https://[::1]",
        "https://[2001:db8::1]:444",
        "http://[::1]:5173",
        "https://[::01]",
        "https://[0:0:0:0:0:0:0:1]",
        "https://[2001:DB8::1]",
        "https://[::ffff:192.0.2.1]",
        "https://[::1]8443",
        "https://[fe80::1%eth0]",
    ] {
        assert!(!is_origin(wrong), "{wrong:?}");
    }
    let long = format!("https://{}.example", "a".repeat(64));
    assert!(!is_origin(&long) && is_origin(&long.replacen('a', "", 1)));
    let many = format!("https://{}example", "a.".repeat(124));
    assert!(!is_origin(&many) && is_origin(&many.replacen("a.", "", 1)));
}

#[test]
fn a_mistake_in_a_setting_of_a_site_is_named() {
    names("id", |it| it.id = "Shop".to_owned());
    names("id", |it| it.id = String::new());
    names("name", |it| it.name = " ".to_owned());
    names("name", |it| it.name = "one\ntwo".to_owned());
    names("name", |it| it.name = "x".repeat(SITE_TEXT_MAX + 1));
    names("origins", |it| it.origins.clear());
    names("origins", |it| {
        it.origins = (0..=SITE_ORIGINS_MAX).map(|number| format!("https://{number}.example")).collect();
    });
    names("origins[1]", |it| it.origins[1] = "https://*.example".to_owned());
    names("origins[1]", |it| it.origins[1] = it.origins[0].clone());
    names("campaign", |it| it.campaign = Some("The summer".to_owned()));
    names("levels", |it| it.levels = Some(Vec::new()));
    names("levels[1]", |it| it.levels = Some(vec!["catch-1".to_owned(), "catch-1".to_owned()]));
    names("levels[0]", |it| it.levels = Some(vec!["Catch 1".to_owned()]));
    names("look.title", |it| it.look.title = Some(String::new()));
    names("look.text", |it| it.look.text = Some("\u{7}".to_owned()));
    names("look.accent", |it| it.look.accent = Some("red".to_owned()));
    names("look.accent", |it| it.look.accent = Some("#12345".to_owned()));
    names("look.accent_dark", |it| it.look.accent_dark = Some("#12345g".to_owned()));
    for wrong in [
        "https://shop.example/logo.png",
        "data:text/html;base64,AAAA",
        "data:image/png,AAAA",
        "data:image/png;base64,",
        "data:image/png;base64,====",
        "data:image/png;base64,AAA",
        "data:image/png;base64,AAA\"",
        "data:image/png;base64,A===",
    ] {
        names("look.logo", |it| it.look.logo = Some(wrong.to_owned()));
    }
    let long = |digits: usize| Some(format!("data:image/png;base64,{}", "A".repeat(digits)));
    names("look.logo", |it| it.look.logo = long(SITE_LOGO_MAX));
}

#[test]
fn what_a_site_names_of_the_catalog_is_in_it() {
    let mut catalog = Catalog::first_run();
    let of_site = |site: &str| Audience::Site { site: site.to_owned() };
    let plain = catalog.campaigns[0].clone();
    let others = Campaign { id: "others".to_owned(), audience: of_site("other"), ..plain.clone() };
    let own = Campaign {
        id: "own".to_owned(),
        audience: of_site("shop"),
        levels: Some(vec!["merge-2".to_owned()]),
        ..plain
    };
    catalog.campaigns.extend([others, own]);
    assert_eq!(catalog.validate(), Ok(()));
    let fields = |change: &dyn Fn(&mut Site)| {
        let mut site = shop();
        change(&mut site);
        site.mistakes_in(&catalog).into_iter().map(|Mistake { field, .. }| field).collect::<Vec<_>>()
    };
    assert!(fields(&|it| it.campaign = Some("own".to_owned())).is_empty());
    assert_eq!(fields(&|it| it.campaign = Some("others".to_owned())), ["campaign"]);
    assert_eq!(fields(&|it| it.campaign = Some("unheard-of".to_owned())), ["campaign"]);
    assert_eq!(
        fields(&|it| it.levels = Some(vec!["catch-1".to_owned(), "catch-99".to_owned()])),
        ["levels[1]"]
    );
    let unpaid = |it: &mut Site| {
        (it.campaign, it.levels) = (Some("own".to_owned()), Some(vec!["catch-1".to_owned()]));
    };
    assert_eq!(fields(&unpaid), ["levels"]);
    catalog.campaigns[2].audience = of_site("No site");
    let found = catalog.validate().unwrap_err();
    assert_eq!(found[0].field, "campaigns[2].audience");
}

#[test]
fn a_site_has_its_levels_and_its_origins_and_no_others() {
    let site = shop();
    assert!(site.has_level("catch-1") && !site.has_level("catch-2"));
    assert!(Site { levels: None, ..shop() }.has_level("catch-2"));
    assert!(site.has_origin("https://shop.example"));
    for other in
        ["https://shop.example.evil.example", "https://evilshop.example", "http://shop.example", "null", ""]
    {
        assert!(!site.has_origin(other), "{other}");
    }
    assert_eq!(site.pays_by(), "default");
    assert_eq!(Site { mode: SiteMode::Test, ..site }.pays_by(), NO_CAMPAIGN);
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn whatever_is_an_origin_can_stand_in_a_policy_as_one_word_and_is_not_more_than_itself(
        text in "https?://[a-zA-Z0-9.:*/@ ;'\\[\\]-]{0,40}",
    ) {
        if is_origin(&text) {
            prop_assert!(!text.contains(|letter: char| letter.is_whitespace() || letter.is_uppercase()), "{text}");
            let after_scheme = text.split_once("://").map_or("", |(_, rest)| rest);
            prop_assert!(!after_scheme.contains(['*', '/', '@', ';', '\'', '?', '#', ',']), "{text}");
            let [path, dot] = ["/", "."].map(|end| is_origin(&format!("{text}{end}")));
            prop_assert!(!path && !dot);
        }
    }
}
