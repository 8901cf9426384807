//! Which experiment: tenant, environment and name, compared byte for byte.

use crate::limits::{MAX_NAME_CHARS, MAX_SCOPE_CHARS};
use crate::{Error, Result, error::Faults, text};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// The name of a tenant or of an environment: 1 to 100 characters of one line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeName(Arc<str>);

impl ScopeName {
    /// A tenant's or an environment's name.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] when it is empty, too long, or holds control characters or outer white
    /// space.
    pub fn new(name: &str) -> Result<Self> {
        text::check_name("scope", name, MAX_SCOPE_CHARS)?;
        Ok(Self(name.into()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ScopeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The identity of an experiment.
///
/// Tenant and environment are optional; *none* is an exact value ("the default tenant") and never
/// a wildcard. Parts are compared byte for byte: no case folding, no Unicode normalisation. Keys
/// are ordered by tenant, environment, name, by UTF-8 bytes, none first. Cloning is cheap.
///
/// ```
/// use governance_persistence::ExperimentKey;
///
/// let key = ExperimentKey::new("checkout")?.in_tenant("acme")?.in_environment("production")?;
/// assert_eq!(key.tenant(), Some("acme"));
/// assert_ne!(key, ExperimentKey::new("checkout")?.in_tenant("acme")?);
/// # Ok::<(), governance_persistence::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExperimentKey(Arc<Parts>);

// The order of the fields is the order of keys.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Parts {
    tenant: Option<Box<str>>,
    environment: Option<Box<str>>,
    name: Box<str>,
}

impl ExperimentKey {
    /// The experiment of this name, in the default tenant and environment.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] when the name is empty, longer than 200 characters, or holds control
    /// characters or outer white space.
    pub fn new(name: &str) -> Result<Self> {
        Self::from_parts(None, None, name)
    }

    /// The experiment of this name in a tenant and an environment, each optional.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] with a fault for each part that is wrong. An empty tenant is one:
    /// the default tenant is `None`.
    pub fn from_parts(tenant: Option<&str>, environment: Option<&str>, name: &str) -> Result<Self> {
        let mut faults = Faults::default();
        let scopes = [("tenant", tenant), ("environment", environment)];
        let scopes = scopes.into_iter().filter_map(|(field, part)| Some((field, part?, MAX_SCOPE_CHARS)));
        for (field, part, max) in scopes.chain([("name", name, MAX_NAME_CHARS)]) {
            text::check_name(field, part, max).unwrap_or_else(|fault| faults.push(fault));
        }
        faults.into_result()?;
        Ok(Self(Arc::new(Parts {
            tenant: tenant.map(Into::into),
            environment: environment.map(Into::into),
            name: name.into(),
        })))
    }

    /// The experiment of the same name and environment in this tenant.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`], as [`from_parts`](Self::from_parts).
    pub fn in_tenant(&self, tenant: &str) -> Result<Self> {
        Self::from_parts(Some(tenant), self.environment(), self.name())
    }

    /// The experiment of the same name and tenant in this environment.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`], as [`from_parts`](Self::from_parts).
    pub fn in_environment(&self, environment: &str) -> Result<Self> {
        Self::from_parts(self.tenant(), Some(environment), self.name())
    }

    /// The tenant; `None` is the default tenant.
    pub fn tenant(&self) -> Option<&str> {
        self.0.tenant.as_deref()
    }

    /// The environment; `None` is the default environment.
    pub fn environment(&self) -> Option<&str> {
        self.0.environment.as_deref()
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.0.name
    }
}

impl fmt::Display for ExperimentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.tenant(), self.environment()) {
            (None, None) => write!(f, "{:?}", self.name()),
            (Some(tenant), None) => write!(f, "{:?} (tenant {tenant:?})", self.name()),
            (None, Some(environment)) => {
                write!(f, "{:?} (environment {environment:?})", self.name())
            }
            (Some(tenant), Some(environment)) => {
                write!(f, "{:?} (tenant {tenant:?}, environment {environment:?})", self.name())
            }
        }
    }
}

impl fmt::Debug for ExperimentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ExperimentKey({self})")
    }
}

/// The key as JSON has it, its fields in canonical order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire<'a> {
    #[serde(default, skip_serializing_if = "Option::is_none", borrow)]
    environment: Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow)]
    name: std::borrow::Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none", borrow)]
    tenant: Option<std::borrow::Cow<'a, str>>,
}

impl Serialize for ExperimentKey {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Wire {
            environment: self.environment().map(Into::into),
            name: self.name().into(),
            tenant: self.tenant().map(Into::into),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ExperimentKey {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wire = Wire::deserialize(deserializer)?;
        Self::from_parts(wire.tenant.as_deref(), wire.environment.as_deref(), &wire.name)
            .map_err(|error: Error| serde::de::Error::custom(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_faulty_parts_are_named() {
        let error = ExperimentKey::from_parts(Some(""), Some(" x"), "a\0").unwrap_err();
        let Error::Invalid(invalid) = error else { panic!("{error}") };
        let fields: Vec<_> = invalid.faults().iter().map(|f| f.field.as_str()).collect();
        assert_eq!(fields, ["tenant", "environment", "name"]);
    }

    #[test]
    fn order_is_tenant_environment_name_none_first() {
        let key = |t, e, n| ExperimentKey::from_parts(t, e, n).unwrap();
        let ordered = [
            key(None, None, "z"),
            key(None, Some("a"), "a"),
            key(Some("A"), Some("z"), "z"),
            key(Some("a"), None, "a"),
            key(Some("a"), None, "b"),
            key(Some("a"), Some("a"), "a"),
        ];
        assert!(ordered.is_sorted());
    }

    #[test]
    fn a_key_survives_json() {
        let key = ExperimentKey::new("a/b").unwrap().in_environment("é").unwrap();
        let json = serde_json::to_string(&key).unwrap();
        assert_eq!(json, r#"{"environment":"é","name":"a/b"}"#);
        assert_eq!(serde_json::from_str::<ExperimentKey>(&json).unwrap(), key);
        assert!(serde_json::from_str::<ExperimentKey>(r#"{"name":""}"#).is_err());
    }
}
