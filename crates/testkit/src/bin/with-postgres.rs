//! `with-postgres <command>...`: runs a command whose tests all use one PostgreSQL, started before
//! and ended after it.

use std::process::{Command, ExitCode};
use testkit::postgres::{SHARED, Server};

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    let Some(program) = words.next() else {
        eprintln!("usage: with-postgres <command> [<argument>...]");
        return ExitCode::from(2);
    };
    let server = Server::start();
    let status = Command::new(&program).args(words).env(SHARED, server.socket()).status();
    match status.map(|status| status.code()) {
        Ok(Some(code)) => ExitCode::from(u8::try_from(code).unwrap_or(1)),
        Ok(None) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{}: {error}", program.display());
            ExitCode::FAILURE
        }
    }
}
