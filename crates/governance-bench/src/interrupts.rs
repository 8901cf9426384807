//! Ctrl-C and the wish to end: the servers that were started for the benchmark end with it.

use anyhow::Result;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::{process, thread};

/// From now on a signal to end stops our servers first, and removes what they had.
pub(crate) fn stop_servers_first() -> Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            if let Err(error) = xtask::services::clear_own() {
                eprintln!("{error:#}");
            }
            // As a shell says of a program that a signal ended.
            process::exit(128 + signal);
        }
    });
    Ok(())
}
