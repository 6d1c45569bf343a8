//! What may happen, and how likely it is.

use dripline_shared::api::operate::players::Standing;
use dripline_shared::time::HOUR_MS;
use proptest::prelude::*;

/// What happens next, in numbers that are made fit.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Open {
        wallet: u8,
        client: u8,
        level: usize,
        abandon: bool,
    },
    /// An opening and, in the same breath, the claim.
    Win {
        wallet: u8,
        level: usize,
    },
    Segment {
        round: usize,
        number: u32,
        end: Option<u32>,
    },
    End {
        round: usize,
    },
    Settle {
        round: usize,
        other_signature: bool,
    },
    GiveBack {
        round: usize,
    },
    SetAddress {
        wallet: u8,
        client: u8,
        address: u8,
    },
    Withdraw {
        wallet: u8,
        client: u8,
        units: u32,
        address: u8,
    },
    IssueReadKey {
        wallet: u8,
        client: u8,
        is_short: bool,
    },
    RevokeReadKey {
        wallet: u8,
        client: u8,
    },
    Delegate {
        wallet: u8,
        client: u8,
        is_short: bool,
    },
    RevokeDelegation {
        wallet: u8,
        client: u8,
    },
    /// Of all that a key has, to a wallet that may have delegated to it.
    MoveBalance {
        wallet: u8,
        to: u8,
        client: u8,
    },
    PayDormant {
        wallet: u8,
        address: u8,
    },
    /// By one of two servers; one that does not notice goes on with the lease that was before.
    TakeLease {
        server: u8,
        is_noticed: bool,
    },
    MakeBatch {
        most: usize,
    },
    /// Of a batch that was made in the sequence.
    KeepCandidate {
        batch: usize,
        candidate: u8,
        reserved: u32,
    },
    EndBatch {
        batch: usize,
        ending: u8,
        cost: u32,
    },
    GiveBackWithdrawal {
        withdrawal: usize,
    },
    ImportPayout {
        withdrawal: usize,
        candidate: u8,
    },
    RecordPayout {
        wallet: u8,
        client: u8,
        units: u32,
    },
    CancelBatch {
        batch: usize,
    },
    Halt {
        batch: usize,
        epoch: u64,
    },
    SetShort {
        is_short: bool,
        epoch: u64,
    },
    NoteExamined {
        candidate: u8,
        epoch: u64,
    },
    SetPause {
        is_paused: bool,
    },
    /// A server starts with another catalog.
    Adopt {
        catalog: u8,
    },
    /// A publication, at once or later, of the newest that was seen or an older one.
    Publish {
        catalog: u8,
        seen: u64,
        later_ms: Option<u64>,
    },
    CancelPublication {
        number: u64,
    },
    /// What it replaces is by how much it is above the newest revision that is known.
    KeepDraft {
        draft: u8,
        base: u64,
        replaces: Option<u64>,
    },
    /// So is what is dropped.
    DropDraft {
        draft: u8,
        revision: u64,
    },
    SetStanding {
        wallet: u8,
        standing: Standing,
    },
    AddNote {
        wallet: u8,
        is_forgotten: bool,
    },
    /// By one operator, who may need another one.
    Approve {
        withdrawal: usize,
        proposal: u8,
    },
    ConfirmApproval {
        withdrawal: usize,
        proposal: u8,
    },
    WithdrawProposal {
        proposal: u8,
    },
    SetStop {
        is_stopped: bool,
    },
    /// With an entry in the audit log.
    ByOperator(Box<Self>),
    /// Time passes; from here on it is another batch.
    Wait {
        duration_ms: u64,
    },
    Sweep,
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    let round = 0..8_usize;
    prop_oneof![
        6 => (1..5_u8, 0..20_u8, 0..2_usize, any::<bool>())
            .prop_map(|(wallet, client, level, abandon)| Step::Open { wallet, client, level, abandon }),
        6 => (1..5_u8, 0..2_usize).prop_map(|(wallet, level)| Step::Win { wallet, level }),
        4 => (round.clone(), 0..3_u32, proptest::option::of(1..241_u32))
            .prop_map(|(round, number, end)| Step::Segment { round, number, end }),
        1 => round.clone().prop_map(|round| Step::End { round }),
        6 => (round.clone(), prop::bool::weighted(0.1))
            .prop_map(|(round, other_signature)| Step::Settle { round, other_signature }),
        1 => round.prop_map(|round| Step::GiveBack { round }),
        3 => (1..5_u8, 0..20_u8, 0..2_u8)
            .prop_map(|(wallet, client, address)| Step::SetAddress { wallet, client, address }),
        6 => (1..5_u8, 0..20_u8, prop_oneof![0..300_u32, 0..3_000_u32], 0..2_u8)
            .prop_map(|(wallet, client, units, address)| Step::Withdraw { wallet, client, units, address }),
        2 => (1..5_u8, 0..6_u8, any::<bool>())
            .prop_map(|(wallet, client, is_short)| Step::IssueReadKey { wallet, client, is_short }),
        1 => (1..5_u8, 0..6_u8).prop_map(|(wallet, client)| Step::RevokeReadKey { wallet, client }),
        2 => (0..5_u8, 0..6_u8, any::<bool>())
            .prop_map(|(wallet, client, is_short)| Step::Delegate { wallet, client, is_short }),
        1 => (0..5_u8, 0..6_u8).prop_map(|(wallet, client)| Step::RevokeDelegation { wallet, client }),
        2 => (1..5_u8, 0..5_u8, 0..3_u8)
            .prop_map(|(wallet, to, client)| Step::MoveBalance { wallet, to, client }),
        4 => (1..5_u8, 0..2_u8).prop_map(|(wallet, address)| Step::PayDormant { wallet, address }),
        1 => (1..3_u8, prop::bool::weighted(0.8))
            .prop_map(|(server, is_noticed)| Step::TakeLease { server, is_noticed }),
        3 => (1..4_usize).prop_map(|most| Step::MakeBatch { most }),
        3 => (0..4_usize, 0..4_u8, 0..500_u32)
            .prop_map(|(batch, candidate, reserved)| Step::KeepCandidate { batch, candidate, reserved }),
        4 => (0..4_usize, 0..4_u8, prop_oneof![0..500_u32, Just(100_000_u32)])
            .prop_map(|(batch, ending, cost)| Step::EndBatch { batch, ending, cost }),
        1 => (0..4_usize).prop_map(|batch| Step::CancelBatch { batch }),
        1 => (0..6_usize, 0..2_u64).prop_map(|(batch, epoch)| Step::Halt { batch, epoch }),
        1 => (1..5_u8, 100..104_u8, prop_oneof![8..300_u32, 8..3_000_u32])
            .prop_map(|(wallet, client, units)| Step::RecordPayout { wallet, client, units }),
        1 => (0..8_usize).prop_map(|withdrawal| Step::GiveBackWithdrawal { withdrawal }),
        2 => (0..8_usize, 0..4_u8)
            .prop_map(|(withdrawal, candidate)| Step::ImportPayout { withdrawal, candidate }),
        2 => (prop::bool::weighted(0.4), 0..3_u64)
            .prop_map(|(is_short, epoch)| Step::SetShort { is_short, epoch }),
        1 => (0..4_u8, 0..2_u64).prop_map(|(candidate, epoch)| Step::NoteExamined { candidate, epoch }),
        1 => prop::bool::weighted(0.3).prop_map(|is_paused| Step::SetPause { is_paused }),
        1 => (0..3_u8).prop_map(|catalog| Step::Adopt { catalog }),
        2 => (0..3_u8, 0..4_u64, proptest::option::of(1..HOUR_MS))
            .prop_map(|(catalog, seen, later_ms)| Step::Publish { catalog, seen, later_ms }),
        1 => (0..5_u64).prop_map(|number| Step::CancelPublication { number }),
        2 => (0..3_u8, 0..3_u64, proptest::option::of(0..2_u64))
            .prop_map(|(draft, base, replaces)| Step::KeepDraft { draft, base, replaces }),
        1 => (0..3_u8, 0..2_u64).prop_map(|(draft, revision)| Step::DropDraft { draft, revision }),
        2 => (1..5_u8, prop::sample::select(&Standing::ALL[..]))
            .prop_map(|(wallet, standing)| Step::SetStanding { wallet, standing }),
        1 => (1..5_u8, any::<bool>())
            .prop_map(|(wallet, is_forgotten)| Step::AddNote { wallet, is_forgotten }),
        3 => (0..4_usize, 0..3_u8)
            .prop_map(|(withdrawal, proposal)| Step::Approve { withdrawal, proposal }),
        2 => (0..4_usize, 0..3_u8)
            .prop_map(|(withdrawal, proposal)| Step::ConfirmApproval { withdrawal, proposal }),
        1 => (0..3_u8).prop_map(|proposal| Step::WithdrawProposal { proposal }),
        1 => any::<bool>().prop_map(|is_stopped| Step::SetStop { is_stopped }),
        2 => prop_oneof![
            (0..8_usize).prop_map(|withdrawal| Step::GiveBackWithdrawal { withdrawal }),
            (0..8_usize, 0..4_u8)
                .prop_map(|(withdrawal, candidate)| Step::ImportPayout { withdrawal, candidate }),
            prop::bool::weighted(0.3).prop_map(|is_paused| Step::SetPause { is_paused }),
            (0..4_usize).prop_map(|batch| Step::CancelBatch { batch }),
        ].prop_map(|step| Step::ByOperator(Box::new(step))),
        3 => prop_oneof![Just(1), Just(4_000), Just(60_000), 0..HOUR_MS]
            .prop_map(|duration_ms| Step::Wait { duration_ms }),
        1 => Just(Step::Sweep),
    ]
}
