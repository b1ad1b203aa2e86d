//! A network between the records and the server, which can be cut at a commit.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UnixStream};

/// What becomes of the connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Weather {
    /// Everything arrives.
    Fair = 0,
    /// The next commit does not reach the server: the connection is cut before it.
    CutBefore = 1,
    /// The next commit reaches the server, its answer does not come back.
    CutAfter = 2,
    /// As `CutBefore`, and nobody can connect again.
    CutBeforeForGood = 3,
    /// As `CutAfter`, and nobody can connect again.
    CutAfterForGood = 4,
    /// Nobody can connect.
    Gone = 5,
}

/// A proxy in front of the server of one database.
#[derive(Clone)]
pub(super) struct Proxy {
    weather: Arc<AtomicU8>,
    address: SocketAddr,
    database: String,
}

impl Proxy {
    /// In front of the database with this URL.
    pub(super) async fn before(url: &str) -> Self {
        let rest = url.strip_prefix("postgres://house@").expect("a test's URL");
        let (host, database) = rest.split_once('/').expect("a database");
        let socket = PathBuf::from(host.replace("%2F", "/")).join(".s.PGSQL.5432");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("listens");
        let address = listener.local_addr().expect("an address");
        let weather = Arc::new(AtomicU8::new(Weather::Fair as u8));
        let proxy = Self { weather, address, database: database.to_owned() };
        let serving = proxy.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if !serving.is(Weather::Gone) {
                    let server = UnixStream::connect(&socket).await.expect("the server");
                    tokio::spawn(serving.clone().carry(client, server));
                }
            }
        });
        proxy
    }

    /// The URL through it.
    pub(super) fn url(&self) -> String {
        format!("postgres://house@{}/{}?sslmode=disable", self.address, self.database)
    }

    pub(super) fn set(&self, weather: Weather) {
        self.weather.store(weather as u8, Ordering::SeqCst);
    }

    fn is(&self, weather: Weather) -> bool {
        self.weather.load(Ordering::SeqCst) == weather as u8
    }

    async fn carry(self, client: TcpStream, server: UnixStream) {
        let (mut from_client, mut to_client) = client.into_split();
        let (mut from_server, mut to_server) = server.into_split();
        let answers = async {
            let mut bytes = vec![0; 65_536];
            while let Ok(read @ 1..) = from_server.read(&mut bytes).await {
                if to_client.write_all(&bytes[..read]).await.is_err() {
                    return;
                }
            }
        };
        let questions = async {
            let mut bytes = vec![0; 65_536];
            while let Ok(read @ 1..) = from_client.read(&mut bytes).await {
                let commit = bytes[..read].windows(7).any(|part| part == b"COMMIT\0");
                let before_for_good = self.is(Weather::CutBeforeForGood);
                if commit && (before_for_good || self.is(Weather::CutBefore)) {
                    self.set(if before_for_good { Weather::Gone } else { Weather::Fair });
                    return;
                }
                if to_server.write_all(&bytes[..read]).await.is_err() {
                    return;
                }
                let for_good = self.is(Weather::CutAfterForGood);
                if commit && (for_good || self.is(Weather::CutAfter)) {
                    self.set(if for_good { Weather::Gone } else { Weather::Fair });
                    return;
                }
            }
        };
        // Whichever ends first, both connections are cut.
        tokio::select! {
            biased;
            () = questions => {}
            () = answers => {}
        }
    }
}
