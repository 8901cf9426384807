//! Members of sorted sets. Users choose them, so they come behind a word of ours: see `link::reply`.

use crate::link::{Does, Failure};
use crate::script::MEMBERS;
use crate::store::Store;
use bytes::Bytes;

impl Store {
    /// What a command that reads a range of the set answers.
    pub(super) async fn members(&self, set: &str, range: &[Bytes]) -> Result<Vec<Bytes>, Failure> {
        let found = self.link.run(&MEMBERS, &[Bytes::copy_from_slice(set.as_bytes())], range, Does::Read).await?;
        Ok(found.into_list().iter().skip(1).filter_map(|member| member.bytes().cloned()).collect())
    }
}
