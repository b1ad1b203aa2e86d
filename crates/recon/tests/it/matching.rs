//! Every class is found, one a pair, in an order that does not depend on the machine.

use crate::day::{Trade, pay, refund};
use crate::house::House;
use crate::layouts::{alipay, generic, wechat, zip};
use recon::{Class, Error, Resources, Totals};

fn ours() -> Vec<Trade> {
    vec![
        pay("P1", 1_000, 6),
        pay("P2", 2_000, 12),
        pay("P3", 3_000, 18),
        pay("P4", 4_000, 24),
        pay("P5", 5_000, 30),
        pay("P6", 6_000, 36),
        refund("R1", "P6", 600, 3),
        pay("P7", 7_000, 42).with_status("failed"),
        pay("P8", 8_000, 48).with_status("cancelled"),
    ]
}

fn theirs() -> Vec<Trade> {
    vec![
        pay("P1", 1_000, 6),
        pay("P2", 2_001, 12),
        pay("P3", 3_000, 19),
        pay("P4", 4_000, 0).with_status("cancelled"),
        pay("P6", 6_000, 36),
        pay("P6", 6_000, 36),
        refund("R1", "P6", 600, 3),
        pay("X1", 900, 5),
    ]
}

fn expected() -> Vec<(Class, String)> {
    [
        (Class::Duplicate, "P6"),
        (Class::MissingAtUs, "X1"),
        (Class::MissingAtChannel, "P5"),
        (Class::Status, "P4"),
        (Class::Amount, "P2"),
        (Class::Fee, "P3"),
    ]
    .map(|(class, key)| (class, key.to_owned()))
    .to_vec()
}

#[tokio::test]
async fn every_class_is_found_and_the_sheet_adds_up() {
    let house = House::new().await;
    let report = house.run(&ours(), &theirs()).await.expect("run");
    assert_eq!(house.classes(&report).await, expected());
    assert_eq!((report.matched, report.agreed_absent), (3, 2));
    assert_eq!(report.sheet.breaks(), 6);
    let explained: i64 = report.sheet.lines.iter().map(|l| l.net_minor).sum();
    assert_eq!(report.sheet.ours_net_minor + explained, report.sheet.theirs_net_minor);
    assert_eq!(
        report.theirs,
        Totals {
            rows: 8,
            pays: 6,
            refunds: 1,
            pay_minor: 18_901,
            refund_minor: 600,
            fee_minor: 111
        }
    );
    let line = |class| *report.sheet.lines.iter().find(|l| l.class == class).expect("listed");
    assert_eq!(line(Class::Amount).net_minor, 1);
    assert_eq!(line(Class::Fee).net_minor, -1);
    assert_eq!(line(Class::Status).net_minor, -4_000 + 24);
    assert_eq!(line(Class::Duplicate).net_minor, 6_000 - 36);
}

/// The wallets' layouts through the same plan: what they cannot say is not compared.
#[tokio::test]
async fn both_wallets_layouts_find_the_same() {
    let packed = crate::layouts::gb18030(&alipay(&theirs()));
    let name = crate::layouts::gb18030("x业务明细.csv");
    for (format, statement) in [
        ("wechat-trade-bill", wechat(&theirs()).into_bytes()),
        ("alipay-business-detail", zip(&[(&name, &packed)])),
    ] {
        let house = House::new().await;
        let mut request = house.request(&ours(), &[]);
        request.format = format.to_owned();
        request.statement = statement;
        let report = house.recon.run(request, crate::house::now()).await.expect(format);
        assert_eq!(house.classes(&report).await, expected(), "{format}");
        assert_eq!(report.matched, 3, "{format}");
    }
}

/// (ours, theirs, what is found)
type Case = (Vec<Trade>, Vec<Trade>, Vec<Class>);

#[tokio::test]
async fn one_class_a_pair_by_precedence() {
    let failed = |no| pay(no, 100, 1).with_status("failed");
    let cases: Vec<Case> = vec![
        // Nothing to disagree about.
        (vec![], vec![], vec![]),
        (vec![failed("A")], vec![], vec![]),
        (vec![], vec![failed("A")], vec![]),
        (vec![failed("A")], vec![pay("A", 999, 9).with_status("cancelled")], vec![]),
        // A wrong amount explains a wrong fee; another status explains both.
        (vec![pay("A", 100, 1)], vec![pay("A", 101, 2)], vec![Class::Amount]),
        (vec![failed("A")], vec![pay("A", 101, 2)], vec![Class::Status]),
        (vec![pay("A", 100, 1)], vec![pay("A", 101, 2).with_status("failed")], vec![Class::Status]),
        // A second occurrence is a duplicate and nothing else, the first matches by itself.
        (vec![pay("A", 100, 1)], vec![pay("A", 100, 1), pay("A", 999, 9)], vec![Class::Duplicate]),
        (
            vec![pay("A", 100, 1)],
            vec![pay("A", 101, 1), pay("A", 100, 1), pay("A", 100, 1)],
            vec![Class::Duplicate, Class::Duplicate, Class::Amount],
        ),
        (
            vec![],
            vec![pay("A", 100, 1), pay("A", 100, 1)],
            vec![Class::Duplicate, Class::MissingAtUs],
        ),
        (vec![pay("A", 100, 1), pay("A", 100, 1)], vec![pay("A", 100, 1)], vec![Class::Duplicate]),
        // A payment and a refund under one number are two trades.
        (
            vec![pay("A", 100, 1)],
            vec![refund("A", "B", 100, 1)],
            vec![Class::MissingAtUs, Class::MissingAtChannel],
        ),
    ];
    for (place, (ours, theirs, expected)) in cases.into_iter().enumerate() {
        let house = House::new().await;
        let report = house.run(&ours, &theirs).await.expect("run");
        let found: Vec<Class> = house.classes(&report).await.into_iter().map(|c| c.0).collect();
        assert_eq!(found, expected, "case {place}");
    }
}

#[tokio::test]
async fn a_row_without_our_number_is_found_by_the_channels() {
    let house = House::new().await;
    let ours = [pay("P1", 1_000, 6), pay("P2", 2_000, 12)];
    let mut request = house.request(&ours, &ours);
    let blank = |text: String, no: &str| text.replace(&format!("pay,{no},"), "pay,,");
    let unknown = pay("P9", 50, 0);
    let theirs = generic(&[ours[0].clone(), ours[1].clone(), unknown.clone(), unknown]);
    let theirs = blank(blank(theirs, "P2"), "P9");
    request.statement = theirs.into_bytes();
    let report = house.recon.run(request, crate::house::now()).await.expect("run");
    assert_eq!(report.matched, 2);
    let classes: Vec<Class> = house.classes(&report).await.into_iter().map(|c| c.0).collect();
    assert_eq!(classes, [Class::Duplicate, Class::MissingAtUs]);
}

/// Many rows, so that more than one batch and partition take part.
fn large() -> (Vec<Trade>, Vec<Trade>) {
    let ours: Vec<Trade> = (0..20_000).map(|n| pay(&format!("P{n:06}"), 100 + n, n % 7)).collect();
    let theirs = ours
        .iter()
        .enumerate()
        .filter(|(n, _)| n % 1_000 != 3)
        .map(|(n, t)| if n % 1_000 == 5 { pay(&t.no, t.amount + 1, t.fee) } else { t.clone() })
        .collect();
    (ours, theirs)
}

#[tokio::test]
async fn the_report_does_not_depend_on_the_machine() {
    let (ours, theirs) = large();
    let mut seen: Option<(String, String)> = None;
    for (partitions, memory_bytes) in [(1, 1 << 30), (2, 1 << 30), (7, 64 << 20)] {
        let house = House::new().await;
        let resources = Resources { partitions, memory_bytes, ..Resources::default() };
        let request = house.request(&ours, &theirs);
        let recon = house.with(resources);
        let report = recon.run(request, crate::house::now()).await.expect("run");
        assert_eq!((report.matched, report.sheet.breaks()), (19_960, 40));
        let pairs: Vec<_> = house.breaks(&report).await.into_iter().map(|b| b.pair).collect();
        let bytes = (
            serde_json::to_string(&report).expect("json"),
            serde_json::to_string(&pairs).expect("json"),
        );
        assert_eq!(*seen.get_or_insert(bytes.clone()), bytes, "{partitions} partitions");
    }
}

#[tokio::test]
async fn files_that_do_not_belong_together_are_given_up() {
    let house = House::new().await;
    let (ours, _) = large();
    let theirs: Vec<Trade> = (0..50).map(|n| pay(&format!("X{n}"), 1, 0)).collect();
    let recon = house.with(Resources { breaks: 1_000, ..Resources::default() });
    let error = recon.run(house.request(&ours, &theirs), crate::house::now()).await;
    assert!(matches!(error, Err(Error::TooManyBreaks { most: 1_000 })), "{error:?}");
    assert_eq!(house.recon.runs(None, 0).await.expect("read").len(), 0, "nothing is kept");
}
