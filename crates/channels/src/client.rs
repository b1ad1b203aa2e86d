//! One channel, asked over signed HTTP on pooled connections.

mod reading;
mod transport;

use crate::book::{ChannelConfig, ChannelTerms};
use crate::contract::{
    CloseDay, Differences, MAX_JSON_BYTES, MAX_STATEMENT_BYTES, PayRequest, PayoutRequest,
    RefundRequest, Settlement,
};
use crate::registry::Gauge;
use crate::{Answer, ChannelView, Error, Why};
use reqwest::Method;
use serde::Serialize;
use std::sync::Arc;
use transport::{Reply, Transport};
use types::{BusinessDate, Clock, Random};

/// A statement may take this many times as long as an answer.
const STATEMENT_PATIENCE: u32 = 30;

/// One channel. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Channel(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    terms: ChannelTerms,
    url: String,
    transport: Transport,
    gauge: Gauge,
}

/// A statement as downloaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementFile {
    /// The file's name as the channel gave it; no path.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Channel {
    pub(crate) fn new(
        config: ChannelConfig,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self, Error> {
        let transport = Transport::new(&config, clock, random)?;
        let gauge = Gauge::new(config.terms.on_line);
        Ok(Self(Arc::new(Inner { terms: config.terms, url: config.url, transport, gauge })))
    }

    /// Its code.
    pub fn code(&self) -> &str {
        &self.0.terms.code
    }

    /// What was agreed with it.
    pub fn terms(&self) -> &ChannelTerms {
        &self.0.terms
    }

    /// It and its state.
    pub fn view(&self) -> ChannelView {
        let (circuit, health) = self.0.gauge.read();
        ChannelView {
            terms: self.0.terms.clone(),
            url: self.0.url.clone(),
            on_line: self.0.gauge.on_line(),
            circuit,
            health,
        }
    }

    pub(crate) fn gauge(&self) -> &Gauge {
        &self.0.gauge
    }

    /// Takes money from a payer. Sending the same number again is safe.
    pub async fn pay(&self, request: &PayRequest) -> Answer {
        self.order("/v1/pay", &request.order_no, request).await
    }

    /// Gives back part or all of a trade. Sending the same number again is safe.
    pub async fn refund(&self, request: &RefundRequest) -> Answer {
        self.order("/v1/refund", &request.refund_no, request).await
    }

    /// Sends money to a bank account. Sending the same number again is safe.
    pub async fn payout(&self, request: &PayoutRequest) -> Answer {
        self.order("/v1/payout", &request.order_no, request).await
    }

    /// Asks what became of a pay, refund or payout.
    pub async fn query(&self, no: &str) -> Answer {
        let path = match reading::order_path(no) {
            Ok(path) => path,
            Err(why) => return Answer::Unknown { why },
        };
        let reply = self.call(Method::GET, &path, Vec::new(), MAX_JSON_BYTES, 1).await;
        self.note(no, reading::query(no, reply))
    }

    /// Downloads the statement of a day.
    pub async fn statement(&self, date: BusinessDate) -> Result<StatementFile, Error> {
        let path = format!("/v1/statements/{date}");
        let limit = MAX_STATEMENT_BYTES;
        let reply = self.call(Method::GET, &path, Vec::new(), limit, STATEMENT_PATIENCE).await;
        reading::statement(self.code(), reply)
    }

    /// What the channel will pay for a day.
    pub async fn settlement(&self, date: BusinessDate) -> Result<Settlement, Error> {
        let path = format!("/v1/settlements/{date}");
        let reply =
            self.call(Method::GET, &path, Vec::new(), MAX_JSON_BYTES, STATEMENT_PATIENCE).await;
        let settlement: Settlement = reading::document(self.code(), reply)?;
        reading::check_settlement(self.code(), date, settlement)
    }

    /// Ends a simulator's day; says how many differences it planted.
    pub async fn close_day(&self, close: &CloseDay) -> Result<Differences, Error> {
        let body = self.encode(close)?;
        let path = "/v1/control/close-day";
        let reply = self.call(Method::POST, path, body, MAX_JSON_BYTES, STATEMENT_PATIENCE).await;
        reading::document(self.code(), reply)
    }

    async fn order<T: Serialize>(&self, path: &str, no: &str, request: &T) -> Answer {
        let Ok(body) = self.encode(request) else {
            return Answer::Unknown { why: Why::Malformed };
        };
        let reply = self.call(Method::POST, path, body, MAX_JSON_BYTES, 1).await;
        self.note(no, reading::order(no, reply))
    }

    fn encode<T: Serialize>(&self, request: &T) -> Result<Vec<u8>, Error> {
        serde_json::to_vec(request).map_err(|error| Error::Configuration {
            code: self.code().to_owned(),
            reason: error.to_string(),
        })
    }

    fn note(&self, no: &str, answer: Answer) -> Answer {
        if let Answer::Unknown { why } = &answer {
            tracing::debug!(channel = self.code(), no, why = why.code(), "no certain answer");
        }
        answer
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Vec<u8>,
        limit: usize,
        patience: u32,
    ) -> Result<Reply, Why> {
        let timeout = self.0.terms.timeout.saturating_mul(patience);
        self.0.transport.call(method, path, body, limit, timeout, &self.0.gauge).await
    }
}
