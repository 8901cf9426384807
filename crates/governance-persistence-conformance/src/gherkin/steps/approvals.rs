//! Steps about approvals.

use crate::gherkin::world::Governance;
use cucumber::{given, then, when};
use governance_persistence::{ApprovalRecord, BackplaneExt, Decision, LifecycleState};

#[given(expr = "{word} has asked for approval of the transition {string}")]
async fn has_asked(world: &mut Governance, actor: String, transition: String) {
    let request = ApprovalRecord::request(LifecycleState::Running, actor);
    world.here().append_approval_record(world.key(), request.clone()).await.expect("the request is appended");
    world.requests.insert(transition, request);
}

#[when(expr = "{word} approves the transition {string}")]
async fn approves(world: &mut Governance, actor: String, transition: String) {
    decides(world, actor, Decision::Approved, &transition).await;
}

#[when(expr = "{word} rejects the transition {string}")]
async fn rejects(world: &mut Governance, actor: String, transition: String) {
    decides(world, actor, Decision::Rejected, &transition).await;
}

async fn decides(world: &mut Governance, actor: String, decision: Decision, transition: &str) {
    let request = &world.requests[transition];
    let approval = ApprovalRecord::decide(request.transition_id, request.to, decision, actor);
    world.here().append_approval_record(world.key(), approval).await.expect("the decision is appended");
}

#[then(expr = "it has {int} approval records")]
async fn has_approvals(world: &mut Governance, count: usize) {
    let all = world.here().get_approval_records(world.key()).await.expect("the history can be read");
    assert_eq!(all.len(), count);
}

#[then(regex = r#"^the approval records of "([^"]+)" are (.+)$"#)]
async fn approvals_are(world: &mut Governance, transition: String, wanted: String) {
    let id = world.requests[&transition].transition_id;
    let found = world.here().get_approval_records_by_transition(world.key(), id).await.expect("a look-up answers");
    let found: Vec<_> = found.iter().map(|recorded| in_words(&recorded.record)).collect();
    assert_eq!(found.join(", "), wanted);
}

fn in_words(approval: &ApprovalRecord) -> String {
    let actor = approval.approver.as_ref().or(approval.requested_by.as_ref());
    format!("{} by {}", approval.decision, actor.expect("somebody asked or decided"))
}
