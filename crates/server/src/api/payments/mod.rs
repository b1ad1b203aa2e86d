//! Orders.

pub(super) mod authenticate;
pub(super) mod device_key_challenge;
mod factors;
pub(super) mod list;
mod order;
pub(super) mod place;
pub(super) mod refund;
pub(super) mod review;
pub(super) mod show;
pub(super) mod trace;
pub(super) mod unfinished;

use order::OrderBody;
use payments::Order;
use types::{MerchantId, OrderId, Problem, ProblemKind};

use crate::app::Site;

/// An order that this merchant placed. Another's is `order_not_found`, as one that does not exist:
/// whether it exists is nobody else's business.
async fn own(site: &Site, merchant: MerchantId, id: OrderId) -> Result<Order, Problem> {
    let order = site.payments.get(id).await?.filter(|order| order.placed_by() == Some(merchant));
    order.ok_or_else(not_found)
}

/// No such order, or it is another's.
pub(crate) fn not_found() -> Problem {
    Problem::new(ProblemKind::NotFound, "order_not_found", "there is no such order", "订单不存在")
}
