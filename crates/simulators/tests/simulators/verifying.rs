//! Verification providers of every kind, asked as members ask them.

use members::IdType;
use members::verification::{
    CheckAnswer, CheckRequest, HttpProvider, Need, Provider, ProviderKey, ProviderTerms, Verifiers,
};
use simulators::{Trouble, VerifierConfig, VerifierSimulator};
use std::collections::BTreeMap;
use std::sync::Arc;
use testkit::{SeededRandom, moment};
use types::Masked;

const KEY: [u8; 32] = [7; 32];

fn terms(code: &str) -> ProviderTerms {
    let book = include_str!("../../../../books/verifiers.toml");
    let book = Verifiers::parse(book, "verifiers.toml").expect("the book").0;
    book.into_iter().find(|terms| terms.code == code).expect("in the book")
}

fn quick(code: &str) -> VerifierConfig {
    let listen = "127.0.0.1:0".parse().expect("an address");
    VerifierConfig::quick(terms(code), listen, ProviderKey::new(KEY), 1)
}

async fn open(config: VerifierConfig) -> (VerifierSimulator, HttpProvider) {
    let terms = config.terms.clone();
    let simulator = VerifierSimulator::start(config).await.expect("started");
    let random = Arc::new(SeededRandom::new(1));
    let provider = HttpProvider::new(terms, &simulator.url(), ProviderKey::new(KEY), random);
    (simulator, provider.expect("a client"))
}

fn check(no: &str, facts: &[(Need, &str)]) -> CheckRequest {
    let facts: BTreeMap<Need, Masked> =
        facts.iter().map(|(need, fact)| (*need, Masked::new(*fact))).collect();
    CheckRequest {
        request_no: no.to_owned(),
        id_type: IdType::ResidentId,
        facts,
        at: moment("2026-10-12T12:00:00+08:00"),
    }
}

/// Yes, no, or nothing.
async fn says(provider: &HttpProvider, no: &str, facts: &[(Need, &str)]) -> Option<bool> {
    match provider.check(&check(no, facts)).await {
        CheckAnswer::Match { .. } => Some(true),
        CheckAnswer::Mismatch { .. } => Some(false),
        CheckAnswer::Down { .. } => None,
    }
}

#[tokio::test]
async fn each_kind_knows_one_holder_of_what_it_is_told() {
    for (code, fact) in [
        ("bank-card-3", Need::Card),
        ("live-face", Need::LiveFace),
        ("mobile-operator-3", Need::Mobile),
        ("housing-fund", Need::HousingFundAccount),
        ("tax", Need::TaxRecord),
    ] {
        let (simulator, provider) = open(quick(code)).await;
        let of =
            |name, document, value| [(Need::Name, name), (Need::Document, document), (fact, value)];
        assert_eq!(says(&provider, "1", &of("王小强", "D1", "A1")).await, Some(true), "{code}");
        assert_eq!(says(&provider, "2", &of("李小强", "D1", "A1")).await, Some(false), "{code}");
        assert_eq!(says(&provider, "3", &of("李小强", "D2", "A1")).await, Some(false), "{code}");
        assert_eq!(says(&provider, "4", &of("李小强", "D2", "A2")).await, Some(true), "{code}");
        let less = [(Need::Name, "王小强"), (Need::Document, "D1")];
        assert_eq!(says(&provider, "5", &less).await, None, "{code} is told too little");
        let mut more = of("王小强", "D1", "A1").to_vec();
        more.push((Need::CardPhone, "1"));
        assert_eq!(says(&provider, "6", &more).await, None, "{code} is told too much");
        assert_eq!(simulator.bill(), 4 * terms(code).price.minor(), "{code}");
    }
}

#[tokio::test]
async fn a_household_is_known_by_name_alone() {
    let (_simulator, provider) = open(quick("utility")).await;
    let of = |name| [(Need::Name, name), (Need::UtilityAccount, "3301000001")];
    assert_eq!(says(&provider, "1", &of("王小强")).await, Some(true));
    assert_eq!(says(&provider, "2", &of("李小强")).await, Some(false));
}

#[tokio::test]
async fn no_such_person_and_another_name_are_one_answer() {
    let config = VerifierConfig { strict: true, ..quick("id-network") };
    let (simulator, provider) = open(config).await;
    simulator.declare("王小强", "D1");
    let mut told = Vec::new();
    for (no, name, document) in [("1", "李小强", "D1"), ("2", "王小强", "D2")] {
        let facts = [(Need::Name, name), (Need::Document, document)];
        let answer = provider.check(&check(no, &facts)).await;
        let CheckAnswer::Mismatch { reference } = answer else { panic!("{answer:?}") };
        // The reference is a number of its own and says nothing.
        told.push(reference.starts_with("id-network-"));
    }
    assert_eq!(told, [true, true]);
    let facts = [(Need::Name, "王小强"), (Need::Document, "D1")];
    assert_eq!(says(&provider, "3", &facts).await, Some(true));
}

#[tokio::test]
async fn a_check_that_stumbles_is_answered_the_second_time_and_billed_as_agreed() {
    for (code, calls_billed) in [("id-network", 1), ("live-face", 2)] {
        let stumbles = Some((1_000_000, Trouble::Wrong));
        let (simulator, provider) = open(VerifierConfig { stumbles, ..quick(code) }).await;
        let mut facts = vec![(Need::Name, "王小强"), (Need::Document, "D1")];
        if terms(code).needs.contains(&Need::LiveFace) {
            facts.push((Need::LiveFace, "T1"));
        }
        assert_eq!(says(&provider, "1", &facts).await, None, "{code}");
        assert_eq!(says(&provider, "1", &facts).await, Some(true), "{code}");
        assert_eq!(says(&provider, "1", &facts).await, Some(true), "{code}: the same again");
        assert_eq!(simulator.bill(), calls_billed * terms(code).price.minor(), "{code}");
    }
}
