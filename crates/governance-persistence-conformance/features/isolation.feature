Feature: Isolation
  What is recorded of one experiment is never seen from another, even if they share a name.

  Scenario: Tenant isolation
    Given the experiment "checkout" in tenant "acme" and environment "production"
    And everything there is to record has been recorded
    When the experiment "checkout" in tenant "globex" and environment "production" is looked at
    Then nothing is found of it
    When the experiment "checkout" in no tenant and environment "production" is looked at
    Then nothing is found of it
    When the experiment "checkout" in tenant "acme" and environment "production" is looked at
    Then everything is found of it

  Scenario: Environment isolation
    Given the experiment "checkout" in tenant "acme" and environment "production"
    And everything there is to record has been recorded
    When the experiment "checkout" in tenant "acme" and environment "staging" is looked at
    Then nothing is found of it
    When the experiment "checkout" in tenant "acme" and no environment is looked at
    Then nothing is found of it
    When the experiment "checkout" in tenant "production" and environment "acme" is looked at
    Then nothing is found of it

  # On Redis, two places are two prefixes.
  Scenario: Separate places isolate
    Given the experiment "checkout" in tenant "acme" and environment "production"
    And everything there is to record has been recorded
    When it is looked at in a separate place
    Then nothing is found of it
    When everything there is to record is recorded there too
    Then everything is found of it
    And both places list it once
