//! Which channel takes a new order.

use crate::peer::{channels, fen, pay};
use channels::{Circuit, Error, Kind, receivable};
use types::Problem;

const NOBODY: &str = "http://127.0.0.1:1";

#[test]
fn the_cheapest_fitting_channel_is_chosen() {
    let channels = channels(NOBODY, NOBODY);
    let route = |kind, amount, token| {
        channels.route(kind, fen(amount), token).map(|channel| channel.code().to_owned())
    };
    for (kind, amount, token, expected) in [
        // 0.25 % against 0.30 %.
        (Kind::Pay, 10_000, None, Some("wallet")),
        (Kind::Pay, 10_000, Some("card_9"), Some("card")),
        (Kind::Topup, 10_000, Some("wallet_9"), Some("wallet")),
        // Both cost nothing: the lower id.
        (Kind::Pay, 1, None, Some("card")),
        (Kind::Pay, 5_000_001, None, Some("card")),
        (Kind::Pay, 20_000_001, None, None),
        (Kind::Pay, 100, Some("other_9"), None),
        (Kind::Payout, 100, None, Some("card")),
    ] {
        assert_eq!(route(kind, amount, token).ok().as_deref(), expected, "{kind:?} {amount}");
    }
    channels.set_on_line("wallet", false).expect("known");
    assert_eq!(route(Kind::Pay, 10_000, None).as_deref(), Ok("card"));
}

#[test]
fn a_named_channel_says_why_it_does_not_take_an_order() {
    let channels = channels(NOBODY, NOBODY);
    channels.set_on_line("card", false).expect("known");
    for (code, kind, amount, token, problem) in [
        ("bank", Kind::Pay, 1, None, "channel_unknown"),
        ("card", Kind::Pay, 1, None, "channel_off_line"),
        ("wallet", Kind::Payout, 1, None, "channel_kind_unsupported"),
        ("wallet", Kind::Pay, 5_000_001, None, "channel_amount_outside"),
        ("wallet", Kind::Pay, 1, Some("card_1"), "channel_instrument_unsupported"),
    ] {
        let error = channels.choose(code, kind, fen(amount), token).expect_err(problem);
        let told = Problem::from(error);
        assert_eq!(told.code, problem);
        assert!(!told.reason.zh.is_empty() && told.reason.zh != told.reason.en);
    }
    assert!(channels.get("card").is_ok(), "a query of an old order still finds it");
    assert!(channels.set_on_line("bank", true).is_err());
}

#[tokio::test]
async fn a_channel_that_only_fails_is_given_a_pause() {
    let channels = channels(NOBODY, NOBODY);
    let card = channels.choose("card", Kind::Pay, fen(990), None).expect("closed circuit");
    for n in 0..20 {
        let answer = card.pay(&pay(&format!("o{n}"))).await;
        assert!(!answer.is_certain());
    }
    assert_eq!(card.view().circuit, Circuit::Open);
    let refusal = channels.choose("card", Kind::Pay, fen(990), None);
    assert_eq!(refusal.err(), Some(Error::Failing("card".to_owned())));
    assert_eq!(
        channels.route(Kind::Pay, fen(1), None).map(|c| c.code().to_owned()).as_deref(),
        Ok("wallet")
    );
    let view = &channels.list()[0];
    assert_eq!((view.health.calls, view.health.success_ppm()), (20, 0));
}

#[test]
fn every_channel_and_asset_has_an_account_of_its_own() {
    let card = receivable("card", money::CNY);
    assert_eq!(card, receivable("card", money::CNY));
    assert_ne!(card, receivable("wallet", money::CNY));
    assert_ne!(card, receivable("card", money::AssetId(2)));
}
