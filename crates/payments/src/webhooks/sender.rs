//! One HTTP request to an address that somebody else chose.
//!
//! Whether the address is allowed is decided where the connection is made ([`members::internet`]).
//! Redirects are not followed and no proxy is asked, for either would lead past that. Of the answer
//! the status is read and nothing else.

use std::error::Error as _;
use std::iter::successors;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use members::internet::{Internal, PublicOnly, System, is_public, written_out};
use reqwest::Url;
use reqwest::dns::Resolve;
use reqwest::header::HeaderMap;
use types::{Problem, ProblemKind};

use super::Config;
use crate::problems;

/// How long one delivery may take, as the specification recommends at most.
const PATIENCE: Duration = Duration::from_secs(15);

/// Sends messages. Cheap to clone.
#[derive(Clone)]
pub(super) struct Sender {
    http: reqwest::Client,
    config: Config,
}

impl Sender {
    /// A sender that finds addresses as the system does.
    pub(super) fn new(config: Config) -> Result<Self, Problem> {
        Self::over(config, System)
    }

    fn over(config: Config, names: impl Resolve + 'static) -> Result<Self, Problem> {
        let names: Arc<dyn Resolve> =
            if config.internal_targets { Arc::new(names) } else { Arc::new(PublicOnly(names)) };
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .dns_resolver(names)
            .timeout(PATIENCE)
            .build()
            .map_err(|e| problems::fault("the webhooks' HTTP client cannot be made", &e))?;
        Ok(Self { http, config })
    }

    /// Posts a message once.
    ///
    /// # Errors
    /// `webhook_url_invalid`, `webhook_target_internal`, `webhook_unreachable`,
    /// `webhook_not_taken`.
    pub(super) async fn post(
        &self,
        destination: &str,
        headers: HeaderMap,
        body: String,
    ) -> Result<(), Problem> {
        // Looked at when it was registered; but that was another day's program.
        members::check_webhook_url("destination", destination)?;
        let url = Url::parse(destination).map_err(|e| problems::fault("a checked URL", &e))?;
        if let Some(address) = written_out(&url).filter(|address| !self.may_reach(*address)) {
            return Err(internal(Internal(address)));
        }
        let request = self.http.post(url).headers(headers).body(body);
        // The body of the answer is dropped unread, so its length is the receiver's own affair.
        let status = request.send().await.map_err(|e| failure(&e))?.status();
        if status.is_success() { Ok(()) } else { Err(not_taken(status)) }
    }

    fn may_reach(&self, address: IpAddr) -> bool {
        self.config.internal_targets || is_public(address)
    }
}

fn internal(Internal(address): Internal) -> Problem {
    Problem::new(
        ProblemKind::Refused,
        "webhook_target_internal",
        format!("{address} is an internal address and the configuration does not allow it"),
        format!("{address} 为内部地址，配置不允许向其发送通知"),
    )
    .at("destination")
}

/// Why no answer came.
fn failure(error: &reqwest::Error) -> Problem {
    let causes = || successors(error.source(), |&cause| cause.source());
    if let Some(internal) = causes().find_map(|cause| cause.downcast_ref::<Internal>()) {
        return self::internal(*internal);
    }
    // The causes without the error itself: that one quotes the URL, whose query may be a secret.
    let reason = if error.is_timeout() {
        format!("no answer within {} s", PATIENCE.as_secs())
    } else {
        causes().map(ToString::to_string).collect::<Vec<_>>().join(": ")
    };
    Problem::new(
        ProblemKind::Unavailable,
        "webhook_unreachable",
        format!("the receiver cannot be reached: {reason}"),
        format!("无法连接接收方：{reason}"),
    )
}

/// The receiver answered, but not that it has the message.
fn not_taken(status: reqwest::StatusCode) -> Problem {
    let (en, zh) = if status.is_redirection() {
        ("; redirects are not followed", "；不跟随重定向")
    } else {
        ("", "")
    };
    Problem::new(
        ProblemKind::Unavailable,
        "webhook_not_taken",
        format!("the receiver answered {status}{en}"),
        format!("接收方应答 {status}{zh}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::dns::{Addrs, Name, Resolving};
    use std::net::SocketAddr;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicU32, Ordering};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    /// A receiver that counts who connects and answers everybody the same; what it could write of
    /// its answer before the other side closed.
    #[derive(Default)]
    struct Receiver {
        port: u16,
        connections: AtomicU32,
        written: Mutex<Vec<usize>>,
    }

    impl Receiver {
        /// Writes `answer`, then `filler` as often as it is taken, up to `most` times.
        async fn start(answer: &'static str, filler: &'static [u8], most: usize) -> Arc<Self> {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            let port = listener.local_addr().expect("an address").port();
            let receiver = Arc::new(Self { port, ..Self::default() });
            let counting = Arc::clone(&receiver);
            tokio::spawn(async move {
                while let Ok((mut stream, _)) = listener.accept().await {
                    counting.connections.fetch_add(1, Ordering::SeqCst);
                    let mut request = [0; 4_096];
                    let _ = stream.read(&mut request).await.expect("a request");
                    stream.write_all(answer.as_bytes()).await.expect("answered");
                    let mut written = 0;
                    while written < most && stream.write_all(filler).await.is_ok() {
                        written += 1;
                    }
                    counting.written.lock().expect("whole").push(written);
                }
            });
            receiver
        }

        fn connections(&self) -> u32 {
            self.connections.load(Ordering::SeqCst)
        }
    }

    const TAKEN: &str = "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n";

    fn sender(internal_targets: bool) -> Sender {
        Sender::new(Config { internal_targets }).expect("made")
    }

    async fn code(sender: &Sender, url: &str) -> Option<&'static str> {
        sender.post(url, HeaderMap::new(), "{}".to_owned()).await.err().map(|p| p.code)
    }

    #[tokio::test]
    async fn internal_targets_are_not_connected_to_however_they_are_spelt() {
        let receiver = Receiver::start(TAKEN, b"", 0).await;
        let port = receiver.port;
        let (closed, open) = (sender(false), sender(true));
        for host in [
            "127.0.0.1",
            "127.1",
            "127.0.0.1.",
            "0x7f.0.0.1",
            "0x7f000001",
            "2130706433",
            "017700000001",
            "０x7f.1",
            "0.0.0.0",
            "0",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[0:0:0:0:0:ffff:127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "localhost",
            "LOCALHOST",
            "169.254.169.254",
            "10.0.0.1",
            "[fe80::1]",
            "[fd00::1]",
        ] {
            let url = format!("http://{host}:{port}/hook");
            // What is no ASCII is refused even earlier.
            let expected =
                if url.is_ascii() { "webhook_target_internal" } else { "webhook_url_invalid" };
            assert_eq!(code(&closed, &url).await, Some(expected), "{url}");
        }
        assert_eq!(receiver.connections(), 0);
        for host in ["127.0.0.1", "0x7f000001", "localhost"] {
            let url = format!("http://{host}:{port}/hook");
            assert_eq!(code(&open, &url).await, None, "{url}");
        }
        assert_eq!(receiver.connections(), 3);
    }

    /// A name server that answers otherwise each time.
    struct Turning {
        answers: Vec<Vec<SocketAddr>>,
        asked: Arc<AtomicU32>,
    }

    impl Resolve for Turning {
        fn resolve(&self, _: Name) -> Resolving {
            let turn = self.asked.fetch_add(1, Ordering::SeqCst) as usize;
            let answer = self.answers.get(turn).cloned().unwrap_or_default();
            Box::pin(async move { Ok(Box::new(answer.into_iter()) as Addrs) })
        }
    }

    #[tokio::test]
    async fn a_name_that_turns_internal_gains_nothing() {
        let receiver = Receiver::start(TAKEN, b"", 0).await;
        let inside = SocketAddr::from(([127, 0, 0, 1], receiver.port));
        let outside = SocketAddr::from(([8, 8, 8, 8], receiver.port));
        let asked = Arc::new(AtomicU32::new(0));
        let answers = vec![vec![inside], vec![outside, inside], vec![inside, outside]];
        let names = Turning { answers, asked: Arc::clone(&asked) };
        let sender = Sender::over(Config::default(), names).expect("made");
        let url = format!("http://shop.example:{}/", receiver.port);
        for attempt in 1..=3 {
            assert_eq!(code(&sender, &url).await, Some("webhook_target_internal"));
            // Asked once an attempt: what was looked at is what would have been connected to.
            assert_eq!(asked.load(Ordering::SeqCst), attempt);
        }
        assert_eq!(code(&sender, &url).await, Some("webhook_unreachable"), "no address at all");
        assert_eq!(receiver.connections(), 0);
    }

    #[tokio::test]
    async fn what_is_no_webhook_is_not_sent() {
        for url in ["ftp://shop.example/", "http://me:word@shop.example/", "file:///etc/passwd", ""]
        {
            assert_eq!(code(&sender(true), url).await, Some("webhook_url_invalid"), "{url}");
        }
    }

    #[tokio::test]
    async fn a_redirect_is_not_followed() {
        let inner = Receiver::start(TAKEN, b"", 0).await;
        let text = format!(
            "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://127.0.0.1:{}/\r\n\
             content-length: 0\r\n\r\n",
            inner.port
        );
        let outer = Receiver::start(text.leak(), b"", 0).await;
        let url = format!("http://127.0.0.1:{}/", outer.port);
        let sender = sender(true);
        let told = sender.post(&url, HeaderMap::new(), "{}".to_owned()).await.expect_err("refused");
        assert_eq!(told.code, "webhook_not_taken");
        assert!(told.reason.en.contains("307"), "{told}");
        assert_eq!((outer.connections(), inner.connections()), (1, 0));
    }

    #[tokio::test]
    async fn an_endless_answer_is_not_read() {
        const MOST: usize = 4_096;
        static FILLER: [u8; 65_536] = [b'x'; 65_536];
        let answer = "HTTP/1.1 200 OK\r\ncontent-length: 9999999999\r\n\r\n";
        let receiver = Receiver::start(answer, &FILLER, MOST).await;
        let url = format!("http://127.0.0.1:{}/", receiver.port);
        assert_eq!(code(&sender(true), &url).await, None);
        // It notices that nobody reads: the connection is closed long before 256 MiB.
        let written = loop {
            if let Some(written) = receiver.written.lock().expect("whole").first() {
                break *written;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        };
        assert!(written < MOST, "all of it was taken");
    }

    #[tokio::test]
    async fn nobody_there_is_told_without_the_url() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        drop(listener);
        let url = format!("http://127.0.0.1:{port}/?token=hidden");
        let told = sender(true).post(&url, HeaderMap::new(), String::new()).await;
        let told = told.expect_err("nobody there");
        assert_eq!(told.code, "webhook_unreachable");
        assert!(told.reason.en.contains("refused"), "the cause is named: {told}");
        assert!(!told.reason.en.contains("hidden"), "{told}");
    }
}
