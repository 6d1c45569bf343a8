//! What operators change.

use std::sync::Arc;

use dripline_shared::api::access::{ApiKeyRequest, ApiKeyRotation};
use dripline_shared::api::alert::AlertTurn;
use dripline_shared::api::operate::players::Standing;
use dripline_shared::api::operate::proposals::ProposedAction;
use dripline_shared::api::operate::{AuditEntry, By};
use dripline_shared::catalog::Catalog;
use dripline_shared::payout::WithdrawalId;
use dripline_shared::round::Hash;
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::Wallet;

use super::Command;
use super::access::{AccessChange, BySession};
use super::site::SiteChange;
use crate::alert::turns::Found;
use crate::store::record::{DocumentKind, EMERGENCY_ID, Wanted};
use crate::voucher::issue_id;

/// A change by an operator. It and its entry of the audit log are stored together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// When.
    pub now: Timestamp,
    /// Who. That they may was checked.
    pub by: By,
    /// From which network, if it came by one.
    pub from: Option<Arc<str>>,
    /// The session that it came by, if it did.
    pub session: Option<BySession>,
    /// What.
    pub change: Change,
    /// What becomes of it where one operator alone may not do it.
    pub second: Second,
}

/// What there is of a second operator.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Second {
    /// None is needed: whoever asks has the store itself, or moves no money.
    #[default]
    Unasked,
    /// Where one is needed, this is proposed.
    Ask {
        /// The id that the proposal gets.
        id: String,
        /// What was asked for.
        proposed: Box<ProposedAction>,
    },
    /// Whoever asks confirms what another one has proposed.
    Confirms {
        /// The id of the proposal.
        id: Arc<str>,
    },
}

/// What a change needs to know besides documents.
#[derive(Debug, Clone, Copy)]
pub enum Facts<'a> {
    /// Nothing.
    None,
    /// What this command needs.
    Command(&'a Command),
    /// A wallet, and its withdrawals that wait.
    Player(Wallet),
    /// A withdrawal and its wallet.
    Withdrawal(WithdrawalId),
}

/// What is changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Notes what a server has in force from its start on, or from its file.
    Adopt(Adopt),
    /// Publishes a catalog.
    Publish(Publish),
    /// Cancels the publication that waits.
    CancelPublication {
        /// Its number.
        number: u64,
    },
    /// Keeps a catalog that is worked on.
    KeepDraft(KeepDraft),
    /// Drops one.
    DropDraft {
        /// Its id.
        id: Arc<str>,
        /// The revision that is meant.
        revision: u64,
    },
    /// Makes an API key.
    MakeKey(MakeKey),
    /// Gives an API key a new secret.
    RotateKey(RotateKey),
    /// Revokes an API key.
    RevokeKey {
        /// Its id.
        id: Arc<str>,
    },
    /// Notes that an API key was used.
    NoteKeyUse {
        /// Its id.
        id: Arc<str>,
    },
    /// Changes who may do what, apart from API keys.
    Access(AccessChange),
    /// Holds, bans or releases a wallet.
    SetStanding {
        /// The wallet.
        wallet: Wallet,
        /// How it is to stand.
        standing: Standing,
        /// Why.
        reason: String,
    },
    /// Notes something about a wallet.
    AddNote {
        /// The wallet.
        wallet: Wallet,
        /// What.
        text: String,
    },
    /// Forgets what operators have noted about a wallet.
    ForgetNotes {
        /// The wallet.
        wallet: Wallet,
    },
    /// Does what is otherwise done by one of the commands [`Command::SetPause`], [`Command::CancelBatch`],
    /// [`Command::GiveBackWithdrawal`], [`Command::ImportPayout`] and [`Command::RecordPayout`], and by no other.
    Payout(Box<Command>),
    /// Approves a withdrawal that waits for that.
    Approve {
        /// Which.
        withdrawal: WithdrawalId,
    },
    /// Stops something at once, or lets it run again.
    SetStop {
        /// Its name, as in the configuration.
        name: String,
        /// Whether it is to be stopped.
        stopped: bool,
        /// Why.
        reason: String,
        /// Whether it is in a catalog that was published, and maybe in force no more, or not yet.
        was_published: bool,
    },
    /// Withdraws a proposal.
    WithdrawProposal {
        /// Its id.
        id: Arc<str>,
    },
    /// Notes what a server has found to be the matter.
    TurnAlerts(Found),
    /// Notes that the receiver of alerts was told that one began or ended.
    AlertTold {
        /// Its id.
        id: Arc<str>,
        /// Which of the two.
        turn: AlertTurn,
    },
    /// Makes vouchers of a campaign.
    MakeVouchers(MakeVouchers),
    /// Revokes those of some vouchers that nobody has used.
    RevokeVouchers {
        /// The campaign.
        campaign: Arc<str>,
        /// Their number among those of the campaign.
        number: u64,
    },
    /// Registers a site, changes or ends it, or changes one of its keys.
    Site(SiteChange),
    /// Notes something in the audit log that changed nothing here: an attempt that was refused.
    Note(Box<AuditEntry>),
}

/// Notes what is in force without having been published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adopt {
    /// What is in force.
    pub catalog: Arc<Catalog>,
    /// The publication that whoever notes it has taken it from, and 0 where there was none: where another one has come into force
    /// since, nothing is noted. Nothing where it counts whatever is in force.
    pub seen: Option<u64>,
    /// Why.
    pub note: String,
}

/// Publishes a catalog. It was validated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publish {
    /// What is to be in force.
    pub catalog: Arc<Catalog>,
    /// The number of the publication that it replaces: the one that whoever made it has seen.
    pub replaces: u64,
    /// Why.
    pub note: String,
    /// From when; at once where it says nothing.
    pub from: Option<Timestamp>,
    /// The draft that it was, which goes: its id and its revision.
    pub draft: Option<(Arc<str>, u64)>,
}

/// Keeps a catalog that is worked on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeepDraft {
    /// Its id.
    pub id: Arc<str>,
    /// What it is called.
    pub name: String,
    /// The catalog. It may have mistakes.
    pub catalog: Arc<Catalog>,
    /// The number of the publication that it was made from.
    pub base: u64,
    /// The revision that it replaces; nothing where it is new.
    pub replaces: Option<u64>,
}

/// Makes an API key. Its secret is not here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MakeKey {
    /// Its id.
    pub id: String,
    /// The hash of its secret.
    pub hash: Hash,
    /// What was asked for.
    pub request: ApiKeyRequest,
}

/// Gives an API key a new secret, which is not here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RotateKey {
    /// Its id.
    pub id: Arc<str>,
    /// The hash of the new secret.
    pub hash: Hash,
    /// What was asked for.
    pub rotation: ApiKeyRotation,
}

/// Makes vouchers of a campaign. Their codes are not here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MakeVouchers {
    /// The campaign.
    pub campaign: Arc<str>,
    /// The hash of the request, by which it is known again.
    pub asked: Hash,
    /// The hashes of their codes.
    pub hashes: Arc<[Hash]>,
    /// Until when they can be used first.
    pub expires: Option<Timestamp>,
}

impl Operation {
    /// What its decision needs to know of documents.
    pub fn wanted(&self) -> Vec<Wanted> {
        let mut wanted = self.wanted_by_change();
        // Whether whoever asks still may: what a key was let through for may have waited for long.
        if let By::ApiKey { id, .. } = &self.by {
            wanted.push(Wanted::One(DocumentKind::ApiKey, id.as_str().into()));
        }
        if let (By::Operator { id, .. }, Some(session)) = (&self.by, &self.session) {
            wanted.push(Wanted::One(DocumentKind::Operator, id.as_str().into()));
            wanted.push(Wanted::One(DocumentKind::Session, Arc::clone(&session.id)));
        }
        match &self.second {
            Second::Unasked => {}
            // How many wait already that are of the same operator.
            Second::Ask { .. } => {
                wanted.extend([Wanted::All(DocumentKind::Proposal), Wanted::All(DocumentKind::ApiKey)]);
            }
            // Whose keys the two have shown, and by whom those were made.
            Second::Confirms { id } => wanted.extend([
                Wanted::One(DocumentKind::Proposal, Arc::clone(id)),
                Wanted::All(DocumentKind::ApiKey),
                Wanted::All(DocumentKind::Operator),
            ]),
        }
        wanted
    }

    /// What its decision needs to know besides documents.
    pub fn facts(&self) -> Facts<'_> {
        match &self.change {
            Change::SetStanding { wallet, .. }
            | Change::AddNote { wallet, .. }
            | Change::ForgetNotes { wallet } => Facts::Player(*wallet),
            Change::Payout(command) => Facts::Command(command),
            Change::Approve { withdrawal } => Facts::Withdrawal(*withdrawal),
            _ => Facts::None,
        }
    }

    fn wanted_by_change(&self) -> Vec<Wanted> {
        let publications = Wanted::All(DocumentKind::Publication);
        match &self.change {
            Change::Adopt(_) | Change::CancelPublication { .. } => vec![publications],
            Change::Publish(publish) => {
                let draft = publish.draft.as_ref();
                let draft = draft.map(|(id, _)| Wanted::One(DocumentKind::Draft, Arc::clone(id)));
                [publications].into_iter().chain(draft).collect()
            }
            Change::KeepDraft(_) => vec![publications, Wanted::All(DocumentKind::Draft)],
            Change::DropDraft { id, .. } => vec![Wanted::One(DocumentKind::Draft, Arc::clone(id))],
            Change::MakeKey(_) => vec![Wanted::All(DocumentKind::ApiKey)],
            Change::RevokeKey { id } => {
                vec![Wanted::One(DocumentKind::ApiKey, Arc::clone(id)), Wanted::All(DocumentKind::Invitation)]
            }
            Change::RotateKey(RotateKey { id, .. }) | Change::NoteKeyUse { id } => {
                vec![Wanted::One(DocumentKind::ApiKey, Arc::clone(id))]
            }
            Change::MakeVouchers(_) => vec![Wanted::All(DocumentKind::Vouchers)],
            Change::RevokeVouchers { campaign, number } => {
                vec![Wanted::One(DocumentKind::Vouchers, issue_id(campaign, *number))]
            }
            Change::TurnAlerts(_) => vec![Wanted::All(DocumentKind::Alert)],
            Change::AlertTold { id, .. } => vec![Wanted::One(DocumentKind::Alert, Arc::clone(id))],
            Change::Access(change) => change.wanted(),
            Change::Site(change) => change.wanted(),
            Change::SetStanding { wallet, .. }
            | Change::AddNote { wallet, .. }
            | Change::ForgetNotes { wallet } => {
                vec![Wanted::One(DocumentKind::Player, wallet.to_string().into())]
            }
            Change::SetStop { .. } => vec![Wanted::One(DocumentKind::Emergency, EMERGENCY_ID.into())],
            Change::WithdrawProposal { id } => vec![Wanted::One(DocumentKind::Proposal, Arc::clone(id))],
            Change::Note(_) | Change::Payout(_) | Change::Approve { .. } => Vec::new(),
        }
    }
}
