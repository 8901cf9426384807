//! A statement that has committed, whose answer is none that we know.

use crate::place::{Place, one_of_each};
use governance_persistence::{Backplane, Error, ExperimentKey, Outcome};

#[tokio::test]
async fn given_a_statement_that_committed_when_its_answer_does_not_decode_then_the_outcome_is_unknown() {
    let Some(place) = Place::or_skip().await else { return };
    let backplane = place.connect().await;
    let key = ExperimentKey::new("checkout").unwrap();
    backplane.commit(&one_of_each(&key, 1)).await.unwrap();
    // Somebody's trigger changes what is written to what no head can have.
    let meddling = "CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS \
                    'BEGIN NEW.recorded_at := 9223372036854775807; RETURN NEW; END'; \
                    CREATE TRIGGER a_meddler BEFORE UPDATE ON experiment_states FOR EACH ROW EXECUTE FUNCTION meddle()";
    place.execute(meddling).await;
    let commit = one_of_each(&key, 2);
    let error = backplane.commit(&commit).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { outcome: Outcome::Unknown, .. }), "{error:?}");
}
