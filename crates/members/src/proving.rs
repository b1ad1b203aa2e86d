//! Proving a claim: the cheapest sufficient set of checks, and the next cheapest where one fails.

use crate::asking::Asking;
use crate::claim::Claim;
use crate::error::Error;
use crate::members::Members;
use crate::model::class::Class;
use crate::model::plan::{self, Goal, Offer, Standing};
use crate::store::checks;
use crate::store::checks::CheckRow;
use crate::verification::CheckAnswer;
use std::collections::BTreeSet;
use types::{Timestamp, UserId};

/// What the providers have proved, and the checks still to be stored.
pub(crate) struct Proof {
    pub(crate) standing: Standing,
    pub(crate) rows: Vec<CheckRow>,
}

/// Which earlier checks count beside those that are made now.
pub(crate) enum Evidence {
    /// The user's own, recent ones: another's would let whoever knows a document number in.
    Own,
    /// All of its customer's: a verified user.
    Customers,
    /// The user's own since a moment, asked under numbers of their own: the identity is to be
    /// checked again.
    Since(Timestamp, String),
}

impl Members {
    /// Raises what is proved of a claim to a class. One check after another, cheapest first: a
    /// wrong claim costs one cheap call.
    ///
    /// # Errors
    /// [`Error::RealNameMismatch`], [`Error::ProviderDown`], [`Error::ClassInsufficient`],
    /// [`Error::LevelInsufficient`]; the checks made until then are stored all the same.
    pub(crate) async fn prove(
        &self,
        user: UserId,
        evidence: Evidence,
        claim: &Claim,
        wanted: Class,
        now: Timestamp,
    ) -> Result<Proof, Error> {
        let goal = self.goal(wanted, now)?;
        let standing = self.known(user, &evidence, claim, now).await?;
        let round = match evidence {
            Evidence::Since(_, round) => round,
            Evidence::Own | Evidence::Customers => String::new(),
        };
        let asking = Asking { user, claim, round: &round, now };
        let mut proof = Proof { standing, rows: Vec::new() };
        match self.raise(&asking, wanted, goal, &mut proof).await {
            Ok(()) => Ok(proof),
            Err(error) => {
                self.keep_checks(proof.rows).await?;
                Err(error)
            }
        }
    }

    /// What a class needs on this day.
    fn goal(&self, class: Class, now: Timestamp) -> Result<Goal, Error> {
        let channels = self.inner.regulation.channels_needed(class, now.date());
        let fault = || Error::fault("no rule of this day establishes class", &class);
        let level = self.inner.config.least_level.of(class);
        Ok(Goal { channels: channels.ok_or_else(fault)?, level })
    }

    /// The highest class that stands on what is proved.
    pub(crate) fn class_of(&self, standing: &Standing, now: Timestamp) -> Option<Class> {
        let reached =
            |class: &Class| self.goal(*class, now).is_ok_and(|goal| standing.reaches(goal));
        Class::ALL.into_iter().rev().find(reached)
    }

    async fn known(
        &self,
        user: UserId,
        evidence: &Evidence,
        claim: &Claim,
        now: Timestamp,
    ) -> Result<Standing, Error> {
        let window = i64::from(self.inner.config.evidence_seconds);
        let (of, since) = match evidence {
            Evidence::Customers => (None, Timestamp::from_micros(0)),
            Evidence::Own => (Some(user), now.plus_seconds(window.saturating_neg())),
            Evidence::Since(moment, _) => (Some(user), *moment),
        };
        Ok(checks::standing(self.db(), &claim.identity, of, since).await?)
    }

    async fn raise(
        &self,
        asking: &Asking<'_>,
        wanted: Class,
        goal: Goal,
        proof: &mut Proof,
    ) -> Result<(), Error> {
        let providers = self.inner.providers.iter().enumerate();
        let inputs = asking.claim.inputs();
        let every: Vec<Offer> =
            providers.flat_map(|(n, provider)| provider.terms().offers(n, &inputs)).collect();
        let mut down = BTreeSet::new();
        'plan: loop {
            let up: Vec<Offer> =
                every.iter().filter(|offer| !down.contains(&offer.provider)).cloned().collect();
            let steps = plan::plan(&up, &proof.standing, goal)
                .map_err(|_| short_of(&every, &proof.standing, wanted, goal))?;
            for step in steps {
                match self.check(asking, &step, &mut proof.rows).await {
                    CheckAnswer::Match { .. } => {
                        proof.standing.add(&step.channel, step.independent, step.level);
                    }
                    CheckAnswer::Mismatch { .. } => return Err(Error::RealNameMismatch),
                    CheckAnswer::Down { .. } => {
                        down.insert(step.provider);
                        continue 'plan;
                    }
                }
            }
            return Ok(());
        }
    }

    pub(crate) async fn keep_checks(&self, rows: Vec<CheckRow>) -> Result<(), Error> {
        if rows.is_empty() {
            return Ok(());
        }
        let unit = self.inner.records.write(move |txn| {
            Box::pin(async move { Ok::<_, Error>(checks::insert(txn, rows).await?) })
        });
        unit.await
    }
}

/// Whether it is the claim that falls short, or the providers that are away.
fn short_of(every: &[Offer], standing: &Standing, wanted: Class, goal: Goal) -> Error {
    match plan::plan(every, standing, goal) {
        Ok(_) => Error::ProviderDown,
        Err(best) if best.count() < goal.channels => {
            Error::ClassInsufficient { wanted, needed: goal.channels, possible: best.count() }
        }
        Err(_) => Error::LevelInsufficient { wanted, needed: goal.level },
    }
}
