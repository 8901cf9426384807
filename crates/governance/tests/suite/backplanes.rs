//! The places that cases run on: every case is a function of a backplane, and a test on each.

use governance_persistence::{Backplane, InMemoryBackplane};
use governance_persistence_sql::{Migrate, SqlBackplane, SqlOptions};
use std::sync::Arc;
use tempfile::TempDir;

/// A test on every backplane of each of these cases, `async fn(Arc<dyn Backplane>)`.
macro_rules! on_every_backplane {
    ($($case:ident)*) => {
        mod in_memory {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                super::$case($crate::backplanes::in_memory()).await;
            })*
        }

        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                let (backplane, _folder) = $crate::backplanes::sqlite().await;
                super::$case(backplane).await;
            })*
        }
    };
}

pub(crate) fn in_memory() -> Arc<dyn Backplane> {
    Arc::new(InMemoryBackplane::new())
}

/// A new file, in a folder that is removed when it is dropped.
pub(crate) async fn sqlite() -> (Arc<dyn Backplane>, TempDir) {
    let folder = tempfile::tempdir().expect("a temporary directory can be made");
    (sqlite_at(&folder).await, folder)
}

/// The file in this folder, opened by a handle of its own.
pub(crate) async fn sqlite_at(folder: &TempDir) -> Arc<dyn Backplane> {
    let url = format!("sqlite:{}", folder.path().join("governance.db").display());
    let options = SqlOptions::new(&url).expect("the URL is right").migrate(Migrate::OnConnect);
    Arc::new(SqlBackplane::connect(&options).await.expect("the file can be opened"))
}
