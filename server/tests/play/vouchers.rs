//! Vouchers: codes by which one wallet each is in a campaign.

use std::collections::BTreeSet;

use dripline_server::faucet::{Caller, Settings};
use dripline_server::refusal::Refusal;
use dripline_shared::api::operate::{MadeVouchers, VOUCHERS_AT_ONCE, VoucherRequest};
use dripline_shared::api::{OpenAnswer, OpenRequest, VoucherLook};
use dripline_shared::campaign::{Audience, CampaignStage};
use dripline_shared::catalog::{Campaign, Catalog};
use dripline_shared::error::Code;
use dripline_shared::round::ClientId;
use dripline_shared::time::{HOUR_MS, Timestamp};

use crate::database::Database;
use crate::publications::{editor, unpinned};
use crate::support::dump::dump;
use crate::support::{Directory, Player, START, World, at_once, code, copy_keys, sign};

/// A catalog with two campaigns for vouchers, `spring` and `autumn`.
fn catalog() -> Catalog {
    let mut catalog = Catalog::first_run();
    for id in ["spring", "autumn"] {
        let audience = Audience::Vouchers;
        catalog.campaigns.push(Campaign { id: id.to_owned(), audience, ..catalog.campaigns[0].clone() });
    }
    catalog
}

fn world(directory: &Directory) -> World {
    World::on(directory, catalog())
}

/// Two servers on one database, with the same keys.
fn servers(database: &Database, directories: &[Directory; 2]) -> [World; 2] {
    let settings = |directory: &Directory| Settings {
        data: Some(directory.path().to_owned()),
        database: Some(database.address()),
        ..Settings::new(catalog())
    };
    let one = World::with(settings(&directories[0]));
    copy_keys(&directories[0], &directories[1]);
    [one, World::numbered(settings(&directories[1]), START, 1)]
}

/// A request for three codes, under this client id.
fn request(id: u8) -> VoucherRequest {
    VoucherRequest { client_id: ClientId([id; 16]), count: 3, expires_ms: None }
}

impl World {
    fn make_vouchers(&self, count: u32, expires_ms: Option<Timestamp>) -> Result<MadeVouchers, Refusal> {
        let made = self.issues().len().to_be_bytes();
        let client_id = ClientId([made, made].concat().try_into().unwrap());
        self.ask_vouchers("Ada", "spring", VoucherRequest { client_id, count, expires_ms })
    }

    fn ask_vouchers(
        &self,
        who: &str,
        campaign: &str,
        request: VoucherRequest,
    ) -> Result<MadeVouchers, Refusal> {
        self.runtime.block_on(self.faucet.make_vouchers(editor(who), campaign.into(), request))
    }

    fn request_with(&self, player: &Player, campaign: &str, voucher: Option<&str>) -> OpenRequest {
        let request = self.request(player, self.first_level());
        let voucher = voucher.map(str::to_owned);
        sign(player, OpenRequest { campaign: campaign.to_owned(), voucher, ..request })
    }

    fn open_with(&self, player: &Player, voucher: &str) -> Result<OpenAnswer, Refusal> {
        self.try_open(self.request_with(player, "spring", Some(voucher)))
    }

    /// How many of each issue were made and used, and whether they were revoked.
    fn issues(&self) -> Vec<(u32, u64, bool)> {
        let list = self.runtime.block_on(self.faucet.vouchers("spring")).unwrap();
        list.issues.iter().map(|it| (it.count, it.used, it.revoked_at_ms.is_some())).collect()
    }
}

#[test]
fn a_voucher_is_of_the_wallet_that_used_it_first_and_lets_it_in_again() {
    let directory = Directory::new();
    let world = world(&directory);
    let made = world.make_vouchers(3, None).unwrap();
    assert_eq!(made.codes.iter().collect::<BTreeSet<_>>().len(), 3);
    let [one, other] = [1, 2].map(Player::new);
    let before = dump(directory.path());
    let refused =
        |player, campaign, voucher| code(world.try_open(world.request_with(player, campaign, voucher)));
    assert_eq!(refused(&one, "spring", None), Code::NotInAudience);
    assert_eq!(refused(&one, "spring", Some("nonsense")), Code::VoucherUnknown);
    assert_eq!(refused(&one, "spring", Some("22222-22222-22222-22222")), Code::VoucherUnknown);
    assert_eq!(refused(&one, "autumn", Some(&made.codes[0])), Code::VoucherUnknown);
    assert_eq!(dump(directory.path()), before);
    // Nothing of a code is stored.
    let text = format!("{before:?}");
    assert!(made.codes.iter().all(|code| !text.contains(code) && !text.contains(&code.replace('-', ""))));

    let request = world.request_with(&one, "spring", Some(&made.codes[0].to_lowercase().replace('-', " ")));
    let open = world.try_open(request.clone()).unwrap();
    assert_eq!(world.try_open(request).unwrap().round, open.round, "sent twice, it has one effect");
    assert_eq!(world.issues(), [(3, 1, false)]);
    world.end(&open);
    let before = dump(directory.path());
    assert_eq!(refused(&other, "spring", Some(&made.codes[0])), Code::VoucherUsed);
    assert_eq!(dump(directory.path()), before);
    world.end(&world.open_with(&one, &made.codes[0]).unwrap());
    world.end(&world.open_with(&other, &made.codes[1]).unwrap());
    assert_eq!(world.issues(), [(3, 2, false)]);
    // Where none is needed, one that is named does nothing.
    let plain = world.try_open(world.request_with(&other, "default", Some(&made.codes[2]))).unwrap();
    world.end(&plain);
    assert_eq!(world.issues(), [(3, 2, false)]);

    let now = world.shutdown();
    let world =
        World::at(Settings { data: Some(directory.path().to_owned()), ..Settings::new(catalog()) }, now);
    assert_eq!(code(world.open_with(&other, &made.codes[0])), Code::VoucherUsed);
    world.open_with(&one, &made.codes[0]).unwrap();
}

#[test]
fn a_code_tells_what_it_is_for_to_whom_it_can_let_in_and_changes_nothing() {
    let directory = Directory::new();
    let mut catalog = catalog();
    let level = catalog.levels[0].id.clone();
    let spring = catalog.campaigns.iter_mut().find(|campaign| campaign.id == "spring").unwrap();
    spring.levels = Some(vec![level.clone()]);
    spring.boost = Some(20_000);
    let plain = catalog.rewards.largest_drip(&catalog.levels[0], 10_000);
    let boosted = catalog.rewards.largest_drip(&catalog.levels[0], 20_000);
    assert!(boosted > plain);
    let world = World::on(&directory, catalog);
    let [one, other] = [1, 2].map(Player::new);
    let expires = world.now().plus(HOUR_MS);
    let code_of = &world.make_vouchers(1, Some(expires)).unwrap().codes[0];
    let look = |player: &Player, code: &str| {
        let look = VoucherLook { wallet: player.wallet, code: code.to_owned() };
        world.runtime.block_on(world.faucet.look_at_voucher(look, None))
    };

    let before = dump(directory.path());
    let seen = look(&one, &code_of.to_lowercase().replace('-', "")).unwrap();
    assert_eq!((&*seen.campaign.id, seen.is_used, seen.expires_ms), ("spring", false, Some(expires)));
    let levels: Vec<_> = seen.levels.iter().map(|it| (&*it.id, &*it.campaign, it.pays_max)).collect();
    assert_eq!(levels, [(&*level, "spring", boosted)]);
    assert_eq!(look(&other, code_of).unwrap().levels, seen.levels, "nobody has used it yet");
    // Whatever it is that is no code has one answer.
    let answers = ["", "nonsense", "22222-22222-22222-22222"].map(|code| look(&one, code).unwrap_err());
    assert!(answers.iter().all(|answer| *answer == Refusal::from(Code::VoucherUnknown)));
    assert_eq!(dump(directory.path()), before);

    let request = world.request(&one, &level);
    let request = OpenRequest { campaign: "spring".to_owned(), voucher: Some(code_of.clone()), ..request };
    world.end(&world.try_open(sign(&one, request)).unwrap());
    world.wait_until(expires);
    assert!(look(&one, code_of).unwrap().is_used, "it stays of the wallet that has used it");
    assert_eq!(code(look(&other, code_of)), Code::VoucherUsed);
}

#[test]
fn a_code_that_lets_nobody_in_says_why_and_one_of_a_campaign_that_opens_nothing_has_no_levels() {
    let directory = Directory::new();
    let mut catalog = catalog();
    let spring = catalog.campaigns.iter_mut().find(|campaign| campaign.id == "spring").unwrap();
    spring.starts_ms = Some(START.plus(HOUR_MS));
    spring.ends_ms = Some(START.plus(3 * HOUR_MS));
    let world = World::on(&directory, catalog);
    let player = Player::new(1);
    let short = world.make_vouchers(1, Some(START.plus(HOUR_MS))).unwrap().codes.remove(0);
    let long = world.make_vouchers(1, None).unwrap().codes.remove(0);
    let look = |code: &str| {
        let look = VoucherLook { wallet: player.wallet, code: code.to_owned() };
        world.runtime.block_on(world.faucet.look_at_voucher(look, None))
    };
    let stage_and_levels = || {
        let seen = look(&long).unwrap();
        (seen.campaign.stage, seen.levels.len())
    };
    assert_eq!(stage_and_levels(), (CampaignStage::Waiting, 0));
    world.wait_until(START.plus(HOUR_MS));
    assert_eq!(stage_and_levels(), (CampaignStage::Running, 0), "its budget is not there yet");
    world.follow();
    assert_eq!(stage_and_levels(), (CampaignStage::Running, Catalog::first_run().levels.len()));
    assert_eq!(code(look(&short)), Code::VoucherExpired);
    world.wait_until(START.plus(3 * HOUR_MS));
    assert_eq!(stage_and_levels(), (CampaignStage::Ending, 0));
    let revoke = world.faucet.revoke_vouchers(editor("Ada"), "spring".into(), 2);
    world.runtime.block_on(revoke).unwrap();
    assert_eq!(look(&long).unwrap_err(), Refusal::from(Code::VoucherUnknown), "as one that never was");
}

#[test]
fn of_many_who_use_a_voucher_at_once_one_gets_in() {
    let directory = Directory::new();
    let world = world(&directory);
    let voucher = &world.make_vouchers(1, None).unwrap().codes[0];
    let requests: Vec<OpenRequest> =
        (1..=250).map(|player| world.request_with(&Player::new(player), "spring", Some(voucher))).collect();
    let answers = at_once(&world, requests.len(), |number| {
        let (faucet, request) = (world.faucet.clone(), requests[number].clone());
        async move { faucet.open(request, &Caller { prefix: format!("192.0.2.{number}") }).await }
    });
    let (in_it, out): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!(in_it.len(), 1);
    assert!(out.into_iter().all(|answer| code(answer) == Code::VoucherUsed));
    assert_eq!(world.issues(), [(1, 1, false)]);
}

#[test]
fn one_that_has_expired_or_was_revoked_lets_in_nobody_but_who_had_used_it() {
    let directory = Directory::new();
    let world = world(&directory);
    let [one, other] = [1, 2].map(Player::new);
    let expires = world.now().plus(HOUR_MS);
    let short = world.make_vouchers(2, Some(expires)).unwrap();
    let long = world.make_vouchers(2, None).unwrap();
    assert_eq!((short.issue.number, long.issue.number), (1, 2));
    world.end(&world.open_with(&one, &short.codes[0]).unwrap());
    world.wait_until(expires.minus(1));
    world.end(&world.open_with(&other, &long.codes[0]).unwrap());
    world.wait(1);
    assert_eq!(code(world.open_with(&other, &short.codes[1])), Code::VoucherExpired);
    world.end(&world.open_with(&one, &short.codes[0]).unwrap());

    let revoke =
        |number| world.runtime.block_on(world.faucet.revoke_vouchers(editor("Ada"), "spring".into(), number));
    for _ in 0..2 {
        let revoked = revoke(2).unwrap();
        assert_eq!((revoked.used, revoked.revoked_at_ms), (1, Some(expires)));
    }
    assert_eq!(code(revoke(3)), Code::VouchersUnknown);
    assert_eq!(code(world.open_with(&one, &long.codes[1])), Code::VoucherUnknown);
    world.end(&world.open_with(&other, &long.codes[0]).unwrap());
    assert_eq!(world.issues(), [(2, 1, false), (2, 1, true)]);
}

#[test]
fn so_many_are_made_at_once_and_of_campaigns_that_there_are() {
    let directory = Directory::new();
    let world = World::with(unpinned(&directory));
    world.publish(|published| *published = catalog());
    let before = dump(directory.path());
    assert_eq!(code(world.make_vouchers(0, None)), Code::InvalidRequest);
    assert_eq!(code(world.make_vouchers(VOUCHERS_AT_ONCE + 1, None)), Code::InvalidRequest);
    assert_eq!(code(world.make_vouchers(u32::MAX, None)), Code::InvalidRequest);
    assert_eq!(code(world.make_vouchers(1, Some(world.now()))), Code::InvalidRequest);
    assert_eq!(code(world.ask_vouchers("Ada", "winter", request(1))), Code::UnknownCampaign);
    assert_eq!(dump(directory.path()), before);
    let made = world.make_vouchers(VOUCHERS_AT_ONCE, None).unwrap();
    assert_eq!(made.codes.len(), 10_000);
    assert_eq!(world.issues(), [(10_000, 0, false)]);
    world.open_with(&Player::new(1), &made.codes[9_999]).unwrap();
}

#[test]
fn codes_whose_answer_was_lost_are_told_again_to_who_asks_the_same_and_to_nobody_else() {
    let directory = Directory::new();
    let world = World::with(unpinned(&directory));
    world.publish(|published| *published = catalog());
    let expires = world.now().plus(HOUR_MS);
    let asked = VoucherRequest { expires_ms: Some(expires), ..request(7) };
    let made = world.ask_vouchers("Ada", "spring", asked).unwrap();
    let before = dump(directory.path());
    let text = format!("{before:?}");
    let id = asked.client_id.to_string();
    assert!(!text.contains(&id), "with it and the secrets of the faucet, the codes could be found");
    assert_eq!(world.ask_vouchers("Ada", "spring", asked).unwrap(), made);
    for other in [VoucherRequest { count: 4, ..asked }, VoucherRequest { count: 0, ..asked }, request(7)] {
        assert_eq!(code(world.ask_vouchers("Ada", "spring", other)), Code::ClientIdReused);
    }
    assert_eq!(
        dump(directory.path()),
        before,
        "what is asked for once more changes nothing, the audit log included"
    );

    // The same id of somebody else, for another campaign, and another id make others.
    let others = [
        world.ask_vouchers("Eve", "spring", asked).unwrap(),
        world.ask_vouchers("Ada", "autumn", asked).unwrap(),
        world
            .ask_vouchers("Ada", "spring", VoucherRequest { expires_ms: Some(expires), ..request(8) })
            .unwrap(),
    ];
    let numbers = others.iter().map(|other| (&*other.issue.campaign, other.issue.number));
    assert_eq!(numbers.collect::<Vec<_>>(), [("spring", 2), ("autumn", 1), ("spring", 3)]);
    let codes: BTreeSet<&String> = others.iter().chain([&made]).flat_map(|made| &made.codes).collect();
    assert_eq!(codes.len(), 12);

    // Whatever has happened since, also to the server: the answer says how they stand.
    world.end(&world.open_with(&Player::new(1), &made.codes[0]).unwrap());
    world.wait_until(expires);
    let revoke = world.faucet.revoke_vouchers(editor("Ada"), "spring".into(), 1);
    let issue = world.runtime.block_on(revoke).unwrap();
    assert_eq!((issue.used, issue.revoked_at_ms), (1, Some(expires)));
    let now = world.shutdown();
    let world = World::at(unpinned(&directory), now);
    let again = world.ask_vouchers("Ada", "spring", asked).unwrap();
    assert_eq!(again, MadeVouchers { issue, codes: made.codes });
    let late = VoucherRequest { client_id: ClientId([9; 16]), ..asked };
    assert_eq!(code(world.ask_vouchers("Ada", "spring", late)), Code::InvalidRequest);
}

#[test]
fn the_same_request_for_codes_many_times_at_once_on_several_servers_makes_them_once() {
    let (database, directories) = (Database::new(), [Directory::new(), Directory::new()]);
    let [one, other] = servers(&database, &directories);
    let answers = at_once(&one, 20, |number| {
        let faucet = if number % 2 == 0 { one.faucet.clone() } else { other.faucet.clone() };
        async move { faucet.make_vouchers(editor("Ada"), "spring".into(), request(1)).await.unwrap() }
    });
    assert!(answers.iter().all(|answer| (answer.issue.number, &answer.codes) == (1, &answers[0].codes)));
    assert_eq!(one.issues(), [(3, 0, false)]);
    for (player, voucher) in (1..).zip(&answers[0].codes) {
        other.open_with(&Player::new(player), voucher).unwrap();
    }
}

#[test]
fn several_servers_let_one_wallet_in_by_a_voucher() {
    let (database, directories) = (Database::new(), [Directory::new(), Directory::new()]);
    let [one, other] = servers(&database, &directories);
    let made = one.make_vouchers(20, None).unwrap();
    for (number, voucher) in made.codes.iter().enumerate() {
        let number = u32::try_from(number).unwrap();
        let requests = [(&one, 2 * number + 1), (&other, 2 * number + 2)]
            .map(|(world, player)| world.request_with(&Player::new(player), "spring", Some(voucher)));
        let answers = at_once(&one, 2, |place| {
            let faucet = if place == 0 { one.faucet.clone() } else { other.faucet.clone() };
            let request = requests[place].clone();
            async move { faucet.open(request, &Caller { prefix: format!("192.0.2.{place}") }).await }
        });
        let (in_it, out): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
        assert_eq!((in_it.len(), out.len()), (1, 1));
        assert_eq!(code(out.into_iter().next().unwrap()), Code::VoucherUsed);
    }
    assert_eq!(other.issues(), [(20, 20, false)]);
    // What one has revoked, no other lets in.
    let more = other.make_vouchers(1, None).unwrap();
    other.runtime.block_on(other.faucet.revoke_vouchers(editor("Ada"), "spring".into(), 2)).unwrap();
    assert_eq!(code(one.open_with(&Player::new(1_000), &more.codes[0])), Code::VoucherUnknown);
}
