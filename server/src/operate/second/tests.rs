use dripline_shared::api::access::{KeyMode, Role};
use dripline_shared::catalog::Catalog;
use dripline_shared::payout::WithdrawalId;
use dripline_shared::round::Hash;

use super::*;
use crate::edge::Edge;
use crate::keys::Keys;

const NOW: Timestamp = Timestamp(1_000_000);

fn key(id: &str, role: Role, by: By) -> ApiKeyRecord {
    ApiKeyRecord {
        id: id.to_owned(),
        name: id.to_owned(),
        mode: KeyMode::Live,
        role,
        scopes: None,
        ranges: Vec::new(),
        hash: Hash([0; 32]),
        former: None,
        by,
        made_at: NOW,
        rotated_at: NOW,
        rotated_by: None,
        expires_at: None,
        used_at: None,
        revoked_at: None,
    }
}

fn by_key(id: &str) -> By {
    By::ApiKey { id: id.to_owned(), name: id.to_owned() }
}

fn by_operator(id: &str) -> By {
    By::Operator { id: id.to_owned(), name: id.to_owned() }
}

fn withdrawal() -> WithdrawalId {
    WithdrawalId([7; 16])
}

/// A set with these keys and a proposal by one.
fn set(keys: &[ApiKeyRecord], by: By) -> WorkingSet {
    let mut set = WorkingSet::default();
    for id in ["ada", "grace"] {
        let operator = OperatorRecord {
            id: id.to_owned(),
            name: id.to_owned(),
            role: Role::Owner,
            by: By::CommandLine,
            made_at: NOW,
            signed_in_at: None,
            passkeys: Vec::new(),
        };
        set.load_document(Document::of(&operator).unwrap());
    }
    for key in keys {
        set.load_document(Document::of(key).unwrap());
    }
    let proposal = ProposalRecord {
        id: "proposal".to_owned(),
        proposed: ProposedAction::Approve { withdrawal: withdrawal() },
        amount: None,
        asset: None,
        catalog: None,
        by,
        at: NOW,
        until: NOW.plus(OPEN_MS),
        ended: None,
    };
    set.load_document(Document::of(&proposal).unwrap());
    set
}

/// What whoever confirms it is told.
fn confirmed(set: &WorkingSet, by: By, now: Timestamp) -> Option<Code> {
    let second = Second::Confirms { id: "proposal".into() };
    let change = Change::Approve { withdrawal: withdrawal() };
    let operation = Operation { now, by, from: None, session: None, change, second };
    admit(set, &operation).err().map(|refusal| refusal.code())
}

#[test]
fn whoever_knows_both_secrets_is_one_operator() {
    let keys = [
        key("first", Role::Owner, By::CommandLine),
        key("second", Role::Owner, By::CommandLine),
        key("of-first", Role::Treasurer, by_key("first")),
        key("of-that", Role::Treasurer, by_key("of-first")),
        ApiKeyRecord {
            rotated_by: Some(by_key("first")),
            ..key("rotated", Role::Treasurer, by_key("second"))
        },
        key("of-ada", Role::Treasurer, by_operator("ada")),
        key("also-of-ada", Role::Treasurer, by_operator("ada")),
    ];
    for (proposer, confirmer, is_same) in [
        (by_key("first"), by_key("first"), true),
        (by_key("first"), by_key("second"), false),
        (by_key("first"), by_key("of-first"), true),
        (by_key("of-that"), by_key("first"), true),
        (by_key("of-that"), by_key("second"), false),
        (by_key("rotated"), by_key("of-first"), true),
        (by_key("rotated"), by_key("second"), true),
        (by_key("of-ada"), by_operator("ada"), true),
        (by_operator("ada"), by_key("of-ada"), true),
        (by_key("of-ada"), by_key("also-of-ada"), true),
        (by_operator("ada"), by_operator("ada"), true),
        (by_operator("ada"), by_operator("grace"), false),
        (by_operator("grace"), by_key("of-ada"), false),
        (by_key("of-ada"), by_key("second"), false),
    ] {
        let told = confirmed(&set(&keys, proposer.clone()), confirmer.clone(), NOW);
        assert_eq!(told, is_same.then_some(Code::SameOperator), "{proposer:?} and {confirmer:?}");
    }
}

#[test]
fn whoever_has_proposed_must_still_be_allowed_to() {
    let second = key("second", Role::Owner, By::CommandLine);
    let first = |change: fn(&mut ApiKeyRecord)| {
        let mut first = key("first", Role::Treasurer, By::CommandLine);
        change(&mut first);
        set(&[first, second.clone()], by_key("first"))
    };
    let told = |set: &WorkingSet| confirmed(set, by_key("second"), NOW);
    assert_eq!(told(&first(|_| ())), None);
    assert_eq!(told(&first(|key| key.revoked_at = Some(NOW))), Some(Code::AccessRefused));
    assert_eq!(told(&first(|key| key.expires_at = Some(NOW))), Some(Code::AccessRefused));
    assert_eq!(told(&first(|key| key.scopes = Some(vec![Permission::View]))), Some(Code::AccessRefused));
}

#[test]
fn a_proposal_can_be_confirmed_until_its_day_is_over() {
    let keys = [key("first", Role::Owner, By::CommandLine), key("second", Role::Owner, By::CommandLine)];
    let set = set(&keys, by_key("first"));
    assert_eq!(confirmed(&set, by_key("second"), NOW.plus(OPEN_MS - 1)), None);
    assert_eq!(confirmed(&set, by_key("second"), NOW.plus(OPEN_MS)), Some(Code::ProposalEnded));
}

#[test]
fn what_an_operator_has_proposed_who_was_dismissed_meanwhile_is_confirmed_by_nobody() {
    let set = set(&[key("second", Role::Owner, By::CommandLine)], by_operator("gone"));
    assert_eq!(confirmed(&set, by_key("second"), NOW), Some(Code::AccessRefused));
}

#[test]
fn an_amount_is_too_much_for_one_where_it_is_above_what_is_said_for_its_asset() {
    let edge = Edge::new(|| NOW, |bytes| bytes.fill(7));
    let mut in_force = InForce::new(Catalog::first_run(), Keys::generate(&edge), Vec::new(), BTreeSet::new());
    in_force.second_operator_above.insert("DRIP".to_owned(), Amount::from_units(10));
    let moved = |units: Option<u32>, asset: &str| Moved {
        amount: units.map(Amount::from_units),
        asset: Some(asset.into()),
    };
    for (amount, asset, needed) in [
        (Some(10), "DRIP", false),
        (Some(11), "DRIP", true),
        (None, "DRIP", true),
        (Some(11), "USDC", false),
        (None, "USDC", false),
    ] {
        assert_eq!(needs_second(&in_force, &moved(amount, asset)), needed, "{amount:?} {asset}");
    }
}

/// Proposes another one; why it was not.
fn propose_another(set: &mut WorkingSet, by: By, number: u8) -> Option<Code> {
    let withdrawal = WithdrawalId([number; 16]);
    let proposed = ProposedAction::Approve { withdrawal };
    let change = Change::Approve { withdrawal };
    let operation = Operation { now: NOW, by, from: None, session: None, change, second: Second::Unasked };
    let moved = Moved { amount: None, asset: None };
    match propose(set, &operation, (&format!("{number:016x}"), &proposed), &moved) {
        Ok(decided) => {
            set.apply(decided.effects);
            None
        }
        Err(refusal) => Some(refusal.code()),
    }
}

#[test]
fn an_operator_has_ten_proposals_that_wait_by_all_their_keys_and_keeps_nobody_from_proposing() {
    let keys = [
        key("of-ada", Role::Owner, by_operator("ada")),
        key("also-of-ada", Role::Owner, by_key("of-ada")),
        key("second", Role::Owner, By::CommandLine),
    ];
    let mut set = set(&keys, by_operator("ada"));
    for number in 0..9 {
        let by = if number < 5 { by_key("of-ada") } else { by_key("also-of-ada") };
        assert_eq!(propose_another(&mut set, by, number), None, "{number}");
    }
    for by in [by_operator("ada"), by_key("of-ada"), by_key("also-of-ada")] {
        assert_eq!(propose_another(&mut set, by, 20), Some(Code::ProposalsUsedUp));
    }
    assert_eq!(propose_another(&mut set, by_key("of-ada"), 3), None, "what waits already is told again");
    for by in [by_operator("grace"), by_key("second")] {
        let number = if by == by_operator("grace") { 30 } else { 31 };
        assert_eq!(propose_another(&mut set, by, number), None);
    }
}

#[test]
fn there_are_fifty_proposals_that_wait_of_all_operators() {
    let keys = ["a", "b", "c", "d", "e", "f"].map(|id| key(id, Role::Owner, By::CommandLine));
    let mut set = set(&keys, by_key("a"));
    // One waits already.
    for number in 1..50 {
        let by = by_key(&keys[usize::from(number / 10)].id);
        let number = 100 + number;
        assert_eq!(propose_another(&mut set, by, number), None, "{number}");
    }
    assert_eq!(propose_another(&mut set, by_key("f"), 200), Some(Code::ProposalsUsedUp));
}
