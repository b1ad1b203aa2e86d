//! The ledger explorer over a book in which something has happened.

use crate::house::{House, Reply};
use axum::http::StatusCode;
use ledger::{
    Action, Command, Correction, CorrectionKind, Flags, NewAccount, Owner, Posting, Transaction,
    TransactionHead,
};
use money::{Amount, CNY};
use types::{AccountId, TransactionId};

/// Capital is paid in (one million fen, once more 500 fen that are reversed), own money is put into
/// the reserve, and a hold waits on it.
async fn house() -> (House, [TransactionId; 4]) {
    let house = House::open().await;
    let id = |name: &str| TransactionId::of(&[name.as_bytes()]);
    let ids = [id("capital"), id("wrong"), id("undone"), id("hold")];
    let fen = |minor| Amount::new(minor).expect("small");
    let build = |event, id, minor| {
        let head = TransactionHead::new(id);
        house.app.templates.transaction(event, head, &[], &[("amount", fen(minor))])
    };
    let capital = build("capital_contribution", ids[0], 1_000_000).expect("a template");
    let wrong = build("capital_contribution", ids[1], 500).expect("a template");
    let back = |p: &Posting| Posting::exact(p.credit, p.debit, p.amount);
    let undone = Transaction {
        id: ids[2],
        postings: wrong.postings.iter().map(back).collect(),
        corrects: Some(Correction { of: ids[1], kind: CorrectionKind::Reversal }),
        ..wrong.clone()
    };
    let order = types::OrderId::of(&[b"order"]);
    let hold = Transaction {
        id: ids[3],
        order: Some(order),
        action: Action::Hold { expires_at: None },
        ..build("reserve_top_up", ids[3], 2_000).expect("a template")
    };
    for transaction in [capital, wrong, undone, hold] {
        house.app.book.post(transaction).await.expect("posted");
    }
    (house, ids)
}

fn own_bank() -> AccountId {
    ledger::house_account("own_bank", CNY)
}

/// The page in one language, signed in.
async fn page(house: &House, path: &str, language: &str) -> Reply {
    let cookie = format!("{}; language={language}", house.session().await);
    house.call("GET", path, &[("cookie", &cookie)], "").await
}

async fn shows(house: &House, path: &str, language: &str, wanted: &[&str]) {
    let reply = page(house, path, language).await;
    assert_eq!(reply.status, StatusCode::OK, "{path}: {}", reply.body);
    for text in wanted {
        assert!(reply.body.contains(text), "'{text}' on {path} in {language}: {}", reply.body);
    }
}

#[tokio::test]
async fn the_chart_rolls_up_and_both_sides_agree() {
    let (house, _) = house().await;
    let both = ["10,000.00", "100201", "4001", "/accounts/leaf/4001"];
    shows(&house, "/accounts", "en", &both).await;
    shows(&house, "/accounts", "en", &["Own funds at banks", "✓ both sides agree"]).await;
    shows(
        &house,
        "/accounts",
        "zh-CN",
        &["自有资金存款", "实收资本", "✓ 两侧相等", "余额付款日限额"],
    )
    .await;
    let before = page(&house, "/accounts?date=2026-10-11", "en").await;
    assert!(!before.body.contains("10,000.00"), "nothing stood there the day before");
    let all = page(&house, "/accounts?all=true", "en").await;
    assert!(all.body.contains("Cash on hand"), "empty nodes are shown on request");
}

#[tokio::test]
async fn an_account_explains_its_balance() {
    let (house, ids) = house().await;
    let path = format!("/accounts/{}", own_bank());
    // 10,000 less nothing posted; the hold is credited to it, and waits.
    let figures = ["10,000.00", "9,980.00", "20.00", "10,005.00"];
    shows(&house, &path, "en", &figures).await;
    shows(&house, &path, "en", &["Capital paid in", "Available", "Unconfirmed", "never"]).await;
    shows(&house, &path, "zh-CN", &["投入资本", "可用", "未确认 / 在途", "透支", "不允许"]).await;
    for id in &ids[..3] {
        shows(&house, &path, "en", &[&format!("/transactions/{id}")]).await;
    }
    let held = format!("/accounts/{}", ledger::house_account("due_from_reserve", CNY));
    let hold = format!("/transactions/{}", ids[3]);
    shows(&house, &held, "en", &[&hold, "Own money put into the reserve", "waits", "20.00"]).await;
    shows(&house, &held, "zh-CN", &[&hold, "自有资金补足备付金", "冻结中"]).await;
    let past = format!("{path}?at=2026-10-12T08:00:00");
    shows(&house, &past, "en", &["The account was not open", "No entries."]).await;
    let now = format!("{path}?at=2026-10-12T09:30&from=2026-10-12&to=2026-10-12");
    shows(
        &house,
        &now,
        "en",
        &["Balance at", "2026-10-12 09:30:00", "<b class=\"num\">10,000.00</b>"],
    )
    .await;
    shows(&house, &format!("{path}?from=2026-10-13"), "en", &["No entries."]).await;
}

#[tokio::test]
async fn an_account_shows_what_is_in_transit_and_a_source_what_has_settled() {
    let house = House::open().await;
    let id = |name: &str| AccountId::of(&[name.as_bytes()]);
    let open = |name: &str, role: &str, owner| {
        let leaf = house.app.chart.role(role).expect("a role");
        let flags = Flags { history: true, ..Flags::default() };
        Command::OpenAccount(NewAccount { id: id(name), asset: CNY, leaf, owner, flags })
    };
    let fen = |minor| Amount::new(minor).expect("small");
    let post = |name: &str, debit, credit, minor, action| {
        Command::Transact(Transaction {
            id: TransactionId::of(&[name.as_bytes()]),
            event: 900,
            order: None,
            reference: 0,
            date: None,
            action,
            postings: vec![Posting::exact(id(debit), id(credit), fen(minor))],
            conditions: Vec::new(),
            corrects: None,
        })
    };
    let hold = Action::Hold { expires_at: None };
    let commands = vec![
        open("card", "channel_receivable", Owner::Channel(7)),
        open("payer", "customer_balance_1", Owner::House),
        open("shop", "merchant_pending", Owner::House),
        post("in", "card", "payer", 12_345, Action::Post),
        post("kept", "payer", "shop", 2_300, hold),
    ];
    let told = house.app.book.submit(commands).await.expect("submitted");
    assert!(told.iter().all(|outcome| outcome.receipt().is_ok()), "{told:?}");
    let path = format!("/accounts/{}", id("payer"));
    let source = format!("/accounts/{}", id("card"));
    let english = ["Money in transit", "2026-10-12", &source, "channel 7", "100.45", "23.00"];
    shows(&house, &path, "en", &english).await;
    shows(&house, &path, "zh-CN", &["在途资金", "起息日", "渠道待清算款项", "渠道 7"]).await;
    let before = page(&house, &source, "en").await;
    assert!(!before.body.contains("Money in transit") && !before.body.contains("Settled through"));

    let (closing, through) = (house.app.book.open_date(), house.app.book.open_date());
    let cut = Command::CutDay { closing, opening: closing.next() };
    let (tx, reference) = (TransactionId::of(&[b"settled"]), 0);
    let settle = Command::Settle { id: tx, source: id("card"), through, reference };
    let told = house.app.book.submit(vec![cut, settle]).await.expect("submitted");
    assert!(told.iter().all(|outcome| outcome.receipt().is_ok()), "{told:?}");
    let after = page(&house, &path, "en").await;
    assert!(!after.body.contains("Money in transit"), "all of it has settled");
    shows(&house, &source, "en", &["Settled through value date"]).await;
    shows(&house, &source, "zh-CN", &["已清算至起息日"]).await;
}

#[tokio::test]
async fn a_statement_is_paged_both_ways() {
    let house = House::open().await;
    for number in 0..120_u64 {
        let head = TransactionHead::new(TransactionId::of(&[&number.to_be_bytes()]));
        let amount = [("amount", Amount::new(100 + number).expect("small"))];
        let transaction =
            house.app.templates.transaction("capital_contribution", head, &[], &amount);
        house.app.book.post(transaction.expect("a template")).await.expect("posted");
    }
    let path = format!("/accounts/{}", own_bank());
    let link = |body: &str, rel: &str| {
        let at = body.find(&format!("rel=\"{rel}\""))?;
        let rest = body[at..].split("href=\"").nth(1)?;
        Some(format!(
            "{path}{}",
            rest.split('"').next()?.replace("&amp;", "&").replace("&#38;", "&")
        ))
    };
    let newest = page(&house, &path, "en").await.body;
    assert!(newest.contains("2.19") && link(&newest, "prev").is_none());
    let second = page(&house, &link(&newest, "next").expect("older"), "en").await.body;
    let oldest = page(&house, &link(&second, "next").expect("older"), "en").await.body;
    assert!(oldest.contains(">1.00<") && link(&oldest, "next").is_none());
    let back = page(&house, &link(&oldest, "prev").expect("newer"), "en").await.body;
    let rows = |body: &str| body.matches("/transactions/txn_").count();
    assert_eq!((rows(&newest), rows(&second), rows(&oldest), rows(&back)), (50, 50, 20, 50));
    let first = |body: &str| body.split("/transactions/").nth(1).map(|rest| rest[..30].to_owned());
    assert_eq!(first(&back), first(&second), "newer of the oldest is the page between");
    assert!(link(&back, "next").is_some() && link(&back, "prev").is_some());
    let within = page(&house, &format!("{path}?from=2026-10-12&to=2026-10-12"), "en").await.body;
    assert!(
        link(&within, "next").expect("older").contains("from=2026-10-12"),
        "the filter is kept"
    );
}

#[tokio::test]
async fn a_transaction_shows_what_moves_and_what_belongs_with_it() {
    let (house, ids) = house().await;
    let path = |n: usize| format!("/transactions/{}", ids[n]);
    shows(
        &house,
        &path(0),
        "en",
        &["Capital paid in", "10,000.00", "T-accounts", "Paid-in capital"],
    )
    .await;
    shows(&house, &path(0), "zh-CN", &["投入资本", "丁字账", "实收资本", "入账后余额"]).await;
    let reversal = format!("href=\"{}\"", path(1));
    shows(&house, &path(2), "en", &["reversed by this one", &reversal]).await;
    let undone = format!("href=\"{}\"", path(2));
    shows(&house, &path(1), "en", &["reverses this one", &undone]).await;
    shows(&house, &path(1), "zh-CN", &["红冲本凭证", &undone]).await;
    shows(&house, &path(3), "zh-CN", &["自有资金补足备付金", "冻结中", "/orders/ord_"]).await;
    for (path, code) in [
        ("/transactions/txn_00000000000000000000000001", "transaction_not_found"),
        ("/transactions/x", "id_malformed"),
        ("/transactions?date=x", "date_malformed"),
        ("/accounts?date=2026-2-3", "date_malformed"),
        ("/trial-balance.csv?date=today", "date_malformed"),
    ] {
        let reply = page(&house, path, "en").await;
        assert!(reply.status.is_client_error() && reply.body.contains(code), "{path}");
    }
    let list = page(&house, "/transactions", "en").await.body;
    let places: Vec<_> = ids.iter().map(|id| list.find(&format!("/transactions/{id}"))).collect();
    assert!(
        places.iter().all(Option::is_some) && places.is_sorted_by(|a, b| a > b),
        "newest first"
    );
    shows(&house, "/transactions?date=2026-10-12", "zh-CN", &["投入资本", "截至", "4001 实收资本"])
        .await;
    let before = page(&house, "/transactions?date=2026-10-11", "en").await.body;
    assert!(!before.contains("/transactions/txn_"));
    let found = page(&house, &format!("/find?q={}", ids[0]), "en").await;
    assert_eq!(found.header("location"), path(0));
}

#[tokio::test]
async fn the_trial_balance_proves_itself_and_is_downloaded() {
    let (house, _) = house().await;
    let english = ["✓ Debits = credits", "10,010.00 = 10,010.00", "✓ Sub-ledger = general ledger"];
    shows(&house, "/trial-balance", "en", &english).await;
    let chinese = ["✓ 借方 = 贷方", "✓ 期初 + 发生 = 期末", "✓ 分户合计 = 总账", "人民币"];
    shows(&house, "/trial-balance?date=2026-10-12", "zh-CN", &chinese).await;
    let file = page(&house, "/trial-balance.csv?date=2026-10-12", "zh-CN").await;
    assert!(file.header("content-type").starts_with("text/csv"));
    assert!(file.header("content-disposition").contains("trial-balance-2026-10-12.csv"));
    let lines: Vec<&str> = file.body.trim_start_matches('\u{feff}').lines().collect();
    assert!(lines[0].starts_with("会计日期,资产,科目代码,科目名称"), "{}", lines[0]);
    let capital = lines.iter().find(|line| line.contains(",4001,")).expect("a line");
    assert_eq!(
        *capital,
        "2026-10-12,CNY,4001,实收资本,所有者权益,1,0.00,0.00,5.00,10005.00,0.00,10000.00"
    );
    let columns = lines[0].split(',').count();
    assert!(lines.iter().all(|line| line.split(',').count() == columns));
}

#[tokio::test]
async fn a_leaf_shows_its_accounts_beside_the_general_ledger() {
    let (house, _) = house().await;
    let wanted = ["10,000.00", "✓ agree", "the institution"];
    shows(&house, "/accounts/leaf/100201", "en", &wanted).await;
    shows(&house, "/accounts/leaf/100201", "zh-CN", &["自有资金存款", "✓ 相符", "本机构"]).await;
}
