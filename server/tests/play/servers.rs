//! Several servers on one database: the same faucet, whichever of them is asked.

use std::path::Path;

use dripline_server::edge::Edge;
use dripline_server::faucet::{Faucet, Settings, StartError};
use dripline_server::keys::Keys;
use dripline_server::ledger::Verifier;
use dripline_server::store::StorageError;
use dripline_server::store::postgres::audit;
use dripline_shared::catalog::Catalog;
use dripline_shared::error::Code;

use crate::database::Database;
use crate::support::{Directory, Player, START, World, code, copy_keys};

fn settings(directory: &Directory, database: &Database) -> Settings {
    Settings {
        data: Some(directory.path().to_owned()),
        database: Some(database.address()),
        ..Settings::new(Catalog::first_run())
    }
}

fn keys(directory: &Directory) -> Keys {
    Keys::read(&directory.path().join(Path::new("keys"))).unwrap().unwrap()
}

#[test]
fn a_round_that_is_opened_by_one_server_is_played_and_claimed_by_another() {
    let database = Database::new();
    let directories = [Directory::new(), Directory::new()];
    let one = World::with(settings(&directories[0], &database));
    copy_keys(&directories[0], &directories[1]);
    let other = World::with(settings(&directories[1], &database));
    let player = Player::new(1);
    let (open, play) = one.win(&player, one.first_level());
    other.wait_until(one.now());
    assert_eq!(
        other.view(open.round, Some(open.token)).unwrap(),
        one.view(open.round, Some(open.token)).unwrap()
    );

    let claim = other.claim_request(&player, &open, &play);
    let receipt = other.try_claim(claim).unwrap();
    assert_eq!(one.try_claim(claim).unwrap(), receipt);
    assert_eq!(one.wallet(&player), other.wallet(&player));
    assert_eq!(one.wallet(&player).drips, 1);

    one.runtime.block_on(one.faucet.sequence()).unwrap();
    let head = other.runtime.block_on(other.faucet.log_head()).unwrap();
    assert_eq!(head.head.size, 3);
    one.runtime.block_on(one.faucet.ready()).unwrap();
    one.shutdown();
    let later = other.open(&Player::new(2), other.first_level());
    other.end(&later);
    other.shutdown();

    let keys = keys(&directories[0]);
    let mut verifier = Verifier::new(&keys);
    audit::scan(&database.address(), &[], &mut verifier).unwrap();
    assert_eq!(verifier.finish().findings, Vec::<String>::new());
}

#[test]
fn a_database_belongs_to_one_faucet() {
    let database = Database::new();
    let directories = [Directory::new(), Directory::new()];
    World::with(settings(&directories[0], &database)).shutdown();
    // The tests' own edge would draw the same keys again.
    let edge = Edge::new(|| START, |bytes| bytes.fill(9));
    let refused = Faucet::start(settings(&directories[1], &database), edge);
    assert!(matches!(refused, Err(StartError::Store(StorageError::OtherFaucet))), "{refused:?}");
}

#[test]
fn a_server_whose_database_drops_it_goes_on_with_the_next_request() {
    let database = Database::new();
    let directory = Directory::new();
    let world = World::with(settings(&directory, &database));
    let player = Player::new(1);
    let open = world.open(&player, world.first_level());
    let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    database.connect().execute(others, &[]).unwrap();
    assert_eq!(world.end(&open).round, open.round);
    database.connect().execute(others, &[]).unwrap();
    assert!(world.view(open.round, Some(open.token)).is_ok());
    assert_eq!(code(world.put(open.round, Some(open.token), 0, None, &[])), Code::RoundEnded);
}
