//! Alerts of a faucet at work.

use dripline_server::alert::AlertRules;
use dripline_server::faucet::{AlertSettings, Settings};
use dripline_shared::amount::Amount;
use dripline_shared::api::alert::{Alert, AlertKind};
use dripline_shared::catalog::Catalog;
use dripline_shared::time::{MINUTE_MS, SECOND_MS};

use crate::database::Database;
use crate::support::{Directory, Player, World, copy_keys};

/// A faucet with a budget of which a single drip is a hundredth, which is worth an alert.
fn settings() -> Settings {
    let mut catalog = Catalog::first_run();
    catalog.campaigns[0].budget = Amount::from_units(1_000_000);
    let rules = AlertRules { budget_percent: 1, ..AlertRules::default() };
    let alerts = AlertSettings { rules, ..AlertSettings::default() };
    Settings { alerts, ..Settings::new(catalog) }
}

/// Looks what is the matter, some time later.
fn watch(world: &World) {
    world.wait(30 * SECOND_MS);
    world.runtime.block_on(world.faucet.watch_alerts()).unwrap();
}

fn on(world: &World) -> Vec<Alert> {
    world.runtime.block_on(world.faucet.alerts()).unwrap().on
}

#[test]
fn a_campaign_that_has_spent_its_share_is_an_alert_until_it_has_more_and_nobody_need_be_told() {
    let world = World::with(settings());
    watch(&world);
    assert_eq!(on(&world), []);
    let drip = world.earn(&Player::new(1), world.first_level()).amount;
    watch(&world);
    let alert = on(&world).remove(0);
    assert_eq!((alert.kind, &*alert.subject), (AlertKind::BudgetSpent, "default"));
    assert_eq!((alert.since_ms, alert.until_ms, alert.is_told), (world.now(), None, None));
    assert_eq!(alert.figures["spent_units"], drip.units());
    assert_eq!(alert.figures["left_units"], 1_000_000 - drip.units());
    for _ in 0..60 {
        watch(&world);
    }
    assert_eq!(on(&world), [alert]);
    // No operator has changed anything, and so the audit log has nothing of it.
    let page = world.runtime.block_on(world.faucet.audit_page(None, 100)).unwrap();
    assert_eq!(page.lines.len(), 1, "the catalog that was in force at the start");
}

#[test]
fn several_servers_have_an_alert_between_them_whichever_finds_it() {
    let database = Database::new();
    let directories = [Directory::new(), Directory::new()];
    let server = |directory: &Directory, number| {
        let (data, database) = (Some(directory.path().to_owned()), Some(database.address()));
        World::numbered(Settings { data, database, ..settings() }, crate::support::START, number)
    };
    let one = server(&directories[0], 0);
    copy_keys(&directories[0], &directories[1]);
    let other = server(&directories[1], 1);
    one.earn(&Player::new(1), one.first_level());
    other.wait_until(one.now());
    for _ in 0..5 {
        watch(&one);
        watch(&other);
    }
    assert_eq!(on(&one).len(), 1);
    assert_eq!(on(&one), on(&other));
    // It is still there for the one that is left.
    one.shutdown();
    for _ in 0..60 {
        watch(&other);
    }
    assert_eq!(on(&other).len(), 1);
    other.wait(MINUTE_MS);
    other.shutdown();
}
