//! `config-samples/full.yaml` with everything that the language has: the file itself, on every engine, with the URL
//! exchanged, and for Redis what its first lines say.

use crate::place::Place;
use crate::redis::Servers;
use crate::server::{Engine, Schema};

/// The sample, as it is.
fn sample() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../config-samples/full.yaml");
    std::fs::read_to_string(path).unwrap()
}

/// What the sample becomes for Redis: another type, and no options of SQL.
fn for_redis(sample: &str) -> String {
    let (before, rest) = sample.split_once("      options:\n").expect("there are options");
    let (_, after) = rest.split_once("\n\n").expect("another section follows");
    assert_eq!(before.matches("      type: sql\n").count(), 1, "{before}");
    format!("{}\n{after}", before.replace("      type: sql\n", "      type: redis\n"))
}

/// The demo tells its story and how to go on, the sample's own gates and policies stand in the way of who does, and
/// all that was written is verified.
fn demo_works(place: &Place) {
    place.done(&["validate", "governance.yaml"]);
    let told = place.done(&["demo"]).stdout;
    for step in ["Draft → PendingApproval", "Approved → Running", "Ramping → RolledBack", "version diff checkout-"]
    {
        assert!(told.contains(step), "{step} is missing in\n{told}");
    }
    let name = place.demo();
    assert_eq!(place.json(&["state", &name])["state"]["lifecycleState"], "RolledBack");

    let to = |state: &'static str| ["transition", name.as_str(), state];
    place.done(&to("Draft"));
    let submitted = place.done(&to("PendingApproval")).stdout;
    assert!(submitted.contains("gate submission"), "{submitted}");
    let refused = place.run(&to("Approved")).expect(6);
    assert!(refused.stderr.contains("gate \"review\""), "{refused:?}");
    place.done(&["verify", "--all"]);
    assert_eq!(place.json(&["experiments"]).as_array().unwrap().len(), 2);
}

#[test]
fn given_the_sample_when_the_demo_runs_then_it_is_kept_in_an_sqlite_file() {
    let place = Place::with_configuration(&sample());
    demo_works(&place);
    assert!(place.path("governance.db").exists());
}

#[test]
fn given_the_url_of_a_server_when_the_demo_runs_then_the_sample_is_as_it_is() {
    for engine in [Engine::Postgres, Engine::Mysql] {
        let Some(schema) = Schema::or_skip(engine) else { continue };
        demo_works(&Place::with_configuration(&sample()).on(&schema.url()));
    }
}

#[test]
fn given_redis_when_the_demo_runs_then_the_type_is_all_that_is_another_one() {
    for servers in [Servers::one(&[]), Servers::cluster()].into_iter().flatten() {
        demo_works(&Place::with_configuration(&for_redis(&sample())).on(&servers.url()));
    }
}

#[test]
fn given_the_url_of_redis_when_the_type_was_not_exchanged_then_it_is_told() {
    let place = Place::with_configuration(&sample()).on("redis://u:hunter2@127.0.0.1:1");
    let told = place.run(&["demo"]).expect(2);
    assert!(told.stderr.contains("redis") && !told.stderr.contains("hunter2"), "{told:?}");
}
