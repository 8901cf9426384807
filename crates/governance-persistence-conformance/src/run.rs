//! The runtime that a test runs on.

use crate::Opener;
use std::time::Duration;

/// So long that only a case which hangs takes longer.
const HANGS: Duration = Duration::from_secs(600);

/// Opens a place and runs a case on it, on a runtime of two worker threads.
///
/// # Panics
///
/// When the case fails, or has not ended after ten minutes.
pub fn run<O: Opener>(opener: impl Future<Output = O>, case: impl AsyncFnOnce(&dyn Opener)) {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(2).enable_all().build().expect("the runtime of a test starts");
    let ended = runtime.block_on(async {
        let opener = opener.await;
        if is_skipped(&opener) {
            return Ok(());
        }
        tokio::time::timeout(HANGS, case(&opener)).await
    });
    ended.expect("the case hangs");
}

/// Is there nothing to open? Then it says so.
pub(crate) fn is_skipped(opener: &dyn Opener) -> bool {
    let missing = opener.missing();
    if let Some(missing) = &missing {
        eprintln!("skipped: {missing}");
    }
    missing.is_some()
}
