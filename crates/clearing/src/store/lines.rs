//! The lines of the settlement statements.

use crate::model::settlement::Line;
use money::Amount;
use records::Error;
use records::rows::{execute, places, select};
use sea_orm::{ConnectionTrait, Value};
use std::collections::BTreeMap;
use types::{BusinessDate, OrderId};

/// Rows an INSERT carries: 8 columns each, far below the engines' limits on values.
const ROWS_A_STATEMENT: usize = 500;

/// A line with what is kept beside it.
#[derive(Debug, Clone)]
pub(crate) struct StoredLine {
    pub line: Line,
    pub method: String,
    pub refund_of: Option<OrderId>,
}

pub(crate) async fn put_lines(
    db: &impl ConnectionTrait,
    date: BusinessDate,
    lines: &[StoredLine],
) -> Result<(), Error> {
    for chunk in lines.chunks(ROWS_A_STATEMENT) {
        let sql = format!(
            "INSERT INTO clearing_line (order_id, date, merchant_id, method, refund_of, \
             amount_minor, fee_minor, explanation) VALUES {}",
            places(chunk.len(), 8)
        );
        let values = chunk.iter().flat_map(|stored| -> [Value; 8] {
            let line = &stored.line;
            [
                line.order.to_string().into(),
                i64::from(date.days()).into(),
                line.merchant.to_string().into(),
                stored.method.clone().into(),
                stored.refund_of.map(|id| id.to_string()).into(),
                line.amount_minor.into(),
                line.fee_minor.into(),
                line.explanation.clone().into(),
            ]
        });
        execute(db, &sql, values.collect()).await?;
    }
    Ok(())
}

/// What was refunded of these payments on days before `date`.
pub(crate) async fn refunded_before(
    db: &impl ConnectionTrait,
    date: BusinessDate,
    payments: &[OrderId],
) -> Result<BTreeMap<OrderId, Amount>, Error> {
    let mut refunded = BTreeMap::new();
    for chunk in payments.chunks(ROWS_A_STATEMENT) {
        let sql = format!(
            "SELECT refund_of, CAST(SUM(-amount_minor) AS BIGINT) AS refunded FROM clearing_line \
             WHERE date < $1 AND refund_of IN ({}) GROUP BY refund_of",
            (0..chunk.len())
                .map(|n| format!("${}", n.saturating_add(2)))
                .collect::<Vec<_>>()
                .join(", ")
        );
        let ids = chunk.iter().map(|id| Value::from(id.to_string()));
        let values = std::iter::once(i64::from(date.days()).into()).chain(ids).collect();
        let rows = select(db, "clearing_line", &sql, values, |row| {
            Ok((row.parsed("refund_of")?, row.amount("refunded")?))
        });
        refunded.extend(rows.await?);
    }
    Ok(refunded)
}
