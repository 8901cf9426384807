//! `governance history` and `governance log`: which part of the past.

use super::value::{record_kind, value};
use clap::Args;
use governance_persistence::{Cursor, RecordKind, Sequence, Timestamp};

#[derive(Debug, Args)]
pub(crate) struct HistoryArgs {
    /// The experiment
    pub(crate) name: String,
    /// Only records of this kind; without it, all kinds in the order they were recorded
    #[arg(long, value_parser = record_kind())]
    pub(crate) kind: Option<RecordKind>,
    /// The newest first
    #[arg(long)]
    pub(crate) newest: bool,
    /// At most this many; with --kind, one page of up to 1,000, and JSON is {items, next}
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) limit: Option<u64>,
    /// Go on where a page ended: its `next`, with the same options
    #[arg(long, requires = "kind", value_parser = value::<Cursor>)]
    pub(crate) cursor: Option<Cursor>,
    /// Only what was recorded at this time or later
    #[arg(long, value_name = "TIME", value_parser = value::<Timestamp>)]
    pub(crate) since: Option<Timestamp>,
    /// Only what was recorded at this time or earlier
    #[arg(long, value_name = "TIME", value_parser = value::<Timestamp>)]
    pub(crate) until: Option<Timestamp>,
}

#[derive(Debug, Args)]
pub(crate) struct LogArgs {
    /// The experiment
    pub(crate) name: String,
    /// Only what follows this sequence
    #[arg(long, value_name = "SEQUENCE", default_value = "0", value_parser = value::<Sequence>, allow_negative_numbers = true)]
    pub(crate) after: Sequence,
    /// At most this many
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) limit: Option<u64>,
}
