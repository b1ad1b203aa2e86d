//! On a customer's page: an organisation's merchants and who acts for it, and whose password opens
//! whose orders.

use super::figures::moment;
use super::language::own_path;
use super::see_other;
use crate::app::Site;
use crate::extract::{Id, Maker};
use crate::problem::Refusal;
use axum::Form;
use axum::extract::State;
use axum::response::Response;
use members::{CustomerKind, CustomerView, Merchant};
use serde::Deserialize;
use types::{AccountId, CustomerId, Locale, MerchantId, Problem, ProblemKind, UserId};

/// A merchant of an organisation.
pub(super) struct OwnMerchant {
    pub(super) id: MerchantId,
    pub(super) name: String,
    pub(super) pending: AccountId,
    pub(super) settled: AccountId,
    pub(super) created: String,
}

/// A user who acts for an organisation.
pub(super) struct Acting {
    pub(super) user: UserId,
    pub(super) document: String,
    pub(super) by: String,
    pub(super) at: String,
}

/// A secondary user and its primary.
pub(super) struct Opened {
    pub(super) user: UserId,
    pub(super) primary: UserId,
    pub(super) since: String,
}

/// All of these of one customer.
pub(super) struct Relations {
    pub(super) customer: CustomerId,
    pub(super) is_organisation: bool,
    pub(super) merchants: Vec<OwnMerchant>,
    pub(super) acting: Vec<Acting>,
    pub(super) opened: Vec<Opened>,
}

impl Relations {
    pub(super) fn new(l: Locale, customer: &CustomerView) -> Self {
        let merchant = |merchant: &Merchant| OwnMerchant {
            id: merchant.merchant,
            name: merchant.name.get(l).to_owned(),
            pending: merchant.pending,
            settled: merchant.settled,
            created: moment(merchant.created_at),
        };
        let acting = customer.authorities.iter().map(|authority| Acting {
            user: authority.user,
            document: authority.document.clone(),
            by: authority.by.clone(),
            at: moment(authority.at),
        });
        let opened = customer.secondaries.iter().map(|secondary| Opened {
            user: secondary.user,
            primary: secondary.primary,
            since: moment(secondary.since),
        });
        Self {
            customer: customer.customer,
            is_organisation: customer.kind == CustomerKind::Organisation,
            merchants: customer.merchants.iter().map(|m| merchant(m)).collect(),
            acting: acting.collect(),
            opened: opened.collect(),
        }
    }
}

/// A user to be authorised.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Authorise {
    /// A user's id.
    user: String,
    document: String,
    /// The page to go back to.
    back: String,
}

/// A user whose authority ends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Discharge {
    reason: String,
    back: String,
}

pub(super) async fn authorise(
    Maker(operator): Maker,
    State(site): State<Site>,
    Id(customer): Id<CustomerId>,
    Form(form): Form<Authorise>,
) -> Result<Response, Refusal> {
    let user = form.user.trim().parse().map_err(|_| {
        let (en, zh) = ("this is no user's id", "不是用户编号");
        Problem::new(ProblemKind::Invalid, "invalid_field", en, zh).at("user")
    })?;
    let (members, who) = (&site.members, operator.name());
    members.authorise_user(user, customer, &form.document, who, site.now()).await?;
    Ok(see_other(own_path(&form.back)))
}

pub(super) async fn discharge(
    Maker(operator): Maker,
    State(site): State<Site>,
    Id(user): Id<UserId>,
    Form(form): Form<Discharge>,
) -> Result<Response, Refusal> {
    site.members.discharge_user(user, operator.name(), &form.reason, site.now()).await?;
    Ok(see_other(own_path(&form.back)))
}
