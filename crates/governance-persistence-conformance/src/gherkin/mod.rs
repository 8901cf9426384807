//! The scenarios that people read, run as tests on any backplane.

mod panics;
mod steps;
mod world;

use crate::Opener;
use crate::run::is_skipped;
use cucumber::gherkin::{Feature, GherkinEnv};
use cucumber::writer::{self, Coloring, Stats as _};
use cucumber::{Parser, World as _, WriterExt as _, cli, feature::Ext as _, parser};
use futures_util::{FutureExt as _, stream};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use world::Governance;

/// The features by name, with their text.
macro_rules! texts {
    ($($feature:ident)*) => {
        &[$((stringify!($feature), include_str!(concat!("../../features/", stringify!($feature), ".feature")))),*]
    };
}

const FEATURES: &[(&str, &str)] = crate::__for_each_feature!(texts);

/// Runs all scenarios of a feature on the place that the first opener opens. The second one must
/// open another place, which shares nothing with the first.
///
/// # Panics
///
/// When a step fails, when a step has no definition, or when no scenario was run; with the whole
/// report.
pub fn run_feature<O, S>(name: &str, opener: impl Future<Output = O>, separate: impl Future<Output = S>)
where
    O: Opener + 'static,
    S: Opener + 'static,
{
    let (_, text) = FEATURES.iter().find(|(known, _)| *known == name).expect("the feature is one of the table");
    run_text(text, opener, separate);
}

fn run_text<O, S>(text: &str, opener: impl Future<Output = O>, separate: impl Future<Output = S>)
where
    O: Opener + 'static,
    S: Opener + 'static,
{
    let feature = Feature::parse(text, GherkinEnv::default()).expect("the feature is Gherkin");
    let feature = feature.expand_examples().expect("the examples fit their outline");
    let wanted = feature.scenarios.len();
    let _alone = panics::one_feature_at_a_time();
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(2).enable_all().build().expect("the runtime of a test starts");
    let report = Report::default();
    let (passed, failed) = runtime.block_on(async {
        let places: [Arc<dyn Opener>; 2] = [Arc::new(opener.await), Arc::new(separate.await)];
        if places.iter().any(|place| is_skipped(place.as_ref())) {
            return (wanted, false);
        }
        let panics = panics::Reported::from_now_on();
        let writer = writer::Basic::raw(report.clone(), Coloring::Never, 0);
        let writer = Governance::cucumber::<&str>()
            .with_parser(Parsed)
            .with_writer(writer.normalized().summarized().fail_on_skipped_with(|_, _, _| true))
            .before(move |_, _, _, world: &mut Governance| {
                panics.go_on();
                let places = places.clone();
                async move { world.begin(&places).await }.boxed_local()
            })
            .with_default_cli()
            .run(feature)
            .await;
        (writer.scenarios_stats().passed, writer.execution_has_failed())
    });
    assert!(!failed && passed == wanted && wanted > 0, "{passed} of {wanted} scenarios passed\n{}", report.text());
}

/// Hands a parsed feature to cucumber, which otherwise reads files.
struct Parsed;

impl Parser<Feature> for Parsed {
    type Cli = cli::Empty;
    type Output = stream::Iter<std::array::IntoIter<parser::Result<Feature>, 1>>;

    fn parse(self, feature: Feature, _: Self::Cli) -> Self::Output {
        stream::iter([Ok(feature)])
    }
}

/// What cucumber writes, kept until the test fails.
#[derive(Clone, Default)]
struct Report(Arc<Mutex<Vec<u8>>>);

impl Report {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl io::Write for Report {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use governance_persistence::InMemoryBackplane;

    fn run(text: &str) {
        let open = || std::future::ready(InMemoryBackplane::new());
        run_text(text, async move { open }, async move { open });
    }

    const GIVEN: &str = "Given the experiment \"x\" in tenant \"t\" and environment \"e\"";

    #[test]
    fn a_feature_whose_steps_hold_passes() {
        run(&format!("Feature: f\n Scenario: s\n  {GIVEN}\n  Then it has no transitions"));
    }

    #[test]
    #[should_panic(expected = "0 of 1 scenarios passed")]
    fn a_step_that_fails_fails_the_test() {
        run(&format!("Feature: f\n Scenario: s\n  {GIVEN}\n  Then it has 1 approval records"));
    }

    #[test]
    #[should_panic(expected = "0 of 1 scenarios passed")]
    fn a_step_without_a_definition_fails_the_test() {
        run(&format!("Feature: f\n @allow.skipped\n Scenario: s\n  {GIVEN}\n  Then nobody knows what to do"));
    }

    #[test]
    #[should_panic(expected = "0 of 0 scenarios passed")]
    fn a_feature_without_a_scenario_fails_the_test() {
        run("Feature: f");
    }
}
