//! Files that are not what they should be.

use crate::place::Place;
use crate::processes::{child, unprivileged};
use governance_persistence::{Error, Outcome};
use governance_persistence_sql::{Migrate, SqlBackplane, SqlOptions};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

async fn refused(path: &Path, migrate: Migrate) -> Error {
    let options = SqlOptions::new(&format!("sqlite:{}", path.display())).unwrap().migrate(migrate);
    SqlBackplane::connect(&options).await.expect_err("this is no usable file")
}

#[tokio::test]
async fn given_a_path_that_is_no_file_when_connecting_then_the_error_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("notes.txt");
    fs::write(&text, "just some notes, longer than the sixteen bytes of a header\n".repeat(100)).unwrap();
    for (path, words) in [
        (folder.path().to_owned(), "names the directory"),
        (folder.path().join("missing/governance.db"), "does not exist"),
        (text.clone(), "not an SQLite database"),
    ] {
        for migrate in [Migrate::OnConnect, Migrate::Never] {
            let error = refused(&path, migrate).await;
            assert!(matches!(error, Error::Invalid(_)), "{error:?}");
            assert!(error.to_string().contains(words), "{error}");
        }
    }
    assert!(fs::read_to_string(text).unwrap().starts_with("just some notes"), "the file must stay as it was");
}

#[test]
fn given_a_file_without_permission_when_an_unprivileged_user_connects_then_nothing_is_applied() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let file = folder.path().join("governance.db");
    fs::write(&file, "").unwrap();
    let report = || {
        let answer = unprivileged(child("open::connects_and_reports", &file)).output().unwrap();
        String::from_utf8_lossy(&answer.stdout).into_owned()
    };
    for (mode, words) in [(0o000, "cannot be opened"), (0o444, "may not be written")] {
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        let answer = report();
        assert!(answer.contains("OnConnect: NotApplied: "), "mode {mode:o}: {answer}");
        assert!(answer.contains(words), "mode {mode:o}: {answer}");
    }
    // Nor does a directory that cannot be entered pass for one without the file.
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let answer = report();
    for migrate in ["OnConnect", "Never"] {
        assert!(answer.contains(&format!("{migrate}: NotApplied: ")), "{answer}");
    }
    assert!(answer.contains("ermission denied"), "{answer}");
}

#[tokio::test]
#[ignore = "a part of the test above, which runs it as another user"]
async fn connects_and_reports() {
    let path = std::env::var("GOVERNANCE_TEST_FILE").expect("the test above sets it");
    for migrate in [Migrate::OnConnect, Migrate::Never] {
        let options = SqlOptions::new(&format!("sqlite:{path}")).unwrap().migrate(migrate);
        match SqlBackplane::connect(&options).await.unwrap_err() {
            Error::Unavailable { outcome: Outcome::NotApplied, reason, .. } => {
                println!("\n{migrate:?}: NotApplied: {reason}");
            }
            // An empty file that can be read is one without the schema.
            error => println!("\n{migrate:?}: {error}"),
        }
    }
}

#[tokio::test]
async fn given_a_file_that_another_process_keeps_locked_when_writing_then_it_ends_in_time() {
    use governance_persistence::{BackplaneExt, Expected, ExperimentKey, LifecycleState, StateChange};
    let place = Place::new();
    let patient = place.connect().await;
    let options = place.options().busy_timeout(std::time::Duration::from_millis(50)).unwrap();
    let impatient = SqlBackplane::connect(&options).await.unwrap();
    let plain = place.plain();
    plain.execute_batch("BEGIN IMMEDIATE").unwrap();

    let key = ExperimentKey::new("checkout").unwrap();
    let draft = StateChange::to(LifecycleState::Draft);
    let error = impatient.save_experiment_state(&key, draft.clone(), Expected::Absent).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { outcome: Outcome::NotApplied, .. }), "{error:?}");
    assert!(error.to_string().contains("busyTimeout"), "{error}");

    let (saved, ()) = tokio::join!(patient.save_experiment_state(&key, draft, Expected::Absent), async {
        plain.execute_batch("ROLLBACK").unwrap();
    });
    saved.unwrap();
}

#[tokio::test]
async fn given_a_file_that_was_replaced_when_it_is_written_or_read_then_nothing_goes_into_the_old_one() {
    use governance_persistence::{
        Backplane, BackplaneExt, Consistency, Expected, ExperimentKey, LifecycleState, StateChange,
    };
    let place = Place::new();
    let backplane = place.connect().await;
    let key = ExperimentKey::new("checkout").unwrap();
    let draft = StateChange::to(LifecycleState::Draft);
    backplane.save_experiment_state(&key, draft.clone(), Expected::Absent).await.unwrap();

    fs::rename(place.path(), place.path().with_extension("old")).unwrap();
    for replaced in [false, true] {
        if replaced {
            fs::write(place.path(), "").unwrap();
        }
        for error in [
            backplane.save_experiment_state(&key, draft.clone(), Expected::Any).await.unwrap_err(),
            backplane.head(&key, Consistency::Strong).await.unwrap_err(),
            backplane.ping().await.unwrap_err(),
        ] {
            assert!(matches!(error, Error::Unavailable { outcome: Outcome::NotApplied, .. }), "{error:?}");
            assert!(error.to_string().contains("replaced"), "{error}");
        }
    }
    fs::rename(place.path().with_extension("old"), place.path()).unwrap();
    assert_eq!(backplane.head(&key, Consistency::Strong).await.unwrap().sequence.get(), 1);
}
