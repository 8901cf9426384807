//! Types of your own, by name: backplanes, gates and policies.

mod types;

use crate::{GateConfig, PolicyConfig};
use governance::{ApprovalGate, Policy};
use governance_persistence::{Backplane, JsonObject, Result};
use std::{fmt, future::Future, pin::Pin, sync::Arc};
use types::Types;

type Connecting = Pin<Box<dyn Future<Output = Result<Arc<dyn Backplane>>> + Send>>;
type Connect = Box<dyn Fn(JsonObject) -> Connecting + Send + Sync>;
type Make<T> = Box<dyn Fn(JsonObject) -> governance::Result<Arc<T>> + Send + Sync>;

/// Custom types of backplanes, gates and policies, by the name that a configuration says under
/// `type`.
///
/// The default has none: only the built-in types exist.
///
/// ```
/// use governance::persistence::LifecycleState::{Approved, Running};
/// use governance::persistence::{Backplane, InMemoryBackplane, JsonObject};
/// use governance::{ManualGate, Moves};
/// use governance_config::{Format, Loader, Registry};
/// use std::sync::Arc;
///
/// let registry = Registry::default()
///     .register("house-store", |options: JsonObject| async move {
///         println!("region {:?}", options.get("region"));
///         Ok(Arc::new(InMemoryBackplane::new()) as Arc<dyn Backplane>)
///     })?
///     .register_gate("board", |_| Ok(ManualGate::new("board", Moves::between(Approved, Running))))?;
///
/// let text = "governance: { persistence: { type: houseStore, region: eu }, approvalGates: [{ type: board }] }";
/// let config = Loader::new().registry(&registry).load_str("c.yaml", text, Format::Yaml)?;
/// # tokio::runtime::Runtime::new()?.block_on(config.build(&registry))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Default)]
pub struct Registry {
    backplanes: Types<Connect>,
    gates: Types<Make<dyn ApprovalGate>>,
    policies: Types<Make<dyn Policy>>,
}

/// The types that come with this crate, built yet or not: no custom type may take their names.
pub(crate) const BUILT_IN: [&str; 5] = ["inMemory", "sql", "redis", "eventSourced", "tiered"];

impl Registry {
    /// This registry, and the backplane type `name` in it. Its factory gets what stands under
    /// `options` and flat beside `type`, interpolated; it is called when the configuration connects.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`](governance_persistence::Error::Invalid) when the name is empty, has white
    /// space, control characters or `$`, or is taken; case and hyphens make no difference.
    pub fn register<F, C>(mut self, name: &str, factory: F) -> Result<Self>
    where
        F: Fn(JsonObject) -> C + Send + Sync + 'static,
        C: Future<Output = Result<Arc<dyn Backplane>>> + Send + 'static,
    {
        let factory: Connect = Box::new(move |options| Box::pin(factory(options)));
        self.backplanes.add(name, &BUILT_IN, factory)?;
        Ok(self)
    }

    /// This registry, and the gate type `name` in it. Its factory gets what stands under `options`
    /// and flat beside `type`, interpolated. It is called when a file is loaded, so that what it
    /// refuses is told with its line, and again when governance is built.
    ///
    /// # Errors
    ///
    /// As [`register`](Self::register). Backplanes, gates and policies may share a name.
    pub fn register_gate<F, G>(mut self, name: &str, factory: F) -> Result<Self>
    where
        F: Fn(JsonObject) -> governance::Result<G> + Send + Sync + 'static,
        G: ApprovalGate + 'static,
    {
        let factory: Make<dyn ApprovalGate> = Box::new(move |options| Ok(Arc::new(factory(options)?)));
        self.gates.add(name, GateConfig::BUILT_IN, factory)?;
        Ok(self)
    }

    /// This registry, and the policy type `name` in it. Its factory gets what stands under `options`
    /// and flat beside `type`, interpolated. It is called when a file is loaded, so that what it
    /// refuses is told with its line, and again when governance is built.
    ///
    /// # Errors
    ///
    /// As [`register`](Self::register). Backplanes, gates and policies may share a name.
    pub fn register_policy<F, P>(mut self, name: &str, factory: F) -> Result<Self>
    where
        F: Fn(JsonObject) -> governance::Result<P> + Send + Sync + 'static,
        P: Policy + 'static,
    {
        let factory: Make<dyn Policy> = Box::new(move |options| Ok(Arc::new(factory(options)?)));
        self.policies.add(name, PolicyConfig::BUILT_IN, factory)?;
        Ok(self)
    }

    /// The name of a backplane type as it was registered, found by any spelling of it.
    pub(crate) fn find(&self, name: &str) -> Option<&str> {
        self.backplanes.find(name)
    }

    /// All custom backplane types.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.backplanes.names()
    }

    pub(crate) fn find_gate(&self, name: &str) -> Option<&str> {
        self.gates.find(name)
    }

    pub(crate) fn gate_names(&self) -> Vec<&str> {
        self.gates.names().collect()
    }

    pub(crate) fn find_policy(&self, name: &str) -> Option<&str> {
        self.policies.find(name)
    }

    pub(crate) fn policy_names(&self) -> Vec<&str> {
        self.policies.names().collect()
    }

    pub(crate) async fn connect(&self, name: &str, options: &JsonObject) -> Result<Arc<dyn Backplane>> {
        self.backplanes.factory(name, "persistence.type")?(options.clone()).await
    }

    pub(crate) fn gate(&self, name: &str, options: &JsonObject) -> governance::Result<Arc<dyn ApprovalGate>> {
        self.gates.factory(name, "approvalGates.type")?(options.clone())
    }

    pub(crate) fn policy(&self, name: &str, options: &JsonObject) -> governance::Result<Arc<dyn Policy>> {
        self.policies.factory(name, "policies.type")?(options.clone())
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry")
            .field("backplanes", &self.names().collect::<Vec<_>>())
            .field("gates", &self.gate_names())
            .field("policies", &self.policy_names())
            .finish()
    }
}
