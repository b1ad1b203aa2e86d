//! What an error of the driver says about the connection.

use sea_orm::{DbErr, RuntimeErr};

/// Whether the server answered with an error, and so did nothing, on a connection that lives on.
/// Everything else (a broken or silent connection, a server that is going down) leaves open what
/// became of the statement.
pub(super) fn is_refusal(error: &DbErr) -> bool {
    let (DbErr::Conn(RuntimeErr::SqlxError(inner))
    | DbErr::Exec(RuntimeErr::SqlxError(inner))
    | DbErr::Query(RuntimeErr::SqlxError(inner))) = error
    else {
        return false;
    };
    pg::is_refusal(inner)
}

pub(super) fn of_connecting(error: sqlx::Error) -> crate::Error {
    DbErr::Conn(RuntimeErr::SqlxError(error.into())).into()
}

/// A statement that was not answered in time.
pub(super) fn silent() -> DbErr {
    DbErr::Conn(RuntimeErr::Internal("the server did not answer in time".to_owned()))
}
