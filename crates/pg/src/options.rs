//! What a URL of PostgreSQL may say, and what every connection is set to.

use std::time::Duration;

use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgSslMode};

use crate::UrlError;

/// Prepared statements a connection keeps.
const STATEMENTS: usize = 512;

/// The parameters that may stand behind the `?`; any other is refused rather than ignored.
const PARAMETERS: [&str; 10] = [
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "host",
    "port",
    "user",
    "dbname",
    "application_name",
    "options[search_path]",
];

/// Settings of the server for one connection. The keep-alives bound how long a connection whose
/// other end is gone holds the writer's lock: about a minute.
const SETTINGS: [(&str, &str); 3] = [
    ("tcp_keepalives_idle", "30"),
    ("tcp_keepalives_interval", "10"),
    ("tcp_keepalives_count", "3"),
];

/// Reads a URL. Across a network the server's certificate and name are checked unless the URL says
/// otherwise (`sslmode`); on this machine connections are as the server offers them.
///
/// # Errors
/// [`UrlError`] for what is no URL of PostgreSQL, names no database, or has another parameter.
pub fn parse(url: &str) -> Result<PgConnectOptions, UrlError> {
    let refuse = |reason| UrlError::new(url, reason);
    if !is_postgres(url) {
        return Err(refuse("it is no URL of PostgreSQL"));
    }
    let parameters = parameters(url);
    if parameters.iter().any(|name| !PARAMETERS.contains(&name.as_str())) {
        return Err(refuse("it has a parameter that is not known"));
    }
    let mut options: PgConnectOptions =
        url.parse().map_err(|_| refuse("it is no URL of PostgreSQL"))?;
    if options.get_database().is_none_or(str::is_empty) {
        return Err(refuse("it names no database"));
    }
    let asked = parameters.iter().any(|name| name == "sslmode");
    if !asked && std::env::var_os("PGSSLMODE").is_none() {
        let mode = match Reach::of(&options) {
            Reach::Socket => PgSslMode::Disable,
            Reach::Machine => PgSslMode::Prefer,
            Reach::Network => PgSslMode::VerifyFull,
        };
        options = options.ssl_mode(mode);
    }
    Ok(options.statement_cache_capacity(STATEMENTS).options(SETTINGS).disable_statement_logging())
}

/// Whether a URL means PostgreSQL, sound or not.
pub fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

/// One connection's own settings: whether it only reads, and how long a statement of it may take.
pub fn with(options: PgConnectOptions, read_only: bool, time: Duration) -> PgConnectOptions {
    let read_only = if read_only { "on" } else { "off" };
    options.options([
        ("default_transaction_read_only", read_only.to_owned()),
        ("statement_timeout", time.as_millis().to_string()),
    ])
}

/// The names of the URL's parameters, in any order.
fn parameters(url: &str) -> Vec<String> {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let name = |pair: &str| pair.split('=').next().unwrap_or_default().to_owned();
    pairs.map(|pair| name(pair).replace("%5B", "[").replace("%5D", "]")).collect()
}

/// How far away a server is.
enum Reach {
    Socket,
    Machine,
    Network,
}

impl Reach {
    fn of(options: &PgConnectOptions) -> Self {
        let host = options.get_host();
        let loopback = |host: &str| {
            let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
            host == "localhost" || address.is_ok_and(|address| address.is_loopback())
        };
        match options.get_socket() {
            Some(_) => Self::Socket,
            None if host.starts_with('/') => Self::Socket,
            None if loopback(host) => Self::Machine,
            None => Self::Network,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn across_a_network_the_certificate_is_checked_unless_the_url_says_otherwise() {
        for (url, mode) in [
            ("postgres://u@db.example/house", "VerifyFull"),
            ("postgresql://u@10.0.0.7:5433/house", "VerifyFull"),
            ("postgres://u@db.example/house?sslmode=require", "Require"),
            ("postgres://u@db.example/house?sslmode=disable", "Disable"),
            ("postgres://u@localhost/house", "Prefer"),
            ("postgres://u@127.0.0.1/house", "Prefer"),
            ("postgres://u@[::1]/house", "Prefer"),
            ("postgres://u@%2Fvar%2Frun%2Fpostgresql/house", "Disable"),
            ("postgres://u@localhost/house?host=/var/run/postgresql", "Disable"),
        ] {
            let found = format!("{:?}", parse(url).expect(url).get_ssl_mode());
            assert_eq!(found, mode, "{url}");
        }
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for (url, fault) in [
            ("sqlite:house", "no URL of PostgreSQL"),
            ("postgres://u@h/", "names no database"),
            ("postgres://u@h/d?sslmod=disable", "parameter that is not known"),
            ("postgres://u@h/d?options=-c%20fsync%3Doff", "parameter that is not known"),
            ("postgres://u@h/d?sslmode=perhaps", "no URL of PostgreSQL"),
            ("postgres://u@h:port/d", "no URL of PostgreSQL"),
        ] {
            let error = parse(url).expect_err(url).to_string();
            assert!(error.contains(fault), "{url}: {error}");
        }
        parse("postgres://u@h/d?options%5Bsearch_path%5D=second").expect("a schema");
        parse("postgres://u@h/d?options[search_path]=second&application_name=a").expect("a schema");
    }
}
