//! The wallet's files: Alipay's business detail (业务明细) and its summary (业务明细(汇总)).
//!
//! GB18030, CRLF. Four `#` lines, a header, rows whose text cells end in a tab, a `#` end line and
//! `#` lines with sums and the time of export.

use super::cells::{cell, moment};
use super::persona::counterparty;
use super::rows::{Row, Shown, Sums};
use crate::chance::Chance;
use crate::config::SimulatorConfig;
use crate::trade::Trade;
use encoding_rs::GB18030;
use money::format_minor;
use types::{BusinessDate, Timestamp};

const ACCOUNT: &str = "20880123456789010156";
/// What the detail is called in its entry's name.
pub(super) const DETAIL: &str = "业务明细";
/// What the summary is called in its entry's name.
pub(super) const SUMMARY: &str = "业务明细(汇总)";
const DETAIL_HEADER: &str = "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,\
    门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,\
    支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,\
    退款批次号/请求号,服务费（元）,分润（元）,备注";
const SUMMARY_HEADER: &str = "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,\
    商家实收（元）,支付宝优惠（元）,商家优惠（元）,卡消费金额（元）,服务费（元）,分润（元）,\
    实收净额（元）";

/// The file's name when it is not packed.
pub(super) fn file_name(date: BusinessDate) -> String {
    format!("{ACCOUNT}_{}.csv", date.compact())
}

/// The zip's name.
pub(super) fn zip_name(date: BusinessDate) -> String {
    format!("{ACCOUNT}_{}.csv.zip", date.compact())
}

/// The name of an entry of the zip.
pub(super) fn entry_name(date: BusinessDate, of: &str) -> String {
    format!("{ACCOUNT}_{}_{of}.csv", date.compact())
}

/// The detail: one row a payment or refund.
pub(super) fn detail(
    config: &SimulatorConfig,
    date: BusinessDate,
    rows: &[Row],
    sums: &Sums,
) -> Vec<u8> {
    let mut out = String::with_capacity(rows.len().saturating_mul(320).saturating_add(2_048));
    head(&mut out, date, "#支付宝业务明细查询", "业务明细列表");
    line(&mut out, DETAIL_HEADER);
    for row in rows {
        line(&mut out, &row_cells(config.seed, row).join(","));
    }
    line(&mut out, &rule("业务明细列表结束", 36));
    let paid = format_minor(sums.paid.signed(), 2);
    let refunded = negative(sums.refunded.signed());
    line(
        &mut out,
        &format!("#交易合计：{}笔，商家实收共{paid}元，商家优惠共0.00元", sums.paid_rows),
    );
    line(
        &mut out,
        &format!(
            "#退款合计：{}笔，商家实收退款共{refunded}元，商家优惠退款共0.00元",
            sums.refund_rows
        ),
    );
    line(&mut out, &exported(config, date));
    encode(&out)
}

/// The summary: one row for the only shop, one for all.
pub(super) fn summary(config: &SimulatorConfig, date: BusinessDate, sums: &Sums) -> Vec<u8> {
    let mut out = String::with_capacity(1_024);
    head(&mut out, date, "#支付宝业务汇总查询", "业务汇总列表");
    line(&mut out, SUMMARY_HEADER);
    let received = format_minor(sums.received(), 2);
    let fee = negative(sums.fee);
    let net = format_minor(sums.received().saturating_sub(sums.fee), 2);
    for shop in ["\t,\t", "合计\t,\t"] {
        line(
            &mut out,
            &format!(
                "{shop},{}\t,{}\t,{received},{received},0.00,0.00,0.00,{fee},0.00,{net}",
                sums.paid_rows, sums.refund_rows
            ),
        );
    }
    line(&mut out, &rule("业务汇总列表结束", 36));
    line(&mut out, &exported(config, date));
    encode(&out)
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push_str("\r\n");
}

fn head(out: &mut String, date: BusinessDate, title: &str, list: &str) {
    let (from, to) = (moment_zh(date.start()), moment_zh(date.next().start()));
    line(out, title);
    line(out, &format!("#账号：[{ACCOUNT}]"));
    line(out, &format!("#起始日期：[{from}]   终止日期：[{to}]"));
    line(out, &rule(list, 40));
}

/// A dashed line around a title, led by 41 dashes.
fn rule(title: &str, dashes: usize) -> String {
    format!("#{}{title}{}", "-".repeat(41), "-".repeat(dashes))
}

/// The early morning after, the same for the same day.
fn exported(config: &SimulatorConfig, date: BusinessDate) -> String {
    let mut chance = Chance::of(config.seed, &["exported", &date.to_string()]);
    let second = i64::try_from(chance.below(3_600)).unwrap_or_default();
    let at = date.next().start().plus_seconds(5 * 3_600).plus_seconds(second);
    format!("#导出时间：[{}]", moment_zh(at))
}

fn row_cells(seed: u64, row: &Row) -> [String; 25] {
    let trade: &Trade = &row.trade;
    let tabbed = |text: &str| format!("{text}\t");
    let zero = || "0.00".to_owned();
    let amount = row.amount.signed();
    let (kind, ordered, received, fee, request) = match row.shown {
        Shown::Paid => ("交易", format_minor(amount, 2), amount, negative(row.fee.signed()), ""),
        Shown::Refunded => {
            let back = amount.saturating_neg();
            let fee = format_minor(row.fee.signed(), 2);
            ("退款", format_minor(back, 2), back, fee, trade.no.as_str())
        }
        // The order stands there with its amount, and nothing of it was received.
        Shown::Revoked => ("关闭", format_minor(amount, 2), 0, zero(), ""),
    };
    let at = moment(trade.finished_at);
    [
        tabbed(row.payment_channel_no()),
        tabbed(row.payment_no()),
        tabbed(kind),
        cell(&trade.subject),
        at.clone(),
        at,
        tabbed(""),
        tabbed(""),
        tabbed(""),
        tabbed(""),
        tabbed(&counterparty(seed, &trade.token)),
        ordered,
        format_minor(received, 2),
        zero(),
        zero(),
        zero(),
        zero(),
        zero(),
        String::new(),
        tabbed("0.00"),
        zero(),
        tabbed(request),
        fee,
        zero(),
        String::new(),
    ]
}

/// The text of an amount with its sign turned; nothing has no sign.
fn negative(minor: i64) -> String {
    format_minor(minor.saturating_neg(), 2)
}

fn moment_zh(at: Timestamp) -> String {
    at.civil().strftime("%Y年%m月%d日 %H:%M:%S").to_string()
}

fn encode(text: &str) -> Vec<u8> {
    // GB18030 holds every character there is, so nothing is replaced.
    GB18030.encode(text).0.into_owned()
}
