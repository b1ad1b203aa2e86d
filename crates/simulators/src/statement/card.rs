//! The card channel's file: WeChat Pay's trade bill (下载交易账单, ALL).
//!
//! UTF-8 with a byte-order mark, CRLF after every line. A header of 27 columns; rows whose every
//! cell is led by a back-tick; a trailer's header; a trailer of seven sums. Amounts are yuan with
//! two decimals, fees with five.

use super::cells::{cell, moment, yuan};
use super::persona::{bank, open_id, scene};
use super::rows::{Row, Shown, Sums};
use crate::config::SimulatorConfig;
use crate::trade::Trade;
use money::{Amount, Rate, format_minor};
use types::BusinessDate;

const APP_ID: &str = "wx5f2c9b1d3e7a8046";
const MERCHANT: &str = "1900012345";
const HEADER: &str = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,\
    交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,\
    充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注";
const TRAILER: &str = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,\
    申请退款总金额";

/// `1900012345All2026-10-12_2026-10-12.csv`, as the merchant platform names it.
pub(super) fn file_name(date: BusinessDate) -> String {
    format!("{MERCHANT}All{date}_{date}.csv")
}

/// The whole file.
pub(super) fn write(config: &SimulatorConfig, rows: &[Row], sums: &Sums) -> Vec<u8> {
    let mut out = String::with_capacity(rows.len().saturating_mul(400).saturating_add(1_024));
    out.push('\u{feff}');
    line(&mut out, HEADER);
    let rate = percent(config.cost.rate);
    for row in rows {
        cells(&mut out, &row_cells(config.seed, &rate, row));
    }
    line(&mut out, TRAILER);
    cells(&mut out, &trailer_cells(sums));
    out.into_bytes()
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push_str("\r\n");
}

fn cells(out: &mut String, cells: &[String]) {
    for (place, cell) in cells.iter().enumerate() {
        out.push_str(if place == 0 { "`" } else { ",`" });
        out.push_str(cell);
    }
    out.push_str("\r\n");
}

fn row_cells(seed: u64, rate: &str, row: &Row) -> [String; 27] {
    let trade: &Trade = &row.trade;
    let none = || "0".to_owned();
    let nothing = || yuan(Amount::ZERO);
    let (order, settled, refund) = match row.shown {
        Shown::Paid => (yuan(row.amount), yuan(row.amount), nothing()),
        // The order stands there with its amount, and nothing of it is settled.
        Shown::Revoked => (yuan(row.amount), nothing(), nothing()),
        Shown::Refunded => (nothing(), nothing(), yuan(row.amount)),
    };
    let is_refund = row.shown == Shown::Refunded;
    let (status, sign) = match row.shown {
        Shown::Paid => ("SUCCESS", ""),
        Shown::Refunded => ("REFUND", "-"),
        Shown::Revoked => ("REVOKED", ""),
    };
    let of_refund = |text: &str| if is_refund { text.to_owned() } else { String::new() };
    [
        moment(trade.finished_at),
        APP_ID.to_owned(),
        MERCHANT.to_owned(),
        none(),
        String::new(),
        row.payment_channel_no().to_owned(),
        row.payment_no().to_owned(),
        open_id(seed, &trade.token),
        scene(seed, row.payment_no()).to_owned(),
        status.to_owned(),
        bank(seed, &trade.token).to_owned(),
        "CNY".to_owned(),
        settled,
        nothing(),
        if is_refund { trade.channel_no.clone() } else { none() },
        if is_refund { trade.no.clone() } else { none() },
        refund.clone(),
        nothing(),
        of_refund("ORIGINAL"),
        of_refund("SUCCESS"),
        cell(&trade.subject),
        String::new(),
        // Even nothing is given back with a minus: -0.00000.
        format!("{sign}{}000", yuan(row.fee)),
        rate.to_owned(),
        order,
        refund,
        String::new(),
    ]
}

fn trailer_cells(sums: &Sums) -> [String; 7] {
    // Two sums of rows of one day; Sums has checked that they fit.
    let ordered = sums.paid.plus(sums.revoked).unwrap_or(Amount::MAX);
    [
        sums.rows.to_string(),
        yuan(sums.paid),
        yuan(sums.refunded),
        yuan(Amount::ZERO),
        format!("{}000", format_minor(sums.fee, 2)),
        yuan(ordered),
        yuan(sums.refunded),
    ]
}

/// `0.60%`: a rate with the two decimals the bill has.
fn percent(rate: Rate) -> String {
    let hundredths = i64::from(rate.as_ppm()).checked_div(100).unwrap_or_default();
    format!("{}%", format_minor(hundredths, 2))
}
