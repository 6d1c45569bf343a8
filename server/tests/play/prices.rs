//! Feeds of prices that answer late, nonsense, or not at all: whatever is earned meanwhile is paid as always, and what it was
//! worth is noted by the last good price for as long as that counts, or not at all.

use std::collections::BTreeMap;
use std::sync::mpsc::channel;
use std::time::Duration;

use dripline_server::faucet::Settings;
use dripline_server::price::{Feed, PriceSettings, Source};
use dripline_shared::amount::Amount;
use dripline_shared::api::{HistoryEntry, OpenAnswer, Receipt, WalletView};
use dripline_shared::catalog::Catalog;
use dripline_shared::wallet::Signature;

use crate::support::dump::dump;
use crate::support::feed::{FeedServer, Reply, http};
use crate::support::{Directory, Play, Player, World};

/// How long a price counts, in milliseconds.
const STALE_MS: u64 = 60_000;
/// Longer than any test takes.
const PATIENCE: Duration = Duration::from_mins(1);
/// A quarter of a euro for a coin.
const GOOD: &str = r#"{"drip":{"eur":0.25}}"#;

fn feed(url: &str, timeout: Duration) -> Source {
    Source::Feed(Feed { url: url.to_owned(), pointer: "/drip/eur".to_owned(), timeout })
}

fn prices(sources: impl IntoIterator<Item = (&'static str, Source)>) -> PriceSettings {
    let sources =
        sources.into_iter().map(|(asset, source)| (asset.to_owned(), source)).collect::<BTreeMap<_, _>>();
    PriceSettings { currency: "EUR".to_owned(), sources, stale_ms: STALE_MS }
}

/// A faucet that keeps its data here, and asks for the price of its coin where one is given.
fn world(directory: &Directory, prices: Option<PriceSettings>) -> World {
    let data = Some(directory.path().to_owned());
    World::with(Settings { data, prices, ..Settings::new(Catalog::first_run()) })
}

fn refresh(world: &World) {
    world.runtime.block_on(world.faucet.refresh_prices());
}

fn claim(world: &World, player: &Player, won: &(OpenAnswer, Play)) -> Receipt {
    world.try_claim(world.claim_request(player, &won.0, &won.1)).unwrap()
}

/// The only thing that a player has received.
fn received(world: &World, player: &Player) -> HistoryEntry {
    let page = world.runtime.block_on(world.faucet.history(player.wallet, None, 10)).unwrap();
    assert_eq!(page.entries.len(), 1);
    page.entries.into_iter().next().unwrap()
}

/// What it was worth, in millionths of a euro.
fn worth(world: &World, player: &Player) -> Option<i64> {
    received(world, player).worth.map(|worth| {
        assert_eq!(worth.currency.code, "EUR");
        worth.amount.units()
    })
}

/// What so much was worth at so many billionths of a euro for a coin of six decimals, in millionths.
fn worth_at(amount: Amount, billionths: i64) -> i64 {
    assert_eq!(Catalog::first_run().asset.decimals, 6);
    amount.units() * billionths / 1_000_000_000
}

/// What comes of three claims, but for what they were worth.
#[derive(Debug)]
struct Outcome {
    /// The whole store after the first of them.
    store: String,
    receipts: [Receipt; 3],
    wallets: [WalletView; 3],
    /// What each has received, without what it was worth.
    received: [HistoryEntry; 3],
}

/// Three claims of three players: before any price was known; when the last good one counts for the last time; and a millisecond
/// later. Beside each the feed answers by `reply`, once, and by a good price after the first one. Gives what each was worth, too.
fn three_claims(feed_server: Option<(&FeedServer, &dyn Fn() -> Reply)>) -> (Outcome, [Option<i64>; 3]) {
    let directory = Directory::new();
    let settings = feed_server.map(|(server, _)| prices([("DRIP", feed(&server.url, PATIENCE))]));
    let world = world(&directory, settings);
    let ask = |with: bool| {
        let before = dump(directory.path());
        if let Some((server, reply)) = feed_server {
            if with {
                server.next(reply());
            }
            refresh(&world);
            assert_eq!(server.questions(), 1, "nobody else is asked");
        }
        assert_eq!(dump(directory.path()), before, "a price is not kept, and nothing else is");
    };
    let players = [1, 2, 3].map(Player::new);
    let [won_first, won_second, won_third] =
        players.each_ref().map(|player| world.win(player, world.first_level()));
    ask(true);
    let first = claim(&world, &players[0], &won_first);
    let store = dump(directory.path());
    ask(false);
    let answered_at = world.now();
    ask(true);
    world.wait_until(answered_at.plus(STALE_MS));
    let second = claim(&world, &players[1], &won_second);
    ask(true);
    world.wait(1);
    let third = claim(&world, &players[2], &won_third);
    let outcome = Outcome {
        store,
        receipts: [first, second, third].map(without_worth),
        wallets: players.each_ref().map(|player| world.wallet(player)),
        received: players.each_ref().map(|player| HistoryEntry { worth: None, ..received(&world, player) }),
    };
    (outcome, players.each_ref().map(|player| worth(&world, player)))
}

/// A receipt without what the worth of its drip changes: the leaf that it promises, and so what is signed.
fn without_worth(receipt: Receipt) -> Receipt {
    Receipt { log: None, signature: Signature([0; 64]), ..receipt }
}

/// That the same came of claims with a feed as without.
fn assert_same(outcome: &Outcome, plain: &Outcome, name: &str) {
    // Whole stores are too long to be shown.
    let other = outcome.store.lines().zip(plain.store.lines()).find(|(one, other)| one != other);
    assert_eq!(other, None, "{name}");
    assert_eq!(outcome.store.len(), plain.store.len(), "{name}");
    assert_eq!(outcome.receipts, plain.receipts, "{name}");
    assert_eq!(outcome.wallets, plain.wallets, "{name}");
    assert_eq!(outcome.received, plain.received, "{name}");
}

/// A body with which all is well but for itself.
fn body(body: &str) -> Vec<u8> {
    http("200 OK", "content-type: application/json\r\n", body)
}

/// What a feed may answer that is no price, by a name.
fn nonsense() -> Vec<(&'static str, Vec<u8>)> {
    let too_deep = "[".repeat(10_000);
    vec![
        ("nothing at all", Vec::new()),
        ("no HTTP", b"SSH-2.0-OpenSSH_9.9\r\n".to_vec()),
        ("an empty body", body("")),
        ("no content", b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n".to_vec()),
        ("HTML", http("200 OK", "content-type: text/html\r\n", "<!doctype html><h1>0.25</h1>")),
        ("half of it", body(GOOD)[..body(GOOD).len() - 5].to_vec()),
        (
            "no UTF-8",
            body("{\"drip\":{\"eur\":0.25},\"\u{1}\":0}")
                .into_iter()
                .map(|it| if it == 1 { 0xff } else { it })
                .collect(),
        ),
        ("other JSON", body(r#"{"error":"rate limit exceeded","price":0.25}"#)),
        ("no object", body("0.25")),
        ("null", body(r#"{"drip":{"eur":null}}"#)),
        ("a list", body(r#"{"drip":{"eur":[0.25]}}"#)),
        ("too deep", body(&too_deep)),
        ("zero", body(r#"{"drip":{"eur":0}}"#)),
        ("below what is counted", body(r#"{"drip":{"eur":1e-12}}"#)),
        ("a negative number", body(r#"{"drip":{"eur":-0.25}}"#)),
        ("a negative text", body(r#"{"drip":{"eur":"-0.25"}}"#)),
        ("not a number", body(r#"{"drip":{"eur":NaN}}"#)),
        ("not a number in a text", body(r#"{"drip":{"eur":"NaN"}}"#)),
        ("infinity", body(r#"{"drip":{"eur":"Infinity"}}"#)),
        ("beyond belief", body(r#"{"drip":{"eur":1e30}}"#)),
        ("beyond any number", body(r#"{"drip":{"eur":1e400}}"#)),
        ("a text beyond any number", body(r#"{"drip":{"eur":"1e400"}}"#)),
        ("an error with a price", http("500 Internal Server Error", "", GOOD)),
        ("too many questions", http("429 Too Many Requests", "retry-after: 60\r\n", GOOD)),
        ("a redirect", http("302 Found", "location: /elsewhere\r\n", "")),
        ("a redirect with a price", http("308 Permanent Redirect", "location: /elsewhere\r\n", GOOD)),
    ]
}

#[test]
fn whatever_a_feed_answers_players_are_paid_the_same_and_the_last_good_price_counts_for_its_time() {
    let (plain, nothing) = three_claims(None);
    assert_eq!(nothing, [None; 3]);
    let second = worth_at(plain.receipts[1].amount, 250_000_000);
    assert!(second > 0);
    let server = FeedServer::start(GOOD);
    for (name, bytes) in nonsense() {
        let (outcome, worths) = three_claims(Some((&server, &|| Reply::Raw(bytes.clone()))));
        assert_eq!(worths, [None, Some(second), None], "{name}");
        assert_same(&outcome, &plain, name);
    }
}

#[test]
fn an_answer_without_end_is_read_to_a_limit_and_is_no_price() {
    let (plain, _) = three_claims(None);
    let second = worth_at(plain.receipts[1].amount, 250_000_000);
    let server = FeedServer::start(GOOD);
    let opened = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"drip\":{\"eur\":9},\"more\":\"".to_vec();
    let header = b"HTTP/1.1 200 OK\r\nmore: ".to_vec();
    for start in [opened, header] {
        let endless = || Reply::Endless([start.clone(), vec![b'a'; 100_000]].concat());
        let (outcome, worths) = three_claims(Some((&server, &endless)));
        assert_eq!(worths, [None, Some(second), None]);
        assert_same(&outcome, &plain, "without an end");
        for _ in 0..3 {
            server.wait_for_hanging_up();
        }
    }
}

#[test]
fn a_claim_does_not_wait_for_a_feed_that_answers_late() {
    let (directory, server) = (Directory::new(), FeedServer::start(GOOD));
    let world = world(&directory, Some(prices([("DRIP", feed(&server.url, PATIENCE))])));
    let (let_go, held) = channel();
    server.next(Reply::Held(held));
    let faucet = world.faucet.clone();
    let refreshing = world.runtime.spawn(async move { faucet.refresh_prices().await });
    server.wait_for_question();
    let (early, late) = (Player::new(1), Player::new(2));
    world.earn(&early, world.first_level());
    assert_eq!(worth(&world, &early), None);

    let won = world.win(&late, world.first_level());
    assert!(!refreshing.is_finished());
    let_go.send(body(GOOD)).unwrap();
    world.runtime.block_on(refreshing).unwrap();
    let receipt = claim(&world, &late, &won);
    assert_eq!(worth(&world, &late), Some(worth_at(receipt.amount, 250_000_000)));
    assert_eq!(worth(&world, &early), None, "what was not known then is not known later");
}

#[test]
fn a_feed_that_never_answers_is_given_up_after_its_time() {
    let (directory, server) = (Directory::new(), FeedServer::start(GOOD));
    let timeout = Duration::from_millis(100);
    let world = world(&directory, Some(prices([("DRIP", feed(&server.url, timeout))])));
    let (_let_go, held) = channel();
    server.next(Reply::Held(held));
    refresh(&world);
    let player = Player::new(1);
    world.earn(&player, world.first_level());
    assert_eq!(worth(&world, &player), None);
}

#[test]
fn a_feed_that_answers_late_holds_up_no_other() {
    let (directory, server) = (Directory::new(), FeedServer::start(GOOD));
    // Both are held: if one waited for the other, the second question would never come.
    let both = ["DRIP", "RAIN"].map(|asset| (asset, feed(&server.url, PATIENCE)));
    let world = world(&directory, Some(prices(both)));
    let lets_go = [(); 2].map(|()| {
        let (let_go, held) = channel();
        server.next(Reply::Held(held));
        let_go
    });
    let faucet = world.faucet.clone();
    let refreshing = world.runtime.spawn(async move { faucet.refresh_prices().await });
    server.wait_for_question();
    server.wait_for_question();
    for let_go in lets_go {
        let_go.send(body(GOOD)).unwrap();
    }
    world.runtime.block_on(refreshing).unwrap();
    let player = Player::new(1);
    let won = world.win(&player, world.first_level());
    refresh(&world);
    let receipt = claim(&world, &player, &won);
    assert_eq!(worth(&world, &player), Some(worth_at(receipt.amount, 250_000_000)));
}

#[test]
fn a_price_that_jumps_counts_once_it_has_come_twice() {
    let (directory, server) = (Directory::new(), FeedServer::start(GOOD));
    let world = world(&directory, Some(prices([("DRIP", feed(&server.url, PATIENCE))])));
    let players = [1, 2].map(Player::new);
    let won = players.each_ref().map(|player| world.win(player, world.first_level()));
    let jumped = || server.next(Reply::Raw(body(r#"{"drip":{"eur":"2500"}}"#)));
    refresh(&world);
    jumped();
    refresh(&world);
    let receipt = claim(&world, &players[0], &won[0]);
    assert_eq!(worth(&world, &players[0]), Some(worth_at(receipt.amount, 250_000_000)));
    jumped();
    refresh(&world);
    let receipt = claim(&world, &players[1], &won[1]);
    assert_eq!(worth(&world, &players[1]), Some(worth_at(receipt.amount, 2_500_000_000_000)));
}
