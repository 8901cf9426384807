//! `governance`: see and change experiment governance from the shell.

mod args;
mod backplane;
mod command;
mod exit;
mod failure;
mod input;
mod output;
mod scope;
mod transfer;

use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = match args::parse() {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    let json = cli.global.json;
    match command::run(cli) {
        Ok(()) => exit::SUCCESS,
        Err(failure) => exit::report(&failure, json),
    }
}
