//! Connecting: the connections, then whether the server and the user will do.

mod durability;
mod probe;
mod server;

pub use durability::Durability;

use crate::RedisOptions;
use crate::error;
use crate::keys::Layout;
use crate::link::{Does, Link};
use governance_persistence::{Error, Result};

pub(crate) async fn connect(options: &RedisOptions) -> Result<(Link, Durability)> {
    // A URL of TLS or of Sentinel is refused as it is read.
    options.access().check(false, false)?;
    if options.get_wait_replicas() > 0 {
        let why = "this version acknowledges a write when the server has it".into();
        return Err(Error::Unsupported { what: "waiting for replicas".into(), why });
    }
    let link = Link::open(options).await.map_err(|failure| error::of("connecting", failure, Does::Read))?;
    let checked = async {
        let durability = server::check(&link, options).await?;
        probe::check(&link, &Layout::new(options.get_prefix())).await?;
        Ok(durability)
    };
    match checked.await {
        Ok(durability) => {
            tracing::info!("{durability}");
            Ok((link, durability))
        }
        Err(error) => {
            link.close().await;
            Err(error)
        }
    }
}
