//! Across a network the server is who its certificate says, or it is not spoken to.

use records::rows::select;
use records::{Error, Records};
use testkit::postgres::Server;

use crate::LINES;

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_trusted_by_certificate_and_name() {
    let mut server = Server::start();
    let (port, certificate) = server.listen_with_tls();
    let root = format!("sslrootcert={}", certificate.display());
    let url = |host: &str, query: &str| format!("postgres://house@{host}:{port}/postgres?{query}");
    for refused in [
        url("localhost", "sslmode=verify-full"),
        url("127.0.0.1", &format!("sslmode=verify-full&{root}")),
    ] {
        let error = Records::open(&refused, &[LINES]).await.expect_err(&refused).to_string();
        assert!(error.contains("certificate"), "{refused}: {error}");
    }
    let encrypted = async |url: String| {
        let records = Records::open(&url, &[LINES]).await.expect("opens");
        let sql = "SELECT ssl AS it FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
        let reads = select(records.db(), "ssl", sql, vec![], |row| row.truth("it")).await;
        let writes = records
            .write(move |txn| Box::pin(select(txn, "ssl", sql, vec![], |row| row.truth("it"))))
            .await
            .map_err(|error: Error| error.to_string());
        records.close().await;
        (reads.expect("reads"), writes.expect("reads"))
    };
    let (yes, no) = (vec![Some(true)], vec![Some(false)]);
    for (query, expected) in [
        (format!("sslmode=verify-full&{root}"), &yes),
        ("sslmode=require".to_owned(), &yes),
        (String::new(), &yes),
        ("sslmode=disable".to_owned(), &no),
    ] {
        let found = encrypted(url("localhost", &query)).await;
        assert_eq!(found, (expected.clone(), expected.clone()), "{query}");
    }
}
