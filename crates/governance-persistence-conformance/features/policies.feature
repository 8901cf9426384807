Feature: Policy evaluations
  How every policy judged the experiment is kept, and the last judgement of each is at hand.

  Background:
    Given the experiment "checkout" in tenant "acme" and environment "production"

  Scenario: Policy evaluations
    When these evaluations are appended:
      | policy     | compliant | severity |
      | error-rate | true      | Info     |
      | latency    | false     | Warning  |
      | error-rate | false     | Critical |
    Then its evaluations are, in this order:
      | policy     | compliant | severity |
      | error-rate | true      | Info     |
      | latency    | false     | Warning  |
      | error-rate | false     | Critical |

  Scenario: The latest evaluation of a policy
    When these evaluations are appended:
      | policy     | compliant | severity | timestamp            |
      | error-rate | true      | Info     | 2030-01-01T00:00:00Z |
      | latency    | true      | Info     | 2020-01-01T00:00:00Z |
      | error-rate | false     | Critical | 2010-01-01T00:00:00Z |
    Then the latest evaluation of "error-rate" is Critical, not compliant
    And the latest evaluation of "latency" is Info, compliant
    And "budget" was never evaluated
