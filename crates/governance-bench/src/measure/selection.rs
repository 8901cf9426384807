//! Which workloads are to be measured.

/// Which workloads are to be measured.
#[derive(Clone, Debug)]
pub(crate) enum Selection {
    All,
    Named(String),
    Holding(String),
}

impl Selection {
    /// Only the one of these names that is just this text; or if there is none, those that hold it.
    pub(crate) fn of<'n>(only: Option<&str>, mut names: impl Iterator<Item = &'n str>) -> Self {
        match only {
            None => Self::All,
            Some(text) if names.any(|name| name == text) => Self::Named(text.to_owned()),
            Some(text) => Self::Holding(text.to_owned()),
        }
    }

    /// Is the workload of this name among them?
    pub(crate) fn includes(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Named(only) => name == only,
            Self::Holding(text) => name.contains(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 4] =
        ["commit", "commit to one hot key", "stream of a history of 1000", "stream of a history of 1000000"];

    fn selected(only: Option<&str>) -> Vec<&'static str> {
        let selection = Selection::of(only, NAMES.into_iter());
        NAMES.into_iter().filter(|name| selection.includes(name)).collect()
    }

    #[test]
    fn given_the_whole_name_of_a_workload_then_only_that_is_selected() {
        assert_eq!(selected(Some("commit")), ["commit"]);
        assert_eq!(selected(Some("stream of a history of 1000")), ["stream of a history of 1000"]);
    }

    #[test]
    fn given_a_part_of_names_then_all_that_hold_it_are_selected() {
        assert_eq!(selected(Some("commit to")), ["commit to one hot key"]);
        assert_eq!(selected(Some("stream")), NAMES[2..]);
        assert!(selected(Some("nothing")).is_empty());
        assert_eq!(selected(None), NAMES);
    }
}
