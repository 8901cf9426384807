//! The reads. History never changes, so what was counted in one look can be fetched in the next.

mod counts;
mod ephemeral;
mod experiments;
mod head;
mod history;
mod log;
mod look_up;
mod members;
mod series;
