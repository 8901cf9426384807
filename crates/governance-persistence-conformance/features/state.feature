Feature: Current state
  Everybody who asks learns the same about an experiment, and nobody overwrites what they have not seen.

  Background:
    Given the experiment "checkout" in tenant "acme" and environment "production"

  Scenario: Save new state
    When alice saves it as Draft, expecting that no state was saved
    Then the save is applied
    And its state is Draft, set by alice
    And its ETag names the commit that set it

  Scenario: Retrieve state
    Given alice has saved it as Draft, running version 3, with the note "ticket OPS-7"
    When bob reads its state through another handle
    Then bob finds Draft, set by alice, running version 3, with the note "ticket OPS-7"

  Scenario: Update with the right ETag
    Given alice has saved it as Draft
    And bob has read its state
    When bob saves it as PendingApproval under the ETag he read
    Then the save is applied
    And its state is PendingApproval, set by bob
    And its ETag is another than bob read

  Scenario: Update with a wrong ETag is a conflict
    Given alice has saved it as Draft
    And bob has read its state
    And alice has saved it as PendingApproval
    When bob saves it as Archived under the ETag he read
    Then the save is a conflict that shows PendingApproval, set by alice
    And its state is PendingApproval, set by alice

  Scenario: A missing experiment is none
    When bob reads its state
    Then bob finds no state
