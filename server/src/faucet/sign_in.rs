//! Signing in: what passkeys are asked and answer, sessions, and who is asked for by one.
//!
//! A session and its operator are looked up in the store at each request: one that was ended by any server is over everywhere.

use std::sync::Arc;

use dripline_shared::api::access::KeyStage;
use dripline_shared::api::operate::By;
use dripline_shared::api::sign_in::{
    Ceremony as CeremonyView, InvitationAcceptance, InvitationOptions, PasskeyRequest, SessionList,
    SignInRequest,
};
use dripline_shared::error::Code;
use dripline_shared::round::Hash;

use crate::access::ceremony::CEREMONY_KEY_ID;
use crate::access::passkey::{Assertion, Question};
use crate::access::{
    ApiKeyRecord, Ceremony, CeremonyKey, InvitationRecord, OperatorRecord, PasskeyRecord, Purpose,
    SessionRecord, Site, Token, TokenUse, new_id,
};
use crate::edge::Edge;
use crate::faucet::{Faucet, Inner, Operator};
use crate::refusal::Refusal;
use crate::store::command::{Accept, AccessChange, Answer, Change, NewSession, SignIn};

/// What a passkey is called that somebody comes with.
const FIRST_PASSKEY: &str = "first";

/// A session that is open, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenSession {
    /// The session.
    pub session: SessionRecord,
    /// Whose it is.
    pub operator: OperatorRecord,
    /// What the page repeats in each request that changes something.
    pub csrf: Hash,
}

/// A session that begins, and what it is shown by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// What the browser keeps.
    pub token: Token,
    /// The session.
    pub open: OpenSession,
}

/// Whoever was not let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotLetIn {
    /// Why.
    pub refusal: Refusal,
    /// Who that is, where it was their passkey that has answered.
    pub by: Option<Box<By>>,
}

impl From<Refusal> for NotLetIn {
    fn from(refusal: Refusal) -> Self {
        Self { refusal, by: None }
    }
}

impl From<Code> for NotLetIn {
    fn from(code: Code) -> Self {
        Refusal::from(code).into()
    }
}

impl Faucet {
    /// The session that somebody shows, if it is open.
    pub async fn session(&self, token: &Token) -> Result<Option<OpenSession>, Refusal> {
        let now = self.inner.edge.now();
        let session = self.inner.stored_if_any::<SessionRecord>(&token.id()).await?;
        let Some(session) = session.filter(|session| session.is_of(token) && session.is_open(now)) else {
            return Ok(None);
        };
        let operator = self.inner.stored_if_any::<OperatorRecord>(&session.operator).await?;
        let csrf = token.hash(TokenUse::Csrf);
        Ok(operator.map(|operator| OpenSession { session, operator, csrf }))
    }

    /// Notes that a session was used, if that was not noted within the last minute.
    pub async fn note_session_use(&self, who: &Operator, session: &SessionRecord) -> Result<(), Refusal> {
        if !session.is_use_noted(self.inner.edge.now()) {
            return Ok(());
        }
        let change = AccessChange::NoteSessionUse { id: session.id.as_str().into() };
        self.inner.operate(who.clone(), Change::Access(change)).await.map(drop)
    }

    /// What a browser asks passkeys, of whoever wants to sign in.
    pub async fn ask_who(&self, site: &Site) -> Result<CeremonyView, Refusal> {
        let asked = site.ask_who(self.inner.edge.now()).map_err(Refusal::from);
        let asked = match asked {
            Ok(question) => self.inner.sealed(question).await,
            Err(refusal) => Err(refusal),
        };
        self.counted(asked)
    }

    /// Signs somebody in by what a passkey has answered.
    pub async fn sign_in(
        &self,
        from: Option<Arc<str>>,
        site: &Site,
        request: &SignInRequest,
    ) -> Result<SignedIn, NotLetIn> {
        let signed_in = self.inner.sign_in(from, site, request).await;
        self.counted_as_refused(signed_in)
    }

    /// What an invitation is for, and what the browser of whoever has it asks for.
    pub async fn ask_for_first(&self, site: &Site, secret: &str) -> Result<InvitationOptions, Refusal> {
        self.counted(self.inner.ask_for_first(site, secret).await)
    }

    /// Makes an operator of whoever has an invitation, by a passkey that has answered.
    pub async fn accept(
        &self,
        from: Option<Arc<str>>,
        site: &Site,
        acceptance: InvitationAcceptance,
    ) -> Result<SignedIn, Refusal> {
        self.counted(self.inner.accept(from, site, acceptance).await)
    }

    /// What the browser of an operator asks for another passkey.
    pub async fn ask_for_another(&self, site: &Site, open: &OpenSession) -> Result<CeremonyView, Refusal> {
        let operator = &open.operator;
        let purpose = Purpose::Passkey { operator: operator.id.clone() };
        let now = self.inner.edge.now();
        // Before a browser makes a passkey that is not taken.
        if !open.session.is_fresh(now) {
            return self.counted(Err(Code::VerificationNeeded.into()));
        }
        let asked = match site.ask_for_new(&operator.id, &operator.name, &operator.passkeys, purpose, now) {
            Ok(question) => self.inner.sealed(question).await,
            Err(code) => Err(code.into()),
        };
        self.counted(asked)
    }

    /// Adds a passkey of an operator that has answered.
    pub async fn add_passkey(
        &self,
        who: Operator,
        site: &Site,
        operator: &OperatorRecord,
        request: &PasskeyRequest,
    ) -> Result<OperatorRecord, Refusal> {
        self.counted(self.inner.add_passkey(who, site, operator, request).await)
    }

    /// Takes a passkey from an operator.
    pub async fn remove_passkey(
        &self,
        who: Operator,
        operator: Arc<str>,
        passkey: Arc<str>,
    ) -> Result<OperatorRecord, Refusal> {
        let change = AccessChange::RemovePasskey { operator, passkey };
        let answer = self.inner.operate(who, Change::Access(change)).await;
        self.counted(answer.and_then(operator_of))
    }

    /// Sessions that are open, the oldest first: everybody's, or this operator's; `asking` is the one that asks.
    pub async fn sessions(&self, of: Option<&str>, asking: Option<&str>) -> Result<SessionList, Refusal> {
        self.counted(self.inner.sessions(of, asking).await)
    }

    /// Ends a session.
    pub async fn end_session(&self, who: Operator, id: Arc<str>, is_sign_out: bool) -> Result<(), Refusal> {
        let change = AccessChange::EndSession { id, is_sign_out };
        self.counted(self.inner.operate(who, Change::Access(change)).await.map(drop))
    }

    fn counted_as_refused<T>(&self, result: Result<T, NotLetIn>) -> Result<T, NotLetIn> {
        result.inspect_err(|not| self.inner.counters.refusal(not.refusal.code()))
    }
}

impl Inner {
    async fn sign_in(
        &self,
        from: Option<Arc<str>>,
        site: &Site,
        request: &SignInRequest,
    ) -> Result<SignedIn, NotLetIn> {
        let now = self.edge.now();
        let ceremony = self.opened(&request.ceremony, site, &Purpose::SignIn).await?;
        let assertion = Assertion::read(&request.credential)?;
        let operator = self.stored_if_any::<OperatorRecord>(&assertion.operator()).await?;
        let operator = operator.ok_or(Code::SignInRefused)?;
        let passkey = operator.passkey_of(&assertion.credential()).ok_or(Code::SignInRefused)?;
        let after = site.signed_in(&ceremony, &assertion, (&operator.id, passkey), now).map_err(|not| {
            let by = not.is_known.then(|| Box::new(operator.name_of()));
            NotLetIn { refusal: not.refusal, by }
        })?;
        let (token, session) = new_session(&self.edge, site);
        let sign_in = SignIn {
            operator: operator.id.as_str().into(),
            seen: passkey.state.clone(),
            passkey: after,
            answered: ceremony.answered(),
            session,
        };
        let who = Operator { by: operator.name_of(), from, session: None };
        let change = Change::Access(AccessChange::SignIn(Box::new(sign_in)));
        let answer = self.operate(who, change).await;
        answer
            .and_then(|answer| signed_in(token, answer))
            .map_err(|refusal| NotLetIn { refusal, by: Some(Box::new(operator.name_of())) })
    }

    async fn ask_for_first(&self, site: &Site, secret: &str) -> Result<InvitationOptions, Refusal> {
        let now = self.edge.now();
        let invitation = self.invitation(secret).await?;
        let operator = new_id(self.edge.random());
        let purpose = Purpose::Invitation { invitation: invitation.id.clone(), operator: operator.clone() };
        let question = site.ask_for_new(&operator, &invitation.name, &[], purpose, now)?;
        let CeremonyView { ceremony, public_key } = self.sealed(question).await?;
        Ok(InvitationOptions { invitation: invitation.view(), ceremony, public_key })
    }

    async fn accept(
        &self,
        from: Option<Arc<str>>,
        site: &Site,
        acceptance: InvitationAcceptance,
    ) -> Result<SignedIn, Refusal> {
        let now = self.edge.now();
        let invitation = self.invitation(&acceptance.invitation).await?;
        let ceremony = self.opened_any(&acceptance.ceremony, site).await?;
        let Purpose::Invitation { invitation: asked, operator } = &ceremony.purpose else {
            return Err(Code::CeremonyOver.into());
        };
        if *asked != invitation.id {
            return Err(Code::CeremonyOver.into());
        }
        let passkey = self.new_passkey(&ceremony, site, &acceptance.credential, FIRST_PASSKEY)?;
        let (token, session) = new_session(&self.edge, site);
        let name = acceptance.name.as_deref().unwrap_or(&invitation.name).trim().to_owned();
        let by = By::Operator { id: operator.clone(), name };
        let accept = Accept {
            invitation: invitation.id.as_str().into(),
            operator: operator.clone(),
            name: acceptance.name,
            passkey: PasskeyRecord { used_at: Some(now), ..passkey },
            answered: ceremony.answered(),
            session,
        };
        let change = Change::Access(AccessChange::Accept(Box::new(accept)));
        signed_in(token, self.operate(Operator { by, from, session: None }, change).await?)
    }

    async fn add_passkey(
        &self,
        who: Operator,
        site: &Site,
        operator: &OperatorRecord,
        request: &PasskeyRequest,
    ) -> Result<OperatorRecord, Refusal> {
        let purpose = Purpose::Passkey { operator: operator.id.clone() };
        let ceremony = self.opened(&request.ceremony, site, &purpose).await?;
        let passkey = self.new_passkey(&ceremony, site, &request.credential, &request.name)?;
        let change = AccessChange::AddPasskey {
            operator: operator.id.as_str().into(),
            passkey: Box::new(passkey),
            answered: ceremony.answered(),
        };
        operator_of(self.operate(who, Change::Access(change)).await?)
    }

    fn new_passkey(
        &self,
        ceremony: &Ceremony,
        site: &Site,
        credential: &serde_json::Value,
        name: &str,
    ) -> Result<PasskeyRecord, Refusal> {
        let id = new_id(self.edge.random());
        site.new_passkey(ceremony, credential, (id, name), self.edge.now())
    }

    /// The invitation with this secret, if it can be taken.
    async fn invitation(&self, secret: &str) -> Result<InvitationRecord, Refusal> {
        let token: Token = secret.parse().map_err(|_| Code::InvitationWrong)?;
        let found = self.stored_if_any::<InvitationRecord>(&token.id()).await?;
        let now = self.edge.now();
        let invitation = found.filter(|it| it.is_of(&token, now)).ok_or(Code::InvitationWrong)?;
        // That of the first owner is over once anybody has access: a browser need not make a passkey for it.
        if invitation.by == By::Server && !self.is_nobody_there().await? {
            return Err(Code::InvitationWrong.into());
        }
        Ok(invitation)
    }

    async fn is_nobody_there(&self) -> Result<bool, Refusal> {
        let now = self.edge.now();
        let operators: Vec<OperatorRecord> = self.all_stored("".into()).await?;
        let keys: Vec<ApiKeyRecord> = self.all_stored("".into()).await?;
        Ok(operators.is_empty() && keys.iter().all(|key| key.stage(now) != KeyStage::Active))
    }

    async fn sessions(&self, of: Option<&str>, asking: Option<&str>) -> Result<SessionList, Refusal> {
        let now = self.edge.now();
        let operators: Vec<OperatorRecord> = self.all_stored("".into()).await?;
        let mut records: Vec<SessionRecord> = self.all_stored("".into()).await?;
        records.retain(|it| it.is_open(now) && of.is_none_or(|operator| operator == it.operator));
        records.sort_by(|one, other| (one.made_at, &one.id).cmp(&(other.made_at, &other.id)));
        let view = |record: &SessionRecord| {
            let operator = operators.iter().find(|operator| operator.id == record.operator)?;
            Some(record.view(operator, asking))
        };
        Ok(SessionList { sessions: records.iter().filter_map(view).collect() })
    }

    /// A question as it goes out.
    async fn sealed(&self, question: Question) -> Result<CeremonyView, Refusal> {
        let key = self.ceremony_key().await?;
        let ceremony = question.ceremony.seal(&key).ok_or(Code::Internal)?;
        Ok(CeremonyView { ceremony, public_key: question.public_key })
    }

    /// The question of this site that comes back with its answer.
    async fn opened_any(&self, text: &str, site: &Site) -> Result<Ceremony, Refusal> {
        let key = self.ceremony_key().await?;
        let ceremony = Ceremony::open(text, &key, self.edge.now()).ok_or(Code::CeremonyOver)?;
        if ceremony.origin != site.origin() {
            return Err(Code::CeremonyOver.into());
        }
        Ok(ceremony)
    }

    /// The same, where it was asked for this.
    async fn opened(&self, text: &str, site: &Site, purpose: &Purpose) -> Result<Ceremony, Refusal> {
        let ceremony = self.opened_any(text, site).await?;
        if ceremony.purpose == *purpose { Ok(ceremony) } else { Err(Code::CeremonyOver.into()) }
    }

    /// The key under which questions are sealed: the first server that asks one makes it, for all on the same store.
    async fn ceremony_key(&self) -> Result<Hash, Refusal> {
        if let Some(key) = self.ceremony_key.get() {
            return Ok(*key);
        }
        let mut known = self.stored_if_any::<CeremonyKey>(CEREMONY_KEY_ID).await?;
        if known.is_none() {
            let who = Operator { by: By::Server, from: None, session: None };
            let change = AccessChange::KeepCeremonyKey(Hash(self.edge.random()));
            self.operate(who, Change::Access(change)).await?;
            known = self.stored_if_any(CEREMONY_KEY_ID).await?;
        }
        let known = known.ok_or(Code::Internal)?;
        Ok(*self.ceremony_key.get_or_init(|| known.key))
    }
}

/// What a new session is shown by, and how it begins.
fn new_session(edge: &Edge, site: &Site) -> (Token, NewSession) {
    let token = Token::new(edge.random(), edge.random());
    let session =
        NewSession { id: token.id(), hash: token.hash(TokenUse::Session), origin: site.origin().to_owned() };
    (token, session)
}

fn signed_in(token: Token, answer: Answer) -> Result<SignedIn, Refusal> {
    let Answer::SignedIn(begun) = answer else { return Err(Code::Internal.into()) };
    let (operator, session) = *begun;
    let csrf = token.hash(TokenUse::Csrf);
    Ok(SignedIn { token, open: OpenSession { session, operator, csrf } })
}

pub(super) fn operator_of(answer: Answer) -> Result<OperatorRecord, Refusal> {
    match answer {
        Answer::OperatorChanged(record) => Ok(*record),
        _ => Err(Code::Internal.into()),
    }
}
