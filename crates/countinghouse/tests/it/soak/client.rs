//! A client of several connections: what it sends follows from its seed, what it hears it writes
//! down.

use ledger::wire::{self, AccountRecord, Lookups, Told, TransactionRecord};
use ledger::{Action, Chart, Owner, Posting, Transaction};
use money::Amount;
use std::time::Duration;
use testkit::SeededRandom;
use types::{AccountId, TransactionId, UserId};

const ACCOUNTS: u64 = 40;
/// How many ids are looked up at once.
const LOOKUPS: usize = 8_000;

/// The `number`-th batch of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name {
    pub(super) connection: u64,
    pub(super) number: u64,
}

impl Name {
    pub(super) fn next(self) -> Self {
        Self { number: self.number + 1, ..self }
    }
}

/// All that is ever sent under a seed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    pub(super) seed: u64,
    /// The most transactions of a batch.
    pub(super) most_in_batch: u64,
}

impl Plan {
    pub(super) fn accounts(self) -> impl Iterator<Item = AccountId> {
        (0..ACCOUNTS).map(move |n| self.account(n))
    }

    fn account(self, number: u64) -> AccountId {
        AccountId::of(&[b"soak", &self.seed.to_be_bytes(), &number.to_be_bytes()])
    }

    /// A batch, the same each time: of one posting, or of two that stand or fall together.
    pub(super) fn batch(self, Name { connection, number }: Name) -> Vec<Transaction> {
        let random = SeededRandom::new(self.seed ^ (connection << 48) ^ (number << 8));
        let posting = || {
            let debit = random.below(ACCOUNTS);
            let credit = (debit + 1 + random.below(ACCOUNTS - 1)) % ACCOUNTS;
            let amount = Amount::new(random.below(10_000) + 1).expect("small");
            Posting::exact(self.account(debit), self.account(credit), amount)
        };
        let transaction = |place: u64| {
            let id = [self.seed, connection, number, place].map(u64::to_be_bytes);
            Transaction {
                id: TransactionId::of(&[id.as_flattened()]),
                event: 1,
                order: None,
                reference: 0,
                date: None,
                action: Action::Post,
                postings: (0..=random.below(2)).map(|_| posting()).collect(),
                conditions: Vec::new(),
                corrects: None,
            }
        };
        (0..=random.below(self.most_in_batch)).map(transaction).collect()
    }
}

/// What a transaction was answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Answer {
    /// The sequence number of its receipt.
    pub(super) seq: u64,
    /// Whether it had taken effect before.
    pub(super) again: bool,
}

/// A connection to the ledger.
pub(super) struct Line {
    client: reqwest::Client,
    url: String,
    key: String,
}

impl Line {
    pub(super) fn open(url: &str, key: &str) -> Self {
        let client = reqwest::Client::builder().timeout(Duration::from_mins(2));
        let client = client.build().expect("a client");
        Self { client, url: url.to_owned(), key: key.to_owned() }
    }

    /// The answer in full, or an error if it did not come: then nobody knows what was done.
    async fn post(
        &self,
        path: &str,
        media: &str,
        body: Vec<u8>,
    ) -> Result<Vec<u8>, reqwest::Error> {
        let request = self.client.post(format!("{}/v1/ledger/{path}", self.url));
        let request = request.bearer_auth(&self.key).header("content-type", media).body(body);
        let answer = request.send().await?;
        let status = answer.status();
        let body = answer.bytes().await?.to_vec();
        assert!(status.is_success(), "{path}: {status} {}", String::from_utf8_lossy(&body));
        Ok(body)
    }

    pub(super) async fn open_accounts(&self, plan: Plan, chart: &Chart) {
        let leaf = chart.role("customer_balance_1").expect("a role of the chart");
        let owner = Owner::User(UserId::of(&[b"soak"]));
        let items = plan.accounts().map(|id| {
            serde_json::json!({
                "type": "open", "id": id, "asset": money::CNY.0, "leaf": leaf.0, "owner": owner,
                "flags": ledger::Flags { history: true, ..ledger::Flags::default() },
            })
        });
        let body = serde_json::json!({ "items": items.collect::<Vec<_>>() }).to_string();
        let answer = self.post("accounts", "application/json", body.into()).await;
        let answer = String::from_utf8(answer.expect("an answer")).expect("text");
        assert_eq!(answer.matches("\"done\"").count() as u64, ACCOUNTS, "{answer}");
    }

    /// Sends a batch; an answer for each of its transactions, or none at all.
    pub(super) async fn send(&self, batch: &[Transaction]) -> Result<Vec<Answer>, reqwest::Error> {
        let mut frame = Vec::new();
        wire::encode_transactions(batch.iter(), &mut frame);
        let answer = self.post("transactions", wire::MEDIA_TYPE, frame).await?;
        let outcomes = wire::decode_outcomes(&answer).expect("a frame of outcomes").items;
        assert_eq!(outcomes.len(), batch.len());
        let answers = outcomes.into_iter().map(|told| match told {
            Told::Done(seq) => Answer { seq, again: false },
            Told::Exists(receipt) => Answer { seq: receipt.seq, again: true },
            Told::Refused(code) => panic!("refused with {code}"),
        });
        Ok(answers.collect())
    }

    /// What the book has of these transactions, in their order.
    pub(super) async fn transactions(
        &self,
        ids: Vec<TransactionId>,
    ) -> Vec<Option<TransactionRecord>> {
        let mut all = Vec::with_capacity(ids.len());
        for part in ids.chunks(LOOKUPS) {
            let lookups = Lookups { transactions: part.to_vec(), ..Lookups::default() };
            all.extend(self.find(lookups).await.transactions);
        }
        assert_eq!(all.len(), ids.len());
        all
    }

    /// What the book has of the plan's accounts.
    pub(super) async fn accounts(&self, plan: Plan) -> Vec<AccountRecord> {
        let lookups = Lookups { accounts: plan.accounts().collect(), ..Lookups::default() };
        let found = self.find(lookups).await.accounts;
        found.into_iter().map(|account| account.expect("it was opened")).collect()
    }

    async fn find(&self, lookups: Lookups) -> wire::Found {
        let mut frame = Vec::new();
        wire::encode_lookups(&lookups, &mut frame);
        let answer = self.post("lookups", wire::MEDIA_TYPE, frame).await.expect("an answer");
        wire::decode_found(&answer).expect("a frame of what was found")
    }
}
