//! The points between two steps of an order, where a crash has a meaning of its own.

use futures::future::BoxFuture;
use types::OrderId;

/// A point between two steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Boundary {
    /// The order is to be written.
    BeforeWrite,
    /// The order is written; the book was not asked.
    Written,
    /// The book answered the first question (hold or post).
    Tried,
    /// The channel answered.
    Asked,
    /// Where the order stands is to be saved.
    BeforeSave,
    /// Where the order stands was saved.
    Saved,
    /// The book posted the hold.
    HoldPosted,
    /// The book voided the hold.
    HoldVoided,
    /// The book paid the refund into the balance.
    FellBack,
    /// The final state is to be written.
    BeforeFinish,
    /// The final state is written.
    Finished,
}

impl Boundary {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::BeforeWrite,
        Self::Written,
        Self::Tried,
        Self::Asked,
        Self::BeforeSave,
        Self::Saved,
        Self::HoldPosted,
        Self::HoldVoided,
        Self::FellBack,
        Self::BeforeFinish,
        Self::Finished,
    ];
}

/// Is told of every boundary an order reaches; the order goes on when the future is ready. A fault
/// injector never lets it go on.
pub trait Watch: Send + Sync {
    /// `order` reached `boundary`.
    fn reached(&self, order: OrderId, boundary: Boundary) -> BoxFuture<'_, ()>;
}
