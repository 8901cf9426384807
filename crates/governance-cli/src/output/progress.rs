//! How far a long command has come: on standard error, and only if that is a terminal.

use indicatif::{ProgressBar, ProgressStyle};
use std::time::Duration;

/// Progress towards an unknown end.
pub(crate) fn spinner(template: &str) -> ProgressBar {
    let spinner = styled(ProgressBar::new_spinner(), template);
    spinner.enable_steady_tick(Duration::from_millis(100));
    spinner
}

/// Progress towards a known end.
pub(crate) fn progress(length: u64, template: &str) -> ProgressBar {
    styled(ProgressBar::new(length), template)
}

fn styled(bar: ProgressBar, template: &str) -> ProgressBar {
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
