//! Statements are read whole or refused whole, each fault with its line and reason.

use crate::day::{Trade, pay, refund};
use crate::formats::format;
use crate::layouts::{alipay, gb18030, generic, gzip, wechat, zip};
use recon::{FaultKind, Limits, LineKind, Refusal, Totals, check, read};

fn trades() -> Vec<Trade> {
    vec![
        pay("P1", 1_000, 6),
        pay("P2", 9_990, 60),
        refund("R1", "P2", 4_995, 30),
        pay("P3", 1, 0).with_status("cancelled"),
    ]
}

/// Rows and sums of [`trades`] in the layouts where a closed trade has no fee.
fn totals() -> Totals {
    Totals { rows: 4, pays: 2, refunds: 1, pay_minor: 10_990, refund_minor: 4_995, fee_minor: 36 }
}

fn wechat_of(text: &str) -> Result<Totals, Refusal> {
    read(&format("wechat-trade-bill"), text.as_bytes(), Limits::default()).map(|s| s.totals)
}

fn alipay_of(bytes: &[u8]) -> Result<Totals, Refusal> {
    read(&format("alipay-business-detail"), bytes, Limits::default()).map(|s| s.totals)
}

#[test]
fn the_samples_are_read_to_the_fen() {
    let wechat = include_bytes!("../fixtures/wechat-trade-bill-2026-10-12.csv");
    let bill = read(&format("wechat-trade-bill"), wechat, Limits::default()).expect("valid");
    assert_eq!((bill.totals.rows, bill.totals.pay_minor), (40, 951_701));
    assert_eq!((bill.totals.refund_minor, bill.totals.fee_minor), (194_495, 4_546));
    let plain = include_bytes!("../fixtures/alipay-business-detail-2026-10-12.csv");
    let packed = include_bytes!("../fixtures/alipay-business-detail-2026-10-12.zip");
    let plain = alipay_of(plain).expect("valid");
    assert_eq!((plain.pays, plain.pay_minor), (31, 1_914_897));
    assert_eq!((plain.refunds, plain.refund_minor), (9, 694_984));
    assert_eq!(alipay_of(packed), Ok(plain));
}

#[test]
fn both_layouts_say_the_same_of_one_day() {
    assert_eq!(wechat_of(&wechat(&trades())), Ok(totals()));
    assert_eq!(alipay_of(&gb18030(&alipay(&trades()))), Ok(totals()));
    let own = read(&format("generic-csv"), generic(&trades()).as_bytes(), Limits::default());
    assert_eq!(own.expect("valid").totals, totals());
}

#[test]
fn an_empty_day_is_a_day() {
    let nothing = Totals::default();
    assert_eq!(wechat_of(&wechat(&[])), Ok(nothing));
    assert_eq!(alipay_of(&gb18030(&alipay(&[]))), Ok(nothing));
}

#[test]
fn oddities_of_real_files_are_tolerated() {
    let text = wechat(&trades());
    for (what, odd) in [
        ("no byte-order mark", text.trim_start_matches('\u{feff}').to_owned()),
        ("LF", text.replace("\r\n", "\n")),
        ("no last line end", text.trim_end().to_owned()),
        ("a blank line at the end", format!("{text}\r\n")),
        ("no back-ticks", text.replace('`', "")),
        ("empty for none", text.replace(",`0,", ",`,")),
        ("a comma in a quoted title", text.replace("`咖啡 中杯", "\"`咖啡, 中杯\"")),
        ("quotes behind the back-tick", text.replace("`咖啡 中杯", "`\"咖啡, 中杯\"")),
    ] {
        assert_ne!(odd, text, "{what}");
        assert_eq!(wechat_of(&odd), Ok(totals()), "{what}");
    }
    let text = alipay(&trades());
    for (what, odd) in [
        ("no tabs", text.replace('\t', "")),
        ("LF", text.replace("\r\n", "\n")),
        ("a comma in a quoted title", text.replace("咖啡 中杯", "\"咖啡, 中杯\t\"")),
    ] {
        assert_eq!(alipay_of(&gb18030(&odd)), Ok(totals()), "{what}");
    }
}

/// (what is replaced in WeChat's file, by what, kind, line, column)
type Wrong = (&'static str, &'static str, FaultKind, u64, Option<&'static str>);

const WRONG_WECHAT: &[Wrong] = &[
    ("用户标识,", "", FaultKind::Header, 1, Some("用户标识")),
    ("用户标识,", "用户标识,用户姓名,", FaultKind::Header, 1, Some("用户姓名")),
    ("公众账号ID,商户号", "商户号,公众账号ID", FaultKind::Header, 1, Some("公众账号ID")),
    ("`4,`109.90", "`5,`109.90", FaultKind::TrailerMismatch, 7, Some("count")),
    ("`4,`109.90", "`4,`109.91", FaultKind::TrailerMismatch, 7, Some("settled")),
    (",`0.36000,`", ",`0.37000,`", FaultKind::TrailerMismatch, 7, Some("fees")),
    ("`4,`109.90", "`four,`109.90", FaultKind::TrailerMismatch, 7, Some("count")),
    ("`4,`109.90", "`109.90", FaultKind::Trailer, 7, None),
    ("`P1,", "`4.00123E+27,", FaultKind::Scientific, 2, Some("商户订单号")),
    ("`10.00,`0.00,`0", "`1E+3,`0.00,`0", FaultKind::Scientific, 2, Some("应结订单金额")),
    ("`10.00,`0.00,`0", "`10.001,`0.00,`0", FaultKind::Value, 2, Some("应结订单金额")),
    ("`10.00,`0.00,`0", "`-10.00,`0.00,`0", FaultKind::Value, 2, Some("应结订单金额")),
    ("`10.00,`0.00,`0", "`,`0.00,`0", FaultKind::Value, 2, Some("应结订单金额")),
    ("`0.06000", "`0.06001", FaultKind::Value, 2, Some("手续费")),
    ("2026-10-12 09:30:00", "2026-02-30 09:30:00", FaultKind::Value, 2, Some("交易时间")),
    ("`SUCCESS,", "`SUCCEEDED,", FaultKind::Word, 2, Some("交易状态")),
    ("`SUCCESS,`咖啡", "`MAYBE,`咖啡", FaultKind::Word, 4, Some("退款状态")),
    ("`P1,", "`P 1,", FaultKind::Value, 2, Some("商户订单号")),
    ("`wx1,", "", FaultKind::Cells, 2, None),
    ("`wx1,", "`wx1,`more,", FaultKind::Cells, 2, None),
    ("`咖啡 中杯", "\"`咖啡 中杯", FaultKind::Cells, 2, None),
    ("`咖啡 中杯", "\"`咖啡\"中杯", FaultKind::Cells, 2, None),
];

#[test]
fn wrong_files_are_refused_with_line_column_and_reason() {
    let text = wechat(&trades());
    for (from, to, kind, line, column) in WRONG_WECHAT {
        assert!(text.contains(from), "{from}");
        let refusal = wechat_of(&text.replacen(from, to, 1)).expect_err(to);
        let first = refusal.findings.first().expect("a finding");
        let found = (first.fault.kind, first.line, first.fault.column.as_deref());
        assert_eq!(found, (*kind, Some(*line), *column), "{from} -> {to}: {refusal}");
        assert_eq!(refusal.findings.len(), 1, "{from} -> {to}: {refusal}");
        let sentence = first.sentence();
        assert!(sentence.en.contains(&format!("line {line}")) && sentence.zh.contains("第"));
    }
}

#[test]
fn a_revoked_row_that_moves_money_is_refused() {
    // The last trade is revoked: 应结订单金额 must be zero in it.
    let text = wechat(&trades());
    let row = text.lines().nth(4).expect("revoked");
    let moved = row.replacen("`CNY,`0.00", "`CNY,`0.01", 1);
    let refusal = wechat_of(&text.replace(row, &moved)).expect_err("money moved");
    let first = refusal.findings.first().expect("a finding");
    assert_eq!((first.line, first.fault.column.as_deref()), (Some(5), Some("应结订单金额")));
}

#[test]
fn what_is_cut_off_or_hung_on_is_refused() {
    let text = wechat(&trades());
    let lines: Vec<&str> = text.lines().collect();
    let upto = |n: usize| lines.iter().take(n).copied().collect::<Vec<_>>().join("\r\n");
    for (what, bytes, kind) in [
        ("no trailer", upto(5), FaultKind::Trailer),
        ("half a trailer", upto(6), FaultKind::Trailer),
        ("half a row", upto(2).trim_end_matches(|c| c != '咖').to_owned(), FaultKind::Cells),
        ("nothing", String::new(), FaultKind::Header),
        (
            "a row behind the trailer",
            format!("{text}{}", lines.get(1).expect("row")),
            FaultKind::Trailer,
        ),
        ("a row behind a blank line", text.replacen("\r\n`", "\r\n\r\n`", 1), FaultKind::Cells),
    ] {
        let refusal = wechat_of(&bytes).expect_err(what);
        assert_eq!(refusal.findings.first().map(|f| f.fault.kind), Some(kind), "{what}: {refusal}");
    }
}

#[test]
fn alipay_counts_and_sums_are_held_to_both_kinds_of_row() {
    let text = alipay(&trades());
    for (from, to, value) in [
        ("#交易合计：2笔", "#交易合计：3笔", "pay_count"),
        ("实收共109.90元", "实收共109.91元", "pay_sum"),
        ("#退款合计：1笔", "#退款合计：0笔", "refund_count"),
        ("退款共-49.95元", "退款共49.95元", "refund_sum"),
        ("商家优惠共0.00元", "商家优惠共0.01元", "pay_discount"),
    ] {
        assert!(text.contains(from), "{from}");
        let refusal = alipay_of(&gb18030(&text.replace(from, to))).expect_err(to);
        let first = refusal.findings.first().expect("a finding");
        assert_eq!(first.fault.kind, FaultKind::TrailerMismatch, "{to}");
        assert_eq!(first.fault.column.as_deref(), Some(value), "{to}");
    }
    let positive = text.replacen("-49.95,-49.95", "-49.95,49.95", 1);
    let refusal = alipay_of(&gb18030(&positive)).expect_err("a refund is negative");
    let first = refusal.findings.first().expect("a finding");
    assert_eq!(first.fault.column.as_deref(), Some("商家实收（元）"));
}

#[test]
fn another_encoding_is_named() {
    let refusal = alipay_of(alipay(&trades()).as_bytes()).expect_err("UTF-8");
    let first = refusal.findings.first().expect("a finding");
    assert_eq!(first.fault.kind, FaultKind::Encoding);
    assert!(first.fault.reason.en.contains("UTF-8"), "{refusal}");
    let bytes = gb18030(wechat(&trades()).trim_start_matches('\u{feff}'));
    let refusal = read(&format("wechat-trade-bill"), &bytes, Limits::default()).expect_err("GBK");
    let first = refusal.findings.first().expect("a finding");
    assert_eq!((first.fault.kind, first.line), (FaultKind::Encoding, Some(1)));
}

#[test]
fn broken_rows_are_all_reported_up_to_the_limit() {
    let many: Vec<Trade> = (0..30).map(|n| pay(&format!("P{n}"), 100, 0)).collect();
    let text = wechat(&many);
    let two = text.replacen("`P7,", "`P 7,", 1).replacen("`P9,", "`P 9,", 1);
    let refusal = wechat_of(&two).expect_err("two broken rows");
    let lines: Vec<_> = refusal.findings.iter().filter_map(|f| f.line).collect();
    assert_eq!((lines, refusal.more), (vec![9, 11], false));
    let refusal = wechat_of(&text.replace("`SUCCESS,", "`?,")).expect_err("all broken");
    assert_eq!((refusal.findings.len(), refusal.more), (20, true));
}

#[test]
fn containers_are_taken_as_declared_and_no_other() {
    let plain = gb18030(&alipay(&trades()));
    let detail = gb18030("20880123456789010156_20261012_业务明细.csv");
    let summary = gb18030("20880123456789010156_20261012_业务明细(汇总).csv");
    let other = gb18030("20880123456789010156_20261012_账务明细.csv");
    assert_eq!(alipay_of(&zip(&[(&detail, &plain), (&summary, b"x")])), Ok(totals()));
    let container = |bytes: &[u8]| {
        let refusal = alipay_of(bytes).expect_err("refused");
        assert_eq!(refusal.findings.first().map(|f| f.fault.kind), Some(FaultKind::Container));
    };
    container(&zip(&[(&summary, &plain)]));
    container(&zip(&[(&detail, &plain), (&other, &plain)]));
    container(&zip(&[(&detail, &plain), (b"2_\xD2\xB5\xCE\xF1\xC3\xF7\xCF\xB8.csv", &plain)]));
    container(&gzip(&plain));
    let packed = zip(&[(&detail, &plain)]);
    container(packed.get(..packed.len() / 2).expect("half"));
    let mut damaged = packed;
    if let Some(byte) = damaged.get_mut(120) {
        *byte ^= 0x55;
    }
    assert!(alipay_of(&damaged).is_err());
    let bill = gzip(wechat(&trades()).as_bytes());
    let read = read(&format("wechat-trade-bill"), &bill, Limits::default());
    assert_eq!(read.expect("gzip is allowed").totals, totals());
}

/// A true beginning, and one row of it over and over: 60 MB that pack a hundredfold and more.
fn swollen(text: &str, row: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let (head, rest) = lines.split_at(row);
    let line = format!("{}\n", rest.first().expect("a row"));
    format!("{}\n{}", head.join("\n"), line.repeat((60 << 20) / line.len()))
}

#[test]
fn a_bomb_is_stopped_before_it_fills_the_machine() {
    let name = gb18030("x业务明细.csv");
    let detail = gb18030(&swollen(&alipay(&trades()), 5));
    let bill = swollen(&wechat(&trades()), 1);
    for (id, bytes) in [
        ("alipay-business-detail", zip(&[(&name, &detail)])),
        ("wechat-trade-bill", gzip(bill.as_bytes())),
    ] {
        assert!(bytes.len() < 1 << 20, "{id} is small when packed");
        let refusal = read(&format(id), &bytes, Limits::default()).expect_err(id);
        let kinds: Vec<FaultKind> = refusal.findings.iter().map(|f| f.fault.kind).collect();
        assert_eq!(kinds, [FaultKind::TooLarge], "{id}: {refusal}");
    }
}

#[test]
fn every_limit_holds() {
    let text = wechat(&trades());
    for limits in [
        Limits { bytes: 100, ..Limits::default() },
        Limits { line_bytes: 100, ..Limits::default() },
        Limits { rows: 3, ..Limits::default() },
    ] {
        let refusal =
            read(&format("wechat-trade-bill"), text.as_bytes(), limits).expect_err("limit");
        let first = refusal.findings.last().map(|f| f.fault.kind);
        assert_eq!(first, Some(FaultKind::TooLarge), "{limits:?}");
    }
}

#[test]
fn check_explains_line_by_line() {
    let text = wechat(&trades());
    let report = check(&format("wechat-trade-bill"), text.as_bytes(), Limits::default(), 100);
    assert!(report.accepted());
    let kinds: Vec<LineKind> = report.lines.iter().map(|l| l.kind).collect();
    let wanted = [LineKind::Header]
        .into_iter()
        .chain([LineKind::Row; 4])
        .chain([LineKind::Trailer; 2])
        .collect::<Vec<_>>();
    assert_eq!(kinds, wanted);
    let meaning = &report.lines.get(3).expect("the refund").meaning.en;
    for part in ["refund", "our_no=R1", "refund_of=P2", "amount_minor=4995", "fee_minor=-30"] {
        assert!(meaning.contains(part), "{meaning}");
    }
    let broken = text.replacen("`R1,", "`R 1,", 1);
    let report = check(&format("wechat-trade-bill"), broken.as_bytes(), Limits::default(), 1);
    assert!(!report.accepted());
    let lines: Vec<u64> = report.lines.iter().map(|l| l.line).collect();
    assert_eq!(lines, [1, 4], "the first, and every refused one");
    assert_eq!(report.silent, 5);
}
