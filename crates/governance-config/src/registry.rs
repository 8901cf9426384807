//! Backplane types of your own, by name.

use crate::names;
use governance_persistence::{Backplane, Error, JsonObject, Result};
use std::collections::BTreeMap;
use std::{fmt, future::Future, pin::Pin, sync::Arc};

type Connecting = Pin<Box<dyn Future<Output = Result<Arc<dyn Backplane>>> + Send>>;
type Factory = Box<dyn Fn(JsonObject) -> Connecting + Send + Sync>;

/// Custom backplane types, by the name that a configuration says under `type`.
///
/// The default has none: only the built-in types exist.
///
/// ```
/// use governance_config::{Format, Loader, Registry};
/// use governance_persistence::{Backplane, InMemoryBackplane, JsonObject};
/// use std::sync::Arc;
///
/// let registry = Registry::default().register("house-store", |options: JsonObject| async move {
///     println!("region {:?}", options.get("region"));
///     Ok(Arc::new(InMemoryBackplane::new()) as Arc<dyn Backplane>)
/// })?;
///
/// let text = "governance: { persistence: { type: houseStore, region: eu } }";
/// let config = Loader::new().registry(&registry).load_str("c.yaml", text, Format::Yaml)?;
/// # tokio::runtime::Runtime::new()?.block_on(config.connect(&registry))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Default)]
pub struct Registry {
    /// By folded name.
    types: BTreeMap<String, Registered>,
}

struct Registered {
    name: String,
    factory: Factory,
}

/// The types that come with this crate, built yet or not: no custom type may take their names.
pub(crate) const BUILT_IN: [&str; 5] = ["inMemory", "sql", "redis", "eventSourced", "tiered"];

impl Registry {
    /// This registry, and the type `name` in it. Its factory gets what stands under `options` and
    /// flat beside `type`, interpolated; it is called when the configuration connects.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] when the name is empty, has white space, control characters or `$`, or
    /// is taken; case and hyphens make no difference.
    pub fn register<F, C>(mut self, name: &str, factory: F) -> Result<Self>
    where
        F: Fn(JsonObject) -> C + Send + Sync + 'static,
        C: Future<Output = Result<Arc<dyn Backplane>>> + Send + 'static,
    {
        let folded = names::folded(name);
        if folded.is_empty() || name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '$') {
            return Err(Error::invalid("type", "is no name for a type", "letters and digits, such as houseStore"));
        }
        if BUILT_IN.iter().any(|built_in| names::folded(built_in) == folded) {
            return Err(Error::invalid("type", format!("{name} is built in"), "a name of its own"));
        }
        if self.types.contains_key(&folded) {
            return Err(Error::invalid("type", format!("{name} was registered before"), "each name once"));
        }
        let factory: Factory = Box::new(move |options| Box::pin(factory(options)));
        self.types.insert(folded, Registered { name: name.to_owned(), factory });
        Ok(self)
    }

    /// The name as it was registered, found by any spelling of it.
    pub(crate) fn find(&self, name: &str) -> Option<&str> {
        self.types.get(&names::folded(name)).map(|registered| registered.name.as_str())
    }

    /// All custom types.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.types.values().map(|registered| registered.name.as_str())
    }

    pub(crate) async fn connect(&self, name: &str, options: &JsonObject) -> Result<Arc<dyn Backplane>> {
        let Some(registered) = self.types.get(&names::folded(name)) else {
            let known: Vec<_> = self.names().collect();
            let expected = match known.as_slice() {
                [] => "a built-in type, or a registry that has this one".to_owned(),
                known => names::suggestion(name, known),
            };
            return Err(Error::invalid("persistence.type", format!("{name} is not registered"), expected));
        };
        (registered.factory)(options.clone()).await
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}
