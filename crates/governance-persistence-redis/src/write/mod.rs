//! The writes, each a script.

mod answer;
mod apply;
mod commit;
mod ephemeral;
mod replicate;
mod request;

pub(crate) use request::Request;
