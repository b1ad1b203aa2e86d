//! The two layouts, byte for byte, on a small day with every kind of row.

use crate::support::{Played, close, config, day, pay, play, refund, statement, succeeded};
use channels::{Answer, Differences, PayKind, PayRequest};
use encoding_rs::GB18030;
use simulators::SimulatorKind;

/// A payment, a top-up, a part and a whole refund, a refund of one fen, a revoked payment, and a
/// decline, which no statement shows.
async fn small_day(played: &Played) {
    let channel = &played.channel;
    for (no, amount, time) in
        [("P1", 990, "00:00:00"), ("P2", 141_988, "05:02:30"), ("P3", 1, "23:59:59")]
    {
        succeeded(&channel.pay(&pay(no, amount, time)).await);
    }
    let top_up = PayRequest { kind: PayKind::Topup, ..pay("T1", 20_000, "12:00:00") };
    succeeded(&channel.pay(&PayRequest { payer_token: "token_2".into(), ..top_up }).await);
    for (no, of, amount, time) in
        [("R1", "P1", 495, "06:00:00"), ("R2", "P1", 495, "06:00:01"), ("R3", "P3", 1, "23:59:59")]
    {
        succeeded(&channel.refund(&refund(no, of, amount, time)).await);
    }
    let too_much = channel.refund(&refund("R4", "P1", 1, "07:00:00")).await;
    assert_eq!(too_much, Answer::Failed { code: "refund_exceeds_payment".into() });
}

/// Compares with a fixture; `BLESS=1` writes it anew for people to look at.
fn golden(name: &str, bytes: &[u8]) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, bytes).expect("written");
    }
    let expected = std::fs::read(&path).expect("fixture");
    let (got, expected) = (GB18030.decode(bytes).0, GB18030.decode(&expected).0);
    for (got, expected) in got.split("\r\n").zip(expected.split("\r\n")) {
        assert_eq!(got, expected, "{name}");
    }
    assert_eq!(got.len(), expected.len(), "{name}");
    assert!(std::fs::read(&path).expect("fixture") == bytes, "{name} differs in its bytes");
}

const ONE_STATUS: Differences = Differences {
    missing_at_us: 0,
    missing_at_channel: 0,
    amount: 0,
    fee: 0,
    status: 1,
    duplicate: 0,
};

#[tokio::test]
async fn a_trade_bill() {
    let dir = tempfile::tempdir().expect("dir");
    let played = play(config(SimulatorKind::Card, dir.path())).await;
    small_day(&played).await;
    close(&played.channel, ONE_STATUS).await;
    let file = played.channel.statement(day()).await.expect("statement");
    assert_eq!(file.name, "1900012345All2026-10-12_2026-10-12.csv");
    let text = String::from_utf8(file.bytes.clone()).expect("utf-8");
    assert!(text.starts_with('\u{feff}') && text.ends_with("\r\n"));
    golden("trade-bill.csv", &file.bytes);
}

#[tokio::test]
async fn a_business_detail() {
    let dir = tempfile::tempdir().expect("dir");
    let played = play(config(SimulatorKind::Wallet, dir.path())).await;
    small_day(&played).await;
    close(&played.channel, ONE_STATUS).await;
    let file = played.channel.statement(day()).await.expect("statement");
    assert_eq!(file.name, "20880123456789010156_20261012.csv");
    golden("business-detail.csv", &file.bytes);
}

#[tokio::test]
async fn a_day_without_trades() {
    for (kind, name) in [
        (SimulatorKind::Card, "trade-bill-empty.csv"),
        (SimulatorKind::Wallet, "business-detail-empty.csv"),
    ] {
        let dir = tempfile::tempdir().expect("dir");
        let played = play(config(kind, dir.path())).await;
        close(&played.channel, Differences::default()).await;
        golden(name, &statement(&played.channel).await);
        let settlement = played.channel.settlement(day()).await.expect("settlement");
        assert_eq!(settlement.net_minor, 0);
    }
}

#[tokio::test]
async fn packed_as_the_wallet_delivers_it() {
    let dir = tempfile::tempdir().expect("dir");
    let mut config = config(SimulatorKind::Wallet, dir.path());
    config.packed = true;
    let played = play(config).await;
    small_day(&played).await;
    close(&played.channel, ONE_STATUS).await;
    let file = played.channel.statement(day()).await.expect("statement");
    assert_eq!(file.name, "20880123456789010156_20261012.csv.zip");
    // Bit 11 of the flags of the first local header: names are UTF-8.
    assert_eq!(file.bytes[7] & 0x08, 0, "the UTF-8 flag must be clear");
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(file.bytes)).expect("zip");
    let mut names = Vec::new();
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).expect("entry");
        names.push(GB18030.decode(entry.name_raw()).0.into_owned());
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut bytes).expect("read");
        let fixture = ["business-detail.csv", "business-summary.csv"][index];
        golden(fixture, &bytes);
    }
    let entry = "20880123456789010156_20261012_业务明细";
    assert_eq!(names, [format!("{entry}.csv"), format!("{entry}(汇总).csv")]);
}
