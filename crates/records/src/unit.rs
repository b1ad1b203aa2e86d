//! A unit: what one caller wants written, all of it or nothing.

use std::future::Future;
use std::pin::Pin;

/// The future a unit returns; it borrows the transaction it runs in.
pub type UnitFuture<'t, T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 't>>;
