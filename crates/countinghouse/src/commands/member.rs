//! `member`: customers and the freeze register of an institution that is being served, over its
//! API, as the operator whose token is given.

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand, ValueEnum};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::process::ExitCode;

/// Arguments of `member`.
#[derive(Args)]
pub struct Arguments {
    /// Where the institution is served.
    #[arg(long, default_value = "http://127.0.0.1:8787", value_name = "URL", global = true)]
    url: String,
    /// An operator's token.
    #[arg(
        long,
        env = "COUNTINGHOUSE_TOKEN",
        hide_env_values = true,
        value_name = "TOKEN",
        global = true
    )]
    token: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Show all of a customer.
    Show {
        /// The customer.
        customer: String,
    },
    /// Enter a freeze; when this returns the ledger enforces it.
    Freeze(Freeze),
    /// Lift one entry of the register.
    Lift {
        /// The entry.
        entry: String,
        /// The authority that lifts; not below the entry's.
        #[arg(long)]
        level: Level,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// Ask for a user to be split off its customer; another operator decides.
    Unmerge {
        /// The user.
        user: String,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// Let a user act for an organisation.
    Authorise {
        /// The user.
        user: String,
        /// The organisation: a customer.
        #[arg(long)]
        customer: String,
        /// Number of the document that authorises it.
        #[arg(long)]
        document: String,
    },
    /// End what lets a user act for its organisation; its credentials go with it.
    Discharge {
        /// The user.
        user: String,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// What waits for a second person.
    Approvals,
    /// Decide what another operator has asked for.
    Decide {
        /// The approval.
        number: i64,
        /// Let it be done; without it, it is declined.
        #[arg(long)]
        approve: bool,
        /// Why.
        #[arg(long)]
        note: String,
    },
    /// What verifying real names cost, by day and provider.
    Costs {
        /// The first day.
        #[arg(long)]
        from: String,
        /// The last day.
        #[arg(long)]
        to: String,
    },
}

#[derive(Args)]
struct Freeze {
    /// What is frozen: a customer's, a user's or an account's id.
    target: String,
    /// Its rank.
    #[arg(long)]
    level: Level,
    /// Which direction.
    #[arg(long, default_value = "both")]
    scope: Scope,
    /// Why.
    #[arg(long)]
    reason: String,
    /// The document that orders it; a judicial freeze needs one.
    #[arg(long)]
    document: Option<String>,
    /// When it ends by itself, RFC 3339.
    #[arg(long)]
    until: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Level {
    /// The holder's own request.
    Own,
    /// Risk control.
    Risk,
    /// A court or another authority.
    Judicial,
}

#[derive(Clone, Copy, ValueEnum)]
enum Scope {
    /// Nothing may leave.
    Debit,
    /// Nothing may come in.
    Credit,
    /// Nothing moves.
    Both,
}

/// What is asked of the API.
struct Call {
    method: Method,
    path: String,
    body: Option<Value>,
}

fn word(value: &impl ValueEnum) -> String {
    value.to_possible_value().map(|v| v.get_name().to_owned()).unwrap_or_default()
}

impl Command {
    fn call(self) -> Call {
        let get = |path| Call { method: Method::GET, path, body: None };
        let post = |path, body| Call { method: Method::POST, path, body: Some(body) };
        match self {
            Self::Show { customer } => get(format!("/v1/admin/customers/{customer}")),
            Self::Freeze(freeze) => post("/v1/admin/freezes".to_owned(), freeze.body()),
            Self::Lift { entry, level, reason } => {
                let query = [("level", word(&level)), ("reason", reason)];
                let query: Vec<String> = query
                    .iter()
                    .map(|(name, value)| format!("{name}={}", escaped(value)))
                    .collect();
                let path = format!("/v1/admin/freezes/{entry}?{}", query.join("&"));
                Call { method: Method::DELETE, path, body: None }
            }
            Self::Unmerge { user, reason } => {
                post(format!("/v1/admin/users/{user}/unmerge"), json!({ "reason": reason }))
            }
            Self::Authorise { user, customer, document } => {
                let body = json!({ "customer": customer, "document": document });
                let path = format!("/v1/admin/users/{user}/organisation");
                Call { method: Method::PUT, path, body: Some(body) }
            }
            Self::Discharge { user, reason } => {
                let reason = escaped(&reason);
                let path = format!("/v1/admin/users/{user}/organisation?reason={reason}");
                Call { method: Method::DELETE, path, body: None }
            }
            Self::Approvals => get("/v1/admin/approvals?waiting=true".to_owned()),
            Self::Decide { number, approve, note } => {
                let body = json!({ "approve": approve, "note": note });
                post(format!("/v1/admin/approvals/{number}"), body)
            }
            Self::Costs { from, to } => {
                get(format!("/v1/admin/verification-costs?from={from}&to={to}"))
            }
        }
    }
}

impl Freeze {
    fn body(self) -> Value {
        let kind = match self.target.split('_').next() {
            Some("cus") => "customer",
            Some("acc") => "account",
            _ => "user",
        };
        json!({
            "target": { kind: self.target },
            "level": word(&self.level),
            "scope": word(&self.scope),
            "reason": self.reason,
            "document": self.document,
            "until": self.until,
        })
    }
}

/// A text as a value of a query.
fn escaped(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    let one = |b: u8| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") };
    text.bytes().map(one).collect()
}

/// Asks and prints the answer as JSON; a refusal on stderr with exit code 2.
#[expect(clippy::print_stdout, reason = "stdout is data")]
pub async fn run(arguments: Arguments, context: &super::Context) -> Result<ExitCode> {
    let token = arguments.token.context("give an operator's token: COUNTINGHOUSE_TOKEN")?;
    let Call { method, path, body } = arguments.command.call();
    let url = format!("{}{path}", arguments.url.trim_end_matches('/'));
    let client = reqwest::Client::new();
    let mut request = client
        .request(method, &url)
        .bearer_auth(token)
        .header("accept-language", context.locale.tag());
    if let Some(body) = body {
        request = request.json(&body);
    }
    let reply = request.send().await.with_context(|| format!("{url} does not answer"))?;
    let status = reply.status();
    if status == StatusCode::NO_CONTENT {
        return Ok(ExitCode::SUCCESS);
    }
    let told: Value = reply.json().await.context("the answer is no JSON")?;
    if status.is_success() {
        println!("{told}");
        return Ok(ExitCode::SUCCESS);
    }
    let part = |name: &str| told.get(name).and_then(Value::as_str).unwrap_or_default();
    eprintln!("{}: {}: {}", part("code"), part("field"), part("detail"));
    Ok(ExitCode::from(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_a_query_is_escaped() {
        assert_eq!(escaped("a-Z_0.9"), "a-Z_0.9");
        assert_eq!(escaped("a b&c=找"), "a%20b%26c%3D%E6%89%BE");
    }

    #[test]
    fn the_prefix_says_what_is_frozen() {
        for (target, kind) in [("cus_1", "customer"), ("usr_1", "user"), ("acc_1", "account")] {
            let freeze = Freeze {
                target: target.to_owned(),
                level: Level::Risk,
                scope: Scope::Both,
                reason: "r".to_owned(),
                document: None,
                until: None,
            };
            let body = freeze.body();
            assert_eq!(body["target"], json!({ kind: target }));
            assert_eq!((&body["level"], &body["scope"]), (&json!("risk"), &json!("both")));
        }
    }
}
