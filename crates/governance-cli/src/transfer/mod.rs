//! Log entries on their way from one store to another, directly or through a file of JSON Lines.

mod entries;
mod lines;
mod new_file;
mod replication;
mod report;
mod selection;
mod stores;

pub(crate) use entries::Entries;
pub(crate) use lines::Lines;
pub(crate) use new_file::NewFile;
pub(crate) use report::Report;
pub(crate) use selection::Selection;
pub(crate) use stores::copy;
