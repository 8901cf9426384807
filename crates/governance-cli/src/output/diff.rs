//! What changed between two JSON values, place by place.

use serde_json::Value;

/// One place where two values differ.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Change<'a> {
    /// Where: a JSON Pointer (RFC 6901) into the value before or, for what was added, after.
    pub(crate) pointer: String,
    /// What was there.
    pub(crate) before: Option<&'a Value>,
    /// What is there now.
    pub(crate) after: Option<&'a Value>,
}

impl Change<'_> {
    /// Added, Modified or Removed.
    pub(crate) fn kind(&self) -> &'static str {
        match (self.before, self.after) {
            (None, _) => "Added",
            (_, None) => "Removed",
            _ => "Modified",
        }
    }
}

/// All places where the values differ, each at the deepest common place, in the order of names
/// and indices.
pub(crate) fn changes<'a>(before: &'a Value, after: &'a Value) -> Vec<Change<'a>> {
    let mut found = Vec::new();
    compare(&mut found, String::new(), Some(before), Some(after));
    found
}

fn compare<'a>(found: &mut Vec<Change<'a>>, pointer: String, before: Option<&'a Value>, after: Option<&'a Value>) {
    match (before, after) {
        (Some(Value::Object(old)), Some(Value::Object(new))) => {
            let mut names: Vec<_> = old.keys().chain(new.keys().filter(|name| !old.contains_key(*name))).collect();
            names.sort_unstable();
            for name in names {
                let step = name.replace('~', "~0").replace('/', "~1");
                compare(found, format!("{pointer}/{step}"), old.get(name), new.get(name));
            }
        }
        (Some(Value::Array(old)), Some(Value::Array(new))) => {
            for index in 0..old.len().max(new.len()) {
                compare(found, format!("{pointer}/{index}"), old.get(index), new.get(index));
            }
        }
        _ if before == after => {}
        _ => found.push(Change { pointer, before, after }),
    }
}

#[cfg(test)]
mod tests {
    use super::changes;
    use serde_json::json;

    #[test]
    fn each_change_is_named_at_its_deepest_place() {
        let before = json!({"a/b": {"x": 1, "gone": true}, "list": [1, 2, 3], "same": [{}]});
        let after = json!({"a/b": {"x": 2}, "list": [1, 9], "new~": null, "same": [{}]});
        let found = changes(&before, &after);
        let found: Vec<_> = found.iter().map(|change| (change.kind(), change.pointer.as_str())).collect();
        let expected = [
            ("Removed", "/a~1b/gone"),
            ("Modified", "/a~1b/x"),
            ("Modified", "/list/1"),
            ("Removed", "/list/2"),
            ("Added", "/new~0"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn another_value_altogether_is_one_change_at_the_root() {
        let (before, after) = (json!([1]), json!("x"));
        let found = changes(&before, &after);
        assert_eq!((found.len(), found[0].pointer.as_str()), (1, ""));
    }
}
