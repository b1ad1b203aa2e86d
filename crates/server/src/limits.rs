//! How much one client may ask of the API, and how often it may try to sign in.
//!
//! A client is a network address (of IPv6 its /64). Each has a bucket that fills at a steady rate;
//! what is remembered of it is one moment, and only while it is not full, so memory is bounded.

use crate::app::Site;
use crate::problem::Refusal;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use types::{Problem, ProblemKind, Timestamp};

/// Clients remembered at once; those that come while so many are busy share one bucket.
const MOST_CLIENTS: usize = 65_536;
/// Whose bucket that is, and that of a request whose peer is not known.
const EVERYBODY_ELSE: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// A steady rate with room for a burst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// How many a minute in the long run.
    pub per_minute: NonZeroU32,
    /// How many at once after a pause.
    pub burst: NonZeroU32,
}

/// What the installation decides.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Whether all requests come through a proxy whose `X-Forwarded-For` names the client. Never
    /// true where clients can reach the port themselves: they would name whom they like.
    pub behind_proxy: bool,
    /// Requests to `/v1/`, `/oauth/` and `/federation/`.
    pub api: Rate,
    /// Attempts to sign in to the console, right or wrong.
    pub sign_in: Rate,
}

impl Default for Limits {
    fn default() -> Self {
        let rate = |per_minute: u32, burst: u32| Rate {
            per_minute: NonZeroU32::MIN.saturating_add(per_minute - 1),
            burst: NonZeroU32::MIN.saturating_add(burst - 1),
        };
        Self { behind_proxy: false, api: rate(60_000, 2_000), sign_in: rate(10, 10) }
    }
}

/// The buckets of one rate. A client's number is the moment, in microseconds, at which its bucket
/// is full again (GCRA); a client that is not here has a full one.
#[derive(Debug)]
struct Buckets {
    rate: Rate,
    full_at: Mutex<HashMap<IpAddr, i64>>,
}

impl Buckets {
    fn new(rate: Rate) -> Self {
        Self { rate, full_at: Mutex::default() }
    }

    /// Takes one, or tells after how many seconds there is one.
    fn take(&self, client: IpAddr, now: Timestamp) -> Result<(), u64> {
        let interval = (60_000_000 / i64::from(self.rate.per_minute.get())).max(1);
        let room = interval.saturating_mul(i64::from(self.rate.burst.get()) - 1);
        let now = now.as_micros();
        let mut all = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST_CLIENTS && !all.contains_key(&client) {
            all.retain(|_, full_at| *full_at > now);
        }
        let crowded = all.len() >= MOST_CLIENTS && !all.contains_key(&client);
        let client = if crowded { EVERYBODY_ELSE } else { client };
        let full_at = all.entry(client).or_insert(now);
        let behind = full_at.saturating_sub(now).max(0);
        if behind > room {
            let wait = behind.saturating_sub(room).unsigned_abs();
            return Err(wait.div_ceil(1_000_000));
        }
        *full_at = now.saturating_add(behind).saturating_add(interval);
        Ok(())
    }
}

/// The limits at work.
#[derive(Debug)]
pub(crate) struct Meter {
    behind_proxy: bool,
    api: Buckets,
    sign_in: Buckets,
}

impl Meter {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            behind_proxy: limits.behind_proxy,
            api: Buckets::new(limits.api),
            sign_in: Buckets::new(limits.sign_in),
        }
    }

    fn client(&self, request: &Request) -> IpAddr {
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
        let told = if self.behind_proxy { forwarded_for(request.headers()) } else { None };
        told.or(peer.map(|peer| peer.0.ip())).map_or(EVERYBODY_ELSE, network)
    }
}

/// The last address of `X-Forwarded-For`: the one that our own proxy wrote.
fn forwarded_for(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").iter().next_back()?;
    last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}

/// An IPv6 client has a whole /64 to itself.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

fn too_many(seconds: u64) -> Response {
    let problem = Problem::new(
        ProblemKind::Overloaded,
        "too_many_requests",
        format!("too many requests from this address; try again in {seconds} s"),
        format!("该地址请求过于频繁，请于 {seconds} 秒后重试"),
    );
    Refusal::from(problem).after(seconds).into_response()
}

/// What is bounded: the API, and the pages and endpoints of signing in.
const LIMITED: [&str; 3] = ["/v1/", "/oauth/", "/federation/"];

/// Bounds the requests of programs and users; machines that watch may always ask.
pub(crate) async fn of_api(State(site): State<Site>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if LIMITED.iter().any(|start| path.starts_with(start)) {
        let client = site.meter.client(&request);
        if let Err(seconds) = site.meter.api.take(client, site.now()) {
            return too_many(seconds);
        }
    }
    next.run(request).await
}

/// Bounds the attempts to sign in; looking at the form is none.
pub(crate) async fn of_sign_in(State(site): State<Site>, request: Request, next: Next) -> Response {
    let query = request.uri().query().unwrap_or_default();
    if request.method() == Method::POST || query.contains("token=") {
        let client = site.meter.client(&request);
        if let Err(seconds) = site.meter.sign_in.take(client, site.now()) {
            return too_many(seconds);
        }
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn buckets(per_minute: u32, burst: u32) -> Buckets {
        let number = |n| NonZeroU32::new(n).expect("not zero");
        Buckets::new(Rate { per_minute: number(per_minute), burst: number(burst) })
    }

    #[test]
    fn a_burst_passes_and_then_the_rate_holds() {
        let (all, one) = (buckets(6, 3), IpAddr::from([192, 0, 2, 1]));
        let now = Timestamp::from_millis(1_000_000);
        for _ in 0..3 {
            assert_eq!(all.take(one, now), Ok(()));
        }
        assert_eq!(all.take(one, now), Err(10), "one every ten seconds");
        assert_eq!(all.take(one, now.plus_seconds(4)), Err(6), "being refused costs nothing");
        assert_eq!(all.take(IpAddr::from([192, 0, 2, 2]), now), Ok(()), "another client");
        assert_eq!(all.take(one, now.plus_seconds(10)), Ok(()));
        assert_eq!(all.take(one, now.plus_seconds(10)), Err(10));
        let later = now.plus_seconds(3_600);
        assert_eq!([(); 4].map(|()| all.take(one, later).is_ok()), [true, true, true, false]);
    }

    #[test]
    fn memory_is_bounded() {
        let (all, now) = (buckets(60, 1), Timestamp::from_millis(1_000_000));
        let client = |n: u32| IpAddr::from(n.to_be_bytes());
        for n in 1..=u32::try_from(MOST_CLIENTS).expect("small") {
            assert_eq!(all.take(client(n), now), Ok(()));
        }
        assert_eq!(all.take(client(1_000_001), now), Ok(()));
        assert_eq!(all.take(client(1_000_002), now), Err(1), "who comes now shares a bucket");
        assert!(all.full_at.lock().expect("whole").len() <= MOST_CLIENTS + 1);
        assert_eq!(all.take(client(1_000_002), now.plus_seconds(2)), Ok(()));
        assert_eq!(all.full_at.lock().expect("whole").len(), 1, "full buckets are forgotten");
    }

    #[test]
    fn only_our_own_proxy_names_the_client() {
        let request = |forwarded: &str| {
            let peer: SocketAddr = "10.0.0.1:5000".parse().expect("an address");
            let mut request = Request::new(Body::empty());
            request.extensions_mut().insert(ConnectInfo(peer));
            request.headers_mut().insert("x-forwarded-for", forwarded.parse().expect("a value"));
            request
        };
        let limits = Limits::default();
        let open = Meter::new(&limits);
        assert_eq!(open.client(&request("192.0.2.1")), IpAddr::from([10, 0, 0, 1]));
        let behind = Meter::new(&Limits { behind_proxy: true, ..limits });
        assert_eq!(behind.client(&request("6.6.6.6, 192.0.2.1")), IpAddr::from([192, 0, 2, 1]));
        assert_eq!(behind.client(&request("nobody")), IpAddr::from([10, 0, 0, 1]));
        let network: IpAddr = "2001:db8:1:2::".parse().expect("an address");
        assert_eq!(behind.client(&request("2001:db8:1:2:3:4:5:6")), network);
        assert_eq!(open.client(&Request::new(Body::empty())), EVERYBODY_ELSE);
    }
}
