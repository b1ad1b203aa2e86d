//! `/find`: an id leads to its page, whatever it is of.

use super::see_other;
use axum::extract::Query;
use axum::response::Response;
use serde::Deserialize;

/// What is looked for.
#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    q: String,
}

/// The page of an id, or the orders with this number.
fn page_of(wanted: &str) -> String {
    let wanted = wanted.trim();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let wanted: String = wanted.chars().filter(|c| plain(*c)).take(80).collect();
    match wanted.split_once('_').map(|(prefix, _)| prefix) {
        Some("ord") => format!("/orders/{wanted}"),
        Some("acc") => format!("/accounts/{wanted}"),
        Some("usr") => format!("/users/{wanted}"),
        Some("cus") => format!("/customers/{wanted}"),
        Some("mch") => format!("/orders?merchant={wanted}"),
        Some("txn") => format!("/transactions/{wanted}"),
        Some("run") => format!("/recon/{wanted}"),
        _ if wanted.is_empty() => "/orders".to_owned(),
        _ => format!("/orders?key={wanted}"),
    }
}

pub(super) async fn show(Query(Wanted { q }): Query<Wanted>) -> Response {
    see_other(&page_of(&q))
}

#[cfg(test)]
mod tests {
    use super::page_of;

    #[test]
    fn ids_lead_to_their_pages() {
        for (wanted, path) in [
            (" ord_1 ", "/orders/ord_1"),
            ("acc_1", "/accounts/acc_1"),
            ("txn_1", "/transactions/txn_1"),
            ("mch_1", "/orders?merchant=mch_1"),
            ("M-2026/1&x", "/orders?key=M-20261x"),
            ("", "/orders"),
        ] {
            assert_eq!(page_of(wanted), path, "{wanted}");
        }
    }
}
