//! The channel's side in the two wallets' layouts and in our own, with true trailers.

use crate::day::Trade;
use money::format_minor;
use std::fmt::Write;
use std::io::Write as _;

const WECHAT_HEADER: &str = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,\
    交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,\
    充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注";
const WECHAT_TRAILER: &str = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,\
    订单总金额,申请退款总金额";
const ALIPAY_HEADER: &str = "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,\
    操作员,终端号,对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,\
    商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,\
    服务费（元）,分润（元）,备注";

fn yuan(minor: i64) -> String {
    format_minor(minor, 2)
}

fn sum(trades: &[Trade], of: impl Fn(&Trade) -> i64) -> i64 {
    trades.iter().map(of).sum()
}

fn succeeded(trade: &Trade) -> bool {
    trade.status == "succeeded"
}

fn paid(trade: &Trade) -> i64 {
    if trade.is_refund() || !succeeded(trade) { 0 } else { trade.amount }
}

fn refunded(trade: &Trade) -> i64 {
    if trade.is_refund() { trade.amount } else { 0 }
}

fn fee(trade: &Trade) -> i64 {
    if trade.is_refund() || succeeded(trade) { trade.fee } else { 0 }
}

/// WeChat Pay's trade bill.
pub fn wechat(trades: &[Trade]) -> String {
    let mut out = format!("\u{feff}{WECHAT_HEADER}\r\n");
    for trade in trades {
        let _ = write!(out, "{}\r\n", wechat_row(trade));
    }
    let ordered = sum(trades, |t| if t.is_refund() { 0 } else { t.amount });
    let refunds = yuan(sum(trades, refunded));
    let _ = write!(
        out,
        "{WECHAT_TRAILER}\r\n`{},`{},`{refunds},`0.00,`{}000,`{},`{refunds}\r\n",
        trades.len(),
        yuan(sum(trades, paid)),
        yuan(sum(trades, fee)),
        yuan(ordered),
    );
    out
}

fn wechat_row(trade: &Trade) -> String {
    let refund = trade.is_refund();
    let word = match (refund, succeeded(trade)) {
        (true, _) => "REFUND",
        (false, true) => "SUCCESS",
        (false, false) => "REVOKED",
    };
    let of = trade.refund_of.as_deref().unwrap_or(&trade.no);
    let (refund_no, refund_channel_no) =
        if refund { (trade.no.clone(), trade.channel_no()) } else { ("0".into(), "0".into()) };
    let refund_status = match (refund, succeeded(trade)) {
        (false, _) => "",
        (true, true) => "SUCCESS",
        (true, false) => "FAIL",
    };
    let cells = [
        "2026-10-12 09:30:00".to_owned(),
        "wx1".into(),
        "1900012345".into(),
        "0".into(),
        String::new(),
        trade.channel_no(),
        of.to_owned(),
        "openid".into(),
        "JSAPI".into(),
        word.into(),
        "OTHERS".into(),
        "CNY".into(),
        yuan(paid(trade)),
        "0.00".into(),
        refund_channel_no,
        refund_no,
        yuan(refunded(trade)),
        "0.00".into(),
        if refund { "ORIGINAL".into() } else { String::new() },
        refund_status.into(),
        "咖啡 中杯".into(),
        String::new(),
        format!("{}000", yuan(fee(trade))),
        "0.60%".into(),
        yuan(if refund { 0 } else { trade.amount }),
        yuan(refunded(trade)),
        String::new(),
    ];
    cells.map(|c| format!("`{c}")).join(",")
}

/// Alipay's business detail, not yet in its own encoding.
pub fn alipay(trades: &[Trade]) -> String {
    let mut out = String::from(
        "#支付宝业务明细查询\r\n#账号：[20880123456789010156]\r\n\
         #起始日期：[2026年10月12日 00:00:00]   终止日期：[2026年10月13日 00:00:00]\r\n\
         #----------业务明细列表----------\r\n",
    );
    let _ = write!(out, "{ALIPAY_HEADER}\r\n");
    for trade in trades {
        let _ = write!(out, "{}\r\n", alipay_row(trade));
    }
    let pays = trades.iter().filter(|t| !t.is_refund() && succeeded(t)).count();
    let refunds = trades.iter().filter(|t| t.is_refund()).count();
    let _ = write!(
        out,
        "#----------业务明细列表结束----------\r\n\
         #交易合计：{pays}笔，商家实收共{}元，商家优惠共0.00元\r\n\
         #退款合计：{refunds}笔，商家实收退款共{}元，商家优惠退款共0.00元\r\n\
         #导出时间：[2026年10月13日 05:46:49]\r\n",
        yuan(sum(trades, paid)),
        yuan(-sum(trades, refunded)),
    );
    out
}

fn alipay_row(trade: &Trade) -> String {
    let refund = trade.is_refund();
    let (word, ordered, received) = match (refund, succeeded(trade)) {
        (true, _) => ("退款", -trade.amount, -trade.amount),
        (false, true) => ("交易", trade.amount, trade.amount),
        (false, false) => ("关闭", trade.amount, 0),
    };
    let of = trade.refund_of.as_deref().unwrap_or(&trade.no);
    let request = if refund { trade.no.as_str() } else { "" };
    format!(
        "{}\t,{of}\t,{word}\t,咖啡 中杯,2026-10-12 09:30:00,2026-10-12 09:30:00,\t,\t,\t,\t,\
         *强(132****95)\t,{},{},0.00,0.00,0.00,0.00,0.00,,0.00\t,0.00,{request}\t,{},0.00,",
        trade.channel_no(),
        yuan(ordered),
        yuan(received),
        yuan(-fee(trade)),
    )
}

/// GB18030.
pub fn gb18030(text: &str) -> Vec<u8> {
    encoding_rs::GB18030.encode(text).0.into_owned()
}

/// Our own layout.
pub fn generic(trades: &[Trade]) -> String {
    let mut out = String::from("kind,our_no,channel_no,refund_of,amount,fee,status,time\n");
    for trade in trades {
        let kind = if trade.is_refund() { "refund" } else { "pay" };
        let _ = writeln!(
            out,
            "{kind},{},{},{},{},{},{},2026-10-12T09:30:00+08:00",
            trade.no,
            trade.channel_no(),
            trade.refund_of.as_deref().unwrap_or_default(),
            yuan(trade.amount),
            yuan(trade.fee),
            trade.status,
        );
    }
    let _ = writeln!(
        out,
        "total,{},,,{},{},,",
        trades.len(),
        yuan(sum(trades, |t| t.amount)),
        yuan(sum(trades, |t| t.fee)),
    );
    out
}

/// A zip of these entries; names as raw bytes.
pub fn zip(entries: &[(&[u8], &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        let options = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated)
            .last_modified_time(zip::DateTime::default())
            .name(name);
        writer.start_file_with_options(options).expect("an entry");
        writer.write_all(bytes).expect("written");
    }
    writer.finish().expect("a zip").into_inner()
}

/// A gzip of these bytes.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    writer.write_all(bytes).expect("written");
    writer.finish().expect("a gzip")
}
