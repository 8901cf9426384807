//! From one store to another, without a file between.

use super::{Entries, Report, Selection};
use crate::failure::Failure;
use futures_util::StreamExt;
use governance_persistence::{Backplane, Consistency, Sequence};

/// Copies what the target lacks. It starts with the last entry that both have, if they have the
/// same: that it is refused tells that they have not.
pub(crate) async fn copy(
    source: &dyn Backplane,
    target: &dyn Backplane,
    selection: Selection,
    report: &mut Report<'_>,
) -> Result<(), Failure> {
    let mut heads = selection.heads(source).await?;
    while let Some(head) = heads.next().await.transpose()? {
        let there = target.head(&head.key, Consistency::Strong).await?.sequence;
        let common = head.sequence.min(there).get();
        let after = Sequence::new(common.saturating_sub(1))?;
        report.begin(&head.key);
        report.passed_over(after);
        let mut entries = Entries::of(source, &head, after);
        while let Some(entry) = entries.next().await? {
            report.apply(&entry, None).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::Output;
    use governance_persistence::{
        BackplaneExt, Commit, CommitId, Expected, ExperimentKey, ExperimentsQuery, Filter, InMemoryBackplane,
        LifecycleState, PageSize, StateChange,
    };
    use indicatif::ProgressBar;

    async fn commits(backplane: &dyn Backplane, name: &str, count: usize) {
        let key = ExperimentKey::new(name).unwrap();
        for _ in 0..count {
            let state = StateChange::to(LifecycleState::Running);
            backplane.save_experiment_state(&key, state, Expected::Any).await.unwrap();
        }
    }

    async fn ids(backplane: &dyn Backplane, name: &str) -> Vec<CommitId> {
        let key = ExperimentKey::new(name).unwrap();
        let log = backplane.log(&key, Sequence::ZERO, PageSize::MAX, Consistency::Strong).await.unwrap();
        log.iter().map(|entry| entry.commit_id).collect()
    }

    async fn copied(source: &dyn Backplane, target: &dyn Backplane) -> Result<(), Failure> {
        let mut out = Output::new(true);
        let mut report = Report::new(target, &mut out, ProgressBar::hidden(), "Copied");
        let result = copy(source, target, Selection::Many(ExperimentsQuery::new(Filter::Any)), &mut report).await;
        report.finish(result)
    }

    #[tokio::test]
    async fn given_memory_when_copied_in_parts_then_the_target_is_the_same() {
        let (source, target) = (InMemoryBackplane::new(), InMemoryBackplane::new());
        commits(&source, "a", 250).await;
        copied(&source, &target).await.unwrap();
        commits(&source, "a", 250).await;
        commits(&source, "b", 1).await;
        copied(&source, &target).await.unwrap();
        for name in ["a", "b"] {
            assert_eq!(ids(&source, name).await, ids(&target, name).await);
        }
    }

    #[tokio::test]
    async fn given_memory_with_another_history_of_one_when_copied_then_that_is_kept_and_the_other_copied() {
        let (source, target) = (InMemoryBackplane::new(), InMemoryBackplane::new());
        commits(&source, "a", 3).await;
        commits(&source, "b", 3).await;
        commits(&target, "a", 2).await;
        let kept = ids(&target, "a").await;
        let failure = copied(&source, &target).await.unwrap_err();
        assert!(matches!(failure, Failure::NotApplied { diverged: 1, gaps: 0 }), "{failure:?}");
        assert_eq!(ids(&target, "a").await, kept);
        assert_eq!(ids(&source, "b").await, ids(&target, "b").await);
    }

    #[tokio::test]
    async fn given_a_target_that_is_closed_when_copied_then_it_is_unavailable() {
        let (source, target) = (InMemoryBackplane::new(), InMemoryBackplane::new());
        let key = ExperimentKey::new("a").unwrap();
        let commit = Commit::builder(&key, Expected::Any).state(StateChange::to(LifecycleState::Draft));
        source.commit(&commit.build().unwrap()).await.unwrap();
        target.close().await.unwrap();
        assert!(copied(&source, &target).await.unwrap_err().to_string().starts_with("unavailable"));
    }
}
