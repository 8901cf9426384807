//! Names that are values: compared without regard to case and hyphens, and suggested when close.

/// The form in which names are compared: lower case, no hyphens.
pub(crate) fn folded(name: &str) -> String {
    name.chars().filter(|c| *c != '-').flat_map(char::to_lowercase).collect()
}

/// The regular expression, for the schema, of all spellings of an ASCII name.
pub(crate) fn pattern(name: &str) -> String {
    let letters = name.chars().filter(|c| *c != '-').map(|c| match c {
        'a'..='z' | 'A'..='Z' => format!("[{}{}]-*", c.to_ascii_lowercase(), c.to_ascii_uppercase()),
        _ => format!("{c}-*"),
    });
    format!("^-*{}$", letters.collect::<String>())
}

/// Longest name for which it is worth to look for a close one.
const MAX_SUGGESTED_CHARS: usize = 64;

/// The candidate that `name` is most likely a misspelling of.
pub(crate) fn closest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    if name.chars().count() > MAX_SUGGESTED_CHARS {
        return None;
    }
    let name = folded(name);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&name, &folded(candidate)), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.chars().count().div_ceil(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// All that there is to choose from, and `did you mean` when something is close.
pub(crate) fn suggestion(name: &str, candidates: &[&str]) -> String {
    let all = listed(candidates);
    match closest(name, candidates.iter().copied()) {
        Some(close) => format!("one of: {all}; did you mean `{close}`?"),
        None => format!("one of: {all}"),
    }
}

/// The names, each in back quotes.
pub(crate) fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_a_stranger_is_not() {
        let keys = ["connectionString", "provider", "type"];
        assert_eq!(closest("conectionstring", keys), Some("connectionString"));
        assert_eq!(closest("connection-string", keys), Some("connectionString"));
        assert_eq!(closest("tpye", keys), Some("type"));
        assert_eq!(closest("colour", keys), None);
        assert_eq!(closest(&"t".repeat(1 << 20), keys), None);
    }
}
