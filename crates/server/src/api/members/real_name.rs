//! `POST /v1/users/{user}/real-name`: verifies a real name and opens the cash account.

use crate::api::Answer;
use crate::app::Site;
use crate::extract::{Caller, Id, StrictJson};
use crate::problem::{ProblemBody, Refusal};
use axum::Json;
use axum::extract::State;
use members::{
    CardClaim, Class, Further, IdType, MergeCandidate, RealNameClaim, RealNameOutcome, Verified,
};
use serde::{Deserialize, Serialize};
use types::{AccountId, Masked, Problem, ProblemKind, UserId};

/// A bank card offered as evidence.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CardBody {
    number: String,
    /// The phone the bank has for it.
    phone: String,
}

/// What else is offered as evidence; the house asks whom it needs, the cheapest first.
#[derive(Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FurtherBody {
    /// A mobile number in the applicant's name.
    mobile: Option<String>,
    /// The ticket of a live capture of face and document photo, from the provider's own program.
    live_face: Option<String>,
    /// Number of a household at a utility.
    utility_account: Option<String>,
    /// Number of an account at a housing fund.
    housing_fund_account: Option<String>,
    /// Number of a certificate of income tax paid.
    tax_record: Option<String>,
}

impl From<FurtherBody> for Further {
    fn from(body: FurtherBody) -> Self {
        Self {
            mobile: body.mobile.map(Masked::new),
            live_face: body.live_face.map(Masked::new),
            utility_account: body.utility_account.map(Masked::new),
            housing_fund_account: body.housing_fund_account.map(Masked::new),
            tax_record: body.tax_record.map(Masked::new),
        }
    }
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
    #[serde(default)]
    further: FurtherBody,
    /// The class wanted: `I`, `II` or `III`.
    #[schema(value_type = String, example = "I")]
    class: Class,
}

impl From<RealNameBody> for RealNameClaim {
    fn from(body: RealNameBody) -> Self {
        let card = |card: CardBody| CardClaim {
            number: Masked::new(card.number),
            phone: Masked::new(card.phone),
        };
        Self {
            name: Masked::new(body.name),
            id_type: body.id_type,
            id_number: Masked::new(body.id_number),
            cards: body.cards.into_iter().map(card).collect(),
            further: body.further.into(),
            wanted: body.class,
        }
    }
}

/// A user whose real name stands.
#[derive(Serialize, utoipa::ToSchema)]
pub struct VerifiedBody {
    /// The class reached: `I`, `II`, `III`.
    #[schema(value_type = String)]
    class: Class,
    /// Its cash account.
    #[schema(value_type = String)]
    account: AccountId,
}

impl From<Verified> for VerifiedBody {
    fn from(verified: Verified) -> Self {
        Self { class: verified.class, account: verified.account }
    }
}

/// A user whose payment password can authorise the merge.
#[derive(Serialize, utoipa::ToSchema)]
pub struct CandidateBody {
    #[schema(value_type = String)]
    user: UserId,
    /// Masked.
    #[schema(example = "138******00")]
    phone: String,
}

impl From<MergeCandidate> for CandidateBody {
    fn from(candidate: MergeCandidate) -> Self {
        Self { user: candidate.user, phone: candidate.phone.to_string() }
    }
}

/// The refusal `customer_exists_merge_required`, with who can authorise what is to be done.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the problem that `merge_required` makes")]
pub struct MergeRequiredBody {
    #[serde(flatten)]
    problem: ProblemBody,
    /// Users of that customer.
    candidates: Vec<CandidateBody>,
}

/// Says what to do, and who can do it. The providers have confirmed the claim by now, so only who
/// passes for that person learns it.
fn merge_required(candidates: Vec<MergeCandidate>) -> Refusal {
    let problem = Problem::new(
        ProblemKind::Conflict,
        "customer_exists_merge_required",
        "this person is a customer already: send the claim to /v1/users/{user}/merge with the \
         payment password of one of the candidates",
        "该身份已是本机构客户：请将同一身份信息连同任一候选用户的支付密码提交至 /v1/users/{user}/merge",
    );
    let candidates: Vec<_> = candidates.into_iter().map(CandidateBody::from).collect();
    Refusal::from(problem).with("candidates", &candidates)
}

/// Verify a user's real name and open its cash account
#[utoipa::path(post, path = "/v1/users/{user}/real-name", tag = "users",
    operation_id = "verify_real_name", security(("merchant" = [])),
    params(("user" = String, Path, description = "The user")), request_body = RealNameBody,
    responses((status = OK, body = VerifiedBody),
        (status = CONFLICT, body = MergeRequiredBody, content_type = "application/problem+json",
            description = "`customer_exists_merge_required`: go on at `/v1/users/{user}/merge`; \
                `already_verified` (without candidates): the user is somebody else"),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    _: Caller,
    State(site): State<Site>,
    Id(user): Id<UserId>,
    StrictJson(body): StrictJson<RealNameBody>,
) -> Answer<VerifiedBody> {
    match site.members.verify_real_name(user, body.into(), site.now()).await? {
        RealNameOutcome::Verified(verified) => Ok(Json(verified.into())),
        RealNameOutcome::MergeRequired(candidates) => Err(merge_required(candidates)),
    }
}
