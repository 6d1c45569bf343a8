//! What cannot be brought about from outside: a commit that fails after the segments' one.

use std::collections::BTreeSet;

use dripline_shared::api::OpenRequest;
use dripline_shared::catalog::{Catalog, DEFAULT_CAMPAIGN};
use dripline_shared::error::Code;
use dripline_shared::game::Pace;
use dripline_shared::round::{ClientId, Hash, RoundId};
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::{Signature, Wallet};

use super::*;
use crate::edge::Edge;
use crate::faucet::decide::decide;
use crate::in_force::InForce;
use crate::keys::Keys;
use crate::store::Answer;
use crate::store::command::{End, Open, PutSegment};
use crate::store::record::Closing;

const START: Timestamp = Timestamp(1_700_000_000_000);

fn round_of(wallet: u8) -> RoundId {
    RoundId::new(START, [wallet; 10])
}

/// An opening of the first clocked level.
fn open(in_force: &InForce, wallet: u8) -> Command {
    let level = in_force.levels.values().find(|level| level.game.pace == Pace::Clocked).unwrap();
    let request = OpenRequest {
        wallet: Wallet([wallet; 32]),
        level: level.level.id.clone(),
        campaign: DEFAULT_CAMPAIGN.to_owned(),
        site: None,
        client_id: ClientId([wallet; 16]),
        issued_at_ms: START,
        origin: "https://play.example".to_owned(),
        faucet: in_force.faucet,
        rules_version: level.game.rules_version,
        abandon: None,
        voucher: None,
        signature: Signature([0; 64]),
    };
    let (round, statement) = (round_of(wallet), Hash([wallet; 32]));
    Command::Open(Box::new(Open {
        now: START,
        round,
        request,
        statement,
        voucher: None,
        prefix: "192.0.2.1".to_owned(),
    }))
}

#[test]
fn segments_whose_batch_failed_at_its_last_commit_get_their_answer_when_they_are_sent_again() {
    let folder = std::env::temp_dir().join(format!("dripline-last-commit-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let edge = Edge::new(|| START, |bytes| bytes.fill(1));
    let in_force = InForce::new(Catalog::first_run(), Keys::generate(&edge), Vec::new(), BTreeSet::new());
    let mut decide = |set: &mut _, command: &_| decide(&in_force, set, command);
    let mut store = SqliteStore::open(&folder, Durability::Temporary).unwrap();
    store.adopt(&Adoption { catalog: &in_force.catalog, faucet: in_force.faucet, now: START }).unwrap();
    store.apply(&[open(&in_force, 1), open(&in_force, 2)], &mut decide).unwrap();

    let now = START.plus(5_000);
    let put = |bytes: &[u8]| {
        let put = PutSegment { now, round: round_of(1), number: 0, end: None, bytes: bytes.to_vec() };
        Command::Segment(Box::new(put))
    };
    let batch = [put(&[0, 1]), Command::End(End { now, round: round_of(2) })];
    store.main.commit_hook(Some(|| true)).unwrap();
    assert!(matches!(store.apply(&batch, &mut decide), Err(StorageError::CommitFailed(_))));
    store.main.commit_hook(None::<fn() -> bool>).unwrap();
    // The segments came first: they are there, and what the main store should have had is not.
    let mut reader = store.reader().unwrap();
    assert_eq!(reader.segments(round_of(1)).unwrap().len(), 1);
    assert_eq!(reader.round(round_of(2)).unwrap().unwrap().record.closing, Closing::NotYet);

    let answers = store.apply(&batch, &mut decide).unwrap();
    assert!(matches!(answers[0], Ok(Answer::Stored { new: false, seed: Some(_) })));
    assert!(matches!(answers[1], Ok(Answer::Ended { new: true })));
    let other = store.apply(&[put(&[0, 2])], &mut decide).unwrap().remove(0);
    assert_eq!(other.unwrap_err().code(), Code::SegmentConflict);
    drop((store, reader));
    std::fs::remove_dir_all(&folder).unwrap();
}
