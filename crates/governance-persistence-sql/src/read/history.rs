//! Pages of records, and the look-ups.

use super::kind::{COMMIT_ID, History, Joined, RECORDED_AT, for_kind};
use super::{Reader, id_of, page};
use crate::codec;
use crate::entity::{
    approval_record, configuration_version, governance_commit as commit, policy_definition, policy_evaluation,
};
use crate::error::of_sea_orm;
use governance_persistence::{
    Direction, Error, ExperimentKey, HistoryQuery, LookUp, Page, Place, Record, RecordKind, Recorded, Result, Sequence,
    Timestamp,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, JoinType, Order, QueryFilter, QueryOrder, QuerySelect, Select};

impl Reader {
    pub(crate) async fn history(&self, key: &ExperimentKey, query: &HistoryQuery) -> Result<Page<Recorded<Record>>> {
        let after = query.after(key)?;
        let limit = query.size().get() as u64 + 1;
        let Some((first, last)) = self.sequences(key, query.recorded_range()).await? else {
            return Ok(Page { items: Vec::new(), next: None });
        };
        for_kind!(query.kind(), Kind => {
            let select = recorded::<Kind>(key)
                .filter(within::<Kind>(first, last))
                .filter(behind::<Kind>(after, query.direction()));
            let rows = self.rows(by_place::<Kind>(select, query.direction()).limit(limit)).await?;
            let cursor = |last: &Recorded<Record>| query.cursor(key, last.place);
            page(rows, query.size(), |row| decode::<Kind>(key, row), cursor)
        })
    }

    pub(crate) async fn look_up(&self, key: &ExperimentKey, look_up: LookUp<'_>) -> Result<Vec<Recorded<Record>>> {
        use Direction::{Ascending, Descending};
        match look_up {
            LookUp::Version(number) => {
                let number = configuration_version::Column::Number.eq(codec::number(number));
                self.fetch::<configuration_version::Entity>(key, recorded(key).filter(number)).await
            }
            LookUp::LatestVersion => {
                let newest = recorded(key).order_by_desc(configuration_version::Column::Number).limit(1);
                self.fetch::<configuration_version::Entity>(key, newest).await
            }
            LookUp::LatestDefinition(policy) => {
                let named = recorded(key).filter(policy_definition::Column::Name.eq(policy));
                self.fetch::<policy_definition::Entity>(key, by_place(named, Descending).limit(1)).await
            }
            LookUp::LatestEvaluation(policy) => {
                let named = recorded(key).filter(policy_evaluation::Column::Policy.eq(policy));
                self.fetch::<policy_evaluation::Entity>(key, by_place(named, Descending).limit(1)).await
            }
            LookUp::Approvals(transition) => {
                let about = approval_record::Column::TransitionId.eq(transition.to_string());
                self.fetch::<approval_record::Entity>(key, by_place(recorded(key).filter(about), Ascending)).await
            }
            _ => Err(Error::Unsupported {
                what: "this look-up".into(),
                why: "this version of the SQL backplane does not know it; update governance-persistence-sql".into(),
            }),
        }
    }

    async fn fetch<E: History>(&self, key: &ExperimentKey, select: Select<E>) -> Result<Vec<Recorded<Record>>> {
        self.rows(select).await?.into_iter().map(|row| decode::<E>(key, row)).collect()
    }

    async fn rows<E: History>(&self, select: Select<E>) -> Result<Vec<Joined<E::Model>>> {
        let rows = select.into_model::<Joined<E::Model>>().all(&self.db).await;
        rows.map_err(|error| of_sea_orm("reading the history", error))
    }

    /// The first and the last sequence recorded in this range of times, if the range is not
    /// simply all there is. Times grow with sequences, so each end is found by bisection, and
    /// commits need no index by time.
    async fn sequences(&self, key: &ExperimentKey, range: (Timestamp, Timestamp)) -> Result<Option<(i64, i64)>> {
        let (from, until) = range;
        if (from, until) == (Timestamp::MIN, Timestamp::MAX) {
            return Ok(Some((1, i64::MAX)));
        }
        let Some(head) = self.head_row(key).await? else {
            return Ok(None);
        };
        let first = self.bisect(head.id, head.sequence, |at| at < from.unix_micros()).await?;
        let end = self.bisect(head.id, head.sequence, |at| at <= until.unix_micros()).await?;
        Ok((first < end).then_some((first, end - 1)))
    }

    /// The first sequence, of 1 to `last`, whose recorded-at is not `before`; else `last` + 1.
    async fn bisect(&self, experiment_id: i64, last: i64, before: impl Fn(i64) -> bool) -> Result<i64> {
        let (mut low, mut high) = (1, last + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            let row = commit::Entity::find_by_id((experiment_id, middle)).one(&self.db).await;
            let row = row.map_err(|error| of_sea_orm("finding a time in the log", error))?;
            if row.is_none_or(|row| before(row.recorded_at)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }
}

/// The experiment's records of one kind, each with its commit's id and time.
fn recorded<E: History>(key: &ExperimentKey) -> Select<E> {
    let commit_of = E::belongs_to(commit::Entity)
        .from((E::EXPERIMENT_ID, E::SEQUENCE))
        .to((commit::Column::ExperimentId, commit::Column::Sequence));
    E::find()
        .join(JoinType::InnerJoin, commit_of.into())
        .column_as(commit::Column::CommitId, COMMIT_ID)
        .column_as(commit::Column::RecordedAt, RECORDED_AT)
        .filter(E::EXPERIMENT_ID.in_subquery(id_of(key)))
}

fn within<E: History>(first: i64, last: i64) -> Condition {
    Condition::all()
        .add_option((first > 1).then(|| E::SEQUENCE.gte(first)))
        .add_option((last < i64::MAX).then(|| E::SEQUENCE.lte(last)))
}

/// Behind a place, in the query's direction. Spelled out, because not every engine finds the
/// index range of a comparison of tuples.
fn behind<E: History>(place: Option<Place>, direction: Direction) -> Condition {
    let Some(place) = place else {
        return Condition::all();
    };
    let (sequence, ordinal) = (codec::count(place.sequence), i64::from(place.ordinal));
    let (range, beyond, rest) = match direction {
        Direction::Ascending => (E::SEQUENCE.gte(sequence), E::SEQUENCE.gt(sequence), E::ORDINAL.gt(ordinal)),
        Direction::Descending => (E::SEQUENCE.lte(sequence), E::SEQUENCE.lt(sequence), E::ORDINAL.lt(ordinal)),
    };
    Condition::all().add(range).add(Condition::any().add(beyond).add(rest))
}

fn by_place<E: History>(select: Select<E>, direction: Direction) -> Select<E> {
    let order = match direction {
        Direction::Ascending => Order::Asc,
        Direction::Descending => Order::Desc,
    };
    select.order_by(E::SEQUENCE, order.clone()).order_by(E::ORDINAL, order)
}

fn decode<E: History>(key: &ExperimentKey, joined: Joined<E::Model>) -> Result<Recorded<Record>> {
    let (sequence, ordinal) = E::place(&joined.row);
    let decode = || {
        Ok(Recorded {
            place: codec::place(sequence, ordinal)?,
            commit_id: joined.commit_id.parse()?,
            recorded_at: Timestamp::from_unix_micros(joined.recorded_at)?,
            record: E::decode(joined.row)?,
        })
    };
    let what = || format!("the {} at ordinal {ordinal}", E::KIND);
    decode().map_err(|error| codec::corrupt(key, Sequence::try_from(sequence).unwrap_or_default(), &what(), &error))
}
