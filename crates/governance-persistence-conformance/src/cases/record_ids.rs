//! Record ids are unique within an experiment and kind.

use crate::act::{apply, record, records};
use crate::{Opener, Snapshot, answer, samples};
use governance_persistence::{Backplane, Error, Expected, ExperimentKey, Record, RecordId};

/// Given a record of each kind, when another record of the same kind and id is committed, then it
/// is refused with kind, id and the sequence that holds it, and nothing changes.
pub async fn a_used_record_id_is_refused(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    for n in 1..=3 {
        apply(&backplane, &records(&key, Expected::Any, samples::one_of_each(n))).await;
    }
    let second = samples::one_of_each(4);
    apply(&backplane, &records(&key, Expected::Any, second.clone())).await;
    apply(&backplane, &records(&key, Expected::Any, samples::one_of_each(5))).await;

    for used in second {
        let reused = with_id(&used, used.id(), 6);
        let before = Snapshot::of(&backplane, &key).await;
        let commit = records(&key, Expected::Any, [samples::transition().into(), reused]);
        match answer::error(backplane.commit(&commit).await) {
            Error::RecordIdReused { key: found, kind, id, sequence } => {
                assert_eq!((&found, kind, id, sequence.get()), (&key, used.kind(), used.id(), 4));
            }
            error => panic!("the {} id was used before, but the answer was: {error}", used.kind()),
        }
        assert_eq!(Snapshot::of(&backplane, &key).await, before, "a refused commit changes nothing");
    }
}

/// Given a record, when just the same record is committed under another commit id, then it is
/// refused all the same.
pub async fn an_equal_record_in_another_commit_is_refused(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let request = samples::request();
    apply(&backplane, &record(&key, Expected::Any, request.clone())).await;

    let error = answer::error(backplane.commit(&record(&key, Expected::Any, request)).await);

    assert!(matches!(error, Error::RecordIdReused { .. }), "the record id was used before, but: {error}");
}

/// The same id under another kind is another record.
pub async fn an_id_may_serve_every_kind(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let id = RecordId::new();
    for one in samples::one_of_each(1) {
        apply(&backplane, &record(&key, Expected::Any, with_id(&one, id, 1))).await;
    }
    let snapshot = Snapshot::of(&backplane, &key).await;
    assert_eq!(snapshot.records.iter().filter(|recorded| recorded.record.id() == id).count(), 5);
}

/// The same ids in another experiment, tenant or environment are other records.
pub async fn a_record_id_belongs_to_its_experiment(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let same = samples::one_of_each(1);
    for key in [
        key.clone(),
        key.in_tenant(&samples::unique("tenant")).expect("it is valid"),
        key.in_environment("staging").expect("it is valid"),
        ExperimentKey::from_parts(key.tenant(), key.environment(), "other").expect("it is valid"),
    ] {
        apply(&backplane, &records(&key, Expected::Any, same.clone())).await;
        assert_eq!(Snapshot::of(&backplane, &key).await.records.len(), 5);
    }
}

/// Another record of the same kind under this id.
fn with_id(like: &Record, id: RecordId, version: u64) -> Record {
    match like {
        Record::Transition(_) => samples::transition().with_id(id).into(),
        Record::Approval(_) => samples::request().with_id(id).into(),
        Record::Version(_) => {
            let draft = governance_persistence::ConfigurationDraft::new(samples::configuration(), "erin");
            draft.with_id(id).numbered(samples::number(version)).into()
        }
        Record::Definition(_) => samples::definition("other").with_id(id).into(),
        Record::Evaluation(_) => samples::evaluation("other").with_id(id).into(),
    }
}
