//! A backplane that is shared is a backplane.

use crate::{
    Backplane, Commit, CommitId, Consistency, Ephemeral, ExperimentKey, ExperimentsQuery, Head, HistoryQuery, LogEntry,
    LookUp, Page, PageSize, Receipt, Record, Recorded, Replicated, Result, Sequence,
};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// Methods as `async_trait` writes them out. Written as `async fn`, each would put the future that it
/// is given into another, boxed once more: for the in-memory backplane that is a fifth of a read.
macro_rules! pass_on {
    ($($name:ident<$($life:lifetime),*>($($argument:ident: $type:ty),*) -> $answer:ty;)+) => {$(
        fn $name<'s, $($life,)* 'f>(
            &'s self,
            $($argument: $type),*
        ) -> Pin<Box<dyn Future<Output = Result<$answer>> + Send + 'f>>
        where
            's: 'f,
            $($life: 'f,)*
            Self: 'f,
        {
            (**self).$name($($argument),*)
        }
    )+};
}

/// Passes every method on to the backplane inside.
impl<B: Backplane + ?Sized> Backplane for Arc<B> {
    pass_on! {
        commit<'a>(commit: &'a Commit) -> Receipt;
        replicate<'a>(entry: &'a LogEntry) -> Replicated;
        entry<'a>(key: &'a ExperimentKey, id: CommitId, consistency: Consistency) -> Option<LogEntry>;
        head<'a>(key: &'a ExperimentKey, consistency: Consistency) -> Head;
        log<'a>(
            key: &'a ExperimentKey, after: Sequence, limit: PageSize, consistency: Consistency
        ) -> Vec<LogEntry>;
        history<'a, 'b>(
            key: &'a ExperimentKey, query: &'b HistoryQuery, consistency: Consistency
        ) -> Page<Recorded<Record>>;
        look_up<'a, 'b>(
            key: &'a ExperimentKey, look_up: LookUp<'b>, consistency: Consistency
        ) -> Vec<Recorded<Record>>;
        experiments<'a>(query: &'a ExperimentsQuery, consistency: Consistency) -> Page<Head>;
        ping<>() -> ();
        close<>() -> ();
    }

    fn ephemeral(&self) -> &dyn Ephemeral {
        (**self).ephemeral()
    }
}
