//! Data that others have spoilt: the error names the key, and nothing is written half.

use crate::place::{Place, one_of_each};
use crate::raw::{everything, keys};
use governance_persistence::{
    Backplane, BackplaneExt, Consistency, EphemeralId, EphemeralKind, Error, ExperimentKey, ExperimentsQuery, Filter,
    Json, LookUp, PageSize, Sequence, TimeToLive,
};
use std::time::Duration;

#[tokio::test]
async fn given_a_key_of_the_wrong_type_when_committed_then_it_is_named_and_nothing_is_written() {
    let Some(place) = Place::or_skip() else { return };
    let backplane = place.connect().await;
    let mut raw = place.raw();
    let names = "head state commit-ids record-ids versions by-transition latest-evaluations latest-policies \
                 commits:0 transitions:0 approvals:0 evaluations:0 policies:0";
    for name in names.split_whitespace() {
        let key = ExperimentKey::new(&format!("of {name}").replace(':', " ")).unwrap();
        backplane.commit(&one_of_each(&key, 1)).await.unwrap();
        let spoilt = format!("{}{{//{}}}:{name}", place.prefix(), key.name());
        raw.ask(&["DEL", &spoilt]).unwrap();
        raw.ask(&["SADD", &spoilt, "a set is no type of ours"]).unwrap();
        let before = everything(&mut raw, place.prefix());

        let error = backplane.commit(&one_of_each(&key, 2)).await.unwrap_err();
        assert!(matches!(&error, Error::Corrupt { key: named, .. } if *named == key), "{name}: {error}");
        assert!(error.to_string().contains(&spoilt), "{name}: {error}");
        assert!(everything(&mut raw, place.prefix()) == before, "{name}: something was written");
    }
}

#[tokio::test]
async fn given_a_listing_of_the_wrong_type_then_no_experiment_begins() {
    let Some(place) = Place::or_skip() else { return };
    let backplane = place.connect().await;
    let mut raw = place.raw();
    raw.ask(&["SET", &format!("{}experiments", place.prefix()), "text"]).unwrap();
    let key = ExperimentKey::new("checkout").unwrap();
    let error = backplane.commit(&one_of_each(&key, 1)).await.unwrap_err();
    assert!(error.to_string().contains("listing the experiment"), "{error}");
    let listing = format!("{}experiments", place.prefix());
    assert!(error.to_string().contains(&listing), "{error}");
    let query = ExperimentsQuery::new(Filter::Any);
    let error = backplane.experiments(&query, Consistency::Strong).await.unwrap_err();
    assert!(matches!(&error, Error::Backend { .. }) && error.to_string().contains(&listing), "{error}");
    assert_eq!(keys(&mut raw, &format!("{}{{*", place.prefix())), [""; 0]);
}

/// Given keys of another type where reads look, then each error names the key.
#[tokio::test]
async fn given_a_key_of_the_wrong_type_when_read_then_it_is_named() {
    let Some(place) = Place::or_skip() else { return };
    let (backplane, mut raw) = (place.connect().await, place.raw());
    for name in ["head", "state", "versions", "commit-ids", "latest-policies", "commits:0", "evaluations:0"] {
        let key = ExperimentKey::new(&format!("of {name}").replace(':', " ")).unwrap();
        let commit = one_of_each(&key, 1);
        backplane.commit(&commit).await.unwrap();
        let spoilt = format!("{}{{//{}}}:{name}", place.prefix(), key.name());
        raw.ask(&["DEL", &spoilt]).unwrap();
        raw.ask(&["SADD", &spoilt, "a set is no type of ours"]).unwrap();
        let error = match name {
            "head" | "state" => backplane.head(&key, Consistency::Strong).await.map(|_| ()),
            "versions" => backplane.get_latest_configuration_version(&key).await.map(|_| ()),
            "commit-ids" => backplane.entry(&key, commit.id(), Consistency::Strong).await.map(|_| ()),
            "latest-policies" => {
                let look_up = LookUp::LatestDefinition("p");
                backplane.look_up(&key, look_up, Consistency::Strong).await.map(|_| ())
            }
            "commits:0" => backplane.log(&key, Sequence::ZERO, PageSize::MAX, Consistency::Strong).await.map(|_| ()),
            _ => backplane.get_policy_evaluations(&key).await.map(|_| ()),
        };
        let error = error.unwrap_err();
        assert!(matches!(&error, Error::Corrupt { key: named, .. } if *named == key), "{name}: {error}");
        assert!(error.to_string().contains(&spoilt), "{name}: {error}");
    }
}

/// Given keys of another type where an ephemeral or the ids of its kind should be, then they are named, and stay as they are.
#[tokio::test]
async fn given_a_key_of_the_wrong_type_when_an_ephemeral_is_put_read_or_removed_then_it_is_named_and_stays() {
    let Some(place) = Place::or_skip() else { return };
    let (backplane, mut raw) = (place.connect().await, place.raw());
    let key = ExperimentKey::new("checkout").unwrap();
    let (id, one) = (EphemeralId::new("1").unwrap(), Json::parse("1").unwrap());
    let hour = TimeToLive::new(Duration::from_secs(3_600)).unwrap();
    for name in ["ephemeral:a:1", "ephemerals:b"] {
        let kind = EphemeralKind::new(if name.ends_with('b') { "b" } else { "a" }).unwrap();
        let spoilt = format!("{}{{//checkout}}:{name}", place.prefix());
        raw.ask(&["HSET", &spoilt, "not", "ours"]).unwrap();
        let before = everything(&mut raw, place.prefix());
        let ephemeral = backplane.ephemeral();
        let mut errors = vec![
            ephemeral.put(&key, &kind, &id, &one, hour).await.unwrap_err(),
            ephemeral.remove(&key, &kind, &id).await.unwrap_err(),
        ];
        errors.extend(ephemeral.get(&key, &kind, &id).await.err());
        errors.extend(ephemeral.list(&key, &kind).await.err());
        assert_eq!(errors.len(), 3, "{errors:?}");
        for error in errors {
            assert!(matches!(&error, Error::Corrupt { key: named, .. } if *named == key), "{name}: {error}");
            assert!(error.to_string().contains(&spoilt), "{name}: {error}");
        }
        assert!(everything(&mut raw, place.prefix()) == before, "{name}: something was written");
    }
}

#[tokio::test]
async fn given_a_list_that_lost_an_entry_when_committed_or_read_then_it_is_corrupt() {
    let Some(place) = Place::or_skip() else { return };
    let (backplane, key) = (place.connect().await, ExperimentKey::new("checkout").unwrap());
    for version in 1..=3 {
        backplane.commit(&one_of_each(&key, version)).await.unwrap();
    }
    let mut raw = place.raw();
    let stem = format!("{}{{//checkout}}:", place.prefix());
    raw.ask(&["RPOP", &format!("{stem}evaluations:0")]).unwrap();
    let before = everything(&mut raw, place.prefix());
    let error = backplane.commit(&one_of_each(&key, 4)).await.unwrap_err();
    assert!(matches!(&error, Error::Corrupt { problem, .. } if problem.contains("evaluations:0")), "{error}");
    assert!(everything(&mut raw, place.prefix()) == before);
    let error = backplane.get_policy_evaluations(&key).await.unwrap_err();
    assert!(matches!(error, Error::Corrupt { .. }), "{error}");
}

#[tokio::test]
async fn given_text_that_does_not_decode_when_read_then_it_is_corrupt() {
    let Some(place) = Place::or_skip() else { return };
    let (backplane, key) = (place.connect().await, ExperimentKey::new("checkout").unwrap());
    backplane.commit(&one_of_each(&key, 1)).await.unwrap();
    let mut raw = place.raw();
    let stem = format!("{}{{//checkout}}:", place.prefix());
    let mut spoil = |command: &[&str]| raw.ask(command).map(|_| ()).unwrap();
    spoil(&["SET", &format!("{stem}state"), "{}"]);
    assert!(matches!(backplane.get_experiment_state(&key).await.unwrap_err(), Error::Corrupt { .. }));
    spoil(&["LSET", &format!("{stem}transitions:0"), "0", "{\"sequence\":1"]);
    assert!(matches!(backplane.get_state_transition_history(&key).await.unwrap_err(), Error::Corrupt { .. }));
    spoil(&["HSET", &format!("{stem}head"), "sequence", "01"]);
    assert!(matches!(backplane.get_experiment_state(&key).await.unwrap_err(), Error::Corrupt { .. }));
}
