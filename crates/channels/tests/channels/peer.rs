//! A channel written with nothing but a socket, so that it can break any rule.

use channels::{ChannelConfig, ChannelKey, Channels, PayKind, PayRequest, parse};
use money::Amount;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use types::{Clock, ManualClock, Random, Timestamp};

pub(crate) const KEY: [u8; 32] = [7; 32];

/// Counts instead of guessing: every fill is another byte.
struct Counting(AtomicU8);

impl Random for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0.fetch_add(1, Ordering::SeqCst));
    }
}

/// The shipped channels, reached at these addresses, with a time-out that tests can wait for.
pub(crate) fn channels(card: &str, wallet: &str) -> Channels {
    let book = include_str!("../../../../books/channels.toml")
        .replace("timeout_ms = 2_000", "timeout_ms = 300");
    let configs = parse(&book, "channels.toml")
        .expect("valid")
        .into_iter()
        .zip([card, wallet])
        .map(|(terms, url)| ChannelConfig { terms, url: url.to_owned(), key: ChannelKey::new(KEY) })
        .collect();
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::new(Timestamp::from_millis(0)));
    let random: Arc<dyn Random> = Arc::new(Counting(AtomicU8::new(0)));
    Channels::open(configs, &clock, &random).expect("opened")
}

pub(crate) fn fen(minor: u64) -> Amount {
    Amount::new(minor).expect("small")
}

pub(crate) fn pay(no: &str) -> PayRequest {
    PayRequest {
        order_no: no.to_owned(),
        amount_minor: fen(990),
        currency: "CNY".to_owned(),
        kind: PayKind::Pay,
        merchant_no: "m1".to_owned(),
        payer_token: "card_1".to_owned(),
        subject: "咖啡".to_owned(),
        at: Timestamp::parse("2026-10-12T09:00:00+08:00").expect("moment"),
    }
}

/// A request as it came over the wire.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

/// Reads one whole request.
async fn receive(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    loop {
        let mut piece = [0; 4096];
        let read = stream.read(&mut piece).await.ok().filter(|n| *n > 0)?;
        bytes.extend_from_slice(&piece[..read]);
        let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
        let seen = Seen {
            head: String::from_utf8(bytes[..end].to_vec()).expect("ascii"),
            body: bytes[end + 4..].to_vec(),
        };
        let length = seen.header("content-length").map_or(0, |l| l.parse().expect("length"));
        if seen.body.len() == length {
            return Some(seen);
        }
    }
}

/// A whole HTTP answer, correctly signed.
pub(crate) fn signed(seen: &Seen, status: u16, extra: &str, body: &[u8]) -> Vec<u8> {
    let nonce = seen.header("x-channel-nonce").expect("nonce");
    let signature = ChannelKey::new(KEY).sign_answer(status, nonce, body);
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nx-channel-signature: {signature}\r\n{extra}\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

/// Serves every connection with what `behave` says to write; then closes it.
pub(crate) async fn peer<F, W>(behave: F) -> String
where
    F: Fn(Seen) -> W + Send + Sync + 'static,
    W: Future<Output = Vec<u8>> + Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let address = listener.local_addr().expect("address");
    let behave = Arc::new(behave);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let behave = Arc::clone(&behave);
            tokio::spawn(async move {
                if let Some(seen) = receive(&mut stream).await {
                    let answer = behave(seen).await;
                    let _ = stream.write_all(&answer).await;
                }
            });
        }
    });
    format!("http://{address}")
}
