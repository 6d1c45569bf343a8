//! Verification: the tokens that pages of sites are given, and what the servers of sites learn by them.

use dripline_shared::api::{
    SiteVerifyAnswer, SiteVerifyRequest, VerificationAnswer, VerificationRequest, Verified,
};
use dripline_shared::error::Code;
use dripline_shared::round::{RoundId, RoundToken};

use crate::faucet::{Faucet, Inner, unreadable};
use crate::refusal::Refusal;
use crate::store::command::Verify;
use crate::store::record::RoundFacts;
use crate::store::{Answer, Command};
use crate::verification::{VerificationToken, test_secret, verify};

impl Faucet {
    /// The verification token of a claimed round of a site. The same request gets the same token, and nothing is stored.
    pub async fn verification(
        &self,
        round: RoundId,
        token: Option<RoundToken>,
        request: VerificationRequest,
    ) -> Result<VerificationAnswer, Refusal> {
        self.counted(self.inner.verification(round, token, request).await)
    }

    /// What a site's server learns of a round by its token: once. That a secret or a token is not good is an answer; a refusal says
    /// that there is none now.
    pub async fn site_verify(&self, request: SiteVerifyRequest) -> Result<SiteVerifyAnswer, Refusal> {
        match self.counted(self.inner.site_verify(request).await) {
            Ok(verified) => {
                Ok(SiteVerifyAnswer { success: true, reasons: Vec::new(), verified: Some(verified) })
            }
            Err(refusal) if verify::is_answer(refusal.code()) => Ok(verify::no(refusal.code())),
            Err(refusal) => Err(refusal),
        }
    }
}

impl Inner {
    async fn verification(
        &self,
        round: RoundId,
        token: Option<RoundToken>,
        request: VerificationRequest,
    ) -> Result<VerificationAnswer, Refusal> {
        self.authorize(round, token).await?;
        let facts = self.facts(round).await?.ok_or(Code::RoundUnknown)?;
        let (in_force, now) = (self.in_force(), self.edge.now());
        let token = verify::token(&in_force, &facts, request, now)?;
        Ok(VerificationAnswer {
            token: token.write(&in_force.keys),
            site: token.site.to_string(),
            mode: token.mode,
            expires_at_ms: token.expires_at(),
            server_time_ms: now,
        })
    }

    /// First all that costs nothing: a guess never comes to the store.
    async fn site_verify(&self, request: SiteVerifyRequest) -> Result<Verified, Refusal> {
        let (in_force, now) = (self.in_force(), self.edge.now());
        let repeatable = verify::repeatable(&request)?;
        if let Some(answer) = test_secret::answer(&in_force, &request.secret, &request.token, now) {
            return answer.map_err(Refusal::from);
        }
        let site = in_force.site_of_secret(&request.secret, now).ok_or(Code::SecretUnknown)?;
        let token = VerificationToken::read(&request.token, &in_force.keys).ok_or(Code::TokenUnknown)?;
        verify::of_site(&token, site)?;
        let facts = self.facts(token.round).await?.ok_or(Code::TokenUnknown)?;
        let command = Verify { now, round: token.round, expires_at: token.expires_at(), request: repeatable };
        // What is answered already needs no turn of the writer's. What is not may be, by the time of its turn.
        if !verify::before(&facts.record, &command)? {
            match self.writer.change(Command::Verify(Box::new(command))).await? {
                Answer::Verified { .. } => {}
                _ => return Err(Code::Internal.into()),
            }
        }
        Ok(verify::verified(&facts, token)?)
    }

    async fn facts(&self, round: RoundId) -> Result<Option<RoundFacts>, Refusal> {
        self.readers.run(move |reader| reader.round(round).map_err(unreadable)).await?
    }
}
