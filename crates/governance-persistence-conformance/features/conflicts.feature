Feature: Conflicts
  Of those who act at once on what they saw, one wins; the others learn what is there now and leave no trace.

  Background:
    Given the experiment "checkout" in tenant "acme" and environment "production"
    And its configuration versions 1 and 2 were written by carol

  Scenario: Two actors ramp at once
    Given carol has saved it as Running
    And alice has read its state
    And bob has read its state
    When alice and bob both ramp it at once
    Then exactly one of them wins
    And the other is told of a conflict that shows Ramping, set by the winner
    And the winner's transition from Running to Ramping is the only one
    When the loser reads its state and ramps it again
    Then the save is applied

  Scenario: A rollback races with an approval
    Given carol has saved it as Ramping
    And dave has asked for approval of the transition "full traffic"
    And alice has read its state
    And bob has read its state
    When alice rolls it back to version 1 while bob approves "full traffic" and moves it to Running
    Then exactly one of them wins
    And the other is told of a conflict that shows what the winner did
    And only what the winner did is in the history

  Scenario: A policy invalidates a transition in mid-flight
    Given carol has saved it as Running
    And alice has read its state
    When the policy "error-rate" finds it not compliant
    And alice ramps it, expecting that nothing was recorded since she read
    Then alice is told of a conflict with what was recorded since
    And its state is Running, set by carol
    And its ETag is the one that alice read
    And it has no transitions
    And the latest evaluation of "error-rate" is Critical, not compliant
