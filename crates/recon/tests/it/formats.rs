//! The shipped formats load; wrong ones are refused with file, line and reason.

use recon::{Format, Formats};

pub const WECHAT: &str = include_str!("../../../../books/formats/wechat-trade-bill.toml");
pub const ALIPAY: &str = include_str!("../../../../books/formats/alipay-business-detail.toml");
pub const GENERIC: &str = include_str!("../../../../books/formats/generic-csv.toml");

pub fn shipped() -> Formats {
    Formats::parse([
        ("wechat-trade-bill.toml", WECHAT),
        ("alipay-business-detail.toml", ALIPAY),
        ("generic-csv.toml", GENERIC),
    ])
    .expect("the shipped formats are valid")
}

pub fn format(id: &str) -> Format {
    shipped().get(id).expect("shipped").clone()
}

#[test]
fn the_shipped_formats_load() {
    let formats = shipped();
    let ids: Vec<&str> = formats.iter().map(|f| f.id.as_str()).collect();
    assert_eq!(ids, ["alipay-business-detail", "generic-csv", "wechat-trade-bill"]);
}

#[test]
fn one_id_is_one_format() {
    let error = Formats::parse([("a.toml", GENERIC), ("b.toml", GENERIC)]).expect_err("twice");
    assert_eq!((error.file.as_str(), error.line), ("b.toml", None));
}

/// (what is replaced, by what, the text of the line at fault, a part of the reason)
const WRONG: &[(&str, &str, &str, &str)] = &[
    ("id = \"generic-csv\"", "id = \"Generic\"", "id = \"Generic\"", "a-z 0-9 -"),
    ("id = \"generic-csv\"", "id = \"x\"\nmore = 1", "more = 1", "unknown field"),
    ("encoding = \"utf-8\"", "encoding = \"latin1\"", "encoding = \"latin1\"", "gb18030"),
    ("[\"plain\", \"gzip\", \"zip\"]", "[\"rar\"]", "containers = [\"rar\"]", "container"),
    ("delimiter = \",\"", "delimiter = \",,\"", "delimiter = \",,\"", "one ASCII"),
    ("quote = \"\\\"\"", "quote = \",\"", "delimiter = \",\"", "different"),
    ("decimals = 2", "decimals = 9", "decimals = 9", "6"),
    ("zone = \"+08:00\"", "zone = \"CST\"", "layout = \"%Y-%m-%dT%H:%M:%S+08:00\"", "zone"),
    ("\"kind\", \"our_no\"", "\"kind\", \"kind\"", "header = [\"kind\", \"kind\"", "twice"),
    ("kind = \"pay\"", "kind = \"loan\"", "kind = \"loan\"", "pay or refund"),
    ("our_no = \"our_no\"", "our_no = \"no\"", "our_no = \"no\"", "no column 'no'"),
    ("sign = \"as-written\"", "sign = \"minus\"", "sign = \"minus\"", "as-written or negated"),
    ("is = [\"refund\"]", "is = [\"pay\"]", "name = \"refund\"", "already"),
    ("name = \"refund\"", "name = \"payment\"", "name = \"payment\"", "named twice"),
    ("succeeded = \"succeeded\"", "succeeded = \"won\"", "status = {", "no status"),
    ("total,{count}", "total,{count", "text = \"total,{count", "is no name"),
    ("value = \"fee\"", "value = \"cost\"", "value = \"cost\"", "0 trailer lines"),
    ("count = \"rows\"", "count = \"bytes\"", "value = \"count\"", "count = \"rows\""),
    ("{amount},{fee},,", "{amount},{fee},{more},", "", "'more' is read"),
];

#[test]
fn wrong_formats_are_refused_with_file_line_and_reason() {
    for (from, to, at, reason) in WRONG {
        assert!(GENERIC.contains(from), "{from}");
        let text = GENERIC.replacen(from, to, 1);
        let error = Format::parse(&text, "generic-csv.toml").expect_err(to);
        assert_eq!(error.file, "generic-csv.toml");
        assert!(error.reason.contains(reason), "{to}: {}", error.reason);
        let line =
            error.line.and_then(|l| text.lines().nth(usize::try_from(l).ok()?.checked_sub(1)?));
        assert!(line.unwrap_or_default().contains(at), "{to}: line {line:?}, {}", error.reason);
    }
}
