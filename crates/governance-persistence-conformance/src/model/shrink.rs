//! Making a program from its seed, and a short one from one that shows a difference.

use super::program::Step;
use super::run::run;
use super::strategy;
use governance_persistence::Backplane;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::fmt;
use std::sync::Arc;

/// How many shorter programs are tried at most.
const ATTEMPTS: usize = 2_000;

/// A program at which the backplane under test and the in-memory one differ.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The seed from which the program was made.
    pub seed: u64,
    /// The program, shrunk, one operation a line.
    pub program: Vec<String>,
    /// Where the two differ, and what they answered.
    pub fault: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, program, fault } = self;
        writeln!(f, "the backplane differs from the in-memory one in this program of {} steps:", program.len())?;
        for (number, step) in (1..).zip(program) {
            writeln!(f, "  {number}. {step}")?;
        }
        writeln!(f, "{fault}")?;
        write!(f, "to run it again: GOVERNANCE_MODEL_SEED={seed} GOVERNANCE_MODEL_PROGRAMS=1")
    }
}

/// Makes the program of this seed and runs it.
pub(super) async fn try_seed(handles: &[Arc<dyn Backplane>], seed: u64) -> Option<Difference> {
    let mut tree = tree(seed);
    let mut program = tree.current();
    let mut fault = run(handles, &program).await.err()?;
    let mut shrinks = tree.simplify();
    for _ in 0..ATTEMPTS {
        if !shrinks {
            break;
        }
        let shorter = tree.current();
        shrinks = match run(handles, &shorter).await {
            Err(other) => {
                (program, fault) = (shorter, other);
                tree.simplify()
            }
            Ok(()) => tree.complicate(),
        };
    }
    // What was simplified may have become idle since.
    for number in (0..program.len()).rev() {
        let mut shorter = program.clone();
        shorter.remove(number);
        if let Err(other) = run(handles, &shorter).await {
            (program, fault) = (shorter, other);
        }
    }
    Some(Difference { seed, program: program.iter().map(Step::to_string).collect(), fault })
}

fn tree(seed: u64) -> impl ValueTree<Value = Vec<Step>> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    strategy::programs().new_tree(&mut runner).expect("no program is filtered out")
}
