//! Asking providers until a claim is proved: the cheapest sufficient set, failing over.

use crate::claim::Claim;
use crate::error::Error;
use crate::members::Members;
use crate::model::class::Class;
use crate::model::plan::{self, Offer, Step};
use crate::store::checks::CheckRow;
use crate::store::{checks, place};
use crate::verification::{CheckAnswer, CheckRequest};
use std::collections::BTreeSet;
use types::{Masked, Timestamp, UserId};

/// What the providers have proved, and the checks still to be stored.
pub(crate) struct Proof {
    pub(crate) channels: BTreeSet<String>,
    pub(crate) rows: Vec<CheckRow>,
    /// What sets the numbers of these checks apart from those of the same checks made before.
    round: String,
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
    /// [`Error::RealNameMismatch`], [`Error::ProviderDown`], [`Error::ClassInsufficient`]; the
    /// checks made until then are stored all the same.
    pub(crate) async fn prove(
        &self,
        user: UserId,
        evidence: Evidence,
        claim: &Claim,
        wanted: Class,
        now: Timestamp,
    ) -> Result<Proof, Error> {
        let needed = self.channels_needed(wanted, now)?;
        let channels = self.known_channels(user, &evidence, claim, now).await?;
        let round = match evidence {
            Evidence::Since(_, round) => round,
            Evidence::Own | Evidence::Customers => String::new(),
        };
        let mut proof = Proof { channels, rows: Vec::new(), round };
        match self.ask(user, claim, wanted, needed, &mut proof, now).await {
            Ok(()) => Ok(proof),
            Err(error) => {
                self.keep_checks(proof.rows).await?;
                Err(error)
            }
        }
    }

    pub(crate) fn channels_needed(&self, class: Class, now: Timestamp) -> Result<u32, Error> {
        let needed = self.inner.regulation.channels_needed(class, now.date());
        needed.ok_or_else(|| Error::fault("no rule of this day establishes class", &class))
    }

    /// The highest class that this many channels establish.
    pub(crate) fn class_of(&self, channels: usize, now: Timestamp) -> Option<Class> {
        let have = u32::try_from(channels).unwrap_or(u32::MAX);
        let date = now.date();
        let reached = |class: &Class| {
            self.inner.regulation.channels_needed(*class, date).is_some_and(|n| n <= have)
        };
        Class::ALL.into_iter().rev().find(reached)
    }

    async fn known_channels(
        &self,
        user: UserId,
        evidence: &Evidence,
        claim: &Claim,
        now: Timestamp,
    ) -> Result<BTreeSet<String>, Error> {
        let window = i64::from(self.inner.config.evidence_seconds);
        let (of, since) = match evidence {
            Evidence::Customers => (None, Timestamp::from_micros(0)),
            Evidence::Own => (Some(user), now.plus_seconds(window.saturating_neg())),
            Evidence::Since(moment, _) => (Some(user), *moment),
        };
        Ok(checks::channels(self.db(), &claim.identity, of, since).await?)
    }

    async fn ask(
        &self,
        user: UserId,
        claim: &Claim,
        wanted: Class,
        needed: u32,
        proof: &mut Proof,
        now: Timestamp,
    ) -> Result<(), Error> {
        let mut offers: Vec<Offer> =
            self.inner.providers.iter().map(|p| offer(p.terms())).collect();
        let cards: Vec<String> = claim.cards.iter().map(|(issuer, _)| issuer.clone()).collect();
        'plan: loop {
            let steps =
                plan::plan(&offers, &cards, &proof.channels, needed).map_err(|possible| {
                    short_of(&offers, &cards, &proof.channels, wanted, needed, possible)
                })?;
            for step in steps {
                let (row, answer) = self.check(user, claim, &step, &proof.round, now).await;
                proof.rows.extend(row);
                match answer {
                    CheckAnswer::Match { .. } => {
                        proof.channels.insert(step.channel);
                    }
                    CheckAnswer::Mismatch { .. } => return Err(Error::RealNameMismatch),
                    CheckAnswer::Down { why } => {
                        if let Some(offer) = offers.get_mut(step.provider) {
                            offer.up = false;
                        }
                        tracing::warn!(
                            provider = step.provider,
                            why,
                            "a verification provider does not answer"
                        );
                        continue 'plan;
                    }
                }
            }
            return Ok(());
        }
    }

    async fn check(
        &self,
        user: UserId,
        claim: &Claim,
        step: &Step,
        round: &str,
        now: Timestamp,
    ) -> (Option<CheckRow>, CheckAnswer) {
        let Some(provider) = self.inner.providers.get(step.provider) else {
            return (None, CheckAnswer::Down { why: "no such provider".to_owned() });
        };
        let card = step.card.and_then(|index| claim.cards.get(index)).map(|(_, card)| card);
        let card_of = card.map(|c| (&c.number, &c.phone));
        let request_no = self.request_no(user, claim, step, card_of, round);
        let request = CheckRequest {
            request_no: request_no.clone(),
            name: claim.name.clone(),
            id_type: claim.id.id_type,
            id_number: claim.id.number.clone(),
            card: card.map(|c| (c.number.clone(), c.phone.clone())),
            at: now,
        };
        let terms = provider.terms();
        let answer = provider.check(&request).await;
        let (matched, reference) = match &answer {
            CheckAnswer::Match { reference } => (Some(true), reference),
            CheckAnswer::Mismatch { reference } => (Some(false), reference),
            CheckAnswer::Down { why } => (None, why),
        };
        let evidence = serde_json::json!({
            "provider": terms.code, "reference": reference, "matched": matched, "at": now,
        });
        let place = place("check.evidence", &request_no);
        let random = self.inner.random.as_ref();
        let row = CheckRow {
            user,
            identity: claim.identity,
            channel: step.channel.clone(),
            provider: terms.code.clone(),
            // Nothing is owed for a call that was not answered.
            price: if matched.is_some() { terms.price.signed() } else { 0 },
            matched,
            evidence: self.inner.secrets.seal(evidence.to_string().as_bytes(), &place, random),
            at: now,
            request_no,
        };
        (Some(row), answer)
    }

    /// The same check asked again has the same number, so that the provider answers and charges
    /// it once.
    fn request_no(
        &self,
        user: UserId,
        claim: &Claim,
        step: &Step,
        card: Option<(&Masked, &Masked)>,
        round: &str,
    ) -> String {
        let mut value = claim.identity.to_vec();
        let (number, phone) = card.map_or(("", ""), |(n, p)| (n.expose(), p.expose()));
        for part in [&user.to_string(), &step.channel, number, phone] {
            value.push(b'\n');
            value.extend_from_slice(part.as_bytes());
        }
        if !round.is_empty() {
            value.push(b'\n');
            value.extend_from_slice(round.as_bytes());
        }
        let digest = self.inner.secrets.blind_index("check", &value);
        format!("chk_{}", hex::encode(digest.get(..16).unwrap_or_default()))
    }

    async fn keep_checks(&self, rows: Vec<CheckRow>) -> Result<(), Error> {
        if rows.is_empty() {
            return Ok(());
        }
        let unit = self.inner.records.write(move |txn| {
            Box::pin(async move { Ok::<_, Error>(checks::insert(txn, rows).await?) })
        });
        unit.await
    }
}

fn offer(terms: &crate::verification::ProviderTerms) -> Offer {
    Offer {
        checks: terms.checks,
        price: terms.price.minor(),
        latency_ms: terms.latency_ms,
        up: true,
    }
}

/// Whether it is the claim that falls short, or the providers that are away.
fn short_of(
    offers: &[Offer],
    cards: &[String],
    known: &BTreeSet<String>,
    wanted: Class,
    needed: u32,
    possible: u32,
) -> Error {
    let all_up: Vec<Offer> = offers.iter().map(|o| Offer { up: true, ..o.clone() }).collect();
    match plan::plan(&all_up, cards, known, needed) {
        Ok(_) => Error::ProviderDown,
        Err(at_best) => {
            Error::ClassInsufficient { wanted, needed, possible: at_best.max(possible) }
        }
    }
}
