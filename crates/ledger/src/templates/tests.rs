//! The shipped templates, every fault a file can have, and every wrong use.

use super::*;
use money::CNY;
use types::TransactionId;

const CHART: &str = include_str!("../../../../books/chart.toml");
const ASSETS: &str = include_str!("../../../../books/assets.toml");
const SHIPPED: &str = include_str!("../../../../books/templates.toml");

fn parse(text: &str) -> Result<Templates, BooksError> {
    let chart = Chart::parse(CHART, "chart.toml").expect("valid");
    let assets = Assets::parse(ASSETS, "assets.toml").expect("valid");
    Templates::parse(text, "templates.toml", &chart, &assets)
}

fn account(name: &str) -> AccountId {
    AccountId::of(&[name.as_bytes()])
}

fn amount(minor: u64) -> Amount {
    Amount::new(minor).expect("small")
}

fn head() -> TransactionHead {
    TransactionHead::new(TransactionId::from_u128(1))
}

#[test]
fn the_shipped_templates_are_good() {
    let templates = parse(SHIPPED).expect("valid");
    for event in [
        "capital_contribution",
        "reserve_top_up",
        "topup",
        "deposit",
        "pay_balance",
        "pay_channel",
        "transfer",
        "review_received",
        "review_released",
        "review_rejected",
        "late_success",
        "withdraw_try",
        "withdraw_paid",
        "withdraw_paid_channel",
        "withdraw_returned",
        "refund_balance",
        "refund_channel_try",
        "refund_channel_paid",
        "refund_returned",
        "refund_to_balance",
        "channel_cost",
        "channel_cost_returned",
        "fee_transfer",
        "channel_settlement",
        "merchant_settlement",
        "merchant_payout",
        "merchant_payout_returned",
        "advance",
        "break_long",
        "break_long_credited",
        "break_long_refund",
        "break_long_gain",
        "break_short_claim",
        "break_short_paid",
        "break_short_reversed",
        "write_off",
        "fee_diff_cost",
        "fee_diff_gain",
        "quota_grant",
        "quota_withdrawn",
        "quota_reset",
        "quota_use",
        "quota_return",
    ] {
        let template = templates.event(event).expect(event);
        assert_eq!(templates.by_code(template.code).map(|t| t.event.as_str()), Some(event));
    }
}

const GOOD: &str = r#"[[template]]
event = "withdraw"
code = 1
en = "a"
zh = "甲"
slots = { payer = ["customer_balance_*"] }
params = ["amount", "fee"]
optional = ["fee"]
legs = [
  { debit = "payer", credit = "withdrawal_in_transit", amount = "amount" },
  { debit = "payer", credit = "house_in_reserve", amount = "fee" },
  { debit = "due_from_reserve", credit = "withdrawal_fee_income", amount = "fee" },
]
"#;

/// Replaces one piece of the good template and expects this fault on this line.
fn spoiled(from: &str, to: &str, code: &str, line: usize) {
    assert!(GOOD.contains(from), "{from}");
    let error = parse(&GOOD.replacen(from, to, 1)).expect_err(to);
    assert_eq!((error.code, error.line), (code, Some(line)), "{from} -> {to}: {error}");
    assert!(error.to_string().starts_with("templates.toml:"), "{error}");
    assert!(!error.reason.zh.is_empty());
}

#[test]
fn every_fault_is_refused_with_its_place() {
    assert!(parse(GOOD).is_ok());
    let income_leg = "  { debit = \"due_from_reserve\", credit = \"withdrawal_fee_income\", amount = \"fee\" },\n";
    for (from, to, code, line) in [
        // A leg without its other side.
        ("debit = \"payer\", credit = \"with", "credit = \"with", "template_unbalanced", 10),
        // The reserve's side of a fee without the house's.
        (income_leg, "", "template_unbalanced", 1),
        (
            "\"withdrawal_fee_income\", amount = \"fee\"",
            "\"withdrawal_fee_income\", amount = \"amount\"",
            "template_unbalanced",
            1,
        ),
        ("credit = \"withdrawal_in_transit\"", "credit = \"payer\"", "template_same_sides", 10),
        ("\"withdrawal_in_transit\"", "\"nobody\"", "template_role_unknown", 10),
        ("customer_balance_*", "customer_*_x", "template_role_unknown", 1),
        ("customer_balance_*", "nobody_*", "template_role_unknown", 1),
        // The name of a parent or of a leaf without a house account is no side.
        ("\"withdrawal_in_transit\"", "\"2013\"", "template_role_unknown", 10),
        ("\"withdrawal_in_transit\"", "\"merchant_pending\"", "template_role_house", 10),
        ("\"withdrawal_in_transit\"", "\"own_bank\"", "template_funds", 10),
        ("customer_balance_*", "own_bank", "template_funds", 10),
        ("[\"customer_balance_*\"]", "[]", "template_slot", 1),
        ("[\"customer_balance_*\"]", "[\"capital\", \"merchant_pending\"]", "template_funds", 10),
        ("slots = { payer", "slots = { own_bank", "template_slot", 1),
        ("slots = { ", "slots = { spare = [\"capital\"], ", "template_slot", 1),
        ("[\"amount\", \"fee\"]", "[\"amount\"]", "template_param", 1),
        ("[\"amount\", \"fee\"]\nopt", "[\"amount\", \"fee\", \"tip\"]\nopt", "template_param", 1),
        ("[\"amount\", \"fee\"]\nopt", "[\"amount\", \"fee\", \"fee\"]\nopt", "template_param", 1),
        ("amount = \"amount\" }", "amount = \"sum\" }", "template_param", 10),
        ("amount = \"amount\" }", "amount = \"amount\", asset = \"XYZ\" }", "template_asset", 10),
        (
            "\"house_in_reserve\", amount = \"fee\" }",
            "\"house_in_reserve\", amount = \"fee\", asset = \"CNY\" }",
            "template_unbalanced",
            12,
        ),
        (
            "amount = \"amount\" }",
            "amount = \"amount\", asset = \"QUOTA_DAY\" }",
            "template_role_house",
            10,
        ),
        ("code = 1", "code = 0", "template_unnamed", 1),
        ("zh = \"甲\"", "zh = \"\"", "template_unnamed", 1),
        ("code = 1", "code = 70000", "books_malformed", 3),
        ("zh = \"甲\"", "zh = \"甲\"\nhint = 1", "books_malformed", 6),
    ] {
        spoiled(from, to, code, line);
    }
    let other = GOOD.replace("\"withdraw\"", "\"other\"");
    for second in [GOOD, &other] {
        let error = parse(&format!("{GOOD}{second}")).expect_err("twice");
        assert_eq!((error.code, error.line), ("template_duplicate", Some(14)));
    }
    let empty = GOOD.split("legs").next().expect("a head").to_owned() + "legs = []\n";
    assert_eq!(parse(&empty).expect_err("empty").code, "template_empty");
}

#[test]
fn legs_are_filled_and_optional_ones_left_out() {
    let templates = parse(GOOD).expect("valid");
    let slots = [("payer", account("p"))];
    let full = templates
        .transaction("withdraw", head(), &slots, &[("amount", amount(10)), ("fee", amount(1))])
        .expect("complete");
    let transit = house_account("withdrawal_in_transit", CNY);
    assert_eq!(full.event, 1);
    assert_eq!(full.postings.len(), 3);
    assert_eq!(full.postings.first(), Some(&Posting::exact(account("p"), transit, amount(10))));
    for amounts in
        [&[("amount", amount(10))][..], &[("amount", amount(10)), ("fee", Amount::ZERO)][..]]
    {
        let bare = templates.transaction("withdraw", head(), &slots, amounts).expect("complete");
        assert_eq!(bare.postings, [Posting::exact(account("p"), transit, amount(10))]);
    }
}

#[test]
fn ending_a_hold_needs_no_postings() {
    let templates = parse(GOOD).expect("valid");
    let hold = TransactionId::from_u128(9);
    for action in [Action::PostHold { hold }, Action::VoidHold { hold }] {
        let tx = templates.transaction("withdraw", head().action(action), &[], &[]);
        assert_eq!(tx.expect("complete").postings, []);
    }
    let part = templates.transaction(
        "withdraw",
        head().action(Action::PostHold { hold }),
        &[("payer", account("p"))],
        &[("amount", amount(4))],
    );
    assert_eq!(part.expect("complete").postings.len(), 1);
}

#[test]
fn the_head_or_the_leg_names_the_asset() {
    let templates = parse(SHIPPED).expect("valid");
    let quota = AssetId(103);
    let grant = templates
        .transaction(
            "quota_grant",
            head().asset(quota),
            &[("left", account("l"))],
            &[("amount", amount(5))],
        )
        .expect("complete");
    let source = house_account("quota_source", quota);
    assert_eq!(grant.postings, [Posting::exact(source, account("l"), amount(5))]);
    let fixed = r#"[[template]]
event = "grant"
code = 1
en = "a"
zh = "甲"
slots = { left = ["quota_left"] }
params = ["amount"]
legs = [{ debit = "quota_source", credit = "left", amount = "amount", asset = "QUOTA_DAY" }]
"#;
    let fixed = parse(fixed).expect("valid");
    let slots = [("left", account("l"))];
    let tx = fixed.transaction("grant", head(), &slots, &[("amount", amount(5))]);
    assert_eq!(tx.expect("complete").postings, grant.postings);
}

#[test]
fn wrong_use_is_named() {
    let templates = parse(GOOD).expect("valid");
    let payer = ("payer", account("p"));
    let sum = ("amount", amount(1));
    for (event, slots, amounts, code) in [
        ("nothing", vec![payer], vec![sum], "template_unknown"),
        ("withdraw", vec![], vec![sum], "template_slot_missing"),
        ("withdraw", vec![payer, payer], vec![sum], "template_slot_unknown"),
        ("withdraw", vec![("payee", account("p"))], vec![sum], "template_slot_unknown"),
        ("withdraw", vec![payer], vec![], "template_amount_missing"),
        ("withdraw", vec![payer], vec![sum, sum], "template_amount_unknown"),
        ("withdraw", vec![payer], vec![sum, ("tip", amount(1))], "template_amount_unknown"),
    ] {
        let error = templates.transaction(event, head(), &slots, &amounts).expect_err(code);
        assert_eq!(error.code(), code);
        let problem = Problem::from(error);
        assert_eq!((problem.kind, problem.code), (ProblemKind::Internal, code));
        assert_ne!(problem.reason.zh, problem.reason.en);
    }
}
