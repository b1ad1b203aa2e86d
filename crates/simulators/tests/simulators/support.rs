//! A simulator and the client that a payment institution would use against it.

use channels::{
    Answer, Channel, ChannelConfig, ChannelKey, Channels, Differences, PayKind, PayRequest,
    PayoutRequest, RefundRequest, contract::CloseDay, parse,
};
use encoding_rs::GB18030;
use money::Amount;
use simulators::{ChannelSimulator, Faults, SimulatorConfig, SimulatorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use types::{BusinessDate, Clock, ManualClock, Random, Timestamp};

pub(crate) const KEY: [u8; 32] = [9; 32];

struct Counting(AtomicU64);

impl Random for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        let number = self.0.fetch_add(1, Ordering::SeqCst).to_be_bytes();
        for (place, byte) in bytes.iter_mut().enumerate() {
            *byte = number[place % number.len()];
        }
    }
}

/// A running simulator, its directory and its client.
pub(crate) struct Played {
    pub(crate) simulator: ChannelSimulator,
    pub(crate) channel: Channel,
    pub(crate) dir: PathBuf,
}

/// The set-up of a simulator without faults.
pub(crate) fn config(kind: SimulatorKind, dir: &Path) -> SimulatorConfig {
    let book = include_str!("../../../../books/channels.toml");
    let terms = parse(book, "channels.toml").expect("valid");
    let cost = terms[usize::from(kind == SimulatorKind::Wallet)].cost;
    SimulatorConfig {
        kind,
        dir: dir.to_owned(),
        listen: "127.0.0.1:0".parse().expect("address"),
        key: ChannelKey::new(KEY),
        seed: 42,
        cost,
        faults: Faults::default(),
        packed: false,
    }
}

pub(crate) async fn play(config: SimulatorConfig) -> Played {
    let (kind, dir) = (config.kind, config.dir.clone());
    let simulator = ChannelSimulator::start(config).await.expect("started");
    Played { channel: client(kind, &simulator.url()), simulator, dir }
}

/// The client of one channel, with a time-out that tests can wait for.
pub(crate) fn client(kind: SimulatorKind, url: &str) -> Channel {
    let book = include_str!("../../../../books/channels.toml")
        .replace("timeout_ms = 2_000", "timeout_ms = 1_000");
    let configs = parse(&book, "channels.toml").expect("valid");
    let index = usize::from(kind == SimulatorKind::Wallet);
    let config = ChannelConfig {
        terms: configs[index].clone(),
        url: url.to_owned(),
        key: ChannelKey::new(KEY),
    };
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::new(at("09:00:00")));
    let random: Arc<dyn Random> = Arc::new(Counting(AtomicU64::new(0)));
    let code = config.terms.code.clone();
    Channels::open(vec![config], &clock, &random).and_then(|c| c.get(&code)).expect("opened")
}

pub(crate) fn day() -> BusinessDate {
    "2026-10-12".parse().expect("date")
}

pub(crate) fn at(time: &str) -> Timestamp {
    Timestamp::parse(&format!("2026-10-12T{time}+08:00")).expect("moment")
}

pub(crate) fn fen(minor: u64) -> Amount {
    Amount::new(minor).expect("small")
}

pub(crate) fn pay(no: &str, amount: u64, time: &str) -> PayRequest {
    PayRequest {
        order_no: no.to_owned(),
        amount_minor: fen(amount),
        currency: "CNY".to_owned(),
        kind: PayKind::Pay,
        merchant_no: "mch_1".to_owned(),
        payer_token: "token_1".to_owned(),
        subject: "T恤, 蓝色".to_owned(),
        at: at(time),
    }
}

pub(crate) fn refund(no: &str, of: &str, amount: u64, time: &str) -> RefundRequest {
    RefundRequest {
        refund_no: no.to_owned(),
        order_no: of.to_owned(),
        amount_minor: fen(amount),
        at: at(time),
    }
}

pub(crate) fn payout(no: &str, amount: u64) -> PayoutRequest {
    PayoutRequest {
        order_no: no.to_owned(),
        amount_minor: fen(amount),
        bank_account_token: "bank_1".to_owned(),
        at: at("10:00:00"),
    }
}

pub(crate) fn succeeded(answer: &Answer) -> &str {
    match answer {
        Answer::Succeeded { channel_order_no, .. } => channel_order_no,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn failed(code: &str) -> Answer {
    Answer::Failed { code: code.to_owned() }
}

/// Plays so many payments of growing amounts, one a second.
pub(crate) async fn fill(channel: &Channel, count: u64) {
    for n in 0..count {
        let time = format!("{:02}:{:02}:{:02}", 8 + n / 3_600, n / 60 % 60, n % 60);
        let answer = channel.pay(&pay(&format!("P{n:04}"), 100 + n * 37, &time)).await;
        succeeded(&answer);
    }
}

pub(crate) async fn close(channel: &Channel, differences: Differences) -> Differences {
    channel.close_day(&CloseDay { date: day(), differences }).await.expect("closed")
}

pub(crate) async fn statement(channel: &Channel) -> Vec<u8> {
    channel.statement(day()).await.expect("statement").bytes
}

/// The rows of a trade bill, cells without their back-ticks; then the trailer.
pub(crate) fn bill(bytes: &[u8]) -> (Vec<Vec<String>>, Vec<String>) {
    let text = std::str::from_utf8(bytes).expect("utf-8");
    let lines: Vec<Vec<String>> = text
        .trim_start_matches('\u{feff}')
        .split_terminator("\r\n")
        .map(|line| line.split(',').map(|c| c.trim_start_matches('`').to_owned()).collect())
        .collect();
    let rows = lines[1..lines.len() - 2].to_vec();
    assert!(rows.iter().all(|row| row.len() == 27));
    (rows, lines[lines.len() - 1].clone())
}

/// The rows of a business detail, cells without their tabs; then the lines after them.
pub(crate) fn detail(bytes: &[u8]) -> (Vec<Vec<String>>, Vec<String>) {
    let (text, _, faulty) = GB18030.decode(bytes);
    assert!(!faulty);
    let lines: Vec<&str> = text.split_terminator("\r\n").collect();
    let end = lines.iter().rposition(|line| line.starts_with("#---")).expect("end line");
    let rows: Vec<Vec<String>> = lines[5..end]
        .iter()
        .map(|line| line.split(',').map(|c| c.trim_end_matches('\t').to_owned()).collect())
        .collect();
    assert!(rows.iter().all(|row| row.len() == 25));
    (rows, lines[end + 1..].iter().map(|line| (*line).to_owned()).collect())
}

/// Yuan to fen.
pub(crate) fn minor(text: &str) -> i64 {
    money::parse_signed_minor(text, 2).expect("amount")
}
