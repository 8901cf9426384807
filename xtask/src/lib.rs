//! The servers that tests run on, as a library.
//!
//! `cargo xtask services` and `cargo xtask test` start them by it. A crate whose tests crash, cut off or
//! restart a server takes `xtask` as a development dependency and starts one of its own:
//!
//! ```no_run
//! use xtask::services::{Directory, Postgres, PostgresOptions};
//!
//! # fn main() -> anyhow::Result<()> {
//! let directory = Directory::create()?;
//! let mut server = Postgres::start(&directory, &PostgresOptions::default())?;
//! println!("{}", server.url());
//! server.kill()?;
//! server.restart()?;
//! # Ok(())
//! # }
//! ```
//!
//! It depends on no crate of ours. Linux only: it knows its processes by what `/proc` says of them.

pub mod programs;
pub mod services;
