//! The catalog while the faucet works: what is published, and how it comes into force.
//!
//! A publication is a change like others. Every server looks each second whether another one than its own is in force by
//! now, and takes it into force on the writer's thread, between two batches: what is decided there goes by one catalog.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError};

use dripline_shared::amount::Amount;
use dripline_shared::api::Reason;
use dripline_shared::api::operate::proposals::ProposedAction;
use dripline_shared::api::operate::{
    By, Difference, Draft, LiveCatalog, Mistake, Publication, PublicationRequest, Publications,
};
use dripline_shared::campaign::CampaignStage;
use dripline_shared::catalog::{Campaign, Catalog, CatalogError};
use dripline_shared::error::Code;
use dripline_shared::round::Hash;
use dripline_shared::time::Timestamp;
use tokio::task::spawn_blocking;

use crate::faucet::proposals::Acted;
use crate::faucet::{Faucet, Inner, unreadable};
use crate::in_force::InForce;
use crate::operate;
use crate::refusal::Refusal;
use crate::simulate::{self, Against, Report};
use crate::store::command::{Adopt, Answer, BySession, Change, KeepDraft, Operation, Publish, Second};
use crate::store::record::{CatalogRecord, PublicationRecord, Stored, publication_id};
use crate::store::{BoxedReader, Command, Document};

/// How many publications before the one in force are looked at, in case that one came too early.
const BEFORE_MAX: u64 = 20;
/// The most rounds of each game, days, and players a day of a simulation that is asked for.
const SIMULATED_MAX: (u32, u32, u32) = (20_000, 200, 500);

/// Who changes something, and from where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// Who. That they may was checked.
    pub by: By,
    /// From which network, if it came by one.
    pub from: Option<Arc<str>>,
    /// The session that it came by, if it did: whether it is still open is asked once more where the change is decided.
    pub session: Option<BySession>,
}

/// What is to be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Chosen {
    /// A draft, at this revision.
    Draft(Arc<str>, u64),
    /// What was in force by the publication with this number.
    Publication(u64),
}

/// How something is to be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Publishing {
    /// What.
    chosen: Chosen,
    /// The number of the publication that whoever asks has seen in force.
    replaces: u64,
    /// Why.
    note: String,
    /// From when; at once where it says nothing.
    from: Option<Timestamp>,
}

impl Publishing {
    /// What a request means.
    pub(super) fn of(request: PublicationRequest) -> Result<Self, Refusal> {
        let chosen = match (request.draft, request.publication) {
            (Some(draft), None) => Chosen::Draft(draft.id.into(), draft.revision),
            (None, Some(number)) => Chosen::Publication(number),
            _ => {
                return Err(Refusal::from(Reason {
                    code: Code::InvalidRequest,
                    message: "expected either a draft or the number of a publication".to_owned(),
                    subject: Some("draft".to_owned()),
                    until_ms: None,
                }));
            }
        };
        Ok(Self { chosen, replaces: request.replaces, note: request.note, from: request.from_ms })
    }
}

/// What is found out about a catalog before it is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// What is wrong with it: without, it can be published.
    pub mistakes: Vec<Mistake>,
    /// What is otherwise than in the catalog in force.
    pub differences: Vec<Difference>,
}

impl Faucet {
    /// The catalog in force with its publication.
    pub async fn live_catalog(&self) -> Result<LiveCatalog, Refusal> {
        self.counted(self.inner.live_catalog().await)
    }

    /// Publications, the newest first.
    pub async fn publications(&self) -> Result<Publications, Refusal> {
        self.counted(self.inner.publications().await)
    }

    /// The catalog of a publication.
    pub async fn published_catalog(&self, number: u64) -> Result<Catalog, Refusal> {
        self.counted(self.inner.published(number).await)
    }

    /// All drafts.
    pub async fn drafts(&self) -> Result<Vec<Draft>, Refusal> {
        self.counted(self.inner.all_stored("".into()).await)
    }

    /// A draft.
    pub async fn draft(&self, id: &str) -> Result<Draft, Refusal> {
        self.counted(self.inner.draft(id).await)
    }

    /// Keeps a draft, new or changed.
    pub async fn keep_draft(&self, who: Operator, keep: KeepDraft) -> Result<Draft, Refusal> {
        self.counted(match self.inner.operate(who, Change::KeepDraft(keep)).await {
            Ok(Answer::DraftKept(draft)) => Ok(*draft),
            Ok(_) => Err(Code::Internal.into()),
            Err(refusal) => Err(refusal),
        })
    }

    /// Drops a draft.
    pub async fn drop_draft(&self, who: Operator, id: Arc<str>, revision: u64) -> Result<(), Refusal> {
        self.counted(self.inner.operate(who, Change::DropDraft { id, revision }).await.map(drop))
    }

    /// Finds out what is wrong with a catalog, and how it differs from the one in force.
    pub async fn check_catalog(&self, catalog: &Catalog) -> Result<Checked, Refusal> {
        self.counted(self.inner.check(catalog, None).await)
    }

    /// Simulates a catalog, and the one in force for comparison where they differ. One at a time: others are told to come
    /// again.
    pub async fn simulate(&self, catalog: Catalog, settings: simulate::Settings) -> Result<Report, Refusal> {
        self.counted(self.inner.simulate(catalog, settings).await)
    }

    /// Publishes a draft, or once more what was in force before; where that raises budgets by more than one operator may alone,
    /// it is proposed.
    pub async fn publish(
        &self,
        who: Operator,
        request: PublicationRequest,
    ) -> Result<Acted<Publication>, Refusal> {
        let second = self.inner.asks(ProposedAction::Publish { request: request.clone() });
        self.counted(self.publish_uncounted(who, request, second).await)
    }

    /// Cancels a publication that waits.
    pub async fn cancel_publication(&self, who: Operator, number: u64) -> Result<Publication, Refusal> {
        let answer = self.inner.operate(who, Change::CancelPublication { number }).await;
        let now = self.inner.edge.now();
        self.counted(match answer {
            Ok(Answer::Published { publication, .. }) => Ok(publication.view(0, now)),
            Ok(_) => Err(Code::Internal.into()),
            Err(refusal) => Err(refusal),
        })
    }

    /// Takes what a file says into force that the catalog is pinned to.
    pub async fn pin(&self, catalog: Catalog, note: String) -> Result<(), Refusal> {
        if catalog.asset != self.inner.in_force().catalog.asset {
            return Err(Refusal::new(Code::CatalogInvalid, "asset: another one comes into force by a start"));
        }
        without(self.inner.check(&catalog, None).await?.mistakes)?;
        let adopt = Change::Adopt(Adopt { catalog: Arc::new(catalog), seen: None, note });
        self.inner.operate(Operator { by: By::File, from: None, session: None }, adopt).await?;
        self.follow().await.map(drop)
    }

    /// Takes into force what was published, if its time has come. To be called every second. Tells whether anything has
    /// changed.
    pub async fn follow(&self) -> Result<bool, Refusal> {
        // One after the other: what one has read must not come into force behind what another one has.
        let _following = self.inner.following.lock().await;
        let now = self.inner.edge.now();
        // Before all that may fail: what is stopped is stopped, whatever was published meanwhile.
        let stopped: BTreeSet<String> = self.inner.stopped_by_operators().await?.into_keys().collect();
        let is_changed = self.follow_stops(self.inner.in_force(), stopped.clone()).await?;
        let sites = self.follow_sites(self.inner.in_force()).await;
        // What cannot be read of sites holds up neither catalogs nor their money.
        let published = self.follow_publications(stopped, now).await;
        Ok(published? | sites? | is_changed)
    }

    /// Takes into force the catalog that was published last, if its time has come, and funds its campaigns. Tells whether it is another one.
    async fn follow_publications(&self, stopped: BTreeSet<String>, now: Timestamp) -> Result<bool, Refusal> {
        let in_force = self.inner.in_force();
        // Also an older one: what came too early by a clock that was wrong goes back.
        let from = publication_id(in_force.publication.saturating_sub(BEFORE_MAX));
        let records: Vec<PublicationRecord> = self.inner.all_stored(from).await?;
        let Some(live) = operate::live(&records, now) else { return Ok(false) };
        let (number, version) = (live.number, live.version);
        if number == in_force.publication {
            self.fund(&in_force.catalog, now).await?;
            self.inner.look_for_used_up(&in_force, now).await?;
            return Ok(false);
        }
        let catalog = self.inner.catalog_of(version).await?;
        if catalog.asset != in_force.catalog.asset {
            tracing::error!(number, "the catalog that was published is of another asset: it needs a start");
            return Err(Code::CatalogInvalid.into());
        }
        let simulated = spawn_blocking(move || (simulate::typical_hour(&catalog), catalog)).await;
        let (typical_hour, catalog) = simulated.map_err(|_| Code::Internal)?;
        let next = Arc::new(in_force.with_catalog(catalog, number, typical_hour).with_stopped(stopped));
        super::warn_of_unknown_stops(&next);
        self.inner.writer.take_into_force(next, now).await?;
        self.inner.funded(now);
        tracing::info!(publication = number, catalog = %version, "another catalog is in force");
        Ok(true)
    }

    /// Moves the budgets of campaigns that have come into another stage since they were looked at last: those that have started
    /// are funded, and those that are over return what they have left.
    async fn fund(&self, catalog: &Catalog, now: Timestamp) -> Result<(), Refusal> {
        let last = *self.inner.funded_at.lock().unwrap_or_else(PoisonError::into_inner);
        let turned: Vec<&Campaign> =
            catalog.campaigns.iter().filter(|it| it.stage(now) != it.stage(last)).collect();
        if turned.is_empty() {
            return Ok(());
        }
        self.inner.writer.fund(now).await?;
        for campaign in turned {
            let (id, stage) = (&campaign.id, campaign.stage(now).as_str());
            tracing::info!(campaign = id, stage, "a campaign has come into another stage");
        }
        self.inner.funded(now);
        Ok(())
    }

    /// Takes what operators have stopped into force, if that is otherwise by now.
    async fn follow_stops(&self, in_force: Arc<InForce>, stopped: BTreeSet<String>) -> Result<bool, Refusal> {
        if in_force.stopped == in_force.stopped_by_file.union(&stopped).cloned().collect() {
            return Ok(false);
        }
        let (number, typical_hour) = (in_force.publication, in_force.typical_hour);
        let next = in_force.with_catalog(in_force.catalog.clone(), number, typical_hour);
        let next = next.with_stopped(stopped);
        let now_stopped = next.stopped.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        self.inner.writer.take_into_force(Arc::new(next), self.inner.edge.now()).await?;
        tracing::warn!(stopped = now_stopped, "what is stopped has changed");
        Ok(true)
    }

    pub(super) async fn publish_uncounted(
        &self,
        who: Operator,
        request: PublicationRequest,
        second: Second,
    ) -> Result<Acted<Publication>, Refusal> {
        let publishing = Publishing::of(request)?;
        if self.inner.is_pinned {
            return Err(Code::CatalogPinned.into());
        }
        // What this server has in force is what the decision compares with.
        self.follow().await?;
        let Publishing { chosen, replaces, note, from } = publishing;
        let (catalog, draft) = match chosen {
            Chosen::Draft(id, revision) => {
                let draft = self.inner.draft(&id).await?;
                if draft.revision != revision {
                    return Err(operate::draft_changed(&draft));
                }
                (draft.catalog, Some((id, revision)))
            }
            Chosen::Publication(number) => (self.inner.published(number).await?, None),
        };
        without(self.inner.check(&catalog, from).await?.mistakes)?;
        let publish = Publish { catalog: Arc::new(catalog), replaces, note, from, draft };
        match self.inner.operate_with(who, Change::Publish(publish), second).await? {
            Answer::Published { publication, .. } => {
                self.follow().await?;
                let live = self.inner.in_force().publication;
                Ok(Acted::Done(publication.view(live, self.inner.edge.now())))
            }
            Answer::Proposed(record) => Ok(Acted::proposed(&record, self.inner.edge.now())),
            _ => Err(Code::Internal.into()),
        }
    }
}

impl Inner {
    /// Notes that the budgets of campaigns were as they are to be at this moment.
    fn funded(&self, at: Timestamp) {
        *self.funded_at.lock().unwrap_or_else(PoisonError::into_inner) = at;
    }

    /// Looks which campaigns have ended because of their budgets; nothing is read where none can.
    async fn look_for_used_up(&self, in_force: &Arc<InForce>, now: Timestamp) -> Result<(), Refusal> {
        let may_end = |it: &Campaign| it.is_dated() && it.stage(now) == CampaignStage::Running;
        let mut used_up = BTreeSet::new();
        if in_force.catalog.campaigns.iter().any(may_end) {
            let read = |reader: &mut BoxedReader| reader.shared().map_err(unreadable);
            let left = self.readers.run(read).await??.campaigns;
            for campaign in in_force.catalog.campaigns.iter().filter(|it| may_end(it)) {
                let key = (Arc::clone(&in_force.asset), Arc::from(campaign.id.as_str()));
                let left = left.get(&key).copied().unwrap_or(Amount::ZERO);
                let range = in_force.ranges.get(&campaign.id);
                // A player is sent to it only while whatever they win can be paid.
                if range.is_some_and(|range| left < range.largest || campaign.is_used_up(left, *range)) {
                    used_up.insert(campaign.id.clone());
                }
            }
        }
        *self.used_up.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(used_up);
        Ok(())
    }

    /// Has a change decided and stored.
    pub(super) async fn operate(&self, who: Operator, change: Change) -> Result<Answer, Refusal> {
        self.operate_with(who, change, Second::Unasked).await
    }

    /// Has a change decided and stored that one operator alone may not be allowed.
    pub(super) async fn operate_with(
        &self,
        who: Operator,
        change: Change,
        second: Second,
    ) -> Result<Answer, Refusal> {
        let Operator { by, from, session } = who;
        let operation = Operation { now: self.edge.now(), by, from, session, change, second };
        self.writer.change(Command::Operate(Box::new(operation))).await
    }

    async fn live_catalog(&self) -> Result<LiveCatalog, Refusal> {
        let (in_force, now) = (self.in_force(), self.edge.now());
        let number = in_force.publication;
        let records: Vec<PublicationRecord> = self.all_stored(publication_id(number)).await?;
        let publication = records.iter().find(|record| record.number == number).ok_or(Code::Internal)?;
        let scheduled = records.iter().find(|record| record.is_scheduled(now));
        Ok(LiveCatalog {
            is_pinned: self.is_pinned,
            publication: publication.view(number, now),
            catalog: in_force.catalog.clone(),
            scheduled: scheduled.map(|record| record.view(number, now)),
        })
    }

    async fn publications(&self) -> Result<Publications, Refusal> {
        let (live, now) = (self.in_force().publication, self.edge.now());
        // Cancelled ones are a part of the history, too.
        let records: Vec<PublicationRecord> = self.all_stored("".into()).await?;
        Ok(Publications { publications: records.iter().rev().map(|record| record.view(live, now)).collect() })
    }

    /// The catalog of a publication.
    async fn published(&self, number: u64) -> Result<Catalog, Refusal> {
        let record: PublicationRecord =
            self.stored(&publication_id(number), Code::PublicationUnknown).await?;
        self.catalog_of(record.version).await
    }

    /// What a version of the catalog says.
    async fn catalog_of(&self, version: Hash) -> Result<Catalog, Refusal> {
        let record: CatalogRecord = self.stored(&version.to_string(), Code::Internal).await?;
        Ok(record.catalog)
    }

    async fn draft(&self, id: &str) -> Result<Draft, Refusal> {
        self.stored(id, Code::DraftUnknown).await
    }

    /// What is stored of this kind under an id; refused by `missing` where there is nothing.
    pub(super) async fn stored<T: Stored + Send + 'static>(
        &self,
        id: &str,
        missing: Code,
    ) -> Result<T, Refusal> {
        Ok(self.stored_if_any(id).await?.ok_or(missing)?)
    }

    /// What is stored of this kind under an id, if there is anything.
    pub(super) async fn stored_if_any<T: Stored + Send + 'static>(
        &self,
        id: &str,
    ) -> Result<Option<T>, Refusal> {
        let id: Arc<str> = id.into();
        let read = move |reader: &mut BoxedReader| {
            let found = reader.document(T::KIND, &id).map_err(unreadable)?;
            Document::read_one(found).map_err(Refusal::from)
        };
        self.readers.run(read).await?
    }

    /// All that is stored of this kind under ids from `from` on, in their order.
    pub(super) async fn all_stored<T: Stored + Send + 'static>(
        &self,
        from: Arc<str>,
    ) -> Result<Vec<T>, Refusal> {
        let read = move |reader: &mut BoxedReader| {
            let found = reader.documents(T::KIND, &from, usize::MAX).map_err(unreadable)?;
            Document::read_all(found).map_err(Refusal::from)
        };
        self.readers.run(read).await?
    }

    /// Every rule of the catalog itself, and those that depend on what is in force at once or `from` a moment on.
    async fn check(&self, catalog: &Catalog, from: Option<Timestamp>) -> Result<Checked, Refusal> {
        let in_force = self.in_force();
        let read = |reader: &mut BoxedReader| -> Result<_, Refusal> {
            Ok((reader.shared().map_err(unreadable)?.campaigns, reader.funded().map_err(unreadable)?))
        };
        let (left, funded) = self.readers.run(read).await??;
        let mut mistakes = mistakes(catalog);
        let spent = |id: &str| {
            let key = (Arc::clone(&in_force.asset), Arc::from(id));
            let of = |amounts: &BTreeMap<_, Amount>| amounts.get(&key).copied().unwrap_or(Amount::ZERO);
            let left = of(&left);
            operate::Spent { paid: of(&funded).saturating_sub(left), left }
        };
        let now = self.edge.now();
        let then = from.map_or(now, |from| from.max(now));
        mistakes.extend(operate::mistakes_beside(&in_force.catalog, catalog, spent, then));
        Ok(Checked { mistakes, differences: operate::difference::differences(&in_force.catalog, catalog) })
    }

    async fn simulate(&self, catalog: Catalog, settings: simulate::Settings) -> Result<Report, Refusal> {
        let (rounds, runs, players) = SIMULATED_MAX;
        let fits = (1..=rounds).contains(&settings.rounds)
            && (1..=runs).contains(&settings.runs)
            && (1..=players).contains(&settings.players);
        if !fits {
            let message =
                format!("expected at most {rounds} rounds of each game, {runs} days, {players} players");
            return Err(Refusal::new(Code::InvalidRequest, message));
        }
        without(mistakes(&catalog))?;
        if catalog.campaign(&settings.campaign).is_none() {
            return Err(Code::UnknownCampaign.into());
        }
        let Ok(one) = Arc::clone(&self.simulating).try_acquire_owned() else {
            return Err(crate::faucet::pool::overloaded());
        };
        let in_force = self.in_force();
        // It goes on though whoever asked has gone, and until then there is no other one.
        let simulated = move || {
            let report = report(&in_force, &catalog, &settings);
            drop(one);
            report
        };
        let report = spawn_blocking(simulated).await;
        report.map_err(|_| Code::Internal.into())
    }
}

/// A simulation of a catalog, and of the one in force where that is another and has the campaign.
fn report(in_force: &InForce, catalog: &Catalog, settings: &simulate::Settings) -> Report {
    let simulated = simulate::simulate(catalog, settings);
    let other = &in_force.catalog;
    let is_other = other != catalog && other.campaign(&settings.campaign).is_some();
    let against = is_other.then(|| Against {
        differences: operate::difference::lines(&operate::difference::differences(other, catalog)),
        simulated: simulate::simulate(other, settings),
    });
    Report { settings: settings.asked(), simulated, against }
}

/// Refuses a catalog with mistakes: a reason for each.
fn without(mistakes: Vec<Mistake>) -> Result<(), Refusal> {
    if mistakes.is_empty() { Ok(()) } else { Err(invalid(mistakes)) }
}

/// Every mistake of a catalog by itself.
fn mistakes(catalog: &Catalog) -> Vec<Mistake> {
    catalog.validate().err().into_iter().flatten().map(mistake).collect()
}

fn mistake(error: CatalogError) -> Mistake {
    Mistake { field: error.field, expected: error.expected }
}

/// The refusal of a catalog: a reason for each mistake.
fn invalid(mistakes: Vec<Mistake>) -> Refusal {
    let reason = |it: Mistake| Reason {
        code: Code::CatalogInvalid,
        message: format!("{}: expected {}", it.field, it.expected),
        subject: Some(it.field),
        until_ms: None,
    };
    Refusal {
        reasons: mistakes.into_iter().map(reason).collect(),
        retry_after_ms: None,
        outcome: None,
        open_round: None,
    }
}
