//! Measuring two sides in turn, and what comes out of it.

mod bare;
mod compare;
mod contender;
mod plan;
mod quantile;
mod row;
mod selection;
mod tasks;
mod workload;

pub(crate) use bare::{Loop, Threads};
pub(crate) use compare::{alternate, compare};
pub(crate) use contender::{Contender, Round};
pub(crate) use plan::Plan;
pub(crate) use row::{Row, Subject, Target, Turn};
pub(crate) use selection::Selection;
pub(crate) use tasks::{Tasks, Worker};
pub(crate) use workload::{Operations, Pair, Workload};
