//! Asking one provider for one check: tries, pauses, and what is kept of each call.

use crate::claim::Claim;
use crate::members::Members;
use crate::model::plan::Offer;
use crate::store::checks::CheckRow;
use crate::store::place;
use crate::verification::{CheckAnswer, CheckRequest, Need, ProviderTerms};
use std::collections::BTreeMap;
use types::{Masked, Timestamp, UserId};

/// Whose claim is checked, and when.
pub(crate) struct Asking<'a> {
    pub(crate) user: UserId,
    pub(crate) claim: &'a Claim,
    /// What sets the numbers of these checks apart from those of the same checks made before.
    pub(crate) round: &'a str,
    pub(crate) now: Timestamp,
}

impl Members {
    /// Makes one check, trying again as agreed while there is no answer; adds a row for each call.
    pub(crate) async fn check(
        &self,
        asking: &Asking<'_>,
        step: &Offer,
        rows: &mut Vec<CheckRow>,
    ) -> CheckAnswer {
        let Some(provider) = self.inner.providers.get(step.provider) else {
            return CheckAnswer::Down { why: "no such provider".to_owned() };
        };
        let terms = provider.terms();
        let facts = asking.claim.facts(&terms.needs, step.card);
        let request_no = self.request_no(asking, step, &facts);
        let (id_type, at) = (asking.claim.id.id_type, asking.now);
        let request = CheckRequest { request_no, id_type, facts, at };
        let mut answer = CheckAnswer::Down { why: "it was not asked".to_owned() };
        for number in 0..terms.tries {
            if number > 0 {
                tokio::time::sleep(terms.pause(number)).await;
            }
            answer = provider.check(&request).await;
            rows.push(self.row(asking, step, terms, &request.request_no, &answer));
            match &answer {
                CheckAnswer::Down { why } => {
                    let provider = &terms.code;
                    tracing::warn!(
                        provider,
                        number,
                        why,
                        "a verification provider does not answer"
                    );
                }
                CheckAnswer::Match { .. } | CheckAnswer::Mismatch { .. } => break,
            }
        }
        answer
    }

    /// What is kept of a call. One that was not answered has a number of its own, so that each
    /// stays beside the answer that came at last.
    fn row(
        &self,
        asking: &Asking<'_>,
        step: &Offer,
        terms: &ProviderTerms,
        request_no: &str,
        answer: &CheckAnswer,
    ) -> CheckRow {
        let (matched, reference) = match answer {
            CheckAnswer::Match { reference } => (Some(true), reference),
            CheckAnswer::Mismatch { reference } => (Some(false), reference),
            CheckAnswer::Down { why } => (None, why),
        };
        let request_no = match matched {
            Some(_) => request_no.to_owned(),
            None => format!("{request_no}.{}", hex::encode(self.random_bytes::<8>())),
        };
        let evidence = serde_json::json!({
            "provider": terms.code, "reference": reference, "matched": matched, "at": asking.now,
        });
        let place = place("check.evidence", &request_no);
        let random = self.inner.random.as_ref();
        CheckRow {
            user: asking.user,
            identity: asking.claim.identity,
            channel: step.channel.clone(),
            independent: step.independent,
            level: step.level,
            provider: terms.code.clone(),
            price: if matched.is_some() || terms.charges_unanswered {
                terms.price.signed()
            } else {
                0
            },
            matched,
            evidence: self.inner.secrets.seal(evidence.to_string().as_bytes(), &place, random),
            at: asking.now,
            request_no,
        }
    }

    /// The same check asked again has the same number, so that the provider answers and charges
    /// it once.
    fn request_no(
        &self,
        asking: &Asking<'_>,
        step: &Offer,
        facts: &BTreeMap<Need, Masked>,
    ) -> String {
        let mut value = asking.claim.identity.to_vec();
        let (user, round) = (asking.user.to_string(), asking.round);
        let told = facts.iter().flat_map(|(need, fact)| [need.code(), fact.expose()]);
        // A line break is in none of them, so they cannot run into one another.
        for part in [user.as_str(), step.channel.as_str(), round].into_iter().chain(told) {
            value.push(b'\n');
            value.extend_from_slice(part.as_bytes());
        }
        let digest = self.inner.secrets.blind_index("check", &value);
        format!("chk_{}", hex::encode(digest.get(..16).unwrap_or_default()))
    }
}
