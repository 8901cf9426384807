Feature: History
  What happened is kept in the order in which it happened, and nothing that was acknowledged is missing.

  Background:
    Given the experiment "checkout" in tenant "acme" and environment "production"

  Scenario: Transition history is in order
    When these transitions are appended:
      | from            | to              | actor |
      | Draft           | PendingApproval | alice |
      | PendingApproval | Approved        | bob   |
      | Approved        | Running         | alice |
      | Running         | Paused          | carol |
    Then its transitions are, in this order:
      | from            | to              | actor |
      | Draft           | PendingApproval | alice |
      | PendingApproval | Approved        | bob   |
      | Approved        | Running         | alice |
      | Running         | Paused          | carol |

  Scenario: The writers' clocks do not change the order
    When these transitions are appended:
      | from            | to              | actor | timestamp            |
      | Draft           | PendingApproval | alice | 2030-01-01T00:00:00Z |
      | PendingApproval | Draft           | bob   | 1969-12-31T23:59:59Z |
    Then its transitions are, in this order:
      | from            | to              | actor |
      | Draft           | PendingApproval | alice |
      | PendingApproval | Draft           | bob   |

  Scenario: Approval records by experiment and by transition
    Given alice has asked for approval of the transition "ramp"
    And alice has asked for approval of the transition "archive"
    When bob approves the transition "ramp"
    And carol rejects the transition "archive"
    Then it has 4 approval records
    And the approval records of "ramp" are Pending by alice, Approved by bob
    And the approval records of "archive" are Pending by alice, Rejected by carol

  Scenario: Several approvals accumulate
    Given alice has asked for approval of the transition "ramp"
    When bob approves the transition "ramp"
    And carol approves the transition "ramp"
    And dave rejects the transition "ramp"
    Then the approval records of "ramp" are Pending by alice, Approved by bob, Approved by carol, Rejected by dave

  Scenario: Empty histories are empty
    Then it has no transitions
    And it has 0 approval records
    And it has no configuration versions
    And it has no policy evaluations
    And its log is empty

  Scenario: Concurrent appends all persist
    When 8 writers append 5 transitions each, all at once through 2 handles
    Then all 40 transitions are there, each once
    And its log counts to 40 without a gap
