Feature: Configuration versions
  Every configuration that an experiment ever ran is kept under its number, and can be brought back.

  Background:
    Given the experiment "checkout" in tenant "acme" and environment "production"

  Scenario: Configuration versions
    When alice appends the configuration {"traffic": 10} as version 1
    And bob appends the configuration {"traffic": 25} as version 2
    Then version 1 is {"traffic": 10}, written by alice
    And version 2 is {"traffic": 25}, written by bob
    And version 3 is not there
    And its versions are 1, 2

  Scenario: The latest configuration version
    When alice appends the configuration {"traffic": 10} as version 1
    And bob appends the configuration {"traffic": 25} as version 2
    And alice brings version 1 back as version 3
    Then the latest version is 3, {"traffic": 10}, written by alice
    And version 3 says that it restores version 1 and was rolled back from version 2

  Scenario: A version that is taken is a conflict
    Given alice appends the configuration {"traffic": 10} as version 1
    When bob appends the configuration {"traffic": 50} as version 1
    Then bob is told that version 1 does not follow version 1
    And version 1 is {"traffic": 10}, written by alice
