//! Where an experiment stands.

use crate::codec;
use crate::error;
use crate::link::{Does, Reply};
use crate::script::HEAD;
use crate::store::Store;
use bytes::Bytes;
use governance_persistence::{Error, ExperimentKey, Head, Result};

impl Store {
    pub(crate) async fn head(&self, key: &ExperimentKey) -> Result<Head> {
        let keys = self.layout.of(key);
        let names = [keys.head(), keys.state()].map(Bytes::from);
        let reply = self.link.run(&HEAD, &names, &[], Does::Read).await;
        let items =
            reply.map_err(|failure| error::on(key, &names[0], "reading the head", failure, Does::Read))?.into_list();
        let text = |index: usize| items.get(index).and_then(Reply::text).unwrap_or_default();
        match text(0) {
            "head" => codec::head(key, &items[1..]),
            "fault" => Err(error::at(key, text(1), text(2))),
            other => Err(Error::Backend { reason: format!("the script answered {other:?}").into(), source: None }),
        }
    }
}
