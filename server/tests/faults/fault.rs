//! What goes wrong, and where.

use std::fmt;

/// A step of a payout at which something can go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Step {
    /// Making a batch of what waits.
    Make,
    /// Asking the chain what is needed, and signing a candidate. After it, the candidate is kept.
    Sign,
    /// Keeping what was signed.
    Keep,
    /// Sending what was kept.
    Send,
    /// Asking what became of it. After it, the batch is ended.
    Ask,
    /// Ending the batch.
    End,
}

/// On which side of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum When {
    /// Just before it.
    Before,
    /// Just after it, before anybody is told.
    After,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Fault {
    /// The process ends just before the step.
    KilledBefore,
    /// The process ends just after the step, before anything is written about it.
    KilledAfter,
    /// A request never gets to the node.
    RequestLost,
    /// A request gets there, and its answer does not come back.
    AnswerLost,
    /// Half of the answer comes back.
    AnswerCut,
    /// The node gets the request twice.
    Doubled,
    /// What is sent gets to the node only later, when nobody waits for it any more; and who asks is told what was true
    /// when the same was asked before.
    Late,
    /// A page for people comes back, and nothing gets to the node.
    Html,
    /// The node is said not to know what was asked for, though it does.
    NotFound,
    /// So many blocks pass that nothing which was signed before can be executed any more.
    Expired,
    /// The chain takes back the two blocks that came after what was sent.
    Reorganised,
    /// Blocks cost more than what is sent offers.
    Stuck,
    /// The database is stopped as by its operator, and started again.
    DatabaseStopped(When),
    /// All processes of the database are killed at once, and it is started again.
    DatabaseKilled(When),
    /// All processes of the database are killed at once, and its synchronous standby takes its place.
    DatabaseReplaced(When),
}

/// What can go wrong at every step of every rail.
const EVERYWHERE: [Fault; 9] = [
    Fault::KilledBefore,
    Fault::KilledAfter,
    Fault::RequestLost,
    Fault::AnswerLost,
    Fault::AnswerCut,
    Fault::Doubled,
    Fault::Late,
    Fault::Html,
    Fault::NotFound,
];

/// All cells of a rail: what can go wrong everywhere, and these.
pub(crate) fn cells(besides: &[Cell]) -> Vec<Cell> {
    let steps = [Step::Sign, Step::Send, Step::Ask];
    let everywhere = steps.into_iter().flat_map(|step| EVERYWHERE.map(|fault| (step, fault)));
    everywhere.chain(besides.iter().copied()).collect()
}

/// A fault at a step.
pub(crate) type Cell = (Step, Fault);

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Make => "making a batch",
            Self::Sign => "signing",
            Self::Keep => "keeping what was signed",
            Self::Send => "sending",
            Self::Ask => "asking what became of it",
            Self::End => "ending the batch",
        })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self {
            Self::DatabaseStopped(when) => return write!(formatter, "database stopped {when}"),
            Self::DatabaseKilled(when) => return write!(formatter, "database killed {when}"),
            Self::DatabaseReplaced(when) => {
                return write!(formatter, "database replaced by its standby {when}");
            }
            Self::KilledBefore => "killed before it",
            Self::KilledAfter => "killed after it",
            Self::RequestLost => "request lost",
            Self::AnswerLost => "answer lost",
            Self::AnswerCut => "answer cut",
            Self::Doubled => "request doubled",
            Self::Late => "late",
            Self::Html => "a page instead of an answer",
            Self::NotFound => "\"not found\", a lie",
            Self::Expired => "its time runs out",
            Self::Reorganised => "two blocks taken back",
            Self::Stuck => "too dear for a block",
        };
        formatter.write_str(what)
    }
}

impl fmt::Display for When {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Before => "before it",
            Self::After => "after it",
        })
    }
}
