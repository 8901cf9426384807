//! What is wrong with a request: each faulty field, and what would be right.

use std::fmt;

/// One thing that is wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fault {
    /// The field, as a path from the request: `records[2].actor`.
    pub field: String,
    /// What is wrong with it.
    pub problem: String,
    /// What would be right.
    pub expected: String,
}

impl Fault {
    /// A fault in `field`: what the `problem` is and what was `expected`.
    pub fn new(field: impl Into<String>, problem: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { field: field.into(), problem: problem.into(), expected: expected.into() }
    }

    /// The same fault, seen from the request that holds the field: `parent.field`.
    #[must_use]
    pub fn within(mut self, parent: &str) -> Self {
        self.field = match self.field.as_str() {
            "" => parent.to_owned(),
            field if field.starts_with('[') => format!("{parent}{field}"),
            field => format!("{parent}.{field}"),
        };
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}; expected {}", self.field, self.problem, self.expected)
    }
}

impl std::error::Error for Fault {}

/// All faults of one request, found before any I/O.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid(Box<[Fault]>);

impl Invalid {
    /// The faults, in the order of the request's fields; never empty.
    pub fn faults(&self) -> &[Fault] {
        &self.0
    }
}

impl From<Fault> for Invalid {
    fn from(fault: Fault) -> Self {
        Self(Box::new([fault]))
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [fault] = &*self.0 {
            return write!(f, "invalid request: {fault}");
        }
        write!(f, "invalid request, {} faults:", self.0.len())?;
        self.0.iter().try_for_each(|fault| write!(f, "\n  - {fault}"))
    }
}

impl std::error::Error for Invalid {}

/// Collects faults until the whole request was looked at.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    pub(crate) fn add(&mut self, field: impl Into<String>, problem: impl Into<String>, expected: impl Into<String>) {
        self.push(Fault::new(field, problem, expected));
    }

    pub(crate) fn push(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    /// Keeps the fault of a check that failed.
    pub(crate) fn check(&mut self, outcome: Result<(), Fault>) {
        self.0.extend(outcome.err());
    }

    /// Checks a text that may be missing.
    pub(crate) fn check_optional(
        &mut self,
        field: &str,
        text: Option<&str>,
        check: fn(&str, &str) -> Result<(), Fault>,
    ) {
        if let Some(text) = text {
            self.check(check(field, text));
        }
    }

    /// Keeps what `check` finds in the part `parent` of the request.
    pub(crate) fn within(&mut self, parent: impl Fn() -> String, check: impl FnOnce(&mut Self)) {
        let mut inner = Self::default();
        check(&mut inner);
        self.0.extend(inner.0.into_iter().map(|fault| fault.within(&parent())));
    }

    /// `Ok` when nothing was found.
    pub(crate) fn into_result(self) -> Result<(), Invalid> {
        if self.0.is_empty() { Ok(()) } else { Err(Invalid(self.0.into_boxed_slice())) }
    }
}
