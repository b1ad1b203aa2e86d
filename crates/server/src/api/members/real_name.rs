//! `POST /v1/users/{user}/real-name`: verifies a real name and opens the cash account.

use crate::api::Answer;
use crate::app::Site;
use crate::extract::{Caller, Id, StrictJson};
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use members::{CardClaim, Class, IdType, RealNameClaim, RealNameOutcome};
use serde::{Deserialize, Serialize};
use types::{AccountId, Masked, UserId};

/// A bank card offered as evidence.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CardBody {
    number: String,
    /// The phone the bank has for it.
    phone: String,
}

/// Who the user claims to be.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RealNameBody {
    name: String,
    /// `resident_id`, `residence_permit`, `hong_kong_macau_permit`, `taiwan_permit`, `passport`.
    #[schema(value_type = String, example = "resident_id")]
    id_type: IdType,
    id_number: String,
    #[serde(default)]
    cards: Vec<CardBody>,
    /// The class wanted: `I`, `II` or `III`.
    #[schema(value_type = String, example = "I")]
    class: Class,
}

/// A user of the same customer that can authorise a merge.
#[derive(Serialize, utoipa::ToSchema)]
pub struct CandidateBody {
    #[schema(value_type = String)]
    user: UserId,
    /// Masked.
    phone: String,
}

/// What came of it.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum RealNameAnswer {
    /// The user is verified and has its account.
    Verified {
        /// `I`, `II`, `III`.
        #[schema(value_type = String)]
        class: Class,
        /// Its cash account.
        #[schema(value_type = String)]
        account: AccountId,
    },
    /// This person is a customer already: one of these users must authorise the merge.
    MergeRequired {
        /// Who may.
        candidates: Vec<CandidateBody>,
    },
}

/// Verify a user's real name and open its cash account
#[utoipa::path(post, path = "/v1/users/{user}/real-name", tag = "users",
    operation_id = "verify_real_name", security(("merchant" = [])),
    params(("user" = String, Path, description = "The user")), request_body = RealNameBody,
    responses((status = OK, body = RealNameAnswer),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    _: Caller,
    State(site): State<Site>,
    Id(user): Id<UserId>,
    StrictJson(body): StrictJson<RealNameBody>,
) -> Answer<RealNameAnswer> {
    let card = |card: CardBody| CardClaim {
        number: Masked::new(card.number),
        phone: Masked::new(card.phone),
    };
    let claim = RealNameClaim {
        name: Masked::new(body.name),
        id_type: body.id_type,
        id_number: Masked::new(body.id_number),
        cards: body.cards.into_iter().map(card).collect(),
        wanted: body.class,
    };
    Ok(Json(match site.members.verify_real_name(user, claim, site.now()).await? {
        RealNameOutcome::Verified(done) => {
            RealNameAnswer::Verified { class: done.class, account: done.account }
        }
        RealNameOutcome::MergeRequired(users) => {
            let candidate = |c: members::MergeCandidate| CandidateBody {
                user: c.user,
                phone: c.phone.to_string(),
            };
            RealNameAnswer::MergeRequired { candidates: users.into_iter().map(candidate).collect() }
        }
    }))
}
