//! One input, one step. Every pair that is not in the match is a refusal.

use serde_json::json;

use super::{Effect, Error, Input, Scanner, Session, State, Step};
use crate::authorize::Response;
use crate::code::{Grant, Record};
use crate::limits::{CHECK_SECONDS, CONTINUE_SECONDS};
use crate::policy::{Proof, Reason};
use crate::provider::Provider;
use crate::secret::{self, Entropy, Fingerprint, Private};
use crate::subject;

impl Session {
    /// When the state ends by itself, Unix seconds.
    ///
    /// A presentation that came in time is still checked, and a browser whose proof was verified
    /// in time may still move on.
    #[must_use]
    pub fn deadline(&self) -> u64 {
        match &self.state {
            State::AwaitingCheck { since, .. } => {
                self.expires_at.max(since.saturating_add(CHECK_SECONDS))
            }
            State::Verified { at, .. } => self.expires_at.max(at.saturating_add(CONTINUE_SECONDS)),
            State::AwaitingScan {}
            | State::AwaitingPresentation { .. }
            | State::Completed { .. }
            | State::Refused { .. }
            | State::Expired {} => self.expires_at,
        }
    }

    /// Takes one input. On `Err` nothing has changed.
    pub fn step(self, input: Input, provider: &Provider, now: u64) -> Result<Step, Error> {
        // 403 before anything else: another browser does not even learn the state.
        if let Input::Continued { cookie, .. } | Input::Cancelled { cookie } = &input {
            self.check_browser(cookie)?;
        }
        let is_late = now >= self.deadline();
        match (&self.state, input) {
            (state, input) if state.is_over() => Err(unexpected(state, &input)),
            (_, Input::TimedOut) if is_late => Ok(self.end(State::Expired {})),
            (_, Input::TimedOut) => Err(Error::Misuse("the deadline has not passed")),
            (_, _) if is_late => Err(Error::Expired),
            (
                State::AwaitingScan {} | State::AwaitingPresentation { .. },
                Input::Scanned(scanner),
            ) => self.scanned(scanner),
            (
                State::AwaitingScan {} | State::AwaitingPresentation { .. },
                Input::Presented { thid, wallet, presentation },
            ) => {
                self.check_sender(&thid, &wallet)?;
                let check = Effect::Check {
                    presentation: Private(presentation),
                    challenge: self.challenge.clone(),
                    domain: self.domain.clone(),
                    policy: self.request.policy.clone(),
                };
                Ok(self.to(State::AwaitingCheck { wallet, since: now }, [check]))
            }
            (
                State::AwaitingScan {} | State::AwaitingPresentation { .. },
                Input::Declined { thid, wallet },
            ) => {
                self.check_sender(&thid, &wallet)?;
                Ok(self.end(State::Refused { reason: Reason::Declined }))
            }
            (State::AwaitingCheck { .. }, Input::Verified(proof)) => Ok(self.verified(proof, now)),
            (State::AwaitingCheck { .. }, Input::Failed(reason)) => {
                Ok(self.end(State::Refused { reason }))
            }
            (State::Verified { proof, at }, Input::Continued { entropy, .. }) => {
                let (proof, at) = (proof.clone(), *at);
                Ok(self.complete(*proof, at, &entropy, provider, now))
            }
            (_, Input::Cancelled { .. }) => Ok(self.refuse(Reason::Cancelled, provider)),
            (state, input) => Err(unexpected(state, &input)),
        }
    }

    /// The error for the relying party of a session that failed, for the browser that asked.
    ///
    /// May be asked for again and again: it says no more than that it failed.
    pub fn failure(&self, cookie: &str, provider: &Provider) -> Result<Response, Error> {
        self.check_browser(cookie)?;
        let state = self.state.name();
        let reason = self.state.reason().ok_or(Error::Unexpected { input: "left", state })?;
        Ok(self.request.reply.refuse(provider, reason.code()))
    }

    /// One scan binds; the same scanner may come again, and a device may show its key.
    fn scanned(self, scanner: Scanner) -> Result<Step, Error> {
        match (self.scanner(), &scanner) {
            (None, _) | (Some(Scanner::Device(_)), Scanner::Wallet(_)) => {}
            (Some(first), second) if first == second => {}
            (Some(_), _) => return Err(Error::OtherWallet),
        }
        Ok(self.to(State::AwaitingPresentation { scanner }, []))
    }

    /// A key that scanned is the key that must answer. A device that fetched the short URL has
    /// shown no key: then the first answer binds.
    fn check_sender(&self, thid: &str, wallet: &str) -> Result<(), Error> {
        if thid != self.thid {
            return Err(Error::WrongThread);
        }
        match self.scanner() {
            Some(Scanner::Wallet(first)) if first != wallet => Err(Error::OtherWallet),
            Some(Scanner::Wallet(_) | Scanner::Device(_)) | None => Ok(()),
        }
    }

    fn scanner(&self) -> Option<&Scanner> {
        match &self.state {
            State::AwaitingPresentation { scanner } => Some(scanner),
            State::AwaitingScan {}
            | State::AwaitingCheck { .. }
            | State::Verified { .. }
            | State::Completed { .. }
            | State::Refused { .. }
            | State::Expired {} => None,
        }
    }

    fn check_browser(&self, cookie: &str) -> Result<(), Error> {
        match self.is_of_browser(cookie) {
            true => Ok(()),
            false => Err(Error::WrongBrowser),
        }
    }

    /// The proof must be of this session and this policy, whatever the checker looked at.
    fn verified(self, proof: Box<Proof>, now: u64) -> Step {
        let is_ours = proof.challenge == self.challenge
            && proof.domain == self.domain
            && proof.policy == self.request.policy;
        match is_ours {
            true => self.to(State::Verified { proof, at: now }, []),
            false => self.end(State::Refused { reason: Reason::OtherSession }),
        }
    }

    fn complete(
        self,
        proof: Proof,
        at: u64,
        entropy: &Entropy,
        provider: &Provider,
        now: u64,
    ) -> Step {
        let grant = self.grant(proof, at, provider);
        if self.request.expected_sub.as_ref().is_some_and(|sub| *sub != grant.sub) {
            return self.refuse(Reason::OtherUser, provider);
        }
        let code = secret::text(entropy);
        let record = Record::new(
            self.request.client_id.clone(),
            self.request.reply.redirect_uri.clone(),
            self.request.code_challenge.clone(),
            grant,
            now,
        );
        let store = Effect::StoreCode { code: Fingerprint::of(&code), record: Box::new(record) };
        let state = State::Completed { code: Fingerprint::of(&code) };
        let respond = Effect::Respond(self.request.reply.respond(provider, "code", code));
        let mut step = self.end(state);
        step.effects.extend([store, respond]);
        step
    }

    fn grant(&self, proof: Proof, at: u64, provider: &Provider) -> Grant {
        let stable_id =
            proof.stable_id.0.unwrap_or_else(|| json!(["ephemeral", self.id]).to_string());
        let secret = &provider.subject_secret;
        Grant {
            sub: subject::pairwise(secret, &self.sector, &stable_id),
            sid: subject::session_claim(secret, &self.request.client_id, &self.id),
            nonce: self.request.nonce.clone(),
            scope: self.request.scope.clone(),
            acr: proof.acr,
            auth_time: at,
            policy: proof.policy,
            issuers: proof.issuers,
            types: proof.types,
            claims: proof.claims,
        }
    }

    fn refuse(self, reason: Reason, provider: &Provider) -> Step {
        let response = self.request.reply.refuse(provider, reason.code());
        let mut step = self.end(State::Refused { reason });
        step.effects.push(Effect::Respond(response));
        step
    }

    fn end(self, state: State) -> Step {
        let invitation_id = self.invitation_id.clone();
        self.to(state, [Effect::CloseInvitation { invitation_id }])
    }

    fn to<const N: usize>(mut self, state: State, effects: [Effect; N]) -> Step {
        self.state = state;
        Step { session: self, effects: effects.into() }
    }
}

fn unexpected(state: &State, input: &Input) -> Error {
    Error::Unexpected { input: input.name(), state: state.name() }
}
