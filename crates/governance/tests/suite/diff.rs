//! Differences and patches, compared with another implementation of RFC 6902.

use governance::{Change, Diff};
use governance_persistence::Json;
use proptest::prelude::*;
use serde_json::{Value, json};

fn difference(before: &Value, after: &Value) -> Diff {
    Diff::between(&Json::from_value(before).unwrap(), &Json::from_value(after).unwrap())
}

/// JSON with few names, so that two values have much in common, and with all that a pointer escapes.
fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0..3_i64).prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1.0e6..1.0e6_f64).prop_map(Value::from),
        "[ab]{0,1}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 5, |inner| {
        let name = prop::sample::select(vec!["", "a", "b", "~", "/", "~1", "a/b~0", "0", "-", "ü"]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(name, inner, 0..5)
                .prop_map(|members| members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_patch_makes_the_target_of_the_source(before in values(), after in values()) {
        // Given two configurations, in the form in which they are stored
        let [before, after] = [before, after].map(|value| Json::from_value(&value).unwrap());
        // When the patch between them is applied by another implementation
        let diff = Diff::between(&before, &after);
        let patch: json_patch::Patch = serde_json::from_value(serde_json::to_value(diff.to_patch()).unwrap()).unwrap();
        let mut patched = before.to_value();
        json_patch::patch(&mut patched, &patch).unwrap();
        // Then the first became the second; and no change means that they are the same
        prop_assert_eq!(Json::from_value(&patched).unwrap(), after.clone());
        prop_assert_eq!(diff.is_empty(), before == after);
        // And what stands in the changes is what stood, and stands, there
        let (old_value, new_value) = (before.to_value(), after.to_value());
        for change in diff.changes() {
            match change {
                Change::Added { pointer, after: value } => {
                    prop_assert_eq!(new_value.pointer(pointer), Some(value));
                }
                Change::Modified { pointer, before: old, after: new } => {
                    prop_assert_eq!(old_value.pointer(pointer), Some(old));
                    prop_assert_eq!(new_value.pointer(pointer), Some(new));
                }
                Change::Removed { pointer, before: value } => {
                    prop_assert_eq!(old_value.pointer(pointer), Some(value));
                }
                other => panic!("a new kind of change is to be checked, too: {other:?}"),
            }
        }
    }
}

#[test]
fn each_change_is_named_at_its_deepest_place() {
    let before = json!({"a/b": {"x": 1, "gone": true}, "list": [1, 2, 3], "same": [{}]});
    let after = json!({"a/b": {"x": 2}, "list": [1, 9], "new~": null, "same": [{}]});
    let told = "Removed /a~1b/gone: true\nModified /a~1b/x: 1 -> 2\nModified /list/1: 2 -> 9\nRemoved /list/2: 3\n\
                Added /new~0: null";
    assert_eq!(difference(&before, &after).to_string(), told);
}

#[test]
fn another_value_altogether_is_one_change_at_the_root() {
    let diff = difference(&json!([1]), &json!("x"));
    assert_eq!(serde_json::to_value(diff.to_patch()).unwrap(), json!([{"op": "replace", "path": "", "value": "x"}]));
    let json = json!([{"change": "Modified", "pointer": "", "before": [1], "after": "x"}]);
    assert_eq!(serde_json::to_value(&diff).unwrap(), json);
}
