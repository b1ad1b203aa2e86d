//! The life of an order as a pure function: where it stands and what became known, in; where it
//! stands next and the one thing to do, out.
//!
//! The records lag behind on purpose: only a move with [`Move::save`] is written before its action.
//! Whatever was not written is found again by doing the same steps under the same ids: the book
//! answers a known transaction with its first result, a channel a known number likewise.

use super::order::Stage;

/// What of an order decides its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Outside money moves: a channel must be asked.
    pub outside: bool,
    /// A person must look before the money moves.
    pub review: bool,
    /// A refund whose route is closed or failed goes to the payer's balance.
    pub falls_back: bool,
}

/// Why an order is being given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// The book refused; the code says why.
    Book,
    /// The channel declined for certain, with its own code.
    Declined(String),
    /// The channel takes no orders; nothing was sent.
    RouteClosed,
    /// A crash came before the channel was asked.
    Interrupted,
    /// The channel does not know the order, and the time in which it may still arrive is over.
    NeverReceived,
    /// An operator said no.
    ReviewDenied,
    /// The payer brought no stronger factor in time.
    FactorExpired,
    /// Too many wrong passwords.
    FactorLocked,
}

impl Cause {
    /// The stable code that the order's failure bears; the book's refusals bear their own.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Book => "refused_by_book",
            Self::Declined(_) => "channel_declined",
            Self::RouteClosed => "channel_unavailable",
            Self::Interrupted => "interrupted",
            Self::NeverReceived => "channel_never_received",
            Self::ReviewDenied => "review_denied",
            Self::FactorExpired => "authentication_expired",
            Self::FactorLocked => "password_locked",
        }
    }

    /// The cause under which a saved order is being cancelled; only these three are ever saved.
    pub fn of_saved(code: &str) -> Option<Self> {
        [Self::Interrupted, Self::NeverReceived, Self::ReviewDenied]
            .into_iter()
            .find(|cause| cause.code() == code)
    }

    /// Whether it is certain that the route moved nothing and will not.
    const fn route_failed(&self) -> bool {
        matches!(self, Self::Declined(_) | Self::RouteClosed)
    }
}

/// Where an order stands while it is being driven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Its stage.
    pub stage: Stage,
    /// Whether it was taken up again: then everything may have been done before.
    pub resumed: bool,
    /// Why it is being given up, if it is.
    pub cause: Option<Cause>,
}

/// What became known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// The order is written and every check before the book has passed.
    Ready,
    /// Recovery takes it up.
    Resumed,
    /// The payer brought the stronger factor.
    Authenticated,
    /// The time for the stronger factor is over.
    FactorExpired,
    /// The payer may not try any more.
    FactorLocked,
    /// The book moved the money in one transaction.
    Posted,
    /// The book set the money aside; `fresh` if by this very asking.
    Held {
        /// Whether the hold was not there before.
        fresh: bool,
    },
    /// The book posted the hold.
    HoldPosted,
    /// The book voided the hold.
    HoldVoided,
    /// The book paid the refund into the balance.
    FellBack,
    /// The book refused the step it was asked for.
    BookRefused,
    /// The channel: the money moved.
    ChannelSucceeded,
    /// The channel: the money did not move and will not.
    ChannelFailed(String),
    /// The channel could not be asked and nothing was sent.
    RouteClosed,
    /// Nobody knows yet.
    ChannelUnknown,
    /// The channel does not know the order.
    ChannelNotFound {
        /// Whether what was sent may still arrive.
        may_arrive: bool,
    },
    /// An operator said yes.
    Approved,
    /// An operator said no.
    Denied,
}

/// The one thing to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Act {
    /// Ask the book to set the money aside.
    Hold,
    /// Ask the book to move the money at once.
    Post,
    /// Send the order to the channel.
    Ask,
    /// Ask the channel what became of it.
    Query,
    /// Ask the book to post the hold.
    PostHold,
    /// Ask the book to void the hold.
    VoidHold,
    /// Ask the book to pay the refund into the balance.
    FallBack,
    /// Leave it to recovery, after a while.
    Later,
    /// Leave it to people.
    Rest,
    /// Write the final state and the message.
    Finish,
}

/// Where the order stands next, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// Where it stands then.
    pub state: State,
    /// Whether that must be durable before the action.
    pub save: bool,
    /// What to do.
    pub act: Act,
}

/// A fact that cannot be at this stage: a fault of ours, or a call that came too late.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{fact:?} cannot be while the order is {stage:?}")]
pub struct Misplaced {
    /// Where the order stands.
    pub stage: Stage,
    /// What was said.
    pub fact: Fact,
}

impl State {
    /// An order that is new.
    pub const fn new(stage: Stage) -> Self {
        Self { stage, resumed: false, cause: None }
    }

    /// An order that is taken up again.
    pub const fn resumed(stage: Stage, cause: Option<Cause>) -> Self {
        Self { stage, resumed: true, cause }
    }

    fn to(&self, stage: Stage, act: Act) -> Move {
        let state = Self { stage, resumed: self.resumed, cause: self.cause.clone() };
        Move { state, save: false, act }
    }

    fn fail(&self, cause: Cause) -> Move {
        let mut next = self.to(Stage::Failed, Act::Finish);
        next.state.cause = Some(cause);
        next
    }

    fn cancel(&self, cause: Cause) -> Move {
        // What a later query would find again need not be saved; what it might not, must be: a
        // channel that answers "never received" today may have received it tomorrow.
        let save = Cause::of_saved(cause.code()).is_some();
        let mut next = self.to(Stage::Cancelling, Act::VoidHold);
        next.state.cause = Some(cause);
        Move { save, ..next }
    }
}

impl Move {
    fn saved(self) -> Self {
        Self { save: true, ..self }
    }

    /// Approval is a decision of now: what comes after it was not done before.
    fn afresh(mut self) -> Self {
        self.state.resumed = false;
        self
    }
}

/// The next move of an order of this shape, in this state, once `fact` is known.
pub fn next(state: &State, shape: Shape, fact: Fact) -> Result<Move, Misplaced> {
    let stage = state.stage;
    match stage {
        Stage::AwaitingFactor => awaiting(state, shape, fact),
        Stage::Trying => trying(state, shape, fact),
        Stage::Review => review(state, shape, fact),
        Stage::Sent => sent(state, fact),
        Stage::Confirming => confirming(state, fact),
        Stage::Cancelling => cancelling(state, shape, fact),
        Stage::Succeeded | Stage::Failed => Err(Misplaced { stage, fact }),
    }
}

/// The first question to the book.
const fn first(shape: Shape) -> Act {
    if shape.outside || shape.review { Act::Hold } else { Act::Post }
}

fn awaiting(state: &State, shape: Shape, fact: Fact) -> Result<Move, Misplaced> {
    Ok(match fact {
        Fact::Authenticated => state.to(Stage::Trying, first(shape)).saved().afresh(),
        Fact::FactorExpired => state.fail(Cause::FactorExpired),
        Fact::FactorLocked => state.fail(Cause::FactorLocked),
        Fact::Resumed => state.to(Stage::AwaitingFactor, Act::Rest),
        fact => return Err(Misplaced { stage: state.stage, fact }),
    })
}

fn trying(state: &State, shape: Shape, fact: Fact) -> Result<Move, Misplaced> {
    Ok(match fact {
        Fact::Ready | Fact::Resumed => state.to(Stage::Trying, first(shape)),
        Fact::Posted => state.to(Stage::Succeeded, Act::Finish),
        Fact::BookRefused => state.fail(Cause::Book),
        Fact::Held { .. } if shape.review => state.to(Stage::Review, Act::Rest).saved(),
        // The hold comes first, always: if it was not there, nothing was sent.
        Fact::Held { fresh: true } if state.resumed => state.cancel(Cause::Interrupted),
        Fact::Held { fresh: false } if state.resumed => state.to(Stage::Sent, Act::Query),
        Fact::Held { .. } => state.to(Stage::Sent, Act::Ask),
        fact => return Err(Misplaced { stage: state.stage, fact }),
    })
}

fn review(state: &State, shape: Shape, fact: Fact) -> Result<Move, Misplaced> {
    Ok(match fact {
        Fact::Approved if shape.outside => state.to(Stage::Sent, Act::Ask).saved().afresh(),
        Fact::Approved => state.to(Stage::Confirming, Act::PostHold).saved().afresh(),
        Fact::Denied => state.cancel(Cause::ReviewDenied),
        Fact::Resumed => state.to(Stage::Review, Act::Rest),
        fact => return Err(Misplaced { stage: state.stage, fact }),
    })
}

fn sent(state: &State, fact: Fact) -> Result<Move, Misplaced> {
    Ok(match fact {
        Fact::Resumed => state.to(Stage::Sent, Act::Query),
        Fact::ChannelSucceeded => state.to(Stage::Confirming, Act::PostHold),
        Fact::ChannelFailed(code) => state.cancel(Cause::Declined(code)),
        Fact::RouteClosed => state.cancel(Cause::RouteClosed),
        Fact::ChannelUnknown | Fact::ChannelNotFound { may_arrive: true } => {
            state.to(Stage::Sent, Act::Later).saved()
        }
        Fact::ChannelNotFound { may_arrive: false } => state.cancel(Cause::NeverReceived),
        fact => return Err(Misplaced { stage: state.stage, fact }),
    })
}

fn confirming(state: &State, fact: Fact) -> Result<Move, Misplaced> {
    Ok(match fact {
        Fact::Resumed => state.to(Stage::Confirming, Act::PostHold),
        Fact::HoldPosted => state.to(Stage::Succeeded, Act::Finish),
        // The money has moved outside; a payee frozen meanwhile keeps it in the hold until the
        // freeze is lifted.
        Fact::BookRefused => state.to(Stage::Confirming, Act::Later).saved(),
        fact => return Err(Misplaced { stage: state.stage, fact }),
    })
}

fn cancelling(state: &State, shape: Shape, fact: Fact) -> Result<Move, Misplaced> {
    let route_failed = state.cause.as_ref().is_some_and(Cause::route_failed);
    Ok(match fact {
        Fact::Resumed => state.to(Stage::Cancelling, Act::VoidHold),
        Fact::HoldVoided if shape.falls_back && route_failed => {
            state.to(Stage::Cancelling, Act::FallBack)
        }
        Fact::HoldVoided => state.to(Stage::Failed, Act::Finish),
        Fact::FellBack => {
            let mut next = state.to(Stage::Succeeded, Act::Finish);
            next.state.cause = None;
            next
        }
        // The balance cannot take it either: the channel's answer stands.
        Fact::BookRefused if shape.falls_back && route_failed => {
            state.to(Stage::Failed, Act::Finish)
        }
        fact => return Err(Misplaced { stage: state.stage, fact }),
    })
}

#[cfg(test)]
#[path = "machine_tests.rs"]
mod tests;
