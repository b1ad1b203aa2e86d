//! Every stage with every fact: a table for the paths, a walk over all the rest.

use super::*;

const INSIDE: Shape = Shape { outside: false, review: false, falls_back: false };
const OUTSIDE: Shape = Shape { outside: true, ..INSIDE };
const REFUND: Shape = Shape { falls_back: true, ..OUTSIDE };

const fn reviewed(shape: Shape) -> Shape {
    Shape { review: true, ..shape }
}

fn facts() -> Vec<Fact> {
    vec![
        Fact::Ready,
        Fact::Resumed,
        Fact::Authenticated,
        Fact::FactorExpired,
        Fact::FactorLocked,
        Fact::Posted,
        Fact::Held { fresh: true },
        Fact::Held { fresh: false },
        Fact::HoldPosted,
        Fact::HoldVoided,
        Fact::FellBack,
        Fact::BookRefused,
        Fact::ChannelSucceeded,
        Fact::ChannelFailed("no_funds".to_owned()),
        Fact::RouteClosed,
        Fact::ChannelUnknown,
        Fact::ChannelNotFound { may_arrive: true },
        Fact::ChannelNotFound { may_arrive: false },
        Fact::Approved,
        Fact::Denied,
    ]
}

/// Drives an order through `facts`; returns the acts and where it ended.
fn walk(mut state: State, shape: Shape, facts: &[Fact]) -> (Vec<Act>, State) {
    let mut acts = Vec::new();
    for fact in facts {
        let step = next(&state, shape, fact.clone()).expect("a fact that can be");
        acts.push(step.act);
        state = step.state;
    }
    (acts, state)
}

/// What is done, from where, on what facts, by which acts, to which end.
type Way = (&'static str, State, Shape, Vec<Fact>, Vec<Act>, Stage);

#[test]
fn every_way_an_order_may_go() {
    use Act::{Ask, FallBack, Finish, Hold, Later, Post, PostHold, Query, Rest, VoidHold};
    use Fact::{
        Approved, BookRefused, ChannelNotFound, ChannelSucceeded, ChannelUnknown, Denied, FellBack,
        Held, HoldPosted, HoldVoided, Posted, Ready, Resumed, RouteClosed,
    };
    let declined = || Fact::ChannelFailed("no_funds".to_owned());
    let fresh = || Held { fresh: true };
    let new = || State::new(Stage::Trying);
    let again = |stage| State::resumed(stage, None);
    let gone = ChannelNotFound { may_arrive: false };
    let table: Vec<Way> = vec![
        ("balance", new(), INSIDE, vec![Ready, Posted], vec![Post, Finish], Stage::Succeeded),
        ("refused", new(), INSIDE, vec![Ready, BookRefused], vec![Post, Finish], Stage::Failed),
        (
            "channel",
            new(),
            OUTSIDE,
            vec![Ready, fresh(), ChannelSucceeded, HoldPosted],
            vec![Hold, Ask, PostHold, Finish],
            Stage::Succeeded,
        ),
        (
            "declined",
            new(),
            OUTSIDE,
            vec![Ready, fresh(), declined(), HoldVoided],
            vec![Hold, Ask, VoidHold, Finish],
            Stage::Failed,
        ),
        (
            "unknown, then found",
            new(),
            OUTSIDE,
            vec![Ready, fresh(), ChannelUnknown, Resumed, ChannelSucceeded, HoldPosted],
            vec![Hold, Ask, Later, Query, PostHold, Finish],
            Stage::Succeeded,
        ),
        (
            "crash before the hold",
            again(Stage::Trying),
            OUTSIDE,
            vec![Resumed, fresh(), HoldVoided],
            vec![Hold, VoidHold, Finish],
            Stage::Failed,
        ),
        (
            "crash after the hold; never received",
            again(Stage::Trying),
            OUTSIDE,
            vec![Resumed, Held { fresh: false }, gone.clone(), HoldVoided],
            vec![Hold, Query, VoidHold, Finish],
            Stage::Failed,
        ),
        (
            "refund falls to the balance",
            new(),
            REFUND,
            vec![Ready, fresh(), RouteClosed, HoldVoided, FellBack],
            vec![Hold, Ask, VoidHold, FallBack, Finish],
            Stage::Succeeded,
        ),
        (
            "refund that may have arrived never falls to the balance",
            again(Stage::Sent),
            REFUND,
            vec![Resumed, gone, HoldVoided],
            vec![Query, VoidHold, Finish],
            Stage::Failed,
        ),
        (
            "refund that the balance cannot take",
            new(),
            REFUND,
            vec![Ready, fresh(), declined(), HoldVoided, BookRefused],
            vec![Hold, Ask, VoidHold, FallBack, Finish],
            Stage::Failed,
        ),
        (
            "review approved, inside",
            new(),
            reviewed(INSIDE),
            vec![Ready, fresh(), Approved, HoldPosted],
            vec![Hold, Rest, PostHold, Finish],
            Stage::Succeeded,
        ),
        (
            "review approved after a restart, outside: sent, not queried",
            again(Stage::Review),
            reviewed(OUTSIDE),
            vec![Approved, ChannelSucceeded, HoldPosted],
            vec![Ask, PostHold, Finish],
            Stage::Succeeded,
        ),
        (
            "review denied",
            new(),
            reviewed(OUTSIDE),
            vec![Ready, fresh(), Denied, HoldVoided],
            vec![Hold, Rest, VoidHold, Finish],
            Stage::Failed,
        ),
        (
            "step-up",
            State::new(Stage::AwaitingFactor),
            INSIDE,
            vec![Fact::Authenticated, Posted],
            vec![Post, Finish],
            Stage::Succeeded,
        ),
        (
            "step-up expired",
            again(Stage::AwaitingFactor),
            INSIDE,
            vec![Fact::FactorExpired],
            vec![Finish],
            Stage::Failed,
        ),
        (
            "payee frozen while the channel paid",
            new(),
            OUTSIDE,
            vec![Ready, fresh(), ChannelSucceeded, BookRefused, Resumed, HoldPosted],
            vec![Hold, Ask, PostHold, Later, PostHold, Finish],
            Stage::Succeeded,
        ),
    ];
    for (name, state, shape, facts, acts, stage) in table {
        let (done, end) = walk(state, shape, &facts);
        assert_eq!((done, end.stage), (acts, stage), "{name}");
        assert_eq!(
            end.cause.is_some(),
            end.stage == Stage::Failed,
            "{name}: a failure has a cause"
        );
    }
}

/// Whatever is said, in whatever order: a final stage is only reached with `Finish`, nothing moves
/// a final order, money leaves a hold only by posting or voiding it, and what a later query might
/// not find again is saved.
#[test]
fn no_fact_breaks_the_rules() {
    for &stage in Stage::ALL {
        for shape in [INSIDE, OUTSIDE, REFUND, reviewed(INSIDE), reviewed(OUTSIDE)] {
            for resumed in [false, true] {
                for fact in facts() {
                    let state = State { stage, resumed, cause: None };
                    let Ok(step) = next(&state, shape, fact.clone()) else { continue };
                    assert!(!stage.is_final(), "{fact:?} moved a final order");
                    assert_eq!(step.state.stage.is_final(), step.act == Act::Finish, "{fact:?}");
                    if step.act == Act::Ask {
                        assert!(!step.state.resumed, "resent after {fact:?} at {stage:?}");
                    }
                    if matches!(step.act, Act::Later) {
                        assert!(step.save, "{fact:?} at {stage:?} waits unsaved");
                    }
                    if fact == (Fact::ChannelNotFound { may_arrive: false }) {
                        assert!(step.save, "the give-up is not saved");
                    }
                }
            }
        }
    }
}

#[test]
fn saved_causes_come_back() {
    for cause in [Cause::Interrupted, Cause::NeverReceived, Cause::ReviewDenied] {
        assert_eq!(Cause::of_saved(cause.code()), Some(cause));
    }
    assert_eq!(Cause::of_saved(Cause::RouteClosed.code()), None);
}
