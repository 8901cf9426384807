//! `${VAR}`, `${VAR:-default}` and `$${` inside string values.

/// What is wrong with an interpolation: the problem, and what would be right.
pub(crate) type Fault = (String, String);

/// The text with its variables filled in; or all that is wrong with it.
///
/// What is filled in is not looked at again: a variable's value may hold `${` and keeps it.
pub(crate) fn interpolate(text: &str, variable: &dyn Fn(&str) -> Option<String>) -> Result<String, Vec<Fault>> {
    let mut out = String::with_capacity(text.len());
    let mut faults = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("$${") {
            out.push_str("${");
            rest = after;
        } else if let Some(after) = rest.strip_prefix("${") {
            let Some(end) = after.find('}') else {
                faults.push(malformed("has no closing `}`"));
                rest = "";
                break;
            };
            match filled_in(&after[..end], variable) {
                Ok(value) => out.push_str(&value),
                Err(fault) => faults.push(fault),
            }
            rest = &after[end + 1..];
        } else {
            out.push('$');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    if faults.is_empty() { Ok(out) } else { Err(faults) }
}

/// The text that interpolates to this one.
pub(crate) fn escape(text: &str) -> String {
    text.replace("${", "$${")
}

/// What stands for the inside of `${…}`.
fn filled_in(inside: &str, variable: &dyn Fn(&str) -> Option<String>) -> Result<String, Fault> {
    let (name, default) = match inside.split_once(":-") {
        Some((name, default)) => (name, Some(default)),
        None => (inside, None),
    };
    let is_name =
        name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !name.starts_with(|c: char| c.is_ascii_digit());
    if name.is_empty() || !is_name {
        return Err(malformed("does not hold the name of a variable"));
    }
    match (variable(name), default) {
        (_, Some(default)) if default.contains("${") => Err(malformed("has another `${` in its default")),
        (Some(value), None) => Ok(value),
        (Some(value), Some(_)) if !value.is_empty() => Ok(value),
        (_, Some(default)) => Ok(default.to_owned()),
        (None, None) => Err((
            format!("the variable {name} is not set"),
            format!("{name} in the environment, or `${{{name}:-default}}`"),
        )),
    }
}

fn malformed(what: &str) -> Fault {
    (format!("a `${{` {what}"), "`${VAR}` or `${VAR:-default}`; for a literal `${` write `$${`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<String, Vec<Fault>> {
        interpolate(text, &|name| match name {
            "A" => Some("a".to_owned()),
            "EMPTY" => Some(String::new()),
            "NESTED" => Some("${A}".to_owned()),
            _ => None,
        })
    }

    #[test]
    fn variables_are_filled_in_once() {
        for (text, expected) in [
            ("${A}", "a"),
            ("x${A}y${A}z", "xayaz"),
            ("${B:-b}", "b"),
            ("${A:-b}", "a"),
            ("${EMPTY}", ""),
            ("${EMPTY:-b}", "b"),
            ("${B:-}", ""),
            ("${B:-a:-b}", "a:-b"),
            ("${NESTED}", "${A}"),
            ("$${A}", "${A}"),
            ("$$${A}", "$${A}"),
            ("$", "$"),
            ("$$", "$$"),
            ("$A {A} 5$", "$A {A} 5$"),
        ] {
            assert_eq!(of(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_all_at_once() {
        let faults = of("${B} ${} ${1A} ${A B} ${A:-${B}} ${").unwrap_err();
        assert_eq!(faults.len(), 6, "{faults:?}");
        assert!(faults[0].0.contains("B is not set"), "{faults:?}");
    }

    #[test]
    fn what_is_escaped_comes_back() {
        for text in ["${A}", "$${A}", "$$${", "${${", "plain", "$"] {
            assert_eq!(of(&escape(text)).unwrap(), text);
        }
    }
}
