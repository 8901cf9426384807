//! Group commit on a database server: a few writers, each with a connection of its own, write all
//! that waits for them in one statement.
//!
//! A round trip and a sync of the disk are what a commit costs, so many share one. Commits are given
//! to the writers by their key: no two writers hold the same head's row, and a writer never puts two
//! commits of one experiment into one statement. A writer is a task: a caller that goes away cancels
//! nothing, and never leaves a connection in the middle of something.

mod job;
mod limits;
mod look;
mod queue;
mod server_writer;
mod session;
mod writer;

pub(crate) use job::{Expectation, Job, Step};
pub(crate) use limits::Limits;
pub(crate) use look::Look;
pub(crate) use queue::Queue;
pub(crate) use server_writer::{Ephemerals, Place, ServerWriter};
pub(crate) use session::{Failure, Known, Patience, Server, Session, Written};
