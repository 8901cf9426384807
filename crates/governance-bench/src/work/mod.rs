//! What is done, by any backplane and by the bare limits alike.

mod arguments;
mod commits;
mod fill;
mod kind;
mod moves;
mod reads;

pub(crate) use arguments::{Arguments, scope};
pub(crate) use commits::{Commits, Committer, create_experiments};
pub(crate) use fill::{POLICY, fill};
pub(crate) use kind::{EXPERIMENTS, Kind};
pub(crate) use moves::{Holding, Managed, Reading};
pub(crate) use reads::{Read, Reader, Reads};
