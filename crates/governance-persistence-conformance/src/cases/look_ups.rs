//! Look-ups find by place in history, and only within their experiment.

use crate::act::{STRONG, apply, record, records};
use crate::{Opener, Snapshot, samples};
use governance_persistence::{
    Backplane, BackplaneExt, Decision, Expected, ExperimentKey, LifecycleState, LookUp, Record, RecordId, Severity,
    Timestamp,
};

async fn found(backplane: &dyn Backplane, key: &ExperimentKey, look_up: LookUp<'_>) -> Vec<Record> {
    let found = backplane.look_up(key, look_up, STRONG).await.expect("a look-up answers");
    found.into_iter().map(|recorded| recorded.record).collect()
}

/// What was never recorded is found by no look-up.
pub async fn nothing_is_found_where_nothing_was_recorded(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let transition = samples::transition();
    apply(&backplane, &record(&key, Expected::Any, transition.clone())).await;
    for key in [key, samples::key()] {
        for look_up in [
            LookUp::Version(samples::number(1)),
            LookUp::LatestVersion,
            LookUp::LatestDefinition("p"),
            LookUp::LatestEvaluation("p"),
            LookUp::Approvals(transition.id),
        ] {
            assert_eq!(found(&backplane, &key, look_up).await, [], "{look_up:?}");
        }
    }
}

/// The latest evaluation and the latest definition of a policy are those that were recorded last,
/// even if their writers' clocks say otherwise; within a commit the last one counts.
pub async fn the_latest_is_the_one_recorded_last(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let instants = [Timestamp::UNIX_EPOCH, Timestamp::MAX, Timestamp::MIN];
    for policy in ["latency", "errors"] {
        let definitions = instants.map(|at| samples::definition(policy).at(at));
        let evaluations = instants.map(|at| samples::evaluation(policy).at(at));
        for (definition, evaluation) in definitions.into_iter().zip(evaluations) {
            let both: [Record; 2] = [definition.into(), evaluation.into()];
            apply(&backplane, &records(&key, Expected::Any, both.clone())).await;
            let [definition, evaluation] = both;
            assert_eq!(found(&backplane, &key, LookUp::LatestDefinition(policy)).await, [definition]);
            assert_eq!(found(&backplane, &key, LookUp::LatestEvaluation(policy)).await, [evaluation]);
        }
    }
    let [early, late] = [Timestamp::MAX, Timestamp::MIN].map(|at| samples::evaluation("latency").at(at));
    apply(&backplane, &records(&key, Expected::Any, [early, late.clone()])).await;
    assert_eq!(found(&backplane, &key, LookUp::LatestEvaluation("latency")).await, [late.into()]);
    Snapshot::of(&backplane, &key).await;
}

/// Policies are told apart by their exact names.
pub async fn a_policy_is_found_by_its_exact_name(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let names = ["p", "P", "p%", "p_", "%", "pp", "ä", "a\u{308}", "p'", "p\"", "{p}", "*", "p:p", "😀"];
    let written: Vec<_> = names.map(|name| (samples::definition(name), samples::evaluation(name))).into();
    for (definition, evaluation) in &written {
        apply(&backplane, &record(&key, Expected::Any, definition.clone())).await;
        apply(&backplane, &record(&key, Expected::Any, evaluation.clone())).await;
    }
    for (name, (definition, evaluation)) in names.into_iter().zip(written) {
        assert_eq!(found(&backplane, &key, LookUp::LatestDefinition(name)).await, [definition.into()]);
        assert_eq!(found(&backplane, &key, LookUp::LatestEvaluation(name)).await, [evaluation.into()]);
    }
    for never in ["", "p ", "q", "'", "p%%"] {
        assert_eq!(found(&backplane, &key, LookUp::LatestDefinition(never)).await, []);
        assert_eq!(found(&backplane, &key, LookUp::LatestEvaluation(never)).await, []);
    }
}

/// The approvals for a transition come in order, all of them, and none of another transition.
pub async fn approvals_are_found_by_their_transition(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let requests = [samples::request(), samples::request()];
    let mut wanted: [Vec<Record>; 2] = requests.clone().map(|request| vec![request.into()]);
    apply(&backplane, &records(&key, Expected::Any, requests.clone())).await;
    for n in 0..6 {
        let of = n % 2;
        let decision = if n < 4 { Decision::Approved } else { Decision::Rejected };
        let transition = requests[of].transition_id;
        let approver = format!("approver {n}");
        let to = LifecycleState::Running;
        let approval = governance_persistence::ApprovalRecord::decide(transition, to, decision, approver);
        apply(&backplane, &record(&key, Expected::Any, approval.clone())).await;
        wanted[of].push(approval.into());
    }
    for (request, wanted) in requests.iter().zip(&wanted) {
        assert_eq!(&found(&backplane, &key, LookUp::Approvals(request.transition_id)).await, wanted);
    }
    assert_eq!(found(&backplane, &key, LookUp::Approvals(RecordId::new())).await, []);
}

/// The same transition id in another experiment, tenant or environment has approvals of its own.
pub async fn approvals_stay_within_their_experiment(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let transition = RecordId::new();
    let keys = [
        key.clone(),
        key.in_tenant(&samples::unique("tenant")).expect("it is valid"),
        key.in_environment("staging").expect("it is valid"),
        ExperimentKey::from_parts(key.tenant(), key.environment(), "other").expect("it is valid"),
    ];
    for key in &keys {
        apply(&backplane, &record(key, Expected::Any, samples::approval(transition))).await;
    }
    for key in &keys {
        let approvals = backplane.get_approval_records_by_transition(key, transition).await;
        let all = backplane.get_approval_records(key).await.expect("the history can be read");
        assert_eq!(all.len(), 1);
        assert_eq!(approvals.expect("a look-up answers"), all);
    }
}

/// The latest evaluation is there after hundreds of others, of its policy and of others.
pub async fn the_latest_is_found_in_a_long_history(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let rare = samples::evaluation("rare").with_reason("the first of all");
    apply(&backplane, &record(&key, Expected::Any, rare.clone())).await;
    for _ in 0..3 {
        let often = (0..300).map(|_| samples::evaluation("often"));
        apply(&backplane, &records(&key, Expected::Any, often)).await;
    }
    let last = governance_persistence::PolicyEvaluation::new("often", false, Severity::Critical);
    apply(&backplane, &record(&key, Expected::Any, last.clone())).await;

    assert_eq!(found(&backplane, &key, LookUp::LatestEvaluation("rare")).await, [rare.into()]);
    assert_eq!(found(&backplane, &key, LookUp::LatestEvaluation("often")).await, [last.into()]);
}
