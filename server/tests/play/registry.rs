//! Sites that are registered: in force at once, on every server, and after a start.

use dripline_server::faucet::Settings;
use dripline_shared::api::operate::sites::MadeSite;
use dripline_shared::campaign::Audience;
use dripline_shared::catalog::{Campaign, Catalog};
use dripline_shared::error::Code;
use dripline_shared::site::{Site, SiteLook, SiteMode};

use crate::database::Database;
use crate::publications::editor;
use crate::support::{Directory, Player, START, World, code, copy_keys, sign};

fn site(id: &str) -> Site {
    Site {
        id: id.to_owned(),
        name: id.to_owned(),
        mode: SiteMode::Live,
        origins: vec!["https://shop.example".to_owned()],
        campaign: None,
        levels: None,
        look: SiteLook::default(),
    }
}

impl World {
    fn register(&self, site: Site) -> MadeSite {
        self.runtime.block_on(self.faucet.register_site(editor("Ada"), site)).unwrap()
    }

    fn end_site(&self, id: &str) {
        self.runtime.block_on(self.faucet.end_site(editor("Ada"), id.into())).unwrap();
    }

    fn follow(&self) -> bool {
        self.runtime.block_on(self.faucet.follow()).unwrap()
    }

    fn knows(&self, id: &str) -> bool {
        self.faucet.site(id).is_ok()
    }
}

#[test]
fn a_site_is_in_force_at_once_and_after_a_start_and_no_more_once_it_has_ended() {
    let directory = Directory::new();
    let world = World::on(&directory, Catalog::first_run());
    world.register(site("shop"));
    world.register(site("other"));
    assert!(world.knows("shop") && !world.follow(), "there is nothing to follow any more");
    world.shutdown();
    let world = World::on(&directory, Catalog::first_run());
    assert!(world.knows("shop") && world.knows("other"));
    world.end_site("shop");
    assert!(!world.knows("shop") && world.knows("other"));
    world.shutdown();
    let world = World::on(&directory, Catalog::first_run());
    assert!(!world.knows("shop") && world.knows("other"));
}

#[test]
fn every_server_has_a_site_in_force_when_it_looks_next_and_none_that_has_ended() {
    let database = Database::new();
    let directories = [Directory::new(), Directory::new()];
    let settings = |directory: &Directory| Settings {
        data: Some(directory.path().to_owned()),
        database: Some(database.address()),
        ..Settings::new(Catalog::first_run())
    };
    let one = World::with(settings(&directories[0]));
    copy_keys(&directories[0], &directories[1]);
    let other = World::numbered(settings(&directories[1]), START, 1);
    one.register(site("shop"));
    assert!(!other.knows("shop"));
    assert!(other.follow() && other.knows("shop"));
    assert!(!other.follow(), "nothing has changed since");
    // Two who register the same id at once: one of them has it.
    let taken = one.runtime.block_on(other.faucet.register_site(editor("Grace"), site("shop")));
    assert_eq!(taken.unwrap_err().code(), Code::SiteTaken);
    other.end_site("shop");
    assert!(one.knows("shop"));
    assert!(one.follow() && !one.knows("shop"));
}

#[test]
fn a_campaign_for_a_site_opens_no_round_on_the_faucets_own_page() {
    let mut catalog = Catalog::first_run();
    let audience = Audience::Site { site: "shop".to_owned() };
    catalog.campaigns.push(Campaign { id: "shop".to_owned(), audience, ..catalog.campaigns[0].clone() });
    let directory = Directory::new();
    let world = World::on(&directory, catalog);
    world.register(Site { campaign: Some("shop".to_owned()), ..site("shop") });
    let player = Player::new(1);
    let mut request = world.request(&player, world.first_level());
    "shop".clone_into(&mut request.campaign);
    assert_eq!(code(world.try_open(sign(&player, request))), Code::NotInAudience);
    assert!(world.try_open(world.request(&player, world.first_level())).is_ok());
}
