//! What players are told on the page of a site: of its campaign, and of no other.

use dripline_server::faucet::{Operator, Settings};
use dripline_server::refusal::Refusal;
use dripline_shared::amount::Amount;
use dripline_shared::api::operate::{By, VoucherRequest};
use dripline_shared::api::{OpenRequest, Reason, VoucherLook};
use dripline_shared::campaign::{Audience, Campaign};
use dripline_shared::catalog::{Catalog, DEFAULT_CAMPAIGN};
use dripline_shared::error::Code;
use dripline_shared::limit::MoneyLimit;
use dripline_shared::reward::RewardRules;
use dripline_shared::round::ClientId;
use dripline_shared::site::{Site, SiteMode};
use dripline_shared::time::{DAY_MS, HOUR_MS};

use crate::database::Database;
use crate::sites::{keeping, register, site};
use crate::support::{Directory, Player, World, code, sign};

/// A faucet whose drips are all of 1,000 units, and whose sites pay by a campaign of their own each: the shop by the default one, which
/// has one drip, `club` by one for vouchers, `fair` by one that lets out a drip at a time; the gate and the site for trying out pay nothing.
fn with_campaigns(settings: impl FnOnce(Catalog) -> Settings) -> World {
    let mut catalog = Catalog::first_run();
    let drip = Amount::from_units(1_000);
    catalog.rewards = RewardRules {
        stars: [10_000; 3],
        first_clear: 10_000,
        streak: vec![10_000],
        repeat: vec![10_000],
        drip_max: drip,
    };
    for level in &mut catalog.levels {
        level.base = drip;
    }
    let plain = catalog.campaigns[0].clone();
    let outflow = MoneyLimit { ceiling: Amount::from_units(4_000), window_ms: HOUR_MS };
    catalog.campaigns.extend([
        Campaign { id: "members".to_owned(), audience: Audience::Vouchers, ..plain.clone() },
        // A campaign for new wallets may let out less than all new wallets together get.
        Campaign {
            id: "raffle".to_owned(),
            outflow,
            audience: Audience::NewWallets { within_ms: DAY_MS },
            ..plain
        },
    ]);
    catalog.campaigns[0].budget = drip;
    let world = World::with(settings(catalog));
    register(&world);
    for (id, campaign) in [("club", "members"), ("fair", "raffle")] {
        let levels = Some(vec![world.first_level().to_owned()]);
        let site = Site { levels, ..site(id, SiteMode::Live, Some(campaign)) };
        let who = Operator { by: By::CommandLine, from: None, session: None };
        world.runtime.block_on(world.faucet.register_site(who, site)).unwrap();
    }
    world
}

#[test]
fn a_site_is_told_the_campaign_that_pays_there_and_no_other() {
    let world = with_campaigns(Settings::new);
    let told = |site: Option<&str>| {
        let campaigns = world.runtime.block_on(world.faucet.campaigns(site))?;
        Ok::<_, Refusal>(campaigns.into_iter().map(|campaign| campaign.id).collect::<Vec<_>>())
    };
    assert_eq!(told(None).unwrap(), ["default", "members", "raffle"]);
    assert_eq!(told(Some("shop")).unwrap(), ["default"]);
    assert_eq!(told(Some("club")).unwrap(), ["members"]);
    for unpaid in ["gate", "trial"] {
        assert_eq!(told(Some(unpaid)).unwrap(), Vec::<String>::new());
        assert_eq!(world.faucet.catalog_of_site(unpaid).unwrap().typical_hour, Amount::ZERO);
    }
    assert!(world.faucet.catalog_of_site("shop").unwrap().typical_hour > Amount::ZERO);
    assert_eq!(code(told(Some("nowhere"))), Code::UnknownSite);
}

#[test]
fn a_voucher_opens_levels_on_the_site_that_its_campaign_pays_and_names_none_on_others() {
    let world = with_campaigns(Settings::new);
    let player = Player::new(1);
    let who = Operator { by: By::CommandLine, from: None, session: None };
    let request = VoucherRequest { client_id: ClientId([1; 16]), count: 1, expires_ms: None };
    let made = world.runtime.block_on(world.faucet.make_vouchers(who, "members".into(), request)).unwrap();
    let levels = |site: Option<&str>| {
        let look = VoucherLook { wallet: player.wallet, code: made.codes[0].clone() };
        let seen = world.runtime.block_on(world.faucet.look_at_voucher(look, site))?;
        assert_eq!(seen.campaign.id, "members");
        Ok::<_, Refusal>(seen.levels.into_iter().map(|level| level.id).collect::<Vec<_>>())
    };
    assert_eq!(levels(None).unwrap().len(), world.catalog.levels.len());
    assert_eq!(levels(Some("club")).unwrap(), [world.first_level()], "it shows one");
    for other in ["shop", "fair", "gate", "trial"] {
        assert_eq!(levels(Some(other)).unwrap(), Vec::<String>::new(), "{other}");
    }
    assert_eq!(code(levels(Some("nowhere"))), Code::UnknownSite);

    let open = |site: &str| {
        let request = world.on_site(&player, world.first_level(), site, "members");
        world.try_open(sign(&player, OpenRequest { voucher: Some(made.codes[0].clone()), ..request }))
    };
    assert_eq!(code(open("shop")), Code::CampaignNotOfSite);
    assert_eq!(
        code(world.try_open(world.on_site(&player, world.first_level(), "club", "members"))),
        Code::NotInAudience
    );
    assert!(open("club").is_ok());
}

#[test]
fn what_would_refuse_claims_on_a_site_is_told_of_its_own_campaign_and_nothing_where_nobody_pays() {
    let (directory, database) = (Directory::new(), Database::new());
    let kept = |catalog| keeping(&directory, catalog);
    let shared = Directory::new();
    let on_postgres = |catalog| Settings { database: Some(database.address()), ..keeping(&shared, catalog) };
    for world in [with_campaigns(Settings::new), with_campaigns(kept), with_campaigns(on_postgres)] {
        let told = |player: &Player, site: Option<&str>| {
            let view = world.runtime.block_on(world.faucet.wallet(player.wallet, site)).unwrap();
            let about = |reason: Reason| (reason.code, reason.subject.unwrap());
            view.limits.into_iter().map(about).collect::<Vec<_>>()
        };
        let [one, other] = [1, 2].map(Player::new);
        for site in [None, Some("shop"), Some("club"), Some("fair"), Some("gate")] {
            assert_eq!(told(&one, site), [], "{site:?}");
        }
        world.clear(&one, "shop", DEFAULT_CAMPAIGN);
        let used_up = (Code::BudgetUsedUp, "campaign:default".to_owned());
        for (site, expected) in [
            (None, vec![used_up.clone()]),
            (Some("shop"), vec![used_up.clone()]),
            (Some("club"), Vec::new()),
            (Some("fair"), Vec::new()),
            (Some("gate"), Vec::new()),
            (Some("trial"), Vec::new()),
        ] {
            assert_eq!(told(&other, site), expected, "{site:?}");
        }
        world.clear(&other, "fair", "raffle");
        let full = (Code::CeilingReached, "campaign:raffle".to_owned());
        assert_eq!(told(&other, Some("fair")), [full]);
        assert_eq!((told(&other, Some("club")), told(&other, Some("shop"))), (Vec::new(), vec![used_up]));
        let unknown = world.faucet.wallet(one.wallet, Some("nowhere"));
        assert_eq!(code(world.runtime.block_on(unknown)), Code::UnknownSite);
    }
}
